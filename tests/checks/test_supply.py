"""Shares of supply."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.supply import Supply

TECHNOLOGIES = [{"id": "t", "name": "光刻胶"}]
CODES = ("JPN", "USA", "DEU", "KOR", "NLD")


def row(supplier, share=None, **more):
    return {"technology": "t", "supplier": supplier, "country": supplier, "share": share} | more


def check(*rows):
    zone = make_zone(strict=False, technologies=TECHNOLOGIES, supply=list(rows))
    return [(f.code, f.is_warning) for f in zone.check()]


def test_shares_over_102_percent_are_refused():
    assert check(row("JPN", 0.7), row("USA", 0.33)) == [("E126", False)]


def test_shares_up_to_102_percent_are_rounding():
    assert check(row("JPN", 0.7), row("USA", 0.32)) == [("E127", True)]
    assert check(row("JPN", 0.7), row("USA", 0.30)) == []


def test_shares_of_countries_and_of_firms_are_never_added():
    assert check(row("JPN", 0.9), row("firm:x", 0.9, system="firm", country="JPN")) == []


def test_shares_of_two_bases_are_never_added():
    assert check(row("JPN", 0.9), row("USA", 0.9, basis="CHN")) == []


def test_newer_share_of_a_supplier_replaces_the_older():
    assert check(row("JPN", 0.9, period=2019), row("JPN", 0.8, period=2024)) == []


def test_shares_of_several_years_that_overlap_are_warned_of():
    rows = (row("JPN", 0.9, period=2019), row("USA", 0.8, period=2024))
    assert check(*rows) == [("E148", True)]


def test_shares_of_the_newest_year_over_102_percent_are_refused():
    rows = (
        row("JPN", 0.9, period=2019),
        row("USA", 0.8, period=2024),
        row("DEU", 0.8, period=2024),
    )
    assert check(*rows) == [("E148", True), ("E126", False)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(CODES),
            st.none() | st.integers(0, 100).map(lambda p: p / 100),
            st.sampled_from([None, 2019, 2024]),
        ),
        max_size=8,
        unique_by=lambda r: (r[0], r[2]),
    )
)
def test_what_passes_gives_shares_of_at_most_one(rows):
    zone = make_zone(
        strict=False,
        technologies=TECHNOLOGIES,
        supply=[row(code, share, period=year) for code, share, year in rows],
    )
    if not any(f.code == "E126" for f in zone.check()):
        world = Supply.of(zone, "CHN").world
        assert world.known.sum() + world.atomistic.sum() <= 1 + 1e-9


@pytest.mark.parametrize("supplier", ["JPN", "jpn", "日本", "Japan", "JP"])
def test_named_country_without_its_country_is_refused(supplier):
    found = check(row(supplier, 0.5, country=None))
    assert found == [("E129", False)]


def test_country_that_contradicts_its_supplier_is_refused():
    assert check(row("JPN", 0.5, country="USA")) == [("E129", False)]


@pytest.mark.parametrize("supplier", ["various", "EUR", "其他国家"])
def test_aggregate_without_country_is_fine(supplier):
    assert check(row(supplier, 0.5, country=None)) == []


def test_country_under_two_names_is_warned_of():
    rows = (row("JPN", 0.5), row("Japan", 0.2, country="JPN"))
    assert check(*rows) == [("E130", True)]


def test_basis_must_be_world_or_a_country():
    assert check(row("JPN", 0.5, basis="全球")) == [("E131", False)]


def test_unknown_country_code_is_warned_of():
    zone = make_zone(technologies=TECHNOLOGIES, supply=[row("MAL", 0.5)])
    (found,) = zone.check()
    assert (found.code, found.is_warning) == ("E133", True)
    assert "MLI" in found.hint.en or "MAC" in found.hint.en


def test_firm_spelled_otherwise_is_warned_of():
    zone = make_zone(
        technologies=TECHNOLOGIES,
        organisations=[{"id": "firm:smee", "name": "某厂", "kind": "firm"}],
        supply=[
            row("Firm-SMEE", 0.5, system="firm", country="CHN"),
            row("another", 0.1, system="firm", country="CHN"),
        ],
    )
    (found,) = zone.check()
    assert (found.code, found.is_warning) == ("E132", True)
    assert "firm:smee" in found.message.zh


def test_country_that_restricts_itself_is_warned_of():
    zone = make_zone(restrictions=[{"country": "USA", "target": "USA", "risk": 0.5}])
    assert [f.code for f in zone.check()] == ["E149"]
