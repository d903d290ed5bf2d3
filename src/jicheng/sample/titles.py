"""Titles that firms hold, and awards that they won, as their figures allow.

Kinds are those of the rule packs. The figures of high-tech enterprises, little giants and
listed firms are the paper's; how many hold or won anything else is ours.
"""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.firms import Firms
from jicheng.sample.frames import AS_OF, MARK, table_of
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["qualifications_table"]

_AWARDS = (  # kind, share of firms with research, years back, lowest rank (0 = none is given)
    ("national_award", 0.004, 8, 12),
    ("provincial_award", 0.02, 6, 10),
    ("maker_china_group", 0.012, 5, 900),
    ("led_standard", 0.02, 9, 0),
)
_HONOURS = (
    ("provincial_quality_award", 0.02),
    ("national_tech_innovation_demo", 0.003),
    ("ip_advantage_or_demo_enterprise", 0.02),
)
_WITH_RESEARCH = 2e6
"""Research and development in a year [CNY] from which a firm wins anything."""


def qualifications_table(
    firms: Firms, organisations: pl.DataFrame, scale: Scale, seed: int
) -> pl.DataFrame:
    """Return the table ``qualifications`` (stream ``qualifications``).

    High-tech enterprises and little giants are drawn among the firms that meet the
    gates of the rule packs ``cn.hte`` and ``cn.little_giant`` on the figures above,
    larger firms more often; listed firms are the largest high-tech enterprises.
    """
    rng = stream(seed, "qualifications")
    size = organisations.filter(pl.col("id").is_in(firms.ids.implode()))["size"].to_numpy()
    pull = np.select([size == "large", size == "medium", size == "small"], [30.0, 12.0, 4.0], 0.5)
    key = rng.exponential(size=firms.revenue.size) / pull
    eligible = np.flatnonzero(_meets_high_tech(firms))
    high_tech = eligible[np.argsort(key[eligible], kind="stable")][: scale.n_high_tech]
    may_be_giant = high_tech[_meets_little_giant(firms)[high_tech]]
    giants = may_be_giant[np.argsort(key[may_be_giant], kind="stable")][: scale.n_little_giants]
    grown = high_tech[firms.exists[0][high_tech]]
    listed = grown[np.argsort(-firms.revenue[grown], kind="stable")][: scale.n_listed]
    pieces = [
        _titles(firms, high_tech, "high_tech_enterprise", rng),
        _titles(firms, giants, "little_giant", rng),
        _titles(firms, listed, "listed", rng, oldest=1000).with_columns(
            valid_until=pl.lit(None, dtype=pl.Date)
        ),
    ]
    pieces += _of_small_firms(firms, stream(seed, "small titles"))
    pieces += _awards(firms, stream(seed, "awards"))
    return table_of("qualifications", pl.concat(pieces, how="diagonal"))


def _of_small_firms(firms: Firms, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Give the lower titles of the ladder to some of the firms whose figures allow them."""
    year = {name: values[-1] for name, values in firms.yearly.items()}
    ratio = year["rd_expense"] / year["revenue"]
    tech_share = year["tech_staff"] / year["staff_total"]
    small = (year["staff_total"] <= 500) & (year["revenue"] <= 2e8)
    chances = {
        "srdi_sme": 0.5 * (small & (year["revenue"] >= 3e7) & (ratio >= 0.05)),
        "innovative_sme": 0.35 * (small & (year["revenue"] >= 1.5e7) & (ratio >= 0.03)),
        "tech_sme": 0.3 * (small & (ratio >= 0.05) & (tech_share >= 0.2)),
    }
    return [
        _titles(firms, np.flatnonzero(rng.random(firms.n) < chance), kind, rng)
        for kind, chance in chances.items()
    ]


def _awards(firms: Firms, rng: np.random.Generator) -> list[pl.DataFrame]:
    """Give awards with their rank, and honours without, to firms with research."""
    able = firms.yearly["rd_expense"][-1] >= _WITH_RESEARCH
    pieces = []
    for kind, share, years, lowest in _AWARDS:
        at = np.flatnonzero(able & (rng.random(firms.n) < share))
        days = rng.integers(60, 365 * years, at.size)
        rank = rng.integers(1, lowest + 1, at.size) if lowest else [None] * at.size
        won = [AS_OF - datetime.timedelta(days=int(d)) for d in days]
        pieces.append(_rows(firms, at, kind, won).with_columns(pl.Series("rank", rank, pl.Int64)))
    for kind, share in _HONOURS:
        at = np.flatnonzero(able & (rng.random(firms.n) < share))
        pieces.append(_titles(firms, at, kind, rng))
    return pieces


def _rows(
    firms: Firms, at: NDArray[np.intp], kind: str, start: list[datetime.date]
) -> pl.DataFrame:
    return pl.DataFrame({
        "holder": firms.ids.gather(at), "valid_from": pl.Series(start, dtype=pl.Date)
    }).with_columns(kind=pl.lit(kind), source=pl.lit(MARK))  # fmt: skip


def _titles(
    firms: Firms, at: NDArray[np.intp], kind: str, rng: np.random.Generator, *, oldest: int = 700
) -> pl.DataFrame:
    """Give a title for three years from a day up to ``oldest`` days ago."""
    days = rng.integers(30, oldest, at.size)
    start = [AS_OF - datetime.timedelta(days=int(d)) for d in days]
    until = [day + datetime.timedelta(days=3 * 365) for day in start]
    return _rows(firms, at, kind, start).with_columns(pl.Series("valid_until", until, pl.Date))


def _meets_high_tech(firms: Firms) -> NDArray[np.bool_]:
    """Tell which firms meet the gates of ``cn.hte`` that figures can show."""
    year = {name: values[-1] for name, values in firms.yearly.items()}
    spent = firms.yearly["rd_expense"].sum(axis=0)
    needed = np.select([year["revenue"] <= 5e7, year["revenue"] <= 2e8], [0.05, 0.04], 0.03)
    met: NDArray[np.bool_] = (
        firms.exists[-2]
        & (spent >= needed * firms.yearly["revenue"].sum(axis=0))
        & (firms.yearly["rd_domestic"].sum(axis=0) >= 0.6 * spent)
        & (year["tech_staff"] >= 0.1 * year["staff_total"])
        & (year["ht_product_income"] >= 0.6 * year["total_income"])
        & (year["ip_class1"] + year["ip_class2"] >= 1)
    )
    return met


def _meets_little_giant(firms: Firms) -> NDArray[np.bool_]:
    """Tell which firms meet the general way of ``cn.little_giant`` on figures."""
    year = {name: values[-1] for name, values in firms.yearly.items()}
    ratio = firms.yearly["rd_expense"] / firms.yearly["revenue"]
    floor = np.where(year["revenue"] >= 1e8, 0.03, 0.06)
    main = firms.yearly["main_revenue"]
    growth = 0.5 * (main[1] / main[0] + main[2] / main[1]) - 1.0
    met: NDArray[np.bool_] = (
        firms.exists[0]
        & (year["revenue"] >= 5e7)
        & (ratio[-1] >= floor)
        & (ratio[-2] >= floor)
        & (growth >= 0.05)
        & (year["main_revenue"] >= 0.7 * year["revenue"])
        & (year["liabilities"] <= 0.7 * year["assets_total"])
    )
    return met
