"""Without its mean, a language is no topic."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.retrieval import Corpus, Language, RetrievalSettings, TextIndex
from jicheng.retrieval.centring import Centring
from retrieval_builders import PlantedEmbedder, planted_texts

VECTORS_ONLY = {"planted": 1.0}


def best(query: str, *, least_centred: int) -> list[str]:
    settings = RetrievalSettings(engines=("planted",), least_centred=least_centred)
    index = TextIndex.build(Corpus.of(planted_texts()), settings, embedders=[PlantedEmbedder()])
    hits = index.search(query)
    asked = index._asked(query)["planted"]
    nearest = np.argsort(-(index.vectors[0].vectors @ asked.query), kind="stable")[:24]
    assert len(hits) == 120
    return [index.corpus.texts[row] for row in nearest]


def test_centred_vectors_find_the_topic_in_both_languages() -> None:
    found = best("轴承", least_centred=50)
    assert sum("轴承" in text for text in found) == 12
    assert sum("bearing" in text for text in found) == 12


def test_raw_vectors_find_the_language_instead() -> None:
    found = best("轴承", least_centred=1_000)
    assert sum("bearing" in text for text in found) == 0
    assert sum("第" in text for text in found) == 24


def test_means_are_of_each_language_and_counted() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], dtype=np.float32)
    languages = np.array(["zh", "zh", "en"])
    made = Centring.of(vectors, languages, least=2)
    assert made.counts == {"zh": 2, "en": 1}
    assert made.skipped == (("en", 1),)
    assert list(made.means) == ["zh"]
    assert made.means["zh"] == pytest.approx([0.5, 0.5])
    centred = made.documents(vectors, languages)
    assert centred[2] == pytest.approx(vectors[2])  # left raw
    assert centred[0] == pytest.approx([0.5**0.5, -(0.5**0.5)])


def test_mean_of_a_language_is_taken_off() -> None:
    random = np.random.default_rng(5)
    vectors = (random.standard_normal((400, 8)) + 3.0).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    languages = np.array(["zh"] * 200 + ["en"] * 200)
    centred = Centring.of(vectors, languages, least=50).documents(vectors, languages)
    assert np.abs(vectors[:200].mean(axis=0)).max() > 0.3
    assert np.abs(centred[:200].mean(axis=0)).max() < 0.1
    assert np.linalg.norm(centred, axis=1) == pytest.approx(1.0)


def test_a_query_in_a_language_without_mean_loses_that_of_all() -> None:
    made = Centring({"zh": np.array([0.5, 0.0], np.float32)}, {"zh": 80, "en": 0})
    query = np.array([1.0, 0.5], dtype=np.float32)
    assert made.query(query, Language.EN) == pytest.approx(made.query(query, Language.ZH))
    raw = Centring({}, {"zh": 3, "en": 0})
    assert raw.query(query, Language.ZH) is query
