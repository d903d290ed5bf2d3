"""BM25 of arrays against the formula written out."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jicheng.retrieval.postings import Postings, _counted

TEXTS = st.lists(st.lists(st.integers(1, 6), max_size=8), min_size=1, max_size=8)


def postings(texts: list[list[int]], group: list[int]) -> Postings:
    keys = np.array([key for text in texts for key in text], dtype=np.uint64)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts]).astype(np.int32)
    return Postings.of(keys, rows, group=np.array(group), k1=1.2, b=0.75)


def test_texts_that_hold_a_term_are_counted_once_each() -> None:
    made = postings([[1, 1, 2], [1], [3]], [0, 0, 0])
    assert made.n_holding([3, 1, 9, 2]).tolist() == [1, 2, 0, 1]
    assert postings([[]], [0]).n_holding([1]).tolist() == [0]


def plain(texts: list[list[int]], group: list[int], query: dict[int, float]) -> list[float]:
    n = len(texts)
    scores = []
    for text, own in zip(texts, group, strict=True):
        lengths = [len(other) for other, its in zip(texts, group, strict=True) if its == own]
        mean = sum(lengths) / len(lengths)
        counts = Counter(text)
        score = 0.0
        for key, boost in query.items():
            df = sum(key in other for other in texts)
            if counts[key]:
                idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
                norm = 1.2 * (0.25 + 0.75 * len(text) / mean)
                score += boost * idf * counts[key] * 2.2 / (counts[key] + norm)
        scores.append(score)
    return scores


@given(TEXTS, st.dictionaries(st.integers(1, 8), st.sampled_from([0.5, 1.0])), st.data())
def test_scores_are_the_formula(
    texts: list[list[int]], query: dict[int, float], data: st.DataObject
) -> None:
    group = data.draw(st.lists(st.integers(0, 1), min_size=len(texts), max_size=len(texts)))
    made, most = postings(texts, group).scores(query)
    expected = plain(texts, group, query)
    assert made == pytest.approx(expected, abs=1e-4)
    assert most >= max(expected) - 1e-4


@given(TEXTS, st.integers(1, 5))
def test_blocks_change_nothing(texts: list[list[int]], block: int) -> None:
    keys = np.array([key for text in texts for key in text], dtype=np.uint64)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts]).astype(np.int32)
    for whole, cut in zip(_counted(keys, rows), _counted(keys, rows, block=block), strict=True):
        assert whole.tolist() == cut.tolist()


def test_postings_come_back_from_disk(tmp_path: Path) -> None:
    made = postings([[1, 2], [2, 3, 3], []], [0, 1, 0])
    made.save(tmp_path)
    again = Postings.load(tmp_path, 3)
    assert again.scores({2: 1.0, 3: 0.5})[0].tolist() == made.scores({2: 1.0, 3: 0.5})[0].tolist()


def test_no_texts_and_no_terms_give_no_scores() -> None:
    empty = Postings.of(
        np.empty(0, np.uint64), np.empty(0, np.int32), group=np.empty(0, np.intp), k1=1.2, b=0.75
    )
    assert empty.scores({1: 1.0})[0].tolist() == []
    assert postings([[1]], [0]).scores({})[0].tolist() == [0.0]
