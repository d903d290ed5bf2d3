"""Which capabilities a text shows, with a calibrated chance each, or none of them.

Features of a text and a node (:mod:`jicheng.integrate.profile.features`) become chances by
a conditional logit with "none of these" among the alternatives
(:mod:`jicheng.integrate.profile.conditional_logit`) whose few coefficients are data with
their origin (``calibration.csv``). The most likely nodes are kept with the sentence that is
nearest to each; a text whose prediction set (split conformal) is not one answer alone, or
whose best chance is near the threshold, is one about which a person should be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput
from jicheng.integrate.profile.calibration import Calibration, calibrations
from jicheng.integrate.profile.conditional_logit import chances
from jicheng.integrate.profile.features import Features, Progress, Vectors, document_of
from jicheng.integrate.profile.nodes import Nodes
from jicheng.integrate.profile.recalibration import distinct_words, read_anew
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.retrieval import sentences_of
from jicheng.retrieval.embedding import Embedder

__all__ = ["Classifier", "Labels"]

_BATCH = 1_000  # texts whose features are in memory at a time
_LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class Labels:
    """What some texts show.

    Attributes
    ----------
    table : DataFrame
        ``text``, ``capability``, ``score`` (calibrated chance), ``rank`` (1 = best); the
        most likely capabilities of every text that says anything, sorted.
    texts : DataFrame
        ``text``, ``none`` (chance that it shows none of the capabilities), ``answers``
        (size of the prediction set, "none" included), sorted.
    """

    table: pl.DataFrame
    texts: pl.DataFrame

    def above(self, threshold: float) -> pl.DataFrame:
        """Return the labels whose chance reaches a threshold."""
        return self.table.filter(pl.col("score") >= threshold)

    def showing_none(self, threshold: float) -> pl.Series:
        """Return the texts whose chance to show none of the capabilities reaches it."""
        return self.texts.filter(pl.col("none") >= threshold)["text"]

    def uncertain(self, settings: ProfileSettings) -> pl.DataFrame:
        """Return the texts about which a person should be asked, the least certain first.

        ``text`` and ``gap``, the distance of the best chance from the threshold: those whose
        prediction set is not one answer, or whose gap is small.
        """
        best = self.table.filter(pl.col("rank") == 1)
        gaps = best.select("text", gap=(pl.col("score") - settings.threshold).abs())
        return (
            self.texts.join(gaps, on="text")
            .filter((pl.col("answers") != 1) | (pl.col("gap") < settings.review_margin))
            .sort("gap", "text")
            .select("text", "gap")
        )


@dataclass(frozen=True)
class Classifier:
    """Classifies texts to the leaves of a taxonomy.

    Attributes
    ----------
    capabilities : DataFrame
        The taxonomy, with what is above its leaves.
    features : Features
    calibration : Calibration
    settings : ProfileSettings
    """

    capabilities: pl.DataFrame
    features: Features
    calibration: Calibration
    settings: ProfileSettings

    @classmethod
    def of(
        cls,
        capabilities: pl.DataFrame,
        engines: Sequence[Embedder],
        cache: Vectors,
        *,
        settings: ProfileSettings | None = None,
        calibration: Calibration | None = None,
        progress: Progress | None = None,
    ) -> Classifier:
        """Prepare the leaves of a taxonomy.

        Parameters
        ----------
        capabilities : DataFrame
            Table ``capabilities``: the zone's, or ``jicheng.taxonomy.load()``.
        engines : sequence of Embedder
            Those for which there is a calibration are used: ``use``, and ``e5`` with it.
        cache : Vectors
            Encodes texts; a cache on disk makes a run resumable.
        settings : ProfileSettings, optional
        calibration : Calibration, optional
            Default the shipped one for the engines.
        progress : callable, optional
            Called with how many views of nodes are encoded, and how many there are.

        Raises
        ------
        InvalidInput
            E040 if there are no capabilities, E045 if the calibration needs an engine
            that is missing.
        """
        parts = {engine.part: engine for engine in engines}
        known = next(model for model in ("use+e5", "use", "words") if _fits(model, parts))
        chosen = calibration or calibrations()[known]
        if not _fits(chosen.model, parts):
            raise InvalidInput.of("E045", model=chosen.model)
        used = tuple(parts[part] for part in chosen.model.split("+") if part != "words")
        features = Features.of(Nodes.of(capabilities), used, cache, progress=progress)
        return cls(capabilities, features, chosen, settings or ProfileSettings())

    @property
    def nodes(self) -> Nodes:
        """The leaves that texts are classified to."""
        return self.features.nodes

    @property
    def engine(self) -> str:
        """What classifies, by name and version."""
        return " + ".join(["bm25", *(engine.name for engine in self.features.engines)])

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Warnings about the taxonomy."""
        return self.features.nodes.faults

    @cached_property
    def _coefficients(self) -> NDArray[np.float32]:
        known = self.calibration.coefficients
        return np.array([known[name] for name in self.features.names], dtype=np.float32)

    def classify(
        self, texts: pl.DataFrame, *, most: int | None = None, progress: Progress | None = None
    ) -> Labels:
        """Say what texts show.

        Parameters
        ----------
        texts : DataFrame
            ``id``, ``title``, ``body``, ``codes`` (patent classes, separated by
            semicolons). One without any words is left out.
        most : int, optional
            Most capabilities of one text; default that of the settings.
        progress : callable, optional
            Called with how many texts are encoded, and how many there are.
        """
        said = [document_of(title, body) for title, body in texts.select("title", "body").rows()]
        told = texts.select(text="id", codes="codes").with_columns(
            pl.Series("said", said, pl.String)
        )
        told = told.filter(pl.col("said").str.len_chars() > 0).sort("text")
        self.features.encoded(told["said"].to_list(), progress)
        width = min(len(self.nodes), most or self.settings.most_labels)
        batches = [
            self._classified(told.slice(at, _BATCH), width)
            for at in range(0, max(1, told.height), _BATCH)
        ]
        tables, sizes = zip(*batches, strict=True)
        return Labels(pl.concat(tables), pl.concat(sizes))

    def chances(self, texts: Sequence[str], codes: Sequence[str | None]) -> NDArray[np.float64]:
        """Return the chance of every node for every text, shape (n, nodes).

        None is more than what the texts of the calibration support.
        """
        utilities = self.features.matrix(texts, codes) @ self._coefficients
        made = chances(utilities.astype(np.float64), self.calibration.none)
        read = read_anew(
            made, distinct_words(texts), self.calibration.best, self.calibration.nothing
        )
        return np.minimum(read, self.calibration.most)

    def _classified(self, told: pl.DataFrame, width: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        made = self.chances(told["said"].to_list(), told["codes"].to_list())
        none = 1.0 - made.sum(axis=1)
        best = np.argsort(-made, axis=1, kind="stable")[:, :width]
        least = self.calibration.chance_for(self.settings.review_miss)
        answers = (made >= least).sum(axis=1) + (none >= least)
        ids = np.array(self.nodes.ids, dtype=object)
        labels = pl.DataFrame(
            {
                "text": told["text"].to_numpy().repeat(width),
                "capability": ids[best].ravel(),
                "score": np.take_along_axis(made, best, axis=1).ravel(),
                "rank": np.tile(np.arange(1, width + 1), len(made)),
            },
            schema={
                "text": pl.String, "capability": pl.String, "score": pl.Float64, "rank": pl.Int64
            },
        )  # fmt: skip
        texts = pl.DataFrame(
            {"text": told["text"], "none": none, "answers": answers},
            schema={"text": pl.String, "none": pl.Float64, "answers": pl.Int64},
        )
        return labels, texts

    def sentences(self, pairs: pl.DataFrame, texts: pl.DataFrame) -> pl.Series:
        """Return the sentence of the text that is nearest to the capability beside it.

        Parameters
        ----------
        pairs : DataFrame
            ``text`` and ``capability`` (a leaf).
        texts : DataFrame
            ``id``, ``title``, ``body``.
        """
        place = {name: k for k, name in enumerate(self.nodes.ids)}
        said = {row[0]: row[1:] for row in texts.select("id", "title", "body").iter_rows()}
        cut = {name: _sentences(*said[name]) for name in pairs["text"].unique(maintain_order=True)}
        asked: list[str] = []
        nodes: list[int] = []
        for name, capability in pairs.select("text", "capability").iter_rows():
            if len(cut[name]) > 1:
                asked += cut[name]
                nodes += [place[capability]] * len(cut[name])
        near = self.features.likeness(asked, nodes) if asked else np.empty(0)
        best: list[str | None] = []
        at = 0
        for name in pairs["text"]:
            own = cut[name]
            k = 0
            if len(own) > 1:
                k = int(np.argmax(near[at : at + len(own)]))
                at += len(own)
            best.append(own[k][:_LONGEST_SENTENCE] if own else None)
        return pl.Series("sentence", best, pl.String)


def _sentences(title: str | None, body: str | None) -> list[str]:
    """Return the sentences of a text; its title counts as one."""
    cut = [one.text for part in (title, body) for one in sentences_of(part or "")]
    return list(dict.fromkeys(" ".join(text.split()) for text in cut))


def _fits(model: str, parts: dict[str, Embedder]) -> bool:
    return all(part in parts or part == "words" for part in model.split("+"))
