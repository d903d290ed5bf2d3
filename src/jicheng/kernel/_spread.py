"""Let losses spread through a network of firms in one direction until they settle.

A direction says what firm i loses, given what others had lost a step before:

    loss_i(t+1) = max( loss_i(t), max over its groups of  sum of weight[e] loss_source(t) ).

Weights of a group sum to at most 1, so a step never widens the gap between two states:
the largest rise of a step never exceeds that of the step before, and a rise that is not
passed on misplaces no later loss by more than itself. Both are used below.

While few firms have lost anything, only the firms behind a change are computed; from
then on eight shocks share each pass over the network (:mod:`jicheng.kernel._lanes`).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from jicheng.kernel._directions import Direction, Market
from jicheng.kernel._lanes import LANES, lanes_of_zeros, sweep

__all__ = [
    "MOST_STEPS", "advance_few", "is_settled", "load", "settle",
    "settle_replaced", "store", "sweep_once", "work_space",
]  # fmt: skip

MOST_STEPS = 100_000
"""Steps after which a cascade counts as one that never settles."""

_PASSED_ON = 1e-16  # a smaller rise is not passed on: one rounding of a level near 1
_SPARSE_SHARE = 64  # a step that touches more than 1/64 of the network is taken in lanes


def settle(
    direction: Direction,
    losses: NDArray[np.float64],
    taken: NDArray[np.int64],
    *,
    least: NDArray[np.int64],
    tolerance: float,
) -> None:
    """Advance each state in place until it settles.

    Parameters
    ----------
    direction : Direction
        The network.
    losses : ndarray of float64, shape (shocks, n)
        States in the direction's labels, in [0, 1]; overwritten.
    taken : ndarray of int64, shape (shocks,)
        Steps taken so far; counted on.
    least : ndarray of int64, shape (shocks,)
        A state advances while it has taken fewer steps, and on while its last step
        raised a loss by more than ``tolerance``.
    tolerance : float
        See ``least``; inf to take exactly ``least`` steps.

    Notes
    -----
    After ``MOST_STEPS`` steps a state is left as it is, settled or not.
    """
    n = losses.shape[1]
    lines = lanes_of_zeros(n), lanes_of_zeros(n), lanes_of_zeros(1)
    queue = np.argsort(taken - least, kind="stable")  # longest first: lanes run dry together
    _settle(direction, losses, taken, least, tolerance, MOST_STEPS, queue, *lines)


def settle_replaced(
    direction: Direction,
    market: Market,
    losses: NDArray[np.float64],
    taken: NDArray[np.int64],
    *,
    least: NDArray[np.int64],
    tolerance: float,
) -> None:
    """Advance fresh states as :func:`settle` does, where competitors stand in.

    Firm i passes on ``sigma_i loss_i`` with sigma_i = min(1, s_i / D_i), where D_i is
    what its industry can still sell (1 where that is at most 1e-10). Sigma may fall
    again once a whole industry has stopped, and losses with it: each step computes
    anew the larger of a firm's first loss and of what its suppliers pass on.
    """
    _settle_replaced(direction, market, losses, taken, least, tolerance, MOST_STEPS)


@njit(cache=True, nogil=True)
def _settle(direction, losses, taken, least, tolerance, most, queue, old, new, rise):
    work = work_space(losses.shape[1])
    waiting = 0
    shock_of, moving = np.full(LANES, -1), np.full(LANES, -1)
    while True:
        for lane in range(LANES):
            moving[lane] = -1
            while shock_of[lane] < 0 and waiting < queue.size:
                shock = queue[waiting]
                waiting += 1
                if not advance_few(
                    direction, losses[shock], shock, taken, least, tolerance, most, work
                ):
                    shock_of[lane] = moving[lane] = shock
        load(direction, losses, moving, old, new)
        if shock_of.max() < 0:
            return
        sweep_once(direction, old, new, rise)
        old, new = new, old
        for lane in range(LANES):
            shock = shock_of[lane]
            moving[lane] = -1
            if shock >= 0:
                taken[shock] += 1
                if is_settled(shock, taken, least, rise[0, lane], tolerance, most):
                    moving[lane] = shock
                    shock_of[lane] = -1
        store(direction, losses, moving, old, new)


@register_jitable
def is_settled(shock, taken, least, rise, tolerance, most):
    """Whether a state has taken its least steps and its last one was a small one."""
    return taken[shock] >= most or (taken[shock] >= least[shock] and rise <= tolerance)


@register_jitable
def sweep_once(direction, old, new, rise):
    """Take one step in eight lanes."""
    start, source, weight, keep = direction[:4]
    sweep(direction.idle, start, source, weight, keep, old, new, rise)


@register_jitable
def load(direction, losses, shock_of, old, new):
    """Put states into lanes that are zero; -1 leaves a lane as it is."""
    for lane in range(LANES):
        if shock_of[lane] >= 0:
            for i in range(losses.shape[1]):
                if losses[shock_of[lane], i] > 0.0:
                    old[i, lane] = losses[shock_of[lane], i]
                    if i < direction.idle:  # no sweep writes it
                        new[i, lane] = old[i, lane]


@register_jitable
def store(direction, losses, shock_of, old, new):
    """Take states out of their lanes, and leave the lanes at zero."""
    for lane in range(LANES):
        if shock_of[lane] >= 0:
            for i in range(losses.shape[1]):
                losses[shock_of[lane], i] = old[i, lane]
                old[i, lane] = 0.0
            for i in range(direction.idle):
                new[i, lane] = 0.0


@register_jitable
def work_space(n):
    """Return marks, the last mark used, two lists of firms and a list of losses."""
    marks = np.zeros(n, dtype=np.int64)
    lists = np.empty(n, dtype=np.uint32), np.empty(n, dtype=np.uint32)
    return marks, np.zeros(1, dtype=np.int64), lists[0], lists[1], np.empty(n)


@register_jitable
def advance_few(direction, loss, shock, taken, least, tolerance, most, work):
    """Advance one state firm by firm; tell whether it settled before it grew too wide."""
    marks, last_mark, changed, touched, fresh = work
    n_changed = 0
    for i in range(loss.size):
        if loss[i] > 0:
            changed[n_changed] = i
            n_changed += 1
    rise = 0.0
    limit = (direction.start.size + direction.weight.size) // _SPARSE_SHARE
    while not is_settled(shock, taken, least, rise, tolerance, most):
        last_mark[0] += 1
        n_touched, effort = 0, n_changed
        for c in range(n_changed):
            for h in range(direction.hit_start[changed[c]], direction.hit_start[changed[c] + 1]):
                i = direction.hit[h]
                if marks[i] != last_mark[0] and loss[i] < 1.0:
                    marks[i] = last_mark[0]
                    touched[n_touched] = i
                    n_touched += 1
                    effort += direction.start[i + 1] - direction.start[i]
            if effort > limit:
                return False
        for c in range(n_touched):
            fresh[c] = _loss_of(direction, loss, touched[c])
        rise = 0.0
        n_changed = 0
        for c in range(n_touched):
            i = touched[c]
            if fresh[c] > loss[i] + _PASSED_ON:
                rise = max(rise, fresh[c] - loss[i])
                loss[i] = fresh[c]
                changed[n_changed] = i
                n_changed += 1
        taken[shock] += 1
    return True


@register_jitable
def _loss_of(direction, passed, i):
    """Return the largest group sum of firm i, at most 1."""
    largest = running = 0.0
    for e in range(direction.start[i], direction.start[i + 1]):
        if direction.keep.size and direction.keep[e] == 0:
            running = 0.0
        running += direction.weight[e] * passed[direction.source[e]]
        largest = max(largest, running)
    return min(largest, 1.0)


@njit(cache=True, nogil=True)
def _settle_replaced(direction, market, losses, taken, least, tolerance, most):
    n = losses.shape[1]
    marks, last_mark, moved, touched, fresh = work_space(n)
    industry_marks = np.zeros(market.member_start.size, dtype=np.int64)
    floor, passed = np.empty(n), np.empty(n)
    for shock in range(losses.shape[0]):
        loss = losses[shock]
        for i in range(n):
            floor[i], passed[i] = loss[i], 0.0
        n_touched = 0
        for i in range(n):
            if loss[i] > 0:
                touched[n_touched] = i
                n_touched += 1
        rise = 0.0
        while not is_settled(shock, taken, least, rise, tolerance, most):
            last_mark[0] += 1
            n_moved = _pass_on(
                market, loss, passed, touched[:n_touched], industry_marks, last_mark[0], moved
            )
            n_reached = 0
            for c in range(n_moved):
                for h in range(direction.hit_start[moved[c]], direction.hit_start[moved[c] + 1]):
                    i = direction.hit[h]
                    if marks[i] != last_mark[0]:
                        marks[i] = last_mark[0]
                        touched[n_reached] = i
                        n_reached += 1
            for c in range(n_reached):
                fresh[c] = max(floor[touched[c]], _loss_of(direction, passed, touched[c]))
            rise = 0.0
            n_touched = 0
            for c in range(n_reached):
                i = touched[c]
                if abs(fresh[c] - loss[i]) > _PASSED_ON:
                    rise = max(rise, fresh[c] - loss[i])
                    loss[i] = fresh[c]
                    touched[n_touched] = i
                    n_touched += 1
            taken[shock] += 1


@register_jitable
def _pass_on(market, loss, passed, changed, marks, mark, moved):
    """Update what firms pass on in the industries of ``changed``; list those that moved."""
    n_moved = 0
    for i in changed:
        industry = market.industry[i]
        if marks[industry] == mark:
            continue
        marks[industry] = mark
        first, end = market.member_start[industry], market.member_start[industry + 1]
        left = 0.0
        for c in range(first, end):
            left += market.sales[market.member[c]] * (1.0 - loss[market.member[c]])
        if left <= 1e-10:
            left = 1.0
        for c in range(first, end):
            j = market.member[c]
            now = min(1.0, market.sales[j] / left) * loss[j]
            if now != passed[j]:
                passed[j] = now
                moved[n_moved] = j
                n_moved += 1
    return n_moved
