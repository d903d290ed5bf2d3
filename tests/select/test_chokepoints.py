"""The table of chokepoints: its columns, its warnings, and what missing tables do."""

from __future__ import annotations

from typing import Any

import pytest

from builders import link, make_zone, share, technologies
from jicheng.conform import empty_frame
from jicheng.errors import InvalidInput, MissingData
from jicheng.schema import plan_tables
from jicheng.select.chokepoints import ChokepointSettings, ChokepointsResult, find_chokepoints
from jicheng.zone import Zone

CHAIN = [
    link("t", "p", essentiality="essential"),
    link("u", "p", essentiality="essential"),
    link("c", "p", essentiality="non_essential"),
    link("m", "c", "category"),
    link("n", "c", "category"),
]


def zone_of(*rows: dict[str, Any], **tables: Any) -> Zone:
    values = {"p": {"final_value": 1.0}}
    given = {
        "technologies": technologies("t", "u", "m", "n", "c", "p", **values),
        "links": CHAIN,
        "supply": list(rows),
    }
    return make_zone(**(given | tables))


def row_of(result: ChokepointsResult, technology: str) -> dict[str, Any]:
    return result.table.filter(technology=technology).row(0, named=True)


def codes(result: ChokepointsResult) -> set[str]:
    return {warning.code for warning in result.warnings}


def test_table_is_exactly_that_of_the_schema() -> None:
    table = find_chokepoints(zone_of(share("t", "JPN", 1.0))).table
    assert table.schema == empty_frame(plan_tables()["chokepoints"]).schema
    assert table["technology"].to_list() == ["c", "m", "n", "p", "t", "u"]


def test_a_foreign_monopoly_in_an_essential_input_is_a_chokepoint() -> None:
    row = row_of(find_chokepoints(zone_of(share("t", "JPN", 0.9), share("t", "USA", 0.1))), "t")
    assert row["verdict"] == "chokepoint"
    assert row["p_chokepoint"] == 1.0
    assert row["vulnerability"] == pytest.approx(0.82)
    assert row["impact_mixed"] == 1.0
    assert (row["leader"], row["leader_share"], row["is_monopoly"]) == ("JPN", 0.9, True)
    assert (row["home_share"], row["unknown_share"], row["n_suppliers"]) == (0.0, 0.0, 2)
    assert (row["evidence"], row["newest_period"], row["share_system"]) == ("A", 2025, "country")
    assert row["rank"] == 1


def test_what_home_makes_itself_is_safe() -> None:
    row = row_of(find_chokepoints(zone_of(share("t", "CHN", 0.8), share("t", "USA", 0.2))), "t")
    assert (row["verdict"], row["home_share"]) == ("safe", 0.8)


def test_without_shares_nothing_is_called_safe_and_nothing_is_zero() -> None:
    row = row_of(find_chokepoints(zone_of(share("t", "JPN", None))), "t")
    assert row["verdict"] == "no_data"
    for name in ("vulnerability", "impact_mixed", "p_chokepoint", "hhi", "evidence", "home_share",
                 "leader", "is_monopoly", "rank", "is_priority", "newest_period"):  # fmt: skip
        assert row[name] is None, name
    assert row["unknown_share"] == 1.0
    assert row["n_suppliers"] == 1
    assert row["impact_full"] == 1.0


def test_no_data_holds_even_where_vulnerability_must_be_zero() -> None:
    values = {"t": {"second_source": 1.0}, "p": {"final_value": 1.0}}
    zone = zone_of(technologies=technologies("t", "u", "m", "n", "c", "p", **values))
    assert row_of(find_chokepoints(zone), "t")["verdict"] == "no_data"


def test_unknown_mass_gives_watch_and_an_interval() -> None:
    row = row_of(find_chokepoints(zone_of(share("t", "JPN", 0.5), share("t", "USA", None))), "t")
    assert row["verdict"] == "watch"
    assert row["vulnerability_low"] <= row["vulnerability"] == 0.25 < row["vulnerability_high"]
    assert (row["hhi_low"], row["hhi_high"]) == (0.25, 0.5)
    assert row["home_share"] is None


def test_scenario_home_and_provenance_come_with_the_result() -> None:
    zone = zone_of(share("t", "JPN", 1.0))
    result = find_chokepoints(zone, home="nld", settings=ChokepointSettings(seed=7))
    assert (result.home, result.scenario.home, result.seed) == ("NLD", "NLD", 7)
    assert result.content_hash == zone.content_hash
    assert result.scenario.label.zh


def test_dependence_on_unscored_inputs_is_told_downstream_only() -> None:
    result = find_chokepoints(zone_of(share("t", "JPN", 1.0), share("m", "JPN", 1.0)))
    told = dict(result.table.select("technology", "depends_on_unscored").iter_rows())
    assert told == {"t": False, "u": False, "m": False, "n": False, "c": True, "p": True}


def test_a_category_without_shares_of_its_own_leaves_nothing_unscored() -> None:
    rows = [share(name, "JPN", 1.0) for name in ("t", "u", "m", "n")]
    assert not row_of(find_chokepoints(zone_of(*rows)), "p")["depends_on_unscored"]


def test_an_unweighted_category_makes_no_member_safe() -> None:
    rows = [share("m", "JPN", 0.9), share("m", "USA", 0.1)]
    chain = [link("t", "p", essentiality="essential"),
             *(link(f"m{i}" if i else "m", "c", "category") for i in range(30)),
             link("c", "p", essentiality="essential")]  # fmt: skip
    ids = technologies("t", "c", "p", "m", *(f"m{i}" for i in range(1, 30)))
    result = find_chokepoints(make_zone(technologies=ids, links=chain, supply=rows))
    row = row_of(result, "m")
    assert row["impact_mixed"] < 0.05
    assert row["p_chokepoint"] == 0.0
    assert (row["impact_low"], row["impact_high"]) == (0.0, 1.0)
    assert row["verdict"] == "watch"
    assert "E225" in codes(result)


def test_a_person_may_confirm_what_thin_evidence_says() -> None:
    rows = [share("t", "JPN", 0.9, period=2010), share("t", "USA", 0.1, period=2010)]
    assert row_of(find_chokepoints(zone_of(*rows)), "t")["verdict"] == "watch"
    settings = ChokepointSettings(confirmed=("t",))
    confirmed = find_chokepoints(zone_of(*rows), settings=settings)
    assert row_of(confirmed, "t")["verdict"] == "chokepoint"


def test_priority_is_the_front_and_others_are_listed_apart() -> None:
    values = {
        "t": {"years_low": 2.0, "years_high": 4.0},
        "u": {"years_low": 5.0},
        "p": {"final_value": 1.0},
    }
    rows = [share(name, "JPN", 1.0) for name in ("t", "u", "m")]
    zone = zone_of(*rows, technologies=technologies("t", "u", "m", "n", "c", "p", **values))
    told = dict(find_chokepoints(zone).table.select("technology", "is_priority").iter_rows())
    assert told == {"t": True, "u": False, "m": None, "n": None, "c": None, "p": None}


def test_difficulty_stands_beside_the_years() -> None:
    zone = zone_of(
        share("t", "JPN", 1.0),
        organisations=[{"id": "o", "name": "o", "kind": "firm", "zone": "zone:test"}],
        capabilities=[{"id": "a", "name": "a"}, {"id": "b", "name": "b"}],
        needs=[{"technology": "t", "capability": name} for name in "ab"],
        holdings=[{"holder": "o", "capability": "a", "level": 0.5}],
    )
    row = row_of(find_chokepoints(zone), "t")
    assert (row["n_needs"], row["n_needs_open"], row["relatedness"]) == (2, 1, 0.5)
    other = row_of(find_chokepoints(zone), "u")
    assert (other["n_needs"], other["n_needs_open"], other["relatedness"]) == (None, None, None)


def test_without_technologies_nothing_can_be_analysed() -> None:
    with pytest.raises(MissingData) as error:
        find_chokepoints(make_zone())
    assert error.value.code == "E201"


def test_without_links_impact_is_unknown_and_nothing_is_safe() -> None:
    result = find_chokepoints(zone_of(share("t", "CHN", 1.0), share("t", "JPN", 0.0), links=[]))
    technologies_only = make_zone(technologies=technologies("t"), supply=[share("t", "CHN", 1.0)])
    for found in (find_chokepoints(technologies_only),):
        assert set(found.table["verdict"]) == {"no_data"}
        assert "E215" in codes(found)
    assert row_of(result, "t")["verdict"] == "no_data"


def test_a_technology_that_leads_nowhere_is_not_safe() -> None:
    zone = zone_of(
        share("x", "CHN", 0.9),
        share("x", "JPN", 0.1),
        technologies=technologies("t", "u", "m", "n", "c", "p", "x", p={"final_value": 1.0}),
    )
    result = find_chokepoints(zone)
    row = row_of(result, "x")
    assert (row["verdict"], row["impact_full"], row["evidence"]) == ("no_data", None, "A")
    assert "E216" in codes(result)


def test_every_assumption_is_told() -> None:
    zone = make_zone(
        technologies=technologies("t", "m", "c", "p"),
        links=[link("t", "p"), link("m", "c", "category"), link("c", "p")],
        supply=[
            share("t", "JPN", 0.51),
            share("t", "USA", 0.51),
            share("t", "JPN", 0.5, basis="CHN"),
        ],
    )
    assert codes(find_chokepoints(zone)) == {
        "E210", "E211", "E212", "E213", "E214", "E218", "E220", "E221", "E222", "E223",
    }  # fmt: skip


def test_a_complete_zone_needs_no_warning() -> None:
    links = [link("t", "p", essentiality="essential")]
    values = {"t": {"years_low": 1.0}, "p": {"years_low": 1.0, "final_value": 1.0}}
    zone = make_zone(
        technologies=technologies("t", "p", **values),
        links=links,
        supply=[share(t, c, 0.5) for t in ("t", "p") for c in ("JPN", "CHN")],
        restrictions=[{"country": "JPN", "risk": 0.3}],
        organisations=[{"id": "o", "name": "o", "kind": "firm", "zone": "zone:test"}],
        capabilities=[{"id": "a", "name": "a"}],
        needs=[{"technology": "t", "capability": "a"}],
        holdings=[{"holder": "o", "capability": "a"}],
    )
    assert find_chokepoints(zone).warnings == ()


def test_zones_that_disagree_on_home_need_it_named() -> None:
    zones = [
        {"id": "a", "name": "a", "home": "CHN", "period": 2026},
        {"id": "b", "name": "b", "home": "NLD", "period": 2024},
    ]
    zone = zone_of(share("t", "JPN", 1.0), zones=zones)
    with pytest.raises(InvalidInput) as error:
        find_chokepoints(zone)
    assert error.value.code == "E204"
    assert "E224" in codes(find_chokepoints(zone, home="NLD"))


def test_a_home_that_is_no_country_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        find_chokepoints(zone_of(), home="XX")
    assert error.value.code == "E205"


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        find_chokepoints(zone_of(), settings=ChokepointSettings(n_draws=0))
    assert error.value.code == "E207"


def test_confirming_an_unknown_technology_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        find_chokepoints(zone_of(), settings=ChokepointSettings(confirmed=("x",)))
    assert error.value.code == "E206"


def test_progress_runs_to_its_end() -> None:
    seen: list[tuple[int, int]] = []
    find_chokepoints(zone_of(share("t", "JPN", 1.0)), progress=lambda *x: seen.append(x))
    assert seen[-1] == (6, 6)
    assert seen == sorted(seen)


def test_the_same_input_gives_the_same_bytes() -> None:
    zone = zone_of(share("t", "JPN", 0.6), share("t", "CHN", 0.3), share("m", "USA", 0.5))
    one, two = (find_chokepoints(zone).table.write_csv() for _ in range(2))
    assert one == two


def test_hard_bounds_hold_the_points() -> None:
    zone = zone_of(share("t", "JPN", 0.5), share("t", "USA", None), share("m", "JPN", 1.0))
    result = find_chokepoints(zone)
    joined = result.table.join(result.bounds, on="technology").drop_nulls("vulnerability")
    for row in joined.iter_rows(named=True):
        assert row["vulnerability_lowest"] <= row["vulnerability"] <= row["vulnerability_highest"]
        assert row["impact_lowest"] <= row["impact_mixed"] <= row["impact_highest"]
