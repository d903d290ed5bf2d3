"""Columns: unique, valued like a plain sum, filtered and stored without loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jicheng.kernel.columns.pool import ColumnPool, Origin
from jicheng.kernel.columns.problem import Prices
from shared_problems import all_columns, random_shared, teams_of


def filled(seed=3, **kwargs):
    problem = random_shared(seed, challenges=3, organisations=8, is_easy=True, **kwargs)
    return problem, ColumnPool.of(problem, all_columns(problem))


def test_values_equal_those_of_a_plain_sum():
    for seed in range(20):
        problem = random_shared(seed)
        pool = ColumnPool.of(problem, all_columns(problem))
        known = {
            (c, tuple(problem.who[c][list(members)])): value + problem.worth[c]
            for c, team in enumerate(problem.teams)
            for members, value in teams_of(team)
            if problem.is_open[problem.who[c][list(members)]].all()
        }
        assert len(pool) == len(known), seed
        for j in range(len(pool)):
            key = (int(pool.challenge[j]), tuple(pool.members_of(j)))
            assert pool.value[j] == pytest.approx(known[key], abs=1e-9), seed


def test_teams_that_break_a_rule_are_left_out():
    problem, pool = filled()
    c = int(pool.challenge[0])
    stranger = np.setdiff1d(np.arange(problem.n_organisations), problem.who[c])
    teams = [(c, pool.members_of(0)), (c, []), (c, problem.who[c]), (99, [0])]
    teams += [(c, np.append(pool.members_of(0), o)) for o in stranger]
    assert len(ColumnPool.of(problem, teams)) == 1


def test_columns_occur_once_and_the_first_stays():
    _, pool = filled()
    again = replace(pool, origin=np.full(len(pool), Origin.EXACT, dtype=np.int8))
    assert pool.added(again) is pool
    part = pool.kept(np.arange(2))
    joined = part.added(again)
    assert len(joined) == len(pool)
    assert joined.origin[:3].tolist() == [Origin.USER, Origin.USER, Origin.EXACT]
    assert all(
        joined.column_of(int(c), pool.members_of(j)) >= 0 for j, c in enumerate(pool.challenge)
    )


def test_columns_with_a_member_are_those_whose_list_names_it():
    _, pool = filled()
    for o in np.unique(pool.member):
        named = [o in pool.members_of(j) for j in range(len(pool))]
        assert pool.has(int(o)).tolist() == named
        assert not (pool.kept(~pool.has(int(o))).member == o).any()


def test_arrays_carry_a_pool_without_loss(tmp_path):
    _, pool = filled()
    np.savez(tmp_path / "pool.npz", **pool.arrays())
    with np.load(tmp_path / "pool.npz") as stored:
        again = ColumnPool.from_arrays(stored)
    for name, array in pool.arrays().items():
        assert np.array_equal(getattr(again, name), array), name
        assert getattr(again, name).dtype == array.dtype, name


def test_order_does_not_depend_on_the_order_of_arrival():
    _, pool = filled()
    shuffled = pool.kept(np.random.default_rng(0).permutation(len(pool)))
    one, other = pool.in_order(), shuffled.in_order()
    for name, array in one.arrays().items():
        assert np.array_equal(getattr(other, name), array), name


def test_revalued_pool_drops_what_breaks_changed_rules():
    problem, pool = filled()
    closed = int(pool.member[0])
    again = pool.revalued(problem.without(closed))
    assert len(again) == (~pool.has(closed)).sum()
    dearer = replace(
        problem, teams=tuple(replace(team, price=team.price + 1.0) for team in problem.teams)
    )
    assert pool.revalued(dearer).value == pytest.approx(pool.value - pool.size)


def test_surplus_takes_off_prices_of_members_and_resources():
    problem, pool = filled(seed=5)
    draw = np.random.default_rng(1)
    prices = Prices(draw.random(problem.n_organisations), draw.random(problem.n_resources))
    for j in range(0, len(pool), 7):
        members = pool.members_of(j)
        use = problem.fixed_use[pool.challenge[j]] + problem.member_use[members].sum(axis=0)
        paid = prices.organisations[members].sum() + use @ prices.resources
        assert pool.surplus(prices)[j] == pytest.approx(pool.value[j] - paid)


def test_empty_pool_answers_everything_with_nothing():
    problem, _ = filled()
    empty = ColumnPool.empty(problem.n_resources)
    assert len(empty) == len(empty.in_order()) == len(empty.revalued(problem)) == 0
    assert empty.column_of(0, [1]) == -1
    assert len(empty.surplus(Prices.none(problem))) == 0
