"""Other plans and teams: worth enough, really different, and best of their kind."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from jicheng.kernel.columns.near_optimal import (
    different_plan,
    exchanged,
    most_apart_team,
    next_best_team,
    plan_with,
    rival_teams,
)
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver
from shared_problems import random_shared


@pytest.fixture(scope="module")
def solver():
    with Solver() as one:
        yield one


def every_team(team):
    """Return value and members of all teams that obey the rules, best first."""
    found = []
    for size in range(1, min(team.member_limit, team.n) + 1):
        for members in combinations(range(team.n), size):
            if team.obeys_rules(members):
                lead = team.best_lead(members)
                value = team.points_of(members, int(team.lead_at[lead])).total
                found.append((value, members))
    return sorted(found, key=lambda one: -one[0])


def every_column(problem):
    teams = [
        (c, problem.who[c][list(members)])
        for c, team in enumerate(problem.teams)
        for _, members in every_team(team)
    ]
    return ColumnPool.of(problem, teams)


def every_plan(problem, pool):
    """Yield all plans that keep the shared rules, as tuples of columns."""
    choices = [[-1, *np.flatnonzero(pool.challenge == c)] for c in range(problem.n_challenges)]
    for combo in np.array(np.meshgrid(*choices)).T.reshape(-1, len(choices)):
        plan = np.sort(combo[combo >= 0])
        load = np.bincount(pool.kept(plan).member, minlength=problem.n_organisations)
        if (load <= problem.capacity).all() and (
            pool.use[plan].sum(axis=0) <= problem.limits + 1e-9
        ).all():
            yield plan


def changes(pool, plan, other):
    total = 0
    for j in plan:
        for i in other:
            if pool.challenge[i] == pool.challenge[j]:
                total += exchanged(pool.members_of(i), pool.members_of(j))
    return total


def test_different_plan_is_worth_almost_as_much_and_differs_most(solver):
    compared = 0
    for seed in range(14):
        problem = random_shared(seed, challenges=2, organisations=5, is_easy=True)
        pool = every_column(problem)
        if not 0 < len(pool) <= 120:
            continue
        plans = list(every_plan(problem, pool))
        best = max(plans, key=lambda plan: pool.value[plan].sum())
        value = pool.value[best].sum()
        for loss in (0.0, 0.05, 0.3):
            least = value - loss * abs(value)
            found = different_plan(problem, pool, [best], loss * abs(value), solver)
            assert found.is_feasible
            assert pool.value[found.chosen].sum() >= least - 1e-5 * max(1.0, abs(least))
            staffed = set(pool.challenge[best])
            assert staffed <= set(pool.challenge[found.chosen])
            enough = [
                p
                for p in plans
                if pool.value[p].sum() >= least - 1e-9 and staffed <= set(pool.challenge[p])
            ]
            most = max(changes(pool, best, p) for p in enough)
            assert changes(pool, best, found.chosen) == found.value == most
        compared += 1
    assert compared > 6


def test_next_best_team_is_the_second_of_all(solver):
    compared = 0
    for seed in range(60):
        for team in random_shared(seed, challenges=1, organisations=7).teams:
            ranked = every_team(team)
            if not ranked:
                continue
            found = next_best_team(team, np.array(ranked[0][1]), solver)
            assert (found is None) == (len(ranked) == 1), seed
            if found is not None:
                compared += 1
                assert found.is_proved
                assert found.value == pytest.approx(ranked[1][0], abs=1e-6), seed
                assert tuple(found.members) != ranked[0][1]
                assert team.obeys_rules(found.members)
    assert compared > 20


def test_rival_teams_send_members_away_and_are_the_best_that_do(solver):
    compared = 0
    for seed in range(40):
        for team in random_shared(seed, challenges=1, organisations=7, is_easy=True).teams:
            ranked = every_team(team)
            if not ranked:
                continue
            known = [set(ranked[0][1])]
            for rival in rival_teams(team, np.array(ranked[0][1]), solver, count=3, leaving=2):
                allowed = [
                    value
                    for value, members in ranked
                    if all(len(set(members) & k) <= max(0, len(k) - 2) for k in known)
                ]
                assert rival.value == pytest.approx(max(allowed), abs=1e-6)
                members = set(rival.members.tolist())
                assert all(len(members & k) <= max(0, len(k) - 2) for k in known)
                known.append(members)
                compared += 1
    assert compared > 20


def test_plan_with_a_column_is_the_best_that_has_it(solver):
    compared = 0
    for seed in range(14):
        problem = random_shared(seed, challenges=2, organisations=5, is_easy=True)
        pool = every_column(problem)
        if not 0 < len(pool) <= 40:
            continue
        plans = list(every_plan(problem, pool))
        best = max(plans, key=lambda plan: pool.value[plan].sum())
        for column in range(0, len(pool), 2):
            values = [pool.value[p].sum() for p in plans if column in p]
            found = plan_with(problem, pool, best, column, solver)
            assert found.is_feasible == bool(values)
            if values:
                compared += 1
                assert column in found.chosen
                assert found.value == pytest.approx(max(values), abs=1e-5)
    assert compared > 10


def test_the_most_apart_team_shares_the_fewest_and_is_the_best_that_does(solver):
    compared, shared = 0, set()
    for seed in range(90):
        for team in random_shared(seed, challenges=1, organisations=7).teams:
            ranked = every_team(team)
            if len(ranked) < 2:
                continue
            earlier = [members for _, members in (ranked[0], ranked[-1])]
            taken = set().union(*earlier)
            others = [
                (len(taken & set(members)), -value)
                for value, members in ranked
                if not any(set(one) <= set(members) for one in earlier)
            ]
            found = most_apart_team(team, [np.array(one) for one in earlier], solver)
            assert (found is None) == (not others), seed
            if found is None:
                continue
            fewest, best = min(others)
            assert len(taken & set(found.members.tolist())) == fewest, seed
            assert found.value == pytest.approx(-best, abs=1e-6), seed
            assert team.obeys_rules(found.members)
            shared.add(fewest)
            compared += 1
    assert compared > 20
    assert {0, 1} <= shared
