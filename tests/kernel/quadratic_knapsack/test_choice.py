"""Choosing under one budget: brute force, bounds, odd inputs, permutations."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from bench.quadratic import gallo, read_billionnet_soutif, sparse

from jicheng.kernel.quadratic_knapsack import (
    QuadraticLimits,
    QuadraticMethod,
    choose_items,
    choose_of,
)
from quadratic_builders import enumerated, small

NO_PAIRS = ([], [], [])
QUICK = QuadraticLimits(looks=1_000_000, rounds=150, nodes=5)


def test_choice_of_200_small_problems_is_that_of_enumeration():
    for seed in range(200):
        problem, best = small(seed), enumerated(small(seed))
        choice = choose_of(problem, limits=QuadraticLimits(looks=2_000 * (seed % 2)))
        assert choice.is_proved, seed
        assert choice.value == pytest.approx(best, rel=2e-6, abs=2e-6), seed
        assert choice.bound >= best * (1 - 1e-12), seed
        assert problem.weight_of(choice.chosen) <= problem.budget, seed
        assert problem.value_of(choice.chosen) == pytest.approx(choice.value), seed


@pytest.mark.parametrize("rounds", [0, 3, 40])
def test_bound_holds_however_early_it_is_stopped(rounds):
    limits = QuadraticLimits(looks=0, rounds=rounds, nodes=rounds // 20)
    for seed in range(60):
        problem = small(seed)
        choice = choose_of(problem, limits=limits)
        assert choice.bound >= enumerated(problem) * (1 - 1e-12), seed
        assert choice.value <= choice.bound


def test_whole_points_give_a_whole_bound():
    choice = choose_of(gallo(40, 0.5, 1), limits=QuadraticLimits(looks=1000, rounds=20, nodes=0))
    assert choice.bound == np.floor(choice.bound)


def test_budget_of_zero_takes_what_weighs_nothing():
    choice = choose_items([1, 2, -1, -3], ([2, 0], [3, 1], [9, 9]), [0, 1, 0, 0], 0)
    assert choice.chosen.tolist() == [True, False, True, True]
    assert (choice.value, choice.bound) == (6.0, 6.0)


def test_nothing_to_choose_from():
    choice = choose_items([], NO_PAIRS, [], 5)
    assert (choice.value, choice.bound, choice.is_proved) == (0.0, 0.0, True)


def test_items_of_negative_points_are_taken_only_for_their_pairs():
    choice = choose_items([-5, -1, -1], ([0], [1], [7]), [1, 1, 1], 3)
    assert choice.chosen.tolist() == [True, True, False]
    assert choice.value == 1.0


def test_all_negative_leaves_everything():
    choice = choose_items([-5, -1], ([0], [1], [6]), [1, 1], 1)
    assert not choice.chosen.any()
    assert choice.is_proved


def test_item_heavier_than_the_budget_stays_out_with_its_pairs():
    choice = choose_items([1, 1, 1], ([0, 1], [1, 2], [100, 1]), [11, 1, 1], 10)
    assert choice.chosen.tolist() == [False, True, True]
    assert (choice.value, choice.bound) == (3.0, 3.0)


def test_pair_given_twice_adds_up_whatever_its_direction():
    choice = choose_items([0, 0, 5], ([0, 1], [1, 0], [2, 4]), [1, 1, 2], 2)
    assert choice.chosen.tolist() == [True, True, False]
    assert choice.value == 6.0


def test_large_sparse_problem_is_left_to_the_cut():
    choice = choose_of(sparse(2000, 4000, 0.3, 1), limits=QUICK)
    assert choice.method is QuadraticMethod.CUT
    assert choice.gap < 0.01


def test_dense_problem_is_bounded_below_the_cut_by_groups_and_lower_by_branching():
    problem = gallo(60, 1.0, 4)
    cut, groups, parts = (
        choose_of(problem, limits=QuadraticLimits(looks=100_000, rounds=rounds, nodes=nodes))
        for rounds, nodes in ((0, 0), (200, 0), (200, 30))
    )
    assert cut.bound >= groups.bound >= parts.bound >= parts.value
    assert cut.bound > parts.bound
    assert parts.nodes > 0


def test_choice_does_not_depend_on_the_order_of_items():
    problem = gallo(50, 0.4, 3)
    order = np.random.default_rng(1).permutation(problem.n)
    place = np.argsort(order)
    shuffled = choose_items(
        problem.linear[order],
        (place[problem.row[::-1]], place[problem.item[::-1]], problem.points[::-1] / 2),
        problem.weight[order],
        problem.budget,
        limits=QUICK,
    )
    choice = choose_of(problem, limits=QUICK)
    assert shuffled.chosen[place].tolist() == choice.chosen.tolist()
    assert (shuffled.value, shuffled.bound, shuffled.nodes) == (
        choice.value,
        choice.bound,
        choice.nodes,
    )


def test_choice_is_the_same_twice():
    one, other = (choose_of(gallo(50, 0.25, 2), limits=QUICK) for _ in range(2))
    assert one.chosen.tobytes() == other.chosen.tobytes()
    assert (one.value, one.bound) == (other.value, other.bound)


def test_deadline_is_told_and_keeps_a_set_and_a_bound():
    problem = gallo(80, 1.0, 4)
    limits = QuadraticLimits(looks=1000, rounds=10**6, nodes=10**6, deadline_s=0.0)
    choice = choose_of(problem, limits=limits)
    assert choice.is_cut_by_clock
    assert 0 < choice.value <= choice.bound


@pytest.mark.parametrize(
    ("linear", "pairs", "weight", "budget"),
    [
        ([1.0], NO_PAIRS, [1.0, 2.0], 1.0),
        ([np.nan], NO_PAIRS, [1.0], 1.0),
        ([1.0], NO_PAIRS, [-1.0], 1.0),
        ([1.0], NO_PAIRS, [1.0], -1.0),
        ([1.0, 1.0], ([0], [1], [-2.0]), [1.0, 1.0], 1.0),
        ([1.0, 1.0], ([0], [2], [2.0]), [1.0, 1.0], 1.0),
        ([1.0, 1.0], ([1], [1], [2.0]), [1.0, 1.0], 1.0),
    ],
)
def test_faulty_problem_is_refused(linear, pairs, weight, budget):
    with pytest.raises(ValueError, match=r"length|finite|negative|exist|different"):
        choose_items(linear, pairs, weight, budget)


@pytest.mark.parametrize("head", ["4\n", "made_by_hand\n4\n"])
@pytest.mark.parametrize("gap", ["\n", "\n0\n", "0\n"])
def test_file_format_of_billionnet_and_soutif(tmp_path, head, gap):
    file = tmp_path / "made_by_hand.txt"
    file.write_text(f"{head} 3 1 4 1\n 5 0 2\n 6 0\n 7\n{gap}5\n 2 3 1 4\n", "utf-8")
    problem = read_billionnet_soutif(file)
    assert problem.budget == 5
    assert enumerated(problem) == 12  # items 2 and 4 weigh 5: 4 + 1 + 7
    assert choose_of(problem).value == 12


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["jeu_100_25_1", "jeu_100_75_5", "jeu_100_100_7", "jeu_200_25_6", "jeu_200_100_3"]
)
def test_published_problems_are_met_and_bounded(shared, name):
    folder = shared / "qkp"
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        best = {row["instance"]: float(row["best_value"]) for row in csv.DictReader(file)}[name]
    problem = read_billionnet_soutif(folder / name.split("_")[1] / f"{name}.txt")
    choice = choose_of(problem, limits=QuadraticLimits(looks=10_000_000, rounds=200, nodes=20))
    assert choice.value >= 0.998 * best
    assert best <= choice.bound <= 1.05 * best
