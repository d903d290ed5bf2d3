from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.integrate.resolve import Judgements, Verdict

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
ONE = Judgements().say("a", "b", Verdict.SAME, who="王", at=NOW, why="核实")


def test_judgements_stand_beside_the_zone_and_are_added_to(tmp_path: Path) -> None:
    file = tmp_path / "zone.judgements.csv"
    ONE.keep(file)
    ONE.undo(1, who="王", at=NOW, why="误判").keep(file)
    assert file.name == "zone.judgements.csv"
    assert len(Judgements.read(file).rows) == 2
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_rows_of_the_file_are_never_dropped(tmp_path: Path) -> None:
    file = tmp_path / "z.judgements.csv"
    ONE.keep(file)
    before = file.read_bytes()
    with pytest.raises(InvalidInput) as refused:
        Judgements().keep(file)
    assert refused.value.code == "E119"
    assert file.read_bytes() == before


def test_broken_file_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "z.judgements.csv"
    file.write_bytes(b"\xff\xfe\0")
    with pytest.raises(InvalidInput):
        ONE.keep(file)
    assert file.read_bytes() == b"\xff\xfe\0"
