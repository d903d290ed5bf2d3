"""Compiled search for good teams of one challenge, over all places of its lead.

For each location at which somebody may lead, the most promising candidates are listed;
a team grows greedily from the best leads, and drops, swaps and additions improve it. The
best locations are then searched further: some members are thrown out, the team grows
again without them and is improved (ruin and recreate). A broken rule is not forbidden
but costs more than any team is worth, so that the search repairs before it
improves. Literature: Schrimpf et al. 2000, Journal of Computational Physics 159 (ruin
and recreate); the rest is ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["LACK", "Effort", "Sheet", "points_of_teams", "search_teams"]

LACK = 1e6  # points; larger than the value of any team at usual prices


class Sheet(NamedTuple):
    """A challenge's team problem as contiguous arrays, prices aside."""

    gain: Floats  # (s, n), 0 where not held
    holds: Floats  # (s, n), 1 or 0
    distance: Floats  # (p, n)
    lead_at: Indices  # (n,)
    research: Floats  # (n,), 1 or 0; all 1 where no research organisation is needed
    rule: Floats  # (g, n)
    least: Floats  # (g,)
    tie_start: Indices  # (n + 1,)
    tie_to: Indices
    tie_points: Floats
    promise: Floats  # (n,), points of gains and of the best ties, to rank by
    fold: int
    limit: int


class Effort(NamedTuple):
    """How hard to search one challenge."""

    listed: int  # candidates kept for each location
    leads: int  # leads from which a location is searched
    deep: int  # locations searched further
    kicks: int  # times that each of them is ruined and recreated
    kept: int  # teams returned


class _State(NamedTuple):
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
    best: Floats  # (s, fold), scratch
    depth: Indices  # (s,), scratch
    weight: Floats  # (g,), scratch
    added: Floats  # (k,), scratch
    is_out: Flags  # (k,), may not join now
    is_tried: Flags  # (k,), leads from which the search has started
    lack: float  # points that each lacking part of a rule costs


@njit(cache=True, nogil=True)
def _tie(sheet, state, i, sign):
    """Add or take away the ties of the candidate at place i."""
    candidate = state.listed[i]
    for e in range(sheet.tie_start[candidate], sheet.tie_start[candidate + 1]):
        j = state.place[sheet.tie_to[e]]
        if j >= 0:
            state.tied[j] += sign * sheet.tie_points[e]


@njit(cache=True, nogil=True)
def _standing(sheet, state, count, skip):
    """Value the team without member ``skip``; fill best, depth and weight.

    The ties must already be without that member. Returns the value, the charge for what
    is lacking, and whether it lacks a lead and a research organisation.
    """
    state.best[:] = 0.0
    state.depth[:] = 0
    state.weight[:] = 0.0
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


@njit(cache=True, nogil=True)
def _best_joiner(sheet, state, count, skip):
    """Return the value with the best candidate in place of member ``skip``, and who it is.

    Also returns the value with nobody in its place. What a team lacks is charged for.
    """
    value, charge, lacks_lead, lacks_research = _standing(sheet, state, count, skip)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _improve(sheet, state, count, value):
    """Drop, swap and add members until nothing helps."""
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


@njit(cache=True, nogil=True)
def _listing(sheet, price, is_open, location, listed):
    """Return the most promising candidates for a location, ascending.

    Every need, the lead, research and each further rule find some of theirs in the list,
    if there are any.
    """
    n, n_needs = len(price), sheet.gain.shape[0]
    chosen = np.zeros(n, dtype=np.bool_)
    score = np.empty(n)
    for i in range(n):
        score[i] = sheet.promise[i] - price[i] - sheet.distance[location, i]
        if not is_open[i]:
            score[i] = -np.inf
    _take(score, listed, chosen)
    for k in range(n_needs + 2 + len(sheet.least)):
        kind = sheet.research
        if k < n_needs:
            kind = sheet.holds[k]
        elif k > n_needs + 1:
            kind = sheet.rule[k - n_needs - 2]
        enough = 2 * sheet.limit
        for i in range(n):
            fits = kind[i] > 0.0 if k != n_needs else sheet.lead_at[i] == location
            enough -= chosen[i] and fits
        while enough > 0:  # rarely
            best = -1
            for i in range(n):
                fits = kind[i] > 0.0 if k != n_needs else sheet.lead_at[i] == location
                is_new = fits and not chosen[i] and score[i] > -np.inf
                if is_new and (best < 0 or score[i] > score[best]):
                    best = i
            if best < 0:
                break
            chosen[best] = True
            enough -= 1
    return np.flatnonzero(chosen)


@njit(cache=True, nogil=True)
def _take(score, count, chosen):
    """Choose the candidates of the ``count`` largest finite scores; ties go to the first."""
    finite = score[score > -np.inf]
    low, high = 0, len(finite) - 1
    place = len(finite) - count  # of the least score taken, were they in order
    if place <= 0:
        for i in range(len(score)):
            chosen[i] = score[i] > -np.inf
        return
    while low < high:  # Hoare's selection
        pivot, i, j = finite[(low + high) // 2], low, high
        while i <= j:
            while finite[i] < pivot:
                i += 1
            while finite[j] > pivot:
                j -= 1
            if i <= j:
                finite[i], finite[j] = finite[j], finite[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break
    bar, taken = finite[place], 0
    for i in range(len(score)):
        chosen[i] = score[i] > bar
        taken += chosen[i]
    for i in range(len(score)):
        if taken < count and score[i] == bar:
            chosen[i] = True
            taken += 1


@njit(cache=True, nogil=True)
def _state(sheet, price, listed, location):
    k, s, g = len(listed), sheet.gain.shape[0], len(sheet.least)
    lack = LACK
    for i in listed:
        lack = max(lack, 100.0 * abs(price[i]))
    place = np.full(len(price), -1, dtype=np.int64)
    state = _State(
        np.empty(k), np.empty((s, k)), np.empty((s, k)), np.empty(k), np.empty(k),
        np.empty((g, k)), sheet.least, listed, place, np.zeros(k),
        np.empty(sheet.limit + 1, dtype=np.int64), np.zeros((s, sheet.fold)),
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


@njit(cache=True, nogil=True)
def _settle(sheet, state, count):
    """Make the first ``count`` places of the team its members, and improve it."""
    state.tied[:] = 0.0
    for t in range(count):
        _tie(sheet, state, state.team[t], 1.0)
    value, charge, _, _ = _standing(sheet, state, count, np.int64(-1))
    count, value = _grow(sheet, state, count, value - charge)
    state.is_out[:] = False
    return _improve(sheet, state, count, value)


@njit(cache=True, nogil=True)
def _kick(sheet, state, count, value, kicks):
    """Ruin and recreate; keep what is better. Returns the members and the value."""
    members = state.team[:count].copy()
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
        size, reached = _settle(sheet, state, count - out)
        if reached > value + 1e-9:
            members, count, value = state.team[:size].copy(), size, reached
    return members, value


@njit(cache=True, nogil=True)
def _note(found, n_found, members, value, location, listed):
    """Keep a team among those found if it is new; the worst makes room."""
    teams, values, locations = found
    team = np.full(teams.shape[1], -1, dtype=np.int64)
    for t in range(len(members)):  # sorted by insertion
        place = t
        while place > 0 and team[place - 1] > listed[members[t]]:
            team[place] = team[place - 1]
            place -= 1
        team[place] = listed[members[t]]
    worst = 0
    for f in range(n_found):
        differs = 0
        for t in range(len(team)):
            differs += teams[f, t] != team[t]
        if differs == 0:
            if value > values[f]:
                values[f], locations[f] = value, location
            return n_found
        if values[f] < values[worst]:
            worst = f
    if n_found < len(values):
        worst = n_found
        n_found += 1
    elif values[worst] >= value:
        return n_found
    teams[worst], values[worst], locations[worst] = team, value, location
    return n_found


@njit(cache=True, nogil=True)
def search_teams(sheet, price, is_open, effort, seed):
    """Return the best teams found, best first.

    Parameters
    ----------
    sheet : Sheet
        The challenge.
    price : ndarray of float64, shape (n,)
        What each candidate costs at the prices of the moment.
    is_open : ndarray of bool, shape (n,)
        Who may take part.
    effort : Effort
        How hard to search.
    seed : int
        Of the choice of members thrown out.

    Returns
    -------
    teams : ndarray of int64, shape (t, limit)
        Candidates ascending, filled up with -1.
    values : ndarray of float64, shape (t,)
        Points at the given prices.
    """
    np.random.seed(seed)
    n_locations = sheet.distance.shape[0]
    found = (
        np.full((effort.kept, sheet.limit), -1, dtype=np.int64),
        np.full(effort.kept, -np.inf),
        np.full(effort.kept, -1, dtype=np.int64),
    )
    n_found = np.int64(0)
    reached = np.full(n_locations, -np.inf)
    for turn in range(n_locations + min(effort.deep, n_locations)):
        is_deep = turn >= n_locations
        location = int(np.argmax(reached)) if is_deep else turn
        if is_deep:
            if reached[location] == -np.inf or effort.kicks == 0:
                break
            reached[location] = -np.inf
        n_found, best = _search_location(
            sheet, price, is_open, effort, location, found, n_found, is_deep
        )
        if not is_deep:
            reached[location] = best
    teams, values, _ = found
    for f in range(1, n_found):  # sorted by insertion
        team, value, place = teams[f].copy(), values[f], f
        while place > 0 and values[place - 1] < value:
            teams[place], values[place] = teams[place - 1], values[place - 1]
            place -= 1
        teams[place], values[place] = team, value
    return teams[:n_found], values[:n_found]


@njit(cache=True, nogil=True)
def _obeys(sheet, state, members):
    """Tell whether a team lacks nothing; makes it the team."""
    state.team[: len(members)] = members
    return len(members) > 0 and _standing(sheet, state, len(members), np.int64(-1))[1] == 0.0


@njit(cache=True, nogil=True)
def _search_location(sheet, price, is_open, effort, location, found, n_found, is_deep):
    """Search teams led from a location: from its best leads or, deeper, from its best team."""
    listed = _listing(sheet, price, is_open, location, effort.listed)
    state = _state(sheet, price, listed, location)
    teams, values, locations = found
    best, top = -1, -np.inf
    for f in range(n_found):
        if locations[f] == location and values[f] > top:
            best, top = f, values[f]
    top = -np.inf
    for _ in range(1 if is_deep else effort.leads):
        count = 0
        if is_deep and best >= 0:
            for i in teams[best]:
                if i >= 0 and state.place[i] >= 0:
                    state.team[count] = state.place[i]
                    count += 1
        else:
            lead, rank = -1, -np.inf
            for j in range(len(listed)):
                hope = state.base[j] + sheet.promise[listed[j]]
                if state.lead[j] > 0.0 and not state.is_tried[j] and hope > rank:
                    lead, rank = j, hope
            if lead < 0:
                break
            state.team[0] = lead
            state.is_tried[lead] = True
            count = 1
        count, value = _settle(sheet, state, count)
        members = state.team[:count].copy()
        if is_deep:
            members, value = _kick(sheet, state, count, value, effort.kicks)
        top = max(top, value)
        if _obeys(sheet, state, members):
            n_found = _note(found, n_found, members, value, location, listed)
    return n_found, top


@njit(cache=True, nogil=True)
def points_of_teams(sheet, price, who, teams):
    """Value teams, each from its best lead.

    Parameters
    ----------
    sheet : Sheet
        The challenge.
    price : ndarray of float64, shape (n,)
        What each candidate costs by itself.
    who : ndarray of int64, shape (n,)
        Organisation of each candidate.
    teams : ndarray of int64, shape (t, limit)
        Candidates ascending, filled up with -1; each with somebody who may lead.

    Returns
    -------
    points : ndarray of float64, shape (t, 4)
        Quality, ties, distance, price.
    lead, location : ndarray of int64, shape (t,)
        Organisation and location of the lead: least distance, then most quality.
    """
    points = np.zeros((len(teams), 4))
    lead = np.full(len(teams), -1, dtype=np.int64)
    location = np.full(len(teams), -1, dtype=np.int64)
    best = np.empty(sheet.fold)
    inside = np.zeros(len(price), dtype=np.bool_)
    for f in range(len(teams)):
        team = teams[f][teams[f] >= 0]
        for i in team:
            inside[i] = True
        for k in range(sheet.gain.shape[0]):
            best[:] = 0.0
            for i in team:
                q = sheet.gain[k, i]
                for place in range(sheet.fold):
                    if q > best[place]:
                        q, best[place] = best[place], q
            points[f, 0] += best.sum()
        far, rank = np.inf, -np.inf
        for i in team:
            points[f, 3] += price[i]
            for e in range(sheet.tie_start[i], sheet.tie_start[i + 1]):
                if inside[sheet.tie_to[e]] and sheet.tie_to[e] > i:
                    points[f, 1] += sheet.tie_points[e]
            at = sheet.lead_at[i]
            if at >= 0:
                distance, quality = 0.0, sheet.gain[:, i].sum()
                for j in team:
                    distance += sheet.distance[at, j]
                nearer = distance < far - 1e-9
                if nearer or (distance < far + 1e-9 and quality > rank + 1e-9):
                    far, rank = min(far, distance), quality
                    lead[f], location[f] = who[i], at
        points[f, 2] = far
        for i in team:
            inside[i] = False
    return points, lead, location
