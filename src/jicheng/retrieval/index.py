"""The index of a corpus: build it, keep it, search it, and say why a text was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput
from jicheng.kernel.nearest import best_rows
from jicheng.retrieval.corpus import Corpus
from jicheng.retrieval.explanation import Explanation, matches, sentences_by_words
from jicheng.retrieval.hits import Hits
from jicheng.retrieval.language import Language
from jicheng.retrieval.lexical import LEXICAL, LexicalIndex
from jicheng.retrieval.scale import standardised
from jicheng.retrieval.settings import RetrievalSettings, check_settings
from jicheng.retrieval.store import FORMAT, read_manifest, replaced, write_manifest

__all__ = ["Progress", "TextIndex"]

Progress = Callable[[int, int], None]
"""Called with how many texts are done, and how many there are."""


@dataclass(frozen=True)
class TextIndex:
    """A corpus that can be searched.

    Attributes
    ----------
    corpus : Corpus
        The texts; rows of results are its rows.
    settings : RetrievalSettings
        What it was built with.
    channels : tuple of str
        ``("words",)``, or ``("words", "vectors")``.
    engines : tuple of str
        What ranks: ``bm25``, then the vector engines. Every result should name them.
    faults : tuple of Fault
        Warnings: texts that are missing, engines that are not installed, languages with
        too few texts to be centred.
    """

    corpus: Corpus
    settings: RetrievalSettings
    lexical: LexicalIndex
    faults: tuple[Fault, ...] = ()

    @classmethod
    def build(
        cls,
        corpus: Corpus,
        settings: RetrievalSettings | None = None,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> TextIndex:
        """Index a corpus, and keep the index in a folder if one is given.

        A folder that already holds the index of these texts with these settings and engines
        is opened instead. The folder is replaced whole.

        Raises
        ------
        InvalidInput
            E003 for settings out of range.
        """
        settings = settings or RetrievalSettings()
        check_settings(settings)
        made = cls(corpus, settings, LexicalIndex.of(corpus, settings), corpus.faults)
        if folder is not None:
            made.save(folder)
        return made

    @classmethod
    def open(cls, folder: Path, settings: RetrievalSettings | None = None) -> TextIndex:
        """Open the index that a folder holds.

        Raises
        ------
        InvalidInput
            E004 if there is none.
        """
        settings = settings or RetrievalSettings()
        read_manifest(folder)
        try:
            table = pl.read_parquet(folder / "corpus.parquet")
            lexical = LexicalIndex.load(folder, table.height, settings)
        except (OSError, ValueError, pl.exceptions.PolarsError) as error:
            raise InvalidInput.of("E004", folder=folder) from error
        return cls(Corpus(table), settings, lexical)

    def save(self, folder: Path) -> None:
        """Write the index, whole or not at all."""
        with replaced(folder) as aside:
            self.corpus.table.write_parquet(aside / "corpus.parquet")
            self.lexical.save(aside)
            manifest: dict[str, Any] = {
                "format": FORMAT,
                "texts": len(self.corpus),
                "content": self.corpus.hash,
                "engines": list(self.engines),
            }
            write_manifest(aside, manifest)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels that are searched."""
        return ("words",)

    @property
    def engines(self) -> tuple[str, ...]:
        """Return the names of what ranks."""
        return ("bm25",)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the names of the parts of a score."""
        return LEXICAL

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
            The union of the best of every part, with the z of all parts.
        """
        scores = self.lexical.scores(query)
        chosen = [
            best_rows(np.where(scores[name] > 0, scores[name], -np.inf), most, among)
            for name in LEXICAL
        ]
        place = np.unique(np.concatenate(chosen))
        groups = self._groups()
        parts = {name: standardised(scores[name], groups)[place] for name in LEXICAL}
        return Hits(place, parts, self.settings.weights)

    def explain(self, query: str, row: int, *, most: int = 3) -> Explanation:
        """Say why a text answers a query: matching words, and its nearest sentences."""
        text = self.corpus.texts[row]
        return Explanation(matches(query, text), sentences_by_words(query, text, most), "bm25")

    def matrix(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the z of every text of the corpus for each of some texts.

        Returns
        -------
        dict of str to ndarray of float32, shape (n_texts, n_corpus)
            By part. For small corpora, such as the nodes of a taxonomy.
        """
        groups = self._groups()
        made = {
            name: np.zeros((len(texts), len(self.corpus)), dtype=np.float32) for name in self.parts
        }
        for i, text in enumerate(texts):
            for name, scores in self.lexical.scores(text).items():
                made[name][i] = standardised(scores, groups)
        return made

    def _groups(self) -> list[NDArray[np.intp]]:
        return [self.corpus.rows_of(language) for language in Language]
