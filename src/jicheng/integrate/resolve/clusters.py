"""From links to entities: what is linked is one, unless that joins what must not be.

Links are taken from the strongest to the weakest; one that would put two different valid
identifiers of a scheme, or two records that are known to be different, into one cluster
is refused and told. Only a person's word joins what identifiers part; only that or a
shared identifier joins what differs in a parting column. Ties go to the smaller rows, so
that the order of records changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["Clustering", "Power", "cluster"]

Rows = NDArray[np.int64]


class Power(IntEnum):
    """What a link rests on: the higher, the more it may join."""

    LIKENESS = 0
    IDENTIFIER = 1
    PERSON = 2


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
    power: NDArray[np.int8],
    codes: pl.DataFrame,
    parting: pl.DataFrame,
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
        Order in which links of one power are taken.
    power : ndarray of int8, shape (n,)
        :class:`Power` of each link.
    codes : polars.DataFrame
        Valid identifiers, a column a scheme, a row a record; null = none.
    parting : polars.DataFrame
        Further columns of which two values are joined by identifiers or a person only.
    apart : list of (int, int)
        Rows known to be different.
    """
    graph = coo_array((np.ones(left.size, dtype=bool), (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    first = _first_of(labels)
    values = pl.concat([codes, parting], how="horizontal")
    doubtful = _doubtful(first, values, apart)
    if not doubtful.size:
        return Clustering(first, np.empty(0, dtype=np.int64))
    inside = np.flatnonzero(np.isin(first[left], doubtful))
    order = inside[np.lexsort((right[inside], left[inside], -strength[inside], -power[inside]))]
    rows = np.flatnonzero(np.isin(first, doubtful))
    careful = _Careful(rows, values[rows], codes.width, apart)
    refused = [
        link
        for link in order.tolist()
        if not careful.join(int(left[link]), int(right[link]), Power(int(power[link])))
    ]
    for row in rows.tolist():
        first[row] = careful.find(row)
    return Clustering(first, np.array(sorted(refused), dtype=np.int64))


def _first_of(labels: NDArray[np.int32]) -> Rows:
    """Return for each record the first row of its component."""
    _, start, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return start.astype(np.int64)[inverse]


def _doubtful(first: Rows, values: pl.DataFrame, apart: list[tuple[int, int]]) -> Rows:
    """Return the components in which values differ or two records are known to."""
    found = [np.array([first[a] for a, b in apart if first[a] == first[b]], dtype=np.int64)]
    frame = values.with_columns(first=pl.Series(first))
    for name in values.columns:
        kinds = frame.drop_nulls(name).group_by("first").agg(pl.col(name).n_unique())
        found.append(kinds.filter(pl.col(name) > 1)["first"].to_numpy())
    return np.unique(np.concatenate(found))


class _Careful:
    """Disjoint sets that refuse what must not be joined."""

    def __init__(
        self, rows: Rows, values: pl.DataFrame, n_codes: int, apart: list[tuple[int, int]]
    ) -> None:
        self.n_codes = n_codes
        self.parent = {row: row for row in rows.tolist()}
        self.values: dict[int, list[set[str]]] = {
            row: [{value} if value else set() for value in of_it]
            for row, of_it in zip(rows.tolist(), values.iter_rows(), strict=True)
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

    def join(self, a: int, b: int, power: Power) -> bool:
        a, b = sorted((self.find(a), self.find(b)))
        if a == b:
            return True
        if self._are_apart(a, b) or self._clash(a, b, power):
            return False
        self.parent[b] = a
        self.members[a] += self.members.pop(b)
        self.values[a] = [x | y for x, y in zip(self.values[a], self.values.pop(b), strict=True)]
        return True

    def _are_apart(self, a: int, b: int) -> bool:
        return any(
            self.find(other) == b for row in self.members[a] for other in self.apart.get(row, ())
        )

    def _clash(self, a: int, b: int, power: Power) -> bool:
        if power is Power.PERSON:
            return False
        asked = self.n_codes if power is Power.IDENTIFIER else len(self.values[a])
        both = list(zip(self.values[a], self.values[b], strict=True))[:asked]
        return any(
            one and other and len(one | other) > max(len(one), len(other)) for one, other in both
        )
