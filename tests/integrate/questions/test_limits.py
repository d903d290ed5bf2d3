"""Answers about limits: what is scarce, what clashes, how sure, how fair, what more is worth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrate.shared.shared_zone import (
    best_together,
    conflict,
    holding,
    organisation,
    random_shared_rows,
    zone_and_challenges,
)
from jicheng.errors import InvalidInput
from jicheng.integrate.questions.certainty import certainty, doubt_of, wilson
from jicheng.integrate.questions.fairness import fairness, gini
from jicheng.integrate.questions.infeasible import infeasible, rules_in_question
from jicheng.integrate.questions.money import more
from jicheng.integrate.questions.scarce import scarce
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.tables import ANSWERS, answers_of
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.solver import Solver
from jicheng.schema import plan_tables


@pytest.fixture(scope="module")
def solver():
    with Solver() as one:
        yield one


def staffed(rows, solver, **given):
    zone, challenges = zone_and_challenges(rows)
    return Staffing.of(zone, challenges, solver=solver, **given)


def test_one_more_place_of_a_scarce_organisation_equals_making_the_plan_anew(solver):
    compared = 0
    for seed in range(40):
        rows = random_shared_rows(seed, n=3)
        staffing = staffed(rows, solver)
        found = scarce(staffing, solver=solver)
        worth = dict(zip(staffing.challenges, staffing.problem.worth.tolist(), strict=True))
        for one in found.organisations[:2]:
            rows["organisations"] = [
                row | {"capacity": row["capacity"] + (row["id"] == one.organisation)}
                for row in rows["organisations"]
            ]
            best = best_together(rows, ConsortiumSettings(), worth=worth)
            assert one.gain <= best - staffing.value + 1e-5
            assert one.gain <= one.price + 1e-5
            compared += 1
            break
    assert compared >= 3


def test_the_only_scarce_institute_is_named_with_its_price(solver):
    staffing = staffed(conflict(), solver)
    found = scarce(staffing, solver=solver)
    (lab,) = found.organisations
    assert (lab.organisation, lab.capacity) == ("org:lab", 1)
    assert lab.wanted_by == ("chal:c0", "chal:c1")
    assert lab.gain == pytest.approx(6 * 2 * 0.5 * 0.4)
    assert lab.price >= lab.gain - 1e-6
    assert "lab" in found.answer.sentences[0].en


def test_a_new_holder_is_worth_what_a_real_one_would_bring(solver):
    rows = conflict(n=1)
    rows["organisations"] += [organisation("new", size="large")]
    rows["holdings"] = [h for h in rows["holdings"] if h["holder"] != "org:lab"]
    before = staffed(rows, solver)
    settings = QuestionSettings(new_holder_level=0.9)
    found = {one.capability: one for one in scarce(before, settings, solver=solver).capabilities}
    for capability, level in (("y", 0.9), ("c0", 0.9)):
        more_rows = rows | {"holdings": [*rows["holdings"], holding("new", capability, level)]}
        gain = staffed(more_rows, solver).value - before.value
        told = found.get(f"cap:{capability}")
        assert (told.gain if told else 0.0) == pytest.approx(gain, abs=1e-6)
    assert found["cap:y"].helps == ("chal:c0",)


def test_a_capability_that_nobody_holds_unlocks_its_challenge(solver):
    rows = conflict(n=2)
    rows["holdings"] = [h for h in rows["holdings"] if h["capability"] != "cap:c1"]
    rows["organisations"][-1]["may_lead"] = True
    rows["holdings"].append(holding("c1", "y", 0.2))
    staffing = staffed(rows, solver)
    found = {one.capability: one for one in scarce(staffing, solver=solver).capabilities}
    assert found["cap:c1"].unlocks == ("chal:c1",)
    told = infeasible(staffing, "chal:c1", solver=solver)
    assert told.conflict == ("need:0",)
    assert told.relaxed == {"need:0": 1.0}


def test_why_infeasible_is_told_by_the_smallest_set_and_what_repairs_it(solver):
    rows = conflict(n=1)
    rows["organisations"][0] |= {"zone": None, "country": "DEU"}  # the lab, now abroad
    rows["organisations"][1] |= {"kind": "firm", "size": "large"}  # spare: no institute any more
    staffing = staffed(rows, solver)
    found = infeasible(staffing, "chal:c0", solver=solver)
    assert set(found.conflict) == {"research", "abroad"}
    assert found.is_smallest
    assert found.relaxed == {"abroad": 1.0}
    assert "org:lab" in found.team
    assert "lab" in found.answer.sentences[1].en
    weights = QuestionSettings().relaxation_weights | {"abroad": 9.0}
    found = infeasible(
        staffing, "chal:c0", QuestionSettings(relaxation_weights=weights), solver=solver
    )
    assert found.relaxed == {"research": 1.0}


def test_every_rule_of_a_conflict_is_needed(solver):
    checked = 0
    for seed in range(60):
        staffing = staffed(random_shared_rows(seed, n=2), solver)
        for one in staffing.alone.formed:
            if one.pool is None or one.challenge in staffing.index:
                continue
            found = infeasible(staffing, one.challenge, solver=solver)
            rules, who, _ = rules_in_question(staffing, one.pool.call)
            named = [rule for rule in rules if rule.name in found.conflict]
            assert named
            assert not _can_be_met(named, len(who))
            assert all(_can_be_met([r for r in named if r is not gone], len(who)) for gone in named)
            relaxed = [
                rule._replace(least=rule.least - found.relaxed.get(rule.name, 0.0))
                for rule in rules
            ]
            assert bool(found.relaxed) == _can_be_met(relaxed, len(who)) == bool(len(who))
            checked += 1
    assert checked > 10


def _can_be_met(rules, n):
    for mask in range(1, 2**n):
        team = [i for i in range(n) if mask >> i & 1]
        if all(rule.weight[team].sum() >= rule.least - 1e-6 for rule in rules):
            return True
    return n == 0 and not rules


def test_a_challenge_that_others_leave_nobody_for_is_told_with_its_cost(solver):
    rows = conflict()
    rows["holdings"] = [h for h in rows["holdings"] if h["holder"] != "org:spare"]
    staffing = staffed(rows, solver)
    (left,) = (c for c in staffing.challenges if staffing.column_of(c) < 0)
    found = infeasible(staffing, left, solver=solver)
    assert found.needs_displacing
    assert found.conflict == ()
    assert "org:lab" in found.team
    kept = next(c for c in staffing.challenges if c != left)
    assert found.answer.tables["changed"]["challenge"].to_list() == sorted([kept, left])


def test_frequencies_are_one_where_one_team_dominates_and_even_where_two_are_equal(solver):
    rows = conflict(n=1)
    settings = QuestionSettings(runs=60)
    found = certainty(staffed(rows, solver), settings)
    shares = dict(found.selection.select("organisation", "frequency").iter_rows())
    assert shares == {"org:c0": 1.0, "org:lab": 1.0}
    assert found.consortia["same"].to_list() == [1.0]
    rows["holdings"][1]["level"] = 0.9  # spare as good as lab
    even = certainty(staffed(rows, solver), QuestionSettings(runs=200)).selection
    for row in even.filter(pl.col("organisation") != "org:c0").iter_rows(named=True):
        assert 0.38 < row["frequency"] < 0.62
        assert row["low"] < row["frequency"] < row["high"]


def test_levels_are_drawn_in_their_intervals_and_never_below_the_need(solver):
    rows = conflict(n=1)
    rows["holdings"][0] |= {"level": 0.7, "level_low": 0.6, "level_high": 0.95}
    rows["needs"] = [row | {"level": 0.45} for row in rows["needs"]]
    staffing = staffed(rows, solver)
    doubt = doubt_of(staffing, QuestionSettings(level_spread=0.2))
    who = [staffing.roster.ids[int(o)] for o in staffing.problem.who[0]]
    y = staffing.pools[0].call.needs.capabilities.index("cap:y")
    lab, spare = who.index("org:lab"), who.index("org:spare")
    scale = 6.0
    assert doubt.low[0][lab, y] == pytest.approx(0.6 * scale)
    assert doubt.high[0][lab, y] == pytest.approx(0.95 * scale)
    assert doubt.low[0][spare, y] == pytest.approx(0.45 * scale)  # not 0.3: below the need
    assert doubt.high[0][spare, y] == pytest.approx(0.7 * scale)
    assert (doubt.figure[0] >= 0).sum() == staffing.problem.teams[0].holds.sum()


def test_wilson_interval_holds_the_share():
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-3)


def test_shares_add_up_and_gini_is_that_of_the_seats(solver):
    staffing = staffed(conflict(n=3, capacity=3), solver)
    found = fairness(staffing, solver=solver)
    for _, part in found.shares.group_by("grouping"):
        assert part["seat_share"].sum() == pytest.approx(1.0)
        assert part["candidate_share"].sum() == pytest.approx(1.0)
        assert part["seats"].sum() == 6
    assert gini(np.array([0.0, 0.0, 0.0, 4.0])) == pytest.approx(0.75)
    assert gini(np.ones(5)) == pytest.approx(0.0)
    assert np.isnan(gini(np.zeros(3)))


def test_price_of_a_floor_is_zero_if_met_and_else_what_the_plan_loses(solver):
    rows = conflict(n=1)
    rows["organisations"] += [organisation("small", size="small")]
    rows["holdings"] += [holding("small", "c0", 0.7)]
    staffing = staffed(rows, solver)
    floors = {"kind=firm": 0.5, "small": 0.4, "kind=institute": 0.9}
    met, small, beyond = fairness(staffing, floors, solver=solver).floors
    assert (met.price, met.is_met, met.share) == (0.0, True, 0.5)
    assert small.price == pytest.approx(6 * 0.1)  # the small firm instead of the large one
    assert (small.share, small.share_after, small.changed) == (0.0, 0.5, ("chal:c0",))
    assert np.isnan(beyond.price)


def test_prices_of_floors_are_never_negative(solver):
    priced = 0
    for seed in range(40):
        staffing = staffed(random_shared_rows(seed, n=3), solver)
        if staffing.challenges:
            for floor in fairness(staffing, {"small": 0.4}, solver=solver).floors:
                assert np.isnan(floor.price) or floor.price >= 0.0
                assert floor.is_met <= (floor.price == 0.0)
                priced += not np.isnan(floor.price)
    assert priced > 3


@pytest.mark.parametrize(("name", "share", "code"), [("smal", 0.3, "E362"), ("small", 3.0, "E363")])
def test_a_floor_that_is_no_floor_is_refused(solver, name, share, code):
    with pytest.raises(InvalidInput) as error:
        fairness(staffed(conflict(n=1), solver), {name: share}, solver=solver)
    assert error.value.code == code


def test_more_of_a_cap_is_worth_what_the_plan_gains_and_no_more_than_its_price(solver):
    rows = conflict(n=3, capacity=3)
    capped = staffed(rows, solver, locks=Locks(exposure={"kind=institute": 2}))
    (found,) = more(capped, 0.5, solver=solver).found
    wider = staffed(rows, solver, locks=Locks(exposure={"kind=institute": 3}))
    assert (found.resource, found.limit, found.added) == ("kind=institute", 2.0, 1.0)
    assert found.gain == pytest.approx(wider.value - capped.value)
    assert found.by_price >= found.gain - 1e-6
    with pytest.raises(InvalidInput) as error:
        more(staffed(rows, solver), 0.05, solver=solver)
    assert error.value.code == "E364"


def test_tables_are_those_promised_and_the_same_each_time(solver):
    staffing = staffed(conflict(), solver)
    settings = QuestionSettings(runs=5, floors={"small": 0.2})
    tables = answers_of(staffing, settings, solver=solver)
    assert tuple(tables) == ANSWERS
    for name, table in tables.items():
        assert table.columns == list(plan_tables()[name].names)
        assert table.height
        keys = table.select(plan_tables()[name].key)
        assert keys.n_unique() == keys.height
    again = answers_of(staffing, settings, solver=solver)
    assert all(tables[name].equals(again[name]) for name in ANSWERS)
    empty = staffed(conflict() | {"holdings": []}, solver)
    assert answers_of(empty, settings, solver=solver)["replacements"].is_empty()


def test_a_large_plan_answers_only_what_is_quick(solver):
    settings = QuestionSettings(answered_candidates=1)
    tables = answers_of(staffed(conflict(), solver), settings, solver=solver)
    assert {name for name, table in tables.items() if table.height} == {"scarcity", "fairness"}
