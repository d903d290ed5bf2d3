"""CSV as it comes: encodings, quotes, ragged lines; every fault with its line."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import Where
from jicheng.io.limits import Limits
from jicheng.io.text_table import read_text_table


@pytest.fixture
def read(tmp_path):
    def read(data, limits=None):
        file = tmp_path / "t.csv"
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return read_text_table(file, Where("t"), limits or Limits())

    return read


def told(faults):
    return [(f.code, f.where.row) for f in faults]


@pytest.mark.parametrize(
    "data",
    ["a,b\n甲,2\n", "\ufeffa,b\n甲,2\n", "a,b\r\n甲,2\r\n", "a,b\r甲,2", '"a","b"\n"甲","2"',
     "\n\na,b\n甲,2\n\n,\n"],
)  # fmt: skip
def test_same_content_in_many_spellings(read, data):
    table, faults = read(data)
    assert faults == []
    assert table.headings == ("a", "b")
    assert table.frame.rows() == [("甲", "2")]


def test_gb18030_is_read_with_a_warning(read):
    table, (found,) = read("a,b\n光刻机,𠀀\n".encode("gb18030"))
    assert table.frame.rows() == [("光刻机", "𠀀")]
    assert (found.code, found.is_warning) == ("E153", True)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,\xff\xff\xff\n", [("E152", None)]),
        ("a,b\n1,2".encode("utf-16"), [("E152", None)]),
        (b"a,b\n1,\0\n", [("E154", None)]),
        (b"", [("E155", None)]),
        (b"\n \r\n\n", [("E155", None)]),
        (b"a,b\n1\n2,3\n4,5,6\n", [("E158", 2), ("E158", 4)]),
        (b'a,b\n"x\ny",2\n3\n', [("E158", 4)]),
        (b"\n\na,b\n1\n", [("E158", 4)]),
        (b'a,b\n1,2\n3,"x\n4,5\n', [("E159", 3)]),
        (b'a,b\n1,2\n3,12"x\n', [("E159", 3)]),
        (b"a;b\n1;2\n", [("E160", None)]),
        (b"a\tb\n1\t2\n", [("E160", None)]),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(read, data, expected):
    table, faults = read(data)
    assert table is None
    assert told(faults) == expected
    assert all(f.message.zh and f.hint.en for f in faults)


def test_line_of_bad_encoding_is_told(read):
    _, (found,) = read(b"a,b\n1,2\n3,\xff\xff\xff\n")
    assert "3" in found.message.zh


def test_headings_alone_are_a_table_without_rows(read):
    table, faults = read("a,b\n")
    assert (table.frame.height, faults) == (0, [])


def test_lines_count_blank_lines_and_breaks_in_quotes(read):
    table, _ = read('a,b\n\n"x\n\ny",1\n  \nz,"2"\n')
    assert table.frame.rows() == [("x\n\ny", "1"), ("z", "2")]
    assert list(table.lines) == [3, 7]


def test_file_over_the_limit_is_refused_unread(read):
    table, (found,) = read("a,b\n1,2\n", replace(Limits(), file_bytes=5))
    assert table is None
    assert found.code == "E151"
    assert "5 B" in found.message.en


def test_ragged_lines_beyond_a_thousand_are_counted(read):
    _, faults = read("a,b\n" + "1\n" * 1500)
    assert [f.code for f in faults] == ["E158"] * 1000 + ["E109"]


cells = st.text(st.sampled_from('ab,"\n中 '), max_size=5)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6))
def test_reading_agrees_with_the_csv_module(tmp_path_factory, rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["h1", "h2"])
    writer.writerows(rows)
    file = tmp_path_factory.mktemp("csv") / "t.csv"
    file.write_bytes(buffer.getvalue().encode())
    table, faults = read_text_table(file, Where("t"), Limits())
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    # a blank row of another length is a blank line, not a ragged one
    if any(len(row) > 2 for row in rows):
        assert table is None
    elif any(len(row) != 2 for row in filled):
        assert {f.code for f in faults} == {"E158"}
    else:
        assert faults == []
        assert [[cell or "" for cell in row] for row in table.frame.iter_rows()] == filled
        starts, line = [], 2
        for row in rows:
            if any(cell.strip() for cell in row):
                starts.append(line)
            line += 1 + sum(cell.count("\n") for cell in row)
        assert list(table.lines) == starts


def test_a_million_rows_keep_the_line_of_the_last(read):
    body = "a,b\n" + "x,1\n" * 1_000_000 + "y,2\n"
    table, faults = read(body)
    assert faults == []
    assert table.frame.height == 1_000_001
    assert table.lines[1_000_000] == 1_000_002
