"""Figures of several years: sums over the years that a subject existed, and growth.

Years come latest first. Growth is ``0.5 (y2 / y1 + y3 / y2) - 1`` with the years oldest
first (高企认定 guideline 国科火发〔2016〕195号); its special cases are those of
:func:`official_growth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from jicheng.rules.expression import arithmetic
from jicheng.rules.expression.arithmetic import TOLERANCE
from jicheng.rules.expression.intervals import Flags, Floats, Interval

__all__ = [
    "BEFORE_FOUNDATION", "DOUBTED_FOUNDATION", "NEGATIVE_BASE", "ZERO_FIRST_YEAR",
    "ZERO_SECOND_YEAR", "Lifetime", "mean_growth", "official_growth", "window",
]  # fmt: skip

NEGATIVE_BASE = "negative_base"
ZERO_FIRST_YEAR = "zero_first_year"
ZERO_SECOND_YEAR = "zero_second_year"
BEFORE_FOUNDATION = "before_foundation"  # a year in which the subject did not exist
DOUBTED_FOUNDATION = "doubted_foundation"  # a figure of a year before it says otherwise

_FALL_TO_NOTHING = -1.0  # growth that gives no points in any list of bands
_HALF, _ONE = (Interval.known(np.array([value])) for value in (0.5, 1.0))

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Lifetime:
    """Since when subjects exist.

    Attributes
    ----------
    age : Interval
        Years between foundation and the year looked at, 0 = founded in it; at least 0,
        since a subject that is judged exists. Without an end where it is doubted.
    is_doubted : ndarray of bool
        Whose foundation a figure of an earlier year contradicts: what is told of years before
        it may be true or not.
    """

    age: Interval
    is_doubted: Flags

    @classmethod
    def of(
        cls, founded: Interval | None, year: int, *, is_doubted: Flags | None = None
    ) -> Lifetime:
        """Return it from the year of foundation; None = unknown."""
        if founded is None:
            return cls(Interval(np.zeros(1), np.full(1, np.inf)), np.zeros(1, dtype=np.bool_))
        doubted = np.zeros(1, dtype=np.bool_) if is_doubted is None else is_doubted
        oldest = np.maximum(year - founded.low, 0.0)
        if founded.is_point and not doubted.any():
            return cls(Interval.known(oldest), doubted)
        youngest = oldest if founded.is_point else np.maximum(year - founded.high, 0.0)
        return cls(Interval(youngest, np.where(doubted, np.inf, oldest)), doubted)

    def had(self, back: int, value: Interval) -> tuple[Flags, Flags]:
        """Tell who certainly and who possibly existed some years back.

        A figure of a year that is known, or at least not 0, shows that its subject existed,
        unless the year of foundation says otherwise; then both are doubted.
        """
        possibly: Flags = self.age.high >= back
        certainly: Flags = self.age.low >= back
        if certainly.all():
            return certainly, possibly
        shows = ~value.is_open | (value.low > 0) | (value.high < 0)
        return certainly | (possibly & shows & ~self.is_doubted), possibly

    def is_doubted_within(self, years: int) -> Flags:
        """Tell where it is doubted whether a subject existed in each of the last years."""
        found: Flags = self.is_doubted & (self.age.low < years - 1)
        return found


def window(years: Sequence[Interval], lifetime: Lifetime, *, is_mean: bool) -> Interval:
    """Return sum or mean over the years in which each subject existed.

    Where the year of foundation is not known either, the result spans every number of
    years that is possible; the year looked at always counts.

    Parameters
    ----------
    years : sequence of Interval
        Values, latest year first.
    lifetime : Lifetime
        Since when the subjects exist.
    is_mean : bool
        Whether to divide by the number of years.
    """
    found = list(accumulate(years, arithmetic.add))
    if is_mean:
        found = [_over(total, count) for count, total in enumerate(found, 1)]
    least, most = _years_counted(years, lifetime)
    rows = np.flatnonzero(np.broadcast_to(least < len(years), years[0].low.shape))
    if rows.size == 0:
        return found[-1]
    least, most = (np.broadcast_to(count, years[0].low.shape)[rows] for count in (least, most))
    spans = [(part.low[rows], part.high[rows]) for part in found]
    low, high = found[-1].low.copy(), found[-1].high.copy()
    low[rows], high[rows] = _span_of_counts(spans, least, most)
    return Interval.between(low, high)


def _span_of_counts(
    spans: Sequence[tuple[Floats, Floats]], least: Counts, most: Counts
) -> tuple[Floats, Floats]:
    """Return the hull of the results for each number of years that is possible."""
    low: Floats = np.full(least.shape, np.inf)
    high = -low
    for count, (part_low, part_high) in enumerate(spans, 1):
        counts = (least <= count) & (count <= most)
        low = np.where(counts, np.minimum(low, part_low), low)
        high = np.where(counts, np.maximum(high, part_high), high)
    return low, high


def _over(total: Interval, count: int) -> Interval:
    return arithmetic.divide(total, Interval.known(np.array([float(count)])))[0]


def _years_counted(years: Sequence[Interval], lifetime: Lifetime) -> tuple[Counts, Counts]:
    """Return in how many of the years each subject existed, at least and at most."""
    least: Counts = np.ones(1, dtype=np.int64)
    most = least
    for back in range(1, len(years)):
        certainly, possibly = lifetime.had(back, years[back])
        least = np.where(certainly, back + 1, least)
        most = np.where(possibly, back + 1, most)
    return least, most


def mean_growth(years: Sequence[Interval]) -> tuple[Interval, Flags | None]:
    """Return ``0.5 (y2 / y1 + y3 / y2) - 1`` without special cases.

    Returns
    -------
    Interval
        Growth.
    ndarray of bool, shape (n,), or None
        Where a denominator is known to be 0; None = nowhere.
    """
    latest, middle, first = years
    later, zero_middle = arithmetic.divide(latest, middle)
    earlier, zero_first = arithmetic.divide(middle, first)
    mean = arithmetic.multiply(_HALF, arithmetic.add(earlier, later))
    zeros = [where for where in (zero_middle, zero_first) if where is not None]
    is_zero: Flags | None = np.logical_or.reduce(zeros) if zeros else None
    return arithmetic.subtract(mean, _ONE), is_zero


def official_growth(
    years: Sequence[Interval], lifetime: Lifetime
) -> tuple[Interval, dict[str, Flags]]:
    """Return growth by the official formula with its special cases.

    A first year of 0 leaves ``y3 / y2 - 1``. A second year of 0 gives no points, which is
    written as growth of -1. A first or second year below 0 (net assets) leaves growth
    unknown: ours, the document does not say. A year before the foundation counts as 0,
    ours too.

    Returns
    -------
    Interval
        Growth.
    dict of str to ndarray of bool, shape (n,)
        Flags of the special cases, where they certainly apply.
    """
    latest = years[0]
    middle, first = (_existing(years[back], back, lifetime) for back in (1, 2))
    is_negative: Flags = (first.high < -TOLERANCE) | (middle.high < -TOLERANCE)
    flags = {
        NEGATIVE_BASE: is_negative,
        ZERO_FIRST_YEAR: ~is_negative & _is_zero(first),
        ZERO_SECOND_YEAR: ~is_negative & _is_zero(middle),
        BEFORE_FOUNDATION: np.broadcast_to(lifetime.age.high < len(years) - 1, latest.low.shape),
        DOUBTED_FOUNDATION: np.broadcast_to(
            lifetime.is_doubted_within(len(years)), latest.low.shape
        ),
    }
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        growth = _known_growth(latest.low, middle.low, first.low)
        is_open = is_negative | latest.is_open | middle.is_open | first.is_open
        rows = np.flatnonzero(is_open | ~np.isfinite(growth))
        if rows.size == 0:
            return Interval.known(growth), flags
        low, high = growth, growth.copy()
        low[rows], high[rows] = _open_growth(*(_at(part, rows) for part in (latest, middle, first)))
    return Interval(low, high), flags


def _at(value: Interval, rows: NDArray[np.intp]) -> Interval:
    return Interval(value.low[rows], value.high[rows])


def _existing(value: Interval, back: int, lifetime: Lifetime) -> Interval:
    """Return a year's value, 0 where the subject did not exist yet."""
    certainly, possibly = lifetime.had(back, value)
    rows = np.flatnonzero(np.broadcast_to(~certainly, value.low.shape))
    if rows.size == 0:
        return value
    may_be = np.broadcast_to(possibly, value.low.shape)[rows]
    low, high = value.low.copy(), value.high.copy()
    low[rows] = np.where(may_be, np.minimum(low[rows], 0.0), 0.0)
    high[rows] = np.where(may_be, np.maximum(high[rows], 0.0), 0.0)
    return Interval.between(low, high)


def _is_zero(value: Interval) -> Flags:
    return (value.low >= -TOLERANCE) & (value.high <= TOLERANCE)


def _known_growth(latest: Floats, middle: Floats, first: Floats) -> Floats:
    later = latest / middle
    growth = np.where(first > TOLERANCE, 0.5 * (middle / first + later), later) - 1.0
    return np.where(middle > TOLERANCE, growth, _FALL_TO_NOTHING)


def _open_growth(latest: Interval, middle: Interval, first: Interval) -> tuple[Floats, Floats]:
    """Span the cases that are possible: first year 0 or not, second year 0 or not."""
    least_middle, least_first = np.maximum(middle.low, 0.0), np.maximum(first.low, 0.0)
    far_middle = least_middle > TOLERANCE
    far_first = least_first > TOLERANCE
    later_low = np.where(
        latest.low >= 0, latest.low / middle.high,
        np.where(far_middle, latest.low / least_middle, -np.inf),
    )  # fmt: skip
    later_high = np.where(
        latest.high < 0, latest.high / middle.high,
        np.where(far_middle, latest.high / least_middle, np.inf),
    )  # fmt: skip
    earlier_low = least_middle / first.high
    earlier_high = np.where(far_first, middle.high / least_first, np.inf)
    has_middle = middle.high > TOLERANCE
    cases = (
        (has_middle & ~far_first, later_low - 1.0, later_high - 1.0),
        (
            has_middle & (first.high > TOLERANCE),
            0.5 * (earlier_low + later_low) - 1.0,
            0.5 * (earlier_high + later_high) - 1.0,
        ),
        (~far_middle, _FALL_TO_NOTHING, _FALL_TO_NOTHING),
    )
    low: Floats = np.full(latest.low.shape, np.inf)
    high = -low
    for applies, case_low, case_high in cases:
        low = np.where(applies, np.minimum(low, case_low), low)
        high = np.where(applies, np.maximum(high, case_high), high)
    is_unclear = (middle.low < -TOLERANCE) | (first.low < -TOLERANCE)
    return np.where(is_unclear, -np.inf, low), np.where(is_unclear, np.inf, high)
