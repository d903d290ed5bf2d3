"""Files of every encoding, mappings, and files that mean harm."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.io.limits import Limits
from jicheng.io.raw import read_file
from jicheng.io.raw.mapping import read_list_maps
from workbooks import repack, write_book

CODE = "914401010000000430"
TEXT = (
    f"某园区企业名录\n企业名称,统一社会信用代码,联系电话\n甲有限公司,{CODE},020-80000001\n合计,,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_file_is_read_in_every_encoding_and_separator(
    tmp_path: Path, encoding: str, separator: str, newline: str
) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(TEXT.replace(",", separator).replace("\n", newline).encode(encoding))
    file = read_file(path)
    row = file.lists[0].rows[0]
    assert (row.number, row.text("name"), row.text("credit_code")) == (3, "甲有限公司", CODE)
    assert [f.code for f in file.faults] == (["E153"] if encoding == "gb18030" else [])


def test_quoted_cells_may_hold_separators_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '标题,申请人,申请号\n"甲,乙","一公司\n二公司",CN202310123456.7\n丙,丁公司,\n', "utf-8"
    )
    rows = read_file(path).lists[0].rows
    assert [(row.number, row.text("title")) for row in rows] == [(2, "甲,乙"), (4, "丙")]
    assert rows[0].names("applicants") == ("一公司", "二公司")


@pytest.mark.parametrize("second", ["", '15寸"'])
def test_quote_that_is_not_closed_is_refused_by_its_line_not_swallowed(
    tmp_path: Path, second: str
) -> None:
    lines = [f"公司{k}有限公司,{CODE},020-8000000{k},产品" for k in range(9)]
    lines[3] = lines[3].replace("产品", '"专用14寸显示屏')
    lines[7] = lines[7].replace("产品", second or "产品")
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["企业名称,统一社会信用代码,联系电话,主要产品", *lines]), "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_file(path)
    fault = refused.value.faults[0]
    assert (fault.code, fault.where.row) == ("E159", 5)


def test_inches_inside_a_cell_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'企业名称,统一社会信用代码,主要产品\n甲公司,{CODE},14"显示屏\n', "utf-8")
    assert read_file(path).lists[0].rows[0].text("products") == '14"显示屏'


MAPPING = """
[[lists]]
file = "怪*.xlsx"
sheet = "S"
kind = "企业名录"
header_row = 2
columns = { name = "单位", credit_code = "码" }
constants = { kind = "科研院所" }

[lists.values.size]
"规上" = "中型"

[[lists]]
sheet = "别读"
kind = "skip"
"""


def test_mapping_says_what_headings_cannot(tmp_path: Path) -> None:
    rows = [["企业名称", "统一社会信用代码"], ["单位", "码", "企业规模"], ["甲院", CODE, "规上"]]
    path = write_book(tmp_path / "怪名单.xlsx", {"S": rows, "别读": rows})
    file = read_file(path, mapping=tomllib.loads(MAPPING))
    row = file.lists[0].rows[0]
    assert [row.text(k) for k in ("name", "credit_code", "size", "kind")] == [
        "甲院", CODE, "medium", "institute"]  # fmt: skip
    assert (len(file.lists), file.skipped) == (1, ("别读",))


def test_mapping_without_a_row_renames_headings_where_they_stand(tmp_path: Path) -> None:
    rows = [["清单"], ["招牌", "代码", "经费"], ["光刻胶", "T1", 800]]
    mapping = {"lists": [{"kind": "technologies", "columns": {"name": "招牌"},
                          "units": {"funding": "万元"}}]}  # fmt: skip
    file = read_file(write_book(tmp_path / "a.xlsx", {"S": rows}), mapping=mapping)
    assert file.lists[0].rows[0].number_of("funding") == 800.0


@pytest.mark.parametrize(
    "text",
    ["lists = 1", "[[lists]]", "[[lists]]\nkind = 'firm'", "[[lists]]\nkind = 'firms'\nrow = 1",
     "[[lists]]\nkind = 'firms'\nheader_row = 0", "[[lists]]\nkind='firms'\ncolumns={nme='x'}",
     "[[lists]]\nkind='technologies'\nunits={funding='斤'}", "[tables.x]\n", "not toml = ["],
)  # fmt: skip
def test_faulty_mapping_is_refused_with_its_reason(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_list_maps(path)
    assert {f.code for f in refused.value.faults} == {"E642"}


def test_heading_that_the_mapping_names_in_vain_is_told(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", {"S": [["单位", "码"], ["甲", CODE]]})
    mapping = {"lists": [{"kind": "firms", "header_row": 1, "columns": {"name": "单元"}}]}
    with pytest.raises(InvalidInput) as refused:
        read_file(path, mapping=mapping)
    assert "E180" in {f.code for f in refused.value.faults}


def good(tmp_path: Path) -> Path:
    return write_book(tmp_path / "a.xlsx", {"名单": [["企业名称", "信用代码"], ["甲公司", CODE]]})


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_file(path, limits=limits)
    return refused.value.code


def test_hostile_workbooks_are_refused(tmp_path: Path) -> None:
    bomb = repack(good(tmp_path), add={"xl/media/x.bin": b"0" * 60_000_000})
    assert refusal(bomb) == "E174"
    entities = repack(
        good(tmp_path),
        change={"xl/workbook.xml": lambda part: b'<!DOCTYPE a [<!ENTITY x "y">]>' + part},
    )
    assert refusal(entities) == "E175"
    macros = repack(good(tmp_path), add={"xl/vbaProject.bin": b"x"})
    assert refusal(macros) == "E173"
    assert refusal(good(tmp_path), Limits(cells=3)) == "E186"
    assert refusal(good(tmp_path), Limits(file_bytes=10)) == "E151"


def test_endless_cell_is_refused_whatever_else_was_imported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'"' + b"x" * 200_000)
    before = csv.field_size_limit(10_000_000)  # as some libraries do when they are imported
    try:
        assert refusal(path) == "E159"
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"not a zip", "E170"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "E171"),
        ("a.xls", b"x", "E171"),
        ("a.pdf", b"x", "E643"),
        ("a.csv", b"", "E155"),
        ("a.csv", b"\xff\xfea\0b\0", "E152"),
        ("a.csv", b"a\0b", "E154"),
        ("a.csv", b'"' + b"x" * 200_000, "E159"),
    ],
)
def test_files_that_cannot_be_read_are_refused(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert refusal(path) == code
    assert refusal(tmp_path / "absent.csv") == "E150"


@pytest.mark.parametrize(
    ("name", "code"),
    [("~$名录.xlsx", "E666"), ("名录.xls", "E171"), ("名录.et", "E171"), ("名录.docx", "E643")],
)
def test_file_that_is_no_list_is_told_by_what_it_is(tmp_path: Path, name: str, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    with pytest.raises(InvalidInput) as refused:
        read_file(path)
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["空.xlsx", "空.csv"])
def test_file_without_a_byte_is_called_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InvalidInput) as refused:
        read_file(tmp_path / name)
    assert refused.value.code == "E155"
