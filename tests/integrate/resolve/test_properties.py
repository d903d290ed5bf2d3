"""What holds whatever the records: identifiers join, order and undone words change nothing."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from bench.made_up.identities import identities
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve import (
    Judgements,
    Resolution,
    ResolveSettings,
    Verdict,
    branches,
    resolve,
)

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
CODES = ("91110108551385082Q", "914401010000000430", "9144010100000006XJ")
LEIS = ("506700GE1G29325QX363", None, None)
ON_IDENTIFIERS = ResolveSettings(probable=False)
WORD = st.tuples(
    st.integers(0, 199), st.integers(0, 199), st.sampled_from([Verdict.SAME, Verdict.DIFFERENT]),
    st.booleans(),
)  # fmt: skip


@pytest.fixture(scope="module")
def planted() -> Resolution:
    return resolve(identities(200, seed=11))


def tables(found: Resolution) -> tuple[pl.DataFrame, ...]:
    return (found.members, found.review, found.links, *found.entities(), branches(found))


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(WORD, min_size=1, max_size=5), undone_at_once=st.booleans())
def test_judging_and_undoing_restores_every_table(planted, words, undone_at_once) -> None:
    ids = planted.records.table["id"]
    before = Judgements().say(ids[0], ids[1], Verdict.DIFFERENT, who="王", at=NOW, why="两家")
    first, said = planted.judged(before), before
    for one, other, verdict, _ in words:
        a, b = ids[one % len(ids)], ids[other % len(ids)]
        if a == b or {a, b} == {ids[0], ids[1]}:
            continue
        said = said.say(a, b, verdict, who="王", at=NOW, why="核实")
        if undone_at_once:
            said = said.undo(said.held()[-1].number, who="李", at=NOW, why="看错")
    while len(said.held()) > 1:
        said = said.undo(said.held()[-1].number, who="李", at=NOW, why="撤销")
    for one, other in zip(tables(planted.judged(said)), tables(first), strict=True):
        assert one.equals(other)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), min_size=2, max_size=9),
    st.randoms(use_true_random=False),
)
def test_adding_a_record_never_splits_what_identifiers_join(said, rng) -> None:
    """Each record is of one of three firms and says its code, its LEI, both or none."""
    rows = [
        {"id": f"r{k}", "name": "翊图", "credit_code": CODES[firm] if code else None,
         "lei": LEIS[firm] if lei else None}
        for k, (firm, code, lei) in enumerate(said)
    ]  # fmt: skip
    rng.shuffle(rows)
    schema = dict.fromkeys(("id", "name", "credit_code", "lei"), pl.String)
    whole = resolve(pl.DataFrame(rows, schema=schema), settings=ON_IDENTIFIERS)
    after = dict(whole.members.rows())
    fewer = resolve(pl.DataFrame(rows[:-1], schema=schema), settings=ON_IDENTIFIERS)
    for cluster in fewer.members.group_by("organisation").agg("record")["record"]:
        assert len({after[record] for record in cluster}) == 1


def test_organisations_of_all_records_and_of_those_shuffled_are_the_same(planted) -> None:
    again = resolve(planted.records.table.sample(fraction=1, shuffle=True, seed=5))
    for one, other in zip(tables(again), tables(planted), strict=True):
        assert one.equals(other)


def test_a_record_more_of_a_firm_leaves_its_identified_records_together(planted) -> None:
    table = planted.records.table
    code = planted.records.keys["credit_code"].drop_nulls().mode().sort()[0]
    more = table[:1].with_columns(
        id=pl.lit("a-new-one"), name=pl.lit("别的名称"), credit_code=pl.lit(code),
        source=pl.lit("another list"),  # one list that gives a code to two names is asked about
        telephone=pl.lit(None, dtype=pl.String), legal_person=pl.lit(None, dtype=pl.String),
    )  # fmt: skip
    found = resolve(pl.concat([table, more]))
    of_it = found.members.filter(found.records.keys["credit_code"].eq(code).fill_null(value=False))
    assert of_it["organisation"].n_unique() == 1
    assert "a-new-one" in of_it["record"]
