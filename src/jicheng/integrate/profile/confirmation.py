"""What a person confirmed in a sheet: yes, no or nothing, row by row, or what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["Answered", "Place", "check_who", "read_confirmations"]

Place = Callable[[int, str], Where]
"""Where a cell stands in the person's file: row of the table, name of the column."""

_YES = ("是", "yes", "y", "true", "1", "√", "✓")
_NO = ("否", "no", "n", "false", "0", "×", "✗")
_LONGEST_NAME = 60
_MAY_RUN = "=+-@＝＋－＠"  # first signs of what a spreadsheet runs


@dataclass(frozen=True)
class Answered:
    """Rows of a sheet that somebody answered.

    Attributes
    ----------
    yes, no : DataFrame
        The rows confirmed and refused, as they stand in the sheet, with ``_row``: their
        row in the table that was read.
    n_open : int
        Rows without an answer.
    """

    yes: pl.DataFrame
    no: pl.DataFrame
    n_open: int


def check_who(who: str | None) -> str:
    """Return the name under which somebody confirms.

    Raises
    ------
    InvalidInput
        E037 if it is missing, too long or no name.
    """
    name = (who or "").strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable() or name[0] in _MAY_RUN:
        raise InvalidInput.of("E037")
    return name


def read_confirmations(
    table: pl.DataFrame, place: Place, zone: Zone, key: Sequence[tuple[str, str]]
) -> Answered:
    """Read the column ``confirm`` and check what the answered rows name.

    Parameters
    ----------
    table : DataFrame
        Text: ``confirm`` and the columns of the key.
    place : callable
        Where its cells stand, for faults.
    zone : Zone
        What there is.
    key : sequence of (column, table)
        Columns that together say what is confirmed, and the tables that hold their ids.

    Raises
    ------
    InvalidInput
        With every fault by cell: E033 for what is neither yes nor no, E103 for an id that
        is missing, E034 for one that there is not, E036 for rows that answer the same twice.
    """
    faults: list[Fault] = []
    rows = table.with_row_index("_row").with_columns(_answer(table["confirm"]))
    for row in rows.filter(pl.col("_answer") == "unreadable").iter_rows(named=True):
        where = place(row["_row"], "confirm")
        faults.append(fault("E033", where=where, value=row["confirm"][:40]))
    answered = rows.filter(pl.col("_answer").is_in(["yes", "no"]))
    for column, target in key:
        faults += _unknown(answered, column, zone, target, place)
    names = [column for column, _ in key]
    full = answered.drop_nulls(names)
    for group in full.filter(pl.struct(names).is_duplicated()).partition_by(names):
        shown = ", ".join(str(place(int(row), "").row) for row in group["_row"][:8])
        where = place(int(group["_row"][1]), names[-1])
        faults.append(fault("E036", where=where, rows=shown))
    if faults:
        raise InvalidInput(faults)
    yes = answered.filter(pl.col("_answer") == "yes").drop("_answer")
    no = answered.filter(pl.col("_answer") == "no").drop("_answer")
    return Answered(yes, no, rows.filter(pl.col("_answer").is_null()).height)


def _answer(cells: pl.Series) -> pl.Series:
    words = [None if cell is None else cell.strip().lower() for cell in cells]
    read = [
        None if not word else "yes" if word in _YES else "no" if word in _NO else "unreadable"
        for word in words
    ]
    return pl.Series("_answer", read, pl.String)


def _unknown(rows: pl.DataFrame, column: str, zone: Zone, target: str, place: Place) -> list[Fault]:
    known = zone[target]["id"].to_list()
    there = set(known)
    label = zone_tables()[target].label
    faults = []
    for row, name in rows.select("_row", column).iter_rows():
        if name is None:
            faults.append(fault("E103", where=place(row, column)))
        elif name not in there:
            near = nearest(name, known, otherwise="-")
            told = Text(label.zh, label.en)
            where = place(row, column)
            faults.append(fault("E034", where=where, value=name[:60], table=told, near=near))
    return faults
