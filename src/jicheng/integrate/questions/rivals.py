"""Rival consortia for parallel awards: who else could start on a challenge.

A challenge that may fund k teams up to its first gate gets up to k - 1 further consortia
under the same rules and locks: each the best of those that share the fewest members with
the plan's consortium and the rivals before it. Every team takes a place of its members'
capacity and of the limits of groups, beside all consortia of the plan and the rivals of
challenges before it, so that all races could run at once. Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import priced_team, solving
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.team_tables import (
    Formed,
    assignment_rows,
    frame_of,
    member_rows,
    with_evidence,
)
from jicheng.kernel.columns.near_optimal import most_apart_team
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_problem import MemberRule

__all__ = ["RIVALS", "RivalConsortia", "rival_consortia"]

RIVALS = ("rival_members", "rival_assignment")
"""Plan tables of :class:`RivalConsortia`."""

Indices = NDArray[np.int64]
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class RivalConsortia:
    """Further consortia of the challenges that may fund several teams.

    Attributes
    ----------
    tables : dict of str to polars.DataFrame
        Plan tables :data:`RIVALS`.
    warnings : tuple of Fault
        E367 for rivals that share members, E368 for challenges with too few rivals.
    """

    tables: dict[str, pl.DataFrame]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Rival:
    """A further consortium; ``shared`` are its members in an earlier team of the race."""

    formed: Formed
    rank: int
    shared: frozenset[str]


def rival_consortia(
    staffing: Staffing,
    challenges: pl.DataFrame,
    settings: QuestionSettings | None = None,
    *,
    solver: Solver | None = None,
) -> RivalConsortia:
    """Find rivals for the consortia of challenges that may fund several teams.

    Parameters
    ----------
    staffing : Staffing
        The plan. A signed consortium has no rivals.
    challenges : polars.DataFrame
        Plan table of this name; ``parallel_teams`` says how many may start.
    settings : QuestionSettings, optional
        ``question_work_limit`` of each search.
    solver : Solver, optional
        Default: one of its own.
    """
    settings = settings or QuestionSettings()
    asked = challenges.filter(
        (pl.col("parallel_teams") > 1) & pl.col("challenge").is_in(staffing.challenges)
    ).sort("challenge")
    found: list[_Rival] = []
    few: list[str] = []
    load = staffing.load()
    if not asked.is_empty():
        with solving(solver) as worker:
            for challenge, teams in asked.select("challenge", "parallel_teams").iter_rows():
                if staffing.column_of(challenge) < 0:
                    continue
                rivals, load = _rivals(staffing, challenge, teams - 1, load, settings, worker)
                found += rivals
                if 0 < len(rivals) < teams - 1:
                    few.append(f"{challenge}: {len(rivals)}/{teams - 1}")
    return RivalConsortia(_tables(staffing, found), tuple(_told(found, few)))


def _rivals(
    staffing: Staffing,
    challenge: str,
    count: int,
    load: Indices,
    settings: QuestionSettings,
    solver: Solver,
) -> tuple[list[_Rival], Indices]:
    """Return the rivals of one consortium, and the load with them; fewer if places run out."""
    c = staffing.index[challenge]
    team, who, _ = priced_team(staffing, c)
    own = staffing.columns.members_of(staffing.column_of(challenge))
    teams = [own]
    rivals: list[_Rival] = []
    while len(rivals) < count:
        able = team.with_rules(*_places_left(staffing, who, load))
        earlier = [np.searchsorted(who, members) for members in teams]
        rival = most_apart_team(able, earlier, solver, work_limit=settings.work_limit)
        if rival is None:
            break
        members = who[rival.members]
        shared = np.intersect1d(members, np.concatenate(teams))
        names = frozenset(staffing.roster.ids[o] for o in shared)
        rivals.append(_Rival(_formed(staffing, c, members), len(rivals) + 1, names))
        teams.append(members)
        load = load + np.bincount(members, minlength=len(load))
    return rivals, load


def _places_left(staffing: Staffing, who: Indices, load: Indices) -> Iterator[MemberRule]:
    """Yield the rules that keep capacity and the limits of groups beside all other teams."""
    problem = staffing.problem
    is_full = problem.capacity[who] - load[who] < 1.0
    yield MemberRule("full", -is_full.astype(np.float64), 0.0)
    left = problem.limits - load @ problem.member_use
    for r in range(problem.n_resources):
        yield MemberRule(f"limit {r}", -problem.member_use[who, r], -float(left[r]))


def _formed(staffing: Staffing, c: int, members: Indices) -> Formed:
    """Return a rival as a consortium, its lead first."""
    lead = int(ColumnPool.of(staffing.problem, [(c, members)]).lead[0])
    places = (lead, *(o for o in members.tolist() if o != lead))
    return Formed(staffing.challenges[c], "feasible", pool=staffing.pools[c], members=places)


def _tables(staffing: Staffing, found: list[_Rival]) -> dict[str, pl.DataFrame]:
    roster = staffing.roster
    members: list[Row] = [
        row | {"rank": one.rank, "is_shared": row["organisation"] in one.shared}
        for one in found
        for row in member_rows(one.formed, roster)
    ]
    held: list[Row] = [
        row | {"rank": one.rank} for one in found for row in assignment_rows(one.formed, roster)
    ]
    assignment = with_evidence(frame_of("rival_assignment", held), staffing.holdings)
    return {"rival_members": frame_of("rival_members", members), "rival_assignment": assignment}


def _told(found: list[_Rival], few: list[str]) -> Iterator[Fault]:
    alike = [
        f"{one.formed.challenge} #{one.rank}: {len(one.shared)}" for one in found if one.shared
    ]
    for code, named in (("E367", alike), ("E368", few)):
        if named:
            yield fault(code, is_warning=True, count=len(named), ids=", ".join(named[:5]))
