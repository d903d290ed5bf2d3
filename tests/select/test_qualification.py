from __future__ import annotations

import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.score.evaluate import evaluate
from jicheng.select.qualification import QualificationResult, qualify
from score_builders import facts_of, pack_of

TITLE = """
gates: [{id: g, status: verified, when: "revenue >= 5"}]
indicators: [{id: a, max: 9, status: verified, formula: staff_total}]
pass: [{id: p, status: verified, when: "score >= 4"}]
"""
ELIGIBLE = "gates: [{id: g, status: unverified, when: own_brand}]"
FIRMS = [
    {"revenue": 6.0, "staff_total": 5.0, "own_brand": True},
    {"revenue": 6.0, "staff_total": None, "own_brand": None},
    {"revenue": None, "staff_total": None, "own_brand": None},
    {"revenue": 1.0, "staff_total": 5.0, "own_brand": False},
]


def result() -> QualificationResult:
    other = ELIGIBLE
    packs = [pack_of(TITLE), pack_of(other)]
    return qualify(facts_of(FIRMS), packs)


def test_each_pack_judges_each_firm() -> None:
    table = result().table
    assert table["subject"].to_list() == ["f0", "f1", "f2", "f3"] * 2
    assert table["verdict"].to_list() == [
        "pass", "open", "open", "fail", "pass", "open", "open", "fail",
    ]  # fmt: skip
    assert table["is_draft"].to_list() == [False] * 4 + [True] * 4


def test_points_are_intervals_and_empty_without_points() -> None:
    table = result().table
    assert table["low"].to_list() == [5, 0, 0, 5, None, None, None, None]
    assert table["high"].to_list()[:4] == [5, 9, 9, 5]


def test_missing_facts_are_named() -> None:
    table = result().table
    assert table["missing"].to_list()[:4] == [[], ["staff_total"], ["revenue", "staff_total"], []]
    assert table["n_missing"].to_list()[:4] == [0, 1, 2, 0]


def test_gaps_count_open_firms_most_wanted_first() -> None:
    gaps = result().gaps
    assert gaps.select("fact", "n_firms").rows() == [
        ("staff_total", 2), ("revenue", 1), ("own_brand", 2),
    ]  # fmt: skip
    assert gaps["zh"][0] == "职工总数"


def test_verdicts_are_those_of_each_pack_alone() -> None:
    alone = evaluate(pack_of(TITLE), facts_of(FIRMS))
    assert result().evaluations[0].verdicts.tolist() == alone.verdicts.tolist()


def test_explanation_is_found_by_pack_and_firm() -> None:
    assert result().explain("t.test@1", "f2").verdict == "open"


def test_unknown_pack_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        result().explain("cn.none", "f2")
    assert caught.value.code == "E961"


def test_fact_that_only_firms_with_many_gaps_lack() -> None:
    names = ["revenue", "staff_total", "rd_expense", "liabilities", "assets_total", "net_profit"]
    gates = ", ".join(f"{{id: {name}, status: verified, when: {name} >= 1}}" for name in names)
    firms = [dict.fromkeys(names), {**dict.fromkeys(names, 2.0), "revenue": None}]
    firms.append(dict.fromkeys(names, 2.0))
    table = qualify(facts_of(firms), [pack_of(f"gates: [{gates}]")]).table
    assert table["missing"].to_list() == [[], ["revenue"], []]
    assert table["n_missing"].to_list() == [6, 1, 0]


def test_no_packs() -> None:
    assert qualify(facts_of(FIRMS), []).table.is_empty()
