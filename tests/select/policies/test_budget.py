"""Takers and money of a policy by its rules, against every way the open facts may turn out."""

from __future__ import annotations

import datetime
import math
from itertools import combinations, product

import numpy as np
import pytest

from jicheng.select.policies.matching import match
from jicheng.select.policies.model import Benefit, PolicySubject, Recurrence
from policy_builders import between, facts, policy

DAY = datetime.date(2026, 5, 1)
ALWAYS = {"recurrence": Recurrence.ALWAYS}


def put(made, table):
    return match([made], {PolicySubject.ORGANISATION: table}, {}, as_of=DAY)


def totals_by_trying(sure, open_, low, high, places):
    """Return the least and the most that winners may need, over all outcomes and choices."""
    least, most = math.inf, 0.0
    maybe = np.flatnonzero(open_)
    for outcome in product([False, True], repeat=maybe.size):
        able = [*np.flatnonzero(sure), *maybe[list(outcome)]]
        n = min(len(able), places)
        for winners in combinations(able, n):
            least = min(least, math.fsum(low[list(winners)]))
            most = max(most, math.fsum(high[list(winners)]))
    return least, most


@pytest.mark.parametrize("seed", range(40))
def test_money_lies_between_the_least_and_the_most_of_all_outcomes(seed):
    rng = np.random.default_rng(seed)
    n = 7
    kind = rng.integers(0, 3, n)  # sure, open, not
    revenue = between(np.where(kind == 0, 5, 0), np.where(kind == 2, 0, 5))
    base_low = rng.integers(1, 9, n) * 1e4
    base = between(base_low, base_low + rng.integers(0, 5, n) * 1e4)
    quota = int(rng.integers(1, 8))
    made = policy(
        "p", condition="revenue >= 5", benefit=Benefit.SHARE_OF_COST, share=0.5, amount=3.0,
        cost_base="rd_expense", quota=quota, **ALWAYS,
    )  # fmt: skip
    result = put(made, facts(n, revenue=revenue, rd_expense=base))
    low, high = (np.minimum(0.5 * end / 1e4, 3.0) for end in (base.low, base.high))
    expected = totals_by_trying(kind == 0, kind == 1, low, high, quota)
    found = result.budget("p")
    assert found.need == pytest.approx(expected)
    assert found.takers == (
        min((kind == 0).sum(), quota), min((kind < 2).sum(), quota),
    )  # fmt: skip


def test_missing_data_widen_the_need_and_filling_them_in_narrows_it():
    made = policy("p", condition="revenue >= 5", benefit=Benefit.GRANT, amount_low=10, amount=10,
                  **ALWAYS)  # fmt: skip
    unknown = put(made, facts(3, revenue=[5, np.nan, 1])).budget("p")
    assert unknown.need == (10.0, 20.0)
    told = put(made, facts(3, revenue=[5, 4, 1])).budget("p")
    assert told.need == (10.0, 10.0)


def test_amount_not_stated_leaves_the_need_unlimited_and_its_cell_empty():
    result = put(policy("p", condition="revenue >= 5", **ALWAYS), facts(1, revenue=[5]))
    assert result.budget("p").need == (0.0, math.inf)
    assert result.table["need_high"].to_list() == [None]


@pytest.mark.parametrize(
    ("budget", "is_enough"), [(20.0, True), (19.9, None), (10.0, None), (9.9, False), (None, None)]
)
def test_budget_is_enough_only_if_it_covers_the_most(budget, is_enough):
    made = policy("p", condition="revenue >= 5", benefit=Benefit.GRANT, amount_low=10, amount=10,
                  budget=budget, **ALWAYS)  # fmt: skip
    assert put(made, facts(2, revenue=[5, np.nan])).budget("p").is_enough is is_enough


def test_quota_and_budget_count_for_each_window_of_the_period():
    made = policy(
        "p", condition="revenue >= 5", amount_low=1, amount=1, quota=2, budget=3.0,
        recurrence=Recurrence.HALF_YEARLY, window_from=datetime.date(2026, 6, 1),
        window_until=datetime.date(2026, 6, 30),
    )  # fmt: skip
    found = put(made, facts(9, revenue=[5] * 9)).budget("p")
    assert found.n_windows == (2, 2)
    assert found.takers == (4.0, 4.0)
    assert found.available == 6.0


def test_closed_policy_takes_nobody():
    made = policy("p", condition="revenue >= 5", amount=1,
                  window_until=datetime.date(2026, 4, 30))  # fmt: skip
    found = put(made, facts(2, revenue=[5, 5])).budget("p")
    assert (found.takers, found.need) == ((0.0, 0.0), (0.0, 0.0))


def test_window_that_is_not_stated_may_take_nobody_or_everybody():
    made = policy("p", condition="revenue >= 5", amount_low=1, amount=1)
    found = put(made, facts(2, revenue=[5, 5])).budget("p")
    assert (found.n_windows, found.takers) == ((0, 1), (0.0, 2.0))
    assert found.need == (0.0, 2.0)


def test_share_of_an_unknown_cost_is_anything_up_to_the_highest_amount():
    made = policy("p", benefit=Benefit.SHARE_OF_COST, share=0.3, amount=50, amount_low=2,
                  cost_base="rd_expense", condition="revenue >= 0", **ALWAYS)  # fmt: skip
    result = put(made, facts(3, revenue=[1, 1, 1], rd_expense=[np.nan, 1e6, 0.0]))
    told = result.matches()
    assert told["amount_low"].to_list() == [2.0, pytest.approx(30.0), 2.0]
    assert told["amount_high"].to_list() == [50.0, pytest.approx(30.0), 2.0]


def test_no_share_of_an_unknown_cost_is_nothing():
    made = policy("p", benefit=Benefit.SHARE_OF_COST, share=0.0, cost_base="rd_expense",
                  condition="revenue >= 0", **ALWAYS)  # fmt: skip
    told = put(made, facts(1, revenue=[1], rd_expense=[np.nan])).matches()
    assert told.select("amount_low", "amount_high").row(0) == (0.0, 0.0)
