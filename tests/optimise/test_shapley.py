from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.optimise.shapley import contributions
from jicheng.optimise.value import SetValue
from portfolio_builders import random_problem


def value_of(seed: int, n_draws: int = 300) -> SetValue:
    return random_problem(np.random.default_rng(seed), n_challenges=7, n_draws=n_draws).value


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("exact_up_to", [15, 0])
def test_contributions_sum_to_the_value_of_the_portfolio(seed: int, exact_up_to: int) -> None:
    value = value_of(seed)
    chosen = np.array([True, True, False, True, True, False, True])
    found = contributions(value, chosen, exact_up_to=exact_up_to, seed=1)
    whole = float(value.on_draws(chosen).mean())
    assert found.values.sum() == pytest.approx(whole, abs=1e-12)
    assert (found.values[~chosen] == 0).all()


@pytest.mark.parametrize("seed", range(8))
def test_sampled_contributions_are_near_the_exact_ones(seed: int) -> None:
    value, chosen = value_of(seed), np.ones(7, dtype=bool)
    exact = contributions(value, chosen, exact_up_to=15, seed=1)
    sampled = contributions(value, chosen, exact_up_to=0, seed=1)
    assert (exact.errors == 0).all()
    assert (np.abs(sampled.values - exact.values) <= 5 * sampled.errors + 1e-12).all()


def test_a_challenge_that_never_succeeds_contributes_nothing() -> None:
    value = value_of(1)
    successes = value.successes.copy()
    successes[:, 2] = False
    found = contributions(
        replace(value, successes=successes), np.ones(7, dtype=bool), exact_up_to=15, seed=1
    )
    assert found.values[2] == 0.0


def test_an_empty_portfolio_has_no_contributions() -> None:
    found = contributions(value_of(1), np.zeros(7, dtype=bool), exact_up_to=15, seed=1)
    assert (found.values == 0).all()
