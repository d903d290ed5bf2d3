"""Sums over the years that a firm exists, and the official formula of growth."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_builders import fact, flags_of, known, number_of, table, truth_of
from jicheng.rules.facts.dictionary import Dictionary

INF = math.inf


@pytest.mark.parametrize(
    ("sales", "growth", "low", "high"),
    [
        ([1000, 1200, 1500], 0.225, 5, 6),
        ([100, 90, 120], 0.116667, 3, 4),
        ([4000, 5600, 7500], 0.369643, 9, 10),
    ],
)
def test_growth_of_the_published_vectors(sales, growth, low, high):
    (found,) = known("official_growth(x)", table(x=[[float(v) for v in sales]]))
    assert found == pytest.approx(growth, abs=5e-7)
    bands = [(0.35, 9, 10), (0.25, 7, 8), (0.15, 5, 6), (0.05, 3, 4)]
    assert next((a, b) for bound, a, b in bands if found >= bound) == (low, high)


@settings(deadline=None)
@given(st.tuples(*[st.integers(1, 10**9)] * 3))
def test_growth_equals_exact_fractions(years):
    first, middle, latest = map(Fraction, years)
    exact = Fraction(1, 2) * (middle / first + latest / middle) - 1
    (found,) = known("official_growth(x)", table(x=[[float(v) for v in years]]))
    assert found == pytest.approx(float(exact), rel=1e-12, abs=1e-12)


def test_growth_with_nothing_in_the_first_year_is_that_of_the_later_two():
    facts = table(x=[[0.0, 100.0, 115.0]])
    assert known("official_growth(x)", facts) == [pytest.approx(0.15)]
    assert truth_of("official_growth(x) >= 0.15", facts) == [True]
    assert flags_of("official_growth(x)", facts) == {"zero_first_year": [True]}


def test_growth_with_nothing_in_the_second_year_gives_no_points():
    facts = table(x=[[100.0, 0.0, 900.0]])
    assert truth_of("official_growth(x) > 0", facts) == [False]
    assert known("official_growth(x)", facts) == [-1.0]
    assert flags_of("official_growth(x)", facts) == {"zero_second_year": [True]}


@pytest.mark.parametrize("years", [[-1.0, 100.0, 115.0], [100.0, -1.0, 115.0], [-1.0, 0.0, 1.0]])
def test_growth_on_a_negative_base_is_unknown(years):
    facts = table(y=[years])
    assert number_of("official_growth(y)", facts) == ([-INF], [INF])
    assert flags_of("official_growth(y)", facts) == {"negative_base": [True]}


def test_growth_into_a_negative_latest_year_is_known():
    assert known("official_growth(y)", table(y=[[100.0, 100.0, -50.0]])) == [-0.75]


def test_growth_on_a_negative_base_leaves_other_firms_known():
    found = number_of("official_growth(y)", table(y=[[-1.0, 1.0, 1.0], [1.0, 1.0, 2.0]]))
    assert found == ([-INF, 0.5], [INF, 0.5])


def test_growth_with_an_unknown_first_year_spans_what_is_possible():
    low, high = number_of("official_growth(x)", table(x=[[None, 100.0, 120.0]]))
    assert low[0] == pytest.approx(-0.4)  # the first year was very large
    assert high == [INF]


def test_growth_with_a_first_year_known_within_limits():
    low, high = number_of("official_growth(x)", table(x=[[(50.0, 100.0), 100.0, 120.0]]))
    assert (low[0], high[0]) == (pytest.approx(0.1), pytest.approx(0.6))


def test_growth_counts_a_year_before_the_foundation_as_nothing():
    facts = table(x=[[None, 100.0, 130.0]], founded_year=[2024.0])
    assert known("official_growth(x)", facts) == [pytest.approx(0.3)]
    assert flags_of("official_growth(x)", facts) == {
        "before_foundation": [True], "zero_first_year": [True],
    }  # fmt: skip


def test_mean_growth_has_no_special_cases():
    assert known("mean_growth(x)", table(x=[[1000.0, 1200.0, 1500.0]])) == [pytest.approx(0.225)]
    facts = table(x=[[0.0, 100.0, 115.0]])
    assert number_of("mean_growth(x)", facts)[1] == [INF]
    assert flags_of("mean_growth(x)", facts) == {"zero_denominator": [True]}


def test_window_sums_the_last_years_with_the_latest_first():
    facts = table(x=[[8.0, 1.0, 2.0, 4.0]])
    assert known("sum(x, 3)", facts) == [7.0]
    assert known("mean(x, 2)", facts) == [3.0]
    assert known("sum(x[-1], 3)", facts) == [11.0]
    assert known("sum(x, 3) / sum(x[-1], 2)", facts) == [pytest.approx(7 / 3)]


def test_window_of_an_expression_is_that_of_each_year():
    facts = table(x=[[1.0, 2.0, 4.0]], y=[[1.0, 1.0, 1.0]])
    assert known("sum(x - y, 3)", facts) == known("sum(w, 3)", facts) == [4.0]


def test_window_of_a_young_firm_counts_the_years_since_its_foundation():
    facts = table(x=[[None, 2.0, 4.0], [None, None, 4.0]], founded_year=[2024.0, 2025.0])
    assert known("sum(x, 3)", facts) == [6.0, 4.0]
    assert known("mean(x, 3)", facts) == [3.0, 4.0]
    assert flags_of("sum(x, 3)", facts) == {}


def test_window_is_open_where_a_figure_stands_before_the_foundation():
    facts = table(x=[[9.0, 2.0, 4.0], [0.0, 2.0, 4.0]], founded_year=[2024.0, 2024.0])
    assert number_of("sum(x, 3)", facts) == ([6.0, 6.0], [15.0, 6.0])
    assert number_of("mean(x, 3)", facts) == ([2.0, 3.0], [5.0, 3.0])
    assert flags_of("sum(x, 3)", facts) == {"doubted_foundation": [True, False]}


def test_window_of_later_years_is_not_touched_by_a_figure_before_the_foundation():
    facts = table(x=[[9.0, 2.0, 4.0]], founded_year=[2024.0])
    assert known("sum(x, 2)", facts) == [6.0]
    assert flags_of("sum(x, 2)", facts) == {}


def test_missing_year_is_missing_once_another_figure_puts_the_foundation_in_doubt():
    facts = table(x=[[None, 2.0, 4.0]], z=[[1.0, 1.0, 1.0]], founded_year=[2024.0])
    assert number_of("sum(x, 3)", facts) == ([6.0], [INF])
    assert flags_of("sum(x, 3)", facts) == {"missing": [True], "doubted_foundation": [True]}


def test_figure_before_the_foundation_may_be_nothing():
    facts = table(x=[[2.0, 4.0]], y=[[-3.0, 1.0]], founded_year=[2025.0])
    assert number_of("x[-1]", facts) == ([0.0], [2.0])
    assert number_of("y[-1]", facts) == ([-3.0], [0.0])
    assert number_of("x / x[-1]", facts) == ([0.0], [INF])
    assert flags_of("x[-1]", facts) == {"doubted_foundation": [True]}


def test_derived_figure_before_the_foundation_is_as_open_as_what_it_follows_from():
    facts = table(x=[[2.0, 4.0]], y=[[-3.0, 1.0]], founded_year=[2025.0])
    assert number_of("w[-1]", facts) == ([0.0], [5.0])
    assert flags_of("w[-1]", facts) == {"doubted_foundation": [True]}


def test_growth_spans_both_readings_of_a_figure_before_the_foundation():
    facts = table(x=[[50.0, 100.0, 130.0]], founded_year=[2024.0])
    low, high = number_of("official_growth(x)", facts)
    assert low[0] <= 0.31 <= 0.65 <= high[0]  # from nothing, and from 50
    assert flags_of("official_growth(x)", facts) == {"doubted_foundation": [True]}


def test_foundation_within_an_interval_that_allows_a_figure_is_not_in_doubt():
    facts = table(x=[[9.0, 2.0, 4.0]], founded_year=[(2023.0, 2024.0)])
    assert known("sum(x, 3)", facts) == [15.0]


def test_missing_year_of_a_firm_that_existed_is_missing():
    facts = table(x=[[None, 2.0, 4.0]], founded_year=[2001.0])
    assert number_of("sum(x, 3)", facts) == ([6.0], [INF])
    assert flags_of("sum(x, 3)", facts) == {"missing": [True]}


def test_window_without_foundation_spans_every_possible_age():
    assert number_of("sum(y, 3)", table(y=[[(-5.0, 1.0), 2.0, 4.0]])) == ([1.0], [7.0])
    low, high = number_of("mean(x, 3)", table(x=[[(0.0, 9.0), 2.0, 4.0]]))
    assert (low, high) == ([2.0], [5.0])


def test_subject_without_any_year_of_foundation_is_as_one_whose_year_is_unknown():
    nobody = Dictionary([fact("x", minimum=0.0)])
    assert number_of("sum(x, 2)", table(dictionary=nobody, x=[[(0.0, 3.0), 4.0]])) == ([4.0], [7.0])


def test_known_figures_show_that_a_firm_existed():
    assert known("sum(x, 3)", table(x=[[1.0, 2.0, 4.0]])) == [7.0]


def test_foundation_between_two_years_leaves_both_possible():
    facts = table(x=[[(0.0, 9.0), (1.0, 2.0), 4.0]], founded_year=[(2023.0, 2024.0)])
    assert number_of("sum(x, 3)", facts) == ([5.0], [15.0])
