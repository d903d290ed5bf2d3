"""From draws to verdicts, intervals, ranks and priorities.

* chokepoint: P(V >= v* and I >= i*) is at least 0.8, and the evidence is not of grade D
  unless a person has confirmed it;
* safe: P is at most 0.1, the evidence is of grade A or B, and this holds whatever
  weights the members of unweighted categories have;
* no data: without shares, or if no arrow leads to a final product;
* watch: everything else.

Ranks and the front compare with leaves only, so that a category, which repeats what its
members say, changes no leaf's figure. All rules are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.select.evidence import GRADES, NO_GRADE
from jicheng.select.scenario import Scenario
from jicheng.select.settings import ChokepointSettings
from jicheng.select.uncertainty import Draws

__all__ = [
    "Interval",
    "Probabilities",
    "Ranks",
    "front",
    "hits",
    "intervals",
    "probabilities",
    "rank",
    "verdicts",
]

Array = NDArray[np.float64]
_SLACK = 1e-12  # a figure that equals its threshold up to rounding reaches it


@dataclass(frozen=True)
class Probabilities:
    """P(V >= v* and I >= i*) per technology; nan where unknown, shape (n,) each.

    Attributes
    ----------
    mixed, linear, leontief : ndarray of float64
        In each variant; the verdict is that of ``mixed``.
    spread, one_hand : ndarray of float64
        Mixed, over the draws with the unexplained mass spread thin, and in one hand.
    best, worst : ndarray of float64
        Mixed, if members of unweighted categories replace one another, if they cannot.
    """

    mixed: Array
    linear: Array
    leontief: Array
    spread: Array
    one_hand: Array
    best: Array
    worst: Array


@dataclass(frozen=True)
class Interval:
    """A low and a high end, shape (n,) each."""

    low: Array
    high: Array


@dataclass(frozen=True)
class Ranks:
    """Ranks of V times full impact, 1 = most exposed, 0 = none; shape (n,) each."""

    point: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def hits(v: Array, impact: Array, scenario: Scenario) -> NDArray[np.bool_]:
    """Tell where V and I both reach their thresholds."""
    exposed = v >= scenario.threshold_vulnerability - _SLACK
    return np.asarray(exposed & (impact >= scenario.threshold_impact - _SLACK), dtype=np.bool_)


def probabilities(draws: Draws, scenario: Scenario) -> Probabilities:
    """Return the share of draws that reach both thresholds, in every treatment."""
    known = ~(np.isnan(draws.vulnerability) | np.isnan(draws.mixed)).any(axis=0)

    def share(impact: Array, among: NDArray[np.bool_] | None = None) -> Array:
        hit = hits(draws.vulnerability, impact, scenario)
        if among is None:
            return np.where(known, hit.mean(axis=0), np.nan)
        count = among.sum(axis=0)
        met = (hit & among).sum(axis=0) / np.maximum(count, 1)
        return np.where(known & (count > 0), met, np.nan)

    return Probabilities(
        mixed=share(draws.mixed),
        linear=share(draws.linear),
        leontief=share(draws.leontief),
        spread=share(draws.mixed, ~draws.is_one_hand),
        one_hand=share(draws.mixed, draws.is_one_hand),
        best=share(draws.best),
        worst=share(draws.worst),
    )


def verdicts(
    found: Probabilities,
    grade: NDArray[np.int64],
    confirmed: NDArray[np.bool_],
    settings: ChokepointSettings,
) -> list[str]:
    """Return the verdict of every technology.

    Parameters
    ----------
    found : Probabilities
        Shares of draws.
    grade : ndarray of int64, shape (n,)
        Evidence, ``NO_GRADE`` without shares.
    confirmed : ndarray of bool, shape (n,)
        Technologies whose verdict a person has confirmed despite grade D.
    settings : ChokepointSettings
        The two probabilities.
    """
    unknown = (grade == NO_GRADE) | np.isnan(found.mixed)
    likely = found.mixed >= settings.probability_chokepoint - _SLACK
    trusted = (grade < GRADES.index("D")) | confirmed
    limit = settings.probability_safe + _SLACK
    safe = (found.mixed <= limit) & (found.worst <= limit) & (grade <= GRADES.index("B"))
    chosen = np.select(
        [unknown, likely & trusted, safe], ["no_data", "chokepoint", "safe"], "watch"
    )
    return [str(verdict) for verdict in chosen]


def intervals(low: Array, high: Array, point: Array, settings: ChokepointSettings) -> Interval:
    """Return the interval of draws, widened where needed to hold the point.

    Parameters
    ----------
    low, high : ndarray of float64, shape (d, n)
        Draws whose lower and upper quantile end the interval; equal unless the low
        and the high end treat the members of categories differently.
    point : ndarray of float64, shape (n,)
        Point values; nan = unknown.
    """
    known = ~np.isnan(point)
    below, above = np.full(len(point), np.nan), np.full(len(point), np.nan)
    if known.any():
        below[known] = np.quantile(low[:, known], settings.tail, axis=0)
        above[known] = np.quantile(high[:, known], 1.0 - settings.tail, axis=0)
    return Interval(np.fmin(below, point), np.fmax(above, point))


def rank(
    point: Array, draws: Array, is_leaf: NDArray[np.bool_], settings: ChokepointSettings
) -> Ranks:
    """Rank scores from the highest, with the interval of ranks over draws.

    Parameters
    ----------
    point : ndarray of float64, shape (n,)
        V times full impact; nan = not ranked.
    draws : ndarray of float64, shape (d, n)
        The same per draw.
    is_leaf : ndarray of bool, shape (n,)
        Technologies that count as competitors. Others get the place that they would
        take among the leaves.
    settings : ChokepointSettings
        The tail of the interval.

    Notes
    -----
    Ties share the better rank. Ends of the interval are observed ranks.
    """
    known = np.flatnonzero(~np.isnan(point))
    ranks = [np.zeros(len(point), dtype=np.int64) for _ in range(3)]
    if len(known):
        leaf = is_leaf[known]
        drawn = _ranks(draws[:, known], leaf)
        at = _ranks(point[None, known], leaf)[0]
        ends = np.quantile(
            drawn, [settings.tail, 1.0 - settings.tail], axis=0, method="inverted_cdf"
        )
        ranks[0][known] = at
        ranks[1][known] = np.minimum(ends[0], at)
        ranks[2][known] = np.maximum(ends[1], at)
    return Ranks(*ranks)


def _ranks(scores: Array, is_leaf: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return 1 + the number of leaves with a higher score, per row."""
    higher = np.empty(scores.shape, dtype=np.int64)
    leaves = np.sort(scores[:, is_leaf], axis=1)
    for row in range(len(scores)):
        at_most = np.searchsorted(leaves[row], scores[row] + _SLACK, side="right")
        higher[row] = leaves.shape[1] - at_most
    return higher + 1


def front(gain: Array, full: Array, years: Array, is_leaf: NDArray[np.bool_]) -> list[bool | None]:
    """Tell which technologies no leaf beats in V, full impact and years at once.

    Parameters
    ----------
    gain, full, years : ndarray of float64, shape (n,)
        V (more is more urgent), full impact (likewise), years to substitute (fewer
        are easier); nan = unknown.
    is_leaf : ndarray of bool, shape (n,)
        Technologies that may beat others.

    Returns
    -------
    list of bool or None
        None where a value is unknown: such a technology is listed apart, neither on
        the front nor beaten. Ties are all on the front.
    """
    known = ~(np.isnan(gain) | np.isnan(full) | np.isnan(years))
    axes = np.column_stack([gain, full, -years])
    rivals = axes[known & is_leaf]
    result: list[bool | None] = []
    for point, is_known in zip(axes, known, strict=True):
        if not is_known:
            result.append(None)
            continue
        beaten = (rivals >= point).all(axis=1) & (rivals > point + _SLACK).any(axis=1)
        result.append(not bool(beaten.any()))
    return result
