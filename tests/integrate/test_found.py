"""Which texts show what a member holds."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from builders import make_zone
from jicheng.conform import empty_frame
from jicheng.integrate.found import also_found, found_texts
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.lock_rules import bind
from jicheng.integrate.shared.locks import Locks
from jicheng.schema import plan_tables
from jicheng.zone import Zone

ASSIGNMENT = pl.DataFrame(
    [("ch:1", "cap:a", "org:1"), ("ch:1", "cap:b", "org:1"), ("ch:2", "cap:a", "org:1")],
    ["challenge", "capability", "organisation"],
    orient="row",
)


WORDS = "jicheng.profile.words: words"


def body(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": key, "kind": "firm", "country": "CHN", **more}


def zone(evidence: list[dict[str, Any]], **changed: Any) -> Zone:
    texts = [
        {"id": f"text:{k}", "kind": "patent", "title": f"标题{k}", "period": 2015 + k, "body": "长"}
        for k in range(6)
    ]
    tables: dict[str, Any] = {
        "zones": [{"id": "zone:z", "name": "区", "home": "CHN", "period": 2025}],
        "organisations": [
            body("org:1", name="甲", name_en="A"),
            body("org:2", name="乙"),
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
    row = {"holder": holder, "capability": "cap:a", "text": f"text:{text}", "score": score}
    return row | {"source": WORDS} | more


def others(given: Zone, coverage: pl.DataFrame, members: pl.DataFrame, *, most: int = 5,
           locks: Locks | None = None, **settings: Any) -> pl.DataFrame:  # fmt: skip
    """Return who else was found, under settings and locks; nothing is signed."""
    roster = Roster.of(given, ConsortiumSettings(**settings))
    binding = bind(locks or Locks(), roster, ["ch:1", "ch:2"], {})
    holdings = Holdings.of(given, roster, needs_source=True)
    return also_found(given, coverage, members, binding, holdings, most=most)


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
    [("ch:1", "cap:a", 0.75, 0.6), ("ch:1", "cap:b", 0.25, 0.6)],
    ["challenge", "capability", "weight", "level"],
    orient="row",
)
NOBODY = pl.DataFrame(schema={"challenge": pl.String, "organisation": pl.String})
FIRST = pl.DataFrame([("ch:1", "org:1")], ["challenge", "organisation"], orient="row")


def test_others_are_ranked_by_what_their_texts_show() -> None:
    rows = [
        shows(0, 0.8), shows(1, 0.6), shows(2, 0.4, capability="cap:b"),
        shows(3, 0.9, "org:2"),
    ]  # fmt: skip
    found = others(zone(rows), COVERAGE, NOBODY)
    assert found.select("rank", "organisation", "shown", "capabilities", "n_texts").rows() == [
        (1, "org:1", pytest.approx(0.75 * 0.8 + 0.25 * 0.4), "cap:a;cap:b", 3),
        (2, "org:2", pytest.approx(0.75 * 0.9), "cap:a", 1),
    ]
    assert found["text"].to_list() == ["text:0", "text:3"]
    assert found.schema == empty_frame(plan_tables()["also_found"]).schema
    assert others(zone(rows), COVERAGE, NOBODY, most=1).height == 1


def test_member_of_the_zone_without_a_country_is_at_home() -> None:
    given = zone(
        [shows(0, 0.8)], organisations=[body("org:1", country=None, zone="zone:z"), body("org:2")]
    )
    assert others(given, COVERAGE, NOBODY)["country"].to_list() == ["CHN"]


def test_levels_on_record_stand_beside_what_the_texts_show() -> None:
    def held(capability: str, level: float | None) -> dict[str, Any]:
        return {"holder": "org:1", "capability": capability, "level": level, "source": "survey"}

    rows = [shows(0, 0.8), shows(3, 0.7, "org:2")]
    given = zone(rows, holdings=[held("cap:a", 0.7), held("cap:b", None)])
    found = others(given, COVERAGE, NOBODY)
    assert found.select("organisation", "reached_low", "reached_high").rows() == [
        ("org:1", 0.75, 1.0),
        ("org:2", None, None),
    ]
    below = zone(rows, holdings=[held("cap:a", 0.5)])
    assert others(below, COVERAGE, NOBODY)["reached_high"].to_list() == [0.0, None]


def test_members_are_no_others() -> None:
    found = others(zone([shows(0, 0.8), shows(3, 0.9, "org:2")]), COVERAGE, FIRST)
    assert found["organisation"].to_list() == ["org:2"]


def test_derived_text_without_a_score_has_no_data_and_comes_last() -> None:
    rows = [shows(0, None, "org:1"), shows(1, 0.01, "org:2")]
    found = others(zone(rows), COVERAGE, NOBODY)
    assert found.select("organisation", "shown", "score", "n_texts").rows() == [
        ("org:2", pytest.approx(0.75 * 0.01), 0.01, 1),
        ("org:1", None, None, 1),
    ]


@pytest.mark.parametrize("source", ["survey", None])
def test_what_a_person_stated_without_a_score_is_certain(source: str | None) -> None:
    rows = [shows(0, None, "org:1", source=source), shows(1, 0.9, "org:2"), shows(2, 0.9),
            shows(3, None)]  # fmt: skip
    found = others(zone(rows), COVERAGE, NOBODY)
    assert found.select("organisation", "shown", "score").rows() == [
        ("org:1", pytest.approx(0.75), 1.0), ("org:2", pytest.approx(0.75 * 0.9), 0.9)
    ]  # fmt: skip
    texts = found_texts(zone(rows), ASSIGNMENT).filter(pl.col("challenge") == "ch:1")
    assert texts.select("text", "score", "source").rows() == [
        ("text:0", 1.0, source), ("text:2", 0.9, WORDS), ("text:3", None, WORDS)
    ]  # fmt: skip


def test_owner_of_the_challenge_is_left_out_of_it_alone() -> None:
    calls = [{"id": "ch:1", "technology": "tech:1", "owner": "org:2"}]
    given = zone(
        [shows(0, 0.8), shows(3, 0.9, "org:2")],
        technologies=[{"id": "tech:1", "name": "技术"}],
        challenges=calls,
    )
    needs = pl.concat([COVERAGE, COVERAGE.with_columns(challenge=pl.lit("ch:2"))])
    found = others(given, needs, NOBODY)
    assert found.select("challenge", "organisation").rows() == [
        ("ch:1", "org:1"), ("ch:2", "org:2"), ("ch:2", "org:1")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "stays"),
    [
        ({"kind": "university"}, True),
        ({"kind": "institute"}, True),
        ({"kind": "platform"}, True),
        ({"kind": "investor"}, False),
        ({"kind": "agency"}, False),
        ({"country": "DEU"}, False),
        ({"capacity": 0}, False),
    ],
)
def test_who_may_be_no_member_is_left_out(changed: dict[str, Any], stays: bool) -> None:
    given = zone(
        [shows(0, 0.8), shows(3, 0.9, "org:2")],
        organisations=[body("org:1"), body("org:2", **changed)],
    )
    found = others(given, COVERAGE, NOBODY)
    assert found["organisation"].to_list() == (["org:2", "org:1"] if stays else ["org:1"])


def test_settings_that_admit_more_kinds_and_countries_are_kept_to() -> None:
    given = zone(
        [shows(0, 0.8), shows(3, 0.9, "org:2")],
        organisations=[body("org:1"), body("org:2", kind="agency", country="DEU")],
    )
    found = others(given, COVERAGE, NOBODY, member_kinds=("agency",), allow_abroad=True)
    assert found["organisation"].to_list() == ["org:2"]


@pytest.mark.parametrize(
    "locks",
    [
        Locks(lock_out=(("ch:1", "org:2"),)),
        Locks(lock_out=(("*", "org:2"),)),
        Locks(exposure={"org:2": 0}),
        Locks(exposure={"size=small": 0}),
    ],
)
def test_who_is_locked_out_is_left_out(locks: Locks) -> None:
    given = zone(
        [shows(0, 0.8), shows(3, 0.9, "org:2")],
        organisations=[body("org:1", size="large"), body("org:2", size="small")],
    )
    assert others(given, COVERAGE, NOBODY, locks=locks)["organisation"].to_list() == ["org:1"]


def test_needs_without_weights_leave_the_share_unknown() -> None:
    needs = COVERAGE.with_columns(weight=pl.lit(None, dtype=pl.Float64))
    assert others(zone([shows(0, 0.7, "org:2")]), needs, FIRST)["shown"].to_list() == [None]


def test_nobody_else_gives_an_empty_table() -> None:
    empty = empty_frame(plan_tables()["also_found"])
    assert others(zone([]), COVERAGE, NOBODY).equals(empty)
    assert others(zone([shows(0, 0.8)]), COVERAGE, FIRST).equals(empty)
