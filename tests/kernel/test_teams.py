"""Best teams: equal to brute force, by branch and bound and by integer programs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from jicheng.kernel._team_bound import Chosen, Open, Pairs, Rules, _pick, descend, forced_bounds
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_branch import best_team
from jicheng.kernel.team_problem import (
    TeamProblem,
    Ties,
    forbid_rule,
    least_rule,
    require_rule,
    small_rule,
)
from jicheng.kernel.team_program import best_team_by_program
from jicheng.kernel.team_search import LACK, TeamSearch

NOBODY = np.empty(0, dtype=np.int64)


def random_rules(draw, n):
    """Return some of: a share of small firms, somebody required, a pair forbidden, kinds."""
    small, outside = draw.random((2, n)) < 0.5
    rules = [
        small_rule(small, float(draw.choice([0.25, 0.5]))),
        require_rule("required", n, int(draw.integers(n))),
        least_rule("small firm", small),
        least_rule("outside", outside),
    ]
    if n > 1:
        rules.append(forbid_rule("forbidden", n, *draw.choice(n, 2, replace=False)))
    return [rule for rule in rules if draw.random() < 0.25]


def random_problem(seed, n=None):
    draw = np.random.default_rng(seed)
    n = n or int(draw.integers(1, 10))
    s, p = int(draw.integers(1, 5)), int(draw.integers(1, 4))
    holds = draw.random((n, s)) < draw.uniform(0.3, 0.9)
    # levels on a coarse grid, so that ties between teams happen
    gain = np.where(holds, draw.integers(1, 5, (n, s)) * draw.choice([1.0, 1.5], s), 0.0)
    pairs = [c for c in combinations(range(n), 2) if draw.random() < draw.choice([0.0, 0.3, 0.8])]
    a, b = (np.array([c[side] for c in pairs], dtype=np.int64) for side in (0, 1))
    problem = TeamProblem(
        gain=gain,
        holds=holds,
        price=draw.integers(0, 8, n) * draw.choice([0.0, 0.5, 1.0]),
        distance=draw.integers(0, 5, (p, n)) * draw.choice([0.0, 0.4]),
        lead_at=np.where(draw.random(n) < 0.5, draw.integers(0, p, n), -1),
        is_research=draw.random(n) < 0.4,
        ties=Ties(a, b, draw.integers(0, 4, len(pairs)) * 0.75),
        fold=int(draw.integers(1, 4)),
        member_limit=int(draw.integers(1, 7)),
        needs_research=bool(draw.random() < 0.6),
    )
    return problem.with_rules(*random_rules(draw, n))


def teams_of(problem):
    """Yield every team that obeys the rules, with each possible lead and its value."""
    for size in range(1, problem.member_limit + 1):
        for team in combinations(range(problem.n), size):
            members = list(team)
            if (problem.holds[members].sum(axis=0) < problem.fold).any():
                continue
            if problem.needs_research and not problem.is_research[members].any():
                continue
            if (problem.rule_weight[:, members].sum(axis=1) < problem.rule_least - 1e-9).any():
                continue
            value = -problem.price[members].sum()
            for k in range(problem.n_needs):
                value += sum(sorted(problem.gain[members, k], reverse=True)[: problem.fold])
            for a, b, points in zip(
                problem.ties.a, problem.ties.b, problem.ties.points, strict=True
            ):
                value += points if a in team and b in team else 0.0
            for lead in members:
                at = problem.lead_at[lead]
                if at >= 0:
                    yield team, lead, value - problem.distance[at, members].sum()


@pytest.mark.parametrize("block", range(10))
def test_best_team_equals_brute_force(block):
    for seed in range(20 * block, 20 * block + 20):
        problem = random_problem(seed)
        known = max((value for _, _, value in teams_of(problem)), default=None)
        found = best_team(problem)
        if known is None:
            assert found.members == (), seed
            assert not found.is_proved
            continue
        assert found.value == pytest.approx(known, abs=1e-6), seed
        assert found.is_proved, seed
        assert known <= found.bound + 1e-6, seed
        assert problem.obeys_rules(found.members), seed
        lead = problem.best_lead(found.members)
        points = problem.points_of(found.members, int(problem.lead_at[lead]))
        assert points.total == pytest.approx(known, abs=1e-6), seed


def test_best_team_by_program_equals_branch_and_bound():
    with Solver() as solver:
        for seed in range(1000, 1020):
            problem = random_problem(seed, n=14)
            found, checked = best_team(problem), best_team_by_program(problem, solver)
            assert bool(found.members) == bool(checked.members), seed
            if found.members:
                assert checked.value == pytest.approx(found.value, abs=1e-5), seed
                assert checked.is_proved, seed


def test_bound_at_the_work_limit_still_bounds_the_best_team():
    for seed in range(40):
        problem = random_problem(seed, n=9)
        known = max((value for _, _, value in teams_of(problem)), default=None)
        if known is not None:
            cut = best_team(problem, work_limit=0)
            assert cut.bound >= known - 1e-9, seed


def test_best_team_takes_the_same_steps_twice():
    problem = random_problem(5, n=25)
    first, second = best_team(problem), best_team(problem)
    assert first == second or (first.members, first.value, first.nodes, first.work) == (
        second.members,
        second.value,
        second.nodes,
        second.work,
    )


def test_best_team_from_a_given_start_is_no_worse():
    problem = random_problem(3, n=12)
    team = best_team(problem)
    again = best_team(problem, start=team.members)
    assert (again.members, again.value) == (team.members, team.value)


def test_adding_a_dominated_candidate_changes_no_value():
    """A copy of the first candidate that knows less, costs more and may not lead."""
    for seed in range(40):
        problem = replace(random_problem(seed, n=8), fold=1)
        worse = replace(
            problem,
            gain=np.vstack([problem.gain, problem.gain[:1] * 0.5]),
            holds=np.vstack([problem.holds, problem.holds[:1]]),
            price=np.append(problem.price, problem.price[0] + 1.0),
            distance=np.hstack([problem.distance, problem.distance[:, :1] + 1.0]),
            lead_at=np.append(problem.lead_at, -1),
            is_research=np.append(problem.is_research, False),
            rule_weight=np.hstack([problem.rule_weight, problem.rule_weight[:, :1]]),
        )
        assert best_team(worse).value == pytest.approx(best_team(problem).value), seed


def test_search_repairs_rules_before_it_improves():
    for seed in range(60):
        problem = random_problem(seed, n=9)
        for location in problem.locations:
            members, value = TeamSearch(problem, location).improve(NOBODY)
            led = (problem.lead_at[members] == location).any()
            assert (value > -LACK / 2) == bool(problem.obeys_rules(members) and led), seed
            if value > -LACK / 2:
                assert value == pytest.approx(problem.points_of(members, location).total)


def node_of(problem, location, draw):
    base, gain, holds, lead, research, rule, least, fold, limit = problem.arrays_at(location)
    people = Open(base, gain, holds, lead, research, rule)
    pairs = Pairs(problem.ties.a, problem.ties.b, problem.ties.points)
    nobody = Chosen(0.0, gain[:0], holds[:0], np.zeros(len(least)), False, False)
    rules = Rules(fold, limit, True, True, least)
    prices = (
        draw.uniform(-1, 5, problem.n_needs),
        draw.random(len(pairs.a)),
        draw.random(len(least)),
    )
    return people, pairs, nobody, rules, prices


def test_every_price_bounds_every_team_and_every_forced_member():
    for seed in range(60):
        problem = random_problem(seed)
        draw = np.random.default_rng(seed)
        for location in problem.locations:
            people, pairs, nobody, rules, (needs, split, price) = node_of(problem, location, draw)
            forced = forced_bounds(people, pairs, nobody, rules, needs, split, price)
            bound, *_ = descend(people, pairs, nobody, rules, needs, split, price, -np.inf, 20)
            for team, lead, value in teams_of(problem):
                if problem.lead_at[lead] == location:
                    assert value <= bound + 1e-9, seed
                    assert value <= forced[list(team)].min() + 1e-9, seed


def test_pick_equals_enumeration():
    draw = np.random.default_rng(4)
    for _ in range(200):
        n, seats = int(draw.integers(1, 7)), int(draw.integers(0, 4))
        worth = draw.integers(-3, 4, n).astype(float)
        lead, research = draw.random((2, n)) < 0.4
        needs = tuple(bool(x) for x in draw.random(2) < 0.5)
        values = [
            worth[list(c)].sum()
            for size in range(min(n, seats) + 1)
            for c in combinations(range(n), size)
            if (not needs[0] or lead[list(c)].any()) and (not needs[1] or research[list(c)].any())
        ]
        value, members = _pick(worth, lead, research, seats, *needs)
        assert value == max(values, default=-np.inf)
        assert value == -np.inf or worth[members].sum() == value
