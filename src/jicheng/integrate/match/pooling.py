"""Whom people are asked about: the best of every way of ranking, in an order that tells nothing.

If only what the engine already prefers were labelled, it could only confirm itself. So the
sheet mixes the best by each engine of the texts alone, by capabilities, by ties and by the
whole score with some that no channel found, and sorts them by a hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from jicheng.integrate.match.matcher import Found, Matcher

__all__ = ["ENGINES", "pool", "rankings", "shuffled"]

Floats = NDArray[np.float64]

ENGINES = ("words", "use", "e5", "endpoint", "texts", "everything")
"""Ways of ranking that are measured: words alone, each vector engine, all texts, the score."""
_WORDS = ("words", "grams")
_UNFOUND = 3  # candidates that no channel found, for each challenge


def rankings(matcher: Matcher, found: Found) -> dict[str, Floats]:
    """Return the score of all candidates by each way of ranking; higher is better.

    Minus infinity = not in the list: by ``everything`` whom no channel found or a filter
    leaves out, by the texts who has none like the query. A measure must not count a place
    that nobody was shown.
    """
    made = {}
    index = matcher.texts.index
    if index is not None:
        hits = index.search(found.query.words, most=matcher.settings.most_texts)
        for engine in ENGINES[:-2]:
            parts = _WORDS if engine == "words" else (engine,)
            weights = {part: float(part in parts) for part in index.parts}
            if any(weights.values()):
                alone = matcher.texts.of_hits(hits, matcher.settings, weights)
                made[engine] = _returned(alone.value.low)
        made["texts"] = _returned(found.likeness.value.low)
    mid = found.scores.mid if found.scores.parts else np.zeros(matcher.parties.n)
    made["everything"] = np.full(matcher.parties.n, -np.inf)
    made["everything"][found.order] = mid[found.order]
    return made


def _returned(likeness: Floats) -> Floats:
    return np.where(likeness > 0.0, likeness, -np.inf)


def pool(matcher: Matcher, found: Found, n: int) -> tuple[int, ...]:
    """Return the places of those to ask about: the best ``n`` of every way of ranking.

    And a few that pass the filters but that no channel found, if there are any.
    """
    among = found.wanted & found.filtered.passes
    chosen: set[int] = set()
    ways = rankings(matcher, found)
    for name in ("coverage", "ties"):
        if name in found.scores.parts:
            ways[name] = found.scores.parts[name].low
    for score in ways.values():
        best = matcher.parties.first(np.where(among, score, 0.0), n)
        chosen |= {*best.tolist()}
    among[found.order] = False
    unfound = {*np.flatnonzero(among).tolist()} - chosen
    chosen |= {*shuffled(matcher, found.query.id, unfound)[:_UNFOUND]}
    return shuffled(matcher, found.query.id, chosen)


def shuffled(matcher: Matcher, query: str, places: Iterable[int]) -> tuple[int, ...]:
    """Return places in an order that is always the same and tells nothing."""

    def drawn(place: int) -> str:
        return hashlib.sha256(f"{query}\0{matcher.parties.ids[place]}".encode()).hexdigest()

    return tuple(sorted(places, key=drawn))
