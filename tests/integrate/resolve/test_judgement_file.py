"""Judgements as a file: read back exactly, refused with a place when they cannot be."""

from __future__ import annotations

import datetime as dt
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


@settings(deadline=None, max_examples=60)
@given(said=SAID)
def test_file_is_read_back_exactly(said, tmp_path_factory: pytest.TempPathFactory) -> None:
    judgements, file = made(said), tmp_path_factory.mktemp("said") / "z.judgements.csv"
    judgements.keep(file)
    assert Judgements.read(file) == judgements


@pytest.mark.parametrize(
    ("lines", "column"),
    [
        ([GOOD.replace("same", "maybe")], "verdict"),
        ([GOOD.replace("1,a", "x,a")], "number"),
        ([GOOD.replace("a,b", "b,a")], "right"),
        ([GOOD.replace("a,b", "a,a")], "right"),
        ([GOOD.replace("王", " ")], "who"),
        ([GOOD.replace("+08:00", "")], "at"),
        ([GOOD.replace("2026-03-01T09:00:00+08:00", "2026/3/1")], "at"),
        ([GOOD, GOOD], "number"),
        ([GOOD, GOOD.replace("1,a", "2,a").replace("same", "undo") + "9"], "undoes"),
        ([GOOD, GOOD.replace("1,a,b", "2,a,c").replace("same", "undo") + "1"], "undoes"),
        ([GOOD, GOOD.replace("1,a", "2,a") + "1"], "undoes"),
        ([GOOD, GOOD.replace("1,a", "2,a").replace("same", "undo")], "undoes"),
        (["1,a"], "right"),
    ],
)  # fmt: skip
def test_row_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, lines: list[str], column: str
) -> None:
    file = tmp_path / "z.judgements.csv"
    file.write_text("\n".join([HEADS, *lines]), "utf-8")
    with pytest.raises(InvalidInput) as refused:
        Judgements.read(file)
    told = refused.value.faults[0]
    assert (told.code, told.where.row, told.where.column) == ("E117", 1 + len(lines), column)


def test_no_file_is_no_judgements(tmp_path: Path) -> None:
    assert Judgements.read(tmp_path / "none.csv") == Judgements()


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
