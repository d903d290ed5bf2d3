from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.rules.expression.intervals import Interval
from jicheng.rules.score.ranks import rank, rank_among


def intervals(*ends: tuple[float, float]) -> Interval:
    return Interval(np.array([low for low, _ in ends]), np.array([high for _, high in ends]))


def groups(*codes: int) -> np.ndarray:
    return np.array(codes, dtype=np.int32)


def test_known_points_have_one_place() -> None:
    found = rank(intervals((5, 5), (9, 9), (5, 5), (1, 1)), groups(0, 0, 0, 0))
    assert found.place.tolist() == found.best.tolist() == [2, 1, 2, 4]
    assert found.worst.tolist() == [2, 1, 2, 4]
    assert found.ahead.tolist() == pytest.approx([1 / 3, 1, 1 / 3, 0])


def test_intervals_have_a_best_and_a_worst_place() -> None:
    found = rank(intervals((0, 10), (4, 6), (5, 5), (7, 7)), groups(0, 0, 0, 0))
    assert found.place.tolist() == [4, 3, 2, 1]
    assert found.best.tolist() == [1, 2, 2, 1]
    assert found.worst.tolist() == [4, 4, 4, 2]


def test_groups_do_not_meet() -> None:
    found = rank(intervals((5, 5), (9, 9), (1, 1)), groups(0, 1, 0))
    assert found.place.tolist() == [1, 1, 2]
    assert found.n_peers.tolist() == [2, 1, 2]
    assert np.isnan(found.ahead).tolist() == [False, True, False]


def test_subject_in_no_group_has_no_place() -> None:
    found = rank(intervals((5, 5), (9, 9)), groups(-1, 0))
    assert (found.place.tolist(), found.n_peers.tolist()) == ([0, 1], [0, 1])


def test_rounding_makes_no_places() -> None:
    found = rank(intervals((0.1 + 0.2, 0.1 + 0.2), (0.3, 0.3)), groups(0, 0))
    assert found.place.tolist() == [1, 1]


def test_place_among_others_is_found_by_itself() -> None:
    others = intervals((5, 5), (4, 8), (1, 1), (9, 9))
    found = rank_among(
        intervals((5, 6), (5, 6)), groups(0, 0), others, groups(0, 0, 0, 1), np.array([-1, 0])
    )
    assert found.place.tolist() == [1, 1]
    assert found.best.tolist() == [1, 1]
    assert found.worst.tolist() == [2, 2]
    assert found.n_peers.tolist() == [4, 3]  # the second is one of them itself
    assert found.ahead.tolist() == pytest.approx([2 / 3, 1])
    assert found.ahead_low.tolist() == pytest.approx([1 / 3, 1 / 2])
    assert found.ahead_high.tolist() == pytest.approx([1, 1])


def test_place_among_nobody_is_the_first() -> None:
    found = rank_among(intervals((5, 6)), groups(7), intervals(), groups(), np.array([-1]))
    assert (found.place.tolist(), found.n_peers.tolist()) == ([1], [1])
    assert np.isnan(found.ahead).all()


def test_subject_in_no_group_has_no_place_among_others() -> None:
    found = rank_among(intervals((5, 6)), groups(-1), intervals((1, 1)), groups(-1), np.array([0]))
    assert (found.place.tolist(), found.n_peers.tolist()) == ([0], [0])


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(-1, 2)), min_size=1, max_size=12
    )
)
@settings(deadline=None)
def test_places_among_the_same_firms_are_those_of_the_list(told) -> None:
    points = intervals(*[(low, low + width) for low, width, _ in told])
    group = groups(*[code for *_, code in told])
    whole = rank(points, group)
    alone = rank_among(points, group, points, group, np.arange(len(told)))
    for name in ("place", "best", "worst", "n_peers", "ahead", "ahead_low", "ahead_high"):
        assert np.array_equal(getattr(whole, name), getattr(alone, name), equal_nan=True), name


def test_nobody() -> None:
    assert rank(intervals(), groups()).place.tolist() == []


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(-1, 2)), min_size=1, max_size=15
    ),
    st.data(),
)
@settings(deadline=None)
def test_places_hold_whatever_is_missing(
    rows: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    points = intervals(*((float(low), float(low + more)) for low, more, _ in rows))
    group = groups(*(code for _, _, code in rows))
    found = rank(points, group)
    for k, (low, more, code) in enumerate(rows):
        if code < 0:
            continue
        others = [j for j in range(len(rows)) if rows[j][2] == code and j != k]
        value = data.draw(st.integers(low, low + more))
        told = [data.draw(st.integers(rows[j][0], rows[j][0] + rows[j][1])) for j in others]
        place = 1 + sum(other > value for other in told)
        assert found.best[k] <= place <= found.worst[k]
        fewer = sum(other < value for other in told)
        if others:
            assert found.ahead_low[k] - 1e-9 <= fewer / len(others) <= found.ahead_high[k] + 1e-9
        ends = [(rows[j][0], rows[j][0] + rows[j][1]) for j in others]
        assert found.best[k] == 1 + sum(other_low > low + more for other_low, _ in ends)
        assert found.worst[k] == 1 + sum(other_high > low for _, other_high in ends)
