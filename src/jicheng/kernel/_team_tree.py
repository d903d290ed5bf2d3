"""Branch and bound over the members of a team at one lead location, compiled.

A node has chosen some members and keeps the open candidates that may still be part of
a better team. It is bounded by :mod:`jicheng.kernel._team_bound`; candidates whose
bound is not above the best known value are dropped; the most valuable one is then
first taken in and afterwards left out. Depth-first, so that memory stays small. Work
is counted in elementary operations, not in seconds: the same problem takes the same
steps everywhere. When the work is used up the bounds of all open nodes together still
bound every team.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable

from jicheng.kernel._team_bound import Chosen, Open, Pairs, Rules, descend, forced_bounds
from jicheng.kernel.team_problem import Floats, Indices

__all__ = ["TOLERANCE", "Aim", "Best", "Node", "explore", "new_best", "threshold", "tighten"]

TOLERANCE = 1e-7  # relative to max(1, value): teams closer than this count as equal
_ROUNDS_JOINED = 40  # most evaluations of a bound after a candidate was taken in,
_ROUNDS_LEFT_OUT = 25  # and after it was left out


class Aim(NamedTuple):
    """What is asked of a search.

    Teams worth ``floor`` or less are of no interest; teams that exceed the best known
    by no more than ``tolerance`` points may be missed; ``work`` limits the operations.
    """

    floor: float
    tolerance: float
    work: int


class Best(NamedTuple):
    """The best team so far, with what has been spent and what was left open; changes in place."""

    members: Indices  # (limit,), candidates, first ``counts[0]`` valid
    counts: Indices  # (4,): members, nodes, operations, teams listed
    points: Floats  # (3,): value; largest bound that was dropped; and that was left open
    listed: Indices  # (l, limit), teams filled up with -1; with l > 0 all are listed


class Node(NamedTuple):
    """Chosen members, open candidates with their ties, and prices."""

    team: Indices  # (c,), candidates chosen
    chosen: Chosen
    who: Indices  # (n,), candidates open
    people: Open
    pairs: Pairs
    needs: Floats
    split: Floats
    price: Floats


def new_best(limit: int, listed: int = 0) -> Best:
    """Return the state before any team is known.

    With ``listed`` > 0 the search lists every team above the floor, up to so many,
    instead of looking for the best.
    """
    return Best(
        np.full(limit, -1, dtype=np.int64), np.zeros(4, dtype=np.int64), np.full(3, -np.inf),
        np.full((listed, limit), -1, dtype=np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def threshold(best, aim):
    """Return the value above which a team would be better; -inf if none is known."""
    known = max(best.points[0], aim.floor)
    if known == -np.inf:
        return known
    return known + max(aim.tolerance, TOLERANCE * max(1.0, abs(known)))


@njit(cache=True, nogil=True)
def tighten(node, rules, best, aim, rounds):
    """Bound a node, then drop the candidates that cannot make a better team.

    Returns
    -------
    bound : float
        No team of the node has a value above it.
    picked : ndarray of int64
        Places of the candidates picked at the best prices.
    rest : ndarray of int64
        Places of the candidates that stay; empty if the bound ends the node.
    promise : ndarray of float64
        Bound with each of them forced in.
    """
    target = threshold(best, aim)
    seats = _rest_of(rules, node)
    bound, picked, used = descend(
        node.people, node.pairs, node.chosen, seats, node.needs, node.split, node.price,
        target, rounds,
    )  # fmt: skip
    size = len(node.who) * (len(node.needs) + 2) + 3 * len(node.pairs.a)
    best.counts[2] += (used + 2) * size
    if bound <= target:
        best.points[1] = max(best.points[1], bound)
        return bound, picked, np.empty(0, dtype=np.int64), np.empty(0)
    bounds = forced_bounds(
        node.people, node.pairs, node.chosen, seats, node.needs, node.split, node.price
    )
    size = 0
    for i in range(len(bounds)):
        if bounds[i] > target:
            size += 1
        elif bounds[i] <= target:
            best.points[1] = max(best.points[1], bounds[i])
    rest, promise = np.empty(size, dtype=np.int64), np.empty(size)
    size = 0
    for i in range(len(bounds)):
        if bounds[i] > target:
            rest[size], promise[size] = i, bounds[i]
            size += 1
    return bound, picked, rest, promise


@njit(cache=True, nogil=True)
def explore(node, rules, best, aim, rounds):
    """Look at every team that contains the chosen and may be better.

    A stack of our own: a compiled function that calls itself cannot be cached.
    """
    stack = [(node, np.inf, rounds, True)]
    while len(stack) > 0:
        node, known, rounds, is_new = stack.pop()
        best.counts[1] += 1
        if is_new:
            _try(node, rules, best, aim)
        target = threshold(best, aim)
        is_leaf = len(node.team) == rules.seats or len(node.who) == 0
        if is_leaf or known <= target:
            if not is_leaf:
                best.points[1] = max(best.points[1], known)
            continue
        if best.counts[2] > aim.work or best.counts[3] > len(best.listed):
            bound = descend(
                node.people, node.pairs, node.chosen, _rest_of(rules, node), node.needs,
                node.split, node.price, target, np.int64(1),
            )[0]  # fmt: skip
            bound = min(bound, known)
            kind = 1 if bound <= target else 2
            best.points[kind] = max(best.points[kind], bound)
            continue
        bound, _, rest, promise = tighten(node, rules, best, aim, rounds)
        if len(rest) == 0:
            continue
        if len(rest) < len(node.who):
            node = kept(node, rest)
        place = np.int64(0)  # a literal would be compiled for by itself
        for i in range(1, len(promise)):
            if promise[i] > promise[place]:
                place = np.int64(i)
        left_out = kept(node, _others(len(node.who), place))
        stack.append((left_out, min(known, bound), _ROUNDS_LEFT_OUT, False))
        stack.append((_joined(node, place), promise[place], _ROUNDS_JOINED, True))


@register_jitable
def _rest_of(rules, node):
    """Return the rules for the seats that the chosen leave."""
    lead, research = rules.needs_lead, rules.needs_research
    return Rules(
        rules.fold, rules.seats - len(node.team),
        lead and not node.chosen.has_lead, research and not node.chosen.has_research,
        rules.least,
    )  # fmt: skip


@register_jitable
def _try(node, rules, best, aim):
    """Keep the team of the chosen if it obeys every rule and is the best, or is to be listed."""
    chosen = node.chosen
    size = len(node.team)
    seats = _rest_of(rules, node)
    if size == 0 or seats.needs_lead or seats.needs_research:
        return
    for g in range(len(rules.least)):
        if chosen.rule[g] < rules.least[g] - 1e-9:
            return
    value = chosen.points
    top = np.empty(rules.fold)
    for k in range(chosen.gain.shape[1]):
        for t in range(rules.fold):
            top[t] = 0.0
        held = 0
        for i in range(size):
            held += chosen.holds[i, k]
            q = chosen.gain[i, k]
            for t in range(rules.fold):
                if q > top[t]:
                    q, top[t] = top[t], q
        if held < rules.fold:
            return
        best_of_need = 0.0
        for t in range(rules.fold):
            best_of_need += top[t]
        value += best_of_need
    if len(best.listed) > 0:
        if value > aim.floor:
            if best.counts[3] < len(best.listed):
                _sort_into(node.team, best.listed[best.counts[3]])
            best.counts[3] += 1
    elif value > best.points[0] + 1e-12 * max(1.0, abs(value)):
        best.points[0] = value
        best.counts[0] = size
        _sort_into(node.team, best.members)


@register_jitable
def _sort_into(team, members):
    """Write a team into the first places of ``members``, ascending, by insertion."""
    for t in range(len(team)):
        place = t
        while place > 0 and members[place - 1] > team[t]:
            members[place] = members[place - 1]
            place -= 1
        members[place] = team[t]


@register_jitable
def _others(n, place):
    """Return the numbers below n except one."""
    others = np.empty(n - 1, dtype=np.int64)
    for i in range(n - 1):
        others[i] = i if i < place else i + 1
    return others


@njit(cache=True, nogil=True)
def kept(node, rest):
    """Return the node with only these open candidates (places, ascending)."""
    people, pairs = node.people, node.pairs
    n, m, s = len(node.who), len(rest), people.gain.shape[1]
    who = np.empty(m, dtype=np.int64)
    place = np.full(n, -1, dtype=np.int64)
    left = Open(
        np.empty(m), np.empty((m, s)), np.empty((m, s), dtype=np.bool_),
        np.empty(m, dtype=np.bool_), np.empty(m, dtype=np.bool_),
        np.empty((m, people.rule.shape[1])),
    )  # fmt: skip
    for t in range(m):
        i = rest[t]
        place[i], who[t] = t, node.who[i]
        left.base[t], left.lead[t], left.research[t] = (
            people.base[i], people.lead[i], people.research[i],
        )  # fmt: skip
        for k in range(s):
            left.gain[t, k], left.holds[t, k] = people.gain[i, k], people.holds[i, k]
        for g in range(people.rule.shape[1]):
            left.rule[t, g] = people.rule[i, g]
    ties = 0
    for e in range(len(pairs.a)):
        ties += place[pairs.a[e]] >= 0 and place[pairs.b[e]] >= 0
    tied = Pairs(np.empty(ties, dtype=np.int64), np.empty(ties, dtype=np.int64), np.empty(ties))
    split = np.empty(ties)
    ties = 0
    for e in range(len(pairs.a)):
        a, b = place[pairs.a[e]], place[pairs.b[e]]
        if a >= 0 and b >= 0:
            tied.a[ties], tied.b[ties] = a, b
            tied.points[ties], split[ties] = pairs.points[e], node.split[e]
            ties += 1
    return Node(
        node.team, node.chosen, who, left, tied,
        node.needs.copy(), split, node.price.copy(),
    )  # fmt: skip


@register_jitable
def _joined(node, place):
    """Return the node with one open candidate chosen."""
    people, pairs, old = node.people, node.pairs, node.chosen
    base = people.base.copy()
    for e in range(len(pairs.a)):
        if pairs.a[e] == place:
            base[pairs.b[e]] += pairs.points[e]
        elif pairs.b[e] == place:
            base[pairs.a[e]] += pairs.points[e]
    c, s = old.gain.shape
    gain, holds = np.empty((c + 1, s)), np.empty((c + 1, s), dtype=np.bool_)
    team, rule = np.empty(c + 1, dtype=np.int64), old.rule.copy()
    for k in range(s):
        for i in range(c):
            gain[i, k], holds[i, k] = old.gain[i, k], old.holds[i, k]
        gain[c, k], holds[c, k] = people.gain[place, k], people.holds[place, k]
    for i in range(c):
        team[i] = node.team[i]
    team[c] = node.who[place]
    for g in range(len(rule)):
        rule[g] += people.rule[place, g]
    chosen = Chosen(
        old.points + people.base[place], gain, holds, rule,
        old.has_lead or people.lead[place], old.has_research or people.research[place],
    )  # fmt: skip
    left = Open(base, people.gain, people.holds, people.lead, people.research, people.rule)
    with_it = Node(team, chosen, node.who, left, pairs, node.needs, node.split, node.price)
    return kept(with_it, _others(len(node.who), place))
