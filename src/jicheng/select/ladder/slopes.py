"""What a unit of an action adds to a figure, measured between two evaluations of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from jicheng.rules.expression.intervals import Flags, Floats, Interval
from jicheng.select.ladder.settings import Action

__all__ = ["is_met", "slope_between"]


def slope_between(base: Interval, end: Interval, most: float) -> tuple[Floats, Flags]:
    """Return what a unit adds, and whether it is the same at both ends."""
    with np.errstate(invalid="ignore"):
        low, high = (end.low - base.low) / most, (end.high - base.high) / most
    slope = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, 0.0))
    both = np.isfinite(low) & np.isfinite(high)
    return slope, ~both | np.isclose(low, high, rtol=1e-9, atol=0.0)


def is_met(
    base: Interval, slopes: Mapping[int, Floats], found: Interval, actions: Sequence[Action],
    share: float,
) -> Flags:  # fmt: skip
    """Tell for whom a number is where its slopes take it."""
    moved = np.zeros(len(base.low))
    for place, slope in slopes.items():
        moved = moved + slope * actions[place].most * share
    meets: Flags = np.ones(len(moved), dtype=bool)
    for start, end in ((base.low, found.low), (base.high, found.high)):
        expected = start + moved
        scale = np.maximum(np.abs(end), np.abs(moved))
        with np.errstate(invalid="ignore"):
            meets &= ~np.isfinite(end) | (np.abs(expected - end) <= 1e-9 * np.maximum(scale, 1e-12))
    return meets
