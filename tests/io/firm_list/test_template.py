"""The template: says what is asked and how it is counted, and is read back as filled in."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from firm_list_columns import COLUMNS, DIGITAL, REVENUE, YEAR
from jicheng.errors import Text
from jicheng.io.firm_list.columns import CREDIT_CODE, NAME
from jicheng.io.firm_list.reading import read_rows
from jicheng.io.firm_list.template import FIRST_ROW, LIST_SHEET, write_columns
from jicheng.rules.pack.model import Pack, PackKind

PACK = Pack(id="cn.test", version="1", name=Text("测试认定", "A test"), kind=PackKind.QUALIFICATION)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "模板.xlsx"
    write_columns(path, COLUMNS, [PACK], YEAR)
    return path


def test_headings_name_year_and_unit_in_both_languages(template: Path) -> None:
    sheet = openpyxl.load_workbook(template)[LIST_SHEET]
    rows = list(sheet.iter_rows(max_row=3, values_only=True))
    assert "营业收入 2023年（万元）" in rows[0]
    assert "Revenue 2023 (10,000 yuan)" in rows[1]
    assert list(rows[2]) == [column.key for column in COLUMNS]
    assert sheet.freeze_panes == f"B{FIRST_ROW + 1}"


def test_notes_tell_how_it_is_counted_and_who_asks(template: Path) -> None:
    sheet = openpyxl.load_workbook(template)[LIST_SHEET]
    for k, column in enumerate(COLUMNS, 1):
        note = sheet.cell(1, k).comment.text
        assert column.help.en in note
        assert ", ".join(column.packs) in note
        assert (column is NAME) != ("空为未知" in note)


def test_choices_have_drop_downs_and_help_fits_what_excel_allows(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    rules = {
        str(r.sqref).split(":")[0]: r for r in book[LIST_SHEET].data_validations.dataValidation
    }
    letter = chr(ord("A") + COLUMNS.index(DIGITAL))
    area = rules[f"{letter}5"].formula1.split("!")[1].replace("$", "")
    assert [cell[0].value for cell in book["_lists"][area]] == ["国家级", "省级", "没有"]
    for rule in rules.values():
        assert len(rule.prompt or "") <= 255
        assert len(rule.promptTitle or "") <= 32
        assert len(rule.error or "") <= 225


def test_guide_names_the_packs_and_the_year(template: Path) -> None:
    guide = openpyxl.load_workbook(template)["说明 Guide"]
    text = " ".join(str(cell.value) for row in guide.iter_rows() for cell in row)
    assert "cn.test@1" in text
    assert "测试认定" in text
    assert str(YEAR) in text
    assert "空表示“未知”" in text


def test_an_empty_template_holds_no_firm(template: Path) -> None:
    found = read_rows(template, COLUMNS, YEAR)
    assert found.numbers == ()
    assert found.skipped == {FIRST_ROW: "example"}
    assert found.lacking == ()
    assert found.warnings == ()


def test_a_template_of_many_packs_serves_for_one(template: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template)
    book[LIST_SHEET]["A5"] = "某公司"
    book[LIST_SHEET].cell(5, COLUMNS.index(REVENUE[2]) + 1, 3600)
    book.save(tmp_path / "b.xlsx")
    found = read_rows(tmp_path / "b.xlsx", (NAME, CREDIT_CODE, REVENUE[2]), YEAR)
    assert found.said[0]["revenue", 0].low == 3.6e7
    assert found.place.first_row == 4


def test_a_name_written_over_the_example_is_pointed_out(template: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template)
    book[LIST_SHEET]["A4"] = "某公司"
    book.save(tmp_path / "b.xlsx")
    found = read_rows(tmp_path / "b.xlsx", COLUMNS, YEAR)
    assert [(one.code, one.where.row) for one in found.warnings] == [("E959", 4)]
    assert "示例行" in found.warnings[0].message.zh
    assert found.said[0]["revenue", 0].low == 3.6e7  # it would be a sound firm
    assert found.said[0]["national_niche_share", 0].low == 0.12


def test_same_input_gives_the_same_bytes(template: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    write_columns(again, COLUMNS, [PACK], YEAR)
    assert again.read_bytes() == template.read_bytes()


def test_name_and_code_stand_first_though_no_pack_asks(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_columns(path, COLUMNS[2:], [PACK], YEAR)
    sheet = openpyxl.load_workbook(path)[LIST_SHEET]
    assert [sheet.cell(3, k).value for k in (1, 2)] == [NAME.key, CREDIT_CODE.key]
