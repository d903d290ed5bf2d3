"""Rounds of exact pricing: columns grow, the bound on every plan falls.

Each round prices every challenge exactly at prices between those that gave the best bound
so far and the duals of the master (smoothing), takes the bound that follows and adds the
teams found to the columns. Searches are no more exact than the gap of the moment needs.

Literature: Wentges 1997, International Transactions in Operational Research 4:2.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from jicheng.kernel.columns.bounds import bound_challenges, bound_plans
from jicheng.kernel.columns.exact_pricing import ExactPricing
from jicheng.kernel.columns.master import Relaxed, relax
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import STEADY, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver
from jicheng.kernel.team_problem import Floats, Indices

__all__ = ["ExactLimits", "ExactProgress", "ExactRounds", "Stop", "Tell"]

_SMOOTH = 0.5  # part of the best prices in the next ones
_EACH = 10**9  # most operations for one challenge in one round,
_EACH_WIDE = 3 * 10**7  # and while prices are so poor that exact answers would be wasted
_WIDE = 0.03  # relative gap above which they are; quick searches then find columns as well
_CARE = 0.1  # part of the gap that the searches of a round may leave open together
_LEAST_CARE = 1e-4  # at which rounding alone keeps bound and relaxation apart
_LEAST_SOLVE = 2.0  # seconds of a relaxation, whatever the clock says
_FIRST_CARE = 0.02  # part of the value that those of the first round may


class Stop(StrEnum):
    """What ended the rounds of a search for columns."""

    SETTLED = "settled"  # no search helped, or the gap asked for was reached
    ROUNDS = "rounds"
    WORK = "work"  # operations
    CLOCK = "wall_clock"
    SOLVER = "solver"  # killed, out of memory or out of time


@dataclass(frozen=True, slots=True)
class ExactLimits:
    """When rounds of exact pricing end.

    Parameters
    ----------
    gap : float
        Relative gap between bound and relaxation at twice which it is enough.
    rounds : int
        Most rounds (deterministic).
    work : int, optional
        Operations after which no further round begins (deterministic).
    deadline : float
        Reading of the monotonic clock after which no search begins.
    """

    gap: float = 0.001
    rounds: int = 200
    work: int | None = None
    deadline: float = np.inf


@dataclass(frozen=True, slots=True)
class ExactProgress:
    """Where a run stands after a round."""

    round: int
    columns: int
    restricted_bound: float
    bound: float
    seconds: float


Tell = Callable[[ExactProgress, ColumnPool, Prices], None]
"""Told where a run stands, with its columns and the prices of the best bound so far."""


class ExactRounds:
    """Columns, prices and the bound of a run.

    Attributes
    ----------
    pool : ColumnPool
        The columns given, and after them those found.
    prices : Prices
        Where the best bound was found.
    bound : float
        No plan is worth more; inf before the first round, -inf if a mandatory challenge
        cannot be staffed.
    teams : ndarray of float64, shape (c,)
        What no team of each challenge can exceed at the prices, the worth of the challenge
        aside; as high as leaving the challenge where no team is better.
    relaxed : Relaxed or None
        Relaxation over the columns; None if the solver did not say.
    done, work : int
        Rounds, and operations in them.
    stopped_by : Stop
        What ended them.
    """

    def __init__(
        self,
        problem: SharedProblem,
        pool: ColumnPool,
        prices: Prices,
        limits: ExactLimits,
        *,
        executor: Executor | None = None,
        solver: Solver,
        seed: int = 0,
    ) -> None:
        self.problem, self.pool, self.prices, self.limits = problem, pool, prices, limits
        self.exact, self.executor = ExactPricing(problem, executor), executor
        self.solver, self.seed = solver, seed
        self.started = time.monotonic()
        self.bound = np.inf
        self.teams: Floats = np.full(problem.n_challenges, np.inf)
        self.done, self.work = 0, 0
        self.relaxed: Relaxed | None = None
        self.care = _CARE
        self.stopped_by = Stop.ROUNDS
        self.history: list[ExactProgress] = []

    def run(self, progress: Tell | None = None) -> None:
        """Price exactly until the relaxation meets the bound or a limit is met."""
        self.relaxed = self._relax()
        self._price(self.prices)
        self.relaxed = self._relax()
        self._tell(progress)
        kept = _SMOOTH
        while self._goes_on() and self.relaxed is not None:
            before = len(self.pool)
            is_whole = self._price(self.prices.towards(self.relaxed.prices, kept))
            if len(self.pool) > before:
                self.relaxed, kept = self._relax(), _SMOOTH
            elif kept > 0.0:
                kept = 0.0  # nothing new at these prices: look at the duals themselves
            elif is_whole:
                kept = _SMOOTH
                self.care *= 0.1
            self._tell(progress)

    def add(self, columns: ColumnPool) -> None:
        """Add columns from elsewhere and relax the master again."""
        self.pool = self.pool.added(columns)
        self.relaxed = self._relax() or self.relaxed

    def _relax(self) -> Relaxed | None:
        """Return the relaxation over the columns; None if the solver did not say."""
        if not len(self.pool):
            nothing = np.zeros(self.problem.n_challenges)
            return Relaxed(Prices.none(self.problem), nothing, 0.0, 0.0, np.empty(0))
        left = max(_LEAST_SOLVE, min(120.0, self._left()))
        limits = Limits(deadline_s=left, seed=self.seed)
        return relax(self.problem, self.pool, self.solver, limits, likely=self.prices)

    def _goes_on(self) -> bool:
        limits = self.limits
        if self._left() <= 0.0:
            self.stopped_by = Stop.CLOCK
        elif self.relaxed is None:
            self.stopped_by = Stop.SOLVER
        elif limits.work is not None and self.work > limits.work:
            self.stopped_by = Stop.WORK
        elif self._is_tight() or self.care < _LEAST_CARE:
            self.stopped_by = Stop.SETTLED
        else:
            return self.done < limits.rounds
        return False

    def _left(self) -> float:
        return self.limits.deadline - time.monotonic()

    def _is_tight(self) -> bool:
        """Tell whether the bound is as near to the relaxation as half the gap asks for."""
        if self.relaxed is None:
            return False
        size = max(1.0, abs(self.relaxed.value))
        return self.bound - self.relaxed.value <= max(0.5 * self.limits.gap, 1e-7) * size

    def _is_wide(self) -> bool:
        known = self.relaxed.value if self.relaxed is not None else 0.0
        return self.bound - known > _WIDE * max(1.0, abs(known))

    def _tolerance(self) -> float:
        """Return the points that each search may leave open."""
        known = self.relaxed.value if self.relaxed is not None else 0.0
        size = max(1.0, abs(known))
        is_first = not np.isfinite(self.bound)
        open_points = _FIRST_CARE * size if is_first else self.care * (self.bound - known)
        return max(0.0, open_points, 0.1 * self.limits.gap * size) / max(
            1, self.problem.n_challenges
        )

    def _price(self, prices: Prices) -> bool:
        """Price every challenge; take the bound and the columns. False if the clock cut it."""
        self.done += 1
        if self._is_wide() and np.isfinite(self.bound):
            found_fast = price_all(
                self.problem, prices, effort=STEADY, seed=self.seed + self.done,
                executor=self.executor,
            )  # fmt: skip
            self.pool = self.pool.added(found_fast)
        found = self.exact.best(
            prices, self.pool,
            tolerance=self._tolerance(),
            work=_EACH_WIDE if self._is_wide() else _EACH,
            deadline=self.limits.deadline,
        )  # fmt: skip
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
        self.history.append(ExactProgress(self.done, len(self.pool), known, self.bound, seconds))
        if progress is not None:
            progress(self.history[-1], self.pool, self.prices)
