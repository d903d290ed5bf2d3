"""New challenges: priced, staffed from what is free, nobody under contract is moved."""

from __future__ import annotations

import pytest

from builders import make_zone
from integrate.shared.shared_zone import (
    conflict,
    holding,
    organisation,
    random_shared_rows,
    zone_and_challenges,
)
from jicheng.errors import InvalidInput
from jicheng.integrate.settings import ChallengeSettings, ConsortiumSettings
from jicheng.integrate.shared.arrival import arrive, new_challenges
from jicheng.integrate.shared.staffing import Staffing

RULES = ChallengeSettings()


def planned(rows, settings=None):
    zone, challenges = zone_and_challenges(rows)
    return Staffing.of(zone, challenges, settings)


def arriving(*rows, **tables):
    return make_zone(strict=False, challenges=list(rows), **tables)


def arrived(staffing, zone, **given):
    known, rows = new_challenges(staffing, zone, RULES)
    return arrive(known, rows, **given)


def call(name, technology, **values):
    return {"id": f"chal:{name}", "technology": f"tech:{technology}"} | values


def test_a_newcomer_takes_what_is_free():
    staffing = planned(conflict())
    found = arrived(staffing, arriving(call("new", "c0")))
    (one,) = found.arrivals
    assert not one.is_accepted  # org:c0 alone holds what it needs, and works already
    assert "org:c0" in one.scarce
    rows = conflict()
    rows["organisations"][2]["capacity"] = 2
    (one,) = arrived(planned(rows), arriving(call("new", "c0"))).arrivals
    assert one.is_accepted
    assert one.members == ("org:c0", "org:spare")
    assert one.moved == ()
    assert one.own_best - one.points == pytest.approx(6 * 0.4)
    assert [told.code for told in one.told] == ["E350"]


def test_a_newcomer_worth_more_may_move_others():
    rows = conflict()
    rows["organisations"][2]["capacity"] = 2
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    staffing = planned(rows, ConsortiumSettings(staffing_points=5.0))
    holder = next(name for name in staffing.challenges if staffing.members(name))
    kept = arrived(staffing, arriving(call("new", "c0")), worth=50.0)
    assert not kept.arrivals[0].is_accepted
    (one,) = arrived(staffing, arriving(call("new", "c0")), worth=50.0, may_move=True).arrivals
    assert one.is_accepted
    assert one.moved == (holder,)


def test_a_newcomer_below_its_price_is_not_taken_up():
    rows = conflict()
    rows["organisations"][2]["capacity"] = 2
    rows["holdings"] = [row for row in rows["holdings"] if row["holder"] != "org:spare"]
    staffing = planned(rows)
    (one,) = arrived(staffing, arriving(call("new", "c0")), worth=0.0, may_move=True).arrivals
    assert not one.is_accepted
    assert one.price > 0.0
    assert one.surplus <= 0.0
    assert [told.code for told in one.told] == ["E359"]


def test_a_signed_consortium_is_never_moved():
    rows = conflict(2)
    rows["organisations"][2]["capacity"] = 2
    rows["challenges"][1]["consortium"] = "org:c1;org:lab"
    staffing = planned(rows)
    found = arrived(staffing, arriving(call("new", "c0")), worth=1e6, may_move=True)
    assert found.arrivals[0].is_accepted
    assert "chal:c1" not in found.arrivals[0].moved
    assert "org:lab" not in found.arrivals[0].members
    signed = next(one for one in found.staffing.alone.formed if one.challenge == "chal:c1")
    assert [found.staffing.roster.ids[i] for i in signed.members] == ["org:c1", "org:lab"]


def test_nobody_moves_unless_asked():
    for seed in range(12):
        rows = random_shared_rows(seed)
        settings = ConsortiumSettings(needs_research=False)
        staffing = planned(rows, settings)
        new = [call(f"new{i}", str(i)) for i in range(3)]
        found = arrived(staffing, arriving(*new))
        for name in staffing.challenges:
            assert found.staffing.members(name) == staffing.members(name), seed
        load = found.staffing.load()
        assert (load <= staffing.problem.capacity).all(), seed
        for one in found.arrivals:
            assert one.is_accepted == bool(one.members)
            assert one.is_accepted or one.told, seed


def test_arrivals_come_one_after_another():
    rows = conflict()
    rows["organisations"][2]["capacity"] = 2
    found = arrived(planned(rows), arriving(call("new2", "c0"), call("new1", "c0")))
    assert [one.challenge for one in found.arrivals] == ["chal:new1", "chal:new2"]
    assert [one.is_accepted for one in found.arrivals] == [True, False]
    assert found.table["is_accepted"].to_list() == [True, False]


def test_a_new_technology_brings_its_needs():
    rows = conflict()
    rows["organisations"].append(organisation("own"))
    rows["holdings"] += [holding("own", "c1", 0.7)]
    zone = arriving(
        call("new", "z"),
        technologies=[{"id": "tech:z", "name": "新"}],
        needs=[{"technology": "tech:z", "capability": "cap:c1"},
               {"technology": "tech:z", "capability": "cap:y"}],
    )  # fmt: skip
    (one,) = arrived(planned(rows), zone).arrivals
    assert one.members == ("org:own", "org:spare")


def test_without_needs_or_holders_it_says_so():
    zone = arriving(
        call("a", "none"), call("b", "rare"),
        capabilities=[{"id": "cap:rare", "name": "稀"}],
        needs=[{"technology": "tech:rare", "capability": "cap:rare"}],
    )  # fmt: skip
    one, other = arrived(planned(conflict()), zone).arrivals
    assert [told.code for told in one.told] == ["E304"]
    assert "E309" in [told.code for told in other.told]


def test_known_ids_and_empty_files_are_refused():
    staffing = planned(conflict())
    with pytest.raises(InvalidInput) as refused:
        new_challenges(staffing, arriving(call("c0", "c0")), RULES)
    assert [one.code for one in refused.value.faults] == ["E357"]
    with pytest.raises(InvalidInput) as refused:
        new_challenges(staffing, make_zone(strict=False), RULES)
    assert [one.code for one in refused.value.faults] == ["E358"]
