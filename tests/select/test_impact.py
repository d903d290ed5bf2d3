"""Impact: what stops, and what is lost, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import link, make_zone, share, technologies
from jicheng.chain import Chain
from jicheng.select.impact import Impact, Withheld, impact, withheld
from jicheng.select.scenario import choose_scenario
from jicheng.select.settings import ChokepointSettings
from jicheng.supply import Supply

SETTINGS = ChokepointSettings()
ONE_INPUT = [link("t", "p", essentiality="essential"), link("u", "p", essentiality="essential")]


def found(
    *rows: dict[str, Any],
    links: list[dict[str, Any]] | None = None,
    scenario: str = "all-foreign",
    relief: float = 0.0,
    **values: Any,
) -> tuple[Chain, Withheld, Impact]:
    zone = make_zone(
        technologies=technologies("t", "u", "p", "q", **values),
        links=ONE_INPUT if links is None else links,
        supply=list(rows),
    )
    supply, chain = Supply.of(zone, "CHN"), Chain.of(zone)
    _, withholding, _ = choose_scenario(zone, supply, scenario, SETTINGS)
    stopped = withheld(supply.need, withholding, np.full(4, relief))
    return chain, stopped, impact(chain, stopped)


def of_t(array: np.ndarray, chain: Chain) -> float:
    return float(array[chain.index["t"]])


def test_all_foreign_supply_stops() -> None:
    chain, stopped, lost = found(
        share("t", "JPN", 0.5), share("t", "USA", 0.2), share("t", "CHN", 0.3)
    )
    assert of_t(stopped.point, chain) == pytest.approx(0.7)
    assert of_t(lost.mixed, chain) == pytest.approx(0.7)


def test_only_the_coalition_stops() -> None:
    chain, stopped, _ = found(share("t", "JPN", 0.5), share("t", "USA", 0.2), scenario="USA")
    assert of_t(stopped.point, chain) == 0.2


def test_sourcing_of_home_stops_where_it_is_known() -> None:
    chain, stopped, _ = found(share("t", "JPN", 0.9), share("t", "JPN", 0.3, basis="CHN"))
    assert of_t(stopped.point, chain) == 0.3


def test_relief_covers_its_part() -> None:
    chain, stopped, _ = found(share("t", "JPN", 0.8), relief=0.25)
    assert of_t(stopped.point, chain) == pytest.approx(0.6)


def test_unknown_mass_counts_outside_and_inside() -> None:
    chain, stopped, lost = found(share("t", "JPN", 0.4), share("t", "USA", None))
    assert (of_t(stopped.low, chain), of_t(stopped.high, chain)) == (0.4, 1.0)
    assert of_t(lost.low, chain) == pytest.approx(0.4)
    assert of_t(lost.high, chain) == 1.0


def test_an_aggregate_is_foreign_but_in_no_coalition() -> None:
    rows = [share("t", "JPN", 0.4), share("t", "Various", 0.6, country=None)]
    chain, stopped, _ = found(*rows)
    assert of_t(stopped.point, chain) == 1.0
    chain, stopped, _ = found(*rows, scenario="JPN")
    assert (of_t(stopped.point, chain), of_t(stopped.high, chain)) == (0.4, 0.4)


def test_without_shares_impact_is_unknown_and_full_impact_is_not() -> None:
    chain, stopped, lost = found(share("t", "JPN", None))
    assert np.isnan(of_t(stopped.point, chain))
    assert np.isnan(of_t(lost.mixed, chain))
    assert of_t(lost.full, chain) == 1.0


def test_three_variants_side_by_side() -> None:
    links = [link("t", "p", essentiality="essential"), link("u", "p", essentiality="non_essential")]
    chain, _, lost = found(share("t", "JPN", 1.0), share("u", "JPN", 1.0), links=links)
    assert [of_t(x, chain) for x in (lost.linear, lost.mixed, lost.leontief)] == [0.5, 1.0, 1.0]
    u = chain.index["u"]
    assert [float(x[u]) for x in (lost.linear, lost.mixed, lost.leontief)] == [0.5, 0.5, 1.0]


def test_final_products_count_by_their_value() -> None:
    links = [link("t", "p", essentiality="essential"), link("u", "q", essentiality="essential")]
    values = {"p": {"final_value": 3.0}, "q": {"final_value": 1.0}}
    chain, _, lost = found(share("t", "JPN", 1.0), links=links, **values)
    assert of_t(lost.mixed, chain) == 0.75


def test_a_member_of_an_unweighted_category_lies_between_replaceable_and_indispensable() -> None:
    links = [link("t", "q", "category"), link("u", "q", "category")]
    links += [link("q", "p", essentiality="essential")]
    chain, _, lost = found(share("t", "JPN", 1.0), links=links)
    assert [of_t(x, chain) for x in (lost.low, lost.mixed, lost.high)] == [0.0, 0.5, 1.0]
    assert [of_t(x, chain) for x in (lost.full_low, lost.full, lost.full_high)] == [0.0, 0.5, 1.0]


def test_stated_member_weights_leave_no_interval() -> None:
    links = [link("t", "q", "category", weight=3), link("u", "q", "category", weight=1)]
    links += [link("q", "p", essentiality="essential")]
    chain, _, lost = found(share("t", "JPN", 1.0), links=links)
    assert [of_t(x, chain) for x in (lost.low, lost.mixed, lost.high)] == [0.75] * 3


def test_a_category_withheld_itself_stops_by_its_own_shares() -> None:
    links = [link("t", "q", "category"), link("q", "p", essentiality="essential")]
    chain, _, lost = found(share("q", "JPN", 0.6), links=links)
    assert float(lost.mixed[chain.index["q"]]) == pytest.approx(0.6)


def test_where_nothing_leads_to_a_final_product_impact_is_unknown() -> None:
    chain, _, lost = found(share("q", "JPN", 1.0), share("t", "JPN", 1.0))
    assert np.isnan(lost.full[chain.index["q"]])
    assert np.isnan(lost.mixed[chain.index["q"]])
