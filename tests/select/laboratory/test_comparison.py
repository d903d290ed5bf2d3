"""Two packs on the same facts: planted winners and losers, costs, what cannot be told."""

from __future__ import annotations

import datetime
from itertools import product

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import Subject
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import PASS, evaluate
from jicheng.select.laboratory.changes import Change, changed
from jicheng.select.laboratory.comparison import EFFECTS, compare
from jicheng.select.laboratory.differences import differences
from jicheng.select.policies.model import Benefit, Recurrence
from policy_builders import banded, between, condition, facts, gate, known, pack, policy

DAY = datetime.date(2026, 1, 1)
BEFORE = pack(gates=[gate("sales", "revenue >= 100"), gate("staff", "staff_total >= 10")])
AFTER = changed(BEFORE, [Change(path="gates/sales", bound=80.0),
                         Change(path="gates/staff", bound=12.0)])  # fmt: skip
AWARD = policy(
    "award", rule_pack="test.pack", benefit=Benefit.GRANT, amount_low=4.0, amount=6.0,
    recurrence=Recurrence.ALWAYS,
)  # fmt: skip


def effects(result):
    return [EFFECTS[code] for code in result.effect]


def test_planted_winners_and_losers_are_found():
    table = facts(5, revenue=[90, 100, 100, 50, 79], staff_total=[12, 11, 12, 12, 20])
    result = compare(BEFORE, AFTER, table)
    assert effects(result) == ["gains", "loses", "same", "same", "same"]
    counts = {(b, a): n for b, a, n in result.transitions.iter_rows()}
    assert counts["fail", "pass"] == counts["pass", "fail"] == 1
    assert sum(counts.values()) == 5


def test_open_verdicts_may_gain_may_lose_or_are_undecided():
    table = facts(
        4,
        revenue=between([90, 85, 100, 110], [110, 95, 100, np.inf]),
        staff_total=between([12, 12, 10, 11], [12, 12, 12, 11]),
    )
    result = compare(BEFORE, AFTER, table)
    assert effects(result) == ["may_gain", "gains", "may_lose", "loses"]
    open_in_both = facts(1, revenue=between([60], [120]), staff_total=[12])
    assert effects(compare(BEFORE, AFTER, open_in_both)) == ["undecided"]


def test_open_by_an_element_that_does_not_differ_is_the_same():
    after = changed(BEFORE, [Change(path="gates/sales", bound=80.0)])
    table = facts(2, revenue=[100, 90], staff_total=[np.nan, np.nan])
    assert effects(compare(BEFORE, after, table)) == ["same", "may_gain"]


def test_pack_against_itself_changes_nothing():
    table = facts(3, revenue=between([50, 90, 100], [50, 110, 100]), staff_total=[10, 10, 10])
    result = compare(BEFORE, BEFORE, table, policies=[AWARD], as_of=DAY)
    assert set(effects(result)) == {"same"}
    assert result.elements.is_empty()
    assert result.costs.select("change_low", "change_high").row(0) == (0.0, 0.0)


@pytest.mark.parametrize("seed", range(25))
def test_effects_and_costs_hold_for_every_way_the_open_facts_may_turn_out(seed):
    rng = np.random.default_rng(seed)
    n = 5
    low = rng.integers(70, 110, n).astype(float)
    high = low + rng.choice([0, 0, 15, 30], n)
    staff = rng.integers(9, 15, n).astype(float)
    wide = facts(n, revenue=between(low, high), staff_total=staff)
    result = compare(BEFORE, AFTER, wide, policies=[AWARD], as_of=DAY)
    cost = result.costs.row(0, named=True)
    told = effects(result)
    for ends in product([0.0, 0.5, 1.0], repeat=n):
        revenue = low + np.array(ends) * (high - low)
        table = facts(n, revenue=known(*revenue), staff_total=staff)
        was, will = (evaluate(p, table).verdicts == PASS for p in (BEFORE, AFTER))
        for place, effect in enumerate(told):
            if effect == "gains":
                assert will[place]
                assert not was[place]
            if effect == "loses":
                assert was[place]
                assert not will[place]
            if effect == "same":
                assert was[place] == will[place]
            if effect == "may_gain":
                assert will[place] >= was[place]
            if effect == "may_lose":
                assert will[place] <= was[place]
        came, went = (will & ~was).sum(), (was & ~will).sum()
        assert cost["change_low"] <= 4.0 * came - 6.0 * went
        assert 6.0 * came - 4.0 * went <= cost["change_high"]


def test_cost_comes_from_the_policies_that_use_the_pack_and_no_other():
    table = facts(3, revenue=[90, 100, 100], staff_total=[12, 12, 11])
    other = policy("other", rule_pack="test.other", amount=100.0)
    quota = policy(
        "quota", rule_pack="test.pack@1", amount_low=4.0, amount=6.0, quota=1,
        benefit=Benefit.GRANT, recurrence=Recurrence.ALWAYS,
    )  # fmt: skip
    costs = compare(BEFORE, AFTER, table, policies=[quota, other, AWARD], as_of=DAY).costs
    assert costs["policy"].to_list() == ["award", "quota"]
    award = costs.row(0, named=True)
    assert (award["need_before_low"], award["need_after_low"]) == (8.0, 8.0)
    assert (award["change_low"], award["change_high"]) == (-2.0, 2.0)
    assert costs["takers_after_high"].to_list() == [2, 1]


def test_condition_of_a_policy_holds_in_both():
    picky = policy("p", rule_pack="test.pack", condition="hte_valid", amount_low=1.0, amount=1.0,
                   recurrence=Recurrence.ALWAYS)  # fmt: skip
    table = facts(2, revenue=[90, 90], staff_total=[12, 12], conditions={"hte_valid": "yn"})
    costs = compare(BEFORE, AFTER, table, policies=[picky], as_of=DAY).costs.row(0, named=True)
    assert (costs["takers_before_high"], costs["takers_after_low"]) == (0, 1)


def test_groups_tell_gains_losses_and_money_apart_and_sum_up():
    table = facts(
        6, revenue=[90, 90, 100, 100, 100, 50], staff_total=[12, 12, 11, 11, 12, 12],
        groups={"size": ["small", "large", "small", "small", None, "large"]},
    )  # fmt: skip
    groups = compare(BEFORE, AFTER, table, policies=[AWARD], as_of=DAY).groups
    told = {row["value"]: row for row in groups.iter_rows(named=True) if row["grouping"] == "size"}
    assert {name: (row["n"], row["gains"], row["loses"]) for name, row in told.items()} == {
        "large": (2, 1, 0), "small": (3, 1, 2), "": (1, 0, 0),
    }  # fmt: skip
    assert told["small"]["cost_before_high"] == 12.0
    whole = groups.filter(grouping="all").row(0, named=True)
    for column in ("n", "gains", "loses", "pass_before_low", "pass_after_high", "cost_after_low"):
        assert whole[column] == sum(row[column] for row in told.values())


def test_ranks_move_with_the_points():
    before = pack(indicators=[banded("a", "revenue", (50, 5)), banded("b", "staff_total", (10, 4))])
    after = changed(before, [Change(path="indicators/b/bands/0", points=(9.0, 9.0))])
    frame = compare(before, after, facts(2, revenue=[60, 0], staff_total=[0, 20])).subjects
    assert frame["rank_before"].to_list() == [1, 2]
    assert frame["rank_after"].to_list() == [2, 1]
    assert frame["rank_change"].to_list() == [-1, 1]
    assert frame["score_low_after"].to_list() == [5.0, 9.0]


def test_pack_without_points_has_no_ranks():
    frame = compare(BEFORE, AFTER, facts(1, revenue=[1], staff_total=[1])).subjects
    assert frame["rank_before"].to_list() == [None]


def test_packs_for_different_subjects_are_refused():
    people = pack("test.people", subject=Subject.PERSON)
    with pytest.raises(InvalidInput, match="E974"):
        compare(BEFORE, people, facts(1))


def test_differences_name_what_is_added_removed_and_changed():
    after = pack(gates=[gate("sales", "revenue >= 90"), gate("title", "hte_valid")])
    found = [(d.path, d.kind.value, d.before, d.after) for d in differences(BEFORE, after)]
    assert found == [
        ("gates/sales", "changed", "when: revenue >= 100", "when: revenue >= 90"),
        ("gates/title", "added", "", "when: hte_valid"),
        ("gates/staff", "removed", "when: staff_total >= 10", ""),
    ]


def test_shipped_pack_read_twice_has_no_differences_and_a_trial_one():
    held = pack_of("cn.hte@2016")
    assert differences(held, pack_of("cn.hte@2016")) == ()
    trial = changed(held, [Change(path="indicators/growth/revenue_growth/bands/0", bound=0.3)])
    assert [d.path for d in differences(held, trial)] == ["indicators/growth/revenue_growth"]


def test_order_of_subjects_changes_nothing():
    rng = np.random.default_rng(3)
    table = facts(40, revenue=rng.integers(60, 120, 40), staff_total=rng.integers(8, 15, 40))
    order = rng.permutation(40)
    one = compare(BEFORE, AFTER, table, policies=[AWARD], as_of=DAY)
    other = compare(BEFORE, AFTER, table.rows(order), policies=[AWARD], as_of=DAY)
    assert one.subjects.sort("subject").equals(other.subjects.sort("subject"))
    assert one.costs.equals(other.costs)
    assert one.groups.equals(other.groups)


def test_added_gate_that_holds_for_certain_leaves_open_verdicts_the_same():
    after = pack(gates=[*BEFORE.gates, gate("title", "hte_valid")])
    table = facts(2, revenue=[100, 100], staff_total=[np.nan] * 2, conditions={"hte_valid": "y?"})
    assert effects(compare(BEFORE, after, table)) == ["same", "undecided"]


def test_direct_pass_left_out_shows_in_those_who_needed_it():
    before = pack(
        indicators=[banded("a", "revenue", (50, 5))],
        conditions=[condition("conditions", "total", "score >= 5")],
        direct=[condition("direct", "title", "hte_valid")],
    )
    after = changed(before, [Change(path="direct/title", is_left_out=True)])
    table = facts(3, revenue=[60, 0, 0], conditions={"hte_valid": "yyn"})
    assert effects(compare(before, after, table)) == ["same", "loses", "same"]


def test_added_indicator_shows_in_those_who_earn_by_it():
    base = pack(
        indicators=[banded("a", "revenue", (50, 5))],
        conditions=[condition("conditions", "total", "score >= 5")],
    )
    more = pack(
        indicators=[*base.indicators, banded("b", "staff_total", (10, 5))],
        conditions=base.conditions,
    )
    table = facts(3, revenue=[0, 60, np.nan], staff_total=[20, 0, 0])
    result = compare(base, more, table)
    assert effects(result) == ["gains", "same", "same"]
    assert [d.path for d in result.differences] == ["indicators/b", "points"]
    assert result.elements["n_touched"].to_list() == [None, None]


def test_changed_weights_count_as_differences_of_everything():
    rules = pack_of("cn.innovation_points@2024")
    trial = changed(rules, [Change(path="weights/*/rd_expense", points=(50.0, 50.0))])
    result = compare(rules, trial, facts(3, rd_expense=[1e6, 2e6, 3e6]))
    assert [d.path for d in result.differences] == ["weights"]
    assert set(effects(result)) == {"same"}  # nobody passes or fails by points alone
    assert (result.subjects["score_low_after"] >= result.subjects["score_low_before"]).all()
