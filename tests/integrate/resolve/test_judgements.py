from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.integrate.resolve import Judgements, Verdict

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
IDS = st.sampled_from("abcd")


def say(said: Judgements, left: str, right: str, verdict: Verdict = Verdict.SAME) -> Judgements:
    return said.say(left, right, verdict, who="王", at=NOW, why="核实")


@pytest.mark.parametrize(
    ("who", "at", "why"),
    [("", NOW, "核实"), ("王", NOW, " "), ("王", NOW.replace(tzinfo=None), "核实")],
)
def test_judgement_needs_who_when_and_why(who: str, at: dt.datetime, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Judgements().say("a", "b", Verdict.SAME, who=who, at=at, why=why)
    assert refused.value.code == "E376"


def test_judgement_about_one_record_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        say(Judgements(), "a", "a")
    assert refused.value.code == "E375"


def test_undone_judgement_cannot_be_undone_again() -> None:
    undone = say(Judgements(), "a", "b").undo(1, who="王", at=NOW, why="误判")
    for number in (1, 2, 9):
        with pytest.raises(InvalidInput) as refused:
            undone.undo(number, who="王", at=NOW, why="再撤")
        assert refused.value.code == "E377"


def test_undo_of_a_later_word_brings_the_earlier_one_back() -> None:
    said = say(say(Judgements(), "a", "b"), "b", "a", Verdict.DIFFERENT)
    assert [row.verdict for row in said.held()] == [Verdict.DIFFERENT]
    undone = said.undo(2, who="王", at=NOW, why="误判")
    assert [row.verdict for row in undone.held()] == [Verdict.SAME]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(IDS, IDS, st.sampled_from([Verdict.SAME, Verdict.DIFFERENT]))))
def test_undoing_all_keeps_every_row_and_leaves_nothing(pairs) -> None:
    said = Judgements()
    for left, right, verdict in pairs:
        if left != right:
            said = say(said, left, right, verdict)
    before = said.rows
    while said.held():
        said = said.undo(said.held()[-1].number, who="王", at=NOW, why="全部撤销")
    assert said.rows[: len(before)] == before
