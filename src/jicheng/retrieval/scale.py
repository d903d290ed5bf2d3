"""Scores made comparable: a z among the texts of each language, for one query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["standardised"]

_LEAST_SPREAD = 1e-6


def standardised(
    scores: NDArray[np.float32], groups: list[NDArray[np.intp]]
) -> NDArray[np.float32]:
    """Return the z of each score within its group.

    Parameters
    ----------
    scores : ndarray of float32, shape (..., n)
        Scores of all texts.
    groups : list of ndarray of intp
        Rows of each group (language); every row in exactly one.

    Returns
    -------
    ndarray of float32, shape (..., n)
        (score - mean) / sd; 0 where a group's scores are all equal: they tell nothing.
    """
    made = np.zeros_like(scores)
    for rows in groups:
        if len(rows) == 0:
            continue
        part = scores[..., rows].astype(np.float64)
        spread = part.std(axis=-1, keepdims=True)
        gap = part - part.mean(axis=-1, keepdims=True)
        made[..., rows] = np.divide(
            gap, spread, out=np.zeros_like(gap), where=spread > _LEAST_SPREAD
        )
    return made
