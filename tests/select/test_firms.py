from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import make_zone
from jicheng.errors import InvalidInput, MissingData
from jicheng.select.firms import Essentiality, FirmsSettings, systemic_firms
from jicheng.zone import Zone

FIRMS = [
    {"id": name, "name": name, "kind": "firm", "industry": industry}
    for name, industry in (("mine", "A"), ("mill", "B"), ("shop", "C"), ("other", "A"))
]
SALES = [
    {"supplier": "mine", "buyer": "mill", "amount": 10.0, "period": 2025},
    {"supplier": "mill", "buyer": "shop", "amount": 10.0, "period": 2025},
    {"supplier": "other", "buyer": "shop", "amount": 5.0, "period": 2025},
    {"supplier": "shop", "buyer": "mine", "amount": 999.0, "period": 2024},
]
SUPPLIERS_ESSENTIAL = Essentiality(("C", "B", "A"), np.full((3, 3), 2))


def zone(**tables: Any) -> Zone:
    return make_zone(**{"organisations": FIRMS, "sales": SALES, **tables})


def test_loss_of_a_chain_travels_down_and_up() -> None:
    rows = {row["organisation"]: row for row in systemic_firms(zone()).table.to_dicts()}
    assert rows["mine"]["downstream"] == pytest.approx((10 + 10) / 25)
    assert rows["mill"]["upstream"] == pytest.approx((10 + 10) / 25)
    assert rows["other"]["total"] == pytest.approx(5 / 25)
    assert [rows[name]["rank"] for name in ("shop", "other")] == [
        1,
        4,
    ]  # orders end there


def test_only_the_newest_period_counts() -> None:
    assert systemic_firms(zone()).table.filter(organisation="shop")["sales"].item() == 0.0


def test_industries_are_aligned_by_label() -> None:
    shuffled = Essentiality(("A", "B", "C"), np.full((3, 3), 2))
    one = systemic_firms(zone(), essentiality=SUPPLIERS_ESSENTIAL).table
    assert one.equals(systemic_firms(zone(), essentiality=shuffled).table)


def test_an_unknown_industry_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="C"):
        systemic_firms(zone(), essentiality=Essentiality(("A", "B"), np.full((2, 2), 1)))


def test_without_sales_the_stage_says_so() -> None:
    with pytest.raises(MissingData, match="E230"):
        systemic_firms(make_zone(organisations=FIRMS))


def test_without_revenue_a_warning_says_that_upstream_losses_are_overstated() -> None:
    assert [w.code for w in systemic_firms(zone()).warnings] == ["E232"]


def test_revenue_beyond_the_network_softens_upstream_losses() -> None:
    revenue = [
        {"subject": "mine", "indicator": "revenue", "period": 2025, "value": 4e5, "unit": "元"}
    ]
    found = systemic_firms(zone(indicators=revenue))
    assert found.warnings == ()
    upstream = found.table.filter(organisation="mill")["upstream"].item()
    assert upstream == pytest.approx((10 + 10 * 0.25) / 25)


def test_only_the_largest_sellers_are_stopped() -> None:
    found = systemic_firms(zone(), FirmsSettings(n_firms=2))
    assert set(found.table["organisation"]) == {"mine", "mill"}
    assert found.n_firms_in_network == 4


def test_sales_of_zero_are_no_sales() -> None:
    nothing = [{"supplier": "mine", "buyer": "mill", "amount": 0.0, "period": 2025}]
    with pytest.raises(MissingData, match="E230"):
        systemic_firms(zone(sales=nothing))


@pytest.mark.parametrize("unit", [1.0, 0.01, 1000.0])
def test_the_unit_of_sales_changes_nothing(unit: float) -> None:
    """In the published formulas sales below one make this network swing for ever."""
    rows = [("mine", "other", 0.5), ("other", "mill", 0.25), ("mill", "shop", 1.0)]
    sales = [{"supplier": s, "buyer": b, "amount": unit * a} for s, b, a in rows]
    found = systemic_firms(
        zone(sales=sales),
        FirmsSettings(replaceable=True),
        essentiality=Essentiality(("A", "B", "C"), np.full((3, 3), 2)),
    )
    assert found.table.filter(organisation="mine")["total"].item() == pytest.approx(1.0)
