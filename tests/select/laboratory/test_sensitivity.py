"""Ranks under drawn weights: the draws themselves, and what they say of ranks."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import evaluate
from jicheng.select.laboratory.sensitivity import (
    SensitivitySettings,
    draw_weights,
    weight_sensitivity,
)
from policy_builders import banded, facts, gate, pack

EIGHTEEN = [f"i{k}" for k in range(18)]


def draws(base, **settings):
    base = np.atleast_2d(np.array(base, float))
    names = [f"i{k}" for k in range(base.shape[1])]
    stages = [f"s{k}" for k in range(base.shape[0])]
    return draw_weights(base, stages, names, SensitivitySettings(**settings))


def test_every_draw_sums_to_the_total_and_has_no_negative_weight():
    found = draws([[5.0] * 18, [100.0, *[0.0] * 17]], n_draws=200)
    assert found.sum(axis=2) == pytest.approx(np.array([[90.0, 100.0]] * 200))
    assert (found >= 0).all()
    assert (found[:, 1, 1:] == 0).all()


def test_moments_are_those_of_the_formula():
    """Mean w, relative standard deviation sqrt((1 - v) / (v (kappa + 1))) of a share v."""
    weights = np.array([50.0, 30.0, 15.0, 5.0])
    found = draws(weights, n_draws=40_000, kappa=60.0)[:, 0]
    share = weights / 100
    expected = np.sqrt((1 - share) / (share * 61.0))
    assert found.mean(axis=0) == pytest.approx(weights, rel=0.01)
    assert found.std(axis=0) / weights == pytest.approx(expected, rel=0.02)


def test_default_concentration_varies_one_of_eighteen_equal_weights_by_a_quarter():
    found = draws([100 / 18] * 18, n_draws=20_000)[:, 0, 0]
    assert found.std() / found.mean() == pytest.approx(0.25, abs=0.005)


def test_weight_depends_on_seed_and_names_only():
    base = np.array([[60.0, 40.0]])
    settings = SensitivitySettings(n_draws=50)
    one = draw_weights(base, ["s"], ["a", "b"], settings)
    turned = draw_weights(base[:, ::-1], ["s"], ["b", "a"], settings)
    assert turned[:, :, ::-1] == pytest.approx(one)
    other = draw_weights(base, ["s"], ["a", "b"], SensitivitySettings(n_draws=50, seed=2))
    assert not np.allclose(other, one)


RULES = pack(
    indicators=[
        banded("a", "revenue", (100, 60), (50, 30), most=60),
        banded("b", "staff_total", (10, 40), (5, 20), most=40),
    ]
)


def test_who_is_best_in_everything_is_first_in_every_draw():
    table = facts(3, revenue=[100, 50, 0], staff_total=[10, 10, 0])
    told = weight_sensitivity(evaluate(RULES, table), SensitivitySettings(places=1)).table
    assert told.select("rank_low", "rank_high").rows() == [(1, 1), (2, 2), (3, 3)]
    assert told["listed_certainly"].to_list() == [1.0, 0.0, 0.0]


def test_those_who_are_good_at_different_things_change_places():
    table = facts(2, revenue=[100, 0], staff_total=[0, 10])
    settings = SensitivitySettings(kappa=5.0, n_draws=400)
    told = weight_sensitivity(evaluate(RULES, table), settings).table
    assert told["rank_best"].to_list() == [1, 2]
    assert told["rank_low"].to_list() == [1, 1]
    assert told["rank_high"].to_list() == [2, 2]


def test_missing_fact_widens_the_rank_and_only_counts_as_possibly_listed():
    table = facts(2, revenue=[50, np.nan], staff_total=[10, 10])
    told = weight_sensitivity(evaluate(RULES, table), SensitivitySettings(places=1)).table
    assert told["rank_low"].to_list() == [1, 1]
    assert told["rank_high"].to_list() == [2, 2]
    assert told["listed_possibly"].to_list() == [1.0, 1.0]
    assert told["listed_certainly"].to_list() == [0.0, 0.0]


def test_by_low_end_an_open_fact_counts_at_its_least():
    table = facts(2, revenue=[50, np.nan], staff_total=[10, 10])
    settings = SensitivitySettings(places=1, by_low_end=True)
    told = weight_sensitivity(evaluate(RULES, table), settings).table
    assert told.select("rank_best", "rank_worst", "rank_low", "rank_high").rows() == [
        (1, 1, 1, 1), (2, 2, 2, 2),
    ]  # fmt: skip
    assert told["score_high"].to_list() == told["score_low"].to_list()


def test_points_add_up_to_the_score():
    rng = np.random.default_rng(1)
    table = facts(50, revenue=rng.integers(0, 150, 50), staff_total=rng.integers(0, 15, 50))
    evaluation = evaluate(RULES, table)
    told = weight_sensitivity(evaluation, SensitivitySettings(n_draws=10)).table
    assert told["score_low"].to_numpy() == pytest.approx(evaluation.score.low)


def innovation_points(n, seed=1):
    rng = np.random.default_rng(seed)
    stages = ["startup", "growth", "stable"]
    fields = ["电子信息", "新材料"]
    return evaluate(
        pack_of("cn.innovation_points@2024"),
        facts(
            n,
            choices={"stage": rng.choice(stages, n), "tech_field": rng.choice(fields, n)},
            groups={"stage": rng.choice(stages, n)},
            revenue=rng.lognormal(16, 1, n),
            rd_expense=rng.lognormal(14, 1, n),
            staff_total=rng.integers(5, 500, n),
            tech_staff=rng.integers(1, 5, n),
            graduates_hired=rng.integers(0, 9, n),
        ),
    )


def test_shipped_points_have_intervals_that_hold_the_rank_in_force():
    evaluation = innovation_points(60)
    result = weight_sensitivity(evaluation, SensitivitySettings(n_draws=100))
    assert result.has_demo_weights
    told = result.table
    assert told["score_low"].to_numpy() == pytest.approx(evaluation.score.low)
    assert told["score_high"].to_numpy() == pytest.approx(evaluation.score.high)
    assert (told["rank_low"] <= told["rank_high"]).all()
    inside = (told["rank_low"] <= told["rank_best"]) & (told["rank_worst"] <= told["rank_high"])
    assert inside.mean() > 0.8  # quantiles, not bounds
    weights = result.weights
    assert set(weights["stage"]) == {"startup", "growth", "stable", ""}
    assert weights["drawn_mean"].to_numpy() == pytest.approx(weights["weight"].to_numpy(), rel=0.2)


def test_same_seed_gives_the_same_and_order_of_subjects_changes_nothing():
    evaluation = innovation_points(40)
    order = np.random.default_rng(9).permutation(40)
    turned = evaluate(evaluation.pack, evaluation.facts.rows(order))
    settings = SensitivitySettings(n_draws=60, within="stage")
    one, again = (weight_sensitivity(evaluation, settings).table for _ in range(2))
    assert one.equals(again)
    assert one.sort("subject").equals(weight_sensitivity(turned, settings).table.sort("subject"))


def test_ranks_within_a_group_start_at_one_in_each():
    told = weight_sensitivity(
        innovation_points(40), SensitivitySettings(n_draws=20, within="stage")
    ).table
    assert told.group_by("group").min()["rank_best"].to_list() == [1] * 3


@pytest.mark.parametrize(
    ("name", "value"),
    [("kappa", 0.0), ("n_draws", 0), ("tail", 0.5), ("seed", -1), ("within", "colour")],
)
def test_settings_out_of_range_are_refused(name, value):
    table = facts(1, revenue=[1], staff_total=[1])
    with pytest.raises(InvalidInput, match="E979"):
        weight_sensitivity(evaluate(RULES, table), SensitivitySettings(**{name: value}))


def test_pack_without_points_is_refused():
    rules = pack(gates=[gate("a", "revenue >= 1")])
    with pytest.raises(InvalidInput, match="E978"):
        weight_sensitivity(evaluate(rules, facts(1, revenue=[1])))
