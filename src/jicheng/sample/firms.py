"""Three years of figures of every firm of the zone.

The distribution of R&D over revenue follows a survey of high-tech enterprises in
Guangzhou (37.7 % of them spend 10 % or more, 38.9 % spend 5-10 %, 21.3 % spend 3-5 %);
the rest is ours. Money in yuan, staff in persons, shares as ratios.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.frames import PERIOD
from jicheng.sample.organisations import ZONE
from jicheng.sample.streams import stream

__all__ = ["UNITS", "YEARS", "Figures", "Firms", "firms_in_figures"]

YEARS = (PERIOD - 2, PERIOD - 1, PERIOD)
"""Years of figures, oldest first."""

_REVENUE = {"large": 4.5e8, "medium": 9e7, "small": 9e6, "micro": 1.0e6}
UNITS = {
    "revenue": "CNY", "main_revenue": "CNY", "total_income": "CNY", "ht_product_income": "CNY",
    "cost_total": "CNY", "net_profit": "CNY", "assets_total": "CNY", "liabilities": "CNY",
    "rd_expense": "CNY", "rd_domestic": "CNY", "staff_total": "persons", "tech_staff": "persons",
    "rd_staff": "persons", "graduates_hired": "persons", "ip_class1": "count",
    "ip_class2": "count", "invention_applications": "count", "tech_contract_value": "CNY",
}  # fmt: skip
"""Unit of each figure of all three years."""

_RD_CLASSES = ((0.38, 0.37, 0.15), (0.1, 0.25, 0.5))  # R&D of 10 % or more, 5-10 %, 3-5 %

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Firms:
    """Figures of the zone's firms.

    Attributes
    ----------
    ids : polars.Series
        Firms, n of them.
    exists : ndarray of bool, shape (3, n)
        Whether the firm was founded by the end of the year, oldest year first.
    yearly : dict of str to ndarray, shape (3, n)
        Value of each indicator and year.
    latest : dict of str to ndarray, shape (n,)
        Indicators given for the last year alone.
    """

    ids: pl.Series
    exists: NDArray[np.bool_]
    yearly: dict[str, Figures]
    latest: dict[str, Figures]

    @property
    def n(self) -> int:
        """Number of firms."""
        return len(self.ids)

    @property
    def revenue(self) -> Figures:
        """Revenue of the last year in yuan, shape (n,)."""
        revenue: Figures = self.yearly["revenue"][-1]
        return revenue


def firms_in_figures(organisations: pl.DataFrame, seed: int) -> Firms:
    """Draw the figures of the zone's firms (stream ``indicators``)."""
    rng = stream(seed, "indicators")
    firms = organisations.filter((pl.col("kind") == "firm") & (pl.col("zone") == ZONE))
    n = firms.height
    centre = firms["size"].replace_strict(_REVENUE, return_dtype=pl.Float64).to_numpy()
    last = centre * rng.lognormal(0.0, 0.6, n)
    growth = np.clip(rng.normal(0.12, 0.18, (2, n)), -0.4, 1.2)
    revenue = np.stack([last / (1 + growth[0]) / (1 + growth[1]), last / (1 + growth[1]), last])
    exists = firms["founded"].to_numpy()[None, :] <= np.array(YEARS)[:, None]
    yearly = {"revenue": revenue}
    is_big = firms["size"].is_in(["large", "medium"]).to_numpy()
    _money(yearly, is_big, rng)
    _staff_and_rights(yearly, rng)
    for name, values in yearly.items():
        digits = -3 if UNITS[name] == "CNY" else 0
        yearly[name] = np.round(values, digits) + 0.0  # no negative zero
    return Firms(firms["id"], exists, yearly, _last_year(yearly, firms, rng))


def _money(yearly: dict[str, Figures], is_big: NDArray[np.bool_], rng: np.random.Generator) -> None:
    revenue = yearly["revenue"]
    n = revenue.shape[1]
    yearly["main_revenue"] = revenue * rng.beta(12, 2, n)
    yearly["total_income"] = revenue * (1.0 + rng.exponential(0.02, n))
    yearly["ht_product_income"] = yearly["total_income"] * rng.beta(5, 2, n)
    margin = rng.normal(0.06, 0.09, revenue.shape)
    yearly["net_profit"] = revenue * margin
    yearly["cost_total"] = revenue * (1.0 - np.clip(margin * 1.15, -0.5, 0.6))
    growth = np.cumprod(np.vstack([np.ones(n), 1.0 + rng.normal(0.1, 0.12, (2, n))]), axis=0)
    yearly["assets_total"] = revenue[0] * rng.lognormal(0.2, 0.4, n) * growth
    yearly["liabilities"] = yearly["assets_total"] * rng.beta(4, 5, n)
    small, big = (np.cumsum(shares) for shares in _RD_CLASSES)
    draw = rng.random(n)
    classes = np.where(is_big, np.searchsorted(big, draw), np.searchsorted(small, draw))
    low, high = np.array([[0.10, 0.05, 0.03, 0.0], [0.24, 0.10, 0.05, 0.03]])[:, classes]
    ratio = (low + (high - low) * rng.random(n)) * rng.lognormal(0.0, 0.06, revenue.shape)
    yearly["rd_expense"] = revenue * ratio
    yearly["rd_domestic"] = yearly["rd_expense"] * rng.beta(18, 1.2, n)
    yearly["tech_contract_value"] = np.where(
        rng.random(revenue.shape) < 0.2, revenue * rng.exponential(0.05, revenue.shape), 0.0
    )


def _staff_and_rights(yearly: dict[str, Figures], rng: np.random.Generator) -> None:
    revenue = yearly["revenue"]
    n = revenue.shape[1]
    staff = np.maximum(revenue / (6.5e5 * rng.lognormal(0.0, 0.3, n)), 2.0)
    yearly["staff_total"] = staff
    yearly["tech_staff"] = staff * rng.beta(3, 7, n)
    yearly["rd_staff"] = yearly["tech_staff"] * rng.beta(6, 3, n)
    yearly["graduates_hired"] = rng.poisson(staff * 0.04).astype(np.float64)
    pace = yearly["rd_expense"] / 1.5e6
    yearly["ip_class1"] = np.cumsum(rng.poisson(0.35 * pace), axis=0).astype(np.float64)
    yearly["ip_class2"] = np.cumsum(rng.poisson(0.4 + 0.6 * pace), axis=0).astype(np.float64)
    yearly["invention_applications"] = rng.poisson(0.5 * pace).astype(np.float64)


def _last_year(
    yearly: dict[str, Figures], firms: pl.DataFrame, rng: np.random.Generator
) -> dict[str, Figures]:
    n = firms.height
    age = PERIOD - firms["founded"].to_numpy()
    raised: Figures = np.where(rng.random(n) < 0.06, rng.lognormal(16.2, 0.9, n), 0.0)
    latest: dict[str, Figures] = {
        "pct_applications": rng.poisson(0.04 * yearly["rd_expense"][-1] / 1.5e6).astype(np.float64),
        "postgraduate_share": np.round(rng.beta(2, 9, n), 3),
        "venture_capital": np.round(raised, -3),
        "equity_financing_2y": np.round(raised * rng.uniform(1.0, 1.8, n), -3),
        "rd_superdeduction_tax_saved": np.round(yearly["rd_expense"][-1] * 0.15, -3),
        "niche_years": np.minimum(age, rng.integers(1, 16, n)).astype(np.float64),
        "transformations_per_year": rng.poisson(3.0, n).astype(np.float64),
        "core_processes_on_it": rng.poisson(1.4, n).astype(np.float64),
        "national_niche_share": np.round(rng.beta(1.2, 14, n), 3),
        "ip_class1_main_product": np.minimum(rng.poisson(1.2, n), yearly["ip_class1"][-1]),
        "digital_level": rng.integers(1, 5, n).astype(np.float64),
    }
    for name, chance in (
        ("has_rd_institution", 0.35), ("own_brand", 0.6), ("management_certificate", 0.5),
    ):  # fmt: skip
        latest[name] = (rng.random(n) < chance).astype(np.float64)
    return latest
