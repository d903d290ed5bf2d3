"""A code copied down a list does not make two firms one; a person may say otherwise."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from jicheng.integrate.resolve import Judgements, ResolveSettings, Verdict, resolve
from jicheng.integrate.resolve.resolution import Resolution

CODE = "914401010000000430"
NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def resolved(*rows: tuple[str, str, str], judgements: Judgements | None = None) -> Resolution:
    """Resolve records of source, id and name, all with one code."""
    frame = pl.DataFrame(rows, schema=["source", "id", "name"], orient="row")
    settings = ResolveSettings(probable=False)
    return resolve(
        frame.with_columns(credit_code=pl.lit(CODE)), judgements=judgements, settings=settings
    )


def bodies(found: Resolution) -> int:
    return found.members["organisation"].n_unique()


UNLIKE = (("名录", "a", "深圳丙三精密机械有限公司"), ("名录", "b", "深圳丁四新材料有限公司"))


def test_code_of_two_unlike_names_in_one_list_is_asked_and_told() -> None:
    found = resolved(*UNLIKE)
    assert bodies(found) == 2
    assert found.review.select("left", "right", "reason").rows() == [("a", "b", "conflict")]
    assert "丁四" in next(f for f in found.warnings if f.code == "E389").message.zh
    assert "名称毫不相同" in found.explain("a", "b").reason.zh


def test_person_may_say_that_one_is_the_former_name_of_the_other() -> None:
    said = Judgements().say("a", "b", Verdict.SAME, who="王", at=NOW, why="更名")
    assert bodies(resolved(*UNLIKE, judgements=said)) == 1


@pytest.mark.parametrize(
    "other",
    [
        ("专利", "b", "深圳丁四新材料有限公司"),  # another source: a firm may change its name
        ("名录", "b", "丙三精密机械（深圳）有限公司"),
        ("名录", "b", "深圳丙山精密机械有限公司"),  # a slip of the pen
        ("名录", "b", "Bingsan Precision Machinery Co., Ltd."),
    ],
)
def test_code_joins_all_the_same(other: tuple[str, str, str]) -> None:
    found = resolved(UNLIKE[0], other)
    assert bodies(found) == 1
    assert not [f for f in found.warnings if f.code == "E389"]


def test_record_of_another_list_goes_to_the_firm_of_its_name() -> None:
    found = resolved(*UNLIKE, ("专利", "c", "深圳丙三精密机械有限公司"))
    body = dict(found.members.iter_rows())
    assert body["a"] == body["c"] != body["b"]
