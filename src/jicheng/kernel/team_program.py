"""The team problem as mixed-integer programs, one per lead location.

With the location fixed the distance is a cost of each member, which is stronger than
one program with a distance variable and a large constant per location. Columns: x_i
(member, binary), a_ik <= x_i (counts for need k; whole by itself, since the best
count), z_e <= both sides of tie e (whole by itself, since points are >= 0).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jicheng.kernel.program import MixedIntegerProgram, ProgramBuilder
from jicheng.kernel.solver import Limits, Solver, SolveStatus, StoppedBy
from jicheng.kernel.team_branch import TOLERANCE, TeamSolution, open_roots
from jicheng.kernel.team_problem import TeamProblem

__all__ = ["best_team_by_program", "location_program"]


def location_program(problem: TeamProblem, location: int) -> MixedIntegerProgram:
    """State the best team led from a location; the first n columns are the members."""
    n, s = problem.gain.shape
    builder = ProgramBuilder(maximise=True)
    cost = -problem.price - problem.distance[location]
    member = builder.columns(n, cost=cost, upper=1, integral=True)
    who, need = np.nonzero(problem.holds)
    counts = builder.columns(len(who), cost=problem.gain[who, need], upper=1)
    tied = builder.columns(len(problem.ties.points), cost=problem.ties.points, upper=1)
    _at_most(builder, counts, member[who])
    _at_most(builder, tied, member[problem.ties.a])
    _at_most(builder, tied, member[problem.ties.b])
    builder.rows([f"need:{k}" for k in range(s)], need, counts,
                 lower=problem.fold, upper=problem.fold)  # fmt: skip
    builder.row("size", member, upper=problem.member_limit)
    builder.row("lead", member[problem.lead_at == location], lower=1)
    if problem.needs_research:
        builder.row("research", member[problem.is_research], lower=1)
    for name, weight, least in zip(
        problem.rule_names, problem.rule_weight, problem.rule_least, strict=True
    ):
        builder.row(f"rule:{name}", member, weight, lower=float(least) - 1e-9)
    return builder.build()


def _at_most(builder: ProgramBuilder, left: np.ndarray, right: np.ndarray) -> None:
    """Add the rows left <= right, column by column."""
    row = np.arange(len(left))
    builder.rows(
        len(left), np.concatenate([row, row]), np.concatenate([left, right]),
        np.repeat([1.0, -1.0], len(left)), upper=0,
    )  # fmt: skip


def best_team_by_program(
    problem: TeamProblem,
    solver: Solver,
    *,
    start: Sequence[int] = (),
    limits: Limits | None = None,
) -> TeamSolution:
    """Find the most valuable team by one program per lead location still open.

    The same answer as :func:`jicheng.kernel.team_branch.best_team` by independent
    means, for checks and audits; slower where ties are dense.

    Parameters
    ----------
    problem : TeamProblem
        At least one candidate.
    solver : Solver
        Worker that solves the programs.
    start : sequence of int
        A team to start from, if one is known.
    limits : Limits, optional
        Of each program.
    """
    first, roots = open_roots(problem, start=start)
    members, value, open_bound, nodes = first.members, first.value, -np.inf, 0
    is_cut = False
    for root in roots:
        threshold = value + TOLERANCE * max(1.0, abs(value)) if members else -np.inf
        if root.bound <= threshold:
            continue
        left = problem.kept(root.candidates)
        answer = solver.solve(location_program(left, root.location), limits=limits)
        nodes += answer.nodes
        is_cut |= answer.stopped_by in (StoppedBy.WALL_CLOCK, StoppedBy.KILLED, StoppedBy.MEMORY)
        if answer.status is not SolveStatus.INFEASIBLE:
            bound = root.bound if answer.bound is None else min(root.bound, answer.bound)
            open_bound = max(open_bound, bound)
        if answer.values is not None and (answer.objective or 0.0) > threshold:
            team = root.candidates[np.flatnonzero(answer.values[: left.n] > 0.5)]
            members = tuple(int(i) for i in team)
            value = problem.points_of(team, root.location).total
    is_proved = bool(members) and open_bound <= value + 1e-6 * max(1.0, abs(value))
    return TeamSolution(
        members, value, max(value, open_bound), is_proved, nodes, first.work, is_cut
    )
