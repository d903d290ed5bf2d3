"""Hostile and broken files: each is refused with its reason, none is unpacked whole."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.errors import InvalidInput, Text
from jicheng.io.limits import Limits
from jicheng.io.sources.collecting import Collector
from jicheng.io.sources.files import Part, SourceLimits, parts_of, sha256_of
from jicheng.io.sources.values import objects, rows

SMALL = SourceLimits(
    Limits(file_bytes=1_000_000, unpacked_bytes_free=10_000, ratio=20.0, parts=5),
    unpacked_bytes=1_000_000, value_bytes=2_000, records=10,
)  # fmt: skip


def everything(path: Path, limits: SourceLimits = SMALL) -> list[tuple[str, bytes]]:
    return [(one.name, one.stream.read()) for one in parts_of([path], lambda _: True, limits)]


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(InvalidInput) as error:
        call()
    return error.value.code


def part_of(data: bytes, name: str = "x.json") -> Part:
    return Part(name, io.BytesIO(data))


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


def test_zip_bomb_is_refused_on_the_way(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", a=b"0" * 500_000)
    assert code_of(lambda: everything(path)) == "E082"


def test_gzip_bomb_is_refused_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"0" * 500_000))
    assert code_of(lambda: everything(path)) == "E082"


def test_well_packed_small_file_is_fine(tmp_path: Path) -> None:
    path = zipped(tmp_path / "fine.zip", a=b"0" * 9_000)
    assert everything(path) == [("a", b"0" * 9_000)]


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b"0" * 1_000_001)
    assert code_of(lambda: everything(path)) == "E151"


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", **{f"f{n}": b"" for n in range(6)})
    assert code_of(lambda: everything(path)) == "E082"
    folder = tmp_path / "folder"
    folder.mkdir()
    for n in range(6):
        (folder / f"f{n}").write_bytes(b"")
    assert code_of(lambda: everything(folder)) == "E082"


def test_zip_cut_short_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "cut.zip", a=b"hello" * 100)
    path.write_bytes(path.read_bytes()[:-30])
    assert code_of(lambda: everything(path)) == "E082"


def test_gzip_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"hello" * 100)[:-10])
    assert code_of(lambda: everything(path)) == "E082"


def test_zip_with_changed_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "changed.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a", b"hello world")
    path.write_bytes(path.read_bytes().replace(b"hello", b"jello"))
    assert code_of(lambda: everything(path)) == "E082"


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.zip", a=b"hello")
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(bytes(data))
    assert code_of(lambda: everything(path)) == "E082"


def test_member_that_climbs_out_is_only_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "climb.zip", **{"../../evil.csv": b"x"})
    assert everything(path) == [("evil.csv", b"x")]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["climb.zip"]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    assert code_of(lambda: everything(folder)) == "E080"


def test_hash_of_a_file_and_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert sha256_of(tmp_path / "a").startswith("e3b0c44298fc1c14")
    assert sha256_of(tmp_path) == ""


@pytest.mark.parametrize("text", ['{"a":1}\n{"a":2}\n', '[{"a":1},\n {"a":2}]', ' {"a":1}{"a":2} '])
def test_objects_of_lines_arrays_and_single_values(text: str) -> None:
    assert [one["a"] for one in objects(part_of(text.encode()), SMALL)] == [1, 2]


def test_objects_with_a_byte_order_mark() -> None:
    assert list(objects(part_of(b"\xef\xbb\xbf[{}]"), SMALL)) == [{}]


def test_nothing_and_an_empty_array_have_no_objects() -> None:
    assert list(objects(part_of(b""), SMALL)) == []
    assert list(objects(part_of(b" [ ] "), SMALL)) == []


@given(st.lists(st.dictionaries(st.text(max_size=9), st.text(max_size=300), max_size=4)))
def test_objects_survive_any_cut_of_the_stream(made: list[dict[str, str]]) -> None:
    data = json.dumps(made, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    wide = SourceLimits(value_bytes=10**6)
    assert list(objects(part_of(data), wide)) == made
    lines = "\n".join(json.dumps(one) for one in made).encode()
    assert list(objects(part_of(lines), wide)) == made


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe[\x00",
        b'{"a": "\xe9"}',
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": "' + b"x" * 5_000,
        b"[{} {}]x",
        b'"text"',
        b"[[]]",
        b"{} null",
    ],
)
def test_hostile_json_is_refused(data: bytes) -> None:
    assert code_of(lambda: list(objects(part_of(data), SMALL))) == "E081"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rows_by_the_separator_of_their_headings(separator: str) -> None:
    text = f'a{separator}b\n1{separator}"x;,\ty"\n'.encode()
    assert list(rows(part_of(text), ("a",), SMALL)) == [{"a": "1", "b": "x;,\ty"}]


def test_row_of_another_width_comes_empty() -> None:
    assert list(rows(part_of(b"a;b\n1\n1;2;3\n\n"), (), SMALL)) == [{}, {}]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b\n1,2\n", "E080"),
        (b"", "E080"),
        (b"id,b\n\xff,2\n", "E081"),
        (b'id,b\n"1,2\n', "E081"),
        (b"id,b\n" + b"x" * 5_000 + b",1\n", "E081"),
    ],
)
def test_hostile_csv_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: list(rows(part_of(data), ("id",), SMALL))) == code


def test_collector_keeps_the_later_row_and_stops_when_full() -> None:
    taken = Collector(SMALL)
    for day, name in (("2025-01-01", "旧"), ("2026-01-01", "新"), (None, "无")):
        taken.add("organisations", {"id": "o", "name": name, "as_of": day})
    assert taken.frames()["organisations"]["name"].to_list() == ["新"]
    assert taken.has("organisations", "o")
    assert not taken.has("organisations", None)

    def fill() -> None:
        for n in range(11):
            taken.add("people", {"id": f"p{n}", "name": "x"})

    assert code_of(fill) == "E089"


def test_limit_of_cells_holds_for_this_reader_alone() -> None:
    before = csv.field_size_limit()
    list(rows(part_of(b"id\n1\n"), (), SMALL))
    assert csv.field_size_limit() == before


def test_only_wanted_headings_are_read() -> None:
    found = list(rows(part_of(b"id,a,b\n1,2,3\n"), ("id",), SMALL, is_wanted="b".__eq__))
    assert found == [{"b": "3"}]


def test_names_inside_an_archive_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", **{"a\x1b[2J.csv": b"x"})
    assert [name for name, _ in everything(path)] == ["a[2J.csv"]


def test_examples_of_what_was_left_out_cannot_steer_the_terminal() -> None:
    taken = Collector(SMALL)
    taken.leave_out(Text("无", "none"), "a\x1b]0;title\x07b")
    assert "\x1b" not in taken.warnings()[0].message.zh
