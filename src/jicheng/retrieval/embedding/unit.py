"""Vectors of length one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["unit_rows"]


def unit_rows(vectors: ArrayLike) -> NDArray[np.float32]:
    """Return the rows at length 1; a row of zeros, or one that is not finite, becomes zeros."""
    rows = np.array(vectors, dtype=np.float32)
    rows[~np.isfinite(rows).all(axis=-1)] = 0.0
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    made: NDArray[np.float32] = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return made
