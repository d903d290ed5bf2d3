"""The master: its choice is the best plan of its columns, its duals bound every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel import solver as solver_module
from jicheng.kernel.columns.master import Exchange, choose, is_plan, pack, relax, shortfall
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from shared_problems import all_columns, best_plan_value, random_shared


@pytest.fixture(scope="module")
def solver():
    with Solver() as port:
        yield port


def test_choice_among_all_columns_is_the_best_plan(solver):
    feasible = 0
    for seed in range(120):
        problem = random_shared(seed)
        pool = ColumnPool.of(problem, all_columns(problem))
        relaxed = relax(problem, pool, solver)
        assert relaxed is not None, seed
        known = best_plan_value(problem)
        for given in (None, relaxed):
            choice = choose(problem, pool, solver, relaxed=given, limits=Limits(gap=1e-9))
            assert choice.is_feasible == (known is not None), seed
            if known is not None:
                assert choice.value == pytest.approx(known, abs=1e-6), seed
                assert known <= choice.bound + 1e-6, seed
                assert known <= relaxed.value + 1e-6, seed
        feasible += known is not None
    assert feasible > 60


def test_duals_of_some_columns_bound_all_of_them(solver):
    for seed in range(40):
        problem = random_shared(seed, challenges=4, organisations=10, is_easy=True)
        pool = ColumnPool.of(problem, all_columns(problem))
        exact = relax(problem, pool, solver)
        for passes in (1, 2, 50):
            rough = relax(problem, pool, solver, likely=Prices.none(problem), passes=passes)
            assert rough.value >= exact.value - 1e-6, seed
            lost = rough.challenges[pool.challenge] - pool.surplus(rough.prices)
            assert lost[pool.usable(problem)].min(initial=0.0) >= -1e-6, seed


def test_packing_is_a_plan_and_exchanges_better_it():
    better = 0
    for seed in range(60):
        problem = random_shared(seed, challenges=4, organisations=10, is_easy=True)
        pool = ColumnPool.of(problem, all_columns(problem))
        plain = pack(problem, pool)
        columns = np.argsort(-pool.value, kind="stable")
        exchanged = pack(problem, pool, exchange=Exchange(columns, columns, kicks=20))
        assert is_plan(problem, pool, plain), seed
        assert is_plan(problem, pool, exchanged), seed
        assert pool.value[exchanged].sum() >= pool.value[plain].sum() - 1e-9, seed
        better += pool.value[exchanged].sum() > pool.value[plain].sum() + 1e-9
    assert better > 10


def test_mandatory_challenge_without_a_team_is_told(solver):
    problem = random_shared(5, challenges=3, is_easy=True)
    pool = ColumnPool.of(problem, all_columns(problem))
    missing = 1
    rest = pool.kept(pool.challenge != missing)
    must = replace(problem, mandatory=np.arange(3) == missing)
    choice = choose(must, rest, solver)
    assert not choice.is_feasible
    _, unstaffed = shortfall(must, rest, choice.chosen)
    assert unstaffed.tolist() == [False, True, False]


def test_killed_solver_leaves_the_plan_at_hand(monkeypatch):
    problem = random_shared(8, challenges=4, organisations=10, is_easy=True)
    pool = ColumnPool.of(problem, all_columns(problem))
    for backend, reason, deadline_s in (
        ("Suicidal", StoppedBy.KILLED, 60.0),
        ("Stuck", StoppedBy.WALL_CLOCK, 0.2),
    ):
        monkeypatch.setitem(solver_module.BACKENDS, "bad", f"kernel.stuck_backends:{backend}")
        with Solver("bad") as port:
            choice = choose(problem, pool, port, limits=Limits(deadline_s=deadline_s))
        assert choice.stopped_by is reason
        assert choice.is_feasible
        assert choice.value == pytest.approx(pool.value[pack(problem, pool)].sum())
