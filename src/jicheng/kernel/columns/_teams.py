"""Compiled search for good teams of one challenge, over all places of its lead.

For each location at which somebody may lead, the most promising candidates are listed;
a team grows greedily from the best leads, and drops, swaps and additions improve it. The
best locations are then searched further: some members are thrown out, the team grows
again without them and is improved (:mod:`jicheng.kernel.columns._team_moves`). Ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable

from jicheng.kernel.columns._listing import list_candidates
from jicheng.kernel.columns._team_moves import kick, settle, standing, state_of

__all__ = ["Effort", "search_teams"]


class Effort(NamedTuple):
    """How hard to search one challenge."""

    listed: int  # candidates kept for each location
    leads: int  # leads from which a location is searched
    deep: int  # locations searched further
    kicks: int  # times that each of them is ruined and recreated
    kept: int  # teams returned


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
    teams = np.full((effort.kept, sheet.limit), -1, dtype=np.int64)
    values, places = np.full(effort.kept, -np.inf), np.full(effort.kept, -1, dtype=np.int64)
    n_found = np.int64(0)
    reached = np.full(n_locations, -np.inf)
    for turn in range(n_locations + min(effort.deep, n_locations)):
        is_deep = turn >= n_locations
        location = turn
        if is_deep:
            location = 0
            for p in range(n_locations):
                if reached[p] > reached[location]:
                    location = p
            if reached[location] == -np.inf or effort.kicks == 0:
                break
            reached[location] = -np.inf
        listed = list_candidates(sheet, price, is_open, location, effort.listed)
        state = state_of(sheet, price, listed, location)
        best, top = -1, -np.inf
        for f in range(n_found):
            if places[f] == location and values[f] > top:
                best, top = f, values[f]
        for _ in range(1 if is_deep else effort.leads):
            count = np.int64(0)  # a literal would be compiled for by itself
            if is_deep and best >= 0:
                for t in range(sheet.limit):
                    i = teams[best, t]
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
                count = np.int64(1)
            count, value = settle(sheet, state, count)
            for t in range(count):
                state.members[t] = state.team[t]
            if is_deep:
                count, value = kick(sheet, state, count, value, effort.kicks)
                for t in range(count):
                    state.team[t] = state.members[t]
            else:
                reached[location] = max(reached[location], value)
            _, charge, _, _ = standing(sheet, state, count, np.int64(-1))
            if count > 0 and charge == 0.0:  # it lacks nothing
                n_found = _note(teams, values, places, n_found, state, count, value, location)
    return _best_first(teams, values, n_found)


@register_jitable
def _note(teams, values, places, n_found, state, count, value, location):
    """Keep a team among those found if it is new; the worst makes room."""
    team = np.full(teams.shape[1], -1, dtype=np.int64)
    for t in range(count):  # sorted by insertion
        i, place = state.listed[state.members[t]], t
        while place > 0 and team[place - 1] > i:
            team[place] = team[place - 1]
            place -= 1
        team[place] = i
    worst = 0
    for f in range(n_found):
        differs = 0
        for t in range(len(team)):
            differs += teams[f, t] != team[t]
        if differs == 0:
            if value > values[f]:
                values[f], places[f] = value, location
            return n_found
        if values[f] < values[worst]:
            worst = f
    if n_found < len(values):
        worst = n_found
        n_found += 1
    elif values[worst] >= value:
        return n_found
    values[worst], places[worst] = value, location
    for t in range(len(team)):
        teams[worst, t] = team[t]
    return n_found


@register_jitable
def _best_first(teams, values, n_found):
    """Return what was found in descending order of value; equals stay in their order."""
    order = np.empty(n_found, dtype=np.int64)
    for f in range(n_found):  # sorted by insertion
        place = f
        while place > 0 and values[order[place - 1]] < values[f]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = f
    ordered, points = np.empty((n_found, teams.shape[1]), dtype=np.int64), np.empty(n_found)
    for place in range(n_found):
        points[place] = values[order[place]]
        for t in range(teams.shape[1]):
            ordered[place, t] = teams[order[place], t]
    return ordered, points
