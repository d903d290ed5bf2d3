"""Who withholds: defaults, names, coalitions, thresholds, missing risks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import make_zone, share, technologies
from jicheng.errors import InvalidInput
from jicheng.select.scenario import Family, Scenario, Withholding, choose_scenario
from jicheng.select.settings import ChokepointSettings
from jicheng.supply import Supply

SETTINGS = ChokepointSettings()


def chosen(
    requested: str | None = None,
    restrictions: list[dict[str, Any]] | None = None,
    home: str = "CHN",
    settings: ChokepointSettings = SETTINGS,
) -> tuple[Scenario, Withholding, dict[str, int], list[str]]:
    """Return scenario, arrays, column of each country, and codes of warnings."""
    zone = make_zone(
        technologies=technologies("t", "u"),
        supply=[share("t", "JPN", 0.5), share("t", "USA", 0.3), share("u", "NLD", 1.0)],
        restrictions=restrictions or [],
    )
    supply = Supply.of(zone, home)
    scenario, arrays, warnings = choose_scenario(zone, supply, requested, settings)
    columns = {name: j for j, name in enumerate(supply.countries)}
    return scenario, arrays, columns, [warning.code for warning in warnings]


def risk(country: str, value: float | None, **values: Any) -> dict[str, Any]:
    return {"country": country, "risk": value} | values


def test_without_restrictions_the_default_is_all_foreign_and_says_so() -> None:
    scenario, arrays, at, codes = chosen()
    assert (scenario.name, scenario.family) == ("all-foreign", Family.ALL_FOREIGN)
    assert "no restrictions" in scenario.label.en
    assert "没有管制风险" in scenario.label.zh
    assert codes == ["E218"]
    assert arrays.risk[0, at["JPN"]] == 1.0
    assert arrays.risk[0, at["CHN"]] == 0.0
    assert arrays.withholders[0].tolist() == [name != "CHN" for name in at]


def test_restrictions_of_another_target_do_not_make_a_baseline() -> None:
    assert chosen(restrictions=[risk("NLD", 0.9, target="USA")])[0].family is Family.ALL_FOREIGN


def test_with_a_baseline_risk_the_default_is_baseline() -> None:
    scenario, arrays, at, _ = chosen(restrictions=[risk("JPN", 0.2), risk("NLD", 0.9)])
    assert scenario.family is Family.BASELINE
    assert arrays.risk[0, at["JPN"]] == 0.2
    assert not arrays.coalition.any()


@pytest.mark.parametrize(
    ("requested", "expected"), [("all-foreign", 0.5), ("baseline", 0.1), ("JPN+USA", 0.25)]
)
def test_each_family_has_its_own_threshold(requested: str, expected: float) -> None:
    scenario = chosen(requested)[0]
    assert scenario.threshold_vulnerability == expected
    assert scenario.threshold_impact == 0.05
    assert scenario.provenance.zh


def test_thresholds_are_settings() -> None:
    settings = ChokepointSettings(threshold_named=0.4, threshold_impact=0.2)
    scenario = chosen("USA", settings=settings)[0]
    assert (scenario.threshold_vulnerability, scenario.threshold_impact) == (0.4, 0.2)


def test_a_missing_risk_is_never_zero() -> None:
    _, arrays, at, codes = chosen(restrictions=[risk("JPN", 0.7)])
    usa = at["USA"]
    assert arrays.risk[0, usa] == 0.5
    assert (arrays.risk_low[0, usa], arrays.risk_high[0, usa]) == (0.0, 0.7)
    assert arrays.is_assumed[0, usa]
    assert codes == ["E217"]


def test_the_interval_of_a_missing_risk_holds_its_point() -> None:
    _, arrays, at, _ = chosen(restrictions=[risk("JPN", 0.1)])
    usa = at["USA"]
    assert arrays.risk_low[0, usa] <= arrays.risk[0, usa] <= arrays.risk_high[0, usa]


def test_baseline_without_any_row_may_carry_any_risk() -> None:
    _, arrays, at, _ = chosen("baseline")
    assert (arrays.risk[0, at["JPN"]], arrays.risk_high[0, at["JPN"]]) == (0.5, 1.0)
    assert arrays.risk_top[0] == 1.0


def test_a_coalition_is_named_in_one_order() -> None:
    assert chosen("USA+JPN")[0].name == chosen("JPN+USA")[0].name == "JPN+USA"


def test_members_of_a_coalition_withhold_and_others_count_with_their_baseline() -> None:
    _, arrays, at, _ = chosen("JPN+USA", [risk("NLD", 0.4)])
    assert arrays.coalition[0, [at["JPN"], at["USA"]]].all()
    assert np.array_equal(arrays.withholders, arrays.coalition)
    assert arrays.risk[0, at["NLD"]] == 0.4
    assert arrays.risk[0, at["JPN"]] == 0.0


def test_outside_a_coalition_a_missing_risk_is_none() -> None:
    _, arrays, at, _ = chosen("JPN")
    assert arrays.risk_high[0, at["USA"]] == 0.0


def test_home_leaves_the_coalition_with_a_warning() -> None:
    scenario, arrays, at, codes = chosen("JPN+USA", home="USA")
    assert scenario.coalition == ("JPN",)
    assert not arrays.coalition[0, at["USA"]]
    assert codes == ["E219"]


def test_home_alone_is_no_coalition() -> None:
    with pytest.raises(InvalidInput) as error:
        chosen("USA", home="USA")
    assert error.value.code == "E203"


def test_a_named_scenario_says_per_technology_who_withholds() -> None:
    rows = [
        risk("JPN", 0.9, scenario="x", technology="t"),
        risk("USA", 0.2, scenario="x"),
        risk("USA", 0.4),
    ]
    scenario, arrays, at, _ = chosen("x", rows)
    assert (scenario.name, scenario.family) == ("x", Family.NAMED)
    assert scenario.coalition == ("JPN",)
    assert arrays.coalition[:, at["JPN"]].tolist() == [True, False]
    assert arrays.risk[0, at["USA"]] == 0.2


def test_a_scenario_that_spares_home_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        chosen("x", [risk("JPN", 0.9, scenario="x", target="KOR")])
    assert error.value.code == "E203"


def test_an_unknown_scenario_names_what_exists() -> None:
    with pytest.raises(InvalidInput) as error:
        chosen("blockade", [risk("JPN", 0.9, scenario="x")])
    assert error.value.code == "E202"
    hint = error.value.faults[0].hint.en
    assert "x" in hint
    assert "CHN, JPN, NLD, USA" in hint
