"""Difficulty: years as stated, needs matched level by level, reach by country and zone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import make_zone, technologies
from jicheng.select.difficulty import Difficulty, difficulty, located_holdings

ORGANISATIONS = [
    {"id": "in", "name": "in", "kind": "firm", "zone": "zone:test"},
    {"id": "home", "name": "home", "kind": "institute", "country": "CHN"},
    {"id": "abroad", "name": "abroad", "kind": "firm", "country": "JPN"},
    {"id": "nowhere", "name": "nowhere", "kind": "firm"},
]


def found(
    needs: list[dict[str, Any]],
    holdings: list[dict[str, Any]],
    home: str = "CHN",
    reach: str = "home",
    **values: Any,
) -> tuple[Difficulty, list[str]]:
    zone = make_zone(
        technologies=technologies("t", t=values),
        organisations=ORGANISATIONS,
        people=[{"id": "person", "name": "person", "organisation": "in"}],
        capabilities=[{"id": name, "name": name} for name in ("a", "b")],
        needs=[{"technology": "t"} | need for need in needs],
        holdings=holdings,
    )
    hard, warnings = difficulty(zone, home, reach)
    return hard, [warning.code for warning in warnings]


def held(holder: str, capability: str = "a", **values: Any) -> dict[str, Any]:
    return {"holder": holder, "capability": capability} | values


def n_open(*args: Any, **values: Any) -> int:
    return int(found(*args, **values)[0].n_open[0])


def test_years_are_those_stated() -> None:
    hard, _ = found([], [], years_low=2.0, years_high=5.0)
    assert (hard.years_low[0], hard.years_high[0], hard.years[0]) == (2.0, 5.0, 3.5)


def test_one_end_of_the_years_stands_for_both() -> None:
    hard, _ = found([], [], years_high=5.0)
    assert (hard.years_low[0], hard.years_high[0]) == (5.0, 5.0)


def test_unknown_years_stay_unknown() -> None:
    assert np.isnan(found([], [])[0].years[0])


@pytest.mark.parametrize(
    ("holder", "expected"), [("in", 0), ("person", 0), ("home", 0), ("abroad", 1), ("nowhere", 1)]
)
def test_reach_is_home_by_default(holder: str, expected: int) -> None:
    assert n_open([{"capability": "a", "level": 0.5}], [held(holder, level=0.6)]) == expected


@pytest.mark.parametrize(("holder", "expected"), [("in", 0), ("person", 0), ("home", 1)])
def test_reach_may_be_the_zone(holder: str, expected: int) -> None:
    needs = [{"capability": "a", "level": 0.5}]
    assert n_open(needs, [held(holder, level=0.6)], reach="zone") == expected


def test_seen_from_another_country_its_holders_count() -> None:
    needs = [{"capability": "a", "level": 0.5}]
    hard, _ = found(needs, [held("abroad", level=0.6)], home="JPN")
    assert (hard.n_open[0], hard.held_share[0]) == (0, 1.0)
    hard, _ = found(needs, [held("in", level=0.6)], home="JPN")
    assert (hard.n_open[0], hard.held_share[0]) == (1, 0.0)


@pytest.mark.parametrize(
    ("need", "holding", "expected"),
    [
        ({"level": 0.5}, {"level": 0.5}, 0),
        ({"level": 0.5}, {"level": 0.49}, 1),
        ({"level": 0.5}, {}, 1),
        ({"level": 0.5}, {"level_low": 0.5}, 0),
        ({"level": 0.5}, {"level_high": 0.4}, 1),
        ({}, {}, 0),
        ({}, {"level": 0.1}, 0),
        ({}, {"level": 0.0}, 1),
    ],
)
def test_level_needed_against_level_held(
    need: dict[str, Any], holding: dict[str, Any], expected: int
) -> None:
    assert (
        n_open([{"capability": "a"} | need], [held("in", **holding), held("in", "b")]) == expected
    )


@pytest.mark.parametrize(("holding", "expected"), [({}, True), ({"level_high": 0.4}, False)])
def test_an_unknown_level_that_may_do_is_an_open_question(
    holding: dict[str, Any], expected: bool
) -> None:
    hard, _ = found([{"capability": "a", "level": 0.5}], [held("in", **holding)])
    assert hard.needs["is_open_question"].to_list() == [expected]


def test_what_the_zone_holds_counts_by_weight() -> None:
    needs = [{"capability": "a", "weight": 3.0}, {"capability": "b", "weight": 1.0}]
    hard, _ = found(needs, [held("in", level=1.0), held("home", "b", level=1.0)])
    assert hard.held_share[0] == 0.75
    assert (hard.n_needs[0], hard.n_open[0]) == (2, 0)


def test_without_needs_nothing_is_told() -> None:
    hard, codes = found([], [held("in")])
    assert (hard.n_needs[0], hard.n_open[0]) == (0, -1)
    assert np.isnan(hard.held_share[0])
    assert codes == ["E221"]


def test_without_holdings_open_needs_are_unknown_and_not_all() -> None:
    hard, codes = found([{"capability": "a"}], [])
    assert (hard.n_needs[0], hard.n_open[0]) == (1, -1)
    assert codes == ["E221"]


def test_holders_are_placed_by_their_organisation() -> None:
    zone = make_zone(
        organisations=ORGANISATIONS,
        people=[
            {"id": "one", "name": "one", "organisation": "abroad"},
            {"id": "two", "name": "two"},
        ],
        capabilities=[{"id": "a", "name": "a"}],
        holdings=[held(name) for name in ("one", "two", "in", "home")],
    )
    placed = located_holdings(zone, "CHN").select("holder", "in_zone", "in_home").rows()
    assert sorted(placed) == [
        ("home", False, True),
        ("in", True, True),
        ("one", False, False),
        ("two", False, False),
    ]
