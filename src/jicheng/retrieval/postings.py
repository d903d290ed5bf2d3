"""BM25 over terms of any kind: an inverted index of arrays that can be mapped from disk.

Terms are 64-bit keys. A posting holds the weight that its term gives its text, so a query
adds up slices: score = sum over terms of boost x idf x tf (k1 + 1) / (tf + k1 (1 - b + b
length / mean length)), with idf = ln(1 + (n - df + 0.5) / (df + 0.5)) and the mean length
of the text's own group (language), because lengths in two languages do not compare.

References
----------
Robertson, Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond; the idf
that is never negative is Lucene's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Postings"]

_PARTS = ("keys", "starts", "rows", "weights")


@dataclass(frozen=True)
class Postings:
    """Which texts hold a term, and what it is worth there.

    Attributes
    ----------
    n_texts : int
        Rows of the corpus.
    keys : ndarray of uint64, shape (t,)
        Terms, ascending.
    starts : ndarray of int64, shape (t + 1,)
        Postings of term i are ``starts[i]`` to ``starts[i + 1]``.
    rows : ndarray of int32, shape (p,)
        Rows of the corpus, ascending within a term.
    weights : ndarray of float32, shape (p,)
        What the term adds to the text's score, > 0.
    """

    n_texts: int
    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def of(
        cls,
        keys: NDArray[np.uint64],
        rows: NDArray[np.int32],
        *,
        group: NDArray[np.intp],
        k1: float,
        b: float,
    ) -> Postings:
        """Index occurrences of terms.

        Parameters
        ----------
        keys : ndarray of uint64, shape (o,)
            Term of each occurrence.
        rows : ndarray of int32, shape (o,)
            Its text, ascending.
        group : ndarray of intp, shape (n,)
            Group of each text, from 0; mean lengths are taken within it.
        k1, b : float
            Saturation of repeated terms, >= 0, and share of the correction for length, 0 to 1.

        Notes
        -----
        Sorts in blocks of texts, so that memory stays near that of the result.
        """
        n = len(group)
        length = np.bincount(rows, minlength=n).astype(np.float64)
        n_groups = int(group.max(initial=-1)) + 1
        sums = np.bincount(group, weights=length, minlength=n_groups)
        mean = np.maximum(sums / np.maximum(1, np.bincount(group, minlength=n_groups)), 1e-9)
        term, row, times = _counted(keys, rows)
        named, starts = _starts(term)
        df = np.diff(starts)
        idf = np.log1p((n - df + 0.5) / (df + 0.5))
        norm = k1 * (1 - b + b * length / mean[group]) if n else length
        weights = np.repeat(idf, df) * times * (k1 + 1) / (times + norm[row])
        return cls(n, named, starts, row, weights.astype(np.float32))

    def scores(self, terms: Mapping[int, float]) -> tuple[NDArray[np.float32], float]:
        """Score all texts.

        Parameters
        ----------
        terms : mapping of int to float
            Boost by key; keys that no text holds are left out.

        Returns
        -------
        scores : ndarray of float32, shape (n,)
            0 where no term occurs.
        most : float
            What a text would score that holds each term as often as any text does.
        """
        scores = np.zeros(self.n_texts, dtype=np.float32)
        most = 0.0
        for at, boost in self._places(terms):
            part = slice(int(self.starts[at]), int(self.starts[at + 1]))
            weights = np.asarray(self.weights[part])  # plain: indexing a mapped array is slow
            np.add.at(scores, np.asarray(self.rows[part]), np.float32(boost) * weights)
            most += boost * float(weights.max())
        return scores, most

    def best(self, key: int) -> float:
        """Return the most that a term is worth in any text; 0 if no text holds it."""
        for at, _ in self._places({key: 1.0}):
            return float(self.weights[int(self.starts[at]) : int(self.starts[at + 1])].max())
        return 0.0

    def n_holding(self, keys: Sequence[int]) -> NDArray[np.int64]:
        """Return how many texts hold each term, in the order of ``keys``."""
        asked = np.array(keys, dtype=np.uint64)
        at = np.searchsorted(self.keys, asked)
        found = at < len(self.keys)
        found[found] = self.keys[at[found]] == asked[found]
        counts = np.zeros(len(asked), dtype=np.int64)
        counts[found] = self.starts[at[found] + 1] - self.starts[at[found]]
        return counts

    def save(self, folder: Path) -> None:
        """Write the arrays into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in _PARTS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, n_texts: int) -> Postings:
        """Map the arrays from a folder; nothing is read before it is needed."""
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in _PARTS
        }
        return cls(n_texts, **arrays)

    def _places(self, terms: Mapping[int, float]) -> list[tuple[int, float]]:
        asked = np.fromiter(sorted(terms), dtype=np.uint64, count=len(terms))
        at = np.searchsorted(self.keys, asked)
        inside = at < len(self.keys)
        found = inside.copy()
        found[inside] = self.keys[at[inside]] == asked[inside]
        return [(int(i), terms[int(key)]) for i, key in zip(at[found], asked[found], strict=True)]


def _counted(
    keys: NDArray[np.uint64], rows: NDArray[np.int32], block: int = 2_000_000
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.float32]]:
    """Return each (term, text) once with its count, sorted by term, then text."""
    pieces = []
    start = 0
    while start < len(rows):
        stop = min(start + block, len(rows))
        if stop < len(rows):  # a text is never cut
            stop = int(np.searchsorted(rows, rows[stop - 1], side="right"))
        order = np.lexsort((rows[start:stop], keys[start:stop]))
        key, row = keys[start:stop][order], rows[start:stop][order]
        new = np.ones(len(key), dtype=bool)
        new[1:] = (key[1:] != key[:-1]) | (row[1:] != row[:-1])
        first = np.flatnonzero(new)
        times = np.diff(np.append(first, len(key))).astype(np.float32)
        pieces.append((key[first], row[first], times))
        start = stop
    if not pieces:
        return np.empty(0, np.uint64), np.empty(0, np.int32), np.empty(0, np.float32)
    key, row, times = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    order = np.argsort(key, kind="stable")  # blocks are in the order of rows
    return key[order], row[order], times[order]


def _starts(term: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    new = np.ones(len(term), dtype=bool)
    new[1:] = term[1:] != term[:-1]
    first = np.flatnonzero(new)
    return term[first], np.append(first, len(term)).astype(np.int64)
