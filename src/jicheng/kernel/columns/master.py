"""Choose among columns: the linear relaxation gives prices, the integer program a plan.

Rows: at most one column for each challenge; an organisation works in no more consortia
than it has capacity for; each resource keeps its limit. A mandatory challenge that stays
unstaffed, and a limit that even an empty plan breaks (a floor), may be missed at a
penalty, so that there is always an answer; a plan with a miss says so and is not
feasible. Only capacity rows that can bind are written.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from jicheng.kernel.columns._plans import Columns, fill_plan, improve_plan
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.program import Basis, MixedIntegerProgram, ProgramBuilder
from jicheng.kernel.solver import Limits, Solution, Solver, SolveStatus, StoppedBy
from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["Choice", "Exchange", "Relaxed", "choose", "is_plan", "pack", "relax", "shortfall"]

_SENT = 8  # columns of a challenge that are sent to the solver at first
_MISSED = 1e-5  # part of the value by which duals may be raised instead of solving again
_REACH = 2e-5  # loss, as a part of the value, up to which columns are chosen from at first
_WIDER = 6.0  # factor of it for the next try
_NEAR = 3e-5  # loss, as a part of the value, up to which columns are tried in exchanges
_WIDTH = 100  # columns looked at for a challenge that lost its own
_LEAST_SOLVE = 0.1  # seconds of a solve, however late it is
_SLACK = 1e-6  # by which a limit may be missed, for rounding


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """The master's linear relaxation.

    Attributes
    ----------
    prices : Prices
        Duals of capacity and resources.
    challenges : ndarray of float64, shape (c,)
        Duals of the challenges; negative for a mandatory one that costs the plan.
    value : float
        No plan of these columns that keeps every rule is worth more.
    objective : float
        Value of the relaxed plan; below ``value`` where the solver saw only a part of
        the columns.
    shares : ndarray of float64, shape (j,)
        Part of each column in the relaxed plan.
    """

    prices: Prices
    challenges: Floats
    value: float
    objective: float
    shares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Columns chosen for a plan, ascending; ``value`` does not contain penalties.

    ``bound`` bounds every plan of the same columns (nan if nothing was proved);
    ``is_feasible`` tells whether no mandatory challenge and no limit was missed.
    """

    chosen: Indices
    value: float
    bound: float
    is_feasible: bool
    stopped_by: StoppedBy = StoppedBy.NOTHING


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """How a packed plan is bettered by exchanging columns.

    Attributes
    ----------
    tried : ndarray of int64
        Columns to take in, in the order in which they are tried.
    forced : ndarray of int64
        Columns that are forced in at random where nothing helps any more.
    kicks : int
        How often that is done.
    enough : float
        Value at which the search ends.
    seed : int
        Of the columns forced in.
    """

    tried: Indices
    forced: Indices
    kicks: int = 20
    enough: float = np.inf
    seed: int = 0


def relax(
    problem: SharedProblem,
    pool: ColumnPool,
    solver: Solver,
    limits: Limits | None = None,
    *,
    likely: Prices | None = None,
    passes: int = 50,
) -> Relaxed | None:
    """Solve the linear relaxation over a pool.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    pool : ColumnPool
        All columns.
    solver : Solver
        In a process of its own.
    limits : Limits, optional
        Of each solve.
    likely : Prices, optional
        Prices near those of the answer: only columns that look good at them are sent to
        the solver, and further ones while the duals call for them.
    passes : int
        Most solves. The duals are raised to hold for the whole pool all the same, and
        with them ``value``.

    Returns
    -------
    Relaxed or None
        None if the solver had no answer.
    """
    usable = pool.usable(problem)
    places = np.flatnonzero(usable)
    if likely is not None and len(pool) > _SENT * problem.n_challenges:
        surplus = np.where(usable, pool.surplus(likely), -np.inf)
        places = np.flatnonzero(usable & _top(pool, surplus, _SENT))
    rows, basis, turn = np.empty(0, dtype=np.int64), None, 0
    while True:
        turn += 1
        sent = pool.kept(places)
        rows = _capacity_rows(problem, sent, rows)
        solution = solver.solve(_program(problem, sent, rows, basis=basis), limits=limits)
        relaxed = _relaxed(problem, rows, solution)
        if relaxed is None:
            return None
        gain = pool.surplus(relaxed.prices) - relaxed.challenges[pool.challenge]
        gain[~usable] = -np.inf
        missed = np.zeros(problem.n_challenges)
        np.maximum.at(missed, pool.challenge, gain)
        if missed.sum() <= _MISSED * max(1.0, abs(relaxed.value)) or turn >= passes:
            return _raised(relaxed, missed, places, len(pool))
        basis = solution.basis
        gain[places] = -np.inf
        near = gain > -0.01 * np.abs(relaxed.challenges).mean()
        places = np.concatenate([places, np.flatnonzero(near & _top(pool, gain, _SENT))])


def _raised(relaxed: Relaxed, missed: Floats, places: Indices, n_columns: int) -> Relaxed:
    """Return the answer for some columns as one that holds for all: duals raised by ``missed``."""
    shares = np.zeros(n_columns)
    shares[places] = relaxed.shares
    return replace(
        relaxed,
        challenges=relaxed.challenges + missed,
        value=relaxed.value + float(missed.sum()),
        shares=shares,
    )


def _top(pool: ColumnPool, score: Floats, count: int) -> Flags:
    """Return the best ``count`` columns of each challenge."""
    order = np.lexsort((-score, pool.challenge))
    challenge = pool.challenge[order]
    rank = np.arange(len(pool)) - np.searchsorted(challenge, challenge)
    best = np.zeros(len(pool), dtype=np.bool_)
    best[order[rank < count]] = True
    return best


def _relaxed(problem: SharedProblem, rows: Indices, solution: Solution) -> Relaxed | None:
    """Read the relaxation's answer; None if there is none."""
    if solution.status is not SolveStatus.OPTIMAL or solution.values is None:
        return None
    c, r = problem.n_challenges, problem.n_resources
    duals = solution.row_duals
    if duals is None:
        if len(solution.values):
            return None
        duals = np.zeros(c + r + len(rows))  # without columns there are no duals
    organisations = np.zeros(problem.n_organisations)
    organisations[rows] = np.maximum(0.0, duals[c + r :])
    n_extra = int(problem.mandatory.sum() + (problem.limits < 0.0).sum())
    return Relaxed(
        prices=Prices(organisations, np.maximum(0.0, duals[c : c + r])),
        challenges=np.asarray(duals[:c]),
        value=float(solution.objective or 0.0),
        objective=float(solution.objective or 0.0),
        shares=np.asarray(solution.values)[n_extra:],
    )


def choose(
    problem: SharedProblem,
    pool: ColumnPool,
    solver: Solver,
    *,
    start: Indices | None = None,
    relaxed: Relaxed | None = None,
    limits: Limits | None = None,
) -> Choice:
    """Choose the best columns.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    pool : ColumnPool
        Columns to choose from.
    solver : Solver
        In a process of its own.
    start : ndarray of int64, optional
        A plan to start from and to fall back on.
    relaxed : Relaxed, optional
        The relaxation over this pool. The solver is then first given the columns that
        cost the relaxed plan little, and more only while a plan with others may be better
        than the best known by more than the gap.
    limits : Limits, optional
        Of each solve; ``deadline_s`` counts for all of them together.

    Returns
    -------
    Choice
        At least as good as ``start``; with ``stopped_by`` if the solver was cut short.
    """
    limits = limits or Limits(gap=1e-4)
    ends = time.monotonic() + limits.deadline_s
    if relaxed is None:
        best = _choice(problem, pool, pack(problem, pool, first=start))
        return _solve(problem, pool, best, np.arange(len(pool)), solver, limits)
    lost = relaxed.challenges[pool.challenge] - pool.surplus(relaxed.prices)
    size = max(1.0, abs(relaxed.value))
    best = _packed(problem, pool, start, relaxed, lost, limits)
    if best.is_feasible and relaxed.value - best.value <= limits.gap * size:
        return replace(best, bound=max(relaxed.value, best.value))
    if best.is_feasible:
        kept = _open_columns(problem, pool, relaxed, lost, size)
        kept[best.chosen] = True
        best = _solve(problem, pool, best, np.flatnonzero(kept), solver, _left(limits, ends))
        best = replace(best, bound=max(relaxed.value, best.value))
        is_cut = best.stopped_by not in (StoppedBy.NOTHING, StoppedBy.WORK)
        if is_cut or best.bound - best.value <= limits.gap * size:
            return best
    reach = _REACH * size
    while True:
        room = relaxed.value - best.value + 1e-6 * size if best.is_feasible else np.inf
        kept = lost <= min(reach, room)
        kept[best.chosen] = True
        best = _solve(problem, pool, best, np.flatnonzero(kept), solver, _left(limits, ends))
        proved = relaxed.value if np.isnan(best.bound) else best.bound
        unseen = relaxed.value - lost[~kept].min(initial=np.inf)
        bound = min(relaxed.value, max(proved, unseen))
        best = replace(best, bound=max(bound, best.value))
        is_close = best.is_feasible and best.bound - best.value <= 1.01 * limits.gap * size
        if is_close or best.stopped_by or kept.all() or min(reach, room) == room:
            return best
        reach *= _WIDER


def _left(limits: Limits, ends: float) -> Limits:
    """Return the limits of a solve that has to be done at a time of the monotonic clock."""
    return replace(limits, deadline_s=max(_LEAST_SOLVE, ends - time.monotonic()))


def _open_columns(
    problem: SharedProblem, pool: ColumnPool, relaxed: Relaxed, lost: Floats, size: float
) -> Flags:
    """Return the columns of the relaxed plan, and good ones of challenges that it splits."""
    is_whole = np.zeros(problem.n_challenges, dtype=np.bool_)
    is_whole[pool.challenge[relaxed.shares > 1.0 - 1e-6]] = True
    near = (lost <= _REACH * size) & ~is_whole[pool.challenge]
    return np.asarray((relaxed.shares > 1e-9) | near)


def _packed(
    problem: SharedProblem,
    pool: ColumnPool,
    start: Indices | None,
    relaxed: Relaxed,
    lost: Floats,
    limits: Limits,
) -> Choice:
    """Return the best plan that needs no solver: from the start, and from the relaxed plan."""
    size = max(1.0, abs(relaxed.value))
    near = np.flatnonzero(lost <= _NEAR * size)
    exchange = Exchange(
        tried=near[np.lexsort((near, lost[near]))],
        forced=np.flatnonzero((relaxed.shares > 1e-6) & (lost <= _NEAR * size)),
        enough=relaxed.value - limits.gap * size,
        seed=limits.seed,
    )
    likely = np.flatnonzero(relaxed.shares > 0.5)
    firsts = [likely] if start is None or not len(start) else [start, likely]
    plans = [
        _choice(
            problem, pool,
            pack(problem, pool, prices=relaxed.prices, first=first, exchange=exchange),
        )
        for first in firsts
    ]  # fmt: skip
    if start is not None and len(start):
        plans.append(_choice(problem, pool, start))
    return max(plans, key=lambda plan: _merit(problem, pool, plan.chosen))


def _choice(problem: SharedProblem, pool: ColumnPool, chosen: Indices) -> Choice:
    return Choice(
        chosen=chosen,
        value=float(pool.value[chosen].sum()),
        bound=np.nan,
        is_feasible=is_plan(problem, pool, chosen),
    )


def _solve(
    problem: SharedProblem,
    pool: ColumnPool,
    known: Choice,
    places: Indices,
    solver: Solver,
    limits: Limits,
) -> Choice:
    """Choose among some columns; the known plan stands if the solver finds none that is better.

    ``bound`` holds for plans of these columns, nan if the solver proved nothing.
    """
    start = np.isin(places, known.chosen).astype(np.float64)
    sent = pool.kept(places)
    rows = _capacity_rows(problem, sent, np.empty(0, dtype=np.int64))
    program = _program(problem, sent, rows, is_whole=True, start=start)
    solution = solver.solve(program, limits=limits)
    best = known
    if solution.values is not None:
        found = places[np.flatnonzero(solution.values[program.n_columns - len(places) :] > 0.5)]
        if _merit(problem, pool, found) > _merit(problem, pool, known.chosen):
            best = _choice(problem, pool, found)
    bound = np.nan if solution.bound is None else max(float(solution.bound), best.value)
    return replace(best, bound=bound, stopped_by=solution.stopped_by)


def shortfall(problem: SharedProblem, pool: ColumnPool, chosen: Indices) -> tuple[Floats, Flags]:
    """Return by how much each limit is missed, and which mandatory challenges are not staffed."""
    over = pool.use[chosen].sum(axis=0) - problem.limits
    staffed = np.zeros(problem.n_challenges, dtype=np.bool_)
    staffed[pool.challenge[chosen]] = True
    slack = _SLACK * np.maximum(1.0, np.abs(problem.limits))
    return np.where(over > slack, over, 0.0), problem.mandatory & ~staffed


def is_plan(problem: SharedProblem, pool: ColumnPool, chosen: Indices) -> bool:
    """Tell whether columns keep every shared rule together."""
    over, unstaffed = shortfall(problem, pool, chosen)
    return _fits(problem, pool, chosen) and not over.any() and not unstaffed.any()


def _fits(problem: SharedProblem, pool: ColumnPool, chosen: Indices) -> bool:
    """Tell whether there is one column a challenge, and capacity for all."""
    picked = pool.kept(chosen)
    load = np.bincount(picked.member, minlength=problem.n_organisations)
    once = len(np.unique(picked.challenge)) == len(picked)
    return bool(once and (load <= problem.capacity + _SLACK).all())


def _merit(problem: SharedProblem, pool: ColumnPool, chosen: Indices) -> tuple[bool, float, float]:
    """Rank plans: those that keep all rules first, then by misses, then by value."""
    over, unstaffed = shortfall(problem, pool, chosen)
    missed = float(unstaffed.sum() + (over / np.maximum(1.0, np.abs(problem.limits))).sum())
    return _fits(problem, pool, chosen), -missed, float(pool.value[chosen].sum())


def _program(
    problem: SharedProblem,
    pool: ColumnPool,
    rows: Indices,
    *,
    is_whole: bool = False,
    start: Floats | None = None,
    basis: Basis | None = None,
) -> MixedIntegerProgram:
    """State the master: first what may be missed, then the columns.

    Rows of challenges, of resources, then of the organisations ``rows``: more columns and
    more of these rows can be appended without moving the others.
    """
    builder = ProgramBuilder(maximise=True)
    penalty = 3.0 * problem.largest * max(1, problem.n_challenges)
    must, broken = np.flatnonzero(problem.mandatory), np.flatnonzero(problem.limits < 0.0)
    missed = builder.columns(len(must), cost=-penalty, upper=1.0)
    short = builder.columns(len(broken), cost=-penalty / np.maximum(1e-6, -problem.limits[broken]))
    upper = np.where(pool.usable(problem), 1.0 if is_whole else np.inf, 0.0)
    x = builder.columns(len(pool), cost=pool.value, upper=upper, integral=is_whole)
    builder.rows(
        problem.n_challenges,
        np.concatenate([pool.challenge, must]),
        np.concatenate([x, missed]),
        lower=np.where(problem.mandatory, 1.0, -np.inf),
        upper=1.0,
    )
    column, resource = np.nonzero(pool.use)
    builder.rows(
        problem.n_resources,
        np.concatenate([resource, broken]),
        np.concatenate([x[column], short]),
        np.concatenate([pool.use[column, resource], np.full(len(broken), -1.0)]),
        upper=problem.limits,
    )
    row_of = np.full(problem.n_organisations, -1, dtype=np.int64)
    row_of[rows] = np.arange(len(rows))
    row = row_of[pool.member]
    inside = row >= 0
    builder.rows(
        len(rows), row[inside], x[pool.column_of_member[inside]], upper=problem.capacity[rows]
    )
    if start is not None:
        start = np.concatenate([np.full(len(must) + len(broken), np.nan), start])
    return replace(builder.build(start=start), basis=basis)


def _capacity_rows(problem: SharedProblem, pool: ColumnPool, known: Indices) -> Indices:
    """Return the organisations whose capacity can bind, those known already first.

    One that has columns in no more challenges than it has capacity needs no row.
    """
    pair = pool.member * problem.n_challenges + pool.challenge[pool.column_of_member]
    asked = np.unique(pair) // max(1, problem.n_challenges)
    wanted = np.bincount(asked, minlength=problem.n_organisations)
    binding = np.flatnonzero((wanted > problem.capacity) & problem.is_open)
    return np.concatenate([known, np.setdiff1d(binding, known)])


def pack(
    problem: SharedProblem,
    pool: ColumnPool,
    *,
    prices: Prices | None = None,
    first: Indices | None = None,
    exchange: Exchange | None = None,
) -> Indices:
    """Choose columns without a solver.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    pool : ColumnPool
        Columns to choose from.
    prices : Prices, optional
        The surplus at these prices is the order in which columns are taken while they
        fit; default zero. Mandatory challenges come first.
    first : ndarray of int64, optional
        Columns taken before all others, as far as they fit.
    exchange : Exchange, optional
        How the plan is then bettered.

    Returns
    -------
    ndarray of int64
        Columns, ascending, that fit capacity and keep each limit that an empty plan
        keeps; floors are not sought.
    """
    if not len(pool):
        return np.empty(0, dtype=np.int64)
    surplus = pool.value if prices is None else pool.surplus(prices)
    is_first = np.zeros(len(pool), dtype=np.bool_)
    is_first[np.empty(0, dtype=np.int64) if first is None else first] = True
    must, usable = problem.mandatory[pool.challenge], pool.usable(problem)
    order = np.lexsort((-surplus, ~must, ~is_first))
    wanted = usable & (is_first | must | (pool.value > 0.0))
    limits = problem.limits + _SLACK * np.maximum(1.0, np.abs(problem.limits))
    limits[problem.limits < 0.0] = np.inf  # floors: left to the solver
    merit = pool.value if prices is None else pool.value - pool.use @ prices.resources
    ranked = np.lexsort((-np.where(usable, merit, -np.inf), pool.challenge))
    first_of = np.searchsorted(pool.challenge[ranked], np.arange(problem.n_challenges + 1))
    columns = Columns(
        pool.value, merit, pool.challenge, pool.start, pool.member, pool.use,
        first_of.astype(np.int64), ranked.astype(np.int64), problem.mandatory,
    )  # fmt: skip
    plan = fill_plan(columns, order[wanted[order]], problem.capacity, limits)
    if exchange is not None and not (problem.limits < 0.0).any():
        plan = improve_plan(
            columns, plan, exchange.tried[usable[exchange.tried]],
            exchange.forced[usable[exchange.forced]], problem.capacity, limits,
            exchange.kicks, _WIDTH, exchange.enough, exchange.seed,
        )  # fmt: skip
    return np.sort(plan[plan >= 0])
