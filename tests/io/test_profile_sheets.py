from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl

from jicheng.io.answer_sheet import read_answers, write_questions
from jicheng.io.profile_sheets import NEEDS, REVIEW, REVIEW_NOTES

ROWS = pl.DataFrame({"text": ["t1"], "capability": ["cap:c"], "score": [0.5]})


def offered(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]


def test_review_offers_none_of_these_and_needs_do_not(tmp_path: Path) -> None:
    write_questions(tmp_path / "review.xlsx", "复核 review", REVIEW, ROWS, REVIEW_NOTES)
    write_questions(tmp_path / "needs.xlsx", "需求 needs", NEEDS, ROWS)
    assert offered(tmp_path / "review.xlsx") == ['"是,否,以上都不是"']
    assert offered(tmp_path / "needs.xlsx") == ['"是,否"']


def test_none_of_these_comes_back_from_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "review.xlsx"
    write_questions(path, "复核 review", REVIEW, ROWS, REVIEW_NOTES)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, 7).value = "以上都不是"
    book.save(path)
    read = read_answers(path, REVIEW, ("text", "capability", "confirm"))
    assert read.table["confirm"].to_list() == ["以上都不是"]
