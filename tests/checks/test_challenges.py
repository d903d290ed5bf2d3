"""Challenges, milestones, purses, ties and sales."""

from __future__ import annotations

from builders import make_zone

BASE = {
    "technologies": [{"id": "t", "name": "t", "chain": "芯片"}],
    "organisations": [{"id": f"o{k}", "name": f"o{k}", "kind": "firm"} for k in range(4)],
    "purses": [{"id": "p", "name": "p", "kind": "public", "amount": 100}],
}


def codes(**tables):
    zone = make_zone(strict=False, **(BASE | tables))
    return [(f.code, f.is_warning) for f in zone.check()]


def challenge(**more):
    return [{"id": "c", "technology": "t"} | more]


def test_milestones_that_pay_too_much_are_refused_and_out_of_order_are_warned_of():
    stones = [
        {"challenge": "c", "order": 1, "due": "2027-01-01", "cost_share": 0.6},
        {"challenge": "c", "order": 2, "due": "2026-12-01", "cost_share": "50%"},
    ]
    found = codes(challenges=challenge(), milestones=stones)
    assert found == [("E139", False), ("E140", True)]


def test_decision_without_reason_is_warned_of():
    assert codes(challenges=challenge(decision="mandatory")) == [("E141", True)]
    assert codes(challenges=challenge(decision="mandatory", reason="上级部署")) == []


def test_consortium_over_its_limit_is_warned_of():
    found = codes(challenges=challenge(consortium="o1;o2;o3", member_limit=2))
    assert found == [("E142", True)]


def test_purse_that_is_unknown_is_refused():
    assert codes(challenges=challenge(purses="p;q")) == [("E121", False)]


def test_purse_limited_to_an_unknown_chain_is_warned_of():
    purse = BASE["purses"][0] | {"chains": "芯片；显示"}
    assert codes(purses=[purse]) == [("E147", True)]


def test_tie_with_oneself_is_refused_and_sale_to_oneself_is_warned_of():
    found = codes(
        ties=[{"a": "o1", "b": "o1", "kind": "project"}],
        sales=[{"supplier": "o1", "buyer": "o1", "amount": 1}],
    )
    assert found == [("E146", False), ("E146", True)]


def test_tie_listed_both_ways_is_warned_of_unless_it_has_a_direction():
    both = [{"a": "o1", "b": "o2"}, {"a": "o2", "b": "o1"}]
    assert codes(ties=[tie | {"kind": "project"} for tie in both]) == [("E145", True)]
    assert codes(ties=[tie | {"kind": "ownership"} for tie in both]) == []
