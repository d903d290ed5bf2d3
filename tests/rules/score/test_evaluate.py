from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.errors import InvalidInput
from jicheng.rules.expression.intervals import Interval, Truth
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import FAIL, OPEN, PASS, Evaluation, evaluate
from score_builders import PlainEvaluation, facts_of, pack_of

GATES = [
    "revenue >= 2",
    "staff_total > 3 and own_brand",
    "own_brand or not has_rd_institution",
    "tech_field in ['x', 'y']",
    "rd_expense / staff_total >= 0.5",
    "count(own_brand, has_rd_institution, revenue > 4) >= 2",
]
ITEMS = [
    """of: revenue,
      bands: [{ge: 6, points: [4, 6]}, {gt: 2, points: 3}, {otherwise: true, points: 0}]""",
    """of: liabilities - revenue,
      bands: [{le: -2, points: 6}, {lt: 3, points: [1, 2]}, {otherwise: true, points: 5}]""",
    """of: "max(rd_expense, revenue) + revenue[-1]",
      bands: [{ge: 9, points: 5}, {ge: 4, points: 2}]""",
    """cases: [{when: own_brand and revenue > 3, points: [5, 6]},
              {when: "tech_field == 'x'", points: 2}, {otherwise: true, points: 1}]""",
    """cases: [{when: staff_total == 2, points: 6}, {when: has_rd_institution, points: [1, 3]}]""",
    """judged: {high: [5, 6], middle: [2, 4], none: 0}""",
    """formula: "min(5, floor(staff_total / 2))\"""",
    """additive: {each: 2, cap: 5,
                 of: [own_brand, has_rd_institution, revenue >= 3, liabilities < 2]}""",
    """cap: 5,
       parts: [{id: a, max: 4, status: verified, judged: {high: [3, 4], none: 0}},
               {id: b, max: 2, status: verified, cases: [{when: own_brand, points: 2}]}]""",
    """combine: max,
       options: [{id: a, max: 6, status: verified, of: revenue,
                  bands: [{ge: 5, points: 6}, {otherwise: true, points: 1}]},
                 {id: b, max: 4, status: verified, cases: [{when: own_brand, points: 4}]}]""",
    """extension: {filled_by: province, least: 1, most: 2}""",
]
NESTED = """  - id: nested
    status: verified
    any_of:
      - {id: a, status: verified, when: "revenue > 5"}
      - id: b
        status: verified
        all_of: [{id: c, status: verified, when: own_brand},
                 {id: d, status: verified, when: "liabilities <= limit"}]"""
DEFINITION = """definitions:
  - {id: limit, status: verified, of: staff_total,
     bands: [{le: 4, value: 2}, {otherwise: true, value: 6}]}"""
CONDITIONS = ["score > 5", "score >= 9", "group.g >= 3", "indicator.i0 > 0"]
NUMBERS = ("revenue", "revenue[-1]", "staff_total", "rd_expense", "liabilities")
FLAGS = ("own_brand", "has_rd_institution")


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    def conditions(kind: str, texts: list[str]) -> str:
        rows = [f'  - {{id: c{k}, status: verified, when: "{t}"}}' for k, t in enumerate(texts)]
        return "\n".join([f"{kind}:", *rows]) if rows else ""

    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4))
    rows = [
        f"  - {{id: i{k}, {'group: g, ' if k % 2 else ''}max: 6, status: verified, {text}}}"
        for k, text in enumerate(items)
    ]
    return pack_of(
        "\n".join([
            "points: {total: 0, status: verified}",
            "groups: [{id: g, status: verified}]", DEFINITION,
            conditions("gates", draw(st.lists(st.sampled_from(GATES), min_size=1, max_size=2))),
            draw(st.sampled_from(["", NESTED])),
            "indicators:", *rows,
            conditions("pass", draw(st.lists(st.sampled_from(CONDITIONS), max_size=2))),
            conditions("direct_pass", draw(st.lists(st.sampled_from(GATES[:2]), max_size=1))),
        ])
    )  # fmt: skip


@st.composite
def known_firms(draw: st.DrawFn, pack: Pack) -> dict[str, Any]:
    firm: dict[str, Any] = {name: float(draw(st.integers(1, 9))) for name in NUMBERS}
    firm |= {name: draw(st.booleans()) for name in FLAGS}
    firm["tech_field"] = draw(st.sampled_from("xyz"))
    for fact in ("i0", "i1", "i2", "i3"):
        firm[f"judged.t.test.{fact}"] = draw(st.sampled_from(["high", "middle", "none"]))
        firm[f"judged.t.test.{fact}.a"] = draw(st.sampled_from(["high", "none"]))
    return firm


@st.composite
def hidden(draw: st.DrawFn, firm: dict[str, Any]) -> dict[str, Any]:
    """The firm with some facts unknown or known only roughly."""
    told = dict(firm)
    for name, value in firm.items():
        how = draw(st.sampled_from(["known", "known", "unknown", "rough"]))
        if how == "unknown":
            told[name] = None
        elif how == "rough" and isinstance(value, float):
            told[name] = (value - draw(st.integers(0, 3)), value + draw(st.integers(0, 3)))
    return told


def ends(evaluation: Evaluation, place: int = 0) -> tuple[float, float]:
    assert evaluation.score is not None
    return float(evaluation.score.low[place]), float(evaluation.score.high[place])


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_known_facts_give_what_the_plain_evaluation_gives(data: st.DataObject) -> None:
    pack = data.draw(packs())
    firms = data.draw(st.lists(known_firms(pack), min_size=1, max_size=3))
    found = evaluate(pack, facts_of(firms))
    for place, firm in enumerate(firms):
        plain = PlainEvaluation(pack, firm)
        assert ends(found, place) == pytest.approx((plain.low, plain.high))
        assert found.verdicts[place] == sum(plain.verdict)


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_unknown_facts_give_an_interval_that_holds_every_completion(data: st.DataObject) -> None:
    pack = data.draw(packs())
    firm = data.draw(known_firms(pack))
    wide = evaluate(pack, facts_of([data.draw(hidden(firm)), firm]))
    plain = PlainEvaluation(pack, firm)
    low, high = ends(wide)
    assert low <= plain.low + 1e-9
    assert plain.high <= high + 1e-9
    assert wide.verdicts[0] in (OPEN, sum(plain.verdict))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_more_facts_never_widen(data: st.DataObject) -> None:
    pack = data.draw(packs())
    firm = data.draw(known_firms(pack))
    little = data.draw(hidden(firm))
    more = {name: firm[name] if data.draw(st.booleans()) else little[name] for name in firm}
    found = evaluate(pack, facts_of([little, more, firm]))
    (low, high), (inner_low, inner_high) = ends(found, 0), ends(found, 1)
    assert low <= inner_low + 1e-9
    assert inner_high <= high + 1e-9
    assert found.verdicts[0] in (OPEN, found.verdicts[1])


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_order_of_firms_changes_nothing(data: st.DataObject) -> None:
    pack = data.draw(packs())
    firms = [data.draw(hidden(data.draw(known_firms(pack)))) for _ in range(4)]
    order = data.draw(st.permutations(range(4)))
    facts = facts_of(firms)
    found, moved = evaluate(pack, facts), evaluate(pack, facts.rows(order))
    assert found.score is not None
    assert moved.score is not None
    assert moved.score.low.tolist() == found.score.low[order].tolist()
    assert moved.score.high.tolist() == found.score.high[order].tolist()
    assert moved.verdicts.tolist() == found.verdicts[order].tolist()


@given(st.floats(0, 20), st.floats(0, 20), st.sampled_from([0, 2]))
@settings(deadline=None)
def test_better_value_never_lowers_a_rising_item(a: float, b: float, item: int) -> None:
    worse, better = sorted((a, b))
    pack = pack_of(f"indicators: [{{id: i0, max: 6, status: verified, {ITEMS[item]}}}]")
    found = evaluate(pack, facts_of([
        {"revenue": value, "rd_expense": 3.0, "revenue[-1]": 2.0} for value in (worse, better)
    ]))  # fmt: skip
    (low, high), (better_low, better_high) = ends(found, 0), ends(found, 1)
    assert low <= better_low
    assert high <= better_high


@given(st.lists(st.floats(0, 50), min_size=1, max_size=9), st.floats(0, 60), st.floats(0, 60))
@settings(deadline=None)
def test_better_value_never_lowers_points_among_frozen_peers(
    others: list[float], a: float, b: float
) -> None:
    def firm(value: float) -> dict[str, Any]:
        return {"revenue": value, "rd_expense": 1.0, "stage": "s", "tech_field": "x"}

    frozen = evaluate(POINTS, facts_of([firm(value) for value in others])).peers
    found = evaluate(POINTS, facts_of([firm(min(a, b)), firm(max(a, b))]), peers=frozen)
    points = found.points["indicators/a"]
    assert points.low[0] <= points.low[1] + 1e-9
    assert points.high[0] <= points.high[1] + 1e-9


JUDGED = pack_of(
    "indicators: [{id: i, max: 6, status: verified, judged: {high: [5, 6], low: [1, 3]}}]"
)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, (1, 6)),
        ({"judged.t.test.i": "high"}, (5, 6)),
        ({"judged.t.test.i": "unheard of"}, (1, 6)),
        ({"judged.t.test.i": 5.5}, (5.5, 5.5)),
        ({"judged.t.test.i": (2.0, 3.0)}, (2, 3)),
        ({"judged.t.test.i": 9.0}, (6, 6)),
    ],
)  # fmt: skip
def test_judged_item(told: dict[str, Any], expected: tuple[float, float]) -> None:
    assert ends(evaluate(JUDGED, facts_of([{"revenue": 1.0, **told}]))) == expected


def test_judged_number_outside_the_levels_is_flagged() -> None:
    found = evaluate(JUDGED, facts_of([{"judged.t.test.i": 9.0}, {"judged.t.test.i": 2.0}]))
    assert found.flags["indicators/i", "outside_levels"].tolist() == [True, False]


def test_judged_number_of_some_only() -> None:
    found = evaluate(JUDGED, facts_of([{"judged.t.test.i": 4.0}, {"judged.t.test.i": None}]))
    assert [ends(found, k) for k in (0, 1)] == [(4, 4), (1, 6)]
    assert found.flags["indicators/i", "not_judged"].tolist() == [False, True]


RANGES = pack_of("""
indicators:
  - {id: i, max: 6, status: verified, of: revenue,
     bands: [{ge: 6, points: [4, 6]}, {otherwise: true, points: [0, 2]}]}
""")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"revenue": 7.0}, (4, 6)),
        ({"revenue": 7.0, "judged.t.test.i": 5.0}, (5, 5)),
        ({"revenue": 7.0, "judged.t.test.i": (3.0, 5.0)}, (4, 5)),
        ({"revenue": None, "judged.t.test.i": 5.0}, (5, 5)),
        ({"revenue": 7.0, "judged.t.test.i": 1.0}, (4, 4)),
    ],
)
def test_expert_fixes_points_inside_a_range(
    told: dict[str, Any], expected: tuple[float, float]
) -> None:
    other = {"revenue": 1.0, "judged.t.test.i": None}
    found = evaluate(RANGES, facts_of([told, other]))
    assert [ends(found, k) for k in (0, 1)] == [expected, (0, 2)]


def test_points_fixed_outside_their_range_are_flagged() -> None:
    firms = [{"revenue": 7.0, "judged.t.test.i": points} for points in (1.0, 5.0)]
    found = evaluate(RANGES, facts_of(firms))
    assert found.flags["indicators/i", "outside_levels"].tolist() == [True, False]


CHOICE = pack_of("""
indicators:
  - id: rd
    max: 50
    combine: choose_one
    status: verified
    options:
      - {id: sales, max: 50, status: verified, of: rd_expense,
         bands: [{ge: 6, points: 50}, {otherwise: true, points: 20}]}
      - {id: cost, max: 50, status: verified, of: revenue,
         bands: [{ge: 6, points: 40}, {otherwise: true, points: 10}]}
""")


@pytest.mark.parametrize(
    ("chosen", "expected"), [(None, (40, 50)), ("sales", (20, 50)), ("cost", (40, 40))]
)
def test_option_that_the_applicant_picks(chosen: str | None, expected: tuple[float, float]) -> None:
    firm = {"revenue": 7.0, "chosen.t.test.rd": chosen}
    assert ends(evaluate(CHOICE, facts_of([firm]))) == expected


def test_undecided_option_is_flagged() -> None:
    found = evaluate(CHOICE, facts_of([{"chosen.t.test.rd": "cost"}, {"chosen.t.test.rd": None}]))
    assert found.flags["indicators/rd", "not_chosen"].tolist() == [False, True]


def test_unfilled_extension_is_anything_up_to_its_maximum() -> None:
    pack = pack_of("indicators: [{id: i, max: 15, status: verified, " + ITEMS[-1] + "}]")
    found = evaluate(pack, facts_of([{"revenue": 1.0}]))
    assert ends(found) == (0, 15)
    assert found.flags["indicators/i", "missing_rule"].all()


def test_bonus_comes_on_top_of_the_total() -> None:
    pack = pack_of("""
points: {total: 10, status: verified}
indicators:
  - {id: i, max: 10, status: verified, formula: revenue}
  - {id: j, max: 30, bonus: true, status: verified, formula: staff_total}
""")
    assert ends(evaluate(pack, facts_of([{"revenue": 12.0, "staff_total": 7.0}]))) == (17, 17)


VERDICT = """
gates: [{id: g, status: verified, when: "revenue >= 5"}]
indicators: [{id: i, max: 10, status: verified, formula: staff_total}]
pass: [{id: p, status: verified, when: "score >= 6"}]
direct_pass: [{id: d, status: verified, when: own_brand}]
"""


@pytest.mark.parametrize(
    ("firm", "verdict"),
    [
        ({"revenue": 5.0, "staff_total": 6.0, "own_brand": False}, PASS),
        ({"revenue": 5.0, "staff_total": 5.0, "own_brand": False}, FAIL),
        ({"revenue": 5.0, "staff_total": 5.0, "own_brand": True}, PASS),
        ({"revenue": 4.0, "staff_total": 9.0, "own_brand": True}, FAIL),
        ({"revenue": None, "staff_total": 9.0, "own_brand": True}, OPEN),
        ({"revenue": 5.0, "staff_total": None, "own_brand": False}, OPEN),
        ({"revenue": 5.0, "staff_total": None, "own_brand": True}, PASS),
        ({"revenue": 5.0, "staff_total": 5.0, "own_brand": None}, OPEN),
        ({"revenue": 4.0, "staff_total": None, "own_brand": None}, FAIL),
    ],
)
def test_verdict_is_gates_and_points_or_direct_pass(firm: dict[str, Any], verdict: int) -> None:
    other = {"revenue": 1.0, "staff_total": 1.0, "own_brand": False}
    assert evaluate(pack_of(VERDICT), facts_of([firm, other])).verdicts[0] == verdict


def test_direct_pass_is_needed_where_nothing_else_passes() -> None:
    pack = pack_of("direct_pass: [{id: d, status: verified, when: own_brand}]")
    firms = [{"own_brand": True}, {"own_brand": False}, {"own_brand": None}]
    assert evaluate(pack, facts_of(firms)).verdicts.tolist() == [PASS, FAIL, OPEN]


def test_direct_pass_may_stand_in_a_pass_condition() -> None:
    pack = pack_of(VERDICT.replace("score >= 6", "score >= 6 or direct_pass"))
    firm = {"revenue": 5.0, "staff_total": 1.0, "own_brand": True}
    assert evaluate(pack, facts_of([firm])).verdicts.tolist() == [PASS]


def test_gate_without_text_leaves_the_verdict_open() -> None:
    pack = pack_of("""
gates:
  - {id: g, status: missing}
  - id: any
    status: verified
    any_of: [{id: a, when: own_brand, status: verified}, {id: b, status: missing}]
""")
    found = evaluate(pack, facts_of([{"own_brand": True}, {"own_brand": False}]))
    assert found.verdicts.tolist() == [OPEN, OPEN]
    assert found.truths["gates/any"].certainly.tolist() == [True, False]
    assert found.flags["gates/g", "missing_rule"].all()


def test_definition_by_bands_stands_for_its_value() -> None:
    pack = pack_of("""
definitions:
  - {id: needed, of: revenue, bands: [{le: 5, value: 0.5}, {otherwise: true, value: 0.1}],
     status: verified}
gates: [{id: g, status: verified, when: "rd_expense / staff_total >= needed"}]
""")
    firms = [
        {"revenue": revenue, "rd_expense": 3.0, "staff_total": 10.0} for revenue in (5.0, 6.0, None)
    ]
    assert evaluate(pack, facts_of(firms)).verdicts.tolist() == [FAIL, PASS, OPEN]


def test_element_may_be_fixed_to_ask_what_it_could_change() -> None:
    pack = pack_of(VERDICT)
    facts = facts_of([{"revenue": 4.0, "staff_total": 1.0, "own_brand": False}])
    fixed = {
        "gates/g": Truth.known(np.array([True])),
        "indicators/i": Interval.known(np.array([9.0])),
    }
    assert evaluate(pack, facts, fixed=fixed).verdicts.tolist() == [PASS]


PEERS = """
kind: points
indicators:
  - {id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}
  - {id: b, max: 40, status: verified,
     percentile: {of: "rd_expense / revenue", transform: identity}}
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
weights: {status: verified, by_stage: {s: {a: 60, b: 40}, t: {a: 10, b: 90}}}
"""
POINTS = pack_of(PEERS.replace("kind: points\n", ""))


@st.composite
def peers(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "revenue": draw(st.one_of(st.none(), st.integers(1, 50).map(float))),
        "rd_expense": draw(st.one_of(st.none(), st.integers(0, 9).map(float))),
        "stage": draw(st.sampled_from(["s", "t", None])),
        "tech_field": draw(st.sampled_from(["x", "y", None])),
    }


@given(st.lists(peers(), min_size=1, max_size=12), st.data())
@settings(deadline=None)
def test_frozen_quantiles_more_facts_never_widen(
    firms: list[dict[str, Any]], data: st.DataObject
) -> None:
    frozen = evaluate(POINTS, facts_of(firms)).peers
    assert frozen is not None
    little = data.draw(peers())
    full = {"revenue": 7.0, "rd_expense": 2.0, "stage": "t", "tech_field": "y"}
    more = {name: full[name] if value is None else value for name, value in little.items()}
    half = {name: more[name] if data.draw(st.booleans()) else little[name] for name in more}
    found = evaluate(POINTS, facts_of([little, half, more, full]), peers=frozen)
    intervals = [ends(found, k) for k in range(3)]
    for (low, high), (inner_low, inner_high) in itertools.pairwise(intervals):
        assert low <= inner_low + 1e-9
        assert inner_high <= high + 1e-9


@given(st.lists(peers(), min_size=2, max_size=12), st.randoms())
@settings(deadline=None)
def test_order_of_firms_changes_no_quantile(firms: list[dict[str, Any]], random: Any) -> None:
    order = list(range(len(firms)))
    random.shuffle(order)
    facts = facts_of(firms)
    found, moved = evaluate(POINTS, facts), evaluate(POINTS, facts.rows(order))
    assert [ends(moved, k) for k in range(len(order))] == [ends(found, k) for k in order]


def test_missing_value_runs_from_nothing_to_the_weight() -> None:
    firms = [
        {"revenue": float(k), "rd_expense": 1.0, "stage": "s", "tech_field": "x"}
        for k in range(1, 9)
    ]
    firms.append({"revenue": None, "rd_expense": 1.0, "stage": "s", "tech_field": "x"})
    found = evaluate(POINTS, facts_of(firms))
    points = found.points["indicators/a"]
    assert (points.low[8], points.high[8]) == (0, 60)
    assert found.flags["indicators/a", "missing"].tolist() == [False] * 8 + [True]


def test_known_values_have_points_and_no_interval() -> None:
    firms = [
        {"revenue": float(k), "rd_expense": 1.0, "stage": "s", "tech_field": "x"}
        for k in range(1, 9)
    ]
    found = evaluate(POINTS, facts_of(firms))
    assert found.score is not None
    assert found.score.low.tolist() == found.score.high.tolist()


def test_stage_unknown_points_stay_within_the_total() -> None:
    firms = [
        {"revenue": float(k), "rd_expense": float(k * k), "stage": s, "tech_field": "x"}
        for k in range(1, 9)
        for s in "st"
    ]
    firms.append({"revenue": 8.0, "rd_expense": 64.0, "stage": None, "tech_field": "x"})
    pack = pack_of("points: {total: 100, status: verified}\n" + PEERS.replace("kind: points\n", ""))
    low, high = ends(evaluate(pack, facts_of(firms)), 16)
    assert low <= high == 100


def test_weights_of_all_stages_count_where_nobody_has_a_stage() -> None:
    firms = [
        {"revenue": float(k), "rd_expense": None, "stage": None, "tech_field": "x"}
        for k in range(1, 30)
    ]
    points = evaluate(POINTS, facts_of(firms)).points["indicators/a"]
    assert (points.low[28], points.high[28]) == (10, 60)


def test_frozen_quantiles_of_another_pack_are_refused() -> None:
    other = PEERS.replace("kind: points\n", "").replace("id: a", "id: c").replace("a:", "c:")
    frozen = evaluate(pack_of(other), facts_of([{"revenue": 1.0}])).peers
    with pytest.raises(InvalidInput) as caught:
        evaluate(POINTS, facts_of([{"revenue": 1.0}]), peers=frozen)
    assert caught.value.code == "E960"


def test_nobody() -> None:
    facts = facts_of([{"revenue": 1.0}]).rows([])
    assert evaluate(POINTS, facts).verdicts.tolist() == []
    assert evaluate(pack_of(VERDICT), facts).verdicts.tolist() == []
