"""Comparisons of numbers that actions change, as thresholds linear in the amounts.

``a / b >= c`` becomes ``b > 0 and a - c b >= 0``, or the same with both signs turned where b
may be negative. Unknown facts count at the end that is worst for the comparison, or at the
best if the question is what is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jicheng.rules.expression.arithmetic import TOLERANCE, just_above, just_below
from jicheng.rules.expression.intervals import Floats
from jicheng.rules.expression.nodes import Relation
from jicheng.select.ladder.forms import Form, Quotient
from jicheng.select.ladder.formula import Formula, Known, Threshold, all_of, any_of

__all__ = ["MIRRORED", "OPPOSITE", "Comparer"]

OPPOSITE = {
    Relation.AT_LEAST: Relation.BELOW, Relation.BELOW: Relation.AT_LEAST,
    Relation.AT_MOST: Relation.ABOVE, Relation.ABOVE: Relation.AT_MOST,
}  # fmt: skip
"""What holds where a relation does not."""

MIRRORED = {
    Relation.AT_LEAST: Relation.AT_MOST, Relation.AT_MOST: Relation.AT_LEAST,
    Relation.ABOVE: Relation.BELOW, Relation.BELOW: Relation.ABOVE,
    Relation.EQUAL: Relation.EQUAL,
}  # fmt: skip
"""The relation with both sides exchanged."""

_STRICT = {Relation.ABOVE, Relation.BELOW}
_RISING = {Relation.AT_LEAST, Relation.ABOVE}


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares numbers for a list of firms.

    Attributes
    ----------
    most : sequence of float
        Largest amount of every action.
    is_favourable : bool
        Whether unknown facts count at their best end instead of their worst.
    """

    most: Sequence[float]
    is_favourable: bool = False

    def compare(self, left: Quotient, relation: Relation, right: Quotient) -> Formula:
        """Return when ``left relation right``, with the tolerance of the rules."""
        if relation is Relation.EQUAL:
            parts = (Relation.AT_LEAST, Relation.AT_MOST)
            return all_of(*(self.compare(left, each, right) for each in parts))
        return self.order(left, relation, _moved(right, relation))

    def _apart(self, left: Quotient, right: Quotient) -> tuple[Quotient, Quotient]:
        """Return two sides with what is added to a quotient moved to a plain other side."""
        if left.rest is not None and right.below is None and not right.is_changed:
            return Quotient(left.above, left.below), Quotient(right.above - left.rest)
        if right.rest is not None and left.below is None and not left.is_changed:
            return Quotient(left.above - right.rest), Quotient(right.above, right.below)
        return left.joined(), right.joined()

    def _end(self, number: Quotient, *, is_high: bool) -> Quotient:
        """Return the end that counts of a number that nothing changes."""
        if number.is_changed or number.below is not None:
            return number
        form = number.above
        end = form.high if is_high != self.is_favourable else form.low
        return Quotient(Form(end, end, {}, form.is_linear))

    def order(self, left: Quotient, relation: Relation, right: Quotient) -> Formula:
        """Return when ``left relation right`` without any tolerance."""
        rises = relation in _RISING
        left, right = self._apart(left, right)
        left, right = self._end(left, is_high=not rises), self._end(right, is_high=rises)
        gap = (left - right if rises else right - left).joined()
        found = self._positive(gap, is_strict=relation in _STRICT)
        linear = gap.linear
        return found if bool(linear.all()) else all_of(Known(linear), found)

    def is_positive(self, form: Form) -> bool:
        """Whether a number is above 0 for every firm whatever is done."""
        return self._least(form) > 0

    def _positive(self, gap: Quotient, *, is_strict: bool) -> Formula:
        """Return when a quotient is at least 0, or above it."""
        if gap.below is None:
            return self._threshold(gap.above, is_strict=is_strict)
        above, below = gap.above, gap.below
        first = self._threshold(above, is_strict=is_strict)
        is_positive = self._threshold(below, is_strict=True)
        cases = [first if self._least(below) > 0 else all_of(is_positive, first)]
        if self._least(below) < 0:
            turned = self._threshold(-above, is_strict=is_strict)
            cases.append(all_of(self._threshold(-below, is_strict=True), turned))
        if self.is_favourable and self._least(below) <= 0:  # over 0 anything is possible
            zero = (self._threshold(below), self._threshold(-below))
            cases.append(all_of(*zero))
        return any_of(*cases)

    def _threshold(self, form: Form, *, is_strict: bool = False) -> Formula:
        base = form.high if self.is_favourable else form.low
        if not form.slopes:
            return Known(base > 0 if is_strict else base >= 0)
        base = np.where(np.isnan(base), np.inf if self.is_favourable else -np.inf, base)
        return Threshold(base, tuple(sorted(form.slopes.items())), is_strict)

    def _least(self, form: Form) -> float:
        """Return the least that a number can be for any firm, whatever is done."""
        least: Floats = form.low
        for action, slope in form.slopes.items():
            least = least + np.minimum(slope, 0.0) * self.most[action]
        return float(least.min(initial=np.inf))


def _moved(bound: Quotient, relation: Relation) -> Quotient:
    """Return a bound with the tolerance in favour of equality."""
    down = relation in {Relation.AT_LEAST, Relation.BELOW}
    move = just_below if down else just_above
    if not bound.is_changed and bound.below is None:
        form = bound.above
        return Quotient(Form(move(form.low), move(form.high), {}, form.is_linear))
    # a bound that actions change: its tolerance is that of its size today
    below = 1.0 if bound.below is None else _middle(bound.below)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(_middle(bound.above) / below)
    amount = TOLERANCE * np.maximum(1.0, np.where(np.isfinite(size), size, 1.0))
    return bound + Quotient(Form(*(2 * (-amount if down else amount,))))


def _middle(form: Form) -> Floats:
    return np.where(
        np.isfinite(form.low), form.low, np.where(np.isfinite(form.high), form.high, 1.0)
    )
