"""From draws to verdicts, intervals, ranks and the front."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import Text
from jicheng.select.scenario import Family, Scenario
from jicheng.select.settings import ChokepointSettings
from jicheng.select.uncertainty import Draws
from jicheng.select.verdicts import (
    Probabilities,
    front,
    hits,
    intervals,
    probabilities,
    rank,
    verdicts,
)

SETTINGS = ChokepointSettings()
NO_TEXT = Text("", "")
SCENARIO = Scenario(
    "all-foreign", Family.ALL_FOREIGN, "CHN", (), 0.5, 0.05, NO_TEXT, NO_TEXT
)  # fmt: skip
A, B, C, D, NONE = 0, 1, 2, 3, -1


def draws_of(v: list[float], mixed: list[float], one_hand: list[bool] | None = None) -> Draws:
    """Return draws of one technology."""
    axis = np.array(mixed)[:, None]
    hands = np.array(one_hand or [False] * len(v))[:, None]
    none = np.zeros((1, 0), dtype=bool)
    return Draws(np.array(v)[:, None], axis, axis, axis, axis, axis, axis, hands, none)


def given_p(mixed: float, worst: float | None = None) -> Probabilities:
    p, high = np.array([mixed]), np.array([mixed if worst is None else worst])
    return Probabilities(p, p, p, p, p, p, high)


def verdict(mixed: float, grade: int, worst: float | None = None, confirmed: bool = False) -> str:
    found = verdicts(given_p(mixed, worst), np.array([grade]), np.array([confirmed]), SETTINGS)
    return found[0]


def test_both_thresholds_must_be_reached_at_once() -> None:
    found = probabilities(draws_of([0.6, 0.6, 0.4, 0.4], [0.1, 0.01, 0.1, 0.01]), SCENARIO)
    assert found.mixed[0] == 0.25


def test_a_figure_on_its_threshold_reaches_it() -> None:
    assert hits(np.array([0.1 + 0.2 + 0.2]), np.array([0.05]), SCENARIO).all()


def test_halves_of_the_unexplained_mass_are_told_apart() -> None:
    found = probabilities(
        draws_of([0.6, 0.6, 0.4, 0.4], [0.1] * 4, [True, True, False, False]), SCENARIO
    )
    assert (found.one_hand[0], found.spread[0], found.mixed[0]) == (1.0, 0.0, 0.5)


def test_an_unknown_axis_leaves_the_probability_unknown() -> None:
    assert np.isnan(probabilities(draws_of([0.6], [np.nan]), SCENARIO).mixed[0])
    assert np.isnan(probabilities(draws_of([np.nan], [0.1]), SCENARIO).mixed[0])


@pytest.mark.parametrize("grade", [A, B, C])
def test_a_likely_chokepoint_is_one(grade: int) -> None:
    assert verdict(0.8, grade) == "chokepoint"
    assert verdict(0.79, grade) == "watch"


def test_the_worst_evidence_is_at_most_watch_unless_confirmed() -> None:
    assert verdict(1.0, D) == "watch"
    assert verdict(1.0, D, confirmed=True) == "chokepoint"
    assert verdict(0.5, D, confirmed=True) == "watch"


@pytest.mark.parametrize(
    ("grade", "expected"), [(A, "safe"), (B, "safe"), (C, "watch"), (D, "watch")]
)
def test_safe_needs_good_evidence(grade: int, expected: str) -> None:
    assert verdict(0.1, grade) == expected


def test_safe_needs_more_than_equal_weights_of_members() -> None:
    assert verdict(0.0, A, worst=0.11) == "watch"
    assert verdict(0.0, A, worst=0.1) == "safe"


def test_without_shares_or_impact_there_is_no_verdict() -> None:
    assert verdict(0.0, NONE) == "no_data"
    assert verdict(np.nan, A) == "no_data"


def test_intervals_hold_their_point() -> None:
    draws = np.linspace(0.4, 0.6, 101)[:, None]
    found = intervals(draws, draws, np.array([0.9]), SETTINGS)
    assert (found.low[0], found.high[0]) == pytest.approx((0.41, 0.9))


def test_intervals_cut_five_percent_at_each_end() -> None:
    draws = np.linspace(0.0, 1.0, 101)[:, None]
    found = intervals(draws, draws, np.array([0.5]), SETTINGS)
    assert (found.low[0], found.high[0]) == pytest.approx((0.05, 0.95))


def test_an_unknown_point_has_no_interval() -> None:
    found = intervals(np.zeros((3, 1)), np.zeros((3, 1)), np.array([np.nan]), SETTINGS)
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])


def ranks(point: list[float], leaf: list[bool] | None = None) -> list[int]:
    scores = np.array(point)
    is_leaf = np.array(leaf or [True] * len(point))
    return rank(scores, scores[None, :], is_leaf, SETTINGS).point.tolist()


def test_ranks_run_from_the_highest_and_ties_share_the_better() -> None:
    assert ranks([0.1, 0.4, 0.4, 0.2]) == [4, 1, 1, 3]


def test_what_has_no_score_has_no_rank() -> None:
    assert ranks([np.nan, 0.4]) == [0, 1]


def test_a_category_takes_no_place() -> None:
    assert ranks([0.1, 0.4, 0.3], [True, True, False]) == [2, 1, 2]


def test_rank_intervals_are_observed_ranks_and_hold_the_point() -> None:
    rng = np.random.default_rng(4)
    point = np.array([0.5, 0.4, 0.1])
    draws = point + rng.normal(0, 0.1, (500, 3))
    found = rank(point, draws, np.ones(3, dtype=bool), SETTINGS)
    assert found.point.tolist() == [1, 2, 3]
    assert found.low.tolist() == [1, 1, 3]
    assert found.high.tolist() == [2, 2, 3]


def plain_front(axes: list[tuple[float, float, float]]) -> list[bool]:
    def beats(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
        at_least = a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2]
        return at_least and a != b

    return [not any(beats(other, one) for other in axes) for one in axes]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=8))
def test_front_equals_the_plain_version(axes: list[tuple[int, int, int]]) -> None:
    v, full, years = np.array(axes, dtype=float).T
    found = front(v, full, years, np.ones(len(axes), dtype=bool))
    assert found == plain_front(axes)


def test_ties_are_all_on_the_front() -> None:
    same = np.array([0.5, 0.5])
    assert front(same, same, same, np.array([True, True])) == [True, True]


def test_what_cannot_be_compared_is_listed_apart_and_beats_nobody() -> None:
    v, years = np.array([1.0, 0.5, np.nan]), np.array([np.nan, 3.0, 1.0])
    assert front(v, v, years, np.ones(3, dtype=bool)) == [None, True, None]


def test_a_category_beats_no_leaf() -> None:
    v, years = np.array([0.9, 0.5]), np.array([1.0, 3.0])
    assert front(v, v, years, np.array([False, True])) == [True, True]
