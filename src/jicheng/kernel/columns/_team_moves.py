"""Moves of one team among the candidates listed for a location, compiled.

A team grows greedily; drops, swaps and additions improve it; some members are thrown out
and it grows again without them (ruin and recreate: Schrimpf et al. 2000, Journal of
Computational Physics 159). A broken rule is not forbidden but costs more than any team is
worth, so that moves repair before they improve.

Each function here takes seconds to compile where nothing is stored, and is compiled
once more inside each that calls it: so there are few of them, and arrays are filled by
loops, since assigning arrays to slices brings the code of an error message along.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["LACK", "State", "kick", "settle", "standing", "state_of"]

LACK = 1e6  # points; larger than the value of any team at usual prices


class State(NamedTuple):
    """A team over the candidates listed for a location, with what moves need."""

    base: Floats  # (k,), minus price and distance
    gain: Floats  # (s, k)
    holds: Floats  # (s, k)
    lead: Floats  # (k,)
    research: Floats  # (k,)
    rule: Floats  # (g, k)
    least: Floats
    listed: Indices  # (k,), candidates
    place: Indices  # (n,), place of each candidate in the list or -1
    tied: Floats  # (k,), ties to the team
    team: Indices  # (limit + 1,), places of the members
    members: Indices  # (limit + 1,), places of the members of the best team
    best: Floats  # (s, fold), scratch
    depth: Indices  # (s,), scratch
    weight: Floats  # (g,), scratch
    added: Floats  # (k,), scratch
    is_out: Flags  # (k,), may not join now
    is_tried: Flags  # (k,), leads from which the search has started
    lack: float  # points that each lacking part of a rule costs


@register_jitable
def state_of(sheet, price, listed, location):
    """Return the candidates listed for a location, with nobody in the team."""
    k, s, g = len(listed), sheet.gain.shape[0], len(sheet.least)
    lack = LACK
    for i in listed:
        lack = max(lack, 100.0 * abs(price[i]))
    place = np.full(len(price), -1, dtype=np.int64)
    state = State(
        np.empty(k), np.empty((s, k)), np.empty((s, k)), np.empty(k), np.empty(k),
        np.empty((g, k)), sheet.least, listed, place, np.zeros(k),
        np.empty(sheet.limit + 1, dtype=np.int64), np.empty(sheet.limit + 1, dtype=np.int64),
        np.zeros((s, sheet.fold)),
        np.zeros(s, dtype=np.int64), np.zeros(g), np.empty(k), np.zeros(k, dtype=np.bool_),
        np.zeros(k, dtype=np.bool_), lack,
    )  # fmt: skip
    for j in range(k):
        i = listed[j]
        place[i] = j
        state.base[j] = -price[i] - sheet.distance[location, i]
        state.lead[j] = 1.0 if sheet.lead_at[i] == location else 0.0
        state.research[j] = sheet.research[i]
        for need in range(s):
            state.gain[need, j] = sheet.gain[need, i]
            state.holds[need, j] = sheet.holds[need, i]
        for rule in range(g):
            state.rule[rule, j] = sheet.rule[rule, i]
    return state


@register_jitable
def _tie(sheet, state, i, sign):
    """Add or take away the ties of the candidate at place i."""
    candidate = state.listed[i]
    for e in range(sheet.tie_start[candidate], sheet.tie_start[candidate + 1]):
        j = state.place[sheet.tie_to[e]]
        if j >= 0:
            state.tied[j] += sign * sheet.tie_points[e]


@register_jitable
def standing(sheet, state, count, skip):
    """Value the team without member ``skip``; fill best, depth and weight.

    The ties must already be without that member. Returns the value, the charge for what
    is lacking, and whether it lacks a lead and a research organisation.
    """
    for k in range(state.gain.shape[0]):
        state.depth[k] = 0
        for place in range(sheet.fold):
            state.best[k, place] = 0.0
    for g in range(len(state.weight)):
        state.weight[g] = 0.0
    value, leads, researchers, lacks = 0.0, 0.0, 0.0, 0.0
    for t in range(count):
        if t == skip:
            continue
        i = state.team[t]
        value += state.base[i] + 0.5 * state.tied[i]
        leads += state.lead[i]
        researchers += state.research[i]
        for g in range(len(state.weight)):
            state.weight[g] += state.rule[g, i]
        for k in range(state.gain.shape[0]):
            if state.holds[k, i] > 0.0:
                state.depth[k] += 1
                q = state.gain[k, i]
                for place in range(sheet.fold):
                    if q > state.best[k, place]:
                        q, state.best[k, place] = state.best[k, place], q
    for k in range(state.gain.shape[0]):
        lacks += max(0, sheet.fold - state.depth[k])
        for place in range(sheet.fold):
            value += state.best[k, place]
    for g in range(len(state.weight)):
        missing = state.least[g] - state.weight[g]
        lacks += 1.0 + missing if missing > 1e-9 else 0.0
    lacks += (1.0 if leads == 0.0 else 0.0) + (1.0 if researchers == 0.0 else 0.0)
    return value, state.lack * lacks, leads == 0.0, researchers == 0.0


@register_jitable
def _best_joiner(sheet, state, count, skip):
    """Return the value with the best candidate in place of member ``skip``, and who it is.

    Also returns the value with nobody in its place. What a team lacks is charged for.
    """
    value, charge, lacks_lead, lacks_research = standing(sheet, state, count, skip)
    added = state.added
    n, last = len(added), sheet.fold - 1
    for j in range(n):
        added[j] = state.base[j] + state.tied[j]
    for k in range(state.gain.shape[0]):
        least, gain = state.best[k, last], state.gain[k]
        for j in range(n):
            more = gain[j] - least
            added[j] += more if more > 0.0 else 0.0
        if state.depth[k] < sheet.fold:
            holds = state.holds[k]
            for j in range(n):
                added[j] += state.lack * holds[j]
    if lacks_lead or lacks_research:
        lead, research = state.lack * lacks_lead, state.lack * lacks_research
        for j in range(n):
            added[j] += lead * state.lead[j] + research * state.research[j]
    for g in range(len(state.least)):
        missing = state.least[g] - state.weight[g]
        now = 1.0 + missing if missing > 1e-9 else 0.0
        for j in range(n):
            then = missing - state.rule[g, j]
            added[j] += state.lack * (now - (1.0 + then if then > 1e-9 else 0.0))
    for t in range(count):
        if t != skip:
            added[state.team[t]] = -np.inf
    found, top = -1, -np.inf
    for j in range(n):
        if added[j] > top and not state.is_out[j]:
            found, top = j, added[j]
    return value - charge + top, found, value - charge


@register_jitable
def _grow(sheet, state, count, value):
    """Add the best candidate while it improves; return the number of members and the value."""
    while count < sheet.limit:
        joined, j, _ = _best_joiner(sheet, state, count, np.int64(-1))
        if j < 0 or (joined <= value + 1e-9 and count > 0):
            break
        state.team[count] = j
        count += 1
        value = joined
        _tie(sheet, state, j, 1.0)
    return count, value


@register_jitable
def settle(sheet, state, count):
    """Make the first ``count`` places of the team its members, and improve it.

    It grows, then drops, swaps and adds members until nothing helps. Returns the number of
    members and the value.
    """
    for j in range(len(state.tied)):
        state.tied[j] = 0.0
    for i in state.team[:count]:
        _tie(sheet, state, i, 1.0)
    value, charge, _, _ = standing(sheet, state, count, np.int64(-1))
    count, value = _grow(sheet, state, count, value - charge)
    for j in range(len(state.is_out)):
        state.is_out[j] = False
    idle, t = 0, np.int64(0)
    while idle < max(count, 1) and count > 0:
        if t >= count:
            t = np.int64(0)
        i = state.team[t]
        _tie(sheet, state, i, -1.0)
        swapped, j, dropped = _best_joiner(sheet, state, count, t)
        is_drop = count > 1 and dropped > value + 1e-9 and dropped >= swapped - 1e-9
        if is_drop or (j >= 0 and j != i and swapped > value + 1e-9):
            idle = 0
            if is_drop:
                value = dropped
                count -= 1
                state.team[t] = state.team[count]
            else:
                value = swapped
                state.team[t] = j
                _tie(sheet, state, j, 1.0)
                t += 1
            count, value = _grow(sheet, state, count, value)
        else:
            _tie(sheet, state, i, 1.0)
            idle += 1
            t += 1
    return count, value


@register_jitable
def kick(sheet, state, count, value, kicks):
    """Ruin and recreate the best team, ``state.members``; keep what is better.

    Returns the number of its members and its value.
    """
    members = state.members
    for _ in range(kicks):
        out = min(count - 1, 2 + int(3.0 * np.random.random()))
        if out < 1:
            break
        for t in range(out):  # the last places are thrown out
            other = int((count - t) * np.random.random())
            last = count - 1 - t
            members[other], members[last] = members[last], members[other]
        for t in range(count):
            state.team[t] = members[t]
            state.is_out[members[t]] = t >= count - out
        size, reached = settle(sheet, state, count - out)
        if reached > value + 1e-9:
            count, value = size, reached
            for t in range(size):
                members[t] = state.team[t]
    return count, value
