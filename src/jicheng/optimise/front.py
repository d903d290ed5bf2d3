"""Value against money: the best set at every budget, and where more money pays less."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from jicheng.optimise.cutting_planes import CuttingPlanes, Effort
from jicheng.optimise.enumeration import Enumeration
from jicheng.optimise.problem import Choice, Problem
from jicheng.optimise.settings import PortfolioSettings

__all__ = ["Chooser", "knee", "value_front"]


class Chooser:
    """Choose the best set at any multiple of the purses, by the method that fits.

    All sets are looked at up to ``enumerate_up_to`` challenges; beyond, the integer
    program decides, starting from the best affordable set that it chose before.
    """

    def __init__(self, problem: Problem, settings: PortfolioSettings) -> None:
        self.problem = problem
        self._known: list[Choice] = []
        effort = Effort(
            settings.bound_rounds, settings.bound_work, settings.search_rounds, settings.deadline_s
        )
        self._aside = replace(effort, work=settings.front_work)
        self._method: Enumeration | CuttingPlanes
        if problem.n_challenges <= settings.enumerate_up_to:
            self._method = Enumeration.of(problem)
        else:
            self._method = CuttingPlanes(problem, effort, gap=settings.gap)

    @property
    def n_cut_short(self) -> int:
        """Solves that a deadline, memory or a kill ended: not repeatable."""
        return self._method.n_cut_short if isinstance(self._method, CuttingPlanes) else 0

    def under(self, problem: Problem) -> Chooser:
        """Return a chooser for the same challenges and values under other limits.

        What is known of the values (all sets, or cuts above them) is used again.
        """
        other = copy.copy(self)
        other.problem, other._known = problem, list(self._known)
        if isinstance(self._method, Enumeration):
            other._method = replace(self._method, problem=problem)
        else:
            other._method = copy.copy(self._method)
            other._method.problem = problem
        return other

    def choose(self, budget_scale: float = 1.0, *, is_aside: bool = False) -> Choice | None:
        """Return the best set at a multiple of the purses; None if none is feasible.

        Parameters
        ----------
        budget_scale : float
            Multiplies the purses.
        is_aside : bool
            Whether the choice only serves a comparison, and gets less work.
        """
        if isinstance(self._method, Enumeration):
            return self._method.choose(budget_scale=budget_scale)
        problem = self.problem.scaled(budget_scale)
        known = [c for c in self._known if problem.feasible(c.chosen[None, :])[0]]
        start = max(known, key=lambda c: c.value).chosen if known else None
        effort = self._aside if is_aside else None
        choice = self._method.choose(budget_scale=budget_scale, start=start, effort=effort)
        if choice is not None:
            self._known.append(choice)
        return choice

    def relaxed(self) -> float:
        """Return a bound on the value of every feasible set, from fractional choices.

        Purses enlarged by a little raise it at the price of money.
        """
        if isinstance(self._method, Enumeration):
            return CuttingPlanes(self.problem).relaxed()
        return self._method.relaxed()


def value_front(
    chooser: Chooser,
    budgets: Sequence[float],
    *,
    progress: Callable[[], None] | None = None,
) -> list[Choice | None]:
    """Return the best set at each multiple of the purses, in order.

    Notes
    -----
    A set that a smaller budget allows is a start at a larger one, so the values never
    fall.
    """
    points = []
    for scale in budgets:
        points.append(chooser.choose(scale))
        if progress is not None:
            progress()
    return points


def knee(budgets: Sequence[float], values: Sequence[float]) -> int | None:
    """Return the point farthest above the chord from first to last, None if there is none.

    Parameters
    ----------
    budgets, values : sequence of float
        Increasing budgets, and the value at each.
    """
    if len(budgets) < 3 or values[-1] <= values[0] or budgets[-1] <= budgets[0]:
        return None
    x = (np.array(budgets) - budgets[0]) / (budgets[-1] - budgets[0])
    y = (np.array(values) - values[0]) / (values[-1] - values[0])
    above = y - x
    best = int(np.argmax(above))
    return best if above[best] > 1e-9 else None
