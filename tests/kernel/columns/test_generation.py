"""Column generation: never above the best plan, never below with all columns, always bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel import solver as solver_module
from jicheng.kernel.columns.bounds import bound_challenges, bound_plans
from jicheng.kernel.columns.exact_rounds import Stop
from jicheng.kernel.columns.generation import GenerationLimits, generate
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.solver import Solver
from shared_problems import all_columns, best_plan_value, broken_rules, plan_of, random_shared

FEW = GenerationLimits(rounds=3, idle_rounds=1, gap=1e-9, bound_rounds=30)


@pytest.fixture(scope="module")
def solver():
    with Solver() as port:
        yield port


@pytest.mark.parametrize("block", range(5))
def test_value_and_bound_enclose_the_best_plan(block, solver):
    asked = equal = 0
    for seed in range(100 * block, 100 * block + 100):
        problem = random_shared(seed)
        found = generate(problem, limits=FEW, seed=seed, solver=solver)
        known = best_plan_value(problem)
        if known is None:
            assert not found.is_feasible, seed
            continue
        asked += 1
        assert found.bound >= known - 1e-6, seed
        if found.is_feasible:
            assert not broken_rules(problem, plan_of(found), found.value), seed
            assert found.value <= known + 1e-6, seed
            assert found.bound >= found.value, seed
            equal += found.value >= known - 1e-6
    assert equal >= 0.9 * asked, (equal, asked)


def test_all_columns_give_the_best_plan(solver):
    for seed in range(40):
        problem = random_shared(seed)
        pool = ColumnPool.of(problem, all_columns(problem))
        found = generate(problem, pool, FEW, solver=solver)
        known = best_plan_value(problem)
        assert found.is_feasible == (known is not None), seed
        if known is not None:
            assert found.value == pytest.approx(known, abs=1e-6), seed


@pytest.mark.parametrize("block", range(4))
def test_larger_plans_break_no_rule(block, solver):
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        is_easy = seed % 2 == 0
        problem = random_shared(seed, challenges=6, organisations=40, limit=6, is_easy=is_easy)
        found = generate(problem, limits=replace(FEW, rounds=2), seed=seed, solver=solver)
        wrong = broken_rules(problem, plan_of(found), found.value)
        if found.is_feasible:
            assert not wrong, (seed, wrong)
            assert found.bound >= found.value, seed
        else:
            assert wrong, seed
        assert found.is_feasible or not is_easy, seed


def test_any_prices_bound_every_plan():
    for seed in range(60):
        problem = random_shared(seed)
        known = best_plan_value(problem)
        if known is None:
            continue
        draw = np.random.default_rng(seed)
        prices = Prices(
            draw.random(problem.n_organisations) * 3, draw.random(problem.n_resources) * 2
        )
        for rounds, by_location in ((1, False), (2, True), (60, True)):
            teams = bound_challenges(problem, prices, rounds=rounds, by_location=by_location)
            assert bound_plans(problem, prices, teams) >= known - 1e-6, (seed, rounds)


def test_same_seed_gives_the_same_answer_on_every_executor(solver):
    problem = random_shared(21, challenges=5, organisations=30, limit=6, is_easy=True)
    one = generate(problem, limits=FEW, seed=4, solver=solver)
    with ThreadPoolExecutor(2) as threads:
        other = generate(problem, limits=FEW, seed=4, solver=solver, executor=threads)
    assert one.value == other.value
    assert one.bound == other.bound
    assert np.array_equal(one.chosen, other.chosen)
    for name, array in one.pool.arrays().items():
        assert np.array_equal(getattr(other.pool, name), array), name


def test_exact_rounds_find_the_best_plan_of_nearly_all_problems(solver):
    asked = equal = 0
    for seed in range(200, 300):
        problem = random_shared(seed)
        found = generate(problem, limits=replace(FEW, exact_rounds=50), seed=seed, solver=solver)
        known = best_plan_value(problem)
        if known is None:
            assert not found.is_feasible, seed
            continue
        asked += 1
        assert found.value <= known + 1e-6 <= found.bound + 2e-6, seed
        assert not broken_rules(problem, plan_of(found), found.value), seed
        equal += found.value >= known - 1e-6
    assert equal >= 0.95 * asked, (equal, asked)


def test_exact_rounds_come_nearer_to_the_best_plan_than_none(solver):
    problem = random_shared(1004, challenges=8, organisations=60, limit=6, is_easy=True)
    plain = generate(problem, limits=FEW, solver=solver)
    exact = generate(problem, limits=replace(FEW, exact_rounds=50), solver=solver)
    assert exact.value >= plain.value - 1e-9
    assert exact.bound - exact.value < plain.bound - plain.value


def test_known_columns_are_never_lost(solver):
    problem = random_shared(30, challenges=4, organisations=10, is_easy=True)
    pool = ColumnPool.of(problem, all_columns(problem)).kept(np.arange(5))
    found = generate(problem, pool, FEW, solver=solver)
    for name, array in pool.arrays().items():
        assert np.array_equal(getattr(found.pool.kept(np.arange(5)), name), array), name


def test_no_time_still_gives_a_plan_with_a_bound(solver):
    problem = random_shared(21, challenges=5, organisations=30, limit=6, is_easy=True)
    best = generate(problem, limits=FEW, solver=solver)
    found = generate(problem, limits=GenerationLimits(seconds=0.0), solver=solver)
    assert found.is_feasible
    assert found.stopped_by is Stop.CLOCK
    assert not broken_rules(problem, plan_of(found), found.value)
    assert found.bound >= best.value - 1e-6


@pytest.mark.parametrize("backend", ["Suicidal", "Noisy"])
def test_lost_solver_leaves_the_best_plan_so_far(backend, monkeypatch):
    monkeypatch.setitem(solver_module.BACKENDS, "bad", f"kernel.stuck_backends:{backend}")
    problem = random_shared(21, challenges=5, organisations=30, limit=6, is_easy=True)
    with Solver("bad") as port:
        found = generate(problem, limits=FEW, solver=port)
    assert found.stopped_by is Stop.SOLVER
    assert found.is_feasible
    assert len(found.chosen)
    assert not broken_rules(problem, plan_of(found), found.value)
    assert found.bound >= found.value


def test_problem_without_challenges_has_an_empty_plan(solver):
    whole = random_shared(1, challenges=1, is_easy=True)
    nothing = replace(
        whole, teams=(), who=(), worth=np.empty(0), mandatory=np.empty(0, dtype=np.bool_),
        fixed_use=np.empty((0, whole.n_resources)),
    )  # fmt: skip
    found = generate(nothing, limits=FEW, solver=solver)
    assert found.value == 0.0
    assert found.is_feasible
    assert not len(found.chosen)
