"""Rows in the order of their key."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.checks.keys import is_in_order

KEY = ("a", "b")
rows = st.lists(
    st.tuples(st.sampled_from(["", "a", "B", "é", "中"]), st.none() | st.integers(0, 2)), max_size=4
)


def frame(*keys):
    return pl.DataFrame(list(keys), schema={"a": pl.String, "b": pl.Int64}, orient="row")


@pytest.mark.parametrize(
    "keys", [(), (("x", 1),), (("x", 1), ("x", 2), ("y", 0)), (("Z", 9), ("a", 1))]
)
def test_ascending_key_is_in_order(keys):
    assert is_in_order(frame(*keys), KEY)


@pytest.mark.parametrize("keys", [(("x", 2), ("x", 1)), (("y", 1), ("x", 2))])
def test_descending_key_is_not_in_order(keys):
    assert not is_in_order(frame(*keys), KEY)


def test_repeated_key_is_not_in_order():
    assert not is_in_order(frame(("x", 1), ("x", 1)), KEY)


def test_empty_part_of_a_key_is_not_in_order():
    assert not is_in_order(frame(("x", None), ("x", 1)), KEY)


@given(rows)
def test_rows_in_order_are_sorted_and_all_different(keys):
    table = frame(*keys)
    is_sorted = table.sort(KEY).equals(table) and not table.is_duplicated().any()
    assert is_in_order(table, KEY) == (is_sorted and not table["b"].null_count())
