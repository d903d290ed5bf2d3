"""Compiled: pack columns into a plan, and improve it by exchanging columns.

A plan holds at most one column of each challenge. An exchange takes a column in, takes out
what it does not fit beside, and gives the challenges that lost theirs the best columns that
still fit; it stays if the plan is worth more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["Columns", "fill_plan", "improve_plan"]


class Columns(NamedTuple):
    """Columns as the kernels read them."""

    value: Floats  # (j,)
    challenge: Indices  # (j,)
    start: Indices  # (j + 1,)
    member: Indices
    use: Floats  # (j, r)
    first: Indices  # (c + 1,), range of each challenge in ``ranked``
    ranked: Indices  # (j,), columns of each challenge, best first
    must: Flags  # (c,), challenges that may not lose their column for nothing


@njit(cache=True, nogil=True)
def _fits(columns, j, left, room):
    """Tell whether a column finds capacity and room."""
    for r in range(len(room)):
        if columns.use[j, r] > room[r]:
            return False
    for e in range(columns.start[j], columns.start[j + 1]):
        if left[columns.member[e]] < 1.0:
            return False
    return True


@njit(cache=True, nogil=True)
def _book(columns, j, left, room, sign):
    """Take a column in (1) or out (-1)."""
    for r in range(len(room)):
        room[r] -= sign * columns.use[j, r]
    for e in range(columns.start[j], columns.start[j + 1]):
        left[columns.member[e]] -= sign


@njit(cache=True, nogil=True)
def fill_plan(columns, order, capacity, limits):
    """Take columns in their order while they fit; return the column of each challenge or -1."""
    plan = np.full(len(columns.first) - 1, -1, dtype=np.int64)
    left, room = capacity.copy(), limits.copy()
    for j in order:
        c = columns.challenge[j]
        if plan[c] < 0 and _fits(columns, j, left, room):
            plan[c] = j
            _book(columns, j, left, room, 1.0)
    return plan


@njit(cache=True, nogil=True)
def _evict(columns, j, plan, left, room, out):
    """Take out the column of j's challenge and those that hold places that j needs.

    Returns how many challenges lost their column; ``out`` names them and ``out[:, 1]``
    their columns.
    """
    count = 0
    c = columns.challenge[j]
    if plan[c] >= 0:
        out[0, 0], out[0, 1] = c, plan[c]
        _book(columns, plan[c], left, room, -1.0)
        plan[c] = -1
        count = 1
    for e in range(columns.start[j], columns.start[j + 1]):
        o = columns.member[e]
        if left[o] >= 1.0:
            continue
        loser, least = -1, np.inf
        for d in range(len(plan)):
            i = plan[d]
            if i < 0 or columns.must[d] or columns.value[i] >= least:
                continue
            for f in range(columns.start[i], columns.start[i + 1]):
                if columns.member[f] == o:
                    loser, least = d, columns.value[i]
        if loser < 0 or count == len(out):
            return count, False
        out[count, 0], out[count, 1] = loser, plan[loser]
        _book(columns, plan[loser], left, room, -1.0)
        plan[loser] = -1
        count += 1
    return count, _fits(columns, j, left, room)


@njit(cache=True, nogil=True)
def improve_plan(columns, plan, tried, capacity, limits, passes, width):
    """Exchange columns while the plan gets better; changes ``plan`` in place.

    Parameters
    ----------
    columns : Columns
        All columns.
    plan : ndarray of int64, shape (c,)
        Column of each challenge or -1.
    tried : ndarray of int64
        Columns to take in, in the order in which they are tried.
    capacity, limits : ndarray of float64
        Of organisations and resources.
    passes : int
        Most rounds over ``tried``.
    width : int
        Columns looked at for each challenge that lost its own.
    """
    left, room = capacity.copy(), limits.copy()
    for j in plan:
        if j >= 0:
            _book(columns, j, left, room, 1.0)
    out = np.empty((4, 2), dtype=np.int64)
    for _ in range(passes):
        is_better = False
        for j in tried:
            c = columns.challenge[j]
            if plan[c] == j:
                continue
            count, has_room = _evict(columns, j, plan, left, room, out)
            gained = columns.value[j] if has_room else -np.inf
            for t in range(count):
                gained -= columns.value[out[t, 1]]
            if has_room:
                plan[c] = j
                _book(columns, j, left, room, 1.0)
                for t in range(count):
                    d = out[t, 0]
                    if d == c:
                        continue
                    last = min(columns.first[d] + width, columns.first[d + 1])
                    for place in range(columns.first[d], last):
                        i = columns.ranked[place]
                        if columns.value[i] > 0.0 and _fits(columns, i, left, room):
                            plan[d] = i
                            gained += columns.value[i]
                            _book(columns, i, left, room, 1.0)
                            break
            if gained > 1e-9:
                is_better = True
                continue
            for t in range(count):
                d = out[t, 0]
                if plan[d] >= 0:
                    _book(columns, plan[d], left, room, -1.0)
                    plan[d] = -1
            if plan[c] == j:
                _book(columns, j, left, room, -1.0)
                plan[c] = -1
            for t in range(count):
                plan[out[t, 0]] = out[t, 1]
                _book(columns, out[t, 1], left, room, 1.0)
        if not is_better:
            break
