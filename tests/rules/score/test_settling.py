from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.rules.expression.nodes import Name
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import FAIL, OPEN, PASS, evaluate
from jicheng.rules.score.settling import Settles, Settling, settling
from score_builders import facts_of, pack_of

RULES = """
gates: [{id: g, status: verified, when: "rd_expense / revenue >= 0.05"}]
indicators:
  - {id: a, max: 10, status: verified, of: ip_class1,
     bands: [{ge: 2, points: 10}, {otherwise: true, points: 0}]}
  - {id: b, max: 6, status: verified, judged: {high: [5, 6], low: [0, 2]}}
  - {id: c, max: 4, status: verified, cases: [{when: own_brand, points: 4}]}
pass: [{id: p, status: verified, when: "score >= 12"}]
direct_pass: [{id: d, status: verified, when: "rd_institution_level == 'national'"}]
"""
FULL: dict[str, Any] = {
    "revenue": 2.0e7,
    "rd_expense": 2.0e6,
    "ip_class1": 3.0,
    "own_brand": False,
    "judged.t.test.b": "high",
    "rd_institution_level": "none",
}


def asked(rules: str = RULES, **changes: Any) -> list[Settling]:
    pack, firm = pack_of(rules), {**FULL, **changes}
    return list(settling(evaluate(pack, facts_of([FULL, firm])), 1))


def verdicts(found: Settling) -> list[tuple[float, int]]:
    return [(outcome.low, outcome.verdict) for outcome in found.outcomes]


def test_nothing_is_missing() -> None:
    assert asked() == []


def test_only_missing_fact_settles_whatever_it_is() -> None:
    (found,) = asked(rd_expense=None)
    assert found.name == Name("rd_expense")
    assert found.settles is Settles.ALWAYS
    assert [o.verdict for o in found.outcomes] == [FAIL, PASS]


def test_bound_that_other_facts_set_is_met() -> None:
    (found,) = asked(rd_expense=None, revenue=31_234_567.0)
    assert found.outcomes[1].low == pytest.approx(0.05 * 31_234_567.0, rel=1e-3)


def test_round_bound_is_met_exactly() -> None:
    (found,) = asked(rd_expense=None)
    assert found.outcomes[1].low == 1.0e6


def test_denominator_is_met_from_the_other_side() -> None:
    (found,) = asked(revenue=None)
    assert [o.verdict for o in found.outcomes][-2:] == [PASS, FAIL]
    assert found.outcomes[-2].high == 4.0e7


def test_bounds_are_told_on_the_side_where_they_are_round() -> None:
    (expense,), (revenue,) = asked(rd_expense=None), asked(revenue=None)
    assert [text.en for text, _ in expense.texts] == ["< 1 million CNY", "≥ 1 million CNY"]
    assert revenue.texts[-1][0].zh == "> 4,000 万元"


def test_whole_numbers_are_told_from_the_first_that_counts() -> None:
    (found,) = asked(**{"ip_class1": None})
    assert [text.en for text, _ in found.texts] == ["< 2", "≥ 2"]


def test_denominator_of_nothing_leaves_the_verdict_open() -> None:
    (found,) = asked(revenue=None)
    assert verdicts(found)[0] == (0.0, OPEN)
    assert found.settles is Settles.SOMETIMES


def test_facts_that_settle_go_before_those_that_do_not() -> None:
    found = asked(**{"ip_class1": None, "judged.t.test.b": None, "own_brand": True})
    assert [(str(f.name), f.settles) for f in found] == [
        ("ip_class1", Settles.ALWAYS),
        ("judged.t.test.b", Settles.NEVER),
    ]
    assert verdicts(found[0])[0] == (0.0, FAIL)
    assert verdicts(found[0])[-1][1] == PASS


def test_fact_that_settles_for_some_values_only() -> None:
    rules = RULES.replace("score >= 12", "score >= 14")
    found = asked(rules, **{"ip_class1": None, "judged.t.test.b": None, "own_brand": None})
    assert [(str(f.name), f.settles) for f in found] == [
        ("ip_class1", Settles.SOMETIMES),
        ("judged.t.test.b", Settles.NEVER),
        ("own_brand", Settles.NEVER),
    ]


def test_widths_order_facts_that_settle_nothing() -> None:
    rules = RULES.replace("score >= 12", "score >= 19")
    found = asked(rules, **{"judged.t.test.b": None, "own_brand": None, "rd_expense": None})
    widths = [f.narrows_least for f in found if f.settles is Settles.NEVER]
    assert widths == sorted(widths, reverse=True)


def test_level_not_judged_narrows_by_what_a_number_leaves() -> None:
    found = asked(**{"judged.t.test.b": None})
    assert (found[0].narrows_least, found[0].narrows_most) == (6.0, 6.0)


def test_levels_without_ranges_are_asked_for() -> None:
    rules = RULES.replace("{high: [5, 6], low: [0, 2]}", "{high: 6, low: 0}")
    (found,) = asked(rules, **{"judged.t.test.b": None})
    assert (str(found.name), found.narrows_least) == ("judged.t.test.b", 6.0)


def test_choice_tells_the_values_that_pass() -> None:
    found = asked(rd_institution_level=None, ip_class1=1.0)
    (institution,) = found
    by_verdict = {outcome.verdict: set(outcome.words) for outcome in institution.outcomes}
    assert by_verdict[PASS] == {"national"}
    assert "none" in by_verdict[FAIL]
    assert institution.settles is Settles.ALWAYS


def test_option_not_chosen_is_asked_for() -> None:
    item = """
  - id: o
    max: 8
    combine: choose_one
    status: verified
    options:
      - {id: x, max: 8, status: verified, formula: ip_class1}
      - {id: y, max: 8, status: verified, formula: ip_class2}
pass:"""
    rules = RULES.replace("\npass:", item)
    open_choice = asked(rules, ip_class2=None)
    assert [str(found.name) for found in open_choice] == ["ip_class2", "chosen.t.test.o"]
    assert asked(rules, ip_class2=None, **{"chosen.t.test.o": "x"}) == []


def test_year_of_foundation_is_tried_by_years() -> None:
    rules = RULES.replace("rd_expense / revenue >= 0.05", "founded_year <= 2020")
    (found,) = asked(rules, founded_year=None)
    assert [(text.en, verdict) for text, verdict in found.texts] == [
        ("≤ 2020", PASS),
        ("> 2020", FAIL),
    ]


@pytest.mark.parametrize("growth", ["mean_growth(revenue) > 0", "sum(revenue, 3) > 3.0e6"])
def test_year_before_the_foundation_is_not_asked_for(growth: str) -> None:
    pack = pack_of(f"""
gates: [{{id: g, name: g, status: verified, when: "{growth}"}}]
""")
    year = facts_of([{}]).year
    names = []
    for founded in (2001.0, year - 1.0):
        firm = facts_of([{"revenue": 2.0e6, "founded_year": founded}])
        names.append({each.name for each in settling(evaluate(pack, firm), 0)})
    assert Name("revenue", -2) in names[0]
    assert names[1] == {Name("revenue", -1)}


def test_year_of_foundation_is_asked_for_where_an_earlier_figure_contradicts_it() -> None:
    rules = "gates: [{id: g, status: verified, when: 'sum(rd_expense, 2) >= 5'}]"
    firm = {"rd_expense": 1.0, "rd_expense[-1]": 4.0, "founded_year": 2025.0}
    pack = pack_of(rules)
    (found,) = settling(evaluate(pack, facts_of([firm])), 0)
    assert found.name == Name("founded_year")
    assert [(o.high, o.verdict) for o in found.outcomes] == [(2024.0, PASS), (2025.0, OPEN)]


def test_number_that_may_be_negative_is_tried_below_zero() -> None:
    rules = RULES.replace("rd_expense / revenue >= 0.05", "net_profit >= -2000")
    (found,) = asked(rules, net_profit=None)
    assert found.outcomes[1].low == -2000.0


def test_stage_that_is_unknown_is_tried_with_the_stages_of_weights() -> None:
    pack = pack_of("""
indicators: [{id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}]
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
weights: {status: verified, by_stage: {startup: {a: 60}, growth: {a: 20}, stable: {a: 40}}}
""")
    firms = [
        {"revenue": 1e6 * k, "stage": stage, "tech_field": "x"}
        for k in range(1, 30)
        for stage in ("startup", "growth", "stable")
    ]
    firms.append({"revenue": 1e9, "stage": None, "tech_field": "x"})
    (found,) = settling(evaluate(pack, facts_of(firms)), len(firms) - 1)
    assert (str(found.name), found.narrows_least) == ("stage", 40.0)


def test_gate_without_text_is_named() -> None:
    rules = RULES.replace("gates: [", "gates: [{id: lost, status: missing}, ")
    (found,) = asked(rules)
    assert (found.name, found.path, found.settles) == (None, "gates/lost", Settles.ALWAYS)
    assert [o.verdict for o in found.outcomes] == [FAIL, PASS]


def test_unfilled_extension_is_named_with_its_points() -> None:
    slot = "  - {id: e, max: 3, status: verified, extension: {filled_by: city, least: 1, most: 2}}"
    (found,) = asked(RULES.replace("\npass:", f"\n{slot}\npass:"))
    assert (found.path, found.narrows_least) == ("indicators/e", 3.0)


def test_facts_that_count_only_together_come_last() -> None:
    found = asked(rd_expense=None, revenue=None)
    assert [f.settles for f in found] == [Settles.NEVER, Settles.NEVER]
    assert {str(f.name) for f in found} == {"rd_expense", "revenue"}


def test_missing_fact_of_no_consequence_is_left_out() -> None:
    assert asked(rd_expense=0.0, rd_institution_level=None) == []


def test_percentile_points_missing_value_narrows_by_its_weight() -> None:
    pack = pack_of("""
indicators:
  - {id: a, max: 60, status: verified, percentile: {of: revenue, transform: log1p}}
  - {id: b, max: 40, status: verified, percentile: {of: rd_expense, transform: log1p}}
peers: {stage: stage, field: tech_field, small_group: 3, quantiles: [0.05, 0.95], status: ours}
""")
    firms = [
        {"revenue": 1e6 * k, "rd_expense": 1e4 * k, "stage": "growth", "tech_field": "x"}
        for k in range(1, 30)
    ]
    firms.append({**firms[0], "revenue": None})
    (found,) = settling(evaluate(pack, facts_of(firms)), len(firms) - 1)
    assert (str(found.name), found.narrows_least) == ("revenue", 60.0)


PACKS = [
    RULES,
    RULES.replace(">= 0.05", "> 0.3 or rd_expense >= 7"),
    RULES.replace("of: ip_class1", "of: revenue - rd_expense"),
    RULES.replace("gates: [", "gates: [{id: h, status: verified, when: revenue < 6}, "),
]


@given(
    st.sampled_from(PACKS),
    st.fixed_dictionaries({
        "revenue": st.one_of(st.none(), st.integers(1, 9).map(float)),
        "rd_expense": st.one_of(st.none(), st.integers(0, 9).map(float)),
        "ip_class1": st.one_of(st.none(), st.integers(0, 4).map(float)),
        "own_brand": st.sampled_from([None, True, False]),
        "judged.t.test.b": st.sampled_from([None, "high", "low"]),
    }),
    st.integers(0, 9),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_value_does_what_was_not_foretold(rules: str, firm: dict[str, Any], value: int) -> None:
    pack: Pack = pack_of(rules)
    whole = {**FULL, **firm}
    now = evaluate(pack, facts_of([whole, FULL]))
    assert now.score is not None
    before = now.score.high[0] - now.score.low[0]
    for found in settling(now, 0):
        if found.name is None or found.name.id not in ("revenue", "rd_expense", "ip_class1"):
            continue
        tried = evaluate(pack, facts_of([{**whole, found.name.id: float(value)}, FULL]))
        assert tried.score is not None
        verdict = int(tried.verdicts[0])
        assert verdict in {outcome.verdict for outcome in found.outcomes}
        assert found.settles is not Settles.ALWAYS or verdict != OPEN
        narrowed = before - (tried.score.high[0] - tried.score.low[0])
        assert found.narrows_least - 1e-9 <= narrowed <= found.narrows_most + 1e-9
