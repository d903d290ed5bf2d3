"""Measures of rankings against examples worked by hand and a slow plain reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jicheng.kernel.ranking import (
    bootstrap_interval,
    calibration,
    found_at,
    ndcg,
    paired_difference,
    precision_at_1,
    recall_at,
)

Query = tuple[list[float], list[int]]


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Scores with ties and texts not returned, and grades."""
    size = draw(st.integers(1, 14))
    score = st.sampled_from([-math.inf, -1.5, 0.0, 0.25, 0.5, 2.0])
    return (
        draw(st.lists(score, min_size=size, max_size=size)),
        draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)),
    )


def slow_order(query: Query) -> list[int]:
    """Grades of the returned texts, best first."""
    scores, grades = query
    columns = sorted(range(len(scores)), key=lambda column: (-scores[column], column))
    return [grades[column] for column in columns if scores[column] != -math.inf]


def slow_gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def test_ndcg_of_a_ranking_worked_by_hand() -> None:
    # grades in order 2, 0, 1: (3/1 + 0 + 1/2) over the ideal 2, 1: (3/1 + 1/log2 3)
    scores, grades = [[0.9, 0.5, 0.1]], [[2, 0, 1]]
    assert ndcg(scores, grades)[0] == pytest.approx(3.5 / (3.0 + 1.0 / math.log2(3.0)))
    assert ndcg(scores, grades)[0] == pytest.approx(0.9639404333166532)


def test_ndcg_of_the_second_rank_alone() -> None:
    # one relevant text of grade 1 at rank 2: 1/log2 3 over 1
    assert ndcg([[0.9, 0.5]], [[0, 1]])[0] == pytest.approx(0.6309297535714575)


def test_ndcg_counts_no_further_than_the_first_ranks() -> None:
    scores = [[3.0, 2.0, 1.0]]
    assert ndcg(scores, [[0, 0, 2]], first=2)[0] == 0.0
    assert ndcg(scores, [[2, 1, 1]], first=2)[0] == 1.0


def test_recall_and_precision_worked_by_hand() -> None:
    scores, grades = [[4.0, 3.0, 2.0, 1.0]], [[1, 2, 0, 1]]
    assert recall_at(scores, grades, first=2)[0] == pytest.approx(2 / 3)
    assert recall_at(scores, grades, first=2, least=2)[0] == 1.0
    assert precision_at_1(scores, grades)[0] == 0.0
    assert precision_at_1(scores, grades, least=1)[0] == 1.0


def test_texts_that_were_not_returned_gain_nothing() -> None:
    scores, grades = [[-np.inf, -np.inf]], [[2, 1]]
    assert ndcg(scores, grades)[0] == 0.0
    assert recall_at(scores, grades)[0] == 0.0
    assert precision_at_1(scores, grades)[0] == 0.0


def test_queries_without_relevant_texts_count_as_missing() -> None:
    scores, grades = [[1.0, 2.0]], [[0, 0]]
    for measure in (ndcg, recall_at, precision_at_1):
        assert np.isnan(measure(scores, grades)[0])
    assert np.isnan(precision_at_1(scores, [[1, 0]])[0])


def test_found_at_tells_whether_the_wanted_text_is_among_the_first() -> None:
    scores = [[3.0, 2.0, 1.0], [1.0, 1.0, -np.inf]]
    assert found_at(scores, [1, 2], first=2).tolist() == [1.0, 0.0]
    assert found_at(scores, [2, 1], first=2).tolist() == [0.0, 1.0]


@given(st.lists(queries(), min_size=1, max_size=1), st.integers(1, 12), st.integers(1, 3))
@settings(deadline=None)
def test_measures_are_those_of_the_slow_reference(
    drawn: list[Query], first: int, least: int
) -> None:
    scores, grades = drawn[0]
    order, ideal = slow_order(drawn[0]), sorted(grades, reverse=True)
    relevant = [grade for grade in grades if grade >= least]
    if any(grades):
        expected = slow_gain(order[:first]) / slow_gain(ideal[:first])
        assert ndcg([scores], [grades], first=first)[0] == pytest.approx(expected)
    if relevant:
        found = sum(grade >= least for grade in order[:first])
        assert recall_at([scores], [grades], first=first, least=least)[0] == pytest.approx(
            found / len(relevant)
        )
        assert precision_at_1([scores], [grades], least=least)[0] == float(
            bool(order) and order[0] >= least
        )


@given(queries(), st.floats(0.1, 5.0), st.floats(-3.0, 3.0))
@settings(deadline=None)
def test_ndcg_depends_on_the_order_alone(query: Query, factor: float, shift: float) -> None:
    scores, grades = query
    moved = factor * np.array(scores) + shift
    assert np.array_equal(ndcg([scores], [grades]), ndcg([moved], [grades]), equal_nan=True)


def test_measures_refuse_what_they_cannot_rank() -> None:
    for scores, grades in (
        ([[1.0, 2.0]], [[1]]),
        ([1.0, 2.0], [1, 0]),
        ([[np.nan, 1.0]], [[0, 1]]),
        ([[1.0, 2.0]], [[0, -1]]),
        (np.empty((1, 0)), np.empty((1, 0))),
    ):
        with pytest.raises(ValueError, match=r"one row a query|no score may be nan"):
            ndcg(scores, grades)
    with pytest.raises(ValueError, match="at least one rank"):
        ndcg([[1.0]], [[1]], first=0)


def slow_interval(values: NDArray[np.float64], draws: int, seed: int) -> tuple[float, float]:
    generator = np.random.default_rng(seed)
    means = sorted(
        float(np.mean([values[pick] for pick in generator.integers(values.size, size=values.size)]))
        for _ in range(draws)
    )
    return tuple(np.quantile(means, [0.025, 0.975]).tolist())  # type: ignore[return-value]


def test_interval_is_that_of_draws_one_by_one() -> None:
    values = np.array([0.1, 0.4, 0.4, 0.9, 1.0, 0.0, 0.7])
    got = bootstrap_interval(values, draws=1_300, seed=7)
    assert (got.low, got.high) == pytest.approx(slow_interval(values, 1_300, 7))
    assert got.mean == pytest.approx(0.5)
    assert got.count == 7


def test_interval_narrows_as_the_square_root_of_the_queries() -> None:
    # the standard error of the mean of n fair coins is .5/sqrt(n); 1.96 of them each side
    values = np.tile([0.0, 1.0], 200)
    got = bootstrap_interval(values)
    assert got.high - got.low == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(400), rel=0.06)


def test_interval_leaves_missing_values_out() -> None:
    assert bootstrap_interval([np.nan, 1.0, np.nan]).mean == 1.0
    assert bootstrap_interval([np.nan, 1.0, np.nan]).count == 1
    assert bootstrap_interval([np.nan]).count == 0
    assert np.isnan(bootstrap_interval([]).low)


def test_interval_of_the_same_seed_is_the_same() -> None:
    values = np.random.default_rng(9).random(20)
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_interval_refuses_levels_that_are_none() -> None:
    for level, draws in ((0.0, 10), (1.0, 10), (0.9, 0)):
        with pytest.raises(ValueError, match="level lies between"):
            bootstrap_interval([1.0], level=level, draws=draws)


def test_paired_difference_is_surer_than_two_intervals() -> None:
    generator = np.random.default_rng(2)
    base = generator.random(60)
    better = np.minimum(base + 0.05, 1.0)
    got = paired_difference(better, base)
    assert got.low > 0.0
    assert bootstrap_interval(better).low < bootstrap_interval(base).high


def test_paired_difference_needs_both_values_of_a_query() -> None:
    got = paired_difference([1.0, np.nan, 0.5], [0.5, 0.5, np.nan])
    assert (got.mean, got.count) == (0.5, 1)
    with pytest.raises(ValueError, match="same queries"):
        paired_difference([1.0], [1.0, 2.0])


def test_calibration_worked_by_hand() -> None:
    got = calibration([0.1, 0.2, 0.9, 1.0], [False, True, True, True], bins=2)
    assert got.count.tolist() == [2, 2]
    assert got.score.tolist() == pytest.approx([0.15, 0.95])
    assert got.right.tolist() == [0.5, 1.0]
    # half of |.15 - .5| and half of |.95 - 1|
    assert got.error == pytest.approx(0.2)


def test_calibration_puts_ends_into_the_bin_above() -> None:
    got = calibration([0.0, 0.5, 1.0], [True, True, True], bins=2)
    assert got.count.tolist() == [1, 2]


def test_calibration_of_empty_bins_is_unknown() -> None:
    got = calibration([0.95], [True])
    assert np.isnan(got.right[:9]).all()
    assert got.error == pytest.approx(0.05)
    assert np.isnan(calibration([], []).error)


def test_calibration_error_of_honest_scores_is_small() -> None:
    generator = np.random.default_rng(5)
    scores = generator.random(20_000)
    assert calibration(scores, generator.random(20_000) < scores).error < 0.02


def test_calibration_refuses_scores_that_are_no_shares() -> None:
    for scores, right, bins in (
        ([1.2], [True], 10),
        ([0.5], [True, False], 10),
        ([0.5], [True], 0),
    ):
        with pytest.raises(ValueError, match=r"right or wrong|lie in 0"):
            calibration(scores, right, bins=bins)
    with pytest.raises(ValueError, match="lie in 0"):
        calibration([np.nan], [True])
