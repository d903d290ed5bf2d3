"""Workbooks as people make them: recognised, mapped, and every fault with its cell."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from jicheng.errors import InvalidInput
from jicheng.io import excel
from jicheng.zone import Zone
from workbooks import write_book

SITES = [["编号*", "名称*", "面积（km2）"], ["s1", "北区", 1.5], ["s2", "南区", "2,000"]]


def read(path, **options):
    return excel.read(path, strict=False, **options)


def refused(path, **options):
    with pytest.raises(InvalidInput) as caught:
        excel.read(path, **options)
    assert all(f.message.zh and f.message.en and f.hint.zh and f.hint.en
               for f in caught.value.faults)  # fmt: skip
    return [(f.code, str(f.where)) for f in caught.value.faults]


@pytest.fixture
def book(tmp_path):
    def book(sheets, **options):
        return write_book(tmp_path / "b.xlsx", sheets, **options)

    return book


# The project's own headings


@pytest.mark.parametrize("name", ["园区", "sites", "Sites", "园区 sites", "园区 2026"])
def test_sheet_is_known_by_its_name_in_either_language(book, name):
    zone = read(book({name: SITES}))
    assert zone["sites"]["area"].to_list() == [1.5, 2000.0]


def test_sheet_is_known_by_its_row_of_names_whatever_it_is_called(book):
    zone = read(
        book(
            {"Blatt1": [["id", "kind", "amount", "name", "chains"], ["p", "财政资金", 5, "基", ""]]}
        )
    )
    assert zone["purses"]["kind"].to_list() == ["public"]


def test_headings_may_stand_below_a_title_and_in_several_rows(book):
    rows = [["2026年园区名单"], [], SITES[0], ["Id", "Name", "Area"], ["s1", "北区", 3]]
    zone = read(book({"园区": rows}))
    assert zone["sites"].select("id", "area").rows() == [("s1", 3.0)]


def test_sheet_that_is_no_table_is_skipped_with_a_warning(book):
    zone = read(book({"园区": SITES, "备注": [["随便写写"]], "空": []}))
    assert [(f.code, f.where.sheet) for f in zone.warnings] == [("E182", "备注")]


def test_sheet_that_is_empty_is_an_absent_table_with_a_warning(book):
    zone = read(book({"园区": SITES, "组织": []}))
    assert [(f.code, f.where.sheet) for f in zone.warnings] == [("E155", "组织")]
    assert list(zone.tables) == ["sites"]


def test_workbook_without_any_table_is_refused(book):
    assert refused(book({"Sheet1": []})) == [("E185", "")]
    assert [code for code, _ in refused(book({"Sheet1": [["x"]]}))] == ["E185", "E182"]


def test_sheet_of_a_table_without_headings_is_refused(book):
    assert refused(book({"园区": [["s1", "北区"], ["s2", "南区"]]})) == [("E180", "园区")]


def test_two_sheets_of_one_table_are_joined_and_faults_find_their_own(book):
    sheets = {
        "园区 2025": SITES,
        "园区 2026": [SITES[0], ["s3", "东区", None], ["s1", "西区", None]],
    }
    path = book(sheets)
    assert read(path)["sites"].height == 4
    assert refused(path) == [("E123", "园区 2025:2:id")]


def test_unknown_heading_and_repeated_heading_are_named(book):
    rows = [["编号", "名称", "name", "颜色", None], ["s", "a", "b", "红", "x"]]
    assert refused(book({"园区": rows})) == [
        ("E157", "园区:1"),
        ("E156", "园区:1:name"),
        ("E101", "园区:颜色"),
    ]


# Cells


def test_every_fault_is_listed_by_sheet_row_and_column(book):
    rows = [
        ["编号", "名称", "面积", "经度", "数据日期"],
        ["s1", "北区", "大", 113.2, "昨天"],
        [],
        ["s2", "=cmd|x", -1, 513, dt.date(2026, 1, 2)],
        [None, "南区", None, None, None],
    ]
    assert refused(book({"园区": rows})) == [
        ("E103", "园区:5:id"),
        ("E106", "园区:4:name"),
        ("E105", "园区:4:longitude"),
        ("E102", "园区:2:area"),
        ("E105", "园区:4:area"),
        ("E102", "园区:2:as_of"),
    ]


def test_faults_of_consistency_name_the_cell_too(book):
    sheets = {
        "技术": [["编号", "名称"], ["t1", "光刻胶"]],
        "供给": [["技术", "供给方", "国家", "份额"], ["t1", "JPN", "日本", 0.7],
               ["t2", "USA", "美国", 0.2], ["t1", "DEU", "德国", "40%"]],
    }  # fmt: skip
    assert refused(book(sheets)) == [("E121", "供给:3:technology"), ("E126", "供给:2:share")]


def test_cell_that_shows_an_error_is_refused_not_read_as_empty(book):
    def dress(wb):
        sheet = wb.get_worksheet_by_name("园区")
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_string(2, 2, "#N/A")

    assert refused(book({"园区": SITES}, dress=dress)) == [
        ("E176", "园区:2:area"),
        ("E176", "园区:3:area"),
    ]


def test_formula_counts_by_its_stored_result_with_a_warning(book):
    def dress(wb):
        wb.get_worksheet_by_name("园区").write_formula(1, 2, "=3*4", None, 12)

    zone = read(book({"园区": SITES}, dress=dress))
    assert zone["sites"]["area"].to_list() == [12.0, 2000.0]
    assert [f.code for f in zone.warnings] == ["E183"]


def test_formula_without_a_stored_result_is_refused_not_read_as_empty(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "园区"
    for row in (["编号", "名称", "面积"], ["s1", "北区", "=3*4"], ["=B2", "南区", 1]):
        made.active.append(row)
    made.save(tmp_path / "f.xlsx")
    assert [f for f in refused(tmp_path / "f.xlsx") if f[0] == "E177"] == [
        ("E177", "园区:2:area"),
        ("E177", "园区:3:id"),
    ]


def test_merged_cells_in_the_data_are_refused_and_above_it_are_fine(book):
    rows = [["园区名单", None, None], *SITES]

    def above(wb):
        wb.get_worksheet_by_name("园区").merge_range("A1:C1", "园区名单")

    def inside(wb):
        wb.get_worksheet_by_name("园区").merge_range("C3:C4", 1.5)

    assert read(book({"园区": rows}, dress=above))["sites"].height == 2
    path = book({"园区": rows}, dress=inside)
    assert refused(path) == [("E178", "园区:3:area")]
    with pytest.raises(InvalidInput, match="C3:C4"):
        excel.read(path)


def test_dates_as_dates_text_and_serial_numbers(book):
    rows = [["编号", "名称", "数据日期"], ["a", "a", dt.date(2026, 11, 24)],
            ["b", "b", "2026年11月24日"], ["c", "c", 46350], ["d", "d", 20261124]]  # fmt: skip
    zone = read(book({"园区": rows}))
    assert zone["sites"]["as_of"].to_list() == [dt.date(2026, 11, 24)] * 4
    assert [f.code for f in zone.warnings] == ["E187"]


def test_serial_dates_follow_the_calendar_of_the_workbook(tmp_path):
    made = openpyxl.Workbook()
    made.epoch = dt.datetime(1904, 1, 1)
    made.active.title = "园区"
    for row in (["编号", "名称", "数据日期"], ["a", "a", 46350 - 1462]):
        made.active.append(row)
    made.save(tmp_path / "mac.xlsx")
    assert read(tmp_path / "mac.xlsx")["sites"]["as_of"].to_list() == [dt.date(2026, 11, 24)]


def test_numbers_as_text_and_codes_as_numbers(book):
    rows = [["编号", "名称", "类型", "统一社会信用代码", "参与成本"],
            [1001, "甲", "企业", "914400000000000001", "1,200"]]  # fmt: skip
    zone = read(book({"组织": rows}))
    row = zone["organisations"].row(0, named=True)
    assert (row["id"], row["cost"]) == ("1001", 1200.0)
    rows[1][3] = 914400000000000001
    assert refused(book({"组织": rows})) == [("E112", "组织:2:credit_code")]


def test_blank_rows_after_the_data_are_nothing(book):
    zone = read(book({"园区": [*SITES, [" "], [None, "  "], []]}))
    assert zone["sites"].height == 2


# Mappings


OWN = {
    "说明": [["本表由科创局填写"]],
    "企业名单": [
        ["2026年企业名单", None, None, None],
        ["统一社会\n信用代码", "企业名称", "规模", "投入（元）", "是否可牵头"],
        ["A1", "甲公司", "规上", 2_000_000, "是"],
        ["A2", "乙公司", "小型", "500,000", None],
        ["合计", None, None, 2_500_000, None],
    ],
    "高校": [["代码", "校名"], ["U1", "某大学"]],
}
MAPPING = """
[[tables.organisations]]
sheet = "企业名单"
header_row = 2
columns = { id = "统一社会信用代码", name = "企业名称", size = "规模", cost = "投入(元)", may_lead = "是否可牵头" }
constants = { kind = "firm", country = "中国" }
factors = { cost = 0.0001 }
[tables.organisations.values.size]
"规上" = "medium"

[[tables.organisations]]
sheet = "高校"
columns = { id = "代码", name = "校名" }
constants = { kind = "高校" }
"""  # noqa: E501 - an inline table of TOML is one line


def test_own_sheets_are_read_through_a_mapping_file(book, tmp_path):
    sheets = OWN | {"企业名单": OWN["企业名单"][:-1]}
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING, "utf-8")
    zone = read(book(sheets), mapping=mapping)
    rows = zone["organisations"].select("id", "kind", "size", "cost", "country", "may_lead").rows()
    assert rows == [
        ("A1", "firm", "medium", 200.0, "CHN", True),
        ("A2", "firm", "small", 50.0, "CHN", None),
        ("U1", "university", None, None, None, None),
    ]


def test_total_row_of_an_own_sheet_is_refused_with_its_place(book, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING, "utf-8")
    assert refused(book(OWN), mapping=mapping) == [("E103", "企业名单:5:name")]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("[tables", [("E181", "m.toml")]),
        ("x = 1", [("E181", "m.toml"), ("E181", "m.toml")]),
        ("[tables.organisation]\ncolumns={id='代码'}", [("E107", "m.toml")]),
        ("[tables.sites]\ncolums={id='代码'}", [("E181", "m.toml")]),
        ("[tables.sites]\nsheet='高校'", [("E181", "m.toml")]),
        ("[tables.sites]\ncolumns={id=1}", [("E181", "m.toml")]),
        ("[tables.sites]\nheader_row=0\ncolumns={id='代码'}", [("E181", "m.toml")]),
        ("[tables.sites]\ncolumns={idd='代码'}", [("E101", "m.toml")]),
        ("[tables.sites]\ncolumns={name='校名'}\nfactors={name=2}", [("E181", "m.toml")]),
        ("[tables.sites]\nsheet='高效'\ncolumns={id='代码'}", [("E179", "高效")]),
        ("[tables.sites]\ncolumns={id='代码'}", [("E179", "sites")]),
        ("[tables.sites]\nsheet='高校'\ncolumns={id='代号', name='校名'}",
         [("E180", "高校:1:id"), ("E110", "高校:id")]),
        ("[tables.sites]\nsheet='高校'\nheader_row=9\ncolumns={id='代码'}",
         [("E180", "高校:9:id")]),
    ],
)  # fmt: skip
def test_mapping_that_is_wrong_names_what_and_where(book, tmp_path, mapping, expected):
    (tmp_path / "m.toml").write_text(mapping, "utf-8")
    assert refused(book(OWN), mapping=tmp_path / "m.toml") == expected


def test_mapping_may_be_given_as_tables_and_must_exist_as_a_file(book, tmp_path):
    given = {"tables": {"sites": {"sheet": "高校", "columns": {"id": "代码", "name": "校名"}}}}
    assert read(book(OWN), mapping=given)["sites"]["id"].to_list() == ["U1"]
    assert refused(book(OWN), mapping=tmp_path / "none.toml") == [("E150", "")]


def test_workbook_is_loaded_by_content_whatever_its_name(book, tmp_path):
    renamed = tmp_path / "download"
    book({"园区": SITES}).rename(renamed)
    assert Zone.load(renamed)["sites"].height == 2
