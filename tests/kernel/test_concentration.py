from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.kernel.concentration import (
    effective_suppliers,
    eu_supply_risk,
    geopolrisk,
    hhi,
    hhi_bounds,
)

shares = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=9).map(
    lambda values: np.array(values) / (sum(values) * 1.25)
)


@given(st.integers(1, 500))
@settings(deadline=None)
def test_hhi_of_equal_shares(n: int) -> None:
    assert hhi(np.full(n, 1.0 / n)) == pytest.approx(1.0 / n)
    assert effective_suppliers(1.0 / n) == pytest.approx(n)


def test_hhi_of_no_known_share_is_no_number_of_suppliers() -> None:
    assert hhi([np.nan, np.nan]) == 0.0
    assert np.isnan(effective_suppliers(0.0))


@given(shares, st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_hhi_ignores_the_order_of_suppliers(share: np.ndarray, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(share)
    assert hhi(shuffled) == pytest.approx(float(hhi(share)), abs=1e-15)


@given(shares, st.floats(0.0, 1.0))
@settings(deadline=None)
def test_learning_a_share_never_widens_the_bounds(share: np.ndarray, part: float) -> None:
    unknown = 1.0 - share.sum()
    low, high = hhi_bounds(share)
    low_after, high_after = hhi_bounds(np.append(share, part * unknown))
    assert low - 1e-12 <= low_after
    assert high_after <= high + 1e-12


@given(shares)
@settings(deadline=None)
def test_bounds_hold_every_completion(share: np.ndarray) -> None:
    unknown = 1.0 - share.sum()
    low, high = hhi_bounds(share, unknown_may_be_listed=True)
    for j in range(len(share)):
        full = share.copy()
        full[j] += unknown
        assert low - 1e-12 <= hhi(full) <= high + 1e-12
    many = np.append(share, np.full(1000, unknown / 1000))
    assert low <= hhi(many) <= high


def test_shares_over_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 1"):
        hhi([0.7, 0.4])


def test_eu_supply_risk_of_one_bad_supplier_is_its_risk() -> None:
    risk = eu_supply_risk([1.0], None, [0.6], [1.2], import_reliance=1.0)
    assert risk == pytest.approx(0.72)


def test_eu_supply_risk_weighs_world_and_sourcing_by_half_the_import_reliance() -> None:
    risk = eu_supply_risk(
        [0.5, 0.5], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0],
        import_reliance=0.8, recycling=0.1, substitutability=0.9,
    )  # fmt: skip
    assert risk == pytest.approx((0.25 * 0.4 + 1.0 * 0.6) * 0.9 * 0.9)


def test_geopolrisk_of_an_unknown_source_takes_the_middle() -> None:
    found = geopolrisk([1.0], [3.0], [np.nan], domestic=1.0, price=2.0)
    assert found.import_risk == pytest.approx(0.5 * 3 / 4)
    assert found.score == pytest.approx(found.import_risk)
    assert found.characterisation_factor == pytest.approx(found.score * 2.0 / 0.409412948)


def test_geopolrisk_refuses_negative_quantities_and_nothing_at_all() -> None:
    with pytest.raises(ValueError, match="negative"):
        geopolrisk([1.0], [-1.0], [0.5], domestic=0.0)
    with pytest.raises(ValueError, match="nothing"):
        geopolrisk([1.0], [0.0], [0.5], domestic=0.0)


def test_a_total_row_counted_as_a_country_gives_a_quarter_of_one_more() -> None:
    made = np.array([3.0, 5.0, 2.0])
    right = geopolrisk(made, [1.0], [0.5], domestic=0.0).hhi
    wrong = geopolrisk(np.append(made, made.sum()), [1.0], [0.5], domestic=0.0).hhi
    assert wrong == pytest.approx((right + 1.0) / 4.0)
