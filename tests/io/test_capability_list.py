"""A taxonomy of one's own from a file, as offices keep it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from jicheng import taxonomy
from jicheng.errors import InvalidInput
from jicheng.io.capability_list import read_capabilities

ROWS = [
    ["编号", "名称", "英文名称", "上级", "常用说法", "专利分类"],
    ["c1", "光学", "Optics", None, None, None],
    ["c2", "镀膜", "Coating", "光学", "增透膜;AR", "G02B 1/11"],
    [3, "抛光", "Polishing", "c1", None, None],
]


def workbook(path: Path, rows: list[list[object]], sheet: str = "能力") -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    table = book.create_sheet(sheet)
    for row in rows:
        table.append(row)
    book.save(path)
    return path


def test_workbook_with_chinese_headings_is_read(tmp_path: Path) -> None:
    read = read_capabilities(workbook(tmp_path / "a.xlsx", [list(row) for row in ROWS]))
    assert read["id"].to_list() == ["c1", "c2", "3"]
    assert read["parent"].to_list() == [None, "c1", "c1"]
    assert read["ipc"].to_list() == [None, "G02B1/11", None]
    assert read.schema == taxonomy.load().schema


def test_csv_is_read_and_faults_tell_the_line(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,name,parent\n\nc1,光学,\nc2,镀膜,c9\n", "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_capabilities(file)
    assert [(f.code, f.where.row, f.where.column) for f in refused.value.faults] == [
        ("E024", 4, "parent")
    ]
    file.write_text("id,name,parent\nc1,光学,\nc2,镀膜,c1\n", "utf-8")
    assert read_capabilities(file).height == 2


def test_shipped_table_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "shipped.csv"
    taxonomy.load().select(taxonomy.COLUMNS).write_csv(file)
    assert (
        read_capabilities(file)
        .select(taxonomy.COLUMNS)
        .equals(taxonomy.load().select(taxonomy.COLUMNS))
    )


@pytest.mark.parametrize(("name", "code"), [("a.pdf", "E020"), ("a", "E020")])
def test_other_files_are_refused(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / name).write_text("x", "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_capabilities(tmp_path / name)
    assert refused.value.code == code


def test_workbook_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_capabilities(workbook(tmp_path / "a.xlsx", []))
    assert refused.value.code == "E027"


def test_heading_written_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_capabilities(
            workbook(tmp_path / "a.xlsx", [["编号", "名称", "name"], ["a", "b", "c"]])
        )
    assert refused.value.code == "E156"
