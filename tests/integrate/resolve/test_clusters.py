from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.integrate.resolve.clusters import Clustering, Power, cluster

ROWS = 7
ROW = st.integers(0, ROWS - 1)
LINKS = st.lists(st.tuples(ROW, ROW, st.sampled_from([0.95, 0.97, 0.99])), max_size=12)
CODES = st.lists(st.sampled_from([None, None, "x", "y"]), min_size=ROWS, max_size=ROWS)
APART = st.lists(st.tuples(ROW, ROW).filter(lambda pair: pair[0] != pair[1]), max_size=3)


def joined(links, codes, apart, names=None, power=Power.LIKENESS) -> Clustering:
    array = np.array([link[:2] for link in links], dtype=np.int64).reshape(-1, 2)
    return cluster(
        ROWS, array[:, 0], array[:, 1],
        strength=np.array([link[2] for link in links], dtype=np.float64),
        power=np.full(len(links), power, dtype=np.int8),
        codes=pl.DataFrame({"code": codes}, schema={"code": pl.String}),
        parting=pl.DataFrame({"name": names or [None] * ROWS}, schema={"name": pl.String}),
        apart=apart,
    )  # fmt: skip


def one_by_one(links, codes, apart) -> list[int]:
    """Take links strongest first and relabel everything each time."""
    label = list(range(ROWS))
    for a, b, _ in sorted(links, key=lambda link: (-link[2], link[0], link[1])):
        rows = [row for row in range(ROWS) if label[row] in (label[a], label[b])]
        kinds = {codes[row] for row in rows if codes[row]}
        parted = any(x in rows and y in rows for x, y in apart)
        if len(kinds) <= 1 and not parted:
            low = min(label[a], label[b])
            for row in rows:
                label[row] = low
    return label


@settings(deadline=None, max_examples=60)
@given(LINKS, CODES, APART)
def test_clusters_equal_taking_links_one_by_one(links, codes, apart) -> None:
    assert joined(links, codes, apart).first.tolist() == one_by_one(links, codes, apart)


@settings(deadline=None, max_examples=60)
@given(LINKS, CODES, APART)
def test_no_cluster_holds_what_must_not_be_joined(links, codes, apart) -> None:
    first = joined(links, codes, apart).first
    for low in set(first.tolist()):
        kinds = {codes[row] for row in range(ROWS) if first[row] == low and codes[row]}
        assert len(kinds) <= 1
    assert all(first[a] != first[b] for a, b in apart)


def test_stronger_link_wins_over_a_weaker_one_that_conflicts() -> None:
    found = joined([(0, 1, 0.95), (1, 2, 0.99)], ["x", None, "y", None, None, None, None], [])
    assert found.first.tolist() == [0, 1, 1, 3, 4, 5, 6]
    assert found.refused.tolist() == [0]


def test_different_names_are_joined_by_identifiers_only() -> None:
    names = ["王伟", "王薇", None, None, None, None, None]
    nothing = [None] * ROWS
    assert joined([(0, 1, 0.99)], nothing, [], names).first[1] == 1
    assert joined([(0, 1, 0.99)], nothing, [], names, Power.IDENTIFIER).first[1] == 0
    assert joined([(0, 2, 0.99), (1, 2, 0.97)], nothing, [], names).first.tolist()[:3] == [0, 1, 0]


def test_a_person_joins_different_identifiers_but_not_what_is_known_apart() -> None:
    codes = ["x", "y", None, None, None, None, None]
    assert joined([(0, 1, 0.9)], codes, [], power=Power.IDENTIFIER).first[1] == 1
    assert joined([(0, 1, 0.9)], codes, [], power=Power.PERSON).first[1] == 0
    assert joined([(0, 1, 0.9)], codes, [(0, 1)], power=Power.PERSON).first[1] == 1
