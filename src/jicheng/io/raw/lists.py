"""Read the rows of a list: values by attribute, rows left out and why, cells not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jicheng.errors import Fault, Text, fault
from jicheng.io.firm_list.cells import plain
from jicheng.io.raw.cells import Context, Said, says_nothing
from jicheng.io.raw.days import read_day
from jicheng.io.raw.places import Place, RawColumn, is_serial_number, is_unit_row
from jicheng.io.raw.sheets import RawSheet

__all__ = ["LeftOut", "RawList", "RawRow", "read_list"]

_TOTALS = re.compile(
    r"(合计|总计|小计|共计|总和|平均|平均值|累计|total|sum|average|subtotal)(数|金额)?[:：]?"
    r"|[\u4e00-\u9fff\d]{0,12}(合计|小计|总计)|合计[(（].*[)）]",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(备注|注|附注|说明|填表说明|填表人|制表|制表人|审核人|审核|数据来源|资料来源|来源|联系人|填报单位|填报人"
    r"|注意|note|notes|source|remark)\s*\d*\s*[:：.、]",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}|[(（][一二三四五六七八九十]{1,3}[)）])[、.．\s].*|第[一二三四五六七八九十]+[部类章].*"
)
_EXAMPLE = re.compile(r"[\[(（【]?(示例|样例|例如|填写示例|example)")
_AS_OF = re.compile(
    r"(?:截至|截止|统计时间|统计日期|数据日期|更新时间|更新日期|制表日期|导出日期|检索日期|as of)"
    r"\D{0,6}?"
    r"(\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?|月)?)",
    re.IGNORECASE,
)
_MADE_UP = re.compile(r"示例数据|虚构|sample data|made[- ]up", re.IGNORECASE)
_END_OF_MONTH = 7  # characters of 2024-03


class LeftOut(StrEnum):
    """Why a row of a sheet is no row of the list."""

    TOTAL = "total"
    NOTE = "note"
    HEADING = "heading"
    EXAMPLE = "example"
    REPEATED = "repeated"
    NAMELESS = "nameless"


REASONS = {
    LeftOut.TOTAL: Text("合计行", "totals"),
    LeftOut.NOTE: Text("说明或分组行", "notes and groups"),
    LeftOut.HEADING: Text("重复的标题行", "repeated headings"),
    LeftOut.EXAMPLE: Text("示例行", "examples"),
    LeftOut.REPEATED: Text("重复行", "repeated rows"),
    LeftOut.NAMELESS: Text("缺名称的行", "rows without a name"),
}


@dataclass(frozen=True, slots=True)
class RawRow:
    """What a row says: its number in the sheet, and what was said by attribute."""

    number: int
    said: Mapping[str, Said]

    def text(self, name: str) -> str | None:
        """Return a text, code, day or choice; None if it is not said."""
        return self.said[name].text or None if name in self.said else None

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list; empty if it is not said."""
        return self.said[name].names if name in self.said else ()

    def number_of(self, name: str) -> float | None:
        """Return a number, the middle of a range."""
        low, high = self.ends(name)
        return None if low is None or high is None else (low + high) / 2

    def ends(self, name: str) -> tuple[float | None, float | None]:
        """Return both ends of a number; None if it is not said."""
        said = self.said.get(name)
        return (None, None) if said is None else (said.low, said.high)


@dataclass(frozen=True)
class RawList:
    """A list that was read.

    Attributes
    ----------
    sheet : RawSheet
        Where it stands.
    place : Place
        Its kind, headings and columns.
    rows : tuple of RawRow
        Its rows, in the order of the sheet.
    left_out : mapping of int to LeftOut
        Rows that are none, by number.
    as_of : str
        Day up to which the list says that it is true, ISO; "" if it does not say.
    faults : tuple of Fault
        Warnings: what was not read, with its place.
    """

    sheet: RawSheet
    place: Place
    rows: tuple[RawRow, ...]
    left_out: Mapping[int, LeftOut]
    as_of: str
    faults: tuple[Fault, ...] = field(default=())

    @property
    def is_sample(self) -> bool:
        """Whether a title says that the data are made up (示例数据, 虚构)."""
        titles = (plain(cell) for row in self.sheet.rows[: self.place.top] for cell in row)
        return any(_MADE_UP.search(title) for title in titles)

    @property
    def kind(self) -> str:
        """Name of its kind."""
        return self.place.kind.name


def read_list(sheet: RawSheet, place: Place) -> RawList:
    """Read the rows of a list.

    Faults (warnings): those of :class:`~jicheng.io.raw.cells.Context`; E177 formulas without
    a result, E637 rows without a name, E638 rows that repeat another, E641 columns that are
    not used, E657 columns about the same.
    """
    filled = _merged_values(sheet, place)
    hidden = {(row - 1, column - 1) for row, column in sheet.facts.hollow}
    rows: list[RawRow] = []
    left_out: dict[int, LeftOut] = {}
    faults = [*place.faults, *_unused(sheet, place)]
    for row in range(place.first, len(sheet.rows)):
        cells = [_cell(sheet, row, column, filled) for column in place.columns]
        if all(plain(cell) == "" for cell in cells) and not place.constants:
            if _is_said(sheet.rows[row]):
                left_out[sheet.numbers[row]] = _left_out(sheet, place, row) or LeftOut.NOTE
            continue
        why = _left_out(sheet, place, row)
        if why is not None:
            left_out[sheet.numbers[row]] = why
            continue
        said, found = _row(sheet, place, row, cells, hidden)
        faults += found
        lacking = [f for f in place.kind.fields if f.is_key and f.name not in said]
        if lacking:
            left_out[sheet.numbers[row]] = LeftOut.NAMELESS
            if not found:  # a name that cannot be read is told already
                at = sheet.at(row, None)
                faults.append(fault("E637", where=at, is_warning=True, label=lacking[0].label))
            continue
        rows.append(RawRow(sheet.numbers[row], said))
    kept, repeated = _without_repeated(sheet, place, rows, left_out)
    return RawList(sheet, place, kept, left_out, _as_of(sheet, place), (*faults, *repeated))


def _row(
    sheet: RawSheet, place: Place, row: int, cells: Sequence[Any], hidden: set[tuple[int, int]]
) -> tuple[dict[str, Said], list[Fault]]:
    said: dict[str, Said] = {}
    faults: list[Fault] = []
    for column, cell in zip(place.columns, cells, strict=True):
        name, at = column.field.name, sheet.at(row, column.position, column.heading)
        if (row, column.position) in hidden:
            faults.append(fault("E177", where=at, is_warning=True))
            continue
        error = sheet.facts.errors.get((row + 1, column.position + 1))
        if error is not None:
            faults.append(fault("E176", where=at, is_warning=True, value=error))
            continue
        translated = place.values.get(name, {}).get(plain(cell), cell)
        context = Context(column.field.type, column.factor, sheet.is_1904)
        one, found = context.read(translated, at)
        faults += found
        if one is not None:
            said[name] = one
    for name, value in place.constants.items():
        if name not in said:
            one, found = Context(place.kind.by_name[name].type, 1.0, is_1904=False).read(
                value, sheet.at(row)
            )
            faults += found
            if one is not None:
                said[name] = one
    return said, faults


def _cell(
    sheet: RawSheet, row: int, column: RawColumn, filled: Mapping[tuple[int, int], Any]
) -> Any:
    value = filled.get((row, column.position))
    return sheet.cell(row, column.position) if value is None else value


def _merged_values(sheet: RawSheet, place: Place) -> dict[tuple[int, int], Any]:
    """Return the value of cells merged downwards in one column: it holds for every row."""
    filled: dict[tuple[int, int], Any] = {}
    used = {column.position for column in place.columns}
    for (top, left), (bottom, right) in sheet.merged:
        if left == right and left in used and top >= place.first and bottom > top:
            value = sheet.cell(top, left)
            filled |= {(row, left): value for row in range(top + 1, bottom + 1)}
    return filled


def _left_out(sheet: RawSheet, place: Place, row: int) -> LeftOut | None:
    """Return why a row is none of the list; None if it is one."""
    cells = sheet.rows[row]
    texts = [text for cell in cells if (text := plain(cell))]
    first = re.sub(r"\s", "", texts[0]) if texts else ""
    keys = [c for c in place.columns if c.field.is_key]
    key = re.sub(r"\s", "", plain(sheet.cell(row, keys[0].position))) if keys else ""
    if any(_TOTALS.fullmatch(text) for text in (first, key) if text):
        return LeftOut.TOTAL
    if _EXAMPLE.match(key) or _EXAMPLE.match(first):
        return LeftOut.EXAMPLE
    named = sum(
        place.kind.field_of(str(sheet.cell(row, column.position))) is column.field
        for column in place.columns
        if isinstance(sheet.cell(row, column.position), str)
    )
    if named >= max(2, len(place.columns) // 2) or is_unit_row(cells):
        return LeftOut.HEADING
    if len(texts) <= 2 and (_NOTE.match(texts[0]) or _SECTION.fullmatch(texts[0])):
        return LeftOut.NOTE
    is_alone = len(texts) == 1 and len(place.columns) > 2
    return LeftOut.NOTE if is_alone and (not key or len(texts[0]) > 40) else None


def _is_said(cells: Sequence[Any]) -> bool:
    texts = [plain(cell) for cell in cells if plain(cell)]
    return any(not text.replace(".", "").isdigit() for text in texts)


_SAME_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "firms": (("credit_code", "name"), ("name", "legal_person", "region", "telephone")),
    "patents": (("number",), ("publication",), ("title", "date", "applicants")),
    "papers": (("number",), ("title", "date")),
    "projects": (("number", "title"), ("title", "start")),
    "equipment": (("name", "owner", "model", "serial"),),
    "people": (("name", "organisation", "orcid"),),
    "technologies": (("name",),),
    "shareholders": (("firm", "shareholder"),),
    "purses": (("name", "period"),),
}


def _without_repeated(
    sheet: RawSheet, place: Place, rows: Sequence[RawRow], left_out: dict[int, LeftOut]
) -> tuple[tuple[RawRow, ...], list[Fault]]:
    """Keep the first of rows that say the same of the same, whatever blanks and widths."""
    first: dict[tuple[str, ...], RawRow] = {}
    kept: list[RawRow] = []
    faults: list[Fault] = []
    for row in rows:
        keys = list(_keys(place, row))
        alike = (first[key] for key in keys if key in first)
        same = next((one for one in alike if not _differ_in_number(one, row)), None)
        if same is None:
            kept.append(row)
            for key in keys:
                first.setdefault(key, row)
            continue
        left_out[row.number] = LeftOut.REPEATED
        name = next(f for f in place.kind.fields if f.is_key)
        value = row.text(name.name) or ""
        at = sheet.at(sheet.numbers.index(row.number))
        faults.append(
            fault(
                "E638",
                where=at,
                is_warning=True,
                row=same.number,
                label=name.label,
                value=value[:60],
            )
        )
    return tuple(kept), faults


def _differ_in_number(one: RawRow, other: RawRow) -> bool:
    """Tell whether two patents of one title have numbers that differ: then they are two."""
    shared = [name for name in ("number", "publication") if name in one.said and name in other.said]
    same = [_loose(one.said[name]) == _loose(other.said[name]) for name in shared]
    return bool(same) and not any(same)


def _keys(place: Place, row: RawRow) -> Iterator[tuple[str, ...]]:
    """Yield what makes two rows one: the first group that the row says, else its next."""
    for names in _SAME_BY[place.kind.name]:
        values = [_loose(row.said[name]) if name in row.said else "" for name in names]
        if values[0] and (len(names) == 1 or any(values[1:]) or names == ("name",)):
            yield ("|".join(names), *values)
            if place.kind.name != "patents":
                return


def _loose(said: Said) -> str:
    text = said.text or "|".join(said.names)
    return re.sub(r"[\s()（）.,，。、·\-]", "", plain(text)).lower()


def _unused(sheet: RawSheet, place: Place) -> list[Fault]:
    """Tell once which columns with values are not used."""
    told = {fault.where.column for fault in place.faults}
    names = [
        heading
        for k, heading in place.others.items()
        if not is_serial_number(heading)
        and any(not says_nothing(sheet.cell(row, k)) for row in range(place.first, len(sheet.rows)))
        and sheet.at(None, k, heading).column not in told
    ]
    if not names:
        return []
    at = sheet.at(place.first - 1)
    return [fault("E641", where=at, is_warning=True, columns="、".join(names))]


def _as_of(sheet: RawSheet, place: Place) -> str:
    """Return the day that a title above the list names (截至2024年12月31日)."""
    for row in sheet.rows[: place.top]:
        for cell in row:
            found = _AS_OF.search(plain(cell))
            day = read_day(found[1]) if found else None
            if day is not None and len(day) > _END_OF_MONTH:
                return day
    return ""
