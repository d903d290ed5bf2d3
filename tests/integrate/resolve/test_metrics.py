from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve.metrics import agreement

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(LABELS)
def test_figures_equal_counting_pairs_and_records(labels: list[tuple[int, int]]) -> None:
    found, truth = zip(*labels, strict=True)
    said = [(a, b) for a, b in combinations(range(len(found)), 2) if found[a] == found[b]]
    true = [(a, b) for a, b in combinations(range(len(found)), 2) if truth[a] == truth[b]]
    right = len(set(said) & set(true))
    got = agreement(pl.Series(found), pl.Series(truth))
    assert got.precision == pytest.approx(right / len(said) if said else 1)
    assert got.recall == pytest.approx(right / len(true) if true else 1)
    shares = []
    for row in range(len(found)):
        cluster = {k for k in range(len(found)) if found[k] == found[row]}
        whole = {k for k in range(len(found)) if truth[k] == truth[row]}
        shares.append((len(cluster & whole) / len(cluster), len(cluster & whole) / len(whole)))
    assert got.b_precision == pytest.approx(sum(p for p, _ in shares) / len(shares))
    assert got.b_recall == pytest.approx(sum(r for _, r in shares) / len(shares))


def test_perfect_clusters_have_one_everywhere() -> None:
    got = agreement(pl.Series(["a", "a", "b"]), pl.Series([1, 1, 2]))
    assert (got.f1, got.b_f1) == (1.0, 1.0)


def test_one_kind_is_counted_alone() -> None:
    got = agreement(
        pl.Series([1, 1, 2, 2]), pl.Series([1, 1, 2, 3]),
        counted=pl.Series([True, True, False, False]),
    )  # fmt: skip
    assert (got.precision, got.recall) == (1.0, 1.0)
