from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from jicheng.kernel.solver import Solver
from jicheng.rules.expression.intervals import Interval
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import PASS, evaluate
from jicheng.select.ladder import CostSettings, Rung, ladder, nearest, shipped_costs, shortest_way
from ladder_builders import HTE, firms

PACKS = [pack_of("cn.tech_sme"), pack_of("cn.hte")]
ROWS = (
    {},
    {"tech_staff": [5]},
    {"tech_staff": [0], "ip_class2": [0], "rd_expense": [0.3e6]},
    {"ip_class2": [1]},
    {"staff_total": [900]},
    {"tech_staff": [None]},
)


@pytest.fixture(scope="module")
def solver():
    with Solver() as own:
        yield own


@pytest.fixture(scope="module")
def found(solver):
    return ladder(firms(*ROWS), PACKS, shipped_costs(), count=3, solver=solver)


def test_every_firm_stands_before_every_pack(found):
    assert found.rungs.height == len(ROWS) * len(PACKS)
    sme = found.rungs.filter(pl.col("pack") == PACKS[0].key)
    assert sme["verdict"].to_list() == ["pass", "fail", "fail", "fail", "fail", "open"]


def test_what_fails_is_named_by_its_path(found):
    fails = found.rungs.filter(pl.col("pack") == PACKS[0].key)["fails"].to_list()
    assert fails[1] == ["conditions/total", "conditions/staff_not_zero"]
    assert fails[4] == ["gates/staff_max", "conditions/total", "conditions/staff_not_zero"]


def test_a_firm_that_passes_costs_nothing_and_one_beyond_all_actions_has_no_cost(found):
    costs = found.rungs.filter(pl.col("pack") == PACKS[0].key)["least_cost"].to_list()
    assert costs[0] == 0.0
    assert costs[4] is None


def test_the_next_rung_is_the_lowest_above_where_a_firm_stands(found):
    stands = {
        subject: found.rungs.filter(pl.col("subject") == subject).select("stands", "is_next").rows()
        for subject in ("s0", "s1")
    }
    assert stands == {"s0": [(1, False), (1, True)], "s1": [(0, True), (0, False)]}


def test_the_order_of_rungs_is_data(solver):
    order = (Rung(1, PACKS[1].name, ("cn.hte",)), Rung(2, PACKS[0].name, ("cn.tech_sme",)))
    found = ladder(firms(*ROWS), PACKS, shipped_costs(), rungs=order, count=1, solver=solver)
    assert found.rungs.filter(pl.col("subject") == "s0")["stands"].to_list() == [2, 2]


def test_the_nearest_are_those_with_the_cheapest_ways(found, solver):
    facts, costs = firms(*ROWS), shipped_costs()
    ways = {}
    for place in range(len(ROWS)):
        up = shortest_way(PACKS[0], facts, place, costs, alternatives=1, solver=solver)
        if up.ways and up.ways[0].cost > 0:
            ways[f"s{place}"] = up.ways[0].cost
    nearest_by_ways = sorted(ways.items(), key=lambda pair: pair[1])[:3]
    near = found.near.filter(pl.col("pack") == PACKS[0].key)
    assert list(near.select("subject", "cost").rows()) == nearest_by_ways
    assert found.by_pack[PACKS[0].key].is_complete


def test_movers_add_up_the_steps(found):
    steps = found.ways.group_by("pack", "action").agg(
        pl.len().cast(pl.Int64).alias("firms"), pl.col("cost").sum()
    )
    joined = found.movers.join(steps, on=["pack", "action"], suffix="_steps")
    assert joined.height == found.movers.height
    assert (joined["firms"] == joined["firms_steps"]).all()
    assert found.ways["cost"].sum() == pytest.approx(found.near["cost"].sum())


def test_what_all_lack_is_counted(found):
    lacks = found.lacks.filter(pl.col("path") == "conditions/staff_not_zero")
    assert lacks.select("fails", "opens").row(0) == (3, 1)


def test_only_firms_for_which_a_pack_is_next_are_near_if_asked(solver):
    order = (Rung(1, PACKS[1].name, ("cn.hte",)), Rung(2, PACKS[0].name, ("cn.tech_sme",)))
    costs, facts = shipped_costs(), firms(*ROWS)
    found = ladder(facts, PACKS, costs, rungs=order, only_next=True, solver=solver)
    assert found.near.height == 0  # all stand below a rung that none of them reaches


def test_demo_costs_are_said(found):
    assert "E968" in {each.code for each in found.warnings}


def test_a_short_hunt_says_that_it_is_not_complete(solver):
    evaluation = evaluate(PACKS[0], firms(*ROWS))
    short = nearest(evaluation, shipped_costs(), solver, count=3, most_solved=1)
    assert (short.n_solved, short.is_complete, len(short.near)) == (1, False, 1)


def test_a_bound_is_never_above_the_cost_of_a_way(solver):
    random = np.random.default_rng(3)
    n = 60
    rows = [{} for _ in range(n)]
    drawn = {
        "tech_staff": random.integers(0, 20, n),
        "ip_class2": random.integers(0, 5, n),
        "rd_expense": random.integers(0, 25, n) * 1e5,
        "cost_total": random.integers(20, 40, n) * 1e6,
    }
    facts = firms(*rows).with_facts({
        (name, 0): Interval.known(values.astype(float)) for name, values in drawn.items()
    })  # fmt: skip
    evaluation = evaluate(PACKS[0], facts)
    all_of_them = nearest(evaluation, shipped_costs(), solver, count=n, most_solved=n)
    assert all_of_them.near
    for one in all_of_them.near:
        assert all_of_them.least_cost[one.place] <= one.found.cost + 1e-6
    assert all_of_them.passes.sum() == (evaluation.verdicts == PASS).sum()


def test_nothing_comes_of_no_packs(solver):
    found = ladder(firms(), [], shipped_costs(), solver=solver)
    assert (found.rungs.height, found.near.height, found.is_complete) == (0, 0, True)


def test_where_experts_decide_all_they_may_counts_and_what_is_needed_is_told(solver):
    few = {**HTE, "transformations_per_year": [1]}
    facts = firms(HTE, few, {**HTE, "months_registered": [3]})
    found = nearest(evaluate(PACKS[1], facts), shipped_costs(), solver, count=5)
    assert found.share == 1.0
    assert (found.near[0].place, found.near[0].found.cost) == (0, 0.0)
    needed = [(one.experts.needed, one.experts.most) for one in found.near]
    assert needed[0] == (30.0, 49.0)
    assert all(0 < least <= most for least, most in needed)
    assert 2 not in {one.place for one in found.near}


def test_groups_count_all_firms(solver):
    sizes = pl.DataFrame({"size": ["small", "micro", "small", "small", "large", None]})
    facts = replace(firms(*ROWS), groups=sizes)
    found = ladder(facts, PACKS[:1], shipped_costs(), count=1, solver=solver)
    told = found.groups.select("column", "value", "firms", "passes", "reachable").rows()
    assert told == [
        ("size", "large", 1, 0, 0), ("size", "micro", 1, 0, 1), ("size", "small", 3, 1, 2),
        ("size", None, 1, 0, 1),
    ]  # fmt: skip


def test_nobody_and_nothing_to_do_are_no_faults(solver):
    nobody = firms(*ROWS).rows([])
    found = ladder(nobody, PACKS, shipped_costs(), solver=solver)
    assert (found.rungs.height, found.near.height) == (0, 0)
    idle = ladder(firms(*ROWS), PACKS, CostSettings(()), solver=solver)
    costs = idle.rungs.filter(pl.col("pack") == PACKS[0].key)["least_cost"].to_list()
    assert costs == [0.0, None, None, None, None, None]


def test_costs_of_the_zones_own_are_not_called_demo(solver):
    own = tuple(replace(action, status="own") for action in shipped_costs().actions)
    found = ladder(firms(*ROWS), PACKS[:1], CostSettings(own), count=1, solver=solver)
    assert found.warnings == ()
