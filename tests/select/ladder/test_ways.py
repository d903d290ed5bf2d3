from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.model import Band, Banded, Side
from jicheng.rules.pack.shipped import pack_of as shipped_pack
from jicheng.rules.score.evaluate import PASS, evaluate
from jicheng.select.ladder import CostSettings, WayStatus, shipped_costs, shortest_way
from jicheng.select.ladder.changing import after
from jicheng.select.ladder.settings import Action, Change, Effect, shipped_limits
from ladder_builders import HTE, condition, firms, indicator, pack_of, parse

SME, HTE_PACK = shipped_pack("cn.tech_sme"), shipped_pack("cn.hte")


def action(name: str, *changes: Change, **fields) -> Action:
    from jicheng.errors import Text

    return Action(name, Text(name, name), changes, **{"unit_cost": 1.0, "most": 10.0, **fields})


def add(fact: str, amount: float = 1.0) -> Change:
    return Change(fact, Effect.ADD, amount=amount)


def hire(**fields) -> Action:
    return action("hire", add("tech_staff"), add("staff_total"), **fields)


def test_a_firm_that_passes_needs_nothing():
    way = shortest_way(SME, firms(), 0, shipped_costs()).ways
    assert len(way) == 1
    assert (way[0].cost, way[0].steps, way[0].status) == (0.0, (), WayStatus.OPTIMAL)


def test_the_firm_of_the_published_vector_that_fails_hires_until_its_share_is_enough():
    # 5 of 60 technical staff give no points; with n more of (60 + n) the band of 10 % needs one,
    # and the missing two points of 58 come with it
    up = shortest_way(SME, firms(tech_staff=[5]), 0, CostSettings((hire(),)))
    assert up.verdict == "fail"
    assert [(step.action.id, step.amount) for step in up.ways[0].steps] == [("hire", 2.0)]
    assert (5 + 2) / (60 + 2) >= 0.10 > (5 + 1) / (60 + 1)


def test_every_way_passes_when_the_rules_are_asked_again():
    facts, costs = firms(tech_staff=[2], ip_class2=[0]), shipped_costs()
    up = shortest_way(SME, facts, 0, costs)
    assert len(up.ways) == 3
    for way in up.ways:
        done = {step.action.id: step.amount for step in way.steps}
        amounts = np.array([[done.get(each.id, 0.0) for each in costs.usable]])
        assert evaluate(SME, after(facts, costs.usable, amounts)).verdicts[0] == PASS


def test_ways_differ_and_rise_in_cost():
    up = shortest_way(SME, firms(tech_staff=[2], ip_class2=[0]), 0, shipped_costs())
    used = [frozenset(step.action.id for step in way.steps) for way in up.ways]
    assert not any(first <= second for k, second in enumerate(used) for first in used[:k])
    costs = [way.cost for way in up.ways]
    assert costs == sorted(costs)


def test_a_limit_of_time_leaves_slow_actions_out():
    slow, quick = hire(lead_months=24.0), action("train", add("tech_staff"), unit_cost=9.0,
                                                 lead_months=3.0)  # fmt: skip
    facts = firms(tech_staff=[5])
    free = shortest_way(SME, facts, 0, CostSettings((slow, quick)))
    hasty = shortest_way(SME, facts, 0, CostSettings((slow, quick), longest_months=6.0))
    assert free.ways[0].months == 24.0
    assert [step.action.id for step in hasty.ways[0].steps] == ["train"]
    assert hasty.ways[0].months == 3.0


def test_amounts_that_take_months_each_are_cut_at_the_limit():
    one = hire(lead_months=2.0, unit_months=3.0)
    assert one.within(9.0).most == 2.0
    assert one.within(1.0).most == 0.0
    assert one.months(2.0) == 8.0


def test_a_firm_that_no_action_helps_has_no_way_and_says_which_gate_is_out_of_reach():
    up = shortest_way(SME, firms(staff_total=[600], tech_staff=[200]), 0, CostSettings((hire(),)))
    assert (up.status, up.ways) == (WayStatus.IMPOSSIBLE, ())
    assert "gates/staff_max" in up.out_of_reach
    assert up.fails == ("gates/staff_max",)


def test_an_unknown_fact_counts_at_its_unfavourable_end_and_the_cost_if_it_is_good_is_told():
    up = shortest_way(SME, firms(tech_staff=[None]), 0, CostSettings((hire(most=60.0),)))
    assert up.verdict == "open"
    assert [str(each.name) for each in up.settling] == ["tech_staff"]
    assert up.ways[0].steps[0].amount == 7.0  # 7 of 67: as if nobody were technical today
    assert up.if_favourable is not None
    assert up.if_favourable.cost == 0.0


def test_what_experts_decide_is_never_counted_on_but_told_as_points_needed():
    up = shortest_way(HTE_PACK, firms(HTE), 0, CostSettings((hire(),)))
    assert (up.verdict, up.status) == ("open", WayStatus.IMPOSSIBLE)
    way = up.if_experts_agree
    assert way is not None
    assert way.steps == ()
    # 8 + 25 + 5 + 3 = 41 points are certain, more than 70 are needed, 49 are in question
    assert (way.experts.needed, way.experts.most) == (30.0, 49.0)


def test_an_assumed_share_of_experts_points_makes_a_way_and_stays_told():
    costs = replace(shipped_costs(), judged_share=0.5)
    up = shortest_way(HTE_PACK, firms(HTE), 0, costs)
    assert up.ways[0].steps
    needed = up.ways[0].experts
    assert 0 < needed.needed < needed.most
    assert up.costs.judged_share == 0.5


def test_growth_of_the_latest_year_is_reached_by_changing_that_year():
    sell = action("sell", add("revenue", 1e5), add("total_income", 1e5), most=100.0)
    costs = CostSettings((sell,), judged_share=0.59)
    facts = firms(HTE)
    up = shortest_way(HTE_PACK, facts, 0, costs)
    amount = up.ways[0].steps[0].amount
    growth = 0.5 * (1.2e7 / 1e7 + (1.5e7 + amount * 1e5) / 1.2e7) - 1
    assert growth >= 0.25 > growth - 0.5 * 1e5 / 1.2e7


def test_what_is_not_linear_stays_as_it_is_and_is_said():
    both = pack_of(gates=[condition("gates", "g", "tech_staff * staff_total >= 1000")])
    up = shortest_way(both, firms(), 0, CostSettings((hire(),)))
    assert up.status is WayStatus.IMPOSSIBLE
    assert [each.code for each in up.warnings] == ["E968", "E967"]


def test_what_is_not_linear_counts_while_it_is_left_alone():
    both = pack_of(
        gates=[
            condition("gates", "g", "tech_staff * staff_total <= 1000"),
            condition("gates", "h", "ip_class2 >= 4"),
        ]
    )
    costs = CostSettings((hire(), action("file", add("ip_class2"))))
    up = shortest_way(both, firms(), 0, costs)
    assert [step.action.id for step in up.ways[0].steps] == ["file"]


def test_an_edge_counts_in_favour_of_the_firm():
    # 2 of 20 is exactly 10 %, which floats may miss
    bands = (Band(Side.AT_LEAST, 0.1, 5, 5), Band(Side.OTHERWISE, math.nan, 0, 0))
    share = Banded(parse("1 - (staff_total - tech_staff) / staff_total"), bands)
    pack = pack_of(indicators=[indicator("i", 5, share)],
                   conditions=[condition("conditions", "c", "score >= 5")])  # fmt: skip
    train = action("train", add("tech_staff"))
    up = shortest_way(pack, firms(staff_total=[20], tech_staff=[0]), 0, CostSettings((train,)))
    assert up.ways[0].steps[0].amount == 2.0


def test_facts_before_and_after_are_told():
    up = shortest_way(SME, firms(tech_staff=[5]), 0, CostSettings((hire(),)))
    told = {change.fact: (change.before, change.after) for change in up.ways[0].changes}
    assert told == {"tech_staff": ("5", "7"), "staff_total": ("60", "62")}


@pytest.mark.parametrize("key", ["cn.tech_sme", "cn.innovative_sme", "cn.srdi_sme",
                                 "cn.little_giant"])  # fmt: skip
def test_nothing_in_the_shipped_rungs_is_beyond_the_method(key):
    up = shortest_way(shipped_pack(key), firms(HTE), 0, shipped_costs(), alternatives=1)
    assert [each.code for each in up.warnings if each.code == "E967"] == []


MOVE = action("move", add("main_revenue", 1e6), most=50.0)
GROWS = pack_of(gates=[condition("gates", "g", "main_revenue / main_revenue[-1] - 1 >= 0.15")])


@pytest.mark.parametrize(("revenue", "amount"), [(2.4e7, 3.0), (2.2e7, None), (None, 3.0)])
def test_a_part_never_grows_beyond_its_whole(revenue, amount):
    # 20 million of main revenue must grow to 23 million, out of a revenue of so much
    facts = firms(main_revenue=[[2e7, 2e7]], revenue=[revenue])
    up = shortest_way(GROWS, facts, 0, CostSettings((MOVE,), shipped_limits()))
    assert [way.steps[0].amount for way in up.ways] == ([] if amount is None else [amount])


def test_a_limit_that_is_broken_already_holds_back_only_what_touches_it():
    facts = firms(tech_staff=[70], ip_class2=[0], rd_expense=[1.5e6])
    costs = CostSettings((hire(), action("file", add("ip_class2"))), shipped_limits())
    used = {s.action.id for way in shortest_way(SME, facts, 0, costs).ways for s in way.steps}
    assert used == {"file"}


def test_shipped_limits_are_conditions_over_facts_that_exist():
    known = fact_dictionary()
    assert shipped_limits()
    for limit in shipped_limits():
        assert limit.is_condition
        assert all(name.id in known for name in limit.names)
