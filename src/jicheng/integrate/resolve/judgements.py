"""What people decided about pairs of records: rows that are added, never changed.

A judgement says that two records are the same or different, who says so, when and why.
It is undone by one more row that names it; the history stays, and what holds is what no
later row undoes. Of two that hold for a pair, the later one counts. They are kept as CSV
beside the zone; people open it in spreadsheets, so no cell of it is run as a formula.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.errors import InvalidInput, Where, fault

__all__ = ["Judgement", "Judgements", "Verdict"]


class Verdict(StrEnum):
    """What a person decided."""

    SAME = "same"
    DIFFERENT = "different"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision about two records; ``undoes`` is the number of the row taken back."""

    number: int
    left: str
    right: str
    verdict: Verdict
    who: str
    at: dt.datetime
    why: str
    undoes: int | None = None


_MOST_BYTES = 200_000_000
_MAY_RUN = tuple("=+-@\t\r\n＝＋－＠")  # first letters of what a spreadsheet may run
_MOST_FAULTS = 50
_BLANKS = " \u3000\xa0\ufeff"
_TABLE = "judgements"
_SCHEMA = {
    "number": pl.Int64, "left": pl.String, "right": pl.String, "verdict": pl.String,
    "who": pl.String, "at": pl.String, "why": pl.String, "undoes": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgements:
    """All decisions in the order in which they were made; adding gives a new object."""

    rows: tuple[Judgement, ...] = field(default=())

    def say(
        self, left: str, right: str, verdict: Verdict, *, who: str, at: dt.datetime, why: str
    ) -> Judgements:
        """Add a decision about two records.

        Raises
        ------
        InvalidInput
            E375 if the two are one record, E376 if it is not told who, when or why.
        """
        if left == right:
            raise InvalidInput([fault("E375", record=left)])
        return self._with(left, right, verdict, who=who, at=at, why=why)

    def undo(self, number: int, *, who: str, at: dt.datetime, why: str) -> Judgements:
        """Take a decision back.

        Raises
        ------
        InvalidInput
            E377 if there is no such decision or it is undone already, E376 as in ``say``.
        """
        held = {row.number: row for row in self.held()}
        if number not in held:
            raise InvalidInput([fault("E377", number=number)])
        row = held[number]
        return self._with(row.left, row.right, Verdict.UNDO, who=who, at=at, why=why, undoes=number)

    def _with(
        self, left: str, right: str, verdict: Verdict, *, who: str, at: dt.datetime, why: str,
        undoes: int | None = None,
    ) -> Judgements:  # fmt: skip
        if not (who.strip() and why.strip()) or at.tzinfo is None:
            raise InvalidInput([fault("E376", left=left, right=right)])
        if not all(map(_is_text, (left, right, who, why))):
            raise InvalidInput([fault("E384", what="NUL")])
        a, b = sorted((left, right))
        number = max((row.number for row in self.rows), default=0) + 1
        return Judgements((*self.rows, Judgement(number, a, b, verdict, who, at, why, undoes)))

    def held(self) -> tuple[Judgement, ...]:
        """Return the decisions that hold: the last one of each pair that is not undone."""
        undone = {row.undoes for row in self.rows if row.undoes is not None}
        last = {
            (row.left, row.right): row
            for row in self.rows
            if row.verdict is not Verdict.UNDO and row.number not in undone
        }
        return tuple(sorted(last.values(), key=lambda row: row.number))

    def as_table(self) -> pl.DataFrame:
        """Return all rows, the undone ones too, as a table to keep."""
        found = [
            (row.number, row.left, row.right, str(row.verdict), row.who, row.at.isoformat(),
             row.why, row.undoes)
            for row in self.rows
        ]  # fmt: skip
        return pl.DataFrame(found, schema=_SCHEMA, orient="row")

    def about(self, records: Iterable[str]) -> Judgements:
        """Return those about some records: one file serves the three kinds of entity.

        Numbers stay, so that any of them can be undone in the whole.
        """
        there = frozenset(records)
        return Judgements(
            tuple(row for row in self.rows if row.left in there and row.right in there)
        )

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> Judgements:
        """Read what ``as_table`` wrote.

        Raises
        ------
        InvalidInput
            E383 if a column is missing, E384 for a row that cannot be.
        """
        _check_columns(table.columns)
        rows = table.select(*_SCHEMA).iter_rows(named=True)
        return cls(_checked((None, row) for row in rows))

    def as_csv(self) -> bytes:
        """Return all rows as a CSV file, safe for a spreadsheet; ``of_csv`` reads it back."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)  # a lone CR, too
        writer.writerow(_SCHEMA)
        for row in self.as_table().iter_rows():
            writer.writerow("" if cell is None else _escaped(str(cell)) for cell in row)
        return b"\xef\xbb\xbf" + text.getvalue().encode()

    @classmethod
    def of_csv(cls, data: bytes) -> Judgements:
        """Read what ``as_csv`` wrote.

        Raises
        ------
        InvalidInput
            E382 if it is no text, E383 if a column is missing, E384 with its line for a
            row that cannot be.
        """
        try:
            text = data.decode("utf-8-sig")
            if "\0" in text:
                raise InvalidInput([fault("E382", where=Where(_TABLE), why="NUL")])
            reader = csv.reader(io.StringIO(text, newline=""), strict=True)
            lines = [(reader.line_num, cells) for cells in reader if any(cells)]
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidInput([fault("E382", where=Where(_TABLE), why=str(error))]) from None
        heads = [name.strip() for name in lines[0][1]] if lines else []
        _check_columns(heads)
        return cls(
            _checked(
                (line, dict(zip(heads, (one.removeprefix("'") for one in cells), strict=False)))
                for line, cells in lines[1:]
            )
        )

    @classmethod
    def read(cls, path: Path) -> Judgements:
        """Read a file of judgements; none have been made where there is no file.

        Raises
        ------
        InvalidInput
            E382, E383, E384 for a file that is none.
        """
        if not path.exists():
            return cls()
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            why = f"> {_MOST_BYTES:,} B" if path.is_file() else "no file"
            raise InvalidInput([fault("E382", where=Where(_TABLE), why=why)])
        return cls.of_csv(path.read_bytes())

    def continues(self, earlier: Judgements) -> bool:
        """Return whether all earlier rows stand here first, unchanged."""
        return self.rows[: len(earlier.rows)] == earlier.rows


def _is_text(text: str) -> bool:
    """Return whether a text can stand in a file."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _escaped(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet may run, and before an apostrophe."""
    runs = cell.lstrip(_BLANKS)[:1] in _MAY_RUN
    return f"'{cell}" if runs or cell.startswith("'") else cell


def _check_columns(columns: Collection[str]) -> None:
    missing = [name for name in _SCHEMA if name not in columns]
    if missing:
        raise InvalidInput(fault("E383", where=Where(_TABLE), column=name) for name in missing)


def _checked(rows: Iterable[tuple[int | None, Mapping[str, Any]]]) -> tuple[Judgement, ...]:
    """Return the rows, each of which the ones before it allow."""
    found: list[Judgement] = []
    open_rows: dict[int, Judgement] = {}  # what can be undone
    faults = []
    last = 0
    for line, row in rows:
        judgement = _judgement(row)
        wrong = judgement if isinstance(judgement, str) else _misplaced(judgement, last, open_rows)
        if wrong or isinstance(judgement, str):
            faults.append(fault("E384", where=Where(_TABLE, row=line), what=wrong))
            if len(faults) == _MOST_FAULTS:
                break
            continue
        last = judgement.number
        if judgement.undoes is None:
            open_rows[judgement.number] = judgement
        else:
            del open_rows[judgement.undoes]
        found.append(judgement)
    if faults:
        raise InvalidInput(faults)
    return tuple(found)


def _judgement(row: Mapping[str, Any]) -> Judgement | str:
    """Read a row; return the name of the column that cannot be read."""
    texts = {name: str(row.get(name) or "") for name in ("left", "right", "who", "why")}
    if not all(texts.values()) or not texts["who"].strip() or not texts["why"].strip():
        return next((name for name, one in texts.items() if not one.strip()), "who")
    try:
        column = "number"
        number = int(str(row["number"]))
        column = "verdict"
        verdict = Verdict(str(row["verdict"]))
        column = "at"
        at = dt.datetime.fromisoformat(str(row["at"]))
        column = "undoes"
        undoes = None if row.get("undoes") in (None, "") else int(str(row["undoes"]))
    except (ValueError, KeyError):
        return column
    if at.tzinfo is None:
        return "at"
    return Judgement(number, texts["left"], texts["right"], verdict, texts["who"], at,
                     texts["why"], undoes)  # fmt: skip


def _misplaced(judgement: Judgement, last: int, open_rows: Mapping[int, Judgement]) -> str:
    """Return the column that does not fit the rows before it; empty if all do."""
    if judgement.number <= last:
        return "number"
    if judgement.left >= judgement.right:
        return "right"
    undone = open_rows.get(judgement.undoes) if judgement.undoes is not None else None
    if (judgement.verdict is Verdict.UNDO) != (undone is not None):
        return "undoes"
    if undone and (undone.left, undone.right) != (judgement.left, judgement.right):
        return "undoes"
    return "" if undone or judgement.undoes is None else "undoes"
