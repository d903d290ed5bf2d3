"""Numbers that are linear in the amounts of actions, and quotients of two such numbers.

The part that does not change is an interval, as facts may be unknown; what an action adds is
known. What is not linear is flagged firm by firm, or refused with :class:`NotLinear`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from jicheng.rules.expression.intervals import Flags, Floats, Interval

__all__ = ["Form", "NotLinear", "Quotient"]


class NotLinear(ValueError):
    """A number is not linear in the amounts of actions."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """``base + sum(slope * amount)``.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n,)
        Ends of the part that nothing changes.
    slopes : mapping of int to ndarray, shape (n,)
        What a unit of each action adds.
    is_linear : ndarray of bool, shape (n,)
        For which firms this holds.
    """

    low: Floats
    high: Floats
    slopes: Mapping[int, Floats] = field(default_factory=dict)
    is_linear: Flags | None = None

    @classmethod
    def of(cls, base: Interval) -> Form:
        """Return a number that nothing changes."""
        return cls(base.low, base.high)

    @property
    def linear(self) -> Flags:
        """For which firms it is linear, shape (n,)."""
        return np.ones(len(self.low), dtype=bool) if self.is_linear is None else self.is_linear

    def __neg__(self) -> Form:
        slopes = {action: -slope for action, slope in self.slopes.items()}
        return Form(-self.high, -self.low, slopes, self.is_linear)

    def __add__(self, other: Form) -> Form:
        slopes = dict(self.slopes)
        for action, slope in other.slopes.items():
            slopes[action] = slopes[action] + slope if action in slopes else slope
        with np.errstate(invalid="ignore"):
            low, high = self.low + other.low, self.high + other.high
        low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
        return Form(low, high, slopes, _both(self.is_linear, other.is_linear))

    def __sub__(self, other: Form) -> Form:
        return self + -other

    def __mul__(self, other: Form) -> Form:
        if other.slopes and self.slopes:
            raise NotLinear
        constant, form = (other, self) if not other.slopes else (self, other)
        ends = [_times(a, b) for a in (form.low, form.high) for b in (constant.low, constant.high)]
        linear = _both(self.is_linear, other.is_linear)
        if form.slopes:
            linear = _both(linear, constant.low == constant.high)
        slopes = {action: _times(slope, constant.low) for action, slope in form.slopes.items()}
        low, high = np.minimum.reduce(ends), np.maximum.reduce(ends)
        return Form(low, high, _finite(slopes), linear)

    def moved(self, amount: Floats) -> Form:
        """Return the number with something added to it."""
        return Form(self.low + amount, self.high + amount, self.slopes, self.is_linear)

    def inverse(self) -> Form:
        """Return 1 over a number that nothing changes; not linear where it may be 0."""
        if self.slopes:
            raise NotLinear
        usable = (self.low == self.high) & (self.low != 0.0)
        turned = 1.0 / np.where(usable, self.low, 1.0)
        return Form(turned, turned, {}, _both(self.is_linear, usable))


@dataclass(frozen=True, slots=True, eq=False)
class Quotient:
    """A number over another, plus one that nothing changes.

    Attributes
    ----------
    above : Form
        What is divided.
    below : Form or None
        By what; None = by nothing.
    rest : Form or None
        What is added; kept apart, so that an unknown denominator counts once only. None
        where there is no denominator.
    """

    above: Form
    below: Form | None = None
    rest: Form | None = None

    @property
    def is_changed(self) -> bool:
        """Whether any action changes it."""
        return bool(self.above.slopes) or (self.below is not None and bool(self.below.slopes))

    @property
    def linear(self) -> Flags:
        """For which firms all of it is linear, shape (n,)."""
        parts = [part for part in (self.below, self.rest) if part is not None]
        linear: Flags = np.logical_and.reduce([self.above.linear, *(p.linear for p in parts)])
        return linear

    def __neg__(self) -> Quotient:
        return Quotient(-self.above, self.below, None if self.rest is None else -self.rest)

    def __add__(self, other: Quotient) -> Quotient:
        if other.below is None:
            return self._plus(other.above)
        if self.below is None:
            return other._plus(self.above)
        if not self.below.slopes:
            return other + self.unfolded()
        return self + other.unfolded()

    def __sub__(self, other: Quotient) -> Quotient:
        return self + -other

    def __mul__(self, other: Quotient) -> Quotient:
        if self.below is None and other.below is None:
            return Quotient(self.above * other.above)
        if self.below is None:
            return other * self
        if other.below is None and not other.above.slopes:
            rest = None if self.rest is None else self.rest * other.above
            return Quotient(self.above * other.above, self.below, rest)
        left, right = self.joined(), other.joined()
        if right.below is None or left.below is None:
            return Quotient(left.above * right.above, left.below)
        return Quotient(left.above * right.above, left.below * right.below)

    def __truediv__(self, other: Quotient) -> Quotient:
        left, right = self.joined(), other.joined()
        above = left.above if right.below is None else left.above * right.below
        return Quotient(above, right.above if left.below is None else left.below * right.above)

    def _plus(self, form: Form) -> Quotient:
        if self.below is None:
            return Quotient(self.above + form)
        if form.slopes:
            return self.joined()._joined_with(form)
        return Quotient(self.above, self.below, form if self.rest is None else self.rest + form)

    def _joined_with(self, form: Form) -> Quotient:
        if self.below is None:
            return Quotient(self.above + form)
        return Quotient(self.above + form * self.below, self.below)

    def joined(self) -> Quotient:
        """Return it with what is added brought over the denominator."""
        return (
            self if self.rest is None else Quotient(self.above, self.below)._joined_with(self.rest)
        )

    def unfolded(self) -> Quotient:
        """Return it with what is below, if nothing changes that, multiplied in."""
        if self.below is None:
            return self
        whole = self.above * self.below.inverse()
        return Quotient(whole if self.rest is None else whole + self.rest)


def _times(left: Floats, right: Floats) -> Floats:
    """Return the product with 0 times infinity = 0."""
    with np.errstate(invalid="ignore"):
        product = left * right
    return np.where((left == 0.0) | (right == 0.0), 0.0, product)


def _finite(slopes: dict[int, Floats]) -> dict[int, Floats]:
    """Return slopes that are numbers; where one is not, the base is infinite anyway."""
    return {a: np.where(np.isfinite(slope), slope, 0.0) for a, slope in slopes.items()}


def _both(left: Flags | None, right: Flags | None) -> Flags | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right
