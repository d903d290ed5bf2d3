"""What more money is worth: chosen anew, never negative, beside the slope of the relaxation."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.optimise.portfolio import PortfolioResult, PortfolioSettings, choose_portfolio
from portfolio_builders import consortia_tables, pair_zone

PAIR = [{"challenge": "c:a"}, {"challenge": "c:b"}]


def purses(*amounts: float) -> list[dict[str, object]]:
    return [
        {"id": f"purse:{i}", "name": "财政", "kind": "public", "amount": amount}
        for i, amount in enumerate(amounts)
    ]


def choose(*amounts: float, **settings: object) -> PortfolioResult:
    chosen = PortfolioSettings(n_draws=200, **settings)  # type: ignore[arg-type]
    zone = pair_zone(purses=purses(*amounts))
    return choose_portfolio(zone, **consortia_tables(PAIR), settings=chosen)


def test_a_little_more_money_that_pays_for_one_more_is_worth_what_that_adds() -> None:
    result = choose(195.0, money_change=0.05)
    row = result.money.filter(purse="all").row(0, named=True)
    both = choose(200.0).value.filter(variant="mixed")["value"].item()
    one = result.value.filter(variant="mixed")["value"].item()
    assert row["value_gain"] == pytest.approx(both - one, abs=1e-12)
    assert row["amount"] == pytest.approx(9.75)
    assert row["cost"] == pytest.approx(100.0)
    assert row["gain_se"] > 0
    assert row["price"] == pytest.approx(row["dual"] / 9.75)
    assert row["is_proved"]


def test_money_that_is_not_scarce_is_worth_nothing() -> None:
    money = choose(500.0).money
    assert money["purse"].to_list() == ["purse:0", "all"]
    assert money["value_gain"].to_list() == [0.0, 0.0]
    assert money["dual"].to_list() == pytest.approx([0.0, 0.0], abs=1e-9)


def test_the_slope_tells_of_money_that_pays_for_no_whole_challenge_yet() -> None:
    row = choose(120.0).money.filter(purse="all").row(0, named=True)
    assert row["value_gain"] == 0.0
    assert row["dual"] > 0


@pytest.mark.parametrize("enumerate_up_to", [15, 0])
def test_every_purse_and_all_of_them_have_a_row(enumerate_up_to: int) -> None:
    money = choose(80.0, 110.0, enumerate_up_to=enumerate_up_to).money
    assert money["purse"].to_list() == ["purse:0", "purse:1", "all"]
    together = money.filter(purse="all").row(0, named=True)
    for row in money.filter(pl.col("purse") != "all").iter_rows(named=True):
        assert row["value_gain"] <= together["value_gain"] + 1e-12
        assert row["dual"] <= together["dual"] + 1e-9


def test_a_change_of_zero_is_not_told() -> None:
    assert choose(195.0, money_change=0.0).money.is_empty()
