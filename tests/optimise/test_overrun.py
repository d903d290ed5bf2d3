from __future__ import annotations

import numpy as np
import pytest

from jicheng.optimise.overrun import cost_factors, overrun_risk
from jicheng.optimise.purses import Purses, pay
from jicheng.optimise.settings import PortfolioSettings


def settings(shape: str, rho: float = 0.0) -> PortfolioSettings:
    return PortfolioSettings(cost_shape=shape, cost_correlation=rho, cost_draws=100_000)


def one_purse(amount: float, cost: np.ndarray, overrun: np.ndarray) -> Purses:
    return Purses.of(["p"], np.array([amount]), cost[:, None], cost, overrun=overrun)


@pytest.mark.parametrize(
    ("shape", "exact"),
    [("uniform", (140 - 120) / 80), ("triangular", 0.5 * 0.5**2)],
)
def test_risk_of_one_challenge_is_the_tail_of_its_cost(shape: str, exact: float) -> None:
    purses = one_purse(120.0, np.array([100.0]), np.array([0.4]))
    paid = pay(purses, np.array([True]))
    risk = overrun_risk(purses, ["c"], paid, settings(shape))
    p, error = risk.whole
    assert p == pytest.approx(exact, abs=4 * error)
    assert risk.by_purse[0][0] >= p
    assert error == pytest.approx(np.sqrt(p * (1 - p) / 100_000))


def test_risk_of_two_independent_uniform_costs_is_the_corner_of_their_square() -> None:
    cost = np.array([100.0, 100.0])
    purses = one_purse(240.0, cost, np.array([0.4, 0.4]))
    p, error = overrun_risk(
        purses, ["c", "d"], pay(purses, np.ones(2, bool)), settings("uniform")
    ).whole
    assert p == pytest.approx(0.5 * (40 / 80) ** 2, abs=4 * error)


def test_overruns_that_move_together_are_as_risky_as_one() -> None:
    cost = np.array([100.0, 100.0])
    purses = one_purse(240.0, cost, np.array([0.4, 0.4]))
    p, error = overrun_risk(
        purses, ["c", "d"], pay(purses, np.ones(2, bool)), settings("uniform", 1.0)
    ).whole
    assert p == pytest.approx(0.25, abs=4 * error)


def test_costs_stay_within_their_interval_and_their_draws_follow_the_id() -> None:
    found = cost_factors(["c", "d"], np.array([0.4, 0.1]), settings("triangular", 0.5))
    assert found.min(axis=0) == pytest.approx([0.6, 0.9], abs=0.02)
    assert found.max(axis=0) == pytest.approx([1.4, 1.1], abs=0.02)
    assert found.mean(axis=0) == pytest.approx([1.0, 1.0], abs=0.005)
    turned = cost_factors(["d", "c"], np.array([0.1, 0.4]), settings("triangular", 0.5))
    assert (turned[:, ::-1] == found).all()


def test_bills_may_move_between_purses_but_not_against_their_rules() -> None:
    cost = np.array([100.0, 100.0])
    caps = np.array([[100.0, 0.0], [100.0, 100.0]])
    purses = Purses.of(["a", "b"], np.array([120.0, 100.0]), caps, cost, overrun=np.array([0.4, 0]))
    whole, _ = overrun_risk(
        purses, ["c", "d"], pay(purses, np.ones(2, bool)), settings("uniform")
    ).whole
    assert whole == pytest.approx(0.25, abs=0.01)
