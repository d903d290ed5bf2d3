"""What is typed into a template is what its facts say, whatever is typed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firm_list_columns import COLUMNS, YEAR
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME, CellKind, Column, unit_of
from jicheng.io.firm_list.facts import facts_of_rows
from jicheng.io.firm_list.reading import read_rows
from jicheng.io.firm_list.template import FIRST_ROW, LIST_SHEET, write_columns
from jicheng.rules.facts.dictionary import fact_dictionary

TYPED = [c for c in COLUMNS if c not in (NAME, CREDIT_CODE)]


def values(column: Column) -> st.SearchStrategy[Any]:
    if column.kind is CellKind.CONDITION:
        return st.sampled_from(["是", "否", None])
    if column.options:
        return st.sampled_from([*(option.label.zh for option in column.options), None])
    if column.unit == "ratio":
        return st.none() | st.integers(0, 100).map(lambda percent: percent / 100)
    return st.none() | st.integers(1, 9)  # close together, so that nothing looks like a slip


rows = st.lists(
    st.fixed_dictionaries({column.key: values(column) for column in TYPED}), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trip") / "t.xlsx"
    write_columns(path, COLUMNS, [], YEAR)
    return path


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows)
def test_facts_say_what_was_typed(template: Path, typed: list[dict[str, Any]]) -> None:
    book = openpyxl.load_workbook(template)
    sheet = book[LIST_SHEET]
    for firm, cells in enumerate(typed):
        cells["tech_staff"] = None  # it may not exceed staff, which is another test
        cells["months_registered"] = None  # nor may a firm have revenue before it is there
        sheet.cell(FIRST_ROW + 1 + firm, 1, f"公司{firm}")
        for k, column in enumerate(COLUMNS, 1):
            if column in TYPED:
                cell = sheet.cell(FIRST_ROW + 1 + firm, k, cells[column.key])
                if column.unit == "ratio":  # as the column is formatted, which openpyxl ignores
                    cell.number_format = "0.0##%"
    path = template.with_name("filled.xlsx")
    book.save(path)
    facts = facts_of_rows(read_rows(path, COLUMNS, YEAR), fact_dictionary())
    for column in TYPED:
        for firm, cells in enumerate(typed):
            assert said(facts, column, firm) == wanted(column, cells[column.key]), column.key


def wanted(column: Column, cell: Any) -> Any:
    if cell is None:
        return None
    if column.kind is CellKind.CONDITION:
        return cell == "是"
    if column.options:
        return next(one.value for one in column.options if one.label.zh == cell)
    return cell if column.unit == "ratio" else cell * unit_of(column.unit).factor


def said(facts: Any, column: Column, firm: int) -> Any:
    if column.kind is CellKind.CONDITION:
        truth = facts.conditions[column.fact]
        return None if truth.is_open[firm] else bool(truth.certainly[firm])
    if column.options:
        choice = facts.choices[column.fact]
        return None if choice.codes[firm] < 0 else choice.values[choice.codes[firm]]
    number = facts.numbers.get((column.fact, column.offset))
    if number is None or math.isnan(number.low[firm]):
        return None
    return float(number.low[firm])
