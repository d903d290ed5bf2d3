"""Read one cell the way staff fill it in: 1,200万元, 5%, １２, 是, ✓, 2024/3/1, 100～200.

A cell that says nothing (empty, a dash, 不详) is unknown, never zero. A cell that may
mean two things is refused: a person knows, a program would guess.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.io.firm_list.columns import CellKind, Column, unit_of

__all__ = ["Said", "is_blank", "plain", "read_cell"]

_UNKNOWN = ("", "/", "?", "…", "不详", "未知", "不清楚", "暂无数据", "无数据", "缺", "待补",
            "待核", "unknown", "n/a", "na", "#n/a")  # fmt: skip
_YES = ("是", "有", "对", "已", "具备", "符合", "✓", "✔", "√", "☑", "■", "●", "yes", "y", "true",
        "t", "1")  # fmt: skip
_NO = ("否", "无", "没有", "不是", "未", "不具备", "不符合", "×", "✗", "✘", "x", "no", "n",
       "false", "f", "0")  # fmt: skip
_SCALES = {"亿元": 1e8, "亿": 1e8, "万元": 1e4, "万": 1e4, "千元": 1e3, "元": 1.0}
_COUNTERS = re.compile(r"(人|名|件|项|个月|个|家|次|年|月|级|分|位|套)$")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
_RANGE = re.compile(r"(?<=[\d%元万亿])\s*(?:~|至|到|-)\s*(?=\d)")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:[ T].*)?")
_FORMULA = re.compile(r"[=+@\t\r＝＋＠－-]")
_EXAMPLES = {"ratio": "5%", "day": "2019-05-01", "rank": "3 / 无", "years": "2 / 无"}
_NEVER = ("无", "没有", "未获得", "从未", "none", "never")


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says: a number between two ends, a condition, a choice, a text.

    Only what fits the column's kind is set; all None = unknown.
    """

    low: float | None = None
    high: float | None = None
    condition: bool | None = None
    text: str | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether the cell says nothing."""
        return self.low is None and self.condition is None and self.text is None


_NOTHING = Said()


def plain(cell: Any) -> str:
    """Return a cell as text: half-width, without blanks around."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    text = unicodedata.normalize("NFKC", str(cell)).strip(" \t\r\n\u3000\xa0\ufeff'")
    return re.sub(r"[‐‑‒–—―−]", "-", text)


def is_blank(cell: Any) -> bool:
    """Tell whether a cell is empty or says that nothing is known."""
    text = plain(cell)
    return text.lower() in _UNKNOWN or not text.strip("-")


def read_cell(
    cell: Any, column: Column, where: Where, *, factor: float, last_day: dt.date
) -> tuple[Said, list[Fault]]:
    """Read a cell of a column.

    Parameters
    ----------
    cell : object
        As the workbook holds it: number, text, date, truth value or None.
    column : Column
        What it is about.
    where : Where
        Its place, for faults.
    factor : float
        What one of it is in the unit of the fact, by the unit in the heading; a unit
        in the cell itself goes before.
    last_day : date
        Last day of the evaluation year: a date in a column of months counts up to it.

    Returns
    -------
    said : Said
    faults : list of Fault
        E102 for what is no number or neither yes nor no, E104 for a value that is not
        among the choices, E105 for a number outside its natural range, E106 for a text
        that a spreadsheet would run.
    """
    if is_blank(cell):
        return _NOTHING, []
    if column.kind is CellKind.TEXT:
        return _text(cell, where)
    if column.kind is CellKind.CONDITION:
        return _condition(cell, where)
    if column.kind is CellKind.CHOICE:
        return _choice(cell, column, where)
    return _number(cell, column, where, factor, last_day)


def _text(cell: Any, where: Where) -> tuple[Said, list[Fault]]:
    text = cell.strip() if isinstance(cell, str) else plain(cell)  # names keep their signs
    if _FORMULA.match(text):
        return _NOTHING, [fault("E106", where=where, value=text[0])]
    return Said(text=text), []


def _condition(cell: Any, where: Where) -> tuple[Said, list[Fault]]:
    word = plain(cell).lower()
    if word in _YES:
        return Said(condition=True), []
    if word in _NO:
        return Said(condition=False), []
    return _NOTHING, [_unreadable(cell, where, Text("是或否", "yes or no"), "是 / 否")]


def _choice(cell: Any, column: Column, where: Where) -> tuple[Said, list[Fault]]:
    word = _loose(plain(cell))
    for option in column.options:
        if word in map(_loose, (option.value, option.label.zh, option.label.en)):
            return Said(text=option.value), []
    number = _bare_number(plain(cell))
    if column.is_judged and number is not None:  # reviewers may give points instead of a level
        if column.minimum <= number <= column.maximum:
            return Said(number, number), []
        return _NOTHING, [fault("E105", where=where, value=plain(cell), range=_range(column))]
    labels = [option.label.zh for option in column.options]
    allowed = nearest(plain(cell), labels, otherwise=" / ".join(labels))
    return _NOTHING, [fault("E104", where=where, value=str(cell)[:60], allowed=allowed)]


def _loose(text: str) -> str:
    return re.sub(r"[\s_()（）,，、-]", "", text).lower()


def _number(
    cell: Any, column: Column, where: Where, factor: float, last_day: dt.date
) -> tuple[Said, list[Fault]]:
    if column.may_be_never and plain(cell).lower() in _NEVER:
        return Said(math.inf, math.inf), []
    ends = _ends(cell, column, factor, last_day)
    kind = Text("整数", "a whole number") if column.is_integer else Text("数值", "a number")
    if ends is None or (column.is_integer and any(not end.is_integer() for end in ends)):
        example = _EXAMPLES.get(column.unit, "3" if column.is_integer else "1200.5")
        return _NOTHING, [_unreadable(cell, where, kind, example)]
    low, high = ends
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    if low < column.minimum - slack or high > column.maximum + slack or low > high:
        return _NOTHING, [fault("E105", where=where, value=plain(cell)[:60], range=_range(column))]
    return Said(max(low, column.minimum), min(high, column.maximum)), []


def _ends(
    cell: Any, column: Column, factor: float, last_day: dt.date
) -> tuple[float, float] | None:
    """Return both ends of a number in the unit of the fact; None if it is none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, dt.date):
        when = _time_of(cell, column, last_day)
        return None if when is None else (when, when)
    if isinstance(cell, int | float) and column.unit == "day":
        return _year_only(plain(cell))
    if isinstance(cell, int | float):
        value = _exact(float(cell), factor)
        return (value, value) if math.isfinite(value) else None
    text = plain(cell)
    day = _DAY.fullmatch(text) if column.unit in ("months", "year", "day") else None
    if day is not None:
        return _ends(_as_date(day), column, factor, last_day)
    if column.unit == "day":
        return _year_only(text)
    parts = _RANGE.split(text)
    if len(parts) not in (1, 2):
        return None
    units = [_SCALES[sign] for part in parts if (sign := _scale_in(part))]
    shared = units[-1] if units and len(parts) == 2 and not _scale_in(parts[0]) else None
    values = [_value(part, column, factor, shared) for part in parts]
    if None in values:
        return None
    known = [value for value in values if value is not None]
    return known[0], known[-1]


def _as_date(day: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(day[1]), int(day[2]), int(day[3] or 1))
    except ValueError:
        return None


def _time_of(day: dt.date, column: Column, last_day: dt.date) -> float | None:
    """Return what a date says: its year, the months until the end, or its month since year 0."""
    if column.unit == "day":
        return day.year * 12.0 + day.month - 1
    if column.unit == "year":
        return float(day.year)
    if column.unit == "months":
        months = (last_day.year - day.year) * 12 + last_day.month - day.month
        return float(max(0, months))
    return None


def _year_only(text: str) -> tuple[float, float] | None:
    """Return the first and the last month of a year; a compact date has its month."""
    compact = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(?:[0-3]\d)?", text)
    if compact:
        month = int(compact[1]) * 12.0 + int(compact[2]) - 1
        return month, month
    year = re.fullmatch(r"((?:19|20)\d\d)年?", text)
    return (int(year[1]) * 12.0, int(year[1]) * 12.0 + 11) if year else None


def _scale_in(text: str) -> str:
    return next((sign for sign in _SCALES if text.endswith(sign)), "")


def _value(text: str, column: Column, factor: float, shared: float | None) -> float | None:
    """Return a number with the unit that stands in the cell, else in the heading."""
    text = text.strip().lstrip("¥").strip()  # no other currency: it would count as yuan
    if text.endswith("%"):
        number = _bare_number(text.rstrip("% "))
        return None if number is None or column.unit != "ratio" else _exact(number, 0.01)
    scale = shared
    sign = _scale_in(text)
    if sign:
        if column.unit != "CNY" and sign not in ("万", "亿"):
            return None
        text, scale = text.removesuffix(sign), _SCALES[sign]
    elif column.unit != "CNY":
        text = _COUNTERS.sub("", text)
    number = _bare_number(text.strip())
    if number is None:
        return None
    scaled = _exact(number, factor if scale is None else scale)
    return scaled if math.isfinite(scaled) else None


def _bare_number(text: str) -> float | None:
    """Return a number with or without thousands separators; (12) is -12."""
    is_negative = text.startswith("(") and text.endswith(")")
    bare = text.strip("()") if is_negative else text
    bare = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", ",", bare)
    if not bare or not _NUMBER.fullmatch(bare) or not any(c.isdigit() for c in bare):
        return None
    value = float(bare.replace(",", ""))
    if not math.isfinite(value):  # 1e999 is a slip; never is said in words
        return None
    return -value if is_negative else value


def _exact(number: float, factor: float) -> float:
    """Scale by a power of ten without the last bit going astray: 1.1 % is 0.011."""
    return float(f"{number / (1 / factor) if factor < 1 else number * factor:.15g}")


def _range(column: Column) -> Text:
    """Say between which ends a number may lie, in the unit that staff write."""
    unit = unit_of(column.unit)
    sign = unit.sign if column.unit in ("CNY", "ratio") else Text("", "")
    ends = [
        Text(f"{end / unit.factor:g}{sign.zh}", f"{end / unit.factor:g} {sign.en}".strip())
        if end
        else Text("0", "0")
        for end in (column.minimum, column.maximum)
    ]
    low, high = ends
    if math.isinf(column.maximum):
        return Text(f"（应不小于{low.zh}）", f"the range (at least {low.en})")
    if math.isinf(column.minimum):
        return Text(f"（应不大于{high.zh}）", f"the range (at most {high.en})")
    return Text(f"（应为{low.zh}至{high.zh}）", f"the range ({low.en} to {high.en})")


def _unreadable(cell: Any, where: Where, kind: Text, example: str) -> Fault:
    return fault("E102", where=where, value=str(cell)[:60], type=kind, example=example)
