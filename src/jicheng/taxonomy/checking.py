"""Whether a table of capabilities holds together, told by line with a remedy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.taxonomy.classes import parse_class
from jicheng.taxonomy.shipped import COLUMNS

__all__ = ["checked"]

_REQUIRED = ("id", "name")
_ALLOWED = (*COLUMNS, "source", "as_of")
_LIST = re.compile(r"[;；]")
_BLANKS = " \t\r\n\u3000\xa0"
_NEAR = 3


def checked(table: pl.DataFrame, lines: Sequence[int], *, name: str = "") -> pl.DataFrame:
    """Return a table of capabilities in the form of :func:`jicheng.taxonomy.load`.

    Parameters
    ----------
    table : polars.DataFrame
        Columns of text by attribute; ``id`` and ``name`` are required. ``parent`` is an
        id or a name of the table.
    lines : sequence of int
        Line or row of the file of each row, for what is wrong with it.
    name : str
        Name of the file or sheet, for the same.

    Returns
    -------
    polars.DataFrame
        Columns as :func:`jicheng.taxonomy.load`; parents as ids, patent classes in one
        spelling (``G03F7/20``), empty cells null.

    Raises
    ------
    InvalidInput
        With every fault: E021 a column is missing, E022 an empty id or name, E023 a
        doubled id, E024 and E029 an unknown or uncertain parent, E025 a circle of
        parents, E026 no patent class, E027 no rows, E028 an unknown column.
    """
    faults = list(_columns(table.columns, name))
    if faults:
        raise InvalidInput(faults)
    if not table.height:
        raise InvalidInput.of("E027", where=Where(name))
    full = table.with_columns(pl.col(column).str.strip_chars(_BLANKS) for column in table.columns)
    full = full.with_columns(
        pl.when(pl.col(column) != "").then(pl.col(column)).alias(column) for column in full.columns
    )
    full = full.with_columns(
        pl.lit(None, dtype=pl.String).alias(column)
        for column in _ALLOWED
        if column not in full.columns
    )
    faults += _empty(full, lines, name)
    faults += _doubled(full, lines, name)
    parents, wrong = _parents(full, lines, name)
    faults += wrong
    if not faults:
        faults += _circles(full["id"].to_list(), parents, lines, name)
    classes, wrong = _classes(full, lines, name)
    faults += wrong
    if faults:
        raise InvalidInput(faults)
    return full.with_columns(
        pl.Series("parent", parents, pl.String),
        pl.Series("ipc", classes, pl.String),
        pl.col("as_of").str.to_date(strict=False),
    ).select(_ALLOWED)


def _columns(columns: Sequence[str], name: str) -> Iterator[Fault]:
    for column in _REQUIRED:
        if column not in columns:
            known = ", ".join(COLUMNS)
            yield fault("E021", where=Where(name), column=column, known=known)
    for column in columns:
        if column not in _ALLOWED:
            near = ", ".join(difflib.get_close_matches(column, _ALLOWED, _NEAR, 0.5)) or "—"
            yield fault("E028", where=Where(name, column=column), column=column, near=near)


def _empty(table: pl.DataFrame, lines: Sequence[int], name: str) -> Iterator[Fault]:
    for column in _REQUIRED:
        for index, value in enumerate(table[column]):
            if value is None:
                yield fault(
                    "E022", where=Where(name, row=lines[index], column=column), column=column
                )


def _doubled(table: pl.DataFrame, lines: Sequence[int], name: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, value in enumerate(table["id"]):
        if value is None:
            continue
        if value in first:
            where = Where(name, row=lines[index], column="id")
            yield fault("E023", where=where, id=value, first=lines[first[value]])
        first.setdefault(value, index)


def _parents(
    table: pl.DataFrame, lines: Sequence[int], name: str
) -> tuple[list[str | None], list[Fault]]:
    """Return the id of each parent, which may be written by name."""
    ids = set(table["id"].drop_nulls())
    named: dict[str, list[str]] = {}
    for own, *names in table.select("id", "name", "name_en").iter_rows():
        for written in dict.fromkeys(n for n in names if n and own):
            named.setdefault(written, []).append(own)
    parents: list[str | None] = []
    faults: list[Fault] = []
    for index, written in enumerate(table["parent"]):
        where = Where(name, row=lines[index], column="parent")
        found = [written] if written is None or written in ids else named.get(written, [])
        if not found:
            near = difflib.get_close_matches(written, [*sorted(ids), *sorted(named)], _NEAR, 0.5)
            faults.append(fault("E024", where=where, parent=written, near=", ".join(near) or "—"))
        elif len(found) > 1:
            faults.append(fault("E029", where=where, parent=written))
        parents.append(found[0] if found else None)
    return parents, faults


def _circles(
    ids: Sequence[str], parents: Sequence[str | None], lines: Sequence[int], name: str
) -> Iterator[Fault]:
    """Tell each circle once, at its first row."""
    above: Mapping[str, str | None] = dict(zip(ids, parents, strict=True))
    known: set[str] = set()
    for index, start in enumerate(ids):
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in known and at not in path:
            path[at] = None
            at = above[at]
        if at is not None and at in path:
            walked = list(path)
            circle = [*walked[walked.index(at) :], at]
            where = Where(name, row=lines[index], column="parent")
            yield fault("E025", where=where, cycle=" → ".join(circle[:20]))
        known.update(path)


def _classes(
    table: pl.DataFrame, lines: Sequence[int], name: str
) -> tuple[list[str | None], list[Fault]]:
    """Return the patent classes of each row in one spelling."""
    written: list[str | None] = []
    faults: list[Fault] = []
    for index, cell in enumerate(table["ipc"]):
        symbols: list[str] = []
        for part in _LIST.split(cell or ""):
            if not part.strip(_BLANKS):
                continue
            symbol = parse_class(part)
            if symbol is None:
                where = Where(name, row=lines[index], column="ipc")
                faults.append(fault("E026", where=where, symbol=part.strip(_BLANKS)[:40]))
            else:
                symbols.append(str(symbol))
        written.append(";".join(dict.fromkeys(symbols)) or None)
    return written, faults
