"""The rows of a list of firms as a table of facts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from jicheng.io.excel.guard import column_name
from jicheng.io.firm_list.columns import FOUNDED, CellKind, Column
from jicheng.io.firm_list.reading import FirmRows
from jicheng.rules.expression.intervals import UNKNOWN, Floats, Interval, Truth
from jicheng.rules.facts.dictionary import Dictionary
from jicheng.rules.facts.table import Choices, FactTable

__all__ = ["facts_of_rows"]

_GROUPS = ("size", "stage", "tech_field")
_MONTHS, _YEAR = ("months_registered", 0), ("founded_year", 0)
Key = tuple[str, int]


def facts_of_rows(rows: FirmRows, dictionary: Dictionary) -> FactTable:
    """Return what a list says as facts; blank cells stay unknown.

    Parameters
    ----------
    rows : FirmRows
        Read and sound.
    dictionary : Dictionary
        With the judgements that the packs bring (:func:`dictionary_for`).

    Returns
    -------
    FactTable
        One subject a firm, in the order of the sheet: its credit code, else its name.
        Each fact names the cells it comes from.
    """
    columns = {(c.column.fact, c.column.offset): c.column for c in rows.place.columns}
    numbers = {
        key: found
        for key, column in columns.items()
        if column.kind is CellKind.NUMBER or column.is_judged
        if (found := _numbers(rows, key)) is not None
    }
    numbers |= _from_foundation(numbers, rows.year)
    choices = {
        column.fact: _choices(rows, column)
        for column in columns.values()
        if column.kind is CellKind.CHOICE
    }
    return FactTable(
        subjects=pl.Series("subject", rows.subjects, dtype=pl.String),
        year=rows.year,
        numbers={key: value for key, value in numbers.items() if key[0] != FOUNDED.fact},
        conditions={
            column.fact: _conditions(rows, column)
            for column in columns.values()
            if column.kind is CellKind.CONDITION
        },
        choices=choices,
        names=pl.Series("name", rows.names, dtype=pl.String),
        groups=pl.DataFrame({name: _values(choices[name]) for name in _GROUPS if name in choices}),
        sources=_sources(rows, columns.values()),
        dictionary=dictionary,
    )


def _numbers(rows: FirmRows, key: Key) -> Interval | None:
    """Return the numbers of a column, NaN where it says nothing; None if it never does."""
    told = [said.get(key) for said in rows.said]
    low = _ends([None if one is None else one.low for one in told])
    high = _ends([None if one is None else one.high for one in told])
    if np.isnan(low).all():
        return None
    return Interval.known(low) if np.array_equal(low, high, equal_nan=True) else Interval(low, high)


def _ends(values: list[float | None]) -> Floats:
    return np.array([np.nan if one is None else one for one in values], dtype=np.float64)


def _from_foundation(numbers: dict[Key, Interval], year: int) -> dict[Key, Interval]:
    """Return months registered and year of foundation from the day, where they are not told.

    The day is kept as its month since year 0; where only the year is known it is a range.
    """
    founded = numbers.get((FOUNDED.fact, 0))
    if founded is None:
        return {}
    end = year * 12 + 11.0
    made = {
        _MONTHS: Interval(np.maximum(end - founded.high, 0), np.maximum(end - founded.low, 0)),
        _YEAR: Interval(founded.low // 12, founded.high // 12),
    }
    return {key: _filled(numbers.get(key), value) for key, value in made.items()}


def _filled(told: Interval | None, made: Interval) -> Interval:
    low, high = made.low, made.high
    if told is not None:
        is_told = ~np.isnan(told.low)
        low, high = np.where(is_told, told.low, low), np.where(is_told, told.high, high)
    return Interval.known(low) if np.array_equal(low, high, equal_nan=True) else Interval(low, high)


def _conditions(rows: FirmRows, column: Column) -> Truth:
    told = [said.get((column.fact, 0)) for said in rows.said]
    certainly = np.array([bool(one and one.condition) for one in told], dtype=np.bool_)
    is_no = np.array([one is not None and one.condition is False for one in told], dtype=np.bool_)
    if bool((certainly | is_no).all()):
        return Truth.known(certainly)
    return Truth(certainly, ~is_no)


def _choices(rows: FirmRows, column: Column) -> Choices:
    values = tuple(option.value for option in column.options)
    place = {value: k for k, value in enumerate(values)}
    told = [said.get((column.fact, 0)) for said in rows.said]
    codes = [UNKNOWN if one is None or one.text is None else place[one.text] for one in told]
    return Choices(values, np.array(codes, dtype=np.int32))


def _values(choices: Choices) -> pl.Series:
    told = [None if code == UNKNOWN else choices.values[code] for code in choices.codes]
    return pl.Series(told, dtype=pl.String)


def _sources(rows: FirmRows, columns: Iterable[Column]) -> dict[str, pl.Series]:
    """Return for each fact the cells that tell it, oldest year first."""
    texts: dict[str, list[list[str]]] = {}
    for column in sorted(columns, key=lambda one: one.offset):
        letter = column_name(rows.place.by_key[column.key].position)
        facts = (_MONTHS[0], _YEAR[0]) if column.fact == FOUNDED.fact else (column.fact,)
        for fact in facts:
            cells = texts.setdefault(fact, [[] for _ in rows.numbers])
            for firm, number in enumerate(rows.numbers):
                if (column.fact, column.offset) in rows.said[firm]:
                    cells[firm].append(f"{letter}{number}")
    sheet = rows.place.sheet
    return {
        fact: pl.Series([f"{sheet}!{','.join(one)}" if one else "" for one in cells])
        for fact, cells in texts.items()
    }
