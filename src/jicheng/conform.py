"""Turn the raw columns of a table into typed columns, listing every fault.

Accepts what people write: ``61%`` for a share, ``1,200`` for a number, full-width
digits, 是/否, ``2026/11/24``, a country by code or name, a choice by its value or by
its label in either language. Whatever it cannot read is a fault with row, column
and remedy; an empty cell (or a lone dash) stays empty, because empty means unknown
and never zero.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.cells import DIGITS_KEPT, as_text, parse
from jicheng.errors import Fault, Text, Where, fault
from jicheng.schema import Attribute, Kind, Status, Table, choices

__all__ = ["POLARS_TYPES", "conform", "empty_frame", "nearest", "starts_a_formula"]

POLARS_TYPES: dict[Kind, type[pl.DataType]] = {
    Kind.ID: pl.String,
    Kind.REFERENCE: pl.String,
    Kind.TEXT: pl.String,
    Kind.LIST: pl.String,
    Kind.COUNTRY: pl.String,
    Kind.CHOICE: pl.String,
    Kind.NUMBER: pl.Float64,
    Kind.SHARE: pl.Float64,
    Kind.INTEGER: pl.Int64,
    Kind.YEAR: pl.Int64,
    Kind.BOOLEAN: pl.Boolean,
    Kind.DATE: pl.Date,
}

_KIND_NAMES = {
    Kind.ID: Text("编号", "an id"),
    Kind.REFERENCE: Text("编号", "an id"),
    Kind.TEXT: Text("文字", "text"),
    Kind.LIST: Text("列表", "a list"),
    Kind.COUNTRY: Text("国家代码", "a country code"),
    Kind.CHOICE: Text("选项", "a choice"),
    Kind.NUMBER: Text("数值", "a number"),
    Kind.SHARE: Text("份额", "a share"),
    Kind.INTEGER: Text("整数", "a whole number"),
    Kind.YEAR: Text("年份", "a year"),
    Kind.BOOLEAN: Text("是或否", "yes or no"),
    Kind.DATE: Text("日期", "a date"),
}
_EXAMPLES = {
    Kind.NUMBER: "1200.5",
    Kind.SHARE: "0.61 / 61%",
    Kind.INTEGER: "3",
    Kind.YEAR: "2026",
    Kind.BOOLEAN: "是 / 否 / true / false",
    Kind.DATE: "2026-11-24",
    Kind.COUNTRY: "CHN / 中国 / China",
}
_WRITTEN = (Kind.ID, Kind.REFERENCE, Kind.TEXT, Kind.LIST)  # kept as the user wrote them
_FORMULA = r"^[=+@\t\r＝＋＠－-]"
_PLAIN_NUMBER = r"^[+-]?[\d.,]+%?$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffe}\x{ffff}]"
_LISTED = 1000  # faults of one kind in one column that are listed one by one


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the rows of a frame stand in the user's file."""

    table: str
    sheet: str
    rows: Sequence[int]

    def at(self, index: int, column: str) -> Where:
        return Where(self.table, self.sheet, self.rows[index], column)

    def listed(
        self, bad: pl.Series, column: str, make: Callable[[int, Where], Fault]
    ) -> list[Fault]:
        """Make one fault a bad row, and one for those beyond what anybody reads."""
        indices = bad.arg_true().to_list()
        faults = [make(i, self.at(i, column)) for i in indices[:_LISTED]]
        if len(indices) > _LISTED:
            where = Where(self.table, self.sheet, None, column)
            faults.append(fault("E109", where=where, n=len(indices) - _LISTED))
        return faults


def empty_frame(table: Table) -> pl.DataFrame:
    """Return the table with all its typed columns and no rows."""
    return pl.DataFrame(schema={a.name: POLARS_TYPES[a.kind] for a in table.attributes})


def nearest(name: str, names: Sequence[str], *, otherwise: str | None = None) -> str:
    """Return the names closest to ``name``, for a sentence "did you mean".

    Parameters
    ----------
    name : str
        What the user wrote.
    names : sequence of str
        What there is.
    otherwise : str, optional
        Text if nothing is close; default all names.
    """
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if near or otherwise is None:
        return ", ".join(near or names)
    return otherwise


def starts_a_formula(text: pl.Series) -> pl.Series:
    """Tell which cells a spreadsheet would run as a formula; plain numbers are safe."""
    return (text.str.contains(_FORMULA) & ~text.str.contains(_PLAIN_NUMBER)).fill_null(value=False)


def conform(
    table: Table,
    raw: pl.DataFrame,
    *,
    sheet: str = "",
    rows: Sequence[int] | None = None,
) -> tuple[pl.DataFrame, list[Fault]]:
    """Type the columns of ``raw`` as the schema says.

    Parameters
    ----------
    table : Table
        The schema of the table.
    raw : polars.DataFrame
        Columns of text or of typed values, named by attribute. Optional columns may
        be missing; an unknown column is a fault.
    sheet : str
        Name of the Excel sheet, for the place of a fault.
    rows : sequence of int, optional
        Row number of each row in the user's file; default 2, 3, ... (below one
        line of headings).

    Returns
    -------
    frame : polars.DataFrame
        All columns of the schema in its order, defaults filled in, empty = null.
    faults : list of Fault
        Empty if every cell could be read. With faults the frame is not to be used.
        Of one kind of fault in one column at most 1,000 are listed, then E109 says
        how many there are beside them.
    """
    place = _Place(table.name, sheet, rows if rows is not None else range(2, raw.height + 2))
    faults = [
        fault(
            "E101",
            where=Where(table.name, sheet, None, name),
            table=table.name,
            column=name,
            near=nearest(name, table.names),
        )
        for name in raw.columns
        if name not in table.names
    ]
    columns: list[pl.Series] = []
    for attribute in table.attributes:
        column, found = _column(attribute, raw, place)
        columns.append(column)
        faults += found
    return pl.DataFrame(columns), faults


def _column(
    attribute: Attribute, raw: pl.DataFrame, place: _Place
) -> tuple[pl.Series, list[Fault]]:
    name = attribute.name
    if name in raw.columns:
        column, bad, faults = _typed(attribute, raw[name], place)
    else:
        column = pl.Series(name, [None] * raw.height, POLARS_TYPES[attribute.kind])
        bad, faults = pl.Series([False] * raw.height, dtype=pl.Boolean), []
    column = _with_default(attribute, column)
    missing = column.is_null() & ~bad
    if attribute.status is not Status.OPTIONAL and missing.any():
        if name in raw.columns:
            faults += place.listed(missing, name, lambda _, where: fault("E103", where=where))
        else:
            where = Where(place.table, place.sheet, None, name)
            faults.append(fault("E110", where=where, table=place.table, column=name))
    return column, faults


def _with_default(attribute: Attribute, column: pl.Series) -> pl.Series:
    if not attribute.default:
        return column
    default: object = attribute.default
    if attribute.kind is Kind.BOOLEAN:
        default = attribute.default == "true"
    elif attribute.kind in (Kind.INTEGER, Kind.YEAR):
        default = int(attribute.default)
    elif attribute.kind in (Kind.NUMBER, Kind.SHARE):
        default = float(attribute.default)
    return column.fill_null(pl.Series([default], dtype=column.dtype).first())


def _typed(
    attribute: Attribute, raw: pl.Series, place: _Place
) -> tuple[pl.Series, pl.Series, list[Fault]]:
    """Return the typed column, which rows could not be read, and the faults."""
    name, target = attribute.name, POLARS_TYPES[attribute.kind]
    none = pl.Series([False] * len(raw), dtype=pl.Boolean)
    if raw.dtype == pl.Null:
        return pl.Series(name, [None] * len(raw), target), none, []
    if target == pl.Float64 and raw.dtype.is_numeric():
        typed, written, bad = raw.cast(pl.Float64), raw.cast(pl.String), none
    elif raw.dtype == target and target != pl.String:
        typed, written, bad = raw, raw.cast(pl.String), none
    elif target == pl.Date and raw.dtype.is_temporal():
        typed, written, bad = raw.cast(pl.Date, strict=False), raw.cast(pl.String), none
    else:
        written = as_text(raw)
        typed = parse(attribute, written)
        empty = written.str.contains(r"^[;；、,，\s]*$") if attribute.kind is Kind.LIST else none
        bad = written.is_not_null() & typed.is_null() & ~empty.fill_null(value=False)
    typed = typed.rename(name)
    if target == pl.Float64:
        bad = bad | (typed.is_not_null() & ~typed.is_finite())
        typed = typed.abs().zip_with(typed == 0, typed)  # a negative zero is zero
    faults = place.listed(
        bad, name, lambda i, where: _unreadable(attribute, str(written[i]), where)
    )
    faults += _out_of_range(attribute, typed, bad, place)
    if attribute.kind in _WRITTEN:
        faults += _unsafe_text(raw, typed, place)
    return typed, bad, faults


def _unsafe_text(raw: pl.Series, typed: pl.Series, place: _Place) -> list[Fault]:
    name = typed.name
    faults = place.listed(
        starts_a_formula(typed),
        name,
        lambda i, where: fault("E106", where=where, value=str(typed[i])[0]),
    )
    control = typed.str.extract(f"({_CONTROL})")
    faults += place.listed(
        control.is_not_null(),
        name,
        lambda i, where: fault("E108", where=where, value=f"U+{ord(control[i]):04X}"),
    )
    if raw.dtype.is_float():
        faults += place.listed(
            (raw.abs() >= DIGITS_KEPT).fill_null(value=False),
            name,
            lambda i, where: fault("E112", where=where, value=typed[i]),
        )
    return faults


def _unreadable(attribute: Attribute, value: str, where: Where) -> Fault:
    value = value[:60]
    if attribute.choice:
        allowed = " / ".join(f"{c.label.zh} {c.value}" for c in choices()[attribute.choice])
        return fault("E104", where=where, value=value, allowed=allowed)
    return fault(
        "E102",
        where=where,
        value=value,
        type=_KIND_NAMES[attribute.kind],
        example=_EXAMPLES.get(attribute.kind, "A1"),
    )


def _out_of_range(
    attribute: Attribute, typed: pl.Series, bad: pl.Series, place: _Place
) -> list[Fault]:
    if attribute.low is None and attribute.high is None:
        return []
    low = float("-inf") if attribute.low is None else attribute.low
    high = float("inf") if attribute.high is None else attribute.high
    outside = ((typed < low) | (typed > high)).fill_null(value=False) & ~bad
    if attribute.kind is Kind.SHARE:
        return place.listed(
            outside, attribute.name, lambda i, where: fault("E111", where=where, value=typed[i])
        )
    legal = f"[{low:g}, {high:g}]"
    return place.listed(
        outside,
        attribute.name,
        lambda i, where: fault("E105", where=where, value=typed[i], range=legal),
    )
