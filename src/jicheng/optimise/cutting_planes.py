"""The integer program on draws, solved by cutting planes: the best set and its bound.

Written out, the program of :mod:`jicheng.kernel.envelope` has a row for every arrow of
the chain in every scenario on every draw: millions. But its value is concave in x, so
it is enough to know linear functions above it, and to ask for one more where the
present ones are too generous (Kelley 1960; Benders 1962):

    max  sum_c share_c additive_c x_c + sum_w pi_w theta_w      share_c of draws succeed
    s.t. theta_w <= constant + slopes @ x                       for the cuts found so far
         the purses' rows; required challenges; x binary

Each solve bounds the value of every feasible set on all draws; where it lands, the true
value is computed, and a cut is added that is exact there. At first x is left
fractional, which brings most of the bound at little cost; there cuts are taken between
a point inside and where the program lands (in-out separation, Ben-Ameur and Neto 2007).
Work is limited by counts, so that the same input gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.envelope import Envelope, Slope
from jicheng.kernel.solver import Limits, ProgramBuilder, Solution, StoppedBy, solve
from jicheng.optimise.local_search import improve, start_set
from jicheng.optimise.problem import Choice, Problem

__all__ = ["CuttingPlanes"]

_CLOSE = 1e-9  # cuts violated by less are not added; theta is a share of final output
_ROUNDING = 1e-6  # relative, of the solver
_COARSE, _SHARPER = 0.01, 0.2  # gap of the first program; of later ones, against the open gap
_NODES = 10_000
_DEADLINE_S = 120.0
_FLAT = 1e-5  # relative fall of the bound below which the fractional phase ends


@dataclass
class CuttingPlanes:
    """Cuts on the value of a problem; they hold at every budget and are reused.

    Attributes
    ----------
    problem : Problem
        What to choose from.
    rounds : int
        Most rounds of each phase of a choice.
    gap : float
        Relative gap at which a choice is good enough.
    search_rounds : int
        Most improvements of the local search that starts a choice.
    n_cut_short : int
        Solves so far that a deadline, memory or a kill ended: not repeatable.
    """

    problem: Problem
    rounds: int = 60
    gap: float = 1e-4
    search_rounds: int = 40
    n_cut_short: int = 0
    _envelopes: tuple[Envelope, ...] = ()
    _cuts: list[tuple[int, Slope]] = field(default_factory=list)
    _scale: float = 1.0
    _is_warm: bool = False

    def __post_init__(self) -> None:
        value, n = self.problem.value, self.problem.n_challenges
        protection = value.protection
        self._envelopes = tuple(
            Envelope.of(protection, s, value.successes)
            for s in protection.joint
            if protection.weights[s] > 0
        )
        everything = float(value.of_sets(np.ones((1, n), dtype=np.bool_))[0])
        self._scale = 1.0 / everything if everything > 0 else 1.0
        for level in (0.0, 0.5, 1.0):
            self._cut_at(np.full(n, level))

    def choose(
        self,
        *,
        budget_scale: float = 1.0,
        start: NDArray[np.bool_] | None = None,
    ) -> Choice | None:
        """Return the best set found and a bound on every feasible one.

        Parameters
        ----------
        budget_scale : float
            Multiplies the purses.
        start : ndarray of bool, shape (c,), optional
            A feasible set to start from; default: built greedily.

        Returns
        -------
        Choice or None
            None if not even the required challenges are affordable.
        """
        problem = self.problem.scaled(budget_scale)
        first = start if start is not None else start_set(problem)
        if first is None:
            return None
        chosen, value = improve(problem, first, rounds=self.search_rounds)
        bound = np.inf if self._is_warm else self._relax(problem, chosen)
        choice = Choice(chosen, value, bound, "integer program")
        finest = self.gap / 2
        gap = _COARSE
        for _ in range(self.rounds):
            if choice.bound - choice.value <= self.gap * choice.value:
                break
            gap = max(finest, min(gap, _SHARPER * choice.gap) if choice.gap > 0 else gap)
            solution = self._solve(problem, integral=True, gap=gap)
            if solution.values is None or solution.bound is None:
                break
            bound = min(choice.bound, solution.bound / self._scale)
            if bound < choice.value * (1.0 - _ROUNDING):
                break  # a bound below a set that exists: nothing it says is a proof
            chosen = solution.values[: problem.n_challenges] > 0.5
            choice = _better(problem, choice, chosen, bound)
            if not self._cut_at(chosen, solution):
                if gap <= finest:
                    break
                gap = finest  # the cuts are exact where it landed: only its own gap is open
        return choice

    def _relax(self, problem: Problem, inside: NDArray[np.bool_]) -> float:
        """Add cuts with x fractional; return the bound."""
        n = problem.n_challenges
        core, bound = inside.astype(np.float64), np.inf
        self._is_warm = True
        for _ in range(self.rounds):
            solution = self._solve(problem, integral=False)
            if solution.values is None or solution.objective is None:
                break
            last, bound = bound, min(bound, solution.objective / self._scale)
            core = (core + solution.values[:n]) / 2
            if not (self._cut_at(core, solution) or self._cut_at(solution.values[:n], solution)):
                break
            if np.isfinite(last) and last - bound <= _FLAT * bound:
                break
        return bound

    def _cut_at(self, point: NDArray[np.generic], violated_by: Solution | None = None) -> int:
        """Add the cuts that touch at a point and cut off a solution; return how many."""
        added, n = 0, self.problem.n_challenges
        for position, envelope in enumerate(self._envelopes):
            slope = envelope.slope_at(point.astype(np.float64))
            if violated_by is not None and violated_by.values is not None:
                theta = violated_by.values[n + position]
                if theta <= slope.constant + slope.slopes @ violated_by.values[:n] + _CLOSE:
                    continue
            self._cuts.append((position, slope))
            added += 1
        return added

    def _solve(self, problem: Problem, *, integral: bool, gap: float = 0.0) -> Solution:
        protection = problem.value.protection
        additive = protection.additive * problem.value.successes.mean(axis=0)
        weights = [protection.weights[envelope.scenario] for envelope in self._envelopes]
        builder = ProgramBuilder(maximise=True)
        x = builder.columns(
            problem.n_challenges,
            cost=self._scale * additive,
            lower=problem.required.astype(np.float64),
            upper=problem.may_be_chosen.astype(np.float64),
            integral=integral,
        )
        theta = builder.columns(len(weights), cost=self._scale * np.array(weights), upper=1.0)
        problem.limit(builder, x, integral=integral)
        for position, slope in self._cuts:
            columns = np.append(x, theta[position])
            builder.row("", columns, np.append(-slope.slopes, 1.0), upper=slope.constant)
        limits = Limits(gap=gap, nodes=_NODES, deadline_s=_DEADLINE_S)
        solution = solve(builder.build(), limits=limits)
        self.n_cut_short += solution.stopped_by not in (StoppedBy.NOTHING, StoppedBy.WORK)
        return solution


def _better(problem: Problem, choice: Choice, chosen: NDArray[np.bool_], bound: float) -> Choice:
    """Return the choice with the bound, and with the set if it is better and affordable."""
    sets = np.vstack([choice.chosen, chosen])
    values = problem.value.of_sets(sets)
    best = problem.best(sets, values) if problem.feasible(chosen[None, :])[0] else 0
    return Choice(sets[best], float(values[best]), bound, choice.method)
