"""Who may have a policy: eligible, nearly, not, open."""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import Subject
from jicheng.select.policies.matching import match
from jicheng.select.policies.model import Benefit, PolicySubject, Recurrence
from jicheng.select.policies.settings import PolicySettings
from policy_builders import banded, between, condition, facts, gate, known, pack, policy, truth

DAY = datetime.date(2026, 5, 1)
FIRM = PolicySubject.ORGANISATION
SALES = pack(gates=[gate("sales", "revenue >= 100"), gate("staff", "staff_total >= 10")])


def put(policies, table, packs=(SALES,), **more):
    return match(policies, {FIRM: table}, {each.key: each for each in packs}, as_of=DAY, **more)


def standings(result, name="p"):
    frame = result.matches(("eligible", "nearly", "open", "not"), policies=[name])
    return dict(zip(frame["subject"], frame["standing"], strict=True))


def test_each_standing_is_told():
    table = facts(
        5,
        revenue=between([100, 85, 50, 99, 0], [100, 85, 50, 101, np.inf]),
        staff_total=[10, 10, 10, 10, 3],
    )
    found = standings(put([policy("p", rule_pack="test.pack")], table))
    assert found == {"s0": "eligible", "s1": "nearly", "s2": "not", "s3": "open", "s4": "not"}


def test_missing_fact_is_open_not_refused():
    table = facts(1, staff_total=[10])
    assert standings(put([policy("p", rule_pack="test.pack")], table)) == {"s0": "open"}


def test_near_within_one_unit_of_a_whole_bound():
    one_short = facts(2, revenue=[100, 100], staff_total=[9, 7])
    found = standings(put([policy("p", rule_pack="test.pack")], one_short))
    assert found == {"s0": "nearly", "s1": "not"}


def test_nobody_is_near_to_an_award_that_is_too_old_or_was_never_won():
    made = policy("p", condition="national_award_years_ago <= 3")
    table = facts(3, national_award_years_ago=[np.inf, 4.0, 3.0])
    assert standings(put([made], table, packs=())) == {"s0": "not", "s1": "not", "s2": "eligible"}


def test_more_failing_elements_than_allowed_are_not_near():
    table = facts(1, revenue=[99], staff_total=[9])
    few = PolicySettings(near_elements=1)
    assert standings(put([policy("p", rule_pack="test.pack")], table)) == {"s0": "nearly"}
    assert standings(put([policy("p", rule_pack="test.pack")], table, settings=few)) == {
        "s0": "not"
    }


def test_conditions_below_a_gate_count_one_by_one():
    parts = [gate(name, f"revenue >= {bound}") for name, bound in (("x", 100), ("y", 101))]
    below = [replace(part, path=f"gates/g/{part.id}") for part in parts]
    every = replace(gate("g", None), all_of=tuple(below))
    some = replace(gate("g", None), any_of=tuple(below))
    table = facts(1, revenue=[95])
    one = PolicySettings(near_elements=1)
    for gates, expected in ((every, "not"), (some, "nearly")):
        rules = pack(gates=[gates])
        made = policy("p", rule_pack="test.pack")
        assert standings(put([made], table, packs=[rules], settings=one)) == {"s0": expected}


def test_nobody_is_near_who_fails_by_what_cannot_be_changed():
    rules = pack(gates=[gate("field", "tech_field in [新材料]"), gate("title", "hte_valid")])
    table = facts(2, choices={"tech_field": ["新材料", "航空航天"]}, conditions={"hte_valid": "ny"})
    found = standings(put([policy("p", rule_pack="test.pack")], table, packs=[rules]))
    assert found == {"s0": "nearly", "s1": "not"}


def test_score_short_of_the_pass_mark_is_near_by_its_own_gap():
    rules = pack(
        indicators=[banded("size", "revenue", (100, 65), (50, 30), most=100)],
        conditions=[condition("conditions", "total", "score > 70")],
    )
    found = standings(
        put([policy("p", rule_pack="test.pack")], facts(2, revenue=[100, 50]), packs=[rules])
    )
    assert found == {"s0": "nearly", "s1": "not"}


def test_direct_pass_within_reach_makes_near():
    rules = pack(
        indicators=[banded("size", "revenue", (100, 10), most=100)],
        conditions=[condition("conditions", "total", "score > 70")],
        direct=[condition("direct", "staff", "staff_total >= 50")],
    )
    table = facts(2, revenue=[0, 0], staff_total=[49, 10])
    found = standings(put([policy("p", rule_pack="test.pack")], table, packs=[rules]))
    assert found == {"s0": "nearly", "s1": "not"}


def test_condition_of_the_policy_is_one_more_gate():
    made = policy("p", rule_pack="test.pack", condition="hte_valid")
    table = facts(3, revenue=[100] * 3, staff_total=[10] * 3, conditions={"hte_valid": "yn?"})
    result = put([made], table)
    assert standings(result) == {"s0": "eligible", "s1": "nearly", "s2": "open"}
    told = result.matches(("nearly", "open"))
    assert told["failing"].to_list() == ["gates/policy_condition", ""]
    assert told["unsettled"].to_list() == ["", "gates/policy_condition"]


def test_condition_alone_decides_without_a_pack():
    table = facts(2, revenue=[1, 3])
    found = standings(put([policy("p", condition="revenue >= 2")], table, packs=()))
    assert found["s1"] == "eligible"


def test_policy_without_rules_is_open_for_all_and_warned_of():
    result = put([policy("p")], facts(2))
    assert standings(result) == {"s0": "open", "s1": "open"}
    assert [w.code for w in result.warnings] == ["E972"]


def test_chain_that_is_not_known_to_be_served_is_open():
    made = policy("p", rule_pack="test.pack", chain="集成电路")
    table = facts(3, revenue=[100, 100, 1], staff_total=[10] * 3)
    assert standings(put([made], table))["s0"] == "open"
    served = {"集成电路": truth("yny")}
    assert standings(put([made], table, served=served)) == {
        "s0": "eligible", "s1": "not", "s2": "not",
    }  # fmt: skip


def test_version_in_force_on_the_day_is_taken():
    first, last = datetime.date(2020, 1, 1), datetime.date(2026, 5, 1)
    old = pack(gates=[gate("a", "revenue >= 1")], valid_from=first, valid_until=last)
    new = pack(version="2", gates=[gate("a", "revenue >= 5")], valid_from=datetime.date(2026, 5, 2))
    made, table = policy("p", rule_pack="test.pack"), facts(1, revenue=[3])
    assert standings(put([made], table, packs=[old, new])) == {"s0": "eligible"}
    later = match([made], {FIRM: table}, {p.key: p for p in (old, new)},
                  as_of=datetime.date(2026, 5, 2))  # fmt: skip
    assert later.table["pack"].to_list() == ["test.pack@2"]


def test_every_fault_of_every_policy_is_listed():
    people = pack("test.people", subject=Subject.PERSON)
    with pytest.raises(InvalidInput) as raised:
        put(
            [
                policy("a", rule_pack="test.pakc"),
                policy("b", rule_pack="test.people"),
                policy("c", condition="revenue >="),
                policy("d", condition="revnue >= 1"),
            ],
            facts(1),
            packs=[SALES, people],
        )
    assert [f.code for f in raised.value.faults] == ["E971", "E974", "E901", "E909"]
    assert "test.pack" in raised.value.faults[0].hint.en


@pytest.mark.parametrize(
    ("stated", "column"),
    [
        ({"stacking_cap": 5.0}, "Cap of the group"),
        ({"stacking_count": 1}, "Policies of the group"),
        ({"excludes": ("p",)}, "Excluded policies"),
        ({"share": 0.5, "benefit": Benefit.LOAN}, "Share of cost"),
        ({"recurs_until": DAY}, "Recurs until"),
        ({"recurrence": Recurrence.YEARLY}, "Recurrence"),
    ],
)
def test_what_is_stated_to_no_effect_is_warned_of(stated, column):
    warnings = put([policy("p", condition="revenue >= 1", **stated)], facts(1)).warnings
    assert [w.code for w in warnings] == ["E980"]
    assert column in warnings[0].message.en


def test_subjects_without_facts_are_warned_of_and_not_counted():
    result = put([policy("p", subject=PolicySubject.CONSORTIUM)], facts(1))
    assert [w.code for w in result.warnings] == ["E972", "E977"]
    assert result.table["n_subjects"].to_list() == [0]
    assert result.matches().is_empty()


def test_people_are_matched_by_their_own_facts():
    rules = pack("test.people", gates=[gate("x", "hte_valid")], subject=Subject.PERSON)
    made = policy("p", subject=PolicySubject.PERSON, rule_pack="test.people")
    table = facts(2, conditions={"hte_valid": "yn"})
    result = match([made], {PolicySubject.PERSON: table}, {rules.key: rules}, as_of=DAY)
    assert standings(result) == {"s0": "eligible", "s1": "nearly"}


def test_order_of_subjects_and_policies_changes_nothing():
    rng = np.random.default_rng(1)
    revenue, staff = rng.integers(50, 140, 60), rng.integers(5, 15, 60)
    policies = [
        policy("a", rule_pack="test.pack", amount_low=5, amount=9),
        policy("b", condition="revenue >= 90", amount=3, excludes=("a",)),
    ]
    table = facts(60, revenue=revenue, staff_total=staff)
    order = rng.permutation(60)
    first, second = put(policies, table), put(policies[::-1], table.rows(order))
    assert first.table.equals(second.table)
    assert (
        first.matches().sort("policy", "subject").equals(second.matches().sort("policy", "subject"))
    )
    one, other = first.combinations().table(), second.combinations().table()
    assert one.sort("subject").equals(other.sort("subject"))


@pytest.mark.parametrize(("name", "value"), [("near_gap", 1.5), ("period_days", 0)])
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(InvalidInput, match="E979"):
        put([policy("p")], facts(1), settings=PolicySettings(**{name: value}))


def test_more_facts_never_turn_eligible_or_not_into_another():
    rng = np.random.default_rng(2)
    low = rng.integers(60, 120, 80).astype(float)
    high = low + rng.integers(0, 40, 80)
    wide = facts(80, revenue=between(low, high), staff_total=rng.integers(5, 15, 80))
    made = policy("p", rule_pack="test.pack")
    before = standings(put([made], wide))
    for share in (0.0, 0.3, 1.0):
        table = wide.with_facts(numbers={("revenue", 0): known(*(low + share * (high - low)))})
        after = standings(put([made], table))
        for subject, told in before.items():
            if told == "eligible":
                assert after[subject] == "eligible"
            if told in ("not", "nearly"):
                assert after[subject] in ("not", "nearly")


def test_tables_have_their_columns_without_any_row():
    result = put([policy("p", rule_pack="test.pack")], facts(0, revenue=[], staff_total=[]))
    assert result.matches().schema["amount_low"] == pl.Float64
    assert result.combinations().table().is_empty()
