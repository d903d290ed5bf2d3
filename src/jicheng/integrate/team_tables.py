"""Tables of formed consortia: who, with what coverage, against chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault
from jicheng.integrate.coverage import Coverage, best_next, capability_index, cover, reaches
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.pool import Places, Pool
from jicheng.integrate.roster import Roster
from jicheng.kernel.cover import chance_of_random_set, expected_coverage
from jicheng.kernel.solver import relative_gap
from jicheng.kernel.team_problem import TeamPoints
from jicheng.schema import plan_tables

__all__ = [
    "Formed",
    "assignment_rows",
    "consortium_row",
    "frame_of",
    "member_rows",
    "with_evidence",
    "with_teams",
]


@dataclass(frozen=True, eq=False)
class Formed:
    """What came of one challenge.

    ``members`` are places in the roster, lead first, empty without a consortium;
    ``pool`` is None where nothing could be looked at; ``told`` explains the status.
    ``own_best`` are the points that its best consortium alone has, where capacity is
    shared, and ``scarce`` the members of that one who work elsewhere instead.
    """

    challenge: str
    status: str
    pool: Pool | None = None
    members: tuple[int, ...] = ()
    points: TeamPoints | None = None
    bound: float | None = None
    told: tuple[Fault, ...] = ()
    nodes: int = 0
    work: int = 0
    is_cut_by_clock: bool = False
    own_best: float | None = None
    scarce: tuple[int, ...] = ()

    @property
    def team(self) -> Places:
        """Members in the order of the roster."""
        return np.sort(np.array(self.members, dtype=np.intp))


def frame_of(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a plan table, sorted by its key; what a row does not say is empty."""
    schema = empty_frame(plan_tables()[table]).schema
    plain = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(plain, schema=schema).sort(plan_tables()[table].key)


def _told(told: Sequence[Fault]) -> str | None:
    """Return messages as one text in both languages; None without any."""
    if not told:
        return None
    zh = "；".join(one.message.zh for one in told)
    return f"{zh} / {'; '.join(one.message.en for one in told)}"


def consortium_row(formed: Formed, roster: Roster) -> dict[str, Any]:
    """Return the row of ``consortia``."""
    row: dict[str, Any] = {
        "challenge": formed.challenge,
        "status": formed.status,
        "n_members": len(formed.members),
        "reason": _told(formed.told),
        "own_best": formed.own_best,
        "scarce": ";".join(roster.ids[place] for place in formed.scarce) or None,
    }
    pool = formed.pool
    if pool is None:
        return row
    in_reach = _in_reach(formed, roster)
    row["pool"] = len(in_reach)
    if not formed.members or formed.points is None:
        return row
    points, needs = formed.points, pool.call.needs
    levels = pool.levels_of(formed.team)
    coverage = cover(levels, needs)
    return row | {
        "lead": roster.ids[formed.members[0]],
        "objective": points.total,
        "bound": formed.bound,
        "gap": relative_gap(points.total, formed.bound),
        "sharing_loss": None if formed.own_best is None else formed.own_best - points.total,
        "quality": points.quality,
        "ties": points.ties,
        "distance": points.distance,
        "cost": float(roster.counted_cost_wan[formed.team].sum()),
        "coverage": coverage.share,
        "coverage_low": coverage.low,
        "coverage_high": coverage.high,
        "best_single": coverage.best_single,
        "amplification": coverage.amplification,
        "weakest": needs.capabilities[coverage.weakest],
        "capability_index": capability_index(levels, needs, fold=pool.call.fold),
        **_against_chance(formed, pool, in_reach),
        "next_member": _next_member(formed, pool, roster, in_reach),
    }


def _in_reach(formed: Formed, roster: Roster) -> Places:
    """Return those who may be members and hold a needed capability, at whatever level."""
    pool = formed.pool
    if pool is None:
        return np.empty(0, dtype=np.intp)
    return pool.holders[roster.may_join[pool.holders]]


def _against_chance(formed: Formed, pool: Pool, in_reach: Places) -> dict[str, float]:
    """Compare with a random set of the same size of all in reach."""
    meets = reaches(pool.levels_of(in_reach).counted, pool.call.needs.level)
    size = len(formed.members)
    if size > len(in_reach):
        return {}
    return {
        "random_expected": expected_coverage(meets, pool.call.needs.weight, size),
        "random_all": chance_of_random_set(meets, size).probability,
    }


def _next_member(formed: Formed, pool: Pool, roster: Roster, in_reach: Places) -> str | None:
    """Return who would add most to the consortium."""
    everybody = np.union1d(in_reach, formed.team).astype(np.intp)
    team = np.searchsorted(everybody, formed.team)
    price = roster.counted_cost_wan[everybody]
    best = best_next(pool.levels_of(everybody), pool.call.needs, team, price)
    return None if best < 0 else roster.ids[int(everybody[best])]


def member_rows(formed: Formed, roster: Roster) -> list[dict[str, Any]]:
    """Return the rows of ``members``."""
    pool = formed.pool
    if pool is None or not formed.members:
        return []
    needs, team = pool.call.needs, formed.team
    levels = pool.levels_of(team)
    coverage = cover(levels, needs)
    sure = reaches(levels.low, needs.level)
    cells = roster.table[team.tolist()].rows(named=True)
    return [
        {name: cell[name] for name in ("name", "name_en", "kind", "size", "site", "country")}
        | {
            "challenge": formed.challenge,
            "organisation": cell["id"],
            "is_lead": int(place) == formed.members[0],
            "is_outside": not bool(roster.in_zone[place]),
            "is_irreplaceable": bool(coverage.margin[i] > 0.0),
            "margin": float(coverage.margin[i]),
            "cost": cell["cost"],
            "capabilities": ";".join(needs.capabilities[k] for k in np.flatnonzero(sure[i])),
        }
        for i, (place, cell) in enumerate(zip(team, cells, strict=True))
    ]


def assignment_rows(formed: Formed, roster: Roster) -> list[dict[str, Any]]:
    """Return the rows of ``assignment``, without the evidence."""
    pool = formed.pool
    if pool is None or not formed.members:
        return []
    needs, team = pool.call.needs, formed.team
    levels = pool.levels_of(team)
    sure, possible = (reaches(array, needs.level) for array in (levels.low, levels.high))
    return [
        {
            "challenge": formed.challenge,
            "capability": needs.capabilities[k],
            "organisation": roster.ids[int(team[i])],
            "level": None if np.isnan(levels.point[i, k]) else float(levels.point[i, k]),
            "level_low": float(levels.low[i, k]),
            "level_high": float(levels.high[i, k]),
            "meets": "yes" if sure[i, k] else ("open" if possible[i, k] else "no"),
        }
        for i, k in np.argwhere(levels.high > 0.0)
    ]


def with_evidence(assignment: pl.DataFrame, holdings: Holdings) -> pl.DataFrame:
    """Fill in what supports each holding: its evidence, or else its source."""
    told = (
        holdings.rows.select(
            "organisation", "capability", evidence=pl.coalesce("evidence", "source")
        )
        .drop_nulls("evidence")
        .join(assignment, on=["organisation", "capability"], how="semi")
        .unique(["organisation", "capability", "evidence"])
        .sort("organisation", "capability", "evidence")
        .group_by("organisation", "capability", maintain_order=True)
        .agg(pl.col("evidence").str.join("; "))
    )
    columns = assignment.columns
    joined = assignment.drop("evidence").join(told, on=["organisation", "capability"], how="left",
                                              maintain_order="left")  # fmt: skip
    return joined.select(columns)


def with_teams(coverage: pl.DataFrame, formed: Sequence[Formed]) -> pl.DataFrame:
    """Fill in what each consortium holds of each need."""
    rows = [
        {
            "challenge": one.challenge,
            "capability": capability,
            "team_depth": int(held.depth[k]),
            "team_best": None if np.isnan(held.best[k]) else float(held.best[k]),
            "team_verdict": held.verdicts[k],
        }
        for one in formed
        if one.pool is not None and one.members
        for held in [_held(one, one.pool)]
        for k, capability in enumerate(one.pool.call.needs.capabilities)
    ]
    columns = ["challenge", "capability", "team_depth", "team_best", "team_verdict"]
    schema = {name: coverage.schema[name] for name in columns}
    teams = pl.DataFrame(rows, schema=schema)
    joined = coverage.drop(columns[2:]).join(teams, on=columns[:2], how="left",
                                             maintain_order="left")  # fmt: skip
    return joined.select(coverage.columns)


def _held(formed: Formed, pool: Pool) -> Coverage:
    return cover(pool.levels_of(formed.team), pool.call.needs)
