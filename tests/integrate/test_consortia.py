"""Consortia: equal to brute force, rules obeyed, reasons told, tables as promised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from builders import make_zone
from integrate.consortium_reference import Reference, random_rows
from jicheng.conform import empty_frame
from jicheng.errors import InvalidInput
from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.consortia import form_consortia
from jicheng.integrate.settings import ConsortiumSettings, Method
from jicheng.schema import plan_tables
from jicheng.zone import Zone


def formed(rows, settings=None, **given):
    zone = make_zone(strict=False, **rows)
    told = pl.DataFrame({"technology": ["tech:a"], "verdict": ["chokepoint"]})
    challenges = form_challenges(zone, told, **given).challenges
    return form_consortia(zone, challenges, settings)


def only(result, table="consortia"):
    (row,) = getattr(result, table).to_dicts()
    return row


def random_settings(seed):
    draw = np.random.default_rng(seed + 10_000)
    flags = {
        name: bool(draw.random() < 0.5)
        for name in ("allow_outside", "allow_abroad", "lead_in_zone", "needs_research",
                     "needs_source")
    }  # fmt: skip
    return ConsortiumSettings(
        **flags,
        tie_weight=float(draw.choice([0.0, 1.5])),
        distance_weight=float(draw.choice([0.0, 0.05])),
        points_per_wan=float(draw.choice([0.01, 0.05])),
    )


@pytest.mark.parametrize("block", range(10))
def test_consortia_equal_brute_force(block):
    for seed in range(20 * block, 20 * block + 20):
        rows, settings = random_rows(seed), random_settings(seed)
        reference, result = Reference(rows, settings), formed(rows, settings)
        best, row = reference.best(), only(result)
        if best is None:
            assert row["status"] == "infeasible", seed
            assert row["reason"], seed
            assert result.members.is_empty(), seed
            continue
        assert row["status"] == "optimal", (seed, row["reason"])
        team = tuple(result.members["organisation"])
        assert reference.broken(team, row["lead"]) == [], seed
        assert row["objective"] == pytest.approx(best, abs=1e-6), seed
        assert reference.value(team, row["lead"]) == pytest.approx(best, abs=1e-6), seed
        assert (row["bound"], row["gap"]) == (row["objective"], 0.0), seed
        parts = row["quality"] + row["ties"] - row["distance"]
        cost = row["objective"] - parts
        assert cost == pytest.approx(-settings.points_per_wan * row["cost"], abs=1e-6), seed


def test_integer_programs_give_the_same_consortia():
    for seed in range(25):
        rows, settings = random_rows(seed), random_settings(seed)
        found = only(formed(rows, settings))
        checked = only(formed(rows, replace(settings, method=Method.PROGRAM)))
        assert found["status"] == checked["status"], seed
        if found["objective"] is not None:
            assert checked["objective"] == pytest.approx(found["objective"], abs=1e-5), seed


def test_permuting_rows_changes_nothing():
    for seed in range(12):
        rows, settings = random_rows(seed), random_settings(seed)
        draw = np.random.default_rng(seed)
        mixed = {name: [table[i] for i in draw.permutation(len(table))]
                 for name, table in rows.items()}  # fmt: skip
        one, other = formed(rows, settings), formed(mixed, settings)
        for table in ("coverage", "consortia", "members", "assignment", "work"):
            assert getattr(one, table).equals(getattr(other, table)), (seed, table)
        assert one.warnings == other.warnings, seed


ROWS = {
    "technologies": [{"id": "tech:a", "name": "甲"}],
    "capabilities": [
        {"id": "cap:x", "name": "能力X", "name_en": "Skill X"},
        {"id": "cap:y", "name": "能力Y"},
    ],
    "needs": [
        {"technology": "tech:a", "capability": "cap:x", "level": 0.6, "weight": 2},
        {"technology": "tech:a", "capability": "cap:y", "level": 0.5, "weight": 1},
    ],
    "sites": [
        {"id": "site:1", "name": "东园", "longitude": 113.0, "latitude": 23.0},
        {"id": "site:2", "name": "西园", "longitude": 113.1, "latitude": 23.0},
    ],
    "organisations": [
        {"id": "org:lead", "name": "牵头", "kind": "firm", "size": "large", "zone": "zone:test",
         "country": "CHN", "site": "site:1", "cost": 20, "capacity": 1},
        {"id": "org:lab", "name": "院所", "kind": "institute", "zone": "zone:test",
         "country": "CHN", "site": "site:2", "cost": 10, "capacity": 1},
        {"id": "org:far", "name": "外企", "kind": "firm", "country": "DEU", "cost": 10},
    ],
    "holdings": [
        {"holder": "org:lead", "capability": "cap:x", "level": 0.8, "evidence": "专利"},
        {"holder": "org:lab", "capability": "cap:y", "level": 0.7, "evidence": "论文"},
        {"holder": "org:far", "capability": "cap:y", "level": 0.9, "evidence": "产品"},
    ],
    "ties": [{"a": "org:lab", "b": "org:lead", "kind": "project", "weight": 0.5}],
    "restrictions": [{"country": "DEU", "target": "CHN", "risk": 0.3}],
}  # fmt: skip


def changed(table, place, **cells):
    """Return the rows with one row of one table changed."""
    rows = {name: [dict(row) for row in content] for name, content in ROWS.items()}
    rows[table][place] |= cells
    return rows


def call(**cells):
    return ROWS | {"challenges": [{"id": "chal:a", "technology": "tech:a"} | cells]}


def test_consortium_of_the_small_zone_by_hand():
    result = formed(ROWS)
    row = only(result)
    km = 2 * 6371.0088 * np.arcsin(np.cos(np.radians(23)) * np.sin(np.radians(0.05)))
    assert (row["status"], row["lead"], row["n_members"]) == ("optimal", "org:lead", 2)
    assert row["quality"] == pytest.approx(6 * 2 * (2 / 3 * 0.8 + 1 / 3 * 0.7))
    assert row["ties"] == pytest.approx(1.5 * 0.5)
    assert row["distance"] == pytest.approx(0.05 * km)
    assert row["cost"] == 30.0
    assert (row["coverage"], row["coverage_low"], row["coverage_high"]) == (1.0, 1.0, 1.0)
    assert row["amplification"] == pytest.approx(1 - 2 / 3)
    assert row["capability_index"] == pytest.approx(0.8 ** (2 / 3) * 0.7 ** (1 / 3))
    assert row["weakest"] == "cap:x"
    assert (row["pool"], row["next_member"]) == (2, None)
    assert (row["random_expected"], row["random_all"]) == (pytest.approx(1.0), 1.0)
    assert row["reason"] is None
    members = result.members.select("organisation", "is_lead", "is_irreplaceable", "margin",
                                    "capabilities", "is_outside").rows()  # fmt: skip
    assert members == [
        ("org:lab", False, True, pytest.approx(1 / 3), "cap:y", False),
        ("org:lead", True, True, pytest.approx(2 / 3), "cap:x", False),
    ]
    assert result.assignment.select("capability", "organisation", "level", "meets").rows() == [
        ("cap:x", "org:lead", 0.8, "yes"),
        ("cap:y", "org:lab", 0.7, "yes"),
    ]
    assert result.assignment["evidence"].to_list() == ["专利", "论文"]


def test_coverage_table_names_who_is_outside_with_exposure():
    coverage = {row["capability"]: row for row in formed(ROWS).coverage.to_dicts()}
    y = coverage["cap:y"]
    assert (y["zone_depth"], y["zone_best"], y["zone_verdict"]) == (1, 0.7, "yes")
    assert (y["outside_depth"], y["outside_best"], y["outside_country"]) == (1, "org:far", "DEU")
    assert y["outside_risk"] == 0.3
    assert (y["team_depth"], y["team_best"], y["team_verdict"]) == (1, 0.7, "yes")
    assert coverage["cap:x"]["outside_best"] is None


def test_partner_abroad_joins_only_if_the_settings_allow_it():
    rows = changed("holdings", 1, level=0.5)
    assert set(formed(rows).members["organisation"]) == {"org:lab", "org:lead"}
    settings = ConsortiumSettings(allow_abroad=True, unknown_distance_km=5.0, points_per_wan=0.001)
    members = formed(rows, settings).members
    assert dict(members.select("organisation", "is_outside").rows())["org:far"] is True


def test_unknown_level_never_covers():
    result = formed(changed("holdings", 1, level=None))
    row = only(result)
    assert row["status"] == "infeasible"
    assert "能力Y" in row["reason"]
    assert "1 open" in row["reason"]
    y = result.coverage.filter(pl.col("capability") == "cap:y").to_dicts()[0]
    assert (y["zone_verdict"], y["zone_open"], y["settled_by"]) == ("open", 1, "org:lab")


def test_holding_without_evidence_and_source_is_open_unless_allowed():
    rows = changed("holdings", 1, evidence=None)
    result = formed(rows)
    assert only(result)["status"] == "infeasible"
    assert "E325" in [w.code for w in result.warnings]
    assert only(formed(rows, ConsortiumSettings(needs_source=False)))["status"] == "optimal"


def test_interval_below_the_need_does_not_cover_though_the_level_does():
    row = only(formed(changed("holdings", 0, level_low=0.4)))
    assert row["status"] == "infeasible"


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        (changed("organisations", 0, may_lead=False), "E310", "may lead"),
        (changed("organisations", 1, kind="platform"), "E311", "institute"),
        (call(r_fold=2), "E309", "held by 2"),
        (call(member_limit=1), "E312", "2 are needed"),
        (call(small_firm_share=0.5), "E313", "at most 0%"),
        (call(lead_kinds="university"), "E310", "university"),
        (ROWS | {"holdings": []}, "E308", "Nobody"),
        (changed("organisations", 0, capacity=0), "E309", "Skill X"),
    ],
)
def test_reason_is_told_in_the_words_of_the_call(rows, code, words):
    result = formed(rows)
    row = only(result)
    assert row["status"] == "infeasible"
    assert words in row["reason"]
    assert code in [told.code for told in result.formed[0].told]
    assert row["objective"] is None


def test_all_obvious_obstacles_are_told_at_once():
    rows = changed("organisations", 1, kind="platform")
    rows["organisations"][0]["may_lead"] = False
    told = [one.code for one in formed(rows).formed[0].told]
    assert told == ["E310", "E311"]


def test_largest_small_firm_share_is_told():
    rows = call(small_firm_share=0.9)
    rows = rows | {
        "organisations": [*ROWS["organisations"],
                          {"id": "org:small", "name": "小企业", "kind": "firm", "size": "micro",
                           "zone": "zone:test", "country": "CHN"}],
        "holdings": [*ROWS["holdings"],
                     {"holder": "org:small", "capability": "cap:x", "level": 0.9,
                      "evidence": "自测"}],
    }  # fmt: skip
    assert "at most 50%" in only(formed(rows))["reason"]


def test_member_who_holds_below_the_level_joins_only_if_allowed():
    rows = changed("organisations", 0, may_lead=False)
    rows["organisations"].append(
        {"id": "org:chain", "name": "链主", "kind": "firm", "zone": "zone:test", "country": "CHN"}
    )
    rows["holdings"].append(
        {"holder": "org:chain", "capability": "cap:y", "level": 0.2, "evidence": "自述"}
    )
    assert only(formed(rows))["status"] == "infeasible"
    row = only(formed(rows, ConsortiumSettings(members_reach_level=False)))
    assert (row["status"], row["lead"], row["n_members"]) == ("optimal", "org:chain", 3)


def test_left_out_challenge_is_not_formed_and_says_why():
    result = formed(ROWS, left_out={"tech:a": "已有国产替代"})
    row = only(result)
    assert (row["status"], row["n_members"]) == ("not_run", 0)
    assert "已有国产替代" in row["reason"]
    assert result.coverage.height == 2


def test_challenge_without_needs_is_not_formed():
    row = only(formed(ROWS | {"needs": []}))
    assert row["status"] == "not_run"
    assert "not listed" in row["reason"]


def test_signed_consortium_is_kept_measured_and_judged():
    rows = call(consortium="org:far;org:lead", member_limit=1)
    result = formed(rows)
    row = only(result)
    assert (row["status"], row["lead"], row["n_members"]) == ("not_run", "org:far", 2)
    assert set(result.members["organisation"]) == {"org:far", "org:lead"}
    assert row["coverage"] == 1.0
    assert row["bound"] is None
    (told,) = [w for w in result.warnings if w.code == "E307"]
    assert "member limit" in told.message.en
    assert "institute" in told.message.en


def test_signed_member_who_is_unknown_is_told():
    result = formed(call(consortium="org:lead;org:gone"))
    assert only(result)["n_members"] == 1
    assert "E306" in [w.code for w in result.warnings]


def test_unknown_cost_is_taken_from_its_kind_and_told():
    rows = changed("organisations", 1, cost=None)
    rows["organisations"].append(
        {"id": "org:peer", "name": "同类", "kind": "institute", "cost": 44, "zone": "zone:test"}
    )
    result = formed(rows)
    assert only(result)["cost"] == 64.0
    member = result.members.filter(pl.col("organisation") == "org:lab").to_dicts()[0]
    assert member["cost"] is None
    assert {"E321", "E329"} <= {w.code for w in result.warnings}


def test_no_cost_at_all_is_told_and_not_counted():
    rows = {**ROWS, "organisations": [row | {"cost": None} for row in ROWS["organisations"]]}
    result = formed(rows)
    assert only(result)["cost"] == 0.0
    assert [w.code for w in result.warnings if w.code in ("E321", "E322", "E329")] == ["E322"]


@pytest.mark.parametrize(("change", "km"), [({}, 10), ({"zone": None, "country": "CHN"}, 100)])
def test_unknown_position_counts_as_the_settings_say(change, km):
    rows = changed("organisations", 1, site=None, **change)
    result = formed(rows)
    assert only(result)["distance"] == pytest.approx(0.05 * km)
    assert "E323" in [w.code for w in result.warnings]


def test_person_counts_for_the_organisation_where_they_work():
    rows = {**ROWS, "holdings": ROWS["holdings"][:1]} | {
        "people": [{"id": "person:1", "name": "张三", "organisation": "org:lab"},
                   {"id": "person:2", "name": "李四"}],
    }  # fmt: skip
    rows["holdings"] = [
        *rows["holdings"],
        {"holder": "person:1", "capability": "cap:y", "level": 0.9, "evidence": "论文"},
        {"holder": "person:2", "capability": "cap:y", "level": 1.0, "evidence": "论文"},
    ]
    result = formed(rows)
    assert only(result)["status"] == "optimal"
    assert result.assignment.filter(pl.col("organisation") == "org:lab")["level"].to_list() == [0.9]
    assert "E326" in [w.code for w in result.warnings]


def test_over_use_is_a_warning_where_capacity_is_not_shared():
    rows = ROWS | {
        "challenges": [{"id": f"chal:{i}", "technology": "tech:a"} for i in range(2)],
    }
    result = formed(rows, ConsortiumSettings(share_capacity=False))
    assert result.consortia["status"].to_list() == ["optimal", "optimal"]
    over = [w for w in result.warnings if w.code == "E324"]
    assert len(over) == 2
    assert "2 consortia" in over[0].message.en


@pytest.mark.parametrize("seed", [94, 201])
def test_work_limit_gives_a_feasible_consortium_with_its_bound(seed):
    rows = random_rows(seed)
    result = formed(rows, ConsortiumSettings(work_limit=0.0))
    best, row = Reference(rows, ConsortiumSettings()).best(), only(result)
    assert row["status"] == "feasible"
    assert row["objective"] - 1e-9 <= best <= row["bound"] + 1e-9
    assert row["gap"] == pytest.approx((row["bound"] - row["objective"]) / row["objective"])
    assert "work limit" in row["reason"]
    assert "E315" in [w.code for w in result.warnings]


def test_missing_tables_are_told_and_nothing_is_formed():
    result = formed({"technologies": ROWS["technologies"], "needs": ROWS["needs"],
                     "capabilities": ROWS["capabilities"]})  # fmt: skip
    assert [w.code for w in result.warnings].count("E320") == 2
    assert only(result)["status"] == "infeasible"


def test_tables_are_as_the_schema_says_even_when_empty():
    zone = make_zone()
    result = form_consortia(zone, empty_frame(plan_tables()["challenges"]))
    for table in ("coverage", "consortia", "members", "assignment"):
        assert getattr(result, table).schema == empty_frame(plan_tables()[table]).schema
    filled = formed(ROWS)
    for table in ("coverage", "consortia", "members", "assignment"):
        assert getattr(filled, table).schema == empty_frame(plan_tables()[table]).schema


def test_zone_without_home_lets_nobody_from_outside_in():
    rows = changed("organisations", 1, zone=None)
    assert only(formed(rows))["status"] == "optimal"
    zone = Zone.of(rows, strict=False)
    told = pl.DataFrame({"technology": ["tech:a"], "verdict": ["chokepoint"]})
    result = form_consortia(zone, form_challenges(zone, told).challenges)
    assert only(result)["status"] == "infeasible"
    assert "E331" in [w.code for w in result.warnings]


def test_progress_counts_the_challenges():
    zone = make_zone(strict=False, **ROWS)
    told = pl.DataFrame({"technology": ["tech:a"], "verdict": ["chokepoint"]})
    seen = []
    form_consortia(zone, form_challenges(zone, told).challenges,
                   progress=lambda *step: seen.append(step))  # fmt: skip
    assert seen == [(0, 1), (1, 1)]


def test_explanation_adds_up_and_names_its_rows():
    result = formed(ROWS)
    explanation = result.explain("chal:a" if "challenges" in ROWS else "challenge:tech:a")
    points = dict(explanation.waterfall.rows())
    assert sum(v for k, v in points.items() if k != "total") == pytest.approx(points["total"])
    assert points["total"] == pytest.approx(only(result)["objective"])
    assert explanation.holders.select("capability", "organisation").rows() == [
        ("cap:x", "org:lead"),
        ("cap:y", "org:lab"),
    ]
    assert explanation.ties.rows() == [("org:lab", "org:lead", 0.5, 0.75)]
    assert explanation.rows["holder"].to_list() == ["org:lead", "org:lab"]
    plain = explanation.as_plain()
    assert all(block["title_zh"] and block["title_en"] for block in plain)
    assert any(row["key"] == "org:lab|cap:y" for block in plain for row in block.get("rows", ()))
    assert "org:lead" in explanation.as_text("zh")


def test_explanation_adds_up_on_random_zones():
    for seed in range(40):
        settings = random_settings(seed)
        result = formed(random_rows(seed), settings)
        explanation = result.explain("chal:a")
        points = dict(explanation.waterfall.rows())
        if points:
            parts = sum(v for k, v in points.items() if k != "total")
            assert parts == pytest.approx(only(result)["objective"]), seed
            km = explanation.distances
            assert km["points"].sum() == pytest.approx(settings.distance_weight * km["km"].sum()), (
                seed
            )


def test_explanation_of_what_could_not_be_formed_tells_why():
    explanation = formed(call(member_limit=1)).explain("chal:a")
    assert explanation.waterfall.is_empty()
    assert "2 are needed" in explanation.as_text("en")


def test_explanation_of_an_unknown_challenge_names_near_ones():
    with pytest.raises(InvalidInput, match="E330"):
        formed(ROWS).explain("challenge:tech:b")
