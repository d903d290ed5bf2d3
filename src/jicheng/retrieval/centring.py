"""Take the mean of each language off its vectors, and off a query that of its language.

All texts of a language share a direction that says only which language it is; raw
similarity ranks every text of the query's language first. Without that direction texts of
two languages compare, and those of one language spread out.

References
----------
Formulas: D' = normalise(D - mean of D over its language); Q' = normalise(Q - mean of Q's
language), where for want of past queries the mean of documents stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.embedding.unit import unit_rows
from jicheng.retrieval.language import Language

__all__ = ["Centring"]


@dataclass(frozen=True)
class Centring:
    """Means of the documents by language; part of the index.

    Attributes
    ----------
    means : mapping of str to ndarray of float32, shape (d,)
        By language; a language with too few texts is absent, and its vectors stay raw.
    counts : mapping of str to int
        Texts of each language, also of those that are not centred.
    """

    means: Mapping[str, NDArray[np.float32]]
    counts: Mapping[str, int]

    @classmethod
    def of(
        cls, vectors: NDArray[np.float32], languages: NDArray[np.str_], *, least: int
    ) -> Centring:
        """Take the means of documents, of languages with at least ``least`` texts."""
        means: dict[str, NDArray[np.float32]] = {}
        counts: dict[str, int] = {}
        for language in Language:
            rows = languages == language.value
            counts[language.value] = int(rows.sum())
            if counts[language.value] >= least:
                mean = vectors[rows].mean(axis=0, dtype=np.float64)
                means[language.value] = mean.astype(np.float32)
        return cls(means, counts)

    @property
    def skipped(self) -> tuple[tuple[str, int], ...]:
        """Languages that have texts, but too few for a mean, with their number."""
        return tuple(
            (name, count) for name, count in self.counts.items() if count and name not in self.means
        )

    def documents(
        self, vectors: NDArray[np.float32], languages: NDArray[np.str_]
    ) -> NDArray[np.float32]:
        """Return the documents' vectors, centred where their language is; unit rows."""
        made = vectors.copy()
        for name, mean in self.means.items():
            rows = languages == name
            made[rows] = unit_rows(vectors[rows] - mean)
        return made

    def query(self, vector: NDArray[np.float32], language: Language) -> NDArray[np.float32]:
        """Return the query's vector for comparing with centred documents, shape (d,).

        Without a mean of its own language the mean of all centred texts is taken off.
        """
        mean = self.means.get(language.value)
        if mean is None:
            if not self.means:
                return vector
            share = np.array([self.counts[name] for name in self.means], dtype=np.float64)
            mean = np.average(np.stack(list(self.means.values())), axis=0, weights=share)
        made: NDArray[np.float32] = unit_rows(vector - mean)
        return made
