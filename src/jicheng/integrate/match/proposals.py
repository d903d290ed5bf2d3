"""Which capabilities a free text seems to ask for: proposed, for a person to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from jicheng.integrate.match.query import NEEDS
from jicheng.integrate.match.settings import MatchSettings
from jicheng.integrate.match.texts import likeness_of
from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.embedding import Embedder
from jicheng.zone import Zone

__all__ = ["CapabilityIndex"]

_ZH, _EN = ("name", "terms", "description"), ("name_en", "description_en")


@dataclass(frozen=True, eq=False)
class CapabilityIndex:
    """Capabilities of a zone, searchable by what they are called and described as.

    ``index`` is None if the zone has none. Each capability stands in it once in each
    language, so that a text finds it in its own.
    """

    index: TextIndex | None

    @classmethod
    def of(
        cls,
        zone: Zone,
        settings: RetrievalSettings | None = None,
        *,
        folder: Path | None = None,
        embedders: Sequence[Embedder] | None = None,
    ) -> CapabilityIndex:
        """Index the capabilities of a zone."""
        rows = zone["capabilities"]
        told = [
            rows.select(
                id=pl.col("id") + f"@{language}",
                text=pl.concat_str(*names, separator="。", ignore_nulls=True),
            )
            for language, names in (("zh", _ZH), ("en", _EN))
        ]
        texts = pl.concat(told).filter(pl.col("text") != "")
        if texts.is_empty():
            return cls(None)
        return cls(TextIndex.build(Corpus.of(texts), settings, folder, embedders=embedders))

    def propose(self, words: str, settings: MatchSettings) -> pl.DataFrame:
        """Return the capabilities that words seem to ask for, weighted by their likeness.

        Returns
        -------
        polars.DataFrame
            As ``needs`` of a query, most likely first; at most ``n_proposed``, and only
            those that stand out (``proposed_from``) and are nearly as like as the first
            (``proposed_share``).
        """
        nothing = pl.DataFrame(schema=NEEDS)
        if self.index is None:
            return nothing
        hits = self.index.search(words, most=len(self.index.corpus))
        z = likeness_of(hits, settings.engine_weights)
        names = np.array(self.index.corpus.ids)[hits.place]
        best = (
            pl.DataFrame({"capability": names, "likeness": z})
            .with_columns(pl.col("capability").str.replace("@(zh|en)$", ""))
            .group_by("capability")
            .agg(pl.col("likeness").max())
            .filter(
                (pl.col("likeness") >= settings.proposed_from)
                & (pl.col("likeness") >= settings.proposed_share * pl.col("likeness").max())
            )
            .sort("likeness", "capability", descending=[True, False])
            .head(settings.n_proposed)
        )
        return best.select(
            "capability",
            level=pl.lit(0.0),
            weight=pl.col("likeness") / pl.col("likeness").sum(),
            is_proposed=pl.lit(value=True),
            likeness="likeness",
        ).cast(NEEDS)
