"""The copy that shows staff what to correct."""

from __future__ import annotations

import openpyxl
import pytest
from openpyxl.comments import Comment

from jicheng.errors import Fault, InvalidInput, Text, Where
from jicheng.io import excel
from workbooks import write_book

ROWS = [
    ["编号", "名称", "面积", "经度"],
    ["s1", "北区", "大", 113.2],
    ["s2", "南区", -1, 513],
]


@pytest.fixture
def book(tmp_path):
    return write_book(tmp_path / "b.xlsx", {"园区": ROWS, "技术": [["编号"], ["t1"]]})


def faults_of(path, **options):
    with pytest.raises(InvalidInput) as caught:
        excel.read(path, **options)
    return caught.value.faults


def annotated(path, faults, tmp_path, **options):
    out = tmp_path / "out.xlsx"
    excel.annotate(path, faults, out, **options)
    return openpyxl.load_workbook(out)


def test_bad_cells_are_filled_and_explained_in_both_languages(book, tmp_path):
    copy = annotated(book, faults_of(book), tmp_path)
    sheet = copy["园区"]
    for place in ("C2", "C3", "D3"):
        assert sheet[place].fill.fill_type == "solid"
    assert sheet["B2"].fill.fill_type is None
    text = sheet["C2"].comment.text
    assert "E102" in text
    assert "“大”不是数值" in text
    assert "is not a number" in text


def test_faults_are_listed_in_front_with_links(book, tmp_path):
    faults = faults_of(book)
    copy = annotated(book, faults, tmp_path)
    assert copy.sheetnames[0] == "错误清单 Faults"
    rows = list(copy.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(faults)
    assert ("错误 error", "园区", "C2") in [row[:3] for row in rows]
    assert ("错误 error", "技术", "A1") in [row[:3] for row in rows]  # a missing column
    assert copy.worksheets[0]["C2"].hyperlink.location or copy.worksheets[0]["C2"].hyperlink.ref


def test_original_and_its_values_formats_and_notes_stay(book, tmp_path):
    made = openpyxl.load_workbook(book)
    made["园区"]["C2"].comment = Comment("我的批注", "张三")
    made["园区"]["A2"].font = openpyxl.styles.Font(bold=True)
    made.save(book)
    before = book.read_bytes()
    copy = annotated(book, faults_of(book), tmp_path)
    assert book.read_bytes() == before
    assert copy["园区"]["A2"].font.bold
    assert copy["园区"]["C2"].value == "大"
    assert copy["园区"]["C2"].comment.text.startswith("我的批注")


def test_copy_can_be_corrected_and_read(book, tmp_path):
    copy = annotated(book, faults_of(book), tmp_path)
    copy["园区"]["C2"], copy["园区"]["C3"], copy["园区"]["D3"] = 1, 2, 113.3
    copy["技术"]["B1"], copy["技术"]["B2"] = "名称", "光刻胶"
    copy.save(tmp_path / "fixed.xlsx")
    zone = excel.read(tmp_path / "fixed.xlsx", strict=False)
    assert zone["sites"]["area"].to_list() == [1.0, 2.0]
    assert zone.warnings == ()


def test_annotating_twice_lists_faults_once(book, tmp_path):
    annotated(book, faults_of(book), tmp_path)
    first = tmp_path / "first.xlsx"
    (tmp_path / "out.xlsx").rename(first)
    copy = annotated(first, faults_of(first), tmp_path)
    assert copy.sheetnames.count("错误清单 Faults") == 1


def test_mapped_sheets_are_marked_too(tmp_path):
    path = write_book(tmp_path / "own.xlsx", {"名单": [["标题"], ["代码", "面积"], ["a", "x"]]})
    mapping = {"tables": {"sites": {"header_row": 2, "columns": {"id": "代码", "area": "面积"},
                                    "constants": {"name": "园"}}}}  # fmt: skip
    copy = annotated(path, faults_of(path, mapping=mapping), tmp_path, mapping=mapping)
    assert copy["名单"]["B3"].fill.fill_type == "solid"


def test_fault_without_a_place_or_with_a_dangerous_text_is_only_listed(book, tmp_path):
    odd = Fault("E000", Text("=cmd", "=cmd"), Text("+x", "+x"), Where("t", "无此表", 3, "id"))
    copy = annotated(book, [odd], tmp_path)
    row = next(copy.worksheets[0].iter_rows(min_row=2))
    assert [cell.data_type for cell in row[:8]] == ["s", "s", "s", "s", "s", "s", "s", "s"]
    assert row[3].value == "'=cmd"


def test_copy_over_the_original_is_refused(book):
    before = book.read_bytes()
    with pytest.raises(InvalidInput, match="E114"):
        excel.annotate(book, [], book)
    assert book.read_bytes() == before
