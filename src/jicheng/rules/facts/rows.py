"""The rows of a zone's table ``indicators``, by fact and year, for a list of subjects.

A zone has millions of them, so columns become arrays once and a fact takes its rows out of
them; texts are touched only where a fact needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Floats

__all__ = ["OLDEST", "Indices", "Rows", "coded", "rows_by_fact"]

OLDEST = 20  # years back that an expression may look

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one fact and one year.

    Attributes
    ----------
    table : polars.DataFrame
        The whole table.
    arrays : mapping of str to ndarray
        Its columns ``value``, ``low`` and ``high`` (NaN = empty), and ``source`` as codes.
    sources : polars.Series
        What the codes mean; 0 = empty.
    at : ndarray of int64, shape (m,)
        Which rows of the table.
    places : ndarray of int64, shape (m,)
        Places of their subjects in the list of subjects.
    """

    table: pl.DataFrame
    arrays: Mapping[str, NDArray[Any]]
    sources: pl.Series
    at: Indices
    places: Indices

    def numbers(self, column: str) -> Floats:
        """Return a column of numbers; NaN = empty."""
        values: Floats = self.arrays[column][self.at]
        return values

    def texts(self) -> pl.Series:
        """Return the column ``text``."""
        return self.table["text"].gather(self.at)

    def said(self, n: int) -> pl.Series | None:
        """Return the column ``source`` for n subjects, "" = empty; None if all are."""
        codes = np.zeros(n, dtype=np.int64)
        codes[self.places] = self.arrays["source"][self.at]
        return self.sources.gather(codes) if codes.any() else None


def rows_by_fact(
    table: pl.DataFrame, ids: pl.Series, facts: Sequence[str], year: int
) -> dict[tuple[str, int], Rows]:
    """Return the rows of some facts of some subjects, by fact and offset to a year.

    Parameters
    ----------
    table : polars.DataFrame
        The table ``indicators``; in the order of its key it is read fastest.
    ids : polars.Series
        The subjects.
    facts : sequence of str
        Codes of indicators.
    year : int
        Offset 0; later years and those more than 20 years back are left out.
    """
    place = _places(table["subject"], ids)
    code = table["indicator"].cast(pl.Enum(facts), strict=False).to_physical()
    back = year - table["period"].fill_null(year + 1).to_numpy()
    codes = code.cast(pl.Int64).fill_null(-1).to_numpy()
    at = np.flatnonzero((place >= 0) & (codes >= 0) & (back >= 0) & (back <= OLDEST))
    key = codes[at] * (OLDEST + 1) + back[at]
    if len(facts) * (OLDEST + 1) < np.iinfo(np.int16).max:
        key = key.astype(np.int16)  # which sorts in linear time
    order = np.argsort(key, kind="stable")
    at, key = at[order], key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    pieces = np.split(at, starts[1:]) if at.size else []
    arrays = {name: table[name].fill_null(np.nan).to_numpy() for name in ("value", "low", "high")}
    words, arrays["source"] = coded(table["source"])
    found: dict[tuple[str, int], Rows] = {}
    for start, piece in zip(starts, pieces, strict=True):
        fact, years = divmod(int(key[start]), OLDEST + 1)
        found[facts[fact], -years] = Rows(table, arrays, words, piece, place[piece])
    return found


def _places(subjects: pl.Series, ids: pl.Series) -> Indices:
    """Return the place of each row's subject among ``ids``; -1 = not among them.

    A table in the order of its key repeats each subject in one run, so that few texts
    have to be looked up.
    """
    runs = subjects.rle().struct.unnest()
    known = pl.DataFrame({"value": ids, "place": np.arange(len(ids), dtype=np.int64)})
    found = runs.join(known, on="value", how="left", maintain_order="left")["place"]
    return np.repeat(found.fill_null(-1).to_numpy(), runs["len"].to_numpy())


def coded(texts: pl.Series) -> tuple[pl.Series, Indices]:
    """Return texts as codes, and what the codes mean; 0 = empty."""
    words = texts.drop_nulls().unique(maintain_order=True)
    codes = texts.cast(pl.Enum(words)).to_physical().cast(pl.Int64) + 1
    return pl.concat([pl.Series([""]), words.rename("")]), codes.fill_null(0).to_numpy()
