from __future__ import annotations

import numpy as np
import pytest

from jicheng.optimise.front import Chooser, knee
from jicheng.optimise.settings import PortfolioSettings
from portfolio_builders import random_problem


def test_knee_is_the_point_farthest_above_the_chord() -> None:
    assert knee([1, 2, 3, 4, 5], [0.0, 0.7, 0.8, 0.9, 1.0]) == 1


@pytest.mark.parametrize(
    ("budgets", "values"),
    [([1, 2], [0, 1]), ([1, 2, 3], [0, 0, 0]), ([1, 2, 3], [0, 0.5, 1]), ([], []),
     ([1, 2, 3], [0, 0.1, 1])],
)  # fmt: skip
def test_knee_is_absent_where_nothing_stands_above_the_chord(budgets, values) -> None:
    assert knee(budgets, values) is None


@pytest.mark.parametrize("seed", range(6))
def test_both_methods_draw_the_same_front(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n_challenges=6)
    fronts = []
    for largest in (15, 0):
        settings = PortfolioSettings(enumerate_up_to=largest, gap=1e-9)
        chooser = Chooser(problem, settings)
        choices = [chooser.choose(scale) for scale in (1.0, 0.5, 0.8, 1.3, 2.0)]
        fronts.append([None if c is None else c.value for c in choices])
        assert {c.method for c in choices if c} <= {"enumeration" if largest else "integer program"}
    assert fronts[0] == pytest.approx(fronts[1], abs=1e-9)
