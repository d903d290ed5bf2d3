"""The project's own list of technology terms in Chinese and English (``terms.csv``).

Words-only search finds nothing across languages: a query is therefore widened by what the
list gives for the terms that it holds. The list is ours, written for this purpose.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jicheng.retrieval.words import normalised, words_of

__all__ = ["Gloss", "glosses_in", "term_pairs"]

_LONGEST_TERM = 12  # words or Han characters


@dataclass(frozen=True, slots=True)
class Gloss:
    """A term that a text holds, and its other names in both languages."""

    term: str
    others: tuple[str, ...]


@cache
def term_pairs() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Return the list: Chinese names and English names of one thing each."""
    lines = resources.files("jicheng.retrieval").joinpath("terms.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in lines.splitlines() if not line.startswith("#"))
    return tuple((_names(row["zh"]), _names(row["en"])) for row in rows)


def glosses_in(text: str) -> list[Gloss]:
    """Return the terms of the list that a text holds, the longest at each place.

    The other names of a term are those of both languages.

    Examples
    --------
    >>> [(gloss.term, gloss.others) for gloss in glosses_in("新型谐波减速器")]
    [('谐波减速器', ('harmonic drive', 'strain wave gear', '谐波减速机'))]
    """
    from_han, from_latin = _lists()
    plain = normalised(text)
    found: dict[str, tuple[str, ...]] = {}
    found.update(_longest(plain, from_han, between=""))
    stems = [stem(word) for word in words_of(text)]
    found.update(_longest(stems, from_latin, between=" "))
    return [Gloss(term, others) for term, others in found.items()]


def stem(word: str) -> str:
    """Return an English word without its plural ending (Harman's S-stemmer, 1991)."""
    if len(word) < 4 or not word.isascii() or not word.isalpha() or word[-1] != "s":
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss", "is")) else word[:-1]


@cache
def _lists() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    from_han: dict[str, tuple[str, ...]] = {}
    from_latin: dict[str, tuple[str, ...]] = {}
    for chinese, english in term_pairs():
        for name in chinese:
            key = normalised(name)
            from_han[key] = _joined(from_han.get(key, ()), english, chinese, but=name)
        for name in english:
            key = " ".join(stem(word) for word in words_of(name))
            from_latin[key] = _joined(from_latin.get(key, ()), chinese, english, but=name)
    return from_han, from_latin


def _joined(*names: tuple[str, ...], but: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some if name != but))


def _longest(
    items: Sequence[str], terms: Mapping[str, tuple[str, ...]], *, between: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    at = 0
    while at < len(items):
        for length in range(min(_LONGEST_TERM, len(items) - at), 0, -1):
            piece = between.join(items[at : at + length])
            if piece in terms:
                yield piece, terms[piece]
                at += length
                break
        else:
            at += 1


def _names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(";") if name.strip())
