"""Compiled search for good teams of one challenge, over all places of its lead.

For each location at which somebody may lead, the most promising candidates are listed;
a team grows greedily from the best leads, and drops, swaps and additions improve it. The
best locations are then searched further: some members are thrown out, the team grows
again without them and is improved (ruin and recreate). A broken rule is not forbidden
but costs :data:`LACK`, more than any team is worth, so that the search repairs before it
improves. Literature: Schrimpf et al. 2000, Journal of Computational Physics 159 (ruin
and recreate); the rest is ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["LACK", "Effort", "Sheet", "points_of_teams", "search_teams"]

LACK = 1e6  # points; larger than the value of any team


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
    added: Floats  # (k,), scratch
    is_out: Flags  # (k,), may not join now


@njit(cache=True, nogil=True)
def _tie(sheet, state, i, sign):
    """Add or take away the ties of the candidate at place i."""
    candidate = state.listed[i]
    for e in range(sheet.tie_start[candidate], sheet.tie_start[candidate + 1]):
        j = state.place[sheet.tie_to[e]]
        if j >= 0:
            state.tied[j] += sign * sheet.tie_points[e]


@njit(cache=True, nogil=True)
def _value(sheet, state, count, skip):
    """Return the value of the team without member ``skip``, and fill best and depth.

    What it lacks is not charged for; the ties must already be without that member.
    """
    state.best[:] = 0.0
    state.depth[:] = 0
    value = 0.0
    for t in range(count):
        if t == skip:
            continue
        i = state.team[t]
        value += state.base[i] + 0.5 * state.tied[i]
        for k in range(state.gain.shape[0]):
            if state.holds[k, i] > 0.0:
                state.depth[k] += 1
                q = state.gain[k, i]
                for place in range(sheet.fold):
                    if q > state.best[k, place]:
                        q, state.best[k, place] = state.best[k, place], q
    return value + state.best.sum()


@njit(cache=True, nogil=True)
def _charge(sheet, state, count, skip):
    """Return what the team lacks without member ``skip``, times LACK; depth must be filled."""
    lacks, leads, researchers = 0.0, 0.0, 0.0
    for k in range(len(state.depth)):
        lacks += max(0, sheet.fold - state.depth[k])
    for t in range(count):
        if t != skip:
            leads += state.lead[state.team[t]]
            researchers += state.research[state.team[t]]
    lacks += int(leads == 0.0) + int(researchers == 0.0)
    for g in range(len(state.least)):
        lacks += _missed(state, g, _weight(state, g, count, skip))
    return LACK * lacks, leads == 0.0, researchers == 0.0


@njit(cache=True, nogil=True)
def _weight(state, g, count, skip):
    weight = 0.0
    for t in range(count):
        if t != skip:
            weight += state.rule[g, state.team[t]]
    return weight


@njit(cache=True, nogil=True)
def _missed(state, g, weight):
    missing = state.least[g] - weight
    return 1.0 + missing if missing > 1e-9 else 0.0


@njit(cache=True, nogil=True)
def _best_joiner(sheet, state, count, skip):
    """Return the value with the best candidate in place of member ``skip``, who it is.

    Also returns the value with nobody in its place. What a team lacks is charged for.
    """
    value = _value(sheet, state, count, skip)
    charge, lacks_lead, lacks_research = _charge(sheet, state, count, skip)
    added = state.added
    n, last = len(added), sheet.fold - 1
    for j in range(n):
        added[j] = state.base[j] + state.tied[j]
    for k in range(state.gain.shape[0]):
        least = state.best[k, last]
        gain = state.gain[k]
        for j in range(n):
            more = gain[j] - least
            added[j] += more if more > 0.0 else 0.0
        if state.depth[k] < sheet.fold:
            holds = state.holds[k]
            for j in range(n):
                added[j] += LACK * holds[j]
    if lacks_lead:
        for j in range(n):
            added[j] += LACK * state.lead[j]
    if lacks_research:
        for j in range(n):
            added[j] += LACK * state.research[j]
    for g in range(len(state.least)):
        weight = _weight(state, g, count, skip)
        now = _missed(state, g, weight)
        for j in range(n):
            added[j] += LACK * (now - _missed(state, g, weight + state.rule[g, j]))
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
        joined, j, _ = _best_joiner(sheet, state, count, -1)
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
    idle, t = 0, 0
    while idle < max(count, 1) and count > 0:
        if t >= count:
            t = 0
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

    Half of the places go to the needs one by one, so that each finds its holders.
    """
    n = len(price)
    chosen = np.zeros(n, dtype=np.bool_)
    score = np.empty(n)
    n_open = 0
    for i in range(n):
        score[i] = sheet.promise[i] - price[i] - sheet.distance[location, i]
        if is_open[i]:
            n_open += 1
        else:
            score[i] = -np.inf
    if n_open <= listed:
        return np.flatnonzero(is_open)
    n_kinds = sheet.gain.shape[0] + 2 + len(sheet.least)
    each = max(sheet.limit, listed // (2 * n_kinds))
    kind = np.empty(n)
    for k in range(n_kinds):
        for i in range(n):
            if k < sheet.gain.shape[0]:
                fits = sheet.holds[k, i] > 0.0
            elif k == sheet.gain.shape[0]:
                fits = sheet.lead_at[i] == location
            elif k == sheet.gain.shape[0] + 1:
                fits = sheet.research[i] > 0.0
            else:
                fits = sheet.rule[k - sheet.gain.shape[0] - 2, i] > 0.0
            kind[i] = score[i] if fits else -np.inf
        _take(kind, each, chosen)
    left = listed - chosen.sum()
    if left > 0:
        for i in range(n):
            if chosen[i]:
                score[i] = -np.inf
        _take(score, left, chosen)
    return np.flatnonzero(chosen)


@njit(cache=True, nogil=True)
def _take(score, count, chosen):
    """Choose the candidates of the largest finite scores; ties go to the first."""
    n = len(score)
    bar = -np.inf if count >= n else np.partition(score, n - count)[n - count]
    taken = 0
    for i in range(n):
        if score[i] > bar:
            chosen[i] = True
            taken += 1
    for i in range(n):
        if taken >= count:
            break
        if score[i] == bar and bar > -np.inf:
            chosen[i] = True
            taken += 1


@njit(cache=True, nogil=True)
def _state(sheet, price, listed, location):
    k, s, g = len(listed), sheet.gain.shape[0], len(sheet.least)
    place = np.full(len(price), -1, dtype=np.int64)
    place[listed] = np.arange(k)
    state = _State(
        np.empty(k), np.empty((s, k)), np.empty((s, k)), np.empty(k), np.empty(k),
        np.empty((g, k)), sheet.least, listed, place, np.zeros(k),
        np.empty(sheet.limit + 1, dtype=np.int64), np.zeros((s, sheet.fold)),
        np.zeros(s, dtype=np.int64), np.empty(k), np.zeros(k, dtype=np.bool_),
    )  # fmt: skip
    for j in range(k):
        i = listed[j]
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
def _start(sheet, state, members, count):
    """Make the first ``count`` of ``members`` the team; return its value."""
    state.tied[:] = 0.0
    for t in range(count):
        state.team[t] = members[t]
        _tie(sheet, state, members[t], 1.0)
    value = _value(sheet, state, count, -1)
    charge, _, _ = _charge(sheet, state, count, -1)
    return value - charge


@njit(cache=True, nogil=True)
def _kick(sheet, state, count, value, kicks):
    """Ruin and recreate; keep what is better. Returns the number of members and the value."""
    members = state.team[:count].copy()
    for _ in range(kicks):
        out = min(count - 1, 2 + int(3.0 * np.random.random()))
        if out < 1:
            break
        order = np.random.permutation(count)
        for t in range(count - out):
            state.team[t] = members[order[t]]
        kept = state.team[: count - out].copy()
        left = _start(sheet, state, kept, len(kept))
        for t in range(count - out, count):
            state.is_out[members[order[t]]] = True
        size, reached = _grow(sheet, state, len(kept), left)
        state.is_out[:] = False
        size, reached = _improve(sheet, state, size, reached)
        if reached > value + 1e-9:
            members, count, value = state.team[:size].copy(), size, reached
    return members, value


@njit(cache=True, nogil=True)
def _note(found, n_found, members, value, location, listed):
    """Keep a team among those found if it is new; the worst makes room."""
    teams, values, locations = found
    team = np.sort(listed[members])
    size = len(team)
    for f in range(n_found):
        same = True
        for t in range(teams.shape[1]):
            same = same and teams[f, t] == (team[t] if t < size else -1)
        if same:
            if value > values[f]:
                values[f], locations[f] = value, location
            return n_found
    if n_found < len(values):
        f = n_found
        n_found += 1
    else:
        f = int(np.argmin(values))
        if values[f] >= value:
            return n_found
    teams[f, :size], teams[f, size:] = team, -1
    values[f], locations[f] = value, location
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
    n_found = 0
    reached = np.full(n_locations, -np.inf)
    for location in range(n_locations):
        leads = np.flatnonzero((sheet.lead_at == location) & is_open)
        if len(leads) == 0:
            continue
        listed = _listing(sheet, price, is_open, location, effort.listed)
        state = _state(sheet, price, listed, location)
        leads = state.place[leads]
        leads = leads[leads >= 0]
        rank = state.base[leads] + sheet.promise[listed[leads]]
        leads = leads[np.argsort(-rank, kind="mergesort")]
        for s in range(min(effort.leads, len(leads))):
            value = _start(sheet, state, leads[s : s + 1], 1)
            count, value = _grow(sheet, state, 1, value)
            count, value = _improve(sheet, state, count, value)
            reached[location] = max(reached[location], value)
            if value > -LACK / 2:
                n_found = _note(found, n_found, state.team[:count], value, location, listed)
    if effort.kicks > 0:
        order = np.argsort(-reached, kind="mergesort")
        for d in range(min(effort.deep, n_locations)):
            location = order[d]
            if reached[location] == -np.inf:
                break
            n_found = _search_further(sheet, price, is_open, effort, location, found, n_found)
    order = np.argsort(-found[1][:n_found], kind="mergesort")
    return found[0][order], found[1][order]


@njit(cache=True, nogil=True)
def _search_further(sheet, price, is_open, effort, location, found, n_found):
    """Ruin and recreate the teams of one location."""
    listed = _listing(sheet, price, is_open, location, effort.listed)
    state = _state(sheet, price, listed, location)
    teams, values, locations = found
    best = -1
    for f in range(n_found):
        if locations[f] == location and (best < 0 or values[f] > values[best]):
            best = f
    count = 0
    members = np.empty(sheet.limit, dtype=np.int64)
    if best >= 0:
        for t in range(sheet.limit):
            if teams[best, t] >= 0 and state.place[teams[best, t]] >= 0:
                members[count] = state.place[teams[best, t]]
                count += 1
    value = _start(sheet, state, members, count)
    count, value = _grow(sheet, state, count, value)
    count, value = _improve(sheet, state, count, value)
    team, value = _kick(sheet, state, count, value, effort.kicks)
    if value > -LACK / 2:
        n_found = _note(found, n_found, team, value, location, listed)
    return n_found


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
        inside[team] = True
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
        inside[team] = False
    return points, lead, location
