from __future__ import annotations

from typing import Any

from jicheng.rules.score.evaluate import evaluate
from jicheng.rules.score.gaps import gaps
from score_builders import facts_of, pack_of

RULES = """
gates:
  - {id: g, status: verified, when: "revenue >= 5 or own_brand"}
  - {id: lost, status: missing}
indicators:
  - {id: a, max: 6, status: verified, judged: {high: [5, 6], low: [0, 2]}}
  - {id: b, max: 4, status: verified, of: "revenue[-1]",
     bands: [{ge: 3, points: 4}, {otherwise: true, points: 0}]}
"""


def found(*firms: dict[str, Any]) -> dict[str, list[bool]]:
    known = {"revenue": 1.0, "revenue[-1]": 1.0, "own_brand": True, "judged.t.test.a": "low"}
    table = facts_of([{**known, **firm} for firm in firms] + [known])
    return {
        str(name): gap.tolist()[:-1] for name, gap in gaps(evaluate(pack_of(RULES), table)).items()
    }


def test_missing_facts_of_open_elements_are_gaps() -> None:
    assert found({"revenue": None, "own_brand": False}, {"own_brand": None}, {"revenue": 9.0}) == {
        "revenue": [True, False, False],
        "own_brand": [False, True, False],
    }


def test_missing_fact_of_a_settled_element_is_none() -> None:
    assert found({"revenue": None, "own_brand": True}) == {}
    assert found({"revenue": None, "own_brand": True}, {"revenue": None, "own_brand": False}) == {
        "revenue": [False, True]
    }


def test_missing_fact_that_bands_do_not_tell_apart_is_none() -> None:
    assert found({"revenue[-1]": (3.5, 9.0)}) == {}
    assert found({"revenue[-1]": (2.0, 9.0)}) == {"revenue[-1]": [True]}


def test_foundation_is_the_gap_where_an_earlier_figure_contradicts_it() -> None:
    assert found({"founded_year": 2025.0, "revenue[-1]": 9.0}, {"founded_year": 2024.0}) == {
        "founded_year": [True, False]
    }


def test_judgement_not_given_is_a_gap() -> None:
    assert found({"judged.t.test.a": None}) == {"judged.t.test.a": [True]}
