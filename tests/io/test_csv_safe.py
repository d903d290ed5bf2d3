"""Tables that leave the project run nothing in a spreadsheet."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.io.csv_safe import escape, escape_text, write_csv


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1",
     "＝1", "＠x", "-", "+"],
)  # fmt: skip
def test_text_that_would_run_is_escaped(text):
    assert escape_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a", "-5", "+1,200.5", "5-3", "a=b", "'=1", "12.5%", "中文"])
def test_other_text_is_left_alone(text):
    assert escape_text(text) == text


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("=+-@\t\r\n a1|＝"), max_size=6))
def test_nothing_escaped_begins_like_a_formula(text):
    shown = escape_text(text).lstrip(" ")
    is_number = shown.lstrip("+-").replace("1", "") == "" and "1" in shown
    assert not shown or shown[0] not in "=+-@\t\r\n＝" or is_number


def test_numbers_and_missing_cells_are_untouched():
    frame = pl.DataFrame({"a": ["=x", None], "b": [-1.5, None]})
    assert escape(frame).rows() == [("'=x", -1.5), (None, None)]


def test_file_has_a_mark_for_excel_unless_told_otherwise(tmp_path):
    frame = pl.DataFrame({"名称": ["=x"]})
    write_csv(frame, tmp_path / "a.csv")
    write_csv(frame, tmp_path / "b.csv", for_excel=False)
    assert (tmp_path / "a.csv").read_bytes() == "\ufeff名称\n'=x\n".encode()
    assert (tmp_path / "b.csv").read_bytes() == "名称\n'=x\n".encode()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "b.csv"]
