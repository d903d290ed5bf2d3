"""Who withholds what from home: the scenario of one analysis, and its weights.

Three families (thresholds are ours, see ``schema/parameters/select.csv``):

* ``all-foreign``: every foreign country counts with full risk, each for itself;
* ``baseline``: every foreign country counts with its risk of restriction;
* ``named``: a coalition acts as one supplier, by a scenario of the table
  ``restrictions`` or by countries joined with ``+``; others count with their row,
  else their baseline risk, else not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.select.settings import ChokepointSettings
from jicheng.select.wording import say
from jicheng.supply import Restrictions, Supply
from jicheng.zone import Zone

__all__ = ["Family", "Scenario", "Withholding", "choose_scenario"]

_FULL_RISK = 1.0
_NO_AGREEMENT = 1.0  # trade parameter where no row says anything


class Family(StrEnum):
    """The three families of scenarios."""

    ALL_FOREIGN = "all-foreign"
    BASELINE = "baseline"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Scenario:
    """The scenario of one analysis.

    Attributes
    ----------
    name : str
        ``all-foreign``, ``baseline``, a name of ``restrictions.scenario``, or countries
        joined by ``+`` in alphabetical order.
    family : Family
        Its family, which fixes the threshold of vulnerability.
    home : str
        Country from which exposure is judged.
    coalition : tuple of str
        Countries that withhold as one; empty unless the family is ``named``.
    threshold_vulnerability, threshold_impact : float
        v* and i*.
    label : Text
        One line for every output.
    provenance : Text
        Where the thresholds come from.
    """

    name: str
    family: Family
    home: str
    coalition: tuple[str, ...]
    threshold_vulnerability: float
    threshold_impact: float
    label: Text
    provenance: Text


@dataclass(frozen=True)
class Withholding:
    """A scenario as arrays over technologies (n) and countries (c).

    Attributes
    ----------
    coalition : ndarray of bool, shape (n, c)
        S: countries that act as one supplier with full risk. Never home.
    withholders : ndarray of bool, shape (n, c)
        W: countries whose supply stops: S where the scenario has one, else all
        foreign countries.
    risk, risk_low, risk_high : ndarray of float64, shape (n, c)
        g of countries outside S, 0 to 1; the interval is that of a missing row.
    standard_error : ndarray of float64, shape (n, c)
        Of ``risk``, 0 where none is stated.
    is_assumed : ndarray of bool, shape (n, c)
        Where no row states the risk although the scenario needs it.
    trade : ndarray of float64, shape (n, c)
        t, 1 where no row says anything.
    hidden_risk_low, risk_top, trade_top : ndarray of float64, shape (n,)
        Lowest and highest g, and highest t, of a supplier that nobody has listed.
    stops_atomistic : bool
        Whether the many small suppliers of an aggregate withhold, too.
    home_index : int
        Position of home.
    """

    coalition: NDArray[np.bool_]
    withholders: NDArray[np.bool_]
    risk: NDArray[np.float64]
    risk_low: NDArray[np.float64]
    risk_high: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    is_assumed: NDArray[np.bool_]
    trade: NDArray[np.float64]
    hidden_risk_low: NDArray[np.float64]
    risk_top: NDArray[np.float64]
    trade_top: NDArray[np.float64]
    stops_atomistic: bool
    home_index: int

    @property
    def has_coalition(self) -> NDArray[np.bool_]:
        """Technologies that a coalition withholds, shape (n,)."""
        return np.asarray(self.coalition.any(axis=1), dtype=np.bool_)


def choose_scenario(
    zone: Zone, supply: Supply, requested: str | None, settings: ChokepointSettings
) -> tuple[Scenario, Withholding, list[Fault]]:
    """Resolve the name of a scenario.

    Parameters
    ----------
    zone, supply
        The zone, and its supply seen from home.
    requested : str, optional
        ``all-foreign``, ``baseline``, a name of ``restrictions.scenario``, or countries
        joined by ``+``. Default: ``baseline`` if any row states a baseline risk towards
        home, else ``all-foreign``.
    settings : ChokepointSettings
        Thresholds and assumptions.

    Returns
    -------
    scenario : Scenario
    withholding : Withholding
    warnings : list of Fault
        E217 (assumed risk), E218 (default without restrictions), E219 (home among
        the coalition).

    Raises
    ------
    InvalidInput
        E202 for an unknown name, E203 if the scenario withholds nothing from home.
    """
    baseline = Restrictions.of(zone, supply)
    name = requested or (Family.ALL_FOREIGN if baseline.is_empty else Family.BASELINE)
    warnings = [] if requested or name == Family.BASELINE else [fault("E218", is_warning=True)]
    if name == Family.ALL_FOREIGN:
        coalition = np.zeros_like(baseline.withholds)
        scenario = _scenario(Family.ALL_FOREIGN, name, supply.home, (), settings)
        if baseline.is_empty:
            scenario = replace(scenario, label=say("label_no_restrictions", home=supply.home))
        return scenario, _all_foreign(supply, baseline, coalition), warnings
    if name == Family.BASELINE:
        scenario = _scenario(Family.BASELINE, name, supply.home, (), settings)
        withholding = _baseline(supply, baseline, settings)
        return scenario, withholding, warnings + _assumed_risks(supply, withholding, settings)
    named = _scenario_names(zone)
    if name in named:
        rows = Restrictions.of(zone, supply, name, member_risk=settings.member_risk)
        members = _labels(supply, np.flatnonzero(rows.withholds.any(axis=0)))
        if not members:
            raise InvalidInput.of("E203", scenario=name, home=supply.home)
        scenario = _scenario(Family.NAMED, name, supply.home, members, settings)
        return scenario, _named(supply, rows, rows.withholds), warnings
    members = _coalition_of(name, supply, named)
    if supply.home in members:
        members = tuple(member for member in members if member != supply.home)
        warnings.append(fault("E219", is_warning=True, home=supply.home))
    if not members:
        raise InvalidInput.of("E203", scenario=name, home=supply.home)
    coalition = np.zeros_like(baseline.withholds)
    coalition[:, [supply.countries.index(member) for member in members]] = True
    scenario = _scenario(Family.NAMED, "+".join(members), supply.home, members, settings)
    return scenario, _named(supply, baseline, coalition), warnings


def _scenario_names(zone: Zone) -> tuple[str, ...]:
    names = zone["restrictions"]["scenario"].drop_nulls().unique().to_list()
    return tuple(sorted(name for name in names if name != Family.BASELINE))


def _coalition_of(name: str, supply: Supply, named: Sequence[str]) -> tuple[str, ...]:
    members = tuple(sorted({part.strip().upper() for part in name.split("+")}))
    if not set(members) <= set(supply.countries):
        raise InvalidInput.of(
            "E202",
            scenario=name,
            names=", ".join(named) or "-",
            countries=", ".join(supply.countries),
        )
    return members


def _labels(supply: Supply, chosen: NDArray[np.intp]) -> tuple[str, ...]:
    return tuple(supply.countries[j] for j in chosen)


def _foreign(supply: Supply) -> NDArray[np.bool_]:
    foreign = np.ones((len(supply.technologies), len(supply.countries)), dtype=np.bool_)
    foreign[:, supply.home_index] = False
    return foreign


def _all_foreign(supply: Supply, rows: Restrictions, coalition: NDArray[np.bool_]) -> Withholding:
    foreign = _foreign(supply)
    full = foreign.astype(np.float64) * _FULL_RISK
    return Withholding(
        coalition=coalition,
        withholders=foreign,
        risk=full,
        risk_low=full,
        risk_high=full,
        standard_error=np.zeros_like(full),
        is_assumed=np.zeros_like(foreign),
        trade=rows.trade,
        hidden_risk_low=np.full(len(full), _FULL_RISK),
        risk_top=np.full(len(full), _FULL_RISK),
        trade_top=_trade_top(supply, rows),
        stops_atomistic=True,
        home_index=supply.home_index,
    )


def _baseline(supply: Supply, rows: Restrictions, settings: ChokepointSettings) -> Withholding:
    foreign = _foreign(supply)
    missing = np.isnan(rows.risk) & foreign
    stated = np.where(foreign, rows.risk, np.nan)
    none_stated = np.isnan(stated).all(axis=1)
    highest = np.nan_to_num(stated).max(axis=1, initial=0.0)
    top = np.where(none_stated, _FULL_RISK, np.maximum(highest, settings.risk_if_unknown))
    return Withholding(
        coalition=np.zeros_like(foreign),
        withholders=foreign,
        risk=np.where(missing, settings.risk_if_unknown, np.nan_to_num(rows.risk)),
        risk_low=np.nan_to_num(rows.risk),
        risk_high=np.where(missing, top[:, None], np.nan_to_num(rows.risk)),
        standard_error=rows.standard_error,
        is_assumed=missing,
        trade=rows.trade,
        hidden_risk_low=np.zeros_like(top),
        risk_top=top,
        trade_top=_trade_top(supply, rows),
        stops_atomistic=True,
        home_index=supply.home_index,
    )


def _named(supply: Supply, rows: Restrictions, coalition: NDArray[np.bool_]) -> Withholding:
    others = _foreign(supply) & ~coalition
    risk = np.where(others, np.nan_to_num(rows.risk), 0.0)
    return Withholding(
        coalition=coalition,
        withholders=coalition,
        risk=risk,
        risk_low=risk,
        risk_high=risk,
        standard_error=np.where(others, rows.standard_error, 0.0),
        is_assumed=np.zeros_like(coalition),
        trade=rows.trade,
        hidden_risk_low=np.zeros(len(risk)),
        risk_top=risk.max(axis=1, initial=0.0),
        trade_top=_trade_top(supply, rows),
        stops_atomistic=False,
        home_index=supply.home_index,
    )


def _trade_top(supply: Supply, rows: Restrictions) -> NDArray[np.float64]:
    foreign = np.where(_foreign(supply), rows.trade, _NO_AGREEMENT)
    top: NDArray[np.float64] = foreign.max(axis=1, initial=_NO_AGREEMENT)
    return top


def _assumed_risks(
    supply: Supply, withholding: Withholding, settings: ChokepointSettings
) -> list[Fault]:
    assumed = withholding.is_assumed & (supply.world.listed | supply.sourcing.listed)
    countries = _labels(supply, np.flatnonzero(assumed.any(axis=0)))
    if not countries:
        return []
    return [
        fault(
            "E217",
            is_warning=True,
            n=len(countries),
            risk=f"{settings.risk_if_unknown:g}",
            countries=", ".join(countries),
        )
    ]


def _scenario(
    family: Family, name: str, home: str, coalition: tuple[str, ...], settings: ChokepointSettings
) -> Scenario:
    thresholds = {
        Family.ALL_FOREIGN: settings.threshold_all_foreign,
        Family.BASELINE: settings.threshold_baseline,
        Family.NAMED: settings.threshold_named,
    }
    members = "+".join(coalition)
    key = family.value.replace("-", "_")
    return Scenario(
        str(name),
        family,
        home,
        coalition,
        thresholds[family],
        settings.threshold_impact,
        say(f"label_{key}", home=home, told=name if name == members else f"{name} ({members})"),
        say(f"provenance_{key}"),
    )
