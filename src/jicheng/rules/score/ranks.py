"""Places among peers when points are intervals: best, worst, and by the low end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Codes, Floats, Interval

__all__ = ["Ranks", "rank", "rank_among"]

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


def rank_among(
    points: Interval, group: Codes, others: Interval, other_group: Codes, own: Counts
) -> Ranks:
    """Place each subject by itself among the others of its group.

    Parameters
    ----------
    points : Interval
        Of n subjects.
    group : ndarray of int32, shape (n,)
        Group of each; below 0 = in none.
    others : Interval
        Of m others.
    other_group : ndarray of int32, shape (m,)
        Group of each.
    own : ndarray of int64, shape (n,)
        Which of the others a subject itself is, and so is not compared with; below 0 = none.

    Notes
    -----
    O((n + m) log m). Subjects do not meet one another.
    """
    n = len(group)
    counts, shares = np.zeros((4, n), dtype=np.int64), np.full((3, n), np.nan)
    for name in np.unique(group[group >= 0]):
        members, peers = np.flatnonzero(group == name), np.flatnonzero(other_group == name)
        of = Interval(points.low[members], points.high[members])
        found = _placed(of, Interval(others.low[peers], others.high[peers]))
        is_own = np.zeros(len(members), dtype=np.bool_)
        is_own[own[members] >= 0] = other_group[own[members][own[members] >= 0]] == name
        for k in np.flatnonzero(is_own):
            me, at = members[k], own[members[k]]
            itself = Interval(others.low[[at]], others.high[[at]])
            found[:, k] -= _placed(Interval(points.low[[me]], points.high[[me]]), itself)[:, 0]
        n_others = len(peers) - is_own
        counts[:, members] = np.vstack([found[:3], n_others[None]]) + 1
        with np.errstate(invalid="ignore"):
            shares[:, members] = found[3:] / np.where(n_others > 0, n_others, np.nan)
    return Ranks(*counts, *shares)


def _placed(points: Interval, others: Interval) -> Counts:
    """Return others with more points, by low ends, at best, at worst, and with fewer likewise."""
    lows, highs = np.sort(others.low), np.sort(others.high)
    m, low, high = len(lows), points.low, points.high
    return np.stack(
        [
            m - np.searchsorted(lows, low + _EQUAL, side="right"),
            m - np.searchsorted(lows, high + _EQUAL, side="right"),
            m - np.searchsorted(highs, low + _EQUAL, side="right"),
            np.searchsorted(lows, low - _EQUAL, side="left"),
            np.searchsorted(highs, low - _EQUAL, side="left"),
            np.searchsorted(lows, high - _EQUAL, side="left"),
        ]
    ).astype(np.int64)


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
