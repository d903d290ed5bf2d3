"""Choose the best set by looking at every one: exact on the draws, up to 15 challenges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.subsets import all_subsets, expected_over_draws, masks_of
from jicheng.optimise.problem import Choice, Problem

__all__ = ["Enumeration"]


@dataclass(frozen=True)
class Enumeration:
    """Values of all sets of a problem.

    Attributes
    ----------
    problem : Problem
        At most about 15 challenges.
    sets : ndarray of bool, shape (2^c, c)
        All sets, by mask.
    values : ndarray of float64, shape (2^c,)
        Value of each set.
    """

    problem: Problem
    sets: NDArray[np.bool_]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, problem: Problem) -> Enumeration:
        """Evaluate every set on the common draws."""
        value = problem.value
        values = expected_over_draws(value.table(), masks_of(value.successes))
        return cls(problem, all_subsets(problem.n_challenges), values)

    def choose(self, *, budget_scale: float = 1.0) -> Choice | None:
        """Return the best feasible set at a multiple of the purses; None if there is none."""
        problem = self.problem.scaled(budget_scale)
        best = problem.first_feasible(self.sets, self.values)
        if best is None:
            return None
        value = float(self.values[best])
        return Choice(self.sets[best], value, value, "enumeration")
