"""Find a good set for a quadratic knapsack: fill by density, swap, disturb, again.

The set is filled with the item that adds most per weight, and items are swapped while
it improves. Then some are taken out at random, some barred for one turn, and it is
filled and swapped anew; what is no worse stays (iterated local search). Started also
from the full set, whose item that adds least per weight is dropped until the rest fits
(Billionnet and Calmels 1996). Draws come from a generator of its own (splitmix64), work is
counted in looks at an item: the same input gives the same set.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from jicheng.kernel.quadratic_knapsack.problem import Flags, QuadraticKnapsack

__all__ = ["fit", "search"]

_PATIENCE = 100  # disturbances without a better set before a start from far away


def fit(problem: QuadraticKnapsack, chosen: Flags) -> Flags:
    """Drop from a set until it fits, then fill it and swap while that improves."""
    inside = chosen.copy()
    _fit(*_arrays(problem), inside)
    return inside


def search(problem: QuadraticKnapsack, chosen: Flags, *, work: int, seed: int = 0) -> Flags:
    """Improve a set that fits until ``work`` looks at an item are used.

    Parameters
    ----------
    problem : QuadraticKnapsack
        With every weight within the budget.
    chosen : ndarray of bool, shape (n,)
        Where to start.
    work : int
        Looks at an item; about 1e8 a second.
    seed : int
        Of the disturbances.

    Returns
    -------
    ndarray of bool, shape (n,)
        Never worse than ``chosen``.
    """
    if problem.n == 0:
        return chosen.copy()
    return np.asarray(_search(*_arrays(problem), chosen.copy(), work, np.uint64(seed)))


def _arrays(problem: QuadraticKnapsack):
    return (
        problem.linear, problem.weight, problem.budget,
        problem.start, problem.item, problem.points,
    )  # fmt: skip


@njit(cache=True)
def _draw(state):
    """Advance the generator; return its state and a number in [0, 1)."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    word = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    word = word ^ (word >> np.uint64(31))
    return state, float(word >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def _flip(i, start, item, points, inside, gain):
    """Put an item in or out, and keep what every item adds to the set."""
    sign = -1.0 if inside[i] else 1.0
    inside[i] = not inside[i]
    for e in range(start[i], start[i + 1]):
        gain[item[e]] += sign * points[e]


@njit(cache=True)
def _gains(linear, start, item, points, inside):
    gain = linear.copy()
    for i in range(len(linear)):
        if inside[i]:
            for e in range(start[i], start[i + 1]):
                gain[item[e]] += points[e]
    return gain


@njit(cache=True)
def _density(gain, weight):
    return gain / weight if weight > 0.0 else gain * 1e12


@njit(cache=True)
def _drop(weight, start, item, points, inside, gain, load, budget):
    """Drop what adds least per weight until the rest fits."""
    while load > budget:
        worst, least = -1, np.inf
        for i in range(len(weight)):
            if inside[i] and weight[i] > 0.0:
                density = gain[i] / weight[i]
                if density < least:
                    worst, least = i, density
        load -= weight[worst]
        _flip(worst, start, item, points, inside, gain)
    return load


@njit(cache=True)
def _fill(weight, start, item, points, inside, gain, load, budget, barred, seen, looks):
    """Add what fits and seems to add most per weight, except the barred."""
    n = len(weight)
    while True:
        best, most = -1, 1e-12
        for i in range(n):
            if not inside[i] and not barred[i] and gain[i] > 0.0 and load + weight[i] <= budget:
                density = seen[i] * _density(gain[i], weight[i])
                if density > most:
                    best, most = i, density
        looks += n
        if best < 0:
            return load, looks
        load += weight[best]
        _flip(best, start, item, points, inside, gain)


@njit(cache=True)
def _points_of(a, b, start, item, points):
    """Return the points of a pair by bisection of the row."""
    low, high = start[a], start[a + 1]
    while low < high:
        middle = (low + high) // 2
        if item[middle] < b:
            low = middle + 1
        else:
            high = middle
    return points[low] if low < start[a + 1] and item[low] == b else 0.0


@njit(cache=True)
def _swap(weight, start, item, points, inside, gain, load, budget, looks):
    """Make the best swap of one item for another, or drop one; return whether it was made."""
    n = len(weight)
    outside = np.flatnonzero(~inside)
    order = outside[np.argsort(-gain[outside], kind="mergesort")]
    top, leaves, joins = 1e-9, -1, -1
    looks += n
    for a in range(n):
        if not inside[a]:
            continue
        if -gain[a] > top:
            top, leaves, joins = -gain[a], a, -1
        room = budget - load + weight[a]
        for b in order:
            looks += 1
            added = gain[b] - gain[a]
            if added <= top:
                break
            if weight[b] > room:
                continue
            added -= _points_of(a, b, start, item, points)
            if added > top:
                top, leaves, joins = added, a, b
    if leaves < 0:
        return False, load, looks
    _flip(leaves, start, item, points, inside, gain)
    load -= weight[leaves]
    if joins >= 0:
        _flip(joins, start, item, points, inside, gain)
        load += weight[joins]
    return True, load, looks


@njit(cache=True)
def _settle(weight, start, item, points, inside, gain, load, budget, barred, seen, looks):
    """Fill and swap until neither helps; nothing is barred or seen with noise in the end."""
    while True:
        load, looks = _fill(
            weight, start, item, points, inside, gain, load, budget, barred, seen, looks
        )
        was_plain = not barred.any() and (seen == 1.0).all()
        barred[:] = False
        seen[:] = 1.0
        moved, load, looks = _swap(weight, start, item, points, inside, gain, load, budget, looks)
        if was_plain and not moved:
            return load, looks


@njit(cache=True)
def _load(weight, inside):
    load = 0.0
    for i in range(len(weight)):
        if inside[i]:
            load += weight[i]
    return load


@njit(cache=True)
def _value(linear, gain, inside):
    """Return the points of a set: each pair is in the gain of both its items."""
    total = 0.0
    for i in range(len(linear)):
        if inside[i]:
            total += (gain[i] + linear[i]) / 2
    return total


@njit(cache=True)
def _fit(linear, weight, budget, start, item, points, inside):
    gain = _gains(linear, start, item, points, inside)
    load = _drop(weight, start, item, points, inside, gain, _load(weight, inside), budget)
    barred = np.zeros(len(linear), np.bool_)
    seen = np.ones(len(linear))
    _settle(weight, start, item, points, inside, gain, load, budget, barred, seen, 0)


@njit(cache=True)
def _search(linear, weight, budget, start, item, points, inside, work, state):
    n = len(linear)
    barred, seen = np.zeros(n, np.bool_), np.ones(n)
    best, here = inside.copy(), inside.copy()
    top = current = _value(linear, _gains(linear, start, item, points, inside), inside)
    looks, idle = 0, 0
    while looks < work:
        gain = _gains(linear, start, item, points, here)
        inside[:] = here
        looks += n
        members = np.flatnonzero(inside)
        barred[:] = False
        state, chance = _draw(state)
        k = min(len(members), 1 + int(chance * chance * max(4.0, 0.15 * len(members))))
        if idle >= _PATIENCE:  # far away, and from there anew
            k, current, idle = (2 * len(members)) // 3, -np.inf, 0
        for _ in range(k):
            state, chance = _draw(state)
            i = members[int(chance * len(members))]
            if inside[i]:
                _flip(i, start, item, points, inside, gain)
                state, chance = _draw(state)
                barred[i] = chance < 0.3
        load = _load(weight, inside)
        state, chance = _draw(state)
        noise = 0.6 * chance
        for i in range(n):
            state, chance = _draw(state)
            seen[i] = 1.0 + noise * (chance - 0.5)
        load, looks = _settle(
            weight, start, item, points, inside, gain, load, budget, barred, seen, looks
        )
        value = _value(linear, gain, inside)
        idle += 1
        if value > current + 1e-9:
            idle = 0
        if value >= current:
            here[:], current = inside, value
        if value > top + 1e-9:
            best[:], top = inside, value
    return best
