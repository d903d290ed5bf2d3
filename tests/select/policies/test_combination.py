"""The best combination for each subject, against trying every set of policies."""

from __future__ import annotations

import datetime
from itertools import product

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.select.policies.matching import match
from jicheng.select.policies.model import Benefit, PolicySubject
from jicheng.select.policies.settings import PolicySettings
from policy_builders import facts, policy

DAY = datetime.date(2026, 5, 1)
FIRM = PolicySubject.ORGANISATION


def put(policies, table, **more):
    return match(policies, {FIRM: table}, {}, as_of=DAY, **more)


def may_stand(kept):
    ids = {p.id for p in kept}
    if any(other in ids for p in kept for other in p.excludes):
        return False
    for group in {p.stacking_group for p in kept if p.stacking_group}:
        mates = [p for p in kept if p.stacking_group == group]
        limits = [p.stacking_count for p in mates if p.stacking_count is not None]
        if limits and len(mates) > min(limits):
            return False
    return True


def money(kept, amounts):
    total = 0.0
    for p in kept:
        if p.benefit is Benefit.GRANT and not p.stacking_group:
            total += amounts[p.id]
    for group in {p.stacking_group for p in kept if p.stacking_group}:
        mates = [p for p in kept if p.stacking_group == group and p.benefit is Benefit.GRANT]
        caps = [p.stacking_cap for p in kept if p.stacking_group == group and p.stacking_cap]
        total += min([sum(amounts[p.id] for p in mates), *caps])
    return round(total, 6)


def best_by_trying(policies, allowed, amounts):
    able = [p for p in policies if allowed[p.id]]
    return max(
        money(kept, amounts)
        for picks in product([False, True], repeat=len(able))
        if may_stand(kept := [p for p, pick in zip(able, picks, strict=True) if pick])
    )


@pytest.mark.parametrize("seed", range(30))
def test_money_is_that_of_the_best_of_all_sets(seed):
    rng = np.random.default_rng(seed)
    groups = {"A": (2, 40.0), "B": (1, None), "": (None, None)}
    names = list("abcdefg")
    policies = []
    for i, name in enumerate(names):
        group = str(rng.choice(list(groups)))
        count, cap = groups[group]
        low = float(rng.integers(0, 30))
        policies.append(
            policy(
                name,
                condition=f"revenue >= {int(rng.integers(0, 8))}",
                benefit=Benefit.LOAN if rng.random() < 0.3 else Benefit.GRANT,
                amount_low=low,
                amount=low + float(rng.integers(0, 20)),
                excludes=tuple(o for o in names[:i] if rng.random() < 0.2),
                stacking_group=group,
                stacking_count=count,
                stacking_cap=cap,
            )
        )
    revenue = np.where(rng.random(12) < 0.3, np.nan, rng.integers(0, 9, 12))
    result = put(policies, facts(12, revenue=revenue))
    found = result.combinations().table()
    for place in range(12):
        sure = {p.id: result.answers[p.id].eligible.certainly[place] for p in policies}
        may = {p.id: result.answers[p.id].eligible.possibly[place] for p in policies}
        row = found.row(place, named=True)
        assert row["paid_low"] == pytest.approx(
            best_by_trying(policies, sure, {p.id: p.amount_low for p in policies})
        )
        assert row["paid_high"] == pytest.approx(
            best_by_trying(policies, may, {p.id: p.amount for p in policies})
        )
        by_id = {p.id: p for p in policies}
        assert may_stand([by_id[name] for name in row["sure"]])
        assert may_stand([by_id[name] for name in row["possible"]])


def grant(name, amount, **more):
    return policy(
        name, condition="revenue >= 0", benefit=Benefit.GRANT, amount_low=amount, amount=amount,
        **more,
    )  # fmt: skip


ONE = facts(1, revenue=[1])


def test_exclusion_stated_once_holds_both_ways():
    result = put([grant("a", 5, excludes=("b",)), grant("b", 9)], ONE)
    found = result.combinations()
    assert found.table()["sure"].to_list() == [["b"]]
    out = found.left_out(0)
    assert [(o.policy, o.excluded_by, o.full_group) for o in out] == [("a", ("b",), "")]


def test_strictest_limit_of_a_group_holds_and_is_named():
    policies = [
        grant("a", 5, stacking_group="g", stacking_count=2),
        grant("b", 9, stacking_group="g", stacking_count=1),
    ]
    found = put(policies, ONE).combinations()
    assert found.table()["sure"].to_list() == [["b"]]
    assert found.left_out(0)[0].full_group == "g"


def test_cap_limits_the_money_and_a_loan_is_not_money():
    policies = [
        grant("a", 60, stacking_group="g", stacking_cap=100),
        grant("b", 60, stacking_group="g"),
        policy("c", condition="revenue >= 0", benefit=Benefit.LOAN, amount_low=500, amount=500,
               stacking_group="g"),
    ]  # fmt: skip
    row = put(policies, ONE).combinations().table().row(0, named=True)
    assert row["sure"] == ["a", "b", "c"]
    assert (row["paid_low"], row["committed_low"]) == (100.0, 500.0)


def test_open_policy_is_only_in_the_possible_combination():
    policies = [grant("a", 5), policy("b", benefit=Benefit.GRANT, amount=50, excludes=("a",))]
    row = put(policies, ONE).combinations().table().row(0, named=True)
    assert (row["sure"], row["possible"]) == (["a"], ["b"])
    assert (row["paid_low"], row["paid_high"]) == (5.0, 50.0)


def test_form_of_benefit_that_is_unknown_counts_as_money_only_at_its_best():
    row = put([policy("a", condition="revenue >= 0", amount_low=3, amount=8)], ONE)
    told = row.combinations().table().row(0, named=True)
    assert (told["paid_low"], told["paid_high"]) == (0.0, 8.0)


def test_policy_that_is_closed_is_left_aside():
    closed = grant("a", 50, window_until=datetime.date(2026, 4, 30))
    result = put([closed, grant("b", 9, excludes=("a",))], ONE)
    assert result.combinations().table()["sure"].to_list() == [["b"]]
    assert put([closed], ONE).combinations() is None


def test_choices_are_counted_by_policy():
    policies = [grant("a", 5, excludes=("b",)), grant("b", 9), policy("c", excludes=("b",))]
    told = put(policies, facts(3, revenue=[1, 1, -1])).combinations().by_policy()
    assert told.rows() == [("a", 2, 0, 2, 2), ("b", 2, 2, 2, 0), ("c", 0, 0, 3, 3)]


def test_too_many_combinations_are_refused_by_name():
    policies = [grant(f"p{i}", 1, stacking_group="g", stacking_count=3) for i in range(9)]
    result = put(policies, ONE, settings=PolicySettings(most_sets=50))
    with pytest.raises(InvalidInput, match="E973"):
        result.combinations()
