"""Bands and cases against brute force: every value tried on and between all bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import Text
from jicheng.rules.expression.syntax import parse
from jicheng.rules.pack.checking.bands import band_faults
from jicheng.rules.pack.model import (
    Band,
    Banded,
    Case,
    Cases,
    Indicator,
    Pack,
    PackKind,
    Provenance,
    Rule,
    Side,
)

VALUES = [step / 2 for step in range(-2, 11)]  # on and between the bounds 0 to 4
TESTS = {
    Side.AT_LEAST: lambda value, bound: value >= bound,
    Side.ABOVE: lambda value, bound: value > bound,
    Side.AT_MOST: lambda value, bound: value <= bound,
    Side.BELOW: lambda value, bound: value < bound,
    Side.OTHERWISE: lambda value, bound: True,
}
SIGNS = {Side.AT_LEAST: ">=", Side.ABOVE: ">", Side.AT_MOST: "<=", Side.BELOW: "<"}

sides = st.sampled_from(list(Side))
bounds = st.integers(0, 4).map(float)
lists = st.lists(st.tuples(sides, bounds), min_size=1, max_size=6)


def codes(rule: Rule) -> list[tuple[str, int]]:
    """Return code and place of what is wrong with a rule."""
    ours = Provenance.OURS
    indicator = Indicator(
        id="x", path="indicators/x", name=Text("", ""), status=ours, numbers=ours, max=10, rule=rule
    )
    pack = Pack(
        id="a.b", version="1", name=Text("", ""), kind=PackKind.POINTS, indicators=(indicator,)
    )
    return [(one.code, int(one.where.column.split("/")[3])) for one in band_faults(pack)]


def first_matches(steps: Sequence[tuple[Side, float]]) -> list[int | None]:
    """Return the place of the first step that holds, for every value."""
    return [
        next((k for k, (side, bound) in enumerate(steps) if TESTS[side](value, bound)), None)
        for value in VALUES
    ]


def unreachable(steps: Sequence[tuple[Side, float]]) -> set[int]:
    return set(range(len(steps))) - set(first_matches(steps))


@settings(deadline=None)
@given(lists)
def test_bands_that_no_value_reaches_are_those_refused(steps: list[tuple[Side, float]]) -> None:
    bands = tuple(Band(side, bound, 1, 1) for side, bound in steps)
    found = codes(Banded(parse("revenue"), bands))
    assert {place for code, place in found if code == "E933"} == unreachable(steps)


@settings(deadline=None)
@given(lists)
def test_bands_that_leave_a_value_out_are_those_with_a_gap(steps: list[tuple[Side, float]]) -> None:
    bands = tuple(Band(side, bound, 1, 1) for side, bound in steps)
    found = codes(Banded(parse("revenue"), bands))
    assert any(code == "E935" for code, _ in found) == (None in first_matches(steps))


@settings(deadline=None)
@given(lists)
def test_bands_that_overlap_another_direction_are_those_told(
    steps: list[tuple[Side, float]],
) -> None:
    bands = tuple(Band(side, bound, 1, 1) for side, bound in steps)
    rising = (Side.AT_LEAST, Side.ABOVE)

    def crosses(place: int) -> bool:
        side, bound = steps[place]
        return any(
            (side in rising) != (other in rising)
            and Side.OTHERWISE not in (side, other)
            and any(TESTS[side](v, bound) and TESTS[other](v, at) for v in VALUES)
            for other, at in steps[:place]
        )

    found = {place for code, place in codes(Banded(parse("revenue"), bands)) if code == "E934"}
    reached = set(range(len(steps))) - unreachable(steps)
    assert found == {place for place in reached if crosses(place)}


@settings(deadline=None)
@given(lists)
def test_cases_of_one_number_are_judged_like_bands(steps: list[tuple[Side, float]]) -> None:
    cases = tuple(
        Case(None if side is Side.OTHERWISE else parse(f"revenue {SIGNS[side]} {bound}"), 1, 1)
        for side, bound in steps
    )
    found = codes(Cases(cases))
    refused = {place for code, place in found if code == "E933"}
    assert refused <= unreachable(steps)
    if all(side in (Side.AT_LEAST, Side.ABOVE) for side, _ in steps):
        assert refused == unreachable(steps)


def test_band_at_a_bound_that_others_leave_open_is_reached() -> None:
    steps = [(Side.ABOVE, 0.0), (Side.AT_LEAST, 0.0), (Side.OTHERWISE, math.nan)]
    assert codes(Banded(parse("revenue"), tuple(Band(s, b, 1, 1) for s, b in steps))) == []
