"""Places among peers when points are intervals: best, worst, and by the low end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Codes, Floats, Interval

__all__ = ["Ranks", "rank"]

_EQUAL = 1e-9  # points that differ by less are a tie
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Places of subjects among the members of their group, 1 = most points, ties shared.

    Attributes
    ----------
    place : ndarray of int64, shape (n,)
        By the low ends of all; 0 = in no group.
    best, worst : ndarray of int64
        If what is missing of the subject is as good, and of the others as bad, as can be,
        and the other way round.
    n_peers : ndarray of int64
        Members of the group, the subject included.
    ahead_low, ahead_high, ahead : ndarray of float64
        Share of the other members that have fewer points: at worst, at best, by the low
        ends; nan without other members.
    """

    place: Counts
    best: Counts
    worst: Counts
    n_peers: Counts
    ahead: Floats
    ahead_low: Floats
    ahead_high: Floats


def rank(points: Interval, group: Codes) -> Ranks:
    """Rank subjects inside their groups.

    Parameters
    ----------
    points : Interval
        Of n subjects.
    group : ndarray of int32, shape (n,)
        Group of each; below 0 = in none.

    Notes
    -----
    O(n log n). Ends of different subjects are taken to move independently.
    """
    n = len(group)
    counts = np.zeros((4, n), dtype=np.int64)
    shares = np.full((3, n), np.nan)
    order = np.argsort(group, kind="stable")
    names, starts = np.unique(group[order], return_index=True)
    stops = np.append(starts[1:], n)[: len(names)]
    for name, start, stop in zip(names, starts, stops, strict=True):
        if name < 0:
            continue
        members = order[start:stop]
        counts[:, members], shares[:, members] = _ranked(points.low[members], points.high[members])
    return Ranks(*counts, *shares)


def _ranked(low: Floats, high: Floats) -> tuple[Counts, Floats]:
    n = len(low)
    by_low, by_high = np.argsort(low), np.argsort(high)
    lows, highs = low[by_low], high[by_high]
    place = _back(n - np.searchsorted(lows, lows + _EQUAL, side="right"), by_low)
    best = _back(n - np.searchsorted(lows, highs + _EQUAL, side="right"), by_high)
    worst = _back(n - np.searchsorted(highs, lows + _EQUAL, side="right"), by_low)
    worst -= high > low + _EQUAL  # not before itself
    ahead = _back(np.searchsorted(lows, lows - _EQUAL, side="left"), by_low)
    at_worst = _back(np.searchsorted(highs, lows - _EQUAL, side="left"), by_low)
    at_best = _back(np.searchsorted(lows, highs - _EQUAL, side="left"), by_high)
    at_best -= low < high - _EQUAL
    counts = np.stack([place + 1, best + 1, worst + 1, np.full(n, n)])
    if n == 1:
        return counts, np.full((3, 1), np.nan)
    return counts, np.stack([ahead, at_worst, at_best]) / (n - 1)


def _back(counts: Counts, order: Counts) -> Counts:
    """Return counts, made in rising order of points, in the order of the subjects."""
    found = np.empty_like(counts)
    found[order] = counts
    return found
