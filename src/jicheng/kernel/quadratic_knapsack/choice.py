"""Choose items under one budget when pairs of them are worth more together.

The rule, by structure:

1. All that is worth having fits: the minimum cut at no price of weight is the answer.
2. Every problem gets the cut at the best price of weight: a bound, and the sets on either
   side of the budget, from which a local search starts. In large sparse problems with a
   budget of many items the bound is nearly met, and this is all.
3. If that leaves a gap and there are no more items than ``group_items``, groups of items
   lower the bound; what they settle is dropped.
4. What is left is divided, highest bound first, for as many nodes as allowed.

Work is limited by counts; a deadline is a safety net, and a choice that it cut says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from jicheng.kernel.quadratic_knapsack.branch import Branching, Part, rounded_down
from jicheng.kernel.quadratic_knapsack.cut import Priced, best_price
from jicheng.kernel.quadratic_knapsack.groups import Groups
from jicheng.kernel.quadratic_knapsack.problem import Flags, Indices, Pairs, QuadraticKnapsack
from jicheng.kernel.quadratic_knapsack.search import fit, search
from jicheng.kernel.solver import relative_gap

__all__ = ["QuadraticChoice", "QuadraticLimits", "QuadraticMethod", "choose_items", "choose_of"]


class QuadraticMethod(StrEnum):
    """Where the bound comes from."""

    CUT = "cut"
    GROUPS = "groups"
    BRANCHING = "branching"


@dataclass(frozen=True, slots=True)
class QuadraticLimits:
    """Limits of one choice; all but the deadline are counts.

    Parameters
    ----------
    gap : float
        Relative gap at which a set counts as best.
    looks : int
        Looks at an item by the local search; about 1e8 a second.
    group_items : int
        Most items for which groups lower the bound; memory grows with their square.
    rounds : int
        Steps that lower the bound of the whole.
    nodes : int
        Parts of 100 open items into which it is divided and that are looked at; a part
        counts by the square of its items.
    deadline_s : float, optional
        Seconds after which no new step begins.
    seed : int
        Of the local search.
    """

    gap: float = 1e-6
    looks: int = 30_000_000
    group_items: int = 600
    rounds: int = 600
    nodes: int = 200
    deadline_s: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class QuadraticChoice:
    """Items chosen under one budget.

    Attributes
    ----------
    chosen : ndarray of bool, shape (n,)
        Items.
    value : float
        Their points.
    bound : float
        No set within the budget is worth more.
    gap : float
        ``(bound - value) / max(1, |value|)``.
    is_proved : bool
        Whether the gap is within the limit: nothing better exists.
    method : QuadraticMethod
        Where the bound comes from.
    rounds, nodes : int
        Steps taken and parts looked at.
    is_cut_by_clock : bool
        Whether the deadline came first; another run may then differ.
    """

    chosen: Flags
    value: float
    bound: float
    gap: float
    is_proved: bool
    method: QuadraticMethod
    rounds: int = 0
    nodes: int = 0
    is_cut_by_clock: bool = False


def choose_items(
    linear: ArrayLike,
    pairs: Pairs,
    weight: ArrayLike,
    budget: float,
    *,
    limits: QuadraticLimits | None = None,
) -> QuadraticChoice:
    """Choose items of most points, their own and those of pairs, within a budget.

    Parameters
    ----------
    linear : array of float, shape (n,)
        Points of each item; may be negative.
    pairs : tuple of three arrays, each of shape (p,)
        First item, second item, and points >= 0 if both are chosen.
    weight : array of float, shape (n,)
        Weight of each item, >= 0.
    budget : float
        Most weight, >= 0, in the unit of the weights.
    limits : QuadraticLimits, optional
        Default: :class:`QuadraticLimits`.

    Returns
    -------
    QuadraticChoice
        The same whatever the order of items and pairs, but among equal sets.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, or a weight, the budget or the
        points of a pair are negative.

    Examples
    --------
    >>> choice = choose_items([3, 2, 2], ([1], [2], [4]), [2, 1, 1], 2)
    >>> choice.chosen.tolist(), choice.value, choice.is_proved
    ([False, True, True], 8.0, True)
    """
    return choose_of(QuadraticKnapsack.of(linear, pairs, weight, budget), limits=limits)


def choose_of(
    problem: QuadraticKnapsack, *, limits: QuadraticLimits | None = None
) -> QuadraticChoice:
    """Choose the items of a stated problem; see :func:`choose_items`."""
    limits = limits or QuadraticLimits()
    kept = _worth_a_look(problem)
    kept = kept[problem.left(kept, np.zeros(0, np.int64)).order()]
    choice = _choose(problem.left(kept, np.zeros(0, np.int64)), limits)
    chosen = np.zeros(problem.n, np.bool_)
    chosen[kept[choice.chosen]] = True
    return replace(choice, chosen=chosen)


def _worth_a_look(problem: QuadraticKnapsack) -> Indices:
    """Return the items that fit and, with all their partners, add something."""
    kept = np.flatnonzero(problem.weight <= problem.budget)
    while True:
        left = problem.left(kept, np.zeros(0, np.int64))
        adds = left.most_of_each() > 0
        if adds.all():
            return kept
        kept = kept[adds]


def _choose(problem: QuadraticKnapsack, limits: QuadraticLimits) -> QuadraticChoice:
    is_over = _clock(limits.deadline_s)
    best, within, beyond = best_price(problem)
    chosen = _searched(problem, within, beyond, limits)
    tree = Branching(problem, chosen, problem.value_of(chosen), limits.gap)
    bound = rounded_down(best.bound, is_whole=problem.is_whole)
    if bound <= tree.goal or problem.n > limits.group_items or limits.rounds == 0:
        return _answer(tree, min(bound, _loosest(problem)), QuadraticMethod.CUT, False)
    root = Part(Groups.of(problem, best), np.arange(problem.n), np.zeros(0, np.int64), 0.0)
    root.groups.bound = best.bound
    tree.start(root, rounds=limits.rounds, is_over=is_over)
    method = QuadraticMethod.GROUPS
    if tree.is_open and limits.nodes > 0:
        method = QuadraticMethod.BRANCHING
        tree.run(limits.nodes, is_over=is_over)
    return _answer(tree, min(bound, tree.bound), method, is_over())


def _loosest(problem: QuadraticKnapsack) -> float:
    """Return the points of all items and pairs that are worth something."""
    return float(np.maximum(problem.linear, 0.0).sum() + problem.points.sum() / 2)


def _clock(deadline_s: float | None) -> Callable[[], bool]:
    end = np.inf if deadline_s is None else time.monotonic() + deadline_s
    return lambda: time.monotonic() > end


def _searched(
    problem: QuadraticKnapsack, within: Priced, beyond: Priced, limits: QuadraticLimits
) -> Flags:
    """Return the best set of the local search, started from several sets."""
    if beyond.weight <= problem.budget:
        return beyond.chosen
    starts = [
        fit(problem, start)
        for start in (np.ones(problem.n, np.bool_), within.chosen, beyond.chosen)
    ]
    best = max(starts, key=problem.value_of)
    return search(problem, best, work=limits.looks, seed=limits.seed)


def _answer(
    tree: Branching, bound: float, method: QuadraticMethod, is_cut_by_clock: bool
) -> QuadraticChoice:
    bound = max(bound, tree.value)
    gap = relative_gap(tree.value, bound) or 0.0
    is_proved = bound <= rounded_down(tree.goal, is_whole=False)
    return QuadraticChoice(
        tree.chosen,
        tree.value,
        bound,
        gap,
        is_proved,
        method,
        tree.rounds,
        tree.nodes,
        is_cut_by_clock and not is_proved,
    )
