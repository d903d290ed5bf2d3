"""Sheets that a person answers: rows with a few cells to fill in, written and read back.

A sheet is an Excel workbook with drop-downs, or a CSV file. It is read by its headings
only, so columns may be moved or added; every cell comes back as text with the row in
which it stands, and whoever asked the question checks the answers.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from jicheng.atomic import write_file
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.csv_safe import escape_text, write_csv
from jicheng.io.excel.annotate import mark
from jicheng.io.excel.layout import Grid, Layout
from jicheng.io.excel.reading import hidden_faults, merged_faults, open_book
from jicheng.io.limits import Limits
from jicheng.io.text_table import read_text_table

__all__ = ["Answers", "Question", "mark_faults", "read_answers", "write_questions"]

_MADE = dt.datetime(2026, 1, 1)  # same input, same bytes
_SEARCHED = 20  # rows at the top of a sheet in which headings are looked for
_MOST_CHARACTERS = 2_000
_SPARE_ROWS = 500  # below the questions, in which a person may add rows of their own


@dataclass(frozen=True, slots=True)
class Question:
    """A column of a sheet.

    Attributes
    ----------
    name : str
        How programs know it.
    label : Text
        Its heading.
    width : int
        Of the column, in characters.
    answers : tuple of Text
        What the drop-down offers, in both languages; empty: anything.
    range : tuple of float or None
        Between which a number must lie.
    is_answer : bool
        Whether a person fills it in.
    """

    name: str
    label: Text
    width: int = 18
    answers: tuple[Text, ...] = ()
    range: tuple[float, float] | None = None
    is_answer: bool = False

    @property
    def heading(self) -> str:
        """The heading as written: Chinese, then English."""
        return f"{self.label.zh} {self.label.en}"

    def is_headed(self, heading: str) -> bool:
        """Tell whether a heading means this column."""
        return _plain(heading) in map(
            _plain, (self.heading, self.label.zh, self.label.en, self.name)
        )


@dataclass(frozen=True)
class Answers:
    """A sheet that was read.

    Attributes
    ----------
    table : DataFrame
        Text by name of the question; empty = null; a question without a column is null.
    rows : sequence of int
        Row of the file for each row of the table.
    layout : Layout
        Where the columns stand.
    """

    table: pl.DataFrame
    rows: Sequence[int]
    layout: Layout

    def where(self, row: int, name: str) -> Where:
        """Return the place of an answer; ``row`` is a row of the table."""
        return Where(sheet=self.layout.sheet, row=self.rows[row], column=name)


def write_questions(
    path: Path,
    sheet: str,
    questions: Sequence[Question],
    table: pl.DataFrame,
    notes: Sequence[str] = (),
) -> None:
    """Write a sheet, whole or not at all: a workbook, or CSV if the path ends so.

    Parameters
    ----------
    path : Path
        The file; an existing one is replaced.
    sheet : str
        Name of the sheet, at most 31 characters.
    questions : sequence of Question
        Its columns.
    table : DataFrame
        Rows with what is known of each question, by name; others are left empty.
    notes : sequence of str
        How to fill it in: a second sheet; not in CSV.
    """
    if path.suffix.lower() == ".csv":
        missing = [pl.lit(None, pl.String).alias(q.name) for q in questions
                   if q.name not in table.columns]  # fmt: skip
        kept = table.with_columns(missing).select(
            pl.col(q.name).alias(q.heading) for q in questions
        )
        write_csv(kept, path)
        return
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "集成 Jicheng", "created": _MADE})
        page = book.add_worksheet(sheet)
        _write(book, page, questions, table)
        if notes:
            told = book.add_worksheet("说明 Notes")
            told.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
            for row, note in enumerate(notes):
                told.write_string(row, 0, escape_text(note))
    write_file(path, buffer.getvalue())


def _write(
    book: xlsxwriter.Workbook, page: Worksheet, questions: Sequence[Question], table: pl.DataFrame
) -> None:
    head = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF7"}
    plain, asked = book.add_format(head), book.add_format(head | {"bg_color": "#FFF2CC"})
    told = book.add_format({"text_wrap": True, "valign": "top"})
    answer = book.add_format({"valign": "top", "bg_color": "#FFFBEF"})
    for k, question in enumerate(questions):
        style = answer if question.is_answer else told
        page.set_column(k, k, question.width, style)
        page.write_string(0, k, question.heading, asked if question.is_answer else plain)
        if question.name in table.columns:
            for row, value in enumerate(table[question.name], 1):
                _write_cell(page, row, k, value)
        _check(page, k, question, table.height + _SPARE_ROWS)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, table.height), len(questions) - 1)


def _write_cell(page: Worksheet, row: int, k: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(row, k, value)
    else:
        page.write_string(row, k, escape_text(str(value))[:_MOST_CHARACTERS])


def _check(page: Worksheet, k: int, question: Question, last: int) -> None:
    if question.answers:
        words = [one.zh for one in question.answers]
        rule: dict[str, Any] = {"validate": "list", "source": words}
        rule["error_message"] = "请从列表中选择 Choose from the list"
    elif question.range is not None:
        low, high = question.range
        rule = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
        rule["error_message"] = f"请填写 {low:g} – {high:g} Write a number in this range"
    else:
        return
    page.data_validation(1, k, last, k, rule | {"ignore_blank": True})


def read_answers(
    path: Path, questions: Sequence[Question], needed: Sequence[str], limits: Limits | None = None
) -> Answers:
    """Read a sheet back.

    Parameters
    ----------
    path : Path
        The workbook or the CSV file.
    questions : sequence of Question
        Columns that are looked for; others are left alone.
    needed : sequence of str
        Names of those that must be there.
    limits : Limits, optional
        Sizes above which a file is refused.

    Raises
    ------
    InvalidInput
        E150-E160 and E170-E186 for the file, E032 if no sheet has the needed headings,
        E156 for a heading that stands twice, E176-E178 for cells that show no value.
    """
    limits = limits or Limits()
    if path.suffix.lower() == ".csv":
        return _of_csv(path, questions, needed, limits)
    book = open_book(path, limits)
    found = next(
        (
            made
            for name, grid in book.grids.items()
            for header in range(1, min(_SEARCHED, len(grid)) + 1)
            if (made := _layout(name, header, grid[header - 1], questions, needed)) is not None
        ),
        None,
    )
    if found is None:
        raise _unheaded(path, questions, needed)
    grid = book.grids[found.sheet]
    rows = [r for r in range(found.first_row, len(grid) + 1) if _is_filled(grid, r, found)]
    faults = hidden_faults(found, book.contents.sheets[found.sheet])
    faults += merged_faults(found, book.merged[found.sheet], rows)
    _refuse(faults)
    cells = {
        name: [_text(grid[r - 1][k]) if k < len(grid[r - 1]) else None for r in rows]
        for k, name in found.columns.items()
    }
    return Answers(_table(cells, questions, len(rows)), rows, found)


def _of_csv(
    path: Path, questions: Sequence[Question], needed: Sequence[str], limits: Limits
) -> Answers:
    if not path.is_file():
        raise InvalidInput.of("E150", path=path)
    read, faults = read_text_table(path, Where(sheet=path.name), limits)
    _refuse(faults)
    if read is None:  # pragma: no cover - without a fault there is a table
        raise _unheaded(path, questions, needed)
    layout = _layout(path.name, 1, read.headings, questions, needed)
    if layout is None:
        raise _unheaded(path, questions, needed)
    cells = {
        name: [_text(cell) for cell in read.frame[str(k)]] for k, name in layout.columns.items()
    }
    return Answers(_table(cells, questions, read.frame.height), list(read.lines), layout)


def _layout(
    sheet: str,
    header: int,
    headings: Sequence[Any],
    questions: Sequence[Question],
    needed: Sequence[str],
) -> Layout | None:
    columns: dict[int, str] = {}
    for k, heading in enumerate(headings):
        for question in questions:
            if question.is_headed(str(heading or "")):
                if question.name in columns.values():
                    where = Where(sheet=sheet, row=header, column=question.name)
                    both = f"{1 + list(columns.values()).index(question.name)}, {k + 1}"
                    raise InvalidInput.of("E156", where=where, heading=heading, columns=both)
                columns[k] = question.name
    if not set(needed) <= set(columns.values()):
        return None
    return Layout("", sheet, header, header + 1, columns)


def _unheaded(path: Path, questions: Sequence[Question], needed: Sequence[str]) -> InvalidInput:
    asked = ", ".join(q.heading for q in questions if q.name in needed)
    return InvalidInput([fault("E032", where=Where(sheet=path.name), columns=asked)])


def _refuse(faults: Sequence[Fault]) -> None:
    if any(not found.is_warning for found in faults):
        raise InvalidInput(faults)


def _is_filled(grid: Grid, row: int, layout: Layout) -> bool:
    cells = grid[row - 1]
    return any(k < len(cells) and _text(cells[k]) for k in layout.columns)


def _table(
    cells: dict[str, list[str | None]], questions: Sequence[Question], n: int
) -> pl.DataFrame:
    names = [question.name for question in questions]
    filled = {name: cells.get(name, [None] * n) for name in names}
    return pl.DataFrame(filled, schema=dict.fromkeys(names, pl.String))


def _text(cell: Any) -> str | None:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell).strip(" \t\r\n\u3000\xa0\ufeff") or None if cell is not None else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().replace("*", " ").split())


def mark_faults(path: Path, faults: Sequence[Fault], layout: Layout, out: Path) -> None:
    """Write a copy of a refused workbook with its wrong cells filled and explained.

    Raises
    ------
    InvalidInput
        E114 if ``out`` is the file itself; E175 if the workbook cannot be opened.
    """
    mark(path, faults, out, [layout])
