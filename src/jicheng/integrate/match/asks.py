"""Who asks for a result: firms that put out a challenge like it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from jicheng.integrate.match.levels import Interval
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.match.query import query_of_challenge
from jicheng.integrate.match.settings import MatchSettings
from jicheng.integrate.match.texts import likeness_of
from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.embedding import Embedder
from jicheng.zone import Zone

__all__ = ["asking"]


def asking(
    zone: Zone,
    parties: Parties,
    words: str,
    settings: MatchSettings,
    retrieval: RetrievalSettings | None = None,
    *,
    embedders: Sequence[Embedder] | None = None,
) -> Interval | None:
    """Return how like words the challenges are that each candidate puts out.

    v / (v + h) of the likest one, with v and h as for texts; None if nobody in the zone puts
    a challenge out. Who puts out none is unknown: its needs may stand nowhere.
    """
    owned = zone["challenges"].filter(pl.col("owner").is_in(parties.ids))
    if owned.is_empty():
        return None
    told = {name: query_of_challenge(zone, name).words for name in owned["id"]}
    index = TextIndex.build(Corpus.of(told), retrieval, embedders=embedders)
    hits = index.search(words, most=len(told))
    owner = dict(owned.select("id", "owner").iter_rows())
    known, best = np.zeros(parties.n, np.bool_), np.zeros(parties.n)
    for name in owner.values():
        known[parties.index[name]] = True
    z = likeness_of(hits, settings.engine_weights)
    for row, one in zip(hits.place, z, strict=True):
        place = parties.index[owner[index.corpus.ids[row]]]
        best[place] = max(best[place], float(one) - settings.likeness_from)
    return Interval.exactly(best / (best + settings.half_likeness), known)
