"""Intervals of ranks under drawn weights, against sorting every draw."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.rank_intervals import Shares, rank_bounds, rank_intervals, ranks


def one_group(n):
    return np.zeros(n, dtype=np.int64)


def known(shares, fixed=None, stage=None, group=None):
    n = shares.shape[1]
    fixed = np.zeros(n) if fixed is None else fixed
    stage = one_group(n) if stage is None else stage
    return Shares(shares, shares, fixed, fixed, stage, one_group(n) if group is None else group)


def ranks_by_hand(scores, group):
    return np.array([1 + sum(scores[group == g] > s) for s, g in zip(scores, group, strict=True)])


def quantiles_by_hand(draws, tail):
    kept = int(tail * (len(draws) - 1)) + 1
    ordered = np.sort(draws, axis=0)
    return ordered[kept - 1], ordered[-kept]


def test_equal_scores_share_the_better_rank():
    found = ranks(np.array([3.0, 5.0, 3.0, 1.0]), one_group(4))
    assert found.tolist() == [2, 1, 2, 4]


@pytest.mark.parametrize("seed", range(20))
def test_ranks_within_groups_count_the_better_of_the_group(seed):
    rng = np.random.default_rng(seed)
    scores, group = rng.integers(0, 6, 30).astype(float), rng.integers(0, 4, 30)
    assert np.array_equal(ranks(scores, group), ranks_by_hand(scores, group))


@pytest.mark.parametrize("seed", range(20))
def test_bounds_count_who_must_and_who_may_be_ahead(seed):
    rng = np.random.default_rng(seed)
    low = rng.integers(0, 8, 25).astype(float)
    high = low + rng.integers(0, 4, 25)
    group = rng.integers(0, 3, 25)
    best, worst = rank_bounds(low, high, group)
    for f in range(25):
        others = (group == group[f]) & (np.arange(25) != f)
        assert best[f] == 1 + (low[others] > high[f]).sum()
        assert worst[f] == 1 + (high[others] > low[f]).sum()


@pytest.mark.parametrize("tail", [0.0, 0.05, 0.25])
@pytest.mark.parametrize("seed", range(5))
def test_intervals_are_the_quantiles_of_all_draws(seed, tail):
    rng = np.random.default_rng(seed)
    m, n, d = 4, 17, 77
    shares, stage = rng.random((m, n)).round(1), rng.integers(0, 2, n)
    weights = rng.dirichlet(np.ones(m), (d, 2)) * 100
    found = rank_intervals(known(shares, stage=stage), weights, tail=tail, places=5)
    drawn = np.array(
        [
            ranks_by_hand(np.round((shares * w[stage].T).sum(axis=0), 9), one_group(n))
            for w in weights
        ]
    )
    low, high = quantiles_by_hand(drawn, tail)
    assert np.array_equal(found.low, low)
    assert np.array_equal(found.high, high)
    assert np.allclose(found.certainly_in, (drawn <= 5).mean(axis=0))
    assert np.array_equal(found.certainly_in, found.possibly_in)


def test_unknown_share_widens_the_interval_around_every_completion():
    rng = np.random.default_rng(3)
    low = rng.random((3, 12))
    high = low.copy()
    high[1, :4] = 1.0
    fixed = np.zeros(12)
    weights = rng.dirichlet(np.ones(3), (60, 1)) * 100
    wide = rank_intervals(Shares(low, high, fixed, fixed, one_group(12), one_group(12)), weights)
    for _ in range(20):
        told = rank_intervals(known(low + rng.random((3, 12)) * (high - low)), weights)
        assert (wide.low <= told.low).all()
        assert (wide.high >= told.high).all()


def test_order_of_subjects_changes_nothing():
    rng = np.random.default_rng(4)
    shares = rng.random((5, 200))
    weights = rng.dirichlet(np.ones(5), (100, 1)) * 100
    order = rng.permutation(200)
    found = rank_intervals(known(shares), weights)
    again = rank_intervals(known(np.ascontiguousarray(shares[:, order])), weights)
    assert np.array_equal(again.low, found.low[order])
    assert np.array_equal(again.high, found.high[order])


def test_same_weights_in_every_draw_leave_one_rank():
    shares = np.random.default_rng(5).random((3, 9))
    weights = np.tile(np.array([50.0, 30.0, 20.0]), (40, 1, 1))
    found = rank_intervals(known(shares), weights)
    scores = (shares * weights[0].T).sum(axis=0)
    assert np.array_equal(found.low, found.high)
    assert np.array_equal(found.low, ranks_by_hand(scores, one_group(9)))


def test_no_subjects_give_no_ranks():
    found = rank_intervals(known(np.empty((2, 0))), np.ones((3, 1, 2)))
    assert found.low.size == 0
