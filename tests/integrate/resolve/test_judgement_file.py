"""Judgements as a file: read back exactly, safe to open, refused with a place when broken."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.integrate.resolve import Judgements, Verdict

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
SAID = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS, st.booleans()), max_size=6)
HEADS = "number,left,right,verdict,who,at,why,undoes"
GOOD = "1,a,b,same,王,2026-03-01T09:00:00+08:00,核实,"


def made(said: list[tuple[str, str, str, str, bool]]) -> Judgements:
    judgements = Judgements()
    for left, right, who, why, undo in said:
        if left == right or not who.strip() or not why.strip():
            continue
        judgements = judgements.say(left, right, Verdict.SAME, who=who, at=NOW, why=why)
        if undo:
            number = judgements.held()[0].number
            judgements = judgements.undo(number, who=who, at=NOW, why=why)
    return judgements


@settings(deadline=None, max_examples=80)
@given(SAID)
def test_file_is_read_back_exactly(said) -> None:
    judgements = made(said)
    assert Judgements.of_csv(judgements.as_csv()) == judgements


@pytest.mark.parametrize("why", ["=1+1", "+86", "-2", "@x", "\t=1", " =1", "'=1", "＝1", "\n=1"])
def test_no_cell_is_run_by_a_spreadsheet(why: str) -> None:
    judgements = Judgements().say("=a", "b", Verdict.SAME, who="@王", at=NOW, why=why)
    cells = list(csv.reader(io.StringIO(judgements.as_csv().decode("utf-8-sig"), newline="")))[1]
    assert not any(cell.lstrip(" \u3000")[:1] in tuple("=+-@\t\r\n＝＋－＠") for cell in cells)
    assert Judgements.of_csv(judgements.as_csv()) == judgements


@pytest.mark.parametrize(
    ("lines", "code", "row"),
    [
        ([], "E383", None),
        (["number,left,right"], "E383", None),
        ([HEADS, GOOD.replace("same", "maybe")], "E384", 2),
        ([HEADS, GOOD.replace("1,a", "x,a")], "E384", 2),
        ([HEADS, GOOD.replace("a,b", "b,a")], "E384", 2),
        ([HEADS, GOOD.replace("a,b", "a,a")], "E384", 2),
        ([HEADS, GOOD.replace("王", " ")], "E384", 2),
        ([HEADS, GOOD.replace("+08:00", "")], "E384", 2),
        ([HEADS, GOOD.replace("2026-03-01T09:00:00+08:00", "2026/3/1")], "E384", 2),
        ([HEADS, GOOD, GOOD], "E384", 3),
        ([HEADS, GOOD, GOOD.replace("1,a", "2,a").replace("same", "undo") + "9"], "E384", 3),
        ([HEADS, GOOD, GOOD.replace("1,a,b", "2,a,c").replace("same", "undo") + "1"], "E384", 3),
        ([HEADS, GOOD, GOOD.replace("1,a", "2,a") + "1"], "E384", 3),
        ([HEADS, GOOD, GOOD.replace("1,a", "2,a").replace("same", "undo")], "E384", 3),
        ([HEADS, "1,a"], "E384", 2),
        ([HEADS, '1,a,"b'], "E382", None),
        ([HEADS, "1,a,b\0"], "E382", None),
        ([HEADS, "1," + "x" * 200_000], "E382", None),
    ],
)  # fmt: skip
def test_broken_file_is_refused_with_its_line(lines: list[str], code: str, row: int | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        Judgements.of_csv("\n".join(lines).encode())
    assert refused.value.code == code
    assert refused.value.faults[0].where.row == row


@settings(deadline=None, max_examples=80)
@given(st.binary(max_size=200))
def test_no_bytes_break_reading(data: bytes) -> None:
    for start in (b"", f"{HEADS}\n".encode()):
        with contextlib.suppress(InvalidInput):  # nothing else may be raised
            assert isinstance(Judgements.of_csv(start + data), Judgements)


def test_no_file_is_no_judgements_and_a_folder_is_refused(tmp_path: Path) -> None:
    assert Judgements.read(tmp_path / "none.csv") == Judgements()
    with pytest.raises(InvalidInput) as refused:
        Judgements.read(tmp_path)
    assert refused.value.code == "E382"


def test_old_export_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "z.judgements.csv"
    file.write_bytes(f"{HEADS}\n{GOOD}\n".encode("gb18030"))
    with pytest.raises(InvalidInput) as refused:
        Judgements.read(file)
    assert refused.value.code == "E382"


def test_those_about_some_records_keep_their_numbers() -> None:
    said = made([("a", "b", "王", "核实", False), ("c", "d", "王", "核实", True)])
    said = said.say("c", "e", Verdict.DIFFERENT, who="王", at=NOW, why="两家")
    assert [row.number for row in said.about(["c", "d", "e"]).rows] == [
        row.number for row in said.rows if row.left == "c"
    ]
    more = said.about(["c", "e"]).say("c", "e", Verdict.SAME, who="王", at=NOW, why="更正")
    assert more.rows[-1].number == said.rows[-1].number + 1


@pytest.mark.parametrize("text", ["\ud800", "a\0"])
def test_text_that_no_file_can_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Judgements().say("a", "b", Verdict.SAME, who="王", at=NOW, why=text)


def test_continuing_is_adding_only() -> None:
    one = made([("a", "b", "王", "核实", False)])
    two = one.undo(1, who="王", at=NOW, why="误判")
    assert two.continues(one)
    assert not one.continues(two)
    assert not made([("a", "b", "王", "另一理由", False)]).continues(one)
