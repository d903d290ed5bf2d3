"""How offices write the same thing: days, telephones, codes, lists of names, a firm's name."""

from __future__ import annotations

import datetime as dt
from typing import Any

__all__ = ["FIVE_WAYS", "days", "people_in_a_cell", "telephones", "wide"]

FIVE_WAYS = (
    "广州澜图光电材料有限公司",
    "廣州瀾圖光電材料有限公司",
    "澜图光电材料（广州）有限公司",
    "广州市澜图光电材料有限责任公司",
    "Guangzhou Lantu Optoelectronic Materials Co., Ltd.",
)
"""One firm under five names; the first is the registered one."""

_EPOCH = dt.date(1899, 12, 30)
_DIGITS = "零一二三四五六七八九"
_MONTHS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def days(day: dt.date, form: int) -> Any:
    """Return a day in one of the ten forms of lists."""
    y, m, d = day.year, day.month, day.day
    forms = (
        day,
        (day - _EPOCH).days,
        f"{y}-{m:02d}-{d:02d}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y}年{m}月",
        f"{y}{m:02d}{d:02d}",
        y,
        f"{''.join(_DIGITS[int(one)] for one in str(y))}年{_MONTHS[m]}月",
    )
    return forms[form % len(forms)]


def telephones(k: int) -> Any:
    """Return a made-up telephone: as a number, with its area, two in a cell."""
    number = 8_000_0000 + 7_919 * k % 9_999_999
    mobile = 10_000_000_000 + 3_571_113 * (k + 7)
    forms = (float(mobile), f"020-{number}", mobile, f"020-{number}；{mobile}", f"{mobile}")
    return forms[k % len(forms)]


def people_in_a_cell(names: tuple[str, ...], form: int) -> str:
    """Return names in one cell as exports and offices part them."""
    signs = ("; ", "；", "、", ",", "\n", " ")
    return signs[form % len(signs)].join(names)


def wide(text: str) -> str:
    """Return letters and digits in full width."""
    return "".join(chr(ord(one) + 0xFEE0) if one.isascii() else one for one in text)
