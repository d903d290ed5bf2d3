from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.facts.from_zone import facts_of as facts_of_zone
from jicheng.rules.pack.shipped import pack_of as shipped_pack
from jicheng.rules.score.evaluate import Evaluation, evaluate
from jicheng.rules.score.explanation import explain, settling_text
from jicheng.rules.score.wording import _sentences, amount, between, overlay_note
from jicheng.zone import Zone
from score_builders import facts_of, pack_of

RULES = """
gates:
  - {id: age, name: {zh: 满一年, en: One year}, status: verified, when: months_registered >= 12}
  - id: any
    status: verified
    any_of: [{id: brand, status: verified, when: own_brand}, {id: lost, status: missing}]
indicators:
  - {id: rd, max: 20, status: verified, numbers: unverified, of: rd_expense / revenue,
     bands: [{ge: 0.05, points: 20}, {otherwise: true, points: 0}]}
  - id: ip
    max: 10
    status: verified
    parts:
      - {id: level, max: 6, status: verified, judged: {high: [5, 6], low: [0, 2]}}
      - {id: count, max: 4, status: verified, cases: [{when: ip_class1 >= 1, points: 4}]}
pass: [{id: total, status: verified, when: "score >= 12"}]
"""
FIRM: dict[str, Any] = {
    "months_registered": 30.0,
    "own_brand": True,
    "revenue": 2.0e7,
    "rd_expense": 9.0e5,
    "ip_class1": None,
}


def evaluation(rules: str = RULES, **changes: Any) -> Evaluation:
    other = {name: value if value is not None else 1.0 for name, value in FIRM.items()}
    return evaluate(pack_of(rules), facts_of([other, {**FIRM, **changes}]))


def test_banded_item_tells_value_threshold_and_points() -> None:
    found = explain(evaluation(), "f1").finding("indicators/rd")
    assert found.value is not None
    assert found.value.en == "4.5 %"
    assert "≥ 5 %: 20" in found.threshold.en
    assert (found.low, found.high, found.most) == (0, 0, 20)
    assert found.numbers == "unverified"


def test_gate_tells_value_and_truth() -> None:
    found = explain(evaluation(), "f1").finding("gates/age")
    assert (found.truth, found.value and found.value.en) == ("true", "30")


def test_part_is_below_its_item() -> None:
    found = explain(evaluation(), "f1").finding("indicators/ip")
    assert [part.path for part in found.below] == ["indicators/ip/level", "indicators/ip/count"]
    assert (found.low, found.high) == (0, 10)


def test_missing_text_is_flagged_and_makes_a_draft() -> None:
    told = explain(evaluation(), "f1")
    assert told.finding("gates/any/lost").flags == ("missing_rule",)
    assert any("Draft" in remark.en for remark in told.remarks)


def test_facts_are_listed_with_their_years() -> None:
    rules = RULES.replace("rd_expense / revenue", "mean_growth(revenue)")
    rows = explain(evaluation(rules), "f1").finding("indicators/rd").facts
    assert [str(row.name) for row in rows] == ["revenue", "revenue[-1]", "revenue[-2]"]
    assert [row.is_known for row in rows] == [True, False, False]
    assert "2023" in rows[2].label.en


def test_unknown_fact_is_called_unknown() -> None:
    (row,) = explain(evaluation(), "f1").finding("indicators/ip/count").facts
    assert (row.value.zh, row.is_known) == ("未知", False)


def test_points_of_an_expert_are_told() -> None:
    found = evaluation(**{"judged.t.test.ip.level": 5.5})
    (row,) = explain(found, "f1").finding("indicators/ip/level").facts
    assert (row.value.en, row.is_known) == ("5.5", True)


def test_missing_fact_is_no_remark_where_the_element_is_settled() -> None:
    settled = evaluation(months_registered=(30.0, 42.0))
    assert explain(settled, "f1").finding("gates/age").flags == ()
    assert explain(evaluation(months_registered=(6.0, 18.0)), "f1").finding("gates/age").flags


def test_ranges_that_rules_leave_to_experts_are_told() -> None:
    level = {"judged.t.test.ip.level": "high"}
    assert any("experts" in remark.en for remark in explain(evaluation(**level), "f1").remarks)
    assert not any("experts" in remark.en for remark in explain(evaluation(), "f1").remarks)


def test_fact_in_two_places_is_told_to_widen() -> None:
    rules = RULES.replace("own_brand", "ip_class1 >= 2")
    assert any("wider" in remark.en for remark in explain(evaluation(rules), "f1").remarks)
    assert not any("wider" in remark.en for remark in explain(evaluation(), "f1").remarks)


def test_what_is_missing_is_said_in_both_languages() -> None:
    told = explain(evaluation(), "f1")
    assert str(told.missing[0].name) == "judged.t.test.ip.level"
    assert "given by experts" in told.missing[0].label.en
    assert all(settling_text(found).zh and settling_text(found).en for found in told.missing)


def test_explanation_is_the_same_alone_and_among_others() -> None:
    whole = evaluation()
    assert whole.score is not None
    told = explain(whole, 1)
    assert (told.low, told.high) == (whole.score.low[1], whole.score.high[1])


def test_peers_of_the_list_explain_percentile_points() -> None:
    pack = pack_of("""
indicators: [{id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}]
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
""")
    firms = [{"revenue": 1e6 * k, "stage": "growth", "tech_field": "x"} for k in range(1, 30)]
    whole = evaluate(pack, facts_of(firms))
    told = explain(whole, "f14")
    assert whole.score is not None
    assert told.low == told.high == whole.score.low[14]
    assert "29 peers" in told.finding("indicators/a").threshold.en


WEIGHED = """
indicators: [{id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}]
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
weights: {status: verified, by_stage: {startup: {a: 60}, growth: {a: 20}}}
"""


def test_most_points_are_those_of_the_stage() -> None:
    firms = [{"revenue": 1e6 * k, "stage": "growth", "tech_field": "x"} for k in range(1, 30)]
    found = explain(evaluate(pack_of(WEIGHED), facts_of(firms)), "f3").finding("indicators/a")
    assert found.most == 20
    assert "20" in found.threshold.en


def test_peers_without_values_are_told() -> None:
    firms = [{"revenue": None, "stage": "growth", "tech_field": "x"}] * 2
    firms.append({"revenue": 1.0, "stage": "startup", "tech_field": "x"})
    found = explain(evaluate(pack_of(WEIGHED), facts_of(firms)), "f0").finding("indicators/a")
    assert "no peer" in found.threshold.en


def test_unknown_stage_names_no_peers() -> None:
    firms = [{"revenue": 1.0, "stage": stage, "tech_field": "x"} for stage in (None, "growth")]
    found = explain(evaluate(pack_of(WEIGHED), facts_of(firms)), "f0").finding("indicators/a")
    assert "peers with" not in found.threshold.en


def test_definition_that_is_used_brings_its_facts() -> None:
    rules = RULES.replace(
        "gates:",
        """definitions:
  - {id: least, status: verified, of: staff_total, bands: [{le: 9, value: 12},
     {otherwise: true, value: 36}]}
gates:""",
    ).replace("months_registered >= 12", "months_registered >= least")
    rows = explain(evaluation(rules), "f1").finding("gates/age").facts
    assert [str(row.name) for row in rows] == ["months_registered", "staff_total"]


def test_element_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        explain(evaluation(), "f1").finding("gates/none")


def test_year_that_an_award_was_never_won_reads_never() -> None:
    rules = RULES.replace("months_registered >= 12", "national_award_years_ago <= 3")
    found = evaluation(rules, national_award_years_ago=float("inf"))
    (row,) = explain(found, "f1").finding("gates/age").facts
    assert row.value.en == "never"


def test_endless_revenue_does_not_read_never() -> None:
    assert amount(float("inf"), "CNY").en == "infinite"
    assert between(float("inf"), float("inf"), "persons").zh == "无穷大"


def test_unknown_subject_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput) as caught:
        explain(evaluation(), "f11")
    assert caught.value.code == "E961"
    assert "f1" in str(caught.value)


def test_text_and_plain_values_hold_every_element() -> None:
    told = explain(evaluation(), "f1")
    assert json.loads(json.dumps(told.as_plain()))["verdict"] == told.verdict
    for language in ("zh", "en", None):
        assert "ip" in told.as_text(language) or "满一年" in told.as_text(language)


def test_overlay_is_named_at_the_head_and_at_what_it_changes(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        'overlay: {id: cn.tech_sme, version: "2017", name: {zh: 本市, en: The city}}\n'
        'pass: [{id: total, when: "score >= 40", status: verified}]\n',
        "utf-8",
    )
    firms = facts_of([{"staff_total": 20.0}])
    told = explain(evaluate(shipped_pack("cn.tech_sme", [overlay]), firms), 0)
    text = told.as_text()
    assert "补充文件：本市" in text
    assert "Overlays: The city" in text
    assert "[verified; 本市 / The city]" in text
    changed = told.finding("conditions/total").overlay
    assert changed is not None
    assert changed.en == "The city"
    assert told.finding("conditions/staff_not_zero").overlay is None
    assert told.as_plain()["findings"][0]["overlay"] is None


def test_pack_as_it_is_has_no_note_of_overlays() -> None:
    assert overlay_note(evaluation().pack) is None


@pytest.fixture
def zone() -> Zone:
    return Zone.of({
        "zones": [{"id": "z", "name": "Z", "period": 2025, "home": "CHN"}],
        "organisations": [{"id": "f", "name": "厂", "kind": "firm", "founded": 2019, "zone": "z"}],
        "indicators": [
            {"subject": "f", "indicator": "revenue", "period": 2025, "value": 2.0e7, "unit": "CNY",
             "source": "年报", "as_of": "2026-03-01"},
            {"subject": "f", "indicator": "rd_expense", "period": 2025, "value": 9.0e5},
            {"subject": "f", "indicator": "rd_expense", "period": 2024, "value": 8.0e5},
        ],
    }, strict=False)  # fmt: skip


def test_source_rows_of_the_zone_are_named(zone: Zone) -> None:
    whole = evaluate(pack_of(RULES), facts_of_zone(zone, year=2025))
    found = explain(whole, "f", zone=zone).finding("indicators/rd")
    rows = {str(fact.name): fact.rows for fact in found.facts}
    (row,) = rows["revenue"]
    assert (row.table, row.key, row.source) == ("indicators", "f, revenue, 2025", "年报")
    assert len(rows["rd_expense"]) == 1


def test_column_of_the_subject_is_a_source(zone: Zone) -> None:
    whole = evaluate(pack_of(RULES), facts_of_zone(zone, year=2025))
    (fact,) = explain(whole, "f", zone=zone).finding("gates/age").facts
    assert [row.table for row in fact.rows] == ["organisations"]


def test_title_is_a_source(zone: Zone) -> None:
    held = zone.with_tables(
        qualifications=Zone.of({
            "qualifications": [{"holder": "f", "kind": "high_tech_enterprise",
                                "valid_from": "2023-01-01", "valid_until": "2026-01-01"}],
        }, strict=False)["qualifications"]
    )  # fmt: skip
    rules = RULES.replace("months_registered >= 12", "hte_valid")
    whole = evaluate(pack_of(rules), facts_of_zone(held, year=2025))
    told = explain(whole, "f", zone=held)
    (fact,) = told.finding("gates/age").facts
    assert [row.table for row in fact.rows] == ["qualifications"]
    assert "2023-01-01" in told.as_text("en")


def test_every_sentence_has_both_languages() -> None:
    table = pl.DataFrame([(key, t.zh, t.en) for key, t in _sentences().items()], orient="row")
    assert table.filter(pl.any_horizontal(pl.all() == "")).is_empty()
