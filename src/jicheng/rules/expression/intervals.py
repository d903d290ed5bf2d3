"""Numbers that may be known only roughly, conditions that may be open: arrays of both.

A number is an interval, a condition one of true, false and unknown. Where a number is
known both ends are the same array, so that a list of firms with complete data costs what
plain arrays cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flags", "Floats", "Interval", "Truth"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


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

    @property
    def is_point(self) -> bool:
        """Whether both ends are the same array."""
        return self.low is self.high


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Conditions in three values, one for each subject.

    Attributes
    ----------
    certainly, possibly : ndarray of bool, shape (n,)
        Whether it is true whatever the unknown facts are, and whether it is for some;
        ``certainly`` implies ``possibly``. Unknown = possibly, not certainly.
    """

    certainly: Flags
    possibly: Flags

    @classmethod
    def known(cls, values: Flags) -> Truth:
        """Return conditions that are known."""
        return cls(values, values)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.certainly & other.certainly, self.possibly & other.possibly)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.certainly | other.certainly, self.possibly | other.possibly)

    def __invert__(self) -> Truth:
        return Truth(~self.possibly, ~self.certainly)
