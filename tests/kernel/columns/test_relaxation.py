"""Conflicts are smallest and repairs cheapest: against every subset of rules and members."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from jicheng.kernel.columns.relaxation import RuleSystem, is_out_of_reach, rules_of
from jicheng.kernel.solver import Solver
from jicheng.kernel.team_problem import MemberRule
from shared_problems import random_shared


@pytest.fixture(scope="module")
def solver():
    with Solver() as one:
        yield one


def teams_of(n):
    for size in range(1, n + 1):
        yield from combinations(range(n), size)


def can_be_met(rules, n):
    for team in teams_of(n):
        members = list(team)
        if all(rule.weight[members].sum() >= rule.least - 1e-9 for rule in rules):
            return True
    return False


def hard_teams(count):
    """Return problems of few candidates without any team."""
    found = []
    for seed in range(400):
        for team in random_shared(seed, organisations=6, limit=3).teams:
            if team.n <= 6 and not can_be_met(rules_of(team), team.n):
                found.append(team)
        if len(found) >= count:
            return found[:count]
    raise AssertionError("too few")


def test_conflict_is_the_smallest_set_of_rules(solver):
    sizes = set()
    for team in hard_teams(40):
        rules = rules_of(team)
        found = RuleSystem(rules).conflict(solver)
        assert found.is_smallest
        named = [rule for rule in rules if rule.name in found.names]
        assert not can_be_met(named, team.n)
        for kept in combinations(named, len(named) - 1):
            assert can_be_met(kept, team.n)
        for size in range(1, len(named)):
            assert all(can_be_met(some, team.n) for some in combinations(rules, size))
        sizes.add(len(named))
    assert max(sizes) > 1


def test_no_conflict_comes_with_a_team(solver):
    met = 0
    for seed in range(20):
        for team in random_shared(seed, organisations=7).teams:
            found = RuleSystem(rules_of(team)).conflict(solver)
            assert bool(found.team) == can_be_met(rules_of(team), team.n)
            if found.team:
                met += 1
                assert not found.names
                assert team.obeys_rules(found.team)
    assert met > 5


def test_relaxation_is_the_cheapest(solver):
    for team in hard_teams(25):
        rules = rules_of(team)
        weights = {rule.name: 1.0 + 0.37 * g for g, rule in enumerate(rules)}
        found = RuleSystem(rules).cheapest_relaxation(weights, solver)
        costs = [
            sum(
                weights[rule.name] * max(0.0, rule.least - rule.weight[list(members)].sum())
                for rule in rules
            )
            for members in teams_of(team.n)
        ]
        assert found.cost == pytest.approx(min(costs), abs=1e-5)
        missed = {
            rule.name: rule.least - rule.weight[list(found.team)].sum()
            for rule in rules
            if rule.least - rule.weight[list(found.team)].sum() > 1e-6
        }
        assert found.amounts == pytest.approx(missed, abs=1e-5)


def test_relaxation_keeps_the_rules_that_have_no_weight(solver):
    rules = [MemberRule("two", np.ones(3), 2.0), MemberRule("one", -np.ones(3), -1.0)]
    system = RuleSystem(rules)
    assert system.cheapest_relaxation({"one": 5.0}, solver).amounts == {"one": 1.0}
    assert system.cheapest_relaxation({"two": 5.0}, solver).amounts == {"two": 1.0}
    assert system.cheapest_relaxation({}, solver) is None


def test_given_rules_are_not_named(solver):
    flags = np.array([1.0, 0.0])
    rules = [
        MemberRule("first", flags, 1.0),
        MemberRule("second", 1.0 - flags, 1.0),
        MemberRule("alone", -np.ones(2), -1.0),
    ]
    system = RuleSystem(rules)
    assert system.conflict(solver).names == ("first", "second", "alone")
    assert system.conflict(solver, given=("first",)).names == ("second", "alone")


def test_counting_alone_never_refuses_what_can_be_met():
    refused = 0
    for seed in range(60):
        for team in random_shared(seed, organisations=7).teams:
            if is_out_of_reach(team):
                refused += 1
                assert not can_be_met(rules_of(team), team.n)
    assert refused > 10


def test_without_anybody_one_rule_that_wants_somebody_is_named(solver):
    rules = [MemberRule("few", np.empty(0), -2.0), MemberRule("some", np.empty(0), 1.0)]
    system = RuleSystem(rules)
    assert system.conflict(solver).names == ("some",)
    assert system.cheapest_relaxation({"some": 1.0}, solver) is None
