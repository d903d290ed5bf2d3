"""What a person said in a sheet: yes, no, none of these or nothing, or what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
_NONE = ("以上都不是", "都不是", "none of these", "none")
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
    none : DataFrame
        The rows in which somebody said that none applies; they speak of more than their row.
    n_open : int
        Rows without an answer.
    """

    yes: pl.DataFrame
    no: pl.DataFrame
    none: pl.DataFrame
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
    table: pl.DataFrame,
    place: Place,
    zone: Zone,
    key: Sequence[tuple[str, str]],
    *,
    none_of: str | None = None,
    check: Callable[[pl.DataFrame], Sequence[Fault]] | None = None,
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
    none_of : str, optional
        Column of the key of which somebody may say that none of the others fits it; by
        default nobody may.
    check : callable, optional
        Returns what else is wrong with the confirmed rows, so that all is told at once.

    Raises
    ------
    InvalidInput
        With every fault by cell: E033 for what is no answer, E103 for an id that is
        missing, E034 for one that there is not, E036 for rows that answer the same twice,
        E059 for a yes beside "none of these".
    """
    words = {"yes": _YES, "no": _NO} | ({} if none_of is None else {"none": _NONE})
    faults: list[Fault] = []
    rows = table.with_row_index("_row").with_columns(_answer(table["confirm"], words))
    for row in rows.filter(pl.col("_answer") == "unreadable").iter_rows(named=True):
        where = place(row["_row"], "confirm")
        faults.append(fault("E033", where=where, value=row["confirm"][:40]))
    none = rows.filter(pl.col("_answer") == "none")
    answered = rows.filter(pl.col("_answer").is_in(["yes", "no"]))
    for column, target in key:
        faults += _unknown(answered, column, zone, target, place)
    names = [column for column, _ in key]
    full = answered.drop_nulls(names)
    for group in full.filter(pl.struct(names).is_duplicated()).partition_by(names):
        shown = ", ".join(str(place(int(row), "").row) for row in group["_row"][:8])
        where = place(int(group["_row"][1]), names[-1])
        faults.append(fault("E036", where=where, rows=shown))
    yes = answered.filter(pl.col("_answer") == "yes").drop("_answer")
    no = answered.filter(pl.col("_answer") == "no").drop("_answer")
    if check is not None:
        told = {(found.code, found.where) for found in faults}
        faults += [found for found in check(yes) if (found.code, found.where) not in told]
    if none_of is not None:
        faults += _unknown(none, none_of, zone, dict(key)[none_of], place)
        faults += _contradicted(none, yes, none_of, place)
    if faults:
        raise InvalidInput(faults)
    is_open = rows["_answer"].is_null()
    if none_of is not None:
        is_open &= ~rows[none_of].is_in(none[none_of].drop_nulls().implode())
    return Answered(yes, no, none.drop("_answer"), int(is_open.sum()))


def _answer(cells: pl.Series, words: Mapping[str, Sequence[str]]) -> pl.Series:
    meaning = {word: answer for answer, of_it in words.items() for word in of_it}
    said = [" ".join((cell or "").lower().split()) for cell in cells]
    read = [meaning.get(word, "unreadable") if word else None for word in said]
    return pl.Series("_answer", read, pl.String)


def _contradicted(none: pl.DataFrame, yes: pl.DataFrame, column: str, place: Place) -> list[Fault]:
    """Return a fault for each "none of these" beside which a yes stands (E059)."""
    both = none.join(yes.select(column, yes="_row"), on=column)
    rows = both.group_by("_row", maintain_order=True).agg("yes").iter_rows()
    return [
        fault(
            "E059",
            where=place(row, "confirm"),
            rows=", ".join(str(place(one, "").row) for one in there[:8]),
        )
        for row, there in rows
    ]


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
