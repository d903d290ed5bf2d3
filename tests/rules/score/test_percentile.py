from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.rules.expression.intervals import Choices, Interval
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Peers, Provenance, Transform
from jicheng.rules.score.percentile import PeerGroups, PeerQuantiles, earned, transformed

PEERS = Peers("stage", "tech_field", 30, 0.05, 0.95, Provenance.OURS)


def firms(stages: str, fields: str) -> FactTable:
    """Facts of a firm per letter; ``?`` = unknown."""

    def told(letters: str) -> Choices:
        values = tuple(sorted(set(letters) - {"?"}))
        codes = [values.index(x) if x != "?" else -1 for x in letters]
        return Choices(values, np.array(codes, dtype=np.int32))

    return FactTable(
        subjects=pl.Series([f"f{k}" for k in range(len(stages))]),
        year=2025,
        choices={"stage": told(stages), "tech_field": told(fields)},
    )


def known(*values: float) -> Interval:
    return Interval.known(np.array(values, dtype=float))


def shares(values: Interval, groups: PeerGroups) -> tuple[list[float], list[float]]:
    one = Interval.known(np.ones(len(groups.stages) + 1))
    found = earned(values, groups.quantiles(values), groups, one)
    return found.low.tolist(), found.high.tolist()


def plain_shares(values: list[float], stages: str, fields: str, small: int = 30) -> list[float]:
    """The formula of the rules, firm by firm."""
    found = []
    for x, s, f in zip(values, stages, fields, strict=True):
        stage = [v for v, t in zip(values, stages, strict=True) if t == s]
        group = [v for v, t, g in zip(values, stages, fields, strict=True) if t == s and g == f]
        lam = min(1.0, len(group) / small)
        low, high = (
            lam * np.quantile(group, q) + (1 - lam) * np.quantile(stage, q) for q in (0.05, 0.95)
        )
        if high > low + 1e-9:
            found.append(min(max((x - low) / (high - low), 0.0), 1.0))
        else:
            found.append(1.0 if x > low + 1e-9 else 0.0)
    return found


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(-4, 9)),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([1, 5, 30]),
)
@settings(deadline=None)
def test_shares_of_known_values_follow_the_formula(
    rows: list[tuple[str, str, int]], small: int
) -> None:
    stages, fields, values = (
        "".join(r[0] for r in rows),
        "".join(r[1] for r in rows),
        [float(r[2]) for r in rows],
    )
    peers = Peers("stage", "tech_field", small, 0.05, 0.95, Provenance.OURS)
    groups = PeerGroups.of(peers, firms(stages, fields))
    low, high = shares(known(*values), groups)
    assert low == high
    assert low == pytest.approx(plain_shares(values, stages, fields, small), abs=1e-9)


def test_mostly_zero_counts_give_the_whole_weight_to_any_more() -> None:
    n = 60
    groups = PeerGroups.of(PEERS, firms("a" * n, "x" * n))
    values = known(*([0.0] * (n - 2)), 1.0, 7.0)
    low, _ = shares(values, groups)
    assert low == [0.0] * (n - 2) + [1.0, 1.0]


def test_equal_values_of_a_small_group_are_not_above_themselves() -> None:
    groups = PeerGroups.of(PEERS, firms("aaaaaaa", "xxxyyyy"))
    low, _ = shares(known(*[math.log(3.7)] * 7), groups)
    assert low == [0.0] * 7


def test_small_group_borrows_from_its_stage_only() -> None:
    groups = PeerGroups.of(PEERS, firms("aaab", "xyyx"))
    table = groups.quantiles(known(100.0, 1.0, 2.0, 55.0))
    lam = 1 / 30
    whole = np.quantile([100.0, 1.0, 2.0], 0.05)
    assert table.low[0, 0] == pytest.approx(lam * 100.0 + (1 - lam) * whole)
    assert table.low[1, 0] == 55.0
    assert table.counts.tolist() == [[1, 2, 3], [1, 0, 1], [0, 0, 0]]


def test_unknown_values_take_no_part_in_quantiles() -> None:
    groups = PeerGroups.of(PEERS, firms("aaa", "xxx"))
    values = Interval(np.array([1.0, 2.0, 0.0]), np.array([1.0, 2.0, np.inf]))
    assert groups.quantiles(values).counts[0, 0] == 2


def test_unknown_value_earns_nothing_to_everything() -> None:
    groups = PeerGroups.of(PEERS, firms("aaa", "xxx"))
    low, high = shares(Interval(np.array([1.0, 2.0, 0.0]), np.array([1.0, 2.0, np.inf])), groups)
    assert (low[2], high[2]) == (0.0, 1.0)


def test_group_where_nobody_has_a_value_says_nothing() -> None:
    groups = PeerGroups.of(PEERS, firms("ab", "xx"))
    low, high = shares(Interval(np.array([1.0, 0.0]), np.array([1.0, np.inf])), groups)
    assert (low[1], high[1]) == (0.0, 1.0)


def test_unknown_stage_has_the_hull_over_stages() -> None:
    groups = PeerGroups.of(PEERS, firms("aabb?", "xxxxx"))
    values = known(0.0, 10.0, 0.0, 100.0, 9.0)
    low, high = shares(values, groups)
    table = groups.quantiles(values)
    a, b = ((9.0 - table.low[s, 0]) / (table.high[s, 0] - table.low[s, 0]) for s in (0, 1))
    assert low[4] == pytest.approx(min(a, b))
    assert high[4] == pytest.approx(max(a, b))


def test_stage_known_of_nobody_compares_all() -> None:
    groups = PeerGroups.of(PEERS, firms("???", "xxx"))
    low, high = shares(known(0.0, 5.0, 10.0), groups)
    assert low == high == [0.0, 0.5, 1.0]


def test_weights_differ_by_stage() -> None:
    groups = PeerGroups.of(PEERS, firms("aab", "xxx"))
    values = known(0.0, 1.0, 1.0)
    table = groups.quantiles(values)
    found = earned(values, table, groups, known(8.0, 3.0, 5.0))
    assert found.low.tolist() == [0.0, 8.0, 0.0]


def test_frozen_quantiles_serve_others() -> None:
    before = firms("aaaa", "xxxx")
    groups = PeerGroups.of(PEERS, before)
    values = known(0.0, 1.0, 2.0, 10.0)
    frozen = PeerQuantiles(groups.stages, groups.fields, {"i": groups.quantiles(values)})
    after = PeerGroups.of(PEERS, firms("ab", "zx"), frozen=frozen)
    one = Interval.known(np.ones(2))
    found = earned(known(1.0, 1.0), frozen.tables["i"], after, one)
    low, high = groups.quantiles(values).low[0, 1], groups.quantiles(values).high[0, 1]
    assert found.low[0] == pytest.approx((1.0 - low) / (high - low))  # a field that was not there
    assert (found.low[1], found.high[1]) == (0.0, 1.0)  # a stage that was not there


def test_logarithm_of_money_below_zero_is_zero() -> None:
    found = transformed(Interval(np.array([-5.0]), np.array([math.e - 1])), Transform.LOG)
    assert (found.low[0], found.high[0]) == (0.0, pytest.approx(1.0))


def test_nobody() -> None:
    groups = PeerGroups.of(PEERS, firms("", ""))
    assert shares(known(), groups) == ([], [])
