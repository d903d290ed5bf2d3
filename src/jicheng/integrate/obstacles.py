"""Why no consortium can be formed, in the words of the call.

Plain counts come first. Where each rule could be met alone, two small integer programs
over classes of equal candidates (the needs they hold, whether they may lead, are
research organisations, are small) tell the smallest team, or the largest share of
small firms. They are exact: who is in a class makes no difference to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, Text, fault
from jicheng.integrate.coverage import reaches
from jicheng.integrate.pool import Pool
from jicheng.integrate.roster import Roster
from jicheng.kernel.program import MixedIntegerProgram, ProgramBuilder
from jicheng.kernel.solver import Limits, Solution, Solver, SolveStatus
from jicheng.kernel.team_problem import TeamProblem
from jicheng.schema import choices

__all__ = ["Diagnosis", "diagnose", "obvious_obstacles"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Obstacles, or a team that obeys every rule (indices of candidates)."""

    obstacles: tuple[Fault, ...] = ()
    team: tuple[int, ...] = ()


def obvious_obstacles(pool: Pool, roster: Roster, names: Mapping[str, Text]) -> tuple[Fault, ...]:
    """Return every rule that cannot be met even alone.

    Parameters
    ----------
    pool : Pool
        Candidates of a challenge.
    roster : Roster
        Organisations of the zone.
    names : mapping of str to Text
        Names of capabilities, by id.

    Returns
    -------
    tuple of Fault
        E308-E311.
    """
    problem, call = pool.problem, pool.call
    found = _scarce(pool, roster, names)
    if not problem.n:
        return (fault("E308"), *found)
    if not problem.locations:
        found.append(fault("E310", kinds=_labels(call.lead_kinds)))
    if problem.needs_research and not problem.is_research.any():
        found.append(fault("E311"))
    return tuple(found)


def _labels(kinds: Sequence[str]) -> Text:
    labels = {choice.value: choice.label for choice in choices()["organisation_kind"]}
    known = [labels.get(kind, Text(kind, kind)) for kind in kinds]
    return Text("、".join(one.zh for one in known), ", ".join(one.en.lower() for one in known))


def _scarce(pool: Pool, roster: Roster, names: Mapping[str, Text]) -> list[Fault]:
    """Name the capabilities that too few in reach hold."""
    needs = pool.call.needs
    sure, possible = (reaches(x, needs.level) for x in (pool.levels.low, pool.levels.high))
    within = roster.may_join[pool.holders]
    held = (sure & within[:, None]).sum(axis=0)
    is_open = (possible & ~sure & within[:, None]).sum(axis=0)
    outside = (sure & ~within[:, None]).sum(axis=0)
    return [
        fault(
            "E309",
            capability=names[needs.capabilities[k]],
            fold=pool.call.fold,
            held=int(held[k]),
            open=int(is_open[k]),
            outside=int(outside[k]),
        )
        for k in np.flatnonzero(held < pool.call.fold)
    ]


def diagnose(problem: TeamProblem, solver: Solver, limits: Limits) -> Diagnosis:
    """Find a team that obeys every rule, or tell why there is none.

    Parameters
    ----------
    problem : TeamProblem
        Each rule can be met alone (see :func:`obvious_obstacles`).
    solver : Solver
        Worker for the programs.
    limits : Limits
        Of each program.

    Returns
    -------
    Diagnosis
        E312 or E313 with the closest that can be reached; E317 if the worker failed.
    """
    classes = _Classes(problem)
    least = solver.solve(classes.program(members=None), limits=limits)
    if least.status is not SolveStatus.OPTIMAL:
        return _failed(least)
    size = round(least.objective or 0.0)
    if size > problem.member_limit:
        return Diagnosis((fault("E312", limit=problem.member_limit, least=size),))
    if problem.small_share <= 0.0:
        return Diagnosis(team=classes.team(least))
    best, most = least, 0.0
    for members in range(size, problem.member_limit + 1):
        answer = solver.solve(classes.program(members=members), limits=limits)
        if answer.status is SolveStatus.OPTIMAL and (answer.objective or 0.0) / members > most:
            best, most = answer, (answer.objective or 0.0) / members
    if most < problem.small_share - 1e-9:
        share, reached = f"{problem.small_share:.0%}", f"{most:.0%}"
        return Diagnosis((fault("E313", share=share, most=reached),))
    return Diagnosis(team=classes.team(best))


def _failed(solution: Solution) -> Diagnosis:
    detail = solution.stopped_by or solution.message or solution.status
    return Diagnosis((fault("E317", detail=str(detail)),))


class _Classes:
    """Candidates grouped by what the rules see of them."""

    def __init__(self, problem: TeamProblem) -> None:
        self._problem = problem
        seen = np.column_stack(
            [problem.holds, problem.lead_at >= 0, problem.is_research, problem.is_small]
        )
        self._kinds, self._of = np.unique(seen, axis=0, return_inverse=True)
        self._size = np.bincount(self._of.ravel(), minlength=len(self._kinds)).astype(np.float64)

    def program(self, members: int | None) -> MixedIntegerProgram:
        """State the smallest team (None), or the most small firms among so many members."""
        n, problem = len(self._size), self._problem
        is_small = self._kinds[:, -1]
        builder = ProgramBuilder(maximise=members is not None)
        cost = 1.0 if members is None else is_small.astype(np.float64)
        x = builder.columns(n, cost=cost, upper=self._size, integral=True)
        for k in range(problem.n_needs):
            builder.row(f"need:{k}", x[self._kinds[:, k]], lower=problem.fold)
        builder.row("lead", x[self._kinds[:, problem.n_needs]], lower=1)
        if problem.needs_research:
            builder.row("research", x[self._kinds[:, problem.n_needs + 1]], lower=1)
        if members is not None:
            builder.row("size", x, lower=members, upper=members)
        return builder.build()

    def team(self, answer: Solution) -> tuple[int, ...]:
        """Return the cheapest candidates of each class in the numbers of the answer."""
        counts: NDArray[np.float64] = np.rint(answer.values if answer.values is not None else 0)
        order = np.argsort(self._problem.price, kind="stable")
        chosen = []
        for kind, count in enumerate(counts.tolist()):
            chosen += [int(i) for i in order if self._of.ravel()[i] == kind][: int(count)]
        return tuple(sorted(chosen))
