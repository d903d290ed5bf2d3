"""Bound what a team can reach once some members are chosen, and who may still join.

Lagrangian relaxation of the team problem at one lead location. A price per need
(free sign) replaces "the best holders count", a price >= 0 replaces each further rule,
and the points of each tie between two open candidates are split between its
sides. What is left, "the most valuable members with a lead and a research
organisation among them", is solved by picking. Every choice of prices gives a valid
bound; a subgradient method with Polyak steps searches for a low one, which at best is
the bound of the linear relaxation. With one candidate forced in, the same picking
bounds every team that contains it: at or below the best known value it can be dropped
without losing a better team (reduced-cost fixing). Literature: Fisher 1981, Management
Science 27:1.

Arrays are filled by loops: arithmetic on whole arrays and assignment to slices bring the
code of an error message along, and sorting that of several methods, which compile for
seconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable

from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["Chosen", "Open", "Pairs", "Rules", "descend", "forced_bounds"]


class Open(NamedTuple):
    """Open candidates, shape (n,) each; ``base`` has price, distance, ties to the chosen."""

    base: Floats
    gain: Floats  # (n, s)
    holds: Flags  # (n, s)
    lead: Flags
    research: Flags
    rule: Floats  # (n, g)


class Pairs(NamedTuple):
    """Ties between open candidates."""

    a: Indices
    b: Indices
    points: Floats


class Chosen(NamedTuple):
    """Members chosen already: their points without gains, and what they hold."""

    points: float
    gain: Floats  # (c, s)
    holds: Flags  # (c, s)
    rule: Floats  # (g,), sum of their weights
    has_lead: bool
    has_research: bool


class Rules(NamedTuple):
    """What the rest of the team must satisfy."""

    fold: int
    seats: int
    needs_lead: bool
    needs_research: bool
    least: Floats  # (g,)


@register_jitable
def _worth(people, pairs, rules, needs, split, price):
    """Return what each open candidate is worth at these prices, shape (n,)."""
    worth = people.base.copy()
    for i in range(len(worth)):
        for g in range(len(price)):
            worth[i] += price[g] * people.rule[i, g]
        for k in range(len(needs)):
            if people.holds[i, k] and people.gain[i, k] > needs[k]:
                worth[i] += people.gain[i, k] - needs[k]
    for e in range(len(pairs.a)):
        worth[pairs.a[e]] += split[e] * pairs.points[e]
        worth[pairs.b[e]] += (1.0 - split[e]) * pairs.points[e]
    return worth


@register_jitable
def _rest(chosen, rules, needs, price):
    """Return the part of the bound that no open candidate changes."""
    sum_of_needs = 0.0
    for k in range(len(needs)):
        sum_of_needs += needs[k]
    rest = chosen.points + rules.fold * sum_of_needs
    for g in range(len(price)):
        rest += price[g] * (chosen.rule[g] - rules.least[g])
    for i in range(chosen.gain.shape[0]):
        for k in range(len(needs)):
            if chosen.holds[i, k] and chosen.gain[i, k] > needs[k]:
                rest += chosen.gain[i, k] - needs[k]
    return rest


@register_jitable
def _first(worth, lead, research, needs_lead, needs_research):
    """Return the most valuable candidate who satisfies both, -1 if there is none."""
    best = -1
    for i in range(len(worth)):
        fits = (lead[i] or not needs_lead) and (research[i] or not needs_research)
        if fits and (best < 0 or worth[i] > worth[best]):
            best = i
    return best


@register_jitable
def _fill(worth, top, filled, forced, seats):
    """Seat the forced candidates, then those of ``top`` while seats are left."""
    members = np.empty(max(seats, 2), dtype=np.int64)
    count, value = 0, 0.0
    for i in forced:
        if i >= 0 and (count == 0 or members[0] != i):
            members[count] = i
            value += worth[i]
            count += 1
    if count > seats:
        return -np.inf, members[:0]
    n_forced = count
    for t in range(filled):
        if count == seats:
            break
        is_new = True
        for f in range(n_forced):
            is_new = is_new and members[f] != top[t]
        if is_new:
            members[count] = top[t]
            value += worth[top[t]]
            count += 1
    return value, members[:count]


@register_jitable
def _pick(worth, lead, research, seats, needs_lead, needs_research):
    """Pick at most ``seats`` candidates of largest worth who satisfy both rules.

    Returns the sum of their worth (-inf if the rules cannot be satisfied) and who
    they are. Exact: either one candidate satisfies both rules, or one satisfies each.
    """
    top = np.empty(max(seats, 1), dtype=np.int64)
    filled = np.int64(0)
    for i in range(len(worth)):
        if seats == 0 or worth[i] <= 0.0 or (filled == seats and worth[i] <= worth[top[-1]]):
            continue
        filled = min(filled + 1, seats)
        place = filled - 1
        while place > 0 and worth[top[place - 1]] < worth[i]:
            top[place] = top[place - 1]
            place -= 1
        top[place] = i
    forced = np.full(2, -2)
    if not needs_lead and not needs_research:
        return _fill(worth, top, filled, forced, seats)
    best_value, best = -np.inf, top[:0]
    both = _first(worth, lead, research, needs_lead, needs_research)
    if both >= 0:
        forced[0] = both
        best_value, best = _fill(worth, top, filled, forced, seats)
    if needs_lead and needs_research:
        forced[0] = _first(worth, lead, research, np.bool_(True), np.bool_(False))
        forced[1] = _first(worth, lead, research, np.bool_(False), np.bool_(True))
        if forced[0] >= 0 and forced[1] >= 0:
            value, members = _fill(worth, top, filled, forced, seats)
            if value > best_value:
                best_value, best = value, members
    return best_value, best


@register_jitable
def _is_out_of_reach(people, chosen, rules, reach, i):
    """Tell whether no team with the chosen and candidate i can obey some further rule.

    ``reach``: what the ``seats - 1`` largest positive weights add up to, shape (g,).
    """
    for g in range(len(reach)):
        if chosen.rule[g] + people.rule[i, g] + reach[g] < rules.least[g] - 1e-9:
            return True
    return False


@register_jitable
def _reach(people, seats):
    """Return what so many open candidates can add to each further rule at most."""
    n, n_rules = people.rule.shape
    reach, top = np.zeros(n_rules), np.empty(max(1, min(n, seats)))
    for g in range(n_rules):
        filled = 0  # of ``top``, ascending: the largest weights so far
        for i in range(n):
            weight = people.rule[i, g]
            if weight <= 0.0 or seats <= 0 or (filled == len(top) and weight <= top[0]):
                continue
            if filled < len(top):
                place = filled
                filled += 1
                while place > 0 and top[place - 1] > weight:
                    top[place] = top[place - 1]
                    place -= 1
            else:
                place = 0
                while place + 1 < filled and top[place + 1] < weight:
                    top[place] = top[place + 1]
                    place += 1
            top[place] = weight
        for place in range(filled):
            reach[g] += top[place]
    return reach


@njit(cache=True, nogil=True)
def forced_bounds(people, pairs, chosen, rules, needs, split, price):
    """Bound every team that contains the chosen and one open candidate, shape (n,).

    -inf where no team that obeys the rules can contain it.
    """
    worth = _worth(people, pairs, rules, needs, split, price)
    others = np.empty((2, 2))
    for needs_lead in range(2):
        for needs_research in range(2):
            others[needs_lead, needs_research] = _pick(
                worth, people.lead, people.research, rules.seats - 1,
                needs_lead == 1, needs_research == 1,
            )[0]  # fmt: skip
    rest, bounds = _rest(chosen, rules, needs, price), worth
    reach = _reach(people, rules.seats - 1)
    for i in range(len(worth)):
        bounds[i] += rest
        if _is_out_of_reach(people, chosen, rules, reach, i):
            bounds[i] = -np.inf
            continue
        still_lead = int(rules.needs_lead and not people.lead[i])
        still_research = int(rules.needs_research and not people.research[i])
        bounds[i] += others[still_lead, still_research]
    return bounds


@register_jitable
def _slopes(people, chosen, rules, needs, members):
    """Return the subgradient for the prices of the needs and of the further rules."""
    slope, surplus = np.empty(len(needs)), np.empty(len(rules.least))
    for k in range(len(needs)):
        slope[k] = rules.fold
    for g in range(len(rules.least)):
        surplus[g] = chosen.rule[g] - rules.least[g]
    for i in range(chosen.gain.shape[0]):
        for k in range(len(needs)):
            if chosen.holds[i, k] and chosen.gain[i, k] > needs[k]:
                slope[k] -= 1.0
    for i in members:
        for g in range(len(surplus)):
            surplus[g] += people.rule[i, g]
        for k in range(len(needs)):
            if people.holds[i, k] and people.gain[i, k] > needs[k]:
                slope[k] -= 1.0
    return slope, surplus


@register_jitable
def _keep(needs, split, price, kept_needs, kept_split, kept_price):
    """Copy prices over others."""
    for k in range(len(needs)):
        kept_needs[k] = needs[k]
    for e in range(len(split)):
        kept_split[e] = split[e]
    for g in range(len(price)):
        kept_price[g] = price[g]


@njit(cache=True, nogil=True)
def descend(people, pairs, chosen, rules, needs, split, price, target, rounds):
    """Lower the bound by changing ``needs``, ``split`` and ``price`` in place.

    Parameters
    ----------
    people, pairs, chosen, rules
        The problem that is left; ``rules.seats`` >= 1.
    needs : ndarray of float64, shape (s,)
        Prices of the needs: start and, at return, the best found.
    split : ndarray of float64, shape (t,)
        Part of each tie that its first side gets, 0 to 1: the same.
    price : ndarray of float64, shape (g,)
        Price of each further rule, >= 0: the same.
    target : float
        Value of the best known team; a bound at or below it ends the search. -inf
        if there is none.
    rounds : int
        Most evaluations, each O(n s + t).

    Returns
    -------
    bound : float
        No team that contains the chosen has a value above it.
    members : ndarray of int64
        Who was picked at the best prices.
    used : int
        Evaluations made.
    """
    best, best_members = np.inf, np.empty(0, dtype=np.int64)
    best_needs, best_split, best_price = needs.copy(), split.copy(), price.copy()
    inside = np.zeros(len(people.base), dtype=np.bool_)
    pace, stalled, used = 1.0, 0, 0
    for _ in range(rounds):
        used += 1
        worth = _worth(people, pairs, rules, needs, split, price)
        value, members = _pick(
            worth, people.lead, people.research, rules.seats,
            rules.needs_lead, rules.needs_research,
        )  # fmt: skip
        bound = value + _rest(chosen, rules, needs, price)
        stalled += 1
        if bound < best:
            if best - bound > 1e-4 * abs(bound):
                stalled = 0
            best, best_members = bound, members
            _keep(needs, split, price, best_needs, best_split, best_price)
        if best <= target:
            break
        if stalled >= 8:
            pace, stalled = pace * 0.6, 0
            _keep(best_needs, best_split, best_price, needs, split, price)
            if pace < 0.01:
                break
        slope, surplus = _slopes(people, chosen, rules, needs, members)
        for i in range(len(inside)):
            inside[i] = False
        for i in members:
            inside[i] = True
        for g in range(len(price)):
            if price[g] <= 0.0 and surplus[g] > 0.0:
                surplus[g] = 0.0  # its price cannot fall
        steep_needs, steep_rules = 0.0, 0.0
        for k in range(len(needs)):
            steep_needs += slope[k] * slope[k]
        for g in range(len(price)):
            steep_rules += surplus[g] * surplus[g]
        steep = steep_needs + steep_rules
        for e in range(len(pairs.a)):
            if inside[pairs.a[e]] != inside[pairs.b[e]]:
                steep += pairs.points[e] * pairs.points[e]
        if steep < 1e-12:
            break
        aim = bound - target if target > -np.inf else 0.1 * abs(bound)
        step = pace * max(aim, 1e-3 * abs(bound)) / steep
        for k in range(len(needs)):
            needs[k] -= step * slope[k]
        for g in range(len(price)):
            price[g] = max(0.0, price[g] - step * surplus[g])
        for e in range(len(pairs.a)):
            towards = int(inside[pairs.b[e]]) - int(inside[pairs.a[e]])
            split[e] = min(1.0, max(0.0, split[e] + step * pairs.points[e] * towards))
    _keep(best_needs, best_split, best_price, needs, split, price)
    return best, best_members, used
