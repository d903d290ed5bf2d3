"""What a set of challenges gains or loses when a few are added or dropped.

The loss that a set avoids is a mean over draws of success, summed over scenarios
(:mod:`jicheng.kernel.protection`). A move flips a few challenges; on a draw it matters
only if one of them succeeds, and from there only as far downstream as outputs really
change: most changes die at the next essential input. So the outputs of the present set
are computed once a draw, and every move walks from its own challenges until nothing
changes any more. That is what makes a search over hundreds of challenges affordable.

Exact on the draws: the same figures as evaluating every set anew, up to the order of
sums. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from jicheng.kernel.protection import Protection, distinct_rows
from jicheng.kernel.reach import Reach, output_of, reach_of

__all__ = ["Moves"]

_BLOCK = 256  # draws at a time: the outputs of a chain then stay in the cache


@dataclass(frozen=True)
class _Drawn:
    """One scenario in which several challenges matter, over all draws."""

    weight: float
    reach: Reach
    successes: NDArray[np.float64]
    shares: NDArray[np.float64]


@dataclass(frozen=True)
class Moves:
    """Changes of the avoided loss on common draws.

    Attributes
    ----------
    additive : ndarray of float64, shape (c,)
        Expected loss avoided where a challenge alone matters.
    """

    additive: NDArray[np.float64]
    _scenarios: tuple[_Drawn, ...]

    @classmethod
    def of(cls, protection: Protection, successes: NDArray[np.bool_]) -> Moves:
        """Prepare the draws, successes of shape (d, c)."""
        joint = [s for s in protection.joint if protection.weights[s] > 0]
        return cls(
            protection.additive * successes.mean(axis=0),
            tuple(_drawn(protection, s, successes) for s in joint),
        )

    def value(self, chosen: NDArray[np.bool_]) -> float:
        """Return the expected loss that a set, shape (c,), avoids."""
        nothing = np.zeros(1, dtype=np.int64)
        return self._walk(chosen, nothing, nothing[:0])[1]

    def singles(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the change of value if one challenge is flipped, shape (c,).

        At least 0 for challenges that are added, at most 0 for those dropped.
        """
        every = np.arange(len(chosen) + 1, dtype=np.int64)
        return self._walk(chosen, every, every[:-1])[0]

    def changes(
        self, chosen: NDArray[np.bool_], moves: Sequence[NDArray[np.integer]]
    ) -> NDArray[np.float64]:
        """Return the change of value of each move.

        Parameters
        ----------
        chosen : ndarray of bool, shape (c,)
            The present set.
        moves : sequence of ndarray of int
            Challenges flipped together by each of m moves, each at most once.

        Returns
        -------
        ndarray of float64, shape (m,)
        """
        if not len(moves):
            return np.zeros(0)
        pointer = np.concatenate([[0], np.cumsum([len(move) for move in moves])])
        return self._walk(chosen, pointer.astype(np.int64), np.concatenate(moves))[0]

    def along(self, order: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return what each challenge adds when all are added to nothing in an order, shape (c,).

        Parameters
        ----------
        order : ndarray of int, shape (c,)
            A permutation of the challenges.
        """
        n = len(self.additive)
        every = np.arange(n + 1, dtype=np.int64)
        added = np.empty(n)
        added[order] = self._walk(np.zeros(n, dtype=np.bool_), every, order, keeps=True)[0]
        return added

    def _walk(
        self,
        chosen: NDArray[np.bool_],
        pointer: NDArray[np.int64],
        flipped: NDArray[np.integer],
        *,
        keeps: bool = False,
    ) -> tuple[NDArray[np.float64], float]:
        """Return the change of every move, and the value of the present set.

        With ``keeps`` each move starts from what the moves before it left.
        """
        n_moves, flips = len(pointer) - 1, flipped.astype(np.int64)
        total = np.zeros(n_moves)
        which = np.repeat(np.arange(n_moves), np.diff(pointer))
        np.add.at(total, which, np.where(chosen[flips], -1.0, 1.0) * self.additive[flips])
        value = float(chosen @ self.additive)
        local = np.full(len(chosen), -1, dtype=np.int64)
        for drawn in self._scenarios:
            challenges = drawn.reach.challenges
            local[:] = -1
            local[challenges] = np.arange(len(challenges))
            here = local[flips] >= 0
            rows = np.concatenate([[0], np.cumsum(here)])[pointer].astype(np.int64)
            found = np.zeros(n_moves)
            base = _walk(
                chosen[challenges], drawn.successes, drawn.shares, drawn.reach,
                rows, local[flips[here]], keeps, found,
            )  # fmt: skip
            total += drawn.weight * found
            value += drawn.weight * base
        return total, value


def _drawn(protection: Protection, scenario: int, successes: NDArray[np.bool_]) -> _Drawn:
    patterns, inverse = distinct_rows(successes[:, protection.touched[scenario]])
    shares = np.bincount(inverse, minlength=len(patterns)) / len(successes)
    weight = float(protection.weights[scenario])
    drawn = np.ascontiguousarray(patterns.T, dtype=np.float64)
    return _Drawn(weight, reach_of(protection, scenario), drawn, shares)


@njit(cache=True)
def _walk(chosen, drawn, shares, reach, pointer, flipped, keeps, found):
    """Add the mean change of every move; return the mean loss avoided by the present set.

    Arrays are copied by loops: assigning them to slices compiles for seconds.
    """
    at, before, weight = reach.at, reach.before, reach.weight
    target_pointer, target = reach.target_pointer, reach.target
    n, width = len(before), min(_BLOCK, drawn.shape[1])
    is_on = chosen.copy()
    is_dirty = np.zeros(n, dtype=np.bool_)
    undo, a, old = np.empty(n, dtype=np.int64), np.empty((n, width)), np.empty((n, width))
    new, rest = np.empty(width), np.empty(width)
    total = 0.0
    for first in range(0, drawn.shape[1], width):
        z, share = drawn[:, first : first + width], shares[first : first + width]
        for c in range(len(chosen)):
            is_on[c] = chosen[c]
        for i in range(n):
            row = a[i, : len(share)]
            output_of(i, a, z, is_on, reach, rest, row)
            if weight[i] > 0.0:
                total += weight[i] * _mean_above(row, before[i], share)
        for m in range(len(found)):
            waiting, i, n_undo = 0, n, 0
            for e in range(pointer[m], pointer[m + 1]):
                c = flipped[e]
                is_on[c] = not is_on[c]
                if not is_dirty[at[c]]:
                    is_dirty[at[c]] = True
                    waiting += 1
                    i = min(i, at[c])
            while waiting > 0:
                if is_dirty[i]:
                    is_dirty[i] = False
                    waiting -= 1
                    row = a[i, : len(share)]
                    output_of(i, a, z, is_on, reach, rest, new)
                    if _differ(row, new):
                        undo[n_undo] = i
                        for d in range(len(row)):
                            old[n_undo, d] = row[d]
                        n_undo += 1
                        if weight[i] > 0.0:
                            found[m] += weight[i] * _mean_change(row, new, share)
                        for d in range(len(row)):
                            row[d] = new[d]
                        for e in range(target_pointer[i], target_pointer[i + 1]):
                            if not is_dirty[target[e]]:
                                is_dirty[target[e]] = True
                                waiting += 1
                i += 1
            if keeps:
                continue
            for u in range(n_undo):
                for d in range(len(share)):
                    a[undo[u], d] = old[u, d]
            for e in range(pointer[m], pointer[m + 1]):
                is_on[flipped[e]] = not is_on[flipped[e]]
    return total


@register_jitable
def _mean_above(row, level, share):
    mean = 0.0
    for d in range(len(row)):
        mean += share[d] * (row[d] - level)
    return mean


@register_jitable
def _mean_change(row, new, share):
    mean = 0.0
    for d in range(len(row)):
        mean += share[d] * (new[d] - row[d])
    return mean


@register_jitable
def _differ(row, new):
    for d in range(len(row)):  # noqa: SIM110 - compiled
        if row[d] != new[d]:
            return True
    return False
