from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from intake_builders import CODE, FIRMS, OTHER, PATENTS, inputs_of
from jicheng.intake import resolving
from jicheng.intake.intake import IntakeOptions, take_in
from jicheng.intake.same_names import with_same_names
from jicheng.integrate.resolve import Judgements, Verdict, organisations


def records(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["id", "name", "credit_code"], orient="row")


def pairs(frame: pl.DataFrame) -> list[tuple[str, str]]:
    return [(row.left, row.right) for row in with_same_names(frame, Judgements())[0].rows]


def test_equal_full_names_are_one_unless_codes_differ() -> None:
    name = "广州澜图光电有限公司"
    assert pairs(records(("a", name, CODE), ("b", f" {name}", None))) == [("a", "b")]
    assert pairs(records(("a", name, CODE), ("b", name, OTHER))) == []
    assert pairs(records(("a", name, None), ("b", "深圳澜图光电有限公司", None))) == []


def test_names_that_tell_no_kind_are_left_alone() -> None:
    assert pairs(records(("a", "澜图", None), ("b", "澜图", None))) == []


def test_a_person_goes_before_the_program() -> None:
    frame = records(("a", "广州澜图光电有限公司", None), ("b", "广州澜图光电有限公司", None))
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    said = Judgements().say("a", "b", Verdict.DIFFERENT, who="张三", at=at, why="两家")
    held = with_same_names(frame, said)[0].held()
    assert [row.verdict for row in held] == [Verdict.DIFFERENT]


def test_zone_without_the_extra_joins_equal_names_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (resolving, organisations):
        monkeypatch.setattr(module, "has_splink", lambda: False)
    made = take_in(inputs_of(tmp_path, firms=FIRMS, patents=PATENTS), IntakeOptions("x"))
    assert made.resolved.organisations.engine == "identifiers"
    assert made.zone["organisations"].height == 4
    assert {"E373", "E660"} <= {f.code for f in made.warnings}
