"""Search texts in Chinese and English: words, vectors where installed, and what they agree on."""

from __future__ import annotations

from jicheng.retrieval.corpus import Corpus
from jicheng.retrieval.explanation import Explanation, Match, SentenceScore
from jicheng.retrieval.hits import Hits
from jicheng.retrieval.index import TextIndex
from jicheng.retrieval.language import Language, language_of
from jicheng.retrieval.sentences import Sentence, sentences_of
from jicheng.retrieval.settings import DEFAULT_WEIGHTS, RetrievalSettings
from jicheng.retrieval.words import grams_of, words_of

__all__ = [
    "DEFAULT_WEIGHTS",
    "Corpus",
    "Explanation",
    "Hits",
    "Language",
    "Match",
    "RetrievalSettings",
    "Sentence",
    "SentenceScore",
    "TextIndex",
    "grams_of",
    "language_of",
    "sentences_of",
    "words_of",
]
