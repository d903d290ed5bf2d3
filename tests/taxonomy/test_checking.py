"""A table of one's own: what is wrong is told by line, with a remedy."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.taxonomy import checked, load

GOOD = {
    "id": ["f", "a", "b"],
    "name": ["光学", "镀膜", "抛光"],
    "parent": ["", "f", "光学"],
    "ipc": ["", "C23C 14/34；G02B1/10", ""],
}


def faults_of(table: pl.DataFrame) -> list[tuple[str, int | None, str]]:
    with pytest.raises(InvalidInput) as refused:
        checked(table, range(2, table.height + 2), name="x.csv")
    return [(f.code, f.where.row, f.where.column) for f in refused.value.faults]


def changed(**columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame({**GOOD, **columns})


def test_good_table_has_the_form_of_the_shipped_one() -> None:
    read = checked(pl.DataFrame(GOOD), range(2, 5))
    assert read.schema == load().schema
    assert read["parent"].to_list() == [None, "f", "f"]
    assert read["ipc"].to_list() == [None, "C23C14/34;G02B1/10", None]
    assert read["description"].null_count() == 3


def test_empty_name_is_told_with_its_line() -> None:
    assert faults_of(changed(name=["光学", " ", "抛光"])) == [("E022", 3, "name")]


def test_doubled_id_is_told_with_the_first_line() -> None:
    assert faults_of(changed(id=["f", "a", "a"])) == [("E023", 4, "id")]


def test_unknown_parent_is_told() -> None:
    assert faults_of(changed(parent=["", "g", "光"])) == [
        ("E024", 3, "parent"),
        ("E024", 4, "parent"),
    ]


def test_parent_named_like_two_capabilities_is_not_guessed() -> None:
    table = changed(name=["光学", "光学", "抛光"])
    assert faults_of(table) == [("E029", 4, "parent")]


@pytest.mark.parametrize(
    ("parents", "row"), [(["f", "f", "f"], 2), (["b", "f", "a"], 2), (["", "b", "a"], 3)]
)
def test_circle_of_parents_is_told_once(parents: list[str], row: int) -> None:
    assert faults_of(changed(parent=parents)) == [("E025", row, "parent")]


def test_bad_patent_class_is_told() -> None:
    assert faults_of(changed(ipc=["", "G03F7/20;镀膜", "1234"])) == [
        ("E026", 3, "ipc"),
        ("E026", 4, "ipc"),
    ]


def test_missing_and_unknown_columns_are_told_together() -> None:
    table = pl.DataFrame({"id": ["a"], "descripton": ["x"]})
    assert faults_of(table) == [("E021", None, ""), ("E028", None, "descripton")]


def test_table_without_rows_is_refused() -> None:
    assert faults_of(pl.DataFrame({"id": [], "name": []}, schema=["id", "name"])) == [
        ("E027", None, "")
    ]


def test_long_chain_of_parents_is_no_circle() -> None:
    ids = [str(k) for k in range(3000)]
    table = pl.DataFrame({"id": ids, "name": ids, "parent": ["", *ids[:-1]]})
    assert checked(table, range(2, 3002)).height == 3000
