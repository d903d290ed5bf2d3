"""Protection equals the cascade computed anew for every scenario and every success."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel.chain_cascade import outputs
from jicheng.kernel.protection import Protection, distinct_rows
from jicheng.kernel.subsets import all_subsets
from portfolio_builders import random_protection


def plain_losses(protection: Protection, success: np.ndarray) -> np.ndarray:
    """Loss of each final product in each scenario, without any shortcut."""
    own = protection.left.copy()
    for s in range(len(own)):
        for k in range(own.shape[1]):
            reliefs = [
                r
                for r, t, z in zip(protection.relief, protection.technology, success, strict=True)
                if t == k and z
            ]
            own[s, k] = min(1.0, own[s, k] + max(reliefs, default=0.0))
    left = outputs(own, protection.graph, protection.essential)
    return 1.0 - left[:, protection.final_value > 0]


def plain_avoided(protection: Protection, success: np.ndarray) -> float:
    value = protection.final_value[protection.final_value > 0]
    nothing = np.zeros(len(success), dtype=bool)
    gain = plain_losses(protection, nothing) - plain_losses(protection, success)
    return float(protection.weights @ gain @ (value / value.sum()))


@pytest.mark.parametrize("seed", range(40))
def test_avoided_loss_equals_the_plain_cascade(seed: int) -> None:
    rng = np.random.default_rng(seed)
    protection = random_protection(rng, mixes_inputs_and_members=seed % 3 == 0)
    patterns = all_subsets(5)
    plain = [plain_avoided(protection, success) for success in patterns]
    assert protection.avoided(patterns) == pytest.approx(plain, abs=1e-13)


@pytest.mark.parametrize("seed", range(10))
def test_final_losses_equal_the_plain_cascade(seed: int) -> None:
    protection = random_protection(np.random.default_rng(seed))
    patterns = all_subsets(5)
    plain = np.array([plain_losses(protection, success) for success in patterns])
    for s in range(len(protection.left)):
        assert protection.losses_after(s, patterns) == pytest.approx(plain[:, s], abs=1e-13)


@pytest.mark.parametrize("seed", range(10))
def test_avoided_loss_is_monotone_in_success(seed: int) -> None:
    protection = random_protection(np.random.default_rng(seed))
    avoided = protection.avoided(all_subsets(5))
    for mask in range(32):
        for challenge in range(5):
            assert avoided[mask | (1 << challenge)] >= avoided[mask] - 1e-14


def test_more_relief_never_avoids_less() -> None:
    protection = random_protection(np.random.default_rng(4))
    more = replace(protection, relief=np.minimum(1.0, protection.relief + 0.2))
    patterns = all_subsets(5)
    assert (more.avoided(patterns) >= protection.avoided(patterns) - 1e-14).all()


def test_relief_of_two_challenges_on_one_technology_counts_once() -> None:
    protection = random_protection(np.random.default_rng(2), n_challenges=2)
    technology = np.full(2, int(np.argmin(protection.left.min(axis=0))))
    same = replace(protection, technology=technology, relief=np.array([0.2, 0.3]))
    patterns = np.array([[False, True], [True, True]])
    larger, both = same.avoided(patterns)
    assert larger == both


def test_full_relief_of_all_leaves_no_loss() -> None:
    protection = random_protection(np.random.default_rng(0))
    every = replace(protection, technology=np.arange(8), relief=np.ones(8))
    for s in range(len(every.left)):
        assert (every.losses_after(s, np.ones((1, 8), dtype=bool)) == 0.0).all()


def test_without_challenges_nothing_is_avoided() -> None:
    protection = random_protection(np.random.default_rng(0), n_challenges=0)
    assert protection.avoided(np.zeros((3, 0), dtype=bool)).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("columns", [0, 3, 62, 70])
def test_distinct_rows_return_to_the_rows(columns: int) -> None:
    rows = np.random.default_rng(columns).random((200, columns)) < 0.5
    rows[100:] = rows[:100]
    patterns, inverse = distinct_rows(rows)
    assert (patterns[inverse] == rows).all()
    assert len(np.unique(patterns, axis=0)) == len(patterns) <= 100
