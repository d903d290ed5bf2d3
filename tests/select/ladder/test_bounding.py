from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from jicheng.rules.pack.model import Band, Banded, Parts, Side
from jicheng.rules.score.evaluate import evaluate
from jicheng.select.ladder.bounding import least_costs, unreachable
from jicheng.select.ladder.judging import assume
from jicheng.select.ladder.target import target_of
from ladder_builders import DICTIONARY, action, condition, indicator, pack_of, parse, table


def target(pack, actions, **columns):
    facts = table(dictionary=DICTIONARY, **columns)
    assumed = assume(evaluate(pack, facts), 0.0)
    return target_of(assumed, facts, assumed.evaluate(facts), actions)


def bands(of: str, *pairs: tuple[float, float]) -> Banded:
    steps = (Band(Side.AT_LEAST, bound, points, points) for bound, points in pairs)
    return Banded(parse(of), (*steps, Band(Side.OTHERWISE, math.nan, 0, 0)))


def gates(*texts: str):
    return [condition("gates", f"g{k}", text) for k, text in enumerate(texts)]


def scored(bound: float, *rules: Banded, **fields):
    indicators = [indicator(f"i{k}", 20, rule) for k, rule in enumerate(rules)]
    passes = [condition("conditions", "c", f"score >= {bound}")]
    return pack_of(indicators=indicators, conditions=passes, **fields)


def test_a_gap_costs_the_units_that_close_it():
    it = target(pack_of(gates=gates("a >= 5")), [action("x", "a+2", unit_cost=3.0, most=9)],
                a=[5, 4, 1, 0])  # fmt: skip
    assert least_costs(it).tolist() == pytest.approx([0.0, 3.0, 6.0, 9.0], rel=1e-6)


def test_a_gap_beyond_all_amounts_cannot_be_closed():
    it = target(pack_of(gates=gates("a >= 5")), [action("x", "a+2", most=2)], a=[0, 1])
    assert least_costs(it).tolist() == [math.inf, 2.0]
    assert unreachable(it)["gates/g0"].tolist() == [True, False]


def test_gates_of_different_actions_add_up():
    acts = [action("x", "a+1", unit_cost=3.0), action("y", "c+1", unit_cost=5.0)]
    it = target(pack_of(gates=gates("a >= 1", "c >= 1")), acts, a=[0], c=[0])
    assert least_costs(it).tolist() == pytest.approx([8.0])


def test_gates_that_one_action_serves_are_not_counted_twice():
    it = target(pack_of(gates=gates("a >= 2", "a + c >= 2")), [action("x", "a+1", most=5)],
                a=[0], c=[0])  # fmt: skip
    assert 1.0 <= least_costs(it)[0] <= 2.0 + 1e-9


def test_a_start_counts_once():
    acts = [action("x", "a+1", unit_cost=1.0, start_cost=10.0, most=5)]
    it = target(pack_of(gates=gates("a >= 3")), acts, a=[0])
    assert least_costs(it)[0] == pytest.approx(13.0)


def test_points_are_taken_where_they_are_cheapest():
    acts = [action("x", "a+1", unit_cost=4.0, most=3), action("y", "c+1", unit_cost=5.0, most=3)]
    pack = scored(10, bands("a", (3, 15), (1, 5)), bands("c", (2, 20), (1, 10)))
    assert least_costs(target(pack, acts, a=[0, 1, 2], c=[0, 0, 0])).tolist() == [
        pytest.approx(cost) for cost in (5.0, 5.0, 4.0)
    ]


def test_a_direct_pass_may_be_cheaper_than_points():
    acts = [action("x", "a+1", unit_cost=4.0, most=3), action("y", "p=true", unit_cost=2.0)]
    pack = scored(5, bands("a", (1, 5)), direct=[condition("direct", "d", "p")])
    assert least_costs(target(pack, acts, a=[0], p=[False]))[0] == pytest.approx(2.0)


def test_a_cap_makes_a_bound_lower_never_higher():
    parts = tuple(
        indicator(f"x{k}", 10, bands(["a", "c"][k], (1, 10)), path=f"indicators/i/x{k}")
        for k in range(2)
    )
    pack = pack_of(
        indicators=[indicator("i", 20, Parts(parts), cap=12.0)],
        conditions=[condition("conditions", "c", "score >= 15")],
    )
    acts = [action("x", "a+1"), action("y", "c+1")]
    assert least_costs(target(pack, acts, a=[0], c=[0]))[0] < np.inf


def test_a_missing_rule_cannot_be_met():
    lost = replace(gates("a >= 1")[0], when=None)
    assert least_costs(target(pack_of(gates=[lost]), [action("x", "a+1")], a=[5]))[0] == math.inf
