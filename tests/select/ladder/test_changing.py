from __future__ import annotations

import numpy as np
import pytest

from fact_builders import table
from jicheng.select.ladder.changing import after, lowers_unknown, moves_directly
from ladder_builders import DICTIONARY, action

HIRE, SELL = action("hire", "a+1", "b+1"), action("sell", "b-2", "e-5")
BRAND, CITY, NATION = action("brand", "p=true"), action("city", "k=city"), action("n", "k=national")
SUM = action("sum", "total+1", "a+1")


def facts(**columns):
    return table(dictionary=DICTIONARY, **columns)


def ends(found, name: str) -> list[tuple[float, float]]:
    value = found.value(name)
    return list(zip(value.low.tolist(), value.high.tolist(), strict=True))


def test_amounts_add_to_what_is_known():
    found = after(facts(a=[1, 4], b=[2, 5]), [HIRE, SELL], np.array([[3.0, 0.0], [0.0, 1.0]]))
    assert ends(found, "a") == [(4, 4), (4, 4)]
    assert ends(found, "b") == [(5, 5), (3, 3)]


def test_two_actions_on_one_fact_add_up():
    found = after(facts(a=[1], b=[9], e=[0]), [HIRE, SELL], np.array([[2.0, 3.0]]))
    assert ends(found, "b") == [(9 + 2 - 6, 9 + 2 - 6)]
    assert ends(found, "e") == [(-15, -15)]


def test_an_unknown_number_moves_at_both_ends():
    found = after(facts(a=[None, (2, 6)], b=[1, 1]), [HIRE], np.array([[2.0], [1.0]]))
    assert ends(found, "a") == [(2, np.inf), (3, 7)]


def test_a_fact_that_follows_from_others_moves_with_them_only():
    found = after(facts(a=[1], b=[2]), [SUM], np.array([[3.0]]))
    assert ends(found, "total") == [(6, 6)]


def test_a_fact_that_was_given_though_it_would_follow_moves_itself():
    given = facts(a=[1, 1], b=[2, 2], total=[10, None])
    assert moves_directly(given, "total").tolist() == [True, False]
    found = after(given, [SUM], np.array([[3.0], [3.0]]))
    assert ends(found, "total") == [(13, 13), (6, 6)]


def test_a_condition_is_set_where_the_action_is_done():
    found = after(facts(p=[False, None, True]), [BRAND], np.array([[1.0], [1.0], [0.0]]))
    assert found.value("p").certainly.tolist() == [True, True, True]


def test_a_condition_of_which_nothing_was_said_can_be_set():
    found = after(facts(a=[1, 1]), [BRAND], np.array([[1.0], [0.0]]))
    assert found.value("p").certainly.tolist() == [True, False]
    assert found.value("p").possibly.tolist() == [True, True]


@pytest.mark.parametrize(("act", "value"), [(CITY, "city"), (NATION, "national")])
def test_a_choice_is_set_even_to_a_value_that_nobody_has(act, value):
    found = after(facts(k=["none", None]), [act], np.array([[1.0], [1.0]]))
    chosen = found.value("k")
    assert [chosen.values[code] for code in chosen.codes] == [value, value]


def test_nothing_done_changes_nothing():
    before = facts(a=[1, None], b=[2, 3], e=[None, 1], p=[None, True], k=["city", None])
    found = after(before, [HIRE, SELL, BRAND, CITY], np.zeros((2, 4)))
    for name in ("a", "b", "e", "total"):
        assert ends(found, name) == ends(before, name)
    assert found.value("p").certainly.tolist() == before.value("p").certainly.tolist()
    assert found.value("k").codes.tolist() == before.value("k").codes.tolist()


def test_taking_from_a_fact_that_may_be_at_its_least_is_told():
    found = lowers_unknown(facts(b=[None, 3, (1, 5)], e=[1, None, 1]), SELL)
    assert found.tolist() == [True, True, False]
