"""Good sets quickly: sets that restore a product together, then add, drop and exchange.

The value of a set is neither submodular nor supermodular: no member of a complementary
pair gains anything alone, so a greedy choice of single challenges never starts. Hence
the search works with *restoring sets*, the blocking cuts of each scenario and final
product: all challenges that matter there, thinned one at a time by what is missed least
while everything succeeds, down to single ones. They compete with single challenges in
the greedy start and enter whole in the exchanges, where what is worth least for its
money makes room for them. Source: ours (value of a plan, 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.moves import Moves
from jicheng.kernel.protection import Protection
from jicheng.optimise.problem import Problem

__all__ = ["fill", "improve", "restoring_sets", "start_set"]

Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]

_LARGEST = 8  # challenges in a restoring set: larger ones are reached by the search
_ROUNDING = 1e-12
_ALIKE = 0.8  # of the best value for money: taken in the same round of the greedy start
_TRIED = 400  # exchanges evaluated in a round, the most promising first
_TAKEN = 6  # of them, taken in a round
_AT_ONCE = 4000  # sets judged feasible or not at a time


def restoring_sets(problem: Problem) -> list[Positions]:
    """Return sets of two or more challenges that act together, each set once.

    Returns
    -------
    list of ndarray of intp
        Positions of the challenges of a set, ascending; the smallest sets first.
    """
    protection = problem.value.protection
    found: set[tuple[int, ...]] = set()
    for scenario in protection.joint:
        if protection.weights[scenario] > 0:
            for final in protection.finals.tolist():
                found.update(_thinned(protection, scenario, final))
    return [np.array(one, dtype=np.intp) for one in sorted(found, key=lambda s: (len(s), s))]


def _thinned(protection: Protection, scenario: int, final: int) -> list[tuple[int, ...]]:
    """Thin the challenges of a scenario by what a final product misses least."""
    alone = replace(
        protection,
        weights=np.ones(1),
        left=protection.left[[scenario]],
        final_value=np.where(np.arange(len(protection.final_value)) == final, 1.0, 0.0),
    )
    n = len(protection.technology)
    moves = Moves.of(alone, np.ones((1, n), dtype=np.bool_))
    current = np.zeros(n, dtype=np.bool_)
    current[alone.touched[0]] = True
    found = []
    while current.sum() > 1:
        if current.sum() <= _LARGEST:
            found.append(tuple(np.flatnonzero(current).tolist()))
        members = np.flatnonzero(current)
        missed = -moves.singles(current)[members]
        smaller = current.copy()
        smaller[members[missed <= _ROUNDING]] = False
        are_idle = 1 < smaller.sum() < len(members)
        if not are_idle or moves.value(smaller) < moves.value(current) - _ROUNDING:
            smaller = current.copy()
            smaller[members[int(np.argmin(missed))]] = False
        current = smaller
    return found


def start_set(problem: Problem, bundles: Sequence[Positions]) -> Flags | None:
    """Return a feasible set built greedily from singles and restoring sets.

    Parameters
    ----------
    problem : Problem
        What to choose from.
    bundles : sequence of ndarray of intp
        As from :func:`restoring_sets`.

    Returns
    -------
    ndarray of bool, shape (c,), or None
        None if no set is feasible, not even one that only holds what is required.
    """
    current = problem.cheapest()
    if current is None:
        return None
    moves, cost = problem.value.moves, problem.purses.cost
    while True:
        offers = _distinct([*np.flatnonzero(~current)[:, None], *bundles], ~current)
        offers = [offers[i] for i in np.flatnonzero(_feasible(problem, current, offers))]
        gain = moves.changes(current, offers)
        money = np.array([cost[offer].sum() for offer in offers])
        worth = np.where(gain > _ROUNDING, gain / np.maximum(money, _ROUNDING), 0.0)
        if not len(worth) or worth.max() <= 0:
            return current
        least, before = 0.0, current
        for best in np.argsort(-worth, kind="stable"):
            if worth[best] <= least:
                break
            larger = current.copy()
            larger[offers[best]] = True
            if problem.feasible(larger[None, :])[0]:
                current, least = larger, max(least, _ALIKE * worth[best])
        if current is before:
            return current


def fill(problem: Problem, order: NDArray[np.intp]) -> Flags | None:
    """Return the set that takes challenges in order as long as it stays feasible.

    Parameters
    ----------
    problem : Problem
        What to choose from.
    order : ndarray of intp
        Challenges, the most wanted first.

    Returns
    -------
    ndarray of bool, shape (c,), or None
        None if no set is feasible.
    """
    current = problem.cheapest()
    if current is None:
        return None
    for c in order:
        larger = current.copy()
        larger[c] = True
        if problem.feasible(larger[None, :])[0]:
            current = larger
    return current


def improve(
    problem: Problem, chosen: Flags, *, rounds: int, bundles: Sequence[Positions] = ()
) -> tuple[Flags, float]:
    """Add, drop and exchange while the value rises, then drop what adds nothing.

    Parameters
    ----------
    problem : Problem
        What to choose from.
    chosen : ndarray of bool, shape (c,)
        A feasible set.
    rounds : int
        Most rounds; a round takes up to six improvements.
    bundles : sequence of ndarray of intp
        Sets that are tried whole.

    Returns
    -------
    chosen : ndarray of bool, shape (c,)
    value : float
        On all draws.
    """
    for _ in range(rounds):
        better = _round(problem, chosen, bundles)
        if better is None:
            break
        chosen = better
    chosen = _trimmed(problem, chosen)
    return chosen, problem.value.moves.value(chosen)


def _round(problem: Problem, chosen: Flags, bundles: Sequence[Positions]) -> Flags | None:
    """Return the set after the best compatible exchanges, None if none helps."""
    moves = problem.value.moves
    single = moves.singles(chosen)
    offers = _exchanges(problem, chosen, single)
    offers += _entries(problem, chosen, single, bundles)
    gain = moves.changes(chosen, offers)
    touched = np.zeros(len(chosen), dtype=np.bool_)
    taken, current, reached = 0, chosen, 0.0
    for best in np.argsort(-gain, kind="stable"):
        if gain[best] <= _ROUNDING or taken == _TAKEN:
            break
        if touched[offers[best]].any():
            continue
        after = current.copy()
        after[offers[best]] ^= True
        if not problem.feasible(after[None, :])[0]:
            continue
        if taken:  # alone it helps; together with those taken it must help too
            total = moves.changes(chosen, [np.flatnonzero(after != chosen)])[0]
            if total <= reached + _ROUNDING:
                continue
            reached = float(total)
        else:
            reached = float(gain[best])
        current, taken = after, taken + 1
        touched[offers[best]] = True
    return current if taken else None


def _exchanges(problem: Problem, chosen: Flags, single: NDArray[np.float64]) -> list[Positions]:
    """Return feasible additions and swaps, those that promise most by their single flips."""
    inside = np.flatnonzero(chosen & ~problem.required)
    outside = np.flatnonzero(~chosen & problem.may_be_chosen)
    dropped = np.repeat(np.append(inside, -1), len(outside))
    added = np.tile(outside, len(inside) + 1)
    promise = single[added] + np.where(dropped >= 0, single[dropped], 0.0)
    offers: list[Positions] = []
    loose = _loosened(problem)
    order = np.argsort(-promise, kind="stable")
    for first in range(0, len(order), _AT_ONCE):
        part = order[first : first + _AT_ONCE]
        sets = np.repeat(chosen[None, :], len(part), axis=0)
        rows, leaves = np.arange(len(part)), dropped[part] >= 0
        sets[rows, added[part]] = True
        sets[rows[leaves], dropped[part][leaves]] = False
        for at in part[loose.feasible(sets)]:
            pair = (added[at],) if dropped[at] < 0 else (dropped[at], added[at])
            offers.append(np.array(pair, dtype=np.intp))
            if len(offers) == _TRIED:
                return offers
    return offers


def _entries(
    problem: Problem, chosen: Flags, single: NDArray[np.float64], bundles: Sequence[Positions]
) -> list[Positions]:
    """Return feasible moves that let a whole set in, and out what is worth least for money."""
    cost = np.maximum(problem.purses.cost, _ROUNDING)
    inside = np.flatnonzero(chosen & ~problem.required)
    inside = inside[np.argsort(-single[inside] / cost[inside], kind="stable")]
    loose, offers = _loosened(problem), []
    for bundle in bundles:
        if chosen[bundle].all():
            continue
        whole = chosen.copy()
        whole[bundle] = True
        out = inside[~np.isin(inside, bundle)]
        sets = np.repeat(whole[None, :], len(out) + 1, axis=0)
        sets[:, out] &= np.arange(len(out) + 1)[:, None] <= np.arange(len(out))
        fits = np.flatnonzero(loose.feasible(sets))
        if fits.size:
            offers.append(np.flatnonzero(sets[fits[0]] != chosen))
    return offers


def _distinct(sets: Sequence[Positions], among: Flags) -> list[Positions]:
    """Return the parts of all sets that are still open, each once, none of them empty."""
    parts = {tuple(one[among[one]].tolist()): None for one in sets}
    return [np.array(part, dtype=np.intp) for part in parts if part]


def _feasible(problem: Problem, chosen: Flags, offers: Sequence[Positions]) -> Flags:
    sets = np.repeat(chosen[None, :], len(offers), axis=0)
    for row, offer in zip(sets, offers, strict=True):
        row[offer] ^= True
    return _loosened(problem).feasible(sets)


def _loosened(problem: Problem) -> Problem:
    """Return the problem without its calendar: quick to judge; what is taken is judged whole."""
    return replace(problem, calendar=None)


def _trimmed(problem: Problem, chosen: Flags) -> Flags:
    """Drop what adds nothing, the dearest first."""
    lost = problem.value.moves.singles(chosen)
    idle = np.flatnonzero(chosen & ~problem.required & (lost >= -_ROUNDING))
    value = problem.value.moves.value(chosen)
    for c in idle[np.argsort(-problem.purses.cost[idle], kind="stable")]:
        without = chosen.copy()
        without[c] = False
        is_idle = problem.value.moves.value(without) >= value - _ROUNDING
        if is_idle and problem.feasible(without[None, :])[0]:
            chosen = without
    return chosen
