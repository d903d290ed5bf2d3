from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.integrate.profile.answers import keep_answers, read_answers
from jicheng.integrate.profile.evidence import answers_frame


def said(*texts: str) -> pl.DataFrame:
    rows = [(one, "cap:c", "yes", "李四", "2026-11-24") for one in texts]
    return pl.DataFrame(rows, schema=answers_frame().schema, orient="row")


def test_answers_are_added_behind_the_bytes_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    keep_answers([path], said("t1", "-x"))
    before = path.read_bytes()
    keep_answers([path], said("t1", "-x", "t3"))
    assert path.read_bytes().startswith(before)
    assert read_answers(path).equals(said("t1", "-x", "t3"))
    path.write_bytes(path.read_bytes().rstrip())  # cut off
    keep_answers([path], said("t1", "-x", "t3", "t4"))
    assert read_answers(path).height == 4


def test_file_that_holds_other_rows_is_not_written_nor_is_any_other(tmp_path: Path) -> None:
    held, fresh = tmp_path / "held.csv", tmp_path / "fresh.csv"
    keep_answers([held], said("t1", "t2"))
    before = held.read_bytes()
    for wrong in (said("t1"), said("t2", "t1", "t3")):
        with pytest.raises(InvalidInput, match="E119"):
            keep_answers([fresh, held], wrong)
    assert held.read_bytes() == before
    assert not fresh.exists()


def test_columns_that_somebody_added_stay(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    heads = "note,text,capability,answer,who,date"
    path.write_text(f"{heads}\nn,t1,cap:c,yes,李四,2026-11-24\n", "utf-8")
    keep_answers([path], said("t1", "t2"))
    assert read_answers(path).equals(said("t1", "t2"))
