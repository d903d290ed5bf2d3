from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.chain_cascade import ChainGraph
from jicheng.kernel.protection import Protection
from jicheng.optimise.cutting_planes import CuttingPlanes
from jicheng.optimise.enumeration import Enumeration
from jicheng.optimise.local_search import fill, improve, restoring_sets, start_set
from jicheng.optimise.problem import Problem
from jicheng.optimise.purses import Purses
from jicheng.optimise.value import SetValue
from portfolio_builders import random_problem


def pair_problem(money: float = 20.0) -> Problem:
    """Two essential inputs of one product withheld together, both sure to succeed."""
    graph = ChainGraph(
        np.arange(3), np.array([0, 0, 0, 2]), np.array([0, 1]), np.array([0.5, 0.5]),
        np.zeros(4, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0),
    )  # fmt: skip
    protection = Protection(
        graph, np.ones(2, dtype=bool), np.array([0.0, 0.0, 1.0]), np.ones(1),
        np.array([[0.0, 0.0, 1.0]]), np.array([0, 1]), np.ones(2),
    )  # fmt: skip
    cost = np.array([10.0, 10.0])
    purses = Purses.of(["purse"], np.array([money]), cost[:, None], cost)
    value = SetValue(protection, np.ones((4, 2), dtype=bool))
    return Problem(value, purses, np.zeros(2, dtype=bool))


def product_problem(needs: list[list[int]], cost: list[float], money: float) -> Problem:
    """Products of equal value whose inputs are all essential and withheld together."""
    n_inputs, n_products = len(cost), len(needs)
    n = n_inputs + n_products
    pointer = np.concatenate([np.zeros(n_inputs + 1, int), np.cumsum([len(r) for r in needs])])
    source = np.concatenate(needs).astype(np.int64)
    graph = ChainGraph(
        np.arange(n), pointer, source, np.concatenate([np.full(len(r), 1 / len(r)) for r in needs]),
        np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0),
    )  # fmt: skip
    left = np.ones((1, n))
    left[0, :n_inputs] = 0.0
    value = np.concatenate([np.zeros(n_inputs), np.ones(n_products)])
    protection = Protection(
        graph, np.ones(len(source), dtype=bool), value, np.ones(1), left,
        np.arange(n_inputs), np.ones(n_inputs),
    )  # fmt: skip
    price = np.array(cost)
    purses = Purses.of(["purse"], np.array([money]), price[:, None], price)
    draws = SetValue(protection, np.ones((4, n_inputs), dtype=bool))
    return Problem(draws, purses, np.zeros(n_inputs, dtype=bool))


def pair_and_single() -> Problem:
    """Two products need a pair, one a single input that costs as much as half the money."""
    return product_problem([[0, 1], [0, 1], [2]], [10.0, 10.0, 10.0], money=20.0)


def many_pairs(n_pairs: int) -> Problem:
    """Each product needs a pair of its own; a quarter can be paid."""
    needs = [[2 * k, 2 * k + 1] for k in range(n_pairs)]
    return product_problem(needs, [10.0] * (2 * n_pairs), money=5.0 * n_pairs)


def test_members_of_a_complementary_pair_are_worth_nothing_alone() -> None:
    value = pair_problem().value
    singles = value.of_sets(np.eye(2, dtype=bool))
    both = value.of_sets(np.ones((1, 2), dtype=bool))
    assert singles.tolist() == [0.0, 0.0]
    assert both.tolist() == [1.0]


def test_search_finds_a_complementary_pair() -> None:
    problem = pair_problem()
    start = start_set(problem, restoring_sets(problem))
    assert start is not None
    assert start.all()
    assert improve(problem, start, rounds=5)[1] == 1.0


def test_search_leaves_a_pair_that_the_purse_cannot_pay() -> None:
    problem = pair_problem(money=15.0)
    start = start_set(problem, restoring_sets(problem))
    assert start is not None
    assert not start.any()


def test_the_pair_is_a_restoring_set_and_singles_alone_never_start() -> None:
    problem = pair_problem()
    assert [one.tolist() for one in restoring_sets(problem)] == [[0, 1]]
    alone = start_set(problem, [])
    assert alone is not None
    assert not alone.any()


def test_a_whole_set_enters_in_place_of_what_is_worth_less() -> None:
    problem = pair_and_single()
    chosen = np.array([False, False, True])
    stuck, value = improve(problem, chosen, rounds=20)
    assert stuck.tolist() == [False, False, True]
    moved, better = improve(problem, chosen, rounds=20, bundles=restoring_sets(problem))
    assert moved.tolist() == [True, True, False]
    assert better > value


def test_a_complementary_pair_in_every_product_is_found_among_many() -> None:
    problem = many_pairs(n_pairs=40)
    choice = CuttingPlanes(problem).choose()
    assert choice is not None
    assert choice.value == pytest.approx(0.25)
    assert choice.gap <= 1e-4
    pairs = choice.chosen.reshape(-1, 2)
    assert (pairs.all(axis=1) == pairs.any(axis=1)).all()


def test_filling_takes_challenges_in_order_while_they_fit() -> None:
    filled = fill(pair_and_single(), np.array([2, 0, 1]))
    assert filled is not None
    assert filled.tolist() == [True, False, True]


@pytest.mark.parametrize("seed", range(20))
def test_search_stays_feasible_and_never_gets_worse(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n_purses=3)
    start = start_set(problem, restoring_sets(problem))
    if start is None:
        assert Enumeration.of(problem).choose() is None
        return
    before = float(problem.value.of_sets(start[None, :])[0])
    chosen, value = improve(problem, start, rounds=20, bundles=restoring_sets(problem))
    best = Enumeration.of(problem).choose()
    assert best is not None
    assert problem.feasible(chosen[None, :])[0]
    assert before - 1e-12 <= value <= best.value + 1e-12
