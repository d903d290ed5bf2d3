"""Fit the calibration of ``jicheng profile`` and print cross-validated figures.

Reads only texts on which anything may be chosen: ``bench/matching/data/chosen_on.csv``,
written for the taxonomy, and ``dev_texts.csv`` with ``dev_leaves.csv``, most of which show
none of its leaves though they are as technical. Writes
``means.csv`` and ``calibration.csv`` of ``jicheng.integrate.profile``. Run it again after
BM25, an engine or the shipped taxonomy changes:

    .venv/bin/python scripts/fit_profile.py [FOLDER-OF-VECTORS]
"""

from __future__ import annotations

import csv
import dataclasses
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng import taxonomy
from jicheng.integrate.profile import features as parts
from jicheng.integrate.profile.conditional_logit import NONE, chances, fit
from jicheng.integrate.profile.nodes import Nodes
from jicheng.integrate.profile.recalibration import (
    Recalibration,
    distinct_words,
    fit_recalibration,
    read_anew,
)
from jicheng.retrieval import RetrievalSettings, language_of
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import Embedder, installed_embedders

ROOT = Path(__file__).parents[1]
DATA = ROOT / "bench" / "matching" / "data"
TARGET = ROOT / "src" / "jicheng" / "integrate" / "profile"
MODELS = {"words": ("words", "grams"), "use": ("words", "grams", "use"),
          "use+e5": ("words", "grams", "use", "e5")}  # fmt: skip
CLASS_UTILITY = 1.0
"""Utility of a level of agreement of patent classes (1 to 3); ours: no labelled text has any."""
FOREIGN_ERROR = {"words": 1.0, "use": 0.5, "use+e5": 0.4}
"""Error on the logit for texts that speak otherwise than those fitted on; ours: words alone
know no synonym outside the taxonomy's terms, and the labelled texts were written for it."""
MEASURED = {"top1": 2, "top3": 2, "logloss": 2, "ece": 3}  # with their digits
MISSES = (0.05, 0.1, 0.2)
FOLDS, SEED = 5, 7
NONE_SHARE = 1 / 3
"""Share of texts that show none of the leaves, of a zone and so of the fit; ours."""
FORMS = ("whole", "clause", "title")
Floats = NDArray[np.float64]
Rows = list[tuple[str, str, str, str]]


def write_means(engines: tuple[Embedder, ...], cache: VectorCache, nodes: Nodes) -> None:
    """Write the mean vector of technical texts and of nodes, by engine and language."""
    said = pl.read_csv(DATA / "dev_texts.csv")["text"].to_list()
    rows = []
    for engine in engines:
        asked = [view.text for view in nodes.views]
        for side, texts, vectors in (
            ("text", said, cache.documents(engine, said)),
            ("node", asked, cache.documents(parts.AsQueries(engine), asked)),
        ):
            languages = np.array([language_of(text).value for text in texts])
            for language in ("zh", "en"):
                own = vectors[languages == language]
                mean = " ".join(f"{x:.5f}" for x in own.mean(axis=0))
                rows.append((engine.part, side, language, len(own), engine.name, mean))
    with (TARGET / "means.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("part", "side", "language", "texts", "engine", "mean"))
        writer.writerows(rows)
    parts.shipped_means.cache_clear()


def shortened(text: str) -> tuple[str, str]:
    """Return the first clause of a text, and what a title would hold of it."""
    is_chinese = language_of(text).value == "zh"
    return re.split("[，,；;。]", text)[0], text[:20] if is_chinese else text[:60]


@dataclass(frozen=True)
class Labelled:
    """Texts whose leaf is known, each whole, as its first clause, and as a title.

    Attributes
    ----------
    features : ndarray of float64, shape (forms, n, nodes, features)
    words : ndarray of float64, shape (forms, n)
        Distinct words.
    answers : ndarray of intp, shape (n,)
        Node, or NONE.
    weights : ndarray of float64, shape (n,)
    is_own : ndarray of bool, shape (n,)
        Whether the text was written for the taxonomy.
    """

    features: Floats
    words: Floats
    answers: NDArray[np.intp]
    weights: Floats
    is_own: NDArray[np.bool_]

    def of_model(self, known: parts.Features, names: tuple[str, ...]) -> Labelled:
        """Return it with the features of a model, each scaled to one size for the ridge."""
        own = self.features[:, :, :, [known.names.index(name) for name in names]]
        return dataclasses.replace(self, features=own / own.std(axis=(0, 1, 2)))

    def take(self, rows: NDArray[np.bool_]) -> Labelled:
        """Return some of the texts."""
        return Labelled(self.features[:, rows], self.words[:, rows], self.answers[rows],
                        self.weights[rows], self.is_own[rows])  # fmt: skip

    def fitted(self) -> Floats:
        """Return the coefficients fitted to all forms."""
        n_forms = len(self.words)
        return fit(np.concatenate(self.features), np.tile(self.answers, n_forms),
                   weights=np.tile(self.weights, n_forms))  # fmt: skip

    def chances(self, b: Floats) -> Floats:
        """Return the chances of all nodes, shape (forms, n, nodes)."""
        return np.stack([chances(form @ b[1:], float(b[0])) for form in self.features])

    def recalibrations(self, made: Floats) -> tuple[Recalibration, Recalibration]:
        """Return how the chances of the best node and of none are to be read."""
        counts = np.tile(self.weights, len(made))
        none = np.broadcast_to(self.answers == NONE, self.words.shape)
        parts_of = ((made.max(axis=2), made.argmax(axis=2) == self.answers),
                    (1.0 - made.sum(axis=2), none))  # fmt: skip
        best, nothing = (
            fit_recalibration(told.ravel(), self.words.ravel(), right.ravel(), counts)
            for told, right in parts_of
        )
        return best, nothing

    def read(self, made: Floats, read: tuple[Recalibration, Recalibration]) -> Floats:
        """Return chances read anew."""
        return np.stack([read_anew(one, words, *read)
                         for one, words in zip(made, self.words, strict=True)])  # fmt: skip


def labelled(known: parts.Features) -> Labelled:
    """Read the labelled texts."""
    own = pl.read_csv(DATA / "chosen_on.csv").select("text", "capability", is_own=True)
    other = pl.read_csv(DATA / "dev_texts.csv").join(pl.read_csv(DATA / "dev_leaves.csv"), on="id")
    table = pl.concat([own, other.select("text", "capability", is_own=False)])
    place = {name: k for k, name in enumerate(known.nodes.ids)}
    answers = np.array([place[c] if c else NONE for c in table["capability"].fill_null("")])
    is_own = table["is_own"].to_numpy()
    said = table["text"].to_list()
    forms = [said, *(list(form) for form in zip(*map(shortened, said), strict=True))]
    x = np.stack([known.matrix(form, [None] * len(form)) for form in forms]).astype(np.float64)
    words = np.stack([distinct_words(form) for form in forms])
    return Labelled(x, words, answers, weights_of(answers, is_own), is_own)


def weights_of(answers: NDArray[np.intp], is_own: NDArray[np.bool_]) -> Floats:
    """Return 1 for texts of the taxonomy, and for others what makes a third show none."""
    none = answers == NONE
    lacking = NONE_SHARE * (~none & is_own).sum() - (1 - NONE_SHARE) * (none & is_own).sum()
    gained = (1 - NONE_SHARE) * (none & ~is_own).sum() - NONE_SHARE * (~none & ~is_own).sum()
    return np.where(is_own, 1.0, lacking / gained)


def folds_of(answers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a fold for each text; texts of one node are in one fold."""
    group = np.where(answers >= 0, answers, 100_000 + np.arange(len(answers)))
    known = np.unique(group)
    drawn = dict(zip(known, np.random.default_rng(SEED).permutation(len(known)), strict=True))
    return np.array([drawn[g] % FOLDS for g in group])


def cross_validated(texts: Labelled) -> tuple[Floats, tuple[Recalibration, Recalibration]]:
    """Return chances of each text fitted without its fold, and how all are to be read.

    The recalibration is fitted on chances from outside a text's own fold; the chances that
    are returned are read with one that knew nothing of the fold either.
    """
    fold = folds_of(texts.answers)
    raw = np.zeros(texts.features.shape[:3])
    for f in range(FOLDS):
        raw[:, fold == f] = texts.take(fold == f).chances(texts.take(fold != f).fitted())
    made = np.zeros_like(raw)
    for f in range(FOLDS):
        known = texts.take(fold != f).recalibrations(raw[:, fold != f])
        made[:, fold == f] = texts.take(fold == f).read(raw[:, fold == f], known)
    return made, texts.recalibrations(raw)


def figures(made: Floats, answers: NDArray[np.intp]) -> Mapping[str, float]:
    """Return what the cross-validated chances are worth."""
    known = answers >= 0
    rows = np.arange(len(answers))
    none = 1.0 - made.sum(axis=1)
    told = np.where(known, made[rows, np.maximum(answers, 0)], none)
    best, top = made.argmax(axis=1), made.max(axis=1)
    right = best == answers
    rank = (made > told[:, None]).sum(axis=1)
    kept = top >= 0.5
    edges = np.quantile(top, np.linspace(0, 1, 6))
    bins = np.clip(np.searchsorted(edges, top, side="right") - 1, 0, 4)
    gaps = [abs(top[bins == k].mean() - right[bins == k].mean()) * (bins == k).mean()
            for k in range(5)]  # fmt: skip
    return {
        "top1": right[known].mean(), "top3": (rank[known] < 3).mean(),
        "precision": right[kept].mean(), "recall": (right & kept)[known].mean(),
        "mean_chance": top[kept].mean(),
        "false": kept[~known].mean(), "logloss": -np.log(told).mean(), "ece": sum(gaps),
        "none_auc": float((none[~known][None] > none[known][:, None]).mean()),
        "statistical_error": 1.0 / np.sqrt((top * (1 - top)).sum()),
    } | {f"set{miss:g}": float(np.sort(told)[max(0, int(miss * (len(told) + 1)) - 1)])
         for miss in MISSES}  # fmt: skip


def rows_of(model: str, names: tuple[str, ...], texts: Labelled, known: parts.Features) -> Rows:
    """Return the rows of the calibration of a model, and print what it is worth."""
    own = texts.of_model(known, names)
    kept = [known.names.index(name) for name in names]
    scale = texts.features[:, :, :, kept].std(axis=(0, 1, 2))
    b = own.fitted()
    made, (best, nothing) = cross_validated(own)
    found = {}
    for form, one in zip(FORMS, made, strict=True):
        for kind, those in (("own", own.is_own), ("other", ~own.is_own)):
            told = figures(one[those], own.answers[those])
            found[form, kind] = told
            print(model, form, kind, {name: round(float(value), 3) for name, value in told.items()})
    whole, title = found["whole", "own"], found["title", "own"]
    error = float(np.hypot(whole["statistical_error"], FOREIGN_ERROR[model]))
    why = f"{whole['statistical_error']:.2f} fitted and {FOREIGN_ERROR[model]:g} ours: texts of "
    fitted, validated = "fitted", "cross-validated"
    count = f"chosen_on.csv and dev_leaves.csv, whole and shortened; {own.is_own.sum()} of them own"
    return [
        (model, "none", f"{b[0]:.4f}", fitted),
        (model, "texts", str(len(own.answers)), count),
        *((model, f"cv.{name}", f"{whole[name]:.{digits}f}", validated)
          for name, digits in MEASURED.items()),
        *((model, f"cv.title.{name}", f"{title[name]:.{digits}f}", validated)
          for name, digits in MEASURED.items()),
        *((model, f"x.{name}", f"{value:.5g}", fitted)
          for name, value in zip(names, b[1:] / scale, strict=True)),
        (model, "x.class", f"{CLASS_UTILITY:g}", "ours: no labelled text has classes"),
        *((model, f"best.{name}", f"{value:.4f}", "fitted on cross-validated chances")
          for name, value in dataclasses.asdict(best).items()),
        *((model, f"nothing.{name}", f"{value:.4f}", "fitted on cross-validated chances")
          for name, value in dataclasses.asdict(nothing).items()),
        (model, "error", f"{error:.3f}", why + "another kind"),
        *((model, f"set.{miss:g}", f"{whole[f'set{miss:g}']:.4f}", validated) for miss in MISSES),
    ]  # fmt: skip


def main() -> None:
    """Fit and write."""
    nodes = Nodes.of(taxonomy.load())
    engines = installed_embedders(RetrievalSettings())
    cache = VectorCache(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    write_means(engines, cache, nodes)
    known = parts.Features.of(nodes, engines, cache)
    texts = labelled(known)
    rows = [row for model, names in MODELS.items() for row in rows_of(model, names, texts, known)]
    with (TARGET / "calibration.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("model", "term", "value", "provenance"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
