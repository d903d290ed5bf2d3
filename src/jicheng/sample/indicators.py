"""Three years of indicators of every firm, and the titles that follow from them.

Codes are those of the rule packs; money in yuan, staff in persons, shares as ratios.
The distribution of R&D over revenue follows a survey of high-tech enterprises in
Guangzhou (37.7 % of them spend 10 % or more, 38.9 % spend 5-10 %, 21.3 % spend 3-5 %);
the rest is ours. About one value in thirty is missing.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.frames import AS_OF, MARK, PERIOD, table_of
from jicheng.sample.organisations import ZONE
from jicheng.sample.scales import Scale
from jicheng.sample.streams import stream

__all__ = ["Firms", "firms_in_figures", "indicators_table", "qualifications_table"]

YEARS = (PERIOD - 2, PERIOD - 1, PERIOD)
_REVENUE = {"large": 4.5e8, "medium": 9e7, "small": 9e6, "micro": 1.0e6}
_UNITS = {
    "revenue": "CNY", "main_revenue": "CNY", "total_income": "CNY", "ht_product_income": "CNY",
    "cost_total": "CNY", "net_profit": "CNY", "assets_total": "CNY", "liabilities": "CNY",
    "rd_expense": "CNY", "rd_domestic": "CNY", "staff_total": "persons", "tech_staff": "persons",
    "rd_staff": "persons", "graduates_hired": "persons", "ip_class1": "count",
    "ip_class2": "count", "invention_applications": "count", "tech_contract_value": "CNY",
}  # fmt: skip
_LATEST_UNITS = {
    "pct_applications": "count", "postgraduate_share": "ratio", "venture_capital": "CNY",
    "rd_superdeduction_tax_saved": "CNY", "equity_financing_2y": "CNY", "niche_years": "years",
    "transformations_per_year": "count", "has_rd_institution": "boolean", "own_brand": "boolean",
    "management_certificate": "boolean", "core_processes_on_it": "count",
    "national_niche_share": "ratio", "ip_class1_main_product": "count", "digital_level": "level",
}  # fmt: skip
_RD_CLASSES = ((0.38, 0.37, 0.15), (0.1, 0.25, 0.5))  # R&D of 10 % or more, 5-10 %, 3-5 %
_MISSING = 1 / 30
_RD_INTENSITY = 0.0665  # of the zone, as in the paper

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Firms:
    """Figures of the zone's firms.

    Attributes
    ----------
    ids : polars.Series
        Firms, n of them.
    exists : ndarray of bool, shape (3, n)
        Whether the firm was founded by the end of the year, oldest year first.
    yearly : dict of str to ndarray, shape (3, n)
        Value of each indicator and year.
    latest : dict of str to ndarray, shape (n,)
        Indicators given for the last year alone.
    """

    ids: pl.Series
    exists: NDArray[np.bool_]
    yearly: dict[str, Figures]
    latest: dict[str, Figures]

    @property
    def revenue(self) -> Figures:
        """Revenue of the last year in yuan, shape (n,)."""
        revenue: Figures = self.yearly["revenue"][-1]
        return revenue


def firms_in_figures(organisations: pl.DataFrame, seed: int) -> Firms:
    """Draw the figures of the zone's firms (stream ``indicators``)."""
    rng = stream(seed, "indicators")
    firms = organisations.filter((pl.col("kind") == "firm") & (pl.col("zone") == ZONE))
    n = firms.height
    centre = firms["size"].replace_strict(_REVENUE, return_dtype=pl.Float64).to_numpy()
    last = centre * rng.lognormal(0.0, 0.6, n)
    growth = np.clip(rng.normal(0.12, 0.18, (2, n)), -0.4, 1.2)
    revenue = np.stack([last / (1 + growth[0]) / (1 + growth[1]), last / (1 + growth[1]), last])
    exists = firms["founded"].to_numpy()[None, :] <= np.array(YEARS)[:, None]
    yearly = {"revenue": revenue}
    is_big = firms["size"].is_in(["large", "medium"]).to_numpy()
    _money(yearly, is_big, rng)
    _staff_and_rights(yearly, rng)
    for name, values in yearly.items():
        digits = -3 if _UNITS[name] == "CNY" else 0
        yearly[name] = np.round(values, digits) + 0.0  # no negative zero
    return Firms(firms["id"], exists, yearly, _last_year(yearly, firms, rng))


def _money(yearly: dict[str, Figures], is_big: NDArray[np.bool_], rng: np.random.Generator) -> None:
    revenue = yearly["revenue"]
    n = revenue.shape[1]
    yearly["main_revenue"] = revenue * rng.beta(12, 2, n)
    yearly["total_income"] = revenue * (1.0 + rng.exponential(0.02, n))
    yearly["ht_product_income"] = yearly["total_income"] * rng.beta(5, 2, n)
    margin = rng.normal(0.06, 0.09, revenue.shape)
    yearly["net_profit"] = revenue * margin
    yearly["cost_total"] = revenue * (1.0 - np.clip(margin * 1.15, -0.5, 0.6))
    growth = np.cumprod(np.vstack([np.ones(n), 1.0 + rng.normal(0.1, 0.12, (2, n))]), axis=0)
    yearly["assets_total"] = revenue[0] * rng.lognormal(0.2, 0.4, n) * growth
    yearly["liabilities"] = yearly["assets_total"] * rng.beta(4, 5, n)
    small, big = (np.cumsum(shares) for shares in _RD_CLASSES)
    draw = rng.random(n)
    classes = np.where(is_big, np.searchsorted(big, draw), np.searchsorted(small, draw))
    low, high = np.array([[0.10, 0.05, 0.03, 0.0], [0.24, 0.10, 0.05, 0.03]])[:, classes]
    ratio = (low + (high - low) * rng.random(n)) * rng.lognormal(0.0, 0.06, revenue.shape)
    yearly["rd_expense"] = revenue * ratio
    yearly["rd_domestic"] = yearly["rd_expense"] * rng.beta(18, 1.2, n)
    yearly["tech_contract_value"] = np.where(
        rng.random(revenue.shape) < 0.2, revenue * rng.exponential(0.05, revenue.shape), 0.0
    )


def _staff_and_rights(yearly: dict[str, Figures], rng: np.random.Generator) -> None:
    revenue = yearly["revenue"]
    n = revenue.shape[1]
    staff = np.maximum(revenue / (6.5e5 * rng.lognormal(0.0, 0.3, n)), 2.0)
    yearly["staff_total"] = staff
    yearly["tech_staff"] = staff * rng.beta(3, 7, n)
    yearly["rd_staff"] = yearly["tech_staff"] * rng.beta(6, 3, n)
    yearly["graduates_hired"] = rng.poisson(staff * 0.04).astype(np.float64)
    pace = yearly["rd_expense"] / 1.5e6
    yearly["ip_class1"] = np.cumsum(rng.poisson(0.35 * pace), axis=0).astype(np.float64)
    yearly["ip_class2"] = np.cumsum(rng.poisson(0.4 + 0.6 * pace), axis=0).astype(np.float64)
    yearly["invention_applications"] = rng.poisson(0.5 * pace).astype(np.float64)


def _last_year(
    yearly: dict[str, Figures], firms: pl.DataFrame, rng: np.random.Generator
) -> dict[str, Figures]:
    n = firms.height
    age = PERIOD - firms["founded"].to_numpy()
    raised: Figures = np.where(rng.random(n) < 0.06, rng.lognormal(16.2, 0.9, n), 0.0)
    latest: dict[str, Figures] = {
        "pct_applications": rng.poisson(0.04 * yearly["rd_expense"][-1] / 1.5e6).astype(np.float64),
        "postgraduate_share": np.round(rng.beta(2, 9, n), 3),
        "venture_capital": np.round(raised, -3),
        "equity_financing_2y": np.round(raised * rng.uniform(1.0, 1.8, n), -3),
        "rd_superdeduction_tax_saved": np.round(yearly["rd_expense"][-1] * 0.15, -3),
        "niche_years": np.minimum(age, rng.integers(1, 16, n)).astype(np.float64),
        "transformations_per_year": rng.poisson(3.0, n).astype(np.float64),
        "core_processes_on_it": rng.poisson(1.4, n).astype(np.float64),
        "national_niche_share": np.round(rng.beta(1.2, 14, n), 3),
        "ip_class1_main_product": np.minimum(rng.poisson(1.2, n), yearly["ip_class1"][-1]),
        "digital_level": rng.integers(1, 5, n).astype(np.float64),
    }
    for name, chance in (
        ("has_rd_institution", 0.35), ("own_brand", 0.6), ("management_certificate", 0.5),
    ):  # fmt: skip
        latest[name] = (rng.random(n) < chance).astype(np.float64)
    return latest


def indicators_table(firms: Firms, holders: pl.Series, seed: int) -> pl.DataFrame:
    """Return the table ``indicators``, sorted by its key.

    Parameters
    ----------
    firms : Firms
        As drawn by :func:`firms_in_figures`.
    holders : polars.Series
        Firms with a title: the indicators of the last year alone are given for them
        and for firms with as much revenue as a small firm.
    seed : int
        Seed of the stream ``missing`` that decides which values are left out.
    """
    rng = stream(seed, "missing")
    wants_latest = firms.ids.is_in(holders.implode()).to_numpy() | (firms.revenue >= 3e7)
    subject = firms.ids.cast(pl.Categorical)
    pieces: list[pl.DataFrame] = []
    for name, values in firms.yearly.items():
        given = firms.exists & (rng.random(values.shape) >= _MISSING)
        pieces += [
            _piece(subject, given[y], name, year, values[y], _UNITS[name])
            for y, year in enumerate(YEARS)
        ]
    for name, column in firms.latest.items():
        given = wants_latest & firms.exists[-1] & (rng.random(column.shape) >= _MISSING)
        pieces.append(_piece(subject, given, name, PERIOD, column, _LATEST_UNITS[name]))
    frame = pl.concat([*pieces, _of_the_zone(firms)])
    return table_of("indicators", frame.with_columns(pl.col("subject").cast(pl.String)))


def _piece(
    subject: pl.Series, given: NDArray[np.bool_], name: str, year: int, values: Figures, unit: str
) -> pl.DataFrame:
    return pl.DataFrame({
        "subject": subject.filter(pl.Series(given)), "value": values[given]
    }).select(
        "subject", pl.lit(name).alias("indicator"), pl.lit(year, pl.Int64).alias("period"),
        "value", pl.lit(unit).alias("unit"),
    )  # fmt: skip


def _of_the_zone(firms: Firms) -> pl.DataFrame:
    """Return figures of the whole zone; R&D intensity as in the paper."""
    rows: list[tuple[str, str, int, float, str]] = []
    for y, year in enumerate(YEARS):
        spent = float(firms.yearly["rd_expense"][y][firms.exists[y]].sum())
        sold = float(firms.yearly["revenue"][y][firms.exists[y]].sum())
        intensity = round(_RD_INTENSITY - 0.0015 * (len(YEARS) - 1 - y), 4)
        rows += [
            (ZONE, "technology_firms", year, float(firms.exists[y].sum()), "count"),
            (ZONE, "revenue", year, sold, "CNY"),
            (ZONE, "rd_expense", year, spent, "CNY"),
            (ZONE, "rd_intensity", year, intensity, "ratio"),
            (ZONE, "value_added", year, round(spent / intensity, -3), "CNY"),
        ]
    columns = ["subject", "indicator", "period", "value", "unit"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(pl.col("subject").cast(pl.Categorical))


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
    return table_of("qualifications", pl.concat(pieces))


def _titles(
    firms: Firms, at: NDArray[np.intp], kind: str, rng: np.random.Generator, *, oldest: int = 700
) -> pl.DataFrame:
    """Give a title for three years from a day up to ``oldest`` days ago."""
    days = rng.integers(30, oldest, at.size)
    start = [AS_OF - datetime.timedelta(days=int(d)) for d in days]
    until = [day + datetime.timedelta(days=3 * 365) for day in start]
    return pl.DataFrame({
        "holder": firms.ids.gather(at), "valid_from": start, "valid_until": until
    }).with_columns(kind=pl.lit(kind), source=pl.lit(MARK))  # fmt: skip


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
