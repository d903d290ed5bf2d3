"""Fit the calibration of ``jicheng profile`` and print cross-validated figures.

Reads only ``bench/matching/data/chosen_on.csv`` (labelled texts, on which anything may be
chosen) and, for the means that are taken off vectors, the texts of ``dev_texts.csv``. Writes
``means.csv`` and ``calibration.csv`` of ``jicheng.integrate.profile``. Run it again after
BM25, an engine or the shipped taxonomy changes:

    .venv/bin/python scripts/fit_profile.py [FOLDER-OF-VECTORS]
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng import taxonomy
from jicheng.integrate.profile import features as parts
from jicheng.integrate.profile.conditional_logit import chances, fit
from jicheng.integrate.profile.nodes import Nodes
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
Floats = NDArray[np.float64]


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


def folds_of(answers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a fold for each text; texts of one node are in one fold."""
    group = np.where(answers >= 0, answers, 100_000 + np.arange(len(answers)))
    known = np.unique(group)
    drawn = dict(zip(known, np.random.default_rng(SEED).permutation(len(known)), strict=True))
    return np.array([drawn[g] % FOLDS for g in group])


def cross_validated(x: Floats, answers: NDArray[np.intp]) -> Floats:
    """Return the chances of each text from coefficients fitted without its fold.

    ``x`` has shape (v, n, nodes, features): v forms of the same n texts.
    """
    made = np.zeros(x.shape[:3])
    fold = folds_of(answers)
    for f in range(FOLDS):
        b = fit(np.concatenate(x[:, fold != f]), np.tile(answers[fold != f], len(x)))
        made[:, fold == f] = chances((x[:, fold == f] @ b[1:]).reshape(-1, x.shape[2]), b[0]
                                     ).reshape(len(x), -1, x.shape[2])  # fmt: skip
    return made


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


def main() -> None:
    """Fit and write."""
    chosen = pl.read_csv(DATA / "chosen_on.csv")
    nodes = Nodes.of(taxonomy.load())
    place = {name: k for k, name in enumerate(nodes.ids)}
    answers = np.array([place[c] if c else -1 for c in chosen["capability"].fill_null("")])
    engines = installed_embedders(RetrievalSettings())
    cache = VectorCache(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    write_means(engines, cache, nodes)
    known = parts.Features.of(nodes, engines, cache)
    said = chosen["text"].to_list()
    forms = [said, *(list(form) for form in zip(*map(shortened, said), strict=True))]
    x = np.stack([known.matrix(form, [None] * len(form)) for form in forms]).astype(np.float64)
    rows = []
    for model, names in MODELS.items():
        own = x[:, :, :, [known.names.index(name) for name in names]]
        scale = own.std(axis=(0, 1, 2))  # the ridge sees features of one size
        b = fit(np.concatenate(own / scale), np.tile(answers, len(forms)))
        made = cross_validated(own / scale, answers)
        found = figures(made[0], answers)
        for form, one in zip(("whole", "clause", "title"), made, strict=True):
            told = {name: round(float(value), 3) for name, value in figures(one, answers).items()}
            print(model, form, told)
        error = float(np.hypot(found["statistical_error"], FOREIGN_ERROR[model]))
        rows.append((model, "none", f"{b[0]:.4f}", "fitted"))
        rows.append((model, "texts", str(chosen.height), "chosen_on.csv, whole and shortened"))
        rows += [(model, f"cv.{name}", f"{found[name]:.{digits}f}", "cross-validated")
                 for name, digits in MEASURED.items()]  # fmt: skip
        rows += [(model, f"x.{name}", f"{value:.5g}", "fitted")
                 for name, value in zip(names, b[1:] / scale, strict=True)]  # fmt: skip
        rows.append((model, "x.class", f"{CLASS_UTILITY:g}", "ours: no labelled text has classes"))
        why = f"{found['statistical_error']:.2f} fitted and {FOREIGN_ERROR[model]:g} ours: texts "
        rows.append((model, "error", f"{error:.3f}", why + "of another kind"))
        rows += [(model, f"set.{miss:g}", f"{found[f'set{miss:g}']:.4f}", "cross-validated")
                 for miss in MISSES]  # fmt: skip
    with (TARGET / "calibration.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("model", "term", "value", "provenance"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
