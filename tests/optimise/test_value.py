"""Section 6 of the value of a plan: what every value must obey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_zone
from jicheng.kernel.subsets import all_subsets
from jicheng.optimise.cases import Case, read_cases
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure, SetValue, Variant, odds, standard_error
from jicheng.scenarios import WithholdingSettings
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone, random_protection


def cases_of(zone: Zone, tables, settings: PortfolioSettings) -> tuple[Exposure, tuple[Case, ...]]:
    exposure = Exposure.of(zone, settings)
    cases = read_cases(
        zone, tables["challenges"], tables["consortia"], tables["members"], tables["assignment"],
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    return exposure, cases


def pair_value(settings: PortfolioSettings, *, zone: Zone | None = None, **row) -> SetValue:
    tables = consortia_tables([{"challenge": "c:a", **row}, {"challenge": "c:b", **row}])
    return SetValue.of(*cases_of(zone or pair_zone(), tables, settings), settings)


SURE = {"years_low": 0.0, "years_high": 0.0, "kind": "component", "chain": "chip"}
SURE_ZONE = {
    "technologies": [
        {"id": "tech:a", "name": "甲", **SURE},
        {"id": "tech:b", "name": "乙", **SURE},
        {"id": "tech:f", "name": "产品", "final_value": 10.0},
    ]
}
BOTH = np.ones((1, 2), dtype=bool)


def test_a_complementary_pair_is_worth_more_than_its_members() -> None:
    country = PortfolioSettings(withholding=WithholdingSettings(0.0, 1.0), n_draws=50)
    value = pair_value(country, zone=pair_zone(**SURE_ZONE))
    assert value.of_sets(np.eye(2, dtype=bool)).tolist() == [0.0, 0.0]
    assert value.of_sets(BOTH)[0] == pytest.approx(1.0)
    assert value.loss_before == pytest.approx(1.0)


def test_value_of_single_scenarios_is_the_sum_of_its_parts() -> None:
    single = PortfolioSettings(withholding=WithholdingSettings(1.0, 0.0), n_draws=400)
    value = pair_value(single)
    assert not value.protection.joint
    parts = value.of_sets(np.eye(2, dtype=bool)).sum()
    assert value.of_sets(BOTH)[0] == pytest.approx(parts, abs=1e-12)


def test_value_of_single_scenarios_is_weight_times_loss_times_success() -> None:
    single = PortfolioSettings(withholding=WithholdingSettings(1.0, 0.0), n_draws=4000)
    value = pair_value(single, relief=0.5)
    alone = value.of_sets(np.array([[True, False]]))[0]
    share = value.successes[:, 0].mean()  # weight 1/2, and half of the product comes back
    assert alone == pytest.approx(0.5 * 0.5 * share, abs=1e-12)
    expected = np.log(2) * 5.0  # mean over years in [1, 3] of 1 - 2^(-5 / years)
    years = np.linspace(1, 3, 100_001)
    assert share == pytest.approx((1 - np.exp(-expected / years)).mean(), abs=0.03)


@pytest.mark.parametrize("change", [{"relief": 0.0}, {"years": 0.0}])
def test_without_relief_or_success_the_value_is_zero(change) -> None:
    value = pair_value(PortfolioSettings(n_draws=50), **change)
    assert value.of_sets(BOTH)[0] == 0.0


def test_full_success_and_relief_leave_no_loss() -> None:
    value = pair_value(PortfolioSettings(n_draws=20), zone=pair_zone(**SURE_ZONE))
    assert value.of_sets(BOTH)[0] == pytest.approx(value.loss_before, abs=1e-15)


@pytest.mark.parametrize(
    "change", [{"eta": 1.0}, {"kappa": 0.0}, {"years_position": 0.0}, {"level_position": 1.0}]
)
def test_value_rises_with_success_on_every_draw(change) -> None:
    tables = consortia_tables([{"challenge": "c:a"}, {"challenge": "c:b"}], level=0.8, n_members=4)
    base = PortfolioSettings(n_draws=200)
    value = SetValue.of(*cases_of(pair_zone(), tables, base), base)
    better = replace(base, **change)
    more = SetValue.of(*cases_of(pair_zone(), tables, better), better)
    assert (more.on_draws(BOTH[0]) >= value.on_draws(BOTH[0]) - 1e-15).all()
    assert more.of_sets(BOTH)[0] >= value.of_sets(BOTH)[0]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_value_is_monotone_in_the_set_on_every_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value = SetValue(random_protection(rng), rng.random((20, 5)) < 0.6)
    smaller = rng.random(5) < 0.5
    larger = smaller | (rng.random(5) < 0.5)
    assert (value.on_draws(larger) >= value.on_draws(smaller) - 1e-14).all()


def test_values_of_sets_equal_the_mean_over_draws_and_the_table() -> None:
    rng = np.random.default_rng(0)
    value = SetValue(random_protection(rng), rng.random((20, 5)) < 0.6)
    sets = all_subsets(5)
    plain = [value.on_draws(x).mean() for x in sets]
    assert value.of_sets(sets) == pytest.approx(plain, abs=1e-14)
    masks = value.successes @ (1 << np.arange(5))
    table = value.table()
    from_table = [table[masks & m].mean() for m in range(32)]
    assert from_table == pytest.approx(plain, abs=1e-14)


def test_a_part_of_the_challenges_keeps_their_values() -> None:
    rng = np.random.default_rng(1)
    value = SetValue(random_protection(rng), rng.random((20, 5)) < 0.6)
    where = np.array([1, 3, 4])
    chosen = np.zeros(5, dtype=bool)
    chosen[[1, 4]] = True
    part = value.part(where).of_sets(np.array([[True, False, True]]))[0]
    assert part == pytest.approx(value.of_sets(chosen[None, :])[0], abs=1e-14)


def test_paired_differences_vary_less_than_unpaired_ones() -> None:
    base, other = PortfolioSettings(n_draws=500), PortfolioSettings(n_draws=500, seed=2)
    one, both = np.array([True, False]), np.array([True, True])
    zone = pair_zone()
    same, again = pair_value(base, zone=zone), pair_value(other, zone=zone)
    paired = same.on_draws(both) - same.on_draws(one)
    unpaired = same.on_draws(both) - again.on_draws(one)
    assert paired.var() < 0.8 * unpaired.var()


def test_the_order_of_challenges_changes_no_odds() -> None:
    tables = consortia_tables([{"challenge": "c:a"}, {"challenge": "c:b"}])
    settings = PortfolioSettings(n_draws=30)
    _, cases = cases_of(pair_zone(), tables, settings)
    forth, back = odds(cases, settings), odds(cases[::-1], settings)
    assert (forth == back[:, ::-1]).all()


def test_variants_differ_in_which_inputs_are_essential() -> None:
    tables = consortia_tables([{"challenge": "c:a"}])
    settings = PortfolioSettings(n_draws=10)
    exposure, cases = cases_of(pair_zone(), tables, settings)
    losses = {v: SetValue.of(exposure, cases, settings, v).loss_before for v in Variant}
    assert losses[Variant.LINEAR] == pytest.approx(0.75)
    assert losses[Variant.MIXED] == losses[Variant.LEONTIEF] == pytest.approx(1.0)


def test_unknown_mass_counts_as_withheld_only_if_the_settings_say_so() -> None:
    supply = [
        {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 0.6} for k in "ab"
    ]
    zone = pair_zone(supply=supply)
    low = pair_value(PortfolioSettings(n_draws=10), zone=zone)
    high = pair_value(PortfolioSettings(n_draws=10, unknown_withheld=1.0), zone=zone)
    assert low.loss_before == pytest.approx(0.6)
    assert high.loss_before == pytest.approx(1.0)


def test_a_zone_without_shares_has_no_scenario() -> None:
    zone = make_zone(technologies=[{"id": "tech:a", "name": "甲"}])
    assert Exposure.of(zone, PortfolioSettings()).scenarios.names == ()


def test_standard_error_of_a_constant_is_zero() -> None:
    assert standard_error(np.full(10, 0.3)) == pytest.approx(0.0)
    assert standard_error(np.array([0.3])) == 0.0
    assert standard_error(np.array([0.0, 1.0])) == pytest.approx(0.5)
