"""The policies of a zone, matched: the sample's, and small ones made by hand."""

from __future__ import annotations

import datetime
from functools import cache

import polars as pl
import pytest

from jicheng.errors import InvalidInput, MissingData
from jicheng.sample import generate
from jicheng.select.policies import (
    PolicySubject,
    explain_subject,
    icalendar,
    match_policies,
    read_policies,
)
from jicheng.zone import Zone


@cache
def sample():
    return generate(scale="small", seed=1).zone


@cache
def matched():
    return match_policies(sample())


def small(policies, **tables):
    rows = {
        "zones": [{"id": "z", "name": "z", "home": "CHN", "period": 2025}],
        "organisations": [
            {"id": "f1", "name": "甲", "kind": "firm", "zone": "z"},
            {"id": "f2", "name": "乙", "kind": "firm", "zone": "z"},
            {"id": "u", "name": "丙", "kind": "university", "zone": "z"},
        ],
        "indicators": [
            {"subject": "f1", "indicator": "revenue", "period": 2025, "value": 2e7, "unit": "CNY"},
            {"subject": "f2", "indicator": "revenue", "period": 2025, "value": 1e6, "unit": "CNY"},
        ],
        "people": [
            {"id": "p1", "name": "丁", "kind": "person", "level": "院士"},
            {"id": "t1", "name": "丁团队", "kind": "team", "level": "省级团队"},
        ],
        "policies": policies,
    }
    return Zone.of(rows | tables)


def standings(result, policy):
    frame = result.matches(("eligible", "nearly", "open", "not"), policies=[policy])
    return dict(zip(frame["subject"], frame["standing"], strict=True))


def test_firms_are_matched_and_other_organisations_are_not():
    zone = small([{"id": "p", "name": "p", "condition": "revenue >= 1.0e7"}])
    assert standings(match_policies(zone), "p") == {"f1": "eligible", "f2": "not"}


def test_title_that_has_run_out_by_the_day_makes_nobody_eligible():
    zone = small(
        [{"id": "p", "name": "p", "condition": "tech_sme_valid"}],
        qualifications=[
            {"holder": "f1", "kind": "tech_sme", "valid_from": "2025-01-01",
             "valid_until": "2028-09-24"}
        ],
    )  # fmt: skip
    before, after = (
        match_policies(zone, as_of=day, complete_lists=("tech_sme",))
        for day in (datetime.date(2028, 9, 24), datetime.date(2030, 1, 1))
    )
    assert standings(before, "p")["f1"] == "eligible"
    assert standings(after, "p")["f1"] != "eligible"


def test_people_and_teams_are_told_apart():
    policies = [
        {"id": "a", "name": "a", "subject": "person", "condition": "talent_level == academician"},
        {"id": "b", "name": "b", "subject": "team", "condition": "talent_level == academician"},
    ]
    result = match_policies(small(policies))
    assert standings(result, "a") == {"p1": "eligible"}
    assert standings(result, "b") == {"t1": "not"}
    assert explain_subject(result, "p1").sure == ("a",)


def test_named_suppliers_of_a_chain_serve_it_and_of_others_it_is_unknown():
    zone = small(
        [{"id": "p", "name": "p", "condition": "revenue >= 0", "chain": "光刻"}],
        technologies=[{"id": "t", "name": "t", "chain": "光刻"}],
        supply=[
            {"technology": "t", "supplier": "f1", "country": "CHN", "system": "firm", "share": 0.5}
        ],
    )
    assert standings(match_policies(zone), "p") == {"f1": "eligible", "f2": "open"}


def test_day_of_the_analysis_is_the_latest_of_the_rows_unless_it_is_given():
    rows = [{"id": "p", "name": "p", "as_of": "2026-03-31"}, {"id": "q", "name": "q"}]
    assert match_policies(small(rows)).as_of == datetime.date(2026, 3, 31)
    assert match_policies(small([rows[1]])).as_of == datetime.date(2025, 12, 31)
    day = datetime.date(2027, 1, 1)
    assert match_policies(small(rows), as_of=day).as_of == day


def test_zone_without_policies_is_refused():
    with pytest.raises(MissingData, match="E970"):
        match_policies(Zone.of({}))


def test_unknown_pack_is_refused_with_those_that_are_near():
    zone = small([{"id": "p", "name": "p", "rule_pack": "cn.htee"}])
    with pytest.raises(InvalidInput) as raised:
        match_policies(zone)
    assert raised.value.code == "E971"
    assert "cn.hte" in raised.value.faults[0].hint.en


def test_table_of_policies_reads_back_what_it_says():
    zone = small(
        [
            {"id": "p", "name": "p", "benefit": "贴息", "recurrence": "每年", "excludes": "q；r",
             "stacking_count": 2, "window_from": "2026-04-01"},
            {"id": "q", "name": "q"}, {"id": "r", "name": "r"},
        ]
    )  # fmt: skip
    policy = read_policies(zone["policies"])[0]
    assert (policy.benefit, policy.recurrence) == ("interest", "yearly")
    assert policy.excludes == ("q", "r")
    assert policy.window_from == datetime.date(2026, 4, 1)
    assert policy.subject is PolicySubject.ORGANISATION


def test_excluded_policy_that_does_not_exist_is_refused():
    with pytest.raises(InvalidInput, match="E121"):
        small([{"id": "p", "name": "p", "excludes": "nobody"}])


def test_sample_has_subjects_of_every_standing_and_every_kind():
    result = matched()
    assert set(result.matches(("eligible", "nearly", "open", "not"))["standing"]) == {
        "eligible", "nearly", "open", "not",
    }  # fmt: skip
    assert set(result.table["subject"]) == {"organisation", "person", "team", "consortium"}
    assert {w.code for w in result.warnings} <= {"E972", "E977"}


def test_sample_uses_every_form_of_benefit_but_equity_and_says_it_is_made_up():
    policies = sample()["policies"]
    assert set(policies["benefit"]) >= {
        "grant", "share_of_cost", "interest", "loan", "guarantee", "service",
    }  # fmt: skip
    assert all("示例" in name for name in policies["name"])
    assert policies["source"].unique().to_list() == ["sample"]


def test_stacking_limits_of_the_sample_bind_somewhere():
    combinations = matched().combinations()
    left_out = [out for place in range(300) for out in combinations.left_out(place)]
    assert any(out.excluded_by for out in left_out)
    assert any(out.full_group for out in left_out)


def test_order_of_rows_changes_nothing():
    zone = sample()
    turned = zone.with_tables(
        policies=zone["policies"].reverse(), organisations=zone["organisations"].reverse()
    )
    one, other = matched(), match_policies(turned)
    assert one.table.equals(other.table)
    assert one.matches().equals(other.matches())
    assert one.combinations().table().equals(other.combinations().table())


def test_calendar_file_of_the_sample_has_no_policy_without_window():
    text = icalendar(matched().policies, datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
    unfolded = text.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") > 20
    always = sample()["policies"].filter(pl.col("recurrence") == "always")["name"]
    assert not any(name in unfolded for name in always)
