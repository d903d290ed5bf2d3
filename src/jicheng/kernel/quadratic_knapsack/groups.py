"""Bound a quadratic knapsack by groups of items, each deciding for itself.

Items are dealt into small groups. Each group decides its own items exactly and, at the
same time, what it would like of all the others, within the budget:

    bound_k = max_a { inside(a) + max_z { sum_j (copy_kj + sum_(i in a) share_ij) z_j :
                      weight @ z <= budget - weight(a), 0 <= z <= 1 } }

over the subsets a of the group. ``share_ij + share_ji`` are the points of the pair, and
what a group is paid for copying item j, ``copy_kj``, is taken from the item's own points.
At any such numbers the sum over all groups bounds every set (Billionnet, Faye and Soutif
1999); they are moved towards agreement of the groups (subgradient with Polyak's step).
Started from the flow of the cut at the best price, the bound is never above the cut's.

The bounds with, and without, each item of a group tell which items are settled. Once
items are decided, the numbers of the others still fit the problem that is left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.quadratic_knapsack.cut import Priced
from jicheng.kernel.quadratic_knapsack.group_bound import lower
from jicheng.kernel.quadratic_knapsack.problem import Flags, Floats, Indices, QuadraticKnapsack

__all__ = ["Groups"]

_SIZE = 5  # items in a group: 32 subsets


class Groups:
    """Groups of a problem's items with their shares and copies.

    Parameters
    ----------
    problem : QuadraticKnapsack
        What is bounded.
    group : ndarray of int64, shape (g, s)
        Items of each group; -1 after the last.
    shares : ndarray of float64, shape (n, n)
        Points that item i (row) takes of its pair with j. Within a group of no meaning.
    copies : ndarray of float64, shape (g, n)
        Points that a group is paid for copying an item.

    Attributes
    ----------
    bound : float
        Lowest bound seen.
    without, having : ndarray of float64, shape (n,)
        Lowest bound on all sets without, and with, each item.
    wanted : ndarray of float64, shape (n,)
        Share of the groups that wanted each item at the last step.
    chosen : ndarray of bool, shape (n,)
        What each group decided of its own at the last step.
    """

    def __init__(
        self, problem: QuadraticKnapsack, group: Indices, shares: Floats, copies: Floats
    ) -> None:
        n, count = problem.n, len(group)
        self.problem, self.group, self.shares, self.copies = problem, group, shares, copies
        self.home = np.zeros(n, np.int64)
        for k in range(count):
            own = group[k][group[k] >= 0]
            self.home[own] = k
            self.shares[np.ix_(own, own)] = 0.0
            self.copies[k, own] = 0.0
        self._points = np.zeros((n, n))
        self._points[problem.row, problem.item] = problem.points
        self._prices, self._last = np.zeros(count), np.zeros(count, np.int64)
        self.bound, self.step, self.rounds = np.inf, 1.0, 0
        self.without, self.having = np.full(n, np.inf), np.full(n, np.inf)
        self.wanted, self.chosen = np.zeros(n), np.zeros(n, np.bool_)

    @classmethod
    def of(cls, problem: QuadraticKnapsack, priced: Priced) -> Groups:
        """Deal the items into groups, with the shares of a cut at its price."""
        n = problem.n
        count = max(1, -(-n // _SIZE))
        dealt = np.full(count * _SIZE, -1)
        dealt[:n] = np.arange(n)
        shares = np.zeros((n, n))
        shares[problem.row, problem.item] = priced.shares
        copies = np.tile(priced.price * problem.weight / count, (count, 1))
        return cls(problem, np.ascontiguousarray(dealt.reshape(_SIZE, count).T), shares, copies)

    def lower(self, goal: float, *, rounds: int, step: float = 1.0, stall: int = 15) -> float:
        """Take steps until the bound is at the ``goal``, no longer falls, or ``rounds`` are done.

        Parameters
        ----------
        goal : float
            Value at which the bound is low enough.
        rounds : int
            Most steps.
        step : float
            First step's length, in Polyak's.
        stall : int
            Steps with little gain after which they become half as long.

        Returns
        -------
        float
            The lowest bound.
        """
        p = self.problem
        self.bound, self.step, taken = lower(
            p.linear, self._points, p.weight, p.budget, self.group, self.home,
            self.shares, self.copies, self._prices, self._last, self.without, self.having,
            self.wanted, self.chosen, goal, self.bound, step, rounds, stall,
        )  # fmt: skip
        self.rounds += taken
        return self.bound

    def settled(self, goal: float) -> tuple[Flags, Flags]:
        """Return which items must be in, and out, of every set worth more than ``goal``."""
        must = self.without <= goal
        return must, (self.having <= goal) & ~must

    def left(self, free: Indices, taken: Indices) -> Groups:
        """Return groups of the problem over the ``free`` items once ``taken`` are chosen."""
        copies = self.copies[:, free]
        np.add.at(copies, self.home[taken], self.shares[np.ix_(taken, free)])
        number = np.full(self.problem.n + 1, -1)
        number[free] = np.arange(len(free))
        rows = [row[row >= 0].tolist() for row in number[self.group]]
        merged, sources = _merged(rows)
        return Groups(
            self.problem.left(free, taken),
            merged,
            self.shares[np.ix_(free, free)],
            np.stack([copies[source].sum(axis=0) for source in sources]),
        )


def _merged(rows: list[list[int]]) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Join groups that have become small: largest first, filled with the smallest."""
    order = sorted(range(len(rows)), key=lambda k: (-len(rows[k]), k))
    groups: list[list[int]] = []
    sources: list[list[int]] = []
    while order:
        first = order.pop(0)
        items, source = list(rows[first]), [first]
        while order and len(items) + len(rows[order[-1]]) <= _SIZE:
            last = order.pop()
            items += rows[last]
            source.append(last)
        groups.append(items)
        sources.append(source)
    table = np.full((len(groups), _SIZE), -1)
    for k, items in enumerate(groups):
        table[k, : len(items)] = items
    return table, sources
