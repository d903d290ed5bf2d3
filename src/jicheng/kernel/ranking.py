"""How good rankings are: nDCG, recall, precision, their intervals, and calibration.

Scores and grades are matrices of one row a query and one column a text. A text whose score
is minus infinity was not returned and gains nothing. Texts of equal score keep the order of
their columns, so that nothing depends on how a sort happens to treat ties.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Calibration",
    "Interval",
    "bootstrap_interval",
    "calibration",
    "found_at",
    "ndcg",
    "paired_difference",
    "precision_at_1",
    "recall_at",
]

Floats = NDArray[np.float64]
Grades = NDArray[np.int64]

_BLOCK = 500  # draws whose picks are held at once


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over queries and between which ends it lies.

    Attributes
    ----------
    mean : float
        Mean over the queries that count; nan without any.
    low, high : float
        Ends of the interval.
    count : int
        Queries that count, those whose value is not nan.
    """

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Whether scores mean what they say.

    Attributes
    ----------
    low, high : ndarray of float64, shape (b,)
        Ends of the bins; a score on an end belongs to the bin above it, 1 to the last one.
    count : ndarray of int64, shape (b,)
        Scores in each bin.
    score, right : ndarray of float64, shape (b,)
        Mean score and share of right ones in each bin; nan where a bin is empty.
    error : float
        Expected calibration error, 0..1; nan without any score.
    """

    low: Floats
    high: Floats
    count: NDArray[np.int64]
    score: Floats
    right: Floats
    error: float


def ndcg(scores: ArrayLike, grades: ArrayLike, *, first: int = 10) -> Floats:
    r"""Return the normalised discounted cumulative gain of each query.

    .. math:: \mathrm{nDCG@k} = \frac{1}{Z} \sum_{r=1}^{k} \frac{2^{g_r} - 1}{\log_2(r + 1)}

    where :math:`g_r` is the grade of the text at rank r and Z the same sum for the best
    possible order.

    Parameters
    ----------
    scores : array_like of float, shape (q, n)
        Higher is better; minus infinity where a text was not returned.
    grades : array_like of int, shape (q, n)
        How relevant each text is, from 0.
    first : int, default 10
        Ranks that count.

    Returns
    -------
    ndarray of float64, shape (q,)
        In 0..1; nan where a query has no relevant text.

    Notes
    -----
    Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS
    20(4), 2002; the gain :math:`2^g - 1` and the discount as in Burges et al., Learning to
    rank using gradient descent, ICML 2005.
    """
    score, grade = _checked(scores, grades, first)
    taken = _in_order(score, grade)[:, :first]
    ideal = -np.sort(-grade, axis=1)[:, :first]
    discount = 1.0 / np.log2(np.arange(2, taken.shape[1] + 2))
    best = (np.exp2(ideal) - 1.0) @ discount
    return _over((np.exp2(taken) - 1.0) @ discount, best)


def recall_at(scores: ArrayLike, grades: ArrayLike, *, first: int = 10, least: int = 1) -> Floats:
    """Return the share of each query's relevant texts that is among the first.

    Parameters
    ----------
    scores, grades : array_like, shape (q, n)
        As in `ndcg`.
    first : int, default 10
        Ranks that count.
    least : int, default 1
        Lowest grade that is relevant.

    Returns
    -------
    ndarray of float64, shape (q,)
        In 0..1; nan where a query has no relevant text. Where more texts are relevant than
        ranks count, 1 cannot be reached.
    """
    score, grade = _checked(scores, grades, first)
    found = (_in_order(score, grade)[:, :first] >= least).sum(axis=1)
    return _over(found.astype(np.float64), (grade >= least).sum(axis=1).astype(np.float64))


def precision_at_1(scores: ArrayLike, grades: ArrayLike, *, least: int = 2) -> Floats:
    """Return 1 where the first text of a query is at least so relevant, else 0.

    Parameters
    ----------
    scores, grades : array_like, shape (q, n)
        As in `ndcg`.
    least : int, default 2
        Lowest grade that is right.

    Returns
    -------
    ndarray of float64, shape (q,)
        0 or 1; nan where no text of the query has that grade.
    """
    score, grade = _checked(scores, grades, 1)
    right = (_in_order(score, grade)[:, 0] >= least).astype(np.float64)
    return np.where((grade >= least).any(axis=1), right, np.nan)


def found_at(scores: ArrayLike, wanted: ArrayLike, *, first: int = 10) -> Floats:
    """Return 1 where the one wanted text of a query is among the first, else 0.

    Parameters
    ----------
    scores : array_like of float, shape (q, n)
        As in `ndcg`.
    wanted : array_like of int, shape (q,)
        Column of the wanted text.
    first : int, default 10
        Ranks that count.

    Returns
    -------
    ndarray of float64, shape (q,)
        0 or 1.
    """
    columns = np.asarray(wanted, dtype=np.int64)
    grades = np.zeros(np.shape(scores), dtype=np.int64)
    grades[np.arange(columns.size), columns] = 1
    return recall_at(scores, grades, first=first)


def bootstrap_interval(
    values: ArrayLike, *, level: float = 0.95, draws: int = 10_000, seed: int = 1
) -> Interval:
    """Return the mean over queries with its percentile bootstrap interval.

    Queries are drawn with replacement, as many as there are; the ends are quantiles of the
    means of the draws.

    Parameters
    ----------
    values : array_like of float, shape (q,)
        One value a query; nan is left out.
    level : float, default 0.95
        Share of the means that lies between the ends, in 0..1.
    draws : int, default 10,000
        Times the queries are drawn.
    seed : int, default 1
        The same seed gives the same interval.

    Notes
    -----
    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. It tells how
    much the choice of *these queries* matters, not whether queries or texts are like those
    of the field.
    """
    if not 0.0 < level < 1.0 or draws < 1:
        raise ValueError("level lies between 0 and 1, and at least one draw is needed")
    all_values = np.asarray(values, dtype=np.float64).ravel()
    known = all_values[~np.isnan(all_values)]
    if known.size == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    generator = np.random.default_rng(seed)
    means = np.empty(draws)
    for start in range(0, draws, _BLOCK):
        block = means[start : start + _BLOCK]
        block[:] = known[generator.integers(known.size, size=(block.size, known.size))].mean(axis=1)
    low, high = np.quantile(means, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(float(known.mean()), float(low), float(high), int(known.size))


def paired_difference(
    values: ArrayLike,
    others: ArrayLike,
    *,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 1,
) -> Interval:
    """Return how much better the first of two is on the same queries, with its interval.

    Parameters
    ----------
    values, others : array_like of float, shape (q,)
        Values of the same queries in the same order; a query with nan in either is left out.
    level, draws, seed
        As in `bootstrap_interval`.

    Returns
    -------
    Interval
        Of ``values - others``; wholly above 0 where the first is better beyond the choice
        of queries.
    """
    one, other = np.asarray(values, dtype=np.float64), np.asarray(others, dtype=np.float64)
    if one.shape != other.shape:
        raise ValueError("both need one value for each of the same queries")
    return bootstrap_interval(one - other, level=level, draws=draws, seed=seed)


def calibration(scores: ArrayLike, right: ArrayLike, *, bins: int = 10) -> Calibration:
    r"""Return mean score and share of right ones in bins of equal width.

    .. math:: \mathrm{ECE} = \sum_b \frac{n_b}{n} \left| \bar s_b - \bar r_b \right|

    Parameters
    ----------
    scores : array_like of float, shape (n,)
        Scores that claim to be shares of right ones, in 0..1.
    right : array_like of bool, shape (n,)
        Whether each was right.
    bins : int, default 10
        Bins between 0 and 1.

    Notes
    -----
    Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning, AAAI 2015.
    """
    score = np.asarray(scores, dtype=np.float64).ravel()
    is_right = np.asarray(right, dtype=np.float64).ravel()
    if score.shape != is_right.shape or bins < 1:
        raise ValueError("every score needs its right or wrong, and at least one bin")
    if not ((score >= 0.0) & (score <= 1.0)).all():
        raise ValueError("scores lie in 0..1")
    ends = np.linspace(0.0, 1.0, bins + 1)
    place = np.minimum(np.searchsorted(ends, score, side="right") - 1, bins - 1)
    count = np.bincount(place, minlength=bins)
    held = count.astype(np.float64)
    mean_score = _over(np.bincount(place, score, bins).astype(np.float64), held)
    share = _over(np.bincount(place, is_right, bins).astype(np.float64), held)
    some = count > 0
    gaps = np.abs(mean_score - share)[some] * count[some]
    error = float(gaps.sum() / score.size) if score.size else np.nan
    return Calibration(ends[:-1], ends[1:], count, mean_score, share, error)


def _checked(scores: ArrayLike, grades: ArrayLike, first: int) -> tuple[Floats, Grades]:
    score = np.asarray(scores, dtype=np.float64)
    grade = np.asarray(grades, dtype=np.int64)
    if score.ndim != 2 or score.shape != grade.shape or score.shape[1] == 0:
        raise ValueError("scores and grades need one row a query and one column a text")
    if np.isnan(score).any() or (grade < 0).any() or first < 1:
        raise ValueError("no score may be nan, no grade below 0, and at least one rank counts")
    return score, grade


def _in_order(score: Floats, grade: Grades) -> Grades:
    """Grades from the best score down; 0 for texts that were not returned."""
    order = np.argsort(-score, axis=1, kind="stable")
    gained = np.where(np.isneginf(score), 0, grade)
    return np.take_along_axis(gained, order, axis=1)


def _over(part: Floats, whole: Floats) -> Floats:
    share = np.full(part.shape, np.nan)
    np.divide(part, whole, out=share, where=whole > 0.0)
    return share
