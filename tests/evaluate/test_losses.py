"""Losses over scenarios and draws equal the cascade computed draw by draw."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.evaluate.exposure import ExposureSettings
from jicheng.evaluate.losses import PlannedSuccess, ZoneView, scenario_losses
from jicheng.kernel.chain_cascade import outputs
from portfolio_builders import pair_zone, plan_frame, random_protection


@pytest.mark.parametrize("seed", range(10))
def test_losses_equal_the_cascade_draw_by_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    protection = random_protection(rng)
    successes = rng.random((15, 5)) < 0.5
    found = scenario_losses(protection, successes, threshold=0.2)
    losses = []
    for success in successes:
        own = protection.left.copy()
        for k, relief, z in zip(protection.technology, protection.relief, success, strict=True):
            if z:
                restored = np.minimum(1.0, protection.left[:, k] + relief)
                own[:, k] = np.maximum(own[:, k], restored)
        left = outputs(own, protection.graph, protection.essential)
        losses.append(1.0 - left[:, protection.finals])
    assert found.mean == pytest.approx(np.mean(losses, axis=0), abs=1e-13)
    assert found.exceeds == pytest.approx(np.mean(np.array(losses) > 0.2, axis=0), abs=1e-13)


def test_a_loss_at_the_threshold_does_not_exceed_it() -> None:
    protection = random_protection(np.random.default_rng(0))
    loss = float(protection.losses_before.max())
    nothing = np.zeros((1, 5), dtype=bool)
    assert not scenario_losses(protection, nothing, threshold=loss).exceeds.any()
    assert scenario_losses(protection, nothing, threshold=loss - 1e-9).exceeds.any()


def planned(rows: list[dict[str, object]]) -> PlannedSuccess:
    zone, settings = pair_zone(), ExposureSettings(n_draws=100)
    view = ZoneView.of(zone, settings)
    return PlannedSuccess.of(zone, view.chain, plan_frame("portfolio", rows), settings)


ROW = {
    "challenge": "c:a", "technology": "tech:a", "is_funded": True, "relief": 0.5,
    "effective_years": 4.0, "success_low": 0.2, "success_high": 0.9,
}  # fmt: skip


def test_successes_are_nested_from_worst_to_best() -> None:
    plan = planned([ROW])
    assert (plan.at_worst <= plan.at_best).all()
    assert plan.at_worst.sum() < plan.drawn.sum() < plan.at_best.sum()


def test_only_funded_challenges_of_known_effect_are_drawn() -> None:
    unfunded = {**ROW, "challenge": "c:b", "is_funded": False}
    unknown = {**ROW, "challenge": "c:c", "effective_years": None}
    plan = planned([ROW, unfunded, unknown])
    assert plan.drawn.shape == (100, 1)
    assert plan.of_unknown_effect == ("c:c",)


def test_an_empty_plan_is_no_plan() -> None:
    plan = planned([])
    assert not plan.exists
    assert plan.drawn.shape == (100, 0)
    assert plan.never.shape == (1, 0)


def test_the_view_of_one_family_ignores_the_weights_of_the_settings() -> None:
    zone = pair_zone()
    view = ZoneView.of(zone, ExposureSettings())
    single = view.only(zone, "single").scenarios
    assert single.names == ("tech:a", "tech:b")
    assert single.weights.tolist() == [0.5, 0.5]
    assert view.only(zone, "country").scenarios.names == ("USA",)


def test_essentials_are_one_where_nothing_is_unknown() -> None:
    view = ZoneView.of(pair_zone(), ExposureSettings())
    assert len(view.essentials) == 1
    loose = [{"source": "tech:a", "target": "tech:f", "relation": "input"}]
    assert len(ZoneView.of(pair_zone(links=loose), ExposureSettings()).essentials) == 3
