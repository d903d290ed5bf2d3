"""The table of indicators: figures of firms, what rule packs ask, and sums of the zone.

Codes are those of the rule packs. About one value in thirty is missing.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.firms import UNITS, YEARS, Figures, Firms
from jicheng.sample.frames import PERIOD, table_of
from jicheng.sample.organisations import ZONE
from jicheng.sample.rule_facts import UNITS as RULE_UNITS
from jicheng.sample.rule_facts import RuleFacts
from jicheng.sample.streams import stream

__all__ = ["indicators_table"]

_LATEST_UNITS = {
    "pct_applications": "count", "postgraduate_share": "ratio", "venture_capital": "CNY",
    "rd_superdeduction_tax_saved": "CNY", "equity_financing_2y": "CNY", "niche_years": "years",
    "transformations_per_year": "count", "has_rd_institution": "boolean", "own_brand": "boolean",
    "management_certificate": "boolean", "core_processes_on_it": "count",
    "national_niche_share": "ratio", "ip_class1_main_product": "count", "digital_level": "level",
}  # fmt: skip
_EVERYWHERE = (
    "pct_applications", "postgraduate_share", "rd_superdeduction_tax_saved", "venture_capital",
)  # fmt: skip
"""Indicators of the last year that innovation points use: every firm reports them."""

_MISSING = 1 / 30
_RD_INTENSITY = 0.0665  # of the zone, as in the paper


def indicators_table(firms: Firms, facts: RuleFacts, holders: pl.Series, seed: int) -> pl.DataFrame:
    """Return the table ``indicators``, sorted by its key.

    Parameters
    ----------
    firms : Firms
        As drawn by :func:`jicheng.sample.firms.firms_in_figures`.
    facts : RuleFacts
        What rule packs ask beyond the figures.
    holders : polars.Series
        Firms with a title: what is asked about the last year alone is given for them
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
            _piece(subject, given[y], name, year, values[y], UNITS[name])
            for y, year in enumerate(YEARS)
        ]
    for name, column in firms.latest.items():
        wanted = firms.exists[-1] if name in _EVERYWHERE else wants_latest & firms.exists[-1]
        given = wanted & (rng.random(column.shape) >= _MISSING)
        pieces.append(_piece(subject, given, name, PERIOD, column, _LATEST_UNITS[name]))
    pieces += _of_rules(firms, facts, wants_latest, rng)
    frame = pl.concat([*pieces, _of_the_zone(firms)], how="diagonal")
    return table_of("indicators", frame.with_columns(pl.col("subject").cast(pl.String)))


def _of_rules(
    firms: Firms, facts: RuleFacts, is_asked: NDArray[np.bool_], rng: np.random.Generator
) -> list[pl.DataFrame]:
    """Return what rule packs ask; a judgement that nobody made has no row."""
    subject = firms.ids.cast(pl.Categorical)
    pieces = []
    for columns, wanted in ((facts.everywhere, firms.exists[-1]), (facts.asked, is_asked)):
        for name, column in columns.items():
            given = wanted & firms.exists[-1] & (rng.random(firms.n) >= _MISSING)
            pieces.append(_piece(subject, given, name, PERIOD, column, RULE_UNITS[name]))
    for name, words in facts.choices.items():
        given = is_asked & firms.exists[-1] & (rng.random(firms.n) >= _MISSING)
        pieces.append(_chosen(subject, given, name, words))
    for name, column in facts.judged.items():
        given = is_asked & ~np.isnan(column)
        pieces.append(_piece(subject, given, name, PERIOD, column, "points"))
    pieces += [
        _chosen(subject, is_asked & (words != ""), name, words)
        for name, words in facts.levels.items()
    ]
    return pieces


def _piece(
    subject: pl.Series, given: NDArray[np.bool_], name: str, year: int, values: Figures, unit: str
) -> pl.DataFrame:
    return pl.DataFrame({
        "subject": subject.filter(pl.Series(given)), "value": values[given]
    }).select(
        "subject", pl.lit(name).alias("indicator"), pl.lit(year, pl.Int64).alias("period"),
        "value", pl.lit(unit).alias("unit"),
    )  # fmt: skip


def _chosen(
    subject: pl.Series, given: NDArray[np.bool_], name: str, words: NDArray[np.str_]
) -> pl.DataFrame:
    return pl.DataFrame({
        "subject": subject.filter(pl.Series(given)), "text": words[given]
    }).select(
        "subject", pl.lit(name).alias("indicator"), pl.lit(PERIOD, pl.Int64).alias("period"),
        pl.lit(None, pl.Float64).alias("value"), pl.lit(None, pl.String).alias("unit"), "text",
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
