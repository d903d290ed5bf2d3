"""Which rules of a team cannot be met together, and the cheapest way to meet them.

Every rule of a team is one row over its members (:class:`~jicheng.kernel.team_problem.MemberRule`):
enough holders of a need, a lead, a research organisation, at most so many members, and the
further rules. Candidates whom no rule tells apart are one class, so that the programs are
small and exact whatever the number of candidates.

The smallest conflict is found by hitting sets: a conflict has a rule in common with every
set of rules whose loss makes the others possible. The fewest rules that hit all such sets
known so far either are a conflict, then the smallest, or leave another such set to be
found. Literature: Ignatiev, Previti, Liffiton and Marques-Silva 2015, Smallest MUS
Extraction with Minimal Hitting Set Dualization, CP 2015. The cheapest relaxation is an
elastic program: Chinneck 2008, Feasibility and Infeasibility in Optimization, ch. 6.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.program import MixedIntegerProgram, ProgramBuilder
from jicheng.kernel.solver import Limits, Solution, Solver, SolveStatus
from jicheng.kernel.team_problem import Floats, Indices, MemberRule, TeamProblem, least_rule

__all__ = [
    "LEAD",
    "RESEARCH",
    "SIZE",
    "Conflict",
    "Relaxation",
    "RuleSystem",
    "is_out_of_reach",
    "rules_of",
]

LEAD, RESEARCH, SIZE = "lead", "research", "size"
"""Names of the rules that every team has, besides ``need:0``, ``need:1`` and so on."""

_SLACK = 1e-9  # by which a rule may be missed, for rounding
_MEMBER = 1e-3  # cost of a member beside the weights of relaxed rules
_ROUNDS = 200  # sets of rules looked at for one conflict


def rules_of(team: TeamProblem) -> list[MemberRule]:
    """Return every rule of a team as a row over its members.

    Returns
    -------
    list of MemberRule
        ``need:k`` for each need, ``lead``, ``research`` (if asked), ``size``, then the
        further rules under their own names.
    """
    needs = [least_rule(f"need:{k}", team.holds[:, k], int(team.fold)) for k in range(team.n_needs)]
    research = [least_rule(RESEARCH, team.is_research)] if team.needs_research else []
    size = MemberRule(SIZE, -np.ones(team.n), -float(team.member_limit))
    further = zip(team.rule_names, team.rule_weight, team.rule_least, strict=True)
    return [
        *needs,
        least_rule(LEAD, team.lead_at >= 0),
        *research,
        size,
        *(MemberRule(name, weight, float(least)) for name, weight, least in further),
    ]


def is_out_of_reach(team: TeamProblem) -> bool:
    """Tell whether some rule cannot be met even alone, by counting; False proves nothing."""
    if not team.n:
        return True
    for rule in rules_of(team):
        best = np.sort(rule.weight)[::-1][: int(team.member_limit)]
        most = best[0] if best[0] < 0.0 else best[best > 0.0].sum()
        if most < rule.least - _SLACK and rule.name != SIZE:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rules that cannot be met together.

    Attributes
    ----------
    names : tuple of str
        In the order of the rules; empty if all can be met.
    is_smallest : bool
        Whether it is proved that no conflict has fewer rules. Without proof every rule
        of the set may still be needed, or not.
    team : tuple of int
        Candidates that obey every rule, if there is no conflict.
    """

    names: tuple[str, ...]
    is_smallest: bool
    team: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The cheapest way to make a team possible.

    Attributes
    ----------
    amounts : mapping of str to float
        By how much each rule that is relaxed is missed, in members.
    cost : float
        Sum of amounts times weights.
    team : tuple of int
        A smallest team that it makes possible (indices of candidates).
    """

    amounts: Mapping[str, float]
    cost: float
    team: tuple[int, ...]


class RuleSystem:
    """Rules over candidates, ready for questions.

    Parameters
    ----------
    rules : sequence of MemberRule
        Each with its own name and the weights of all candidates, shape (n,).
    preferred : ndarray of float64, shape (n,), optional
        Of equal candidates those with less come first in a team.
    """

    def __init__(self, rules: Sequence[MemberRule], preferred: Floats | None = None) -> None:
        self.names = tuple(rule.name for rule in rules)
        self._least = np.array([rule.least for rule in rules], dtype=np.float64)
        seen = np.column_stack([rule.weight for rule in rules])
        kinds, kind_of = np.unique(seen, axis=0, return_inverse=True)
        self._weight: Floats = kinds.T
        self._kind_of: Indices = kind_of.ravel()
        self._count = np.bincount(self._kind_of, minlength=len(kinds)).astype(np.float64)
        self._preferred = np.zeros(len(seen)) if preferred is None else preferred

    def smallest_team(
        self,
        solver: Solver,
        limits: Limits | None = None,
        *,
        among: Collection[str] | None = None,
        size: tuple[float, float] = (0.0, np.inf),
    ) -> Solution:
        """Find the fewest members that obey the named rules (default: all).

        Returns
        -------
        Solution
            Infeasible if the rules cannot be met with ``size[0]`` to ``size[1]``
            members; see :meth:`team_of`.
        """
        wanted = self.names if among is None else among
        builder, x = self._members(1.0, maximise=False)
        for g, name in enumerate(self.names):
            if name in wanted:
                builder.row(name, x, self._weight[g], lower=self._least[g] - _SLACK)
        builder.row("least and most", x, lower=size[0], upper=size[1])
        return solver.solve(builder.build(), limits=limits)

    def most(
        self,
        favoured: str,
        size: int,
        solver: Solver,
        limits: Limits | None = None,
        *,
        among: Collection[str],
    ) -> float:
        """Return how many of ``size`` members can have positive weight in a rule; nan = none."""
        g = self.names.index(favoured)
        builder, x = self._members((self._weight[g] > 0.0) * 1.0, maximise=True)
        for h, name in enumerate(self.names):
            if name in among:
                builder.row(name, x, self._weight[h], lower=self._least[h] - _SLACK)
        builder.row("least and most", x, lower=size, upper=size)
        answer = solver.solve(builder.build(), limits=limits)
        return float(answer.objective or 0.0) if answer.status is SolveStatus.OPTIMAL else np.nan

    def team_of(self, answer: Solution) -> tuple[int, ...]:
        """Return candidates in the numbers of an answer, the preferred of each class first."""
        if answer.values is None:
            return ()
        counts: NDArray[np.float64] = np.rint(answer.values[: len(self._count)])
        order = np.argsort(self._preferred, kind="stable")
        chosen: list[int] = []
        for kind in np.flatnonzero(counts > 0.0):
            same = order[self._kind_of[order] == kind]
            chosen += same[: int(counts[kind])].tolist()
        return tuple(sorted(chosen))

    def conflict(
        self, solver: Solver, limits: Limits | None = None, *, given: Collection[str] = ()
    ) -> Conflict:
        """Find the smallest set of rules that cannot be met together.

        Parameters
        ----------
        solver : Solver
            Worker for the programs.
        limits : Limits, optional
            Of each program.
        given : collection of str
            Rules that hold whatever happens and that are not named in the answer.

        Returns
        -------
        Conflict
            Without names if all rules can be met, or if those given cannot.
        """
        asked = [name for name in self.names if name not in given]
        if not len(self._kind_of):  # nobody at all: any rule that wants somebody
            wants = [n for n in asked if self._least[self.names.index(n)] > _SLACK]
            return Conflict(tuple(wants[:1]), is_smallest=True)
        losses: list[frozenset[str]] = []
        held: frozenset[str] = frozenset()
        for _ in range(_ROUNDS):
            answer = solver.solve(self._fewest_lost({*given, *held}), limits=limits)
            if answer.status is SolveStatus.INFEASIBLE:
                return Conflict(tuple(n for n in asked if n in held), is_smallest=True)
            lost = self._lost(answer)
            if answer.status is not SolveStatus.OPTIMAL:
                return Conflict(tuple(asked), is_smallest=False)
            if not lost:
                return Conflict((), is_smallest=True, team=self.team_of(answer))
            losses.append(lost)
            held = _hitting(asked, losses, solver, limits)
        return Conflict(tuple(asked), is_smallest=False)

    def _fewest_lost(self, held: Collection[str]) -> MixedIntegerProgram:
        """State: give up as few rules as possible, none of those held."""
        builder, x = self._members(_MEMBER / max(1.0, self._count.sum()), maximise=False)
        free = np.array([name not in held for name in self.names])
        lost = builder.columns(len(free), cost=1.0, upper=free * 1.0, integral=True)
        worst = np.minimum(0.0, self._weight) @ self._count
        for g, name in enumerate(self.names):
            reach = max(0.0, float(self._least[g] - worst[g]))
            builder.row(
                name, [*x, lost[g]], [*self._weight[g], reach], lower=self._least[g] - _SLACK
            )
        builder.row("somebody", x, lower=1.0)
        return builder.build()

    def _lost(self, answer: Solution) -> frozenset[str]:
        if answer.values is None:
            return frozenset()
        given_up = answer.values[len(self._count) :] > 0.5
        return frozenset(self.names[g] for g in np.flatnonzero(given_up))

    def cheapest_relaxation(
        self, weights: Mapping[str, float], solver: Solver, limits: Limits | None = None
    ) -> Relaxation | None:
        """Find which rules to relax, and by how much, so that there is a team.

        Parameters
        ----------
        weights : mapping of str to float
            Cost of missing each rule by one member; rules that are absent must hold.
        solver : Solver
            Worker for the program.
        limits : Limits, optional
            Of the program.

        Returns
        -------
        Relaxation or None
            None if there is no team even so, or if the solver had no answer.
        """
        builder, x = self._members(_MEMBER * min([1.0, *weights.values()]), maximise=False)
        cost = np.array([weights.get(name, 0.0) for name in self.names])
        may = np.array([np.inf if name in weights else 0.0 for name in self.names])
        missed = builder.columns(len(cost), cost=cost, upper=may)
        for g, name in enumerate(self.names):
            row = [*self._weight[g], 1.0]
            builder.row(name, [*x, missed[g]], row, lower=self._least[g] - _SLACK)
        builder.row("somebody", x, lower=1.0)
        answer = solver.solve(builder.build(), limits=limits)
        if answer.values is None:
            return None
        short = answer.values[len(self._count) :]
        amounts = {self.names[g]: float(short[g].round(6)) for g in np.flatnonzero(short > 1e-6)}
        return Relaxation(amounts, float(cost @ short), self.team_of(answer))

    def _members(
        self, cost: Floats | float, *, maximise: bool
    ) -> tuple[ProgramBuilder, NDArray[np.intp]]:
        builder = ProgramBuilder(maximise=maximise)
        x = builder.columns(len(self._count), cost=cost, upper=self._count, integral=True)
        return builder, x


def _hitting(
    names: Sequence[str], losses: Sequence[frozenset[str]], solver: Solver, limits: Limits | None
) -> frozenset[str]:
    """Return the fewest names that have one in common with every set; earlier ones first."""
    builder = ProgramBuilder()
    cost = 1.0 + 1e-4 * np.arange(len(names)) / max(1, len(names)) ** 2
    x = builder.columns(len(names), cost=cost, upper=1.0, integral=True)
    for number, lost in enumerate(losses):
        inside = [x[i] for i, name in enumerate(names) if name in lost]
        builder.row(f"loss {number}", inside, lower=1.0)
    answer = solver.solve(builder.build(), limits=limits)
    if answer.values is None:
        return frozenset(names)
    return frozenset(name for i, name in enumerate(names) if answer.values[i] > 0.5)
