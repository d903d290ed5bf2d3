"""Thresholds and assumptions of the chokepoint analysis, with their legal ranges.

Every default is printed with its provenance (``schema/parameters/select.csv``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import StrEnum

from jicheng.chain import ChainSettings
from jicheng.errors import InvalidInput, fault

__all__ = ["ChokepointSettings", "Reach", "check_settings"]


class Reach(StrEnum):
    """Whose holders of capabilities count as within reach."""

    HOME = "home"
    ZONE = "zone"


@dataclass(frozen=True, slots=True)
class ChokepointSettings:
    """What the analysis assumes; every number is ours unless its provenance says so.

    Attributes
    ----------
    threshold_all_foreign, threshold_baseline, threshold_named : float
        Vulnerability v* from which a technology counts as exposed, per scenario.
    threshold_impact : float
        Share of final output i* from which a loss counts.
    probability_chokepoint, probability_safe : float
        P(V >= v* and I >= i*) from which the verdict is chokepoint, and up to which
        it may be safe.
    n_draws, seed : int
        Size and seed of the Monte Carlo.
    tail : float
        Share of draws cut at each end of an interval (0.05: 5 % to 95 %).
    precision_a, precision_b, precision_c, precision_d : float
        Concentration kappa of the Dirichlet draws of shares by evidence grade.
    probability_essential : float
        Probability that an input of unknown essentiality is drawn essential.
    essential_kinds : tuple of str
        Kinds of technology whose inputs count as essential in point values while
        their essentiality is unknown.
    risk_if_unknown : float
        Risk of a supplier country for which no row says anything (scenario
        ``baseline``; the interval reaches from 0 to the highest risk).
    member_risk : float
        In a scenario named in ``restrictions``, a country withholds from this risk on.
    import_reliance_if_unknown : float
        Import reliance where sourcing is known but import reliance is not.
    monopoly_share : float
        Share of the leader from which the monopoly flag is set.
    reach : Reach
        Whose holders count when asking which needed capabilities nobody holds.
    confirmed : tuple of str
        Technologies whose chokepoint verdict a person has confirmed although their
        evidence is of grade D.
    """

    threshold_all_foreign: float = 0.50
    threshold_baseline: float = 0.10
    threshold_named: float = 0.25
    threshold_impact: float = 0.05
    probability_chokepoint: float = 0.8
    probability_safe: float = 0.1
    n_draws: int = 1000
    seed: int = 1
    tail: float = 0.05
    precision_a: float = 400.0
    precision_b: float = 100.0
    precision_c: float = 25.0
    precision_d: float = 10.0
    probability_essential: float = 0.8
    essential_kinds: tuple[str, ...] = ChainSettings().essential_kinds
    risk_if_unknown: float = 0.5
    member_risk: float = 0.5
    import_reliance_if_unknown: float = 0.5
    monopoly_share: float = 0.8
    reach: Reach = Reach.HOME
    confirmed: tuple[str, ...] = ()


_RANGES: dict[str, tuple[float, float]] = {
    "threshold_all_foreign": (0.0, 4.0),
    "threshold_baseline": (0.0, 4.0),
    "threshold_named": (0.0, 4.0),
    "n_draws": (1, math.inf),
    "seed": (0, math.inf),
    "tail": (0.0, 0.5),
    "precision_a": (1e-6, math.inf),
    "precision_b": (1e-6, math.inf),
    "precision_c": (1e-6, math.inf),
    "precision_d": (1e-6, math.inf),
}


def check_settings(settings: ChokepointSettings) -> None:
    """Refuse settings outside their legal ranges.

    Raises
    ------
    InvalidInput
        E207 for every number outside its range and for an unknown ``reach``.
    """
    faults = []
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name == "reach" and value not in tuple(Reach):
            faults.append(fault("E207", name="reach", value=value, range="home, zone"))
        if not isinstance(value, int | float):
            continue
        low, high = _RANGES.get(field.name, (0.0, 1.0))
        if not low <= value <= high:
            faults.append(fault("E207", name=field.name, value=value, range=f"[{low:g}, {high:g}]"))
    if faults:
        raise InvalidInput(faults)
