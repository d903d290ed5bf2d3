"""A challenge's team problem as contiguous arrays, and what teams of it are worth, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from jicheng.kernel.team_problem import Floats, Indices

__all__ = ["Sheet", "points_of_teams"]


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
        size = 0
        while size < teams.shape[1] and teams[f, size] >= 0:
            inside[teams[f, size]] = True
            size += 1
        team = teams[f, :size]
        for k in range(sheet.gain.shape[0]):
            for place in range(sheet.fold):
                best[place] = 0.0
            for i in team:
                q = sheet.gain[k, i]
                for place in range(sheet.fold):
                    if q > best[place]:
                        q, best[place] = best[place], q
            held = 0.0
            for place in range(sheet.fold):
                held += best[place]
            points[f, 0] += held
        far, rank = np.inf, -np.inf
        for i in team:
            points[f, 3] += price[i]
            for e in range(sheet.tie_start[i], sheet.tie_start[i + 1]):
                if inside[sheet.tie_to[e]] and sheet.tie_to[e] > i:
                    points[f, 1] += sheet.tie_points[e]
            at = sheet.lead_at[i]
            if at >= 0:
                distance, quality = 0.0, 0.0
                for k in range(sheet.gain.shape[0]):
                    quality += sheet.gain[k, i]
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
