"""Functions on all subsets of a few things, as tables indexed by bit mask.

Bit i of a mask tells whether thing i belongs to the subset; a table of n things has
2^n entries. Used up to about 15 things, where everything can be computed exactly.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["all_subsets", "expected_over_draws", "masks_of", "shapley_values"]


def all_subsets(n: int) -> NDArray[np.bool_]:
    """Return all subsets of n things, shape (2^n, n), row m holding the bits of m."""
    masks = np.arange(1 << n, dtype=np.int64)
    return (masks[:, None] >> np.arange(n)) & 1 > 0


def masks_of(rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the mask of each row of membership, shape (p,)."""
    masks: NDArray[np.int64] = rows.astype(np.int64) @ (1 << np.arange(rows.shape[1]))
    return masks


def expected_over_draws(
    table: NDArray[np.float64], successes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean over draws of the table at what is chosen *and* succeeds.

    Parameters
    ----------
    table : ndarray of float64, shape (2^n,)
        Value of each set of successes.
    successes : ndarray of int64, shape (d,)
        Mask of what succeeds on each draw.

    Returns
    -------
    ndarray of float64, shape (2^n,)
        Entry x is ``mean_d table[x & successes_d]``.

    Notes
    -----
    O(2^n d'), d' the number of distinct draws.
    """
    masks, counts = np.unique(successes, return_counts=True)
    expected: NDArray[np.float64] = _expected(table, masks, counts / len(successes))
    return expected


def shapley_values(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Shapley value of each thing in a game given on all subsets.

    Parameters
    ----------
    table : ndarray of float64, shape (2^n,)
        Value of each coalition; the values sum to ``table[-1] - table[0]``.

    Returns
    -------
    ndarray of float64, shape (n,)

    References
    ----------
    Shapley 1953, A value for n-person games.
    """
    n = int(table.size - 1).bit_length()
    masks = np.arange(table.size)
    sizes = np.bitwise_count(masks)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    values = np.empty(n)
    for i in range(n):
        without = masks[(masks >> i) & 1 == 0]
        values[i] = weight[sizes[without]] @ (table[without | (1 << i)] - table[without])
    return values


@njit(cache=True)
def _expected(table, masks, shares):
    expected = np.zeros(table.size)
    for d in range(masks.size):
        mask, share = masks[d], shares[d]
        for x in range(table.size):
            expected[x] += share * table[x & mask]
    return expected
