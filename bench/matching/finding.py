"""Texts ranked for needs: by words, by each engine, by everything, in every direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.matching.sets import Codes, Needs
from jicheng.kernel.ranking import found_at, ndcg, precision_at_1, recall_at
from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import Embedder

__all__ = ["DIRECTIONS", "EVERYTHING", "WORDS", "Ranked", "codes_found", "measured", "rankings"]

Floats = NDArray[np.float64]

WORDS = "words"
EVERYTHING = "everything"

DIRECTIONS = (
    ("zh", "zh"), ("zh", "en"), ("zh", "all"), ("en", "en"), ("en", "zh"), ("en", "all"),
)  # fmt: skip
"""Language of the needs, and of the texts that are ranked and counted."""


@dataclass(frozen=True)
class Ranked:
    """Measures of one way of ranking, one value a need."""

    ndcg: Floats
    recall: Floats
    first: Floats


def rankings(
    corpus: Corpus,
    queries: Sequence[str],
    embedders: Sequence[Embedder],
    cache: VectorCache,
    *,
    with_raw: bool = True,
) -> dict[str, Floats]:
    """Return the scores of every way, shape (queries, texts); -inf: not returned.

    ``words`` is an index without engines, as one gets it without the extra ``semantic``.
    An engine is told as it is (``raw``: cosine) and as it ships (centred, drawn to its best
    texts, a z per language); ``everything`` is the sum that ships.
    """
    plain = TextIndex.build(corpus, RetrievalSettings(engines=()))
    scores = {WORDS: _found(plain, queries, [None])[0]}
    if not embedders:
        return scores
    index = TextIndex.build(corpus, embedders=embedders, cache=cache)
    for one in embedders if with_raw else ():
        documents = cache.documents(one, corpus.texts)
        asked = one.encode_queries(list(queries))
        scores[f"{one.part} raw"] = (asked @ documents.T).astype(np.float64)
    ways: dict[str, Mapping[str, float] | None] = {
        f"{one.part} as shipped": {one.part: 1.0} for one in embedders
    }
    ways[EVERYTHING] = None
    scores |= zip(ways, _found(index, queries, list(ways.values())), strict=True)
    return scores


def measured(needs: Needs, scores: Floats, texts: str) -> Ranked:
    """Return the measures of scores when only the texts of a language are ranked."""
    columns = needs.columns(texts)
    ranked, grades = scores[:, columns], needs.grades[:, columns]
    return Ranked(ndcg(ranked, grades), recall_at(ranked, grades), precision_at_1(ranked, grades))


def codes_found(codes: Codes, scores: Floats, *, first: int = 10) -> Floats:
    """Return 1 for each mistyped query whose text is among the first, else 0."""
    return found_at(scores, codes.wanted, first=first)


def _found(
    index: TextIndex, queries: Sequence[str], weights: Sequence[Mapping[str, float] | None]
) -> Floats:
    """Scores by weights (None: those that ship), shape (weights, queries, texts)."""
    scores = np.full((len(weights), len(queries), len(index.corpus)), -np.inf)
    for row, query in enumerate(queries):
        hits = index.search(query, most=len(index.corpus))
        for way, one in enumerate(weights):
            scores[way, row, hits.place] = hits.total(one)
    return scores
