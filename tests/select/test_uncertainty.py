"""The Monte Carlo: distributions as written, streams that depend on names alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import link, make_zone, share, technologies
from jicheng.chain import Chain
from jicheng.select.evidence import grade_supply
from jicheng.select.scenario import choose_scenario
from jicheng.select.settings import ChokepointSettings
from jicheng.select.uncertainty import Draws, Inputs, draw
from jicheng.select.vulnerability import Factors
from jicheng.supply import Supply

ESSENTIAL = [link("t", "p", essentiality="essential")]


def drawn(
    *rows: dict[str, Any],
    scenario: str = "all-foreign",
    settings: ChokepointSettings | None = None,
    links: list[dict[str, Any]] | None = None,
    restrictions: list[dict[str, Any]] | None = None,
    ids: tuple[str, ...] = ("t", "p"),
    **values: Any,
) -> tuple[Draws, int]:
    """Return the draws and the position of technology t."""
    chosen = settings or ChokepointSettings(n_draws=2000)
    zone = make_zone(
        technologies=technologies(*ids, **values),
        links=ESSENTIAL if links is None else links,
        supply=list(rows),
        restrictions=restrictions or [],
    )
    supply, chain = Supply.of(zone, "CHN"), Chain.of(zone)
    _, withholding, _ = choose_scenario(zone, supply, scenario, chosen)
    _, world, sourcing = grade_supply(supply, chain.is_category, 2026)
    factors = Factors.of(zone["technologies"], supply, chosen)
    inputs = Inputs(chain, supply, withholding, factors, world, sourcing, chosen)
    return draw(inputs), chain.index["t"]


def of_t(name: str, *rows: dict[str, Any], **values: Any) -> np.ndarray:
    draws, k = drawn(*rows, **values)
    return np.asarray(getattr(draws, name))[:, k]


def test_one_supplier_of_everything_leaves_nothing_to_chance() -> None:
    assert (of_t("vulnerability", share("t", "JPN", 1.0)) == 1.0).all()
    assert (of_t("mixed", share("t", "JPN", 1.0)) == 1.0).all()


@pytest.mark.parametrize(("period", "kappa"), [(2026, 400), (2023, 100), (2020, 25), (2015, 10)])
def test_shares_follow_a_dirichlet_whose_precision_is_that_of_the_grade(
    period: int, kappa: int
) -> None:
    rows = [share("t", "JPN", 0.6, period=period), share("t", "CHN", 0.4, period=period)]
    withheld = of_t("mixed", *rows, settings=ChokepointSettings(n_draws=20_000))
    assert withheld.mean() == pytest.approx(0.6, abs=0.005)
    assert withheld.var() == pytest.approx(0.6 * 0.4 / (kappa + 1), rel=0.05)


def test_half_of_the_draws_have_one_hidden_supplier_and_half_none() -> None:
    rows = [share("t", "JPN", 0.5), share("t", "USA", None)]
    draws, k = drawn(*rows)
    one_hand = draws.is_one_hand[:, k]
    assert one_hand.sum() == 1000
    assert draws.mixed[one_hand, k] == pytest.approx(1.0)
    assert draws.mixed[~one_hand, k].mean() == pytest.approx(0.5, abs=0.02)
    assert draws.vulnerability[one_hand, k].mean() == pytest.approx(0.5, abs=0.03)
    assert draws.vulnerability[~one_hand, k].mean() == pytest.approx(0.25, abs=0.03)


def test_the_hidden_supplier_belongs_to_the_coalition() -> None:
    rows = [share("t", "USA", 0.4), share("t", "CHN", 0.2), share("t", "JPN", None)]
    draws, k = drawn(*rows, scenario="USA", settings=ChokepointSettings(precision_c=1e6))
    one_hand = draws.is_one_hand[:, k]
    assert draws.vulnerability[one_hand, k].mean() == pytest.approx(0.64, abs=0.02)
    assert draws.vulnerability[~one_hand, k].mean() == pytest.approx(0.16, abs=0.02)


def test_risk_follows_a_normal_cut_to_the_unit_interval() -> None:
    restrictions = [{"country": "JPN", "risk": 0.9, "risk_se": 0.1}]
    v = of_t(
        "vulnerability",
        share("t", "JPN", 1.0),
        scenario="baseline",
        restrictions=restrictions,
        settings=ChokepointSettings(n_draws=20_000),
    )
    assert (v == 1.0).mean() == pytest.approx(0.1587, abs=0.01)
    assert np.median(v) == pytest.approx(0.9, abs=0.005)
    assert v.min() >= 0.0


def test_one_country_has_one_risk_in_every_technology_of_a_draw() -> None:
    restrictions = [{"country": "JPN", "risk": 0.5, "risk_se": 0.1}]
    rows = [share("t", "JPN", 1.0), share("u", "JPN", 1.0)]
    draws, _ = drawn(*rows, scenario="baseline", restrictions=restrictions, ids=("t", "u", "p"))
    assert np.array_equal(draws.vulnerability[:, 1], draws.vulnerability[:, 2])


def test_a_missing_risk_is_drawn_over_its_whole_interval() -> None:
    restrictions = [{"country": "KOR", "risk": 0.8}]
    v = of_t(
        "vulnerability", share("t", "JPN", 1.0), scenario="baseline", restrictions=restrictions
    )
    assert v.min() < 0.02
    assert v.max() > 0.78
    assert v.mean() == pytest.approx(0.4, abs=0.02)


def test_missing_import_reliance_is_drawn_over_its_whole_interval() -> None:
    rows = [share("t", "JPN", 1.0), share("t", "CHN", 1.0, basis="CHN")]
    v = of_t("vulnerability", *rows)
    assert v.min() < 0.01
    assert v.max() > 0.49
    assert v.mean() == pytest.approx(0.25, abs=0.01)


def test_unknown_essentiality_is_drawn_with_its_probability() -> None:
    links = [link("t", "p"), link("u", "p", essentiality="essential")]
    lost = of_t("mixed", share("t", "JPN", 1.0), links=links, ids=("t", "u", "p"))
    assert set(lost) == {0.5, 1.0}
    assert (lost == 1.0).mean() == pytest.approx(0.8, abs=0.03)


def test_known_essentiality_is_not_drawn() -> None:
    draws, _ = drawn(share("t", "JPN", 0.6), share("t", "CHN", 0.4))
    assert draws.essential.shape[0] == 1


def test_without_shares_nothing_is_drawn() -> None:
    draws, k = drawn(share("t", "JPN", None))
    assert np.isnan(draws.vulnerability[:, k]).all()
    assert np.isnan(draws.mixed[:, k]).all()
    assert (draws.full[:, k] == 1.0).all()


def test_other_rows_and_their_order_change_no_draw() -> None:
    rows = [share("t", "JPN", 0.5), share("t", "USA", 0.2), share("t", "KOR", None)]
    links = [link("t", "p"), link("u", "p")]
    alone, k = drawn(*rows, links=links, ids=("t", "u", "p"))
    more = [share("a", "NLD", 0.4), share("a", "DEU", 0.4), share("u", "FRA", 0.9)]
    both, j = drawn(
        *(more + rows[::-1]), links=[link("a", "z"), *links[::-1]], ids=("a", "p", "t", "u", "z")
    )
    assert np.array_equal(alone.vulnerability[:, k], both.vulnerability[:, j])
    assert np.array_equal(alone.is_one_hand[:, k], both.is_one_hand[:, j])
    assert np.allclose(alone.mixed[:, k], both.mixed[:, j] * 2)  # z is a second final product


def test_another_seed_gives_other_draws() -> None:
    rows = [share("t", "JPN", 0.5), share("t", "CHN", 0.5)]
    one = of_t("vulnerability", *rows, settings=ChokepointSettings(seed=1))
    two = of_t("vulnerability", *rows, settings=ChokepointSettings(seed=2))
    assert not np.array_equal(one, two)
