"""Cells as people fill them in: what is understood, what is unknown, what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from firm_list_columns import DIGITAL, HIGH_TECH, MONTHS, REVENUE, SHARE, STAFF
from jicheng.errors import Where
from jicheng.io.firm_list.cells import Said, read_cell
from jicheng.io.firm_list.columns import NAME, Column

WAN = 1e4
LAST_DAY = dt.date(2025, 12, 31)


def read(cell: Any, column: Column, factor: float = 1.0) -> tuple[Said, list[str]]:
    said, faults = read_cell(cell, column, Where(), factor=factor, last_day=LAST_DAY)
    return said, [found.code for found in faults]


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        (1200, 1.2e7),
        (1200.5, 12_005_000.0),
        ("1,200", 1.2e7),
        ("１，２００", 1.2e7),
        ("1 200", 1.2e7),
        (" ¥1200 ", 1.2e7),
        ("1200万元", 1.2e7),
        ("0.12亿元", 1.2e7),
        ("12000000元", 1.2e7),
        ("12000千元", 1.2e7),
        (0, 0.0),
    ],
)
def test_money_counts_in_the_unit_of_its_heading_or_its_own(cell: Any, yuan: float) -> None:
    assert read(cell, REVENUE[0], WAN) == (Said(yuan, yuan), [])


@pytest.mark.parametrize(
    ("cell", "ends"),
    [("100～200", (1e6, 2e6)), ("100-200万元", (1e6, 2e6)), ("100万至1亿", (1e6, 1e8))],
)
def test_a_range_is_an_interval(cell: str, ends: tuple[float, float]) -> None:
    assert read(cell, REVENUE[0], WAN) == (Said(*ends), [])


@pytest.mark.parametrize("cell", [None, "", "  ", "-", "——", "/", "不详", "N/A", "未知"])
@pytest.mark.parametrize("column", [STAFF, HIGH_TECH, DIGITAL, SHARE], ids=lambda c: c.fact)
def test_a_cell_that_says_nothing_is_unknown_and_no_fault(cell: Any, column: Column) -> None:
    said, faults = read(cell, column)
    assert said.is_unknown
    assert faults == []


@pytest.mark.parametrize(
    "cell",
    ["约1200", "1200左右", "12,34", "无", "一千二", "≥5", "12.5.1", True, "nan", "inf", "5%"],
)
def test_what_may_mean_two_things_is_refused_for_money(cell: Any) -> None:
    assert read(cell, REVENUE[0], WAN) == (Said(), ["E102"])


@pytest.mark.parametrize(
    ("cell", "factor", "share"),
    [("5%", 0.01, 0.05), ("5.2", 0.01, 0.052), ("１.１％", 0.01, 0.011), (5, 0.01, 0.05),
     ("0.05", 1.0, 0.05), ("5%", 1.0, 0.05), (0.05, 1.0, 0.05)],
)  # fmt: skip
def test_shares_are_read_with_and_without_their_sign(
    cell: Any, factor: float, share: float
) -> None:
    assert read(cell, SHARE, factor) == (Said(share, share), [])


def test_a_share_above_one_hundred_percent_is_refused() -> None:
    assert read("150%", SHARE, 0.01) == (Said(), ["E105"])
    assert read(5, SHARE, 1.0) == (Said(), ["E105"])


@pytest.mark.parametrize(("cell", "staff"), [("60人", 60.0), ("６０", 60.0), ("1.2万", 12_000.0)])
def test_people_may_carry_their_counter(cell: str, staff: float) -> None:
    assert read(cell, STAFF) == (Said(staff, staff), [])


@pytest.mark.parametrize(("cell", "code"), [("12.5", "E102"), ("-3", "E105"), ("六十人", "E102")])
def test_people_are_whole_and_not_negative(cell: str, code: str) -> None:
    assert read(cell, STAFF) == (Said(), [code])


@pytest.mark.parametrize("cell", ["2019-05-01", "2019/5/1", "2019年5月", dt.date(2019, 5, 1)])
def test_a_date_in_a_column_of_months_counts_to_the_end_of_the_year(cell: Any) -> None:
    assert read(cell, MONTHS) == (Said(79.0, 79.0), [])


@pytest.mark.parametrize("cell", ["是", "✓", "√", "有", "Y", "Ｙｅｓ", True, 1, "1"])
def test_yes_is_understood(cell: Any) -> None:
    assert read(cell, HIGH_TECH) == (Said(condition=True), [])


@pytest.mark.parametrize("cell", ["否", "×", "无", "没有", "n", False, 0, "0"])
def test_no_is_understood(cell: Any) -> None:
    assert read(cell, HIGH_TECH) == (Said(condition=False), [])


@pytest.mark.parametrize("cell", ["在办", "2023", 2, "是/否"])
def test_neither_yes_nor_no_is_refused(cell: Any) -> None:
    assert read(cell, HIGH_TECH) == (Said(), ["E102"])


@pytest.mark.parametrize("cell", ["省级", "provincial", "Provincial", " 省 级 "])
def test_a_choice_is_known_by_value_and_both_labels(cell: str) -> None:
    assert read(cell, DIGITAL) == (Said(text="provincial"), [])


def test_another_choice_is_refused_with_the_nearest() -> None:
    _, faults = read_cell("省部级", DIGITAL, Where(), factor=1.0, last_day=LAST_DAY)
    assert [found.code for found in faults] == ["E104"]
    assert "省级" in faults[0].hint.zh


def test_a_name_keeps_its_signs_and_may_be_no_formula() -> None:
    assert read("广州（示范）公司 ", NAME) == (Said(text="广州（示范）公司"), [])
    assert read('=HYPERLINK("x")', NAME)[1] == ["E106"]
    assert read("＝1+1", NAME)[1] == ["E106"]


@pytest.mark.parametrize("cell", ["1e999", "-1e999", "9" * 400, "1～1e999", "1e307亿元"])
def test_a_number_without_end_is_no_revenue(cell: str) -> None:
    assert read(cell, REVENUE[0], WAN) == (Said(), ["E102"])


@pytest.mark.parametrize("cell", ["$3600", "＄3600", "€3600", "3600 USD", "3600美元"])
def test_money_of_another_currency_is_refused(cell: str) -> None:
    assert read(cell, REVENUE[0], WAN) == (Said(), ["E102"])


@pytest.mark.parametrize(
    ("cell", "column", "zh", "en"),
    [
        ("-3", REVENUE[0], "不小于0", "at least 0"),
        ("150%", SHARE, "0至100%", "0 to 100 %"),
    ],
)
def test_a_range_is_said_in_words(cell: str, column: Column, zh: str, en: str) -> None:
    _, (found,) = read_cell(cell, column, Where(), factor=1.0, last_day=LAST_DAY)
    assert zh in found.message.zh
    assert en in found.message.en
    assert "inf" not in found.message.zh + found.message.en
