from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.errors import InvalidInput, SolverFailed
from jicheng.kernel.solver import ProgramBuilder, SolveStatus, solve
from jicheng.kernel.subsets import all_subsets
from jicheng.optimise.purses import Purses, pay, read_purses
from portfolio_builders import random_purses


def can_flow(purses: Purses, chosen: np.ndarray) -> bool:
    """Tell by a transportation program whether the purses can pay for a set."""
    n, p = int(chosen.sum()), len(purses.ids)
    builder = ProgramBuilder()
    paid = builder.columns(n * p, upper=purses.caps[chosen].ravel())
    for c, cost in enumerate(purses.cost[chosen]):
        builder.row("", paid[c * p : (c + 1) * p], lower=cost, upper=cost)
    for q, amount in enumerate(purses.amounts):
        builder.row("", paid[q::p], upper=amount)
    return solve(builder.build()).status is SolveStatus.OPTIMAL


@pytest.mark.parametrize("seed", range(12))
def test_knapsack_rows_equal_the_flow(seed: int) -> None:
    rng = np.random.default_rng(seed)
    purses = random_purses(rng, 5, 1 + seed % 4)
    sets = all_subsets(5)[1:]
    flows = [can_flow(purses, chosen) for chosen in sets]
    assert purses.can_pay(sets).tolist() == flows
    assert any(flows) or not purses.payable.any()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_payment_covers_every_cost_and_no_purse_is_overdrawn(seed: int, n_purses: int) -> None:
    rng = np.random.default_rng(seed)
    purses = random_purses(rng, 6, n_purses)
    sets = all_subsets(6)
    sets = sets[purses.can_pay(sets)]
    chosen = sets[rng.integers(len(sets))]
    paid = pay(purses, chosen)
    assert paid.sum(axis=1) == pytest.approx(np.where(chosen, purses.cost, 0.0), abs=1e-6)
    assert (paid.sum(axis=0) <= purses.amounts + 1e-6).all()
    assert (paid <= purses.caps + 1e-6).all()
    assert (paid >= 0).all()


def test_payment_of_a_set_beyond_the_purses_is_refused() -> None:
    purses = Purses.of(["p"], np.array([5.0]), np.array([[10.0]]), np.array([10.0]))
    with pytest.raises(SolverFailed) as error:
        pay(purses, np.array([True]))
    assert error.value.code == "E403"


def test_money_bound_by_rules_is_used_first() -> None:
    cost = np.array([10.0, 10.0])
    caps = np.array([[10.0, 10.0], [10.0, 0.0]])  # the second purse pays only for the first
    paid = pay(Purses.of(["a", "b"], np.array([20.0, 10.0]), caps, cost), np.array([True, True]))
    assert paid == pytest.approx(np.array([[0.0, 10.0], [10.0, 0.0]]))


def test_promised_money_is_not_available_to_others() -> None:
    cost = np.array([10.0, 10.0])
    purses = Purses.of(["a"], np.array([15.0]), cost[:, None], cost)
    assert purses.can_pay(np.array([[True, False]]))[0]
    rest = purses.part(np.array([True, False]), np.array([False, True]))
    assert not rest.can_pay(np.array([[True]]))[0]
    assert rest.scaled(2.0).can_pay(np.array([[True]]))[0]
    assert not rest.scaled(0.1).can_pay(np.array([[False]]))[0]


def zone_with(purses: list[dict[str, object]]):
    technologies = [
        {"id": "tech:a", "name": "甲", "chain": "chip"},
        {"id": "tech:b", "name": "乙"},
    ]
    rows = [{"name": row["id"], "kind": "public", **row} for row in purses]
    return make_zone(technologies=technologies, purses=rows)


def test_purses_keep_their_rules() -> None:
    zone = zone_with(
        [
            {"id": "free", "amount": 100.0},
            {"id": "chip", "amount": 50.0, "chains": "chip;drug"},
            {"id": "half", "amount": 80.0, "share_limit": 0.5},
        ]
    )
    purses = read_purses(
        zone, ["tech:a", "tech:b"], ["chip;half", None], np.array([40.0, 60.0]), budget_scale=0.5
    )
    assert purses.ids == ("chip", "free", "half")
    assert purses.amounts.tolist() == [25.0, 50.0, 40.0]
    assert purses.caps.tolist() == [[40.0, 0.0, 20.0], [0.0, 60.0, 30.0]]


def test_challenges_that_the_rules_cannot_pay_in_full_are_not_payable() -> None:
    zone = zone_with([{"id": "half", "amount": 1000.0, "share_limit": 0.5}])
    purses = read_purses(zone, ["tech:a"], [None], np.array([40.0]))
    assert not purses.payable[0]
    assert not purses.can_pay(np.array([[True]]))[0]


def test_more_purses_than_can_be_combined_are_refused() -> None:
    zone = zone_with([{"id": f"purse:{p:02d}", "amount": 1.0} for p in range(13)])
    with pytest.raises(InvalidInput) as error:
        read_purses(zone, ["tech:a"], [None], np.array([1.0]))
    assert error.value.code == "E402"
