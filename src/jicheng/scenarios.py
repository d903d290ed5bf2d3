"""Scenarios of withholding: who withholds what at once, and with which weight.

Three families (section 3 of the value of a plan, ours):

* ``single``: each technology alone, withheld by all its foreign suppliers;
* ``country``: each country withholds every item it supplies, all at once;
* ``coalition``: named sets of countries with weights given by the user.

Weights follow the restriction risk where the zone states it, and are equal where it
does not; they never follow vulnerability, which would count shares twice. Single
scenarios alone are additive: only the other two show that inputs of one product are
worth more together. A scenario is a scenario, never a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jicheng.chain import Chain
from jicheng.errors import InvalidInput, fault
from jicheng.supply import Restrictions, Supply
from jicheng.zone import Zone

__all__ = ["Scenarios", "WithholdingSettings"]


@dataclass(frozen=True, slots=True)
class WithholdingSettings:
    """Which families of scenarios the value of a plan counts.

    ``coalitions`` maps a name such as ``"USA+JPN+NLD"`` (countries joined by ``+``)
    to its weight within the family.
    """

    weight_single: float = 0.5
    weight_country: float = 0.5
    weight_coalition: float = 0.0
    coalitions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenarios:
    """Withholding scenarios over the technologies of a zone.

    Attributes
    ----------
    names, families : tuple of str, length s
        What is withheld (technology id, country code or coalition), and its family.
    weights : ndarray of float64, shape (s,)
        Non-negative, sum 1 (all zero only if there is no scenario).
    withheld : ndarray of float64, shape (s, n)
        Share of home's need of each technology that stops, 0 to 1, before relief;
        0 where nothing is withheld and where no share is known (see ``unscored``).
    withheld_high : ndarray of float64, shape (s, n)
        The same with the unknown mass counted as withheld, by a country wherever it
        is listed, by a coalition everywhere.
    relief : ndarray of float64, shape (n,)
        Share of the need that stock, recycling or a second source covers (R);
        0 where the zone does not say.
    unscored : ndarray of bool, shape (n,)
        Technologies without any share: they never appear as withheld, and whatever
        depends on them is protected on paper only.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]
    weights: NDArray[np.float64]
    withheld: NDArray[np.float64]
    withheld_high: NDArray[np.float64]
    relief: NDArray[np.float64]
    unscored: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        zone: Zone,
        chain: Chain,
        supply: Supply,
        settings: WithholdingSettings | None = None,
    ) -> Scenarios:
        """Make the scenarios of a zone, seen from the home of ``supply``.

        A category whose members carry shares is never withheld itself: its own
        shares repeat theirs and would count twice.

        Raises
        ------
        InvalidInput
            E202 if a coalition names a country that the zone does not know.
        """
        settings = settings or WithholdingSettings()
        restrictions = Restrictions.of(zone, supply)
        items = supply.has_shares & ~_told_by_members(chain, supply.has_shares)
        families = (
            (settings.weight_single, _single(supply, restrictions, items)),
            (settings.weight_country, _countries(supply, restrictions, items)),
            (settings.weight_coalition, _coalitions(supply, settings.coalitions, items)),
        )
        kept = [(weight, part) for weight, part in families if weight > 0 and part.names]
        total = sum(weight for weight, _ in kept)
        n = len(supply.technologies)
        empty = np.zeros((0, n))
        return cls(
            tuple(name for _, part in kept for name in part.names),
            tuple(part.family for _, part in kept for _ in part.names),
            np.concatenate([np.zeros(0), *(w / total * part.weights for w, part in kept)]),
            np.vstack([empty, *(part.withheld for _, part in kept)]),
            np.vstack([empty, *(part.withheld_high for _, part in kept)]),
            zone["technologies"]["second_source"].fill_null(0.0).to_numpy().astype(np.float64),
            ~supply.has_shares,
        )

    def own(self, relief: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return what is left of each technology's own supply, shape (s, n).

        Parameters
        ----------
        relief : ndarray of float64, shape (n,) or (s, n), optional
            Home supply gained by successful challenges, as a share of the need.

        Notes
        -----
        ``min(1, 1 - (1 - R_k) sum_W m_kc + relief_k z_k)`` where withheld, else 1.
        """
        left = 1.0 - (1.0 - self.relief) * self.withheld
        return left if relief is None else np.minimum(1.0, left + relief)


@dataclass(frozen=True, slots=True)
class _Family:
    """Scenarios of one family, weights summing to 1."""

    family: str
    names: tuple[str, ...]
    weights: NDArray[np.float64]
    withheld: NDArray[np.float64]
    withheld_high: NDArray[np.float64]


def _told_by_members(chain: Chain, has_shares: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell for each category whether any member, at any depth, carries shares."""
    told = np.zeros(len(has_shares), dtype=np.bool_)
    for k in chain.graph.order.tolist():
        told[k] = any(has_shares[m] or told[m] for m in chain.members_of(k))
    return told


def _single(supply: Supply, restrictions: Restrictions, scored: NDArray[np.bool_]) -> _Family:
    need = supply.need
    foreign = np.ones(len(supply.countries), dtype=np.bool_)
    foreign[supply.home_index] = False
    mass = need.known[:, foreign].sum(axis=1)
    high = np.minimum(1.0, mass + need.atomistic + need.unknown)
    items = np.flatnonzero(scored & (high > 0))
    risk = np.where(need.listed, restrictions.risk, np.nan)[:, foreign]
    return _Family(
        "single",
        tuple(supply.technologies[k] for k in items),
        _weights(_highest(risk[items])),
        _diagonal(items, np.minimum(1.0, mass + need.atomistic), len(mass)),
        _diagonal(items, high, len(mass)),
    )


def _countries(supply: Supply, restrictions: Restrictions, scored: NDArray[np.bool_]) -> _Family:
    need = supply.need
    supplies = need.known[scored].sum(axis=0) > 0
    supplies[supply.home_index] = False
    columns = np.flatnonzero(supplies)
    withheld = need.known[:, columns].T * scored
    listed = need.listed[:, columns].T
    risk = np.where(listed, restrictions.risk[:, columns].T, np.nan)
    return _Family(
        "country",
        tuple(supply.countries[j] for j in columns),
        _weights(_mean(risk)),
        withheld,
        np.minimum(1.0, withheld + np.where(listed, _unknown(supply) * scored, 0.0)),
    )


def _coalitions(
    supply: Supply, coalitions: Mapping[str, float], scored: NDArray[np.bool_]
) -> _Family:
    names = tuple(sorted(coalitions))
    rows = [supply.need.known[:, members].sum(axis=1) for members in _members(supply, names)]
    withheld = np.array(rows).reshape(len(names), len(supply.technologies)) * scored
    weights = np.array([coalitions[name] for name in names], dtype=np.float64)
    high = np.minimum(1.0, withheld + _unknown(supply) * scored)
    return _Family("coalition", names, _weights(weights), withheld, high)


def _members(supply: Supply, names: Sequence[str]) -> list[list[int]]:
    """Return the positions of the members of each coalition; home never withholds."""
    known = set(supply.countries)
    parts = [set(name.split("+")) - {supply.home} for name in names]
    strange = [name for name, part in zip(names, parts, strict=True) if not part <= known]
    if strange:
        countries = ", ".join(supply.countries)
        raise InvalidInput(
            [fault("E202", scenario=name, names="-", countries=countries) for name in strange]
        )
    return [sorted(supply.countries.index(country) for country in part) for part in parts]


def _unknown(supply: Supply) -> NDArray[np.float64]:
    """Return the mass that no row explains, 0 where nothing at all is known."""
    return np.where(supply.has_shares, supply.need.unknown, 0.0)


def _diagonal(items: NDArray[np.intp], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    rows = np.zeros((len(items), n))
    rows[np.arange(len(items)), items] = values[items]
    return rows


def _highest(risk: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(risk)
    return np.where(
        known.any(axis=1), np.where(known, risk, -1.0).max(axis=1, initial=-1.0), np.nan
    )


def _mean(risk: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(risk)
    count = known.sum(axis=1)
    total = np.where(known, risk, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _weights(risk: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights proportional to risk, unknown = mean of the known, all equal if none."""
    known = ~np.isnan(risk)
    filled = np.where(known, risk, risk[known].mean() if known.any() else 1.0)
    total = filled.sum()
    return filled / total if total > 0 else np.full(len(risk), 1.0 / max(1, len(risk)))
