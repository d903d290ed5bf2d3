"""State a linear or mixed-integer program as sparse arrays, independent of any solver.

A program has columns (variables) with bounds, cost and integrality, and rows
(rules) with bounds and sparse coefficients. Rows and columns may carry ids, so
that a solver's answer can be told in the words of the rule it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Basis", "MixedIntegerProgram", "ProgramBuilder"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Where the simplex method ended: a start for a linear program that is alike.

    Attributes
    ----------
    columns, rows : ndarray of int8
        State of each column and row, in the solver's own codes. A later program may
        have further columns and rows at the end.
    solver : str
        Whose codes they are; no other solver reads them.
    """

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]
    solver: str


@dataclass(frozen=True, slots=True, eq=False)
class MixedIntegerProgram:
    """Optimise ``offset + cost @ x`` over bounded columns and rows.

    Parameters
    ----------
    cost, lower, upper : ndarray of float64, shape (n,)
        Cost and closed bounds of each column; infinite bounds are open.
    integral : ndarray of bool, shape (n,)
        Whether a column must be whole. Without any the program is linear.
    row_start : ndarray of int32, shape (m + 1,)
        Row i has the entries ``row_start[i]:row_start[i + 1]``.
    entry_column, entry_value : ndarray, shape (nnz,)
        Column and coefficient of each entry; a column occurs once in a row.
    row_lower, row_upper : ndarray of float64, shape (m,)
        Closed bounds of each row; infinite bounds are open.
    maximise : bool
        Sense of the objective.
    offset : float
        Constant of the objective.
    column_ids, row_ids : tuple of str
        Names, or empty.
    start : ndarray of float64, shape (n,), optional
        A solution to start from; NaN = not given for that column.
    basis : Basis, optional
        Of a linear program solved before, to start from.

    Raises
    ------
    ValueError
        If shapes disagree, a number is NaN, an index is out of range or a lower
        bound exceeds its upper bound.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    integral: NDArray[np.bool_]
    row_start: Indices
    entry_column: Indices
    entry_value: Floats
    row_lower: Floats
    row_upper: Floats
    maximise: bool = False
    offset: float = 0.0
    column_ids: tuple[str, ...] = ()
    row_ids: tuple[str, ...] = ()
    start: Floats | None = field(default=None)
    basis: Basis | None = field(default=None)

    def __post_init__(self) -> None:
        n, m, nnz = self.n_columns, self.n_rows, len(self.entry_value)
        shapes = (
            len(self.lower) == len(self.upper) == len(self.integral) == n
            and len(self.row_upper) == m
            and len(self.row_start) == m + 1
            and len(self.entry_column) == nnz == int(self.row_start[-1])
            and len(self.column_ids) in (0, n)
            and len(self.row_ids) in (0, m)
            and (self.start is None or len(self.start) == n)
            and (self.basis is None or len(self.basis.columns) <= n)
            and (self.basis is None or len(self.basis.rows) <= m)
        )
        if not shapes:
            raise ValueError("arrays of a program disagree in length")
        if nnz and not (self.entry_column.min() >= 0 and self.entry_column.max() < n):
            raise ValueError("an entry names a column that does not exist")
        for numbers in (self.cost, self.entry_value):
            if not np.isfinite(numbers).all():
                raise ValueError("costs and coefficients must be finite")
        for low, high in ((self.lower, self.upper), (self.row_lower, self.row_upper)):
            if not (low <= high).all():  # also catches NaN
                raise ValueError("a lower bound exceeds its upper bound, or is not a number")

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.cost)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def is_linear(self) -> bool:
        """Whether no column must be whole."""
        return not self.integral.any()

    def objective_of(self, values: Floats) -> float:
        """Return the objective at ``values``."""
        return float(self.offset + self.cost @ values)

    def repaired(self, values: Floats) -> Floats:
        """Return ``values`` with whole columns rounded, and all inside their bounds."""
        whole = np.where(self.integral, np.rint(values), values)
        return np.clip(whole, self.lower, self.upper)

    def activity_of(self, values: Floats) -> Floats:
        """Return the left-hand side of each row at ``values``, shape (m,)."""
        row = np.repeat(np.arange(self.n_rows), np.diff(self.row_start))
        terms = self.entry_value * values[self.entry_column]
        return np.bincount(row, weights=terms, minlength=self.n_rows).astype(np.float64)

    def violation_of(self, values: Floats) -> float:
        """Return the largest violation of a bound, a row or integrality; 0 = feasible."""
        activity = self.activity_of(values)
        whole = np.abs(values - np.rint(values))[self.integral]
        parts = (
            self.lower - values,
            values - self.upper,
            self.row_lower - activity,
            activity - self.row_upper,
            whole,
        )
        return max([0.0, *(float(part.max()) for part in parts if len(part))])


class ProgramBuilder:
    """Collect columns and rows, then :meth:`build` the program once.

    Examples
    --------
    >>> builder = ProgramBuilder(maximise=True)
    >>> x = builder.columns(3, cost=[5.0, 4.0, 3.0], upper=1, integral=True)
    >>> row = builder.row("budget", x, [2.0, 3.0, 1.0], upper=3)
    >>> builder.build().n_columns
    3
    """

    def __init__(self, *, maximise: bool = False) -> None:
        self._maximise = maximise
        self._n_columns = 0
        self._n_rows = 0
        self._columns: list[tuple[Floats, Floats, Floats, NDArray[np.bool_]]] = []
        self._bounds: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Indices, Indices, Floats]] = []
        self._column_ids: list[str] = []
        self._row_ids: list[str] = []

    def columns(
        self,
        names: int | Sequence[str],
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        integral: bool = False,
    ) -> NDArray[np.intp]:
        """Add columns, given by their names or only their number.

        Returns
        -------
        ndarray of intp
            Indices of the new columns.
        """
        n = names if isinstance(names, int) else len(names)
        self._column_ids += [""] * n if isinstance(names, int) else list(names)
        shape = (n,)
        self._columns.append(
            (
                _spread(cost, shape),
                _spread(lower, shape),
                _spread(upper, shape),
                np.full(n, integral),
            )
        )
        self._n_columns += n
        return np.arange(self._n_columns - n, self._n_columns)

    def row(
        self,
        name: str,
        columns: ArrayLike,
        coefficients: ArrayLike = 1.0,
        *,
        lower: float = -np.inf,
        upper: float = np.inf,
    ) -> int:
        """Add one row ``lower <= coefficients @ x[columns] <= upper``; return its index."""
        column = np.atleast_1d(np.asarray(columns, dtype=np.int32))
        self.rows(
            [name],
            np.zeros(len(column), dtype=np.int32),
            column,
            coefficients,
            lower=lower,
            upper=upper,
        )
        return self._n_rows - 1

    def rows(
        self,
        names: int | Sequence[str],
        entry_row: ArrayLike,
        entry_column: ArrayLike,
        entry_value: ArrayLike = 1.0,
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
    ) -> NDArray[np.intp]:
        """Add many rows at once from triplets.

        Parameters
        ----------
        names : int or sequence of str
            Number of rows, or their names.
        entry_row : array of int, shape (nnz,)
            Row of each entry, counted from 0 within this call.
        entry_column, entry_value : array, shape (nnz,)
            Column and coefficient; entries of one place are added up.
        lower, upper : array of float, shape (rows,)
            Bounds of the rows.

        Returns
        -------
        ndarray of intp
            Indices of the new rows.
        """
        n = names if isinstance(names, int) else len(names)
        self._row_ids += [""] * n if isinstance(names, int) else list(names)
        row = np.asarray(entry_row, dtype=np.int32)
        column = np.asarray(entry_column, dtype=np.int32)
        self._entries.append(
            (
                np.asarray(row + self._n_rows, dtype=np.int32),
                column,
                _spread(entry_value, row.shape),
            )
        )
        self._bounds.append((_spread(lower, (n,)), _spread(upper, (n,))))
        self._n_rows += n
        return np.arange(self._n_rows - n, self._n_rows)

    def build(self, *, offset: float = 0.0, start: Floats | None = None) -> MixedIntegerProgram:
        """Return the program; rows and columns keep the order in which they came."""
        row, column = (_join([e[part] for e in self._entries], np.int32) for part in (0, 1))
        value = _join([e[2] for e in self._entries], np.float64)
        width = max(1, self._n_columns)
        place = row.astype(np.int64) * width + column
        unique, position = np.unique(place, return_inverse=True)
        value = np.bincount(position, value, len(unique)).astype(np.float64)
        row = unique // width
        start_of = np.searchsorted(row, np.arange(self._n_rows + 1))
        cost, lower, upper = (
            _join([c[part] for c in self._columns], np.float64) for part in range(3)
        )
        return MixedIntegerProgram(
            cost=cost,
            lower=lower,
            upper=upper,
            integral=_join([c[3] for c in self._columns], np.bool_),
            row_start=start_of.astype(np.int32),
            entry_column=(unique % width).astype(np.int32),
            entry_value=value.astype(np.float64),
            row_lower=_join([b[0] for b in self._bounds], np.float64),
            row_upper=_join([b[1] for b in self._bounds], np.float64),
            maximise=self._maximise,
            offset=offset,
            column_ids=tuple(self._column_ids) if any(self._column_ids) else (),
            row_ids=tuple(self._row_ids) if any(self._row_ids) else (),
            start=start,
        )


def _spread(number: ArrayLike, shape: tuple[int, ...]) -> Floats:
    return np.broadcast_to(np.asarray(number, dtype=np.float64), shape)


def _join(parts: Sequence[NDArray[Any]], kind: type[_Scalar]) -> NDArray[_Scalar]:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, dtype=kind)
