"""Search by words and by grams, and tell which words matched where.

Words: what the dictionary cuts, and what the term list gives for the query's terms in the
other language. Grams: character pairs and triples, which find names and codes in spite of
typing errors. Both are BM25; a score becomes comparable as a z among the texts of its
language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.corpus import Corpus
from jicheng.retrieval.language import Language
from jicheng.retrieval.postings import Postings
from jicheng.retrieval.settings import RetrievalSettings
from jicheng.retrieval.terms import glosses_in, stem
from jicheng.retrieval.words import STOP_WORDS, grams_of, words_of

__all__ = ["LEXICAL", "LexicalIndex", "query_words", "word_key"]

LEXICAL = ("words", "grams")
_LONGEST_QUERY = 2_000  # characters; a longer query says no more


@dataclass(frozen=True)
class LexicalIndex:
    """The two inverted indexes of a corpus."""

    parts: Mapping[str, Postings]
    settings: RetrievalSettings

    @classmethod
    def of(cls, corpus: Corpus, settings: RetrievalSettings) -> LexicalIndex:
        """Index a corpus; some 10 s for 200,000 texts of 100 characters."""
        group = (corpus.languages == Language.EN.value).astype(np.intp)
        texts = [text[: settings.longest_words] for text in corpus.texts]
        made = {}
        for name, terms_of, key_of in (
            ("words", index_words, word_key),
            ("grams", index_grams, gram_key),
        ):
            keys, rows = _occurrences(texts, terms_of, key_of)
            made[name] = Postings.of(keys, rows, group=group, k1=settings.k1, b=settings.b)
        return cls(made, settings)

    def scores(self, query: str) -> dict[str, NDArray[np.float32]]:
        """Return the BM25 score of every text, by part; 0 where nothing matches."""
        query = query[:_LONGEST_QUERY]
        boost = self.settings.gloss_boost
        words = query_words(query, gloss_boost=boost)
        grams = query_grams(query, gloss_boost=boost)
        return {
            "words": self.parts["words"].scores(_keyed(words, word_key))[0],
            "grams": self.parts["grams"].scores(_keyed(grams, gram_key))[0],
        }

    def save(self, folder: Path) -> None:
        """Write both indexes into a folder."""
        for name, postings in self.parts.items():
            postings.save(folder / name)

    @classmethod
    def load(cls, folder: Path, n_texts: int, settings: RetrievalSettings) -> LexicalIndex:
        """Map both indexes from a folder."""
        return cls({name: Postings.load(folder / name, n_texts) for name in LEXICAL}, settings)


def index_words(text: str) -> list[str]:
    """Return the words under which a text is found: no stop words, no plural endings."""
    return [stem(word) for word in words_of(text) if word not in STOP_WORDS]


def index_grams(text: str) -> list[str]:
    """Return the grams under which a text is found: no character that is a stop word."""
    return [gram for gram in grams_of(text) if gram not in STOP_WORDS]


def query_words(query: str, *, gloss_boost: float) -> dict[str, float]:
    """Return the words that a query asks for, and how much each counts, 0 to 1.

    A term of the list adds the words of its other names with ``gloss_boost``.
    """
    return _widened(query, index_words, gloss_boost)


def query_grams(query: str, *, gloss_boost: float) -> dict[str, float]:
    """Return the grams that a query asks for, and how much each counts, 0 to 1.

    Those of other names of its terms count half of ``gloss_boost``: they are many.
    """
    return _widened(query, index_grams, gloss_boost / 2)


def _widened(
    query: str, terms_of: Callable[[str], list[str]], gloss_boost: float
) -> dict[str, float]:
    asked = dict.fromkeys(terms_of(query), 1.0)
    if gloss_boost > 0:
        for gloss in glosses_in(query):
            for other in gloss.others:
                for term in terms_of(other):
                    asked.setdefault(term, gloss_boost)
    return asked


@lru_cache(maxsize=1_000_000)
def word_key(word: str) -> int:
    """Return the key of a word: 64 bits of BLAKE2b."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=1_000_000)
def gram_key(gram: str) -> int:
    """Return the key of a gram of up to three characters: their numbers side by side."""
    key = 0
    for character in gram:
        key = key << 21 | ord(character)
    return key


def _keyed(terms: Mapping[str, float], key_of: Callable[[str], int]) -> dict[int, float]:
    return {key_of(term): boost for term, boost in terms.items()}


def _occurrences(
    texts: Iterable[str], terms_of: Callable[[str], list[str]], key_of: Callable[[str], int]
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    keys: list[NDArray[np.uint64]] = []
    counts: list[int] = []
    for text in texts:
        terms = terms_of(text)
        counts.append(len(terms))
        keys.append(np.fromiter(map(key_of, terms), dtype=np.uint64, count=len(terms)))
    rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    return (np.concatenate(keys) if keys else np.empty(0, np.uint64)), rows
