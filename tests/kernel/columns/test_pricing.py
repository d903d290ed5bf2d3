"""Search at prices: only teams that obey the rules, the same on every executor."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from jicheng.kernel.columns.pricing import DEEP, QUICK, STEADY, price_all
from jicheng.kernel.columns.problem import Prices
from shared_problems import random_shared, teams_of, value_of


def random_prices(problem, seed):
    draw = np.random.default_rng(seed)
    return Prices(
        draw.integers(0, 3, problem.n_organisations) * draw.random(problem.n_organisations),
        draw.random(problem.n_resources),
    )


def test_teams_found_obey_the_rules_and_most_are_best():
    asked = best = 0
    for seed in range(150):
        problem = random_shared(seed)
        prices = random_prices(problem, seed)
        found = price_all(problem, prices, effort=DEEP, seed=seed)
        surplus = found.surplus(prices)
        for c, team in enumerate(problem.teams):
            priced, worth = problem.priced(c, prices)
            closed = np.flatnonzero(~problem.is_open[problem.who[c]])
            known = max(
                (value_of(priced, m) for m, _ in teams_of(team) if not set(m) & set(closed)),
                default=None,
            )
            mine = np.flatnonzero(found.challenge == c)
            for j in mine:
                place = np.searchsorted(problem.who[c], found.members_of(j))
                value = value_of(team, place)
                assert value is not None, seed
                assert not set(place) & set(closed), seed
                assert found.value[j] == pytest.approx(value + problem.worth[c]), seed
                assert found.location[j] == team.lead_at[np.searchsorted(
                    problem.who[c], found.lead[j])], seed  # fmt: skip
            if known is None:
                assert not len(mine), seed
                continue
            asked += 1
            if len(mine):
                assert surplus[mine].max() <= known + worth + 1e-9, seed
                best += surplus[mine].max() >= known + worth - 1e-9
    assert best >= 0.97 * asked, (best, asked)


@pytest.mark.parametrize("effort", [QUICK, STEADY])
def test_answer_does_not_depend_on_the_executor(effort):
    problem = random_shared(11, challenges=5, organisations=30, limit=6, is_easy=True)
    prices = random_prices(problem, 4)
    here = price_all(problem, prices, effort=effort, seed=9)
    with ThreadPoolExecutor(2) as threads:
        there = price_all(problem, prices, effort=effort, seed=9, executor=threads)
    for name, array in here.arrays().items():
        assert np.array_equal(getattr(there, name), array), name


def test_other_processes_find_the_same():
    problem = random_shared(11, challenges=3, organisations=12, is_easy=True)
    prices = random_prices(problem, 4)
    here = price_all(problem, prices)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        there = price_all(problem, prices, executor=processes)
    for name, array in here.arrays().items():
        assert np.array_equal(getattr(there, name), array), name


def test_challenge_without_candidates_has_no_team():
    problem = random_shared(2, challenges=2, is_easy=True)
    nobody = problem.teams[0].kept(np.empty(0, dtype=np.int64))
    extended = problem.with_challenge(
        nobody, np.empty(0, dtype=np.int64), worth=5.0, fixed_use=np.zeros(problem.n_resources)
    )
    assert not len(price_all(extended, Prices.none(extended), challenges=[2]))
