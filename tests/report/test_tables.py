from __future__ import annotations

from jicheng.errors import Text
from jicheng.report.tables import (
    choice_cell,
    count_cell,
    decimal_cell,
    money_cell,
    share_cell,
    text_cell,
)


def test_a_missing_value_is_a_state_and_never_zero() -> None:
    for cell in (
        share_cell(None),
        decimal_cell(None),
        count_cell(None),
        money_cell(None),
        choice_cell("verdict", None),
        text_cell(None),
        text_cell(Text("", "")),
    ):
        assert cell.state == "no_data"
        assert cell.value is None
        assert cell.text == Text("无数据", "No data")


def test_zero_is_a_value_and_no_state() -> None:
    assert share_cell(0.0).state == ""
    assert share_cell(0.0).value == 0.0
    assert count_cell(0).text.zh == "0"


def test_the_kind_of_absence_is_told() -> None:
    assert share_cell(None, missing="cannot_tell").text.zh == "无法判断"


def test_interval_stands_only_where_both_ends_are_known() -> None:
    assert share_cell(0.5, 0.4, 0.6).interval == Text("40.0–60.0%", "40.0–60.0%")
    assert share_cell(0.5, 0.4, None).interval is None


def test_verdict_carries_its_symbol() -> None:
    assert choice_cell("verdict", "watch").mark == "watch"
    assert choice_cell("organisation_kind", "firm").mark == ""


def test_interval_of_money_follows_the_unit_of_each_language() -> None:
    assert money_cell(1200, 1000, 2000).interval == Text("1,000–2,000", "10.0–20.0")
    assert money_cell(1200, 1200, 1200).interval is None
