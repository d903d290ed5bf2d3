"""How a text resembles every node: by words, by grams, by vectors, by patent class.

    words, grams  BM25 of the text against the node's document in either language, the
                  better of the two, over the square root of the text's distinct words
                  and ten, so that neither long texts nor mere titles score by their length
    use, e5       cosine of the centred vectors of the text and of the node's views, the best
    class         how far a patent class of the text and one of the node agree: 3 subgroup,
                  2 main group, 1 subclass, 0 not or not known

Vectors are centred by means that ship (``means.csv``: of technical texts, and of nodes, by
language), so that what is said of a text never depends on the other texts of a zone.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jicheng import taxonomy
from jicheng.integrate.profile.nodes import Nodes
from jicheng.retrieval import Corpus, Language, RetrievalSettings, language_of, words_of
from jicheng.retrieval.embedding import Embedder
from jicheng.retrieval.embedding.unit import unit_rows
from jicheng.retrieval.lexical import LexicalIndex
from jicheng.retrieval.vectors import one_thread

__all__ = ["LEXICAL", "AsQueries", "Features", "Vectors", "document_of", "shipped_means"]

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]
Means = Mapping[tuple[str, str, str], Floats]

LEXICAL = ("words", "grams", "class")
_LONGEST = 1_000  # characters of a text that its vector is made of
_LONGEST_WORDS = 2_000
_DAMPING = 10  # of 0, 10 and 30 the best on chosen_on.csv and its shortened texts


def document_of(title: str | None, body: str | None) -> str:
    """Return what a text says: its title, then its body unless that begins with it."""
    head, rest = (title or "").strip(), (body or "").strip()
    if not head or rest.startswith(head):
        return rest
    return f"{head}。{rest}" if rest else head


@cache
def shipped_means() -> Means:
    """Return the mean vectors that are taken off, by part, side (text, node) and language."""
    file = resources.files("jicheng.integrate.profile").joinpath("means.csv")
    return {
        (row["part"], row["side"], row["language"]): np.array(
            [float(x) for x in row["mean"].split()], dtype=np.float32
        )
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
    }


class Vectors(Protocol):
    """What encodes documents, and may remember them: the cache of vectors."""

    def documents(
        self, engine: Embedder, texts: Sequence[str], progress: Progress | None = None
    ) -> Floats:
        """Return one unit row for each text."""
        ...


@dataclass(frozen=True)
class AsQueries:
    """An engine whose documents are encoded as queries: nodes ask, texts answer."""

    engine: Embedder

    @property
    def part(self) -> str:
        """Name of its part of a score."""
        return self.engine.part

    @property
    def name(self) -> str:
        """Another name than the engine's: vectors of both sides are never mixed."""
        return f"{self.engine.name}-queries"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.engine.dimension

    def encode_documents(self, texts: Sequence[str]) -> Floats:
        """Return one unit row for each text, encoded as a query."""
        return self.engine.encode_queries(texts)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Return one unit row for each query."""
        return self.engine.encode_queries(texts)


@dataclass(frozen=True)
class Features:
    """What is known of the nodes, ready to be compared with texts.

    Attributes
    ----------
    nodes : Nodes
    engines : tuple of Embedder
        Vector engines, in the order of their parts.
    cache : Vectors
        Keeps vectors of texts and nodes by content.
    """

    nodes: Nodes
    engines: tuple[Embedder, ...]
    cache: Vectors
    means: Means = field(repr=False)
    _lexical: LexicalIndex = field(repr=False)
    _documents: Mapping[str, NDArray[np.intp]] = field(repr=False)  # rows by language
    _vectors: Mapping[str, Floats] = field(repr=False)

    @classmethod
    def of(
        cls,
        nodes: Nodes,
        engines: tuple[Embedder, ...],
        cache: Vectors,
        *,
        means: Means | None = None,
        progress: Progress | None = None,
    ) -> Features:
        """Index the nodes, and encode them with each engine (once a cache and taxonomy)."""
        known = shipped_means() if means is None else means
        own_views = {f"{view.language}{i:06d}": view.words for i, view in enumerate(nodes.views)}
        corpus = Corpus.of(own_views | _background(nodes))
        documents = {}
        for language in Language:
            own = [view.node for view in nodes.views if view.language is language]
            documents[language.value] = np.array(own, dtype=np.intp)
        vectors = {}
        for engine in engines:
            said = [view.text[:_LONGEST] for view in nodes.views]
            rows = cache.documents(AsQueries(engine), said, progress)
            languages = [view.language.value for view in nodes.views]
            vectors[engine.part] = _centred(rows, languages, engine.part, "node", known)
        # Nodes named in both languages need no list of terms to be found in either, and
        # looking terms up takes two thirds of the time.
        is_bilingual = len(nodes.views) == len(Language) * len(nodes)
        boost = 0.0 if is_bilingual else RetrievalSettings().gloss_boost
        lexical = LexicalIndex.of(corpus, RetrievalSettings(engines=(), gloss_boost=boost))
        return cls(nodes, engines, cache, known, lexical, documents, vectors)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the last axis of :meth:`matrix`."""
        return (*LEXICAL, *(engine.part for engine in self.engines))

    def matrix(
        self,
        texts: Sequence[str],
        codes: Sequence[str | None],
        progress: Progress | None = None,
    ) -> Floats:
        """Return the features of every pair of a text and a node.

        Parameters
        ----------
        texts : sequence of str, length n
        codes : sequence of str or None, length n
            Patent classes, separated by semicolons.
        progress : callable, optional
            Called with how many texts are encoded, and how many there are.

        Returns
        -------
        ndarray of float32, shape (n, nodes, features)
        """
        made = np.zeros((len(texts), len(self.nodes), len(self.names)), dtype=np.float32)
        for i, text in enumerate(texts):
            self._add_words(made[i], text[:_LONGEST_WORDS])
        self._add_classes(made[:, :, 2], codes)
        for k, engine in enumerate(self.engines, len(LEXICAL)):
            made[:, :, k] = self._cosines(engine, texts, progress)
        return made

    def encoded(self, texts: Sequence[str], progress: Progress | None = None) -> None:
        """Encode texts into the cache, so that an interrupted run goes on where it was."""
        for engine in self.engines:
            self.cache.documents(engine, [text[:_LONGEST] for text in texts], progress)

    def likeness(self, texts: Sequence[str], nodes: Sequence[int]) -> Floats:
        """Return how near each text is to the node beside it, shape (n,): for sentences."""
        if not self.engines:
            return np.array(
                [self._word_likeness(text, k) for text, k in zip(texts, nodes, strict=True)],
                dtype=np.float32,
            )  # fmt: skip
        engine = self.engines[0]
        rows = self._text_vectors(engine, texts, None)
        best = np.full(len(texts), -np.inf, dtype=np.float32)
        asked = np.asarray(nodes)
        for own, vectors in self._by_language(engine.part):
            place = np.full(len(self.nodes), -1)
            place[own] = np.arange(len(own))
            there = place[asked] >= 0
            near = np.einsum("ij,ij->i", rows[there], vectors[place[asked[there]]])
            best[there] = np.maximum(best[there], near)
        return best

    def _word_likeness(self, text: str, node: int) -> float:
        row = np.zeros((len(self.nodes), len(self.names)), dtype=np.float32)
        self._add_words(row, text)
        return float(row[node, 0] + row[node, 1])

    def _add_words(self, made: Floats, text: str) -> None:
        length = np.sqrt(len(set(words_of(text))) + _DAMPING)
        scores = self._lexical.scores(text)
        at = 0
        # Rows of the corpus are sorted by id: all views in English, then all in Chinese, then
        # the background.
        for language in sorted(language.value for language in Language):
            own = self._documents[language]
            for k, name in enumerate(("words", "grams")):
                part = scores[name][at : at + len(own)] / length
                made[own, k] = np.maximum(made[own, k], part)
            at += len(own)

    def _add_classes(self, made: Floats, codes: Sequence[str | None]) -> None:
        if self.nodes.table["ipc"].null_count() == len(self.nodes) or not any(codes):
            return
        parsed = [taxonomy.parse_classes(code) for code in codes]
        known = sorted({str(symbol) for symbols in parsed for symbol in symbols})
        found = taxonomy.capabilities_by_class(self.nodes.table, known)
        place = {name: k for k, name in enumerate(self.nodes.ids)}
        reach: dict[str, list[tuple[int, int]]] = {}
        for code, name, level in found.select("code", "capability", "level").iter_rows():
            reach.setdefault(code, []).append((place[name], level))
        for i, symbols in enumerate(parsed):
            for symbol in symbols:
                for k, level in reach.get(str(symbol), ()):
                    made[i, k] = max(made[i, k], level)

    def _cosines(self, engine: Embedder, texts: Sequence[str], progress: Progress | None) -> Floats:
        rows = self._text_vectors(engine, texts, progress)
        made = np.full((len(texts), len(self.nodes)), -1.0, dtype=np.float32)
        with one_thread():
            for own, vectors in self._by_language(engine.part):
                made[:, own] = np.maximum(made[:, own], rows @ vectors.T)
        return made

    def _by_language(self, part: str) -> list[tuple[NDArray[np.intp], Floats]]:
        languages = np.array([view.language.value for view in self.nodes.views])
        return [
            (self._documents[language.value], self._vectors[part][languages == language.value])
            for language in Language
        ]

    def _text_vectors(
        self, engine: Embedder, texts: Sequence[str], progress: Progress | None
    ) -> Floats:
        said = [text[:_LONGEST] for text in texts]
        rows = self.cache.documents(engine, said, progress)
        languages = [language_of(text).value for text in texts]
        return _centred(rows, languages, engine.part, "text", self.means)


def _background(nodes: Nodes) -> dict[str, str]:
    """Return what the other shipped nodes are called.

    How rare a word is must not depend on how short a zone's list of capabilities is.
    """
    own = set(nodes.ids)
    shipped = Nodes.of(taxonomy.load())
    others = [view for view in shipped.views if shipped.ids[view.node] not in own]
    return {f"~{i:06d}": view.words for i, view in enumerate(others)}


def _centred(rows: Floats, languages: Sequence[str], part: str, side: str, means: Means) -> Floats:
    nothing = np.zeros(rows.shape[1], dtype=np.float32)
    taken = {language: means.get((part, side, language), nothing) for language in set(languages)}
    if not languages:
        return rows
    return unit_rows(rows - np.stack([taken[language] for language in languages]))
