"""Tables of facts: rows picked, facts replaced, what is missing."""

from __future__ import annotations

import numpy as np
import polars as pl

from fact_builders import SMALL, known, number_of, table, truth_of
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.facts.table import FactTable


def three():
    facts = table(x=[1.0, None, 3.0], p=[True, None, False], c=["red", None, "green"])
    return FactTable(
        facts.subjects, facts.year, facts.numbers, facts.conditions, facts.choices,
        names=pl.Series(["A", "B", "C"]),
        groups=pl.DataFrame({"size": ["small", "large", None]}),
        sources={"x": pl.Series(["tax", "", "report"])},
        dictionary=SMALL,
    )  # fmt: skip


def test_rows_are_picked_in_order_and_may_repeat():
    picked = three().rows([2, 0, 2])
    assert picked.subjects.to_list() == ["s2", "s0", "s2"]
    assert known("x", picked) == [3.0, 1.0, 3.0]
    assert truth_of("p", picked) == [False, True, False]
    assert truth_of("c == red", picked) == [False, True, False]
    assert picked.names is not None
    assert picked.names.to_list() == ["C", "A", "C"]
    assert picked.groups["size"].to_list() == [None, "small", None]
    assert picked.sources["x"].to_list() == ["report", "tax", "report"]


def test_rows_leave_the_table_as_it_was():
    facts = three()
    facts.rows([1])
    assert facts.n == 3


def test_replaced_facts_are_new_and_others_stay():
    facts = three()
    assert truth_of("w == 7", facts) == [None, None, None]
    changed = facts.with_facts(
        numbers={("y", 0): Interval.known(np.zeros(3)), ("x", 0): Interval.known(np.full(3, 7.0))},
        conditions={"q": Truth.known(np.ones(3, dtype=np.bool_))},
        choices={"c": Choices(("none",), np.zeros(3, dtype=np.int32))},
    )
    assert known("w", changed) == [7.0, 7.0, 7.0]
    assert truth_of("q and c == none", changed) == [True, True, True]
    assert truth_of("p", changed) == [True, None, False]
    assert number_of("x", facts)[0] == [1.0, 0.0, 3.0]


def test_missing_tells_for_whom_a_fact_is_not_known_exactly():
    facts = three()
    assert facts.missing("x").tolist() == [False, True, False]
    assert facts.missing("x", -1).tolist() == [True, True, True]
    assert facts.missing("p").tolist() == [False, True, False]
    assert facts.missing("c").tolist() == [False, True, False]
    assert facts.missing("q").tolist() == [True, True, True]


def test_missing_of_a_derived_fact_is_that_of_what_it_follows_from():
    facts = table(x=[1.0, None], y=[1.0, 1.0])
    assert facts.missing("w").tolist() == [False, True]


def test_fact_outside_the_dictionary_has_the_kind_of_where_it_stands():
    facts = table(turnover=[3.0], is_local=[True], colour=["blue"])
    assert truth_of("turnover > 2 and is_local and colour == blue", facts) == [True]
    assert number_of("turnover[-1]", facts) == ([-np.inf], [np.inf])


def test_entries_of_the_caller_are_not_changed():
    values = np.array([np.nan, 2.0])
    facts = FactTable(
        pl.Series(["a", "b"]), 2025, {("x", 0): Interval.known(values)}, dictionary=SMALL
    )
    assert number_of("x", facts) == ([0.0, 2.0], [np.inf, 2.0])
    assert np.isnan(values[0])
