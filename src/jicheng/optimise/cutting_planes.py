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

Between the phases a local search polishes what the programs propose: sets rounded from
x, and the sets where a program lands. All work is limited by counts, so that the same
input gives the same answer: rounds, and the size of the programs times their nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.envelope import Envelope, Slope
from jicheng.kernel.solver import Limits, ProgramBuilder, Solution, StoppedBy, solve
from jicheng.optimise.local_search import fill, improve, restoring_sets, start_set
from jicheng.optimise.problem import Choice, Problem

__all__ = ["CuttingPlanes", "Effort"]

_CLOSE = 1e-9  # cuts violated by less are not added; theta is a share of final output
_ROUNDING = 1e-6  # relative, of the solver
_COARSE, _SHARPER = 0.01, 0.2  # gap of the first program; of later ones, against the open gap
_ROOT = 100  # nodes that the root of a program is counted for
_FIRST, _QUICK = 4, 20  # programs that only gather cuts, and their nodes
_MOST_NODES = 10_000
_NEAR = 0.995  # of the best value: where a later program lands below, it is not polished
_FLAT = 1e-5  # relative fall of the bound below which the fractional phase ends
_ROUNDED_ABOVE = (0.2, 0.6)  # fractions that a rounded set starts from


@dataclass(frozen=True, slots=True)
class Effort:
    """Limits of one choice: counts, so that the same input gives the same answer.

    Attributes
    ----------
    rounds : int
        Most rounds of each phase.
    work : float
        Most work of the integer programs together: millions of (nodes + 100) times
        columns times rows.
    search_rounds : int
        Most rounds of each local search.
    deadline_s : float
        Safety net of one solve [s of wall clock]; a solve that it ends is not repeatable.
    """

    rounds: int = 60
    work: float = 150.0
    search_rounds: int = 40
    deadline_s: float = 120.0


@dataclass
class CuttingPlanes:
    """Cuts on the value of a problem; they hold at every budget and are reused.

    Attributes
    ----------
    problem : Problem
        What to choose from.
    effort : Effort
        Limits of a choice.
    gap : float
        Relative gap at which a choice is good enough.
    """

    problem: Problem
    effort: Effort = field(default_factory=Effort)
    gap: float = 1e-4
    _envelopes: tuple[Envelope, ...] = ()
    _cuts: list[tuple[int, Slope]] = field(default_factory=list)
    _bundles: list[NDArray[np.intp]] = field(default_factory=list)
    _stops: list[StoppedBy] = field(default_factory=list)
    _scale: float = 1.0

    def __post_init__(self) -> None:
        value, n = self.problem.value, self.problem.n_challenges
        protection = value.protection
        self._envelopes = tuple(
            Envelope.of(protection, s, value.successes)
            for s in protection.joint
            if protection.weights[s] > 0
        )
        self._bundles = restoring_sets(self.problem)
        everything = value.moves.value(np.ones(n, dtype=np.bool_))
        self._scale = 1.0 / everything if everything > 0 else 1.0
        for level in (0.0, 0.5, 1.0):
            self._cut_at(np.full(n, level))

    @property
    def n_cut_short(self) -> int:
        """Solves so far that a deadline, memory or a kill ended: not repeatable."""
        return len(self._stops)

    def choose(
        self,
        *,
        budget_scale: float = 1.0,
        start: NDArray[np.bool_] | None = None,
        effort: Effort | None = None,
    ) -> Choice | None:
        """Return the best set found and a bound on every feasible one.

        Parameters
        ----------
        budget_scale : float
            Multiplies the purses.
        start : ndarray of bool, shape (c,), optional
            A feasible set to start from; default: built greedily.
        effort : Effort, optional
            Limits of this choice; default: those of all.

        Returns
        -------
        Choice or None
            None if not even the required challenges are affordable.
        """
        problem, effort = self.problem.scaled(budget_scale), effort or self.effort
        first = start if start is not None else start_set(problem, self._bundles)
        if first is None:
            return None
        choice = self._polished(problem, None, first, effort.search_rounds)
        bound, point = self._relax(problem, choice.chosen, effort.rounds)
        choice = Choice(choice.chosen, choice.value, max(bound, choice.value), choice.method)
        is_new = start is None or effort is self.effort
        if point is not None and choice.gap > self.gap and is_new:
            for least in _ROUNDED_ABOVE:
                rounded = fill(problem, choice_order(point, least))
                if rounded is not None:
                    choice = self._polished(problem, choice, rounded, effort.search_rounds)
        return self._branch(problem, choice, effort)

    def relaxed(self) -> float:
        """Return the bound of the relaxation: the best value that a fractional x reaches."""
        inside = self.problem.required.astype(np.bool_)
        return self._relax(self.problem, inside, self.effort.rounds, flat=0.0)[0]

    def _branch(self, problem: Problem, choice: Choice, effort: Effort) -> Choice:
        """Solve integer programs over the cuts until the gap closes or the work is done."""
        finest, gap, left = self.gap / 2, _COARSE, effort.work * 1e6
        for solved in range(effort.rounds):
            if choice.bound - choice.value <= self.gap * choice.value:
                break
            size = (problem.n_challenges + len(self._envelopes)) * (1 + len(self._cuts))
            nodes = _QUICK if solved < _FIRST else int(left / 2 / size) - _ROOT
            if nodes < 1 or (_QUICK + _ROOT) * size > left:
                break
            nodes = min(nodes, _MOST_NODES)
            gap = max(finest, min(gap, _SHARPER * choice.gap) if choice.gap > 0 else gap)
            solution = self._solve(problem, start=choice.chosen, gap=gap, nodes=nodes)
            left -= (min(solution.nodes, nodes) + _ROOT) * size
            if solution.bound is not None:
                bound = min(choice.bound, solution.bound / self._scale)
                if bound < choice.value * (1.0 - _ROUNDING):
                    break  # a bound below a set that exists: nothing it says is a proof
                bound = max(bound, choice.value)
                choice = Choice(choice.chosen, choice.value, bound, choice.method)
            if solution.values is None:
                break
            chosen = solution.values[: problem.n_challenges] > 0.5
            if problem.feasible(chosen[None, :])[0]:
                is_near = problem.value.moves.value(chosen) >= _NEAR * choice.value
                rounds = effort.search_rounds if solved < _FIRST or is_near else 0
                choice = self._polished(problem, choice, chosen, rounds)
            if not self._cut_at(chosen, solution) and solution.stopped_by is StoppedBy.NOTHING:
                if gap <= finest:
                    break
                gap = finest  # the cuts are exact where it landed: only its own gap is open
        return choice

    def _polished(
        self, problem: Problem, best: Choice | None, chosen: NDArray[np.bool_], rounds: int
    ) -> Choice:
        """Return the better of a choice and what local search makes of a feasible set."""
        better, _ = improve(problem, chosen, rounds=rounds, bundles=self._bundles)
        known = [] if best is None else [best.chosen]
        sets = np.vstack([*known, better])
        values = problem.value.of_sets(sets)
        at = problem.best(sets, values)
        value, bound = float(values[at]), 1.0 / self._scale if best is None else best.bound
        return Choice(sets[at], value, max(value, bound), "integer program")

    def _relax(
        self,
        problem: Problem,
        inside: NDArray[np.bool_],
        rounds: int,
        *,
        flat: float = _FLAT,
    ) -> tuple[float, NDArray[np.float64] | None]:
        """Add cuts with x fractional; return the bound, and x where it was reached.

        Without any solve the bound is the value of all challenges together.
        """
        n = problem.n_challenges
        core, bound, point = inside.astype(np.float64), 1.0 / self._scale, None
        for _ in range(rounds):
            solution = self._solve(problem)
            if solution.values is None or solution.objective is None:
                break
            point = solution.values[:n]
            last, bound = bound, min(bound, solution.objective / self._scale)
            core = (core + point) / 2
            if not (self._cut_at(core, solution) or self._cut_at(point, solution)):
                break
            if last - bound <= flat * bound and flat > 0:
                break
        return bound, point

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

    def _solve(
        self,
        problem: Problem,
        *,
        start: NDArray[np.bool_] | None = None,
        gap: float = 0.0,
        nodes: int | None = None,
    ) -> Solution:
        """Solve the program over the present cuts; x is fractional without a start."""
        integral = start is not None
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
        limits = Limits(gap=gap, nodes=nodes, deadline_s=self.effort.deadline_s)
        program = builder.build()
        if start is not None:
            known = np.full(program.n_columns, np.nan)
            known[x] = start
            program = replace(program, start=known)
        solution = solve(program, limits=limits)
        if solution.stopped_by not in (StoppedBy.NOTHING, StoppedBy.WORK):
            self._stops.append(solution.stopped_by)
        return solution


def choice_order(point: NDArray[np.float64], least: float) -> NDArray[np.intp]:
    """Return the challenges above a fraction, the largest first."""
    order = np.argsort(-point, kind="stable")
    return order[point[order] > least]
