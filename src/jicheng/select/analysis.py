"""The analysis behind the table of chokepoints: every axis of every technology.

Kept whole, because an explanation goes back to it for each figure.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.chain import Chain, ChainSettings
from jicheng.errors import Fault, InvalidInput, MissingData, fault
from jicheng.schema import countries
from jicheng.select.difficulty import Difficulty, difficulty
from jicheng.select.evidence import GRADES, grade_supply
from jicheng.select.impact import Impact, Withheld, impact, withheld
from jicheng.select.relatedness import Relatedness, measure_relatedness
from jicheng.select.scenario import Scenario, Withholding, choose_scenario
from jicheng.select.settings import ChokepointSettings, check_settings
from jicheng.select.uncertainty import Draws, Inputs, draw
from jicheng.select.verdicts import (
    Interval,
    Probabilities,
    Ranks,
    front,
    intervals,
    probabilities,
    rank,
    verdicts,
)
from jicheng.select.vulnerability import Factors, Vulnerability, vulnerability
from jicheng.supply import Shares, Supply
from jicheng.zone import Zone

__all__ = ["Analysis", "analyse", "home_of", "period_of", "unknown_technology"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Analysis:
    """Everything that one run found, aligned with the technologies of the zone.

    Attributes
    ----------
    zone, home, period, settings
        What was analysed, from whose view, from which year age counts.
    chain, supply, scenario, withholding, factors
        The views of the zone, and the scenario.
    vulnerability, stopped, impact, difficulty
        The axes with their bounds.
    grade, grade_world, grade_sourcing : ndarray of int64, shape (n,)
        Evidence, positions in ``evidence.GRADES``.
    draws : Draws
        The draws themselves.
    found : Probabilities
        Shares of draws that reach both thresholds.
    vulnerability_interval, impact_interval : Interval
        5 % to 95 % of the draws, holding the point.
    ranks : Ranks
        Ranks of V times full impact.
    verdict : tuple of str
        One a technology.
    is_priority : tuple of bool or None
        Whether it is on the front; None = listed apart.
    depends_on_unscored : ndarray of bool, shape (n,)
        Whether a technology without shares lies upstream.
    relatedness : Relatedness
        How near needed capabilities are to what the zone is strong in.
    """

    zone: Zone
    home: str
    period: int
    settings: ChokepointSettings
    chain: Chain
    supply: Supply
    scenario: Scenario
    withholding: Withholding
    factors: Factors
    vulnerability: Vulnerability
    stopped: Withheld
    impact: Impact
    difficulty: Difficulty
    grade: NDArray[np.int64]
    grade_world: NDArray[np.int64]
    grade_sourcing: NDArray[np.int64]
    draws: Draws
    found: Probabilities
    vulnerability_interval: Interval
    impact_interval: Interval
    ranks: Ranks
    verdict: tuple[str, ...]
    is_priority: tuple[bool | None, ...]
    depends_on_unscored: NDArray[np.bool_]
    relatedness: Relatedness

    @property
    def held_back(self) -> NDArray[np.bool_]:
        """Technologies not called safe only because member weights are unknown."""
        limit = self.settings.probability_safe
        good = (self.grade >= 0) & (self.grade <= GRADES.index("B"))
        return good & (self.found.mixed <= limit) & (self.found.worst > limit)

    @property
    def shown(self) -> Shares:
        """The shares that the table shows: of the world, else of home's sourcing."""
        world, sourcing = self.supply.world, self.supply.sourcing
        return sourcing.where(sourcing.has_shares & ~world.has_shares, world)


def analyse(
    zone: Zone,
    home: str | None,
    scenario: str | None,
    settings: ChokepointSettings,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Analysis, list[Fault]]:
    """Run the analysis; see :func:`jicheng.select.chokepoints.find_chokepoints`."""
    check_settings(settings)
    if zone["technologies"].is_empty():
        raise MissingData.of("E201")
    home = home_of(zone, home)
    chain = Chain.of(zone, ChainSettings(settings.essential_kinds))
    _check_confirmed(chain, settings)
    supply = Supply.of(zone, home)
    chosen, withholding, warnings = choose_scenario(zone, supply, scenario, settings)
    factors = Factors.of(zone["technologies"], supply, settings)
    period = period_of(zone)
    grade, grade_world, grade_sourcing = grade_supply(supply, chain.is_category, period)
    found_v = vulnerability(supply, withholding, factors)
    stopped = withheld(supply.need, withholding, factors.relief)
    found_i = impact(chain, stopped)
    draws = draw(
        Inputs(chain, supply, withholding, factors, grade_world, grade_sourcing, settings), progress
    )
    found = probabilities(draws, chosen)
    hard, lacking = difficulty(zone, home, settings.reach)
    is_leaf = ~chain.is_category
    confirmed = np.isin(chain.technologies, settings.confirmed)
    return Analysis(
        zone=zone,
        home=home,
        period=period,
        settings=settings,
        chain=chain,
        supply=supply,
        scenario=chosen,
        withholding=withholding,
        factors=factors,
        vulnerability=found_v,
        stopped=stopped,
        impact=found_i,
        difficulty=hard,
        grade=grade,
        grade_world=grade_world,
        grade_sourcing=grade_sourcing,
        draws=draws,
        found=found,
        vulnerability_interval=intervals(
            draws.vulnerability, draws.vulnerability, found_v.point, settings
        ),
        impact_interval=intervals(draws.best, draws.worst, found_i.mixed, settings),
        ranks=rank(
            found_v.point * found_i.full, draws.vulnerability * draws.full, is_leaf, settings
        ),
        verdict=tuple(verdicts(found, grade, confirmed, settings)),
        is_priority=tuple(front(found_v.point, found_i.full, hard.years, is_leaf)),
        depends_on_unscored=chain.has_upstream(~supply.has_shares & is_leaf),
        relatedness=measure_relatedness(zone, home),
    ), warnings + lacking


def home_of(zone: Zone, requested: str | None) -> str:
    """Return the country from which exposure is judged.

    Raises
    ------
    InvalidInput
        E204 if the zones do not agree on one, E205 if it is no country code.
    """
    homes = sorted(set(zone["zones"]["home"].drop_nulls().to_list()))
    if requested is None and len(homes) != 1:
        raise InvalidInput.of("E204", homes=", ".join(homes) or "-")
    home = requested.strip().upper() if requested is not None else homes[0]
    if home not in countries():
        raise InvalidInput.of("E205", home=home)
    return home


def _check_confirmed(chain: Chain, settings: ChokepointSettings) -> None:
    strange = sorted(set(settings.confirmed) - set(chain.technologies))
    if strange:
        raise InvalidInput([unknown_technology(name, chain.technologies) for name in strange])


def unknown_technology(name: str, known: Sequence[str]) -> Fault:
    """Return the fault E206 with the nearest ids."""
    near = difflib.get_close_matches(name, known, n=3) or known[:3]
    return fault("E206", technology=name, near=", ".join(near))


def period_of(zone: Zone) -> int:
    """Return the year from which age counts: the newest of the zones, else of supply."""
    for table in ("zones", "supply"):
        newest = zone[table]["period"].max()
        if isinstance(newest, int):
            return newest
    return 0
