"""Why a text was found: the words that match with their places, and its nearest sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jicheng.retrieval.sentences import Sentence, sentences_of
from jicheng.retrieval.terms import glosses_in, stem
from jicheng.retrieval.words import STOP_WORDS, Word, words_of, words_with_places

__all__ = ["Explanation", "Match", "MatchKind", "SentenceScore", "matches", "sentences_by_words"]


class MatchKind(StrEnum):
    """How a word of the text answers the query."""

    WORD = "word"
    GLOSS = "gloss"


@dataclass(frozen=True, slots=True)
class Match:
    """A place of the text that answers a word of the query.

    Attributes
    ----------
    text : str
        Exactly what stands in the text from ``start`` to ``end``.
    asked : str
        The word of the query, or the term whose other name the list gives.
    """

    text: str
    start: int
    end: int
    asked: str
    kind: MatchKind


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """A sentence of the text and how near it is to the query.

    Attributes
    ----------
    similarity : float
        Cosine of centred vectors, -1 to 1; by words alone the share of the query's words
        that stand in it, 0 to 1.
    """

    sentence: Sentence
    similarity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a text was found.

    Attributes
    ----------
    matches : tuple of Match
        In the order of the text; none overlap.
    sentences : tuple of SentenceScore
        The nearest first.
    engine : str
        What judged the sentences: the name of a vector engine, or ``bm25`` for words.
    """

    matches: tuple[Match, ...]
    sentences: tuple[SentenceScore, ...]
    engine: str


def matches(query: str, text: str) -> tuple[Match, ...]:
    """Return where the text has a word of the query, or what the term list gives for one."""
    asked = {stem(word): word for word in words_of(query) if word not in STOP_WORDS}
    found: list[Match] = []
    words = words_with_places(text)
    for word in words:
        if stem(word.text) in asked:
            kind = asked[stem(word.text)], MatchKind.WORD
            found.append(Match(text[word.start : word.end], word.start, word.end, *kind))
    stems = [stem(word.text) for word in words]
    for gloss in glosses_in(query):
        for other in gloss.others:
            for start, end in _runs([stem(word) for word in words_of(other)], stems, words):
                found.append(Match(text[start:end], start, end, gloss.term, MatchKind.GLOSS))
    return _without_overlaps(found)


def sentences_by_words(query: str, text: str, most: int) -> tuple[SentenceScore, ...]:
    """Return the sentences that hold the greatest shares of the query's words."""
    asked = {stem(word) for word in words_of(query) if word not in STOP_WORDS}
    made = []
    for sentence in sentences_of(text):
        held = {stem(word) for word in words_of(sentence.text)} & asked
        if held:
            made.append(SentenceScore(sentence, len(held) / len(asked)))
    return tuple(sorted(made, key=lambda one: (-one.similarity, one.sentence.start))[:most])


def _runs(
    wanted: Sequence[str], stems: Sequence[str], words: Sequence[Word]
) -> list[tuple[int, int]]:
    n = len(wanted)
    return [
        (words[i].start, words[i + n - 1].end)
        for i in range(len(stems) - n + 1)
        if n and list(stems[i : i + n]) == list(wanted)
    ]


def _without_overlaps(found: list[Match]) -> tuple[Match, ...]:
    kept: list[Match] = []
    for match in sorted(found, key=lambda one: (one.start, -one.end, one.kind.value, one.asked)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return tuple(kept)
