"""Persons are joined by identifiers and support, never by a Chinese name alone."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import polars as pl
import pytest
from bench.made_up.people import people as planted
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve import (
    Judgements,
    Kind,
    Resolution,
    ResolveSettings,
    Verdict,
    agreement,
    resolve_people,
)

A, B = "0000-0002-1825-0097", "0000-0001-5109-3700"
NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def people(*rows: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [{"id": f"p{k}", "name": "王小明", **row} for k, row in enumerate(rows)],
        infer_schema_length=None,
    )


def wrote(**texts: str) -> pl.DataFrame:
    rows = [(text, party) for text, parties in texts.items() for party in parties.split()]
    return pl.DataFrame(rows, schema={"text": pl.String, "party": pl.String}, orient="row")


def persons(found: Resolution) -> list[str]:
    return found.members["person"].to_list()


def asked(found: Resolution) -> list[tuple[str, str, str]]:
    return found.review.select("left", "right", "reason").rows()


CO_AUTHOR = {"name": "李建国"}
WITH_LI = {"t": "p0 p1", "u": "p2 p3"}  # p0 and p2 each wrote with a 李建国


def test_same_orcid_joins_and_different_ones_never() -> None:
    found = resolve_people(
        people(
            {"orcid": A, "organisation": "o"},
            {"orcid": A.replace("-", ""), "name": "Xiaoming Wang"},
            {"orcid": B, "organisation": "o", "email": "w@x.cn"},
            {"organisation": "o", "email": "w@x.cn"}, {"orcid": A, "email": "w@x.cn"},
        )
    )  # fmt: skip
    assert found.kind is Kind.PERSON
    assert persons(found)[0] == persons(found)[1] == persons(found)[4]
    assert persons(found)[0] != persons(found)[2]
    assert "标识不同" in found.explain("p0", "p2").reason.zh


def test_same_orcid_joins_even_two_names() -> None:
    found = resolve_people(people({"orcid": A}, {"orcid": A, "name": "王晓明"}))
    assert persons(found) == ["p0", "p0"]


@pytest.mark.parametrize("organisations", [(None, None), ("o", None), ("o", "q"), ("o", "o")])
def test_chinese_name_alone_never_joins(organisations: tuple[str | None, str | None]) -> None:
    found = resolve_people(people(*({"organisation": one} for one in organisations)))
    assert persons(found) == ["p0", "p1"]


def test_chinese_name_and_organisation_are_possible_only() -> None:
    found = resolve_people(people({"organisation": "o"}, {"organisation": "o"}))
    assert asked(found) == [("p0", "p1", "possible")]
    assert "没有其他佐证" in found.explain("p0", "p1").reason.zh


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(["a", "b", None]), min_size=2, max_size=8))
def test_nothing_but_names_and_places_never_joins(places: list[str | None]) -> None:
    found = resolve_people(people(*({"organisation": one} for one in places)))
    assert len(set(persons(found))) == len(places)


def test_co_author_supports() -> None:
    rows = people({"organisation": "o"}, CO_AUTHOR, {"organisation": "o"}, CO_AUTHOR)
    found = resolve_people(rows, texts=wrote(**WITH_LI))
    assert persons(found)[2] == "p0"
    assert "共同合作者" in found.explain("p0", "p2").reason.zh


def test_co_author_without_the_organisation_is_possible_only() -> None:
    rows = people({"organisation": "o"}, CO_AUTHOR, {"organisation": "q"}, CO_AUTHOR)
    found = resolve_people(rows, texts=wrote(**WITH_LI))
    assert persons(found)[2] == "p2"
    assert ("p0", "p2", "possible") in asked(found)


def test_field_supports_a_name_that_is_not_common() -> None:
    rows = [{"organisation": "o", "field": "光学；材料", "source": one} for one in "ab"]
    assert persons(resolve_people(people(*rows))) == ["p0", "p0"]
    common = [{"name": "王伟", **row} for row in rows]
    found = resolve_people(people(*common))
    assert persons(found) == ["p0", "p1"]
    assert asked(found) == [("p0", "p1", "possible")]


def test_field_does_not_support_a_name_of_many_places() -> None:
    rows = [{"organisation": "o", "field": "光学", "source": one} for one in "ab"]
    found = resolve_people(people(*rows, *({"organisation": f"q{k}"} for k in range(5))))
    assert persons(found)[:2] == ["p0", "p1"]


def test_two_lines_of_one_list_are_asked() -> None:
    rows = [{"organisation": "o", "field": "光学", "source": "a"}] * 2
    found = resolve_people(people(*rows))
    assert persons(found) == ["p0", "p1"]
    assert asked(found) == [("p0", "p1", "possible")]


def test_two_authors_of_one_text_are_two() -> None:
    rows = people(
        {"organisation": "o"}, {"organisation": "o"}, CO_AUTHOR, {"organisation": "o"}, CO_AUTHOR
    )
    found = resolve_people(rows, texts=wrote(t="p0 p1 p2", u="p3 p4"))
    assert persons(found)[0] != persons(found)[1]
    assert "同一文本" in found.explain("p0", "p1").reason.zh


def test_email_joins_fitting_names_only() -> None:
    mail = {"email": "W@X.cn"}
    rows = people(mail, {"email": "w@x.cn", "name": "X.M. Wang"}, {**mail, "name": "赵强"})
    assert persons(resolve_people(rows)) == ["p0", "p0", "p2"]


def test_pinyin_needs_more_than_a_place() -> None:
    latin = {"name": "Xiaoming Wang", "organisation": "o"}
    found = resolve_people(people({"organisation": "o"}, latin))
    assert persons(found) == ["p0", "p1"]
    assert asked(found) == [("p0", "p1", "possible")]
    rows = people(
        {"organisation": "o", "field": "光学"}, CO_AUTHOR, {**latin, "field": "光学"}, CO_AUTHOR
    )
    assert persons(resolve_people(rows, texts=wrote(**WITH_LI)))[2] == "p0"


def test_pinyin_that_fits_two_names_joins_neither() -> None:
    said = {"organisation": "o", "field": "光学"}
    rows = people(
        said, CO_AUTHOR, {"name": "Wang Xiaoming", **said}, CO_AUTHOR, {"name": "王晓明", **said}
    )
    found = resolve_people(rows, texts=wrote(t="p0 p1", u="p2 p3", v="p4 p3"))
    assert len({persons(found)[k] for k in (0, 2, 4)}) == 3
    assert {("p0", "p2", "possible"), ("p2", "p4", "possible")} <= set(asked(found))


def test_two_chinese_names_never_meet_through_pinyin() -> None:
    mail = {"email": "w@x.cn"}
    rows = people(mail, {"name": "Wang Xiaoming", **mail}, {"name": "王晓明", **mail})
    found = persons(resolve_people(rows))
    assert found[0] != found[2]


def test_team_is_no_person() -> None:
    said = {"organisation": "o", "email": "w@x.cn"}
    rows = people({**said, "kind": "person"}, {**said, "kind": "team"})
    assert persons(resolve_people(rows)) == ["p0", "p1"]


def test_judgement_and_undo_restore_every_table() -> None:
    plain = resolve_people(people({"organisation": "o"}, {"organisation": "o"}, {}))
    said = Judgements().say("p0", "p1", Verdict.SAME, who="王", at=NOW, why="本人确认")
    joined = plain.judged(said)
    assert persons(joined)[1] == "p0"
    undone = plain.judged(said.undo(1, who="王", at=NOW, why="误判"))
    for one, other in zip(tables(undone), tables(plain), strict=True):
        assert one.equals(other)


def tables(found: Resolution) -> tuple[pl.DataFrame, ...]:
    return (found.members, found.review, *found.entities())


def test_golden_row_keeps_where_a_person_works() -> None:
    rows = people({"orcid": A, "organisation": "o"}, {"orcid": A, "name_en": "Wang Xiaoming"})
    golden, provenance = resolve_people(rows).entities()
    assert golden.select("person", "records", "organisation", "name_en").rows() == [
        ("p0", 2, "o", "Wang Xiaoming")
    ]
    assert set(provenance["person"]) == {"p0"}


def test_identifiers_alone_can_be_asked_for() -> None:
    rows = people(
        {"organisation": "o", "email": "w@x.cn"}, {"organisation": "o", "email": "w@x.cn"}
    )
    found = resolve_people(rows, settings=ResolveSettings(probable=False))
    assert (found.engine, persons(found)) == ("identifiers", ["p0", "p1"])


NAMES = st.sampled_from(["王小明", "Wang Xiaoming", "李强", "Qiang Li", "X. Wang"])
ROW = st.fixed_dictionaries(
    {"name": NAMES, "organisation": st.sampled_from(["o", "q", None]),
     "orcid": st.sampled_from([None, None, A, B]), "email": st.sampled_from([None, "w@x.cn"]),
     "field": st.sampled_from([None, "光学"]), "source": st.sampled_from(["a", "b"])}
)  # fmt: skip
TEXTS = st.lists(st.tuples(st.sampled_from("tuv"), st.integers(0, 9)), max_size=12)


def made(rows: list[dict[str, str]], texts: list[tuple[str, int]]) -> tuple[pl.DataFrame, ...]:
    frame = pl.DataFrame(
        [{"id": f"p{k}", **row} for k, row in enumerate(rows)],
        schema=dict.fromkeys(("id", *rows[0]), pl.String),
    )
    return frame, pl.DataFrame(
        [(text, f"p{k}") for text, k in texts],
        schema={"text": pl.String, "party": pl.String}, orient="row",
    )  # fmt: skip


@settings(deadline=None, max_examples=30)
@given(st.lists(ROW, min_size=1, max_size=9), TEXTS, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_identifiers_hold(rows, texts, rng) -> None:
    frame, written = made(rows, texts)
    found = resolve_people(frame, texts=written)
    order = list(range(len(rows)))
    rng.shuffle(order)
    again = resolve_people(frame[order], texts=written[::-1])
    for one, other in zip(tables(found), tables(again), strict=True):
        assert one.equals(other)
    person = dict(found.members.rows())
    for (i, one), (j, other) in combinations(enumerate(rows), 2):
        if one["orcid"] and other["orcid"]:
            assert (person[f"p{i}"] == person[f"p{j}"]) == (one["orcid"] == other["orcid"])
    for pair in found.review.iter_rows(named=True):
        assert person[pair["left"]] != person[pair["right"]]
        assert found.explain(pair["left"], pair["right"]).reason.zh


def test_no_record_is_resolved() -> None:
    found = resolve_people(people({})[:0])
    assert found.members.height == found.review.height == 0


def test_planted_people_are_found_without_mixing_namesakes() -> None:
    records, texts = planted(400, seed=5)
    truth = records.sort("id")
    found = resolve_people(records.drop("entity"), texts=texts)
    got = agreement(found.members["person"], truth["entity"])
    alone = resolve_people(records.drop("entity"), settings=ResolveSettings(probable=False))
    assert got.precision >= 0.995
    assert got.recall >= 0.35  # names and places alone are asked, not joined
    assert got.recall >= 3 * agreement(alone.members["person"], truth["entity"]).recall


def test_planted_people_who_share_a_name_alone_stay_apart() -> None:
    """Every support taken away, so that merging on the name would be wrong and possible."""
    records, _ = planted(400, seed=6)
    bare = records.with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in ("orcid", "email", "field")
    )
    assert bare["name"].n_unique() < bare.height / 2
    found = resolve_people(bare.drop("entity"))
    assert found.members["person"].n_unique() == bare.height
    assert found.review.height > 0
    assert set(found.review["reason"]) == {"possible"}


def test_what_joined_records_say_supports_further_ones() -> None:
    """p0 is on a roster; p1, by email p0, wrote with 李建国, and so did p3."""
    mail = {"organisation": "o", "email": "w@x.cn"}
    rows = people(mail, mail, CO_AUTHOR, {"organisation": "o"}, CO_AUTHOR)
    found = resolve_people(rows[[0, 1, 2, 3, 4]], texts=wrote(t="p1 p2", u="p3 p4"))
    assert persons(found)[:2] == ["p0", "p0"]
    assert persons(found)[3] == "p0"
    assert "共同合作者" in found.explain("p0", "p3").reason.zh


def test_hostile_names_take_no_time_and_break_nothing() -> None:
    names = [
        "xian" * 50_000,
        "王" * 50_000,
        "a, " * 50_000,
        "=1+1",
        "\x00",
        None,
        "",
        "-",
        ".",
        ",",
    ]
    rows = [{"name": name, "field": name, "email": name, "organisation": name} for name in names]
    texts = pl.DataFrame({"text": ["t", None, "t"], "party": ["p0", "p1", "not there"]})
    found = resolve_people(people(*rows), texts=texts)
    assert found.members["person"].n_unique() == len(names)
    assert resolve_people(pl.DataFrame({"id": [1, 2], "name": [3, None]})).members.height == 2
