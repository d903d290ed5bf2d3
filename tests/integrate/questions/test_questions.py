"""Answers about who: equal to making the plan anew by trying every team."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest

from integrate.shared.shared_zone import (
    best_together,
    conflict,
    consortia_of,
    holding,
    organisation,
    random_shared_rows,
    references,
    zone_and_challenges,
)
from jicheng.errors import InvalidInput
from jicheng.integrate.questions.alternatives import alternatives, other_plan
from jicheng.integrate.questions.irreplaceable import ranking, replacements, without
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.why import why
from jicheng.integrate.questions.wishes import ask
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.solver import Solver


@pytest.fixture(scope="module")
def solver():
    with Solver() as one:
        yield one


def staffed(rows, solver, settings=None):
    zone, challenges = zone_and_challenges(rows)
    return Staffing.of(zone, challenges, settings, solver=solver)


def random_staffings(seeds, solver):
    for seed in seeds:
        rows = random_shared_rows(seed, n=3)
        settings = ConsortiumSettings()
        staffing = staffed(rows, solver, settings)
        if staffing.challenges:
            yield rows, settings, staffing


def worth_of(staffing):
    return dict(zip(staffing.challenges, staffing.problem.worth.tolist(), strict=True))


def test_loss_without_a_member_equals_making_the_plan_anew(solver):
    compared, irreplaceable = 0, 0
    for rows, settings, staffing in random_staffings(range(24), solver):
        members = {who for c in staffing.challenges for who in staffing.members(c)}
        for who in sorted(members)[:4]:
            found = without(staffing, who, solver=solver)
            best = best_together(
                rows, settings, lambda _, team, gone=who: gone not in team, worth_of(staffing)
            )
            assert found.loss == pytest.approx(staffing.value - best, abs=1e-5), who
            assert all(who not in found.wish.after.members(c) for c in staffing.challenges)
            assert found.is_irreplaceable == bool(found.fails)
            compared += 1
            irreplaceable += found.is_irreplaceable
    assert compared > 15
    assert irreplaceable


def test_planted_institute_that_nobody_can_replace_is_found(solver):
    rows = conflict(n=1)
    rows["organisations"] = [row for row in rows["organisations"] if row["id"] != "org:spare"]
    rows["organisations"].append(organisation("twin", size="large"))
    rows["holdings"] = [h for h in rows["holdings"] if h["holder"] != "org:spare"]
    rows["holdings"].append(holding("twin", "c0", 0.7))
    staffing = staffed(rows, solver)
    found = replacements(staffing, QuestionSettings(), solver=solver)
    assert [one.organisation for one in found] == ["org:lab", "org:c0"]
    lab, firm = found
    assert (lab.fails, lab.steps_in) == (("chal:c0",), ())
    assert lab.loss == pytest.approx(staffing.value)
    assert (firm.fails, firm.steps_in) == ((), ("org:twin",))
    assert firm.loss == pytest.approx(6 * 0.1)
    told = ranking(staffing, found)
    assert "chal:c0" in told.sentences[0].en
    assert "twin" in told.sentences[1].zh


def test_someone_outside_every_consortium_costs_nothing(solver):
    staffing = staffed(conflict(n=1, capacity=2), solver)
    found = without(staffing, "org:spare", solver=solver)
    assert (found.loss, found.challenges, found.fails) == (0.0, (), ())
    with pytest.raises(InvalidInput) as error:
        without(staffing, "org:nobody", solver=solver)
    assert error.value.code == "E341"


@pytest.mark.parametrize("kind", ["in", "forbid", "cap"])
def test_price_of_a_wish_equals_making_the_plan_anew(solver, kind):
    compared = 0
    for rows, settings, staffing in random_staffings(range(10), solver):
        challenge = staffing.challenges[0]
        ids = [row["id"] for row in rows["organisations"]]
        a, b = ids[0], ids[1]
        locks, allows = {
            "in": (
                Locks(lock_in=((challenge, a),)),
                lambda c, team, a=a, w=challenge: c != w or a in team,
            ),
            "forbid": (
                Locks(forbid=((a, b),)),
                lambda _, team, a=a, b=b: not {a, b} <= set(team),
            ),
            "cap": (Locks(exposure={a: 0}), lambda _, team, a=a: a not in team),
        }[kind]
        holders = {row["holder"] for row in rows["holdings"]}
        if kind == "in" and not (staffing.roster.may_join[0] and a in holders):
            continue
        if kind == "in" and a not in [staffing.roster.ids[i] for i in staffing.pools[0].candidates]:
            continue
        wish = ask(staffing, locks, solver=solver)
        best = best_together(rows, settings, allows, worth_of(staffing))
        if kind == "in" and challenge not in wish.after.index:
            best = best_together(
                rows, settings, lambda c, _, w=challenge: c != w, worth_of(staffing)
            )
        assert wish.price == pytest.approx(staffing.value - best, abs=1e-5)
        compared += 1
    assert compared >= 3


def test_waterfall_adds_up_and_names_what_scarce_members_cost(solver):
    staffing = staffed(conflict(), solver)
    priced = [c for c in staffing.challenges if "org:lab" in staffing.members(c)]
    found = why(staffing, priced[0], solver=solver)
    terms = dict(found.waterfall.iter_rows())
    parts = [v for t, v in terms.items() if t in ("ties", "distance", "cost") or ":" in t]
    own = [v for t, v in terms.items() if not t.startswith(("scarcity", "after", "total"))]
    assert terms["total"] == pytest.approx(sum(own))
    if "after_scarcity" in terms:
        assert terms["after_scarcity"] == pytest.approx(sum(parts))
    assert found.own_deficit == pytest.approx(6 * 2 * 0.5 * 0.4)  # spare instead of lab
    assert set(found.rival.iter_rows()) == {
        ("org:lab", "leaves"), ("org:spare", "joins"), (f"org:{priced[0][5:]}", "stays"),
    }  # fmt: skip
    other = next(c for c in staffing.challenges if c not in priced)
    behind = why(staffing, other, solver=solver)
    assert behind.own_deficit < 0.0 <= behind.deficit + 1e-9  # better, but needed elsewhere


def test_runner_up_is_the_second_best_consortium_of_all(solver):
    compared = 0
    for rows, settings, staffing in random_staffings(range(30), solver):
        if (staffing.prices.organisations > 0).any():
            continue
        slow = references(rows, settings)
        for challenge in staffing.challenges:
            values = sorted(consortia_of(slow[challenge]).values(), reverse=True)
            found = why(staffing, challenge, solver=solver)
            if len(values) < 2:
                assert found.rival.is_empty()
                continue
            compared += 1
            assert found.deficit == pytest.approx(values[0] - values[1], abs=1e-6)
            assert found.is_proved
    assert compared > 5


def test_alternatives_differ_and_their_loss_is_that_of_the_whole_plan(solver):
    compared = 0
    settings = QuestionSettings(alternatives=2, members_leaving=1)
    for rows, told, staffing in random_staffings(range(40), solver):
        for challenge in staffing.challenges:
            if staffing.column_of(challenge) < 0:
                continue
            earlier = [set(staffing.members(challenge))]
            for one in alternatives(staffing, challenge, settings, solver=solver).found:
                team = set(one.members)
                assert all(known - team for known in earlier)
                earlier.append(team)
                best = best_together(
                    rows, told,
                    lambda c, t, w=challenge, team=team: c != w or set(t) == team,
                    worth_of(staffing) | {challenge: 10_000.0},
                )  # fmt: skip
                best -= 10_000.0 - worth_of(staffing)[challenge]
                assert one.plan_loss >= staffing.value - best - 1e-5
                assert one.deficit == pytest.approx(
                    _points(staffing, challenge) - one.total, abs=1e-6
                )
                compared += 1
    assert compared > 8


def _points(staffing, challenge):
    column = staffing.column_of(challenge)
    return staffing.columns.value[column] - staffing.problem.worth[staffing.index[challenge]]


def test_other_plan_loses_no_more_than_allowed_and_differs(solver):
    changed = 0
    settings = QuestionSettings(acceptable_loss=0.3, members_leaving=1)
    for _, _, staffing in random_staffings(range(40), solver):
        found = other_plan(staffing, settings, solver=solver)
        assert found.loss <= found.allowed + 1e-6
        for one in found.found:
            assert set(one.members) != set(staffing.members(one.challenge))
        uses = {}
        after = {c: staffing.members(c) for c in staffing.challenges}
        after |= {one.challenge: one.members for one in found.found}
        for who in (name for team in after.values() for name in team):
            uses[who] = uses.get(who, 0) + 1
        for who, count in uses.items():
            assert count <= staffing.problem.capacity[staffing.roster.index[who]]
        changed += len(found.found)
    assert changed > 3


def test_a_challenge_without_a_consortium_is_refused_with_its_reason(solver):
    rows = conflict(n=2)
    rows["holdings"] = [h for h in rows["holdings"] if h["capability"] != "cap:c1"]
    staffing = staffed(rows, solver)
    for question, name in product((why, alternatives), ("chal:c1", "chal:nowhere")):
        with pytest.raises(InvalidInput) as error:
            question(staffing, name, solver=solver)
        assert error.value.code == ("E360" if name == "chal:c1" else "E330")


def test_answers_are_told_in_both_languages_and_as_json(solver):
    staffing = staffed(conflict(), solver)
    answer = why(staffing, "chal:c0", solver=solver).answer
    assert answer.as_text("en") != answer.as_text("zh")
    assert answer.as_text().count(" / ") >= len(answer.sentences)
    plain = answer.as_plain()
    assert {row["term"] for row in plain["tables"]["waterfall"]} >= {"total"}
    assert isinstance(answer.tables["rival"], pl.DataFrame)
    assert np.isfinite(staffing.value)
