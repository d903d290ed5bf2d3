"""Intervals, truths and choices by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.rules.expression.intervals import Choices, Interval, Truth

INF = np.inf


def interval(*pairs) -> Interval:
    low, high = np.array(pairs, dtype=np.float64).T
    return Interval.between(low.copy(), high.copy())


def truth(*values) -> Truth:
    return Truth.between(
        np.array([value is True for value in values]),
        np.array([value is not False for value in values]),
    )


def told(found: Truth) -> list[bool | None]:
    return [
        True if certain else None if possible else False
        for certain, possible in zip(found.certainly, found.possibly, strict=True)
    ]


def pairs(found: Interval) -> list[tuple[float, float]]:
    return list(zip(found.low.tolist(), found.high.tolist(), strict=True))


def test_equal_ends_become_one_array():
    assert interval((1, 1), (2, 2)).is_point
    assert not interval((1, 1), (2, 3)).is_point
    assert truth(True, False).is_known
    assert not truth(True, None).is_known
    values = np.array([np.nan])
    assert Interval.between(values, values).is_point


def test_what_is_open_is_told():
    assert interval((1, 1), (2, 3)).is_open.tolist() == [False, True]
    assert interval((1, 1)).is_open.tolist() == [False]
    assert truth(True, None, False).is_open.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [
        (True, True, True, True), (True, None, None, True), (True, False, False, True),
        (None, None, None, None), (None, False, False, None), (False, False, False, False),
    ],
)  # fmt: skip
def test_three_values_join_as_least_and_most(first, second, both, either):
    for x, y in ((first, second), (second, first)):
        assert told(truth(x) & truth(y)) == [both]
        assert told(truth(x) | truth(y)) == [either]


def test_negation_keeps_unknown():
    assert told(~truth(True, None, False)) == [False, None, True]
    assert (~truth(True, False)).is_known


def test_within_cuts_what_is_open_and_leaves_the_rest():
    found = interval((-5, 5), (-5, -3), (-4, -4), (2, INF)).within(0, 10)
    assert pairs(found) == [(0, 5), (-5, -3), (-4, -4), (2, 10)]


def test_within_returns_itself_where_nothing_is_cut():
    inside = interval((1, 2), (3, 3))
    assert inside.within(0, 10) is inside


def test_meeting_narrows_both_and_a_contradiction_leaves_the_first():
    found = interval((0, 5), (1, 2), (4, 4)).met(interval((3, 9), (5, 6), (0, 1)))
    assert pairs(found) == [(3, 5), (1, 2), (4, 4)]
    assert told(truth(None, True, None).met(truth(False, False, None))) == [False, True, None]


def test_one_for_all_is_spread():
    assert pairs(interval((1, 2)).spread(3)) == [(1, 2)] * 3
    assert interval((1, 1)).spread(3).is_point
    assert told(truth(None).spread(2)) == [None, None]
    assert truth(True).spread(2).is_known


def test_conditions_count_as_numbers():
    assert pairs(truth(True, None, False).as_number()) == [(1, 1), (0, 1), (0, 0)]


def test_choice_is_among_values_where_it_is_known():
    choices = Choices(("a", "b"), np.array([1, -1, 0], dtype=np.int32))
    assert told(choices.is_any_of(("a", "c"))) == [False, None, True]
    nobody = Choices((), np.array([-1], dtype=np.int32))
    assert told(nobody.is_any_of(("a",))) == [None]
