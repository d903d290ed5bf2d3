"""Counting covers: closed forms, brute force on small pools, simulation."""

from __future__ import annotations

from itertools import combinations
from math import comb, isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jicheng.kernel.cover import (
    best_set,
    chance_in_uniform_world,
    chance_of_depth,
    chance_of_joint_depth,
    chance_of_random_set,
    chance_with_replacement,
    count_within,
    expected_coverage,
    masks_of,
    minimal_covers,
    simulate_chance,
)

pools = hnp.arrays(bool, st.tuples(st.integers(1, 8), st.integers(1, 4)))
check = settings(deadline=None, max_examples=60)


def subsets(n, k):
    return [list(c) for c in combinations(range(n), k)]


@pytest.mark.parametrize(("c", "k", "s", "known"), [(8, 8, 3, 0.27861), (16, 4, 6, 0.09514)])
def test_uniform_world_known_values(c, k, s, known):
    assert chance_in_uniform_world(k, c, s, 64) == pytest.approx(known, abs=5e-6)


def test_uniform_world_is_the_random_set_of_the_pool_of_all_firms():
    """Drawing firms with replacement from all C(6, 3) firms is the null model."""
    firms = np.array([[j in f for j in range(4)] for f in combinations(range(6), 3)])
    drawn = [firms[[a, b]].any(axis=0).all() for a in range(20) for b in range(20)]
    assert chance_in_uniform_world(2, 3, 4, 6) == pytest.approx(np.mean(drawn))


def test_returns_to_capabilities_of_hausmann_and_hidalgo_2011():
    """P = (1 - q (1 - r))^Na is the mean over products of covering all they need."""
    q, r, n = 0.08, 0.7, 80
    needed = [comb(n, s) * q**s * (1 - q) ** (n - s) for s in range(n + 1)]
    covered = sum(p * chance_with_replacement(np.full(s, r), 1) for s, p in enumerate(needed))
    assert covered == pytest.approx(0.143214, abs=5e-7)


@pytest.mark.parametrize(
    ("s", "held", "known"), [(2, 25, 97.959), (4, 25, 21.971), (4, 40, 158.732), (6, 25, 4.458)]
)
def test_makeable_products_of_fink_and_reeves(s, held, known):
    """Of 400 products of s of 50 components, a holder of n makes C(n, s)/C(50, s)."""
    none_missed = chance_of_depth(50, held, s, s)
    assert 400 * none_missed == pytest.approx(known, abs=5e-4)


@given(meets=pools, data=st.data())
@check
def test_chance_of_random_set_equals_enumeration(meets, data):
    size = data.draw(st.integers(0, len(meets)))
    fold = data.draw(st.integers(1, 3))
    hits = [bool((meets[c].sum(axis=0) >= fold).all()) for c in subsets(len(meets), size)]
    chance = chance_of_random_set(meets, size, fold=fold)
    assert chance.is_exact
    assert isclose(chance.probability, np.mean(hits), abs_tol=1e-12)


@given(meets=pools, data=st.data())
@check
def test_expected_coverage_equals_enumeration(meets, data):
    size = data.draw(st.integers(0, len(meets)))
    weights = np.arange(1.0, meets.shape[1] + 1)
    weights /= weights.sum()
    mean = np.mean([weights @ meets[c].any(axis=0) for c in subsets(len(meets), size)])
    assert expected_coverage(meets, weights, size) == pytest.approx(mean)


@given(meets=pools)
@check
def test_count_within_equals_definition(meets):
    masks, s = masks_of(meets), meets.shape[1]
    counted = [sum(int(m) | u == u for m in masks) for u in range(1 << s)]
    assert count_within(masks, s).tolist() == counted


def test_chance_agrees_with_simulation_within_four_standard_errors():
    draw = np.random.default_rng(11)
    meets = draw.random((30, 5)) < 0.25
    for fold in (1, 2):
        exact = chance_of_random_set(meets, 6, fold=fold).probability
        told = simulate_chance(meets, 6, fold=fold, draws=40_000, seed=5)
        error = np.sqrt(exact * (1 - exact) / 40_000)
        assert abs(told.probability - exact) < 4 * error
        assert told.low < told.probability < told.high


def test_chance_is_exact_where_signs_would_cancel_in_floats():
    """Twenty needs and 40,000 holders: the terms exceed 1e30, their sum is below 1."""
    meets = np.zeros((40_000, 20), dtype=bool)
    meets[np.arange(40_000), np.arange(40_000) % 20] = True
    all_different = chance_of_random_set(meets, 20).probability
    assert all_different == pytest.approx(2000**20 / comb(40_000, 20), rel=1e-12)


def test_chance_beyond_twenty_needs_is_simulated_with_an_interval():
    meets = np.ones((4, 21), dtype=bool)
    meets[0, 0] = False
    chance = chance_of_random_set(meets, 1, draws=2000, seed=3)
    assert not chance.is_exact
    assert chance.low < 0.75 < chance.high
    assert chance == chance_of_random_set(meets, 1, draws=2000, seed=3)


def test_joint_depth_gives_up_beyond_the_state_limit():
    masks = np.arange(32)
    assert chance_of_joint_depth(masks, 5, 6, 2, state_limit=50) is None


def test_depth_of_one_need_is_the_joint_depth_of_one():
    masks = np.array([1] * 7 + [0] * 5)
    for fold in (1, 2, 3):
        assert chance_of_depth(12, 7, 4, fold) == pytest.approx(
            chance_of_joint_depth(masks, 1, 4, fold)
        )


@given(meets=pools, data=st.data())
@check
def test_best_set_equals_enumeration(meets, data):
    n, s = meets.shape
    weights = np.array(data.draw(st.lists(st.integers(0, 5), min_size=s, max_size=s)), float)
    size = data.draw(st.integers(0, n))
    best = max(
        (weights @ meets[c].any(axis=0) for k in range(size + 1) for c in subsets(n, k)),
        default=0.0,
    )
    holders, coverage = best_set(masks_of(meets), weights, size)
    assert len(holders) <= size
    assert coverage == best == weights @ meets[list(holders)].any(axis=0)


@given(meets=pools)
@check
def test_minimal_covers_equal_enumeration(meets):
    n, s = meets.shape
    full = [set(c) for k in range(n + 1) for c in subsets(n, k) if meets[c].any(axis=0).all()]
    minimal = sorted(tuple(sorted(c)) for c in full if not any(d < c for d in full))
    covers = minimal_covers(masks_of(meets).tolist(), s)
    assert covers.is_complete
    assert list(covers.sets) == minimal


def test_minimal_covers_says_when_it_was_cut():
    masks = [1, 2] * 10
    assert len(minimal_covers(masks, 2).sets) == 100
    cut = minimal_covers(masks, 2, limit=7)
    assert (len(cut.sets), cut.is_complete) == (7, False)
    assert minimal_covers(masks, 2, limit=100).is_complete


def test_masks_refuse_too_many_needs():
    with pytest.raises(ValueError, match="62"):
        masks_of(np.ones((1, 63), dtype=bool))


def test_random_set_larger_than_the_pool_is_refused():
    with pytest.raises(ValueError, match="cannot be drawn"):
        chance_of_random_set(np.ones((2, 1), dtype=bool), 3)
