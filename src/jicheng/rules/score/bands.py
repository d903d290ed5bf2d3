"""Points by bands and by cases: all that an interval of values, or open conditions, can reach.

A list of bands cuts the line into cells: between two edges, and each edge itself. The
first band that takes a cell gives its points. An interval of values reaches the cells from
that of its low end to that of its high end; the hull of their points is looked up in a
table, so that any list is handled alike, rising, falling or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression.arithmetic import just_above, just_below
from jicheng.rules.expression.intervals import Floats, Interval, Truth
from jicheng.rules.pack.model import Band, Case, Side

__all__ = ["BandTable", "band_table", "points_of_cases"]

Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BandTable:
    """A list of bands, ready for intervals of values.

    Attributes
    ----------
    edges : ndarray of float64, shape (m,)
        Rising; the bounds, moved by the tolerance in favour of equality.
    low, high : ndarray of float64, shape (2m + 1, 2m + 1)
        Least and most points of the cells from row to column. Cell 2k lies below edge k,
        cell 2k + 1 is the edge itself.
    gives_numbers : bool
        Whether every band gives one number, not a range.
    """

    edges: Floats
    low: Floats
    high: Floats
    gives_numbers: bool

    def points(self, values: Interval) -> Interval:
        """Return the points of values, hull of all bands within reach; 0 where none is."""
        first = self._cells(values.low)
        last = first if values.is_point else self._cells(values.high)
        low = self.low[first, last]
        if values.is_point and self.gives_numbers:
            return Interval.known(low)
        return Interval(low, self.high[first, last])

    def _cells(self, values: Floats) -> Cells:
        below = np.searchsorted(self.edges, values, side="left")
        return below + np.searchsorted(self.edges, values, side="right")


@lru_cache(maxsize=4096)
def band_table(bands: tuple[Band, ...]) -> BandTable:
    """Make the table of a list of bands; the first that takes a value counts."""
    edges = np.unique([_edge(band) for band in bands if band.side is not Side.OTHERWISE])
    n_cells = 2 * len(edges) + 1
    low, high = np.zeros(n_cells), np.zeros(n_cells)
    for band in reversed(bands):
        taken = _takes(band, edges, n_cells)
        low[taken], high[taken] = band.low, band.high
    gives_numbers = np.array_equal(low, high)
    return BandTable(edges, _hull(low, np.minimum), _hull(high, np.maximum), gives_numbers)


def _edge(band: Band) -> float:
    """Return the bound with the tolerance: equal values count as on it."""
    moved = just_above if band.side in (Side.ABOVE, Side.AT_MOST) else just_below
    return float(moved(np.array([band.bound]))[0])


def _takes(band: Band, edges: Floats, n_cells: int) -> slice:
    if band.side is Side.OTHERWISE:
        return slice(0, n_cells)
    on_edge = 2 * int(np.searchsorted(edges, _edge(band))) + 1
    return {
        Side.AT_LEAST: slice(on_edge, n_cells),
        Side.ABOVE: slice(on_edge + 1, n_cells),
        Side.AT_MOST: slice(0, on_edge + 1),
        Side.BELOW: slice(0, on_edge),
    }[band.side]


def _hull(points: Floats, extreme: np.ufunc) -> Floats:
    """Return the extreme over every run of cells, by its first and last one."""
    table = np.empty((len(points), len(points)))
    for first in range(len(points)):
        table[first, first:] = extreme.accumulate(points[first:])
        table[first, :first] = np.nan  # a run that does not exist
    return table


def points_of_cases(cases: Sequence[Case], truths: Sequence[Truth], n: int) -> Interval:
    """Return the points of n subjects by the first case that holds.

    Parameters
    ----------
    cases : sequence of Case
        In order.
    truths : sequence of Truth
        Of each; certain for one without a condition.
    n : int
        Number of subjects.

    Returns
    -------
    Interval
        Hull over the cases that may hold and that no certain earlier one shadows; 0 points
        where none holds.
    """
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    is_open = np.ones(n, dtype=bool)
    for case, truth in zip(cases, truths, strict=True):
        reached = is_open & truth.possibly
        low[reached] = np.minimum(low[reached], case.low)
        high[reached] = np.maximum(high[reached], case.high)
        is_open &= ~truth.certainly
    low[is_open] = np.minimum(low[is_open], 0.0)
    high[is_open] = np.maximum(high[is_open], 0.0)
    return Interval.between(low, high)
