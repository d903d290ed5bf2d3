"""Hostile and damaged workbooks are refused before anything opens them."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import replace

import pytest

from jicheng.errors import InvalidInput
from jicheng.io import excel
from jicheng.io.excel.guard import column_name, inspect
from jicheng.io.limits import Limits
from jicheng.zone import Zone
from workbooks import repack, write_book

SITES = {"园区": [["编号", "名称"], ["s1", "北区"]]}
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path):
    return write_book(tmp_path / "b.xlsx", SITES)


def refusal(path, limits=None):
    with pytest.raises(InvalidInput) as caught:
        excel.read(path, limits=limits)
    (found,) = caught.value.faults
    assert found.message.zh != found.message.en
    assert found.hint.zh
    assert found.hint.en
    return found.code


def test_harmless_workbook_passes(book):
    assert excel.read(book)["sites"].height == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "E170"),
        (b"id,name\n", "E170"),
        (b"PK\x03\x04 not really", "E170"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "E171"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "E172"),
    ],
)
def test_file_that_is_no_workbook_is_refused(tmp_path, data, code):
    (tmp_path / "x.xlsx").write_bytes(data)
    assert refusal(tmp_path / "x.xlsx") == code
    with pytest.raises(InvalidInput, match=code):
        Zone.load(tmp_path / "x.xlsx")


def test_absent_file_folder_and_too_large_file_are_refused(book, tmp_path):
    assert refusal(tmp_path / "none.xlsx") == "E150"
    assert refusal(tmp_path) == "E150"
    assert refusal(book, replace(Limits(), file_bytes=100)) == "E151"


def test_other_zip_and_binary_workbook_are_refused(book, tmp_path):
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(tmp_path / "z.xlsx") == "E170"
    repack(book, add={"xl/workbook.bin": b""}, drop=["xl/workbook.xml"])
    assert refusal(book) == "E171"


def test_macros_are_refused_by_part_and_by_name(book, tmp_path):
    macro = tmp_path / "b.xlsm"
    macro.write_bytes(book.read_bytes())
    assert refusal(macro) == "E173"
    assert refusal(repack(book, add={"xl/vbaProject.bin": b"x"})) == "E173"


def test_zip_bomb_is_refused_before_it_unpacks(book):
    repack(book, add={"xl/media/bomb.xml": b"\0" * 60_000_000})
    assert book.stat().st_size < 200_000
    assert refusal(book) == "E174"


def test_sum_of_parts_and_their_number_are_limited(book):
    assert refusal(book, replace(Limits(), unpacked_bytes=1000)) == "E174"
    assert refusal(book, replace(Limits(), parts=3)) == "E174"


def test_part_that_is_larger_than_it_says_is_refused(book):
    repack(book, add={"xl/big.xml": b"<a>" + b" " * 100_000 + b"</a>"})
    data = bytearray(book.read_bytes())
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = 0
        while (start := data.find(mark, start)) >= 0:
            (size,) = struct.unpack_from("<I", data, start + offset)
            if size == 100_007:
                struct.pack_into("<I", data, start + offset, 10)
            start += 4
    book.write_bytes(data)
    assert refusal(book) == "E175"


BILLION = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>"""


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_document_type_with_entities_is_refused(book, part):
    repack(book, change={part: lambda data: BILLION + data.split(b"?>", 1)[1]})
    assert refusal(book) == "E175"


def test_document_type_in_another_encoding_is_refused(book):
    repack(book, change={SHEET: lambda data: data.decode().encode("utf-16")})
    assert refusal(book) == "E175"


def test_part_that_occurs_twice_is_refused(book):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(book, "a") as archive:
        archive.writestr(SHEET, "<x/>")
    assert refusal(book) == "E175"


def test_damaged_parts_are_refused(book):
    repack(book, change={"xl/workbook.xml": lambda data: data[:-20]})
    assert refusal(book) == "E175"
    good = write_book(book, SITES).read_bytes()
    book.write_bytes(good[: len(good) // 2])
    assert refusal(book) == "E170"


@pytest.mark.parametrize("place", ["XFD1048576", "xfd1048576"])
def test_sheet_with_a_cell_at_its_far_corner_is_refused(book, place):
    cell = f'<row r="1048576"><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    repack(book, change={SHEET: lambda data: data.replace(b"</sheetData>", cell)})
    assert refusal(book) == "E186"


def test_cells_without_places_are_counted(book):
    far = b'<row r="1000000">' + b"<c/>" * 16_000 + b"<c><v>1</v></c></row></sheetData>"
    repack(book, change={SHEET: lambda data: data.replace(b"</sheetData>", far)})
    assert refusal(book) == "E186"


def test_formatted_empty_rows_down_to_the_last_are_nothing(book):
    blank = b"".join(
        b'<row r="%d"><c r="A%d" s="1"/></row>' % (r, r) for r in range(1_000_000, 1_048_577)
    )
    repack(book, change={SHEET: lambda d: d.replace(b"</sheetData>", blank + b"</sheetData>")})
    limits = replace(Limits(), ratio=1e9)
    facts = inspect(book, limits).sheets["园区"]
    assert (facts.n_rows, facts.n_columns) == (2, 2)
    assert excel.read(book, limits=limits)["sites"].height == 1


def test_external_links_are_warned_of(book):
    repack(book, add={"xl/externalLinks/externalLink1.xml": b"<x/>"})
    assert [f.code for f in excel.read(book).warnings] == ["E184"]


def test_refused_workbook_leaves_a_zone_folder_as_it_was(book, tmp_path):
    target = tmp_path / "zone"
    excel.read(book).save(target)
    before = {file.name: file.read_bytes() for file in target.iterdir()}
    repack(book, add={"xl/vbaProject.bin": b"x"})
    with pytest.raises(InvalidInput):
        Zone.load(book).save(target)
    assert {file.name: file.read_bytes() for file in target.iterdir()} == before


def test_columns_are_named_as_excel_does():
    assert [column_name(k) for k in (0, 25, 26, 51, 701, 702, 16383)] == [
        "A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]  # fmt: skip
