"""Answer questions about a plan from its columns and prices, in seconds.

A question changes something: an organisation withdraws, money grows, a challenge arrives.
What still holds is kept: columns that obey the changed rules, and the prices. Challenges
that the change touches are searched again at the stored prices, because the columns of a
pool were found for other circumstances; then the master chooses anew. An answer rests on
its columns: another run of column generation may find a better plan.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from jicheng.kernel.columns.exact_rounds import Stop
from jicheng.kernel.columns.generation import Generation
from jicheng.kernel.columns.master import choose, pack, relax
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import DEEP, STEADY, Effort, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from jicheng.kernel.team_problem import Floats, Indices, TeamProblem

__all__ = ["AnswerLimits", "Arrival", "Front", "arrive", "front", "reprice"]


_RELAXATION_SECONDS = 1.0  # however late it is: without duals an answer is poor


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Limits of an answer.

    Parameters
    ----------
    gap : float
        Relative gap at which the choice of columns counts as best.
    nodes, stall_nodes : int
        Most nodes of the choice, and most without a better one (deterministic).
    max_seconds : float
        Safety net of the wall clock for the solver; an answer that it cut says so.
    """

    gap: float = 3e-4
    nodes: int = 2_000
    stall_nodes: int = 500
    max_seconds: float = 30.0

    def of_solver(self, spent: float = 0.0, seed: int = 0, least: float = 0.2) -> Limits:
        """Return the solver's limits when so many seconds are spent, with ``least`` left."""
        return Limits(
            gap=self.gap,
            nodes=self.nodes,
            stall_nodes=self.stall_nodes,
            deadline_s=max(least, self.max_seconds - spent),
            seed=seed,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """The best plan at each scale of the limits.

    Attributes
    ----------
    scales : ndarray of float64, shape (b,)
        Factors of the limits, ascending.
    plans : tuple of Generation, length b
        The plans; all share one pool.
    knee : int
        Where the curve of values is farthest above its chord; -1 with fewer than three.
    """

    scales: Floats
    plans: tuple[Generation, ...]
    knee: int

    @property
    def values(self) -> Floats:
        """Points of the plan at each scale, shape (b,)."""
        return np.array([plan.value for plan in self.plans])


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """What becomes of a new challenge.

    Attributes
    ----------
    problem : SharedProblem
        With the new challenge, the last.
    generation : Generation
        The plan, with it or as it was.
    column : int
        Its consortium in the pool; -1 if it is not staffed.
    surplus : float
        Points of its best consortium beyond what members and resources cost at the
        stored prices; -inf if there is none. Worth accepting if above zero.
    is_accepted : bool
        Whether it is staffed.
    changed : ndarray of int64
        Other challenges whose consortium changed or that lost it.
    """

    problem: SharedProblem
    generation: Generation
    column: int
    surplus: float
    is_accepted: bool
    changed: Indices


def reprice(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    touched: Sequence[int] | Indices,
    *,
    chosen: Indices | None = None,
    fixed: Indices | None = None,
    effort: Effort = STEADY,
    limits: AnswerLimits | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    solver: Solver | None = None,
) -> Generation:
    """Answer what the best plan is after a change.

    Parameters
    ----------
    problem : SharedProblem
        As changed. Organisations that are locked out have no capacity.
    pool : ColumnPool
        Columns known; those that an organisation without capacity is a member of are
        passed over. Where rules of teams changed, give ``pool.revalued(problem)``.
    prices : Prices
        Stored prices.
    touched : sequence of int
        Challenges to search again at these prices.
    chosen : ndarray of int64, optional
        The plan before, as columns of ``pool``: what is left of it is where the choice
        starts.
    fixed : ndarray of int64, optional
        Columns of ``pool`` that must stay, such as signed contracts.
    effort : Effort
        How hard the touched challenges are searched.
    limits : AnswerLimits, optional
        Of the choice.
    seed, executor, solver
        As in :func:`~jicheng.kernel.columns.generation.generate`.

    Returns
    -------
    Generation
        Its pool begins with the columns given, in their order. ``bound`` is nan: nothing
        is proved beyond the pool; ``restricted_bound`` holds for the pool.
    """
    started = time.monotonic()
    limits = limits or AnswerLimits()
    found = price_all(
        problem, prices, challenges=touched, effort=effort, seed=seed, executor=executor
    )
    grown = pool.added(found)
    own = Solver() if solver is None else None
    try:
        return _answer(
            problem, grown, prices, chosen, fixed, limits, solver or own or Solver(), started, seed
        )
    finally:
        if own is not None:
            own.close()


def _answer(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    chosen: Indices | None,
    fixed: Indices | None,
    limits: AnswerLimits,
    solver: Solver,
    started: float,
    seed: int,
) -> Generation:
    """Choose among the columns of a pool."""
    kept = pool if fixed is None or not len(fixed) else _only(pool, fixed)
    places = np.arange(len(pool)) if kept is pool else _places_beside(pool, fixed)
    if kept is not pool:
        settled = np.isin(np.arange(problem.n_challenges), pool.challenge[fixed])
        problem = replace(problem, mandatory=problem.mandatory | settled)
    start = None
    if chosen is not None:
        start = np.flatnonzero(np.isin(places, chosen))
    start = pack(problem, kept, prices=prices, first=start)
    relaxed = relax(
        problem,
        kept,
        solver,
        limits.of_solver(time.monotonic() - started, seed, _RELAXATION_SECONDS),
        likely=prices,
        passes=12,
    )
    choice = choose(
        problem, kept, solver, start=start, relaxed=relaxed,
        limits=limits.of_solver(time.monotonic() - started, seed),
    )  # fmt: skip
    is_cut = choice.stopped_by not in (StoppedBy.NOTHING, StoppedBy.WORK)
    return Generation(
        pool=pool,
        chosen=np.sort(places[choice.chosen]),
        value=choice.value,
        prices=prices if relaxed is None else relaxed.prices,
        restricted_bound=choice.bound,
        bound=np.nan,
        is_feasible=choice.is_feasible,
        rounds=0,
        stopped_by=Stop.SOLVER if is_cut or relaxed is None else Stop.SETTLED,
        solver_stopped_by=choice.stopped_by,
    )


def _places_beside(pool: ColumnPool, fixed: Indices | None) -> Indices:
    """Return the columns that are fixed, or of challenges without a fixed column."""
    places = np.empty(0, dtype=np.int64) if fixed is None else np.asarray(fixed, dtype=np.int64)
    is_fixed = np.zeros(len(pool), dtype=np.bool_)
    is_fixed[places] = True
    settled = np.isin(pool.challenge, pool.challenge[places])
    return np.flatnonzero(is_fixed | ~settled)


def _only(pool: ColumnPool, fixed: Indices | None) -> ColumnPool:
    return pool.kept(_places_beside(pool, fixed))


def front(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    scales: Sequence[float] | Floats,
    *,
    resources: Indices | None = None,
    chosen: Indices | None = None,
    fixed: Indices | None = None,
    effort: Effort | None = STEADY,
    limits: AnswerLimits | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    solver: Solver | None = None,
) -> Front:
    """Return the best plans when limits are scaled, such as 50 % to 150 % of the money.

    Parameters
    ----------
    problem, pool, prices
        As they stand.
    scales : sequence of float
        Factors of the limits.
    resources : ndarray of int64, optional
        Which limits are scaled; default all.
    chosen, fixed : ndarray of int64, optional
        As in :func:`reprice`.
    effort : Effort, optional
        How hard all challenges are searched at the prices of each scale; None: not at
        all, then values at other scales than that of the pool are rather low.
    limits : AnswerLimits, optional
        Of each plan; default a gap of 0.1 %.
    seed, executor, solver
        As in :func:`reprice`.

    Returns
    -------
    Front
        Columns found at one scale serve the others too. Values never fall as scales rise:
        each choice starts from the plan before.
    """
    limits = limits or AnswerLimits(gap=1e-3)
    own = Solver() if solver is None else None
    port = solver or own or Solver()
    factors = np.sort(np.asarray(scales, dtype=np.float64))
    problems = [problem.scaled(float(factor), resources) for factor in factors]
    near = [prices] * len(problems)
    try:
        for k in range(len(problems)) if effort is not None else ():
            likely = prices if k == 0 else near[k - 1]
            relaxed = relax(problems[k], pool, port, limits.of_solver(), likely=likely, passes=4)
            if relaxed is None or effort is None:
                continue
            near[k] = relaxed.prices
            pool = pool.added(
                price_all(problems[k], near[k], effort=effort, seed=seed + k, executor=executor)
            )
        plans: list[Generation] = []
        before = chosen
        for scaled, at in zip(problems, near, strict=True):
            plans.append(
                _answer(scaled, pool, at, before, fixed, limits, port, time.monotonic(), seed)
            )
            before = plans[-1].chosen
    finally:
        if own is not None:
            own.close()
    values = np.array([plan.value for plan in plans])
    return Front(factors, tuple(plans), _knee(factors, values))


def _knee(scales: Floats, values: Floats) -> int:
    """Return where a curve is farthest above the chord of its ends, both axes scaled to 1."""
    if len(scales) < 3 or values[-1] <= values[0] or scales[-1] <= scales[0]:
        return -1
    across = (scales - scales[0]) / (scales[-1] - scales[0])
    up = (values - values[0]) / (values[-1] - values[0])
    return int(np.argmax(up - across))


def arrive(
    problem: SharedProblem,
    generation: Generation,
    team: TeamProblem,
    who: Indices,
    *,
    worth: float,
    fixed_use: Floats | None = None,
    is_mandatory: bool = False,
    fixed: Indices | None = None,
    effort: Effort = DEEP,
    limits: AnswerLimits | None = None,
    seed: int = 0,
    solver: Solver | None = None,
) -> Arrival:
    """Take a new challenge into a plan if it is worth it.

    Parameters
    ----------
    problem : SharedProblem
        Without the new challenge.
    generation : Generation
        The plan, its columns and its prices.
    team : TeamProblem
        The new challenge's team to form.
    who : ndarray of int64
        Organisation of each of its candidates, ascending.
    worth, fixed_use, is_mandatory
        As in :class:`~jicheng.kernel.columns.problem.SharedProblem`.
    fixed : ndarray of int64, optional
        Columns of the generation's pool that must stay: signed contracts.
    effort, limits, seed, solver
        As in :func:`reprice`.

    Returns
    -------
    Arrival
        Accepted if its best consortium is worth more than its members and resources cost
        at the stored prices, and the shared rules allow it beside what is fixed.
    """
    started = time.monotonic()
    limits = limits or AnswerLimits()
    use = np.zeros(problem.n_resources) if fixed_use is None else fixed_use
    grown = problem.with_challenge(team, who, worth=worth, fixed_use=use, is_mandatory=is_mandatory)
    new = problem.n_challenges
    pool, kept = generation.pool, np.empty(0, dtype=np.int64) if fixed is None else fixed
    signed = pool.kept(kept)
    load = np.bincount(signed.member, minlength=problem.n_organisations)
    free = problem.without(np.flatnonzero(problem.capacity - load < 1.0))
    searched = free.with_challenge(team, who, worth=worth, fixed_use=use)
    found = price_all(searched, generation.prices, challenges=[new], effort=effort, seed=seed)
    surplus = found.surplus(generation.prices)
    best = float(surplus.max(initial=-np.inf))
    if best <= 0.0 and not is_mandatory:
        nobody = np.empty(0, dtype=np.int64)
        return Arrival(grown, generation, -1, best, is_accepted=False, changed=nobody)
    own = Solver() if solver is None else None
    try:
        plan = _answer(
            grown, pool.added(found), generation.prices, generation.chosen, fixed, limits,
            solver or own or Solver(), started, seed,
        )  # fmt: skip
    finally:
        if own is not None:
            own.close()
    column = plan.column_of.get(new, -1)
    both = np.setxor1d(plan.chosen, generation.chosen)
    changed = np.setdiff1d(np.unique(plan.pool.challenge[both]), [new])
    return Arrival(grown, plan, column, best, is_accepted=column >= 0, changed=changed)
