"""Read the sheets of a workbook as a zone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import python_calamine

from jicheng.cells import DIGITS_KEPT
from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.io.assembly import Part, assemble
from jicheng.io.excel.guard import Contents, SheetFacts, column_name, inspect
from jicheng.io.excel.layout import OUR_SHEETS, Grid, Layout, find_layouts
from jicheng.io.excel.mapping import read_mapping
from jicheng.io.limits import Limits
from jicheng.schema import Attribute, Kind, zone_tables
from jicheng.zone import Source, Zone

__all__ = ["OpenedBook", "hidden_faults", "merged_faults", "open_book", "open_layouts", "read"]

_WRITTEN = (Kind.ID, Kind.REFERENCE, Kind.TEXT, Kind.LIST)
_SERIALS = (20_000, 80_000)  # days of Excel's calendar from 1954 to 2119
_EPOCH = dt.date(1899, 12, 30)
_EPOCH_1904 = dt.date(1904, 1, 1)
_ERRORS = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")

Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class OpenedBook:
    """Cells of a workbook by sheet, and where its tables stand in them."""

    contents: Contents
    grids: Mapping[str, Grid]
    merged: Mapping[str, Sequence[Range]]
    layouts: Sequence[Layout] = ()
    faults: Sequence[Fault] = ()


def read(
    path: Path,
    *,
    mapping: Path | Mapping[str, Any] | None = None,
    strict: bool = True,
    limits: Limits | None = None,
) -> Zone:
    """Read a zone from a workbook, whole or not at all.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx): the project's template, or any other with a mapping.
    mapping : Path or mapping, optional
        Which sheets and columns are which attributes; see
        :mod:`jicheng.io.excel.mapping`.
    strict : bool
        Whether faults of consistency raise; faults of reading always do.
    limits : Limits, optional
        Sizes above which a file is refused.

    Returns
    -------
    Zone
        Sheets without rows are absent tables. Formulas count by their last stored
        result; that, external links and skipped sheets are its warnings.

    Raises
    ------
    InvalidInput
        With every fault by sheet, row and column: E101-E149 for cells and
        consistency, E150-E151 and E170-E186 for the file and its sheets.
    """
    limits = limits or Limits()
    book = open_layouts(path, mapping=mapping, limits=limits)
    faults = list(book.faults)
    parts: list[Part] = []
    for layout in book.layouts:
        part, found = _part(layout, book)
        faults += found
        faults += merged_faults(layout, book.merged[layout.sheet], part.rows)
        if part.raw.height:
            parts.append(part)
    if book.contents.has_links:
        faults.append(fault("E184", is_warning=True))
    if not book.layouts and not any(not f.is_warning for f in faults):
        raise InvalidInput([fault("E185", path=path.name), *faults])
    source = Source(path.stem, tables=tuple(dict.fromkeys(part.table for part in parts)))
    return assemble(parts, faults=faults, sources=[source], strict=strict)


def open_layouts(
    path: Path, *, mapping: Path | Mapping[str, Any] | None, limits: Limits
) -> OpenedBook:
    """Inspect a workbook, read its cells and find its tables.

    Raises
    ------
    InvalidInput
        What :func:`~jicheng.io.excel.guard.inspect` and
        :func:`~jicheng.io.excel.mapping.read_mapping` raise.
    """
    maps = None if mapping is None else read_mapping(mapping)
    book = open_book(path, limits)
    layouts, faults = find_layouts(book.grids, maps)
    return replace(book, layouts=layouts, faults=faults)


def open_book(path: Path, limits: Limits) -> OpenedBook:
    """Inspect a workbook and read its cells; our own guide and lists are left out.

    Raises
    ------
    InvalidInput
        What :func:`~jicheng.io.excel.guard.inspect` raises.
    """
    contents = inspect(path, limits)
    grids: dict[str, Grid] = {}
    merged: dict[str, Sequence[Range]] = {}
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        for name in contents.sheets:
            if name not in OUR_SHEETS:
                sheet = book.get_sheet_by_name(name)
                grids[name] = sheet.to_python(skip_empty_area=False)
                merged[name] = sheet.merged_cell_ranges or ()
    except (python_calamine.CalamineError, ValueError) as error:
        raise InvalidInput.of("E175", path=path.name, reason=str(error)[:200]) from error
    return OpenedBook(contents, grids, merged)


def _part(layout: Layout, book: OpenedBook) -> tuple[Part, list[Fault]]:
    table, grid = zone_tables()[layout.table], book.grids[layout.sheet]
    rows = [
        number
        for number in range(layout.first_row, len(grid) + 1)
        if any(k < len(grid[number - 1]) and _text(grid[number - 1][k]) for k in layout.columns)
    ]
    faults = hidden_faults(layout, book.contents.sheets[layout.sheet])
    shown = {(f.where.row, f.where.column) for f in faults}
    columns: dict[str, list[str]] = {}
    for k, name in layout.columns.items():
        cells = [grid[number - 1][k] if k < len(grid[number - 1]) else "" for number in rows]
        if name not in table.names:
            columns[name] = [_text(cell) for cell in cells]
            continue
        place = _placer(layout, rows, name)
        texts, found = _column(table[name], cells, layout, place, is_1904=book.contents.is_1904)
        columns[name] = texts
        faults += [f for f in found if (f.where.row, f.where.column) not in shown]
    for name, value in layout.constants.items():
        texts = columns.get(name, [""] * len(rows))
        columns[name] = [text or _text(value) for text in texts]
    raw = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return Part(layout.table, raw, rows, layout.sheet), faults


def _placer(layout: Layout, rows: Sequence[int], name: str) -> Callable[[int | None], Where]:
    def place(index: int | None) -> Where:
        row = None if index is None else rows[index]
        return Where(layout.table, layout.sheet, row, name)

    return place


def _column(
    attribute: Attribute,
    cells: Sequence[Any],
    layout: Layout,
    place: Callable[[int | None], Where],
    *,
    is_1904: bool,
) -> tuple[list[str], list[Fault]]:
    """Return the cells of a column as text, and what is wrong with them as cells."""
    texts: list[str] = []
    faults: list[Fault] = []
    n_serials = 0
    factor = layout.factors.get(attribute.name, 1.0)
    translated = layout.values.get(attribute.name, {})
    for index, cell in enumerate(cells):
        text = _text(cell)
        is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
        if text in translated:
            text = _text(translated[text])
        elif factor != 1.0 and text:
            text = _scaled(text, factor)
        elif is_number and attribute.kind is Kind.DATE and _SERIALS[0] <= cell <= _SERIALS[1]:
            days = dt.timedelta(days=int(cell))
            text = ((_EPOCH_1904 if is_1904 else _EPOCH) + days).isoformat()
            n_serials += 1
        if is_number and attribute.kind in _WRITTEN and abs(cell) >= DIGITS_KEPT:
            faults.append(fault("E112", where=place(index), value=text))
        if _ERRORS.fullmatch(text):
            faults.append(fault("E176", where=place(index), value=text))
            text = ""
        texts.append(text)
    if n_serials:
        faults.append(fault("E187", where=place(None), is_warning=True, n=n_serials))
    return texts, faults


def _scaled(text: str, factor: float) -> str:
    try:
        return f"{float(text.replace(',', '')) * factor:.15g}"
    except ValueError:
        return text


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < DIGITS_KEPT else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell).strip(" \u3000\xa0")


def hidden_faults(layout: Layout, facts: SheetFacts) -> list[Fault]:
    """Return cells that show an error or have no stored result: they read as empty."""
    faults: list[Fault] = []
    for (row, column), value in sorted(facts.errors.items()):
        name = layout.columns.get(column - 1)
        if name is not None and layout.first_row <= row:
            where = Where(layout.table, layout.sheet, row, name)
            faults.append(fault("E176", where=where, value=value))
    for row, column in facts.hollow:
        name = layout.columns.get(column - 1)
        if name is not None and layout.first_row <= row:
            where = Where(layout.table, layout.sheet, row, name)
            faults.append(fault("E177", where=where))
    if facts.n_formulas:
        where = Where(layout.table, layout.sheet)
        faults.append(fault("E183", where=where, is_warning=True, n=facts.n_formulas))
    return faults


def merged_faults(layout: Layout, ranges: Sequence[Range], rows: Sequence[int]) -> list[Fault]:
    """Refuse cells merged in the data: only the first of them has a value."""
    last = rows[-1] if rows else 0
    faults: list[Fault] = []
    for (top, left), (bottom, right) in ranges:
        columns = [k for k in range(left, right + 1) if k in layout.columns]
        if columns and bottom + 1 >= layout.first_row and top + 1 <= last:
            name = f"{column_name(left)}{top + 1}:{column_name(right)}{bottom + 1}"
            where = Where(layout.table, layout.sheet, top + 1, layout.columns[columns[0]])
            faults.append(fault("E178", where=where, range=name))
    return faults
