"""The compiled steps of :mod:`jicheng.kernel.quadratic_knapsack.groups`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["lower"]

_SHORTEST = 2e-3  # step, in Polyak's, at which the bound no longer falls worth the work
_LITTLE = 0.01  # of the distance to the goal: less is no progress


def lower(*arguments: Any) -> tuple[float, float, int]:
    """Move shares and copies; they end where the bound was lowest.

    Parameters
    ----------
    *arguments
        Those of ``_lower``: the problem, its groups, and what it fills.

    Returns
    -------
    bound, step : float
        The lowest bound, and the step's last length.
    taken : int
        Steps taken.
    """
    bound, step, taken = _lower(*arguments)
    return float(bound), float(step), int(taken)


@njit(cache=True)
def _fill_fractions(value, weight, room, taken, places):
    """Fill a fractional knapsack; fill ``taken``, return value and critical ratio (0 = all fits).

    Things of no value stay out. Quickselect on the ratios, linear time on average.
    """
    total, full, high = 0.0, 0.0, 0
    for j in range(len(value)):
        taken[j] = 0.0
        if value[j] > 0.0:
            taken[j] = 1.0
            full += weight[j]
            total += value[j]
            if weight[j] > 0.0:
                places[high] = j
                high += 1
    if full <= room:
        return total, 0.0
    for t in range(high):
        taken[places[t]] = 0.0
        total -= value[places[t]]
    low, left = 0, max(0.0, room)
    while True:
        a, b, c = places[low], places[(low + high) // 2], places[high - 1]
        ra, rb, rc = value[a] / weight[a], value[b] / weight[b], value[c] / weight[c]
        pivot = max(min(ra, rb), min(max(ra, rb), rc))
        up, k, down, used = low, low, high, 0.0
        while k < down:  # [low:up] above the pivot, [up:down] at it, the rest below
            j = places[k]
            ratio = value[j] / weight[j]
            if ratio > pivot:
                places[k], places[up] = places[up], j
                used += weight[j]
                up += 1
                k += 1
            elif ratio < pivot:
                down -= 1
                places[k], places[down] = places[down], j
            else:
                k += 1
        if used > left:
            high = up
            continue
        for t in range(low, up):
            taken[places[t]] = 1.0
            total += value[places[t]]
        left -= used
        for t in range(up, down):
            j = places[t]
            if weight[j] > left:
                taken[j] = left / weight[j]
                return total + taken[j] * value[j], value[j] / weight[j]
            taken[j] = 1.0
            total += value[j]
            left -= weight[j]
        if down >= high:  # only by rounding
            return total, pivot
        low = down


@njit(cache=True)
def _turn(t, a, own, points, weight, row, count, shares, value):
    """Put the t-th item of a group in or out of subset a; return what that changes."""
    i = row[t]
    sign = -1.0 if a >> t & 1 else 1.0
    inside = own[i]
    for s in range(count):
        if s != t and a >> s & 1:
            inside += points[i, row[s]]
    for j in range(len(value)):
        value[j] += sign * shares[i, j]
    return a ^ (1 << t), sign * inside, sign * weight[i]


@njit(cache=True)
def _quick(value, weight, price):
    """Return the value of the fractional knapsack at a price of weight, without the room."""
    total = 0.0
    for j in range(len(value)):
        total += max(0.0, value[j] - price * weight[j])
    return total


@njit(cache=True)
def _best_subset(
    own, points, weight, room, row, shares, value, price, last, wish, taken, places, out, into
):  # fmt: skip
    """Decide one group; fill ``wish`` and the bounds by item without (out) and with it (into).

    Starts at the subset that was best before; a subset is judged exactly only if its
    bound at the last critical ratio is above the best so far.
    """
    count = 0
    while count < len(row) and row[count] >= 0:
        count += 1
    a, inside, load = 0, 0.0, 0.0
    for t in range(count):
        if last >> t & 1:
            a, change, more = _turn(t, a, own, points, weight, row, count, shares, value)
            inside += change
            load += more
    top = -np.inf
    for turn in range(1 << count):
        if turn > 0:  # Gray code: the next subset differs by one item
            t = 0
            while not turn >> t & 1:
                t += 1
            a, change, more = _turn(t, a, own, points, weight, row, count, shares, value)
            inside += change
            load += more
        if load > room * (1.0 + 1e-12):
            continue
        most = inside + price * (room - load) + _quick(value, weight, price)
        if most > top:
            got, ratio = _fill_fractions(value, weight, room - load, taken, places)
            most = inside + got
            if most > top:
                top, last, price = most, a, ratio
                wish[:] = taken
        for t in range(count):
            if a >> t & 1:
                into[row[t]] = max(into[row[t]], most)
            else:
                out[row[t]] = max(out[row[t]], most)
    return top, price, last


@njit(cache=True)
def _judge(
    linear, points, weight, room, group, shares, copies, prices, last, x, z, without, having
):  # fmt: skip
    """Decide every group; return the sum of their bounds."""
    n, g = len(linear), len(group)
    own = linear.copy()
    for k in range(g):
        own -= copies[k]
    value, taken, places = np.empty(n), np.empty(n), np.empty(n, np.int64)
    tops, out, into = np.zeros(g), np.full(n, -np.inf), np.full(n, -np.inf)
    x[:] = 0.0
    for k in range(g):
        value[:] = copies[k]
        tops[k], prices[k], last[k] = _best_subset(
            own, points, weight, room, group[k], shares, value, prices[k], last[k],
            z[k], taken, places, out, into,
        )  # fmt: skip
        for t in range(group.shape[1]):
            if group[k, t] >= 0 and last[k] >> t & 1:
                x[group[k, t]] = 1.0
    total = tops.sum()
    for k in range(g):
        for i in group[k]:
            if i >= 0:
                without[i] = min(without[i], total - tops[k] + out[i])
                having[i] = min(having[i], total - tops[k] + into[i])
    return total


@njit(cache=True)
def _disagreement(home, x, z):
    """Return the square norm of what groups want of each other and do not agree on."""
    n, norm = len(x), 0.0
    for i in range(n):
        for j in range(i):
            if home[i] != home[j]:
                pull = x[i] * z[home[i], j] - x[j] * z[home[j], i]
                norm += pull * pull
        for k in range(len(z)):
            if home[i] != k:
                norm += (z[k, i] - x[i]) ** 2
    return norm


@njit(cache=True)
def _move(home, x, z, length, shares, copies):
    """Move shares and copies against the disagreement."""
    n = len(x)
    for i in range(n):
        for j in range(i):
            if home[i] != home[j]:
                pull = x[i] * z[home[i], j] - x[j] * z[home[j], i]
                shares[i, j] -= length * pull
                shares[j, i] += length * pull
        for k in range(len(z)):
            if home[i] != k:
                copies[k, i] -= length * (z[k, i] - x[i])


@njit(cache=True)
def _lower(
    linear, points, weight, room, group, home, shares, copies, prices, last,
    without, having, wanted, chosen, goal, bound, step, rounds, stall,
):  # fmt: skip
    """See :func:`lower`."""
    n, g = len(linear), len(group)
    x, z = np.zeros(n), np.zeros((g, n))
    best_shares, best_copies = shares.copy(), copies.copy()
    waited, taken, mark = 0, 0, bound
    while taken < rounds:
        here = _judge(
            linear, points, weight, room, group, shares, copies, prices, last, x, z,
            without, having,
        )  # fmt: skip
        taken += 1
        waited += 1
        if here < bound:
            bound = here
            best_shares[:] = shares
            best_copies[:] = copies
            if mark == np.inf or mark - bound > _LITTLE * (mark - goal):
                waited, mark = 0, bound
        if waited >= stall:
            step /= 2
            waited, mark = 0, bound
        norm = _disagreement(home, x, z)
        if bound <= goal or step < _SHORTEST or norm < 1e-12:
            break
        _move(home, x, z, step * max(0.0, here - goal) / norm, shares, copies)
    for i in range(n):
        wanted[i] = x[i] / g
        for k in range(g):
            if k != home[i]:
                wanted[i] += z[k, i] / g
        chosen[i] = x[i] > 0.5
    shares[:] = best_shares
    copies[:] = best_copies
    return bound, step, taken
