"""Turn the raw columns of a table into typed columns, listing every fault.

Accepts what people write: ``61%`` for a share, ``1,200`` for a number, full-width
digits, 是/否, ``2026/11/24``, a country by code or name, a choice by its value or by
its label in either language. Whatever it cannot read is a fault with row, column
and remedy; an empty cell (or a lone dash) stays empty, because empty means unknown
and never zero.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import polars as pl

from jicheng.cells import DIGITS_KEPT, Steps, as_text, parse, translated_lists
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
_LONG = 10_000  # rows from which on columns that repeat their texts are read text by text
_REPEATED = 8  # rows a text from which on that is faster
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


def starts_a_formula(text: pl.Expr) -> pl.Expr:
    """Tell which cells a spreadsheet would run as a formula; plain numbers are safe."""
    return text.str.contains(_FORMULA) & ~text.str.contains(_PLAIN_NUMBER)


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
    if raw.is_empty():
        return empty_frame(table), faults
    settled = _settled(table, raw) if raw.height >= _LONG else []
    rest = tuple(a for a in table.attributes if a.name not in settled)
    typed, found = _read(replace(table, attributes=rest), raw, place)
    whole = pl.concat([typed, raw.select(settled)], how="horizontal")
    return whole.select(table.names), faults + found


def _settled(table: Table, raw: pl.DataFrame) -> list[str]:
    """Return the columns of few texts, each of which stands for itself and has no fault.

    A text is read as it is anywhere in its column: what repeats is read once.
    """
    settled: list[str] = []
    for attribute in table.attributes:
        name, target = attribute.name, POLARS_TYPES[attribute.kind]
        if name not in raw.columns or raw.schema[name] != pl.String or target != pl.String:
            continue
        texts = raw.select(pl.col(name).unique())
        if texts.height * _REPEATED > raw.height or texts[name].null_count() == texts.height:
            continue
        one = replace(table, attributes=(attribute,))
        read, faults = _read(one, texts, _Place(table.name, "", range(texts.height)))
        if not faults and read.equals(texts):
            settled.append(name)
    return settled


def _read(table: Table, raw: pl.DataFrame, place: _Place) -> tuple[pl.DataFrame, list[Fault]]:
    """Type the columns of ``raw`` that the table has; return them with their faults."""
    written, typed = _typed(table, raw)
    flags = _flags(table, raw, written, typed)
    raised = {kind for kind in flags.columns if flags[kind].any()}
    faults: list[Fault] = []
    for attribute in table.attributes:
        name = attribute.name
        for kind, make in _FAULTS.items():
            if f"{kind}:{name}" in raised:
                cells = _Cells(attribute, written, typed)
                faults += place.listed(flags[f"{kind}:{name}"], name, partial(make, cells))
        is_required = attribute.status is not Status.OPTIONAL and not attribute.default
        if is_required and name not in raw.columns:
            where = Where(table.name, place.sheet, None, name)
            faults.append(fault("E110", where=where, table=table.name, column=name))
    return typed, faults


@dataclass(frozen=True, slots=True)
class _Cells:
    """One column as written and as typed."""

    attribute: Attribute
    written: pl.DataFrame
    typed: pl.DataFrame

    def text(self, row: int) -> str:
        return str(self.written[self.attribute.name][row])

    def value(self, row: int) -> object:
        return self.typed[self.attribute.name][row]


def _typed(table: Table, raw: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cells as text where they had to be read, and the typed table."""
    texts: dict[str, Steps] = {}
    reads: dict[str, Steps] = {}
    for attribute in table.attributes:
        name, target = attribute.name, POLARS_TYPES[attribute.kind]
        if name not in raw.columns or raw[name].null_count() == raw.height:
            texts[name] = (pl.lit(None, pl.String).alias(name),)
            reads[name] = (pl.col(name).cast(target),)
        elif _is_typed(raw.schema[name], target):
            texts[name], reads[name] = (), (pl.col(name).cast(target),)
        else:
            texts[name], reads[name] = as_text(name, raw.schema[name]), parse(attribute)
    written = _take(raw, texts.values()).select(table.names)
    for attribute in table.attributes:
        if attribute.choice and attribute.kind is Kind.LIST:
            lists = translated_lists(attribute, written[attribute.name])
            reads[attribute.name] = parse(attribute, lists=lists)
    typed = _take(written, reads.values())
    typed = typed.with_columns(
        pl.col(a.name).fill_null(_default(a)) for a in table.attributes if a.default
    )
    number = pl.col(pl.Float64)  # whose negative zero would be a second way to write zero
    return written, typed.with_columns(pl.when(number == 0).then(0.0).otherwise(number).name.keep())


def _take(frame: pl.DataFrame, columns: Iterable[Steps]) -> pl.DataFrame:
    """Let all columns take their steps together."""
    for steps in zip_longest(*columns):
        frame = frame.with_columns(step for step in steps if step is not None)
    return frame


def _is_typed(dtype: pl.DataType, target: type[pl.DataType]) -> bool:
    if target == pl.Float64:
        return dtype.is_numeric()
    if target == pl.Date:
        return isinstance(dtype, pl.Date | pl.Datetime)
    if target == pl.Int64:
        return dtype.is_integer()
    return target != pl.String and dtype == target


def _default(attribute: Attribute) -> pl.Expr:
    default: object = attribute.default
    if attribute.kind is Kind.BOOLEAN:
        default = attribute.default == "true"
    elif attribute.kind in (Kind.INTEGER, Kind.YEAR):
        default = int(attribute.default)
    elif attribute.kind in (Kind.NUMBER, Kind.SHARE):
        default = float(attribute.default)
    return pl.lit(default, POLARS_TYPES[attribute.kind])


def _flags(
    table: Table, raw: pl.DataFrame, written: pl.DataFrame, typed: pl.DataFrame
) -> pl.DataFrame:
    """Return for every kind of fault and column which rows have it."""
    both = pl.concat([typed, written.select(pl.all().name.prefix("_"))], how="horizontal")
    flags: list[pl.Expr] = []
    for attribute in table.attributes:
        name, kind = attribute.name, attribute.kind
        if name not in raw.columns:
            continue
        value, text = pl.col(name), pl.col(f"_{name}")
        if raw[name].null_count() == raw.height:
            if attribute.status is not Status.OPTIONAL:
                flags.append(value.is_null().alias(f"missing:{name}"))
            continue
        is_bad = text.is_not_null() & value.is_null()
        if kind is Kind.LIST:
            is_bad &= ~text.str.contains(r"^[;；、,，\s]*$")
        if typed.schema[name] == pl.Float64:
            is_bad |= value.is_not_null() & ~value.is_finite()
        flags.append(is_bad.alias(f"unreadable:{name}"))
        if attribute.low is not None or attribute.high is not None:
            low = float("-inf") if attribute.low is None else attribute.low
            high = float("inf") if attribute.high is None else attribute.high
            flags.append((~is_bad & ~value.is_between(low, high)).alias(f"outside:{name}"))
        if kind in _WRITTEN:
            flags.append(starts_a_formula(value).alias(f"formula:{name}"))
            flags.append(value.str.contains(_CONTROL).alias(f"control:{name}"))
        if attribute.status is not Status.OPTIONAL:
            flags.append((value.is_null() & ~is_bad).alias(f"missing:{name}"))
    made = both.select(flag.fill_null(value=False) for flag in flags)
    return made.with_columns(
        (raw[a.name].abs() >= DIGITS_KEPT).fill_null(value=False).alias(f"digits:{a.name}")
        for a in table.attributes
        if a.kind in _WRITTEN and a.name in raw.columns and raw.schema[a.name].is_float()
    )


def _unreadable(cells: _Cells, row: int, where: Where) -> Fault:
    attribute, value = cells.attribute, cells.text(row)[:60]
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


def _outside(cells: _Cells, row: int, where: Where) -> Fault:
    attribute, value = cells.attribute, cells.value(row)
    if attribute.kind is Kind.SHARE:
        return fault("E111", where=where, value=value)
    low = float("-inf") if attribute.low is None else attribute.low
    high = float("inf") if attribute.high is None else attribute.high
    return fault("E105", where=where, value=value, range=f"[{low:g}, {high:g}]")


def _formula(cells: _Cells, row: int, where: Where) -> Fault:
    return fault("E106", where=where, value=str(cells.value(row))[0])


def _control(cells: _Cells, row: int, where: Where) -> Fault:
    found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", str(cells.value(row)))
    return fault("E108", where=where, value=f"U+{ord(found[0]):04X}" if found else "")


def _digits(cells: _Cells, row: int, where: Where) -> Fault:
    return fault("E112", where=where, value=cells.value(row))


def _missing(_: _Cells, __: int, where: Where) -> Fault:
    return fault("E103", where=where)


_FAULTS: dict[str, Callable[[_Cells, int, Where], Fault]] = {
    "unreadable": _unreadable,
    "outside": _outside,
    "formula": _formula,
    "control": _control,
    "digits": _digits,
    "missing": _missing,
}
