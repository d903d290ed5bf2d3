"""The first sheet of the firm list's template: how to fill it in, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jicheng.io.firm_list.columns import CellKind, Column
from jicheng.rules.pack.model import Pack

__all__ = ["write_guide"]

_STEPS = (
    ("每家企业一行，从“企业名单”的第 5 行开始填写；前 3 行请勿改动，第 4 行是示例，程序不读取。",
     "One row a firm, from row 5 of the sheet of firms on; leave the first three rows as they "
     "are. Row 4 is an example and is never read."),
    ("只有企业名称必填。不知道的格留空：空表示“未知”，不是零；结果会给出分数区间，并指出还缺什么。",
     "Only the name is required. Leave empty what you do not know: empty means unknown, never "
     "zero; the result then gives points from-to and names what is missing."),
    ("金额按标题中的单位（万元）填写；也可在格中写明单位，如 3.6亿元、1200元。",
     "Amounts are in the unit of the heading (10,000 yuan); a unit in the cell itself goes "
     "first: 3.6亿元, 1200元."),
    ("比例写作 5% 或在 % 列中写 5；不确定的数可写范围，如 100～120。",
     "Write a share as 5%, or 5 in a column with %; a number that is not sure may be a range: "
     "100～120."),
    ("是否类填 是 或 否（✓、× 也可）；选项从下拉列表选择。",
     "Answer 是 (yes) or 否 (no), ✓ and × will do; choose choices from their list."),
    ("名次、距今年数等列，从未获得的填“无”，不知道的留空。",
     "In columns of ranks and of years since something, 无 (none) means it never was; leave it "
     "empty if unknown."),
    ("可以增加自己的列（如联系人），结果表会原样保留。不要合并单元格。",
     "Columns of your own (a contact, say) may be added and are kept. Do not merge cells."),
    ("填好后运行 jicheng qualify 文件名；有错的格会在副本中标红并说明改法。",
     "When done run jicheng qualify FILE: cells that are wrong are marked in a copy, each with "
     "what to do."),
)  # fmt: skip
_LEGEND = (
    ("required", "必填", "required"),
    (CellKind.NUMBER, "数", "a number"),
    (CellKind.CONDITION, "是或否", "yes or no"),
    (CellKind.CHOICE, "从列表选择", "choose from a list"),
    ("judged", "由评审专家填写", "filled in by reviewers"),
)
DRAFT = ("草案：有要素未经核实或缺失，结果不是官方认定",
         "draft rules: some elements are unverified or missing; no official finding")  # fmt: skip


def write_guide(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    packs: Sequence[Pack],
    columns: Sequence[Column],
    year: int,
    colours: Mapping[str, str],
) -> None:
    """Write purpose, steps, legend and the packs that the list is for."""
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#1F4E79"})
    chapter = book.add_format({"bold": True, "font_size": 12, "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    english = book.add_format(
        {"text_wrap": True, "valign": "top", "font_color": "#5F6B76", "italic": True}
    )
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 2, 62)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, "集成 企业名单填报表 / Jicheng, list of firms", title)
    sheet.write_string(
        1, 0, f"评价年度 {year}：按 {year} 年及以前各年的数据 / evaluation year {year}", text
    )
    sheet.write_string(3, 0, "填写方法 How to fill in", chapter)
    row = 3
    for number, (chinese, other) in enumerate(_STEPS, 1):
        row += 1
        sheet.write_string(row, 0, str(number), text)
        sheet.write_string(row, 1, chinese, text)
        sheet.write_string(row, 2, other, english)
        sheet.set_row(row, 34)
    row = _write_legend(book, sheet, row + 2, chapter, colours)
    row = _write_packs(sheet, row, packs, (chapter, text, english))
    _write_facts(sheet, row, columns, (chapter, text, english))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_legend(
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    row: int,
    chapter: Format,
    colours: Mapping[str, str],
) -> int:
    sheet.write_string(row, 0, "图例 Legend", chapter)
    for name, chinese, english in _LEGEND:
        row += 1
        shade = book.add_format(
            {"bg_color": colours[str(name)], "font_color": "#FFFFFF", "border": 1}
        )
        sheet.write_string(row, 0, "标题 Heading", shade)
        sheet.write_string(row, 1, chinese)
        sheet.write_string(row, 2, english)
    return row + 2


def _write_packs(
    sheet: Worksheet, row: int, packs: Sequence[Pack], styles: tuple[Format, Format, Format]
) -> int:
    chapter, text, english = styles
    sheet.write_string(row, 0, "规则包 Rule packs", chapter)
    for pack in packs:
        row += 1
        draft = pack.is_draft
        sheet.write_string(row, 0, pack.key, text)
        sheet.write_string(row, 1, pack.name.zh + (f"（{DRAFT[0]}）" if draft else ""), text)
        sheet.write_string(row, 2, pack.name.en + (f" ({DRAFT[1]})" if draft else ""), english)
    return row + 2


def _write_facts(
    sheet: Worksheet, row: int, columns: Sequence[Column], styles: tuple[Format, Format, Format]
) -> None:
    chapter, text, english = styles
    sheet.write_string(row, 0, "各项如何计算 How each is counted", chapter)
    told: set[str] = set()
    for column in columns:
        if column.fact in told:
            continue
        told.add(column.fact)
        row += 1
        sheet.write_string(row, 0, column.label.zh, text)
        sheet.write_string(row, 1, column.help.zh or column.label.zh, text)
        sheet.write_string(row, 2, column.help.en or column.label.en, english)
