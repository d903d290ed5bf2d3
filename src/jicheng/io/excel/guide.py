"""The first sheet of the template: how to fill it in, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from jicheng.io.excel.layout import sheet_name
from jicheng.schema import Table

__all__ = ["write_guide"]

_STEPS = (
    ("每张表一个工作表，从第 4 行开始填写；前 3 行请勿改动。",
     "One sheet a table; fill in from row 4 on and leave the first three rows as they are."),
    ("标有 * 的列必须填写，其余可空。空表示“未知”，不是零，也不是安全。",
     "Columns with * are required. An empty cell means unknown: never zero, never safe."),
    ("编号自定，一经使用请勿更改；其他表用编号引用它。",
     "Ids are yours to choose; once used, keep them: other tables refer to them."),
    ("份额写作 61% 或 0.61；金额单位见标题；日期写作 2026-11-24；国家写三位代码或中文名。",
     "Write a share as 61% or 0.61, a date as 2026-11-24, a country by code or name; "
     "the unit of money is in the heading."),
    ("多个值用分号分隔。不要合并单元格，不要在单元格中写公式。",
     "Separate several values by semicolons. Do not merge cells; write values, not formulas."),
    ("按国家口径时，“其他”“各国”等汇总行的国家留空；按国家与按企业的份额互不相加。",
     "In shares by country, leave the country empty for aggregates such as 'others'; "
     "shares by country and by firm are never added."),
    ("填写完毕后运行 jicheng check；错误会按工作表、行、列列出。",
     "When done run jicheng check: it lists every fault by sheet, row and column."),
)  # fmt: skip


def write_guide(
    book: xlsxwriter.Workbook, sheet: Worksheet, tables: Sequence[Table], *, is_sample: bool
) -> None:
    """Write purpose, steps, legend and the list of tables with links to their sheets."""
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F4E79"})
    chapter = book.add_format({"bold": True, "font_size": 12, "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    english = book.add_format(
        {"text_wrap": True, "valign": "top", "font_color": "#5F6B76", "italic": True}
    )
    link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 2, 58)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "集成 高新区数据填报表 / Jicheng, data of a zone", title)
    row = 2
    if is_sample:
        alarm = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#C0392B"})
        mark = "示例数据（虚构），仅供试用 / SAMPLE DATA, made up, for trying things out"
        sheet.write_string(row, 0, mark, alarm)
        row += 2
    sheet.write_string(row, 0, "填写方法 How to fill in", chapter)
    for number, (chinese, other) in enumerate(_STEPS, 1):
        row += 1
        sheet.write_string(row, 0, str(number), text)
        sheet.write_string(row, 1, chinese, text)
        sheet.write_string(row, 2, other, english)
        sheet.set_row(row, 32)
    row = _write_legend(book, sheet, row + 2, chapter)
    sheet.write_string(row, 0, "数据表 Tables", chapter)
    for table in tables:
        row += 1
        name = sheet_name(table)
        sheet.write_url(row, 0, f"internal:'{name}'!A4", link, name)
        sheet.write_string(row, 1, table.help.zh, text)
        sheet.write_string(row, 2, table.help.en, english)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if is_sample:
        sheet.set_tab_color("#C0392B")


def _write_legend(
    book: xlsxwriter.Workbook, sheet: Worksheet, row: int, chapter: xlsxwriter.format.Format
) -> int:
    """Write what the colours of headings mean; return the row below."""
    sheet.write_string(row, 0, "图例 Legend", chapter)
    for colour, ink, chinese, english in (
        ("#1F4E79", "#FFFFFF", "必填列", "required column"),
        ("#7F8C99", "#FFFFFF", "可空列", "optional column"),
        ("#FFFFFF", "#A0A0A0", "程序识别用，请勿改动", "read by the program: leave as it is"),
    ):
        row += 1
        shade = book.add_format({"bg_color": colour, "font_color": ink, "border": 1})
        sheet.write_string(row, 0, "标题 Heading", shade)
        sheet.write_string(row, 1, chinese)
        sheet.write_string(row, 2, english)
    return row + 2
