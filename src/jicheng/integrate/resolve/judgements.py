"""What people decided about pairs of records: rows that are added, never changed.

A judgement says that two records are the same or different, who says so, when and why.
It is undone by one more row that names it; the history stays, and what holds is what no
later row undoes. Of two that hold for a pair, the later one counts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from jicheng.errors import InvalidInput, fault

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
        a, b = sorted((left, right))
        number = len(self.rows) + 1
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

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> Judgements:
        """Read what ``as_table`` wrote."""
        return cls(
            tuple(
                Judgement(
                    row["number"], row["left"], row["right"], Verdict(row["verdict"]), row["who"],
                    dt.datetime.fromisoformat(row["at"]), row["why"], row["undoes"],
                )
                for row in table.select(*_SCHEMA).sort("number").iter_rows(named=True)
            )
        )  # fmt: skip
