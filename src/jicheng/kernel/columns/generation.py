"""Generate columns: price, search, choose, until no search helps.

Each round solves the master's relaxation over the columns found so far, moves the prices
towards its duals, and searches every challenge at these prices; what beats the master
joins it. At the end the best columns are chosen as a whole plan. A plan is always at hand:
greedy packings on the way, the master's choice at the end.

Two bounds are told apart. The restricted bound holds for plans of the columns that were
found. The bound holds for every plan: prices times supply, plus for each challenge what no
team can exceed at these prices (:mod:`jicheng.kernel.columns.bounds`).

Literature: Desaulniers, Desrosiers and Solomon 2005, Column Generation, ch. 1; smoothing
of duals: Wentges 1997, International Transactions in Operational Research 4:2.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from jicheng.kernel.columns.bounds import bound_challenges, bound_plans
from jicheng.kernel.columns.master import Relaxed, choose, is_plan, pack, relax
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import QUICK, STEADY, Effort, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from jicheng.kernel.team_problem import Indices

__all__ = ["Generation", "GenerationLimits", "Progress", "Stop", "generate"]


class Stop(StrEnum):
    """What ended the rounds."""

    SETTLED = "settled"  # no search helped for some rounds
    ROUNDS = "rounds"
    WORK = "work"  # operations
    CLOCK = "wall_clock"
    SOLVER = "solver"  # killed, out of memory or out of time


@dataclass(frozen=True, slots=True)
class GenerationLimits:
    """Limits of a run.

    Parameters
    ----------
    rounds : int
        Most rounds of pricing (deterministic).
    idle_rounds : int
        Rounds without a better column after which it stops (deterministic).
    seconds : float, optional
        Wall clock for all; an answer that it cut says so. None = none.
    gap : float
        Relative gap at which the choice of columns counts as best.
    nodes : int
        Most nodes of the choice (deterministic).
    bound_rounds : int
        Evaluations of a bound at each location (deterministic); 0 = no bound.
    """

    rounds: int = 40
    idle_rounds: int = 4
    seconds: float | None = None
    gap: float = 1e-4
    nodes: int = 20_000
    bound_rounds: int = 60


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands: told after each round."""

    round: int
    columns: int
    value: float
    restricted_bound: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A plan, the columns and the prices that it rests on.

    Attributes
    ----------
    pool : ColumnPool
        All columns.
    chosen : ndarray of int64
        Columns of the plan, ascending.
    value : float
        Points of the plan.
    prices : Prices
        Of organisations and resources.
    restricted_bound : float
        No plan of these columns is worth more; nan if the solver did not say.
    bound : float
        No plan at all is worth more; nan if none was proved.
    is_feasible : bool
        Whether no mandatory challenge and no limit was missed.
    rounds : int
        Rounds of pricing done.
    stopped_by : Stop
        What ended them.
    solver_stopped_by : StoppedBy
        What cut the choice of columns short, if anything.
    """

    pool: ColumnPool
    chosen: Indices
    value: float
    prices: Prices
    restricted_bound: float
    bound: float
    is_feasible: bool
    rounds: int
    stopped_by: Stop
    solver_stopped_by: StoppedBy = StoppedBy.NOTHING
    history: tuple[Progress, ...] = field(default=())

    @property
    def gap(self) -> float:
        """Relative gap to the proved bound; nan without one or without a plan."""
        return (self.bound - self.value) / abs(self.value) if self.value else np.nan

    @property
    def column_of(self) -> dict[int, int]:
        """Column of each staffed challenge."""
        return {int(self.pool.challenge[j]): int(j) for j in self.chosen}


class _Clock:
    """Wall clock from the start of a run."""

    def __init__(self, seconds: float | None) -> None:
        self.started = time.monotonic()
        self.seconds = np.inf if seconds is None else float(seconds)

    @property
    def spent(self) -> float:
        return time.monotonic() - self.started

    def left(self, part: float = 1.0) -> float:
        """Return the seconds left of a part of the whole."""
        return self.seconds * part - self.spent


def generate(
    problem: SharedProblem,
    pool: ColumnPool | None = None,
    limits: GenerationLimits | None = None,
    *,
    prices: Prices | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    solver: Solver | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Generation:
    """Find a plan by column generation.

    Parameters
    ----------
    problem : SharedProblem
        Challenges and what they share.
    pool : ColumnPool, optional
        Columns known before: start teams, the user's, those of an earlier plan.
    limits : GenerationLimits, optional
        When to stop.
    prices : Prices, optional
        Prices of an earlier plan, to start from.
    seed : int
        The same seed, problem, pool and limits in counts give the same answer.
    executor : Executor, optional
        Where challenges are searched; the answer does not depend on it.
    solver : Solver, optional
        Default: one of its own.
    progress : callable, optional
        Told after each round.

    Returns
    -------
    Generation
        Always: without any team its plan is empty.
    """
    limits = limits or GenerationLimits()
    own = Solver() if solver is None else None
    try:
        run = _Run(problem, limits, seed, executor, solver or own or Solver(), progress)
        run.start(pool, prices)
        run.rounds()
        return run.finish()
    finally:
        if own is not None:
            own.close()


class _Run:
    """One run: the pool grows, prices move, a plan is always at hand."""

    def __init__(
        self,
        problem: SharedProblem,
        limits: GenerationLimits,
        seed: int,
        executor: Executor | None,
        solver: Solver,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.problem, self.limits, self.seed = problem, limits, seed
        self.executor, self.solver, self.progress = executor, solver, progress
        self.clock = _Clock(limits.seconds)
        self.pool = ColumnPool.empty(problem.n_resources)
        self.prices = Prices.none(problem)
        self.chosen: Indices = np.empty(0, dtype=np.int64)
        self.relaxed: Relaxed | None = None
        self.done = 0
        self.stopped_by = Stop.ROUNDS
        self.history: list[Progress] = []

    def start(self, pool: ColumnPool | None, prices: Prices | None) -> None:
        """Take what is known; then let prices find their size by quick searches."""
        if pool is not None:
            self.pool = self.pool.added(pool)
        if prices is not None:
            self.prices = prices
            self._search(prices, QUICK)
        else:
            self._warm_up()
        self._keep(pack(self.problem, self.pool, prices=self.prices))

    def _search(self, prices: Prices, effort: Effort, *, noise: float = 0.0) -> ColumnPool:
        found = price_all(
            self.problem,
            prices,
            effort=effort,
            seed=self.seed + 7919 * self.done,
            noise=noise,
            executor=self.executor,
        )
        self.pool = self.pool.added(found)
        return found

    def _warm_up(self, steps: int = 8) -> None:
        """Raise the prices of what the best teams ask too much of, lower the others."""
        problem = self.problem
        for step in range(steps):
            found = self._search(self.prices, QUICK)
            best = _best_of_each(problem, found, self.prices)
            if not len(best) or self.clock.left(0.4) < 0.0:
                return
            self._keep(pack(problem, self.pool, prices=self.prices))
            picked = found.kept(best)
            load = np.bincount(picked.member, minlength=problem.n_organisations)
            used = picked.use.sum(axis=0)
            worth = max(1e-9, float(picked.value.mean()))
            pace = 0.5 / (1.0 + 0.5 * step)
            over = (used - problem.limits) / np.maximum(1e-9, np.abs(used) + np.abs(problem.limits))
            unit = worth * len(picked) / np.maximum(1e-9, np.abs(used))
            self.prices = Prices(
                np.maximum(
                    0.0,
                    self.prices.organisations
                    + pace * 0.1 * worth * np.clip(load - problem.capacity, -1.0, 3.0),
                ),
                np.maximum(0.0, self.prices.resources + 2.0 * pace * over * unit),
            )

    def _keep(self, chosen: Indices) -> None:
        """Keep a plan if it is the best so far."""
        was, now = (is_plan(self.problem, self.pool, c) for c in (self.chosen, chosen))
        values = [float(self.pool.value[c].sum()) for c in (self.chosen, chosen)]
        if (now, values[1]) > (was, values[0]):
            self.chosen = chosen

    def rounds(self) -> None:
        """Price and search until nothing helps or a limit is met."""
        idle = 0
        while self.done < self.limits.rounds:
            if self.clock.left(0.75) < 0.0:
                self.stopped_by = Stop.CLOCK
                return
            self.done += 1
            relaxed = relax(
                self.problem, self.pool, self.solver, self._limits(0.75), likely=self.prices
            )
            if relaxed is None:
                self.stopped_by = Stop.SOLVER
                return
            self.relaxed = relaxed
            self._keep(pack(self.problem, self.pool, first=np.flatnonzero(relaxed.shares > 0.99)))
            self.prices = _between(self.prices, relaxed.prices, 0.3)
            before = len(self.pool)
            found = self._search(self.prices, STEADY, noise=0.25 if self.done % 4 == 0 else 0.0)
            new = self.pool.kept(np.arange(before, len(self.pool)))
            better = new.surplus(relaxed.prices) - relaxed.challenges[new.challenge] > 1e-6
            idle = 0 if better.any() else idle + 1
            self._tell(len(found))
            if idle >= self.limits.idle_rounds:
                self.stopped_by = Stop.SETTLED
                return

    def _limits(self, part: float) -> Limits:
        left = max(0.5, min(60.0, self.clock.left(part)))
        return Limits(gap=self.limits.gap, nodes=self.limits.nodes, deadline_s=left, seed=self.seed)

    def _tell(self, found: int) -> None:
        relaxed = self.relaxed
        self.history.append(
            Progress(
                self.done,
                len(self.pool),
                float(self.pool.value[self.chosen].sum()),
                np.nan if relaxed is None else relaxed.value,
                self.clock.spent,
            )
        )
        if self.progress is not None:
            self.progress(self.history[-1])

    def finish(self) -> Generation:
        """Choose the plan and bound it."""
        problem, pool = self.problem, self.pool
        relaxed = (
            relax(problem, pool, self.solver, self._limits(0.85), likely=self.prices)
            or self.relaxed
        )
        if relaxed is not None:
            self.prices = relaxed.prices
        choice = choose(
            problem,
            pool,
            self.solver,
            start=self.chosen,
            relaxed=relaxed,
            limits=self._limits(0.95),
        )
        if self.stopped_by is not Stop.CLOCK and choice.stopped_by not in (
            StoppedBy.NOTHING,
            StoppedBy.WORK,
        ):
            self.stopped_by = Stop.SOLVER
        bound = np.nan
        if self.limits.bound_rounds > 0:
            teams = bound_challenges(
                problem,
                self.prices,
                known=_known(problem, pool, self.prices),
                rounds=self.limits.bound_rounds,
                executor=self.executor,
            )
            bound = max(bound_plans(problem, self.prices, teams), choice.value)
        return Generation(
            pool=pool,
            chosen=choice.chosen,
            value=choice.value,
            prices=self.prices,
            restricted_bound=choice.bound,
            bound=bound,
            is_feasible=choice.is_feasible,
            rounds=self.done,
            stopped_by=self.stopped_by,
            solver_stopped_by=choice.stopped_by,
            history=tuple(self.history),
        )


def _between(old: Prices, new: Prices, kept: float) -> Prices:
    """Return prices between two, with a part of the old ones."""
    return Prices(
        kept * old.organisations + (1.0 - kept) * new.organisations,
        kept * old.resources + (1.0 - kept) * new.resources,
    )


def _best_of_each(problem: SharedProblem, pool: ColumnPool, prices: Prices) -> Indices:
    """Return the best column of each challenge at prices, where it is worth more than none."""
    surplus = pool.surplus(prices)
    order = np.lexsort((-surplus, pool.challenge))
    _, first = np.unique(pool.challenge[order], return_index=True)
    best = order[first]
    return best[(surplus[best] > 0.0) | problem.mandatory[pool.challenge[best]]]


def _known(problem: SharedProblem, pool: ColumnPool, prices: Prices) -> np.ndarray:
    """Return the points of the best known team of each challenge at prices, -inf without any."""
    known = np.full(problem.n_challenges, -np.inf)
    worth = problem.worth - problem.fixed_use @ prices.resources
    usable = pool.usable(problem)
    points = pool.surplus(prices) - worth[pool.challenge]
    np.maximum.at(known, pool.challenge[usable], points[usable])
    return known
