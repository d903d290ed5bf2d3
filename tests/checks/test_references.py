"""Keys and references."""

from __future__ import annotations

import pytest

from builders import make_zone
from jicheng.errors import InvalidInput

FIRM = {"id": "firm:a", "name": "甲", "kind": "firm"}
TECHNOLOGY = {"id": "t1", "name": "光刻机"}


def codes(zone):
    return [f.code for f in zone.check()]


def only(zone, code):
    found = [f for f in zone.check() if f.code == code]
    assert len(found) == 1, zone.check()
    return found[0]


def test_unknown_reference_names_the_near_one_and_the_row():
    with pytest.raises(InvalidInput) as caught:
        make_zone(
            technologies=[TECHNOLOGY],
            supply=[{"technology": "t2", "supplier": "JPN", "country": "JPN"}],
        )
    (found,) = caught.value.faults
    assert found.code == "E121"
    assert (found.where.table, found.where.column) == ("supply", "technology")
    assert "t1" in found.hint.zh
    assert "technology=t2" in found.message.en
    assert "supplier=JPN" in found.message.zh


def test_reference_may_be_met_by_either_of_two_tables():
    zone = make_zone(
        organisations=[FIRM],
        people=[{"id": "p1", "name": "某团队"}],
        capabilities=[{"id": "c", "name": "能力"}],
        holdings=[
            {"holder": "p1", "capability": "c"},
            {"holder": "firm:a", "capability": "c"},
        ],
    )
    assert codes(zone) == []


def test_absent_table_is_an_error_where_the_reference_is_required():
    zone = make_zone(
        strict=False, supply=[{"technology": "t", "supplier": "JPN", "country": "JPN"}]
    )
    found = only(zone, "E122")
    assert not found.is_warning
    assert "technologies" in found.message.en


def test_absent_table_is_a_warning_where_the_reference_is_optional():
    zone = make_zone(organisations=[FIRM | {"site": "park:1"}])
    assert only(zone, "E122").is_warning


def test_list_of_references_is_checked_part_by_part():
    zone = make_zone(
        strict=False,
        organisations=[FIRM],
        technologies=[TECHNOLOGY],
        challenges=[{"id": "c1", "technology": "t1", "consortium": "firm:a;firm:b"}],
    )
    found = only(zone, "E121")
    assert "firm:b" in found.message.zh
    assert "firm:a" in found.hint.zh


def test_duplicate_key_is_an_error_and_an_empty_part_of_a_key_counts():
    rows = [{"technology": "t1", "supplier": "JPN", "country": "JPN", "share": 0.5}] * 2
    zone = make_zone(strict=False, technologies=[TECHNOLOGY], supply=rows)
    found = only(zone, "E123")
    assert not found.is_warning
    assert "2" in found.message.en
    assert "technology=t1, supplier=JPN, system=country, basis=world" in found.message.en


def test_same_supplier_in_two_systems_is_no_duplicate():
    row = {"technology": "t1", "supplier": "JPN", "country": "JPN"}
    zone = make_zone(
        technologies=[TECHNOLOGY], supply=[row, row | {"system": "firm"}, row | {"period": 2020}]
    )
    assert "E123" not in codes(zone)


def test_capabilities_broader_than_themselves_are_refused():
    zone = make_zone(
        strict=False,
        capabilities=[
            {"id": "a", "name": "甲", "parent": "b"},
            {"id": "b", "name": "乙", "parent": "a"},
        ],
    )
    assert "a → b → a" in only(zone, "E113").message.zh


def test_many_faults_of_one_kind_are_counted_not_listed():
    zone = make_zone(
        strict=False,
        technologies=[TECHNOLOGY],
        links=[{"source": f"x{k}", "target": "t1", "relation": "input"} for k in range(1500)],
    )
    faults = [f for f in zone.check() if f.code == "E121"]
    assert len(faults) == 1000
    assert "500" in only(zone, "E109").message.en
