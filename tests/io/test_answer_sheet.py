from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest

from jicheng.errors import InvalidInput, Text
from jicheng.io.answer_sheet import Question, mark_faults, read_answers, write_questions
from jicheng.io.limits import Limits

QUESTIONS = (
    Question("thing", Text("事项编号", "thing")),
    Question("confirm", Text("确认", "confirm"), answers=(Text("是", "yes"), Text("否", "no")),
             is_answer=True),
    Question("level", Text("水平", "level"), range=(0, 1), is_answer=True),
)  # fmt: skip
TABLE = pl.DataFrame({"thing": ["a:1", "=evil()", None]})


def written(path: Path, table: pl.DataFrame = TABLE) -> Path:
    write_questions(path, "问 asked", QUESTIONS, table, ["说明"])
    return path


def answer(path: Path, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    for cell, value in cells.items():
        book["问 asked"][cell] = value
    book.save(path)


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_sheet_comes_back_as_text_with_its_rows(tmp_path: Path, ending: str) -> None:
    read = read_answers(written(tmp_path / f"s{ending}", TABLE.head(2)), QUESTIONS, ["thing"])
    assert read.table["thing"].to_list() == ["a:1", "'=evil()"]
    assert list(read.rows) == [2, 3]
    assert str(read.where(1, "confirm")).endswith(":3:confirm")


def test_answers_of_a_person_come_back_exactly(tmp_path: Path) -> None:
    path = written(tmp_path / "s.xlsx")
    answer(path, B2="是", C2=0.7, A5="b:2", B5="no", C5="70%")
    read = read_answers(path, QUESTIONS, ["thing", "confirm"])
    assert read.table.rows() == [
        ("a:1", "是", "0.7"), ("'=evil()", None, None), ("b:2", "no", "70%"),
    ]  # fmt: skip
    assert list(read.rows) == [2, 3, 5]


def test_drop_down_offers_the_answers(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(tmp_path / "s.xlsx"))["问 asked"]
    rules = {rule.type: rule for rule in sheet.data_validations.dataValidation}
    assert rules["list"].formula1 == '"是,否"'
    assert "B2" in rules["list"].sqref
    assert (rules["decimal"].formula1, rules["decimal"].formula2) == ("0", "1")


def test_same_questions_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (written(tmp_path / name).read_bytes() for name in ("a.xlsx", "b.xlsx"))
    assert one == other


def test_moved_and_added_columns_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("备注,Confirm,事项编号\nx,yes,a:1\n", "utf-8")
    read = read_answers(path, QUESTIONS, ["thing", "confirm"])
    assert read.table.rows() == [("a:1", "yes", None)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "E032"),
        ("thing,confirm,事项编号\n1,是,2\n", "E156"),
        ("thing,confirm\n1\n", "E158"),
        ("", "E155"),
        ("thing,confirm\n\x00,是\n", "E154"),
    ],
)
def test_csv_that_is_no_such_sheet_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_answers(path, QUESTIONS, ["thing", "confirm"])
    assert caught.value.code == code


def test_workbooks_that_may_do_harm_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    for make, code in (
        (lambda: None, "E150"),
        (lambda: path.write_bytes(b"PK\x03\x04 not a workbook"), "E170"),
        (lambda: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "E171"),
    ):
        make()
        with pytest.raises(InvalidInput) as caught:
            read_answers(path, QUESTIONS, ["thing"])
        assert caught.value.code == code
    written(path)
    with pytest.raises(InvalidInput, match="E186"):
        read_answers(path, QUESTIONS, ["thing"], Limits(cells=3))


def test_formula_without_result_is_refused_by_its_cell(tmp_path: Path) -> None:
    path = written(tmp_path / "s.xlsx")
    answer(path, B2='=IF(1,"是","否")')
    with pytest.raises(InvalidInput) as caught:
        read_answers(path, QUESTIONS, ["thing"])
    found = next(one for one in caught.value.faults if not one.is_warning)
    assert (found.code, found.where.row, found.where.column) == ("E177", 2, "confirm")


def test_copy_marks_the_wrong_cell(tmp_path: Path) -> None:
    from jicheng.errors import fault

    path = written(tmp_path / "s.xlsx")
    read = read_answers(path, QUESTIONS, ["thing"])
    wrong = fault("E033", where=read.where(1, "confirm"), value="x")
    mark_faults(path, [wrong], read.layout, tmp_path / "copy.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx")["问 asked"]
    assert "E033" in sheet["B3"].comment.text
