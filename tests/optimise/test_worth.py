"""Average margins around a portfolio are Shapley values for what is chosen, and see complements."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.optimise.shapley import contributions
from jicheng.optimise.worth import average_margins
from portfolio_builders import random_problem


@pytest.mark.parametrize("seed", range(8))
def test_margins_around_a_whole_portfolio_come_near_shapley_values(seed: int) -> None:
    value = random_problem(np.random.default_rng(seed), n_challenges=6).value
    chosen = np.ones(6, dtype=bool)
    names = [f"c:{i}" for i in range(6)]
    samples = [average_margins(value, chosen, names, seed=s) for s in range(40)]
    exact = contributions(value, chosen, exact_up_to=6, seed=1).values
    scale = max(exact.max(), 1e-9)
    assert np.mean(samples, axis=0) == pytest.approx(exact, abs=0.05 * scale)


def test_margins_are_never_negative_and_do_not_depend_on_who_else_is_listed_first() -> None:
    value = random_problem(np.random.default_rng(3), n_challenges=6).value
    chosen = np.array([True, False, True, False, True, False])
    names = [f"c:{i}" for i in range(6)]
    margins = average_margins(value, chosen, names, seed=1)
    assert (margins >= 0).all()
    order = np.array([3, 1, 5, 0, 2, 4])
    moved = average_margins(value.part(order), chosen[order], [names[i] for i in order], seed=1)
    assert moved == pytest.approx(margins[order], abs=1e-12)
