"""What a search found: rows of the corpus with the z of every part, and their sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.settings import DEFAULT_WEIGHTS

__all__ = ["Hits", "weighted"]


@dataclass(frozen=True)
class Hits:
    """Candidates for a query: the union of the best of every part.

    Attributes
    ----------
    place : ndarray of intp, shape (k,)
        Rows of the corpus, ascending and distinct.
    parts : mapping of str to ndarray of float32, shape (k,)
        Per part (``words``, ``grams``, ``use``, ``e5`` ...) the z of the text among all
        texts of its language, for this query; never a raw score.
    weights : mapping of str to float
        Weights of the settings, which :meth:`total` uses unless told others.
    """

    place: NDArray[np.intp]
    parts: Mapping[str, NDArray[np.float32]]
    weights: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.place)

    def total(self, weights: Mapping[str, float] | None = None) -> NDArray[np.float64]:
        """Return the weighted sum of the parts' z, shape (k,)."""
        return weighted(self.parts, self.weights if weights is None else weights)

    def order(self, weights: Mapping[str, float] | None = None) -> NDArray[np.intp]:
        """Return positions from the best to the worst; ties go to the smaller row."""
        return np.lexsort((self.place, -self.total(weights)))


def weighted(
    parts: Mapping[str, NDArray[np.float32]], weights: Mapping[str, float] = DEFAULT_WEIGHTS
) -> NDArray[np.float64]:
    """Return the weighted sum of parts of any one shape; a part without a weight adds nothing."""
    shape = next(iter(parts.values())).shape
    total = np.zeros(shape, dtype=np.float64)
    for name in sorted(parts):
        total += weights.get(name, 0.0) * parts[name].astype(np.float64)
    return total
