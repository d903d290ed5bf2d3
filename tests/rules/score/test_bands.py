from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.rules.expression import arithmetic
from jicheng.rules.expression.intervals import Interval, Truth
from jicheng.rules.pack.model import Band, Case, Side
from jicheng.rules.score.bands import band_table, points_of_cases

GROWTH = (
    Band(Side.AT_LEAST, 0.35, 9, 10),
    Band(Side.AT_LEAST, 0.25, 7, 8),
    Band(Side.AT_LEAST, 0.15, 5, 6),
    Band(Side.AT_LEAST, 0.05, 3, 4),
    Band(Side.ABOVE, 0.0, 1, 2),
    Band(Side.OTHERWISE, math.nan, 0, 0),
)
DEBT = (
    Band(Side.AT_MOST, 0.5, 5, 5),
    Band(Side.AT_MOST, 0.6, 3, 3),
    Band(Side.BELOW, 0.7, 1, 1),
    Band(Side.OTHERWISE, math.nan, 0, 0),
)
HUMP = (
    Band(Side.AT_LEAST, 3.0, 1, 1),
    Band(Side.AT_LEAST, 2.0, 8, 9),
    Band(Side.ABOVE, 1.0, 2, 4),
    Band(Side.OTHERWISE, math.nan, 3, 3),
)


def points(bands: tuple[Band, ...], low: float, high: float | None = None) -> tuple[float, float]:
    ends = (
        Interval.known(np.array([low]))
        if high is None
        else Interval(np.array([low]), np.array([high]))
    )
    found = band_table(bands).points(ends)
    return float(found.low[0]), float(found.high[0])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.35, (9, 10)), (0.35 - 1e-6, (7, 8)), (0.25, (7, 8)), (0.25 - 1e-6, (5, 6)),
        (0.15, (5, 6)), (0.15 - 1e-6, (3, 4)), (0.05, (3, 4)), (0.05 - 1e-6, (1, 2)),
        (1e-6, (1, 2)), (0.0, (0, 0)), (-1.0, (0, 0)),
    ],
)  # fmt: skip
def test_band_at_its_edge(value: float, expected: tuple[float, float]) -> None:
    assert points(GROWTH, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, 5), (0.5 + 1e-6, 3), (0.6, 3), (0.6 + 1e-6, 1), (0.7 - 1e-6, 1), (0.7, 0),
        (math.inf, 0), (-math.inf, 5),
    ],
)  # fmt: skip
def test_band_that_has_its_upper_bound(value: float, expected: float) -> None:
    assert points(DEBT, value) == (expected, expected)


def test_growth_of_exactly_15_percent_in_floats() -> None:
    assert 115 / 100 - 1 < 0.15
    assert points(GROWTH, 115 / 100 - 1) == (5, 6)


def test_growth_of_nothing_but_rounding() -> None:
    assert points(GROWTH, 1e-17) == (0, 0)


def test_debt_a_rounding_above_its_bound() -> None:
    assert points(DEBT, 0.5 + 1e-12) == (5, 5)
    assert points(DEBT, 0.7 - 1e-12) == (0, 0)


def test_bound_of_many_digits_tolerates_relative_rounding() -> None:
    bands = (Band(Side.AT_MOST, 2.0e8, 1, 1), Band(Side.OTHERWISE, math.nan, 0, 0))
    assert points(bands, 2.0e8 + 0.1) == (1, 1)
    assert points(bands, 2.0e8 + 1) == (0, 0)


@pytest.mark.parametrize("bound", [0.0, 0.15, -3.0, 5.0e7])
@pytest.mark.parametrize(
    ("side", "holds"),
    [
        (Side.AT_LEAST, arithmetic.at_least), (Side.ABOVE, arithmetic.above),
        (Side.AT_MOST, arithmetic.at_most), (Side.BELOW, arithmetic.below),
    ],
)  # fmt: skip
def test_bands_and_conditions_agree_to_the_last_bit(
    bound: float, side: Side, holds: Callable[[Interval, Interval], Truth]
) -> None:
    limit = np.array([bound])
    edges = [arithmetic.just_below(limit)[0], arithmetic.just_above(limit)[0]]
    near = [v for e in edges for v in (np.nextafter(e, -np.inf), e, np.nextafter(e, np.inf))]
    for value in (*near, bound):
        told = holds(Interval.known(np.array([value])), Interval.known(limit)).certainly[0]
        assert points((Band(side, bound, 1, 1),), value) == (told, told)


def test_unknown_value_reaches_all_bands() -> None:
    assert points(GROWTH, -math.inf, math.inf) == (0, 10)


def test_interval_reaches_a_hump_in_its_middle() -> None:
    assert points(HUMP, 0.0, 4.0) == (1, 9)
    assert points(HUMP, 0.0, 1.0) == (3, 3)
    assert points(HUMP, 1.5, 1.9) == (2, 4)


def test_value_in_no_band_has_no_points() -> None:
    assert points((Band(Side.AT_LEAST, 1.0, 5, 6),), 0.5) == (0, 0)
    assert points((Band(Side.AT_LEAST, 1.0, 5, 6),), 0.5, 1.5) == (0, 6)


def test_known_values_of_single_points_stay_known() -> None:
    known = band_table(DEBT).points(Interval.known(np.array([0.1, 0.9])))
    assert known.is_point
    assert known.low.tolist() == [5, 0]


def test_no_bands_but_otherwise() -> None:
    assert points((Band(Side.OTHERWISE, math.nan, 2, 3),), 7.0) == (2, 3)


ends = st.floats(-5, 5, allow_nan=False)
bands = st.lists(
    st.builds(
        lambda side, bound, low, more: Band(side, bound, low, low + more),
        st.sampled_from([Side.AT_LEAST, Side.ABOVE, Side.AT_MOST, Side.BELOW]),
        st.integers(-3, 3).map(float),
        st.integers(-2, 9).map(float),
        st.integers(0, 3).map(float),
    ),
    max_size=5,
).map(tuple)


def plainly(bands: tuple[Band, ...], value: float) -> tuple[float, float]:
    for band in bands:
        slack = 1e-9 * max(1.0, abs(band.bound))
        holds = {
            Side.AT_LEAST: value >= band.bound - slack,
            Side.ABOVE: value > band.bound + slack,
            Side.AT_MOST: value <= band.bound + slack,
            Side.BELOW: value < band.bound - slack,
        }[band.side]
        if holds:
            return band.low, band.high
    return 0.0, 0.0


@given(bands, st.one_of(ends, st.integers(-3, 3).map(float)))
@settings(deadline=None)
def test_points_of_a_known_value_are_those_of_the_first_band(
    bands: tuple[Band, ...], value: float
) -> None:
    assert points(bands, value) == plainly(bands, value)


@given(bands, ends, ends, st.floats(0, 1))
@settings(deadline=None)
def test_points_of_an_interval_contain_those_of_each_value(
    bands: tuple[Band, ...], first: float, second: float, part: float
) -> None:
    low, high = sorted((first, second))
    wide = points(bands, low, high)
    inner = points(bands, min(high, low + part * (high - low)))
    assert wide[0] <= inner[0]
    assert inner[1] <= wide[1]


@given(bands, ends, ends)
@settings(deadline=None)
def test_points_of_an_interval_are_no_wider_than_its_values(
    bands: tuple[Band, ...], first: float, second: float
) -> None:
    low, high = sorted((first, second))
    edges = [
        b.bound + k * 1e-9 * max(1, abs(b.bound))
        for b in bands
        for k in (-1.001, -0.999, 0.999, 1.001)
    ]
    tried = [plainly(bands, v) for v in [low, high, *(e for e in edges if low <= e <= high)]]
    assert points(bands, low, high) == (min(t[0] for t in tried), max(t[1] for t in tried))


def cases(*truths: str) -> tuple[float, float]:
    items = [Case(None, 10.0 - k, 10.5 - k) for k in range(len(truths))]
    known = {"yes": (True, True), "no": (False, False), "open": (False, True)}
    told = [Truth(np.array([known[t][0]]), np.array([known[t][1]])) for t in truths]
    found = points_of_cases(items, told, 1)
    return float(found.low[0]), float(found.high[0])


def test_cases_first_that_holds() -> None:
    assert cases("no", "yes", "yes") == (9, 9.5)


def test_cases_hull_over_open_ones_until_a_certain_one() -> None:
    assert cases("open", "no", "open", "yes", "yes") == (7, 10.5)


def test_cases_none_certain_may_be_none() -> None:
    assert cases("open", "no") == (0, 10.5)


def test_cases_none_holds() -> None:
    assert cases("no", "no") == (0, 0)
