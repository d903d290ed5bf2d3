"""Turn the raw columns of a table into typed columns, listing every fault.

Accepts what people write: ``61%`` for a share, ``1,200`` for a number, full-width
digits, 是/否, ``2026/11/24``, a choice by its value or by its label in either
language. Whatever it cannot read is a fault with row, column and remedy; an empty
cell stays empty, because empty means unknown and never zero.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.errors import Fault, Where, fault
from jicheng.schema import Attribute, Kind, Status, Table, choices

__all__ = ["POLARS_TYPES", "conform", "empty_frame"]

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

_EXAMPLES = {
    Kind.NUMBER: "1200.5",
    Kind.SHARE: "0.61 / 61%",
    Kind.INTEGER: "3",
    Kind.YEAR: "2026",
    Kind.BOOLEAN: "是 / 否 / true / false",
    Kind.DATE: "2026-11-24",
    Kind.COUNTRY: "CHN",
}
_TRUE = ("true", "1", "yes", "y", "是", "有", "√")
_FALSE = ("false", "0", "no", "n", "否", "无", "×")
_FORMULA = r"^[=+@\t\r]|^-[^\d.\s-]"
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the rows of a frame stand in the user's file."""

    table: str
    sheet: str
    rows: Sequence[int]

    def at(self, index: int, column: str) -> Where:
        return Where(self.table, self.sheet, self.rows[index], column)


def empty_frame(table: Table) -> pl.DataFrame:
    """Return the table with all its typed columns and no rows."""
    return pl.DataFrame(schema={a.name: POLARS_TYPES[a.kind] for a in table.attributes})


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
        Columns of text or of typed values, named by attribute. Columns may be
        missing; an unknown column is a fault.
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
    """
    place = _Place(table.name, sheet, rows if rows is not None else range(2, raw.height + 2))
    faults = [
        fault("E101", where=Where(table.name, sheet, None, name), table=table.name, column=name,
              near=_nearest(name, table.names))
        for name in raw.columns
        if name not in table.names
    ]
    columns: list[pl.Series] = []
    for attribute in table.attributes:
        if attribute.name in raw.columns:
            column, found = _column(attribute, raw[attribute.name], place)
            faults += found
        else:
            column = pl.Series(attribute.name, [None] * raw.height, POLARS_TYPES[attribute.kind])
        column = _with_default(attribute, column)
        if attribute.status is not Status.OPTIONAL:
            missing = column.is_null().arg_true().to_list()
            bad = {f.where.row for f in faults if f.where.column == attribute.name}
            faults += [
                fault("E103", where=place.at(i, attribute.name))
                for i in missing
                if place.rows[i] not in bad
            ]
        columns.append(column)
    return pl.DataFrame(columns), faults


def _nearest(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return ", ".join(near or names)


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


def _column(
    attribute: Attribute, raw: pl.Series, place: _Place
) -> tuple[pl.Series, list[Fault]]:
    target = POLARS_TYPES[attribute.kind]
    if raw.dtype == pl.Null:
        return pl.Series(attribute.name, [None] * len(raw), target), []
    if raw.dtype == target and target != pl.String:
        typed, bad = raw.rename(attribute.name), pl.Series([False] * len(raw))
        written = raw.cast(pl.String)
    else:
        written = _as_text(raw)
        typed = _parse(attribute, written).rename(attribute.name)
        bad = written.is_not_null() & typed.is_null()
    if target == pl.Float64:
        bad = bad | (typed.is_not_null() & ~typed.is_finite())
    faults = [_unreadable(attribute, str(written[i]), place.at(i, attribute.name))
              for i in bad.arg_true().to_list()]
    faults += _out_of_range(attribute, typed, place)
    if attribute.kind in (Kind.TEXT, Kind.ID, Kind.REFERENCE, Kind.LIST):
        danger = typed.str.contains(_FORMULA).fill_null(value=False)
        faults += [fault("E106", where=place.at(i, attribute.name), value=str(typed[i])[0])
                   for i in danger.arg_true().to_list()]
    return typed, faults


def _as_text(raw: pl.Series) -> pl.Series:
    """Write every value as text the way a person would, with empty as null."""
    if raw.dtype in (pl.Float64, pl.Float32):
        whole = raw.is_finite() & (raw == raw.round()) & (raw.abs() < 1e15)
        return pl.select(
            pl.when(whole)
            .then(raw.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(raw.cast(pl.String))
        ).to_series()
    text = raw if raw.dtype == pl.String else raw.cast(pl.String)
    text = text.str.strip_chars(" \u3000\xa0\n\ufeff")
    return pl.select(pl.when(text.str.len_chars() > 0).then(text)).to_series()


def _parse(attribute: Attribute, text: pl.Series) -> pl.Series:
    kind = attribute.kind
    if kind in (Kind.ID, Kind.REFERENCE, Kind.TEXT):
        return text
    if kind is Kind.LIST:
        parts = text.str.replace_all(r"\s*[;；、,，]\s*", ";").str.strip_chars("; ")
        return parts
    plain = text.str.normalize("NFKC").str.strip_chars()
    if kind is Kind.COUNTRY:
        code = plain.str.to_uppercase()
        return pl.select(pl.when(code.str.contains(r"^[A-Z]{3}$")).then(code)).to_series()
    if kind is Kind.CHOICE:
        return _parse_choice(attribute, plain)
    if kind is Kind.BOOLEAN:
        low = plain.str.to_lowercase()
        return pl.select(
            pl.when(low.is_in(list(_TRUE))).then(True)  # noqa: FBT003 - polars has no keyword here
            .when(low.is_in(list(_FALSE))).then(False)  # noqa: FBT003
        ).to_series()
    if kind is Kind.DATE:
        return pl.select(
            pl.coalesce([plain.str.head(19).str.replace(r"[ T]00:00:00$", "")
                         .str.to_date(form, strict=False) for form in _DATE_FORMATS])
        ).to_series()
    return _parse_number(attribute, plain)


def _parse_choice(attribute: Attribute, plain: pl.Series) -> pl.Series:
    values: dict[str, str] = {}
    for choice in choices()[attribute.choice]:
        for form in (choice.value, choice.label.zh, choice.label.en):
            values[form.lower()] = choice.value
    if attribute.choice == "essentiality":  # the codes of the published matrices
        values |= {"2": "essential", "1": "non_essential", "0": "irrelevant"}
    return plain.str.to_lowercase().replace_strict(values, default=None, return_dtype=pl.String)


def _parse_number(attribute: Attribute, plain: pl.Series) -> pl.Series:
    bare = plain.str.replace_all(r",(\d{3})", "$1")
    if attribute.kind is Kind.YEAR:
        bare = bare.str.strip_chars_end("年")
    percent = bare.str.ends_with("%")
    value = bare.str.strip_chars_end("% ").cast(pl.Float64, strict=False)
    if attribute.kind is Kind.SHARE:
        return pl.select(pl.when(percent).then(value / 100).otherwise(value)).to_series()
    value = pl.select(pl.when(~percent).then(value)).to_series()
    if attribute.kind in (Kind.INTEGER, Kind.YEAR):
        return pl.select(
            pl.when((value == value.round()) & (value.abs() < 2**53)).then(value)
        ).to_series().cast(pl.Int64)
    return value


def _unreadable(attribute: Attribute, value: str, where: Where) -> Fault:
    value = value[:60]
    if attribute.kind is Kind.CHOICE:
        allowed = " / ".join(f"{c.label.zh} {c.value}" for c in choices()[attribute.choice])
        return fault("E104", where=where, value=value, allowed=allowed)
    return fault("E102", where=where, value=value, type=attribute.kind.value,
                 example=_EXAMPLES.get(attribute.kind, "A1"))


def _out_of_range(attribute: Attribute, typed: pl.Series, place: _Place) -> list[Fault]:
    if attribute.low is None and attribute.high is None:
        return []
    low = float("-inf") if attribute.low is None else attribute.low
    high = float("inf") if attribute.high is None else attribute.high
    outside = ((typed < low) | (typed > high)).fill_null(value=False)
    return [
        fault("E105", where=place.at(i, attribute.name), value=typed[i],
              range=f"[{low:g}, {high:g}]")
        for i in outside.arg_true().to_list()
    ]
