"""Monte Carlo of the axes: how sure the verdict is.

Per draw and technology (all ours):

* shares follow Dirichlet(kappa s), kappa by evidence grade, with what an aggregate
  holds and what no row explains as components of their own;
* in half of the draws the unexplained mass is spread so thin that it carries no risk
  and withholds nothing; in the other half it is one hidden supplier who withholds;
* the risk of a country follows Normal(estimate, standard error) cut to 0..1; a missing
  one is uniform between its bounds; missing import reliance is uniform likewise;
* every input of unknown essentiality is drawn; the scenario is fixed.

Every stream depends on the seed, its purpose and the id of its technology, country or
link alone: neither the order of rows nor the presence of others changes a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.chain import Chain
from jicheng.kernel.chain_cascade import Members
from jicheng.kernel.draws import generator, uniforms
from jicheng.select.evidence import NO_GRADE
from jicheng.select.impact import losses
from jicheng.select.scenario import Withholding
from jicheng.select.settings import ChokepointSettings
from jicheng.select.vulnerability import Factors, exposure
from jicheng.supply import Shares, Supply

__all__ = ["Draws", "Inputs", "draw"]

Array = NDArray[np.float64]
_CHUNK = 50  # technologies between two calls of progress


@dataclass(frozen=True)
class Inputs:
    """What a Monte Carlo starts from: views of the zone, and grades of evidence."""

    chain: Chain
    supply: Supply
    withholding: Withholding
    factors: Factors
    grade_world: NDArray[np.int64]
    grade_sourcing: NDArray[np.int64]
    settings: ChokepointSettings

    @property
    def precision(self) -> Array:
        """Kappa by grade."""
        s = self.settings
        return np.array([s.precision_a, s.precision_b, s.precision_c, s.precision_d])


@dataclass(frozen=True)
class Draws:
    """Draws of the axes, shape (d, n) each; nan where a technology has no figure.

    Attributes
    ----------
    vulnerability : ndarray of float64
        V.
    linear, mixed, leontief : ndarray of float64
        I in the three variants, members of unweighted categories at equal weights.
    best, worst : ndarray of float64
        I mixed, if such members replace one another, and if they cannot.
    full : ndarray of float64
        Mixed impact if nothing of the technology is left.
    is_one_hand : ndarray of bool
        Whether the unexplained mass is one hidden supplier.
    essential : ndarray of bool, shape (d, e) or (1, e)
        Which inputs are essential; one row if no essentiality is unknown.
    """

    vulnerability: Array
    linear: Array
    mixed: Array
    leontief: Array
    best: Array
    worst: Array
    full: Array
    is_one_hand: NDArray[np.bool_]
    essential: NDArray[np.bool_]


def draw(inputs: Inputs, progress: Callable[[int, int], None] | None = None) -> Draws:
    """Draw the axes of every technology.

    Notes
    -----
    O(d n (c + e_k)) with e_k the arrows downstream of a technology; seeded by
    ``settings.seed``.
    """
    n_draws, n = inputs.settings.n_draws, len(inputs.supply.technologies)
    v, stopped = np.full((n_draws, n), np.nan), np.full((n_draws, n), np.nan)
    one_hand = np.zeros((n_draws, n), dtype=np.bool_)
    normals = _normals(inputs)
    for k in range(n):
        if progress is not None and k % _CHUNK == 0:
            progress(k, n)
        if inputs.supply.has_shares[k]:
            v[:, k], stopped[:, k], one_hand[:, k] = _technology(inputs, k, normals)
    nothing = np.zeros((1, inputs.chain.graph.n_inputs), dtype=np.bool_)
    essential = _essential(inputs)
    mixed = losses(stopped, inputs.chain, essential)
    all_of_it = np.ones((len(essential), n))
    full = losses(all_of_it, inputs.chain, essential)
    drawn = Draws(
        vulnerability=v,
        linear=losses(stopped, inputs.chain, nothing),
        mixed=mixed,
        leontief=losses(stopped, inputs.chain, ~nothing),
        best=_with_members(stopped, inputs.chain, essential, Members.BEST, mixed),
        worst=_with_members(stopped, inputs.chain, essential, Members.WORST, mixed),
        full=np.broadcast_to(full, (n_draws, n)),
        is_one_hand=one_hand,
        essential=essential,
    )
    if progress is not None:
        progress(n, n)
    return drawn


def _with_members(
    stopped: Array, chain: Chain, essential: NDArray[np.bool_], members: Members, mixed: Array
) -> Array:
    """Return the losses under another treatment of members, if it can differ at all."""
    can_differ = chain.members_unweighed.any()
    return losses(stopped, chain, essential, members) if can_differ else mixed


def _essential(inputs: Inputs) -> NDArray[np.bool_]:
    """Return which inputs are essential per draw; one row if all are known."""
    chain, settings = inputs.chain, inputs.settings
    unknown = np.flatnonzero(chain.essential_unknown)
    if not len(unknown):
        return chain.essential[None, :]
    graph = chain.graph
    target = np.repeat(np.arange(graph.n_technologies), np.diff(graph.input_pointer))
    names = [
        f"{chain.technologies[graph.input_source[e]]}\x1f{chain.technologies[target[e]]}"
        for e in unknown
    ]
    drawn = np.repeat(chain.essential[None, :], settings.n_draws, axis=0)
    chance = uniforms(settings.seed, "essentiality", names, settings.n_draws)
    drawn[:, unknown] = chance < settings.probability_essential
    return drawn


def _normals(inputs: Inputs) -> Array:
    """Return one standard normal per draw and country, shape (d, c); 0 where not needed."""
    settings, countries = inputs.settings, inputs.supply.countries
    normals = np.zeros((settings.n_draws, len(countries)))
    for j in np.flatnonzero((inputs.withholding.standard_error > 0).any(axis=0)):
        stream = generator(settings.seed, "risk", countries[j])
        normals[:, j] = stream.standard_normal(settings.n_draws)
    return normals


def _technology(inputs: Inputs, k: int, normals: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Draw V, what stops, and where the unexplained mass lies, of one technology."""
    settings, factors, supply = inputs.settings, inputs.factors, inputs.supply
    name = supply.technologies[k]
    coin = generator(settings.seed, "unexplained mass", name)
    one_hand = coin.permutation(settings.n_draws) * 2 >= settings.n_draws
    risk = _risk(inputs, k, normals)
    exposures, stopped = [], np.zeros(settings.n_draws)
    for basis, shares, grades in (
        ("world", supply.world, inputs.grade_world),
        ("sourcing", supply.sourcing, inputs.grade_sourcing),
    ):
        if grades[k] == NO_GRADE:
            exposures.append(np.zeros(settings.n_draws))
            continue
        stream = generator(settings.seed, f"shares of {basis}", name)
        kappa = inputs.precision[grades[k]]
        drawn, aggregate, free = _dirichlet(stream, shares, k, kappa, settings.n_draws)
        hidden = np.where(one_hand, free, 0.0)
        exposures.append(_exposure(inputs, k, drawn, hidden, risk))
        stopped = _stops(inputs.withholding, k, drawn, aggregate, hidden)
    weight = np.full(settings.n_draws, factors.weight_world[k])
    if factors.reliance_assumed[k]:
        weight = generator(settings.seed, "import reliance", name).random(settings.n_draws) / 2
    v = (exposures[0] * weight + exposures[1] * (1.0 - weight)) * factors.scale[k]
    return v, stopped * (1.0 - factors.relief[k]), one_hand


def _dirichlet(
    stream: np.random.Generator, shares: Shares, k: int, kappa: float, n_draws: int
) -> tuple[Array, Array, Array]:
    """Draw the shares of countries, of aggregates, and the unexplained mass."""
    mean = np.concatenate([shares.known[k], [shares.atomistic[k], shares.unknown[k]]])
    positive = np.flatnonzero(mean > 0)
    drawn = np.zeros((n_draws, len(mean)))
    gamma = stream.standard_gamma(kappa * mean[positive], size=(n_draws, len(positive)))
    drawn[:, positive] = gamma / gamma.sum(axis=1, keepdims=True)
    return drawn[:, :-2], drawn[:, -2], drawn[:, -1]


def _risk(inputs: Inputs, k: int, normals: Array) -> Array:
    """Draw the risk of every country towards home, shape (d, c) or (1, c)."""
    w, settings = inputs.withholding, inputs.settings
    risk: Array = w.risk[k][None, :]
    if (w.standard_error[k] > 0).any():
        risk = np.clip(risk + normals * w.standard_error[k], 0.0, 1.0)
    listed = inputs.supply.world.listed[k] | inputs.supply.sourcing.listed[k]
    assumed = np.flatnonzero(w.is_assumed[k] & listed)
    if len(assumed):
        risk = np.repeat(risk, settings.n_draws, axis=0) if len(risk) == 1 else risk
        names = [inputs.supply.countries[j] for j in assumed]
        chance = uniforms(settings.seed, "missing risk", names, settings.n_draws)
        low, high = w.risk_low[k, assumed], w.risk_high[k, assumed]
        risk[:, assumed] = low + chance * (high - low)
    return risk


def _exposure(inputs: Inputs, k: int, drawn: Array, hidden: Array, risk: Array) -> Array:
    """Return H per draw, the hidden supplier in the coalition if there is one."""
    w, settings = inputs.withholding, inputs.settings
    coalition, trade = w.coalition[k], w.trade[k]
    listed = exposure(drawn, risk, trade, coalition)
    if not hidden.any():
        return listed
    if coalition.any():
        together = np.where(coalition, drawn * trade, 0.0).sum(axis=1)
        joint: Array = listed - together**2 + (together + hidden) ** 2
        return joint
    name = inputs.supply.technologies[k]
    chance = generator(settings.seed, "hidden supplier", name).random(settings.n_draws)
    low, high = w.hidden_risk_low[k], w.risk_top[k]
    total: Array = listed + hidden**2 * (low + chance * (high - low))
    return total


def _stops(w: Withholding, k: int, drawn: Array, aggregate: Array, hidden: Array) -> Array:
    """Return the share of the need that stops per draw, before relief."""
    stops: Array = np.where(w.withholders[k], drawn, 0.0).sum(axis=1)
    if w.stops_atomistic:
        stops = stops + aggregate
    if w.withholders[k].any():
        stops = stops + hidden
    return np.clip(stops, 0.0, 1.0)
