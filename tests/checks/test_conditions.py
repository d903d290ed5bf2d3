"""Conditions between challenges, and the money that comes later."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from builders import make_zone
from jicheng.checks.conditions import Condition, settle

BASE = {
    "technologies": [{"id": "t", "name": "t"}],
    "challenges": [{"id": f"c{k}", "technology": "t"} for k in range(4)],
}


def condition(kind, challenges, **more):
    return {"id": "k", "kind": kind, "challenges": challenges, "reason": "上级要求"} | more


def faults(*conditions, decisions=(), **tables):
    challenges = [dict(row) for row in BASE["challenges"]]
    for k, decision in dict(decisions).items():
        challenges[k] |= {"decision": decision, "reason": "上级要求"}
    zone = make_zone(
        strict=False, **(BASE | {"challenges": challenges, "conditions": conditions} | tables)
    )
    return zone.check()


def codes(*conditions, **more):
    return [(f.code, f.is_warning) for f in faults(*conditions, **more)]


def test_conditions_between_known_challenges_are_accepted():
    rows = [
        condition("requires", "c0;c1;c2", count=1, id="a"),
        condition("at_most", "c0;c1;c3", count=2, id="b"),
        condition("together", "c2;c3", id="c"),
    ]
    assert codes(*rows) == []


def test_unknown_challenges_are_refused():
    assert codes(condition("together", "c0;cx")) == [("E121", False)]


@pytest.mark.parametrize(
    "row",
    [
        condition("together", "c0"),
        condition("at_most", "c0;c1;c0"),
        condition("requires", "c0;c1;c2", count=3),
    ],
)
def test_conditions_without_meaning_are_refused(row):
    assert codes(row) == [("E441", False)]


def test_a_condition_without_reason_is_warned_of():
    assert codes(condition("together", "c0;c1", reason=None)) == [("E442", True)]


@pytest.mark.parametrize(
    ("row", "decisions"),
    [
        (condition("requires", "c0;c1"), {0: "mandatory", 1: "excluded"}),
        (condition("at_most", "c0;c1;c2"), {0: "mandatory", 2: "mandatory"}),
        (condition("together", "c0;c1"), {0: "excluded", 1: "mandatory"}),
    ],
)
def test_a_condition_against_decisions_is_refused_at_its_row(row, decisions):
    (found,) = faults(row, decisions=decisions)
    assert found.code == "E440"
    assert found.where.table == "conditions"
    assert found.where.column == "challenges"
    assert "c0" in found.message.en


def test_a_contradiction_through_several_conditions_is_found():
    rows = [
        condition("requires", "c0;c1", id="a"),
        condition("together", "c1;c2", id="b"),
        condition("at_most", "c2;c3", id="c"),
    ]
    assert codes(*rows, decisions={0: "mandatory", 3: "mandatory"}) == [("E440", False)]
    assert codes(*rows, decisions={0: "mandatory"}) == []


@pytest.mark.parametrize("seed", range(60))
def test_what_follows_from_decisions_holds_in_every_set_that_keeps_the_conditions(seed):
    rng = np.random.default_rng(seed)
    names = [f"c{k}" for k in range(5)]
    conditions = []
    for k in range(3):
        listed = tuple(rng.permutation(names)[: rng.integers(2, 5)].tolist())
        kind = ("requires", "at_most", "together")[rng.integers(3)]
        count = int(rng.integers(1, len(listed)))
        conditions.append(Condition(f"k{k}", kind, listed, count))
    decided = {name: bool(rng.integers(2)) for name in names if rng.random() < 0.4}
    every = [dict(zip(names, bits, strict=True)) for bits in product([False, True], repeat=5)]
    kept = [
        chosen
        for chosen in every
        if decided.items() <= chosen.items() and all(holds(c, chosen) for c in conditions)
    ]
    settled, contradictions = settle(conditions, decided)
    if contradictions:
        assert not kept
        return
    assert all(chosen[name] == value for chosen in kept for name, value in settled.items())


def holds(condition, chosen):
    states = [chosen[name] for name in condition.challenges]
    if condition.kind == "together":
        return len(set(states)) == 1
    if condition.kind == "at_most":
        return sum(states) <= condition.count
    return not states[0] or sum(states[1:]) >= condition.count


@pytest.mark.parametrize(("amounts", "period"), [("50;many", 2026), ("-1", 2026), ("50", None)])
def test_later_amounts_that_say_nothing_are_refused(amounts, period):
    purse = {"id": "p", "name": "p", "kind": "public", "amount": 100,
             "later_amounts": amounts, "period": period}  # fmt: skip
    assert codes(purses=[purse]) == [("E443", False)]
    assert codes(purses=[purse | {"later_amounts": "50;25", "period": 2026}]) == []
