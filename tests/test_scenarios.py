"""Scenarios of withholding: families, weights, and what stops in each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import make_zone
from jicheng.chain import Chain
from jicheng.errors import InvalidInput
from jicheng.scenarios import Scenarios, WithholdingSettings
from jicheng.supply import Supply


def row(technology: str, supplier: str, share: float | None, **values: Any) -> dict[str, Any]:
    plain = {"country": supplier, "system": "country", "period": 2025}
    return {"technology": technology, "supplier": supplier, "share": share} | plain | values


def scenarios_of(
    *supply: dict[str, Any],
    settings: WithholdingSettings | None = None,
    home: str = "CHN",
    links: list[dict[str, Any]] | None = None,
    **tables: Any,
) -> Scenarios:
    ids = ("a", "b", "p")
    technologies = tables.pop("technologies", [{"id": name, "name": name} for name in ids])
    arrows = links or [
        {"source": "a", "target": "p", "relation": "input"},
        {"source": "b", "target": "p", "relation": "input"},
    ]
    zone = make_zone(technologies=technologies, links=arrows, supply=list(supply), **tables)
    return Scenarios.of(zone, Chain.of(zone), Supply.of(zone, home), settings)


def only(family: str, **coalitions: float) -> WithholdingSettings:
    weights = {
        f"weight_{name}": float(name == family) for name in ("single", "country", "coalition")
    }
    return WithholdingSettings(**weights, coalitions=coalitions)


def test_half_the_weight_is_on_each_of_the_default_families() -> None:
    found = scenarios_of(row("a", "JPN", 0.6), row("b", "USA", 1.0))
    assert found.names == ("a", "b", "JPN", "USA")
    assert found.families == ("single", "single", "country", "country")
    assert found.weights.tolist() == [0.25] * 4


def test_a_family_without_scenarios_gives_its_weight_to_the_others() -> None:
    found = scenarios_of(row("a", "CHN", 1.0))
    assert found.names == ()
    assert found.weights.size == 0
    assert found.withheld.shape == (0, 3)


def test_single_scenarios_withhold_all_foreign_supply_of_one_technology() -> None:
    found = scenarios_of(
        row("a", "JPN", 0.5), row("a", "USA", 0.2), row("a", "CHN", 0.3), settings=only("single")
    )
    assert found.withheld.tolist() == [[pytest.approx(0.7), 0.0, 0.0]]


def test_country_scenarios_withhold_everything_of_one_country_at_once() -> None:
    found = scenarios_of(
        row("a", "JPN", 0.5), row("b", "JPN", 0.2), row("b", "USA", 0.8), settings=only("country")
    )
    assert found.names == ("JPN", "USA")
    assert found.withheld.tolist() == [[0.5, 0.2, 0.0], [0.0, 0.8, 0.0]]


def test_unknown_mass_counts_as_withheld_at_the_high_end_only() -> None:
    found = scenarios_of(row("a", "JPN", 0.5), row("a", "USA", None), settings=only("single"))
    assert found.withheld[0, 0] == 0.5
    assert found.withheld_high[0, 0] == 1.0


def test_a_listed_country_may_hold_the_unknown_mass() -> None:
    found = scenarios_of(
        row("a", "JPN", 0.5), row("b", "JPN", None), row("b", "USA", 0.6), settings=only("country")
    )
    assert found.withheld_high[0].tolist() == [1.0, pytest.approx(0.4), 0.0]
    assert found.withheld_high[1].tolist() == [0.0, 1.0, 0.0]


def test_an_aggregate_of_foreign_suppliers_withholds_in_single_scenarios() -> None:
    found = scenarios_of(
        row("a", "JPN", 0.5), row("a", "Various", 0.5, country=None), settings=only("single")
    )
    assert found.withheld[0, 0] == 1.0


def test_weights_follow_the_stated_risk() -> None:
    found = scenarios_of(
        row("a", "JPN", 0.5),
        row("a", "USA", 0.5),
        settings=only("country"),
        restrictions=[{"country": "JPN", "risk": 0.1}, {"country": "USA", "risk": 0.3}],
    )
    assert found.weights.tolist() == pytest.approx([0.25, 0.75])


def test_an_unknown_risk_weighs_as_the_mean_of_the_known() -> None:
    found = scenarios_of(
        row("a", "JPN", 0.5),
        row("a", "USA", 0.5),
        settings=only("country"),
        restrictions=[{"country": "JPN", "risk": 0.1}],
    )
    assert found.weights.tolist() == [0.5, 0.5]


def test_weights_never_follow_shares() -> None:
    found = scenarios_of(row("a", "JPN", 0.9), row("a", "USA", 0.1), settings=only("country"))
    assert found.weights.tolist() == [0.5, 0.5]


def test_a_coalition_withholds_what_its_members_supply() -> None:
    settings = WithholdingSettings(0.0, 0.0, 1.0, {"JPN+USA": 1.0})
    found = scenarios_of(row("a", "JPN", 0.5), row("a", "USA", 0.3), settings=settings)
    assert found.withheld[0, 0] == pytest.approx(0.8)


def test_home_withholds_from_itself_in_no_coalition() -> None:
    settings = WithholdingSettings(0.0, 0.0, 1.0, {"CHN+USA": 1.0})
    found = scenarios_of(row("a", "CHN", 0.5), row("a", "USA", 0.3), settings=settings)
    assert found.withheld[0, 0] == 0.3


def test_a_coalition_with_an_unknown_country_is_refused() -> None:
    settings = WithholdingSettings(0.0, 0.0, 1.0, {"JPN+XYZ": 1.0})
    with pytest.raises(InvalidInput) as error:
        scenarios_of(row("a", "JPN", 0.5), settings=settings)
    assert error.value.code == "E202"


def test_a_category_told_by_its_members_is_never_withheld_itself() -> None:
    links = [
        {"source": "a", "target": "b", "relation": "category"},
        {"source": "b", "target": "p", "relation": "input"},
    ]
    found = scenarios_of(
        row("a", "JPN", 0.5), row("b", "JPN", 0.9), links=links, settings=only("country")
    )
    assert found.withheld.tolist() == [[0.5, 0.0, 0.0]]


def test_technologies_without_shares_are_told_and_not_withheld() -> None:
    found = scenarios_of(row("a", "JPN", 0.5), row("b", "JPN", None))
    assert found.unscored.tolist() == [False, True, True]
    assert not found.withheld[:, 1].any()
    assert not found.withheld_high[:, 1].any()


def test_own_supply_counts_relief_and_is_at_most_whole() -> None:
    technologies = [
        {"id": "a", "name": "a", "second_source": 0.5},
        {"id": "b", "name": "b"},
        {"id": "p", "name": "p"},
    ]
    found = scenarios_of(row("a", "JPN", 0.8), technologies=technologies, settings=only("single"))
    assert found.own()[0].tolist() == pytest.approx([0.6, 1.0, 1.0])
    assert found.own(np.array([0.3, 1.0, 0.0]))[0].tolist() == pytest.approx([0.9, 1.0, 1.0])
    assert found.own(np.array([0.9, 0.0, 0.0]))[0].tolist() == [1.0, 1.0, 1.0]


def test_order_of_rows_changes_nothing() -> None:
    rows = [row("a", "JPN", 0.5), row("b", "USA", 0.4), row("b", "JPN", 0.1)]
    one, two = scenarios_of(*rows), scenarios_of(*rows[::-1])
    assert one.names == two.names
    assert np.array_equal(one.withheld, two.withheld)
