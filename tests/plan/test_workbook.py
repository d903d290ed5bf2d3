"""The workbook of a plan: long tables are cut and the notes say where the rest is."""

from __future__ import annotations

import io

import openpyxl
import polars as pl

from jicheng.conform import empty_frame
from jicheng.plan.workbook import MOST_ROWS, plan_workbook, workbook_notes
from jicheng.schema import plan_tables

MANIFEST = {
    "zone": {"is_sample": True, "name": "示例", "name_en": "", "period": 2025, "home": "CHN",
             "content_hash": "0" * 64, "sources": []},
    "scenario": {"zh": "基线", "en": "baseline"},
    "settings": {"home": None, "seed": 1},
    "plan_id": "0" * 16,
    "engine": {"version": "0"},
    "tables": {"points": {"rows": MOST_ROWS + 10}, "verdicts": {"rows": 6}},
}  # fmt: skip


def points(n: int) -> pl.DataFrame:
    schema = empty_frame(plan_tables()["points"]).schema
    rows = [{"organisation": f"org:{k}", "pack": "p@1", "rank": k + 1} for k in range(n)]
    return pl.DataFrame(rows, schema=schema)


def test_long_table_shows_its_first_rows() -> None:
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook({"points": points(MOST_ROWS + 10)}, [])))
    sheet = book[plan_tables()["points"].label.zh]
    assert sheet.max_row == MOST_ROWS + 1
    assert sheet.cell(MOST_ROWS + 1, 1).value == f"org:{MOST_ROWS - 1}"


def test_notes_name_the_tables_that_go_on() -> None:
    told = dict(workbook_notes(MANIFEST))
    assert "tables/points.csv" in told["创新积分 / Innovation points"]
    assert not any("verdicts.csv" in words for words in told.values())
