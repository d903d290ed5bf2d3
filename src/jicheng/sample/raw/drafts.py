"""Sheets in the making: rows of cells, merged ranges, and the faults planted in them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

__all__ = ["ErrorCell", "PlantedFault", "SheetDraft", "book_of"]

_MADE = dt.datetime(2025, 1, 6)  # same input, same bytes


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A cell whose formula shows an error."""

    shown: str = "#N/A"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A fault that a reader must tell: its code, and the cell as people find it."""

    file: str
    sheet: str
    row: int
    column: str
    code: str


@dataclass
class SheetDraft:
    """A sheet; rows count from 1 and columns are letters, as people count."""

    name: str
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    planted: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, *cells: Any, faults: Mapping[str, str] | None = None) -> int:
        """Add a row; ``faults`` are codes by letter of the column ("" = the whole row)."""
        self.rows.append(list(cells))
        number = len(self.rows)
        self.planted += [(number, column, code) for column, code in (faults or {}).items()]
        return number

    def merge(self, top: int, left: str, bottom: int, right: str) -> None:
        """Merge cells; the value of the first holds for all."""
        self.merged.append((top - 1, ord(left) - 65, bottom - 1, ord(right) - 65))


def book_of(sheets: Sequence[SheetDraft]) -> bytes:
    """Return sheets as a workbook; the same sheets give the same bytes."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "示例数据", "created": _MADE})
        day = book.add_format({"num_format": "yyyy/m/d"})
        centred = book.add_format({"align": "center", "valign": "vcenter", "text_wrap": True})
        for draft in sheets:
            sheet = book.add_worksheet(draft.name)
            sheet.set_column(0, 20, 18)
            for r, row in enumerate(draft.rows):
                for c, cell in enumerate(row):
                    _write(sheet, r, c, cell, day)
            for top, left, bottom, right in draft.merged:
                value = draft.rows[top][left] if left < len(draft.rows[top]) else ""
                sheet.merge_range(top, left, bottom, right, value, centred)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Any, day: Any) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, ErrorCell):
        sheet.write_formula(row, column, "=NA()", None, cell.shown)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), day)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, str(cell))
