"""What is joined, asked, explained and undone on a few records and on planted truth."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from bench.made_up.identities import identities

from jicheng.errors import InvalidInput
from jicheng.integrate.resolve import (
    Judgements,
    Resolution,
    ResolveSettings,
    Verdict,
    agreement,
    resolve,
)
from jicheng.integrate.resolve.model import scoring

A, B, C = "91110108551385082Q", "914401010000000430", "9144010100000006XJ"
NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
ON_IDENTIFIERS = ResolveSettings(probable=False)


def records(*rows: dict[str, str]) -> pl.DataFrame:
    return pl.DataFrame([{"id": f"r{k}", "name": "翊图", **row} for k, row in enumerate(rows)],
                        infer_schema_length=None)  # fmt: skip


def organisations(found: Resolution) -> list[str]:
    return found.members["organisation"].to_list()


def as_bytes(found: Resolution) -> tuple[bytes, ...]:
    tables = (found.members, found.review, *found.entities())
    return tuple(table.write_csv().encode() for table in tables)


@pytest.fixture(scope="module")
def planted() -> Resolution:
    return resolve(identities(2_000, seed=7))


def test_valid_identifiers_join_whatever_the_names() -> None:
    found = resolve(
        records({"credit_code": A}, {"credit_code": B}, {"name": "昱图", "credit_code": A.lower()}),
        settings=ON_IDENTIFIERS,
    )
    assert organisations(found) == ["r0", "r1", "r0"]


def test_mistyped_identifier_joins_nothing_and_is_told() -> None:
    wrong = A[:-1] + "A"
    found = resolve(
        records({"credit_code": wrong}, {"credit_code": wrong}), settings=ON_IDENTIFIERS
    )
    assert organisations(found) == ["r0", "r1"]
    assert [fault.code for fault in found.warnings] == ["E371", "E371"]


def test_conflicting_identifiers_never_join_through_a_third_record() -> None:
    lei = "506700GE1G29325QX363"
    found = resolve(
        records({"credit_code": A}, {"credit_code": B, "lei": lei}, {"credit_code": A, "lei": lei}),
        settings=ON_IDENTIFIERS,
    )
    first, second, third = organisations(found)
    assert first != second
    assert (third == first) != (third == second)
    assert found.review["reason"].to_list() == ["conflict"]


def test_only_a_person_joins_what_identifiers_part() -> None:
    said = Judgements().say("r0", "r1", Verdict.SAME, who="王", at=NOW, why="代码已变更")
    found = resolve(
        records({"credit_code": A}, {"credit_code": B}), judgements=said, settings=ON_IDENTIFIERS
    )
    assert organisations(found) == ["r0", "r0"]
    assert "代码已变更" in found.explain("r0", "r1").reason.zh


def test_a_person_parts_what_identifiers_join() -> None:
    said = Judgements().say("r0", "r1", Verdict.DIFFERENT, who="王", at=NOW, why="抄错代码")
    found = resolve(
        records({"credit_code": A}, {"credit_code": A}), judgements=said, settings=ON_IDENTIFIERS
    )
    assert organisations(found) == ["r0", "r1"]


def test_without_the_extra_it_says_what_was_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jicheng.integrate.resolve.model.scoring.find_spec", lambda name: None)
    assert not scoring.has_splink()
    found = resolve(records({"credit_code": A}, {"credit_code": A}))
    assert (found.engine, [fault.code for fault in found.warnings]) == ("identifiers", ["E373"])
    assert organisations(found) == ["r0", "r0"]


def test_planted_truth_is_found(planted: Resolution) -> None:
    table = planted.records.table
    found = agreement(planted.members["organisation"], table["entity"])
    assert planted.engine == "splink"
    assert found.precision >= 0.99
    assert found.f1 >= 0.95
    assert found.b_f1 >= 0.97


@pytest.mark.parametrize("kind", ["institute", "branch"])
def test_branches_and_institutes_are_not_mixed_up(planted: Resolution, kind: str) -> None:
    table = planted.records.table
    found = agreement(
        planted.members["organisation"], table["entity"], counted=table["entity_kind"] == kind
    )
    assert found.precision >= 0.97
    assert found.recall >= 0.8


def test_order_of_records_changes_nothing(planted: Resolution) -> None:
    shuffled = resolve(planted.records.table.sample(fraction=1, shuffle=True, seed=3))
    assert as_bytes(shuffled) == as_bytes(planted)


def test_no_organisation_has_two_identifiers(planted: Resolution) -> None:
    codes = planted.records.keys.select("credit_code").with_columns(planted.members)
    counts = codes.group_by("organisation").agg(pl.col("credit_code").drop_nulls().n_unique())
    assert counts["credit_code"].max() == 1


def test_undo_restores_every_byte(planted: Resolution) -> None:
    before = as_bytes(planted)
    pair = planted.review.filter(pl.col("reason") == "likely").row(0, named=True)
    said = Judgements().say(
        pair["left"], pair["right"], Verdict.SAME, who="王", at=NOW, why="电话核实"
    )
    joined = planted.judged(said)
    assert as_bytes(joined) != before
    undone = said.undo(1, who="李", at=NOW, why="看错")
    assert as_bytes(planted.judged(undone)) == before
    assert len(undone.rows) == 2


def test_parting_a_cluster_and_undoing_restores_every_byte(planted: Resolution) -> None:
    before = as_bytes(planted)
    link = planted.links.filter(pl.col("kind") == "probable").row(0, named=True)
    ids = planted.records.table["id"]
    said = Judgements().say(
        ids[link["left"]], ids[link["right"]], Verdict.DIFFERENT, who="王", at=NOW, why="两家"
    )
    parted = planted.judged(said)
    members = dict(parted.members.rows())
    assert members[ids[link["left"]]] != members[ids[link["right"]]]
    assert as_bytes(planted.judged(said.undo(1, who="王", at=NOW, why="误判"))) == before


def test_every_link_is_explained_by_weights_that_add_up(planted: Resolution) -> None:
    ids = planted.records.table["id"]
    for pair in planted.scored.pairs.sample(50, seed=1).iter_rows(named=True):
        told = planted.explain(ids[pair["left"]], ids[pair["right"]])
        assert told.steps[-1].total == pytest.approx(pair["weight"], abs=1e-6)
        odds = 2 ** told.steps[-1].total
        assert odds / (1 + odds) == pytest.approx(pair["probability"], abs=1e-6)


def test_pair_that_was_not_scored_is_explained_too() -> None:
    found = resolve(records({}, {"name": "别家"}), settings=ON_IDENTIFIERS)
    told = found.explain("r1", "r0")
    assert (told.left, told.steps, told.probability) == ("r0", (), None)


def test_review_asks_nothing_that_is_settled(planted: Resolution) -> None:
    pair = planted.review.filter(pl.col("reason") == "likely").row(0, named=True)
    said = Judgements().say(
        pair["left"], pair["right"], Verdict.DIFFERENT, who="王", at=NOW, why="两家"
    )
    asked = planted.judged(said).review.select("left", "right").rows()
    assert (pair["left"], pair["right"]) not in asked


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (pl.DataFrame({"id": ["a", "a"], "name": ["甲", "乙"]}), "E378"),
        (pl.DataFrame({"id": ["a", None], "name": ["甲", "乙"]}), "E378"),
        (pl.DataFrame({"id": ["a"]}), "E379"),
    ],
)
def test_unusable_records_are_refused(frame: pl.DataFrame, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        resolve(frame)
    assert refused.value.code == code


def test_judgement_about_an_unknown_record_is_refused() -> None:
    said = Judgements().say("r0", "r9", Verdict.SAME, who="王", at=NOW, why="同一家")
    with pytest.raises(InvalidInput) as refused:
        resolve(records({}), judgements=said)
    assert refused.value.code == "E374"
    with pytest.raises(InvalidInput):
        resolve(records({})).explain("r0", "r9")


@pytest.mark.parametrize("count", [0, 1])
def test_no_record_and_one_record_are_resolved(count: int) -> None:
    found = resolve(pl.DataFrame({"id": ["a"], "name": ["甲公司"]})[:count])
    assert found.members.height == count
    assert found.review.height == 0


def test_value_that_too_many_share_is_told() -> None:
    rows = [{"name": f"翊{k:02d}图", "telephone": "020-12345678"} for k in range(12)]
    found = resolve(records(*rows), settings=ResolveSettings(largest_block=10))
    assert "E380" in [fault.code for fault in found.warnings]
