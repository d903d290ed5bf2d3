"""What a set of holders covers of what a challenge needs, and what nobody holds.

Need r asks for level m_r with weight v_r, sum 1; holder i has level e_ir, unknown = an
interval. With best_r(S) = max over i in S of e_ir and covered_r = (best_r >= m_r and
best_r > 0):

    coverage(S) = sum of v_r over covered needs, monotone and submodular in S
    margin of i = coverage(S) - coverage(S without i)         irreplaceable if > 0
    amplification(S) = coverage(S) - max over i of coverage({i})
    G(S) = prod over r of best_r(S)^v_r, 0 if a need is uncovered

A verdict is "yes" if somebody reaches the level for certain, "no" if nobody can, else
"open". Definitions: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.conform import empty_frame
from jicheng.integrate.holdings import Holdings, Levels
from jicheng.integrate.roster import Roster
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = [
    "Coverage",
    "Needs",
    "best_next",
    "capability_index",
    "cover",
    "needs_of",
    "reaches",
    "zone_coverage",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_ROUNDING = 1e-9  # levels and needs are typed by people: 0.7 reaches 0.7
_SETTLERS = 3  # holders named that would settle an open verdict


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """What a challenge needs: ``level`` (0 = any) and ``weight`` (sum 1), shape (s,)."""

    capabilities: tuple[str, ...]
    level: Floats
    weight: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Coverage of a set of k holders over s needs.

    Attributes
    ----------
    share, low, high : float
        Coverage with stated levels (the low end where unknown), low and high ends.
    best : ndarray of float64, shape (s,)
        Best counted level; 0 if nobody holds it, nan if only unknown levels do.
    depth : ndarray of int64, shape (s,)
        Holders who reach the level for certain.
    verdicts : tuple of str
        ``yes``, ``no`` or ``open`` for each need.
    margin : ndarray of float64, shape (k,)
        Coverage lost without the holder.
    best_single : float
        Largest coverage of one holder alone.
    weakest : int
        Need with the lowest best level over needed level; -1 without needs.
    """

    share: float
    low: float
    high: float
    best: Floats
    depth: NDArray[np.int64]
    verdicts: tuple[str, ...]
    margin: Floats
    best_single: float
    weakest: int

    @property
    def amplification(self) -> float:
        """Coverage beyond what the best holder covers alone."""
        return self.share - self.best_single


def reaches(level: Floats, needed: Floats) -> Flags:
    """Tell where a level reaches what is needed; nan never does, and 0 holds nothing."""
    reached: Flags = (np.nan_to_num(level, nan=0.0) >= needed - _ROUNDING) & (level > 0.0)
    return reached


def _weighed(covered: Flags, weight: Floats) -> float:
    return 1.0 if covered.all() else float(weight[covered].sum())


def cover(levels: Levels, needs: Needs) -> Coverage:
    """Measure what a set of holders covers.

    Parameters
    ----------
    levels : Levels
        Of the k holders of the set, k >= 0.
    needs : Needs
        At least one need.
    """
    sure, stated, possible = (
        reaches(array, needs.level) for array in (levels.low, levels.counted, levels.high)
    )
    held = [np.asarray(array.any(axis=0)) for array in (sure, stated, possible)]
    known = levels.counted.max(axis=0, initial=0.0)
    unknown = np.isnan(levels.point).any(axis=0)
    best = np.where((known == 0.0) & unknown, np.nan, known)
    holders = stated.sum(axis=0)
    alone = stated & (holders == 1)
    verdicts = np.where(held[0], "yes", np.where(held[2], "open", "no"))
    over = known / np.maximum(needs.level, 1e-9)
    return Coverage(
        share=_weighed(held[1], needs.weight),
        low=_weighed(held[0], needs.weight),
        high=_weighed(held[2], needs.weight),
        best=best,
        depth=sure.sum(axis=0).astype(np.int64),
        verdicts=tuple(verdicts.tolist()),
        margin=(alone * needs.weight).sum(axis=1),
        best_single=max((_weighed(row, needs.weight) for row in stated), default=0.0),
        weakest=int(np.argmin(over)) if len(over) else -1,
    )


def capability_index(levels: Levels, needs: Needs, *, fold: int) -> float:
    """Return G(S), the weighted geometric mean of the ``fold``-th best levels.

    The best level for ``fold`` = 1; the robust value with r-fold coverage otherwise. An
    unknown level counts with its low end. 0 if a need is not covered.
    """
    counted = levels.counted
    if len(counted) < fold or not reaches(counted, needs.level).any(axis=0).all():
        return 0.0
    level = -np.sort(-counted, axis=0)[fold - 1]
    if (level <= 0.0).any():
        return 0.0
    return float(np.exp(np.dot(needs.weight, np.log(level))))


def best_next(levels: Levels, needs: Needs, team: NDArray[np.intp], price: Floats) -> int:
    """Return who adds most to a team, as a row of ``levels``; -1 if nobody adds anything.

    Largest gain of coverage; then largest weighted rise of best levels; then lower
    price; then first in order. Unknown levels add no more than their low end.
    """
    counted = levels.counted
    here = cover(levels.of(team), needs)
    open_needs = ~reaches(here.best, needs.level)
    gain = (reaches(counted, needs.level) & open_needs) @ needs.weight
    rise = np.maximum(0.0, counted - np.nan_to_num(here.best, nan=0.0)) @ needs.weight
    outside = np.ones(len(counted), dtype=np.bool_)
    outside[team] = False
    useful = np.flatnonzero(outside & ((gain > _ROUNDING) | (rise > _ROUNDING)))
    if not len(useful):
        return -1
    order = np.lexsort((price[useful], -rise[useful].round(9), -gain[useful].round(9)))
    return int(useful[int(order[0])])


def needs_of(zone: Zone, challenges: pl.DataFrame) -> pl.DataFrame:
    """Return what each challenge needs: challenge, technology, capability, level, weight.

    An empty level is 0 (any); weights sum to 1 in a challenge and are equal where all
    are zero. Sorted by challenge and capability.
    """
    weight = pl.col("weight").fill_null(1.0)
    total = weight.sum().over("challenge")
    return (
        challenges.select("challenge", "technology")
        .join(zone["needs"], on="technology", how="inner")
        .select(
            "challenge",
            "technology",
            "capability",
            pl.col("level").fill_null(0.0),
            is_weightless=total <= 0.0,
            weight=pl.when(total > 0.0)
            .then(weight / total)
            .otherwise(1.0 / pl.len().over("challenge")),
        )
        .sort("challenge", "capability")
    )


def zone_coverage(
    zone: Zone, needs: pl.DataFrame, roster: Roster, holdings: Holdings
) -> pl.DataFrame:
    """Return the table ``coverage`` without the columns of a consortium (left empty).

    Parameters
    ----------
    zone : Zone
        ``capabilities``, ``zones`` and ``restrictions`` are read.
    needs : polars.DataFrame
        As returned by :func:`needs_of`.
    roster, holdings
        Of the same zone.

    Notes
    -----
    All holders count, whatever the rules of membership say: the table tells who holds
    a capability, not who may join. The exposure of the best holder outside is the risk
    that its country withholds from home under the baseline.
    """
    places = pl.DataFrame({
        "organisation": pl.Series(range(roster.n), dtype=pl.Int64),
        "id": roster.table["id"],
        "in_zone": roster.in_zone,
        "country": roster.table["country"],
    })  # fmt: skip
    needed = pl.col("level") - _ROUNDING
    held = (
        needs.join(holdings.table, on="capability", how="inner")
        .join(places, on="organisation", how="inner")
        .with_columns(
            is_sure=(pl.col("low") >= needed) & (pl.col("low") > 0),
            is_possible=(pl.col("high") >= needed) & (pl.col("high") > 0),
        )
    )
    key = ["challenge", "capability"]
    home = _home(zone)
    inside = _inside(held.filter("in_zone"), key)
    outside = _outside(held.filter(~pl.col("in_zone")), key)
    names = zone["capabilities"].select(pl.col("id").alias("capability"), "name", "name_en")
    joined = (
        needs.join(names, on="capability", how="left")
        .join(inside, on=key, how="left")
        .join(outside, on=key, how="left")
        .join(_risks(zone, home), on=["outside_country", "technology"], how="left")
        .join(_risks(zone, home, of_all=True), on="outside_country", how="left")
        .with_columns(
            pl.col("zone_depth", "zone_open", "outside_depth").fill_null(0).cast(pl.Int64),
            pl.col("zone_verdict").fill_null("no"),
            outside_risk=pl.when(pl.col("outside_country") == pl.lit(home or ""))
            .then(0.0)
            .otherwise(pl.coalesce("risk", "risk_of_all")),
        )
    )
    schema = empty_frame(plan_tables()["coverage"]).schema
    missing = [pl.lit(None, kind).alias(c) for c, kind in schema.items() if c not in joined.columns]
    return joined.with_columns(missing).select(list(schema)).sort(key)


def _inside(held: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Summarise the holders in the zone."""
    is_open = pl.col("is_possible") & ~pl.col("is_sure")
    verdict = (
        pl.when(pl.col("is_sure").any())
        .then(pl.lit("yes"))
        .when(pl.col("is_possible").any())
        .then(pl.lit("open"))
        .otherwise(pl.lit("no"))
    )
    ranked = held.sort(pl.col("point"), pl.col("high"), "id", descending=[True, True, False],
                       nulls_last=True)  # fmt: skip
    told = ranked.group_by(key).agg(
        zone_depth=pl.col("is_sure").sum(),
        zone_open=is_open.sum(),
        zone_best=pl.col("point").max(),
        zone_verdict=verdict,
        settled_by=pl.col("id").filter(is_open).head(_SETTLERS),
    )
    settles = pl.when(pl.col("zone_verdict") == "open").then(pl.col("settled_by").list.join(";"))
    return told.with_columns(settled_by=settles)


def _outside(held: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Summarise the holders outside the zone; the best is who is known to be best."""
    ranked = held.sort("point", "low", "id", descending=[True, True, False], nulls_last=True)
    return ranked.group_by(key).agg(
        outside_depth=pl.col("is_sure").sum(),
        outside_best=pl.col("id").first(),
        outside_country=pl.col("country").first(),
    )


def _home(zone: Zone) -> str | None:
    return zone["zones"]["home"][0] if zone["zones"].height else None


def _risks(zone: Zone, home: str | None, *, of_all: bool = False) -> pl.DataFrame:
    """Return the risk that a country withholds from home, by technology or for all.

    A row whose target is home beats one for everybody; of several the highest counts.
    """
    rows = zone["restrictions"].filter(
        (pl.col("scenario") == "baseline")
        & (pl.col("target").is_null() | (pl.col("target") == pl.lit(home or "")))
        & pl.col("risk").is_not_null()
        & (pl.col("technology").is_null() if of_all else pl.col("technology").is_not_null())
    )
    key = ["country"] if of_all else ["country", "technology"]
    best = (
        rows.sort(pl.col("target").is_not_null(), "risk")
        .group_by(key, maintain_order=True)
        .agg(pl.col("risk").last())
    )
    return best.rename({"country": "outside_country"} | ({"risk": "risk_of_all"} if of_all else {}))
