"""Conditions, years, races, overruns and prices of overrides in a chosen portfolio."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from jicheng.conform import POLARS_TYPES
from jicheng.optimise.portfolio import PortfolioResult, PortfolioSettings, choose_portfolio
from jicheng.plan.feasibility import broken_rules
from jicheng.schema import plan_tables
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone

QUICK = PortfolioSettings(n_draws=200, front_points=0, cost_draws=4000)
TECHNOLOGY = {"kind": "component", "chain": "chip", "years_low": 1.0, "years_high": 3.0}
NAMES = "abde"
DEFENCE = ("schedule", "cash", "races", "overrun", "overrides")


def purse(amount: float, **rules: Any) -> dict[str, Any]:
    return {"id": "purse:1", "name": "财政", "kind": "public", "amount": amount, **rules}


def zone_of(*challenges: dict[str, Any], **tables: Any) -> Zone:
    """Four inputs of one product that act alone, one weaker than the one before."""
    worth = {"a": 1.0, "b": 0.6, "d": 0.4, "e": 0.3}
    return pair_zone(
        **{
            "technologies": [{"id": f"tech:{k}", "name": k, **TECHNOLOGY} for k in NAMES]
            + [{"id": "tech:f", "name": "产品", "chain": "chip", "final_value": 1.0}],
            "links": [
                {"source": f"tech:{k}", "target": "tech:f", "relation": "input",
                 "essentiality": "non_essential", "weight": worth[k]}
                for k in NAMES
            ],
            "supply": [
                {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 1.0}
                for k in NAMES
            ],
            "needs": [
                {"technology": f"tech:{k}", "capability": f"cap:{r}"}
                for k in NAMES
                for r in (1, 2)
            ],
            "challenges": [
                {"id": row["challenge"], "technology": f"tech:{row['challenge'][-1]}"}
                for row in challenges
            ],
            **tables,
        }
    )  # fmt: skip


def choose(
    *challenges: dict[str, Any], settings: PortfolioSettings = QUICK, **tables: Any
) -> PortfolioResult:
    zone = zone_of(*challenges, **tables)
    result = choose_portfolio(zone, **consortia_tables(challenges), settings=settings)
    written = {name: getattr(result, name) for name in ("portfolio", "funding", *DEFENCE)}
    assert result.status == "infeasible" or broken_rules(zone, written) == []
    return result


def funded(result: PortfolioResult) -> str:
    rows = result.portfolio.filter("is_funded")["challenge"]
    return "".join(name[-1] for name in rows)


def four(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"challenge": f"c:{k}", **changes.get(k, {})} for k in NAMES]


def value_of(result: PortfolioResult) -> float:
    return float(result.value.filter(pl.col("variant") == "mixed")["value"][0])


def condition(kind: str, challenges: str, **more: Any) -> dict[str, Any]:
    return {"id": "k", "kind": kind, "challenges": challenges, "reason": "上级要求"} | more


@pytest.mark.parametrize("name", DEFENCE)
def test_tables_are_as_the_schema_says(name: str) -> None:
    rows = four(a={"cost_high": 130.0, "cost_low": 70.0, "parallel_teams": 2})
    stones = [
        {"challenge": "c:a", "order": i, "cost_share": 0.5, "is_gate": i == 1} for i in (1, 2)
    ]
    result = choose(
        *rows, milestones=stones, purses=[purse(300.0, period=2026)],
        conditions=[condition("at_most", "c:a;c:b")],
    )  # fmt: skip
    table, found = plan_tables()[name], getattr(result, name)
    assert found.columns == list(table.names)
    assert found.dtypes == [POLARS_TYPES[a.kind] for a in table.attributes]
    assert found.height > 0
    assert found.select(table.key).is_unique().all()


@pytest.mark.parametrize(
    ("kind", "challenges", "expected"),
    [("at_most", "c:a;c:b", "ad"), ("requires", "c:a;c:e", "ae"), ("together", "c:a;c:e", "ae")],
)
@pytest.mark.parametrize("enumerate_up_to", [15, 0])
def test_conditions_shape_the_plan_and_have_a_price(
    kind: str, challenges: str, expected: str, enumerate_up_to: int
) -> None:
    settings = PortfolioSettings(
        n_draws=200, front_points=0, enumerate_up_to=enumerate_up_to, gap=1e-9
    )
    rows = [condition(kind, challenges)]
    free = choose(*four(), purses=[purse(200.0)], settings=settings)
    held = choose(*four(), purses=[purse(200.0)], conditions=rows, settings=settings)
    assert funded(free) == "ab"
    assert funded(held) == expected
    (price,) = held.overrides.iter_rows(named=True)
    assert price["kind"] == kind
    assert price["price"] == pytest.approx(value_of(free) - value_of(held), abs=1e-9)
    assert price["added"] == "c:b"
    assert price["price_se"] > 0


def test_conditions_are_told_as_reasons() -> None:
    held = choose(*four(), purses=[purse(200.0)], conditions=[condition("requires", "c:a;c:e")])
    reasons = dict(held.portfolio.select("challenge", "reason").iter_rows())
    assert "上级要求" in reasons["c:e"]
    excluded = choose(*four(), purses=[purse(999.0)], conditions=[condition("at_most", "c:a;c:e")])
    reasons = dict(excluded.portfolio.select("challenge", "reason").iter_rows())
    assert "Not allowed by condition k" in reasons["c:e"]


def test_decisions_have_a_price_that_is_never_negative() -> None:
    rows = four(e={"decision": "mandatory"}, a={"decision": "excluded"})
    result = choose(*rows, purses=[purse(200.0)])
    prices = {row["override"]: row for row in result.overrides.iter_rows(named=True)}
    assert funded(result) == "be"
    assert prices["c:e"]["price"] > 0
    assert (prices["c:e"]["added"], prices["c:e"]["dropped"]) == ("c:d", "c:e")
    assert prices["c:a"]["price"] > prices["c:e"]["price"]
    assert (prices["c:a"]["added"], prices["c:a"]["dropped"]) == ("c:a", "c:b")


def test_an_override_that_changes_nothing_costs_nothing() -> None:
    result = choose(*four(a={"decision": "mandatory"}), purses=[purse(200.0)])
    assert result.overrides["price"].to_list() == [0.0]


def test_decisions_of_the_plan_against_a_condition_leave_no_choice_and_name_it() -> None:
    settings = PortfolioSettings(
        n_draws=50, decisions={"c:a": "mandatory", "c:b": "excluded"}, reasons={"c:a": "r"}
    )
    result = choose(*four(), conditions=[condition("requires", "c:a;c:b")], settings=settings)
    assert result.status == "infeasible"
    assert "E440" in {warning.code for warning in result.warnings}


def test_money_of_later_years_waits_for_its_year() -> None:
    two = [{"challenge": "c:a"}, {"challenge": "c:b"}]
    money = purse(100.0, period=2026, later_amounts="100")
    result = choose(*two, purses=[money])
    assert sorted(result.schedule["year"].to_list()) == [2026, 2027]
    assert result.cash["available"].to_list() == [100.0, 100.0]
    tight = PortfolioSettings(n_draws=50, front_points=0, latest_start=0)
    assert funded(choose(*two, purses=[money], settings=tight)) == "a"


def test_money_that_lapses_cannot_be_spent_later() -> None:
    stones = [{"challenge": "c:a", "order": i, "cost_share": 0.5} for i in (1, 2)]
    row = {"challenge": "c:a", "years": 2.0}
    kept = choose(row, milestones=stones, purses=[purse(100.0, period=2026)])
    assert kept.schedule["year"].to_list() == [2026, 2027]
    assert kept.cash["carried_over"].to_list() == [50.0, 0.0]
    lapsing = purse(100.0, period=2026, carries_over=False)
    assert funded(choose(row, milestones=stones, purses=[lapsing])) == ""
    renewed = purse(50.0, period=2026, carries_over=False, later_amounts="50")
    assert funded(choose(row, milestones=stones, purses=[renewed])) == "a"


def test_purses_without_a_year_make_no_schedule() -> None:
    result = choose(*four(), purses=[purse(200.0)])
    assert result.schedule.is_empty()
    assert result.cash.is_empty()


def test_what_is_expected_to_be_spent_falls_at_gates() -> None:
    stones = [
        {"challenge": "c:a", "order": i, "cost_share": share, "is_gate": i < 3}
        for i, share in ((1, 0.2), (2, 0.3), (3, 0.5))
    ]
    result = choose({"challenge": "c:a"}, milestones=stones, purses=[purse(100.0, period=2026)])
    assert result.schedule["amount"].to_list() == pytest.approx([20.0, 30.0, 50.0])
    assert result.schedule["expected"].to_list() == pytest.approx([20.0, 21.0, 24.5])
    assert result.cash["committed"].sum() == pytest.approx(100.0)
    assert result.cash["expected"].sum() == pytest.approx(65.5)


def race(amount: float, **settings: Any) -> PortfolioResult:
    stones = [
        {"challenge": "c:a", "order": i, "cost_share": 0.5, "is_gate": i == 1} for i in (1, 2)
    ]
    return choose(
        {"challenge": "c:a", "parallel_teams": 3},
        milestones=stones,
        purses=[purse(amount, period=2026)],
        settings=PortfolioSettings(n_draws=400, front_points=0, **settings),
    )


@pytest.mark.parametrize(("amount", "teams"), [(100.0, 1), (150.0, 2), (500.0, 3)])
def test_the_portfolio_chooses_the_number_of_teams_that_money_allows(
    amount: float, teams: int
) -> None:
    result = race(amount)
    row = result.portfolio.row(0, named=True)
    assert row["teams"] == teams
    assert row["cost"] == pytest.approx(50.0 * teams + 50.0)
    assert result.races.filter("is_chosen")["teams"].to_list() == [teams]
    assert result.races["gain"].is_sorted()
    assert row["success"] == pytest.approx(
        result.races.filter("is_chosen")["success"][0], abs=1e-12
    )
    assert result.schedule["teams"].to_list() == [teams, 1]
    assert result.schedule["amount"].to_list() == pytest.approx([50.0 * teams, 50.0])
    assert "E447" in {warning.code for warning in result.warnings}


def test_a_race_whose_teams_share_everything_is_not_run() -> None:
    result = race(500.0, race_correlation=1.0)
    assert result.portfolio["teams"].to_list() == [1]
    assert result.races["gain"].to_list() == pytest.approx([0.0, 0.0, 0.0])


def test_a_mandatory_challenge_may_still_be_raced() -> None:
    stones = [
        {"challenge": "c:a", "order": i, "cost_share": 0.5, "is_gate": i == 1} for i in (1, 2)
    ]
    row = {"challenge": "c:a", "parallel_teams": 2, "decision": "mandatory"}
    rich = choose(row, milestones=stones, purses=[purse(150.0)])
    poor = choose(row, milestones=stones, purses=[purse(100.0)])
    assert rich.portfolio["teams"].to_list() == [2]
    assert poor.portfolio["teams"].to_list() == [1]


def test_protection_buys_certainty_with_value() -> None:
    rows = four(**{k: {"cost_low": 60.0, "cost_high": 140.0} for k in NAMES})
    result = choose(*rows, purses=[purse(410.0)])
    whole = result.overrun.filter(pl.col("purse") == "*")
    assert whole["gamma"].to_list() == [0.0, 1.0, 2.0, 3.0]
    assert whole["n_funded"].to_list() == [4, 3, 3, 2]
    assert whole["value"].is_sorted(descending=True)
    assert whole["p_overrun"].is_sorted(descending=True)
    assert whole["p_overrun"][-1] == 0.0
    assert whole["price"][0] == 0.0
    assert whole["is_plan"].to_list() == [True, False, False, False]
    own = PortfolioSettings(n_draws=200, front_points=0, protected_overruns=3.0)
    assert len(funded(choose(*rows, purses=[purse(410.0)], settings=own))) == 2


def test_purses_of_one_kind_leave_a_part_to_others() -> None:
    public = purse(100.0, co_funding=0.4)
    second = purse(100.0) | {"id": "purse:2"}
    assert funded(choose({"challenge": "c:a"}, purses=[public, second])) == ""
    social = purse(40.0) | {"id": "purse:3", "kind": "social"}
    result = choose({"challenge": "c:a"}, purses=[public, second, social])
    assert funded(result) == "a"
    paid = dict(result.funding.select("purse", "amount").iter_rows())
    assert paid["purse:3"] == pytest.approx(40.0)
