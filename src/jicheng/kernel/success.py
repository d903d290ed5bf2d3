"""Success of funded challenges on common draws.

A challenge on technology k with E effective years succeeds with probability

    P = 1 - exp(-hazard T) = 1 - 2^(-E / years_k),      E = T G^eta f(m),

where ``years_k`` is the median time of a fully capable, fully funded team, drawn
uniformly between the experts' low and high on draws shared by all challenges on the
technology. On each draw a challenge succeeds iff its own uniform number is below P,
so that every alternative meets the same luck and a larger P never loses a success.
Whoever knows E, the interval of years and the seed finds the same successes.

Source: ours (value of a plan, sections 1 and 4). P is a planning assumption, never a
forecast.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.draws import uniforms

__all__ = ["draw_luck", "draw_years", "success_probability"]

_YEARS, _LUCK = "years to substitute", "success of a challenge"


def success_probability(
    effective_years: NDArray[np.float64], years: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability of success within the funded years.

    Parameters
    ----------
    effective_years : ndarray of float64, shape (..., c)
        Funded years times what the consortium can do of the work, >= 0.
    years : ndarray of float64, shape (..., c)
        Median years of a capable, funded team, >= 0.

    Returns
    -------
    ndarray of float64, shape (..., c)
        0 where there is no effect at all, 1 where the median time is 0.
    """
    effective, median = np.broadcast_arrays(effective_years, years)
    with np.errstate(over="ignore"):  # a median time near 0 is a sure success
        half_lives = np.divide(
            effective, median, out=np.where(effective > 0, np.inf, 0.0), where=median > 0
        )
    probability: NDArray[np.float64] = -np.expm1(-np.log(2.0) * half_lives)
    return probability


def draw_years(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    technologies: Sequence[str],
    *,
    seed: int,
    n_draws: int,
) -> NDArray[np.float64]:
    """Draw the median years of each challenge's technology, uniform in its interval.

    Parameters
    ----------
    low, high : ndarray of float64, shape (c,)
        Interval of the technology of each challenge [years].
    technologies : sequence of str, length c
        Ids; challenges on the same technology share their draws.
    seed : int
        Philox streams named by technology (:mod:`jicheng.kernel.draws`).
    n_draws : int
        Number of draws D.

    Returns
    -------
    ndarray of float64, shape (D, c)
    """
    years: NDArray[np.float64] = low + uniforms(seed, _YEARS, technologies, n_draws) * (high - low)
    return years


def draw_luck(challenges: Sequence[str], *, seed: int, n_draws: int) -> NDArray[np.float64]:
    """Draw the uniform numbers that decide success, shape (D, c), streams by challenge."""
    return uniforms(seed, _LUCK, challenges, n_draws)
