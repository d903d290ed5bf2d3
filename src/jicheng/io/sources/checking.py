"""Whether tables of records keep their promises: ids, references, values, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from jicheng.errors import Fault, Text, Where, fault
from jicheng.io.sources.columns import Column, columns_of
from jicheng.schema import choices, countries, zone_tables

__all__ = ["check_records"]

_NAMED = ("organisations", "people", "facilities", "texts")
_SHOWN = 20  # faults of one kind in one column that are listed
_FORMS = {
    "date": (r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", Text("日期", "a day"), "2026-11-24"),
    "year": (r"^(1[89]\d\d|2[01]\d\d)$", Text("年份", "a year"), "2026"),
    "number": (r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$", Text("数值", "a number"), "12.5"),
    "boolean": (r"^(true|false)$", Text("是或否", "yes or no"), "true / false"),
}


def check_records(
    frames: Mapping[str, pl.DataFrame], others: Mapping[str, pl.DataFrame]
) -> list[Fault]:
    """Return every fault of tables of records; see ``SourceRecords.of``.

    Parameters
    ----------
    frames : mapping of str to polars.DataFrame
        All tables of records, every column as text.
    others : mapping of str to polars.DataFrame
        Tables of a zone that need no resolving.
    """
    known = ", ".join(zone_tables())
    faults = [
        fault("E088", where=Where(name), columns=name, known=known)
        for name in others
        if name not in zone_tables() or name in frames
    ]
    faults += _ids(frames)
    ids = {name: set(frames[name]["id"]) for name in _NAMED}
    faults += _names(frames)
    for name, frame in frames.items():
        for column in columns_of(name):
            faults += _column(name, frame, column, ids)
    return faults


def _ids(frames: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    every = pl.concat(frames[name].select("id", table=pl.lit(name)) for name in _NAMED)
    bad = every.filter(pl.col("id").is_duplicated() & pl.col("id").is_not_null())
    found = bad.unique("id").sort("id")
    for value, table in found.head(_SHOWN).iter_rows():
        yield fault("E085", where=Where(table, column="id"), value=value)
    for name in ("text_parties", "ties"):
        frame = frames[name]
        key = [column.name for column in columns_of(name) if column.status == "key"]
        twice = frame.filter(pl.struct(key).is_duplicated()).unique(key).sort(key)
        for row in twice.select(key).head(_SHOWN).iter_rows():
            shown = " | ".join(str(part) for part in row)
            yield fault("E085", where=Where(name), value=shown)


def _names(frames: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Whoever is recorded has a name, in one language at least."""
    for table in ("organisations", "people", "facilities"):
        nameless = frames[table].select(pl.col("name").is_null() & pl.col("name_en").is_null())[
            "name"
        ]
        if nameless.any():
            row = int(nameless.arg_true()[0]) + 1
            yield fault("E087", where=Where(table, row=row, column="name"), n=nameless.sum())


def _column(
    table: str, frame: pl.DataFrame, column: Column, ids: Mapping[str, set[str]]
) -> Iterator[Fault]:
    values, name = frame[column.name], column.name
    if column.is_needed and values.null_count():
        where = Where(table, row=int(values.is_null().arg_true()[0]) + 1, column=name)
        yield fault("E087", where=where, n=values.null_count())
    said = values.drop_nulls()
    if not said.len():
        return
    where = Where(table, column=name)
    if column.references:
        reachable = set().union(*(ids[target] for target in column.references))
        lost = sorted(set(said) - reachable)
        tables = ", ".join(column.references)
        for value in lost[:_SHOWN]:
            yield fault("E086", where=where, value=value, tables=tables)
    elif column.type in choices():
        allowed = [choice.value for choice in choices()[column.type]]
        for value in sorted(set(said) - set(allowed))[:_SHOWN]:
            yield fault("E104", where=where, value=value[:60], allowed=", ".join(allowed))
    elif column.type == "country":
        for value in sorted(set(said) - set(countries()))[:_SHOWN]:
            kind = Text("国家代码", "a country code")
            yield fault("E102", where=where, value=value[:60], type=kind, example="CHN")
    elif column.type in _FORMS:
        pattern, kind, example = _FORMS[column.type]
        for value in said.filter(~said.str.contains(pattern)).unique().sort()[:_SHOWN]:
            yield fault("E102", where=where, value=value[:60], type=kind, example=example)
