from __future__ import annotations

from jicheng.rules.score.evaluate import Evaluation, evaluate
from jicheng.rules.score.tables import as_tables
from score_builders import facts_of, pack_of

RULES = """
groups: [{id: g, status: verified}]
gates: [{id: age, status: verified, when: months_registered >= 12}]
indicators:
  - {id: a, max: 6, group: g, status: verified, of: revenue / staff_total,
     bands: [{ge: 5, points: 6}, {otherwise: true, points: 1}]}
"""


def evaluation(rules: str = RULES) -> Evaluation:
    firms = [
        {"months_registered": 30.0, "revenue": 50.0, "staff_total": 0.0},
        {"months_registered": 3.0, "revenue": 50.0, "staff_total": 5.0},
    ]
    return evaluate(pack_of(rules), facts_of(firms))


def test_scores_have_a_row_for_each_subject() -> None:
    table = as_tables(evaluation())["scores"]
    assert table["subject"].to_list() == ["f0", "f1"]
    assert table["verdict"].to_list() == ["pass", "fail"]
    assert table.select("low", "high").rows() == [(1, 6), (6, 6)]
    assert table["group.g.high"].to_list() == [6, 6]


def test_scores_of_a_pack_without_points_are_empty() -> None:
    table = as_tables(evaluation(RULES.split("indicators:")[0]))["scores"]
    assert table["low"].null_count() == 2


def test_elements_have_a_row_for_each_element_of_each_subject() -> None:
    table = as_tables(evaluation())["elements"]
    assert table.select("subject", "path").rows() == [
        ("f0", "gates/age"),
        ("f0", "indicators/a"),
        ("f1", "gates/age"),
        ("f1", "indicators/a"),
    ]
    assert table["truth"].to_list() == ["true", None, "false", None]
    assert table["flags"].to_list() == ["", "zero_denominator", "", ""]
    assert table["value_high"].to_list() == [None, float("inf"), None, 10.0]


def test_pack_without_elements_has_no_rows() -> None:
    assert as_tables(evaluation(""))["elements"].is_empty()


def test_elements_of_some_subjects_only() -> None:
    table = as_tables(evaluation(), places=[1])["elements"]
    assert table["subject"].unique().to_list() == ["f1"]
