"""Each fault that lists have, planted in a small workbook and told at its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from jicheng.errors import InvalidInput
from jicheng.io.raw import LeftOut, RawFile, read_file
from workbooks import write_book

CODE = "914401010000000430"
HEADINGS = (
    "序号",
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "联系电话",
    "成立日期",
    "企业规模",
)


def read_rows(tmp_path: Path, *rows: Sequence[Any], name: str = "名单.xlsx") -> RawFile:
    return read_file(write_book(tmp_path / name, {"Sheet1": rows}))


def told(file: RawFile) -> list[tuple[str, int | None, str]]:
    return [(f.code, f.where.row, f.where.column.split(" ")[0]) for f in file.faults]


def firm(tmp_path: Path, *cells: Any) -> tuple[RawFile, dict[str, str | None]]:
    """Read one firm; cells from the column of the code on."""
    file = read_rows(tmp_path, HEADINGS, (1, "岭湾某某科技有限公司", *cells))
    row = file.lists[0].rows[0]
    return file, {name: row.text(name) for name in file.lists[0].place.kind.by_name}


def test_titles_stand_above_headings_and_notes_below(tmp_path: Path) -> None:
    file = read_rows(
        tmp_path,
        ("某园区企业名录",),
        ("截至2024年12月31日", "", "", "单位：万元"),
        (),
        HEADINGS,
        (1, "甲有限公司", CODE),
        (),
        ("合计", "1家"),
        ("备注：以上数据为初步统计，联系人见附件",),
    )
    found = file.lists[0]
    assert (found.kind, found.as_of) == ("firms", "2024-12-31")
    assert [row.text("name") for row in found.rows] == ["甲有限公司"]
    assert found.left_out == {7: LeftOut.TOTAL, 8: LeftOut.NOTE}


@pytest.mark.parametrize("is_merged", [True, False])
def test_headings_take_two_rows_merged_or_not(tmp_path: Path, *, is_merged: bool) -> None:
    def dress(book: xlsxwriter.Workbook) -> None:
        sheet = book.worksheets()[0]
        if is_merged:
            sheet.merge_range("A1:B1", "基本信息")
            sheet.merge_range("C1:D1", "联系方式")
            sheet.merge_range("E1:E2", "成立时间")

    rows = [
        ["基本信息", "", "联系方式", "", "成立时间"],
        ["企业名称", "信用代码", "联系人", "电话", ""],
        ["甲有限公司", CODE, "张三", "020-80000001", "2019年5月"],
    ]
    file = read_file(write_book(tmp_path / "a.xlsx", {"名单": rows}, dress=dress))
    row = file.lists[0].rows[0]
    assert [row.text(k) for k in ("name", "credit_code", "telephone", "founded")] == [
        "甲有限公司", CODE, "02080000001", "2019-05"]  # fmt: skip
    assert row.number == 3


def test_rows_of_units_and_of_column_numbers_are_no_data(tmp_path: Path) -> None:
    file = read_rows(
        tmp_path,
        ("技术名称", "产业链", "攻关经费", "进口依存度"),
        ("甲", "乙", "丙", "丁"),
        ("1", "2", "3", "4"),
        ("光刻胶", "集成电路", "800万元", "90%"),
    )
    assert [row.text("name") for row in file.lists[0].rows] == ["光刻胶"]


def test_headings_repeated_page_by_page_and_groups_are_left_out(tmp_path: Path) -> None:
    file = read_rows(
        tmp_path,
        HEADINGS,
        ("一、重点企业",),
        (1, "甲有限公司", CODE),
        ("", "小计", "", "", ""),
        HEADINGS,
        ("（二）其他企业",),
        (2, "乙有限公司", "", "张三"),
        ("", "（示例）丙有限公司", "", "李四"),
    )
    assert [row.text("name") for row in file.lists[0].rows] == ["甲有限公司", "乙有限公司"]
    assert file.lists[0].left_out == {
        2: LeftOut.NOTE, 4: LeftOut.TOTAL, 5: LeftOut.HEADING, 6: LeftOut.NOTE, 8: LeftOut.EXAMPLE,
    }  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [CODE, f" {CODE} ", "９１４４０１０１００００００0430", "9144 0101-0000 000430", f"'{CODE}"],
)
def test_credit_code_is_read_in_any_width_and_spacing(tmp_path: Path, code: str) -> None:
    file, said = firm(tmp_path, code)
    assert said["credit_code"] == CODE
    assert told(file) == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (float(CODE), "E630"),
        ("9.14401E+17", "E630"),
        ("91440101000000043O", "E370"),
        ("914401010000000431", "E371"),
        ("44010100000004", "E370"),
    ],
)
def test_damaged_credit_code_is_told_and_not_guessed(
    tmp_path: Path, code: object, fault: str
) -> None:
    file, said = firm(tmp_path, code)
    assert said["credit_code"] is None
    assert told(file) == [(fault, 2, "C")]
    assert all(f.is_warning for f in file.faults)


@pytest.mark.parametrize(
    ("cell", "number"),
    [(13800138000.0, "13800138000"), (13800138000, "13800138000"), ("020-80000001", "02080000001"),
     ("020-80000001；13800138000", "02080000001"), ("１３８００１３８０００", "13800138000"),
     ("13800138000.0", "13800138000")],
)  # fmt: skip
def test_telephone_kept_as_a_float_has_its_digits(
    tmp_path: Path, cell: object, number: str
) -> None:
    file, said = firm(tmp_path, CODE, "", cell)
    assert (said["telephone"], told(file)) == (number, [])


def test_telephone_in_scientific_notation_is_told(tmp_path: Path) -> None:
    file, said = firm(tmp_path, CODE, "", "1.38E+10")
    assert (said["telephone"], told(file)) == (None, [("E631", 2, "E")])


@pytest.mark.parametrize("nothing", ["", "无", "—", "--", "/", "待补", "不详", "暂无", "N/A", "　"])
def test_words_for_nothing_mean_unknown(tmp_path: Path, nothing: str) -> None:
    file, said = firm(tmp_path, CODE, nothing, nothing, nothing, nothing)
    assert told(file) == []
    assert {said[k] for k in ("legal_person", "telephone", "founded", "size")} == {None}


def test_date_of_excel_and_its_serial_number_are_one(tmp_path: Path) -> None:
    for cell in (dt.date(2024, 3, 15), 45366, "45366"):
        file, said = firm(tmp_path, CODE, "", "", cell)
        assert (said["founded"], told(file)) == ("2024-03-15", [])


def test_doubtful_day_and_unknown_word_are_told(tmp_path: Path) -> None:
    file, said = firm(tmp_path, CODE, "", "", "03/04/2021", "规上")
    assert (said["founded"], said["size"]) == (None, None)
    assert told(file) == [("E632", 2, "F"), ("E634", 2, "G")]


def test_error_of_excel_and_formula_without_result_are_told(tmp_path: Path) -> None:
    def dress(book: xlsxwriter.Workbook) -> None:
        sheet = book.worksheets()[0]
        sheet.write_formula("D2", "=NA()", None, "#N/A")
        sheet.write_formula("F2", "=A1", None, "")

    path = write_book(tmp_path / "a.xlsx", {"s": [HEADINGS, (1, "甲有限公司", CODE)]}, dress=dress)
    codes = [(code, column) for code, _, column in told(read_file(path))]
    assert ("E176", "D") in codes


def test_hidden_duplicates_count_once_and_are_told(tmp_path: Path) -> None:
    file = read_rows(
        tmp_path,
        HEADINGS,
        (1, "岭湾某某（集团）有限公司", CODE, "张三"),
        (2, " 岭湾某某(集团) 有限公司", "９１４４０１０１００００００0430", "李四"),
        (3, "岭湾某某（集团）有限公司", "", "王五"),
    )
    assert [row.number for row in file.lists[0].rows] == [2, 4]
    assert told(file) == [("E638", 3, "")]


def test_row_without_a_name_is_told(tmp_path: Path) -> None:
    file = read_rows(tmp_path, HEADINGS, (1, "", CODE, "张三"), (2, "甲有限公司", CODE))
    assert told(file) == [("E637", 2, "")]
    assert len(file.lists[0].rows) == 1


def test_cells_merged_downwards_hold_for_every_row(tmp_path: Path) -> None:
    def dress(book: xlsxwriter.Workbook) -> None:
        book.worksheets()[0].merge_range("A2:A4", "某某研究院")

    rows = [
        ["所属单位", "仪器名称", "规格型号"],
        ["某某研究院", "质谱仪", "A"],
        ["", "光谱仪", "B"],
        ["", "热分析仪", "C"],
        ["", "无主仪器", "D"],
    ]
    file = read_file(write_book(tmp_path / "a.xlsx", {"仪器": rows}, dress=dress))
    owners = [row.names("owner") for row in file.lists[0].rows]
    assert owners == [("某某研究院",)] * 3 + [()]


@pytest.mark.parametrize(
    ("heading", "cell", "wan"),
    [
        ("攻关经费（万元）", 800, 800.0),
        ("攻关经费(元)", 8_000_000, 800.0),
        ("攻关经费（亿元）", 0.08, 800.0),
        ("攻关经费", "800万元", 800.0),
        ("攻关经费（元）", "800万", 800.0),
        ("攻关经费（万元）", "约800", 800.0),
        ("攻关经费（万元）", "600-1000", 800.0),
        ("攻关经费（万元）", "1,2００", 1200.0),
    ],
)
def test_amounts_take_the_unit_of_the_cell_else_of_the_heading(
    tmp_path: Path, heading: str, cell: object, wan: float
) -> None:
    rows = [["技术名称", "产业链", heading], ["光刻胶", "集成电路", cell]]
    file = read_rows(tmp_path, *rows)
    assert file.lists[0].rows[0].number_of("funding") == wan
    assert told(file) == []


def test_amount_without_any_unit_is_told(tmp_path: Path) -> None:
    file = read_rows(
        tmp_path, ["技术名称", "产业链", "攻关经费"], ["光刻胶", "集成电路", 800],
        ["靶材", "集成电路", "若干"],
    )  # fmt: skip
    assert told(file) == [("E633", 2, "C"), ("E634", 3, "C")]


def test_unit_of_the_sheet_counts_where_a_heading_has_none(tmp_path: Path) -> None:
    file = read_rows(
        tmp_path, ["资金安排", "", "单位：万元"], ["资金名称", "资金性质", "安排金额"],
        ["专项资金", "财政资金", 5000],
    )  # fmt: skip
    assert file.lists[0].rows[0].number_of("amount") == 5000.0


@pytest.mark.parametrize(
    ("cell", "share"), [("85%", 0.85), (0.85, 0.85), (85, 0.85), ("约85％", 0.85), ("85", 0.85)]
)
def test_share_is_read_with_or_without_its_sign(tmp_path: Path, cell: object, share: float) -> None:
    file = read_rows(tmp_path, ["技术名称", "产业链", "进口依存度"], ["光刻胶", "集成电路", cell])
    assert file.lists[0].rows[0].number_of("import_reliance") == pytest.approx(share)


def test_text_that_a_spreadsheet_would_run_is_not_read(tmp_path: Path) -> None:
    rows = [HEADINGS, (1, "=HYPERLINK(1)", CODE), (2, "甲有限公司", CODE, "@SUM(A1)")]
    file = read_rows(tmp_path, *rows)
    assert told(file) == [("E658", 2, "B"), ("E658", 3, "D")]
    assert [row.text("name") for row in file.lists[0].rows] == ["甲有限公司"]


def test_columns_that_are_not_used_are_named_once(tmp_path: Path) -> None:
    rows = [(*HEADINGS, "食堂评分", "备注"), (1, "甲有限公司", CODE, "", "", "", "", 5, "")]
    file = read_rows(tmp_path, *rows)
    assert told(file) == [("E641", 1, "")]
    assert "食堂评分" in file.faults[0].message.zh
    assert "备注" not in file.faults[0].message.zh


def test_two_columns_about_the_same_are_told_and_the_label_wins(tmp_path: Path) -> None:
    rows = [("单位名称", "企业名称", "统一社会信用代码"), ("甲", "甲有限公司", CODE)]
    file = read_rows(tmp_path, *rows)
    assert file.lists[0].rows[0].text("name") == "甲有限公司"
    assert told(file) == [("E657", 1, "A")]


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (("申请号", "标题", "摘要", "申请人", "IPC"), "patents"),
        (("公开（公告）号", "标题（中文）", "申请（专利权）人", "发明人", "申请日"), "patents"),
        (("Application number", "Title", "Assignee", "Inventor", "Filing date"), "patents"),
        (("题名", "作者", "机构", "刊名", "年份"), "papers"),
        (("Title", "Authors", "Affiliations", "Journal", "DOI"), "papers"),
        (("项目编号", "项目名称", "承担单位", "项目负责人", "立项时间"), "projects"),
        (("仪器设备名称", "型号", "生产厂家", "所在单位"), "equipment"),
        (("姓名", "工作单位", "职称", "研究方向"), "people"),
        (("技术名称", "产业链", "主要来源国及份额", "进口依存度"), "technologies"),
        (("被投资企业", "股东名称", "持股比例"), "shareholders"),
        (("资金名称", "资金性质", "安排金额（万元）"), "purses"),
        (("Company name", "Unified social credit code", "Legal representative"), "firms"),
    ],
)
def test_kind_is_known_by_the_headings(
    tmp_path: Path, headings: tuple[str, ...], kind: str
) -> None:
    file = read_rows(tmp_path, ("序号", *headings), (1, *(["甲"] * len(headings))), name="a.xlsx")
    assert file.lists[0].kind == kind


def test_sheet_that_is_no_list_is_told_and_a_file_without_any_refused(tmp_path: Path) -> None:
    book = {"名单": [HEADINGS, (1, "甲有限公司", CODE)], "说明": [["请如实填写"]], "空": []}
    file = read_file(write_book(tmp_path / "a.xlsx", book))
    assert (file.skipped, [f.code for f in file.faults]) == (("说明",), ["E639"])
    with pytest.raises(InvalidInput) as refused:
        read_file(write_book(tmp_path / "b.xlsx", {"说明": [["请如实填写"]]}))
    assert [f.code for f in refused.value.faults] == ["E640"]


PATENT_HEADINGS = ("申请号", "公开号", "标题", "申请人", "发明人", "申请日")


@pytest.mark.parametrize(
    ("first", "second", "is_repeated"),
    [
        (("CN202310000001.1", "", "甲一公司"), ("CN202310000002.2", "", "甲一公司"), False),
        (("CN202310000001.1", "", "甲一公司"), ("CN202310000001.1", "", "乙二公司"), True),
        (("CN202310000001.1", "", "甲一公司"), ("", "", "甲一公司"), True),
        (("CN202310000001.1", "", "甲一公司"), ("", "", "乙二公司"), False),
        (("", "", "甲一公司"), ("", "", "乙二公司"), False),
        (("", "CN116000001A", "甲一公司"), ("CN202310000001.1", "CN116000001A", "甲一"), True),
    ],
)
def test_patents_of_one_title_are_one_only_if_number_or_applicant_agrees(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], is_repeated: bool
) -> None:
    rows = [(number, publication, "一种检测装置", owner, "钱一", 2023)
            for number, publication, owner in (first, second)]  # fmt: skip
    file = read_rows(tmp_path, PATENT_HEADINGS, *rows, name="专利.xlsx")
    assert ("E638" in [code for code, *_ in told(file)]) is is_repeated
    assert len(file.lists[0].rows) == 2 - is_repeated
