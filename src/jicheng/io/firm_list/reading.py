"""Read a list of firms from a workbook as facts, whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl

from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.layout import Grid, Layout
from jicheng.io.excel.reading import OpenedBook, hidden_faults, merged_faults, open_book
from jicheng.io.firm_list.cells import Said, is_blank, plain, read_cell
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME, Column
from jicheng.io.firm_list.credit_code import plain_code, what_is_wrong
from jicheng.io.firm_list.examples import example_of
from jicheng.io.firm_list.headings import EXAMPLE_MARK, FactColumn, ListPlace, find_list
from jicheng.io.firm_list.plausible import Row, check_row
from jicheng.io.limits import Limits

__all__ = ["FirmRows", "RefusedList", "layout_of", "read_rows"]

_TOTALS = frozenset({"合计", "总计", "小计", "总和", "平均", "平均值", "合 计", "total", "sum",
                     "average", "subtotal"})  # fmt: skip
_PERCENT = 0.01

Key = tuple[str, int]


@dataclass(frozen=True)
class FirmRows:
    """The rows of a list of firms, read and sound.

    Attributes
    ----------
    path : Path
        The workbook.
    digest : str
        SHA-256 of the file.
    year : int
        The evaluation year.
    place : ListPlace
        Where the list stands, and what its columns are.
    columns : tuple of Column
        Every column that the packs ask for, also those that the list lacks.
    numbers : tuple of int
        Row of each firm in the sheet.
    cells : tuple of rows
        Everything that stands in those rows, as the workbook holds it.
    said : tuple of mapping
        Fact and offset to what its cell says, a firm each; blank cells have no entry.
    skipped : mapping of int to str
        Rows that were left out, and why: ``example`` or ``total``.
    warnings : tuple of Fault
        What is worth a second look.
    """

    path: Path
    digest: str
    year: int
    place: ListPlace
    columns: tuple[Column, ...]
    numbers: tuple[int, ...]
    cells: tuple[tuple[Any, ...], ...]
    said: tuple[Mapping[Key, Said], ...]
    skipped: Mapping[int, str]
    warnings: tuple[Fault, ...]

    @cached_property
    def names(self) -> list[str]:
        """Return the names of the firms."""
        return [said["name", 0].text or "" for said in self.said]

    @cached_property
    def subjects(self) -> list[str]:
        """Return the credit code of each firm, else its name."""
        codes = [said.get(("credit_code", 0)) for said in self.said]
        return [(code.text if code and code.text else name)
                for code, name in zip(codes, self.names, strict=True)]  # fmt: skip

    @property
    def lacking(self) -> tuple[Column, ...]:
        """Return the columns that the packs ask for and the list does not have."""
        return tuple(
            column
            for column in self.columns
            if column.is_offered and column.key not in self.place.by_key
        )


def layout_of(place: ListPlace) -> Layout:
    """Return the place of a list in the form that faults are marked by."""
    shown = {found.position: found.shown for found in place.columns}
    shown |= {k: f"{column_name(k)} {text}" for k, text in place.others.items()}
    return Layout("", place.sheet, place.header_row, place.first_row, shown)


def read_rows(
    path: Path, columns: Sequence[Column], year: int, *, limits: Limits | None = None
) -> FirmRows:
    """Read the list of firms in a workbook.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx): the template of the packs, or any list whose headings are
        the labels of the facts.
    columns : sequence of Column
        What the packs ask for.
    year : int
        The evaluation year, to which headings without a year belong.
    limits : Limits, optional
        Sizes above which a file is refused.

    Raises
    ------
    RefusedList
        With every fault by sheet, row and column: E102-E106 for cells, E103 for a row
        without a name, E150-E186 for the file, E955 no list, E956 a credit code that
        cannot be right, E957 a firm twice, E958 what cannot be.
    """
    book = open_book(path, limits or Limits())
    place, faults = find_list(book.grids, columns, year, path=path.name)
    layout = layout_of(place)
    grid = book.grids[place.sheet]
    numbers, skipped, found = _sort_rows(place, grid)
    faults += found
    faults += hidden_faults(layout, book.contents.sheets[place.sheet])
    faults += merged_faults(layout, book.merged[place.sheet], numbers)
    hidden = {(f.where.row, f.where.column) for f in faults if f.where.row is not None}
    reader = _Reader(path, book, place, year, numbers)
    said: list[Mapping[Key, Said]] = []
    for number in numbers:
        row, wrong = reader.row(number)
        said.append(row)
        faults += [f for f in wrong if (f.where.row, f.where.column) not in hidden]
    faults += _repeated(place, numbers, said)
    faults += _left_from_example(place, grid, numbers, skipped)
    if any(not f.is_warning for f in faults):
        raise RefusedList(faults, layout)
    return FirmRows(
        path=path,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        year=year,
        place=place,
        columns=tuple(columns),
        numbers=tuple(numbers),
        cells=tuple(tuple(grid[number - 1]) for number in numbers),
        said=tuple(said),
        skipped=skipped,
        warnings=tuple(faults),
    )


class RefusedList(InvalidInput):
    """A list of firms with faults; knows where the list stands, so that they can be marked."""

    def __init__(self, faults: Sequence[Fault], layout: Layout) -> None:
        super().__init__([f for f in faults if not f.is_warning])
        self.found = tuple(faults)
        self.layout = layout


def _sort_rows(place: ListPlace, grid: Grid) -> tuple[list[int], dict[int, str], list[Fault]]:
    """Return the rows of firms, those left out and why, and rows without a name."""
    name = place.by_key[NAME.key].position
    used = [found.position for found in place.columns]
    numbers: list[int] = []
    skipped: dict[int, str] = {}
    faults: list[Fault] = []
    for number in range(place.first_row, len(grid) + 1):
        row = grid[number - 1]
        texts = [plain(row[k]) for k in used if k < len(row) and not is_blank(row[k])]
        if not texts:
            continue
        if _is_total(row):
            skipped[number] = "total"
        elif any(plain(row[k]).lstrip("[(（【").startswith(EXAMPLE_MARK) for k in (name,)):
            skipped[number] = "example"
        elif is_blank(row[name]):
            at = Where(place.sheet, place.sheet, number, place.by_key[NAME.key].shown)
            faults.append(fault("E103", where=at))
        else:
            numbers.append(number)
    return numbers, skipped, faults


def _is_total(row: Sequence[Any]) -> bool:
    first = next((plain(cell) for cell in row if plain(cell)), "")
    return re.sub(r"[\s:：()（）]", "", first).lower() in _TOTALS


@dataclass(frozen=True)
class _Reader:
    path: Path
    book: OpenedBook
    place: ListPlace
    year: int
    numbers: Sequence[int]

    def row(self, number: int) -> tuple[Mapping[Key, Said], list[Fault]]:
        """Return what the cells of a row say, and what is wrong with them."""
        cells = self.book.grids[self.place.sheet][number - 1]
        said: dict[Key, Said] = {}
        faults: list[Fault] = []
        for found in self.place.columns:
            cell = cells[found.position] if found.position < len(cells) else None
            where = self._where(number, found)
            read, wrong = read_cell(
                cell,
                found.column,
                where,
                factor=self._factor(number, found, cell),
                last_day=dt.date(self.year, 12, 31),
            )
            if found.column is CREDIT_CODE and read.text:
                read, wrong = _code(cell, where)
            faults += wrong
            if self._is_doubtful_share(number, found, cell, read):
                faults.append(_doubtful_share(plain(cell), where))
            if not read.is_unknown:
                said[found.column.fact, found.column.offset] = read
        columns = {(f.column.fact, f.column.offset): f.column for f in self.place.columns}
        places = {(f.column.fact, f.column.offset): f for f in self.place.columns}
        row = Row(number, said, columns, lambda key: self._where(number, places[key]))
        return said, faults + check_row(row, self.year)

    def _where(self, number: int, found: FactColumn) -> Where:
        return Where(self.place.sheet, self.place.sheet, number, found.shown)

    def _factor(self, number: int, found: FactColumn, cell: Any) -> float:
        """Return 1 where the cell is formatted as a percentage: it holds the ratio itself."""
        is_percent = found.column.unit == "ratio" and found.factor == _PERCENT
        if is_percent and isinstance(cell, int | float):
            return 1.0 if (number, found.position) in self._percent_cells else found.factor
        return found.factor

    def _is_doubtful_share(self, number: int, found: FactColumn, cell: Any, read: Said) -> bool:
        """Tell whether 0.05 stands in a column of %, which may mean 5 % or a twentieth of 1 %."""
        if found.column.unit != "ratio" or read.low is None or read.low != read.high:
            return False
        is_plain = "%" not in plain(cell) and self._factor(number, found, cell) == _PERCENT
        return is_plain and 0 < read.low < _PERCENT

    @cached_property
    def _percent_cells(self) -> frozenset[tuple[int, int]]:
        """Return the cells with a percent format, rows from 1 and columns from 0."""
        book = openpyxl.load_workbook(self.path, read_only=True, data_only=True)
        try:
            return frozenset(
                (cell.row, cell.column - 1)
                for row in book[self.place.sheet].iter_rows(min_row=self.place.first_row)
                for cell in row
                if cell.value is not None and "%" in str(cell.number_format)
            )
        finally:
            book.close()


def _doubtful_share(text: str, where: Where) -> Fault:
    other = f"{100 * float(text):g} %"
    what = Text(
        f"按 {text} % 读取，若是指 {other}，请写上 % 号",
        f"read as {text} %; if {other} is meant, write the sign %",
    )
    return fault("E959", where=where, is_warning=True, what=what)


def _code(cell: Any, where: Where) -> tuple[Said, list[Fault]]:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Said(), [fault("E112", where=where, value=plain(cell))]
    code = plain_code(plain(cell))
    reason = what_is_wrong(code)
    if reason is not None:
        return Said(), [fault("E956", where=where, written=code[:30], reason=reason)]
    return Said(text=code), []


def _repeated(
    place: ListPlace, numbers: Sequence[int], said: Sequence[Mapping[Key, Said]]
) -> list[Fault]:
    """Refuse a firm that stands in two rows, by its code or by its name."""
    faults: list[Fault] = []
    for column in (NAME, CREDIT_CODE):
        found = place.by_key.get(column.key)
        if found is None:
            continue
        first: dict[str, int] = {}
        for number, row in zip(numbers, said, strict=True):
            one = row.get((column.fact, 0))
            if one is None or one.text is None:
                continue
            text = re.sub(r"\s", "", plain(one.text)).lower()
            if text in first:
                name = row["name", 0].text if ("name", 0) in row else one.text
                at = Where(place.sheet, place.sheet, number, found.shown)
                faults.append(fault("E957", where=at, name=name, row=first[text]))
            else:
                first[text] = number
    return faults


def _left_from_example(
    place: ListPlace, grid: Grid, numbers: Sequence[int], skipped: Mapping[int, str]
) -> list[Fault]:
    """Warn of a firm that has most values of the example row: somebody wrote over its name.

    Where the row is gone, the values that the template has in it stand for it.
    """
    is_template = any(place.headings[found.position] == found.column.key and found.column.year
                      for found in place.columns)  # fmt: skip
    if not is_template and "example" not in skipped.values():
        return []
    told = [found for found in place.columns if found.column not in (NAME, CREDIT_CODE)]
    used = [found.position for found in told]
    example = [plain(example_of(found.column)) for found in told]
    for number in (number for number, why in skipped.items() if why == "example"):
        example = [plain(grid[number - 1][k]) if k < len(grid[number - 1]) else "" for k in used]
    filled = [k for k, text in enumerate(example) if text]
    faults: list[Fault] = []
    for number in numbers:
        row = [plain(grid[number - 1][k]) if k < len(grid[number - 1]) else "" for k in used]
        same = sum(row[k] == example[k] for k in filled)
        if len(filled) >= 4 and same * 2 > len(filled) + 2:
            at = Where(place.sheet, place.sheet, number, place.by_key[NAME.key].shown)
            what = Text(
                f"该行有 {same} 格与示例行相同，是否忘了改",
                f"{same} cells of this row are those of the example: were they left?",
            )
            faults.append(fault("E959", where=at, is_warning=True, what=what))
    return faults
