"""How many pass as a number moves, against putting the changed pack to everybody."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.errors import InvalidInput
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import OPEN, PASS, evaluate
from jicheng.select.laboratory.changes import Change, changed
from jicheng.select.laboratory.sweep import sweep, threshold_curve
from policy_builders import banded, between, condition, facts, gate, pack

RULES = pack(
    gates=[gate("sales", "revenue >= 100"), gate("debt", "staff_total < 40")],
    indicators=[
        banded("a", "revenue", (150, 60), (50, 30), most=60),
        banded("b", "rd_expense", (10, 40), (5, 20), most=40),
    ],
    conditions=[condition("conditions", "total", "score > 50")],
    direct=[condition("direct", "old", "60 <= staff_total")],
)


def some(seed, n=30):
    rng = np.random.default_rng(seed)
    low = rng.integers(5, 20, n) * 10.0
    return facts(
        n,
        revenue=between(low, low + rng.choice([0, 0, 20, np.inf], n)),
        staff_total=between(s := rng.integers(0, 8, n) * 10.0, s + rng.choice([0, 0, 10], n)),
        rd_expense=np.where(rng.random(n) < 0.2, np.nan, rng.integers(0, 13, n)),
        groups={"size": rng.choice(["small", "large"], n)},
    )


def counts(rules, table):
    verdicts = evaluate(rules, table).verdicts
    return int((verdicts == PASS).sum()), int((verdicts >= OPEN).sum())


CASES = [
    ("gates/sales", [50, 100, 105, 120, 300]),
    ("gates/debt", [0, 10, 20, 40, 41, 100]),
    ("conditions/total", [0, 20, 30, 50, 60, 70, 100]),
    ("direct/old", [0, 20, 60, 70]),
]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("path", "values"), CASES, ids=[path for path, _ in CASES])
def test_curve_counts_what_the_changed_pack_counts(seed, path, values):
    table = some(seed)
    curve = threshold_curve(evaluate(RULES, table), path)
    for value in values:
        made = changed(RULES, [Change(path=path, bound=value)])
        low, high = counts(made, table)
        found = curve.passes(float(value))
        assert found[0] == low
        assert found[1] == high


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("path", "values"),
    [*CASES, ("indicators/a/bands/0", [40, 120, 160]), ("indicators/b/bands/1", [1, 7])],
)
def test_sweep_counts_what_the_changed_pack_counts(seed, path, values):
    table = some(seed)
    told = sweep(RULES, Change(path=path), values, table)
    for row in told.iter_rows(named=True):
        made = changed(RULES, [Change(path=path, bound=row["value"])])
        assert (row["pass_low"], row["pass_high"]) == counts(made, table)


def test_sweep_by_group_sums_to_all():
    told = sweep(RULES, Change(path="gates/sales"), [80, 120], some(1), grouping="size")
    for value in (80.0, 120.0):
        rows = told.filter(value=value)
        whole = rows.filter(group="").row(0, named=True)
        parts = rows.filter(rows["group"] != "")
        for column in ("n", "pass_low", "pass_high"):
            assert whole[column] == parts[column].sum()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("possible", [False, True])
@pytest.mark.parametrize(("path", "values"), CASES, ids=[path for path, _ in CASES])
def test_break_even_keeps_the_quota_and_nothing_looser_among_the_figures_does(
    seed, path, values, possible
):
    table = some(seed)
    curve = threshold_curve(evaluate(RULES, table), path)
    for most in (0, 1, 3, 8, 30):
        found = curve.break_even(most, possible=possible)
        assert found.passes == curve.passes(found.value)[int(possible)]
        if np.isinf(found.value) or found.value == curve.current:
            continue
        assert found.passes <= most
        figures = curve.steps()["value"].to_numpy()
        low, high = sorted((found.value, curve.current))
        for looser in figures[(figures > low) & (figures < high)]:
            assert curve.passes(float(looser))[int(possible)] > most


def test_number_in_force_stays_if_it_lets_few_enough_pass():
    curve = threshold_curve(evaluate(RULES, some(1)), "gates/sales")
    assert curve.break_even(30).value == 100.0


def test_bound_itself_is_told_with_the_tolerance_of_the_language():
    table = facts(2, revenue=[0.15 - 1e-12, 0.1], staff_total=[0, 0])
    rules = pack(gates=[gate("x", "revenue >= 0.15")])
    curve = threshold_curve(evaluate(rules, table), "gates/x")
    assert curve.passes(0.15) == (1, 1)
    strict = pack(gates=[gate("x", "revenue > 0.15")])
    assert threshold_curve(evaluate(strict, table), "gates/x").passes(0.15) == (0, 0)


@pytest.mark.parametrize("path", ["gates/tech_staff", "gates/ht_income", "conditions/total"])
def test_curve_of_a_shipped_pack_agrees_with_the_pack_in_force(path):
    rules = pack_of("cn.hte@2016")
    rng = np.random.default_rng(2)
    table = facts(
        200,
        staff_total=rng.integers(5, 100, 200),
        tech_staff=rng.integers(0, 30, 200),
        total_income=[100.0] * 200,
        ht_product_income=rng.integers(30, 100, 200),
    )
    evaluation = evaluate(rules, table)
    curve = threshold_curve(evaluation, path)
    assert curve.passes(curve.current) == counts(rules, table)


@pytest.mark.parametrize(
    ("path", "code"), [("gates/none", "E975"), ("gates/title", "E976"), ("indicators/a", "E975")]
)
def test_place_without_a_number_to_move_is_refused(path, code):
    rules = pack(gates=[gate("title", "hte_valid")], indicators=RULES.indicators)
    evaluation = evaluate(rules, some(1))
    with pytest.raises(InvalidInput) as raised:
        threshold_curve(evaluation, path)
    assert raised.value.code == code


def test_unknown_grouping_is_refused():
    with pytest.raises(InvalidInput, match="E979"):
        sweep(RULES, Change(path="gates/sales"), [1], some(1), grouping="colour")
