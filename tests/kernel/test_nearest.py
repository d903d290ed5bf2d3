"""Nearest vectors against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.kernel import nearest
from jicheng.kernel.nearest import best_rows, cells_of, dot_products, rows_near


@given(
    st.lists(st.integers(-3, 3), max_size=30),
    st.integers(0, 12),
    st.integers(0, 2**30 - 1) | st.none(),
)
def test_best_rows_are_those_of_a_full_sort(
    values: list[int], most: int, allowed: int | None
) -> None:
    scores = np.array(values, dtype=np.float32)
    among = None
    if allowed is not None:
        among = np.array([bool(allowed >> i & 1) for i in range(len(values))], dtype=bool)
    rows = [i for i in range(len(values)) if among is None or among[i]]
    expected = sorted(rows, key=lambda i: (-values[i], i))[:most]
    assert best_rows(scores, most, among).tolist() == expected


def test_best_rows_never_returns_minus_infinity() -> None:
    assert best_rows(np.array([-np.inf, 1.0, -np.inf]), 3).tolist() == [1]


@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize("block", [1, 64, 1 << 20])
def test_dot_products_do_not_depend_on_blocks(
    kind: type[np.floating], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "_BLOCK_BYTES", block)
    random = np.random.default_rng(3)
    vectors = random.standard_normal((37, 5)).astype(kind)
    queries = random.standard_normal((4, 5)).astype(np.float32)
    rows = np.array([30, 2, 2, 36])
    plain = queries.astype(np.float64) @ vectors.astype(np.float64).T
    assert dot_products(vectors, queries) == pytest.approx(plain, abs=1e-5)
    assert dot_products(vectors, queries[1]) == pytest.approx(plain[1], abs=1e-5)
    assert dot_products(vectors, queries, rows) == pytest.approx(plain[:, rows], abs=1e-5)
    assert dot_products(vectors, queries, rows[:0]).shape == (4, 0)


def clustered(n: int, d: int, n_topics: int, seed: int) -> np.ndarray:
    """Vectors as texts have them: many topics, scattered around each."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((n_topics, d))
    made = topics[random.integers(n_topics, size=n)] + 0.7 * random.standard_normal((n, d))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def test_cells_find_nearly_all_of_the_exact_ten() -> None:
    vectors = clustered(10_000, 64, 400, seed=1)
    cells = cells_of(vectors, seed=1)
    found = met = 0
    queries = clustered(10_100, 64, 400, seed=1)[10_000:]
    for query in queries:
        near = rows_near(cells, query)
        met += len(near)
        approximate = near[best_rows(dot_products(vectors, query, near), 10)]
        exact = best_rows(dot_products(vectors, query), 10)
        found += len(np.intersect1d(approximate, exact))
    assert met / len(queries) < 0.09 * len(vectors)  # few are compared ...
    assert found / (10 * len(queries)) >= 0.95  # ... and hardly any is missed


def test_cells_hold_every_row_once_and_are_the_same_again() -> None:
    vectors = clustered(1_000, 8, 10, seed=2)
    first, second = (cells_of(vectors, n_cells=20, seed=5) for _ in range(2))
    assert sorted(first.rows.tolist()) == list(range(1_000))
    assert first.rows.tolist() == second.rows.tolist()
    assert rows_near(first, vectors[0], share=1.0).tolist() == list(range(1_000))


def test_cells_of_equal_vectors_still_hold_all() -> None:
    vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (9, 1))
    cells = cells_of(vectors, seed=1)
    assert sorted(cells.rows.tolist()) == list(range(9))
    assert len(rows_near(cells, vectors[0])) >= 1
