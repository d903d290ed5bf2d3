"""Relatedness: proximity and density against plain loops and a published matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from builders import make_zone, technologies
from jicheng.select.relatedness import balassa, density, measure_relatedness, proximity


def plain_proximity(held: np.ndarray, shrinkage: float) -> np.ndarray:
    n, m = held.shape
    near = np.zeros((m, m))
    for p in range(m):
        for q in range(m):
            both = sum(held[i, p] * held[i, q] for i in range(n))
            largest = max(held[:, p].sum(), held[:, q].sum()) + shrinkage
            near[p, q] = both / largest if largest else 0.0
    return near


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 3.0]))
def test_proximity_equals_the_plain_version(seed: int, shrinkage: float) -> None:
    rng = np.random.default_rng(seed)
    held = (rng.random((int(rng.integers(1, 8)), int(rng.integers(1, 6)))) < 0.5).astype(float)
    near = proximity(sparse.csr_array(held), shrinkage)
    assert np.allclose(near, plain_proximity(held, shrinkage))
    assert np.array_equal(near, near.T)
    assert (near <= 1.0).all()


def test_what_is_always_held_together_is_nearest() -> None:
    held = sparse.csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]))
    near = proximity(held)
    assert near[0, 1] == 1.0
    assert near[0, 2] == 0.5


def test_shrinkage_doubts_a_single_common_holder() -> None:
    held = sparse.csr_array(np.array([[1.0, 1.0]]))
    assert proximity(held)[0, 1] == 1.0
    assert proximity(held, 3.0)[0, 1] == 0.25


def test_density_is_the_part_of_what_is_near() -> None:
    near = np.array([[1.0, 0.6, 0.2], [0.6, 1.0, 0.0], [0.2, 0.0, 1.0]])
    strong = np.array([False, True, False])
    assert density(near, strong)[0] == pytest.approx(0.75)
    assert density(near, strong, with_itself=True)[0] == pytest.approx(0.6 / 1.8)
    assert density(near, strong)[1] == 0.0


def test_density_is_unknown_where_nothing_is_near() -> None:
    assert np.isnan(density(np.eye(2), np.array([True, True]))).all()


def test_balassa_is_one_for_a_place_like_the_whole() -> None:
    n_all = np.array([10, 20, 0])
    assert balassa(np.array([5, 10, 0]), n_all).tolist() == [1.0, 1.0, 0.0]
    assert balassa(np.array([5, 5, 0]), n_all)[0] > 1.0


def holders(zone: str | None, **held: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    organisations = [{"id": name, "name": name, "kind": "firm", "zone": zone} for name in held]
    holdings = [
        {"holder": name, "capability": c, "level": 0.5} for name, cs in held.items() for c in cs
    ]
    return organisations, holdings


def related(needs: list[dict[str, Any]], *parts: tuple[list[Any], list[Any]]) -> Any:
    zone = make_zone(
        technologies=technologies("t", "u"),
        capabilities=[{"id": name, "name": name} for name in "abcd"],
        organisations=[row for part in parts for row in part[0]],
        holdings=[row for part in parts for row in part[1]],
        needs=needs,
    )
    return measure_relatedness(zone)


def test_a_missing_need_counts_by_its_nearness_to_strengths() -> None:
    inside, outside = holders("zone:test", i="ab", j="ab"), holders(None, x="bc", y="cd")
    needs = [
        {"technology": "t", "capability": "a"},
        {"technology": "t", "capability": "c"},
        {"technology": "u", "capability": "d"},
    ]
    found = related(needs, inside, outside)
    c = found.capabilities.filter(capability="c").row(0, named=True)
    assert (c["n_holders"], c["n_holders_here"], c["is_strong_here"]) == (2, 0, False)
    assert c["density"] == pytest.approx((1 / 6) / (1 / 6 + 1 / 5))
    of = {row["technology"]: row for row in found.technologies.iter_rows(named=True)}
    assert of["t"]["held_share"] == 0.5
    assert of["t"]["density"] == pytest.approx((1.0 + c["density"]) / 2)
    assert of["u"]["density"] == 0.0


def test_a_need_is_held_at_its_level_only() -> None:
    needs = [{"technology": "t", "capability": "a", "level": 0.9}]
    found = related(needs, holders("zone:test", i="ab"), holders(None, x="ab"))
    assert found.technologies["held_share"].to_list() == [0.0]
    assert 0.0 < found.technologies["density"][0] <= 1.0


def test_without_holdings_nothing_is_near() -> None:
    found = related([{"technology": "t", "capability": "a"}])
    assert found.capabilities["density"].to_list() == [None]
    assert found.technologies["density"].to_list() == [0.0]


@pytest.mark.shared
def test_balassa_index_of_world_trade_as_published(shared: Path) -> None:
    trade = pl.read_csv(
        shared / "eci" / "world_trade_avg_1998_to_2000.csv",
        schema_overrides={"product": pl.String, "value": pl.Float64},
    )
    published = pl.read_csv(shared / "eci" / "ref_balassa_index.csv")
    table = trade.pivot(on="product", index="country", values="value").fill_null(0.0)
    table = table.join(published.select(country="name"), on="country", maintain_order="right")
    products = published.columns[1:]
    values = table.select(products).to_numpy()
    found = np.array([balassa(row, values.sum(axis=0)) >= 1.0 for row in values])
    expected = published.select(products).to_numpy().astype(bool)
    assert found.shape[0] > 200
    assert np.array_equal(found, expected)
