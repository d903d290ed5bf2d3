from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.io.raw.days import read_day


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (dt.date(2024, 3, 15), "2024-03-15"),
        (dt.datetime(2024, 3, 15, 8, 30), "2024-03-15"),
        (45366, "2024-03-15"),
        (45366.0, "2024-03-15"),
        ("45366", "2024-03-15"),
        ("2024-03-15", "2024-03-15"),
        ("2024/3/15", "2024-03-15"),
        ("2024.3.15", "2024-03-15"),
        ("2024年3月15日", "2024-03-15"),
        ("２０２４年３月１５日", "2024-03-15"),
        ("2024 年 3 月", "2024-03"),
        ("2024年3月", "2024-03"),
        ("2024.03", "2024-03"),
        (2024.03, "2024-03"),
        ("20240315", "2024-03-15"),
        (20240315, "2024-03-15"),
        ("202403", "2024-03"),
        (2024, "2024"),
        (2024.0, "2024"),
        ("2024年度", "2024"),
        ("2024年第一季度", "2024"),
        ("Mar 15, 2024", "2024-03-15"),
        ("15 March 2024", "2024-03-15"),
        ("March 2024", "2024-03"),
        ("二〇二四年三月十五日", "2024-03-15"),
        ("二〇一九年十二月", "2019-12"),
        ("2024-03-15 00:00:00", "2024-03-15"),
    ],
)
def test_day_is_read_in_the_forms_of_lists(cell: object, day: str) -> None:
    assert read_day(cell) == day


@pytest.mark.parametrize(
    "cell",
    ["24.3.15", "03/04/2024", "2024-13-01", "2023-02-30", "去年", "3月", "1", 3, True, None, "0",
     "9999", "2024年13月"],
)  # fmt: skip
def test_day_that_is_not_certain_is_not_guessed(cell: object) -> None:
    assert read_day(cell) is None


def test_serial_number_counts_from_1904_where_the_workbook_does() -> None:
    assert read_day(43904, is_1904=True) == "2024-03-15"


@given(st.dates(dt.date(1955, 1, 1), dt.date(2100, 12, 31)))
def test_every_form_says_the_same_day(day: dt.date) -> None:
    y, m, d = day.year, day.month, day.day
    forms = [day, f"{y}-{m}-{d}", f"{y}.{m:02d}.{d:02d}", f"{y}年{m}月{d}日", f"{y}{m:02d}{d:02d}",
             (day - dt.date(1899, 12, 30)).days]  # fmt: skip
    assert {read_day(form) for form in forms} == {day.isoformat()}


@given(st.text(max_size=30))
def test_any_text_is_read_or_not_but_never_raises(text: str) -> None:
    day = read_day(text)
    assert day is None or 4 <= len(day) <= 10
