"""How likely the chosen plan overruns its budget, and what protection costs in value.

Costs are drawn between low and high: ``cost_c (1 + t_c overrun_c)`` with t_c between -1
and 1, triangular around 0 or uniform. Draws of different challenges are joined by a
normal copula with one common factor: ``u_c = Phi(sqrt(rho) z + sqrt(1 - rho) e_c)``. The
plan overruns as a whole if the purses cannot pay for it however they share the bills
within their rules; a purse overruns if its share of every bill, as planned, exceeds what
it holds. For every protection Gamma the plan is chosen anew
(:mod:`jicheng.optimise.purses`): value against risk. Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from jicheng.kernel.draws import uniforms
from jicheng.optimise.purses import Purses
from jicheng.optimise.settings import PortfolioSettings

__all__ = ["ProtectedPlan", "Risk", "cost_factors", "overrun_risk"]

_COST = "cost of a challenge"
_ROUNDING = 1e-9
_TINY = 1e-12


def cost_factors(
    challenges: Sequence[str], overrun: NDArray[np.float64], settings: PortfolioSettings
) -> NDArray[np.float64]:
    """Draw costs relative to what is planned, shape (d, c).

    Parameters
    ----------
    challenges : sequence of str, length c
        Ids: they name the draws.
    overrun : ndarray of float64, shape (c,)
        Share of its cost by which a challenge may exceed it, and fall below it.
    settings : PortfolioSettings
        ``cost_shape``, ``cost_correlation``, ``cost_draws`` and ``seed``.
    """
    n, rho = settings.cost_draws, settings.cost_correlation
    common = ndtri(np.maximum(uniforms(settings.seed, _COST, [""], n), _TINY))
    own = ndtri(np.maximum(uniforms(settings.seed, _COST, list(challenges), n), _TINY))
    u = ndtr(np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own)
    if settings.cost_shape == "uniform":
        t = 2.0 * u - 1.0
    else:
        t = np.where(u < 0.5, np.sqrt(2.0 * u) - 1.0, 1.0 - np.sqrt(2.0 * (1.0 - u)))
    factors: NDArray[np.float64] = 1.0 + t * overrun
    return factors


@dataclass(frozen=True)
class Risk:
    """Probability of overrun, with the standard error of its simulation.

    Attributes
    ----------
    whole : tuple of float
        That the purses cannot pay however they share the bills; its standard error.
    by_purse : tuple of tuple of float
        The same for each purse and its planned share of every bill.
    """

    whole: tuple[float, float]
    by_purse: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ProtectedPlan:
    """The best plan with a protection against overruns, and its risk.

    Attributes
    ----------
    gamma : float
        Overruns that the purses bear at once.
    value, cost : float
        Its value, and the money that it commits [wan].
    challenges : tuple of str
        What it funds.
    risk : Risk
    is_plan : bool
        Whether this is the plan's protection.
    """

    gamma: float
    value: float
    cost: float
    challenges: tuple[str, ...]
    risk: Risk
    is_plan: bool


def overrun_risk(
    purses: Purses,
    challenges: Sequence[str],
    paid: NDArray[np.float64],
    settings: PortfolioSettings,
) -> Risk:
    """Return the probability that drawn costs overrun what the purses hold.

    Parameters
    ----------
    purses : Purses
        Of all listed challenges; their protection does not matter.
    challenges : sequence of str, length c
        Ids of the listed challenges.
    paid : ndarray of float64, shape (c, p)
        What each purse is planned to pay for each; 0 for those that are not funded.
    settings : PortfolioSettings
        How costs are drawn.
    """
    funded = np.flatnonzero(paid.sum(axis=1) > 0)
    names = [challenges[c] for c in funded.tolist()]
    factors = cost_factors(names, purses.overrun[funded], settings)
    asked = factors @ purses.needs[:, funded].T
    whole = np.asarray((asked > purses.held * (1.0 + _ROUNDING) + _ROUNDING).any(axis=1))
    bills = factors @ paid[funded]
    each = bills > purses.amounts * (1.0 + _ROUNDING) + _ROUNDING
    return Risk(_share(whole), tuple(_share(column) for column in each.T))


def _share(happens: NDArray[np.bool_]) -> tuple[float, float]:
    p = float(happens.mean())
    return p, float(np.sqrt(p * (1.0 - p) / len(happens)))
