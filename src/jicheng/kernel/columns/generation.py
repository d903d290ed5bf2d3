"""Generate columns: price, search, choose, until no search helps.

Each round solves the master's relaxation over the columns found so far, moves the prices
towards its duals, and searches every challenge at these prices; what beats the master
joins it. Where asked, rounds of exact pricing (:mod:`jicheng.kernel.columns.exact_rounds`)
follow when quick searches find little more. At the end the best columns are chosen as a
whole plan. A plan is always at hand: greedy packings on the way, the master's choice at
the end.

Two bounds are told apart. The restricted bound holds for plans of the columns that were
found. The bound holds for every plan: prices times supply, plus for each challenge what no
team can exceed at these prices (:mod:`jicheng.kernel.columns.bounds`), or can reach there
(exact rounds), which is closer.

Literature: Desaulniers, Desrosiers and Solomon 2005, Column Generation, ch. 1; smoothing
of duals: Wentges 1997, International Transactions in Operational Research 4:2.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from jicheng.kernel.columns.bounds import bound_challenges, bound_plans
from jicheng.kernel.columns.exact_rounds import ExactLimits, ExactRounds, Stop
from jicheng.kernel.columns.master import Choice, Relaxed, choose, is_plan, pack, relax
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import DEEP, QUICK, STEADY, WIDE, Effort, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from jicheng.kernel.team_problem import Floats, Indices

__all__ = ["Generation", "GenerationLimits", "Progress", "generate"]

_LEVELS = (STEADY, WIDE, DEEP)  # searched harder when the master rises
_SLOW = (1e-3, 5e-4, 5e-5)  # less than this part of its value in a round
_HARDEST_BEFORE_EXACT = 1  # level of quick searches that gain less than exact ones
_NOISE = 0.25  # of prices, every fourth round
_SMOOTH = 0.5  # part of the best known prices in the next ones
_WARM_UP = 8  # quick searches that find the size of prices
_BATCH = 40  # challenges searched between two looks at the clock
_ROUNDS_PART = 0.75  # of the seconds, for rounds
_EXACT_PART = 0.85  # of the seconds, for all rounds where some are exact
_BOUND_PART = 0.88  # of the seconds, when the bound must be done; the rest is for the choice
_WORTH_A_SOLVE = 0.15  # seconds; with less left the plan at hand is taken


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
        Evaluations of a bound at each location (deterministic); 0 = no bound. Without
        effect where exact rounds prove one.
    exact_rounds : int
        Most rounds of exact pricing after the others (deterministic).
    """

    rounds: int = 60
    idle_rounds: int = 3
    seconds: float | None = None
    gap: float = 2e-4
    nodes: int = 5_000
    bound_rounds: int = 60
    exact_rounds: int = 0


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
        run.exact_rounds()
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
        self.prices = Prices.none(problem)  # those of the last search
        self.center = self.prices  # those of the lowest estimate of the bound
        self.relaxed: Relaxed | None = None
        self.chosen: Indices = np.empty(0, dtype=np.int64)
        self.searches = 0
        self.done = 0
        self.bound = np.inf  # of exact rounds
        self.stopped_by = Stop.ROUNDS
        self.history: list[Progress] = []

    def start(self, pool: ColumnPool | None, prices: Prices | None) -> None:
        """Take what is known; then let prices find their size by quick searches."""
        if pool is not None:
            self.pool = self.pool.added(pool)
        if prices is None:
            self._warm_up()
        else:
            self.prices = prices
            self._search(prices, QUICK)
        self.center = self.prices
        self._keep(pack(self.problem, self.pool, prices=self.prices))

    def _search(self, prices: Prices, effort: Effort, *, noise: float = 0.0) -> ColumnPool:
        """Search all challenges, or those that the clock leaves time for."""
        self.searches += 1
        n = self.problem.n_challenges
        batch = max(1, n) if np.isinf(self.clock.seconds) else _BATCH
        for first in range(0, n, batch):
            if first and self.clock.left(_ROUNDS_PART) < 0.0:
                break
            found = price_all(
                self.problem,
                prices,
                challenges=range(first, min(n, first + batch)),
                effort=effort,
                seed=self.seed + 7919 * self.searches,
                noise=noise,
                executor=self.executor,
            )
            self.pool = self.pool.added(found)
        return self.pool

    def _warm_up(self) -> None:
        """Raise the prices of what the best teams ask too much of, lower the others."""
        problem = self.problem
        for step in range(_WARM_UP):
            self._search(self.prices, QUICK)
            best = _best_of_each(problem, self.pool, self.prices)
            self._keep(pack(problem, self.pool, prices=self.prices))
            if not len(best) or self.clock.left(_ROUNDS_PART) < 0.0:
                return
            self.prices = _stepped(problem, self.pool.kept(best), self.prices, step)

    def _keep(self, chosen: Indices) -> None:
        """Keep a plan if it is the best so far."""
        was, now = (is_plan(self.problem, self.pool, c) for c in (self.chosen, chosen))
        values = [float(self.pool.value[c].sum()) for c in (self.chosen, chosen)]
        if (now, values[1]) > (was, values[0]):
            self.chosen = chosen

    def rounds(self) -> None:
        """Price and search until nothing helps or a limit is met."""
        idle, level = 0, 0
        hardest = _HARDEST_BEFORE_EXACT if self.limits.exact_rounds else len(_LEVELS) - 1
        while self.done < self.limits.rounds:
            if self.clock.left(_ROUNDS_PART) < 0.0:
                self.stopped_by = Stop.CLOCK
                return
            before = self.relaxed
            relaxed = relax(
                self.problem, self.pool, self.solver, self._limits(_ROUNDS_PART),
                likely=self.prices if before is None else before.prices, passes=2,
            )  # fmt: skip
            if relaxed is None:
                self.stopped_by = Stop.SOLVER
                return
            self.relaxed = relaxed
            self._keep(pack(self.problem, self.pool, first=_whole(relaxed)))
            self._tell()
            rise = np.inf if before is None else relaxed.objective - before.objective
            if rise < _SLOW[level] * abs(relaxed.value):
                idle += level == hardest
                level = min(level + 1, hardest)
            else:
                idle = 0
            if idle >= (1 if self.limits.exact_rounds else self.limits.idle_rounds):
                self.stopped_by = Stop.SETTLED
                return
            self.done += 1
            self._move(relaxed)
            noise = _NOISE if self.done % 4 == 0 else 0.0
            self._search(self.prices, _LEVELS[level], noise=noise)

    def exact_rounds(self) -> None:
        """Price exactly, if it is asked for and the quick rounds ended by themselves."""
        limits = self.limits
        if not limits.exact_rounds or self.stopped_by not in (Stop.SETTLED, Stop.ROUNDS):
            return
        rounds = ExactRounds(
            self.problem, self.pool, self.prices,
            ExactLimits(
                gap=limits.gap, rounds=limits.exact_rounds,
                deadline=self.clock.started + _EXACT_PART * self.clock.seconds,
            ),
            executor=self.executor, solver=self.solver, seed=self.seed,
        )  # fmt: skip
        rounds.run()
        self.done += rounds.done
        self.pool, self.bound, self.stopped_by = rounds.pool, rounds.bound, rounds.stopped_by
        self.prices = self.center = rounds.prices
        self.relaxed = rounds.relaxed or self.relaxed

    def _move(self, relaxed: Relaxed) -> None:
        """Set prices between the best known and the duals (Wentges smoothing)."""
        estimates = [
            _estimate(self.problem, self.pool, prices) for prices in (self.center, self.prices)
        ]
        if estimates[1] < estimates[0]:
            self.center = self.prices
        self.prices = self.center.towards(relaxed.prices, _SMOOTH)

    def _limits(self, part: float) -> Limits:
        left = max(0.5, min(600.0, self.clock.left(part)))
        return Limits(gap=self.limits.gap, nodes=self.limits.nodes, deadline_s=left, seed=self.seed)

    def _tell(self) -> None:
        self.history.append(
            Progress(
                round=self.done,
                columns=len(self.pool),
                value=float(self.pool.value[self.chosen].sum()),
                restricted_bound=np.nan if self.relaxed is None else self.relaxed.value,
                seconds=self.clock.spent,
            )
        )
        if self.progress is not None:
            self.progress(self.history[-1])

    def finish(self) -> Generation:
        """Bound every plan, then choose the best one."""
        if np.isinf(self.bound):
            relaxed = self._relax_whole()
            candidates = [self.prices, self.center]
            if relaxed is not None:
                candidates.insert(0, relaxed.prices)
            estimates = [_estimate(self.problem, self.pool, prices) for prices in candidates]
            self.prices = candidates[int(np.argmin(estimates))]
            bound = self._bound()
        else:
            relaxed, bound = self.relaxed, self.bound
        choice = self._choose(relaxed)
        return Generation(
            pool=self.pool,
            chosen=choice.chosen,
            value=choice.value,
            prices=self.prices,
            restricted_bound=choice.bound,
            bound=max(bound, choice.value) if choice.is_feasible else bound,
            is_feasible=choice.is_feasible,
            rounds=self.done,
            stopped_by=self.stopped_by,
            solver_stopped_by=choice.stopped_by,
            history=tuple(self.history),
        )

    def _relax_whole(self) -> Relaxed | None:
        """Return the relaxation over all columns, or the last one if there is no time."""
        if self.clock.left(_BOUND_PART) < _WORTH_A_SOLVE:
            return self.relaxed
        likely = self.prices if self.relaxed is None else self.relaxed.prices
        limits = self._limits(_BOUND_PART)
        return relax(self.problem, self.pool, self.solver, limits, likely=likely) or self.relaxed

    def _choose(self, relaxed: Relaxed | None) -> Choice:
        """Choose the best columns, or keep the plan at hand if there is no time."""
        problem, pool = self.problem, self.pool
        known = Choice(
            self.chosen, float(pool.value[self.chosen].sum()), np.nan,
            is_plan(problem, pool, self.chosen), StoppedBy.WALL_CLOCK,
        )  # fmt: skip
        if known.is_feasible and self.clock.left() < _WORTH_A_SOLVE:
            return known
        if relaxed is not None and len(relaxed.shares) != len(pool):
            relaxed = None
        limits = self._limits(1.0)
        choice = choose(
            problem, pool, self.solver, start=self.chosen, relaxed=relaxed, limits=limits
        )
        if choice.stopped_by not in (StoppedBy.NOTHING, StoppedBy.WORK):
            is_late = choice.stopped_by is StoppedBy.WALL_CLOCK and np.isfinite(self.clock.seconds)
            self.stopped_by = Stop.CLOCK if is_late else Stop.SOLVER
        return choice

    def _bound(self) -> float:
        """Bound every plan at the prices: roughly, then closely while there is time."""
        problem, rounds = self.problem, self.limits.bound_rounds
        if rounds == 0:
            return np.nan
        known = _known(problem, self.pool, self.prices)
        teams = bound_challenges(
            problem, self.prices, known=known, rounds=min(rounds, 20), by_location=False,
            executor=self.executor,
        )  # fmt: skip
        is_open = np.flatnonzero(teams > known)  # both are -inf where there is no team
        widest = is_open[np.argsort(known[is_open] - teams[is_open], kind="stable")]
        for first in range(0, len(widest), _BATCH):
            if self.clock.left(_BOUND_PART) < 0.0:
                break
            batch = np.sort(widest[first : first + _BATCH])
            closer = bound_challenges(
                problem, self.prices, known=known, challenges=batch, rounds=rounds,
                executor=self.executor,
            )  # fmt: skip
            teams = np.minimum(teams, closer)
        return bound_plans(problem, self.prices, teams)


def _whole(relaxed: Relaxed) -> Indices:
    """Return the columns that the relaxed plan takes whole."""
    return np.flatnonzero(relaxed.shares > 1.0 - 1e-6)


def _stepped(problem: SharedProblem, picked: ColumnPool, prices: Prices, step: int) -> Prices:
    """Return prices moved by what the best teams at prices ask of capacity and resources."""
    load = np.bincount(picked.member, minlength=problem.n_organisations)
    used = picked.use.sum(axis=0)
    size = max(1e-9, float(np.abs(picked.value).mean()))
    pace = 1.0 / (1.0 + 0.5 * step)
    over = (used - problem.limits) / np.maximum(1e-9, np.abs(used) + np.abs(problem.limits))
    unit = size * len(picked) / np.maximum(np.abs(used) + np.abs(problem.limits), 1e-9)
    asked = np.clip(load - problem.capacity, -1.0, 3.0)
    return Prices(
        np.maximum(0.0, prices.organisations + 0.05 * pace * size * asked),
        np.maximum(0.0, prices.resources + 2.0 * pace * over * unit),
    )


def _best_of_each(problem: SharedProblem, pool: ColumnPool, prices: Prices) -> Indices:
    """Return the best column of each challenge at prices, where it is worth more than none."""
    surplus = np.where(pool.usable(problem), pool.surplus(prices), -np.inf)
    order = np.lexsort((-surplus, pool.challenge))
    _, first = np.unique(pool.challenge[order], return_index=True)
    best = order[first]
    wanted = (surplus[best] > 0.0) | problem.mandatory[pool.challenge[best]]
    return np.asarray(best[wanted & (surplus[best] > -np.inf)])


def _known(problem: SharedProblem, pool: ColumnPool, prices: Prices) -> Floats:
    """Return the points of the best known team of each challenge at prices, -inf without any."""
    known = np.full(problem.n_challenges, -np.inf)
    worth = problem.worth - problem.fixed_use @ prices.resources
    usable = pool.usable(problem)
    points = pool.surplus(prices) - worth[pool.challenge]
    np.maximum.at(known, pool.challenge[usable], points[usable])
    return known


def _estimate(problem: SharedProblem, pool: ColumnPool, prices: Prices) -> float:
    """Return the bound that the columns known so far would give, lower than a valid one."""
    return bound_plans(problem, prices, _known(problem, pool, prices))
