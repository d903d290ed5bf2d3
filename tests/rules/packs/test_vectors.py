"""Firms whose result is known: computed by hand from the published tables."""

from __future__ import annotations

import pytest

from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import VERDICTS, Evaluation, evaluate
from pack_edges import Facts, Known, fact_table

HTE = "cn.hte@2016"
GATES_OF_HTE: dict[str, Known] = {
    "founded_year": 2010.0,
    "months_registered": 180.0,
    "ip_total": 1.0,
    "tech_field": "电子信息",
    "staff_total": 100.0,
    "tech_staff": 30.0,
    "ht_product_income": 8e7,
    "total_income": 1e8,
    "major_safety_quality_environment_case": False,
    "rd_domestic": [4e6, 5e6, 6e6],
    "rd_expense": [4e6, 5e6, 6e6],
    "revenue": [4e7, 4.8e7, 6e7],  # 0.225 a year
    "net_assets": [1e7, 9e6, 1.2e7],  # 0.1167 a year
}
POINTS_OF_HTE: dict[str, Known] = {
    "ip_class1": 1.0, "ip_class2": 0.0, "ip_self_developed": True, "standard_participation": False,
    "transformations_per_year": 5.0,
}  # fmt: skip
MANAGEMENT = (
    "rd_system_and_cost_ledger", "rd_unit_and_cooperation", "incentives_and_open_platform",
    "training_and_talent",
)  # fmt: skip


def result(pack: str, facts: Facts) -> Evaluation:
    return evaluate(pack_of(pack), fact_table([facts]))


def points(found: Evaluation, item: str) -> tuple[float, float]:
    ends = found.points[f"indicators/{item}"]
    return float(ends.low[0]), float(ends.high[0])


def score(found: Evaluation) -> tuple[float, float]:
    assert found.score is not None
    return float(found.score.low[0]), float(found.score.high[0])


def verdict(found: Evaluation) -> str:
    return VERDICTS[int(found.verdicts[0])]


def managed(total: int) -> dict[str, Known]:
    """Return a judgement of the management of R&D that gives some points of 20."""
    split = {20: (6, 6, 4, 4), 16: (6, 5, 3, 2), 15: (5, 5, 3, 2)}[total]
    names = (f"judged.cn.hte.rd_management.{name}" for name in MANAGEMENT)
    return {name: float(each) for name, each in zip(names, split, strict=True)}


JUDGED: dict[str, Known] = {
    "judged.cn.hte.ip.advanced": "high", "judged.cn.hte.ip.core_support": "strong",
}  # fmt: skip


@pytest.mark.parametrize(
    ("sales", "growth", "expected"),
    [
        ([1000.0, 1200.0, 1500.0], 0.225, (5, 6)),
        ([100.0, 90.0, 120.0], 0.116667, (3, 4)),
        ([4000.0, 5600.0, 7500.0], 0.369643, (9, 10)),
        ([100.0, 90.0, 80.0], -0.105556, (0, 0)),
        ([0.0, 100.0, 115.0], 0.15, (5, 6)),
        ([100.0, 0.0, 50.0], -1.0, (0, 0)),
        ([100.0, 100.0, 130.0], 0.15, (5, 6)),
    ],
)
def test_growth_of_sales_of_a_high_tech_enterprise(sales, growth, expected):
    found = result(HTE, {"revenue": sales, "founded_year": 2000.0})

    assert points(found, "growth/revenue_growth") == expected
    value = found.values["indicators/growth/revenue_growth"]
    assert value.low[0] == value.high[0] == pytest.approx(growth, abs=5e-7)


@pytest.mark.parametrize("years", [[-1e6, 1e6, 2e6], [1e6, -1e6, 2e6]])
def test_growth_from_negative_net_assets_is_unknown_and_flagged(years):
    found = result(HTE, {"net_assets": years, "founded_year": 2000.0})

    assert points(found, "growth/net_asset_growth") == (0, 10)
    assert found.flags["indicators/growth/net_asset_growth", "negative_base"].tolist() == [True]


def test_high_tech_enterprise_that_nobody_judged_is_open():
    found = result(HTE, {**GATES_OF_HTE, **POINTS_OF_HTE})

    assert all(truth.certainly[0] for path, truth in found.truths.items() if "gates" in path)
    assert points(found, "ip") == (8, 30)
    assert points(found, "growth") == (8, 10)
    assert score(found) == (41, 90)
    assert verdict(found) == "open"


@pytest.mark.parametrize(
    ("management", "expected", "says"), [(15, (70, 85), "open"), (16, (71, 86), "pass")]
)
def test_seventy_points_are_not_enough_for_a_high_tech_enterprise(management, expected, says):
    found = result(HTE, {**GATES_OF_HTE, **POINTS_OF_HTE, **JUDGED, **managed(management)})

    assert points(found, "ip") == (22, 30)
    assert score(found) == expected
    assert verdict(found) == says


PANEL = {
    "ip.advanced": 7, "ip.core_support": 7, "ip.count": 7, "ip.acquisition": 5,
    "rd_management.rd_system_and_cost_ledger": 4, "rd_management.rd_unit_and_cooperation": 4,
    "rd_management.incentives_and_open_platform": 2, "rd_management.training_and_talent": 1,
    "growth.net_asset_growth": 3, "growth.revenue_growth": 5,
}  # fmt: skip


@pytest.mark.parametrize(("transformation", "says"), [(25, "fail"), (26, "pass")])
def test_panel_that_fixed_all_points_passes_seventy_one_and_fails_seventy(transformation, says):
    panel = {**PANEL, "transformation": transformation}
    judged = {f"judged.cn.hte.{item}": float(given) for item, given in panel.items()}
    found = result(HTE, {**GATES_OF_HTE, **POINTS_OF_HTE, **judged})

    assert score(found) == (45 + transformation,) * 2
    assert verdict(found) == says


def test_item_of_rights_is_cut_off_at_thirty_points():
    facts: Facts = {
        "judged.cn.hte.ip.advanced": 8.0, "judged.cn.hte.ip.core_support": 8.0, "ip_class1": 3.0,
        "ip_self_developed": True, "standard_participation": True,
    }  # fmt: skip

    assert points(result(HTE, facts), "ip") == (25, 30)


TECH: dict[str, Known] = {
    "staff_total": 60.0, "tech_staff": 13.0, "rd_expense": 1.8e6, "revenue": 3.6e7,
    "cost_total": 3e7, "ip_class1": 0.0, "ip_class2": 3.0, "assets_total": 5e7,
    "major_accident": False, "env_violation": False, "research_dishonesty": False,
    "abnormal_list": False,
}  # fmt: skip
NO_WAY_ROUND: dict[str, Known] = {
    "hte_valid": False, "rd_institution_level": "none",
    "national_award_years_ago": float("inf"), "national_award_rank": float("inf"),
    "led_standard_years_ago": float("inf"),
}  # fmt: skip


def test_technology_firm_with_seventy_points_passes():
    found = result("cn.tech_sme@2017", {**TECH, **NO_WAY_ROUND})

    items = {name: points(found, name) for name in ("tech_staff", "rd_input", "ip")}
    assert items == {"tech_staff": (12, 12), "rd_input": (40, 40), "ip": (18, 18)}
    assert score(found) == (70, 70)
    assert verdict(found) == "pass"


def test_technology_firm_with_five_technical_staff_fails():
    found = result("cn.tech_sme@2017", {**TECH, **NO_WAY_ROUND, "tech_staff": 5.0})

    assert score(found) == (58, 58)
    assert verdict(found) == "fail"


def test_technology_firm_without_points_for_staff_fails_whatever_its_total():
    facts = {**TECH, **NO_WAY_ROUND, "tech_staff": 5.0, "ip_class1": 1.0, "rd_expense": 3e6}
    found = result("cn.tech_sme@2017", facts)

    assert score(found) == (80, 80)
    assert verdict(found) == "fail"


@pytest.mark.parametrize(
    ("changes", "total", "says"),
    [
        ({"ip_class2": 2.0, "tech_staff": 9.0}, 60, "pass"),
        ({"ip_class2": 1.0, "tech_staff": 9.0}, 54, "fail"),
    ],
)
def test_sixty_points_are_enough_for_a_technology_firm(changes, total, says):
    found = result("cn.tech_sme@2017", {**TECH, **NO_WAY_ROUND, **changes})

    assert score(found) == (total, total)
    assert verdict(found) == says


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [(None, (50, 50)), ("rd_to_sales", (50, 50)), ("rd_to_cost", (10, 10))],
)
def test_firm_chooses_how_its_research_counts(chosen, expected):
    choice: Facts = {} if chosen is None else {"chosen.cn.tech_sme.rd_input": chosen}
    facts: Facts = {"rd_expense": 3e6, "revenue": 3.6e7, "cost_total": 3e7, **choice}

    assert points(result("cn.tech_sme@2017", facts), "rd_input") == expected


INNOVATIVE: dict[str, Known] = {
    "ip_class1_high_value": 0.0, "ip_class1_self": 0.0, "ip_class1": 1.0, "ip_class2": 0.0,
    "rd_expense": 1.2e6, "revenue": 4e7, "main_revenue": [1.0, 2.2e7 / 1.05, 2.2e7],
    "liabilities": 5.5e6, "assets_total": 1e7, "in_strategic_emerging_catalogue": True,
}  # fmt: skip
NO_DIRECT: dict[str, Known] = {
    "national_award_years_ago": float("inf"), "provincial_award_years_ago": float("inf"),
    "hte_valid": False, "national_tech_innovation_demo": False,
    "ip_advantage_or_demo_enterprise": False, "rd_institution_level": "none",
    "equity_financing_3y": 0.0,
}  # fmt: skip


def test_innovative_firm_at_the_edge_of_every_band_passes():
    found = result("cn.innovative_sme@2022", {**INNOVATIVE, **NO_DIRECT})

    groups = {name: (group.low[0], group.high[0]) for name, group in found.groups.items()}
    assert groups == {"innovation": (25, 25), "growth": (20, 20), "specialisation": (20, 20)}
    assert score(found) == (65, 65)
    assert verdict(found) == "pass"


@pytest.mark.parametrize(
    ("changes", "groups", "says"),
    [
        # total 60, every group at its least but one
        ({"rd_expense": 0.8e6}, (20, 20, 20), "pass"),
        # innovation 15 < 20, the total still 60
        ({"ip_class1": 0.0, "ip_class2": 1.0, "rd_expense": 0.8e6,
          "main_revenue": [1.0, 2e7, 2.2e7]}, (15, 25, 20), "fail"),
        # growth 15 and 10, specialisation 30 makes up for it in the total only
        ({"main_revenue": [1.0, 2.8e7, 2.8e7]}, (25, 15, 30), "pass"),
        ({"main_revenue": [1.0, 3e7, 2.8e7]}, (25, 10, 30), "fail"),
        # specialisation 15 and 10 with full innovation
        ({"in_strategic_emerging_catalogue": False, "ip_class1_self": 1.0}, (30, 20, 15), "pass"),
        ({"in_strategic_emerging_catalogue": False, "ip_class1_self": 1.0, "revenue": 4.2e7},
         (25, 20, 10), "fail"),
        # 59 is impossible in steps of 5: 55 fails
        ({"rd_expense": 0.8e6, "liabilities": 7e6}, (20, 15, 20), "fail"),
    ],
)  # fmt: skip
def test_groups_and_total_of_an_innovative_firm(changes, groups, says):
    found = result("cn.innovative_sme@2022", {**INNOVATIVE, **NO_DIRECT, **changes})

    assert tuple(float(group.low[0]) for group in found.groups.values()) == groups
    assert verdict(found) == says


def test_direct_pass_replaces_points_of_an_innovative_firm():
    facts = {**INNOVATIVE, **NO_DIRECT, "rd_expense": 0.0, "equity_financing_3y": 5e6}

    assert verdict(result("cn.innovative_sme@2022", facts)) == "pass"


@pytest.mark.parametrize(
    ("gate", "value"),
    [("staff_total", 501.0), ("revenue", 2.1e8), ("assets_total", 2.1e8), ("abnormal_list", True)],
)
def test_direct_pass_never_cures_a_failed_gate_of_a_technology_firm(gate, value):
    facts = {**TECH, **NO_WAY_ROUND, "hte_valid": True}

    assert verdict(result("cn.tech_sme@2017", facts)) == "pass"
    assert verdict(result("cn.tech_sme@2017", {**facts, gate: value})) == "fail"


SRDI: dict[str, Known] = {
    "founded_year": 2010.0, "niche_years": 4.0, "rd_expense": [1.2e7, 1.2e7, 1.2e7],
    "revenue": [8e7, 8e7, 8e7], "equity_financing_2y": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("gate", "value"),
    [
        ("niche_years", 1.9),
        ("rd_expense", [1.0, 3e7, 0.9e6]),
        ("revenue", [1.0, 1.0, 9.9e6]),
        ("revenue", [1.0, 1.0, 4.1e8]),
    ],
)
def test_direct_pass_never_cures_a_failed_gate_of_a_specialised_firm(gate, value):
    assert verdict(result("cn.srdi_sme@2022", SRDI)) == "pass"
    assert verdict(result("cn.srdi_sme@2022", {**SRDI, gate: value})) == "fail"


SRDI_OF_SIXTY: dict[str, Known] = {
    "founded_year": 2010.0, "niche_years": 10.0, "revenue": [1e7, 1.5e7, 2e7],
    "main_revenue": [1.33e7, 1.463e7, 1.6093e7], "fills_chain_gap_proven": False,
    "six_basics": False, "time_honoured": False, "serves_chain_leader": False,
    "digital_level": 3.0, "own_brand": True, "standard_participation": True, "net_profit": 0.0,
    "liabilities": 1e7, "assets_total": 2e7, "ip_class1_high_value": 1.0,
    "rd_expense": [5e6, 5e6, 5e6], "rd_staff": 20.0, "staff_total": 100.0,
    "rd_institution_level": "none", "equity_financing_2y": 0.0,
    "provincial_award_years_ago": float("inf"), "national_award_years_ago": float("inf"),
    "maker_china_years_ago": float("inf"),
}  # fmt: skip
LESS: dict[str, Known] = {"digital_level": 1.0, "main_revenue": [1e8, 5e7, 1.6093e7]}


@pytest.mark.parametrize(
    ("changes", "expected", "says"),
    [
        ({}, (60, 75), "pass"),
        ({"niche_years": 8.0}, (59, 74), "open"),
        (LESS, (45, 60), "open"),
        ({**LESS, "niche_years": 8.0}, (44, 59), "fail"),
    ],
)
def test_sixty_points_are_enough_for_a_specialised_firm(changes, expected, says):
    """The local features are unknown, 0 to 15 points."""
    found = result("cn.srdi_sme@2022", {**SRDI_OF_SIXTY, **changes})

    assert score(found) == expected
    assert verdict(found) == says


def test_little_giant_passes_in_the_general_way_and_fails_without_a_brand():
    firm: dict[str, Known] = {
        "founded_year": 2010.0, "niche_years": 3.0, "revenue": [7e7, 8e7, 9e7],
        "main_revenue": [5.6e7, 6.3e7, 6.5e7], "core_processes_on_it": 1.0,
        "management_certificate": True, "liabilities": 7e7, "assets_total": 1e8,
        "national_niche_share": 0.1, "own_brand": True, "rd_expense": [4e6, 4.8e6, 5.4e6],
        "has_rd_institution": True, "ip_class1_main_product": 2.0, "ip_in_use_with_benefit": True,
        "key_link_in_chain": True, "fills_gap": True, "product_class": "ten_key_fields",
    }  # fmt: skip

    assert verdict(result("cn.little_giant@2022", firm)) == "pass"
    assert verdict(result("cn.little_giant@2022", {**firm, "own_brand": False})) == "fail"
    assert verdict(result("cn.little_giant@2022", {**firm, "product_class": "other"})) == "fail"


@pytest.mark.parametrize(
    "key",
    [
        "cn.consortium.hubei@2022", "cn.consortium.hainan@2022", "cn.consortium.hefei@2025",
        "cn.open_challenge.miit_ai@2018", "cn.gz.huangpu.talent@2024",
        "cn.gz.huangpu.hk_macao_youth@2.0", "cn.gz.huangpu.talent_port@undated",
    ],
)  # fmt: skip
def test_nobody_passes_rules_of_which_a_clause_is_missing(key):
    facts: Facts = {
        "lead_kind": "leading_firm", "lead_legal_person": True, "lead_rd_expense": [9e7, 9e7, 9e7],
        "lead_revenue": [1e8, 1e8, 1e8], "lead_core_technology": True,
        "lead_rd_management_system": True, "lead_leading_in_standards_patents_or_share": True,
        "partner_count": 5.0, "technology_micro_small_partners": 2.0,
        "research_partners_have_team": True,
    }  # fmt: skip

    assert verdict(result(key, facts)) == "open"


def test_frame_of_version_two_spans_all_points_and_the_bonus():
    found = result("cn.innovation_points@2.0", {})

    assert score(found) == (0, 130)
