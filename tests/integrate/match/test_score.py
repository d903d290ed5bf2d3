from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.integrate.match.criteria import criteria, weights_of
from jicheng.integrate.match.levels import Interval, between
from jicheng.integrate.match.score import add_up


def interval(*ends: tuple[float, float] | None) -> Interval:
    known = np.array([one is not None for one in ends])
    low, high = (np.array([(0, 1)[k] if one is None else one[k] for one in ends], dtype=float)
                 for k in (0, 1))  # fmt: skip
    return between(low, high, known)


def test_the_sum_can_be_checked_by_hand() -> None:
    parts = {"a": interval((0.5, 0.5), (1.0, 1.0)), "b": interval((0.0, 1.0), None)}
    scores = add_up(parts, {"a": 3.0, "b": 1.0}, np.ones(2, np.bool_))
    assert scores.low.tolist() == [37.5, 75.0]
    assert scores.high.tolist() == [62.5, 100.0]
    assert scores.mid.tolist() == [50.0, 87.5]  # no data counts like the average: 0.5


def test_no_data_counts_like_the_average_of_those_who_may_take_part() -> None:
    parts = {"a": interval((0.2, 0.2), (0.4, 0.4), (1.0, 1.0), None)}
    scores = add_up(parts, {"a": 1.0}, np.array([True, True, False, True]))
    assert scores.mid[3] == pytest.approx(30.0)
    assert (scores.low[3], scores.high[3]) == (0.0, 100.0)


def test_a_criterion_of_nobody_gives_its_weight_to_the_others() -> None:
    scores = add_up({"a": interval((0.5, 0.5)), "b": None}, {"a": 1.0, "b": 9.0}, np.ones(1, bool))
    assert scores.low.tolist() == scores.high.tolist() == [50.0]
    assert scores.left_out == ("b",)
    assert scores.weights == {"a": 1.0}


def test_a_criterion_without_data_of_anybody_who_takes_part_adds_no_points() -> None:
    parts = {"a": interval((0.4, 0.4), (0.1, 0.1)), "b": interval(None, (0.9, 0.9))}
    scores = add_up(parts, {"a": 1.0, "b": 3.0}, np.array([True, False]))
    assert (scores.low[0], scores.mid[0], scores.high[0]) == pytest.approx((40.0, 40.0, 40.0))
    assert scores.left_out == ("b",)


def test_without_any_criterion_there_is_no_score() -> None:
    scores = add_up({"a": None}, {"a": 1.0}, np.ones(3, np.bool_))
    assert scores.parts == {}
    assert scores.left_out == ("a",)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.booleans(), st.floats(0, 5)),
        min_size=1,
        max_size=6,
    )
)
def test_the_score_lies_in_its_interval_and_knowing_more_never_widens_it(
    rows: list[tuple[float, float, bool, float]],
) -> None:
    weights = {str(i): weight + 0.1 for i, (_, _, _, weight) in enumerate(rows)}
    other = (0.5, 0.5)  # of somebody there is always data, so that every criterion applies
    some = {
        str(i): interval((min(a, b), max(a, b)) if known else None, other)
        for i, (a, b, known, _) in enumerate(rows)
    }
    more = {str(i): interval((min(a, b), max(a, b)), other) for i, (a, b, _, _) in enumerate(rows)}
    less, full = (add_up(parts, weights, np.ones(2, np.bool_)) for parts in (some, more))
    for scores in (less, full):
        assert -1e-9 <= scores.low[0] <= scores.mid[0] + 1e-9
        assert scores.mid[0] <= scores.high[0] + 1e-9 <= 100.0 + 2e-9
    assert less.low[0] <= full.low[0] + 1e-9
    assert full.high[0] <= less.high[0] + 1e-9


def test_weights_of_the_shipped_criteria_sum_to_one_without_that_of_results() -> None:
    total = sum(one.weight for one in criteria() if one.needs != "result")
    assert total == pytest.approx(1.0)
    for one in criteria():
        for text in (one.label, one.description, one.missing, one.provenance):
            assert text.zh
            assert text.en


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"txts": 1.0}, "E050"), ({"texts": -1.0}, "E050"), ({"texts": float("nan")}, "E050"),
     ({one.name: 0.0 for one in criteria()}, "E051")],
)  # fmt: skip
def test_weights_that_cannot_be_are_refused(changed: dict[str, float], code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        weights_of(changed)
    assert error.value.code == code
