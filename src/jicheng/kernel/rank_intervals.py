"""How far ranks move when weights are drawn: intervals of ranks, in bounded memory.

A subject's score is ``fixed + sum_i share_i * weight_i``; the highest score has rank 1 and
equals share the better rank. Where shares are known only between two ends, a subject's
best rank has it at its high end and everybody else at the low one, and its worst rank the
other way round. Only as many ranks are kept as the quantiles need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["RankIntervals", "Shares", "rank_bounds", "rank_intervals", "ranks"]

Floats = NDArray[np.float64]
Ranks = NDArray[np.int32]

_BLOCK = 32  # draws whose ranks are held at once
_DIGITS = 9  # scores that differ by less are equal


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What subjects have of each weight.

    Attributes
    ----------
    low, high : ndarray of float64, shape (m, n)
        Share of the weight of indicator i that subject f has, in 0..1, one row an
        indicator; the same array where all are known.
    fixed_low, fixed_high : ndarray of float64, shape (n,)
        Points beside the weights.
    stage : ndarray of int64, shape (n,)
        Whose weights count for the subject, from 0.
    group : ndarray of int64, shape (n,)
        Ranks are taken among the subjects of a group, from 0.
    """

    low: Floats
    high: Floats
    fixed_low: Floats
    fixed_high: Floats
    stage: NDArray[np.int64]
    group: NDArray[np.int64]

    @property
    def is_known(self) -> bool:
        """Whether both ends are the same."""
        return self.low is self.high and self.fixed_low is self.fixed_high

    @property
    def n(self) -> int:
        """Number of subjects."""
        return int(self.stage.size)


@dataclass(frozen=True, slots=True, eq=False)
class RankIntervals:
    """Quantiles of ranks over draws, shape (n,) each.

    ``low`` is the quantile ``tail`` of the best ranks, ``high`` the quantile
    ``1 - tail`` of the worst, both ranks that occurred; ``certainly_in`` and
    ``possibly_in`` the shares of draws in which the worst and the best rank is within
    ``places``.
    """

    low: Ranks
    high: Ranks
    certainly_in: Floats
    possibly_in: Floats


def rank_intervals(
    shares: Shares, weights: Floats, *, tail: float = 0.05, places: int = 0
) -> RankIntervals:
    """Return the intervals in which ranks lie over draws of weights.

    Parameters
    ----------
    shares : Shares
        Of n subjects and m indicators.
    weights : ndarray of float64, shape (d, s, m)
        Weights of each draw and stage.
    tail : float
        Share of draws cut at each end, below 0.5.
    places : int
        Length of a list, to count how often each subject is on it.

    Returns
    -------
    RankIntervals

    Notes
    -----
    O(d n (m + log n)) time, O(n (m + tail d)) memory. Scores are summed indicator by
    indicator, so that neither place nor number of subjects changes a rounding.
    """
    n_draws = len(weights)
    order = np.argsort(shares.stage, kind="stable")
    by_stage = _sorted(shares, order)
    kept = min(n_draws, math.floor(tail * (n_draws - 1)) + 1)
    keepers = _Smallest(shares.n, kept), _Smallest(shares.n, kept)
    inside = np.zeros((2, shares.n), dtype=np.int64)
    for start in range(0, n_draws, _BLOCK):
        block = weights[start : start + _BLOCK]
        best = np.empty((len(block), shares.n), dtype=np.int32)
        worst = best if shares.is_known else np.empty_like(best)
        for k, draw in enumerate(block):
            best[k], worst[k] = _ranks_of_draw(by_stage, draw)
        inside[0] += (worst <= places).sum(axis=0)
        inside[1] += (best <= places).sum(axis=0)
        keepers[0].take(best)
        keepers[1].take(-worst)
    back = np.empty_like(order)
    back[order] = np.arange(shares.n)
    return RankIntervals(
        keepers[0].largest()[back],
        -keepers[1].largest()[back],
        inside[0][back] / n_draws,
        inside[1][back] / n_draws,
    )


def _sorted(shares: Shares, order: NDArray[np.int64]) -> Shares:
    """Return subjects in another order, so that those of a stage stand together."""
    low, fixed_low = np.ascontiguousarray(shares.low[:, order]), shares.fixed_low[order]
    high, fixed_high = low, fixed_low
    if not shares.is_known:
        high = np.ascontiguousarray(shares.high[:, order])
        fixed_high = shares.fixed_high[order]
    return Shares(low, high, fixed_low, fixed_high, shares.stage[order], shares.group[order])


class _Smallest:
    """Keeps the smallest few of the ranks that each subject has had."""

    def __init__(self, n: int, kept: int) -> None:
        self._kept = kept
        self._ranks: Ranks = np.empty((0, n), dtype=np.int32)

    def take(self, ranks: Ranks) -> None:
        together = np.concatenate([self._ranks, ranks])
        if len(together) > self._kept:
            together.partition(self._kept - 1, axis=0)
        self._ranks = together[: self._kept].copy()

    def largest(self) -> Ranks:
        largest: Ranks = self._ranks.max(axis=0)
        return largest


def _ranks_of_draw(shares: Shares, weights: Floats) -> tuple[Ranks, Ranks]:
    low = _scores(shares.low, shares.fixed_low, weights, shares.stage)
    if shares.is_known:
        found = ranks(low, shares.group)
        return found, found
    high = _scores(shares.high, shares.fixed_high, weights, shares.stage)
    return rank_bounds(low, high, shares.group)


def _scores(parts: Floats, fixed: Floats, weights: Floats, stage: NDArray[np.int64]) -> Floats:
    total = fixed.copy()
    starts = np.searchsorted(stage, np.arange(len(weights) + 1))
    _add_weighted(parts, weights, starts, 10.0**_DIGITS, total)
    return total


def ranks(scores: Floats, group: NDArray[np.int64]) -> Ranks:
    """Return ranks within groups, 1 = highest, equals sharing the better one."""
    n = scores.size
    found = np.empty(n, dtype=np.int32)
    if not n:
        return found
    order = np.argsort(-scores) if group.max() == 0 else np.lexsort((-scores, group))
    _shared_ranks(scores, group, order, found)
    return found


def rank_bounds(low: Floats, high: Floats, group: NDArray[np.int64]) -> tuple[Ranks, Ranks]:
    """Return the best and the worst rank that each subject may have within its group.

    Parameters
    ----------
    low, high : ndarray of float64, shape (n,)
        Ends of the scores.
    group : ndarray of int64, shape (n,)
        From 0.

    Returns
    -------
    best, worst : ndarray of int32, shape (n,)
        Best: one more than the others whose low end is above its high end. Worst: one
        more than the others whose high end is above its low end.
    """
    best, worst = (np.empty(low.size, dtype=np.int32) for _ in range(2))
    if low.size:
        is_one = group.max() == 0
        by_low = np.argsort(-low) if is_one else np.lexsort((-low, group))
        by_high = np.argsort(-high) if is_one else np.lexsort((-high, group))
        _counts_above(low, high, group, by_low, by_high, best)
        _counts_above(high, low, group, by_high, by_low, worst)
        worst -= high > low  # itself is not among the others
    return best, worst


@njit(cache=True)
def _add_weighted(parts, weights, starts, unit, total):
    for s in range(weights.shape[0]):
        for i in range(weights.shape[1]):
            weight = weights[s, i]
            for f in range(starts[s], starts[s + 1]):
                total[f] += parts[i, f] * weight
    for f in range(total.size):
        total[f] = np.rint(total[f] * unit) / unit


@njit(cache=True)
def _shared_ranks(scores, group, order, found):
    first = 0
    shared = 0
    for k in range(order.size):
        f = order[k]
        if k == 0 or group[f] != group[order[k - 1]]:
            first = k
            shared = k
        elif scores[f] != scores[order[k - 1]]:
            shared = k
        found[f] = shared - first + 1


@njit(cache=True)
def _counts_above(others, own, group, by_others, by_own, found):
    """Write one more than the number of the group's others' ends above one's own end."""
    j = 0
    first = 0
    for k in range(by_own.size):
        f = by_own[k]
        if k == 0 or group[f] != group[by_own[k - 1]]:
            while j < by_others.size and group[by_others[j]] != group[f]:
                j += 1
            first = j
        while (
            j < by_others.size and group[by_others[j]] == group[f] and others[by_others[j]] > own[f]
        ):
            j += 1
        found[f] = j - first + 1
