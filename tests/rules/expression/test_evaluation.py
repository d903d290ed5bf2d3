"""Names, choices and definitions, and the faults that only the facts can show."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from fact_builders import SMALL, fact, flags_of, known, number_of, table, truth_of
from jicheng.errors import InvalidInput
from jicheng.rules.expression.evaluation import Scope, condition, number
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.expression.syntax import Expression, parse
from jicheng.rules.facts.dictionary import FactKind

INF = math.inf


@dataclass(frozen=True)
class Meaning:
    choices: tuple[str, ...] = ()
    value: Expression | None = None


def refused(text: str, facts, **scope) -> str:
    with pytest.raises(InvalidInput) as raised:
        number(parse(text), Scope(facts, **scope))
    return raised.value.code


def test_missing_number_is_its_natural_range():
    assert number_of("x", table()) == ([0.0], [INF])
    assert number_of("y", table()) == ([-INF], [INF])
    assert number_of("x[-1]", table(x=[3.0])) == ([0.0], [INF])


def test_missing_condition_and_choice_are_unknown():
    assert truth_of("p", table()) == [None]
    assert truth_of("c == red", table()) == [None]


def test_not_a_number_is_missing():
    assert number_of("x", table(x=[None, 2.0])) == ([0.0, 2.0], [INF, 2.0])


def test_interval_is_kept_within_the_natural_range():
    assert number_of("x", table(x=[(-INF, 5.0)])) == ([0.0], [5.0])


def test_figure_outside_its_natural_range_stays_as_given():
    assert number_of("x", table(x=[-4.0, (-5.0, -3.0)])) == ([-4.0, -5.0], [-4.0, -3.0])


def test_choices_are_compared_by_word_or_text():
    facts = table(c=["red", "green", None])
    assert truth_of("c == red", facts) == [True, False, None]
    assert truth_of("c == 'red'", facts) == [True, False, None]
    assert truth_of("c != red", facts) == [False, True, None]
    assert truth_of("c in [green, none]", facts) == [False, True, None]


def test_equality_of_two_numbers_compares_them():
    assert truth_of("x == z", table(x=[3.0, 3.0], z=[3.0, 4.0])) == [True, False]


def test_membership_in_a_list_of_a_definition():
    scope = {"definitions": {"warm": Meaning(choices=("red",))}}
    assert truth_of("c in warm", table(c=["red", "green"]), **scope) == [True, False]


def test_definition_stands_for_its_value():
    scope = {"definitions": {"ratio": Meaning(value=parse("x / z"))}}
    assert known("ratio * 2", table(x=[3.0], z=[4.0]), **scope) == [1.5]


def test_definition_is_evaluated_in_the_year_that_is_asked_for():
    scope = {"definitions": {"double": Meaning(value=parse("2 * x"))}}
    facts = table(x=[[1.0, 2.0, 4.0]])
    assert known("double[-1]", facts, **scope) == [4.0]
    assert known("sum(double, 3)", facts, **scope) == [14.0]


def test_definition_of_a_condition_and_of_another_definition():
    scope = {
        "definitions": {
            "big": Meaning(value=parse("x >= limit")), "limit": Meaning(value=parse("3")),
        }
    }  # fmt: skip
    assert truth_of("big and p", table(x=[3.0, 2.0], p=[True, True]), **scope) == [True, False]


def test_definition_that_leads_back_to_itself_is_refused():
    scope = {"definitions": {"a": Meaning(value=parse("b + 1")), "b": Meaning(value=parse("a"))}}
    assert refused("a", table(), **scope) == "E912"


def test_definitions_that_double_one_another_are_evaluated_once_each():
    levels = {f"d{i + 1}": Meaning(value=parse(f"d{i} + d{i}")) for i in range(40)}
    scope = {"definitions": {**levels, "d0": Meaning(value=parse("x"))}}
    assert known("d40", table(x=[1.0]), **scope) == [2.0**40]


def test_flags_of_a_definition_are_raised_each_time_it_is_used():
    facts = table(x=[[1.0, 1.0]], z=[[2.0, 0.0]])
    scope = Scope(facts, {"ratio": Meaning(value=parse("x / z"))})
    for _ in range(2):
        scope.flags.clear()
        number(parse("max(ratio, ratio[-1])"), scope)
        assert scope.flags["zero_denominator"].tolist() == [True]


def test_list_of_a_definition_is_no_number():
    assert refused("warm", table(), definitions={"warm": Meaning(choices=("red",))}) == "E908"


def test_result_goes_before_definition_and_definition_before_fact():
    facts = table(x=[1.0])
    definitions = {"x": Meaning(value=parse("2"))}
    assert known("x", facts, definitions=definitions) == [2.0]
    names = {"x": Interval.known(np.array([3.0]))}
    assert known("x", facts, definitions=definitions, names=names) == [3.0]


def test_results_are_found_by_their_dotted_names():
    names = {
        "score": Interval(np.array([60.0, 71.0]), np.array([71.0, 80.0])),
        "group.a": Interval.known(np.array([1.0, 2.0])),
        "direct_pass": Truth.known(np.array([False, True])),
    }
    facts = table(x=[1.0, 1.0])
    assert truth_of("score > 70", facts, names=names) == [None, True]
    assert truth_of("group.a >= 2 or direct_pass", facts, names=names) == [False, True]


def test_name_that_is_nothing_is_refused_with_the_nearest():
    assert refused("nobody + 1", table()) == "E909"
    with pytest.raises(InvalidInput, match="Did you mean: founded_year"):
        number(parse("founded_yaer"), Scope(table()))


def test_list_that_nothing_defines_is_refused_with_the_nearest():
    scope = Scope(table(), {"warm_colours": Meaning(choices=("red",))})
    with pytest.raises(InvalidInput, match="Did you mean: warm_colours"):
        condition(parse("c in warm_colors"), scope)


def test_refusal_says_what_a_name_is_and_what_it_should_be():
    with pytest.raises(InvalidInput, match="'c' should be a number, yet it is a choice"):
        number(parse("x + c"), Scope(table()))
    with pytest.raises(InvalidInput, match="'x > 1' should be a number, yet it is a condition"):
        number(parse("x > 1"), Scope(table()))


@pytest.mark.parametrize("text", ["p + 1", "c * 2", "min(x, p)", "official_growth(p)"])
def test_condition_or_choice_in_place_of_a_number_is_refused(text):
    assert refused(text, table()) == "E908"


@pytest.mark.parametrize("text", ["x and p", "not c", "x in [red]", "p == red", "x + 1"])
def test_number_in_place_of_a_condition_or_choice_is_refused(text):
    with pytest.raises(InvalidInput) as raised:
        condition(parse(text), Scope(table()))
    assert raised.value.code == "E908"


def test_name_that_is_a_condition_is_refused_as_a_number_and_the_other_way_round():
    assert refused("p", table()) == "E908"
    with pytest.raises(InvalidInput, match="E908"):
        condition(parse("x"), Scope(table()))


def test_derived_fact_follows_from_others_in_each_year():
    facts = table(x=[[5.0, 7.0]], y=[[1.0, 9.0]])
    assert known("w", facts) == [-2.0]
    assert known("w[-1]", facts) == [4.0]


def test_given_value_goes_before_a_derived_one():
    facts = table(x=[5.0, 5.0], y=[1.0, 1.0], w=[9.0, None])
    assert known("w", facts) == [9.0, 4.0]


def test_given_limits_and_what_follows_narrow_one_another():
    facts = table(x=[(2.0, 9.0)], y=[1.0], w=[(-3.0, 4.0)])
    assert number_of("w", facts) == ([1.0], [4.0])


def test_given_value_that_contradicts_what_follows_stands():
    assert number_of("w", table(x=[9.0], y=[1.0], w=[(-3.0, 4.0)])) == ([-3.0], [4.0])


def test_derived_condition_holds_where_nothing_is_given():
    dictionary = SMALL.with_facts([
        fact("is_warm", FactKind.CONDITION, of=parse("c in [red]"), origin="derived")
    ])  # fmt: skip
    facts = table(dictionary=dictionary, c=["red", "red", "green"], is_warm=[None, False, None])
    assert truth_of("is_warm", facts) == [True, False, False]
    assert truth_of("is_warm", table(dictionary=dictionary, c=["red"])) == [True]


def test_zero_denominator_and_missing_facts_are_flagged_where_they_are():
    facts = table(x=[1.0, 1.0, None], z=[0.0, 2.0, 2.0])
    assert flags_of("x / z", facts) == {
        "zero_denominator": [True, False, False], "missing": [False, False, True],
    }  # fmt: skip


def test_flags_of_a_derived_fact_are_raised_each_time_it_is_used():
    dictionary = SMALL.with_facts([fact("ratio", of=parse("x / z"), origin="derived")])
    facts = table(dictionary=dictionary, x=[1.0], z=[0.0])
    assert flags_of("ratio", facts) == flags_of("ratio + 1", facts) == {"zero_denominator": [True]}


def test_counts_span_what_is_unknown():
    facts = table(p=[True, True], q=[False, None], r=[None, True])
    assert number_of("count(p, q, r)", facts) == ([1.0, 2.0], [2.0, 3.0])


def test_count_of_facts_and_literals_together():
    assert known("count(p, 1 < 2)", table(p=[True, False])) == [2.0, 1.0]


def test_literals_stand_for_every_subject():
    facts = table(x=[1.0, 2.0])
    assert known("3", facts) == [3.0, 3.0]
    assert truth_of("1 < 2", facts) == [True, True]


def test_nobody_is_evaluated_to_nothing():
    facts = table(x=[1.0], p=[True], c=["red"]).rows([])
    assert number_of("sum(x, 3) / x + 1", facts) == ([], [])
    assert truth_of("p or c == red or x > 1", facts) == []


def test_choices_without_unknown_ones_are_known():
    found = Choices(("a", "b"), np.array([0, 1], dtype=np.int32)).is_any_of(("a",))
    assert found.is_known
