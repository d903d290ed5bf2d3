"""The chip supply chain as published: what the analysis may and may not say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jicheng.io import eto
from jicheng.select.chokepoints import ChokepointsResult, find_chokepoints
from jicheng.zone import Zone

pytestmark = pytest.mark.shared

EUV, EDA, FURNACES, LITHOGRAPHY = "N20", "N84", "N8", "N19"
HOMES = ("CHN", "USA", "NLD")


@pytest.fixture(scope="module")
def zone(shared: Path) -> Zone:
    return eto.read(shared / "eto")


@pytest.fixture(scope="module")
def results(zone: Zone) -> dict[str, ChokepointsResult]:
    return {home: find_chokepoints(zone, home=home) for home in HOMES}


def row_of(result: ChokepointsResult, technology: str) -> dict[str, Any]:
    return result.table.filter(technology=technology).row(0, named=True)


def test_the_default_scenario_is_labelled(results: dict[str, ChokepointsResult]) -> None:
    for home, result in results.items():
        assert result.scenario.name == "all-foreign"
        assert f"home {home}" in result.scenario.label.en
        assert "no restrictions" in result.scenario.label.en


def test_missing_shares_are_no_data_from_every_home(
    zone: Zone, results: dict[str, ChokepointsResult]
) -> None:
    scored = zone["supply"].drop_nulls("share")["technology"].unique()
    for result in results.values():
        silent = result.table.filter(~pl.col("technology").is_in(scored.implode()))
        assert silent.height > 20
        assert set(silent["verdict"]) == {"no_data"}
        assert silent["vulnerability"].null_count() == silent.height
        assert silent["impact_mixed"].null_count() == silent.height


def test_processes_have_no_shares_and_are_told_as_such(
    results: dict[str, ChokepointsResult],
) -> None:
    for result in results.values():
        assert set(result.table.filter(kind="process")["verdict"]) == {"no_data"}
        final = result.table.filter(kind="product").row(0, named=True)
        assert final["depends_on_unscored"]


def test_euv_lithography_is_a_foreign_monopoly_except_from_its_home(
    results: dict[str, ChokepointsResult],
) -> None:
    for home in ("CHN", "USA"):
        row = row_of(results[home], EUV)
        assert (row["vulnerability"], row["leader"], row["is_monopoly"]) == (1.0, "NLD", True)
        assert row["verdict"] in ("chokepoint", "watch")
        assert row["p_leontief"] == 1.0
    row = row_of(results["NLD"], EUV)
    assert (row["vulnerability"], row["impact_mixed"], row["p_chokepoint"]) == (0.0, 0.0, 0.0)


def test_design_software_exposes_china_and_not_the_united_states(
    results: dict[str, ChokepointsResult],
) -> None:
    assert row_of(results["CHN"], EDA)["vulnerability"] > 0.8
    assert row_of(results["USA"], EDA)["vulnerability"] < 0.01


def test_a_single_source_of_an_old_year_is_graded_low(
    results: dict[str, ChokepointsResult],
) -> None:
    row = row_of(results["CHN"], FURNACES)
    assert row["n_suppliers"] == 1
    assert row["evidence"] in ("C", "D")


def test_a_single_listed_supplier_costs_a_grade(results: dict[str, ChokepointsResult]) -> None:
    single = results["CHN"].table.filter(
        (pl.col("n_suppliers") == 1) & pl.col("evidence").is_not_null()
    )
    assert single.height > 3
    assert "A" not in set(single["evidence"])


def test_categories_are_never_counted_twice(
    zone: Zone, results: dict[str, ChokepointsResult]
) -> None:
    table = results["CHN"].table
    categories = set(table.filter("is_category")["technology"])
    assert LITHOGRAPHY in categories
    assert set(table.filter("is_category")["evidence"].drop_nulls()) == {"D"}
    assert not set(table.filter("is_category")["verdict"]) & {"chokepoint", "safe"}
    bare = zone.with_tables(
        supply=zone["supply"].filter(~pl.col("technology").is_in(sorted(categories)))
    )
    leaves = ~pl.col("technology").is_in(sorted(categories))
    again = find_chokepoints(bare, home="CHN").table
    assert table.filter(leaves).write_csv() == again.filter(leaves).write_csv()


def test_a_loss_of_members_reaches_their_category_once(
    results: dict[str, ChokepointsResult],
) -> None:
    row = row_of(results["CHN"], EUV)
    members = 8  # of lithography tools, at equal weights
    assert row["impact_mixed"] == pytest.approx(1 / members)
    assert (row["impact_low"], row["impact_high"]) == (0.0, 1.0)


def test_intervals_and_explanations_hold_everywhere(results: dict[str, ChokepointsResult]) -> None:
    for result in results.values():
        known = result.table.drop_nulls("vulnerability")
        assert (known["vulnerability_low"] <= known["vulnerability"]).all()
        assert (known["vulnerability"] <= known["vulnerability_high"]).all()
        for technology in (EUV, EDA, LITHOGRAPHY, "N99"):
            assert result.explain(technology).settles


@pytest.mark.parametrize("home", HOMES)
def test_an_allied_coalition_without_home_is_a_scenario_of_its_own(zone: Zone, home: str) -> None:
    result = find_chokepoints(zone, home=home, scenario="USA+JPN+NLD")
    assert home not in result.scenario.coalition
    assert result.scenario.threshold_vulnerability == 0.25
    own = row_of(result, EUV)["vulnerability"]
    assert own == (0.0 if home == "NLD" else 1.0)


def test_undated_shares_of_the_older_release_are_at_most_watch(shared: Path) -> None:
    table = find_chokepoints(eto.read(shared / "eto_2025"), home="CHN").table
    assert set(table["evidence"].drop_nulls()) == {"D"}
    assert set(table["verdict"]) == {"watch", "no_data"}
