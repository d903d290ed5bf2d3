"""Whether the texts that were found speak of what is looked for at all.

A z tells which text of the zone is most like a query, not whether any is like it: the best
text of a query about rice stands as far above the others as that of a query about resists.
The check beside it is absolute: of the words of the query, each weighed by how rare it is in
the zone, the share that the best texts hold together. Latin words and pairs of Han
characters are compared; names of one term in the list of terms are the same word.

Measured on the made-up zone of raw files (292 texts): of 22 queries that it can answer, its
six challenges among them, the share is 0.29 to 1.00; of 20 on other subjects (farming,
schools, trade) 0.00 to 0.22. ``least_held`` lies between. Of others, written after it was
set, 0 of 12 right ones were warned of, and 13 of 14 on other subjects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jicheng.integrate.match.texts import Likeness, PartyTexts
from jicheng.retrieval.language import HAN
from jicheng.retrieval.lexical import gram_key, index_grams, index_words, word_key
from jicheng.retrieval.postings import Postings
from jicheng.retrieval.terms import glosses_in

__all__ = ["share_held"]

_BEST = 10  # texts that are read
_LONGEST = 2_000  # characters of the query, and of each text, that are read
_HAN = re.compile(f"[{HAN}]")


def share_held(texts: PartyTexts, words: str, likeness: Likeness) -> float | None:
    """Return what share of the words of a query the best texts hold together.

    Parameters
    ----------
    texts : PartyTexts
        Of the zone.
    words : str
        What is looked for.
    likeness : Likeness
        Of the texts with it.

    Returns
    -------
    float or None
        0 to 1; None if the zone has no text or the query no word to compare.
    """
    if texts.index is None:
        return None
    asked = _units(words[:_LONGEST])
    if not asked:
        return None
    order = np.lexsort((likeness.row, -likeness.z))
    rows = list(dict.fromkeys(likeness.row[order].tolist()))[:_BEST]
    held: set[str] = set()
    for row in rows:
        held |= _units_with_names(texts.index.corpus.texts[row][:_LONGEST])
    kinds = (
        ("words", word_key, sorted(unit for unit in asked if not _is_han(unit))),
        ("grams", gram_key, sorted(unit for unit in asked if _is_han(unit))),
    )
    shares = np.zeros(2)  # of what is held, of all
    for part, key_of, units in kinds:
        rare = _rarity(texts.index.lexical.parts[part], [key_of(unit) for unit in units])
        is_held = np.array([unit in held for unit in units], dtype=np.bool_)
        shares += rare[is_held].sum(), rare.sum()
    return float(shares[0] / shares[1])


def _rarity(postings: Postings, keys: Sequence[int]) -> NDArray[np.float64]:
    """Return the idf of terms among the texts of the zone, > 0."""
    holding = postings.n_holding(keys)
    return np.log1p((postings.n_texts - holding + 0.5) / (holding + 0.5))


def _is_han(unit: str) -> bool:
    return _HAN.match(unit) is not None


def _units(text: str) -> frozenset[str]:
    """Return the Latin words and the pairs of Han characters of a text."""
    pairs = (gram for gram in index_grams(text) if len(gram) == 2)
    return frozenset(pairs) | {word for word in index_words(text) if not _is_han(word)}


@lru_cache(maxsize=10_000)
def _units_with_names(text: str) -> frozenset[str]:
    """Return those of a text and of the other names of its terms."""
    names = (other for gloss in glosses_in(text) for other in gloss.others)
    return _units(text).union(*map(_units, names))
