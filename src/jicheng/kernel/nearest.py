"""Exact nearest vectors: scores of all rows by blocks, and the k best with settled ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_rows", "dot_products"]

_BLOCK_BYTES = 4 << 20  # of single-precision numbers at a time: stays in the processor's cache


def dot_products(
    vectors: NDArray[np.float16] | NDArray[np.float32],
    query: NDArray[np.float32],
    rows: NDArray[np.intp] | None = None,
) -> NDArray[np.float32]:
    """Return the dot product of every vector, or of some, with the query.

    Parameters
    ----------
    vectors : ndarray of float16 or float32, shape (n, d)
        May be mapped from disk; half precision is widened block by block.
    query : ndarray of float32, shape (d,) or (q, d)
        One query, or several.
    rows : ndarray of intp, shape (m,), optional
        Rows to compare; default: all.

    Returns
    -------
    ndarray of float32, shape (m,) or (q, m)
        In the order of ``rows``.

    Notes
    -----
    O(m d), memory of one block. A row's product does not depend on which others are asked
    beyond rounding.
    """
    n = len(vectors) if rows is None else len(rows)
    several = np.atleast_2d(query).astype(np.float32, copy=False)
    step = max(1, _BLOCK_BYTES // (4 * max(1, vectors.shape[1])))
    products = np.empty((len(several), n), dtype=np.float32)
    for start in range(0, n, step):
        stop = min(start + step, n)
        block = vectors[start:stop] if rows is None else vectors[rows[start:stop]]
        products[:, start:stop] = several @ block.astype(np.float32, copy=False).T
    return products[0] if query.ndim == 1 else products


def best_rows(
    scores: NDArray[np.floating], most: int, among: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """Return the rows of the highest scores, best first.

    Parameters
    ----------
    scores : ndarray of float, shape (n,)
        Finite; -inf is never returned.
    most : int
        How many at most, >= 0.
    among : ndarray of bool, shape (n,), optional
        Rows that may be returned; default: all.

    Returns
    -------
    ndarray of intp, shape (k,), k <= most
        Ties go to the smaller row, so that the answer does not depend on the method.
    """
    allowed = scores > -np.inf if among is None else among & (scores > -np.inf)
    rows = np.flatnonzero(allowed)
    if most <= 0 or len(rows) == 0:
        return np.empty(0, dtype=np.intp)
    values = scores[rows]
    if most < len(rows):
        least = np.partition(values, len(rows) - most)[len(rows) - most]
        better = np.flatnonzero(values > least)
        equal = np.flatnonzero(values == least)[: most - len(better)]
        chosen = np.concatenate((better, equal))
        rows, values = rows[chosen], values[chosen]
    return rows[np.lexsort((rows, -values))]
