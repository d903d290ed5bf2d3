from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.optimise.cases import Case, read_cases
from jicheng.optimise.sensitivity import moved, pessimistic, sensitivity, varied
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure, SetValue, Variant
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone

SETTINGS = PortfolioSettings(n_draws=150)


def prepared(zone: Zone, settings: PortfolioSettings) -> tuple[Exposure, tuple[Case, ...]]:
    tables = consortia_tables(
        [{"challenge": "c:a", "relief": 0.8}, {"challenge": "c:b"}], level=0.9, n_members=4
    )
    exposure = Exposure.of(zone, settings)
    cases = read_cases(
        zone, tables["challenges"], tables["consortia"], tables["members"], tables["assignment"],
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    return exposure, cases


def value_under(zone: Zone, settings: PortfolioSettings, variant: Variant) -> float:
    """Value of both challenges with everything read anew under the settings."""
    exposure, cases = prepared(zone, settings)
    value = SetValue.of(exposure, cases, settings, variant)
    return float(value.of_sets(np.ones((1, 2), dtype=bool))[0])


def loose_zone() -> Zone:
    """One input of unknown essentiality, and supply of which a part is unknown."""
    return pair_zone(
        links=[{"source": f"tech:{k}", "target": "tech:f", "relation": "input"} for k in "ab"],
        supply=[
            {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 0.7}
            for k in "ab"
        ],
    )


@pytest.mark.parametrize("name", [name for name, _, _ in varied()])
def test_each_end_is_the_value_with_everything_read_anew(name: str) -> None:
    zone = loose_zone()
    exposure, cases = prepared(zone, SETTINGS)
    found = sensitivity(zone, cases, exposure, SETTINGS)
    low, high = next((low, high) for n, low, high in varied() if n == name)
    for variant in Variant:
        ends = [value_under(zone, moved(SETTINGS, name, end), variant) for end in (low, high)]
        assert found.ends[name][variant] == pytest.approx(ends, abs=1e-14)


def test_corners_move_all_assumptions_about_success_together() -> None:
    zone = loose_zone()
    exposure, cases = prepared(zone, SETTINGS)
    found = sensitivity(zone, cases, exposure, SETTINGS)
    worst = value_under(zone, pessimistic(SETTINGS), Variant.MIXED)
    best = value_under(zone, pessimistic(SETTINGS, optimistic=True), Variant.MIXED)
    assert found.corners[Variant.MIXED] == pytest.approx((worst, best), abs=1e-14)
    for name in ("eta", "kappa", "years_position", "level_position"):
        assert worst <= min(found.ends[name][Variant.MIXED])
        assert best >= max(found.ends[name][Variant.MIXED])


def test_interval_holds_the_value_and_every_end() -> None:
    zone = loose_zone()
    exposure, cases = prepared(zone, SETTINGS)
    found = sensitivity(zone, cases, exposure, SETTINGS)
    value = value_under(zone, SETTINGS, Variant.MIXED)
    low, high = found.interval(Variant.MIXED, value)
    assert low <= value <= high
    ends = [end for ends in found.ends.values() for end in ends[Variant.MIXED]]
    assert (low, high) == (
        min(*ends, *found.corners[Variant.MIXED]), max(*ends, *found.corners[Variant.MIXED]),
    )  # fmt: skip


def test_an_empty_portfolio_is_worth_nothing_under_any_assumption() -> None:
    zone = loose_zone()
    exposure, _ = prepared(zone, SETTINGS)
    found = sensitivity(zone, (), exposure, SETTINGS)
    assert {end for ends in found.ends.values() for end in ends[Variant.MIXED]} == {0.0}


def test_the_plan_keeps_its_draws_when_an_assumption_moves() -> None:
    zone = loose_zone()
    same = replace(SETTINGS, relief_factor=1.0)
    assert value_under(zone, same, Variant.MIXED) == value_under(zone, SETTINGS, Variant.MIXED)
