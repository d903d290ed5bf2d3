"""Enumeration, cutting planes and the program written out find the same best value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel.solver import Limits, ProgramBuilder, solve
from jicheng.kernel.subsets import all_subsets
from jicheng.optimise.cutting_planes import CuttingPlanes, Effort
from jicheng.optimise.enumeration import Enumeration
from jicheng.optimise.problem import Problem
from portfolio_builders import random_problem


def plain_best(problem: Problem) -> float | None:
    """Best value over all feasible sets, each evaluated alone."""
    sets = all_subsets(problem.n_challenges)
    sets = sets[problem.feasible(sets)]
    if not len(sets):
        return None
    return max(float(problem.value.on_draws(x).mean()) for x in sets)


def written_out(problem: Problem) -> float | None:
    """Solve the linearised integer program with a row for every arrow on every draw."""
    protection, purses = problem.value.protection, problem.purses
    graph, n = protection.graph, protection.graph.n_technologies
    builder = ProgramBuilder(maximise=True)
    x = builder.columns(
        problem.n_challenges, lower=problem.required.astype(float), upper=1, integral=True
    )
    for c in np.flatnonzero(~purses.payable):
        builder.row("", [x[c]], upper=0)
    for need, limit in zip(purses.needs, purses.limits, strict=True):
        builder.row("", x, need, upper=limit)
    patterns, counts = np.unique(problem.value.successes, axis=0, return_counts=True)
    weight_of = np.zeros(n)
    weight_of[protection.finals] = protection.final_share
    for pattern, count in zip(patterns, counts / counts.sum(), strict=True):
        for s, weight in enumerate(protection.weights):
            a = builder.columns(n, cost=1e3 * count * weight * weight_of, upper=1)
            q = builder.columns(n, upper=1)
            for k in range(n):
                left = protection.left[s, k]
                here = np.flatnonzero((protection.technology == k) & pattern)
                t = builder.columns(len(here), upper=1)
                gain = np.minimum(1.0, left + protection.relief[here]) - left
                builder.row("", [a[k], q[k], *t], [1.0, -left, *-gain], upper=0)
                builder.row("", [q[k], *t], [-1.0, *np.ones(len(here))], upper=0)
                for c, used in zip(here, t, strict=True):
                    builder.row("", [used, x[c]], [1.0, -1.0], upper=0)
                first, last = graph.input_pointer[k : k + 2]
                arrows = range(first, last)
                loose = [e for e in arrows if not protection.essential[e]]
                for e in arrows:
                    if protection.essential[e]:
                        builder.row("", [q[k], a[graph.input_source[e]]], [1.0, -1.0], upper=0)
                rest = graph.input_weight[loose]
                builder.row(
                    "", [q[k], *a[graph.input_source[loose]]], [1.0, *-rest], upper=1 - rest.sum()
                )
                first, last = graph.member_pointer[k : k + 2]
                if last > first:
                    rest = graph.member_weight[first:last]
                    members = a[graph.member_source[first:last]]
                    builder.row("", [q[k], *members], [1.0, *-rest], upper=0)
    solution = solve(builder.build(), limits=Limits(gap=1e-9))
    if solution.objective is None:
        return None
    before = protection.weights @ protection.losses_before @ protection.final_share
    return solution.objective / 1e3 - (1.0 - float(before))


@pytest.mark.parametrize("seed", range(200))
def test_enumeration_equals_the_integer_program(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n_challenges=4 + seed % 4)
    by_looking = Enumeration.of(problem).choose()
    by_program = CuttingPlanes(problem, gap=1e-9).choose()
    if by_looking is None:
        assert by_program is None
        return
    assert by_program is not None
    assert by_program.value == pytest.approx(by_looking.value, abs=1e-9)
    assert by_program.bound >= by_looking.value - 1e-9
    assert by_program.gap <= 1e-6
    assert problem.feasible(by_program.chosen[None, :])[0]


@pytest.mark.parametrize("seed", range(0, 200, 8))
def test_cutting_planes_equal_the_program_written_out(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n_challenges=4 + seed % 4, n_draws=6)
    by_looking = Enumeration.of(problem).choose()
    expected = None if by_looking is None else pytest.approx(by_looking.value, abs=1e-6)
    assert written_out(problem) == expected


@pytest.mark.parametrize("seed", range(30))
def test_enumeration_finds_the_best_of_all_feasible_sets(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed), n_purses=3)
    choice = Enumeration.of(problem).choose()
    plain = plain_best(problem)
    if choice is None:
        assert plain is None
        return
    assert choice.value == pytest.approx(plain, abs=1e-12)
    assert choice.value == pytest.approx(problem.value.on_draws(choice.chosen).mean(), abs=1e-12)
    assert choice.gap == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_bound_holds_where_inputs_and_members_multiply(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, mixes_inputs_and_members=True)
    best = Enumeration.of(problem).choose()
    choice = CuttingPlanes(problem).choose()
    if best is not None and choice is not None:
        assert choice.value <= best.value + 1e-12
        assert choice.bound >= best.value - 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_value_never_falls_with_the_budget(seed: int) -> None:
    problem = random_problem(np.random.default_rng(seed))
    planes, every = CuttingPlanes(problem, gap=1e-9), Enumeration.of(problem)
    last = -1.0
    for scale in (0.3, 0.6, 1.0, 1.4, 3.0):
        looked, solved = every.choose(budget_scale=scale), planes.choose(budget_scale=scale)
        if looked is None or solved is None:
            assert looked is solved is None
            continue
        assert looked.value >= last
        assert solved.value == pytest.approx(looked.value, abs=1e-9)
        last = looked.value


@pytest.mark.parametrize("kind", [Enumeration.of, CuttingPlanes])
def test_required_challenges_that_nobody_can_pay_leave_no_choice(kind) -> None:
    problem = random_problem(np.random.default_rng(0))
    everything = replace(problem, required=np.ones(problem.n_challenges, dtype=bool))
    assert kind(everything).choose(budget_scale=0.01) is None


@pytest.mark.parametrize("kind", [Enumeration.of, CuttingPlanes])
def test_required_challenges_are_chosen(kind) -> None:
    problem = random_problem(np.random.default_rng(3))
    for c in range(problem.n_challenges):
        required = np.zeros(problem.n_challenges, dtype=bool)
        required[c] = True
        choice = kind(replace(problem, required=required)).choose(budget_scale=2.0)
        assert choice is not None
        assert choice.chosen[c]


@pytest.mark.parametrize("kind", [Enumeration.of, CuttingPlanes])
def test_of_equal_values_the_cheapest_set_is_chosen(kind) -> None:
    problem = random_problem(np.random.default_rng(1))
    worthless = replace(problem.value, successes=np.zeros_like(problem.value.successes))
    choice = kind(replace(problem, value=worthless, required=problem.required & False)).choose()
    assert choice is not None
    assert not choice.chosen.any()
    assert choice.value == choice.gap == 0.0


def test_a_solve_that_the_clock_ends_is_counted_and_leaves_an_honest_bound() -> None:
    problem = random_problem(
        np.random.default_rng(0), n=60, n_challenges=40, n_scenarios=6, n_draws=100
    )
    unhurried = CuttingPlanes(problem).choose()
    hurried = CuttingPlanes(problem, Effort(deadline_s=0.0))
    choice = hurried.choose()
    assert unhurried is not None
    assert choice is not None
    assert hurried.n_cut_short > 0
    assert problem.feasible(choice.chosen[None, :])[0]
    assert choice.bound >= unhurried.value - 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_bound_holds_whatever_the_work(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng, n=20, n_challenges=14, n_scenarios=5, n_draws=40)
    best = Enumeration.of(problem).choose()
    for work in (0.0, 0.05, 10.0):
        choice = CuttingPlanes(problem, Effort(work=work)).choose()
        if best is None or choice is None:
            assert best is choice is None
            continue
        assert choice.value <= best.value + 1e-12
        assert choice.bound >= best.value - 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_same_problem_gives_the_same_choice(seed: int) -> None:
    problem = random_problem(
        np.random.default_rng(seed), n=60, n_challenges=40, n_scenarios=6, n_draws=100
    )
    first, second = (CuttingPlanes(problem, Effort(work=5.0)).choose() for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.chosen == second.chosen).all()
    assert (first.value, first.bound) == (second.value, second.bound)
    assert first.bound >= first.value
