"""Which texts show what a member holds."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from builders import make_zone
from jicheng.conform import empty_frame
from jicheng.integrate.found import also_found, found_texts
from jicheng.schema import plan_tables
from jicheng.zone import Zone

ASSIGNMENT = pl.DataFrame(
    [("ch:1", "cap:a", "org:1"), ("ch:1", "cap:b", "org:1"), ("ch:2", "cap:a", "org:1")],
    ["challenge", "capability", "organisation"],
    orient="row",
)


def zone(evidence: list[dict[str, Any]], **changed: Any) -> Zone:
    texts = [
        {"id": f"text:{k}", "kind": "patent", "title": f"标题{k}", "period": 2015 + k, "body": "长"}
        for k in range(6)
    ]
    tables: dict[str, Any] = {
        "zones": [{"id": "zone:z", "name": "区", "home": "CHN", "period": 2025}],
        "organisations": [
            {"id": "org:1", "name": "甲", "name_en": "A", "kind": "firm"},
            {"id": "org:2", "name": "乙", "kind": "firm"},
        ],
        "people": [
            {"id": "person:1", "name": "张", "name_en": "Zhang", "organisation": "org:1"},
            {"id": "person:2", "name": "李"},
        ],
        "capabilities": [{"id": "cap:a", "name": "能力甲"}, {"id": "cap:b", "name": "能力乙"}],
        "texts": texts,
        "evidence": evidence,
    }
    return make_zone(**(tables | changed))


def shows(text: int, score: float | None, holder: str = "org:1", **more: Any) -> dict[str, Any]:
    return {"holder": holder, "capability": "cap:a", "text": f"text:{text}", "score": score, **more}


def test_best_texts_come_first_and_no_more_than_asked() -> None:
    found = found_texts(
        zone([shows(0, 0.7), shows(1, 0.9), shows(2, None), shows(3, 0.7), shows(4, 0.8)]),
        ASSIGNMENT,
    )
    one = found.filter(pl.col("challenge") == "ch:1")
    assert one.select("rank", "text", "score").rows() == [
        (1, "text:1", 0.9),
        (2, "text:4", 0.8),
        (3, "text:3", 0.7),
    ]
    assert (
        found.filter(pl.col("challenge") == "ch:2").drop("challenge").equals(one.drop("challenge"))
    )
    assert found.schema == empty_frame(plan_tables()["found"]).schema


def test_what_a_person_shows_counts_for_the_organisation() -> None:
    found = found_texts(zone([shows(0, 0.7, "person:1"), shows(1, 0.9, "person:2")]), ASSIGNMENT)
    assert found.filter(pl.col("challenge") == "ch:1").select(
        "organisation", "text", "holder", "holder_name", "holder_name_en"
    ).rows() == [("org:1", "text:0", "person:1", "张", "Zhang")]


def test_text_shown_by_member_and_its_person_counts_once() -> None:
    found = found_texts(zone([shows(0, 0.7), shows(0, 0.8, "person:1")]), ASSIGNMENT)
    assert found["text"].to_list() == ["text:0", "text:0"]
    assert set(found["holder"]) == {"person:1"}


def test_what_no_member_holds_is_left_out() -> None:
    found = found_texts(zone([shows(0, 0.7, "org:2")]), ASSIGNMENT)
    assert found.is_empty()


@pytest.mark.parametrize("empty", ["texts", "evidence"])
def test_zone_without_texts_gives_an_empty_table(empty: str) -> None:
    given = zone([], texts=[]) if empty == "texts" else zone([])
    assert found_texts(given, ASSIGNMENT).equals(empty_frame(plan_tables()["found"]))
    assert found_texts(zone([shows(0, 0.7)]), ASSIGNMENT.clear()).is_empty()


def test_long_words_are_cut_and_missing_ones_stay_missing() -> None:
    found = found_texts(
        zone([shows(0, 0.7, sentence="长" * 1000), shows(1, 0.6)]), ASSIGNMENT
    ).filter(pl.col("challenge") == "ch:1")
    assert [None if s is None else len(s) for s in found["sentence"]] == [400, None]
    assert found["sentence"][0].endswith("长…")


def test_order_of_rows_changes_nothing() -> None:
    rows = [shows(k, 0.5 + 0.1 * (k % 2), holder) for k in range(6) for holder in
            ("org:1", "person:1")]  # fmt: skip
    one = found_texts(zone(rows), ASSIGNMENT)
    assert one.equals(found_texts(zone(rows[::-1]), ASSIGNMENT.reverse()))


COVERAGE = pl.DataFrame(
    [("ch:1", "cap:a", 0.75), ("ch:1", "cap:b", 0.25)],
    ["challenge", "capability", "weight"],
    orient="row",
)
NOBODY = pl.DataFrame(schema={"challenge": pl.String, "organisation": pl.String})
FIRST = pl.DataFrame([("ch:1", "org:1")], ["challenge", "organisation"], orient="row")


def test_others_are_ranked_by_what_their_texts_show() -> None:
    rows = [
        shows(0, 0.8), shows(1, 0.6), shows(2, 0.4, capability="cap:b"),
        shows(3, 0.9, "org:2"),
    ]  # fmt: skip
    found = also_found(zone(rows), COVERAGE, NOBODY)
    assert found.select("rank", "organisation", "shown", "capabilities", "n_texts").rows() == [
        (1, "org:1", pytest.approx(0.75 * 0.8 + 0.25 * 0.4), "cap:a;cap:b", 3),
        (2, "org:2", pytest.approx(0.75 * 0.9), "cap:a", 1),
    ]
    assert found["text"].to_list() == ["text:0", "text:3"]
    assert found.schema == empty_frame(plan_tables()["also_found"]).schema
    assert also_found(zone(rows), COVERAGE, NOBODY, most=1).height == 1


def test_members_are_no_others() -> None:
    found = also_found(zone([shows(0, 0.8), shows(3, 0.9, "org:2")]), COVERAGE, FIRST)
    assert found["organisation"].to_list() == ["org:2"]


def test_text_of_unknown_score_is_listed_and_counts_nothing() -> None:
    found = also_found(zone([shows(0, None, "org:2")]), COVERAGE, FIRST)
    assert found.select("shown", "score", "n_texts").rows() == [(0.0, None, 1)]


def test_needs_without_weights_leave_the_share_unknown() -> None:
    needs = COVERAGE.with_columns(weight=pl.lit(None, dtype=pl.Float64))
    assert also_found(zone([shows(0, 0.7, "org:2")]), needs, FIRST)["shown"].to_list() == [None]


def test_nobody_else_gives_an_empty_table() -> None:
    empty = empty_frame(plan_tables()["also_found"])
    assert also_found(zone([]), COVERAGE, NOBODY).equals(empty)
    assert also_found(zone([shows(0, 0.8)]), COVERAGE, FIRST).equals(empty)
