"""Values inside a row, and the zone's own row."""

from __future__ import annotations

import pytest

from builders import make_zone
from jicheng.zone import Zone

ZONE = {"id": "z", "name": "区", "home": "CHN", "period": 2026}


def codes(**tables):
    return [(f.code, f.is_warning) for f in make_zone(strict=False, **tables).check()]


def test_zone_without_its_row_and_with_several_is_warned_of():
    assert [(f.code, f.is_warning) for f in Zone.of({}).check()] == [("E134", True)]
    both = Zone.of({"zones": [ZONE, ZONE | {"id": "y"}]})
    assert [(f.code, f.is_warning) for f in both.check()] == [("E135", True)]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("technologies", {"id": "t", "name": "t", "years_low": 5, "years_high": 3}),
        ("supply", {"share": 0.5, "share_low": 0.6}),
        ("supply", {"share": 0.5, "share_high": 0.4}),
        ("supply", {"share_low": 0.5, "share_high": 0.4}),
        ("policies", {"id": "p", "name": "p", "window_from": "2026-05-01",
                      "window_until": "2026-04-01"}),
        ("indicators", {"low": 5, "high": 3}),
        ("indicators", {"value": 2, "low": 3}),
        ("indicators", {"value": 2, "high": 1}),
    ],
)  # fmt: skip
def test_bounds_out_of_order_are_refused(table, row):
    tables = {table: [row]}
    if table == "supply":
        tables["supply"] = [{"technology": "t", "supplier": "JPN", "country": "JPN"} | row]
        tables["technologies"] = [{"id": "t", "name": "t"}]
    if table == "indicators":
        tables["indicators"] = [{"subject": "z", "indicator": "revenue", "period": 2025} | row]
    assert ("E128", False) in codes(**tables)


def test_bounds_that_are_equal_or_unknown_are_fine():
    rows = [
        {"id": "a", "name": "a", "years_low": 3, "years_high": 3},
        {"id": "b", "name": "b", "years_high": 3},
    ]
    assert codes(technologies=rows) == []


def test_substitutability_of_zero_is_refused():
    assert codes(technologies=[{"id": "a", "name": "a", "substitutability": 0}]) == [
        ("E138", False)
    ]


def test_needs_without_any_weight_are_refused():
    zone = {
        "technologies": [{"id": "t", "name": "t"}],
        "capabilities": [{"id": "c", "name": "c"}],
        "needs": [{"technology": "t", "capability": "c", "weight": 0}],
    }
    assert codes(**zone) == [("E136", False)]


def test_half_a_position_and_no_system_are_warned_of():
    sites = [
        {"id": "a", "name": "a", "longitude": 113.2, "crs": "WGS84"},
        {"id": "b", "name": "b", "longitude": 113.2, "latitude": 23.1},
        {"id": "c", "name": "c", "longitude": 113.2, "latitude": 23.1, "crs": "gcj02"},
    ]
    assert codes(sites=sites) == [("E143", True), ("E144", True)]


def test_swapped_position_cannot_be_read():
    rows = [{"id": "a", "name": "a", "longitude": 23.1, "latitude": 113.2}]
    with pytest.raises(Exception, match="E105"):
        make_zone(sites=rows)
