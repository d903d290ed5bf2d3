"""Open a file of lists: the sheets of a workbook, or a CSV file as the one sheet it is."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.excel.guard import SheetFacts, column_name
from jicheng.io.excel.reading import Range, open_book
from jicheng.io.limits import Limits, check_size
from jicheng.io.text_table import as_utf8

__all__ = ["OPEN_IN_EXCEL", "SUFFIXES", "RawSheet", "open_sheets"]

_LONGEST_CELL = 131_072  # characters; what csv takes unless some library of the process raised it
_SEPARATORS = ",\t;"
_TRIED = 60  # lines by which the separator is told
_FEW_COLUMNS = 3  # a text of several lines may well have so many commas in one of them
_FEW_LINES = 3  # but not in so many
_SWALLOWS = Text(
    "该行的引号没有成对，其后的行被并入一个单元格",
    "a quote in this row is not closed, and the rows after it became one cell",
)
_BOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".txt", ".tsv")
_OLD_BOOKS = (".xls", ".xlsb", ".et")
SUFFIXES = (*_BOOKS, *_TEXTS)
OPEN_IN_EXCEL = "~$"
"""How the name of the file begins that Excel keeps beside a workbook that it has open."""


@dataclass(frozen=True, slots=True, eq=False)
class RawSheet:
    """Cells of a sheet as they stand; positions count from 0.

    Attributes
    ----------
    file, name : str
        Name of the file, and of the sheet ("" for a CSV file).
    rows : sequence of rows
        Cells: text, number, date, truth value or "".
    numbers : sequence of int
        Row of the sheet, or line of the file, of each row as people count.
    merged : sequence
        Merged ranges ((top, left), (bottom, right)).
    facts : SheetFacts
        Cells with errors and formulas without a result.
    is_1904 : bool
        Whether days count from 1904.
    """

    file: str
    name: str
    rows: Sequence[Sequence[Any]]
    numbers: Sequence[int]
    merged: Sequence[Range] = ()
    facts: SheetFacts = field(default_factory=SheetFacts)
    is_1904: bool = False

    def cell(self, row: int, column: int) -> Any:
        """Return a cell; "" beyond the end of its row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def at(self, row: int | None = None, column: int | None = None, heading: str = "") -> Where:
        """Return a place as people find it: file, sheet, row, letter of the column, heading."""
        place = f"{self.file}/{self.name}" if self.name else self.file
        number = None if row is None else self.numbers[row]
        letter = "" if column is None else column_name(column)
        return Where(self.file, place, number, f"{letter} {heading}".strip())


def open_sheets(path: Path, limits: Limits) -> tuple[list[RawSheet], list[Fault]]:
    """Read the cells of a file.

    Returns
    -------
    sheets : list of RawSheet
    faults : list of Fault
        Warnings: E153 for GB18030, E184 for links to other workbooks.

    Raises
    ------
    InvalidInput
        E150 no file, E643 no kind of file that can be read, E666 the file that Excel keeps
        beside an open one, E151-E155, E159 for text files, E155, E170-E186 for workbooks.
    """
    if not path.is_file():
        raise InvalidInput.of("E150", path=path)
    if path.name.startswith(OPEN_IN_EXCEL):
        raise InvalidInput.of("E666", path=path.name.removeprefix(OPEN_IN_EXCEL))
    suffix = path.suffix.lower()
    if suffix in _OLD_BOOKS:
        raise InvalidInput.of("E171", path=path.name)
    if suffix in SUFFIXES and not path.stat().st_size:
        raise InvalidInput.of("E155", where=Where(path.name, path.name))
    if suffix in _TEXTS:
        return _text_sheets(path, limits)
    if suffix not in _BOOKS:
        raise InvalidInput.of("E643", path=path.name)
    book = open_book(path, limits)
    sheets = [
        RawSheet(
            path.name,
            name,
            grid,
            range(1, len(grid) + 1),
            book.merged[name],
            book.contents.sheets[name],
            book.contents.is_1904,
        )
        for name, grid in book.grids.items()
    ]
    warnings = [fault("E184", where=Where(path.name, path.name), is_warning=True)]
    return sheets, warnings if book.contents.has_links else []


def _text_sheets(path: Path, limits: Limits) -> tuple[list[RawSheet], list[Fault]]:
    where = Where(path.name, path.name)
    faults = check_size(path, limits, where)
    if faults:
        raise InvalidInput(faults)
    data, faults = as_utf8(path.read_bytes(), where)
    if data is None:
        raise InvalidInput(faults)
    text = data.decode()
    if not text.strip():
        raise InvalidInput.of("E155", where=where)
    rows: list[list[str]] = []
    numbers: list[int] = []
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line, n_cells = 1, 0
    try:
        for cells in reader:
            rows.append(cells)
            numbers.append(line)
            if max(map(len, cells), default=0) > _LONGEST_CELL:
                at = Where(path.name, path.name, line)
                raise InvalidInput.of("E159", where=at, reason=f"> {_LONGEST_CELL:,}")
            line = reader.line_num + 1
            n_cells += len(cells)
            if n_cells > limits.cells:
                raise InvalidInput.of("E186", where=where, n=n_cells, limit=limits.cells)
    except csv.Error as error:
        at = Where(path.name, path.name, line)
        raise InvalidInput.of("E159", where=at, reason=str(error)) from error
    odd = _swallowing(rows, separator)
    if odd is not None:
        at = Where(path.name, path.name, numbers[odd])
        raise InvalidInput.of("E159", where=at, reason=_SWALLOWS)
    return [RawSheet(path.name, "", rows, numbers)], faults


def _swallowing(rows: Sequence[Sequence[str]], separator: str) -> int | None:
    """Return the first row with a cell that holds whole lines of the list, as after a lone quote.

    A cell may hold several lines, but not lines with as many separators as a row has.
    """
    widths = Counter(len(cells) for cells in rows if len(cells) > 1)
    # rows that were swallowed count for how wide the list is
    inside = [line for cells in rows for cell in cells for line in cell.splitlines()[1:]]
    widths.update(n + 1 for line in inside if (n := line.count(separator)))
    width = max(widths, key=lambda one: (widths[one], one), default=0)
    if width < 2:
        return None
    for k, cells in enumerate(rows):
        for cell in cells:
            lines = cell.splitlines()[1:]
            alike = sum(line.count(separator) >= width - 1 for line in lines)
            if alike >= (1 if width > _FEW_COLUMNS else _FEW_LINES):
                return k
    return None


def _separator(text: str) -> str:
    """Return the separator that parts most lines into equally many cells."""
    beginning = text[:200_000].splitlines()[:_TRIED]

    def score(separator: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        try:
            widths.update(len(cells) for cells in csv.reader(beginning, delimiter=separator))
        except csv.Error:
            return 0, 0  # told with its line when the file is read
        widths.pop(1, None)
        widths.pop(0, None)
        if not widths:
            return 0, 0
        width, lines = max(widths.items(), key=lambda item: (item[1], item[0]))
        return lines, width

    return max(_SEPARATORS, key=score)
