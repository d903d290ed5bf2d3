"""Numbers that may be known only roughly, conditions that may be open: arrays of both.

A number is an interval, a condition one of true, false and unknown. Where a number is
known both ends are the same array, so that a list of firms with complete data costs what
plain arrays cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNKNOWN", "Choices", "Codes", "Flags", "Floats", "Interval", "Truth"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int32]

UNKNOWN = -1  # code of a choice that is not known


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Numbers between two ends, one for each subject.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n,)
        Ends, ``low <= high``, infinite where nothing limits; the same array where every
        number is known.
    """

    low: Floats
    high: Floats

    @classmethod
    def known(cls, values: Floats) -> Interval:
        """Return numbers that are known."""
        return cls(values, values)

    @classmethod
    def between(cls, low: Floats, high: Floats) -> Interval:
        """Return numbers between two ends, as one array if they are equal throughout."""
        if low is high or np.array_equal(low, high):
            return cls(low, low)
        return cls(low, high)

    @classmethod
    def unknown(cls, n: int, low: float = -np.inf, high: float = np.inf) -> Interval:
        """Return numbers of which only their natural range is known."""
        return cls(np.full(n, low), np.full(n, high))

    def within(self, low: float, high: float) -> Interval:
        """Return what of each interval lies between two numbers.

        Known numbers, and intervals that lie outside altogether, stay as they are.
        """
        if self.is_point or (
            self.low.min(initial=low) >= low and self.high.max(initial=high) <= high
        ):
            return self
        least, most = np.maximum(self.low, low), np.minimum(self.high, high)
        cuts = (self.low != self.high) & (least <= most)
        return Interval.between(np.where(cuts, least, self.low), np.where(cuts, most, self.high))

    def or_zero(self, where: Flags) -> Interval:
        """Return what lies between each interval and 0 where it may be nothing as well."""
        return Interval.between(
            np.where(where, np.minimum(self.low, 0.0), self.low),
            np.where(where, np.maximum(self.high, 0.0), self.high),
        )

    def met(self, follows: Interval) -> Interval:
        """Return what lies in both; where they contradict, this one."""
        if self.is_point:
            return self
        low, high = np.maximum(self.low, follows.low), np.minimum(self.high, follows.high)
        agree = low <= high
        return Interval.between(np.where(agree, low, self.low), np.where(agree, high, self.high))

    def spread(self, n: int) -> Interval:
        """Return ends of n numbers, of which there may be one for all."""
        if self.low.shape == self.high.shape == (n,):
            return self
        low = np.broadcast_to(self.low, (n,))
        return Interval(low, low if self.is_point else np.broadcast_to(self.high, (n,)))

    @property
    def is_point(self) -> bool:
        """Whether both ends are the same array."""
        return self.low is self.high

    @property
    def is_open(self) -> Flags:
        """Where the number is not known exactly, shape (n,)."""
        if self.is_point:
            return np.zeros(self.low.shape, dtype=np.bool_)
        is_open: Flags = self.low != self.high
        return is_open


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Conditions in three values, one for each subject.

    Attributes
    ----------
    certainly, possibly : ndarray of bool, shape (n,)
        Whether it is true whatever the unknown facts are, and whether it is for some;
        ``certainly`` implies ``possibly``. Unknown = possibly, not certainly. The same
        array where every condition is known.
    """

    certainly: Flags
    possibly: Flags

    @classmethod
    def known(cls, values: Flags) -> Truth:
        """Return conditions that are known."""
        return cls(values, values)

    @classmethod
    def between(cls, certainly: Flags, possibly: Flags) -> Truth:
        """Return conditions in three values, as one array if all are known."""
        if certainly is possibly or np.array_equal(certainly, possibly):
            return cls(certainly, certainly)
        return cls(certainly, possibly)

    @classmethod
    def unknown(cls, n: int) -> Truth:
        """Return conditions of which nothing is known."""
        return cls(np.zeros(n, dtype=np.bool_), np.ones(n, dtype=np.bool_))

    def met(self, follows: Truth) -> Truth:
        """Return what this says, and where it is unknown what the other does."""
        if self.is_known:
            return self
        is_open = self.is_open
        return Truth.between(
            self.certainly | (is_open & follows.certainly),
            self.certainly | (is_open & follows.possibly),
        )

    def spread(self, n: int) -> Truth:
        """Return n conditions, of which there may be one for all."""
        certainly = np.broadcast_to(self.certainly, (n,))
        return Truth(
            certainly, certainly if self.is_known else np.broadcast_to(self.possibly, (n,))
        )

    def as_number(self) -> Interval:
        """Return 1 where it is true, 0 where not, in between where it is unknown."""
        certain = self.certainly.astype(np.float64)
        if self.is_known:
            return Interval.known(certain)
        return Interval(certain, self.possibly.astype(np.float64))

    @property
    def is_known(self) -> bool:
        """Whether both are the same array."""
        return self.certainly is self.possibly

    @property
    def is_open(self) -> Flags:
        """Where the condition is unknown, shape (n,)."""
        return self.possibly & ~self.certainly

    def __and__(self, other: Truth) -> Truth:
        if self.is_known and other.is_known:
            return Truth.known(self.certainly & other.certainly)
        return Truth(self.certainly & other.certainly, self.possibly & other.possibly)

    def __or__(self, other: Truth) -> Truth:
        if self.is_known and other.is_known:
            return Truth.known(self.certainly | other.certainly)
        return Truth(self.certainly | other.certainly, self.possibly | other.possibly)

    def __invert__(self) -> Truth:
        if self.is_known:
            return Truth.known(~self.certainly)
        return Truth(~self.possibly, ~self.certainly)


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """One of several values for each subject.

    Attributes
    ----------
    values : tuple of str
        The values that occur.
    codes : ndarray of int32, shape (n,)
        Place in ``values``; -1 = unknown.
    """

    values: tuple[str, ...]
    codes: Codes

    def is_any_of(self, wanted: tuple[str, ...]) -> Truth:
        """Tell for which subjects the value is among ``wanted``."""
        found = np.array([value in wanted for value in self.values] + [False])
        certainly: Flags = found[self.codes]
        if self.codes.size == 0 or self.codes.min() >= 0:
            return Truth.known(certainly)
        return Truth(certainly, certainly | (self.codes == UNKNOWN))
