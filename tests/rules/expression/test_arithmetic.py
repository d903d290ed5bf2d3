"""Arithmetic of intervals at its edges, and the tolerance of bounds from both sides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.rules.expression import arithmetic
from jicheng.rules.expression.intervals import Interval

INF = math.inf
BOUNDS = (0.0, 0.05, 0.15, 0.6, 1.0, 12.0, 70.0, 5e7, 2e8, -0.2, -3e5)


def one(low: float, high: float | None = None) -> Interval:
    if high is None:
        return Interval.known(np.array([low]))
    return Interval(np.array([low]), np.array([high]))


def ends(found: Interval) -> tuple[float, float]:
    return float(found.low[0]), float(found.high[0])


def told(truth) -> bool | None:
    certain, possible = bool(truth.certainly[0]), bool(truth.possibly[0])
    assert possible or not certain
    return True if certain else None if possible else False


def test_growth_of_exactly_a_bound_reaches_it():
    growth = 115 / 100 - 1
    assert growth < 0.15
    assert told(arithmetic.at_least(one(growth), one(0.15)))
    assert told(arithmetic.above(one(growth), one(0.15))) is False


def test_next_to_nothing_is_not_above_nothing():
    assert told(arithmetic.above(one(1e-17), one(0.0))) is False
    assert told(arithmetic.equal(one(1e-17), one(0.0)))


@pytest.mark.parametrize("bound", BOUNDS)
def test_bound_is_met_within_the_tolerance_and_missed_beyond(bound):
    step = 1e-9 * max(1.0, abs(bound))
    for off, reaches, exceeds in (
        (-2 * step, False, False), (-0.5 * step, True, False), (0.0, True, False),
        (0.5 * step, True, False), (2 * step, True, True),
    ):  # fmt: skip
        x = one(bound + off)
        assert told(arithmetic.at_least(x, one(bound))) is reaches
        assert told(arithmetic.above(x, one(bound))) is exceeds
        assert told(arithmetic.below(x, one(bound))) is not reaches
        assert told(arithmetic.at_most(x, one(bound))) is not exceeds
        assert told(arithmetic.equal(x, one(bound))) is (reaches and not exceeds)


def test_comparison_of_an_interval_is_open_only_where_both_are_possible():
    x = one(3.0, 7.0)
    assert told(arithmetic.at_least(x, one(3.0))) is True
    assert told(arithmetic.at_least(x, one(7.0))) is None
    assert told(arithmetic.at_least(x, one(7.1))) is False
    assert told(arithmetic.above(x, one(7.0))) is False
    assert told(arithmetic.at_most(x, one(3.0, 5.0))) is None
    assert told(arithmetic.equal(x, one(8.0, 9.0))) is False


def test_unlimited_ends_compare():
    unknown = one(-INF, INF)
    assert told(arithmetic.at_least(unknown, one(0.0))) is None
    assert told(arithmetic.at_least(one(0.0, INF), unknown)) is None
    assert told(arithmetic.at_most(one(INF), one(3.0))) is False


DIVISIONS = [
    ((6, 12), (2, 3), (2, 6)),
    ((0, INF), (4, 4), (0, INF)),
    ((1, 2), (0, 4), (0, INF)),
    ((0, INF), (0, INF), (0, INF)),
    ((-2, 1), (0, 4), (-INF, INF)),
    ((-2, -1), (0, 4), (-INF, 0)),
    ((1, 2), (-1, 4), (-INF, INF)),
    ((1, 2), (-4, 0), (-INF, INF)),
    ((1, 2), (4, INF), (0, 0.5)),
    ((-INF, INF), (1, INF), (-INF, INF)),
    ((0, 0), (0, 0), (0, INF)),
]


@pytest.mark.parametrize(("x", "y", "expected"), DIVISIONS)
def test_quotient_of_intervals(x, y, expected):
    assert ends(arithmetic.divide(one(*x), one(*y))[0]) == expected


def test_known_zero_denominator_is_told():
    quotient, is_zero = arithmetic.divide(one(3.0), one(0.0))
    assert ends(quotient) == (0.0, INF)
    assert is_zero is not None
    assert is_zero.tolist() == [True]
    assert arithmetic.divide(one(3.0), one(0.0, 1.0))[1] is None


@pytest.mark.parametrize(
    ("above", "below", "found", "is_none"),
    [
        (one(-3.0), one(2.0), (-1.5, -1.5), False),
        (one(1.0, 3.0), one(2.0, 4.0), (0.25, 1.5), False),
        (one(-3.0), one(-2.0), (-INF, INF), True),  # a loss over debts is no profit
        (one(3.0), one(0.0), (-INF, INF), True),
        (one(0.0), one(-1.0), (-INF, INF), True),
        (one(3.0), one(0.0, 4.0), (-INF, INF), False),
        (one(3.0), one(-1.0, 4.0), (-INF, INF), False),
        (one(3.0), one(5e-324), (1.7976931348623157e308, INF), False),  # however small
    ],
)
def test_quotient_says_something_over_a_positive_denominator_only(above, below, found, is_none):
    quotient, flag = arithmetic.over_positive(above, below)
    assert ends(quotient) == found
    assert (flag is not None) == is_none


def test_nothing_times_an_unlimited_number_is_nothing():
    assert ends(arithmetic.multiply(one(0.0), one(0.0, INF))) == (0.0, 0.0)
    assert ends(arithmetic.multiply(one(-1.0, 2.0), one(0.0, INF))) == (-INF, INF)


def test_what_exceeds_the_floats_limits_nothing():
    low, high = ends(arithmetic.multiply(one(1e300), one(1e300)))
    assert math.isfinite(low)
    assert high == INF
    assert ends(arithmetic.subtract(one(0.0, INF), one(0.0, INF))) == (-INF, INF)


def test_floor_counts_a_rounded_whole_number_as_whole():
    assert ends(arithmetic.floor(one(2.9999999999))) == (3.0, 3.0)
    assert ends(arithmetic.floor(one(2.9, 5.2))) == (2.0, 5.0)


@pytest.mark.parametrize("name", ["smallest", "largest"])
def test_extremes_keep_unknown_ends(name):
    found = getattr(arithmetic, name)([one(5.0), one(0.0, INF)])
    assert ends(found) == ((0.0, 5.0) if name == "smallest" else (5.0, INF))


_VALUES = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0])


@st.composite
def inside(draw):
    low, value, high = sorted(draw(st.tuples(_VALUES, _VALUES, _VALUES)))
    wide = (draw(st.sampled_from([low, -INF])), draw(st.sampled_from([high, INF])))
    return one(*wide), value


OPERATIONS = {
    "+": (arithmetic.add, lambda x, y: x + y),
    "-": (arithmetic.subtract, lambda x, y: x - y),
    "*": (arithmetic.multiply, lambda x, y: x * y),
    "/": (lambda x, y: arithmetic.divide(x, y)[0], lambda x, y: x / y if y else None),
}


@pytest.mark.parametrize("name", OPERATIONS)
@settings(deadline=None)
@given(inside(), inside())
def test_result_contains_that_of_any_numbers_inside(name, first, second):
    of_intervals, of_numbers = OPERATIONS[name]
    found = ends(of_intervals(first[0], second[0]))
    value = of_numbers(first[1], second[1])
    if value is not None:
        assert found[0] <= value <= found[1]
