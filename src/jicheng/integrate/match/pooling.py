"""Whom people are asked about: the best of every way of ranking, in an order that tells nothing.

If only what the engine already prefers were labelled, it could only confirm itself. So the
sheet mixes the best by each engine of the texts alone, by capabilities, by ties and by the
whole score with some that no channel found, and sorts them by a hash.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from jicheng.integrate.match.matcher import Found, Matcher
from jicheng.integrate.match.texts import Likeness

__all__ = ["ENGINES", "likeness_by", "pool", "rankings"]

Floats = NDArray[np.float64]

ENGINES = ("words", "use", "e5", "endpoint", "texts", "everything")
"""Ways of ranking that are measured: words alone, each vector engine, all texts, the score."""
_WORDS = ("words", "grams")
_UNFOUND = 3  # candidates that no channel found, for each challenge


def likeness_by(matcher: Matcher, found: Found, engine: str) -> Likeness | None:
    """Return the likeness of texts by one engine alone; None if it is not there."""
    index = matcher.texts.index
    if index is None:
        return None
    parts = _WORDS if engine == "words" else (engine,)
    if not any(part in index.parts for part in parts):
        return None
    hits = index.search(found.query.words, most=matcher.settings.most_texts)
    weights = {part: float(part in parts) for part in index.parts}
    return matcher.texts.of_hits(hits, matcher.settings, weights)


def rankings(matcher: Matcher, found: Found) -> dict[str, Floats]:
    """Return the score of all candidates by each way of ranking; higher is better."""
    made = {}
    for engine in ENGINES[:-2]:
        likeness = likeness_by(matcher, found, engine)
        if likeness is not None:
            made[engine] = likeness.value.low
    if matcher.texts.index is not None:
        made["texts"] = found.likeness.value.low
    made["everything"] = found.scores.mid if found.scores.parts else np.zeros(matcher.parties.n)
    return made


def pool(matcher: Matcher, found: Found, n: int) -> tuple[int, ...]:
    """Return the places of those to ask about: the best ``n`` of every way of ranking."""
    among = found.wanted & found.filtered.passes
    chosen: set[int] = set()
    ways = rankings(matcher, found)
    for name in ("coverage", "ties"):
        if name in found.scores.parts:
            ways[name] = found.scores.parts[name].low
    for score in ways.values():
        told = np.where(among, score, 0.0)
        best = np.lexsort((matcher.parties.order, -told.round(9)))[:n]
        chosen |= {int(place) for place in best if told[place] > 0.0}
    rest = [place for place in np.flatnonzero(among).tolist() if place not in chosen]
    rest.sort(key=lambda place: _hash(found.query.id, matcher.parties.ids[place]))
    chosen |= {*rest[:_UNFOUND]}
    return tuple(sorted(chosen, key=lambda at: _hash(found.query.id, matcher.parties.ids[at])))


def _hash(query: str, candidate: str) -> str:
    return hashlib.sha256(f"{query}\0{candidate}".encode()).hexdigest()
