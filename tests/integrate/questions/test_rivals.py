"""Rivals for parallel awards: other people where there are any, within places and locks."""

from __future__ import annotations

import pytest

from integrate.shared.shared_zone import conflict, holding, organisation, zone_and_challenges
from jicheng.integrate.questions.rivals import RIVALS, rival_consortia
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.solver import Solver
from jicheng.schema import plan_tables


@pytest.fixture(scope="module")
def solver():
    with Solver() as one:
        yield one


def race_rows(n=1, teams=2, second_firms=True, firm_places=1, spare_places=9):
    """Return challenges whose firm and institute each have a weaker double."""
    rows = conflict(n)
    firms = [f"c{i}" for i in range(n)]
    places = {"org:spare": spare_places} | {f"org:{name}": firm_places for name in firms}
    rows["organisations"] = [
        row | ({"capacity": places[row["id"]]} if row["id"] in places else {})
        for row in rows["organisations"]
    ]
    if second_firms:
        rows["organisations"] += [organisation(f"second-{c}", size="large") for c in firms]
        rows["holdings"] += [holding(f"second-{c}", c, 0.6) for c in firms]
    rows["challenges"] = [row | {"parallel_teams": teams} for row in rows["challenges"]]
    return rows


def rivals(solver, rows, **given):
    zone, challenges = zone_and_challenges(rows)
    staffing = Staffing.of(zone, challenges, solver=solver, **given)
    return rival_consortia(staffing, challenges, solver=solver)


def teams_of(found):
    return {
        key: set(rows["organisation"])
        for key, rows in found.tables["rival_members"].group_by("challenge", "rank")
    }


def codes(found):
    return [one.code for one in found.warnings]


def test_a_rival_shares_nobody_where_others_hold_the_same(solver):
    found = rivals(solver, race_rows())
    assert teams_of(found) == {("chal:c0", 1): {"org:spare", "org:second-c0"}}
    members = found.tables["rival_members"]
    assert not members["is_shared"].any()
    assert members["is_lead"].sum() == 1
    levels = found.tables["rival_assignment"].select("organisation", "level")
    assert dict(levels.iter_rows()) == {"org:spare": 0.5, "org:second-c0": 0.6}
    assert found.tables["rival_assignment"]["evidence"].to_list() == ["专利", "专利"]
    assert codes(found) == []


def test_a_member_is_shared_where_it_must_be_and_has_a_second_place(solver):
    found = rivals(solver, race_rows(second_firms=False, firm_places=2))
    assert teams_of(found) == {("chal:c0", 1): {"org:spare", "org:c0"}}
    assert found.tables["rival_members"].filter("is_shared")["organisation"].to_list() == ["org:c0"]
    assert codes(found) == ["E367"]
    assert "chal:c0 #1: 1" in found.warnings[0].message.en


def test_there_is_no_rival_without_a_second_place(solver):
    assert teams_of(rivals(solver, race_rows(second_firms=False))) == {}


def test_a_lock_holds_for_rivals_too(solver):
    locks = Locks(lock_out=(("chal:c0", "org:second-c0"),))
    assert teams_of(rivals(solver, race_rows(), locks=locks)) == {}


def test_rivals_of_one_challenge_leave_the_others_their_places(solver):
    """The plan takes the lab and one place of the spare; one more place makes one rival."""
    assert len(teams_of(rivals(solver, race_rows(n=2, spare_places=1)))) == 0
    assert set(teams_of(rivals(solver, race_rows(n=2, spare_places=2)))) == {("chal:c0", 1)}
    assert len(teams_of(rivals(solver, race_rows(n=2, spare_places=3)))) == 2


def test_too_few_rivals_are_told(solver):
    found = rivals(solver, race_rows(teams=3))
    assert len(teams_of(found)) == 1
    assert codes(found) == ["E368"]
    assert "chal:c0: 1/2" in found.warnings[0].message.en


@pytest.mark.parametrize("teams", [1, None])
def test_nothing_is_looked_for_where_one_team_starts(solver, teams):
    found = rivals(solver, race_rows(teams=teams))
    assert tuple(found.tables) == RIVALS
    for name, table in found.tables.items():
        assert table.is_empty()
        assert table.columns == list(plan_tables()[name].names)
