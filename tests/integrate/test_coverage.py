"""Coverage: axioms, brute force, verdicts of unknown levels, the table of the zone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.integrate.coverage import (
    Needs,
    best_next,
    capability_index,
    cover,
    needs_of,
    reaches,
    zone_coverage,
)
from jicheng.integrate.holdings import Holdings, Levels
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings

check = settings(deadline=None, max_examples=80)
TENTHS = st.integers(0, 10).map(lambda x: x / 10)


@st.composite
def pools(draw, *, known=False):
    """Draw levels of up to six holders in up to four needs, and the needs."""
    n, s = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    low, point, high = (np.zeros((n, s)) for _ in range(3))
    for i in range(n):
        for k in range(s):
            a, b, c = sorted(draw(st.tuples(TENTHS, TENTHS, TENTHS)))
            low[i, k], point[i, k], high[i, k] = (b, b, b) if known else (a, b, c)
            if not known and draw(st.booleans()):
                point[i, k] = np.nan
    level = np.array(draw(st.lists(TENTHS, min_size=s, max_size=s)))
    weight = np.array(draw(st.lists(st.integers(1, 5), min_size=s, max_size=s)), float)
    names = tuple(f"cap:{k}" for k in range(s))
    return Levels(low, point, high), Needs(names, level, weight / weight.sum())


def levels_of(*rows):
    array = np.array(rows, dtype=float)
    return Levels(np.nan_to_num(array), array, np.nan_to_num(array, nan=1.0))


def needs(*level, weight=None):
    s = len(level)
    share = np.full(s, 1 / s) if weight is None else np.array(weight)
    return Needs(tuple(f"cap:{k}" for k in range(s)), np.array(level), share)


@given(pool=pools(), data=st.data())
@check
def test_coverage_is_monotone_and_ordered(pool, data):
    levels, wanted = pool
    n = len(levels.low)
    team = data.draw(st.lists(st.integers(0, n - 1), unique=True))
    more = [*team, *data.draw(st.lists(st.integers(0, n - 1), unique=True))]
    small, large = (cover(levels.of(sorted({*t})), wanted) for t in (team, more))
    for name in ("share", "low", "high"):
        assert getattr(small, name) <= getattr(large, name) + 1e-12
    assert small.low <= small.share + 1e-12
    assert small.low <= small.high + 1e-12


@given(pool=pools(), data=st.data())
@check
def test_coverage_is_submodular(pool, data):
    levels, wanted = pool
    n = len(levels.low)
    member = data.draw(st.integers(0, n - 1))
    large = {*data.draw(st.lists(st.integers(0, n - 1)))} - {member}
    small = {i for i in large if data.draw(st.booleans())}

    def gain(team):
        before, after = (cover(levels.of(sorted(t)), wanted).share for t in (team, team | {member}))
        return after - before

    assert gain(small) >= gain(large) - 1e-12


@given(pool=pools())
@check
def test_margin_is_what_coverage_loses(pool):
    levels, wanted = pool
    n = len(levels.low)
    whole = cover(levels, wanted)
    for i in range(n):
        rest = cover(levels.of([j for j in range(n) if j != i]), wanted)
        assert whole.margin[i] == pytest.approx(whole.share - rest.share)
    alone = [cover(levels.of([i]), wanted).share for i in range(n)]
    assert whole.best_single == pytest.approx(max(alone))
    assert whole.amplification == pytest.approx(whole.share - max(alone))


@given(pool=pools(known=True))
@check
def test_best_next_equals_enumeration(pool):
    levels, wanted = pool
    n = len(levels.low)
    price = np.array([(7 * i) % 3 for i in range(n)], dtype=float)
    for size in range(n):
        for team in combinations(range(n), size):
            here = cover(levels.of(list(team)), wanted)

            def merit(i, team=team, here=here):
                gain = cover(levels.of([*team, i]), wanted).share - here.share
                rise = wanted.weight @ np.maximum(0, levels.point[i] - here.best)
                return (round(gain, 9), round(float(rise), 9), -price[i], -i)

            rest = [i for i in range(n) if i not in team]
            best = max(rest, key=merit)
            expected = best if max(merit(best)[:2]) > 1e-9 else -1
            assert best_next(levels, wanted, np.array(team, dtype=np.intp), price) == expected


def test_unknown_level_is_open_and_known_ones_decide():
    held = cover(levels_of([0.8, np.nan, 0.3, 0.0]), needs(0.6, 0.6, 0.6, 0.6))
    assert held.verdicts == ("yes", "open", "no", "no")
    assert (held.share, held.low, held.high) == (0.25, 0.25, 0.5)
    assert held.best[0] == 0.8
    assert np.isnan(held.best[1])
    assert held.best[3] == 0.0


def test_need_of_any_level_is_covered_by_any_level_but_not_by_none():
    assert cover(levels_of([0.1, 0.0]), needs(0.0, 0.0)).verdicts == ("yes", "no")
    assert reaches(np.array([0.0, np.nan, 0.1]), np.zeros(3)).tolist() == [False, False, True]


def test_level_equal_to_the_need_reaches_it():
    assert reaches(np.array([0.1 + 0.2]), np.array([0.3]))[0]
    assert reaches(np.array([0.7]), np.array([0.1 * 7]))[0]


def test_empty_set_covers_nothing():
    nobody = cover(levels_of([0.5, 0.5]).of([]), needs(0.5, 0.5))
    assert (nobody.share, nobody.high, nobody.best_single, nobody.amplification) == (0, 0, 0, 0)
    assert nobody.verdicts == ("no", "no")


def test_weakest_link_is_relative_to_what_is_needed():
    held = cover(levels_of([0.9, 0.5]), needs(0.9, 0.4))
    assert held.weakest == 0


def test_capability_index_is_the_weighted_geometric_mean_of_the_best():
    levels = levels_of([0.8, 0.2], [0.5, 0.9])
    wanted = needs(0.1, 0.1, weight=[0.75, 0.25])
    assert capability_index(levels, wanted, fold=1) == pytest.approx(0.8**0.75 * 0.9**0.25)
    assert capability_index(levels, wanted, fold=2) == pytest.approx(0.5**0.75 * 0.2**0.25)
    assert capability_index(levels, wanted, fold=3) == 0.0


def test_capability_index_of_an_uncovered_need_is_zero():
    assert capability_index(levels_of([0.9, 0.3]), needs(0.5, 0.5), fold=1) == 0.0


@given(pool=pools(known=True), data=st.data())
@check
def test_capability_index_rises_with_every_level(pool, data):
    levels, wanted = pool
    i = data.draw(st.integers(0, len(levels.low) - 1))
    k = data.draw(st.integers(0, len(wanted.level) - 1))
    point = levels.point.copy()
    point[i, k] = min(1.0, point[i, k] + 0.1)
    higher = Levels(point, point, point)
    for fold in (1, 2):
        assert capability_index(higher, wanted, fold=fold) >= (
            capability_index(levels, wanted, fold=fold) - 1e-12
        )


def zone_rows(**cells):
    rows = {
        "technologies": [{"id": "tech:a", "name": "甲"}],
        "capabilities": [{"id": "cap:x", "name": "能力X"}],
        "needs": [{"technology": "tech:a", "capability": "cap:x", "level": 0.6}],
        "organisations": [
            {"id": "org:in", "name": "区内", "kind": "firm", "zone": "zone:test",
             "country": "CHN"},
            {"id": "org:near", "name": "区外", "kind": "firm", "country": "CHN"},
            {"id": "org:usa", "name": "美企", "kind": "firm", "country": "USA"},
        ],
    }  # fmt: skip
    return rows | cells


def holding(holder, level, **cells):
    return {"holder": holder, "capability": "cap:x", "level": level, "evidence": "专利"} | cells


def table_of(rows):
    zone = make_zone(strict=False, **rows)
    roster = Roster.of(zone, ConsortiumSettings())
    holdings = Holdings.of(zone, roster, needs_source=True)
    challenges = pl.DataFrame({"challenge": ["chal:a"], "technology": ["tech:a"]})
    (row,) = zone_coverage(zone, needs_of(zone, challenges), roster, holdings).to_dicts()
    return row


def test_zone_coverage_without_holders_is_no_and_empty():
    row = table_of(zone_rows(holdings=[]))
    assert (row["zone_depth"], row["zone_best"], row["zone_verdict"]) == (0, None, "no")
    assert (row["outside_depth"], row["outside_best"], row["settled_by"]) == (0, None, None)


def test_zone_coverage_names_the_best_outside_and_its_risk():
    rows = zone_rows(
        holdings=[holding("org:near", 0.7), holding("org:usa", 0.9)],
        restrictions=[
            {"country": "USA", "risk": 0.2},
            {"country": "USA", "target": "CHN", "risk": 0.8},
            {"country": "USA", "target": "CHN", "technology": "tech:a", "risk": 0.9},
            {"country": "USA", "target": "JPN", "technology": "tech:a", "risk": 0.1},
        ],
    )
    row = table_of(rows)
    assert (row["outside_best"], row["outside_country"], row["outside_depth"]) == (
        "org:usa",
        "USA",
        2,
    )
    assert row["outside_risk"] == 0.9


def test_risk_of_a_partner_at_home_is_zero_and_of_an_unknown_country_unknown():
    near = table_of(zone_rows(holdings=[holding("org:near", 0.9), holding("org:usa", 0.7)]))
    assert (near["outside_country"], near["outside_risk"]) == ("CHN", 0.0)
    far = table_of(zone_rows(holdings=[holding("org:usa", 0.9)]))
    assert (far["outside_country"], far["outside_risk"]) == ("USA", None)


def test_holder_of_unknown_level_makes_the_verdict_open_and_is_named():
    row = table_of(zone_rows(holdings=[holding("org:in", None)]))
    assert (row["zone_depth"], row["zone_open"], row["zone_best"]) == (0, 1, None)
    assert (row["zone_verdict"], row["settled_by"]) == ("open", "org:in")


def test_known_high_end_below_the_need_is_no():
    row = table_of(zone_rows(holdings=[holding("org:in", None, level_high=0.5)]))
    assert row["zone_verdict"] == "no"


def test_weights_of_a_challenge_sum_to_one_and_zero_weights_count_equally():
    rows = zone_rows(
        capabilities=[{"id": "cap:x", "name": "X"}, {"id": "cap:y", "name": "Y"}],
        needs=[
            {"technology": "tech:a", "capability": "cap:x", "weight": 0},
            {"technology": "tech:a", "capability": "cap:y", "weight": 0},
        ],
    )
    zone = make_zone(strict=False, **rows)
    challenges = pl.DataFrame({"challenge": ["a", "b"], "technology": ["tech:a", "tech:a"]})
    table = needs_of(zone, challenges)
    assert table["weight"].to_list() == [0.5] * 4
    assert table["is_weightless"].all()


def test_best_level_of_an_organisation_and_its_people_counts():
    rows = zone_rows(
        people=[{"id": "person:1", "name": "张三", "organisation": "org:in"}],
        holdings=[holding("org:in", 0.3), holding("person:1", 0.8)],
    )
    assert table_of(rows)["zone_best"] == 0.8


def test_source_named_for_the_table_counts_for_its_rows():
    zone = make_zone(strict=False, **zone_rows(holdings=[holding("org:in", 0.8, evidence=None)]))
    roster = Roster.of(zone, ConsortiumSettings())
    assert Holdings.of(zone, roster, needs_source=True).table["low"].to_list() == [0.0]
    sourced = type(zone)(zone.tables, (_Source(("holdings",)),))
    assert Holdings.of(sourced, roster, needs_source=True).table["low"].to_list() == [0.8]
    other = type(zone)(zone.tables, (_Source(("supply",)),))
    assert Holdings.of(other, roster, needs_source=True).table["low"].to_list() == [0.0]


def _Source(tables):  # noqa: N802 - reads like the class it makes
    from jicheng.zone import Source

    return Source("来源", tables=tables)


def test_kilometres_between_two_degrees_of_the_meridian():
    rows = zone_rows(
        organisations=[
            {"id": "org:a", "name": "a", "kind": "firm", "longitude": 113, "latitude": 22},
            {"id": "org:b", "name": "b", "kind": "firm", "longitude": 113, "latitude": 23},
            {"id": "org:c", "name": "c", "kind": "firm", "longitude": 113},
        ]
    )
    roster = Roster.of(make_zone(strict=False, **rows), ConsortiumSettings())
    km = roster.kilometres(np.array([0]), np.array([0, 1, 2]))[0]
    assert km[0] == 0.0
    assert km[1] == pytest.approx(111.195, abs=1e-3)
    assert np.isnan(km[2])


def _placed(**position):
    rows = zone_rows(
        organisations=[
            {"id": "org:a", "name": "a", "kind": "firm", "zone": "zone:test", **position},
            {"id": "org:b", "name": "b", "kind": "firm", "zone": "zone:test"},
            {"id": "org:c", "name": "c", "kind": "firm"},
        ]
    )
    roster = Roster.of(make_zone(strict=False, **rows), ConsortiumSettings())
    return roster.counted_kilometres(np.array([0]), np.arange(3), ConsortiumSettings())[0].tolist()


def test_unknown_distance_counts_less_between_two_of_the_zone():
    assert _placed(longitude=113, latitude=22) == [0.0, 10.0, 100.0]


def test_distance_counts_nothing_where_no_position_is_known():
    assert _placed() == [0.0, 0.0, 0.0]
