"""What each funded challenge contributes on average over all orders of funding them.

The Shapley value of the value of a set; it sums to the total. It explains a portfolio
and does not select one. Exact on the draws up to 15 challenges. Above, orders are
sampled, each with its reverse; in every order each challenge is valued on all draws.

Source: Shapley 1953; antithetic orders after Mitchell et al. 2022 (J. Mach. Learn.
Res. 23, Sampling permutations for Shapley value estimation).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.draws import generator
from jicheng.kernel.subsets import expected_over_draws, masks_of, shapley_values
from jicheng.optimise.value import SetValue

__all__ = ["Contributions", "contributions"]


_PAIRS = 64  # orders, each with its reverse


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
    """Average over orders and their reverses, the same on all draws."""
    stream, n = generator(seed, "orders of funding"), value.n_challenges
    pairs = np.empty((_PAIRS, n))
    for pair in pairs:
        order = stream.permutation(n)
        pair[:] = (value.moves.along(order) + value.moves.along(order[::-1])) / 2
    return Contributions(pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(_PAIRS))
