"""Choose among columns: the linear relaxation gives prices, the integer program a plan.

Rows: at most one column for each challenge; an organisation works in no more consortia
than it has capacity for; each resource keeps its limit. A mandatory challenge that stays
unstaffed, and a limit that even an empty plan breaks (a floor), may be missed at a
penalty, so that there is always an answer; a plan with a miss says so and is not
feasible. Only capacity rows that can bind are written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.columns._plans import Columns, fill_plan, improve_plan
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.program import MixedIntegerProgram, ProgramBuilder
from jicheng.kernel.solver import Limits, Solver, SolveStatus, StoppedBy
from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["Choice", "Relaxed", "choose", "is_plan", "pack", "relax", "shortfall"]

_SENT = 8  # columns of a challenge that are sent to the solver at first
_MISSED = 1e-5  # part of the value by which duals may be raised instead of solving again
_REACH = 2e-5  # loss, as a part of the value, up to which columns are chosen from at first
_WIDER = 6.0  # factor of it for the next try
_NEAR = 1e-3  # loss, as a part of the value, up to which columns are tried in exchanges
_EXCHANGES = 5  # rounds of them
_WIDTH = 200  # columns looked at for a challenge that lost its own
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
    active = usable.copy()
    if likely is not None and len(pool) > _SENT * problem.n_challenges:
        active = usable & _top(pool, np.where(usable, pool.surplus(likely), -np.inf), _SENT)
    turn = 0
    while True:
        turn += 1
        places = np.flatnonzero(active)
        relaxed = _relax(problem, pool.kept(places), solver, limits)
        if relaxed is None:
            return None
        gain = pool.surplus(relaxed.prices) - relaxed.challenges[pool.challenge]
        gain[~usable] = -np.inf
        missed = np.zeros(problem.n_challenges)
        np.maximum.at(missed, pool.challenge, gain)
        if missed.sum() <= _MISSED * max(1.0, abs(relaxed.value)) or turn >= passes:
            shares = np.zeros(len(pool))
            shares[places] = relaxed.shares
            return replace(
                relaxed,
                challenges=relaxed.challenges + missed,
                value=relaxed.value + float(missed.sum()),
                shares=shares,
            )
        near = gain > -0.01 * np.abs(relaxed.challenges).mean()
        active |= near & _top(pool, np.where(active, -np.inf, gain), _SENT)


def _top(pool: ColumnPool, score: Floats, count: int) -> Flags:
    """Return the best ``count`` columns of each challenge."""
    order = np.lexsort((-score, pool.challenge))
    challenge = pool.challenge[order]
    rank = np.arange(len(pool)) - np.searchsorted(challenge, challenge)
    best = np.zeros(len(pool), dtype=np.bool_)
    best[order[rank < count]] = True
    return best


def _relax(
    problem: SharedProblem, pool: ColumnPool, solver: Solver, limits: Limits | None
) -> Relaxed | None:
    program, rows = _program(problem, pool, is_whole=False)
    if not program.n_columns:
        nothing = np.zeros(problem.n_challenges)
        return Relaxed(Prices.none(problem), nothing, 0.0, 0.0, np.empty(0))
    solution = solver.solve(program, limits=limits)
    if solution.status is not SolveStatus.OPTIMAL or solution.row_duals is None:
        return None
    duals = np.asarray(solution.row_duals)
    c = problem.n_challenges
    organisations = np.zeros(problem.n_organisations)
    organisations[rows] = np.maximum(0.0, duals[c : c + len(rows)])
    resources = np.maximum(0.0, duals[c + len(rows) :])
    return Relaxed(
        prices=Prices(organisations, resources),
        challenges=duals[:c],
        value=float(solution.objective or 0.0),
        objective=float(solution.objective or 0.0),
        shares=np.asarray(solution.values)[: len(pool)],
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
        Of each solve.

    Returns
    -------
    Choice
        At least as good as ``start``; with ``stopped_by`` if the solver was cut short.
    """
    limits = limits or Limits(gap=1e-4)
    if relaxed is None:
        best = _choice(problem, pool, pack(problem, pool, first=start))
        return _solve(problem, pool, best, np.arange(len(pool)), solver, limits)
    lost = relaxed.challenges[pool.challenge] - pool.surplus(relaxed.prices)
    size = max(1.0, abs(relaxed.value))
    best = _packed(problem, pool, start, relaxed, lost)
    if best.is_feasible and relaxed.value - best.value <= limits.gap * size:
        return replace(best, bound=max(relaxed.value, best.value))
    if best.is_feasible:
        kept = _open_columns(problem, pool, relaxed, lost, size)
        kept[best.chosen] = True
        best = _solve(problem, pool, best, np.flatnonzero(kept), solver, limits)
        best = replace(best, bound=max(relaxed.value, best.value))
        is_cut = best.stopped_by not in (StoppedBy.NOTHING, StoppedBy.WORK)
        if is_cut or best.bound - best.value <= limits.gap * size:
            return best
    reach = _REACH * size
    while True:
        room = relaxed.value - best.value + 1e-6 * size if best.is_feasible else np.inf
        kept = lost <= min(reach, room)
        kept[best.chosen] = True
        best = _solve(problem, pool, best, np.flatnonzero(kept), solver, limits)
        proved = relaxed.value if np.isnan(best.bound) else best.bound
        unseen = relaxed.value - lost[~kept].min(initial=np.inf)
        bound = min(relaxed.value, max(proved, unseen))
        best = replace(best, bound=max(bound, best.value))
        is_close = best.is_feasible and best.bound - best.value <= 1.01 * limits.gap * size
        if is_close or best.stopped_by or kept.all() or min(reach, room) == room:
            return best
        reach *= _WIDER


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
) -> Choice:
    """Return the best plan that needs no solver: from the start, and from the relaxed plan."""
    near = np.flatnonzero(lost <= _NEAR * max(1.0, abs(relaxed.value)))
    tried = near[np.lexsort((near, lost[near]))]
    likely = np.flatnonzero(relaxed.shares > 0.5)
    firsts = [likely] if start is None else [start, likely]
    plans = [
        _choice(problem, pool, pack(problem, pool, prices=relaxed.prices, first=first, tried=tried))
        for first in firsts
    ]
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
    program, _ = _program(problem, pool.kept(places), is_whole=True, start=start)
    solution = solver.solve(program, limits=limits)
    best = known
    if solution.values is not None:
        found = places[np.flatnonzero(solution.values[: len(places)] > 0.5)]
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
    problem: SharedProblem, pool: ColumnPool, *, is_whole: bool, start: Floats | None = None
) -> tuple[MixedIntegerProgram, Indices]:
    """State the master; also return the organisations that have a row."""
    builder = ProgramBuilder(maximise=True)
    upper = np.where(pool.usable(problem), 1.0 if is_whole else np.inf, 0.0)
    x = builder.columns(len(pool), cost=pool.value, upper=upper, integral=is_whole)
    penalty = 10.0 * (1.0 + np.abs(pool.value).max(initial=0.0)) * max(100, problem.n_challenges)
    must = np.flatnonzero(problem.mandatory)
    missed = builder.columns(len(must), cost=-penalty, upper=1.0)
    broken = np.flatnonzero(problem.limits < 0.0)
    short = builder.columns(len(broken), cost=-penalty / np.maximum(1e-6, -problem.limits[broken]))
    builder.rows(
        problem.n_challenges,
        np.concatenate([pool.challenge, must]),
        np.concatenate([x, missed]),
        lower=np.where(problem.mandatory, 1.0, -np.inf),
        upper=1.0,
    )
    entry_row, rows = _capacity_rows(problem, pool)
    inside = entry_row >= 0
    builder.rows(
        len(rows), entry_row[inside], pool.column_of_member[inside], upper=problem.capacity[rows]
    )
    column, resource = np.nonzero(pool.use)
    builder.rows(
        problem.n_resources,
        np.concatenate([resource, broken]),
        np.concatenate([column, short]),
        np.concatenate([pool.use[column, resource], np.full(len(broken), -1.0)]),
        upper=problem.limits,
    )
    if start is not None:
        start = np.concatenate([start, np.full(len(must) + len(broken), np.nan)])
    return builder.build(start=start), rows


def _capacity_rows(problem: SharedProblem, pool: ColumnPool) -> tuple[NDArray[np.int64], Indices]:
    """Return the row of each entry of ``pool.member`` (-1 = none), and each row's organisation.

    An organisation that has columns in no more challenges than it has capacity needs none.
    """
    pair = pool.member * problem.n_challenges + pool.challenge[pool.column_of_member]
    asked = np.unique(pair) // problem.n_challenges
    wanted = np.bincount(asked, minlength=problem.n_organisations)
    rows = np.flatnonzero((wanted > problem.capacity) & problem.is_open)
    row_of = np.full(problem.n_organisations, -1, dtype=np.int64)
    row_of[rows] = np.arange(len(rows))
    return row_of[pool.member], rows


def pack(
    problem: SharedProblem,
    pool: ColumnPool,
    *,
    prices: Prices | None = None,
    first: Indices | None = None,
    tried: Indices | None = None,
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
    tried : ndarray of int64, optional
        Columns that are then exchanged for others of the plan where that betters it,
        tried in this order.

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
    ranked = np.lexsort((-np.where(usable, pool.value, -np.inf), pool.challenge))
    first_of = np.searchsorted(pool.challenge[ranked], np.arange(problem.n_challenges + 1))
    columns = Columns(
        pool.value, pool.challenge, pool.start, pool.member, pool.use,
        first_of.astype(np.int64), ranked.astype(np.int64), problem.mandatory,
    )  # fmt: skip
    plan = fill_plan(columns, order[wanted[order]], problem.capacity, limits)
    if tried is not None and not (problem.limits < 0.0).any():
        may = np.asarray(tried)[usable[tried]]
        improve_plan(columns, plan, may, problem.capacity, limits, _EXCHANGES, _WIDTH)
    return np.sort(plan[plan >= 0])
