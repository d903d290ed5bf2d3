"""Selection frequencies: sure where one team dominates, even where two are equal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel.columns.frequency import (
    Doubt,
    perturbed,
    revalued,
    selection_frequencies,
)
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.pricing import price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.team_problem import TeamProblem, Ties
from shared_problems import random_shared

NOBODY = np.empty(0, dtype=np.int64)


def rivals(*gains, challenges=1, capacity=1.0):
    """Return challenges of one need and one member, who may be any of the candidates."""
    n = len(gains)
    team = TeamProblem(
        gain=np.array(gains, dtype=np.float64)[:, None],
        holds=np.ones((n, 1), dtype=np.bool_),
        price=np.full(n, 1.0),
        distance=np.zeros((1, n)),
        lead_at=np.zeros(n, dtype=np.int64),
        is_research=np.ones(n, dtype=np.bool_),
        ties=Ties(NOBODY, NOBODY, np.empty(0)),
        member_limit=1,
    )
    return SharedProblem(
        teams=(team,) * challenges,
        who=(np.arange(n),) * challenges,
        worth=np.zeros(challenges),
        capacity=np.full(n, capacity),
        fixed_use=np.zeros((challenges, 0)),
        member_use=np.zeros((n, 0)),
        limits=np.zeros(0),
        mandatory=np.zeros(challenges, dtype=np.bool_),
    )


def doubt_of(problem, spread, *, ties=0.0, prices=0.0):
    gains = [team.gain for team in problem.teams]
    return Doubt(
        low=tuple(gain * (1 - spread) for gain in gains),
        high=tuple(gain * (1 + spread) for gain in gains),
        figure=tuple(
            np.where(team.holds, who[:, None], -1)
            for team, who in zip(problem.teams, problem.who, strict=True)
        ),
        ties=ties,
        prices=prices,
    )


def frequencies(problem, doubt, runs=60, **more):
    pool = price_all(problem, Prices.none(problem))
    pool = ColumnPool.empty(problem.n_resources).added(pool)
    best = np.array([int(np.argmax(pool.value))])
    return selection_frequencies(
        problem, pool, Prices.none(problem), best, doubt, runs=runs, seed=4, **more
    )


def share(found, organisation):
    return found.times[found.organisation == organisation].sum() / found.runs


def test_a_team_that_dominates_is_always_chosen():
    problem = rivals(10.0, 5.0, 5.0)
    found = frequencies(problem, doubt_of(problem, 0.2))
    assert found.organisation.tolist() == [0]
    assert found.times.tolist() == found.same.tolist() == [found.runs]


def test_two_equal_teams_share_the_runs():
    problem = rivals(8.0, 8.0)
    found = frequencies(problem, doubt_of(problem, 0.2), runs=200)
    assert share(found, 0) + share(found, 1) == pytest.approx(1.0)
    assert 0.38 < share(found, 0) < 0.62


def test_without_doubt_nothing_changes():
    problem = rivals(8.0, 7.9, 3.0)
    found = frequencies(problem, doubt_of(problem, 0.0))
    assert found.organisation.tolist() == [0]
    assert set(found.values) == {7.0}


def test_prices_and_capacity_count_too():
    problem = rivals(8.0, 8.0)
    found = frequencies(problem, doubt_of(problem, 0.0, prices=0.5), runs=200)
    assert 0.38 < share(found, 0) < 0.62
    scarce = rivals(10.0, 5.0, challenges=2)
    found = frequencies(scarce, doubt_of(scarce, 0.1))
    assert found.staffed.tolist() == [found.runs, found.runs]
    assert share(found, 0) == share(found, 1) == 1.0  # each in one of the two


def test_the_answer_does_not_depend_on_the_executor_or_on_other_runs():
    problem = rivals(8.0, 7.5, 7.0, challenges=2)
    doubt = doubt_of(problem, 0.3)
    with ThreadPoolExecutor(2) as executor:
        there = frequencies(problem, doubt, executor=executor)
    here = frequencies(problem, doubt)
    assert there.times.tolist() == here.times.tolist()
    assert np.array_equal(there.values, here.values)
    assert np.array_equal(frequencies(problem, doubt, runs=25).values, here.values[:25])


def test_the_same_figure_is_drawn_alike_in_every_challenge():
    problem = random_shared(3, challenges=3, organisations=8, is_easy=True)
    whole = replace(problem, who=problem.who)
    drawn = perturbed(whole, doubt_of(problem, 0.5, ties=0.5, prices=0.5), 7, 1)
    factor = {}
    for c, (before, after) in enumerate(zip(problem.teams, drawn.teams, strict=True)):
        who = problem.who[c]
        for e, points in enumerate(before.ties.points):
            if points > 0:
                pair = who[before.ties.a[e]], who[before.ties.b[e]]
                ratio = after.ties.points[e] / points
                assert 0.5 <= ratio <= 1.5
                assert factor.setdefault(pair, ratio) == pytest.approx(ratio)
    assert len({round(ratio, 6) for ratio in factor.values()}) > 3


def test_columns_valued_anew_equal_those_made_anew():
    compared = 0
    for seed in range(12):
        problem = random_shared(seed, challenges=3, organisations=9, is_easy=True)
        pool = price_all(problem, Prices.none(problem))
        drawn = perturbed(problem, doubt_of(problem, 0.4, ties=0.4, prices=0.4), 1, 2)
        quick, slow = revalued(drawn, pool), pool.revalued(drawn)
        assert np.allclose(quick.parts, slow.parts)
        assert quick.lead.tolist() == slow.lead.tolist()
        compared += len(pool)
    assert compared > 20
