"""The index of a corpus: build it, keep it, search it, and say why a text was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.atomic import replaced_folder
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.kernel.nearest import best_rows
from jicheng.retrieval.cache import Progress, VectorCache
from jicheng.retrieval.corpus import Corpus, encoded_text
from jicheng.retrieval.embedding import Embedder, installed_embedders, missing_engines
from jicheng.retrieval.explanation import (
    Explanation,
    SentenceScore,
    matches,
    sentences_by_words,
)
from jicheng.retrieval.hits import Hits, weighted
from jicheng.retrieval.language import Language, language_of
from jicheng.retrieval.lexical import LEXICAL, LexicalIndex
from jicheng.retrieval.manifest import FORMAT, read_manifest, write_manifest
from jicheng.retrieval.scale import Groups, z_of
from jicheng.retrieval.sentences import sentences_of
from jicheng.retrieval.settings import RetrievalSettings, check_settings, stored_settings
from jicheng.retrieval.vectors import Asked, VectorPart

__all__ = ["Progress", "TextIndex"]

Z = NDArray[np.float32]

_BM25 = "bm25"
_SEED_POOL = 10  # candidates for each text that draws the query; too few texts draw nothing
_MOST_SENTENCES = 200  # of a text that are compared with the query


@dataclass(frozen=True)
class TextIndex:
    """A corpus that can be searched.

    Attributes
    ----------
    corpus : Corpus
        The texts; rows of results are its rows.
    settings : RetrievalSettings
        What it was built with.
    lexical : LexicalIndex
        Words and grams.
    vectors : tuple of VectorPart
        One for each engine that encoded the texts; empty by words alone.
    embedders : tuple of Embedder
        The engines of ``vectors``, in the same order: they encode queries.
    faults : tuple of Fault
        Warnings: texts that are missing (E002), engines that are not installed (E005, E007)
        or too slow for so many texts (E010), languages with too few texts to be centred
        (E011).
    """

    corpus: Corpus
    settings: RetrievalSettings
    lexical: LexicalIndex
    vectors: tuple[VectorPart, ...] = ()
    embedders: tuple[Embedder, ...] = ()
    faults: tuple[Fault, ...] = ()

    @classmethod
    def build(
        cls,
        corpus: Corpus,
        settings: RetrievalSettings | None = None,
        folder: Path | None = None,
        progress: Progress | None = None,
        *,
        embedders: Sequence[Embedder] | None = None,
        cache: VectorCache | None = None,
    ) -> TextIndex:
        """Index a corpus, and keep the index in a folder if one is given.

        A folder that already holds the index of these texts with these settings and engines
        is opened instead. Otherwise it is replaced whole; vectors of texts that were encoded
        before, for this or another index beside it, come from the cache.

        Parameters
        ----------
        corpus : Corpus
        settings : RetrievalSettings, optional
        folder : Path, optional
            Of the index. Vectors are cached in the folder ``vectors`` beside it.
        progress : callable, optional
            Told documents done and their number, for each engine in turn.
        embedders : sequence of Embedder, optional
            Default: the installed ones that the settings want.
        cache : VectorCache, optional
            In place of the one beside the folder.

        Raises
        ------
        InvalidInput
            E003 for settings out of range, E006 for a broken engine of another package.
        """
        settings = settings or RetrievalSettings()
        check_settings(settings)
        wanted = installed_embedders(settings) if embedders is None else tuple(embedders)
        used = tuple(one for one in wanted if one.part != "e5" or len(corpus) <= settings.most_e5)
        if folder is not None:
            kept = _if_same(folder, corpus, settings, used)
            if kept is not None:
                return replace(kept, faults=kept.faults + _warnings(kept, wanted))
        if cache is None:
            cache = VectorCache(None if folder is None else folder.parent / "vectors")
        parts = tuple(_part(one, corpus, settings, cache, progress) for one in used)
        made = cls(corpus, settings, LexicalIndex.of(corpus, settings), parts, used)
        if folder is not None:
            made.save(folder)
        return replace(made, faults=corpus.faults + _warnings(made, wanted))

    @classmethod
    def open(
        cls,
        folder: Path,
        settings: RetrievalSettings | None = None,
        *,
        embedders: Sequence[Embedder] | None = None,
    ) -> TextIndex:
        """Open the index that a folder holds.

        Vectors whose engine is not installed any more, or is of another version, are left
        out with a warning: their queries could not be encoded.

        Raises
        ------
        InvalidInput
            E004 if there is none, or its files do not belong together.
        """
        settings = settings or RetrievalSettings()
        check_settings(settings)
        manifest = read_manifest(folder)
        wanted = installed_embedders(settings) if embedders is None else tuple(embedders)
        try:
            corpus = _corpus_of(folder, manifest)
            kept = {told["name"]: told for told in manifest["vectors"]}
            used = tuple(one for one in wanted if one.name in kept)
            parts = tuple(
                VectorPart.load(folder / one.part, kept[one.name], corpus) for one in used
            )
            lexical = LexicalIndex.load(folder, len(corpus), settings)
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
            raise InvalidInput.of("E004", folder=folder) from error
        made = cls(corpus, settings, lexical, parts, used)
        return replace(made, faults=_warnings(made, wanted))

    def save(self, folder: Path) -> None:
        """Write the index, whole or not at all."""
        with replaced_folder(folder) as aside:
            self.corpus.table.write_parquet(aside / "corpus.parquet")
            self.lexical.save(aside)
            told = [part.save(aside / part.part) for part in self.vectors]
            manifest: dict[str, Any] = {
                "format": FORMAT,
                "texts": len(self.corpus),
                "content": self.corpus.hash,
                "settings": stored_settings(self.settings),
                "vectors": told,
            }
            write_manifest(aside, manifest)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels that are searched: words, and vectors if there are any."""
        return ("words", "vectors") if self.vectors else ("words",)

    @property
    def engines(self) -> tuple[str, ...]:
        """Return the names of what ranks, with versions; every result should show them."""
        return (_BM25, *(part.name for part in self.vectors))

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the names of the parts of a score."""
        return (*LEXICAL, *(part.part for part in self.vectors))

    def search(
        self, query: str, *, most: int = 500, among: NDArray[np.bool_] | None = None
    ) -> Hits:
        """Find candidates for a query.

        Parameters
        ----------
        query : str
            A need, a name or a code, in Chinese or English.
        most : int
            How many the best of each part contribute, >= 1.
        among : ndarray of bool, shape (n,), optional
            Rows of the corpus that may be found; z are of all texts all the same.

        Returns
        -------
        Hits
            The union of the best of every part, with the z of all parts. A part of words
            contributes only texts that hold one.
        """
        scores = self.lexical.scores(query)
        asked = self._asked(query)
        chosen = [
            best_rows(np.where(score > 0, score, -np.inf), most, among) for score in scores.values()
        ]
        chosen += [one.best(most, among) for one in asked.values()]
        place = np.unique(np.concatenate(chosen)).astype(np.intp)
        moments = {name: self._groups.moments(score) for name, score in scores.items()}

        def parts_of(asked: Mapping[str, Asked], rows: NDArray[np.intp]) -> dict[str, Z]:
            group = self._groups.of_row[rows]
            made = {
                name: z_of(score[rows], group, *moments[name]) for name, score in scores.items()
            }
            return made | {name: one.z(rows) for name, one in asked.items()}

        seeds = self._seeds(asked, parts_of)
        if len(seeds):
            share = self.settings.feedback_share
            asked = {name: one.drawn_to(seeds, share) for name, one in asked.items()}
        return Hits(place, parts_of(asked, place), self.settings.weights)

    def _seeds(
        self,
        asked: Mapping[str, Asked],
        parts_of: Callable[[Mapping[str, Asked], NDArray[np.intp]], dict[str, Z]],
    ) -> NDArray[np.intp]:
        """Return the best texts of each language at first, whatever may be found in the end."""
        count = self.settings.feedback
        if count == 0 or not asked or len(self.corpus) == 0:
            return np.empty(0, dtype=np.intp)
        near = [one.best(_SEED_POOL * count) for one in asked.values()]
        rows = np.unique(np.concatenate(near)).astype(np.intp)
        total = weighted(parts_of(asked, rows), self.settings.weights)
        languages = self.corpus.languages[rows]
        least = max(self.settings.least_centred, _SEED_POOL * count)
        chosen = [
            rows[best_rows(np.where(languages == language.value, total, -np.inf), count)]
            for language in Language
            if len(self.corpus.rows_of(language)) >= least
        ]
        return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.intp)

    def explain(self, query: str, row: int, *, most: int = 3) -> Explanation:
        """Say why a text answers a query: matching words, and its nearest sentences.

        Parameters
        ----------
        query : str
        row : int
            Row of the corpus.
        most : int
            How many sentences at most.

        Returns
        -------
        Explanation
            Sentences are judged by the first vector engine, or by words if there is none.
        """
        text = self.corpus.texts[row]
        found = matches(query, text)
        if not self.vectors:
            return Explanation(found, sentences_by_words(query, text, most), _BM25)
        part, embedder = self.vectors[0], self.embedders[0]
        sentences = sentences_of(text)[:_MOST_SENTENCES]
        raw = embedder.encode_documents([_cut(one.text, self.settings) for one in sentences])
        language = self.corpus.languages[row]
        centred = part.centring.documents(raw, np.full(len(sentences), language))
        asked = self._asked(query)[part.part].query
        scored = [
            SentenceScore(sentence, float(near))
            for sentence, near in zip(sentences, centred @ asked, strict=True)
        ]
        scored.sort(key=lambda one: (-one.similarity, one.sentence.start))
        return Explanation(found, tuple(scored[:most]), part.name)

    def matrix(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the z of every text of the corpus for each of some texts.

        Returns
        -------
        dict of str to ndarray of float32, shape (n_texts, n_corpus)
            By part. For small corpora, such as the nodes of a taxonomy.
        """
        shape = (len(texts), len(self.corpus))
        made = {name: np.zeros(shape, dtype=np.float32) for name in self.parts}
        encoded = [
            one.encode_queries([_cut(text, self.settings) for text in texts])
            for one in self.embedders
        ]
        for i, text in enumerate(texts):
            for name, score in self.lexical.scores(text).items():
                made[name][i] = z_of(score, self._groups.of_row, *self._groups.moments(score))
            for part, vectors in zip(self.vectors, encoded, strict=True):
                made[part.part][i] = part.ask(vectors[i], language_of(text)).z()
        return made

    def _asked(self, query: str) -> dict[str, Asked]:
        language = language_of(query)
        text = _cut(query, self.settings)
        return {
            part.part: part.ask(one.encode_queries([text])[0], language)
            for part, one in zip(self.vectors, self.embedders, strict=True)
        }

    @cached_property
    def _groups(self) -> Groups:
        return Groups.of(self.corpus.languages)


def _part(
    embedder: Embedder,
    corpus: Corpus,
    settings: RetrievalSettings,
    cache: VectorCache,
    progress: Progress | None,
) -> VectorPart:
    texts = [_cut(text, settings) for text in corpus.texts]
    return VectorPart.of(
        embedder.part,
        embedder.name,
        cache.documents(embedder, texts, progress),
        corpus,
        least_centred=settings.least_centred,
        most_exact=settings.most_exact,
    )


def _cut(text: str, settings: RetrievalSettings) -> str:
    return encoded_text(text[: settings.longest_vector])


def _corpus_of(folder: Path, manifest: Mapping[str, Any]) -> Corpus:
    corpus = Corpus(pl.read_parquet(folder / "corpus.parquet"))
    if corpus.hash != manifest["content"]:
        raise ValueError(f"texts of another index in {folder}")
    return corpus


def _if_same(
    folder: Path, corpus: Corpus, settings: RetrievalSettings, used: Sequence[Embedder]
) -> TextIndex | None:
    """Return the index of the folder if it is that of these texts, settings and engines."""
    try:
        manifest = read_manifest(folder)
        names = [told.get("name") for told in manifest.get("vectors", [])]
        is_same = (
            manifest.get("content") == corpus.hash
            and manifest.get("settings") == stored_settings(settings)
            and names == [one.name for one in used]
        )
        if not is_same:
            return None
        made = TextIndex.open(folder, settings, embedders=used)
    except InvalidInput:
        return None
    return replace(made, corpus=corpus, faults=corpus.faults)


def _warnings(index: TextIndex, wanted: Sequence[Embedder]) -> tuple[Fault, ...]:
    found = list(missing_engines(index.settings, wanted))
    there = {part.part for part in index.vectors}
    slow = [one.part for one in wanted if one.part not in there]
    if slow:
        found.append(
            fault(
                "E010",
                is_warning=True,
                engines=", ".join(slow),
                count=len(index.corpus),
                most=index.settings.most_e5,
            )
        )
    skipped = {pair for part in index.vectors for pair in part.centring.skipped}
    for language, count in sorted(skipped):
        least = index.settings.least_centred
        found.append(fault("E011", is_warning=True, language=language, count=count, least=least))
    return tuple(found)
