"""The choice to be made: which challenges to fund within the purses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.optimise.purses import Purses
from jicheng.optimise.value import SetValue

__all__ = ["Choice", "Problem"]

_EQUAL = 1e-12  # values closer than this are equal: sums in another order differ by less


@dataclass(frozen=True)
class Problem:
    """Challenges that may be funded, their values, and the purses.

    Attributes
    ----------
    value : SetValue
        Values of sets of the c challenges.
    purses : Purses
        Who can pay, net of money set aside.
    required : ndarray of bool, shape (c,)
        Mandatory challenges.
    """

    value: SetValue
    purses: Purses
    required: NDArray[np.bool_]

    @property
    def n_challenges(self) -> int:
        """Number of challenges c."""
        return len(self.required)

    def scaled(self, factor: float) -> Problem:
        """Return the problem with all purses multiplied."""
        return replace(self, purses=self.purses.scaled(factor))

    def feasible(self, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which sets, rows of shape (q, c), are affordable and hold what is required."""
        has_required = sets[:, self.required].all(axis=1)
        return np.asarray(has_required & self.purses.can_pay(sets))

    def best(self, sets: NDArray[np.bool_], values: NDArray[np.float64]) -> int:
        """Return the position of the best set: of equal values the cheapest, then by id.

        Parameters
        ----------
        sets : ndarray of bool, shape (q, c)
            Feasible sets, at least one.
        values : ndarray of float64, shape (q,)
            Their values.
        """
        good = np.flatnonzero(values >= values.max() - _EQUAL)
        cost = (sets[good] @ self.purses.cost).round(6)
        by_id = (~sets[good]).T[::-1]
        return int(good[np.lexsort((*by_id, cost))[0]])


@dataclass(frozen=True)
class Choice:
    """A set of challenges, and how good it is proved to be.

    Attributes
    ----------
    chosen : ndarray of bool, shape (c,)
        Challenges to fund.
    value : float
        Its value on the common draws.
    bound : float
        No feasible set has a higher value on these draws; nan = nothing is proved.
    method : str
        ``enumeration`` or ``integer program``.
    """

    chosen: NDArray[np.bool_]
    value: float
    bound: float
    method: str

    @property
    def gap(self) -> float:
        """``(bound - value) / value``; nan without a bound, 0 if both are 0."""
        if self.bound <= self.value + _EQUAL:
            return 0.0
        return (self.bound - self.value) / self.value if self.value > 0 else float("nan")
