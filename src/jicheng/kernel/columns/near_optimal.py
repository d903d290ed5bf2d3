"""Good plans and teams that differ from those chosen.

Near the best there is room: many plans are worth almost as much. One question is how
different a plan can be that loses no more than a given share of the value: the master
with the row "loss <= allowed" and the number of members exchanged as its objective
(modelling to generate alternatives: Brill, Chang and Hopkins 1982, Management Science
28:3; DeCarolis 2011, Energy Economics 33:2). The other is which teams of one challenge
come next: the best team again, with rules that send some of the known members away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.columns.master import Choice, choose
from jicheng.kernel.columns.pool import PARTS, ColumnPool
from jicheng.kernel.columns.problem import SharedProblem
from jicheng.kernel.columns.relaxation import RuleSystem, is_out_of_reach, rules_of
from jicheng.kernel.solver import Limits, Solver, SolveStatus
from jicheng.kernel.team_branch import TeamSolution, best_team
from jicheng.kernel.team_problem import Floats, Indices, MemberRule, TeamProblem, least_rule

__all__ = [
    "Rival",
    "different_plan",
    "exchanged",
    "most_apart_team",
    "next_best_team",
    "plan_with",
    "rival_teams",
]

_QUALITY = PARTS.index("quality")
_QUICK = 2_000_000  # operations after which a search that found no team asks whether there is one


def exchanged(members: Indices, others: Indices) -> int:
    """Return how many members must be exchanged to turn one team into another."""
    return max(len(np.setdiff1d(members, others)), len(np.setdiff1d(others, members)))


def different_plan(
    problem: SharedProblem,
    pool: ColumnPool,
    plans: Sequence[Indices],
    loss: float,
    solver: Solver,
    limits: Limits | None = None,
) -> Choice:
    """Choose the plan that differs most from known ones and is worth almost as much.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    pool : ColumnPool
        Columns to choose from; valued under ``problem``.
    plans : sequence of ndarray of int64
        Columns of each known plan; the loss is counted from the first.
    loss : float
        Points that the plan may lose, >= 0.
    solver : Solver
        In a process of its own.
    limits : Limits, optional
        Of the solver.

    Returns
    -------
    Choice
        It staffs every challenge that the first plan staffs. ``value`` is the number of
        members exchanged (:func:`exchanged`), summed over the challenges that both plans
        staff and over the known plans; ``bound`` bounds it for every such plan of these
        columns.
    """
    change = np.zeros(len(pool))
    for plan in plans:
        change += _changes(pool, plan)
    staffed = pool.challenge[plans[0]]
    known = np.zeros(problem.n_challenges)
    known[staffed] = pool.value[plans[0]]
    mandatory = problem.mandatory.copy()
    mandatory[staffed] = True
    asked = replace(
        problem,
        fixed_use=np.column_stack([problem.fixed_use, np.zeros(problem.n_challenges)]),
        member_use=np.column_stack([problem.member_use, np.zeros(problem.n_organisations)]),
        limits=np.append(problem.limits, loss),
        mandatory=mandatory,
        resource_names=(*problem.resource_names, "loss"),
    )
    parts = np.zeros_like(pool.parts)
    parts[:, _QUALITY] = change
    lost = known[pool.challenge] - pool.value
    counted = replace(pool, parts=parts, use=np.column_stack([pool.use, lost]))
    return choose(asked, counted, solver, start=np.sort(plans[0]), limits=limits)


def _changes(pool: ColumnPool, plan: Indices) -> Floats:
    """Return for each column the members exchanged against the plan's of its challenge."""
    change = np.zeros(len(pool))
    for j in plan.tolist():
        is_member = np.zeros(int(pool.member.max(initial=0)) + 1)
        is_member[pool.members_of(j)] = 1.0
        mine = pool.challenge == pool.challenge[j]
        kept = pool.total_over_members(is_member)[mine]
        change[mine] += np.maximum(pool.size[mine], pool.size[j]) - kept
    return change


def plan_with(
    problem: SharedProblem,
    pool: ColumnPool,
    chosen: Indices,
    column: int,
    solver: Solver,
    limits: Limits | None = None,
) -> Choice:
    """Choose the best plan of these columns that contains a given one.

    Parameters
    ----------
    problem, pool
        What is shared, and the columns.
    chosen : ndarray of int64
        Columns of the plan as it is: where the choice starts.
    column : int
        The column that must be taken.
    solver, limits
        As for :func:`jicheng.kernel.columns.master.choose`.

    Returns
    -------
    Choice
        In terms of ``pool``; not feasible if no plan contains the column.
    """
    challenge = pool.challenge[column]
    mandatory = problem.mandatory.copy()
    mandatory[challenge] = True
    places = np.flatnonzero((pool.challenge != challenge) | (np.arange(len(pool)) == column))
    start = np.flatnonzero(np.isin(places, [*chosen.tolist(), column]))
    choice = choose(
        replace(problem, mandatory=mandatory), pool.kept(places), solver,
        start=start, limits=limits,
    )  # fmt: skip
    return replace(choice, chosen=np.sort(places[choice.chosen]))


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """Another team of a challenge.

    Attributes
    ----------
    members : ndarray of int64
        Candidates, ascending.
    value : float
        Points at the prices of the problem.
    bound : float
        No team that differs as asked is worth more.
    is_proved : bool
        Whether the two are equal.
    """

    members: Indices
    value: float
    bound: float
    is_proved: bool


def next_best_team(
    team: TeamProblem, known: Indices, solver: Solver, *, work_limit: int = 50_000_000
) -> Rival | None:
    """Find the best team that is not exactly the known one.

    Parameters
    ----------
    team : TeamProblem
        One challenge, at the prices that shall hold.
    known : ndarray of int64
        Candidates in the known team.
    solver : Solver
        Worker for the program that tells whether there is any such team.
    work_limit : int
        Of each of the two searches [operations]: one without some known member, one
        with all of them and others.

    Returns
    -------
    Rival or None
        None if there is no other team.
    """
    inside = np.isin(np.arange(team.n), known)
    without = MemberRule("some leave", -inside.astype(np.float64), -(len(known) - 1.0))
    everybody = least_rule("all stay", inside, len(known))
    more = least_rule("more", np.ones(team.n, dtype=np.bool_), len(known) + 1)
    found = [
        _best(team.with_rules(*rules), solver, work_limit)
        for rules in ((without,), (everybody, more))
    ]
    return _rival(found)


def rival_teams(
    team: TeamProblem,
    known: Indices,
    solver: Solver,
    *,
    count: int,
    leaving: int,
    work_limit: int = 50_000_000,
) -> list[Rival]:
    """Find the best teams that differ, each from the known one and from those before it.

    Parameters
    ----------
    team : TeamProblem
        One challenge, at the prices that shall hold.
    known : ndarray of int64
        Candidates in the known team.
    solver : Solver
        Worker for the programs that tell whether there is any further team.
    count : int
        Most teams.
    leaving : int
        Members of each earlier team that must not be in a later one (of smaller
        teams: all).
    work_limit : int
        Of each search [operations].

    Returns
    -------
    list of Rival
        Best first, if all are proved.
    """
    rules: list[MemberRule] = []
    rivals: list[Rival] = []
    latest = known
    for place in range(count):
        inside = np.isin(np.arange(team.n), latest).astype(np.float64)
        rules.append(MemberRule(f"other {place}", -inside, -float(max(0, len(latest) - leaving))))
        rival = _rival([_best(team.with_rules(*rules), solver, work_limit)])
        if rival is None:
            break
        rivals.append(rival)
        latest = rival.members
    return rivals


def most_apart_team(
    team: TeamProblem,
    earlier: Sequence[Indices],
    solver: Solver,
    *,
    work_limit: int = 50_000_000,
) -> Rival | None:
    """Find the best of the teams that share the fewest members with earlier ones.

    Parameters
    ----------
    team, solver, work_limit
        As for :func:`rival_teams`.
    earlier : sequence of ndarray of int64
        Candidates in each earlier team; the team found lacks at least one of each.

    Returns
    -------
    Rival or None
        None if there is no other team.
    """
    teams = [np.isin(np.arange(team.n), members) for members in earlier]
    other = [
        MemberRule(f"other {place}", -inside.astype(np.float64), -(float(inside.sum()) - 1.0))
        for place, inside in enumerate(teams)
    ]
    differing = team.with_rules(*other)
    taken = np.any(teams, axis=0)
    for shared in range(int(taken.sum()) + 1):
        few = MemberRule("few shared", -taken.astype(np.float64), -float(shared))
        rival = _rival([_best(differing.with_rules(few), solver, work_limit)])
        if rival is not None:
            return rival
    return None


def _best(team: TeamProblem, solver: Solver, work_limit: int) -> TeamSolution | None:
    """Find the best team; None if there is none.

    A search that has no team to compare with looks at everything: so where a short one
    finds none, a program tells whether there is any, and which.
    """
    if is_out_of_reach(team):
        return None
    quick = best_team(team, work_limit=min(_QUICK, work_limit))
    if quick.is_proved:
        return quick
    start = quick.members
    if not start:
        system = RuleSystem(rules_of(team), team.price)
        answer = system.smallest_team(solver)
        if answer.status is SolveStatus.INFEASIBLE:
            return None
        start = system.team_of(answer)
    return best_team(team, start=start, work_limit=work_limit)


def _rival(found: Sequence[TeamSolution | None]) -> Rival | None:
    tried = [one for one in found if one is not None]
    teams = [one for one in tried if one.members]
    if not teams:
        return None
    best = max(teams, key=lambda one: one.value)
    bound = max(best.value, *(one.bound for one in tried))
    members: NDArray[np.int64] = np.array(best.members, dtype=np.int64)
    is_proved = bound <= best.value + 1e-6 * max(1.0, abs(best.value))
    return Rival(members, best.value, bound, is_proved)
