"""Certified plans: equal to brute force, and a bound that holds whatever stops the proof."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

import jicheng.kernel.solver as solver_module
from jicheng.kernel.columns.certify import certify
from jicheng.kernel.columns.exact_pricing import ExactPricing
from jicheng.kernel.columns.exact_rounds import Stop
from jicheng.kernel.columns.master import is_plan
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_problem import (
    TeamProblem,
    Ties,
    forbid_rule,
    least_rule,
    require_rule,
    small_rule,
)


@pytest.fixture(scope="module")
def solver():
    with Solver() as worker:
        yield worker


class Organisations:
    """Who there is, the same for all challenges of a random problem."""

    def __init__(self, draw, n):
        self.n = n
        self.cost = draw.integers(1, 6, n) * 1.0
        self.site = draw.integers(0, 2, n)
        self.may_lead = draw.random(n) < 0.7
        self.research, self.small, self.outside = draw.random((3, n)) < 0.5
        self.ties = {
            pair: float(draw.integers(1, 4))
            for pair in combinations(range(n), 2)
            if draw.random() < 0.3
        }


def random_rules(draw, here, who):
    n = len(who)
    rules = [
        small_rule(here.small[who], float(draw.choice([0.25, 0.5]))),
        require_rule("required", n, int(draw.integers(n))),
        least_rule("small firm", here.small[who]),
        least_rule("outside", here.outside[who]),
    ]
    if n > 1:
        rules.append(forbid_rule("forbidden", n, *draw.choice(n, 2, replace=False)))
    return [rule for rule in rules if draw.random() < 0.2]


def random_team(draw, here):
    who = np.flatnonzero(draw.random(here.n) < 0.8)
    if not len(who):
        who = np.array([0])
    n, s = len(who), int(draw.integers(1, 3))
    holds = draw.random((n, s)) < 0.7
    number = {int(o): i for i, o in enumerate(who)}
    pairs = [(number[a], number[b], t) for (a, b), t in here.ties.items()
             if a in number and b in number]  # fmt: skip
    a, b, points = (np.array([p[side] for p in pairs]) for side in range(3))
    team = TeamProblem(
        gain=np.where(holds, draw.integers(2, 9, (n, s)), 0.0),
        holds=holds,
        price=here.cost[who] * 0.5,
        distance=np.abs(here.site[who][None, :] - np.arange(2)[:, None]) * 0.5,
        lead_at=np.where(here.may_lead[who], here.site[who], -1),
        is_research=here.research[who],
        ties=Ties(a.astype(np.int64), b.astype(np.int64), points.astype(np.float64)),
        fold=int(draw.integers(1, 3)),
        member_limit=int(draw.integers(1, 5)),
        needs_research=bool(draw.random() < 0.5),
    )
    return team.with_rules(*random_rules(draw, here, who)), who


def random_problem(seed):
    """Return a small problem; each kind of rule is on at random."""
    draw = np.random.default_rng(seed)
    here = Organisations(draw, int(draw.integers(3, 7)))
    c = int(draw.integers(1, 4))
    teams, who = zip(*(random_team(draw, here) for _ in range(c)), strict=True)
    uses = [here.cost]
    limits = [here.cost.mean() * 2 * c * draw.uniform(0.3, 1.2)]
    if draw.random() < 0.3:  # a cap on exposure to outsiders
        uses.append(here.outside.astype(float))
        limits.append(float(draw.integers(0, 4)))
    if draw.random() < 0.3:  # a floor of small firms over all consortia
        uses.append(-here.small.astype(float))
        limits.append(-float(draw.integers(0, 3)))
    return SharedProblem(
        teams=teams,
        who=who,
        worth=draw.uniform(-4.0, 8.0, c),
        capacity=draw.integers(0, 3, here.n).astype(float),
        fixed_use=np.outer(draw.integers(0, 3, c), np.arange(len(uses)) == 0).astype(float),
        member_use=np.column_stack(uses),
        limits=np.array(limits),
        mandatory=draw.random(c) < 0.2,
    )


def every_column(problem):
    """Return every consortium of every challenge that obeys its rules."""
    teams = [
        (c, who[list(team)])
        for c, who in enumerate(problem.who)
        for size in range(1, problem.teams[c].member_limit + 1)
        for team in combinations(range(len(who)), size)
    ]
    return ColumnPool.of(problem, teams)


def best_value(problem, columns):
    """Return the value of the best plan that keeps every rule, None if there is none."""
    choices = [[-1, *np.flatnonzero(columns.challenge == c)] for c in range(problem.n_challenges)]
    load = np.zeros((len(columns), problem.n_organisations))
    load[columns.column_of_member, columns.member] = 1.0
    plans = np.array(list(product(*choices)))
    inside = plans >= 0
    total = {
        name: np.where(inside[:, :, None], figure[plans], 0.0).sum(axis=1)
        for name, figure in (
            ("load", load), ("use", columns.use), ("value", columns.value[:, None])
        )
    }  # fmt: skip
    fits = (
        (total["load"] <= problem.capacity + 1e-9).all(axis=1)
        & (total["use"] <= problem.limits + 1e-9).all(axis=1)
        & inside[:, problem.mandatory].all(axis=1)
    )
    return total["value"][fits].max() if fits.any() else None


def small_enough(problem):
    columns = every_column(problem)
    size = np.bincount(columns.challenge, minlength=problem.n_challenges) + 1
    return columns if len(columns) > 0 and size.prod() < 40_000 else None


def cases(count, start=0):
    """Return so many random problems with their columns and the value of the best plan."""
    found = []
    while len(found) < count:
        problem = random_problem(start)
        columns = small_enough(problem)
        if columns is not None:
            known = best_value(problem, columns)
            if known is not None:
                found.append((start, problem, known))
        start += 1
    return found


def prove(problem, solver, **limits):
    nothing = ColumnPool.empty(problem.n_resources)
    return certify(problem, nothing, Prices.none(problem), solver=solver, **limits)


@pytest.mark.parametrize("block", range(10))
def test_proved_plan_equals_brute_force(block, solver):
    for seed, problem, known in cases(50, start=1_000 * block):
        found = prove(problem, solver, gap=0.0)
        assert found.is_feasible, seed
        assert is_plan(problem, found.pool, found.chosen), seed
        assert found.value == pytest.approx(known, abs=1e-5), seed
        assert found.bound == pytest.approx(known, abs=1e-3), seed
        assert found.bound >= known - 1e-6, seed


def test_bound_at_any_limit_is_no_less_than_the_best_plan(solver):
    for seed, problem, known in cases(30, start=10_000):
        for limits in ({"work": 0}, {"seconds": 0.0}, {"gap": 0.5}):
            found = prove(problem, solver, **limits)
            assert found.bound >= known - 1e-6, (seed, limits)
            assert found.bound >= found.value, (seed, limits)


def test_bound_holds_at_any_prices(solver):
    draw = np.random.default_rng(5)
    for seed, problem, known in cases(30, start=20_000):
        prices = Prices(
            draw.uniform(0.0, 3.0, problem.n_organisations),
            draw.uniform(0.0, 2.0, problem.n_resources),
        )
        nothing = ColumnPool.empty(problem.n_resources)
        found = certify(problem, nothing, prices, solver=solver, work=0)
        assert found.bound >= known - 1e-6, seed


def test_broken_solver_leaves_an_honest_bound(monkeypatch):
    monkeypatch.setitem(solver_module.BACKENDS, "broken", "kernel.stuck_backends:Suicidal")
    for seed, problem, known in cases(3, start=30_000):
        with Solver("broken") as broken:
            found = prove(problem, broken)
        assert found.stopped_by is Stop.SOLVER, seed
        assert found.bound >= known - 1e-6, seed
        assert found.value <= known + 1e-6, seed


def test_same_problem_gives_the_same_certificate_on_any_executor(solver):
    _, problem, _ = cases(1, start=40_000)[0]
    alone = prove(problem, solver, gap=0.0)
    with ThreadPoolExecutor(2) as executor:
        together = prove(problem, solver, gap=0.0, executor=executor)
    assert (alone.bound, alone.value, alone.work) == (together.bound, together.value, together.work)
    assert alone.chosen.tolist() == together.chosen.tolist()


def test_what_a_run_tells_on_the_way_holds(solver):
    for seed, problem, known in cases(10, start=60_000):
        told = []
        found = prove(problem, solver, gap=0.0, progress=lambda *one, told=told: told.append(one))
        assert told, seed
        for at, columns, prices in told:
            assert at.bound >= known - 1e-6, seed
            assert found.pool.start[: len(columns) + 1].tolist() == columns.start.tolist(), seed
            assert found.pool.member[: columns.start[-1]].tolist() == columns.member.tolist(), seed
            again = certify(problem, columns, prices, bound=at.bound, gap=0.0, solver=solver)
            assert again.value == pytest.approx(known, abs=1e-5), seed


def test_mandatory_challenge_without_any_team_is_told(solver):
    _, problem, _ = cases(1, start=50_000)[0]
    nobody = replace(
        problem,
        capacity=np.zeros(problem.n_organisations),
        mandatory=np.ones(problem.n_challenges, dtype=np.bool_),
    )
    found = prove(nobody, solver)
    assert not found.is_feasible


def test_listing_holds_every_team_above_the_floor():
    for seed in range(60_000, 60_040):
        problem = random_problem(seed)
        columns = every_column(problem)
        prices = Prices.none(problem)
        floors = np.full(problem.n_challenges, 3.0)
        listed = ExactPricing(problem).listed(prices, floors, most=2_000, work=10**9)
        assert listed.is_whole, seed
        worth = problem.worth[columns.challenge]
        wanted = columns.kept(columns.surplus(prices) - worth > 3.0 + 1e-6)
        assert set(wanted.keys) <= set(listed.pool.keys), seed
