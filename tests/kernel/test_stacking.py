"""The best choice under exclusions, counts and caps, against trying every set."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from jicheng.kernel.stacking import Objective, Stacking, TooManySets, best_sets, maximal_sets


def stacking(m, pairs=(), groups=None, counts=(), caps=()):
    excludes = np.zeros((m, m), dtype=bool)
    for a, b in pairs:
        excludes[a, b] = excludes[b, a] = True
    group = np.array([-1] * m if groups is None else groups, dtype=np.int64)
    return Stacking(excludes, group, np.array(counts, float), np.array(caps, float))


def is_allowed(rules, kept):
    at = np.flatnonzero(kept)
    if rules.excludes[np.ix_(at, at)].any():
        return False
    return all((rules.group[at] == g).sum() <= limit for g, limit in enumerate(rules.counts))


def worth_by_hand(rules, kept, worth, is_capped):
    total = sum(worth[i] for i in np.flatnonzero(kept) if rules.group[i] < 0 or not is_capped)
    if is_capped:
        for g, cap in enumerate(rules.caps):
            total += min(cap, sum(worth[i] for i in np.flatnonzero(kept) if rules.group[i] == g))
    return round(float(total), 6)


def best_by_trying(rules, allowed, objectives):
    scores = []
    for kept in product([True, False], repeat=rules.n_things):
        kept = np.array(kept)
        if (kept & ~allowed).any() or not is_allowed(rules, kept):
            continue
        told = [worth_by_hand(rules, kept, worth, capped) for worth, capped in objectives]
        scores.append((*told, int(kept.sum())))
    return max(scores)


def random_rules(rng):
    m, g = int(rng.integers(1, 8)), int(rng.integers(1, 4))
    pairs = [(a, b) for a in range(m) for b in range(a) if rng.random() < 0.25]
    counts = [rng.choice([1, 2, np.inf]) for _ in range(g)]
    caps = [rng.choice([30, 80, np.inf]) for _ in range(g)]
    return stacking(m, pairs, rng.integers(-1, g, m), counts, caps)


@pytest.mark.parametrize("seed", range(60))
def test_choice_is_as_good_as_the_best_of_all_sets(seed):
    rng = np.random.default_rng(seed)
    rules = random_rules(rng)
    n, m = 6, rules.n_things
    allowed = rng.random((n, m)) < 0.7
    first, second = (rng.integers(0, 60, (n, m)).astype(float) for _ in range(2))
    chosen = best_sets(rules, allowed, [Objective(first), Objective(second, is_capped=False)])
    for row in range(n):
        kept = chosen[row]
        assert not (kept & ~allowed[row]).any()
        assert is_allowed(rules, kept)
        pairs = [(first[row], True), (second[row], False)]
        found = (*(worth_by_hand(rules, kept, w, c) for w, c in pairs), int(kept.sum()))
        assert found == best_by_trying(rules, allowed[row], pairs)


@pytest.mark.parametrize("seed", range(20))
def test_maximal_sets_are_all_of_them_and_once_each(seed):
    rng = np.random.default_rng(100 + seed)
    rules = random_rules(rng)
    m = rules.n_things
    every = [np.array(kept) for kept in product([True, False], repeat=m)]
    fine = [kept for kept in every if is_allowed(rules, kept)]
    largest = {
        tuple(kept)
        for kept in fine
        if not any((kept <= other).all() and (kept != other).any() for other in fine)
    }
    found = maximal_sets(rules, np.arange(m), limit=10_000)
    assert len(found) == len(largest)
    assert {tuple(row) for row in found.tolist()} == largest


def test_order_of_subjects_changes_nothing():
    rng = np.random.default_rng(5)
    rules = random_rules(rng)
    allowed = rng.random((40, rules.n_things)) < 0.6
    worth = rng.integers(0, 9, allowed.shape).astype(float)
    chosen = best_sets(rules, allowed, [Objective(worth)])
    order = rng.permutation(40)
    again = best_sets(rules, allowed[order], [Objective(worth[order])])
    assert np.array_equal(again, chosen[order])


def test_cap_makes_a_second_grant_of_the_group_worthless_but_not_forbidden():
    rules = stacking(2, groups=[0, 0], counts=[np.inf], caps=[50])
    chosen = best_sets(rules, np.ones((1, 2), bool), [Objective(np.array([[50.0, 40.0]]))])
    assert chosen.tolist() == [[True, True]]


def test_equal_choices_go_to_the_earlier_thing():
    rules = stacking(2, pairs=[(0, 1)])
    chosen = best_sets(rules, np.ones((1, 2), bool), [Objective(np.array([[7.0, 7.0]]))])
    assert chosen.tolist() == [[True, False]]


def test_long_knot_of_free_things_costs_one_set():
    rules = stacking(40, groups=[0] * 40, counts=[np.inf], caps=[10])
    assert len(maximal_sets(rules, np.arange(40), limit=1)) == 1


def test_too_many_sets_name_the_things_of_the_knot():
    rules = stacking(20, groups=[0] * 20, counts=[10], caps=[np.inf])
    with pytest.raises(TooManySets) as raised:
        best_sets(rules, np.ones((1, 20), bool), [], limit=1000)
    assert raised.value.things.tolist() == list(range(20))
