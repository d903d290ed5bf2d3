"""From criteria to a score: a sum anybody can check, as an interval where data is missing.

    score = 100 x sum of w_c s_c / sum of w_c over the criteria that apply

A criterion that the zone cannot tell of anybody who takes part (no texts, no positions, no
capability of a facility) does not apply and its weight is spread over the others. One of
which only this candidate has no data is never zero: it can be anything from 0 to 1, and the
score becomes the interval of what that leaves possible. For the order it counts like the
average of all who pass the filters and of whom there is data, found by a channel or not: the
middle between 0 and 1 would put those first of whom nothing is known. A level that is known
to lie in an interval counts with its middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.integrate.match.levels import Interval

__all__ = ["Scores", "add_up"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of all candidates.

    Attributes
    ----------
    low, mid, high : ndarray of float64, shape (n,)
        Points from 0 to 100; ``mid`` makes the order.
    parts : dict of str to Interval
        Of each criterion that applies.
    counted : dict of str to ndarray of float64, shape (n,)
        Value of each that counts for the order.
    weights : dict of str to float
        Weight of each of them, sum 1.
    left_out : tuple of str
        Criteria with a weight that do not apply to anybody here.
    """

    low: Floats
    mid: Floats
    high: Floats
    parts: dict[str, Interval]
    counted: dict[str, Floats]
    weights: dict[str, float]
    left_out: tuple[str, ...]


def add_up(
    parts: Mapping[str, Interval | None],
    weights: Mapping[str, float],
    among: NDArray[np.bool_],
) -> Scores:
    """Add criteria up.

    Parameters
    ----------
    parts : mapping of str to Interval or None
        Values by criterion; None = the zone has nothing of which it could be told.
    weights : mapping of str to float
        Weights of criteria, >= 0.
    among : ndarray of bool, shape (n,)
        Who takes part: of whom a criterion must tell something, and whose average stands for
        who has no data.

    Returns
    -------
    Scores
        All zero, with no parts, if no criterion applies.
    """
    used = {
        name: part
        for name, part in parts.items()
        if part is not None and weights[name] > 0.0 and _is_told(part, among)
    }
    left_out = tuple(name for name in parts if name not in used and weights[name] > 0.0)
    total = sum(weights[name] for name in used)
    low, mid, high = (np.zeros(len(among)) for _ in range(3))
    shares = {name: weights[name] / total for name in used}
    counted = {name: _counted(part, among) for name, part in used.items()}
    for name, part in used.items():
        low += 100.0 * shares[name] * part.low
        mid += 100.0 * shares[name] * counted[name]
        high += 100.0 * shares[name] * part.high
    return Scores(low, mid, high, used, counted, shares, left_out)


def _is_told(part: Interval, among: NDArray[np.bool_]) -> bool:
    """Tell whether there is data of anybody who takes part (or nobody does)."""
    return bool((part.known & among).any()) or not bool(among.any())


def _counted(part: Interval, among: NDArray[np.bool_]) -> Floats:
    middle = (part.low + part.high) / 2.0
    told = part.known & among
    count = np.count_nonzero(told)
    average = float(np.sum(middle, where=told)) / count if count else 0.5
    return np.where(part.known, middle, average)
