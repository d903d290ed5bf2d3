"""Texts put to the leaves of the taxonomy, or to none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng import taxonomy
from jicheng.integrate.profile.classify import Classifier
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.kernel.ranking import Calibration, calibration
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import Embedder

__all__ = ["Named", "named"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Named:
    """What a classifier said of texts whose answer is known, one row a text.

    Attributes
    ----------
    table : DataFrame
        ``id``, ``language``, ``right`` (leaf, or missing), ``place`` (rank of the right
        leaf among those that are told, or missing), ``best`` (the first leaf), ``score``
        (its chance), ``told`` (whether that chance reaches the threshold that ships),
        ``none`` (whether it is told to show none; of the others nothing is told).
    engine : str
        What classified.
    """

    table: pl.DataFrame
    engine: str

    def top(self, most: int, language: str) -> Floats:
        """Return 1 for each text of a language that has a leaf if it is among the first."""
        own = self.table.filter(pl.col("right").is_not_null(), pl.col("language") == language)
        return (own["place"].fill_null(most + 1) <= most).to_numpy().astype(np.float64)

    def none_recall(self) -> Floats:
        """Return 1 for each text of none of the leaves if that is told of it."""
        own = self.table.filter(pl.col("right").is_null())
        return own["none"].to_numpy().astype(np.float64)

    def none_kept(self) -> Floats:
        """Return 1 for each text of none of the leaves if no leaf is told of it."""
        own = self.table.filter(pl.col("right").is_null())
        return (~own["told"]).to_numpy().astype(np.float64)

    def none_precision(self) -> Floats:
        """Return 1 for each text that is told to show none if it is of none of the leaves."""
        own = self.table.filter("none")
        return own["right"].is_null().to_numpy().astype(np.float64)

    def undecided(self) -> Floats:
        """Return 1 for each text of which neither a leaf nor none is told."""
        decided = self.table["told"] | self.table["none"]
        return (~decided).to_numpy().astype(np.float64)

    def told_chance(self) -> Floats:
        """Return the chance of each leaf that is told."""
        return self.table.filter("told")["score"].to_numpy().astype(np.float64)

    def told_precision(self) -> Floats:
        """Return 1 for each text of which a leaf is told if it is the right one."""
        own = self.table.filter("told")
        return self._is_right(own)

    def told_recall(self) -> Floats:
        """Return 1 for each text that has a leaf if that leaf is told."""
        own = self.table.filter(pl.col("right").is_not_null())
        told: Floats = own["told"].to_numpy().astype(np.float64)
        return self._is_right(own) * told

    def calibration(self) -> Calibration:
        """Return whether the chance of the first leaf is the share that is right."""
        return calibration(self.table["score"], self._is_right(self.table))

    @staticmethod
    def _is_right(table: pl.DataFrame) -> Floats:
        same = (table["right"] == table["best"]).fill_null(value=False)
        right: Floats = same.to_numpy().astype(np.float64)
        return right


def named(texts: pl.DataFrame, embedders: Sequence[Embedder], cache: VectorCache) -> Named:
    """Classify texts as a zone's texts are classified, with the settings that ship."""
    settings = ProfileSettings()
    classifier = Classifier.of(taxonomy.load(), embedders, cache, settings=settings)
    labels = classifier.classify(texts.select("id", "title", "body", "codes"))
    told, silent = labels.table, labels.showing_none(settings.none_threshold)
    first = told.filter(pl.col("rank") == 1).select(
        id="text", best="capability", score=pl.col("score").clip(0.0, 1.0)
    )
    place = told.select(id="text", right="capability", place="rank")
    table = (
        texts.select("id", "language", "right")
        .join(first, on="id", how="left")
        .join(place, on=["id", "right"], how="left")
        .with_columns(pl.col("score").fill_null(0.0))
        .with_columns(told=pl.col("score") >= settings.threshold)
        .with_columns(none=pl.col("id").is_in(silent.implode()) & ~pl.col("told"))
        .sort("id")
    )
    return Named(table, classifier.engine)
