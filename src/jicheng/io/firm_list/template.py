"""Write the workbook in which a bureau or a firm fills in what some packs ask.

Row 1 has Chinese headings with year and unit, row 2 English ones, row 3 the names that
programs read, row 4 an example that is never read; firms begin in row 5. Choices and
ranges are checked as one types, with help in both languages.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng.atomic import write_file
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.layout import GUIDE_SHEET, LISTS_SHEET
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME, CellKind, Column, unit_of
from jicheng.io.firm_list.examples import EXAMPLE_CODE, EXAMPLE_NAME, example_of
from jicheng.io.firm_list.guide import write_guide
from jicheng.rules.pack.model import Pack

__all__ = ["FIRST_ROW", "LIST_SHEET", "write_columns"]

LIST_SHEET = "企业名单 Firms"
FIRST_ROW = 4  # of firms, counted from 0
_EXAMPLE_ROW = 3
_CHECKED_ROWS = 5000  # rows in which typing is checked
_TITLE, _MESSAGE = 32, 255  # what Excel allows in the help of a cell
_MADE = dt.datetime(2026, 1, 1)  # same input, same bytes
_YES_NO = "yes_no"
_WHO = (NAME, CREDIT_CODE)
_HEAD = {
    "required": "#1F4E79",
    CellKind.NUMBER: "#44688C",
    CellKind.CONDITION: "#4B7F52",
    CellKind.CHOICE: "#7A6A3A",
    CellKind.TEXT: "#7F8C99",
    "judged": "#7B4B8A",
}


@dataclass(frozen=True, slots=True)
class _Styles:
    heads: dict[str, Format]
    english: Format
    machine: Format
    text: Format
    example: Format
    numbers: dict[str, Format]
    example_numbers: dict[str, Format]

    def head(self, column: Column) -> Format:
        if column is NAME:
            return self.heads["required"]
        return self.heads["judged" if column.is_judged else column.kind]

    def cell(self, column: Column, *, is_example: bool = False) -> Format:
        if column.kind is not CellKind.NUMBER:
            return self.example if is_example else self.text
        formats = self.example_numbers if is_example else self.numbers
        return formats[_number_format(column)]


def write_columns(path: Path, columns: Sequence[Column], packs: Sequence[Pack], year: int) -> None:
    """Write the template for these columns, whole or not at all.

    Parameters
    ----------
    path : Path
        The file (.xlsx); an existing one is replaced.
    columns : sequence of Column
        Facts by year; the name and the credit code of the firm go before them.
    packs : sequence of Pack
        What they are for, for the guide.
    year : int
        The evaluation year.

    Notes
    -----
    The same input gives the same bytes.
    """
    shown = [NAME, CREDIT_CODE, *(c for c in columns if c.is_offered and c not in _WHO)]
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "集成 Jicheng", "created": _MADE})
        guide = book.add_worksheet(GUIDE_SHEET)
        sheet = book.add_worksheet(LIST_SHEET)
        styles = _styles(book, shown)
        lists = _write_lists(book, shown)
        colours = {str(name): colour for name, colour in _HEAD.items()}
        write_guide(book, guide, packs, shown, year, colours)
        for k, column in enumerate(shown):
            _write_column(sheet, k, column, styles)
            _check_typing(sheet, k, column, lists)
        _set_page(sheet)
        sheet.activate()
    write_file(path, buffer.getvalue())


def _number_format(column: Column) -> str:
    if column.unit == "ratio":
        return "0.0##%"
    return "#,##0.##" if column.unit == "CNY" else "General"


def _styles(book: xlsxwriter.Workbook, columns: Sequence[Column]) -> _Styles:
    head = {"bold": True, "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter",
            "border": 1, "border_color": "#FFFFFF"}  # fmt: skip
    example = {"italic": True, "font_color": "#8A8A8A", "bg_color": "#F4F4F4", "locked": True}
    formats = sorted({_number_format(column) for column in columns})
    return _Styles(
        heads={name: book.add_format(head | {"bg_color": colour})
               for name, colour in _HEAD.items()},
        english=book.add_format(
            {"italic": True, "font_size": 9, "bg_color": "#E8EDF2", "text_wrap": True}
        ),
        machine=book.add_format({"font_size": 8, "font_color": "#A0A0A0", "bottom": 1}),
        text=book.add_format({"num_format": "@"}),
        example=book.add_format(example | {"num_format": "@"}),
        numbers={one: book.add_format({"num_format": one}) for one in formats},
        example_numbers={one: book.add_format(example | {"num_format": one}) for one in formats},
    )  # fmt: skip


def _write_column(sheet: Worksheet, k: int, column: Column, styles: _Styles) -> None:
    mark = "*" if column is NAME else ""
    heading = column.heading
    sheet.write_string(0, k, heading.zh + mark, styles.head(column))
    sheet.write_string(1, k, heading.en + mark, styles.english)
    sheet.write_string(2, k, column.key, styles.machine)
    note = {"author": "", "x_scale": 1.8, "y_scale": 1.3}
    sheet.write_comment(0, k, note_of(column), note)
    wide = (2 * len(heading.zh) + 3, len(heading.en) + 2)
    width = 34 if column is NAME else 22 if column is CREDIT_CODE else 11
    sheet.set_column(k, k, max(width, *(min(22, one) for one in wide)), styles.cell(column))
    _write_example(sheet, k, column, styles.cell(column, is_example=True))


def note_of(column: Column) -> str:
    """Return the note of a heading: how it is counted, its unit, who asks for it."""
    unit = column.shown_unit.sign
    lines = [column.help.zh or column.label.zh, column.help.en or column.label.en]
    if unit.zh:
        lines.append(f"单位：{unit.zh} / unit: {unit.en}")
    if column.is_judged:
        lines.append("由评审专家填写 / filled in by reviewers")
    if column.packs:
        lines.append(f"用于 / asked by: {', '.join(column.packs)}")
    if column is not NAME:
        lines.append("不知道则留空，空为未知，不是零 / leave empty if unknown: empty is not zero")
    return "\n".join(lines)


def _write_example(sheet: Worksheet, k: int, column: Column, style: Format) -> None:
    if column is NAME:
        sheet.write_string(_EXAMPLE_ROW, k, EXAMPLE_NAME, style)
    elif column is CREDIT_CODE:
        sheet.write_string(_EXAMPLE_ROW, k, EXAMPLE_CODE, style)
    else:
        value = example_of(column)
        if isinstance(value, str):
            sheet.write_string(_EXAMPLE_ROW, k, value, style)
        elif value is None:
            sheet.write_blank(_EXAMPLE_ROW, k, None, style)
        else:
            sheet.write_number(_EXAMPLE_ROW, k, value, style)


def _write_lists(book: xlsxwriter.Workbook, columns: Sequence[Column]) -> dict[str, str]:
    """Write the lists behind the drop-downs; return the range of each."""
    sheet = book.add_worksheet(LISTS_SHEET)
    sheet.hide()
    lists = {_YES_NO: ["是", "否"]}
    lists |= {c.fact: [option.label.zh for option in c.options] for c in columns if c.options}
    ranges: dict[str, str] = {}
    for k, (name, values) in enumerate(lists.items()):
        sheet.write_string(0, k, name)
        for row, value in enumerate(values, 1):
            sheet.write_string(row, k, value)
        letter = column_name(k)
        ranges[name] = f"={LISTS_SHEET}!${letter}$2:${letter}${len(values) + 1}"
    return ranges


def _check_typing(sheet: Worksheet, k: int, column: Column, lists: dict[str, str]) -> None:
    check = _rule(column, lists) | {
        "input_title": column.label.zh[:_TITLE],
        "input_message": f"{column.help.zh}\n{column.help.en}".strip()[:_MESSAGE],
        "ignore_blank": True,
    }
    sheet.data_validation(FIRST_ROW, k, FIRST_ROW + _CHECKED_ROWS - 1, k, check)


def _rule(column: Column, lists: dict[str, str]) -> dict[str, Any]:
    if column.kind is CellKind.CONDITION:
        return {"validate": "list", "source": lists[_YES_NO],
                "error_title": "不能识别 Not understood",
                "error_message": "请选择是或否，不知道则留空 Choose 是 yes, 否 no"}  # fmt: skip
    if column.options:
        return {"validate": "list", "source": lists[column.fact],
                "show_error": not column.is_judged,  # reviewers may give points instead
                "error_title": "不能识别 Not understood",
                "error_message": "请从列表中选择，不知道则留空 Choose from the list"}  # fmt: skip
    if column.kind is CellKind.NUMBER:
        return _range(column)
    return {"validate": "any"}


def _range(column: Column) -> dict[str, Any]:
    """Warn of numbers outside the natural range; a range such as 100～200 may be kept."""
    factor = 1.0 if column.unit == "ratio" else unit_of(column.unit).factor
    low = column.minimum / factor if math.isfinite(column.minimum) else -1e12
    high = column.maximum / factor if math.isfinite(column.maximum) else 1e12
    is_whole = column.is_integer
    shown = f"{low:g} – {high:g}" if column.unit != "ratio" else f"{low:.0%} – {high:.0%}"
    return {
        "validate": "integer" if is_whole else "decimal",
        "criteria": "between",
        "minimum": int(low) if is_whole else low,
        "maximum": int(high) if is_whole else high,
        "error_type": "warning",
        "error_title": "请核对 Please check",
        "error_message": f"通常为 {shown} 之间的数；不知道则留空 "
        f"Usually a number in {shown}; leave it empty if unknown",
    }


def _set_page(sheet: Worksheet) -> None:
    sheet.set_row(0, 48)
    sheet.set_row(1, 36)
    sheet.set_row(2, 12)
    sheet.freeze_panes(FIRST_ROW, 1)
    sheet.set_landscape()
    sheet.set_paper(8)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&L&A&R&P / &N")
