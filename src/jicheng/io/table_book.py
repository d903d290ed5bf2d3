"""Tables as a workbook: one sheet a table, text as text and never as a formula."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng.atomic import write_file
from jicheng.io.csv_safe import escape_text

__all__ = ["write_tables"]

_MADE = dt.datetime(2026, 1, 1)  # same input, same bytes
_WIDEST = 48
_WIDEST_LINES = 80  # of a column with cells of several lines
_MOST_CHARACTERS = 32_000


def write_tables(path: Path, tables: Mapping[str, pl.DataFrame], notes: Sequence[str] = ()) -> None:
    """Write tables, whole or not at all.

    Parameters
    ----------
    path : Path
        The file (.xlsx); an existing one is replaced.
    tables : mapping of str to polars.DataFrame
        By name of the sheet (at most 31 characters).
    notes : sequence of str
        Lines of a first sheet, such as the mark of a draft; no such sheet without any.

    Notes
    -----
    The same tables give the same bytes. Lists are joined by semicolons.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "集成 Jicheng", "created": _MADE})
        if notes:
            sheet = book.add_worksheet("说明 Notes")
            sheet.set_column(0, 0, 120, book.add_format({"text_wrap": True, "valign": "top"}))
            for row, note in enumerate(notes):
                sheet.write_string(row, 0, escape_text(note))
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "text_wrap": True})
        date = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        top = book.add_format({"valign": "top"})
        lines = book.add_format({"valign": "top", "text_wrap": True})
        for name, table in tables.items():
            _write(book.add_worksheet(name), table, _Styles(head, date, top, lines))
    write_file(path, buffer.getvalue())


@dataclass(frozen=True, slots=True)
class _Styles:
    """How cells look: headings, dates, columns, and columns with cells of several lines."""

    head: Format
    date: Format
    top: Format
    lines: Format


def _write(sheet: Worksheet, table: pl.DataFrame, styles: _Styles) -> None:
    for k, name in enumerate(table.columns):
        sheet.write_string(0, k, name, styles.head)
        longest, has_lines = 8, False
        for row, value in enumerate(table[name], 1):
            longest = max(longest, _write_cell(sheet, row, k, value, styles.date))
            has_lines = has_lines or (isinstance(value, str) and "\n" in value)
        widest, style = (_WIDEST_LINES, styles.lines) if has_lines else (_WIDEST, styles.top)
        sheet.set_column(k, k, min(widest, max(longest, len(name)) + 2), style)
    sheet.freeze_panes(1, 0)
    if table.width:
        sheet.autofilter(0, 0, max(1, table.height), table.width - 1)


def _write_cell(sheet: Worksheet, row: int, column: int, value: Any, date: Format) -> int:
    """Write a cell; return how wide it is."""
    if value is None:
        return 0
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            sheet.write_number(row, column, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), date)
        return 10
    else:
        text = "; ".join(map(str, value)) if isinstance(value, pl.Series | list) else str(value)
        sheet.write_string(row, column, escape_text(text)[:_MOST_CHARACTERS])
        return sum(2 if ord(one) > 0x2E80 else 1 for one in text)
    return 8
