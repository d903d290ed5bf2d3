"""Read a day, a month or a year in the forms in which lists write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from jicheng.io.firm_list.cells import plain

__all__ = ["read_day"]

_SERIALS = (20_000, 80_000)  # days of Excel's calendar from 1954 to 2119
_EPOCH = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}
_YEARS = (1800, 2100)
_CHINESE = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?(?:[ T]\d{1,2}:.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR = re.compile(r"(\d{4})\s*(?:年|年度|年底|年初)?")
_QUARTER = re.compile(r"(\d{4})(?:年)?(?:第?[一二三四1-4]季度|[上下]半年|q[1-4])")
_MONTH_FIRST = re.compile(r"([a-z]{3})[a-z]*\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})[\s-]([a-z]{3})[a-z]*\.?[\s,-]+(\d{4})")
_SPOKEN = re.compile(r"([〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,3})月"
                     r"(?:([一二三四五六七八九十]{1,3})日)?)?")  # fmt: skip


def read_day(cell: Any, *, is_1904: bool = False) -> str | None:
    """Return a day as ISO text, as far as it is said; None if it is not certain.

    Parameters
    ----------
    cell : object
        A date, a serial number of Excel, or text: 2024-03-15, 2024/3/15, 2024.3.15,
        2024年3月15日, 2024年3月, 20240315, 202403, 2024, 2024年度, Mar 15, 2024,
        15 March 2024, 二〇二四年三月, 2024年第一季度 (the year).
    is_1904 : bool
        Whether serial numbers count from 1904.

    Returns
    -------
    str or None
        ``2024-03-15``, ``2024-03`` or ``2024``. Days with two digits of the year, with the
        day or month first (03/04/2024), or that the calendar does not have are None.
    """
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, bool) or cell is None:
        return None
    text = re.sub(r"\.0$", "", plain(cell).lower())
    if text.isdigit() and len(text) == 5 and _SERIALS[0] <= int(text) <= _SERIALS[1]:
        return (_EPOCH[is_1904] + dt.timedelta(days=int(text))).isoformat()
    if isinstance(cell, float) and not cell.is_integer():
        if _SERIALS[0] <= cell <= _SERIALS[1]:  # a day with its hour
            return (_EPOCH[is_1904] + dt.timedelta(days=int(cell))).isoformat()
        return _of(_FULL.fullmatch(text))  # 2024.03 kept as a number
    text = re.sub(r"(?<=[年月])\s+|\s+(?=[年月日])", "", text)
    return (
        _of(_FULL.fullmatch(text))
        or _of(_COMPACT.fullmatch(text))
        or _of(_YEAR.fullmatch(text))
        or _of(_QUARTER.fullmatch(text))
        or _english(text)
        or _spoken(text)
    )


def _of(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    groups = (*found.groups(), None, None)
    return _iso(int(groups[0] or 0), groups[1], groups[2])


def _iso(year: int, month: str | None, day: str | None) -> str | None:
    if not _YEARS[0] <= year <= _YEARS[1]:
        return None
    if month is None:
        return f"{year}"
    try:
        whole = dt.date(year, int(month), int(day or 1))
    except ValueError:
        return None
    return whole.isoformat() if day else whole.isoformat()[:7]


def _english(text: str) -> str | None:
    found = _MONTH_FIRST.fullmatch(text)
    month, day, year = found.groups() if found else (None, None, None)
    if found is None:
        found = _DAY_FIRST.fullmatch(text)
        day, month, year = found.groups() if found else (None, None, None)
    if month not in _MONTHS or year is None:
        return None
    return _iso(int(year), str(_MONTHS.index(str(month)) + 1), day)


def _spoken(text: str) -> str | None:
    """Read 二〇二四年三月十五日."""
    found = _SPOKEN.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups()
    numbers = [str(_number(one)) if one else None for one in (month, day)]
    return _iso(int(year.translate(_CHINESE)), *numbers)


def _number(text: str) -> int:
    """Return 1 to 99 of Chinese numerals: 三, 十, 十五, 二十, 二十九."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(text.translate(_CHINESE))
    return 10 * int(tens.translate(_CHINESE) or 1) + int(ones.translate(_CHINESE) or 0)
