"""Read a CSV file as text: headings, cells, and the line on which each row begins.

Polars parses, so that a million rows load in a second; a second pass in plain Python
runs only to say what is wrong and where. UTF-8 with or without a byte-order mark is
expected; GB18030 is understood with a warning, because old exports are in it.
"""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import overload

import polars as pl

from jicheng.errors import Fault, Where, fault
from jicheng.io.limits import Limits, check_size

__all__ = ["TextTable", "as_utf8", "read_text_table"]

_LISTED = 1000
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = {";": ";", "\t": "TAB"}


@dataclass(frozen=True, slots=True)
class TextTable:
    """Cells of a CSV file as text.

    Attributes
    ----------
    headings : tuple of str
        As written, blanks around them stripped; "" where a heading is empty.
    frame : polars.DataFrame
        Columns of text named ``"0"``, ``"1"``, ...; rows without any text left out.
    lines : sequence of int
        Line of the file on which each row begins, counted from 1.
    """

    headings: tuple[str, ...]
    frame: pl.DataFrame
    lines: Sequence[int]


def read_text_table(
    path: Path, where: Where, limits: Limits
) -> tuple[TextTable | None, list[Fault]]:
    """Read a CSV file; with an error among the faults there is no table.

    Returns
    -------
    table : TextTable or None
        None if any fault is an error.
    faults : list of Fault
        E151 too large, E152 unknown encoding, E153 read as GB18030 (a warning),
        E154 NUL bytes, E155 empty, E158 ragged lines, E159 quotes, E160 separator.
    """
    faults = check_size(path, limits, where)
    if faults:
        return None, faults
    data, faults = as_utf8(path.read_bytes(), where)
    if data is None:
        return None, faults
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    body = data.lstrip(b"\r\n")
    if not body.strip():
        return None, [*faults, fault("E155", where=where)]
    lines = _Lines(body, data[: len(data) - len(body)].count(b"\n"))
    try:
        frame = pl.read_csv(body, has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        wrong = _diagnose(body, lines, where) or [_stray_quote(body, lines, where, error)]
        return None, faults + wrong
    headings = tuple((name or "").strip() for name in frame.row(0))
    wrong = _wrong_separator(headings, where)
    if not wrong and _is_ragged(body, frame):
        wrong = _diagnose(body, lines, where)
    if wrong:
        return None, faults + wrong
    frame = frame.rename({name: str(k) for k, name in enumerate(frame.columns)})
    frame = frame.with_row_index("_line").slice(1)
    is_blank = pl.all_horizontal(pl.exclude("_line").str.strip_chars().fill_null("") == "")
    frame = frame.filter(~is_blank)
    return TextTable(headings, frame.drop("_line"), lines.of(frame["_line"])), faults


class _Lines:
    """Line on which each record begins; looked up only when a fault needs it."""

    def __init__(self, data: bytes, skipped: int) -> None:
        self._data = data
        self.skipped = skipped

    @cached_property
    def starts(self) -> list[int]:
        """Lines that begin a record: those reached with all quotes closed."""
        starts, is_open = [], False
        for number, line in enumerate(self._data.split(b"\n"), self.skipped + 1):
            if not is_open:
                starts.append(number)
            if line.count(b'"') % 2:
                is_open = not is_open
        return starts

    def record_at(self, line: int) -> int:
        """Return the first line of the record that covers ``line`` of the data."""
        return self.starts[bisect_right(self.starts, line + self.skipped) - 1]

    def of(self, records: pl.Series) -> Sequence[int]:
        return _LinesOf(self, records)


class _LinesOf(Sequence[int]):
    """Lines of some records."""

    def __init__(self, lines: _Lines, records: pl.Series) -> None:
        self._lines = lines
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return _LinesOf(self._lines, self._records[index])
        return self._lines.starts[int(self._records[index])]


def as_utf8(data: bytes, where: Where) -> tuple[bytes | None, list[Fault]]:
    """Return the bytes of a text file as UTF-8 without a mark, and what is wrong with them.

    None with E152 (unknown encoding) or E154 (NUL bytes); E153 is the warning of GB18030.
    """
    if data.startswith(_UTF16):
        return None, [fault("E152", where=where, line=1)]
    data = data.removeprefix(_BOM)
    position = data.find(b"\0")
    if position >= 0:
        line = data.count(b"\n", 0, position) + 1
        return None, [fault("E154", where=where, line=line)]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            return None, [fault("E152", where=where, line=line)]
        return text.encode(), [fault("E153", where=where, is_warning=True)]
    return data, []


def _wrong_separator(headings: Sequence[str], where: Where) -> list[Fault]:
    if len(headings) > 1:
        return []
    return [
        fault("E160", where=where, separator=name)
        for separator, name in _SEPARATORS.items()
        if separator in headings[0]
    ]


def _is_ragged(data: bytes, frame: pl.DataFrame) -> bool:
    """Tell whether a record may have too few cells, which the parser fills in silence.

    Commas of the file = commas between cells + commas inside cells, unless a record
    is short; blank lines have none either, so they ask for a closer look, too.
    """
    inside = sum(frame[name].str.count_matches(",", literal=True).sum() for name in frame.columns)
    return data.count(b",") != inside + frame.height * (frame.width - 1)


def _diagnose(data: bytes, lines: _Lines, where: Where) -> list[Fault]:
    """Return a fault for each record that has not as many cells as the headings."""
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    expected: int | None = None
    trouble: list[str] = []
    rest = 0
    for cells in _records(reader, trouble):
        if expected is None:
            expected = len(cells)
        if len(cells) == expected or not any(cell.strip() for cell in cells):
            continue
        if len(faults) == _LISTED:
            rest += 1
            continue
        place = _in_row(where, lines.record_at(reader.line_num))
        faults.append(fault("E158", where=place, n=len(cells), expected=expected))
    if rest:
        faults.append(fault("E109", where=where, n=rest))
    if trouble:
        faults.append(_malformed(_in_row(where, lines.record_at(reader.line_num)), trouble[0]))
    return faults


def _records(reader: Iterator[list[str]], trouble: list[str]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        trouble.append(str(error))


def _malformed(where: Where, reason: str) -> Fault:
    return fault("E159", where=where, reason=reason)


def _stray_quote(data: bytes, lines: _Lines, where: Where, error: Exception) -> Fault:
    """Return the fault of a quote inside a cell that is not quoted, with its line."""
    stray = re.search(rb'(?:^|,)[^",\r\n]+"', data, re.MULTILINE)
    if stray is None:
        return _malformed(where, str(error).splitlines()[0])
    line = data.count(b"\n", 0, stray.start()) + 1 + lines.skipped
    return _malformed(_in_row(where, line), stray[0].decode()[-40:])


def _in_row(where: Where, row: int) -> Where:
    return Where(where.table, where.sheet, row, where.column)
