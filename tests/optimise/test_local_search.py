from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.chain_cascade import ChainGraph
from jicheng.kernel.protection import Protection
from jicheng.optimise.enumeration import Enumeration
from jicheng.optimise.local_search import improve, neighbours, restoring_sets, start_set
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


def test_members_of_a_complementary_pair_are_worth_nothing_alone() -> None:
    value = pair_problem().value
    singles = value.of_sets(np.eye(2, dtype=bool))
    both = value.of_sets(np.ones((1, 2), dtype=bool))
    assert singles.tolist() == [0.0, 0.0]
    assert both.tolist() == [1.0]


def test_search_finds_a_complementary_pair() -> None:
    problem = pair_problem()
    start = start_set(problem)
    assert start is not None
    assert start.all()
    assert improve(problem, start, rounds=5)[1] == 1.0


def test_search_leaves_a_pair_that_the_purse_cannot_pay() -> None:
    problem = pair_problem(money=15.0)
    start = start_set(problem)
    assert start is not None
    assert not start.any()


def test_restoring_sets_hold_singles_and_pairs() -> None:
    sets = {tuple(row) for row in restoring_sets(pair_problem()).tolist()}
    assert sets == {(True, False), (False, True), (True, True)}


@pytest.mark.parametrize("seed", range(20))
def test_search_stays_feasible_and_never_gets_worse(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n_purses=3)
    start = start_set(problem)
    if start is None:
        assert Enumeration.of(problem).choose() is None
        return
    before = float(problem.value.of_sets(start[None, :])[0])
    chosen, value = improve(problem, start, rounds=20)
    best = Enumeration.of(problem).choose()
    assert best is not None
    assert problem.feasible(chosen[None, :])[0]
    assert before - 1e-12 <= value <= best.value + 1e-12


def test_neighbours_add_drop_and_swap_but_keep_what_is_required() -> None:
    chosen = np.array([True, True, False, False])
    around = neighbours(chosen, np.array([True, False, False, False]))
    assert all(around[:, 0])
    assert len(around) == 2 + 1 + 2
    assert len({tuple(row) for row in around.tolist()}) == len(around)
