"""Where a list stands in a sheet, of which kind it is, and what each of its columns says.

Titles may stand above the headings; headings may take up to three rows, groups merged or
not. Every row near the top is tried as the first row of headings of every kind, and what
names most wins; words in the names of file and sheet decide between equals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jicheng.errors import Fault, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.firm_list.cells import plain
from jicheng.io.firm_list.headings import factor_in, sheet_factors
from jicheng.io.raw.kinds import CellType, Field, ListKind, bare_heading, list_kinds
from jicheng.io.raw.sheets import RawSheet

__all__ = ["Place", "RawColumn", "find_place", "heading_texts", "is_serial_number", "is_unit_row"]

_SEARCHED = 20  # rows at the top of a sheet in which headings are looked for
_DEEPEST = 3  # rows that headings may take
_LEAST = 2  # attributes that make a list
_SERIAL = re.compile(r"序号|no|编号|行号|#|index|seq")
_NUMBERED = re.compile(r"\d{1,2}|[甲乙丙丁戊己庚辛]|[a-z]|栏次|\(\d{1,2}\)")
_MONEY = (CellType.WAN, CellType.WAN_RANGE, CellType.YUAN)


@dataclass(frozen=True, slots=True)
class RawColumn:
    """A column that says something: its position, attribute, heading and unit.

    ``factor`` is what one in its cells is (yuan for money, 0.01 for %); None if no heading
    tells it.
    """

    position: int
    field: Field
    heading: str
    factor: float | None = None

    @property
    def shown(self) -> str:
        """Return how people find it: letter and heading."""
        return f"{column_name(self.position)} {self.heading}".strip()


@dataclass(frozen=True)
class Place:
    """A list in a sheet; rows and columns count from 0.

    Attributes
    ----------
    kind : ListKind
        What kind of list it is.
    top, first : int
        First row of headings, first row below them.
    columns : tuple of RawColumn
        Columns that are read.
    others : mapping of int to str
        Headings of columns that are not.
    values : mapping
        Cells of an attribute that a mapping translates.
    constants : mapping
        Values that a mapping gives every row.
    """

    kind: ListKind
    top: int
    first: int
    columns: tuple[RawColumn, ...]
    others: Mapping[int, str]
    faults: tuple[Fault, ...] = ()
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Return how much of its kind the headings name."""
        return sum(column.field.weight for column in self.columns)


def find_place(sheet: RawSheet, kind: ListKind | None = None) -> Place | None:
    """Return where a list stands in a sheet; None if none is recognised.

    Parameters
    ----------
    sheet : RawSheet
        Its cells.
    kind : ListKind, optional
        The kind it must be; by default the one that the headings name best.
    """
    best: Place | None = None
    kinds = [kind] if kind is not None else list(list_kinds().values())
    most = (0.0, 0, 0.0)
    for top in range(min(_SEARCHED, len(sheet.rows))):
        if not any(plain(cell) for cell in sheet.rows[top]):
            continue
        for depth in range(1, _DEEPEST + 1):
            if top + depth > len(sheet.rows) or not _may_head(sheet, top, depth):
                break
            headings = list(heading_texts(sheet, top, depth))
            for one in kinds:
                found = _matched(sheet, one, top, depth, headings)
                if found is None:
                    continue
                rank = (found.score + _hint(sheet, one), -depth, -top)
                if rank > most:
                    best, most = found, rank
    return best


def _may_head(sheet: RawSheet, top: int, depth: int) -> bool:
    """Tell whether the last row of headings could be one: text, not values."""
    texts = [cell for cell in sheet.rows[top + depth - 1] if plain(cell)]
    return bool(texts) and all(isinstance(cell, str) for cell in texts)


def heading_texts(sheet: RawSheet, top: int, depth: int) -> Iterator[tuple[str, ...]]:
    """Yield for each column its headings from the group down to its own; merged ones spread."""
    width = max(len(row) for row in sheet.rows[top : top + depth])
    spread = {
        (row, column): (first, left)
        for (first, left), (last, right) in sheet.merged
        for row in range(max(first, top), min(last, top + depth - 1) + 1)
        for column in range(left, min(right, width - 1) + 1)
    }
    for k in range(width):
        said: list[str] = []
        for row in range(top, top + depth):
            text = _line(sheet.cell(*spread.get((row, k), (row, k))))
            if not text and row < top + depth - 1 and k not in (0,):
                text = _group(sheet, row, k, top + depth - 1)
            if text and text not in said:
                said.append(text)
        yield tuple(said)


def _group(sheet: RawSheet, row: int, column: int, last: int) -> str:
    """Return the group left of a column that stands under it without being merged."""
    if not plain(sheet.cell(last, column)):
        return ""
    for k in range(column, -1, -1):
        if text := _line(sheet.cell(row, k)):
            return text
    return ""


def _line(cell: Any) -> str:
    return re.sub(r"\s+", " ", str(cell)).strip() if isinstance(cell, str) else ""


def _matched(
    sheet: RawSheet, kind: ListKind, top: int, depth: int, headings: Sequence[tuple[str, ...]]
) -> Place | None:
    chosen: dict[str, RawColumn] = {}
    others: dict[int, str] = {}
    faults: list[Fault] = []
    sheet_factor = sheet_factors(sheet.rows[: top + depth])
    for k, said in enumerate(headings):
        if not said:
            continue
        heading = " ".join(said)
        found = _field_of(kind, said)
        if found is None:
            others[k] = heading
            continue
        factor = next((f for one in reversed(said) if (f := _unit_in(one))), None)
        if factor is None and found.type in _MONEY and len(sheet_factor) == 1:
            factor = next(iter(sheet_factor))
        column = RawColumn(k, found, said[-1], factor)
        earlier = chosen.get(found.name)
        if earlier is not None:  # the label goes before other words for it, else the first
            is_better = _is_own(column) and not _is_own(earlier)
            column, earlier = (column, earlier) if is_better else (earlier, column)
            at = sheet.at(top + depth - 1, earlier.position, earlier.heading)
            kept = column_name(column.position)
            faults.append(
                fault("E657", where=at, is_warning=True, heading=earlier.heading, column=kept)
            )
        chosen[found.name] = column
    keys = {one.name for one in kind.fields if one.is_key}
    marks = [column for column in chosen.values() if column.field.is_mark]
    if not keys <= set(chosen) or len(marks) < _LEAST:
        return None
    first = top + depth
    while first < len(sheet.rows) and is_unit_row(sheet.rows[first]):
        first += 1
    return Place(kind, top, first, tuple(chosen.values()), others, tuple(faults))


def _unit_in(heading: str) -> float | None:
    """Return the unit in a heading, also that of a price: （元/小时）."""
    return factor_in(re.sub(r"(?<=元)\s*[/／每]\s*[^)）]*", "", heading))


def _is_own(column: RawColumn) -> bool:
    return bool(column.field.own & {bare_heading(column.heading)})


def _field_of(kind: ListKind, said: Sequence[str]) -> Field | None:
    """Return what headings from the group down name: together, else the lowest alone."""
    if len(said) == 1:
        return kind.field_of(said[0])
    return kind.field_of("".join(said)) or kind.field_of(said[-1])


def is_unit_row(row: Sequence[Any]) -> bool:
    """Tell whether a row below headings holds units or counts the columns, and no data."""
    texts = [plain(cell).lower() for cell in row if plain(cell)]
    if len(texts) < _LEAST:
        return False
    if all(_NUMBERED.fullmatch(text) for text in texts):
        digits = [int(text) for text in texts if text.isdigit()]
        return digits == list(range(1, len(digits) + 1)) or digits == list(range(len(digits)))
    return all(factor_in(text) is not None for text in texts)


def is_serial_number(heading: str) -> bool:
    """Tell whether a heading numbers the rows."""
    return _SERIAL.fullmatch(re.sub(r"[\s.]", "", plain(heading)).lower()) is not None


def _hint(sheet: RawSheet, kind: ListKind) -> float:
    """Return what titles say of the kind: the sheet's name more than the file's."""
    name, file = sheet.name.lower(), sheet.file.lower()
    by_sheet = any(word in name for word in kind.words)
    return 1.5 * by_sheet + 0.75 * any(word in file for word in kind.words)
