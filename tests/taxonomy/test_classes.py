"""Symbols of the patent classification in the spellings that offices use."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.taxonomy import PatentClass, capabilities_by_class, parse_class, parse_classes


@pytest.mark.parametrize(
    "written",
    [
        "G03F7/20",
        "G03F 7/20",
        "g03f 7/20",
        "G03F7/20(2006.01)",
        "G03F0007200000",
        "Ｇ０３Ｆ７／２０",
    ],
)
def test_symbol_is_read_in_every_spelling(written: str) -> None:
    assert parse_class(written) == PatentClass("G03F", "7", "20")


@pytest.mark.parametrize("written", ["", "G03", "photoresist", "Z03F7/20", "G03F7/20/1", "7/20"])
def test_what_is_no_symbol_is_none(written: str) -> None:
    assert parse_class(written) is None


def test_subclass_and_main_group_are_symbols() -> None:
    assert str(parse_class("H02K")) == "H02K"
    assert str(parse_class("H01M10")) == "H01M10/00"
    assert str(parse_class("H01M0010052500")) == "H01M10/0525"


def test_list_of_symbols_passes_over_the_rest() -> None:
    assert [str(s) for s in parse_classes("G03F7/20；H01L 21/027, n.a.;G03F 7/20")] == [
        "G03F7/20",
        "H01L21/027",
    ]
    assert parse_classes(None) == ()


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(written: str) -> None:
    symbol = parse_class(written)
    assert symbol is None or parse_class(str(symbol)) == PatentClass(
        symbol.subclass, symbol.group, symbol.subgroup or ("00" if symbol.group else "")
    )


def test_longest_agreement_wins() -> None:
    table = pl.DataFrame(
        {"id": ["a", "b", "c", "d"], "ipc": ["G03F7/20;A01B", "G03F7/004", "G03F1/00", None]}
    )
    found = capabilities_by_class(table, ["G03F 7/20;G03F 7/38", "G03F 9/00", "H99Z 1/00"])
    assert found.rows() == [
        ("G03F7/20", "a", 3),
        ("G03F7/38", "a", 2),
        ("G03F7/38", "b", 2),
        ("G03F9/00", "a", 1),
        ("G03F9/00", "b", 1),
        ("G03F9/00", "c", 1),
    ]


def test_no_codes_give_no_rows() -> None:
    table = pl.DataFrame({"id": ["a"], "ipc": ["G03F7/20"]})
    assert capabilities_by_class(table, []).height == 0
