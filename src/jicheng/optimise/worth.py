"""What each challenge would be worth to the present portfolio, for those who staff it.

Consortia and portfolio meet here: organisations that several challenges want should work
where the most loss is avoided. The worth of a challenge is its average marginal value
over orders of funding around the chosen set,

    worth_c = integral over q of E[ value(S + c) - value(S - c) ],

S holding each chosen challenge with chance q (the multilinear extension, Owen 1972: for
the chosen ones alone it is the Shapley value), and each other with a quarter of it, so
that complements of which none is chosen yet are not priced at zero. Sampled at the
middle of equal steps of q with antithetic pairs; every sample values all challenges at
once. Each challenge counts with the chance of success of the consortium that it has, or
that it would have alone. Source: ours (value of a plan, 5).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.kernel.draws import uniforms
from jicheng.optimise.cases import read_cases
from jicheng.optimise.front import Chooser
from jicheng.optimise.pool import Pool
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure, SetValue
from jicheng.zone import Zone

__all__ = ["Worth", "average_margins", "worth_of_challenges"]

_STEPS = 8  # of q; each with an antithetic pair
_OTHERS = 0.25  # how much rarer challenges that are not chosen are in a sample


@dataclass(frozen=True, slots=True)
class Worth:
    """A quick choice of the portfolio, and what each challenge is worth to it.

    Attributes
    ----------
    funded : tuple of str
        Challenges chosen, mandatory ones of unknown value included.
    value : float
        Loss avoided, as a share of final output.
    bound : float
        No affordable set of the staffed challenges avoids more.
    margins : mapping of str to float
        Average marginal value of every challenge whose value can be told.
    """

    funded: tuple[str, ...]
    value: float
    bound: float
    margins: Mapping[str, float]


def worth_of_challenges(
    zone: Zone,
    challenges: pl.DataFrame,
    consortia: pl.DataFrame,
    members: pl.DataFrame,
    assignment: pl.DataFrame,
    settings: PortfolioSettings,
    *,
    staffed: Set[str],
) -> Worth | None:
    """Choose a portfolio quickly and value every challenge around it.

    Parameters
    ----------
    zone, challenges, consortia, members, assignment, settings
        As for :func:`jicheng.optimise.portfolio.choose_portfolio`; races are left out.
    staffed : set of str
        Challenges that can be funded; the others are only valued.

    Returns
    -------
    Worth or None
        None where no portfolio can be chosen, or nothing has a value.
    """
    exposure = Exposure.of(zone, settings)
    cases = read_cases(
        zone, challenges, consortia, members, assignment,
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    cases = tuple(
        case if case.challenge in staffed else replace(case, decision="excluded") for case in cases
    )
    candidates = tuple(case for case in cases if case.is_candidate)
    if not exposure.scenarios.names or not candidates or not zone.has("purses", "amount"):
        return None
    value = SetValue.of(exposure, candidates, settings)
    pool = Pool.of(zone, cases, 1.0, settings)
    choice = Chooser(pool.problem(value, candidates), settings).choose(is_aside=True)
    if choice is None:
        return None
    paid = zip(pool.cases, pool.paid_for(choice), strict=True)
    funded = tuple(case.challenge for case, is_in in paid if is_in)
    chosen = np.array([case.challenge in funded for case in candidates], dtype=np.bool_)
    names = [case.challenge for case in candidates]
    margins = average_margins(value, chosen, names, seed=settings.seed)
    return Worth(
        funded, choice.value, choice.bound, dict(zip(names, margins.tolist(), strict=True))
    )


def average_margins(
    value: SetValue, chosen: NDArray[np.bool_], names: list[str], *, seed: int
) -> NDArray[np.float64]:
    """Return the average marginal value of every challenge around a set, shape (c,).

    Parameters
    ----------
    value : SetValue
        Values of sets of c challenges.
    chosen : ndarray of bool, shape (c,)
        The set.
    names : list of str, length c
        Ids: each has its own stream of random numbers.
    seed : int
        Seed of the samples.
    """
    luck = uniforms(seed, "orders around the portfolio", names, _STEPS)
    scale = np.where(chosen, 1.0, _OTHERS)
    total = np.zeros(len(chosen))
    for step, row in enumerate(luck):
        q = (step + 0.5) / _STEPS
        for drawn in (row, 1.0 - row):
            sample = drawn < q * scale
            total += np.abs(value.moves.singles(sample))
    margins: NDArray[np.float64] = total / (2 * _STEPS)
    return margins
