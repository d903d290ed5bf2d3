"""Every bound of every pack from both sides, against tables that do not read the packs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest

from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Condition,
    Extension,
    Formula,
    Indicator,
    Judged,
    Options,
    Pack,
    Side,
)
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.score.application import Application
from jicheng.rules.score.evaluate import Evaluation, evaluate
from pack_edges import Edge, fact_table, rows_of
from pack_tables import EDGES

PLACES = sorted({(edge.pack, edge.path) for edge in EDGES})
_BOUND = re.compile(r"([0-9][0-9.e+]*)\s*(?:<=?)\s*[a-z]|(?:[<>]=?|==)\s*([0-9][0-9.e+]*)")
_OF_THE_SCORE = re.compile(r"\b(score|group|indicator|direct_pass)\b")


def edges_of(pack: str, path: str = "") -> tuple[Edge, ...]:
    return tuple(edge for edge in EDGES if edge.pack == pack and path in ("", edge.path))


@cache
def shipped_pack(key: str) -> Pack:
    return pack_of(key)


@cache
def applied(key: str) -> Evaluation:
    return evaluate(shipped_pack(key), rows_of(edges_of(key)))


def said(edge: Edge) -> tuple[float, float] | bool | None:
    """Return what the pack says of the facts of an edge."""
    found, place = applied(edge.pack), edges_of(edge.pack).index(edge)
    if isinstance(edge.expected, tuple):
        points = found.points[edge.path]
        return float(points.low[place]), float(points.high[place])
    truth = found.truths[edge.path]
    return bool(truth.certainly[place]) if truth.certainly[place] == truth.possibly[place] else None


@pytest.mark.parametrize(("pack", "path"), PLACES)
def test_element_gives_what_its_table_says_on_both_sides_of_each_bound(pack, path):
    edges = edges_of(pack, path)

    wrong = {edge.label: said(edge) for edge in edges if said(edge) != edge.expected}

    assert wrong == {}


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_condition_of_the_pack_is_tested_true_and_false(key):
    untested = [
        condition.path
        for condition in leaves(shipped_pack(key))
        if not lists_both_sides(condition, edges_of(key, condition.path))
    ]

    assert untested == []


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_point_rule_of_the_pack_is_tested_at_each_bound_and_level(key):
    untested = {}
    for element in shipped_pack(key).elements():
        if isinstance(element, Indicator):
            needed = to_test(element)
            tested = what_is_tested(edges_of(key, element.path))
            if needed - tested:
                untested[element.path] = needed - tested

    assert untested == {}


def leaves(pack: Pack) -> Iterator[Condition]:
    """Yield conditions without others below, except those on the score."""
    for element in pack.elements():
        if not isinstance(element, Condition) or element.any_of or element.all_of:
            continue
        if element.when is None or not _OF_THE_SCORE.search(element.when.text):
            yield element


def lists_both_sides(condition: Condition, edges: tuple[Edge, ...]) -> bool:
    expected = {edge.expected for edge in edges}
    if condition.when is None:
        return expected == {None}
    bounds = {float(a or b) for a, b in _BOUND.findall(condition.when.text)}
    tested = {edge.bound for edge in edges}
    return {True, False} <= expected and bounds <= tested


def to_test(element: Indicator) -> set[tuple[str, float | tuple[float, float]]]:
    """Return the bounds and points that a table must list for a rule."""
    match element.rule:
        case Banded(bands=bands):
            bounds = {("bound", band.bound) for band in bands if band.side is not Side.OTHERWISE}
            return bounds | {("points", (band.low, band.high)) for band in bands}
        case Cases(cases=cases):
            return {("points", (case.low, case.high)) for case in cases}
        case Judged(levels=levels):
            return {("points", (low, high)) for _, low, high in levels}
        case Formula():
            return {("points", (0.0, 0.0)), ("points", (element.max, element.max))}
        case Additive(each=each, cap=cap):
            return {("points", (each, each)), ("points", (cap, cap)), ("points", (0.0, 0.0))}
        case Extension():
            return {("points", (0.0, element.max))}
        case Options() if element.rule.combine == "max":
            return {("points", (element.max, element.max))}
    return set()


def what_is_tested(edges: tuple[Edge, ...]) -> set[tuple[str, float | tuple[float, float]]]:
    points = {("points", edge.expected) for edge in edges if isinstance(edge.expected, tuple)}
    return points | {("bound", edge.bound) for edge in edges if edge.bound is not None}


@pytest.mark.parametrize(
    ("pack", "definition", "fact", "values"),
    [
        ("cn.hte@2016", "required_rd_ratio", "revenue",
         {0.0: 0.05, 5e7: 0.05, 5e7 + 1: 0.04, 2e8: 0.04, 2e8 + 1: 0.03}),
        ("cn.guarantee_plan@2024", "reguarantee_fee_most", "guarantee_amount",
         {1.0: 0.003, 5e6: 0.003, 5e6 + 1: 0.005}),
    ],
)  # fmt: skip
def test_value_by_bands_is_that_of_its_table_on_both_sides(pack, definition, fact, values):
    facts = fact_table([{fact: value} for value in values])

    found = Application(shipped_pack(pack), facts).definition(definition)

    assert found is not None
    assert found.low.tolist() == found.high.tolist() == list(values.values())
