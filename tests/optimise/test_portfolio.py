from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.conform import POLARS_TYPES
from jicheng.errors import InvalidInput
from jicheng.optimise.portfolio import PortfolioResult, PortfolioSettings, choose_portfolio
from jicheng.schema import plan_tables
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone, plan_frame

QUICK = PortfolioSettings(n_draws=200)
PAIR = [{"challenge": "c:a"}, {"challenge": "c:b"}]


def choose(
    zone: Zone | None = None,
    rows: Sequence[Mapping[str, Any]] = PAIR,
    settings: PortfolioSettings = QUICK,
    **options: Any,
) -> PortfolioResult:
    return choose_portfolio(
        zone or pair_zone(), **consortia_tables(rows), settings=settings, **options
    )


def row_of(result: PortfolioResult, challenge: str) -> dict[str, Any]:
    return result.portfolio.row(by_predicate=pl.col("challenge") == challenge, named=True)


def mixed(result: PortfolioResult) -> dict[str, Any]:
    return result.value.row(by_predicate=pl.col("variant") == "mixed", named=True)


def codes(result: PortfolioResult) -> set[str]:
    return {warning.code for warning in result.warnings}


def purse(amount: float, **rules: Any) -> dict[str, Any]:
    return {"id": "purse:1", "name": "财政", "kind": "public", "amount": amount, **rules}


@pytest.mark.parametrize("name", ["portfolio", "funding", "front", "value", "sensitivity"])
@pytest.mark.parametrize("with_purse", [True, False])
def test_tables_are_as_the_schema_says(name: str, with_purse: bool) -> None:
    table = plan_tables()[name]
    found = getattr(choose(pair_zone(purses=[purse(200.0)] if with_purse else [])), name)
    assert found.columns == list(table.names)
    assert found.dtypes == [POLARS_TYPES[a.kind] for a in table.attributes]
    assert found.select(table.key).is_unique().all()
    for attribute in table.attributes:
        values = found[attribute.name].drop_nulls()
        if attribute.low is not None and len(values):
            assert values.min() >= attribute.low
        if attribute.high is not None and len(values):
            assert values.max() <= attribute.high


def test_a_purse_for_both_funds_the_pair() -> None:
    result = choose()
    assert result.portfolio["is_funded"].to_list() == [True, True]
    assert result.funding.rows() == [("c:a", "purse:1", 100.0), ("c:b", "purse:1", 100.0)]
    assert result.status == "optimal"
    assert result.gap == 0.0
    assert mixed(result)["method"] == "enumeration"
    assert mixed(result)["bound"] == mixed(result)["value"] == result.bound


def test_shapley_values_sum_to_the_value_of_the_plan() -> None:
    result = choose()
    assert result.portfolio["shapley"].sum() == pytest.approx(mixed(result)["value"], abs=1e-12)
    assert result.portfolio["shapley_se"].to_list() == [0.0, 0.0]


def test_the_margin_of_a_funded_challenge_is_what_is_lost_without_it() -> None:
    result = choose()
    both = mixed(result)["value"]
    for challenge, other in (("c:a", "c:b"), ("c:b", "c:a")):
        alone = row_of(result, other)["value_alone"]
        assert row_of(result, challenge)["marginal"] == pytest.approx(both - alone, abs=1e-12)


def test_a_purse_for_one_funds_one_and_says_why_not_the_other() -> None:
    rows = [{"challenge": "c:a"}, {"challenge": "c:b", "relief": 0.3}]
    result = choose(pair_zone(purses=[purse(100.0)]), rows)
    assert row_of(result, "c:a")["is_funded"]
    other = row_of(result, "c:b")
    assert not other["is_funded"]
    assert other["shapley"] is None
    assert other["marginal"] > 0
    assert "资金不足" in other["reason"]
    assert "No money left" in other["reason"]


def test_a_worthless_challenge_is_not_funded_even_if_money_is_left() -> None:
    result = choose(rows=[{"challenge": "c:a"}, {"challenge": "c:b", "relief": 0.0}])
    assert not row_of(result, "c:b")["is_funded"]
    assert "adds no value" in row_of(result, "c:b")["reason"]


def test_cost_is_the_middle_of_low_and_high() -> None:
    result = choose(rows=[{"challenge": "c:a", "cost_low": 50.0, "cost_high": 90.0}])
    assert result.portfolio["cost"].to_list() == [70.0]
    assert result.funding["amount"].to_list() == [70.0]


def test_a_challenge_without_data_is_no_candidate_and_says_what_it_lacks() -> None:
    result = choose(rows=[{"challenge": "c:a"}, {"challenge": "c:b", "relief": None}])
    row = row_of(result, "c:b")
    assert not row["is_candidate"]
    assert not row["is_funded"]
    assert row["value_alone"] is None
    assert row["success"] is not None
    assert "纾解比例未知" in row["reason"]


def test_mandatory_and_excluded_challenges_are_obeyed_with_their_reason() -> None:
    rows = [
        {"challenge": "c:a", "decision": "excluded", "reason": "另有来源"},
        {"challenge": "c:b", "decision": "mandatory", "reason": "应急", "relief": 0.1},
    ]
    result = choose(pair_zone(purses=[purse(100.0)]), rows)
    assert row_of(result, "c:b")["is_funded"]
    assert "应急" in row_of(result, "c:b")["reason"]
    excluded = row_of(result, "c:a")
    assert not excluded["is_funded"]
    assert excluded["is_candidate"]
    assert "另有来源" in excluded["reason"]
    assert excluded["value_alone"] > 0
    assert excluded["decision"] == "excluded"


def test_mandatory_challenges_beyond_the_purses_leave_no_portfolio() -> None:
    decisions = {"c:a": "mandatory", "c:b": "mandatory"}
    settings = PortfolioSettings(n_draws=50, decisions=decisions)
    result = choose(pair_zone(purses=[purse(150.0)]), settings=settings)
    assert result.status == "infeasible"
    assert "E406" in codes(result)
    assert not result.portfolio["is_funded"].any()
    assert result.funding.is_empty()
    assert math.isnan(result.bound)


def test_a_mandatory_challenge_of_unknown_value_is_paid_and_not_counted() -> None:
    settings = PortfolioSettings(n_draws=50, decisions={"c:b": "mandatory"})
    rows = [{"challenge": "c:a"}, {"challenge": "c:b", "relief": None}]
    result = choose(pair_zone(purses=[purse(150.0)]), rows, settings)
    assert row_of(result, "c:b")["is_funded"]
    assert not row_of(result, "c:a")["is_funded"]
    assert mixed(result)["value"] == 0.0
    assert "E408" in codes(result)
    assert result.funding.rows() == [("c:b", "purse:1", 100.0)]
    assert result.front["n_funded"].min() >= 1


def test_a_mandatory_challenge_without_cost_is_told() -> None:
    settings = PortfolioSettings(n_draws=50, decisions={"c:b": "mandatory"})
    rows = [{"challenge": "c:a"}, {"challenge": "c:b", "cost_low": None, "cost_high": None}]
    result = choose(rows=rows, settings=settings)
    assert "E407" in codes(result)
    assert not row_of(result, "c:b")["is_funded"]


def test_purses_bound_to_other_chains_cannot_pay() -> None:
    result = choose(pair_zone(purses=[purse(500.0, chains="drug")]))
    assert not result.portfolio["is_funded"].any()
    assert "rules do not allow" in row_of(result, "c:a")["reason"]
    assert result.status == "optimal"


def test_purses_that_a_challenge_allows_pay_for_it() -> None:
    zone = pair_zone(purses=[purse(500.0), {**purse(500.0), "id": "purse:2"}])
    paid = choose(zone, [{"challenge": "c:a", "purses": "purse:2"}]).funding
    assert paid["purse"].to_list() == ["purse:2"]


def test_without_purses_nothing_is_chosen_but_values_are_told() -> None:
    result = choose(pair_zone(purses=[]))
    assert result.status == "not_run"
    assert "E401" in codes(result)
    assert result.portfolio["value_alone"].null_count() == 0
    assert not result.portfolio["is_funded"].any()
    assert mixed(result)["loss_before"] > 0
    assert mixed(result)["value"] is None
    assert result.front.is_empty()


def test_without_shares_no_value_is_told() -> None:
    result = choose(pair_zone(supply=[]))
    assert result.status == "not_run"
    assert {"E404", "E405"} <= codes(result)
    assert result.portfolio["value_alone"].null_count() == 2
    assert result.portfolio["success"].null_count() == 0
    assert result.value.is_empty()


def test_an_empty_zone_is_told_to_lack_everything() -> None:
    empty = {
        name: plan_frame(name, []) for name in ("challenges", "consortia", "members", "assignment")
    }
    result = choose_portfolio(make_zone(), **empty)
    assert {"E401", "E404", "E405"} <= codes(result)
    assert result.portfolio.is_empty()


def test_what_the_value_assumes_is_told() -> None:
    technologies = [
        {"id": "tech:a", "name": "甲", "years_low": 1.0, "years_high": 2.0, "chain": "chip"},
        {"id": "tech:b", "name": "乙", "chain": "chip"},
        {"id": "tech:f", "name": "产品", "chain": "chip"},
    ]
    links = [{"source": f"tech:{k}", "target": "tech:f", "relation": "input"} for k in "ab"]
    supply = [{"technology": "tech:a", "supplier": "USA", "country": "USA", "share": 1.0}]
    zone = pair_zone(technologies=technologies, links=links, supply=supply)
    result = choose(zone, [{"challenge": "c:a"}])
    assert {"E410", "E411", "E412"} <= codes(result)


def test_front_holds_the_plan_and_never_falls() -> None:
    result = choose()
    front = result.front
    assert front["budget"].to_list() == pytest.approx([100.0 + 20 * i for i in range(11)])
    assert front["is_plan"].to_list() == [i == 5 for i in range(11)]
    assert (front["cost"] <= front["budget"] + 1e-6).all()
    assert front["value"].diff().drop_nulls().min() >= 0
    plan = front.row(5, named=True)
    assert plan["value"] == mixed(result)["value"]
    assert plan["challenges"] == "c:a;c:b"


def test_a_larger_budget_is_asked_by_scale() -> None:
    zone = pair_zone(purses=[purse(100.0)])
    assert choose(zone).portfolio["is_funded"].sum() == 1
    assert choose(zone, budget_scale=2.0).portfolio["is_funded"].sum() == 2


def test_variants_are_side_by_side_with_their_losses() -> None:
    value = choose().value
    assert value["variant"].to_list() == ["linear", "mixed", "leontief"]
    for row in value.iter_rows(named=True):
        assert row["loss_after"] == pytest.approx(row["loss_before"] - row["value"])
        assert row["value_low"] <= row["value"] <= row["value_high"]
        assert row["value_se"] > 0


def test_sensitivity_moves_one_assumption_at_a_time() -> None:
    result = choose()
    rows = {row["parameter"]: row for row in result.sensitivity.iter_rows(named=True)}
    assert {"eta", "kappa", "years_position", "relief_factor", "weight_country"} <= set(rows)
    value = mixed(result)["value"]
    years = rows["years_position"]
    assert years["value_at_low"] > value > years["value_at_high"]
    assert rows["relief_factor"]["value_at_high"] == pytest.approx(value, abs=1e-12)
    assert rows["relief_factor"]["value_at_low"] < value
    low, high = mixed(result)["value_low"], mixed(result)["value_high"]
    for row in rows.values():
        assert low <= min(row["value_at_low"], row["value_at_high"])
        assert high >= max(row["value_at_low"], row["value_at_high"])


def test_success_is_an_interval_over_assumptions() -> None:
    row = row_of(choose(), "c:a")
    assert row["success_low"] < row["success"] < row["success_high"]
    assert row["effective_years"] == pytest.approx(5.0)
    assert row["success_high"] == pytest.approx(1 - 2 ** (-5 / 1))
    assert row["success_low"] == pytest.approx(1 - 2 ** (-5 / 3))


def test_progress_counts_to_its_total() -> None:
    told: list[tuple[int, int]] = []
    choose(progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total in told} == {len(told)}


def test_the_same_input_gives_the_same_tables_whatever_the_order_of_rows() -> None:
    rows = [{"challenge": f"c:{k}"} for k in "ab"]
    first, second = choose(rows=rows), choose(rows=rows[::-1])
    for name in ("portfolio", "funding", "front", "value", "sensitivity"):
        assert getattr(first, name).write_csv() == getattr(second, name).write_csv()


def test_the_integer_program_gives_the_same_plan_as_enumeration() -> None:
    rows = [{"challenge": "c:a", "relief": 0.8}, {"challenge": "c:b", "relief": 0.4}]
    looked = choose(rows=rows)
    solved = choose(rows=rows, settings=PortfolioSettings(n_draws=200, enumerate_up_to=0))
    assert mixed(solved)["method"] == "integer program"
    assert mixed(solved)["value"] == pytest.approx(mixed(looked)["value"], abs=1e-12)
    assert solved.portfolio["is_funded"].to_list() == looked.portfolio["is_funded"].to_list()
    assert solved.status == "optimal"


def test_settings_outside_their_range_are_refused_all_at_once() -> None:
    wrong = PortfolioSettings(kappa=2.0, n_draws=0, decisions={"c:a": "maybe"})
    with pytest.raises(InvalidInput) as error:
        choose(settings=wrong)
    assert [fault.code for fault in error.value.faults] == ["E413"] * 3


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.floats(0, 300), min_size=1, max_size=3),
    st.lists(st.sampled_from(["", "chip", "drug"]), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.3, 0.6, 1.0]), min_size=3, max_size=3),
    st.tuples(st.floats(1, 200), st.floats(1, 200)),
)
def test_no_purse_is_overdrawn_and_every_funded_cost_is_paid(
    amounts: list[float], chains: list[str], limits: list[float], costs: tuple[float, float]
) -> None:
    purses = [
        {**purse(amount, share_limit=limits[p], chains=chains[p]), "id": f"purse:{p}"}
        for p, amount in enumerate(amounts)
    ]  # fmt: skip
    rows = [
        {"challenge": f"c:{k}", "cost_low": cost, "cost_high": cost}
        for k, cost in zip("ab", costs, strict=True)
    ]
    fast = PortfolioSettings(n_draws=20, front_points=0)
    result = choose(pair_zone(purses=purses), rows, fast)
    spent = dict(result.funding.group_by("purse").agg(pl.col("amount").sum()).iter_rows())
    for p, amount in enumerate(amounts):
        assert spent.get(f"purse:{p}", 0.0) <= amount + 1e-6
        if chains[p] == "drug":
            assert f"purse:{p}" not in spent
    paid = dict(result.funding.group_by("challenge").agg(pl.col("amount").sum()).iter_rows())
    for row in result.portfolio.iter_rows(named=True):
        expected = row["cost"] if row["is_funded"] else 0.0
        assert paid.get(row["challenge"], 0.0) == pytest.approx(expected, abs=1e-6)
