"""The account of all policies for one subject."""

from __future__ import annotations

import datetime
import json

import pytest

from jicheng.errors import InvalidInput
from jicheng.select.policies import Benefit, PolicySubject, Recurrence, explain_subject, match
from policy_builders import facts, gate, pack, policy

DAY = datetime.date(2026, 5, 1)
SALES = pack(gates=[gate("sales", "revenue >= 100")])


def grant(name, amount, **more):
    return policy(name, benefit=Benefit.GRANT, amount_low=amount, amount=amount,
                  recurrence=Recurrence.ALWAYS, **more)  # fmt: skip


def account(subject="s0"):
    policies = [
        grant("a", 5.0, rule_pack="test.pack"),
        grant("b", 9.0, condition="revenue >= 50", excludes=("a",)),
        grant("c", 7.0, condition="hte_valid and staff_total >= 3 and revenue >= 110"),
        grant("d", 1.0, condition="own_brand"),
        policy("e", condition="revenue >= 0"),
        grant("f", 2.0, condition="revenue >= 0", chain="集成电路"),
    ]
    table = facts(
        2, revenue=[100, 20], staff_total=[2, 9], conditions={"hte_valid": "yn", "own_brand": "?y"}
    )
    result = match(policies, {PolicySubject.ORGANISATION: table}, {SALES.key: SALES}, as_of=DAY)
    return explain_subject(result, subject)


def test_policies_come_by_standing_and_say_what_is_lacking():
    told = account()
    assert [(one.policy.id, one.standing) for one in told.policies] == [
        ("a", "eligible"), ("b", "eligible"), ("e", "eligible"), ("c", "nearly"),
        ("d", "open"), ("f", "open"),
    ]  # fmt: skip
    lacking = next(one for one in told.policies if one.policy.id == "c").failing
    assert [one.path for one in lacking] == [
        "gates/policy_condition/2", "gates/policy_condition/3",
    ]  # fmt: skip


def test_open_policies_name_the_facts_that_would_tell():
    told = {one.policy.id: one for one in account().policies}
    assert [str(s.name) for s in told["d"].settling] == ["own_brand"]
    assert told["f"].serves == "unknown"
    assert "集成电路" in told["f"].reasons[0].zh


def test_best_combination_and_what_stands_against_the_rest():
    told = account()
    assert told.sure == ("b", "e")
    assert (told.paid_low, told.left_out[0].policy) == (9.0, "a")
    assert told.possible == ("b", "d", "e", "f")
    assert told.paid_high == float("inf")  # nobody says what policy e gives at most


def test_account_reads_in_both_languages_and_as_json():
    told = account()
    for language in ("zh", "en"):
        text = told.as_text(language)
        assert "{" not in text
        assert "None" not in text
    plain = json.loads(json.dumps(told.as_plain()))
    assert plain["paid_high"] is None
    assert plain["policies"][3]["failing"] == [
        "gates/policy_condition/2", "gates/policy_condition/3",
    ]  # fmt: skip


def test_explanation_of_the_rules_is_at_hand():
    one = account().policies[0]
    assert one.explain().verdict == "pass"


def test_subject_with_nothing_is_told_so():
    told = account("s1")
    assert "目前没有" not in told.as_text("zh")  # e and d hold for it
    assert told.sure == ("d", "e")


def test_unknown_subject_is_refused():
    with pytest.raises(InvalidInput, match="E961"):
        account("nobody")
