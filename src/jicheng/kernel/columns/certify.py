"""Prove how good a plan is, and better it on the way.

Each round prices every challenge exactly at prices between those that gave the best bound
so far and the duals of the master (smoothing), takes the bound that follows and adds the
teams found to the columns. Searches are no more exact than the gap of the moment needs.
At the end every column that a better plan could contain is listed, if they are few; the
master over these columns then closes what the relaxation leaves open.

Literature: Wentges 1997, International Transactions in Operational Research 4:2 (smoothing
of duals); Baldacci, Christofides and Mingozzi 2008, Mathematical Programming 115:2 (listing
all columns within the gap).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from jicheng.kernel.columns.bounds import bound_challenges, bound_plans
from jicheng.kernel.columns.exact_pricing import ExactPricing
from jicheng.kernel.columns.generation import Stop
from jicheng.kernel.columns.master import Choice, Relaxed, choose, relax
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import STEADY, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from jicheng.kernel.team_problem import Floats, Indices

__all__ = ["Certificate", "CertifyProgress", "certify"]

_SMOOTH = 0.5  # part of the best prices in the next ones
_ROUNDS = 200
_EACH = 10**9  # most operations for one challenge in one round,
_EACH_WIDE = 3 * 10**7  # and while prices are so poor that exact answers would be wasted
_WIDE = 0.03  # relative gap above which they are; quick searches then find columns as well
_CARE = 0.1  # part of the gap that the searches of a round may leave open together
_LEAST_CARE = 1e-4  # at which rounding alone keeps bound and relaxation apart
_FIRST_CARE = 0.02  # part of the value that those of the first round may
_UNKNOWN_GAP = 0.05  # relative gap within which columns are listed if no plan is known
_LISTED = 40_000  # teams of all challenges together after which a listing is given up,
_LISTED_WORK = 4 * 10**9  # and operations


@dataclass(frozen=True, slots=True)
class CertifyProgress:
    """Where a run stands after a round."""

    round: int
    columns: int
    restricted_bound: float
    bound: float
    seconds: float


Tell = Callable[[CertifyProgress, ColumnPool, Prices], None]
"""Told where a run stands, with its columns and the prices of the best bound so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A plan with a proof of how good it is.

    Attributes
    ----------
    bound : float
        No plan is worth more; nan if the clock came before any bound, -inf if a
        mandatory challenge cannot be staffed.
    value : float
        Points of the plan.
    pool : ColumnPool
        The columns given, and after them those found.
    chosen : ndarray of int64
        Columns of the plan, ascending.
    prices : Prices
        Where the best bound was found.
    teams : ndarray of float64, shape (c,)
        What no team of each challenge can exceed at these prices, the worth of the
        challenge aside; as high as leaving the challenge where no team is better.
    is_feasible : bool
        Whether no mandatory challenge and no limit was missed.
    rounds, work : int
        Rounds of pricing, and operations in them.
    stopped_by : Stop
        ``settled`` if the gap asked for was reached or nothing was left to improve.
    solver_stopped_by : StoppedBy
        What cut the choice of columns short, if anything.
    """

    bound: float
    value: float
    pool: ColumnPool
    chosen: Indices
    prices: Prices
    teams: Floats
    is_feasible: bool
    rounds: int
    work: int
    stopped_by: Stop
    solver_stopped_by: StoppedBy = StoppedBy.NOTHING
    history: tuple[CertifyProgress, ...] = field(default=())

    @property
    def gap(self) -> float:
        """Relative gap to the bound; nan without a bound, or without a plan worth anything."""
        return (self.bound - self.value) / abs(self.value) if self.value else np.nan


def certify(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    *,
    chosen: Indices | None = None,
    bound: float = np.inf,
    gap: float = 0.001,
    seconds: float | None = None,
    work: int | None = None,
    executor: Executor | None = None,
    solver: Solver | None = None,
    progress: Tell | None = None,
    seed: int = 0,
) -> Certificate:
    """Bound every plan, and find a better one where there is one.

    Parameters
    ----------
    problem : SharedProblem
        Challenges and what they share.
    pool : ColumnPool
        Columns known; the better they are, the faster the proof.
    prices : Prices
        Of the plan so far.
    chosen : ndarray of int64, optional
        Columns of the plan so far: the answer is no worse.
    bound : float
        Of every plan, if one was proved before: the answer is no worse; nan = none.
    gap : float
        Relative gap at which it is enough; 0 asks for the best plan.
    seconds : float, optional
        Wall clock for all; an answer that it cut says so. None = none.
    work : int, optional
        Operations after which no further round begins (deterministic).
    executor : Executor, optional
        Where challenges are searched; the answer does not depend on it.
    solver : Solver, optional
        Default: one of its own.
    progress : callable, optional
        Told after each round, with the columns and the prices of the best bound then.
    seed : int
        Of the solver.

    Returns
    -------
    Certificate
        The bound holds whatever stopped the run.
    """
    own = Solver() if solver is None else None
    try:
        run = _Run(problem, pool, prices, executor, solver or own or Solver(), seed)
        run.take(chosen, bound)
        run.limit(gap, seconds, work)
        run.rounds(progress)
        return run.finish()
    finally:
        if own is not None:
            own.close()


class _Run:
    """One run: columns grow, the bound falls."""

    def __init__(
        self,
        problem: SharedProblem,
        pool: ColumnPool,
        prices: Prices,
        executor: Executor | None,
        solver: Solver,
        seed: int,
    ) -> None:
        self.problem, self.pool, self.prices = problem, pool, prices
        self.exact, self.executor = ExactPricing(problem, executor), executor
        self.solver, self.seed = solver, seed
        self.chosen: Indices | None = None
        self.known_bound = np.inf
        self.bound = np.inf
        self.teams: Floats = np.full(problem.n_challenges, np.inf)
        self.done, self.work = 0, 0
        self.relaxed: Relaxed | None = None
        self.care = _CARE
        self.stopped_by = Stop.ROUNDS
        self.history: list[CertifyProgress] = []

    def take(self, chosen: Indices | None, bound: float) -> None:
        """Take a plan and a bound that are known."""
        self.chosen = chosen
        self.known_bound = np.inf if np.isnan(bound) else bound

    def limit(self, gap: float, seconds: float | None, work: int | None) -> None:
        """Take the limits; the clock starts."""
        self.gap = gap
        self.started = time.monotonic()
        self.seconds = np.inf if seconds is None else float(seconds)
        self.most_work = np.inf if work is None else work

    def rounds(self, progress: Tell | None) -> None:
        """Price exactly until the relaxation meets the bound or a limit is met."""
        self.relaxed = self._relax()
        self._price(self.prices)
        self.relaxed = self._relax()
        self._tell(progress)
        kept = _SMOOTH
        while self._goes_on() and self.relaxed is not None:
            before = len(self.pool)
            is_whole = self._price(_between(self.prices, self.relaxed.prices, kept))
            if len(self.pool) > before:
                self.relaxed, kept = self._relax(), _SMOOTH
            elif kept > 0.0:
                kept = 0.0  # nothing new at these prices: look at the duals themselves
            elif is_whole:
                kept = _SMOOTH
                self.care *= 0.1
            self._tell(progress)

    def _goes_on(self) -> bool:
        if self._left(0.85) <= 0.0:
            self.stopped_by = Stop.CLOCK
        elif self.relaxed is None:
            self.stopped_by = Stop.SOLVER
        elif self.work > self.most_work:
            self.stopped_by = Stop.WORK
        elif self._is_tight() or self.care < _LEAST_CARE:
            self.stopped_by = Stop.SETTLED
        else:
            return self.done < _ROUNDS
        return False

    def _is_tight(self) -> bool:
        """Tell whether the bound is as near to the relaxation as half the gap asks for."""
        if self.relaxed is None:
            return False
        size = max(1.0, abs(self.relaxed.value))
        return self.bound - self.relaxed.value <= max(0.5 * self.gap, 1e-7) * size

    def _is_wide(self) -> bool:
        known = self.relaxed.value if self.relaxed is not None else 0.0
        return self.bound - known > _WIDE * max(1.0, abs(known))

    def _left(self, part: float = 1.0) -> float:
        return self.started + self.seconds * part - time.monotonic()

    def _limits(self, part: float) -> Limits:
        left = max(0.5, min(120.0, self._left(part)))
        return Limits(gap=min(1e-3, 0.25 * self.gap), deadline_s=left, seed=self.seed)

    def _relax(self) -> Relaxed | None:
        if len(self.pool):
            return relax(self.problem, self.pool, self.solver, self._limits(0.95))
        nothing = np.zeros(self.problem.n_challenges)
        return Relaxed(Prices.none(self.problem), nothing, 0.0, 0.0, np.empty(0))

    def _tolerance(self) -> float:
        """Return the points that each search may leave open."""
        known = self.relaxed.value if self.relaxed is not None else 0.0
        size = max(1.0, abs(known))
        is_first = not np.isfinite(self.bound)
        open_points = _FIRST_CARE * size if is_first else self.care * (self.bound - known)
        return max(0.0, open_points, 0.1 * self.gap * size) / max(1, self.problem.n_challenges)

    def _price(self, prices: Prices) -> bool:
        """Price every challenge; take the bound and the columns. False if the clock cut it."""
        self.done += 1
        deadline = self.started + 0.85 * self.seconds
        if self._is_wide() and np.isfinite(self.bound):
            found_fast = price_all(
                self.problem, prices, effort=STEADY, seed=self.seed + self.done,
                executor=self.executor,
            )  # fmt: skip
            self.pool = self.pool.added(found_fast)
        work = _EACH_WIDE if self._is_wide() else _EACH
        found = self.exact.best(
            prices, self.pool, tolerance=self._tolerance(), work=work, deadline=deadline
        )
        self.work += found.work
        teams = found.bounds
        if not found.is_whole:
            self.stopped_by = Stop.CLOCK
            if np.isfinite(self.bound):
                self.pool = self.pool.added(found.pool)
                return False
            teams = np.minimum(teams, self._loose(prices, np.flatnonzero(np.isinf(teams))))
        bound = bound_plans(self.problem, prices, teams)
        if bound < self.bound:
            self.bound, self.prices, self.teams = bound, prices, teams
        self.pool = self.pool.added(found.pool)
        return found.is_whole

    def _loose(self, prices: Prices, challenges: Indices) -> Floats:
        """Bound challenges that the clock left out, roughly and fast."""
        return bound_challenges(
            self.problem, prices, challenges=challenges[self.teams[challenges] > 0.0],
            rounds=8, by_location=False, executor=self.executor,
        )  # fmt: skip

    def _tell(self, progress: Tell | None) -> None:
        known = np.nan if self.relaxed is None else self.relaxed.value
        seconds = time.monotonic() - self.started
        self.history.append(CertifyProgress(self.done, len(self.pool), known, self.bound, seconds))
        if progress is not None:
            progress(self.history[-1], self.pool, self.prices)

    def finish(self) -> Certificate:
        """Choose the plan; list what a better one could contain if that may pay."""
        choice = self._choose(self.chosen)
        size = max(1.0, abs(self.bound))
        room = self.bound - choice.value if choice.is_feasible else _UNKNOWN_GAP * size
        if self.bound < np.inf and room > max(self.gap, 1e-9) * size:
            choice = self._choose_among_all(choice, room)
        bound = min(self.bound, self.known_bound)
        return Certificate(
            bound=max(bound, choice.value) if bound < np.inf else np.nan,
            value=choice.value,
            pool=self.pool,
            chosen=choice.chosen,
            prices=self.prices,
            teams=self.teams,
            is_feasible=choice.is_feasible,
            rounds=self.done,
            work=self.work,
            stopped_by=self.stopped_by,
            solver_stopped_by=choice.stopped_by,
            history=tuple(self.history),
        )

    def _choose(self, start: Indices | None) -> Choice:
        return choose(
            self.problem, self.pool, self.solver, start=start, relaxed=self.relaxed,
            limits=self._limits(1.0),
        )  # fmt: skip

    def _choose_among_all(self, choice: Choice, room: float) -> Choice:
        """List every column that a plan within ``room`` of the bound can have; choose again."""
        problem, prices = self.problem, self.prices
        worth = problem.worth - problem.fixed_use @ prices.resources
        each = self.teams + worth
        top = np.where(problem.mandatory, each, np.maximum(0.0, each))
        floors = top - worth - room - 1e-6 * max(1.0, abs(self.bound))
        found = self.exact.listed(
            prices, floors, most=1 + _LISTED // problem.n_challenges,
            work=_LISTED_WORK // problem.n_challenges,
            deadline=self.started + 0.9 * self.seconds,
        )  # fmt: skip
        self.work += found.work
        before = choice.chosen
        self.pool = self.pool.added(found.pool)
        self.relaxed = self._relax() or self.relaxed
        better = self._choose(before)
        if found.is_whole and not np.isnan(better.bound):
            self.bound = min(self.bound, max(better.bound, self.bound - room))
        return better


def _between(old: Prices, new: Prices, kept: float) -> Prices:
    """Return prices between two, with a part of the old ones."""
    return Prices(
        kept * old.organisations + (1.0 - kept) * new.organisations,
        kept * old.resources + (1.0 - kept) * new.resources,
    )
