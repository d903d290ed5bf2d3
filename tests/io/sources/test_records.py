from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.io.sources.cleaning import clean, clean_column
from jicheng.io.sources.columns import PROVENANCE, TABLES, columns_of, names_of
from jicheng.io.sources.records import Origin, SourceRecords, joined, key_of, record_id

HERE = Origin("名录", "CC0-1.0", "2026-11-24", "all")


def firms(*names: str, **parts: Any) -> SourceRecords:
    rows = [{"id": f"o:{name}", "name": name, **parts} for name in names]
    return SourceRecords.of(HERE, organisations=rows)


def codes_of(**rows: Any) -> list[str]:
    with pytest.raises(InvalidInput) as error:
        SourceRecords.of(HERE, **rows)
    return [found.code for found in error.value.faults]


def test_records_of_organisations_can_be_resolved() -> None:
    assert set(names_of("organisations")) >= {
        "id", "source", "as_of", "name", "name_en", "credit_code", "lei", "ror", "region",
        "district", "industry", "founded", "legal_person", "telephone",
    }  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_table_ends_with_its_provenance(table: str) -> None:
    names = names_of(table)
    assert names[-5:] == PROVENANCE
    assert len(set(names)) == len(names)
    assert set(key_of(table)) == {c.name for c in columns_of(table) if c.status == "key"}


def test_rows_get_what_the_origin_says() -> None:
    row = firms("甲").organisations.row(0, named=True)
    assert [row[name] for name in PROVENANCE] == ["名录", None, "CC0-1.0", "2026-11-24", "all"]


def test_rows_keep_what_they_say_themselves() -> None:
    row = firms("甲", source="别处", retrieved="2025-01-01").organisations.row(0, named=True)
    assert (row["source"], row["retrieved"]) == ("别处", "2025-01-01")


def test_what_is_not_said_stays_missing() -> None:
    row = firms("甲").organisations.row(0, named=True)
    assert {name for name, value in row.items() if value is not None} == {
        "id", "name", "source", "licence", "retrieved", "query",
    }  # fmt: skip


def test_all_columns_are_text() -> None:
    made = firms("甲", founded=1999)
    assert set(made.organisations.dtypes) == {pl.String}
    assert made.organisations["founded"].to_list() == ["1999"]


def test_order_of_rows_changes_nothing() -> None:
    assert firms("甲", "乙").organisations.equals(firms("乙", "甲").organisations)


def test_id_that_occurs_twice_in_a_table_is_refused() -> None:
    assert codes_of(organisations=[{"id": "o:1", "name": "甲"}, {"id": "o:1", "name": "乙"}]) == [
        "E085"
    ]


def test_id_that_occurs_in_two_tables_is_refused() -> None:
    rows = [{"id": "x", "name": "甲"}]
    assert codes_of(organisations=rows, people=rows) == ["E085"]


def test_row_without_id_is_refused() -> None:
    assert codes_of(organisations=[{"name": "甲"}]) == ["E087"]


def test_organisation_without_a_name_is_refused() -> None:
    assert codes_of(organisations=[{"id": "o:1", "ror": "x"}]) == ["E087"]


def test_text_without_a_title_is_refused() -> None:
    assert codes_of(texts=[{"id": "t:1", "kind": "paper"}]) == ["E087"]


def test_row_without_source_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        SourceRecords.of(Origin(""), organisations=[{"id": "o:1", "name": "甲"}])
    assert error.value.code == "E087"


def test_party_that_is_no_record_is_refused() -> None:
    texts = [{"id": "t:1", "kind": "paper", "title": "T"}]
    parties = [{"text": "t:1", "party": "o:9", "role": "author"}]
    assert codes_of(texts=texts, text_parties=parties) == ["E086"]


def test_tie_to_itself_is_kept_and_to_nobody_refused() -> None:
    assert codes_of(ties=[{"a": "o:1", "b": "o:2", "kind": "ownership"}]) == ["E086", "E086"]


def test_unknown_column_is_refused() -> None:
    assert codes_of(organisations=[{"id": "o:1", "name": "甲", "colour": "red"}]) == ["E088"]


def test_unknown_table_is_refused() -> None:
    assert codes_of(dogs=[{"id": "o:1"}]) == ["E088"]


def test_table_of_a_zone_that_needs_resolving_is_refused_among_the_others() -> None:
    with pytest.raises(InvalidInput) as error:
        SourceRecords.of(HERE, tables={"organisations": [{"id": "o:1"}]})
    assert error.value.code == "E088"


def test_table_of_a_zone_gets_its_source() -> None:
    made = SourceRecords.of(HERE, tables={"technologies": [{"id": "tech:1", "name": "T"}]})
    assert made.tables["technologies"]["source"].to_list() == ["名录"]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("kind", "dog", "E104"),
        ("country", "CN", "E102"),
        ("as_of", "24.11.2026", "E102"),
        ("longitude", "east", "E102"),
        ("is_member", "perhaps", "E102"),
    ],
)
def test_value_that_cannot_be_is_refused(column: str, value: str, code: str) -> None:
    assert codes_of(organisations=[{"id": "o:1", "name": "甲", column: value}]) == [code]


def test_year_out_of_reach_is_refused() -> None:
    assert codes_of(texts=[{"id": "t", "kind": "paper", "title": "T", "period": "24"}]) == ["E102"]


def test_party_said_twice_counts_once() -> None:
    party = {"text": "t:1", "party": "o:1", "role": "author"}
    made = SourceRecords.of(
        HERE,
        organisations=[{"id": "o:1", "name": "甲"}],
        texts=[{"id": "t:1", "kind": "paper", "title": "T"}],
        text_parties=[party, party],
    )
    assert made.text_parties.height == 1


def test_formula_gets_an_apostrophe_and_a_warning() -> None:
    made = firms('=HYPERLINK("x")')
    assert made.organisations["name"].to_list() == ['\'=HYPERLINK("x")']
    assert [told.code for told in made.warnings] == ["E084"]


def test_number_with_a_sign_is_no_formula() -> None:
    made = firms("甲", longitude="-12.5")
    assert made.organisations["longitude"].to_list() == ["-12.5"]
    assert made.warnings == ()


def test_control_and_direction_characters_go() -> None:
    assert firms("甲\x00\u202e乙\u200b").organisations["name"].to_list() == ["甲乙"]


def test_markup_goes_only_where_the_source_writes_it() -> None:
    assert clean("HfO<sub>2</sub> &amp; x<y", has_markup=True) == "HfO2 & x<y"
    assert clean("a <b> c") == "a <b> c"


def test_lone_surrogate_goes() -> None:
    assert clean("a\ud800b") == "ab"


def test_overlong_text_is_cut_visibly() -> None:
    assert clean("x" * 30, longest=10) == "x" * 9 + "…"


@pytest.mark.parametrize("value", [None, True, [], {}, "", " \t"])
def test_what_says_nothing_is_none(value: object) -> None:
    assert clean(value) is None


@given(st.text(max_size=40))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = pl.DataFrame({"a": [clean(text)]}, schema={"a": pl.String}).select(clean_column("a"))
    assert once.select(clean_column("a")).equals(once)


def test_record_id_depends_on_every_part_and_their_bounds() -> None:
    ids = {record_id("o", *parts) for parts in (("a", "bc"), ("ab", "c"), ("a", "bc", None))}
    assert len(ids) == 3
    assert record_id("o", "a") == record_id("o", "a")


def test_joined_takes_the_record_retrieved_later() -> None:
    old = SourceRecords.of(Origin("A", retrieved="2025-01-01"),
                           organisations=[{"id": "o:1", "name": "旧"}])  # fmt: skip
    new = SourceRecords.of(Origin("A", retrieved="2026-01-01"),
                           organisations=[{"id": "o:1", "name": "新"}])  # fmt: skip
    for order in ([old, new], [new, old]):
        made = joined(order)
        assert made.organisations["name"].to_list() == ["新"]
        assert len(made.origins) == 2


def test_joined_keeps_warnings_and_other_tables() -> None:
    one = SourceRecords.of(HERE, tables={"technologies": [{"id": "tech:1"}]},
                           organisations=[{"id": "o:1", "name": "=1+x"}])  # fmt: skip
    made = joined([one, firms("乙")])
    assert made.tables["technologies"].height == 1
    assert len(made.warnings) == 1
    assert made.source == "名录"
