"""Arithmetic and comparisons of intervals, with the tolerance of rules.

Every operation contains what it gives for any numbers inside its operands, and narrower
operands never give a wider result: each is monotone in the ends, rounding included.

A bound c is met within 1e-9 max(1, |c|) in favour of the firm: 115/100 - 1, which is
0.1499999999999999 in binary, counts as 0.15, and 1e-17 is not above 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression.intervals import Flags, Floats, Interval, Truth

__all__ = [
    "TOLERANCE", "above", "add", "at_least", "at_most", "below", "divide", "equal", "floor",
    "just_above", "just_below", "largest", "multiply", "negate", "over_positive", "smallest",
    "subtract",
]  # fmt: skip

TOLERANCE = 1e-9  # relative to the bound, absolute for bounds below 1
_LARGEST = np.finfo(np.float64).max

Operation: TypeAlias = Callable[[Interval, Interval], tuple[Floats, Floats]]


def just_below(bound: Floats) -> Floats:
    """Return bound - 1e-9 max(1, |bound|): numbers from here on count as the bound."""
    return np.minimum(
        bound - TOLERANCE, np.minimum(bound * (1 - TOLERANCE), bound * (1 + TOLERANCE))
    )


def just_above(bound: Floats) -> Floats:
    """Return bound + 1e-9 max(1, |bound|): numbers up to here count as the bound."""
    return np.maximum(
        bound + TOLERANCE, np.maximum(bound * (1 - TOLERANCE), bound * (1 + TOLERANCE))
    )


def at_least(x: Interval, bound: Interval) -> Truth:
    """Tell where ``x >= bound``."""
    if x.is_point and bound.is_point:
        return Truth.known(x.low >= just_below(bound.low))
    return Truth(x.low >= just_below(bound.high), x.high >= just_below(bound.low))


def above(x: Interval, bound: Interval) -> Truth:
    """Tell where ``x > bound``."""
    return ~at_most(x, bound)


def at_most(x: Interval, bound: Interval) -> Truth:
    """Tell where ``x <= bound``."""
    if x.is_point and bound.is_point:
        return Truth.known(x.low <= just_above(bound.low))
    return Truth(x.high <= just_above(bound.low), x.low <= just_above(bound.high))


def below(x: Interval, bound: Interval) -> Truth:
    """Tell where ``x < bound``."""
    return ~at_least(x, bound)


def equal(x: Interval, bound: Interval) -> Truth:
    """Tell where ``x == bound``."""
    return at_least(x, bound) & at_most(x, bound)


def add(x: Interval, y: Interval) -> Interval:
    """Return ``x + y``."""
    with np.errstate(over="ignore", invalid="ignore"):
        low = x.low + y.low
        high = low if x.is_point and y.is_point else x.high + y.high
    return _widened(low, high)


def subtract(x: Interval, y: Interval) -> Interval:
    """Return ``x - y``."""
    return add(x, negate(y))


def negate(x: Interval) -> Interval:
    """Return ``-x``."""
    return Interval.known(-x.low) if x.is_point else Interval(-x.high, -x.low)


def multiply(x: Interval, y: Interval) -> Interval:
    """Return ``x * y``; nothing times an unlimited number is nothing."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _mostly_known(x, y, x.low * y.low, _products)


def divide(x: Interval, y: Interval) -> tuple[Interval, Flags | None]:
    """Return ``x / y``.

    A denominator that may be 0 gives an unknown number, of which the sign is known if
    those of both are; 0 / 0 is unknown too.

    Returns
    -------
    Interval
        The quotient.
    ndarray of bool, shape (n,), or None
        Where the denominator is known to be 0; None = nowhere.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        quotient = _mostly_known(x, y, x.low / y.low, _quotients)
    is_zero: Flags = y.low == 0
    if not y.is_point:
        is_zero &= y.high == 0
    return quotient, is_zero if is_zero.any() else None


def over_positive(x: Interval, y: Interval) -> tuple[Interval, Flags | None]:
    """Return ``x / y`` where y is positive for certain; anything elsewhere.

    A loss over negative net assets is no profit, and a profit over them no loss.

    Returns
    -------
    Interval
        The quotient.
    ndarray of bool, shape (n,), or None
        Where the denominator is certainly not positive; None = nowhere.
    """
    quotient, _ = divide(x, y)
    is_positive = y.low > 0
    if not is_positive.all():
        quotient = Interval(
            np.where(is_positive, quotient.low, -np.inf),
            np.where(is_positive, quotient.high, np.inf),
        )
    is_none: Flags = y.high <= 0
    return quotient, is_none if is_none.any() else None


def smallest(parts: Sequence[Interval]) -> Interval:
    """Return the smallest of some numbers."""
    return _each_end(np.minimum, parts)


def largest(parts: Sequence[Interval]) -> Interval:
    """Return the largest of some numbers."""
    return _each_end(np.maximum, parts)


def floor(x: Interval) -> Interval:
    """Return the largest whole number not above ``x``; 2.9999999999 counts as 3."""
    if x.is_point:
        return Interval.known(np.floor(just_above(x.low)))
    return Interval(np.floor(just_above(x.low)), np.floor(just_above(x.high)))


def _each_end(function: np.ufunc, parts: Sequence[Interval]) -> Interval:
    low = reduce(function, [part.low for part in parts])
    if all(part.is_point for part in parts):
        return Interval.known(low)
    return Interval(low, reduce(function, [part.high for part in parts]))


def _mostly_known(x: Interval, y: Interval, known: Floats, of_intervals: Operation) -> Interval:
    """Return what is known, and intervals in the few rows where an operand is one."""
    is_open = ~np.isfinite(known)
    for part in (x, y):
        if not part.is_point:
            is_open |= part.low != part.high
    rows = np.flatnonzero(is_open)
    if rows.size == 0:
        return Interval.known(known)
    found = _widened(*of_intervals(_at(x, rows), _at(y, rows)))
    low, high = known, known.copy()
    low[rows], high[rows] = found.low, found.high
    return Interval(low, high)


def _at(x: Interval, rows: NDArray[np.intp]) -> Interval:
    """Return some rows; a literal is the same in all."""
    if x.low.shape == (1,) and x.high.shape == (1,):
        return x
    return Interval.known(x.low[rows]) if x.is_point else Interval(x.low[rows], x.high[rows])


def _products(x: Interval, y: Interval) -> tuple[Floats, Floats]:
    products = [_product(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
    return reduce(np.minimum, products), reduce(np.maximum, products)


def _product(x: Floats, y: Floats) -> Floats:
    return np.where((x == 0) | (y == 0), 0.0, x * y)


def _quotients(x: Interval, y: Interval) -> tuple[Floats, Floats]:
    quotients = [_ratio(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
    low, high = reduce(np.minimum, quotients), reduce(np.maximum, quotients)
    spans = (y.low <= 0) & (y.high >= 0)
    is_positive, is_negative = (x.low >= 0) & (y.low >= 0), (x.high < 0) & (y.low >= 0)
    low = np.where(spans, np.where(is_positive, 0.0, -np.inf), low)
    high = np.where(spans, np.where(is_negative, 0.0, np.inf), high)
    return low, high


def _ratio(x: Floats, y: Floats) -> Floats:
    """Return x / y, where the limit of inf / inf may be anything."""
    return np.where(np.isinf(x) & np.isinf(y), np.sign(x) * np.sign(y) * np.inf, x / y)


def _widened(low: Floats, high: Floats) -> Interval:
    """Let ends that overflowed or mean nothing limit nothing."""
    is_fine = low.max(initial=-np.inf) < np.inf and high.min(initial=np.inf) > -np.inf
    if is_fine:  # never so if any is NaN
        return Interval(low, high)
    least = np.where(np.isnan(low), -np.inf, np.minimum(low, _LARGEST))
    return Interval(least, np.where(np.isnan(high), np.inf, np.maximum(high, -_LARGEST)))
