"""The zone: typed, immutable, and the same whatever the order of rows."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.errors import InvalidInput, fault
from jicheng.zone import Source, Zone
from zone_strategies import raw_zones

ZONE = {"id": "z", "name": "区", "home": "CHN", "period": 2026}


@settings(deadline=None, max_examples=50)
@given(raw_zones, st.randoms(use_true_random=False))
def test_order_of_rows_and_tables_changes_nothing(tables, random):
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in reversed(tables.items())}
    one, other = Zone.of(tables, strict=False), Zone.of(shuffled, strict=False)
    assert one.content_hash == other.content_hash
    assert all(one[name].equals(other[name]) for name in tables)


@settings(deadline=None, max_examples=50)
@given(raw_zones)
def test_typing_a_typed_zone_changes_nothing(tables):
    zone = Zone.of(tables, strict=False)
    again = Zone.of(zone.tables, strict=False)
    assert again.content_hash == zone.content_hash


def test_hash_sees_every_cell():
    one = Zone.of({"zones": [ZONE]})
    assert Zone.of({"zones": [ZONE | {"period": 2025}]}).content_hash != one.content_hash
    assert Zone.of({"zones": [ZONE | {"source": "x"}]}).content_hash != one.content_hash


def test_hash_writes_negative_zero_as_zero():
    tables = Zone.of({"zones": [ZONE], "sites": [{"id": "s", "name": "地", "area": 0.0}]}).tables
    negative = tables["sites"].with_columns(area=pl.lit(-0.0))
    one, other = Zone(tables), Zone({**tables, "sites": negative})
    assert one.content_hash == other.content_hash


def test_table_in_order_is_kept_as_it_is():
    zone = make_zone(sites=[{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}])
    assert zone.with_tables()["sites"] is zone["sites"]


def test_table_stands_alike_in_memory_whether_it_came_in_order_or_not():
    rows = [{"id": name, "name": name} for name in "abc"]
    sites = Zone.of({"sites": rows}, strict=False)["sites"]
    in_order = Zone({"sites": pl.concat([sites.head(2), sites.tail(1)], rechunk=False)})
    shuffled = Zone({"sites": sites[[2, 0, 1]]})
    for zone in (in_order, shuffled):
        assert zone["sites"].n_chunks("all") == sites.n_chunks("all")
        assert zone["sites"]["id"].flags == sites["id"].flags


def test_hash_does_not_depend_on_empty_tables_sources_or_warnings():
    one = Zone.of({"zones": [ZONE]})
    other = Zone.of({"zones": [ZONE], "sites": []}, sources=[Source("x")])
    noted = dataclasses.replace(other, warnings=(fault("E153", is_warning=True),))
    assert one.content_hash == other.content_hash == noted.content_hash


def test_absent_table_is_empty_with_all_its_columns():
    zone = Zone.of({"zones": [ZONE]})
    assert zone["supply"].is_empty()
    assert "share" in zone["supply"].columns
    assert not zone.has("supply")
    assert zone.has("zones", "home")
    assert not zone.has("zones", "source")


def test_unknown_table_and_bad_cell_are_refused_together():
    with pytest.raises(InvalidInput) as caught:
        Zone.of({"zones": [ZONE | {"period": "soon"}], "zonez": []})
    assert [f.code for f in caught.value.faults] == ["E102", "E107"]


def test_replacing_a_table_keeps_sources_and_warnings():
    noted = Zone.of({"zones": [ZONE]}, sources=[Source("x")])
    noted = dataclasses.replace(noted, warnings=(fault("E153", is_warning=True),))
    changed = noted.with_tables(sites=noted["sites"])
    assert changed.sources == noted.sources
    assert changed.warnings == noted.warnings


def test_sample_is_told_by_the_zone_row():
    assert not make_zone().is_sample
    assert Zone.of({"zones": [ZONE | {"is_sample": "是"}]}).is_sample
