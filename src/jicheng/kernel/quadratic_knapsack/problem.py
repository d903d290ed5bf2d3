"""A quadratic knapsack as arrays: points of items and of pairs, weights, one budget.

    max  sum_i linear_i x_i + sum_(i,j) points_ij x_i x_j    s.t. weight @ x <= budget

with x binary and points_ij >= 0. Pairs are kept as sparse rows, each pair in the rows
of both its items; :attr:`QuadraticKnapsack.twin` joins the two places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Flags", "Floats", "Indices", "Pairs", "QuadraticKnapsack"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pairs = tuple[ArrayLike, ArrayLike, ArrayLike]

_ROUNDS = 4  # of refinement; the neighbours of neighbours tell almost all items apart


@dataclass(frozen=True, eq=False)
class QuadraticKnapsack:
    """Items to choose under one budget.

    Attributes
    ----------
    linear : ndarray of float64, shape (n,)
        Points of each item alone; may be negative.
    weight : ndarray of float64, shape (n,)
        Weight of each item, >= 0, in the budget's unit.
    budget : float
        Most weight, >= 0.
    start : ndarray of int64, shape (n + 1,)
        Item i has the pairs ``start[i]:start[i + 1]``.
    item : ndarray of int64, shape (p,)
        The other item of each pair, ascending within a row.
    points : ndarray of float64, shape (p,)
        Points if both items are chosen, > 0.
    twin : ndarray of int64, shape (p,)
        Where the same pair stands in the row of the other item.
    """

    linear: Floats
    weight: Floats
    budget: float
    start: Indices
    item: Indices
    points: Floats
    twin: Indices

    @classmethod
    def of(
        cls, linear: ArrayLike, pairs: Pairs, weight: ArrayLike, budget: float
    ) -> QuadraticKnapsack:
        """State a problem from lists of items and pairs.

        Parameters
        ----------
        linear, weight : array of float, shape (n,)
            Points and weight of each item.
        pairs : tuple of three arrays, each of shape (p,)
            First item, second item and points >= 0; a pair given twice adds up.
        budget : float
            Most weight.

        Raises
        ------
        ValueError
            If shapes disagree, a number is not finite, a weight, the budget or the
            points of a pair are negative, or a pair is of one item with itself.
        """
        points_of, weight_of = np.array(linear, np.float64), np.array(weight, np.float64)
        first, second = (np.atleast_1d(np.asarray(part, np.int64)) for part in pairs[:2])
        worth = np.broadcast_to(np.asarray(pairs[2], np.float64), first.shape)
        n = len(points_of)
        _check(points_of, weight_of, budget, first, second, worth)
        place = np.concatenate([first * n + second, second * n + first])
        unique, position = np.unique(place, return_inverse=True)
        total = np.bincount(position, np.tile(worth, 2), len(unique))
        unique, total = unique[total > 0], total[total > 0]
        row, item = (unique // n, unique % n) if n else (unique, unique)
        return cls(
            points_of,
            weight_of,
            float(budget),
            np.searchsorted(row, np.arange(n + 1)).astype(np.int64),
            item,
            total.astype(np.float64),
            np.searchsorted(unique, item * n + row).astype(np.int64),
        )

    @property
    def n(self) -> int:
        """Number of items."""
        return len(self.linear)

    @cached_property
    def row(self) -> Indices:
        """Item in whose row each place stands, shape (p,)."""
        return np.repeat(np.arange(self.n), np.diff(self.start))

    @cached_property
    def is_whole(self) -> bool:
        """Whether all points are whole numbers: then the value of every set is."""
        return bool(
            (self.linear == np.rint(self.linear)).all()
            and (self.points == np.rint(self.points)).all()
        )

    def value_of(self, chosen: Flags) -> float:
        """Return the points of a set."""
        both = chosen[self.row] & chosen[self.item]
        return float(self.linear[chosen].sum() + self.points[both].sum() / 2)

    def weight_of(self, chosen: Flags) -> float:
        """Return the weight of a set."""
        return float(self.weight[chosen].sum())

    def most_of_each(self) -> Floats:
        """Return the points of each item if all others were chosen, shape (n,)."""
        return self.linear + np.bincount(self.row, self.points, self.n)

    def left(self, free: Indices, taken: Indices) -> QuadraticKnapsack:
        """Return the problem over the ``free`` items once ``taken`` are chosen.

        All other items are left out; the points of ``taken`` are not in it.
        """
        inside = np.zeros(self.n, np.bool_)
        inside[taken] = True
        gained = np.bincount(self.row, self.points * inside[self.item], self.n)
        number = np.full(self.n, -1)
        number[free] = np.arange(len(free))
        kept = (number[self.row] >= 0) & (number[self.item] > number[self.row])
        return QuadraticKnapsack.of(
            (self.linear + gained)[free],
            (number[self.row[kept]], number[self.item[kept]], self.points[kept]),
            self.weight[free],
            max(0.0, self.budget - self.weight[taken].sum()),
        )

    def with_budget(self, budget: float) -> QuadraticKnapsack:
        """Return the problem at another budget."""
        return replace(self, budget=budget)

    def order(self) -> Indices:
        """Return the items in an order that does not depend on how they are numbered.

        Items are told apart by their numbers, those of their pairs, and those of
        their pairs' items in turn (colour refinement, Weisfeiler and Leman 1968).
        """
        colour = _mixed(_bits(self.linear), _bits(self.weight))
        for _ in range(_ROUNDS):
            told = _mixed(colour[self.item], _bits(self.points))
            total = np.zeros(self.n, np.uint64)
            np.add.at(total, self.row, told)  # wraps around, so that order plays no role
            colour = _mixed(colour, total)
        return np.argsort(colour, kind="stable")


def _check(
    linear: Floats, weight: Floats, budget: float, first: Indices, second: Indices, worth: Floats
) -> None:
    n = len(linear)
    if len(weight) != n or len(first) != len(second):
        raise ValueError("arrays of a quadratic knapsack disagree in length")
    if not all(np.isfinite(part).all() for part in (linear, weight, worth, np.array(budget))):
        raise ValueError("points, weights and the budget must be finite")
    if (weight < 0).any() or (worth < 0).any() or budget < 0:
        raise ValueError("weights, points of pairs and the budget must not be negative")
    ends = np.concatenate([first, second])
    if len(ends) and (ends.min() < 0 or ends.max() >= n):
        raise ValueError("a pair names an item that does not exist")
    if (first == second).any():
        raise ValueError("a pair is of two different items")


def _bits(numbers: Floats) -> NDArray[np.uint64]:
    return np.ascontiguousarray(numbers + 0.0).view(np.uint64)  # + 0.0 makes -0 and 0 equal


def _mixed(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix two words into one (finaliser of splitmix64, Steele, Lea and Flood 2014)."""
    word = one * np.uint64(0x9E3779B97F4A7C15) + other
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
