from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from jicheng.kernel.subsets import all_subsets, expected_over_draws, masks_of, shapley_values


def test_subsets_hold_the_bits_of_their_mask() -> None:
    subsets = all_subsets(3)
    assert subsets.shape == (8, 3)
    assert subsets[5].tolist() == [True, False, True]
    assert masks_of(subsets).tolist() == list(range(8))
    assert all_subsets(0).shape == (1, 0)


@pytest.mark.parametrize("seed", range(5))
def test_expectation_over_draws_equals_the_plain_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table, successes = rng.random(16), rng.integers(0, 16, 40)
    plain = [np.mean([table[x & z] for z in successes]) for x in range(16)]
    assert expected_over_draws(table, successes) == pytest.approx(plain, abs=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_shapley_value_is_the_mean_contribution_over_all_orders(seed: int) -> None:
    table = np.random.default_rng(seed).random(16)
    plain = np.zeros(4)
    for order in permutations(range(4)):
        mask = 0
        for player in order:
            plain[player] += table[mask | (1 << player)] - table[mask]
            mask |= 1 << player
    assert shapley_values(table) == pytest.approx(plain / 24, abs=1e-12)


def test_shapley_values_sum_to_the_whole() -> None:
    table = np.random.default_rng(1).random(64)
    assert shapley_values(table).sum() == pytest.approx(table[-1] - table[0], abs=1e-12)
    assert shapley_values(np.array([3.0])).size == 0
