from __future__ import annotations

import dataclasses

from jicheng.chain import ChainSettings
from jicheng.optimise.sensitivity import moved, pessimistic, varied
from jicheng.optimise.settings import PortfolioSettings
from jicheng.scenarios import WithholdingSettings
from jicheng.schema import parameters


def names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def test_every_setting_has_a_row_with_its_provenance() -> None:
    told = {p.name for p in parameters() if p.stage == "optimise"}
    flat = names(PortfolioSettings) - {"chain", "withholding"}
    assert told == flat | names(ChainSettings) | names(WithholdingSettings)


def test_ranges_of_sensitivity_hold_the_default() -> None:
    settings = PortfolioSettings()
    for name, low, high in varied():
        default = getattr(settings, name, None)
        if isinstance(default, float):
            assert low <= default <= high, name


def test_worst_and_best_move_all_assumptions_about_success() -> None:
    worst = pessimistic(PortfolioSettings())
    best = pessimistic(PortfolioSettings(), optimistic=True)
    assert (worst.eta, worst.kappa, worst.years_position, worst.level_position) == (4, 0.05, 1, 0)
    assert (best.eta, best.kappa, best.years_position, best.level_position) == (1, 0, 0, 1)
    assert worst.relief_factor == 1.0


def test_weights_of_scenarios_move_together() -> None:
    coalition = PortfolioSettings(withholding=WithholdingSettings(0.4, 0.4, 0.2, {"USA+JPN": 1.0}))
    w = moved(coalition, "weight_country", 1.0).withholding
    assert (w.weight_single, w.weight_country, w.weight_coalition) == (0.0, 0.8, 0.2)


def test_essential_kinds_move_from_none_to_all() -> None:
    settings = PortfolioSettings()
    assert moved(settings, "essential_kinds", 0.0).chain.essential_kinds == ()
    assert "product" in moved(settings, "essential_kinds", 1.0).chain.essential_kinds
