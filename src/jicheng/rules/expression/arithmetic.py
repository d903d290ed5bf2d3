"""Arithmetic and comparisons of intervals, with the tolerance of rules.

Every operation contains what it gives for any numbers inside its operands, and narrower
operands never give a wider result: each is monotone in the ends, rounding included.

A bound c is met within 1e-9 max(1, |c|) in favour of the firm: 115/100 - 1, which is
0.1499999999999999 in binary, counts as 0.15, and 1e-17 is not above 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jicheng.rules.expression.intervals import Flags, Floats, Interval, Truth

__all__ = [
    "TOLERANCE", "above", "add", "at_least", "at_most", "below", "divide", "equal", "floor",
    "hull", "just_above", "just_below", "largest", "multiply", "negate", "smallest", "subtract",
]  # fmt: skip

TOLERANCE = 1e-9  # relative to the bound, absolute for bounds below 1
_LARGEST = np.finfo(np.float64).max


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
        if x.is_point and y.is_point:
            return _finite(x.low + y.low)
        return _widened(x.low + y.low, x.high + y.high)


def subtract(x: Interval, y: Interval) -> Interval:
    """Return ``x - y``."""
    return add(x, negate(y))


def negate(x: Interval) -> Interval:
    """Return ``-x``."""
    return Interval.known(-x.low) if x.is_point else Interval(-x.high, -x.low)


def multiply(x: Interval, y: Interval) -> Interval:
    """Return ``x * y``; nothing times an unlimited number is nothing."""
    with np.errstate(over="ignore", invalid="ignore"):
        if x.is_point and y.is_point:
            return _finite(x.low * y.low)
        products = [_product(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
        return _widened(np.minimum.reduce(products), np.maximum.reduce(products))


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
    if y.is_point and bool((y.low != 0).all()):
        with np.errstate(over="ignore", invalid="ignore"):
            return _quotient(x, y.low), None
    spans: Flags = (y.low <= 0) & (y.high >= 0)
    is_zero: Flags = (y.low == 0) & (y.high == 0)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        quotients = [_ratio(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
    low, high = np.minimum.reduce(quotients), np.maximum.reduce(quotients)
    low = np.where(spans, np.where((x.low >= 0) & (y.low >= 0), 0.0, -np.inf), low)
    high = np.where(spans, np.where((x.high < 0) & (y.low >= 0), 0.0, np.inf), high)
    return _widened(low, high), is_zero if is_zero.any() else None


def smallest(parts: Sequence[Interval]) -> Interval:
    """Return the smallest of some numbers."""
    if all(part.is_point for part in parts):
        return Interval.known(_reduced(np.minimum, [part.low for part in parts]))
    return Interval(
        _reduced(np.minimum, [part.low for part in parts]),
        _reduced(np.minimum, [part.high for part in parts]),
    )


def largest(parts: Sequence[Interval]) -> Interval:
    """Return the largest of some numbers."""
    return negate(smallest([negate(part) for part in parts]))


def hull(parts: Sequence[Interval]) -> Interval:
    """Return the smallest intervals that contain some."""
    return Interval.between(
        _reduced(np.minimum, [part.low for part in parts]),
        _reduced(np.maximum, [part.high for part in parts]),
    )


def floor(x: Interval) -> Interval:
    """Return the largest whole number not above ``x``; 2.9999999999 counts as 3."""
    if x.is_point:
        return Interval.known(np.floor(just_above(x.low)))
    return Interval(np.floor(just_above(x.low)), np.floor(just_above(x.high)))


def _reduced(function: np.ufunc, arrays: Sequence[Floats]) -> Floats:
    found = arrays[0]
    for array in arrays[1:]:
        found = function(found, array)
    return found


def _product(x: Floats, y: Floats) -> Floats:
    product: Floats = x * y
    return np.where((x == 0) | (y == 0), 0.0, product)


def _ratio(x: Floats, y: Floats) -> Floats:
    """Return x / y, where the limit of inf / inf may be anything."""
    ratio: Floats = x / y
    return np.where(np.isinf(x) & np.isinf(y), np.sign(x) * np.sign(y) * np.inf, ratio)


def _quotient(x: Interval, y: Floats) -> Interval:
    """Divide by numbers that are known and not 0."""
    if x.is_point:
        return _finite(x.low / y)
    first, second = x.low / y, x.high / y
    return _widened(np.minimum(first, second), np.maximum(first, second))


def _finite(values: Floats) -> Interval:
    """Return known numbers; what is beyond the floats is unknown."""
    if bool(np.isfinite(values).all()):
        return Interval.known(values)
    return _widened(values, values)


def _widened(low: Floats, high: Floats) -> Interval:
    """Let ends that overflowed or mean nothing limit nothing."""
    low = np.where(np.isnan(low), -np.inf, np.minimum(low, _LARGEST))
    high = np.where(np.isnan(high), np.inf, np.maximum(high, -_LARGEST))
    return Interval(low, high)
