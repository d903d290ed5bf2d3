"""Compiled: pack columns into a plan, and improve it by exchanging columns.

A plan holds at most one column of each challenge. An exchange takes a column in, takes out
what it does not fit beside, and gives the challenges that lost theirs the best columns that
still fit; it stays if the plan is worth more. Where no exchange helps, some columns of the
relaxed plan are forced in and the plan is improved again (iterated local search: Lourenco,
Martin and Stutzle 2003, Handbook of Metaheuristics, ch. 11).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable

from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["Columns", "fill_plan", "improve_plan"]


class Columns(NamedTuple):
    """Columns as the kernels read them."""

    value: Floats  # (j,)
    merit: Floats  # (j,), value minus what the resources used are worth
    challenge: Indices  # (j,)
    start: Indices  # (j + 1,)
    member: Indices
    use: Floats  # (j, r)
    first: Indices  # (c + 1,), range of each challenge in ``ranked``
    ranked: Indices  # (j,), columns of each challenge, best first
    must: Flags  # (c,), challenges that may not lose their column for nothing


class _Plan(NamedTuple):
    """A plan with what is left beside it."""

    column: Indices  # (c,), -1 = none
    holders: Indices  # (o, h), challenges that each organisation works for, -1 = a free place
    room: Floats  # (r,)
    out: Indices  # (e, 2), scratch: challenges that lost their column, and that column


@register_jitable
def _has_place(plan, o):
    is_free = False
    for h in range(plan.holders.shape[1]):
        is_free = is_free or plan.holders[o, h] == -1
    return is_free


@register_jitable
def _fits(columns, plan, j):
    """Tell whether a column finds capacity and room."""
    for r in range(len(plan.room)):
        if columns.use[j, r] > plan.room[r]:
            return False
    for e in range(columns.start[j], columns.start[j + 1]):
        if not _has_place(plan, columns.member[e]):
            return False
    return True


@register_jitable
def _swap(columns, plan, j, old, new):
    """Turn one mark ``old`` of each member into ``new``."""
    for e in range(columns.start[j], columns.start[j + 1]):
        o = columns.member[e]
        for h in range(plan.holders.shape[1]):
            if plan.holders[o, h] == old:
                plan.holders[o, h] = new
                break


@register_jitable
def _take_in(columns, plan, j):
    c = columns.challenge[j]
    plan.column[c] = j
    _swap(columns, plan, j, -1, c)
    for r in range(len(plan.room)):
        plan.room[r] -= columns.use[j, r]


@register_jitable
def _take_out(columns, plan, c):
    j = plan.column[c]
    plan.column[c] = -1
    _swap(columns, plan, j, c, -1)
    for r in range(len(plan.room)):
        plan.room[r] += columns.use[j, r]


@register_jitable
def _new_plan(columns, capacity, limits):
    n_places = 0
    for places in capacity:
        n_places = max(n_places, min(int(places), len(columns.must)))
    plan = _Plan(
        np.full(len(columns.must), -1, dtype=np.int64),
        np.full((len(capacity), n_places), -2, dtype=np.int64),
        limits.copy(),
        np.empty((5, 2), dtype=np.int64),
    )
    for o in range(len(capacity)):
        for h in range(min(int(capacity[o]), n_places)):
            plan.holders[o, h] = -1
    return plan


@njit(cache=True, nogil=True)
def fill_plan(columns, order, capacity, limits):
    """Take columns in their order while they fit; return the column of each challenge or -1."""
    plan = _new_plan(columns, capacity, limits)
    for j in order:
        if plan.column[columns.challenge[j]] < 0 and _fits(columns, plan, j):
            _take_in(columns, plan, j)
    return plan.column


@register_jitable
def _evict(columns, plan, j):
    """Take out the column of j's challenge and those that hold places that j needs.

    Returns how many challenges lost their column, listed in ``plan.out``, and whether j
    then fits.
    """
    count = 0
    c = columns.challenge[j]
    if plan.column[c] >= 0:
        plan.out[0, 0], plan.out[0, 1] = c, plan.column[c]
        _take_out(columns, plan, c)
        count = 1
    for e in range(columns.start[j], columns.start[j + 1]):
        o = columns.member[e]
        if _has_place(plan, o):
            continue
        loser, least = -1, np.inf
        for h in range(plan.holders.shape[1]):
            d = plan.holders[o, h]
            if d >= 0 and not columns.must[d] and columns.merit[plan.column[d]] < least:
                loser, least = d, columns.merit[plan.column[d]]
        if loser < 0 or count == len(plan.out):
            return count, False
        plan.out[count, 0], plan.out[count, 1] = loser, plan.column[loser]
        _take_out(columns, plan, loser)
        count += 1
    return count, _fits(columns, plan, j)


@register_jitable
def _exchange(columns, plan, j, least, width):
    """Take a column in if the plan then gains more than ``least``; return the gain, else 0."""
    count, fits = _evict(columns, plan, j)
    c = columns.challenge[j]
    gained = columns.merit[j] if fits else -np.inf
    for t in range(count):
        gained -= columns.merit[plan.out[t, 1]]
    if fits:
        _take_in(columns, plan, j)
        for t in range(count):
            d = plan.out[t, 0]
            last = min(columns.first[d] + width, columns.first[d + 1])
            for place in range(columns.first[d], last):
                i = columns.ranked[place]
                if d == c or columns.merit[i] <= 0.0:
                    break
                if _fits(columns, plan, i):
                    gained += columns.merit[i]
                    _take_in(columns, plan, i)
                    break
    if gained > least:
        return gained
    if fits:
        _take_out(columns, plan, c)
    for t in range(count):
        d = plan.out[t, 0]
        if plan.column[d] >= 0:
            _take_out(columns, plan, d)
    for t in range(count):
        _take_in(columns, plan, plan.out[t, 1])
    return 0.0


@register_jitable
def _settle(columns, plan, tried, width):
    """Exchange columns until none of ``tried`` helps, or for eight rounds; return the gain."""
    total = 0.0
    for _ in range(8):
        gained = 0.0
        for j in tried:
            if plan.column[columns.challenge[j]] != j:
                gained += _exchange(columns, plan, j, 1e-9, width)
        total += gained
        if gained <= 1e-9:
            break
    return total


@njit(cache=True, nogil=True)
def improve_plan(columns, start, tried, forced, capacity, limits, kicks, width, enough, seed):
    """Return a better plan, if exchanges find one.

    Parameters
    ----------
    columns : Columns
        All columns.
    start : ndarray of int64, shape (c,)
        Column of each challenge or -1.
    tried : ndarray of int64
        Columns to take in, in the order in which they are tried.
    forced : ndarray of int64
        Columns that are forced in at random where nothing helps any more.
    capacity, limits : ndarray of float64
        Of organisations and resources.
    kicks : int
        Times that columns are forced in.
    width : int
        Columns looked at for each challenge that lost its own.
    enough : float
        Value at which the search ends.
    seed : int
        Of the columns forced in.
    """
    np.random.seed(seed)
    plan = _new_plan(columns, capacity, limits)
    for j in start:
        if j >= 0:
            _take_in(columns, plan, j)
    best, top = start.copy(), _worth(columns, start)
    kept = start.copy()
    for kick in range(kicks + 1):
        change = 0.0
        if kick > 0:
            for _ in range(1 + int(3.0 * np.random.random())):
                j = forced[int(len(forced) * np.random.random())]
                if plan.column[columns.challenge[j]] != j:
                    change += _exchange(columns, plan, j, -np.inf, width)
        change += _settle(columns, plan, tried, width)
        value = _worth(columns, plan.column)
        if value > top + 1e-9:
            top = value
            for c in range(len(best)):
                best[c] = plan.column[c]
        if change >= -1e-9 or value >= top - 1e-9:
            for c in range(len(kept)):
                kept[c] = plan.column[c]
        else:
            for c in range(len(kept)):
                if plan.column[c] >= 0 and plan.column[c] != kept[c]:
                    _take_out(columns, plan, c)
            for c in range(len(kept)):
                if kept[c] >= 0 and plan.column[c] < 0:
                    _take_in(columns, plan, kept[c])
        if top >= enough or len(forced) == 0:
            break
    return best


@register_jitable
def _worth(columns, plan):
    value = 0.0
    for j in plan:
        if j >= 0:
            value += columns.value[j]
    return value
