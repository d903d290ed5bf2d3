"""Supply seen from home: systems never added, missing never zero, restrictions by target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import make_zone
from jicheng.errors import InvalidInput
from jicheng.supply import Restrictions, Supply
from jicheng.zone import Zone


def row(supplier: str, share: float | None, **values: Any) -> dict[str, Any]:
    """Return a row of shares by country."""
    plain = {"country": supplier, "system": "country", "basis": "world", "period": 2025}
    return {"technology": "t", "supplier": supplier, "share": share} | plain | values


def firm(supplier: str, country: str | None, share: float | None, **values: Any) -> dict[str, Any]:
    return row(supplier, share, country=country, system="firm") | values


def zone_of(*rows: dict[str, Any], **tables: Any) -> Zone:
    return make_zone(
        strict=False, technologies=[{"id": "t", "name": "t"}], supply=list(rows), **tables
    )


def supply_of(*rows: dict[str, Any], home: str = "CHN", **tables: Any) -> Supply:
    return Supply.of(zone_of(*rows, **tables), home)


def shares(supply: Supply) -> dict[str, float]:
    known = zip(supply.countries, supply.world.share[0], strict=True)
    return {country: share for country, share in known if not np.isnan(share)}


def test_an_empty_share_is_unknown_and_its_supplier_listed() -> None:
    supply = supply_of(row("JPN", 0.6), row("USA", None))
    assert shares(supply) == {"JPN": 0.6}
    assert supply.world.listed[0].tolist() == [False, True, True]
    assert supply.world.unknown[0] == pytest.approx(0.4)
    assert (supply.world.n_suppliers[0], supply.world.n_with_share[0]) == (2, 1)


def test_without_any_share_everything_is_unknown() -> None:
    supply = supply_of(row("JPN", None))
    assert not supply.has_shares[0]
    assert supply.world.unknown[0] == 1.0
    assert np.isnan(supply.world.leader_share[0])


def test_home_is_on_the_axis_even_if_no_row_names_it() -> None:
    supply = supply_of(row("JPN", 1.0), home="NLD")
    assert supply.countries == ("JPN", "NLD")
    assert np.isnan(supply.world.share[0, supply.home_index])


def test_shares_by_country_and_by_firm_are_never_added() -> None:
    supply = supply_of(row("JPN", 0.6), row("USA", 0.4), firm("f", "JPN", 0.5))
    assert shares(supply) == {"JPN": 0.6, "USA": 0.4}
    assert supply.world.system == ("country",)


def test_firms_are_summed_over_their_country() -> None:
    supply = supply_of(firm("f", "JPN", 0.5), firm("g", "JPN", 0.25), firm("h", "USA", 0.25))
    assert shares(supply) == {"JPN": 0.75, "USA": 0.25}
    assert supply.world.system == ("firm",)
    assert (supply.world.leader, supply.world.leader_share[0]) == (("f",), 0.5)
    assert supply.world.sum_squares[0] == pytest.approx(0.375)


def test_a_lone_row_by_country_does_not_hide_a_full_list_of_firms() -> None:
    supply = supply_of(row("CHN", 0.1), firm("f", "JPN", 0.9))
    assert supply.world.system == ("firm",)


def test_rounding_does_not_prefer_firms() -> None:
    supply = supply_of(row("JPN", 0.99), firm("f", "JPN", 1.0))
    assert supply.world.system == ("country",)


def test_listed_suppliers_without_shares_are_counted_in_one_system() -> None:
    supply = supply_of(row("JPN", None), row("USA", None), firm("f", "JPN", None))
    assert (supply.world.system, supply.world.n_suppliers[0]) == (("country",), 2)


def test_an_aggregate_is_known_mass_and_no_supplier() -> None:
    supply = supply_of(row("JPN", 0.7), row("Various", 0.3, country=None))
    assert supply.world.atomistic[0] == pytest.approx(0.3)
    assert supply.world.unknown[0] == 0.0
    assert (supply.world.n_suppliers[0], supply.world.n_with_share[0]) == (1, 1)


def test_a_firm_takes_the_country_of_its_organisation() -> None:
    organisations = [{"id": "f", "name": "f", "kind": "firm", "country": "JPN"}]
    supply = supply_of(firm("f", None, 0.8), organisations=organisations)
    assert shares(supply) == {"JPN": 0.8}


def test_the_mass_of_a_firm_without_country_stays_unknown() -> None:
    supply = supply_of(firm("f", None, 0.8), firm("g", "JPN", 0.2))
    assert shares(supply) == {"JPN": 0.2}
    assert supply.world.unknown[0] == pytest.approx(0.8)
    assert supply.world.leader == ("f",)


def test_the_newest_row_of_each_supplier_counts() -> None:
    supply = supply_of(row("JPN", 0.6, period=2020), row("JPN", 0.5), row("USA", 0.3, period=2019))
    assert shares(supply) == {"JPN": 0.5, "USA": 0.3}
    assert supply.world.period[0] == 2025


def test_years_that_overlap_leave_only_the_newest() -> None:
    supply = supply_of(row("JPN", 0.7), row("USA", 0.6, period=2019))
    assert shares(supply) == {"JPN": 0.7}
    assert supply.world.listed[0, supply.countries.index("USA")]


def test_an_undated_share_is_older_than_any_other() -> None:
    supply = supply_of(row("JPN", 0.6, period=None))
    assert supply.world.period[0] == 0
    assert shares(supply_of(row("JPN", 0.6, period=None), row("JPN", 0.4))) == {"JPN": 0.4}


def test_a_little_too_much_is_rescaled_and_told() -> None:
    supply = supply_of(row("JPN", 0.51), row("USA", 0.51))
    assert shares(supply) == pytest.approx({"JPN": 0.5, "USA": 0.5})
    assert supply.world.rescaled == ("t",)
    assert supply.world.unknown[0] == 0.0


def test_far_too_much_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        supply_of(row("JPN", 0.6), row("USA", 0.5))
    assert error.value.code == "E126"


def test_a_lower_bound_stands_for_an_unknown_share() -> None:
    supply = supply_of(row("JPN", None, share_low=0.3), row("USA", 0.5, share_low=0.4))
    assert shares(supply) == {"JPN": 0.3, "USA": 0.5}
    assert supply.world.floor[0].tolist() == [0.0, 0.3, 0.4]


def test_a_lower_bound_of_zero_says_nothing() -> None:
    assert not supply_of(row("JPN", None, share_low=0.0)).has_shares[0]


def test_sourcing_of_home_beats_the_world_as_need() -> None:
    rows = [row("JPN", 0.9), row("USA", 0.4, basis="CHN"), row("NLD", 0.7, basis="USA")]
    supply = supply_of(*rows)
    assert supply.need.known[0, supply.countries.index("USA")] == 0.4
    assert supply.need.known[0, supply.countries.index("JPN")] == 0.0
    assert not supply.sourcing.listed[0, supply.countries.index("NLD")]
    assert supply_of(*rows, home="KOR").need.known[0].max() == 0.9


def test_the_leader_among_equals_is_the_first_by_id() -> None:
    assert supply_of(row("USA", 0.5), row("JPN", 0.5)).world.leader == ("JPN",)


def test_order_of_rows_changes_nothing() -> None:
    rows = [row("JPN", 0.1), row("USA", 0.2), row("KOR", 0.3), firm("f", "JPN", 0.1)]
    one, two = supply_of(*rows), supply_of(*rows[::-1])
    assert np.array_equal(one.world.share, two.world.share, equal_nan=True)
    assert one.world.leader == two.world.leader


def test_used_rows_are_those_that_count_and_listed_suppliers() -> None:
    zone = zone_of(
        row("JPN", 0.6, period=2020), row("JPN", 0.5), row("USA", None), firm("f", "JPN", 0.1)
    )
    supply = Supply.of(zone, "CHN")
    used = zone["supply"][list(supply.world.rows[0])]
    assert used.select("supplier", "period", "share").rows() == [
        ("JPN", 2025, 0.5),
        ("USA", 2025, None),
    ]
    assert supply.sourcing.rows == ((),)


def restricted(*rows: dict[str, Any], home: str = "CHN", scenario: str = "baseline") -> Any:
    zone = zone_of(row("NLD", 0.5), row("JPN", 0.5), restrictions=list(rows))
    supply = Supply.of(zone, home)
    found = Restrictions.of(zone, supply, scenario)
    return found, supply.countries.index("NLD")


def restriction(risk: float | None, **values: Any) -> dict[str, Any]:
    return {"country": "NLD", "risk": risk} | values


def test_without_a_row_the_risk_is_unknown_and_not_zero() -> None:
    found, j = restricted()
    assert np.isnan(found.risk[0, j])
    assert found.is_empty


def test_what_one_country_withholds_from_another_says_nothing_of_a_third() -> None:
    rows = [restriction(0.9, target="CHN")]
    assert restricted(*rows)[0].risk[0, restricted(*rows)[1]] == 0.9
    found, j = restricted(*rows, home="USA")
    assert np.isnan(found.risk[0, j])
    assert found.is_empty


def test_home_never_withholds_from_itself() -> None:
    found, j = restricted(restriction(0.9), restriction(1.0, scenario="x"), home="NLD")
    assert found.risk[0, j] == 0.0
    named, j = restricted(restriction(1.0, scenario="x"), home="NLD", scenario="x")
    assert not named.withholds[0, j]


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        ({"target": "CHN"}, {}),
        ({"technology": "t"}, {"target": "CHN"}),
        ({"scenario": "x"}, {"technology": "t", "target": "CHN"}),
    ],
)
def test_the_more_specific_row_counts(strong: dict[str, Any], weak: dict[str, Any]) -> None:
    for rows in ([restriction(0.2, **strong), restriction(0.7, **weak)],):
        for order in (rows, rows[::-1]):
            found, j = restricted(*order, scenario="x")
            assert found.risk[0, j] == 0.2


def test_a_row_without_risk_leaves_the_weaker_one_in_force() -> None:
    found, j = restricted(restriction(0.7), restriction(None, technology="t", trade=1.5))
    assert (found.risk[0, j], found.trade[0, j]) == (0.7, 1.5)


@pytest.mark.parametrize(("risk", "expected"), [(None, True), (0.5, True), (0.4, False)])
def test_a_scenario_names_who_withholds(risk: float | None, expected: bool) -> None:
    found, j = restricted(restriction(risk, scenario="x"), scenario="x")
    assert found.withholds[0, j] is np.bool_(expected)
    assert not restricted(restriction(risk, scenario="x"))[0].withholds.any()


def test_the_standard_error_comes_with_its_risk() -> None:
    found, j = restricted(restriction(0.7, risk_se=0.1), restriction(0.3, target="CHN"))
    assert (found.risk[0, j], found.standard_error[0, j]) == (0.3, 0.0)
