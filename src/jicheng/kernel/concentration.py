"""How concentrated a supply is, and the published measures of supply risk.

All shares are fractions of 1 and all governance risks lie on the scale 0 to 1. The
European Commission's studies print risks on 0 to 10: multiply by ten to compare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "GeoPolRisk",
    "effective_suppliers",
    "eu_supply_risk",
    "geopolrisk",
    "hhi",
    "hhi_bounds",
]

_UNKNOWN_INSTABILITY = 0.5
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class GeoPolRisk:
    """Supply risk of one commodity for one importing country.

    Attributes
    ----------
    hhi : float
        Concentration of world production, 0 to 1.
    import_risk : float
        Instability of the sources weighted by imports, over domestic production and
        imports, 0 to 1.
    score : float
        ``hhi * import_risk``.
    characterisation_factor : float
        Score times price over 0.409412948, relative to copper [per mass].
    """

    hhi: float
    import_risk: float
    score: float
    characterisation_factor: float


_COPPER = 0.409412948  # score x price of copper, Koyamparambath et al. 2024


def hhi(share: ArrayLike) -> NDArray[np.float64]:
    """Return the Herfindahl-Hirschman index of known shares.

    Parameters
    ----------
    share : array_like of float, shape (..., c)
        Shares of the suppliers, 0 to 1; nan = unknown, which adds nothing here (see
        :func:`hhi_bounds`).

    Returns
    -------
    ndarray of float64, shape (...)
        Sum of squares, 0 to 1; 1/n for n equal shares.

    Raises
    ------
    ValueError
        If a share is negative, or shares sum to more than 1.
    """
    known = _known(share)
    return np.asarray((known**2).sum(axis=-1))


def hhi_bounds(
    share: ArrayLike, *, unknown_may_be_listed: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bounds of the index over everything that the unknown mass may be.

    Parameters
    ----------
    share : array_like of float, shape (..., c)
        Known shares; what they lack to 1 is the unknown mass u.
    unknown_may_be_listed : bool
        Whether the unknown mass may belong to a listed supplier; by default it is at
        worst one hidden supplier.

    Returns
    -------
    low, high : ndarray of float64, shape (...)
        ``sum s^2`` (atomistic), and ``sum s^2 + u^2``, plus ``2 u max(s)`` if the mass
        may be listed (ours).
    """
    known = _known(share)
    low = (known**2).sum(axis=-1)
    unknown = np.maximum(0.0, 1.0 - known.sum(axis=-1))
    high = low + unknown**2
    if unknown_may_be_listed:
        high = high + 2.0 * unknown * known.max(axis=-1, initial=0.0)
    return np.asarray(low), np.asarray(np.minimum(1.0, high))


def effective_suppliers(index: ArrayLike) -> NDArray[np.float64]:
    """Return 1 / HHI, the number of equal suppliers of the same concentration.

    An index of 0 (no known share) gives nan: the number is unknown, not infinite.
    """
    values = np.asarray(index, dtype=np.float64)
    suppliers = np.full(values.shape, np.nan)
    np.divide(1.0, values, out=suppliers, where=values > 0)
    return suppliers


def eu_supply_risk(
    world: ArrayLike,
    sourcing: ArrayLike | None,
    governance: ArrayLike,
    trade: ArrayLike,
    *,
    import_reliance: float,
    recycling: float = 0.0,
    substitutability: float = 1.0,
) -> float:
    """Return the supply risk of one stage of a raw material as the EU computes it.

    Parameters
    ----------
    world, sourcing : array_like of float, shape (c,)
        Shares of the world's supply and of the region's sourcing; ``sourcing`` None =
        unknown, then the world's index alone counts.
    governance : array_like of float, shape (c,)
        Risk of each country, 0 (good) to 1.
    trade : array_like of float, shape (c,)
        Trade parameter: 0.8 with an agreement, 1 default, more with restrictions.
    import_reliance, recycling, substitutability : float
        IR, the recycling input rate, and the substitution index, each 0 to 1.

    Returns
    -------
    float
        ``[HHI_world IR/2 + HHI_sourcing (1 - IR/2)] (1 - recycling) substitutability``
        with ``HHI = sum S^2 g t``; critical from 0.1 on this scale.

    References
    ----------
    Blengini et al. 2017, JRC report EUR 28654.
    """
    weight = np.asarray(governance, dtype=np.float64) * np.asarray(trade, dtype=np.float64)
    of_world = float((_known(world) ** 2 * weight).sum())
    of_sourcing = of_world if sourcing is None else float((_known(sourcing) ** 2 * weight).sum())
    half = import_reliance / 2.0
    joined = of_world * half + of_sourcing * (1.0 - half)
    return joined * (1.0 - recycling) * substitutability


def geopolrisk(
    production: ArrayLike,
    imports: ArrayLike,
    instability: ArrayLike,
    *,
    domestic: float,
    price: float = np.nan,
) -> GeoPolRisk:
    """Return the GeoPolRisk score of one commodity for one importer.

    Parameters
    ----------
    production : array_like of float, shape (c,)
        World production by country; totals must not be among the rows.
    imports : array_like of float, shape (s,)
        Imports by source, in the unit of ``domestic``.
    instability : array_like of float, shape (s,)
        Political instability of each source, 0 to 1; nan = unknown, taken as 0.5.
    domestic : float
        Domestic production of the importer.
    price : float
        Price per unit of mass; nan = unknown, then the factor is nan.

    Raises
    ------
    ValueError
        If a quantity is negative, or nothing is produced or supplied.

    References
    ----------
    Koyamparambath et al. 2024: ``score = HHI sum g f / (p + F)``.
    """
    made = np.asarray(production, dtype=np.float64)
    bought = np.asarray(imports, dtype=np.float64)
    if (made < 0).any() or (bought < 0).any() or domestic < 0:
        raise ValueError("production and imports cannot be negative")
    total, available = made.sum(), domestic + bought.sum()
    if not total > 0 or not available > 0:
        raise ValueError("nothing is produced in the world or supplied to the importer")
    concentration = float((made**2).sum() / total**2)
    unstable = np.asarray(instability, dtype=np.float64)
    unstable = np.where(np.isnan(unstable), _UNKNOWN_INSTABILITY, unstable)
    risk = float((unstable * bought).sum() / available)
    score = concentration * risk
    return GeoPolRisk(concentration, risk, score, score * price / _COPPER)


def _known(share: ArrayLike) -> NDArray[np.float64]:
    values = np.nan_to_num(np.asarray(share, dtype=np.float64))
    if (values < 0).any() or (values.sum(axis=-1) > 1.0 + _ROUNDING).any():
        raise ValueError("shares must be at least 0 and sum to at most 1")
    return values
