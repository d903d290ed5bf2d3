"""Find a good team fast: add, drop and swap members while it improves.

A team that breaks a rule is not forbidden but costly: every holder, lead, research
organisation or part of a further rule that it lacks costs :data:`LACK`, more than any value, so
that the search repairs before it improves. Ties between moves go to the candidate
with the smallest index.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.extending import register_jitable

from jicheng.kernel.team_problem import Indices, TeamProblem

__all__ = ["LACK", "TeamSearch"]

LACK = 1e6  # points; larger than the value of any team


class TeamSearch:
    """Local search over the candidates of a problem, led from one location.

    Parameters
    ----------
    problem : TeamProblem
        Candidates and rules.
    location : int
        Where the lead sits.
    """

    def __init__(self, problem: TeamProblem, location: int) -> None:
        self._arrays = problem.arrays_at(location)
        self._ties = problem.tie_rows

    def improve(self, start: Indices, *, passes: int = 60) -> tuple[Indices, float]:
        """Improve a team until nothing helps or ``passes`` moves were made.

        Returns
        -------
        members : ndarray of int64
            Sorted indices.
        value : float
            Points; below ``-LACK / 2`` if a rule is still broken.
        """
        members, value = _improve(*self._arrays, *self._ties, start, passes)
        return np.sort(members), float(value)


@register_jitable
def _lacks(short, leads, researchers, weights, least):
    """Count what a team lacks: holders, a lead, a research organisation, further rules."""
    lacks = float(short)
    if leads == 0:
        lacks += 1.0
    if researchers == 0:
        lacks += 1.0
    for g in range(len(least)):
        if least[g] - weights[g] > 1e-9:
            lacks += 1.0 + least[g] - weights[g]
    return lacks


@register_jitable
def _best_gains(gain, holds, team, count, skip, best, depth):
    """Fill the best gains and the depth of each need without place ``skip``; sum the gains."""
    for k in range(len(depth)):
        depth[k] = 0
        for place in range(best.shape[1]):
            best[k, place] = 0.0
    for t in range(count):
        if t == skip:
            continue
        i = team[t]
        for k in range(gain.shape[1]):
            if holds[i, k]:
                depth[k] += 1
                q = gain[i, k]
                for place in range(best.shape[1]):
                    if q > best[k, place]:
                        q, best[k, place] = best[k, place], q
    gains = 0.0
    for k in range(len(depth)):
        for place in range(best.shape[1]):
            gains += best[k, place]
    return gains


@register_jitable
def _tie(tied, tie_start, tie_to, tie_points, i, sign):
    """Add or take away the ties of candidate i in the points of all others."""
    for e in range(tie_start[i], tie_start[i + 1]):
        tied[tie_to[e]] += sign * tie_points[e]


@register_jitable
def _best_joiner(
    base, gain, holds, lead, research, rule, least, fold,
    best, depth, tied, inside, value, short, leads, researchers, weights, floor,
):  # fmt: skip
    """Return who adds most to a team that stands at ``value``, if above ``floor``."""
    found = -1
    together = np.empty(len(weights))
    for j in range(len(base)):
        if inside[j]:
            continue
        added = value + base[j] + tied[j]
        missing = short
        for k in range(gain.shape[1]):
            if holds[j, k]:
                if depth[k] < fold:
                    missing -= 1
                if gain[j, k] > best[k, fold - 1]:
                    added += gain[j, k] - best[k, fold - 1]
        if added <= floor:
            continue
        for g in range(len(least)):
            together[g] = weights[g] + rule[j, g]
        added -= LACK * _lacks(
            missing, leads + lead[j], researchers + research[j], together, least
        )  # fmt: skip
        if added > floor:
            floor, found = added, j
    return floor, found


@njit(cache=True, nogil=True)
def _improve(
    base, gain, holds, lead, research, rule, least, fold, limit,
    tie_start, tie_to, tie_points, start, passes,
):  # fmt: skip
    weights = np.zeros(len(least))  # of the members, in each further rule
    team = np.empty(limit + 1, dtype=np.int64)
    inside = np.zeros(len(base), dtype=np.bool_)
    tied = np.zeros(len(base))  # points of the ties of each candidate to the team
    best = np.zeros((gain.shape[1], fold))
    depth = np.zeros(gain.shape[1], dtype=np.int64)
    count = np.int64(0)
    for i in start:
        if count < limit and not inside[i]:
            team[count], inside[i] = i, True
            count += 1
            _tie(tied, tie_start, tie_to, tie_points, i, 1.0)
    value, grows = -np.inf, count < limit  # first fill up, then look at every move
    for move in range(passes):
        top, leaves, joins = value + 1e-9, -2, np.int64(-1)
        for out in range(-1, 0 if grows else count):
            left = _best_gains(gain, holds, team, count, out, best, depth)
            if out >= 0:
                inside[team[out]] = False
                _tie(tied, tie_start, tie_to, tie_points, team[out], -1.0)
            leads, researchers, size, ties = np.int64(0), np.int64(0), 0, 0.0
            for g in range(len(weights)):
                weights[g] = 0.0
            for t in range(count):
                i = team[t]
                if t != out:
                    left += base[i]
                    ties += tied[i]
                    leads += lead[i]
                    researchers += research[i]
                    for g in range(len(weights)):
                        weights[g] += rule[i, g]
                    size += 1
            left += ties / 2.0
            short = np.int64(0)
            for k in range(len(depth)):
                short += max(0, fold - depth[k])
            if size > 0 and (out >= 0 or move == 0):
                lacks = _lacks(short, leads, researchers, weights, least)
                if left - LACK * lacks > top:
                    top, leaves, joins = left - LACK * lacks, out, np.int64(-1)
            if out >= 0:
                inside[team[out]] = True
            if size < limit:
                floor, j = _best_joiner(
                    base, gain, holds, lead, research, rule, least, fold,
                    best, depth, tied, inside, left, short, leads, researchers, weights, top,
                )  # fmt: skip
                if j >= 0:
                    top, leaves, joins = floor, out, j
            if out >= 0:
                _tie(tied, tie_start, tie_to, tie_points, team[out], 1.0)
        if leaves == -2:
            if not grows:
                break
            grows = False
            continue
        value = top
        if leaves >= 0:
            i = team[leaves]
            inside[i] = False
            _tie(tied, tie_start, tie_to, tie_points, i, -1.0)
            count -= 1
            team[leaves] = team[count]
        if joins >= 0:
            team[count], inside[joins] = joins, True
            count += 1
            _tie(tied, tie_start, tie_to, tie_points, joins, 1.0)
    return team[:count].copy(), value
