"""Ledgers: what was written comes back, nothing is lost, nothing runs in a spreadsheet."""

from __future__ import annotations

import contextlib
import csv
import io
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.ledger import add_lines, can_stand, extend_lines, read_ledger

HEADS = ("name", "note")
ANYTHING = st.text(max_size=12)
N_ROWS = 40


def row(name: str, note: str = "") -> dict[str, str]:
    return {"name": name, "note": note}


def cells(path: Path) -> list[tuple[str, str]]:
    return [(one.cells["name"], one.cells["note"]) for one in read_ledger(path, HEADS).lines]


@settings(deadline=None, max_examples=100)
@given(said=st.lists(st.tuples(ANYTHING.filter(bool), ANYTHING), max_size=5))
def test_whatever_people_write_comes_back(
    said: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("said") / "z.csv"
    if not all(can_stand(name) and can_stand(note) for name, note in said):
        with pytest.raises(InvalidInput, match="E118"):
            add_lines(path, HEADS, [row(*one) for one in said])
        assert not path.exists()
        return
    add_lines(path, HEADS, [row(*one) for one in said])
    assert cells(path) == said


@pytest.mark.parametrize(
    "note",
    ["=1+1", "+86", "-2", "@x", "\t=1", " =1", "\u3000=1", "'=1", "'", "＝1", "\n=1", "\r=1"],
)
def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path, note: str) -> None:
    path = tmp_path / "z.csv"
    add_lines(path, HEADS, [row("=a", note)])
    text = path.read_bytes().decode("utf-8-sig")
    written = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert not any(one.lstrip(" \u3000")[:1] in tuple("=+-@\t\r\n＝＋－＠") for one in written)
    assert cells(path) == [("=a", note)]


def test_apostrophe_that_a_person_typed_into_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    path.write_text("name,note\n'tis,'=1\n", "utf-8")
    assert cells(path) == [("'tis", "=1")]


def test_adding_leaves_every_byte_and_column_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    path.write_bytes(b"mark,name , note\r\nx,a,b")  # saved by hand, its last line without an end
    before = path.read_bytes()
    add_lines(path, HEADS, [row("c", "d")])
    assert path.read_bytes().startswith(before)
    ledger = read_ledger(path, HEADS)
    assert ledger.columns == ("mark", *HEADS)
    assert [dict(one.cells) for one in ledger.lines] == [
        {"mark": "x", "name": "a", "note": "b"},
        {"mark": "", "name": "c", "note": "d"},
    ]


def test_extending_adds_what_is_new_and_refuses_to_lose_rows(tmp_path: Path) -> None:
    held, fresh = tmp_path / "held.csv", tmp_path / "fresh.csv"
    extend_lines([held], HEADS, [row("a"), row("b")])
    before = held.read_bytes()
    for wrong in ([row("a")], [row("b"), row("a"), row("c")], []):
        with pytest.raises(InvalidInput, match="E119"):
            extend_lines([fresh, held], HEADS, wrong)
    assert (held.read_bytes(), fresh.exists()) == (before, False)
    extend_lines([fresh, held], HEADS, [row("a"), row("b"), row("c")])
    assert cells(held) == cells(fresh) == [("a", ""), ("b", ""), ("c", "")]


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"a,b\n1,2\n", b'name,note\na,"b', b"name,note\na,b\0",
             b"name,note\na," + b"x" * 200_000, "name,note\n王,李".encode("gb18030")]
)  # fmt: skip
def test_file_that_is_no_ledger_is_refused_and_stays(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "z.csv"
    path.write_bytes(data)
    for act in (lambda: read_ledger(path, HEADS), lambda: add_lines(path, HEADS, [row("a")])):
        with pytest.raises(InvalidInput, match="E118"):
            act()
    assert path.read_bytes() == data


def test_folder_in_the_place_of_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="E118"):
        read_ledger(tmp_path, HEADS)


def test_faults_name_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    path.write_text('name,note\na,"two\nlines"\n,x\nb,\n', "utf-8")
    ledger = read_ledger(path, HEADS)
    with pytest.raises(InvalidInput) as refused:
        ledger.check(lambda one: next((name for name in HEADS if not one[name]), ""))
    assert [(one.code, one.where.row, one.where.column) for one in refused.value.faults] == [
        ("E117", 4, "name"), ("E117", 5, "note")]  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(data=st.binary(max_size=200))
def test_no_bytes_break_reading(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bytes") / "z.csv"
    for start in (b"", b"name,note\n"):
        path.write_bytes(start + data)
        with contextlib.suppress(InvalidInput):  # nothing else may be raised
            read_ledger(path, HEADS)


def _add_many(path: Path, who: str) -> None:
    for number in range(N_ROWS):
        add_lines(path, HEADS, [row(who, str(number))])


def test_two_programs_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    spawned = multiprocessing.get_context("spawn")
    both = [spawned.Process(target=_add_many, args=(path, who)) for who in ("a", "b")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one.exitcode for one in both] == [0, 0]
    assert sorted(cells(path)) == sorted(
        (who, str(number)) for who in "ab" for number in range(N_ROWS)
    )


def test_endless_text_is_refused_and_the_longest_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "z.csv"
    add_lines(path, HEADS, [row("'" + "x" * 99_999)])
    with pytest.raises(InvalidInput, match="E118"):
        add_lines(path, HEADS, [row("x" * 100_001)])
    assert cells(path) == [("'" + "x" * 99_999, "")]
