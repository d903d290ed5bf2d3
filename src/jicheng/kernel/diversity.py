"""Choose a list in which no item says again what another has said.

References
----------
Carbonell, Goldstein (1998), The Use of MMR, Diversity-Based Reranking for Reordering
Documents and Producing Summaries, SIGIR 98: equation for maximal marginal relevance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["diverse_order"]


def diverse_order(
    relevance: NDArray[np.floating],
    similarity: NDArray[np.floating],
    *,
    most: int,
    trade_off: float = 0.7,
) -> NDArray[np.intp]:
    """Return items by maximal marginal relevance, the first chosen first.

    Parameters
    ----------
    relevance : ndarray of float, shape (n,)
        Of each item, on the scale of the similarities, such as 0 to 1; finite.
    similarity : ndarray of float, shape (n, n)
        Between items, such as -1 to 1; what an item is to itself does not matter.
    most : int
        How many to choose at most, >= 0.
    trade_off : float
        lambda, 0 to 1: 1 orders by relevance alone. The default is ours.

    Returns
    -------
    ndarray of intp, shape (min(n, most),)
        Each step takes argmax lambda x relevance - (1 - lambda) x greatest similarity to the
        chosen; for the first the second term is 0. Ties go to the smaller index.

    Raises
    ------
    ValueError
        If shapes do not fit or ``trade_off`` is outside 0 to 1.
    """
    n = len(relevance)
    if similarity.shape != (n, n) or not 0.0 <= trade_off <= 1.0:
        raise ValueError(f"similarity {similarity.shape} for {n} items, trade-off {trade_off}")
    chosen: list[int] = []
    nearest = np.full(n, -np.inf)
    left = np.ones(n, dtype=bool)
    for _ in range(min(n, most)):
        worth = trade_off * relevance
        if chosen:
            worth = worth - (1.0 - trade_off) * nearest
        item = int(np.argmax(np.where(left, worth, -np.inf)))
        chosen.append(item)
        left[item] = False
        nearest = np.maximum(nearest, similarity[item])
    return np.array(chosen, dtype=np.intp)
