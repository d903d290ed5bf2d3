"""One direction of a network of firms, laid out for fast passes over its edges.

Firms are relabelled by their number of edges: rows of equal length one after the other
keep the processor's guesses right, and firms without an edge need no visit at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel._lanes import AHEAD

__all__ = ["Direction", "Market", "direction_of", "market_of"]


class Direction(NamedTuple):
    """Who passes on losses to whom; every array but ``label`` speaks in labels.

    Attributes
    ----------
    start, source, weight, keep
        Edges of each firm, as :func:`jicheng.kernel._lanes.sweep` takes them.
    hit_start : ndarray of uint32, shape (n + 1,)
        Firms hit by the losses of firm i are ``hit[hit_start[i]:hit_start[i + 1]]``.
    hit : ndarray of uint32, shape (edges,)
        See ``hit_start``.
    label : ndarray of uint32, shape (n,)
        Label of each firm.
    idle : int
        Firms without an edge; they have the first labels.
    """

    start: NDArray[np.uint32]
    source: NDArray[np.uint32]
    weight: NDArray[np.float64]
    keep: NDArray[np.uint8]
    hit_start: NDArray[np.uint32]
    hit: NDArray[np.uint32]
    label: NDArray[np.uint32]
    idle: int


class Market(NamedTuple):
    """Who can stand in for whom, in the labels of a direction.

    Attributes
    ----------
    industry : ndarray of int64, shape (n,)
        Industry of each firm.
    sales : ndarray of float64, shape (n,)
        Sales of each firm.
    member_start : ndarray of int64, shape (m + 1,)
        Firms of industry k are ``member[member_start[k]:member_start[k + 1]]``.
    member : ndarray of int64, shape (n,)
        See ``member_start``.
    """

    industry: NDArray[np.int64]
    sales: NDArray[np.float64]
    member_start: NDArray[np.int64]
    member: NDArray[np.int64]


def direction_of(
    n: int,
    row: NDArray[np.int64],
    source: NDArray[np.int64],
    weight: NDArray[np.float64],
    group: NDArray[np.int64] | None = None,
) -> Direction:
    """Lay out the edges of ``n`` firms, sorted by row, group and source.

    Parameters
    ----------
    n : int
        Number of firms.
    row, source : ndarray of int64, shape (edges,)
        Firm that is hit and firm whose loss hits it; no pair twice.
    weight : ndarray of float64, shape (edges,)
        Share of the loss passed on, >= 0.
    group : ndarray of int64, shape (edges,), optional
        Group of the edge within its row; without it each row is one group.
    """
    n_edges = np.bincount(row, minlength=n)
    label = np.empty(n, dtype=np.int64)
    label[np.argsort(n_edges, kind="stable")] = np.arange(n)
    row, source = label[row], label[source]
    groups = np.zeros(len(row), dtype=np.int64) if group is None else group
    by_row = np.lexsort((source, groups, row))
    by_source = np.lexsort((row, source))
    opens = (np.diff(row[by_row], prepend=-1) != 0) | (np.diff(groups[by_row], prepend=-1) != 0)
    return Direction(
        start=_pointers(row, n).astype(np.uint32),
        source=np.append(source[by_row], np.zeros(AHEAD, np.int64)).astype(np.uint32),
        weight=weight[by_row],
        keep=np.empty(0, np.uint8) if group is None else (~opens).astype(np.uint8),
        hit_start=_pointers(source, n).astype(np.uint32),
        hit=row[by_source].astype(np.uint32),
        label=label.astype(np.uint32),
        idle=int((n_edges == 0).sum()),
    )


def market_of(
    direction: Direction,
    industry: NDArray[np.int64],
    sales: NDArray[np.float64],
    n_industries: int,
) -> Market:
    """Sort firms by industry, in the labels of a direction."""
    firm_at = np.argsort(direction.label)
    codes = industry[firm_at]
    member = np.argsort(codes, kind="stable")
    return Market(codes, sales[firm_at], _pointers(codes, n_industries), member)


def _pointers(row: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return where each row starts once entries are sorted by row, and their number."""
    return np.concatenate(([0], np.cumsum(np.bincount(row, minlength=n))))
