"""What people decided about pairs of records: rows that are added, never changed.

A judgement says that two records are the same or different, who says so, when and why.
It is undone by one more row that names it; the history stays, and what holds is what no
later row undoes. Of two that hold for a pair, the later one counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from jicheng.errors import InvalidInput, fault
from jicheng.ledger import Ledger, can_stand, extend_lines, read_ledger

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


_COLUMNS = ("number", "left", "right", "verdict", "who", "at", "why", "undoes")


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
        if not all(map(can_stand, (left, right, who, why))):
            raise InvalidInput([fault("E118", file="judgements", why="NUL")])
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

    def about(self, records: Iterable[str]) -> Judgements:
        """Return those about some records: one file serves the three kinds of entity.

        Numbers stay, so that any of them can be undone in the whole.
        """
        there = frozenset(records)
        return Judgements(
            tuple(row for row in self.rows if row.left in there and row.right in there)
        )

    @classmethod
    def read(cls, path: Path) -> Judgements:
        """Read a file of judgements; none have been made where there is no file.

        Raises
        ------
        InvalidInput
            E118 if it is no such file, E117 with line and column for a row that cannot be
            or contradicts the rows before it.
        """
        return cls(_checked(read_ledger(path, _COLUMNS)))

    def keep(self, path: Path) -> None:
        """Add to a file the judgements that follow those that it holds.

        Raises
        ------
        InvalidInput
            E119 if a row that the file holds would be lost or changed; E118 if the file
            cannot be read.
        """
        extend_lines([path], _COLUMNS, [_cells(row) for row in self.rows])


def _cells(row: Judgement) -> dict[str, str]:
    told = {**asdict(row), "at": row.at.isoformat()}
    return {name: "" if told[name] is None else str(told[name]) for name in _COLUMNS}


def _checked(ledger: Ledger) -> tuple[Judgement, ...]:
    """Return the rows, each of which the ones before it allow."""
    found: list[Judgement] = []
    open_rows: dict[int, Judgement] = {}  # what can be undone

    def wrong_column(cells: Mapping[str, str]) -> str:
        judgement = _judgement(cells)
        if isinstance(judgement, str):
            return judgement
        wrong = _misplaced(judgement, found[-1].number if found else 0, open_rows)
        if wrong:
            return wrong
        if judgement.undoes is None:
            open_rows[judgement.number] = judgement
        else:
            del open_rows[judgement.undoes]
        found.append(judgement)
        return ""

    ledger.check(wrong_column)
    return tuple(found)


def _judgement(row: Mapping[str, str]) -> Judgement | str:
    """Read a row; return the name of the column that cannot be read."""
    texts = {name: row.get(name, "") for name in ("left", "right", "who", "why")}
    if not all(texts.values()) or not texts["who"].strip() or not texts["why"].strip():
        return next((name for name, one in texts.items() if not one.strip()), "who")
    try:
        column = "number"
        number = int(row["number"])
        column = "verdict"
        verdict = Verdict(row["verdict"])
        column = "at"
        at = dt.datetime.fromisoformat(row["at"])
        column = "undoes"
        undoes = int(row["undoes"]) if row.get("undoes") else None
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
