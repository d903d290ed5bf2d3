"""Streams of random numbers depend on seed, purpose and name alone."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.draws import generator, uniforms


def test_same_seed_purpose_and_name_give_the_same_stream() -> None:
    assert np.array_equal(generator(7, "p", "a").random(5), generator(7, "p", "a").random(5))


@pytest.mark.parametrize("other", [(8, "p", "a"), (7, "q", "a"), (7, "p", "b"), (7, "pa", "")])
def test_any_difference_gives_another_stream(other: tuple[int, str, str]) -> None:
    assert not np.array_equal(generator(7, "p", "a").random(5), generator(*other).random(5))


def test_column_depends_on_its_name_only() -> None:
    both = uniforms(1, "p", ["a", "b"], 100)
    assert np.array_equal(uniforms(1, "p", ["b"], 100)[:, 0], both[:, 1])
    assert np.array_equal(uniforms(1, "p", ["b", "a"], 100)[:, ::-1], both)


def test_fewer_draws_are_the_first_of_more() -> None:
    assert np.array_equal(uniforms(1, "p", ["a"], 10), uniforms(1, "p", ["a"], 100)[:10])


def test_uniforms_lie_in_the_half_open_unit_interval_and_are_even() -> None:
    drawn = uniforms(3, "p", [f"name {i}" for i in range(50)], 1000)
    assert drawn.shape == (1000, 50)
    assert drawn.min() >= 0.0
    assert drawn.max() < 1.0
    assert abs(drawn.mean() - 0.5) < 0.005
    assert np.abs(np.corrcoef(drawn.T) - np.eye(50)).max() < 0.15


def test_no_names_give_no_columns() -> None:
    assert uniforms(1, "p", [], 10).shape == (10, 0)
