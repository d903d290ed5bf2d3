"""Which technologies the zone is most exposed on, and how sure that is.

Three axes side by side, never one hidden score: vulnerability V (who supplies, and may
withhold), impact I (what is lost), difficulty D (how long to substitute). Every figure
has an interval, an evidence grade and a verdict: chokepoint, watch, safe or no data.
Missing data is never safe and never zero. See ``vulnerability``, ``impact``,
``difficulty``, ``evidence``, ``uncertainty`` and ``verdicts`` for the formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.conform import empty_frame
from jicheng.errors import Fault
from jicheng.schema import plan_tables
from jicheng.select.analysis import Analysis, analyse
from jicheng.select.assumptions import assumptions
from jicheng.select.evidence import letters
from jicheng.select.explanation import Explanation, explain
from jicheng.select.relatedness import Relatedness
from jicheng.select.scenario import Scenario
from jicheng.select.settings import ChokepointSettings
from jicheng.zone import Zone

__all__ = ["ChokepointSettings", "ChokepointsResult", "find_chokepoints"]

_EXPLAINED = 1e-9  # unknown mass up to this is none


@dataclass(frozen=True)
class ChokepointsResult:
    """Chokepoints of a zone, seen from a home country under a scenario.

    Attributes
    ----------
    table : polars.DataFrame
        As ``schema/plan/chokepoints.csv`` says, one row a technology. Points count what
        the rows state. ``vulnerability_low/high`` and ``impact_low/high`` are the 5 % and
        95 % quantiles of the draws, widened where needed to hold the point; the impact's
        low end has members of unweighted categories replace one another, its high end
        has them irreplaceable. HHI, leader and shares are those of the world where known,
        else of home's sourcing.
    bounds : polars.DataFrame
        ``technology``, ``vulnerability_lowest/highest``, ``impact_lowest/highest``: hard
        bounds over everything unknown, the shares taken as stated. A further share row
        of the same basis and system only narrows them.
    scenario : Scenario
        Name, coalition, thresholds with provenance, label for every output.
    warnings : tuple of Fault
        What was assumed, and what is missing.
    home : str
        Country from which exposure is judged.
    settings : ChokepointSettings
        As used.
    seed : int
        Seed of the draws.
    content_hash : str
        Of the zone.
    """

    table: pl.DataFrame
    bounds: pl.DataFrame
    scenario: Scenario
    warnings: tuple[Fault, ...]
    home: str
    settings: ChokepointSettings
    seed: int
    content_hash: str
    analysis: Analysis = field(repr=False, compare=False)

    @property
    def relatedness(self) -> Relatedness:
        """How near capabilities and technologies are to what the zone is strong in."""
        return self.analysis.relatedness

    def explain(self, technology: str) -> Explanation:
        """Account for every figure of one technology.

        Raises
        ------
        InvalidInput
            E206 if there is no such technology.
        """
        return explain(self.analysis, self.table, technology)


def find_chokepoints(
    zone: Zone,
    *,
    home: str | None = None,
    scenario: str | None = None,
    settings: ChokepointSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ChokepointsResult:
    """Find the chokepoint technologies of a zone.

    Parameters
    ----------
    zone : Zone
        ``technologies`` at least. Without ``supply`` every verdict is no data, without
        ``links`` impact is unknown, without years nothing is on the priority front.
    home : str, optional
        Country (ISO 3166 alpha-3) from which exposure is judged; default the zone's.
    scenario : str, optional
        ``all-foreign``, ``baseline``, a name of ``restrictions.scenario``, or countries
        joined by ``+`` such as ``USA+JPN+NLD``. Default ``baseline`` if ``restrictions``
        states any baseline risk towards home, else ``all-foreign``.
    settings : ChokepointSettings, optional
        Thresholds and assumptions.
    progress : callable, optional
        Called with technologies drawn and technologies in all.

    Returns
    -------
    ChokepointsResult
        Byte-identical for the same zone, home, scenario and settings, whatever the
        order of rows.

    Raises
    ------
    MissingData
        E201 without technologies.
    InvalidInput
        E202, E203 for the scenario, E204, E205 for home, E206 if a confirmed technology
        does not exist, E207 for settings, E120 if the chain has a cycle, E126 if shares
        of one year sum to more than 102 %.
    """
    analysis, warnings = analyse(zone, home, scenario, settings or ChokepointSettings(), progress)
    return ChokepointsResult(
        table=_table(analysis),
        bounds=_bounds(analysis),
        scenario=analysis.scenario,
        warnings=(*warnings, *assumptions(analysis)),
        home=analysis.home,
        settings=analysis.settings,
        seed=analysis.settings.seed,
        content_hash=zone.content_hash,
        analysis=analysis,
    )


def _table(analysis: Analysis) -> pl.DataFrame:
    empty = empty_frame(plan_tables()["chokepoints"])
    technologies = analysis.zone["technologies"]
    columns: dict[str, Any] = {
        "technology": technologies["id"],
        **{name: technologies[name] for name in ("name", "name_en", "chain", "stage", "kind")},
        "is_category": analysis.chain.is_category,
        "verdict": analysis.verdict,
        **_axes(analysis),
        **_concentration(analysis),
        **_difficulty(analysis),
        "is_priority": analysis.is_priority,
        "depends_on_unscored": analysis.depends_on_unscored,
        "forced": None,
        "reason": None,
    }
    height = technologies.height
    return pl.DataFrame(
        [_series(name, columns[name], dtype, height) for name, dtype in empty.schema.items()]
    )


def _series(name: str, values: Any, dtype: pl.DataType, height: int) -> pl.Series:
    """Return a column of the table; nan and None are null."""
    if values is None:
        return pl.Series(name, [None] * height, dtype)
    column = values.alias(name) if isinstance(values, pl.Series) else pl.Series(name, values)
    return column.fill_nan(None).cast(dtype) if column.dtype.is_float() else column.cast(dtype)


def _axes(analysis: Analysis) -> dict[str, Any]:
    v, i, found = analysis.vulnerability, analysis.impact, analysis.found
    return {
        "p_chokepoint": found.mixed,
        "p_linear": found.linear,
        "p_leontief": found.leontief,
        "vulnerability": v.point,
        "vulnerability_low": analysis.vulnerability_interval.low,
        "vulnerability_high": analysis.vulnerability_interval.high,
        "impact_linear": i.linear,
        "impact_mixed": i.mixed,
        "impact_leontief": i.leontief,
        "impact_low": analysis.impact_interval.low,
        "impact_high": analysis.impact_interval.high,
        "impact_full": i.full,
        "rank": _positive(analysis.ranks.point),
        "rank_low": _positive(analysis.ranks.low),
        "rank_high": _positive(analysis.ranks.high),
    }


def _concentration(analysis: Analysis) -> dict[str, Any]:
    shown = analysis.shown
    has = shown.has_shares
    home = shown.share[:, analysis.supply.home_index]
    unexplained = np.maximum(0.0, 1.0 - shown.mass)
    hhi = np.where(has, shown.sum_squares, np.nan)
    flag = shown.leader_share >= analysis.settings.monopoly_share - _EXPLAINED
    return {
        "hhi": hhi,
        "hhi_low": hhi,
        "hhi_high": np.minimum(1.0, hhi + unexplained**2),
        "leader": [name or None for name in shown.leader],
        "leader_share": shown.leader_share,
        "home_share": np.where(np.isnan(home) & (shown.unknown <= _EXPLAINED), 0.0, home),
        "unknown_share": shown.unknown,
        "n_suppliers": shown.n_suppliers,
        "share_system": [name or None for name in shown.system],
        "newest_period": _positive(shown.period),
        "evidence": letters(analysis.grade),
        "is_monopoly": [bool(x) if known else None for x, known in zip(flag, has, strict=True)],
    }


def _difficulty(analysis: Analysis) -> dict[str, Any]:
    hard = analysis.difficulty
    return {
        "years_low": hard.years_low,
        "years_high": hard.years_high,
        "n_needs": _positive(hard.n_needs),
        "n_needs_open": [
            int(n) if listed and n >= 0 else None
            for n, listed in zip(hard.n_open, hard.n_needs, strict=True)
        ],
        "relatedness": hard.held_share,
    }


def _positive(values: NDArray[np.int64]) -> list[int | None]:
    """Return whole numbers with 0 as unknown."""
    return [int(value) if value > 0 else None for value in values]


def _bounds(analysis: Analysis) -> pl.DataFrame:
    v, i = analysis.vulnerability, analysis.impact
    return pl.DataFrame(
        {
            "technology": analysis.chain.technologies,
            "vulnerability_lowest": v.low,
            "vulnerability_highest": v.high,
            "impact_lowest": i.low,
            "impact_highest": i.high,
        }
    ).with_columns(pl.exclude("technology").fill_nan(None))
