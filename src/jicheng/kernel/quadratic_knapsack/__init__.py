"""Choose items under one budget when pairs of them are worth more together."""

from __future__ import annotations

from jicheng.kernel.quadratic_knapsack.choice import (
    QuadraticChoice,
    QuadraticLimits,
    QuadraticMethod,
    choose_items,
    choose_of,
)
from jicheng.kernel.quadratic_knapsack.problem import QuadraticKnapsack

__all__ = [
    "QuadraticChoice",
    "QuadraticKnapsack",
    "QuadraticLimits",
    "QuadraticMethod",
    "choose_items",
    "choose_of",
]
