from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from jicheng.conform import POLARS_TYPES
from jicheng.errors import InvalidInput
from jicheng.evaluate.exposure import ExposureResult, ExposureSettings, evaluate_exposure
from jicheng.optimise.portfolio import PortfolioSettings, choose_portfolio
from jicheng.optimise.sensitivity import moved
from jicheng.scenarios import WithholdingSettings
from jicheng.schema import plan_tables
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone, plan_frame

QUICK = ExposureSettings(n_draws=200)
PAIR = [{"challenge": "c:a", "relief": 0.7}, {"challenge": "c:b", "relief": 0.9}]
NO_PLAN = plan_frame("portfolio", [])


def plan_of(
    zone: Zone, rows: Sequence[Mapping[str, Any]] = PAIR, settings: PortfolioSettings | None = None
) -> pl.DataFrame:
    settings = settings or PortfolioSettings(n_draws=200, front_points=0)
    tables = consortia_tables(rows, level=0.9, n_members=3)
    return choose_portfolio(zone, **tables, settings=settings).portfolio


def evaluate(zone: Zone | None = None, settings: ExposureSettings = QUICK) -> ExposureResult:
    zone = zone or pair_zone()
    return evaluate_exposure(zone, plan_of(zone), settings)


@pytest.mark.parametrize("name", ["exposure", "countries"])
@pytest.mark.parametrize("has_plan", [True, False])
def test_tables_are_as_the_schema_says(name: str, has_plan: bool) -> None:
    zone = pair_zone()
    result = evaluate_exposure(zone, plan_of(zone) if has_plan else NO_PLAN, QUICK)
    table, found = plan_tables()[name], getattr(result, name)
    assert found.columns == list(table.names)
    assert found.dtypes == [POLARS_TYPES[a.kind] for a in table.attributes]
    assert len(found) == 1
    for attribute in table.attributes:
        values = found[attribute.name].drop_nulls()
        if attribute.high is not None and len(values):
            assert 0 <= values.min() <= values.max() <= attribute.high


@pytest.mark.parametrize(
    "withholding",
    [
        WithholdingSettings(),
        WithholdingSettings(1.0, 0.0),
        WithholdingSettings(0.2, 0.5, 0.3, {"USA+JPN": 1.0}),
    ],
)
@pytest.mark.parametrize("seed", [1, 9])
def test_loss_avoided_equals_the_value_of_the_plan(
    withholding: WithholdingSettings, seed: int
) -> None:
    zone = pair_zone(
        supply=[
            {"technology": f"tech:{k}", "supplier": country, "country": country, "share": share}
            for k in "ab"
            for country, share in (("USA", 0.6), ("JPN", 0.25))
        ]
    )
    settings = PortfolioSettings(
        n_draws=300, seed=seed, withholding=withholding, unknown_withheld=0.4, front_points=0
    )
    tables = consortia_tables(PAIR, level=0.9, n_members=3)
    plan = choose_portfolio(zone, **tables, settings=settings)
    assert plan.portfolio["is_funded"].all()
    same = ExposureSettings(n_draws=300, seed=seed, withholding=withholding, unknown_withheld=0.4)
    result = evaluate_exposure(zone, plan.portfolio, same)
    value = plan.value.row(by_predicate=pl.col("variant") == "mixed", named=True)
    assert value["value"] > 0
    assert result.loss_before == pytest.approx(value["loss_before"], abs=1e-12)
    assert result.loss_before - result.loss_after == pytest.approx(value["value"], abs=1e-12)


def test_loss_of_a_product_whose_inputs_stop_is_whole() -> None:
    row = evaluate().exposure.row(0, named=True)
    assert row["technology"] == "tech:f"
    assert row["loss_before"] == pytest.approx(1.0)
    assert row["exceed_before"] == pytest.approx(1.0)
    assert 0 < row["loss_after"] < 1
    assert row["loss_after"] <= row["exceed_after"] <= 1


def test_exceedance_counts_draws_above_the_threshold() -> None:
    only = ExposureSettings(n_draws=400, threshold=0.5, withholding=WithholdingSettings(1.0, 0.0))
    zone = pair_zone()
    plan = plan_of(zone, settings=PortfolioSettings(n_draws=400, front_points=0))
    row = evaluate_exposure(zone, plan, only).exposure.row(0, named=True)
    shares = 1 - row["loss_after"]  # each success leaves a loss of 0.3 or 0.1, below 0.5
    failures = row["exceed_after"]
    expected = np.mean([0.7, 0.9]) * (1 - failures)
    assert shares == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("column", ["loss_before", "loss_after", "exceed_before", "exceed_after"])
def test_intervals_hold_the_point(column: str) -> None:
    zone = pair_zone(
        links=[{"source": f"tech:{k}", "target": "tech:f", "relation": "input"} for k in "ab"],
        supply=[
            {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 0.7}
            for k in "ab"
        ],
    )
    row = evaluate(zone).exposure.row(0, named=True)
    assert row[f"{column}_low"] <= row[column] <= row[f"{column}_high"]
    if column.startswith("loss"):
        assert row[f"{column}_low"] < row[f"{column}_high"]


def test_interval_reaches_from_known_shares_to_unknown_mass() -> None:
    zone = pair_zone(
        supply=[
            {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 0.7}
            for k in "ab"
        ]
    )
    row = evaluate(zone).exposure.row(0, named=True)
    assert row["loss_before"] == row["loss_before_low"] == pytest.approx(0.7)
    assert row["loss_before_high"] == pytest.approx(1.0)


def test_interval_after_the_plan_reaches_over_the_odds_of_success() -> None:
    zone = pair_zone()
    row = evaluate(zone).exposure.row(0, named=True)
    plan = plan_of(zone)
    assert (plan["success_low"] < plan["success_high"]).all()
    assert row["loss_after_low"] < row["loss_after"] < row["loss_after_high"]


def test_without_a_portfolio_only_the_loss_before_is_told() -> None:
    result = evaluate_exposure(pair_zone(), NO_PLAN, QUICK)
    row = result.exposure.row(0, named=True)
    assert row["loss_before"] is not None
    assert row["loss_after"] is row["exceed_after"] is None
    assert np.isnan(result.loss_after)
    assert result.countries["loss_after"].to_list() == [None]
    assert [warning.code for warning in result.warnings] == ["E503"]


def test_a_portfolio_that_funds_nothing_changes_nothing() -> None:
    zone = pair_zone(purses=[{"id": "p", "name": "p", "kind": "public", "amount": 0.0}])
    result = evaluate_exposure(zone, plan_of(zone), QUICK)
    assert result.loss_after == result.loss_before


def test_funded_challenges_of_unknown_effect_are_told_and_protect_nothing() -> None:
    zone = pair_zone()
    plan = plan_of(zone).with_columns(relief=pl.lit(None, dtype=pl.Float64))
    result = evaluate_exposure(zone, plan, QUICK)
    assert [warning.code for warning in result.warnings] == ["E502", "E502"]
    assert result.loss_after == result.loss_before


def test_inputs_that_still_hit_the_product_alone_are_listed_worst_first() -> None:
    row = evaluate().exposure.row(0, named=True)
    assert row["unprotected"] == "tech:a;tech:b"  # relief 0.7 leaves more than relief 0.9
    high = ExposureSettings(n_draws=200, threshold=1.0)
    assert evaluate(settings=high).exposure["unprotected"].to_list() == [None]


def test_upstream_technologies_without_shares_are_counted() -> None:
    supply = [{"technology": "tech:a", "supplier": "USA", "country": "USA", "share": 1.0}]
    result = evaluate_exposure(pair_zone(supply=supply), NO_PLAN, QUICK)
    assert result.exposure["n_unscored"].to_list() == [1]


def test_countries_are_sorted_by_what_is_lost_if_they_withhold() -> None:
    supply = [
        {"technology": "tech:a", "supplier": "USA", "country": "USA", "share": 0.9},
        {"technology": "tech:a", "supplier": "JPN", "country": "JPN", "share": 0.1},
        {"technology": "tech:b", "supplier": "JPN", "country": "JPN", "share": 0.3},
    ]
    countries = evaluate(pair_zone(supply=supply)).countries
    assert countries["country"].to_list() == ["USA", "JPN"]
    assert countries["n_items"].to_list() == [1, 2]
    assert countries["loss_before"].to_list() == pytest.approx([0.9, 0.3])
    assert (countries["loss_after"] < countries["loss_before"]).all()
    assert countries["weight"].to_list() == [0.25, 0.25]


def test_countries_without_a_scenario_have_no_weight() -> None:
    single = ExposureSettings(n_draws=50, withholding=WithholdingSettings(1.0, 0.0))
    assert evaluate(settings=single).countries["weight"].to_list() == [None]


def test_without_shares_nothing_is_told() -> None:
    result = evaluate_exposure(pair_zone(supply=[]), NO_PLAN, QUICK)
    assert result.exposure.is_empty()
    assert [warning.code for warning in result.warnings] == ["E501"]


def test_settings_outside_their_range_are_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        evaluate_exposure(pair_zone(), NO_PLAN, ExposureSettings(threshold=2.0, n_draws=0))
    assert [fault.code for fault in error.value.faults] == ["E504", "E504"]


def test_defaults_agree_with_those_of_the_portfolio() -> None:
    ours, theirs = ExposureSettings(), PortfolioSettings()
    for name in ("unknown_withheld", "chain", "withholding", "home", "n_draws", "seed"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert moved(theirs, "unknown_withheld", ours.unknown_withheld) == theirs
