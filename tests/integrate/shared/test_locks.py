"""Locks: each obeyed, each fault told with the nearest names, contradictions refused."""

from __future__ import annotations

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
from jicheng.integrate.consortia import consortia_of
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.solver import Solver


@pytest.fixture(scope="module")
def solver():
    with Solver() as worker:
        yield worker


@pytest.fixture
def staffed(solver):
    def staff(rows, locks=None, settings=None):
        zone, challenges = zone_and_challenges(rows)
        return Staffing.of(zone, challenges, settings, locks, solver=solver)

    return staff


def roomy():
    """Two challenges for which the better institute has room."""
    return conflict(capacity=5)


def test_nobody_is_locked_by_default(staffed):
    assert Locks().is_empty
    assert staffed(roomy()).members("chal:c0") == ("org:c0", "org:lab")


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize(
    ("locks", "expected"),
    [
        (Locks(lock_in=(("chal:c0", "org:spare"),)), {"org:c0", "org:lab", "org:spare"}),
        (Locks(lock_out=(("chal:c0", "org:lab"),)), {"org:c0", "org:spare"}),
        (Locks(lock_out=(("*", "org:lab"),)), {"org:c0", "org:spare"}),
        (Locks(forbid=(("org:lab", "org:c0"),)), {"org:c0", "org:spare"}),
        (Locks(exposure={"org:lab": 0}), {"org:c0", "org:spare"}),
    ],
)
def test_lock_decides_who_takes_part(staffed, solver, locks, expected, asked):
    staffing = staffed(roomy()).asked(locks, solver=solver) if asked else staffed(roomy(), locks)
    members = {*staffing.members("chal:c0")}
    if locks.lock_in:  # a member who adds nothing is there because it must be
        assert "org:spare" in members
        assert members <= expected
    else:
        assert members == expected


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("name", ["chal:c0", "*"])
def test_required_kind_is_there(staffed, solver, asked, name):
    rows = roomy()
    rows["organisations"] += [
        organisation("tiny", size="micro", cost=90.0),
        organisation("far", zone=None, cost=90.0, capacity=4),
    ]
    rows["holdings"] += [holding("tiny", "c0", 0.2), holding("far", "y", 0.1)]
    if name == "*":
        rows["holdings"].append(holding("tiny", "c1", 0.2))
        rows["organisations"][-2]["capacity"] = 2
    locks = Locks(require=((name, "small"), (name, "outside")))
    staffing = staffed(rows).asked(locks, solver=solver) if asked else staffed(rows, locks)
    assert {"org:tiny", "org:far"} <= {*staffing.members("chal:c0")}
    assert ({"org:tiny", "org:far"} <= {*staffing.members("chal:c1")}) == (name == "*")


def test_group_cap_limits_its_places_together(staffed, solver):
    rows = conflict(3, capacity=9)
    for locks, most in ((Locks(exposure={"kind=institute": 2}), 2), (Locks(), 3)):
        staffing = staffed(rows, locks)
        assert (staffing.load()[[staffing.roster.index[f"org:{n}"] for n in ("lab", "spare")]]
                .sum()) == most  # fmt: skip
        result = consortia_of(staffing)
        assert result.consortia["status"].to_list().count("infeasible") == 3 - most
    assert (
        staffed(rows).asked(Locks(exposure={"kind=institute": 2}), solver=solver).load().sum() == 4
    )


def test_group_cap_counts_signed_consortia(staffed):
    rows = conflict(2, capacity=9)
    rows["challenges"][0]["consortium"] = "org:c0;org:lab"
    staffing = staffed(rows, Locks(exposure={"kind=institute": 1}))
    assert staffing.members("chal:c1") == ()


def test_one_who_holds_nothing_can_be_locked_in(staffed, solver):
    rows = roomy()
    rows["organisations"].append(organisation("guest"))
    locks = Locks(lock_in=(("chal:c1", "org:guest"),))
    assert "org:guest" in staffed(rows, locks).members("chal:c1")
    assert "org:guest" in staffed(rows).asked(locks, solver=solver).members("chal:c1")


def test_impossible_locks_are_told_in_their_words(staffed):
    rows = roomy()
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    result = consortia_of(staffed(rows, Locks(lock_out=(("chal:c0", "org:lab"),))))
    row = result.consortia.to_dicts()[0]
    assert row["status"] == "infeasible"
    assert "org:lab must not take part" in row["reason"]
    assert "不得有 org:lab" in row["reason"]


def test_a_question_may_follow_locks_that_leave_a_challenge_without(staffed, solver):
    rows = roomy()
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    staffing = staffed(rows, Locks(lock_out=(("chal:c0", "org:lab"),)))
    assert staffing.challenges == ("chal:c1",)
    asked = staffing.asked(Locks(lock_out=(("chal:c1", "org:lab"),)), solver=solver)
    assert asked.challenges == ()
    assert asked.value == 0.0


@pytest.mark.parametrize(
    ("locks", "codes"),
    [
        (Locks(lock_in=(("chal:c9", "org:lab"),)), ["E340"]),
        (Locks(lock_out=(("*", "org:lob"),)), ["E341"]),
        (Locks(lock_in=(("chal:c0", "org:lab"),), lock_out=(("*", "org:lab"),)), ["E342"]),
        (
            Locks(
                lock_in=(("chal:c0", "org:lab"), ("chal:c0", "org:c0")),
                forbid=(("org:lab", "org:c0"),),
            ),
            ["E343"],
        ),
        (Locks(require=(("*", "big"),)), ["E344"]),
        (Locks(lock_in=(("chal:c0", "org:lab"),), exposure={"org:lab": 0}), ["E346"]),
        (Locks(forbid=(("org:lab", "org:lab"),)), ["E347"]),
        (Locks(exposure={"kind=castle": 1}), ["E348"]),
        (Locks(exposure={"colour=red": 1}), ["E348"]),
        (Locks(exposure={"org:lab": -1}), ["E348"]),
        (Locks(lock_in=(("chal:c9", "org:x"),), require=(("*", "x"),)), ["E340", "E341", "E344"]),
    ],
)
def test_faulty_locks_are_refused_with_every_fault(staffed, locks, codes):
    with pytest.raises(InvalidInput) as refused:
        staffed(roomy(), locks)
    assert sorted(one.code for one in refused.value.faults) == codes


def test_unknown_names_come_with_the_nearest(staffed):
    with pytest.raises(InvalidInput, match="org:lab"):
        staffed(roomy(), Locks(lock_out=(("*", "org:labb"),)))


def test_a_signed_challenge_cannot_be_locked(staffed):
    rows = roomy()
    rows["challenges"][0]["consortium"] = "org:c0;org:lab"
    with pytest.raises(InvalidInput) as refused:
        staffed(rows, Locks(lock_out=(("chal:c0", "org:lab"),)))
    assert [one.code for one in refused.value.faults] == ["E345"]


def test_who_may_not_be_a_member_cannot_be_locked_in(staffed):
    rows = roomy()
    rows["organisations"].append(organisation("fund", "investor"))
    with pytest.raises(InvalidInput) as refused:
        staffed(rows, Locks(lock_in=(("chal:c0", "org:fund"),)))
    assert [one.code for one in refused.value.faults] == ["E349"]


def test_locks_of_the_settings_and_of_the_question_hold_together(staffed):
    settings = ConsortiumSettings(locks=Locks(exposure={"org:lab": 1, "org:spare": 2}))
    staffing = staffed(roomy(), Locks(exposure={"org:lab": 0}), settings)
    assert staffing.locks.exposure == {"org:lab": 0, "org:spare": 2}
    assert staffing.load()[staffing.roster.index["org:lab"]] == 0


def test_locks_in_any_order_are_equal():
    one = Locks(lock_out=(("a", "x"), ("b", "y")), forbid=(("q", "p"),))
    assert one == Locks(lock_out=(("b", "y"), ("a", "x")), forbid=(("p", "q"),))


def allowed(locks):
    def allows(challenge, team):
        out = {o for c, o in locks.lock_out if c in (challenge, "*")}
        return not out & {*team} and not any({a, b} <= {*team} for a, b in locks.forbid)

    return allows


@pytest.mark.parametrize("block", range(2))
def test_what_ifs_equal_brute_force(staffed, solver, block):
    settings = ConsortiumSettings(needs_research=False)
    for seed in range(300 + 10 * block, 310 + 10 * block):
        rows = random_shared_rows(seed, 3)
        before = staffed(rows, settings=settings)
        ids = [row["id"] for row in rows["organisations"]]
        locks = Locks(
            lock_out=(("*", ids[0]), (before.challenges[-1], ids[1])) if before.challenges else (),
            forbid=((ids[1], ids[2]),),
        )
        asked = before.asked(locks, solver=solver)
        expected = best_together(rows, settings, allowed(locks), worth=worth_of(before))
        assert asked.value == pytest.approx(expected, abs=1e-5), seed
        assert asked.bound >= asked.value - 1e-9


def worth_of(staffing):
    return dict(zip(staffing.challenges, staffing.problem.worth.tolist(), strict=True))
