"""Whether a candidate fits a challenge, as people say: rows that are added, never changed.

A label says how well a candidate fits (2 could solve it, 1 helps with a part, 0 does not fit,
or unclear), who says so and when. Of several rows of one person about one pair the last one
counts; the others stay in the file, which lies beside the zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from jicheng.errors import InvalidInput, Text, fault
from jicheng.ledger import add_lines, can_stand, read_ledger

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
        E066 for a label without a person, a time zone or a known grade, E118 for a file
        that is none; nothing is written.
    """
    wrong = [one for one in labels if not _can_be(one)]
    if wrong:
        raise InvalidInput(fault("E066", candidate=one.candidate, who=one.who) for one in wrong)
    add_lines(path, _COLUMNS, [{**asdict(one), "at": one.at.isoformat()} for one in labels])


def _can_be(one: Label) -> bool:
    is_told = bool(one.challenge and one.candidate and one.who.strip()) and one.grade in GRADES
    cells = (one.challenge, one.candidate, one.who, one.note)
    return is_told and one.at.tzinfo is not None and all(map(can_stand, cells))


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
        E118 if it is no such file, E117 with its line and column for a row that cannot be.
    """
    ledger = read_ledger(path, _COLUMNS[:5])
    ledger.check(_wrong_column)
    rows = [[line.cells.get(name, "") for name in _COLUMNS] for line in ledger.lines]
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


def held_labels(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the labels that count: the last row of each person about each pair."""
    key = ["challenge", "candidate", "who"]
    return rows.unique(key, keep="last", maintain_order=True).sort(key)
