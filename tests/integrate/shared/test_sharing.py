"""Shared capacity: equal to brute force, told where it costs, silent where nothing clashes."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from integrate.shared.shared_zone import (
    best_together,
    conflict,
    random_shared_rows,
    zone_and_challenges,
)
from jicheng.integrate.consortia import consortia_of, form_consortia, restaff
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.sharing import is_proved
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver


@pytest.fixture(scope="module", autouse=True)
def worker():
    """One solver for all tests: starting a process takes longer than these solves."""
    with Solver() as solver:
        _WORKERS.append(solver)
        yield solver
        _WORKERS.clear()


_WORKERS: list[Solver] = []


def formed(rows, settings=None, **given):
    zone, challenges = zone_and_challenges(rows)
    return consortia_of(Staffing.of(zone, challenges, settings, solver=_WORKERS[0], **given))


def teams(result):
    return {
        name: tuple(sorted(part["organisation"]))
        for (name,), part in result.members.group_by("challenge")
    }


@pytest.mark.parametrize("block", range(4))
def test_consortia_under_shared_capacity_equal_brute_force(block):
    for seed in range(25 * block, 25 * block + 25):
        rows = random_shared_rows(seed)
        settings = ConsortiumSettings(needs_research=False, distance_weight=0.02)
        result = formed(rows, settings)
        staffing = result.staffing
        best = best_together(rows, settings)
        assert is_proved(staffing.sharing), seed
        assert staffing.value == pytest.approx(best, abs=1e-5), seed
        assert staffing.bound >= staffing.value - 1e-9, seed
        uses = Counter(result.members["organisation"])
        capacity = {r["id"]: r["capacity"] for r in rows["organisations"]}
        assert all(count <= capacity[name] for name, count in uses.items()), seed


def test_the_loser_says_what_it_lost_and_to_whom():
    result = formed(conflict())
    rows = result.consortia.sort("challenge").to_dicts()
    assert [row["status"] for row in rows] == ["optimal", "optimal"]
    winner, loser = sorted(rows, key=lambda row: row["sharing_loss"])
    assert (winner["sharing_loss"], winner["scarce"], winner["reason"]) == (0.0, None, None)
    assert loser["scarce"] == "org:lab"
    assert loser["sharing_loss"] == pytest.approx(6.0 * 0.4)
    assert loser["own_best"] - loser["sharing_loss"] == pytest.approx(loser["objective"])
    assert "2.40 points less" in loser["reason"]
    assert "org:lab" in loser["reason"]
    assert [w.code for w in result.warnings if w.code in ("E324", "E353")] == []


def test_the_scarce_organisation_has_its_price():
    staffing = formed(conflict()).staffing
    price = staffing.prices.organisations[staffing.roster.index["org:lab"]]
    assert price == pytest.approx(6.0 * 0.4)
    assert np.count_nonzero(staffing.prices.organisations) == 1


def test_enough_capacity_changes_nobody():
    result = formed(conflict(capacity=2))
    alone = formed(conflict(), ConsortiumSettings(share_capacity=False))
    assert teams(result) == teams(alone)
    assert result.consortia["sharing_loss"].to_list() == [0.0, 0.0]
    assert not result.staffing.prices.organisations.any()


def test_a_challenge_without_any_left_says_who_is_missing():
    rows = conflict()
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    result = formed(rows)
    statuses = result.consortia["status"].sort().to_list()
    assert statuses == ["infeasible", "optimal"]
    left = result.consortia.filter(pl.col("status") == "infeasible").to_dicts()[0]
    assert left["scarce"] == "org:lab"
    assert left["n_members"] == 0
    assert "org:lab" in left["reason"]


def test_a_signed_consortium_is_kept_and_uses_capacity():
    rows = conflict()
    rows["challenges"][1]["consortium"] = "org:c1;org:lab"
    result = formed(rows)
    signed = result.members.filter(pl.col("challenge") == "chal:c1")
    assert signed["organisation"].to_list() == ["org:c1", "org:lab"]
    assert teams(result)["chal:c0"] == ("org:c0", "org:spare")
    assert result.consortia["status"].to_list() == ["optimal", "not_run"]


def test_only_signed_consortia_can_overuse():
    rows = conflict(3)
    for call in rows["challenges"][:2]:
        call["consortium"] = f"org:{call['technology'].removeprefix('tech:')};org:lab"
    result = formed(rows)
    over = [w for w in result.warnings if w.code == "E324"]
    assert len(over) == 1
    assert "org:lab" in over[0].message.en
    assert teams(result)["chal:c2"] == ("org:c2", "org:spare")


def test_the_order_of_rows_changes_nothing():
    for seed in (3, 8, 21):
        rows = random_shared_rows(seed)
        first, again = formed(rows), formed({n: list(reversed(r)) for n, r in rows.items()})
        assert first.consortia.equals(again.consortia)
        assert first.members.equals(again.members)
        assert first.staffing.bound == again.staffing.bound


def test_worth_decides_who_goes_first():
    rows = conflict()
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    for first in ("chal:c0", "chal:c1"):
        worth = dict.fromkeys(("chal:c0", "chal:c1"), 10.0) | {first: 20.0}
        assert [*teams(formed(rows, worth=worth))] == [first]


def test_forming_consortia_is_staffing_told_as_tables():
    zone, challenges = zone_and_challenges(conflict())
    assert form_consortia(zone, challenges).members.equals(formed(conflict()).members)


def test_restaffing_prices_the_stored_columns_anew():
    rows = conflict()
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    result = formed(rows, worth={"chal:c0": 20.0, "chal:c1": 10.0})
    again = restaff(result.staffing, {"chal:c0": 10.0, "chal:c1": 20.0})
    assert [*teams(result)] == ["chal:c0"]
    assert [*teams(again)] == ["chal:c1"]
    assert again.staffing.bound >= again.staffing.value
    assert is_proved(again.staffing.sharing)


def test_restaffing_equals_staffing_with_that_worth():
    for seed in (2, 5, 11, 30):
        rows = random_shared_rows(seed)
        result = formed(rows)
        worth = {name: 7.0 * (i + 1) for i, name in enumerate(result.staffing.challenges)}
        again = restaff(result.staffing, worth)
        whole = formed(rows, worth=worth)
        assert again.staffing.value == pytest.approx(whole.staffing.value, abs=1e-6)


def test_every_column_obeys_the_rules_of_its_challenge():
    for seed in (1, 4, 9):
        staffing = formed(random_shared_rows(seed)).staffing
        teams_of = [(int(c), staffing.columns.members_of(j))
                    for j, c in enumerate(staffing.columns.challenge)]  # fmt: skip
        valued = ColumnPool.of(staffing.problem, teams_of)
        assert len(valued) == len(staffing.columns)
        assert valued.value == pytest.approx(staffing.columns.value)


def test_limits_of_none_still_give_a_plan_with_a_bound():
    settings = ConsortiumSettings(sharing_rounds=1, sharing_work_limit=0.0)
    result = formed(conflict(), settings)
    staffing = result.staffing
    assert staffing.bound >= staffing.value
    uses = Counter(result.members["organisation"])
    assert uses["org:lab"] <= 1
