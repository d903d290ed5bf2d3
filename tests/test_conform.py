"""Cells as people write them, and what is refused."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from jicheng.conform import conform, empty_frame
from jicheng.schema import zone_tables


def read(table, *values, column, **more):
    """Type one column of a table whose other required columns are filled in."""
    schema = zone_tables()[table]
    fill = {"id": "x", "name": "名", "technology": "t", "supplier": "s", "kind": "firm",
            "home": "CHN", "period": 2026, "relation": "input", "source": "a", "target": "b",
            "amount": 1}  # fmt: skip
    raw = {
        a.name: [fill[a.name]] * len(values)
        for a in schema.attributes
        if a.status.value != "optional" and a.name != column and a.name in fill
    }
    if table == "supply":
        raw.pop("source", None)
    frame, faults = conform(
        schema, pl.DataFrame(raw | {column: list(values)}, strict=False), **more
    )
    return frame[column].to_list(), faults


def codes(faults):
    return [f.code for f in faults]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("61%", 0.61), ("0.61", 0.61), (" 61 % ", 0.61), ("６１％", 0.61), ("1.1%", 0.011),
     ("", None), ("-", None), ("——", None), ("0", 0.0), (1, 1.0)],
)  # fmt: skip
def test_share_is_understood(written, meant):
    assert read("supply", written, column="share") == ([meant], [])


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1,200", 1200.0), ("1,234,567.5", 1234567.5), ("１２", 12.0), ("1e3", 1000.0), (5, 5.0)],
)
def test_number_is_understood(written, meant):
    assert read("technologies", written, column="final_value") == ([meant], [])


@pytest.mark.parametrize("written", ["1,2", "0,5,", "12万", "abc", "nan", "inf", "1e400", "5%"])
def test_number_that_is_none_is_refused_not_guessed(written):
    _, (found,) = read("technologies", written, column="final_value")
    assert found.code == "E102"
    assert written in found.message.zh
    assert "数值" in found.message.zh
    assert "a number" in found.message.en


@pytest.mark.parametrize(
    ("written", "meant"),
    [("2026-11-24", (2026, 11, 24)), ("2026/1/2", (2026, 1, 2)), ("2026年11月24日", (2026, 11, 24)),
     ("20261124", (2026, 11, 24)), ("2026.11.24", (2026, 11, 24)),
     ("2026-11-24 00:00:00", (2026, 11, 24)), (dt.date(2026, 11, 24), (2026, 11, 24)),
     (dt.datetime(2026, 11, 24, 13, 5), (2026, 11, 24))],
)  # fmt: skip
def test_date_is_understood(written, meant):
    assert read("supply", written, column="as_of") == ([dt.date(*meant)], [])


@pytest.mark.parametrize(
    "written", ["26-11-24", "2026112", "2026-13-01", "46350", "Nov 24", "2026"]
)
def test_date_that_is_not_clear_is_refused(written):
    assert codes(read("supply", written, column="as_of")[1]) == ["E102"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("JPN", "JPN"), ("jpn", "JPN"), ("日本", "JPN"), ("Japan", "JPN"), ("JP", "JPN"),
     ("台湾", "TWN"), ("中国香港", "HKG"), ("科科斯(基林)群岛", "CCK"), ("XYZ", "XYZ")],
)  # fmt: skip
def test_country_is_understood_by_code_or_name(written, meant):
    assert read("supply", written, column="country") == ([meant], [])


def test_country_that_is_none_is_refused():
    assert codes(read("supply", "火星", column="country")[1]) == ["E102"]


@pytest.mark.parametrize("written", ["firm", "企业", "Firm", " FIRM "])
def test_choice_is_understood_by_value_or_label(written):
    assert read("organisations", written, column="kind") == (["firm"], [])


def test_choice_that_is_none_names_what_is_allowed():
    _, (found,) = read("organisations", "公司", column="kind")
    assert found.code == "E104"
    assert "企业 firm" in found.hint.en


def test_list_is_split_at_any_separator_and_its_choices_translated():
    values, faults = read("challenges", "企业、高校；firm", ";", "企业,公司", column="lead_kinds")
    assert values[:2] == ["firm;university;firm", None]
    assert codes(faults) == ["E104"]


@pytest.mark.parametrize("written", ["是", "Yes", "1", "√", "TRUE", True])
def test_yes_is_understood(written):
    assert read("zones", written, column="is_sample") == ([True], [])


@pytest.mark.parametrize("value", [1799, 2201, "20261"])
def test_year_far_off_is_a_slip(value):
    assert codes(read("supply", value, column="period")[1]) == ["E105"]


def test_share_above_one_asks_for_percent():
    _, (found,) = read("supply", "61", column="share")
    assert found.code == "E111"
    assert "61%" in found.hint.zh


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=1", "  =1", "\n=1", "＝1", "－cmd",
     "\r=1", "=HYPERLINK(\"x\")"],
)  # fmt: skip
def test_text_that_a_spreadsheet_would_run_is_refused(text):
    _, faults = read("technologies", text, column="description")
    assert codes(faults) == ["E106"]


@pytest.mark.parametrize("text", ["-5", "+86", "-12.5%", "a=b", "5-3", "——说明"])
def test_text_that_is_a_plain_number_or_inside_is_kept(text):
    assert read("technologies", text, column="description") == ([text], [])


def test_control_character_is_refused_by_its_code():
    _, (found,) = read("technologies", "a\x07b", column="description")
    assert found.code == "E108"
    assert "U+0007" in found.message.zh


def test_text_has_one_spelling():
    values, _ = read("technologies", " a\r\nb\u3000", "e\u0301", column="description")
    assert values == ["a\nb", "é"]


def test_long_code_stored_as_number_is_refused():
    values, faults = read("organisations", 914400000000000000.0, column="credit_code")
    assert codes(faults) == ["E112"]
    assert read("organisations", 1001.0, column="credit_code") == (["1001"], [])
    assert values


def test_required_cell_and_required_column_are_named():
    table = zone_tables()["technologies"]
    _, faults = conform(table, pl.DataFrame({"id": ["a", None, ""]}))
    assert [(f.code, f.where.row, f.where.column) for f in faults] == [
        ("E103", 3, "id"),
        ("E103", 4, "id"),
        ("E110", None, "name"),
    ]


def test_table_of_unknown_columns_alone_is_refused_with_all_that_it_lacks():
    _, faults = conform(zone_tables()["sites"], pl.DataFrame({"x": [1]}))
    assert [(f.code, f.where.column) for f in faults] == [
        ("E101", "x"),
        ("E110", "id"),
        ("E110", "name"),
    ]


def test_unknown_column_names_the_near_one():
    _, faults = conform(
        zone_tables()["technologies"], pl.DataFrame({"id": ["a"], "nmae": ["x"], "name": ["y"]})
    )
    assert codes(faults) == ["E101"]
    assert "name" in faults[0].hint.en


def test_fault_names_sheet_row_and_column_of_the_user():
    _, (found,) = read("supply", "0.5", "x", column="share", sheet="供给", rows=[7, 9])
    assert str(found.where) == "供给:9:share"


def test_every_fault_is_listed_up_to_a_thousand_of_a_kind():
    _, faults = read("supply", *(["x"] * 1200), column="share")
    assert codes(faults) == ["E102"] * 1000 + ["E109"]
    assert "200" in faults[-1].message.zh


LONG = 12_000


def long_column(*texts):
    """Type a long column of these texts and then of one that needs no change."""
    return read("supply", *texts, *["a"] * (LONG - len(texts)), column="supplier")


@pytest.mark.parametrize("text", ["b", " b ", "e\u0301", "", "-", "中"])
def test_text_in_a_long_column_is_read_as_in_a_short_one(text):
    (short, *_), few = read("supply", text, "a", column="supplier")
    (long, *rest), many = long_column(text)
    assert (long, codes(many)) == (short, codes(few))
    assert rest == ["a"] * (LONG - 1)


@pytest.mark.parametrize("text", ["=1+1", "a\x07"])
def test_fault_in_a_long_column_is_named_with_its_row(text):
    _, (found,) = long_column("a", text)
    assert found.where.row == 3
    assert codes(read("supply", text, column="supplier")[1]) == [found.code]


def test_defaults_fill_empty_cells_only():
    assert read("supply", None, "CHN", column="basis") == (["world", "CHN"], [])
    assert read("purses", "", "0%", column="share_limit")[0] == [1.0, 0.0]


def test_negative_zero_is_zero():
    values, _ = read("sites", -0.0, column="longitude")
    assert str(values[0]) == "0.0"


def test_empty_frame_has_the_types_of_the_schema():
    frame = empty_frame(zone_tables()["supply"])
    assert frame.schema["share"] == pl.Float64
    assert frame.schema["as_of"] == pl.Date
