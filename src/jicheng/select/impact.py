"""Impact I: the share of final output that is lost when a technology is withheld.

One technology at a time stops, as far as the scenario withholds it:

    own_k = 1 - (1 - R_k) (sum over withholders of m_kc + what an aggregate withholds)

with m home's sourcing where known, else the world's shares. The loss travels through
the chain in three variants, side by side: linear, mixed, Leontief. The full impact
(nothing of k is left) needs no shares and is defined for every technology that leads
to a final product. Source: ours, after Diem et al. 2022 (see ``kernel.chain_cascade``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.chain import Chain
from jicheng.kernel.chain_cascade import Members, single_losses
from jicheng.select.scenario import Withholding
from jicheng.select.vulnerability import free_mass
from jicheng.supply import Shares

__all__ = ["Impact", "Withheld", "impact", "losses", "withheld"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Withheld:
    """Share of home's need that stops, after relief; nan without shares, shape (n,).

    Attributes
    ----------
    point, low, high : ndarray of float64
        What the rows state; with the unknown mass outside, and inside, the
        withholding countries.
    """

    point: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Impact:
    """Impact of every technology; nan where unknown, shape (n,) each.

    Attributes
    ----------
    linear, mixed, leontief : ndarray of float64
        I under the scenario, members of unweighted categories at equal weights.
    low, high : ndarray of float64
        Mixed, over the unknown mass, and from members that replace one another to
        members that cannot where their weights are unknown.
    full, full_low, full_high : ndarray of float64
        Mixed, if nothing of the technology is left.
    """

    linear: Array
    mixed: Array
    leontief: Array
    low: Array
    high: Array
    full: Array
    full_low: Array
    full_high: Array


def withheld(need: Shares, withholding: Withholding, relief: Array) -> Withheld:
    """Return what stops of home's need of each technology under the scenario."""
    stops = withholding.withholders
    aggregate = need.atomistic if withholding.stops_atomistic else np.zeros(len(relief))
    unknown = np.where(withholding.withholders.any(axis=1), free_mass(need), 0.0)
    point = np.where(stops, need.known, 0.0).sum(axis=1) + aggregate
    floor = np.where(stops, need.floor, 0.0).sum(axis=1) + aggregate
    left = np.where(need.has_shares, 1.0 - relief, np.nan)
    return Withheld(
        point=np.clip(point, 0.0, 1.0) * left,
        low=np.clip(floor, 0.0, 1.0) * left,
        high=np.clip(floor + unknown, 0.0, 1.0) * left,
    )


def losses(
    stopped: Array,
    chain: Chain,
    essential: NDArray[np.bool_],
    members: Members = Members.MEAN,
) -> Array:
    """Return the loss of final output when each technology alone stops so far.

    Parameters
    ----------
    stopped : ndarray of float64, shape (s, n)
        Share of each technology that stops; nan = unknown.
    chain : Chain
        The chain.
    essential : ndarray of bool, shape (1, e) or (s, e)
        Which inputs are essential.
    members : Members
        How categories without member weights follow from their members.

    Returns
    -------
    ndarray of float64, shape (s, n)
        0 to 1; nan where ``stopped`` is unknown or no arrow leads to a final product.
    """
    own = 1.0 - np.nan_to_num(stopped)
    lost = single_losses(own, chain.graph, essential, chain.final_value, members)
    known = ~np.isnan(stopped) & chain.leads_to_final
    return np.where(known, np.clip(lost, 0.0, 1.0), np.nan)


def impact(chain: Chain, stopped: Withheld) -> Impact:
    """Return the impact of every technology in the three variants, with bounds."""
    nothing = np.zeros((1, chain.graph.n_inputs), dtype=np.bool_)
    mixed = chain.essential[None, :]
    rows = np.vstack([stopped.point, np.ones(len(stopped.point))])
    point = losses(rows, chain, mixed)
    best = losses(np.vstack([stopped.low, rows[1]]), chain, mixed, Members.BEST)
    worst = losses(np.vstack([stopped.high, rows[1]]), chain, mixed, Members.WORST)
    return Impact(
        linear=losses(rows[:1], chain, nothing)[0],
        mixed=point[0],
        leontief=losses(rows[:1], chain, ~nothing)[0],
        low=np.minimum(best[0], point[0]),
        high=np.maximum(worst[0], point[0]),
        full=point[1],
        full_low=np.minimum(best[1], point[1]),
        full_high=np.maximum(worst[1], point[1]),
    )
