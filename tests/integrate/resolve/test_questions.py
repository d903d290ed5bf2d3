"""The fewest questions decide what all questions would, on planted truth."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve import (
    Judgements,
    Resolution,
    ResolveSettings,
    Verdict,
    resolve,
    resolve_people,
)
from jicheng.integrate.resolve.questions import fewest_questions

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
CODE = "91110108551385082Q"


def namesakes(n: int) -> Resolution:
    """Records of one name and organisation from n lists: all pairs are possible."""
    rows = [{"id": f"p{k}", "name": "王小明", "organisation": "o", "source": f"s{k}"}
            for k in range(n)]  # fmt: skip
    return resolve_people(pl.DataFrame(rows))


def decided(found: Resolution, truth: dict[str, int]) -> tuple[Resolution, list[int]]:
    """Answer sheet after sheet truly; return the end and how many questions each sheet had."""
    said, asked = found.judgements, []
    while not (sheet := found.questions).is_empty():
        asked.append(sheet.height)
        for left, right in sheet.select("left", "right").iter_rows():
            verdict = Verdict.SAME if truth[left] == truth[right] else Verdict.DIFFERENT
            said = said.say(left, right, verdict, who="王", at=NOW, why="查证")
        found = found.judged(said)
    return found, asked


def groups(members: dict[str, object]) -> set[frozenset[str]]:
    return {
        frozenset(one for one, of in members.items() if of == body) for body in members.values()
    }


def test_namesakes_that_are_one_need_one_question_less_than_records() -> None:
    found = namesakes(5)
    assert found.review.height == 10
    end, asked = decided(found, dict.fromkeys(found.records.table["id"], 0))
    assert asked == [4]
    assert end.members["person"].n_unique() == 1


def test_namesakes_that_all_differ_are_asked_pair_by_pair_and_never_twice() -> None:
    found = namesakes(4)
    end, asked = decided(found, {one: k for k, one in enumerate(found.records.table["id"])})
    assert sum(asked) == 6
    assert end.members["person"].n_unique() == 4


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=6))
def test_any_planted_truth_is_found_with_no_more_questions_than_pairs(bodies: list[int]) -> None:
    found = namesakes(len(bodies))
    truth = dict(zip(found.records.table["id"], bodies, strict=True))
    end, asked = decided(found, truth)
    assert groups(dict(end.members.iter_rows())) == groups(dict(truth))
    assert sum(asked) <= found.review.height
    assert asked[0] == len(bodies) - 1


def test_nobody_is_joined_without_an_answer() -> None:
    found = namesakes(4)
    assert found.members["person"].n_unique() == 4
    left, right = found.questions.select("left", "right").row(0)
    said = Judgements().say(left, right, Verdict.DIFFERENT, who="王", at=NOW, why="两人")
    assert found.judged(said).members["person"].n_unique() == 4


def test_same_and_different_imply_the_third() -> None:
    found = namesakes(3)
    said = Judgements().say("p0", "p1", Verdict.SAME, who="王", at=NOW, why="同一人")
    said = said.say("p1", "p2", Verdict.DIFFERENT, who="王", at=NOW, why="两人")
    made = found.judged(said)
    assert made.review.is_empty()
    assert made.members["person"].to_list() == ["p0", "p0", "p2"]


def test_one_pair_stands_for_all_pairs_of_two_bodies_and_most_settling_goes_first() -> None:
    members = pl.DataFrame({"record": list("abcdef"), "person": list("aaccef")})
    pairs = [("e", "f"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]
    review = pl.DataFrame(pairs, schema=["left", "right"], orient="row")
    asked = fewest_questions(review, members, "person")
    assert asked.rows() == [("a", "c", 4), ("e", "f", 1)]


def test_every_group_is_asked_about_by_a_tree_of_the_likeliest_pairs() -> None:
    members = pl.DataFrame({"record": list("abcd"), "person": list("abcd")})
    pairs = list(combinations("abcd", 2))
    review = pl.DataFrame(pairs, schema=["left", "right"], orient="row")
    assert fewest_questions(review, members, "person").rows() == [(*pair, 1) for pair in pairs[:3]]


def test_one_answer_joins_all_records_of_two_names_with_one_code() -> None:
    rows = [("r0", "甲一光电", "名录"), ("r1", "丙三精密", "名录"),
            ("r2", "甲一光电", "专利"), ("r3", "丙三精密", "专利")]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["id", "name", "source"], orient="row")
    found = resolve(
        frame.with_columns(credit_code=pl.lit(CODE)), settings=ResolveSettings(probable=False)
    )
    unlike = ((0, 1), (0, 3), (1, 2), (2, 3))
    found = replace(found, scored=replace(found.scored, apart=unlike))
    bodies = dict(zip(frame["id"], frame["name"], strict=True))
    assert groups(dict(found.members.iter_rows())) == groups(dict(bodies))
    assert found.questions.height == 1
    end, _ = decided(found, dict.fromkeys(frame["id"], 0))
    assert end.members["organisation"].n_unique() == 1
