"""Moves change the value of a set as much as evaluating the changed set anew says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel.moves import Moves
from jicheng.kernel.protection import Protection
from portfolio_builders import random_protection


def drawn(seed: int, *, n_challenges: int = 7) -> tuple[Protection, np.ndarray, np.ndarray]:
    """A protection, draws of success, and a set."""
    rng = np.random.default_rng(seed)
    protection = random_protection(
        rng, n=10, n_challenges=n_challenges, mixes_inputs_and_members=seed % 2 == 0
    )
    return protection, rng.random((300, n_challenges)) < 0.6, rng.random(n_challenges) < 0.5


def value(protection: Protection, successes: np.ndarray, chosen: np.ndarray) -> float:
    return float(protection.avoided(successes & chosen).mean())


@pytest.mark.parametrize("seed", range(30))
def test_the_value_of_a_set_is_the_mean_over_draws(seed: int) -> None:
    protection, successes, chosen = drawn(seed)
    found = Moves.of(protection, successes).value(chosen)
    assert found == pytest.approx(value(protection, successes, chosen), abs=1e-13)


@pytest.mark.parametrize("seed", range(30))
def test_single_flips_are_differences_of_values(seed: int) -> None:
    protection, successes, chosen = drawn(seed)
    before = value(protection, successes, chosen)
    flipped = chosen ^ np.eye(len(chosen), dtype=bool)
    after = [value(protection, successes, row) for row in flipped]
    changes = Moves.of(protection, successes).singles(chosen)
    assert changes == pytest.approx(np.array(after) - before, abs=1e-13)
    assert (changes[~chosen] >= 0).all()
    assert (changes[chosen] <= 0).all()


@pytest.mark.parametrize("seed", range(30))
def test_flips_of_several_challenges_are_differences_of_values(seed: int) -> None:
    protection, successes, chosen = drawn(seed)
    rng = np.random.default_rng(seed)
    moves = [rng.choice(7, size=size, replace=False) for size in (0, 2, 3, 5, 7)]
    expected = []
    for move in moves:
        after = chosen.copy()
        after[move] ^= True
        expected.append(value(protection, successes, after))
    changes = Moves.of(protection, successes).changes(chosen, moves)
    before = value(protection, successes, chosen)
    assert changes == pytest.approx(np.array(expected) - before, abs=1e-13)


@pytest.mark.parametrize("seed", range(10))
def test_what_an_order_adds_is_the_difference_that_each_challenge_makes(seed: int) -> None:
    protection, successes, _ = drawn(seed)
    order = np.random.default_rng(seed).permutation(7)
    added = Moves.of(protection, successes).along(order)
    chosen, before = np.zeros(7, dtype=bool), 0.0
    for c in order:
        chosen[c] = True
        after = value(protection, successes, chosen)
        assert added[c] == pytest.approx(after - before, abs=1e-13)
        before = after


def test_moves_leave_no_trace() -> None:
    protection, successes, chosen = drawn(1)
    moves = Moves.of(protection, successes)
    first = moves.singles(chosen)
    moves.changes(chosen, [np.arange(7)])
    assert (moves.singles(chosen) == first).all()
    assert moves.changes(chosen, []).tolist() == []


def test_scenarios_without_weight_do_not_count() -> None:
    protection, successes, chosen = drawn(2)
    nothing = replace(protection, weights=np.zeros_like(protection.weights))
    assert Moves.of(nothing, successes).value(chosen) == 0.0
