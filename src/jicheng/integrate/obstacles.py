"""Why no consortium can be formed, in the words of the call.

Plain counts come first. Where each rule could be met alone, small integer programs over
classes of equal candidates (the needs they hold, whether they may lead, are research
organisations, count in a further rule) tell the smallest team, a smallest set of further
rules that cannot be met together, or the largest share of small firms. They are exact:
who is in a class makes no difference to the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, Text, fault
from jicheng.integrate.coverage import reaches
from jicheng.integrate.pool import Pool
from jicheng.integrate.roster import Roster
from jicheng.integrate.shared.locks import lock_text
from jicheng.kernel.program import MixedIntegerProgram, ProgramBuilder
from jicheng.kernel.solver import Limits, Solution, Solver, SolveStatus
from jicheng.kernel.team_problem import SMALL_SHARE, TeamProblem
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
        E312, E313 with the closest that can be reached or E318 with the further rules
        that cannot be met together; E317 if the worker failed.
    """
    search = _Search(_Classes(problem), solver, limits)
    least = search.smallest(())
    if least.status is not SolveStatus.OPTIMAL:
        return _failed(least)
    size = round(least.objective or 0.0)
    if size > problem.member_limit:
        return Diagnosis((fault("E312", limit=problem.member_limit, least=size),))
    rules = range(len(problem.rule_names))
    answer = search.smallest(rules, limit=problem.member_limit)
    if answer.status is SolveStatus.OPTIMAL:
        return Diagnosis(team=search.classes.team(answer))
    if answer.status is not SolveStatus.INFEASIBLE:
        return _failed(answer)
    together = search.clash(rules, problem.member_limit)
    names = tuple(problem.rule_names[g] for g in together)
    if names == (SMALL_SHARE,):
        share = -float(problem.rule_weight[together[0]].min())
        most = search.largest_share(together[0], size, problem.member_limit)
        return Diagnosis((fault("E313", share=f"{share:.0%}", most=f"{most:.0%}"),))
    rules_text = Text(*(join.join(getattr(rule_text(name), language) for name in names)
                        for language, join in (("zh", "、"), ("en", ", "))))  # fmt: skip
    return Diagnosis((fault("E318", rules=rules_text),))


def rule_text(name: str) -> Text:
    """Return what a further rule is called in messages."""
    if name == SMALL_SHARE:
        return Text("中小微企业占比", "small-firm share")
    return lock_text(name)


def _failed(solution: Solution) -> Diagnosis:
    detail = solution.stopped_by or solution.message or solution.status
    return Diagnosis((fault("E317", detail=str(detail)),))


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Questions to the programs."""

    classes: _Classes
    solver: Solver
    limits: Limits

    def smallest(self, rules: Iterable[int], limit: float = np.inf) -> Solution:
        """Find the smallest team of at most ``limit`` members under some further rules."""
        program = self.classes.program(rules, most=limit)
        return self.solver.solve(program, limits=self.limits)

    def clash(self, rules: Iterable[int], limit: int) -> list[int]:
        """Drop rules one by one while the rest cannot be met together (deletion filter)."""
        left = list(rules)
        for g in list(left):
            rest = [h for h in left if h != g]
            if self.smallest(rest, limit).status is SolveStatus.INFEASIBLE:
                left = rest
        return left

    def largest_share(self, rule: int, size: int, limit: int) -> float:
        """Return the largest share of small firms that a team can reach."""
        most = 0.0
        for members in range(size, limit + 1):
            program = self.classes.program((), least=members, most=members, favour=rule)
            answer = self.solver.solve(program, limits=self.limits)
            if answer.status is SolveStatus.OPTIMAL:
                most = max(most, (answer.objective or 0.0) / members)
        return most


class _Classes:
    """Candidates grouped by what the rules see of them."""

    def __init__(self, problem: TeamProblem) -> None:
        self._problem = problem
        seen = np.column_stack(
            [problem.holds, problem.lead_at >= 0, problem.is_research, problem.rule_rows]
        )
        self._kinds, self._of = np.unique(seen, axis=0, return_inverse=True)
        self._size = np.bincount(self._of.ravel(), minlength=len(self._kinds)).astype(np.float64)

    def program(
        self,
        rules: Iterable[int],
        *,
        least: float = 0.0,
        most: float = np.inf,
        favour: int | None = None,
    ) -> MixedIntegerProgram:
        """State the smallest team, or the one with most members who count in a share."""
        n, problem = len(self._size), self._problem
        has, weight = self._kinds > 0.0, self._kinds[:, problem.n_needs + 2 :]
        builder = ProgramBuilder(maximise=favour is not None)
        cost = 1.0 if favour is None else (weight[:, favour] > 0.0).astype(np.float64)
        x = builder.columns(n, cost=cost, upper=self._size, integral=True)
        for k in range(problem.n_needs):
            builder.row(f"need:{k}", x[has[:, k]], lower=problem.fold)
        builder.row("lead", x[has[:, problem.n_needs]], lower=1)
        if problem.needs_research:
            builder.row("research", x[has[:, problem.n_needs + 1]], lower=1)
        for g in rules:
            builder.row(f"rule:{g}", x, weight[:, g], lower=problem.rule_least[g] - 1e-9)
        builder.row("size", x, lower=least, upper=most)
        return builder.build()

    def team(self, answer: Solution) -> tuple[int, ...]:
        """Return the cheapest candidates of each class in the numbers of the answer."""
        counts: NDArray[np.float64] = np.rint(answer.values if answer.values is not None else 0)
        order = np.argsort(self._problem.price, kind="stable")
        chosen = []
        for kind, count in enumerate(counts.tolist()):
            chosen += [int(i) for i in order if self._of.ravel()[i] == kind][: int(count)]
        return tuple(sorted(chosen))
