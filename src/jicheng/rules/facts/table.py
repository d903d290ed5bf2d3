"""What is known of a list of subjects: numbers, conditions and choices, by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Interval, Truth

__all__ = ["Choices", "FactTable"]

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """One of several values for each subject.

    Attributes
    ----------
    values : tuple of str
        The values that occur.
    codes : ndarray of int32, shape (n,)
        Place in ``values``; -1 = unknown.
    """

    values: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True, eq=False)
class FactTable:
    """Facts of subjects.

    Attributes
    ----------
    subjects : polars.Series
        Ids, n of them, in the order of all arrays.
    year : int
        The evaluation year: offset 0.
    numbers : mapping of (str, int) to Interval
        Fact and year offset (0, -1, -2 ...) to its values. A fact that has no entry is
        unknown for everybody.
    conditions : mapping of str to Truth
        Facts that are true, false or unknown.
    choices : mapping of str to Choices
        Facts that are one of several values.
    names : polars.Series, optional
        Names of the subjects, for people to read.
    groups : polars.DataFrame
        Columns by which results are told apart (size, field, stage, site ...), n rows.
    sources : mapping of str to polars.Series
        Where each fact comes from, n texts; empty = not said.
    """

    subjects: pl.Series
    year: int
    numbers: Mapping[tuple[str, int], Interval] = field(default_factory=dict)
    conditions: Mapping[str, Truth] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    names: pl.Series | None = None
    groups: pl.DataFrame = field(default_factory=pl.DataFrame)
    sources: Mapping[str, pl.Series] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of subjects."""
        return len(self.subjects)

    def rows(self, places: Sequence[int] | NDArray[np.int64]) -> FactTable:
        """Return the facts of some subjects, in that order (a place may occur twice)."""
        raise NotImplementedError

    def with_facts(
        self,
        numbers: Mapping[tuple[str, int], Interval] | None = None,
        conditions: Mapping[str, Truth] | None = None,
        choices: Mapping[str, Choices] | None = None,
    ) -> FactTable:
        """Return a table with some facts replaced or added."""
        raise NotImplementedError
