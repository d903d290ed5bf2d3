"""Maximal marginal relevance against its plain definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.kernel.diversity import diverse_order


def plain(relevance: list[float], similarity: np.ndarray, most: int, share: float) -> list[int]:
    chosen: list[int] = []
    while len(chosen) < min(most, len(relevance)):
        left = [i for i in range(len(relevance)) if i not in chosen]
        worth = {
            i: share * relevance[i]
            - ((1 - share) * max(similarity[j, i] for j in chosen) if chosen else 0.0)
            for i in left
        }
        chosen.append(max(left, key=lambda i: (worth[i], -i)))
    return chosen


@given(st.integers(0, 8), st.integers(0, 9), st.sampled_from([0.0, 0.5, 0.7, 1.0]), st.integers(0))
def test_order_is_the_definition(n: int, most: int, share: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    relevance = random.integers(0, 5, n) / 4
    similarity = random.integers(0, 5, (n, n)) / 4
    similarity = np.maximum(similarity, similarity.T)
    made = diverse_order(relevance, similarity, most=most, trade_off=share)
    assert made.tolist() == plain(relevance.tolist(), similarity, most, share)


def test_a_copy_of_the_best_comes_late() -> None:
    relevance = np.array([1.0, 0.99, 0.6])
    similarity = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert diverse_order(relevance, similarity, most=3).tolist() == [0, 2, 1]
    assert diverse_order(relevance, similarity, most=3, trade_off=1.0).tolist() == [0, 1, 2]


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="2 items"):
        diverse_order(np.zeros(2), np.zeros((3, 3)), most=1)
