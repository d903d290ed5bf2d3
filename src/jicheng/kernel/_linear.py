"""Let losses spread where every firm has one group, and skip what has become regular.

If each firm is stopped or free, its loss is linear in the others' losses, and before
long the steps of a state become a geometric row, d(t+1) = mu d(t) with mu <= 1: firms
far from the shock lose the same small share in every step. If it is known how many steps
are to come, the rest of the row can be added at once. Later steps depart from the row by
the residual d(t+1) - mu d(t), which no step widens, and which fades by a factor q a step
as it is seen to do. So N steps misplace the weighted loss by about N times the lesser of
N / 2 and q / (1 - q) times the residual's weighted size.

Source: ours. Without it the upstream losses of a network of 100,000 firms take half
as many passes again.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from jicheng.kernel._directions import Direction
from jicheng.kernel._lanes import LANES, lanes_of_zeros
from jicheng.kernel._spread import (
    MOST_STEPS,
    advance_few,
    is_settled,
    load,
    store,
    sweep_once,
    work_space,
)

__all__ = ["settle_linear"]

_NEGLIGIBLE = 3e-13  # weighted loss that adding a row may misplace
_FIRST_CHECK = 8  # steps between the first looks whether steps have become a row
_SAMPLE = 32  # one firm in so many tells whether to look at all of them


def settle_linear(
    direction: Direction,
    losses: NDArray[np.float64],
    taken: NDArray[np.int64],
    *,
    least: NDArray[np.int64],
    tolerance: float,
    weights: NDArray[np.float64],
) -> None:
    """Advance states in place as :func:`jicheng.kernel._spread.settle` does.

    Parameters
    ----------
    direction, losses, taken, least, tolerance
        As in :func:`jicheng.kernel._spread.settle`; ``direction`` without groups, losses
        0 or 1 where they are not what a step has made of such a state.
    weights : ndarray of float64, shape (n,)
        Weights of the firms in the direction's labels, sum 1: the weighted loss is
        exact to 3e-13, single losses are a little less so.
    """
    n = losses.shape[1]
    lines = lanes_of_zeros(n), lanes_of_zeros(n), lanes_of_zeros(n), lanes_of_zeros(1)
    queue = np.argsort(taken - least, kind="stable")  # longest first: eight of like length
    _settle_linear(direction, losses, taken, least, tolerance, MOST_STEPS, queue, weights, *lines)


@njit(cache=True, nogil=True)
def _settle_linear(
    direction, losses, taken, least, tolerance, most, queue, weights, older, old, new, rise
):
    work = work_space(losses.shape[1])
    waiting = 0
    shock_of, moving = np.full(LANES, -1), np.full(LANES, -1)
    factor, residual, fading = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    while waiting < queue.size:
        lane = 0
        while lane < LANES and waiting < queue.size:
            shock = queue[waiting]
            waiting += 1
            if not advance_few(
                direction, losses[shock], shock, taken, least, tolerance, most, work
            ):
                shock_of[lane] = shock
                lane += 1
        load(direction, losses, shock_of, old, new)
        before = np.full(LANES, np.nan)
        since, wait = 0, _FIRST_CHECK
        while shock_of.max() >= 0:
            since += 1
            is_check = since == wait
            if is_check:
                for i in range(direction.idle):
                    for lane in range(LANES):
                        older[i, lane] = old[i, lane]
                sweep_once(direction, old, older, rise)
                old, new, older = older, old, new
            else:
                sweep_once(direction, old, new, rise)
                old, new = new, old
            for lane in range(LANES):
                if shock_of[lane] >= 0:
                    taken[shock_of[lane]] += 1
            if is_check:
                _compare(older, new, old, weights, factor, residual)
                for lane in range(LANES):
                    fading[lane] = 1.0
                    if 0.0 < residual[lane] < before[lane]:
                        fading[lane] = (residual[lane] / before[lane]) ** (1.0 / since)
                    before[lane] = residual[lane]
                wait = _next_check(shock_of, taken, least, residual, fading)
                since = 0
                _finish_rows(
                    shock_of, taken, least, rise, tolerance, weights, factor, residual, fading,
                    older, new, old,
                )  # fmt: skip
            for lane in range(LANES):
                shock = shock_of[lane]
                moving[lane] = -1
                if shock >= 0 and is_settled(shock, taken, least, rise[0, lane], tolerance, most):
                    moving[lane] = shock
                    shock_of[lane] = -1
            store(direction, losses, moving, old, new)


@register_jitable
def _compare(oldest, older, now, weights, factor, residual):
    """Estimate from a sample of firms each lane's mu and the size of its residual."""
    last, first = np.zeros(LANES), np.zeros(LANES)
    sampled = 0.0
    for i in range(0, weights.size, _SAMPLE):
        sampled += weights[i]
        for lane in range(LANES):
            last[lane] += weights[i] * (now[i, lane] - older[i, lane])
            first[lane] += weights[i] * (older[i, lane] - oldest[i, lane])
    for lane in range(LANES):
        factor[lane] = min(1.0, last[lane] / first[lane]) if first[lane] > 0 else 0.0
    _measure(oldest, older, now, weights, factor, residual, np.int64(_SAMPLE))
    for lane in range(LANES):
        residual[lane] /= max(sampled, 1e-300)


@register_jitable
def _measure(oldest, older, now, weights, factor, residual, stride):
    """Write the weighted size of ``d(t+1) - mu d(t)`` over every ``stride``-th firm."""
    for lane in range(LANES):
        residual[lane] = 0.0
    for i in range(0, weights.size, stride):
        for lane in range(LANES):
            row = factor[lane] * (older[i, lane] - oldest[i, lane])
            residual[lane] += weights[i] * abs(now[i, lane] - older[i, lane] - row)


@register_jitable
def _finish_rows(
    shock_of, taken, least, rise, tolerance, weights, factor, residual, fading, oldest, older, now
):
    """Add the rest of the row to lanes whose residual is negligible; count its steps."""
    to_come = np.zeros(LANES, dtype=np.int64)
    is_hopeful = False
    for lane in range(LANES):
        if shock_of[lane] >= 0 and rise[0, lane] <= tolerance:
            to_come[lane] = least[shock_of[lane]] - taken[shock_of[lane]]
            bound = _negligible(to_come[lane], fading[lane])
            is_hopeful = is_hopeful or (to_come[lane] > 0 and residual[lane] <= bound)
    if not is_hopeful:
        return
    _measure(oldest, older, now, weights, factor, residual, np.int64(1))
    for lane in range(LANES):
        bound = _negligible(to_come[lane], fading[lane])
        if to_come[lane] > 0 and residual[lane] <= bound:
            _add_row(now, older, lane, factor[lane], to_come[lane])
            taken[shock_of[lane]] += to_come[lane]


@register_jitable
def _negligible(to_come, fading):
    """Return the residual that ``to_come`` steps leave negligible."""
    steps = 0.5 * to_come
    if fading < 1.0:
        steps = min(steps, fading / (1.0 - fading))
    return _NEGLIGIBLE / max(1.0, to_come * steps)


@register_jitable
def _add_row(now, older, lane, factor, to_come):
    total, power = 0.0, 1.0
    for _ in range(to_come):
        power *= factor
        total += power
    for i in range(now.shape[0]):
        now[i, lane] = min(1.0, now[i, lane] + total * (now[i, lane] - older[i, lane]))


@register_jitable
def _next_check(shock_of, taken, least, residual, fading):
    """Return the steps after which the slowest lane's residual should be negligible."""
    wait = 1
    for lane in range(LANES):
        if shock_of[lane] < 0:
            continue
        to_come = least[shock_of[lane]] - taken[shock_of[lane]]
        needed = _FIRST_CHECK
        if fading[lane] < 1.0:
            missing = np.log(_negligible(to_come, fading[lane]) / residual[lane])
            needed = int(min(np.ceil(missing / np.log(fading[lane])), 8.0 * _FIRST_CHECK))
        wait = max(wait, min(needed, to_come))
    return wait
