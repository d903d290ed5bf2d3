"""Why no consortium can be formed, in the words of the call.

Plain counts come first. Where each rule could be met alone, small integer programs over
classes of equal candidates (:mod:`jicheng.kernel.columns.relaxation`) tell the smallest
team, the smallest set of further rules that cannot be met together, or the largest share
of small firms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jicheng.errors import Fault, Text, fault
from jicheng.integrate.coverage import reaches
from jicheng.integrate.pool import Pool
from jicheng.integrate.roster import Roster
from jicheng.integrate.shared.locks import lock_text
from jicheng.kernel.columns.relaxation import SIZE, RuleSystem, rules_of
from jicheng.kernel.solver import Limits, Solution, Solver, SolveStatus
from jicheng.kernel.team_problem import SMALL_SHARE, TeamProblem
from jicheng.schema import choices

__all__ = ["Diagnosis", "diagnose", "kind_labels", "obvious_obstacles", "rule_text"]


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
        found.append(fault("E310", kinds=kind_labels(call.lead_kinds)))
    if problem.needs_research and not problem.is_research.any():
        found.append(fault("E311"))
    return tuple(found)


def kind_labels(kinds: Sequence[str]) -> Text:
    """Return the names of kinds of organisations as a list in words."""
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
    rules = rules_of(problem)
    system = RuleSystem(rules, problem.price)
    call = [rule.name for rule in rules if rule.name not in problem.rule_names]
    within = [name for name in call if name != SIZE]
    least = system.smallest_team(solver, limits, among=within)
    if least.status is not SolveStatus.OPTIMAL:
        return _failed(least)
    size = round(least.objective or 0.0)
    if size > problem.member_limit:
        return Diagnosis((fault("E312", limit=problem.member_limit, least=size),))
    conflict = system.conflict(solver, limits, given=call)
    if conflict.team:
        return Diagnosis(team=conflict.team)
    if not conflict.is_smallest:
        return Diagnosis((fault("E317", detail="-"),))
    if conflict.names == (SMALL_SHARE,):
        rule = problem.rule_weight[problem.rule_names.index(SMALL_SHARE)]
        counts = [
            system.most(SMALL_SHARE, members, solver, limits, among=call) / members
            for members in range(size, problem.member_limit + 1)
        ]
        share, most = -float(rule.min()), float(np.nanmax(counts))
        return Diagnosis((fault("E313", share=f"{share:.0%}", most=f"{most:.0%}"),))
    rules_text = Text(*(join.join(getattr(rule_text(name), language) for name in conflict.names)
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
