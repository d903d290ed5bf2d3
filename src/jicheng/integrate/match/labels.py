"""Whether a candidate fits a challenge, as people say: rows that are added, never changed.

A label says how well a candidate fits (2 could solve it, 1 helps with a part, 0 does not fit,
or unclear), who says so and when. Of several rows of one person about one pair the last one
counts; the others stay in the file. The file lies beside the zone and opens in spreadsheets,
so no cell of it is run as a formula.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from jicheng.errors import Fault, InvalidInput, Text, Where, fault

__all__ = ["GRADES", "Label", "append_labels", "grade_of", "held_labels", "read_labels"]

GRADES: Mapping[str, Text] = {
    "2": Text("2 能解决", "2 could solve it"),
    "1": Text("1 能帮上一部分", "1 helps with a part"),
    "0": Text("0 不合适", "0 does not fit"),
    "unclear": Text("不清楚", "unclear"),
}
"""What a person can say, best first; ``unclear`` counts for nothing."""

_COLUMNS = ("challenge", "candidate", "grade", "who", "at", "note")
_SCHEMA = dict.fromkeys(_COLUMNS, pl.String)
_MOST_BYTES = 100_000_000
_MOST_FAULTS = 50
_MAY_RUN = tuple("=+-@\t\r\n＝＋－＠'")  # first letters that get an apostrophe before them
_BLANKS = " \u3000\xa0\ufeff"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Label:
    """What one person says of one candidate for one challenge."""

    challenge: str
    candidate: str
    grade: str
    who: str
    at: dt.datetime
    note: str = ""


def grade_of(text: str) -> str | None:
    """Return the grade that a cell means, in either language; None if it means none."""
    plain = " ".join(text.split()).casefold().removesuffix(".0")
    for grade, label in GRADES.items():
        if plain in (grade, label.zh.casefold(), label.en.casefold()):
            return grade
    return None


def append_labels(path: Path, labels: Sequence[Label]) -> None:
    """Add labels at the end of a file; what stands in it is not touched.

    Raises
    ------
    InvalidInput
        E066 for a label without a person, a time zone or a known grade; nothing is written.
    """
    wrong = [one for one in labels if not _can_be(one)]
    if wrong:
        raise InvalidInput(fault("E066", candidate=one.candidate, who=one.who) for one in wrong)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for one in labels:
        cells = (one.challenge, one.candidate, one.grade, one.who, one.at.isoformat(), one.note)
        writer.writerow(_escaped(cell) for cell in cells)
    rows = text.getvalue().encode()
    if not path.exists() or not path.stat().st_size:
        rows = _BOM + f"{','.join(_COLUMNS)}\n".encode() + rows
    elif _is_cut(path):
        rows = b"\n" + rows
    with path.open("ab") as file:
        file.write(rows)
        file.flush()
        os.fsync(file.fileno())


def _can_be(one: Label) -> bool:
    is_told = bool(one.challenge and one.candidate and one.who.strip()) and one.grade in GRADES
    cells = (one.challenge, one.candidate, one.who, one.note)
    return is_told and one.at.tzinfo is not None and not any("\0" in cell for cell in cells)


def _is_cut(path: Path) -> bool:
    """Tell whether the last line of a file has no end, as after a power cut."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _escaped(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(_BLANKS)[:1] in _MAY_RUN and cell else cell


def read_labels(path: Path) -> pl.DataFrame:
    """Read all rows of a file, in the order in which they were added.

    Returns
    -------
    polars.DataFrame
        ``challenge``, ``candidate``, ``grade``, ``who``, ``at``, ``note``; no rows where
        there is no file.

    Raises
    ------
    InvalidInput
        E067 if it is no such file, E068 with its line for a row that cannot be.
    """
    if not path.exists():
        return pl.DataFrame(schema=_SCHEMA)
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise InvalidInput.of("E067", path=path, why=f"> {_MOST_BYTES:,} B")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput.of("E067", path=path, why=str(error)) from None
    heads = [head.strip() for head in lines[0][1]] if lines else []
    missing = [name for name in _COLUMNS[:5] if name not in heads]
    if missing:
        raise InvalidInput.of("E067", path=path, why=", ".join(missing))
    rows, faults = [], []
    for line, cells in lines[1:]:
        row = {head: cell.removeprefix("'") for head, cell in zip(heads, cells, strict=False)}
        column = _wrong_column(row)
        if column:
            faults.append(fault("E068", where=Where(path.name, row=line, column=column)))
        rows.append([row.get(name, "") for name in _COLUMNS])
    _refuse(faults)
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _wrong_column(row: Mapping[str, str]) -> str:
    for name in ("challenge", "candidate", "who"):
        if not row.get(name, "").strip():
            return name
    if row.get("grade") not in GRADES:
        return "grade"
    try:
        dt.datetime.fromisoformat(row.get("at", ""))
    except ValueError:
        return "at"
    return ""


def _refuse(faults: Iterable[Fault]) -> None:
    found = list(faults)[:_MOST_FAULTS]
    if found:
        raise InvalidInput(found)


def held_labels(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the labels that count: the last row of each person about each pair."""
    key = ["challenge", "candidate", "who"]
    return rows.unique(key, keep="last", maintain_order=True).sort(key)
