"""Measures matching on texts that nothing was chosen on, and prints it with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.matching.finding import (
    DIRECTIONS,
    WORDS,
    Ranked,
    codes_found,
    measured,
    rankings,
)
from bench.matching.naming import Named, named
from bench.matching.sets import BLIND, Needs, as_titles, codes, labelled_texts, needs
from jicheng.kernel.ranking import Interval, bootstrap_interval, paired_difference
from jicheng.retrieval import RetrievalSettings
from jicheng.retrieval.cache import VectorCache
from jicheng.retrieval.embedding import Embedder, installed_embedders

__all__ = ["run"]


def run(quick: bool) -> dict[str, Any]:
    """Rank, classify and look codes up; quick: by words alone."""
    settings = RetrievalSettings(engines=()) if quick else RetrievalSettings()
    embedders = installed_embedders(settings)
    cache = VectorCache(None)
    figures: dict[str, Any] = {
        "engines": ", ".join(one.name for one in embedders) or "none: words alone",
        "intervals": "95 % bootstrap over queries; one author, made-up texts",
    }
    figures |= _retrieval(needs(), embedders, cache)
    blind = _retrieval(needs(folder=BLIND), embedders, cache)
    figures |= {f"second, blind set: {label}": figure for label, figure in blind.items()}
    figures |= _codes(embedders, cache)
    figures |= _classification(embedders, cache)
    return figures


def _retrieval(bench: Needs, embedders: Sequence[Embedder], cache: VectorCache) -> dict[str, Any]:
    counts = {language: int(bench.columns(language).sum()) for language in ("zh", "en")}
    figures: dict[str, Any] = {
        "needs, texts": f"{bench.challenges.height}, {counts['zh']} zh + {counts['en']} en"
    }
    scores = {
        language: rankings(bench.corpus, bench.asked(language), embedders, cache)
        for language in ("zh", "en")
    }
    for asked, texts in DIRECTIONS:
        base = measured(bench, scores[asked][WORDS], texts)
        for way, score in scores[asked].items():
            got = base if way == WORDS else measured(bench, score, texts)
            figures[f"{asked} -> {texts}, {way}"] = _ranked(got, base, is_base=way == WORDS)
    return figures


def _ranked(got: Ranked, base: Ranked, *, is_base: bool) -> str:
    parts = [
        f"{label} {_told(bootstrap_interval(values))}"
        for label, values in (("nDCG@10", got.ndcg), ("R@10", got.recall), ("P@1", got.first))
    ]
    if not is_base:
        gain = paired_difference(got.ndcg, base.ndcg)
        parts.append(f"nDCG over words {gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]")
    return "  ".join(parts)


def _codes(embedders: Sequence[Embedder], cache: VectorCache) -> dict[str, Any]:
    mistyped = codes()
    queries = mistyped.table["query"].to_list()
    figures: dict[str, Any] = {}
    for way, score in rankings(mistyped.corpus, queries, embedders, cache).items():
        found = codes_found(mistyped, score)
        figures[f"{len(queries)} mistyped codes among {len(mistyped.corpus)} texts, {way}"] = (
            f"in the first ten {_told(bootstrap_interval(found))}  "
            f"first {_told(bootstrap_interval(codes_found(mistyped, score, first=1)))}"
        )
    return figures


def _classification(embedders: Sequence[Embedder], cache: VectorCache) -> dict[str, Any]:
    texts = labelled_texts("held_out")
    used: list[tuple[str, Sequence[Embedder]]] = [("words", ())]
    fast = [one for one in embedders if one.part == "use"]
    if fast:
        used.append(("words and USE", fast))
    if len(embedders) > len(fast):
        used.append(("everything", embedders))
    figures: dict[str, Any] = {}
    for way, engines in used:
        for form, those in (("whole", texts), ("as titles", as_titles(texts))):
            figures |= _classified(f"{way}, {form}", named(those, engines, cache))
    return figures


def _classified(way: str, got: Named) -> dict[str, Any]:
    label = f"leaves of the taxonomy, {way}"
    figures: dict[str, Any] = {}
    for language in ("zh", "en"):
        one, three = got.top(1, language), got.top(3, language)
        figures[f"{label}, {language} ({one.size} texts)"] = (
            f"top-1 {_told(bootstrap_interval(one))}  top-3 {_told(bootstrap_interval(three))}"
        )
    figures[f"{label}, told at the shipped threshold"] = (
        f"mean chance {got.told_chance().mean():.3f}  "
        f"precision {_told(bootstrap_interval(got.told_precision()))}  "
        f"recall {_told(bootstrap_interval(got.told_recall()))}"
    )
    recall, precision = got.none_recall(), got.none_precision()
    figures[f"{label}, none of these ({recall.size} texts)"] = (
        f"recall {_told(bootstrap_interval(recall))}  "
        f"precision {_told(bootstrap_interval(precision))}  "
        f"no leaf told {_told(bootstrap_interval(got.none_kept()))}"
    )
    figures[f"{label}, undecided"] = _told(bootstrap_interval(got.undecided()))
    table = got.calibration()
    figures[f"{label}, calibration error"] = round(table.error, 3)
    for k in np.flatnonzero(table.count):
        figures[f"{label}, chance {table.low[k]:.1f} – {table.high[k]:.1f}"] = (
            f"mean {table.score[k]:.2f}  right {table.right[k]:.2f}  texts {table.count[k]}"
        )
    return figures


def _told(value: Interval) -> str:
    return f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"
