"""From links to organisations: what is linked is one, unless that joins what must not be.

Links are taken from the strongest to the weakest; one that would put two different valid
identifiers of a scheme, or two records that a person called different, into one cluster
is refused and told. Only a person's word joins what identifiers part. Ties go to the
smaller rows, so that the order of records changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Clustering", "cluster"]

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The cluster of each record, named by its first row, and the links refused.

    ``refused`` counts in the links that were given.
    """

    first: Rows
    refused: Rows


def cluster(
    count: int,
    left: Rows,
    right: Rows,
    *,
    strength: NDArray[np.float64],
    by_person: NDArray[np.bool_],
    codes: pl.DataFrame,
    apart: list[tuple[int, int]],
) -> Clustering:
    """Join records by links, strongest first.

    Parameters
    ----------
    count : int
        Number of records.
    left, right : ndarray of int64, shape (n,)
        Rows that a link joins.
    strength : ndarray of float64, shape (n,)
        Order in which links are taken.
    by_person : ndarray of bool, shape (n,)
        Whether a person said so: it may join records of different identifiers.
    codes : polars.DataFrame
        Valid identifiers, a column a scheme, a row a record; null = none.
    apart : list of (int, int)
        Rows that a person called different.
    """
    graph = coo_array((np.ones(left.size, dtype=bool), (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    first = _first_of(labels)
    doubtful = _doubtful(first, codes, apart)
    if not doubtful.size:
        return Clustering(first, np.empty(0, dtype=np.int64))
    inside = np.flatnonzero(np.isin(first[left], doubtful))
    order = inside[np.lexsort((right[inside], left[inside], -strength[inside], ~by_person[inside]))]
    rows = np.flatnonzero(np.isin(first, doubtful))
    careful = _Careful(rows, codes[rows], apart)
    refused = [
        link
        for link in order.tolist()
        if not careful.join(int(left[link]), int(right[link]), anyway=bool(by_person[link]))
    ]
    for row in rows.tolist():
        first[row] = careful.find(row)
    return Clustering(first, np.array(sorted(refused), dtype=np.int64))


def _first_of(labels: NDArray[np.int32]) -> Rows:
    """Return for each record the first row of its component."""
    _, start, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return start.astype(np.int64)[inverse]


def _doubtful(first: Rows, codes: pl.DataFrame, apart: list[tuple[int, int]]) -> Rows:
    """Return the components in which identifiers differ or a person parts two records."""
    found = [np.array([first[a] for a, b in apart if first[a] == first[b]], dtype=np.int64)]
    frame = codes.with_columns(first=pl.Series(first))
    for scheme in codes.columns:
        kinds = frame.drop_nulls(scheme).group_by("first").agg(pl.col(scheme).n_unique())
        found.append(kinds.filter(pl.col(scheme) > 1)["first"].to_numpy())
    return np.unique(np.concatenate(found))


class _Careful:
    """Disjoint sets that refuse what must not be joined."""

    def __init__(self, rows: Rows, codes: pl.DataFrame, apart: list[tuple[int, int]]) -> None:
        self.parent = {row: row for row in rows.tolist()}
        self.codes: dict[int, list[set[str]]] = {
            row: [{code} if code else set() for code in of_it]
            for row, of_it in zip(rows.tolist(), codes.iter_rows(), strict=True)
        }
        self.apart: dict[int, set[int]] = {}
        for a, b in apart:
            if a in self.parent and b in self.parent:
                self.apart.setdefault(a, set()).add(b)
                self.apart.setdefault(b, set()).add(a)
        self.members = {row: [row] for row in self.parent}

    def find(self, row: int) -> int:
        while self.parent[row] != row:
            self.parent[row] = self.parent[self.parent[row]]
            row = self.parent[row]
        return row

    def join(self, a: int, b: int, *, anyway: bool) -> bool:
        a, b = sorted((self.find(a), self.find(b)))
        if a == b:
            return True
        parted = any(
            self.find(other) == b for row in self.members[a] for other in self.apart.get(row, ())
        )
        clash = any(
            one and other and len(one | other) > max(len(one), len(other))
            for one, other in zip(self.codes[a], self.codes[b], strict=True)
        )
        if parted or (clash and not anyway):
            return False
        self.parent[b] = a
        self.members[a] += self.members.pop(b)
        self.codes[a] = [x | y for x, y in zip(self.codes[a], self.codes.pop(b), strict=True)]
        return True
