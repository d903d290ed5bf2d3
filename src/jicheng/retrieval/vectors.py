"""The vector part of an index: centred vectors of one engine, and the z of their scores.

The mean and spread of a query's scores over a language follow from two moments of the
vectors that are kept with them: mean = q . m, sd^2 = q . C q. So a z is of all texts of the
language, whichever of them are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.nearest import Cells, best_rows, cells_of, dot_products, rows_near
from jicheng.retrieval.centring import Centring
from jicheng.retrieval.corpus import Corpus
from jicheng.retrieval.embedding.unit import unit_rows
from jicheng.retrieval.language import Language
from jicheng.retrieval.scale import Groups, z_of

__all__ = ["Asked", "VectorPart", "one_thread"]

_SEED = 20_240_501  # of the cells' first centres; any number does


@dataclass(frozen=True)
class VectorPart:
    """Vectors of a corpus by one engine.

    Attributes
    ----------
    part, name : str
        The engine's.
    vectors : ndarray of float32, shape (n, d)
        Unit rows, centred where their language is; may be mapped from disk.
    centring : Centring
        The means that were taken off, with counts.
    groups : Groups
        Which texts a z is taken among.
    means : ndarray of float64, shape (g, d)
        Mean vector of each group.
    spreads : ndarray of float64, shape (g, d, d)
        Covariance of each group.
    cells : Cells or None
        For approximate search; None: all are compared.
    """

    part: str
    name: str
    vectors: NDArray[np.float32]
    centring: Centring
    groups: Groups
    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    cells: Cells | None = None

    @classmethod
    def of(
        cls,
        part: str,
        name: str,
        raw: NDArray[np.float32],
        corpus: Corpus,
        *,
        least_centred: int,
        most_exact: int,
    ) -> VectorPart:
        """Centre raw unit vectors (shape (n, d)) and take their moments."""
        with one_thread():
            centring = Centring.of(raw, corpus.languages, least=least_centred)
            vectors = centring.documents(raw, corpus.languages)
            groups = Groups.of(corpus.languages)
            means, spreads = _moments(vectors, groups)
            cells = cells_of(vectors, seed=_SEED) if len(vectors) > most_exact else None
        return cls(part, name, vectors, centring, groups, means, spreads, cells)

    def ask(self, vector: NDArray[np.float32], language: Language) -> Asked:
        """Return what compares a query's unit vector (shape (d,)) with the texts."""
        return self.compare(self.centring.query(vector, language))

    def compare(self, query: NDArray[np.float32]) -> Asked:
        """Return what compares a centred unit vector (shape (d,)) with the texts."""
        wide = query.astype(np.float64)
        spread = np.einsum("i,gij,j->g", wide, self.spreads, wide)
        return Asked(self, query, self.means @ wide, np.sqrt(np.maximum(spread, 0.0)))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the arrays into a folder; return what the manifest says of them."""
        folder.mkdir(parents=True)
        arrays: dict[str, NDArray[Any]] = {
            "vectors": self.vectors,
            "means": self.means,
            "spreads": self.spreads,
        }
        arrays.update((f"language-{name}", mean) for name, mean in self.centring.means.items())
        if self.cells is not None:
            arrays.update((f"cells-{name}", getattr(self.cells, name)) for name in _CELLS)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        return {
            "part": self.part,
            "name": self.name,
            "dimension": int(self.vectors.shape[1]),
            "counts": dict(self.centring.counts),
            "centred": sorted(self.centring.means),
            "search": "exact" if self.cells is None else "cells",
        }

    @classmethod
    def load(cls, folder: Path, told: Mapping[str, Any], corpus: Corpus) -> VectorPart:
        """Map the arrays from a folder; the vectors are read when they are compared.

        Raises
        ------
        ValueError, OSError, KeyError
            If files are missing or of other shapes than the manifest says.
        """
        n, d = len(corpus), int(told["dimension"])
        groups = Groups.of(corpus.languages)
        vectors = _read(folder, "vectors", (n, d), is_mapped=True)
        centring = Centring(
            {name: _read(folder, f"language-{name}", (d,)) for name in told["centred"]},
            dict(told["counts"]),
        )
        means = _read(folder, "means", (len(groups), d))
        spreads = _read(folder, "spreads", (len(groups), d, d))
        cells = None
        if told["search"] == "cells":
            cells = Cells(*(np.load(folder / f"cells-{name}.npy") for name in _CELLS))
        part, name = str(told["part"]), str(told["name"])
        return cls(part, name, vectors, centring, groups, means, spreads, cells)


@dataclass(frozen=True)
class Asked:
    """A query before the vectors of a part.

    Attributes
    ----------
    query : ndarray of float32, shape (d,)
        Centred unit vector.
    mean, spread : ndarray of float64, shape (g,)
        Of its scores in each group.
    """

    of: VectorPart
    query: NDArray[np.float32]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    def z(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.float32]:
        """Return the z of some texts, or of all, in the order of ``rows``."""
        if rows is None:
            return self._of_all
        if "_of_all" in self.__dict__:  # they were all compared before
            return self._of_all[rows]
        with one_thread():
            scores = dot_products(self.of.vectors, self.query, rows)
        return z_of(scores, self.of.groups.of_row[rows], self.mean, self.spread)

    @cached_property
    def _of_all(self) -> NDArray[np.float32]:
        with one_thread():
            scores = dot_products(self.of.vectors, self.query)
        return z_of(scores, self.of.groups.of_row, self.mean, self.spread)

    def drawn_to(self, rows: NDArray[np.intp], share: float) -> Asked:
        """Return the query moved towards the mean of some texts (Rocchio 1971).

        Parameters
        ----------
        rows : ndarray of intp, shape (m,)
            At least one.
        share : float
            Length of the mean beside that of the query, 1; >= 0.
        """
        middle = unit_rows(np.asarray(self.of.vectors[rows]).mean(axis=0))
        moved: NDArray[np.float32] = unit_rows(self.query + np.float32(share) * middle)
        return self.of.compare(moved)

    def best(self, most: int, among: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
        """Return the rows of the best z, best first, of all texts or ``among`` some.

        Exact, except in cells; there too if few texts are asked for.
        """
        rows = None
        if among is not None and among.mean() < _FEW:
            rows = np.flatnonzero(among)
        elif self.of.cells is not None:
            rows = rows_near(self.of.cells, self.query)
            rows = rows if among is None else rows[among[rows]]
        if rows is None:
            return best_rows(self.z(), most, among)
        return rows[best_rows(self.z(rows), most)]


_FEW = 0.25  # ours: gathering rows costs about four times reading them in order
_CELLS = ("centres", "starts", "rows")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numpy's linear algebra to one thread: two on a busy machine wait for each other."""
    limit = _limiter()
    if limit is None:
        yield
        return
    with limit(limits=1, user_api="blas"):
        yield


@cache
def _limiter() -> Any:
    if find_spec("threadpoolctl") is None:
        return None
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 - of the extra `semantic`

    return ThreadpoolController().limit


def _moments(
    vectors: NDArray[np.float32], groups: Groups
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    d = vectors.shape[1]
    means = np.zeros((len(groups), d), dtype=np.float64)
    spreads = np.zeros((len(groups), d, d), dtype=np.float64)
    for g, rows in enumerate(groups.members):
        if len(rows) == 0:
            continue
        means[g] = vectors[rows].mean(axis=0, dtype=np.float64)
        for at in range(0, len(rows), _BLOCK):
            gap = vectors[rows[at : at + _BLOCK]].astype(np.float64) - means[g]
            spreads[g] += gap.T @ gap
        spreads[g] /= len(rows)
    return means, spreads


_BLOCK = 8_192  # texts whose vectors are widened at a time


def _read(
    folder: Path, name: str, shape: tuple[int, ...], *, is_mapped: bool = False
) -> NDArray[Any]:
    mode: Any = "r" if is_mapped and 0 not in shape else None
    array: NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode=mode, allow_pickle=False)
    if array.shape != shape:
        raise ValueError(f"{name}: {array.shape} instead of {shape}")
    return array
