"""Choose items at a price of weight, exactly, by a minimum cut; and find the right price.

At a price of weight the budget becomes a cost, and what is left is to choose a closed
set in a graph (Picard 1976; Rhys 1970): points_ij x_i x_j is half the points at either
item, less half the points if just one of them is chosen. So with

    d_i = linear_i + sum_j points_ij / 2 - price weight_i

arcs source -> i of d_i where it is positive, i -> sink of -d_i where it is negative, and
i <-> j of points_ij / 2, the best set is the source side of a minimum cut. For every
price >= 0 its value less price times weight, plus price times budget, bounds every set
(Chaillou, Hansen and Mahieu 1989). The lowest bound over all prices is found by following
the lines of the sets (Eisner and Severance 1976), in a handful of cuts.

The flow also says how to share the points of each pair between its two items, such that
items can be judged one by one (:mod:`jicheng.kernel.quadratic_knapsack.shares`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from jicheng.kernel.quadratic_knapsack.problem import Flags, Floats, QuadraticKnapsack

__all__ = ["Priced", "best_price", "choose_at_price"]

_LARGEST = 2.0**29  # of scaled capacities: twice that must stay below 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """The best set at a price of weight.

    ``value`` and ``weight`` are those of ``chosen``; ``bound`` bounds every set within
    the budget; ``shares`` (shape (p,)) are the points of each place that its row's item
    takes of the pair.
    """

    price: float
    chosen: Flags
    value: float
    weight: float
    bound: float
    shares: Floats

    @classmethod
    def nothing(cls, problem: QuadraticKnapsack) -> Priced:
        """Return the empty set, best at an endless price."""
        return cls(np.inf, np.zeros(problem.n, np.bool_), 0.0, 0.0, np.inf, problem.points / 2)


def choose_at_price(problem: QuadraticKnapsack, price: float) -> Priced:
    """Choose the best set when weight costs ``price`` a unit and there is no budget.

    Capacities are scaled to whole numbers and rounded down: the flow then is one of the
    true network too, so that the bound holds exactly.
    """
    n = problem.n
    surplus = (
        problem.linear + np.bincount(problem.row, problem.points / 2, n) - price * problem.weight
    )
    gains, losses = np.maximum(surplus, 0.0), np.maximum(-surplus, 0.0)
    most = min(gains.sum(), losses.sum())
    scale = _LARGEST / most if most > 0 else 1.0
    sources, sinks = np.flatnonzero(gains > 0), np.flatnonzero(losses > 0)
    tail = np.concatenate([np.full(len(sources), n), sinks, problem.row])
    head = np.concatenate([sources, np.full(len(sinks), n + 1), problem.item])
    size = np.concatenate([gains[sources], losses[sinks], problem.points / 2])
    whole = np.floor(np.minimum(size * scale, _LARGEST)).astype(np.int32)
    network = csr_array((whole, (tail, head)), shape=(n + 2, n + 2))
    found = maximum_flow(network, n, n + 1)
    residual = network - found.flow
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    reached = breadth_first_order(residual, n, return_predecessors=False)
    chosen = np.zeros(n, np.bool_)
    chosen[reached[reached < n]] = True
    moved = np.zeros(len(problem.item))
    if len(moved):
        moved += np.asarray(found.flow[problem.row, problem.item]) / scale
    return Priced(
        price,
        chosen,
        problem.value_of(chosen),
        problem.weight_of(chosen),
        float(price * problem.budget + gains.sum() - found.flow_value / scale),
        problem.points / 2 - moved,
    )


def best_price(problem: QuadraticKnapsack, *, cuts: int = 60) -> tuple[Priced, Priced, Priced]:
    """Find the price of weight with the lowest bound.

    Returns
    -------
    best : Priced
        Of the lowest bound found.
    within, beyond : Priced
        The best sets at that price on either side of the budget; if all that is worth
        having fits, both are that set, which is then the best of all.
    """
    best = beyond = choose_at_price(problem, 0.0)
    if beyond.weight <= problem.budget:
        return beyond, beyond, beyond
    within = Priced.nothing(problem)
    for _ in range(cuts):
        price = (beyond.value - within.value) / (beyond.weight - within.weight)
        if price <= 0:
            break
        found = choose_at_price(problem, price)
        if found.bound < best.bound:
            best = found
        line = beyond.value - price * beyond.weight
        if found.value - price * found.weight <= line + 1e-9 * (1.0 + abs(line)):
            break  # no set lies above the line through the two
        if found.weight <= problem.budget:
            within = found
        else:
            beyond = found
    return best, within, beyond
