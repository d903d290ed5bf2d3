"""What each funded challenge contributes on average over all orders of funding them.

The Shapley value of the value of a set; it sums to the total. It explains a portfolio
and does not select one. Exact on the draws up to 15 challenges. Above, orders are
sampled: on each draw only the challenges that succeed matter, so two orders and their
reverses over those few give an unbiased value on every draw.

Source: Shapley 1953; antithetic orders after Mitchell et al. 2022 (J. Mach. Learn.
Res. 23, Sampling permutations for Shapley value estimation).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.draws import generator
from jicheng.kernel.protection import distinct_rows
from jicheng.kernel.subsets import expected_over_draws, masks_of, shapley_values
from jicheng.optimise.value import SetValue

__all__ = ["Contributions", "contributions"]


class Contributions(NamedTuple):
    """Shapley values and their sampling errors (0 = exact on the draws), shape (c,)."""

    values: NDArray[np.float64]
    errors: NDArray[np.float64]


def contributions(
    value: SetValue, chosen: NDArray[np.bool_], *, exact_up_to: int, seed: int
) -> Contributions:
    """Return the Shapley value of each chosen challenge, 0 for the others.

    Parameters
    ----------
    value : SetValue
        Values of sets of c challenges.
    chosen : ndarray of bool, shape (c,)
        The portfolio.
    exact_up_to : int
        Largest portfolio for which all orders are averaged.
    seed : int
        Seed of the sampled orders.
    """
    members = np.flatnonzero(chosen)
    part = value.part(members)
    values, errors = np.zeros(len(chosen)), np.zeros(len(chosen))
    if len(members) <= exact_up_to:
        expected = expected_over_draws(part.table(), masks_of(part.successes))
        values[members] = shapley_values(expected)
    else:
        values[members], errors[members] = _sampled(part, seed)
    return Contributions(values, errors)


def _sampled(value: SetValue, seed: int) -> Contributions:
    """Average over two orders and their reverses on every draw."""
    stream = generator(seed, "orders of funding")
    halves = []
    for _ in range(2):
        rank = stream.random(value.successes.shape).argsort(axis=1).argsort(axis=1)
        last = value.n_challenges - 1
        halves.append((_along(value, rank) + _along(value, last - rank)) / 2)
    mean = (halves[0] + halves[1]) / 2
    spread = (halves[0] - halves[1]) / 2  # its square estimates the variance of the mean
    n_draws = len(value.successes)
    return Contributions(mean.mean(axis=0), np.sqrt((spread**2).sum(axis=0)) / n_draws)


def _along(value: SetValue, rank: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return what each challenge adds on each draw when funded by rank, shape (D, c)."""
    n_draws, n = value.successes.shape
    order = rank.argsort(axis=1)
    before = np.zeros(n_draws)
    added = np.zeros((n_draws, n))
    rows = np.zeros((n_draws, n), dtype=np.bool_)
    draws = np.arange(n_draws)
    for step in range(n):
        who = order[:, step]
        succeeds = value.successes[draws, who]
        rows[draws[succeeds], who[succeeds]] = True
        patterns, inverse = distinct_rows(rows)
        after = value.protection.avoided(patterns)[inverse]
        added[draws, who] = after - before
        before = after
    return added
