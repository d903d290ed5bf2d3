from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.kernel.success import draw_luck, draw_years, success_probability


def test_success_of_a_full_team_at_the_median_time_is_one_half() -> None:
    assert success_probability(np.array([3.0]), np.array([3.0]))[0] == pytest.approx(0.5)


def test_success_is_one_minus_the_exponential_of_hazard_times_years() -> None:
    years, funded, effort = 4.0, 5.0, 0.6
    hazard = np.log(2) / years * effort
    expected = 1 - np.exp(-hazard * funded)
    found = success_probability(np.array([funded * effort]), np.array([years]))
    assert found[0] == pytest.approx(expected, rel=1e-12)


def test_success_without_effort_is_zero_even_if_the_median_time_is_zero() -> None:
    found = success_probability(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 2.0]))
    assert found.tolist() == [0.0, 1.0, 0.0]


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 50), st.floats(0, 50), st.floats(0, 60), st.floats(0, 60))
def test_success_rises_with_effort_and_falls_with_years(
    effort: float, more: float, years: float, longer: float
) -> None:
    def p(e: float, y: float) -> float:
        return float(success_probability(np.array([e]), np.array([y]))[0])

    assert 0 <= p(effort, years) <= p(effort + more, years) <= 1
    assert p(effort, years + longer) <= p(effort, years)


def test_years_are_shared_by_technology_and_lie_in_their_interval() -> None:
    low, high = np.array([1.0, 2.0, 1.0]), np.array([3.0, 6.0, 3.0])
    years = draw_years(low, high, ["a", "b", "a"], seed=3, n_draws=500)
    assert (years[:, 0] == years[:, 2]).all()
    assert (years >= low).all()
    assert (years <= high).all()
    assert years.mean(axis=0) == pytest.approx([2.0, 4.0, 2.0], abs=0.15)


def test_luck_does_not_depend_on_who_else_is_drawn() -> None:
    together = draw_luck(["a", "b", "c"], seed=1, n_draws=20)
    alone = draw_luck(["c"], seed=1, n_draws=20)
    assert (together[:, 2] == alone[:, 0]).all()
    assert not (together[:, 0] == together[:, 1]).any()
    assert not (draw_luck(["c"], seed=2, n_draws=20) == alone).any()
