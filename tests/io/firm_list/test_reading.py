"""Lists of firms as staff send them: read whole, or refused with every fault in its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from firm_list_columns import COLUMNS, YEAR
from jicheng.errors import InvalidInput
from jicheng.io.excel.annotate import mark
from jicheng.io.firm_list.reading import FirmRows, RefusedList, read_rows
from workbooks import write_book

HEADINGS = [
    "企业名称",
    "统一社会信用代码",
    "职工总数",
    "科技人员数",
    "营业收入2025年（万元）",
    "高新技术企业有效",
]
FIRM = ["甲公司", "91330100799655058B", 60, 13, 3600, "是"]


def read(tmp_path: Path, rows: Sequence[Sequence[Any]], **sheets: Any) -> FirmRows:
    path = write_book(tmp_path / "名单.xlsx", {"Sheet1": rows, **sheets})
    return read_rows(path, COLUMNS, YEAR)


def refused(tmp_path: Path, rows: Sequence[Sequence[Any]]) -> list[tuple[str, int | None, str]]:
    with pytest.raises(RefusedList) as caught:
        read(tmp_path, rows)
    return [(f.code, f.where.row, f.where.column.split(" ")[0]) for f in caught.value.faults]


def doubts(found: FirmRows) -> list[str]:
    return [f.message.zh for f in found.warnings if f.code == "E959"]


def test_a_list_of_ones_own_is_read_by_its_headings(tmp_path: Path) -> None:
    found = read(tmp_path, [["某区企业情况表"], HEADINGS, FIRM])
    assert found.names == ["甲公司"]
    assert found.subjects == ["91330100799655058B"]
    assert found.numbers == (3,)
    assert found.said[0]["revenue", 0].low == 3.6e7
    assert found.said[0]["hte_valid", 0].condition is True
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("heading", "offset", "yuan"),
    [
        ("营业收入 2024 年（万元）", -1, 1e4),
        ("营业收入（2024年度，元）", -1, 1.0),
        ("2024年营业收入（亿元）", -1, 1e8),
        ("上年营业收入（万元）", -1, 1e4),
        ("营业收入（千元）", 0, 1e3),
        ("营业收入\nRevenue 2023 (10,000 yuan)", -2, 1e4),
        ("Revenue 2025 (yuan)", 0, 1.0),
    ],
)
def test_year_and_unit_are_taken_from_the_heading(
    tmp_path: Path, heading: str, offset: int, yuan: float
) -> None:
    found = read(tmp_path, [["公司名称", heading], ["甲公司", "1,000"]])
    assert found.said[0]["revenue", offset].low == 1000 * yuan


def test_money_without_a_unit_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, [["企业名称", "营业收入2025"], ["甲公司", 3600]]) == [("E958", 1, "B")]


def test_a_unit_for_the_whole_sheet_or_in_a_row_of_its_own_counts(tmp_path: Path) -> None:
    whole = [
        ["某区企业情况表", "", "单位：万元"],
        ["企业名称", "营业收入", "研发费用"],
        ["甲", 1, 2],
    ]
    own = [["企业名称", "营业收入", "研发费用"], ["", "万元", "（元）"], ["甲", 1, 2]]
    assert read(tmp_path, whole).said[0]["rd_expense", 0].low == 2e4
    found = read(tmp_path, own).said[0]
    assert (found["revenue", 0].low, found["rd_expense", 0].low) == (1e4, 2.0)


def test_years_below_a_common_heading_are_read(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0, 0, ["企业名称", "营业收入（万元）", "", "", "研发费用（元）", "", "职工总数"]
        )
        sheet.merge_range(0, 1, 0, 3, "营业收入（万元）")
        sheet.write_row(1, 1, [2023, "2024年", 2025, "2024年", "2025年"])
        sheet.write_row(2, 0, ["甲公司", 1, 2, 3, 4, 5, 60])
    found = read_rows(path, COLUMNS, YEAR)
    said = {key: one.low for key, one in found.said[0].items() if key[0] != "name"}
    assert said == {
        ("revenue", -2): 1e4, ("revenue", -1): 2e4, ("revenue", 0): 3e4,
        ("rd_expense", -1): 4.0, ("rd_expense", 0): 5.0, ("staff_total", 0): 60.0,
    }  # fmt: skip
    assert found.numbers == (3,)


def test_headings_that_contradict_in_their_units_are_refused(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "营业收入（元）"],
        ["Name of the firm", "Revenue (10,000 yuan)"],
        ["甲", 5],
    ]
    assert ("E958", 1, "B") in refused(tmp_path, rows)


def test_rows_that_are_no_firms_are_left_out(tmp_path: Path) -> None:
    example, total = ["示例：某某公司", "", 10, 2, 1, "是"], ["合　计", "", 70, 15, 3601, ""]
    found = read(tmp_path, [HEADINGS, example, FIRM, [], total])
    assert found.names == ["甲公司"]
    assert found.skipped == {2: "example", 5: "total"}


def test_a_row_without_a_name_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, [HEADINGS, ["", "", 60, 13, 3600, "是"]]) == [("E103", 2, "A")]


def test_every_fault_is_listed_with_row_and_column(tmp_path: Path) -> None:
    rows = [
        HEADINGS,
        ["甲公司", "913301007996550588", "六十", 13, 3600, "是"],
        ["乙公司", "914403001922038216", 60, 61, "3,600万", "也许"],
        ["甲公司", "", -1, 13, "约3600", "是"],
    ]
    assert sorted(refused(tmp_path, rows), key=str) == sorted(
        [
            ("E956", 2, "B"),
            ("E102", 2, "C"),
            ("E958", 3, "C"),
            ("E958", 3, "D"),
            ("E102", 3, "F"),
            ("E957", 4, "A"),
            ("E105", 4, "C"),
            ("E102", 4, "E"),
        ],
        key=str,
    )


def test_a_credit_code_stored_as_a_number_is_refused(tmp_path: Path) -> None:
    rows = [HEADINGS, ["甲公司", 914403001922038216, 60, 13, 3600, "是"]]
    assert refused(tmp_path, rows) == [("E112", 2, "B")]


def test_the_same_code_under_two_names_is_one_firm_twice(tmp_path: Path) -> None:
    rows = [HEADINGS, FIRM, ["甲公司（新名）", "9133 0100 7996 5505 8b", 60, 13, 3600, "是"]]
    assert refused(tmp_path, rows) == [("E957", 3, "B")]


def test_years_before_the_foundation_are_refused(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "注册满月数", "营业收入2023年（万元）", "营业收入2025年（万元）"],
        ["甲公司", dt.date(2024, 6, 1), 900, ""],
    ]
    assert refused(tmp_path, rows) == [("E958", 2, "C")]


def test_what_happens_but_rarely_is_a_warning_and_kept(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "职工总数", "营业收入（万元）", "营业收入2024（万元）", "研发费用（万元）"],
        ["初创公司", 10, 50, 40, 80],
        ["单位填错公司", 60, 36_000_000, 3500, 180],
    ]  # fmt: skip
    found = read(tmp_path, rows)
    told = doubts(found)
    assert any("研发费用”大于" in text for text in told)
    assert any("人均" in text for text in told)
    assert any("与上年相差" in text for text in told)
    assert found.said[0]["rd_expense", 0].low == 8e5


def test_years_that_run_backwards_in_one_fact_are_pointed_out(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "营业收入2024(元)", "营业收入(元)", "研发费用(元)", "研发费用2024(元)"],
        ["甲公司", 3.5e7, 3.6e7, 1.8e6, 1.7e6],
    ]  # fmt: skip
    assert any("先后" in text for text in doubts(read(tmp_path, rows)))


def test_columns_of_ones_own_are_kept_and_near_misses_told(tmp_path: Path) -> None:
    rows = [
        [*HEADINGS, "联系人", "研发费（万元）2025", "营业收入2020（万元）"],
        [*FIRM, "张三", 1, 2],
    ]
    found = read(tmp_path, rows)
    assert list(found.place.others.values()) == [
        "联系人",
        "研发费（万元）2025",
        "营业收入2020（万元）",
    ]
    assert any("是否指“研发费用”" in text for text in doubts(found))
    assert any("2023–2025" in text for text in doubts(found))


def test_a_percent_cell_holds_the_share_and_a_plain_one_percent(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["企业名称", "国内市场占有率（%）"])
        sheet.write_row(1, 0, ["甲公司"])
        sheet.write_number(1, 1, 0.12, book.add_format({"num_format": "0.0%"}))
        sheet.write_row(2, 0, ["乙公司", 12])
        sheet.write_row(3, 0, ["丙公司", "12％"])
    found = read_rows(path, COLUMNS, YEAR)
    assert [said["national_niche_share", 0].low for said in found.said] == [0.12, 0.12, 0.12]


def test_a_share_below_one_in_a_column_of_percent_is_pointed_out(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "国内市场占有率（%）"],
        ["甲公司", 0.05],
        ["乙公司", 5],
        ["丙公司", "0.05%"],
    ]
    found = read(tmp_path, rows)
    assert [said["national_niche_share", 0].low for said in found.said] == [0.0005, 0.05, 0.0005]
    assert [(f.code, f.where.row) for f in found.warnings] == [("E959", 2)]


def test_formulas_count_by_their_result_and_errors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, FIRM)
        sheet.write_formula(1, 2, "=50+10", None, 60)
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    with pytest.raises(RefusedList) as caught:
        read_rows(path, COLUMNS, YEAR)
    assert [(f.code, f.where.row) for f in caught.value.faults] == [("E176", 2)]


def test_merged_cells_in_the_data_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.merge_range(1, 0, 2, 0, "甲公司")
        sheet.write_row(1, 2, [60, 13])
    with pytest.raises(RefusedList) as caught:
        read_rows(path, COLUMNS, YEAR)
    assert "E178" in [f.code for f in caught.value.faults]


def test_a_workbook_without_a_list_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, [["项目", "金额"], ["甲", 1]])
    (found,) = caught.value.faults
    assert found.code == "E955"
    assert "企业名称" in found.hint.zh
    assert "--template" in found.hint.en


def test_the_list_is_found_on_any_sheet(tmp_path: Path) -> None:
    found = read(tmp_path, [["封面"]], 名单=[[], [], HEADINGS, FIRM])
    assert (found.place.sheet, found.place.header_row) == ("名单", 3)


def test_a_second_list_in_the_workbook_is_pointed_out(tmp_path: Path) -> None:
    other = ["乙公司", "914403001922038216", 30, 3, 900, "否"]
    found = read(tmp_path, [HEADINGS, FIRM], 知识城=[HEADINGS, other])
    assert found.names == ["甲公司"]
    assert [(f.code, f.where.sheet) for f in found.warnings] == [("E959", "知识城")]


def test_values_left_from_the_example_are_pointed_out(tmp_path: Path) -> None:
    example = ["示例：某某公司", "", 60, 13, 3600, "是"]
    found = read(tmp_path, [HEADINGS, example, ["甲公司", "", 60, 13, 3600, "否"]])
    assert doubts(found) == []  # three of four may be chance
    found = read(tmp_path, [HEADINGS, example, ["甲公司", "", 60, 13, 3600, "是"]])
    assert any("示例行" in text for text in doubts(found))


def test_wrong_cells_are_marked_in_a_copy(tmp_path: Path) -> None:
    rows = [HEADINGS, ["甲公司", "", 10, 13, "约3600", "是"]]
    with pytest.raises(RefusedList) as caught:
        read(tmp_path, rows)
    copy = tmp_path / "批注.xlsx"
    mark(tmp_path / "名单.xlsx", caught.value.found, copy, [caught.value.layout])
    book = openpyxl.load_workbook(copy)
    marked = {cell.coordinate for row in book["Sheet1"].iter_rows() for cell in row if cell.comment}
    assert marked == {"C2", "D2", "E2"}
    assert book.sheetnames[0] == "错误清单 Faults"


def test_the_order_of_rows_changes_no_fact(tmp_path: Path) -> None:
    other = ["乙公司", "", 30, 3, 900, "否"]
    one = read(tmp_path, [HEADINGS, FIRM, other])
    two = read(tmp_path, [HEADINGS, other, FIRM])
    assert one.said == two.said[::-1]


def test_columns_that_are_not_used_are_named_once_with_their_place(tmp_path: Path) -> None:
    found = read(tmp_path, [["序号", *HEADINGS, "联系人"], [1, *FIRM, "张三"]])
    (warning,) = found.warnings
    assert (warning.code, warning.where.row, warning.where.column) == ("E959", 1, "A 序号")
    assert "A 序号、H 联系人" in warning.message.zh
    assert "A 序号, H 联系人" in warning.message.en


def test_a_synonym_beside_the_heading_itself_is_a_column_of_ones_own(tmp_path: Path) -> None:
    columns = [
        replace(one, also=("销售收入",)) if one.fact == "revenue" else one for one in COLUMNS
    ]
    heads = [*HEADINGS, "销售收入2025年（万元）"]
    path = write_book(tmp_path / "名单.xlsx", {"Sheet1": [heads, [*FIRM, 3500]]})
    found = read_rows(path, columns, YEAR)
    assert found.said[0]["revenue", 0].low == 3.6e7
    assert [one.where.column for one in found.warnings] == ["G 销售收入2025年（万元）"]
