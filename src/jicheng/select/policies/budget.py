"""How many a policy would take and what that needs, from its rules alone.

The estimate assumes that everybody who is eligible applies; nothing is said of how many
will. Its interval comes from what is open: who may yet turn out eligible, amounts that are
not known, windows that are not stated. Stacking with other policies is left out.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

import numpy as np

from jicheng.errors import Text
from jicheng.rules.expression.intervals import Flags, Floats
from jicheng.select.policies.answers import ELIGIBLE, UNSETTLED, Answer
from jicheng.select.policies.windows import windows_between

__all__ = ["BASIS", "Budget", "budget_of"]

BASIS = Text(
    "按规则估计：假定符合条件者全部申报，不含申报率假设，未扣除政策叠加限制",
    "By rules alone: everybody eligible applies, no take-up rate is assumed, and limits on "
    "stacking are not taken off",
)
"""What every estimate of takers and money must be read with."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Takers and money of one policy in a period.

    Attributes
    ----------
    n_windows : tuple of int
        Windows of the period, at least and at most: they differ where none is stated.
    takers : tuple of float
        Winners, at least and at most.
    need : tuple of float
        Money or volume that they need, at least and at most [10,000 of the currency];
        infinite where no highest amount is stated.
    available : float or None
        Budget of the windows together, or None where it is not stated.
    """

    n_windows: tuple[int, int]
    takers: tuple[float, float]
    need: tuple[float, float]
    available: float | None

    @property
    def is_enough(self) -> bool | None:
        """Whether the budget covers the need; None = open."""
        if self.available is None:
            return None
        if self.need[1] <= self.available:
            return True
        return False if self.need[0] > self.available else None


def budget_of(answer: Answer, first: datetime.date, last: datetime.date) -> Budget:
    """Count takers and money of a policy in a span of days.

    Each subject counts once, whatever the number of windows.

    Notes
    -----
    With c certainly and p possibly eligible subjects and a quota of q in all, at least
    min(c, q) and at most min(p, q) win. The most money goes to the q largest amounts of
    all p. The least goes to the c alone if the quota does not bind on them, or else to
    the q smallest amounts of all p, whichever is less: both ends can happen.
    """
    policy = answer.policy
    windows = windows_between(policy, first, last)
    n_windows = (0, 1) if windows is None else (len(windows), len(windows))
    is_sure = answer.standing == ELIGIBLE
    may_be = is_sure | (answer.standing == UNSETTLED)
    places = [
        math.inf if n and policy.quota is None else n * (policy.quota or 0) for n in n_windows
    ]
    need = (
        _least_need(answer.amount.low, is_sure, may_be, places[0]),
        _sum_of_extremes(answer.amount.high[may_be], places[1], largest=True),
    )
    takers = (min(float(is_sure.sum()), places[0]), min(float(may_be.sum()), places[1]))
    available = None
    if policy.budget is not None and windows is not None:
        available = policy.budget * n_windows[1]
    return Budget(n_windows, takers, need, available)


def _least_need(low: Floats, is_sure: Flags, may_be: Flags, places: float) -> float:
    """Return the least money that must be ready, see :func:`budget_of`."""
    n_sure = np.count_nonzero(is_sure)
    crowded = _sum_of_extremes(low[may_be], places, largest=False)
    if n_sure > places:
        return crowded
    alone = math.fsum(low[is_sure])
    return min(alone, crowded) if np.count_nonzero(may_be) > places else alone


def _sum_of_extremes(values: Floats, places: float, *, largest: bool) -> float:
    """Return the sum of the largest or smallest few, in an order of their own."""
    if places <= 0 or not values.size:
        return 0.0
    ordered = np.sort(values)
    if places < ordered.size:
        ordered = ordered[-int(places) :] if largest else ordered[: int(places)]
    return math.fsum(ordered)
