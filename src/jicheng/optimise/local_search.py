"""Good sets quickly: sets that restore a product together, then add, drop and swap.

The value of a set is neither submodular nor supermodular: no member of a complementary
pair gains anything alone, so a greedy choice of single challenges never starts. Hence
the search starts from *restoring sets*: for every scenario, the challenges that matter
in it, thinned one at a time by what is missed least. Source: ours (value of a plan, 4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.protection import distinct_rows
from jicheng.optimise.problem import Problem

__all__ = ["improve", "restoring_sets", "start_set"]

_LARGEST = 8  # challenges in a restoring set: larger ones are reached by the search
_ROUNDING = 1e-12


def restoring_sets(problem: Problem) -> NDArray[np.bool_]:
    """Return sets of challenges that act together, rows of shape (q, c), singles first."""
    protection = problem.value.protection
    n = problem.n_challenges
    found = [np.eye(n, dtype=np.bool_)]
    for scenario in protection.joint:
        current = np.zeros(n, dtype=np.bool_)
        current[protection.touched[scenario]] = True
        while current.sum() > 1:
            members = np.flatnonzero(current)
            without = np.repeat(current[None, :], len(members), axis=0)
            without[np.arange(len(members)), members] = False
            losses = protection.losses_after(scenario, without) @ protection.final_share
            current = without[int(np.argmin(losses))]
            if 2 <= current.sum() <= _LARGEST:
                found.append(current[None, :])
        matters = protection.touched[scenario]
        if len(matters) <= _LARGEST:
            whole = np.zeros((1, n), dtype=np.bool_)
            whole[0, matters] = True
            found.append(whole)
    sets, _ = distinct_rows(np.vstack(found))
    return sets


def start_set(problem: Problem) -> NDArray[np.bool_] | None:
    """Return a feasible set built greedily from restoring sets by value for money.

    Returns
    -------
    ndarray of bool, shape (c,), or None
        None if not even the required challenges are affordable.
    """
    current = problem.cheapest()
    if current is None:
        return None
    bundles = restoring_sets(problem)
    value = float(problem.value.of_sets(current[None, :])[0])
    while True:
        candidates, _ = distinct_rows(bundles | current)
        candidates = candidates[(candidates != current).any(axis=1)]
        candidates = candidates[problem.feasible(candidates)]
        if not len(candidates):
            return current
        values = problem.value.of_sets(candidates)
        money = (candidates & ~current) @ problem.purses.cost
        gain = values - value
        worth = np.where(gain > _ROUNDING, gain / np.maximum(money, _ROUNDING), 0.0)
        best = int(np.argmax(worth))
        if worth[best] <= 0:
            return current
        current, value = candidates[best], float(values[best])


def improve(
    problem: Problem, chosen: NDArray[np.bool_], *, rounds: int
) -> tuple[NDArray[np.bool_], float]:
    """Add, drop and swap while the value rises, or stays and costs less.

    Parameters
    ----------
    problem : Problem
        What to choose from.
    chosen : ndarray of bool, shape (c,)
        A feasible set.
    rounds : int
        Most improvements.

    Returns
    -------
    chosen : ndarray of bool, shape (c,)
    value : float
    """
    value = float(problem.value.of_sets(chosen[None, :])[0])
    for _ in range(rounds):
        around = neighbours(chosen, problem.required)
        around = around[problem.feasible(around)]
        sets = np.vstack([chosen[None, :], around])
        values = np.concatenate([[value], problem.value.of_sets(around)])
        best = problem.best(sets, values)
        if (sets[best] == chosen).all():
            break
        chosen, value = sets[best], float(values[best])
    return chosen, value


def neighbours(chosen: NDArray[np.bool_], required: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return all sets that differ by one added, dropped or swapped challenge."""
    inside = np.flatnonzero(chosen & ~required)
    outside = np.flatnonzero(~chosen)
    rows = []
    for drop in [-1, *inside.tolist()]:
        for add in [-1, *outside.tolist()]:
            if drop < 0 and add < 0:
                continue
            row = chosen.copy()
            if drop >= 0:
                row[drop] = False
            if add >= 0:
                row[add] = True
            rows.append(row)
    return np.array(rows, dtype=np.bool_).reshape(-1, len(chosen))
