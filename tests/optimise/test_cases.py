from __future__ import annotations

import math

import pytest

from jicheng.optimise.cases import Case, read_cases
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone, plan_frame


def case_of(
    zone: Zone | None = None, settings: PortfolioSettings | None = None, tables=None, **row
) -> Case:
    zone, settings = zone or pair_zone(), settings or PortfolioSettings()
    tables = tables or consortia_tables([{"challenge": "c:a", **row}])
    exposure = Exposure.of(zone, settings)
    (case,) = read_cases(
        zone, tables["challenges"], tables["consortia"], tables["members"], tables["assignment"],
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    return case


def codes(case: Case) -> list[str]:
    return [obstacle.code for obstacle in case.obstacles]


def test_a_challenge_with_all_data_is_a_candidate() -> None:
    case = case_of(cost_low=80.0, cost_high=140.0)
    assert case.is_candidate
    assert case.has_odds
    assert case.cost == 110.0


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"cost_low": None, "cost_high": None}, "E421"),
        ({"cost_low": None}, "E421"),
        ({"cost_high": None}, "E421"),
        ({"relief": None}, "E422"),
    ],
)
def test_unknown_cost_or_relief_is_an_obstacle_not_zero(row, code) -> None:
    case = case_of(**row)
    assert codes(case) == [code]
    assert case.has_odds


def test_unknown_years_to_substitute_are_an_obstacle() -> None:
    technologies = [
        {"id": "tech:a", "name": "甲", "years_low": 1.0},
        {"id": "tech:f", "name": "产品", "final_value": 1.0},
    ]
    links = [{"source": "tech:a", "target": "tech:f", "relation": "input"}]
    supply = [{"technology": "tech:a", "supplier": "USA", "country": "USA", "share": 1.0}]
    needs = [{"technology": "tech:a", "capability": "cap:1"}]
    case = case_of(pair_zone(technologies=technologies, links=links, supply=supply, needs=needs))
    assert codes(case) == ["E423"]
    assert not case.has_odds


def test_a_technology_without_needs_has_no_odds() -> None:
    needs = [{"technology": "tech:b", "capability": "cap:1"}]
    case = case_of(pair_zone(needs=needs))
    assert codes(case) == ["E424"]
    assert not case.has_odds


def test_a_challenge_without_members_has_no_consortium() -> None:
    tables = consortia_tables([{"challenge": "c:a"}], n_members=0)
    told = {"challenge": "c:a", "status": "infeasible", "reason": "无人持有 cap:1"}
    tables["consortia"] = plan_frame("consortia", [told])
    case = case_of(tables=tables)
    assert codes(case) == ["E425"]
    assert "无人持有 cap:1" in case.obstacles[0].message.zh


def test_unknown_levels_are_an_obstacle_with_the_capability_named() -> None:
    case = case_of(tables=consortia_tables([{"challenge": "c:a"}], level=None))
    assert codes(case) == ["E426"]
    assert "cap:1, cap:2" in case.obstacles[0].message.en


def test_a_technology_without_shares_is_no_candidate() -> None:
    supply = [{"technology": "tech:b", "supplier": "USA", "country": "USA", "share": 1.0}]
    assert codes(case_of(pair_zone(supply=supply))) == ["E427"]


def test_a_category_told_by_its_members_is_no_candidate() -> None:
    links = [
        {"source": "tech:b", "target": "tech:a", "relation": "category"},
        {"source": "tech:a", "target": "tech:f", "relation": "input"},
    ]
    assert codes(case_of(pair_zone(links=links))) == ["E428"]


def test_a_technology_that_leads_nowhere_is_no_candidate() -> None:
    links = [{"source": "tech:b", "target": "tech:f", "relation": "input"}]
    assert codes(case_of(pair_zone(links=links))) == ["E429"]


def test_funded_years_default_to_the_settings() -> None:
    assert case_of(years=None, settings=PortfolioSettings(funded_years=7.0)).years == 7.0
    assert case_of(years=3.0).years == 3.0


def test_decisions_of_the_table_and_of_the_settings_are_read() -> None:
    row = {"decision": "mandatory", "reason": "应急"}
    case = case_of(**row)
    assert (case.decision, case.decided_because) == ("mandatory", "应急")
    override = PortfolioSettings(decisions={"c:a": "excluded"}, reasons={"c:a": "已有替代"})
    case = case_of(settings=override, **row)
    assert (case.decision, case.decided_because) == ("excluded", "已有替代")


def test_a_challenge_left_out_by_a_person_is_excluded() -> None:
    case = case_of(readiness="left_out", reason="不在职责内")
    assert (case.decision, case.decided_because) == ("excluded", "不在职责内")


def test_cases_come_sorted_whatever_the_order_of_rows() -> None:
    zone, settings = pair_zone(), PortfolioSettings()
    exposure = Exposure.of(zone, settings)
    tables = consortia_tables([{"challenge": "c:b"}, {"challenge": "c:a"}])
    cases = read_cases(
        zone, tables["challenges"], tables["consortia"], tables["members"].reverse(),
        tables["assignment"].reverse(),
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    assert [case.challenge for case in cases] == ["c:a", "c:b"]


def test_an_unknown_technology_has_no_odds() -> None:
    tables = consortia_tables([{"challenge": "c:x"}])
    tables["assignment"] = plan_frame("assignment", [])
    case = case_of(tables=tables)
    assert not case.is_candidate
    assert math.isnan(case.years_low)
