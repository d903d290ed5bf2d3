"""What a set of holders that a person names covers of what a technology needs.

The question of a meeting: "if these three work together, what is still missing, and
who should join next?" Definitions: :mod:`jicheng.integrate.coverage`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, MissingData, Where, fault
from jicheng.integrate.coverage import Needs, best_next, cover, needs_of, reaches
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.kernel.cover import chance_of_random_set, expected_coverage
from jicheng.zone import Zone

__all__ = ["SetCoverage", "cover_named_set"]


@dataclass(frozen=True)
class SetCoverage:
    """Coverage of one technology's needs by named organisations.

    Attributes
    ----------
    technology : str
    members : tuple of str
    needs : polars.DataFrame
        Per capability: ``capability``, ``name``, ``level`` (needed), ``weight``, ``best``
        (null = only unknown levels), ``depth``, ``verdict`` (yes, no, open).
    margins : polars.DataFrame
        Per member: ``organisation``, ``name``, ``margin`` (coverage lost without it).
    share, low, high, best_single : float
        Coverage, its interval over unknown levels, and the best of one member alone.
    weakest : str
        Capability with the lowest best level over needed level.
    pool : int
        Organisations that may join and hold any needed capability.
    random_expected, random_all : float
        Expected coverage of a random set of this size from the pool, and its chance to
        cover everything; nan if the pool is smaller than the set.
    next_member : str, optional
        Who would add most.
    """

    technology: str
    members: tuple[str, ...]
    needs: pl.DataFrame
    margins: pl.DataFrame
    share: float
    low: float
    high: float
    best_single: float
    weakest: str
    pool: int
    random_expected: float
    random_all: float
    next_member: str | None

    def as_plain(self) -> dict[str, Any]:
        """Return the answer as JSON values; nan becomes None."""
        known = not np.isnan(self.random_all)
        return {
            "technology": self.technology,
            "members": list(self.members),
            "coverage": self.share,
            "coverage_low": self.low,
            "coverage_high": self.high,
            "best_single": self.best_single,
            "weakest": self.weakest,
            "pool": self.pool,
            "random_expected": self.random_expected if known else None,
            "random_all": self.random_all if known else None,
            "next_member": self.next_member,
            "needs": self.needs.to_dicts(),
            "margins": self.margins.to_dicts(),
        }


def cover_named_set(
    zone: Zone,
    technology: str,
    members: Sequence[str],
    settings: ConsortiumSettings | None = None,
) -> SetCoverage:
    """Measure what named organisations jointly cover of what a technology needs.

    Parameters
    ----------
    zone : Zone
        ``needs``, ``holdings``, ``organisations`` and ``people`` are read.
    technology : str
        Its id.
    members : sequence of str
        Ids of organisations; empty shows the needs and whom to ask first.

    Raises
    ------
    MissingData
        E333 if the technology has no needs.
    InvalidInput
        E334 for every unknown organisation, with the nearest ids.
    """
    settings = settings or ConsortiumSettings()
    rows = needs_of(zone, pl.DataFrame({"challenge": [technology], "technology": [technology]}))
    if rows.is_empty():
        raise MissingData.of("E333", technology=technology)
    roster = Roster.of(zone, settings)
    _refuse_unknown(roster, members)
    needs = Needs(tuple(rows["capability"]), rows["level"].to_numpy(), rows["weight"].to_numpy())
    holdings = Holdings.of(zone, roster, needs_source=settings.needs_source)
    holders, levels = holdings.levels(needs.capabilities)
    team = np.array(sorted({roster.index[name] for name in members}), dtype=np.intp)
    everybody = np.union1d(holders[roster.may_join[holders]], team).astype(np.intp)
    placed = levels.at(holders, everybody)
    seats = np.searchsorted(everybody, team)
    found = cover(placed.of(seats), needs)
    reach = holders[roster.may_join[holders]]
    meets = reaches(levels.at(holders, reach).counted, needs.level)
    is_drawn = len(team) <= len(reach)
    following = best_next(placed, needs, seats, roster.counted_cost_wan[everybody])
    return SetCoverage(
        technology=technology,
        members=tuple(roster.ids[place] for place in team),
        needs=_needs_table(zone, rows, found.best, found.depth, found.verdicts),
        margins=pl.DataFrame(
            {
                "organisation": [roster.ids[place] for place in team],
                "name": roster.table["name"].gather(team),
                "margin": found.margin,
            }
        ),
        share=found.share,
        low=found.low,
        high=found.high,
        best_single=found.best_single,
        weakest=needs.capabilities[found.weakest],
        pool=len(reach),
        random_expected=(
            expected_coverage(meets, needs.weight, len(team)) if is_drawn else float("nan")
        ),
        random_all=(
            chance_of_random_set(meets, len(team)).probability if is_drawn else float("nan")
        ),
        next_member=None if following < 0 else roster.ids[int(everybody[following])],
    )


def _refuse_unknown(roster: Roster, members: Sequence[str]) -> None:
    faults: list[Fault] = [
        fault(
            "E334",
            where=Where("organisations"),
            organisation=name,
            near=", ".join(difflib.get_close_matches(name, roster.ids, n=3, cutoff=0.5)) or "-",
        )
        for name in members
        if name not in roster.index
    ]
    if faults:
        raise InvalidInput(faults)


def _needs_table(
    zone: Zone,
    rows: pl.DataFrame,
    best: NDArray[np.float64],
    depth: NDArray[np.int64],
    verdicts: Sequence[str],
) -> pl.DataFrame:
    names = zone["capabilities"].select(pl.col("id").alias("capability"), "name")
    told = rows.with_columns(
        pl.Series("best", best).fill_nan(None),
        pl.Series("depth", depth),
        pl.Series("verdict", list(verdicts)),
    )
    named = told.join(names, on="capability", how="left", maintain_order="left")
    return named.select("capability", "name", "level", "weight", "best", "depth", "verdict")
