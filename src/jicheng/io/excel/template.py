"""Write the Excel template from the schema, empty or filled with a zone.

Row 1 has Chinese headings, row 2 English ones, row 3 the names that programs read;
data begin in row 4. Choices, ranges, dates and references are checked as one types,
with help in both languages; the lists behind the drop-downs are on a hidden sheet.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng.atomic import write_file
from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.io.excel.guard import column_name
from jicheng.io.excel.guide import write_guide
from jicheng.io.excel.layout import GUIDE_SHEET, LISTS_SHEET, sheet_name
from jicheng.schema import Attribute, Kind, Status, Table, choices, countries, zone_tables
from jicheng.zone import Zone

__all__ = ["write_template"]

_FIRST_ROW = 3  # of data, counted from 0
_CHECKED_ROWS = 5000  # rows in which typing is checked, beside those already filled
_MOST_ROWS = 1_048_576 - _FIRST_ROW
_MOST_CHARACTERS = 32_767
_TITLE, _MESSAGE = 32, 255  # what Excel allows in the help of a cell
_MADE = dt.datetime(2026, 1, 1)  # same input, same bytes
_YES_NO = "yes_no"
_COUNTRIES = "countries"
_UNITS = {
    "wan": "万元",
    "yuan": "元",
    "years": "年",
    "hours": "小时",
    "degree": "度",
    "km2": "平方公里",
    "holders": "个",
    "members": "个",
    "teams": "个",
    "challenges": "项",
}
_UNITS_EN = {"wan": "10,000 yuan"}
_WIDE = ("description", "evidence", "geometry", "reason")


@dataclass(frozen=True, slots=True)
class _Styles:
    required: Format
    optional: Format
    english: Format
    machine: Format
    text: Format
    share: Format
    date: Format
    number: Format

    def of(self, attribute: Attribute) -> Format:
        if attribute.kind is Kind.SHARE:
            return self.share
        if attribute.kind is Kind.DATE:
            return self.date
        if attribute.kind in (Kind.NUMBER, Kind.INTEGER, Kind.YEAR):
            return self.number
        return self.text


def write_template(
    path: Path, *, tables: Sequence[str] | None = None, zone: Zone | None = None
) -> None:
    """Write the workbook to fill in, whole or not at all.

    Parameters
    ----------
    path : Path
        The file (.xlsx); an existing one is replaced.
    tables : sequence of str, optional
        Tables to include; default all.
    zone : Zone, optional
        Its rows are filled in. A sample zone is marked on every sheet.

    Raises
    ------
    InvalidInput
        E107 for an unknown table, E115 for a text and E116 for a table that Excel
        cannot hold.

    Notes
    -----
    The same input gives the same bytes. Numbers are written with 16 digits, so the
    last bit of a float may change; a data package keeps it.
    """
    chosen = list(zone_tables()) if tables is None else list(tables)
    faults = [
        fault("E107", table=name, known=", ".join(zone_tables()))
        for name in chosen
        if name not in zone_tables()
    ]
    if faults:
        raise InvalidInput(faults)
    kept = [zone_tables()[name] for name in zone_tables() if name in chosen]
    if zone is not None:
        _refuse_unwritable(zone, kept)
    is_sample = zone is not None and zone.is_sample
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "集成 Jicheng", "created": _MADE})
        styles = _styles(book)
        write_guide(book, book.add_worksheet(GUIDE_SHEET), kept, is_sample=is_sample)
        sheets = [(table, book.add_worksheet(sheet_name(table))) for table in kept]
        lists = _write_lists(book)
        for table, sheet in sheets:
            frame = zone[table.name] if zone is not None else None
            _write_headings(sheet, table, styles)
            n_rows = 0 if frame is None else _write_rows(sheet, table, frame, styles)
            for k, attribute in enumerate(table.attributes):
                _check_typing(sheet, k, attribute, kept, lists, n_rows)
            _set_page(sheet, is_sample=is_sample)
    write_file(path, buffer.getvalue())


def _refuse_unwritable(zone: Zone, tables: Sequence[Table]) -> None:
    faults: list[Fault] = []
    for table in tables:
        frame = zone[table.name]
        where = Where(table.name)
        if frame.height > _MOST_ROWS:
            faults.append(
                fault("E116", where=where, table=table.name, n=frame.height, limit=_MOST_ROWS)
            )
        for name in frame.columns:
            if frame[name].dtype == pl.String:
                long = (frame[name].str.len_chars() > _MOST_CHARACTERS).fill_null(value=False)
                faults += [
                    fault("E115", where=Where(table.name, column=name), table=table.name,
                          row=row + 1, column=name, limit=_MOST_CHARACTERS)
                    for row in long.arg_true()
                ]  # fmt: skip
    if faults:
        raise InvalidInput(faults)


def _styles(book: xlsxwriter.Workbook) -> _Styles:
    head = {"bold": True, "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter",
            "border": 1, "border_color": "#FFFFFF"}  # fmt: skip
    return _Styles(
        required=book.add_format(head | {"bg_color": "#1F4E79"}),
        optional=book.add_format(head | {"bg_color": "#7F8C99"}),
        english=book.add_format(
            {"italic": True, "font_size": 9, "bg_color": "#E8EDF2", "text_wrap": True}
        ),
        machine=book.add_format({"font_size": 8, "font_color": "#A0A0A0", "bottom": 1}),
        text=book.add_format({"num_format": "@"}),
        share=book.add_format({"num_format": "0.0##%"}),
        date=book.add_format({"num_format": "yyyy-mm-dd"}),
        number=book.add_format({"num_format": "General"}),
    )


def _write_headings(sheet: Worksheet, table: Table, styles: _Styles) -> None:
    for k, attribute in enumerate(table.attributes):
        is_required = attribute.status is not Status.OPTIONAL
        mark = "*" if is_required else ""
        unit_zh = f"（{_UNITS[attribute.unit]}）" if attribute.unit in _UNITS else ""
        unit = _UNITS_EN.get(attribute.unit, attribute.unit)
        unit_en = f" ({unit})" if unit else ""
        head = styles.required if is_required else styles.optional
        sheet.write_string(0, k, f"{attribute.label.zh}{unit_zh}{mark}", head)
        sheet.write_string(1, k, f"{attribute.label.en}{unit_en}{mark}", styles.english)
        sheet.write_string(2, k, attribute.name, styles.machine)
        help_text = f"{attribute.help.zh}\n{attribute.help.en}"
        sheet.write_comment(0, k, help_text, {"author": "", "x_scale": 1.6, "y_scale": 0.9})
        width = 40 if attribute.name in _WIDE else 24 if "name" in attribute.name else 0
        labels = (2 * len(attribute.label.zh + unit_zh) + 3, len(attribute.label.en + unit_en) + 2)
        sheet.set_column(k, k, max(width, 11, *(min(label, 26) for label in labels)),
                         styles.of(attribute))  # fmt: skip
    sheet.set_row(0, 32)
    sheet.set_row(2, 12)
    n_key = 0
    while n_key < len(table.key) and table.attributes[n_key].name in table.key:
        n_key += 1
    sheet.freeze_panes(_FIRST_ROW, max(1, n_key))


def _write_rows(sheet: Worksheet, table: Table, frame: pl.DataFrame, styles: _Styles) -> int:
    for k, attribute in enumerate(table.attributes):
        style = styles.of(attribute)
        for row, value in enumerate(frame[attribute.name], _FIRST_ROW):
            if value is None:
                continue
            shown = _shown(attribute, value)
            if isinstance(shown, str):
                sheet.write_string(row, k, shown, style)
            elif isinstance(shown, dt.date):
                sheet.write_datetime(row, k, dt.datetime.combine(shown, dt.time()), style)
            else:
                sheet.write_number(row, k, shown, style)
    return frame.height


def _shown(attribute: Attribute, value: Any) -> Any:
    """Return a value as staff see it: labels in Chinese for choices, 是 and 否."""
    if attribute.kind is Kind.BOOLEAN:
        return "是" if value else "否"
    if attribute.choice:
        labels = {choice.value: choice.label.zh for choice in choices()[attribute.choice]}
        return ";".join(labels[part] for part in str(value).split(";"))
    return value


def _write_lists(book: xlsxwriter.Workbook) -> dict[str, str]:
    """Write the lists behind the drop-downs; return the range of each."""
    sheet = book.add_worksheet(LISTS_SHEET)
    sheet.hide()
    lists = {name: [choice.label.zh for choice in values] for name, values in choices().items()}
    lists[_YES_NO] = ["是", "否"]
    lists[_COUNTRIES] = [country.name.zh for country in countries().values()]
    ranges: dict[str, str] = {}
    for k, (name, values) in enumerate(lists.items()):
        sheet.write_string(0, k, name)
        for row, value in enumerate(values, 1):
            sheet.write_string(row, k, value)
        letter = column_name(k)
        ranges[name] = f"={LISTS_SHEET}!${letter}$2:${letter}${len(values) + 1}"
    return ranges


def _check_typing(
    sheet: Worksheet,
    k: int,
    attribute: Attribute,
    tables: Sequence[Table],
    lists: dict[str, str],
    n_rows: int,
) -> None:
    help_text = f"{attribute.help.zh}\n{attribute.help.en}"
    check = _rule(attribute, tables, lists) | {
        "input_title": attribute.label.zh[:_TITLE],
        "input_message": help_text[:_MESSAGE],
        "ignore_blank": True,
    }
    sheet.data_validation(_FIRST_ROW, k, _FIRST_ROW + n_rows + _CHECKED_ROWS - 1, k, check)


def _rule(attribute: Attribute, tables: Sequence[Table], lists: dict[str, str]) -> dict[str, Any]:
    kind = attribute.kind
    stop = {"error_title": "不能识别 Not understood"}
    if kind is Kind.CHOICE:
        return stop | {"validate": "list", "source": lists[attribute.choice],
                       "error_message": "请从列表中选择 Choose from the list"}  # fmt: skip
    if kind is Kind.BOOLEAN:
        return stop | {"validate": "list", "source": lists[_YES_NO],
                       "error_message": "请选择是或否 Choose 是 (yes) or 否 (no)"}  # fmt: skip
    if kind is Kind.COUNTRY:
        return {"validate": "list", "source": lists[_COUNTRIES], "show_error": False}
    if kind is Kind.REFERENCE and len(attribute.references) == 1:
        target = next((table for table in tables if table.name == attribute.references[0]), None)
        if target is None:
            return {"validate": "any"}
        last = _FIRST_ROW + _CHECKED_ROWS
        ids = f"'{sheet_name(target)}'!$A${_FIRST_ROW + 1}"
        column = f"'{sheet_name(target)}'!$A${_FIRST_ROW + 1}:$A${last}"
        return {
            "validate": "list",
            "source": f"=OFFSET({ids},0,0,MAX(1,COUNTA({column})),1)",
            "error_type": "warning",
            "error_title": "编号未找到 Id not found",
            "error_message": f"请先在“{sheet_name(target)}”中填写该编号 Add the id there first",
        }
    if kind is Kind.DATE:
        return stop | {"validate": "date", "criteria": ">=", "value": dt.date(1900, 1, 1),
                       "error_message": "请填写日期，如 2026-11-24 Write a date"}  # fmt: skip
    if kind in (Kind.NUMBER, Kind.SHARE, Kind.INTEGER, Kind.YEAR):
        return stop | _range(attribute)
    return {"validate": "any"}


def _range(attribute: Attribute) -> dict[str, Any]:
    is_whole = attribute.kind in (Kind.INTEGER, Kind.YEAR)
    low = -1e12 if attribute.low is None else attribute.low
    high = 1e12 if attribute.high is None else attribute.high
    shown = "0–100%" if attribute.kind is Kind.SHARE else f"{low:g} – {high:g}"
    return {
        "validate": "integer" if is_whole else "decimal",
        "criteria": "between",
        "minimum": int(low) if is_whole else low,
        "maximum": int(high) if is_whole else high,
        "error_message": f"请填写 {shown} 之间的数；不知道则留空 "
        f"Write a number in {shown}; leave it empty if unknown",
    }


def _set_page(sheet: Worksheet, *, is_sample: bool) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_footer("&L&A&R&P / &N")
    if is_sample:
        sheet.set_tab_color("#C0392B")
        sheet.set_header('&C&"bold"示例数据（虚构） SAMPLE DATA, made up')
