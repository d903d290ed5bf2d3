"""Values to try for a fact that is missing: where rules could change their mind.

A number is tried on a grid over its natural range, then again between neighbours that
some rule tells apart, so that every bound is met closely whatever the known facts are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicheng.rules.expression.intervals import Flags, Floats
from jicheng.rules.facts.dictionary import FactDefinition
from jicheng.rules.pack.model import Judged

__all__ = ["Trial", "between", "first_values"]

_DECADES = (-4, 13)  # from a ten-thousandth to ten trillion: shares, counts and yuan
_PER_DECADE = 4
_MOST_WHOLE = 40  # whole numbers that are tried one by one
_PER_GAP = 12  # values between two neighbours


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Values of one missing fact, rising.

    Attributes
    ----------
    fact : str
        Name.
    offset : int
        Year, 0 = the evaluation year.
    kind : str
        ``number``, ``condition`` or ``choice``.
    values : ndarray of float64, shape (k,)
        Numbers; 0 and 1 for a condition; places among ``words`` for a choice.
    words : tuple of str
        Of a choice.
    is_whole : bool
        Whether only whole numbers make sense.
    """

    fact: str
    offset: int
    kind: str
    values: Floats
    words: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def n(self) -> int:
        """Number of values."""
        return len(self.values)


def first_values(definition: FactDefinition, low: float, high: float) -> Floats:
    """Return a grid over what a number may be.

    Parameters
    ----------
    definition : FactDefinition
        Tells whether it is whole.
    low, high : float
        Between which it is known to lie.
    """
    start, stop = _DECADES
    sizes = np.logspace(start, stop, (stop - start) * _PER_DECADE + 1)
    steps = np.arange(_MOST_WHOLE + 1.0)
    tried = np.concatenate([-sizes[sizes >= 1], sizes, steps, [low, high]])
    if definition.is_integer:
        tried = np.round(tried)
    inside = (tried >= low) & (tried <= high) & np.isfinite(tried)
    return np.unique(tried[inside])


def between(values: Floats, is_gap: Flags, *, is_whole: bool) -> Floats:
    """Return values inside the gaps between neighbours, shape (n_gaps * per gap,).

    Parameters
    ----------
    values : ndarray of float64, shape (k,)
        Rising.
    is_gap : ndarray of bool, shape (k - 1,)
        Between which to look closer.
    is_whole : bool
        Whether only whole numbers make sense.
    """
    parts = np.arange(1, _PER_GAP + 1) / (_PER_GAP + 1)
    left, right = values[:-1][is_gap], values[1:][is_gap]
    found = (left[:, None] + (right - left)[:, None] * parts).ravel()
    if is_whole:
        found = np.round(found)
    return np.setdiff1d(found, values)


def judged_values(rule: Judged) -> Floats:
    """Return the points that an expert may give: whole ones and the ends of levels."""
    ends = [end for _, low, high in rule.levels for end in (low, high)]
    return np.unique([*ends, *np.arange(np.ceil(min(ends)), np.floor(max(ends)) + 1)])
