"""Slopes bound the avoided loss from above everywhere, and touch it at every set."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.envelope import Envelope
from jicheng.kernel.protection import Protection
from jicheng.kernel.subsets import all_subsets
from portfolio_builders import random_protection


def avoided(protection: Protection, scenario: int, successes: np.ndarray) -> float:
    """Mean loss avoided in one scenario over draws of success."""
    after = protection.losses_after(scenario, successes)
    gain = protection.losses_before[scenario] - after
    return float((gain @ protection.final_share).mean())


@pytest.mark.parametrize("seed", range(60))
def test_slopes_lie_above_and_touch_at_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mixed = seed % 4 == 0
    protection = random_protection(rng, mixes_inputs_and_members=mixed)
    successes = rng.random((9, 5)) < 0.6
    sets = all_subsets(5)
    for scenario in protection.joint:
        envelope = Envelope.of(protection, scenario, successes)
        true = np.array([avoided(protection, scenario, successes & x) for x in sets])
        for x in sets[rng.integers(0, 32, 4)]:
            slope = envelope.slope_at(x.astype(float))
            above = slope.constant + sets @ slope.slopes - true
            assert above.min() >= -1e-12
            if not mixed:
                assert above[(sets == x).all(axis=1)] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_slopes_at_fractions_lie_above_every_set(seed: int) -> None:
    rng = np.random.default_rng(seed)
    protection = random_protection(rng, mixes_inputs_and_members=seed % 4 == 0)
    successes = rng.random((9, 5)) < 0.6
    sets = all_subsets(5)
    for scenario in protection.joint:
        envelope = Envelope.of(protection, scenario, successes)
        true = np.array([avoided(protection, scenario, successes & x) for x in sets])
        for _ in range(4):
            slope = envelope.slope_at(rng.random(5))
            assert (slope.constant + sets @ slope.slopes - true).min() >= -1e-12


def test_envelope_is_concave_between_two_points() -> None:
    rng = np.random.default_rng(5)
    protection = random_protection(rng)
    envelope = Envelope.of(protection, protection.joint[0], rng.random((9, 5)) < 0.6)

    def height(x: np.ndarray) -> float:
        slope = envelope.slope_at(x)
        return slope.constant + float(slope.slopes @ x)

    for _ in range(20):
        one, other = rng.random(5), rng.random(5)
        assert height((one + other) / 2) >= (height(one) + height(other)) / 2 - 1e-12
