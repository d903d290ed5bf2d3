"""Rows of indicators found by fact and year, whatever their order."""

from __future__ import annotations

import math
import random

import polars as pl
import pytest

from jicheng.conform import empty_frame
from jicheng.rules.facts.rows import Rows, coded, rows_by_fact
from jicheng.schema import zone_tables

TABLE = zone_tables()["indicators"]
CELLS = [
    ("a", "revenue", 2025, 5.0, "税务"), ("a", "revenue", 2024, 4.0, None),
    ("a", "staff", 2025, None, None), ("b", "revenue", 2025, 7.0, "年报"),
    ("c", "revenue", 2025, 9.0, None), ("b", "revenue", 2026, 1.0, None),
    ("b", "revenue", 2004, 1.0, None), ("b", "unheard_of", 2025, 1.0, None),
]  # fmt: skip


def frame(cells) -> pl.DataFrame:
    columns = ["subject", "indicator", "period", "value", "source"]
    rows = pl.DataFrame(cells, schema=columns, orient="row")
    return pl.concat([empty_frame(TABLE), rows], how="diagonal_relaxed")


def found_in(cells, ids=("b", "a")) -> dict[tuple[str, int], Rows]:
    return rows_by_fact(frame(cells), pl.Series(list(ids)), ["staff", "revenue"], 2025)


@pytest.mark.parametrize("seed", range(5))
def test_rows_are_found_in_any_order(seed):
    cells = CELLS.copy()
    random.Random(seed).shuffle(cells)  # noqa: S311 - no secret
    found = found_in(cells)
    assert set(found) == {("revenue", 0), ("revenue", -1), ("staff", 0)}
    latest = found["revenue", 0]
    values = dict(zip(latest.places.tolist(), latest.numbers("value").tolist(), strict=True))
    assert values == {1: 5.0, 0: 7.0}
    said = latest.said(2)
    assert said is not None
    assert said.to_list() == ["年报", "税务"]


def test_empty_cells_are_not_a_number_and_unsaid():
    found = found_in(CELLS)
    assert math.isnan(found["staff", 0].numbers("value")[0])
    assert found["revenue", -1].said(2) is None
    assert found["staff", 0].texts().to_list() == [None]


def test_nothing_is_found_where_nothing_is():
    assert found_in([]) == {}
    assert found_in(CELLS, ids=["stranger"]) == {}


def test_texts_as_codes_keep_what_is_empty():
    words, codes = coded(pl.Series(["x", None, "y", "x"], dtype=pl.String))
    assert words.gather(codes).to_list() == ["x", "", "y", "x"]
