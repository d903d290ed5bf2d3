"""Who could solve it: a warm match over the texts of a whole zone, with its query's encoding.

Texts are made up, about 100 characters each. USE would encode 200,000 in some minutes: here
the documents are random unit vectors and the query is encoded by the real engine, which
costs a match the same, as every vector is compared.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.retrieval import made_up
from jicheng.integrate.match.matcher import Matcher
from jicheng.integrate.match.parties import Direction
from jicheng.integrate.match.query import query_of_challenge
from jicheng.integrate.match.result import match
from jicheng.retrieval import RetrievalSettings
from jicheng.retrieval.embedding import Embedder, installed_embedders
from jicheng.zone import Zone

NAME = "match"
_CHALLENGES = 40


class StandIn:
    """Documents by chance, queries by the engine itself."""

    def __init__(self, engine: Embedder) -> None:
        self._engine = engine
        self.part, self.name = engine.part, f"{engine.name}-stand-in"
        self.dimension = engine.dimension

    def encode_documents(self, texts: Sequence[str]) -> np.ndarray:
        seed = hashlib.sha256("".join(texts).encode()).digest()[:8]
        drawn = np.random.default_rng(int.from_bytes(seed, "little"))
        rows = drawn.standard_normal((len(texts), self.dimension), dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._engine.encode_queries(texts)


def run(quick: bool) -> dict[str, Any]:
    """Measure several sizes, each in a process of its own."""
    figures: dict[str, Any] = {}
    for count in (1_000,) if quick else (20_000, 200_000):
        done = subprocess.run(
            [sys.executable, "-m", "bench.match", str(count)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
            env={**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
        )  # fmt: skip
        for label, figure in json.loads(done.stdout.splitlines()[-1]).items():
            figures[f"{count:,} texts, {label}"] = figure
    return figures


def made_up_zone(n_texts: int, seed: int = 1) -> Zone:
    """Make a zone with a fifth as many organisations as texts, a tenth as many people."""
    drawn = np.random.default_rng(seed)
    n_firms, n_people, n_capabilities = n_texts // 5, n_texts // 10, 320
    firms = [f"org:{i:06}" for i in range(n_firms)]
    people = [f"per:{i:06}" for i in range(n_people)]
    capabilities = [f"cap:{i:03}" for i in range(n_capabilities)]
    texts = made_up(n_texts, seed)
    said = list(made_up(_CHALLENGES + n_capabilities, seed + 1).values())
    parties = np.array([*firms, *people])[drawn.integers(0, n_firms + n_people, 2 * n_texts)]
    pairs = pl.DataFrame({"text": [*texts, *texts], "party": parties, "role": "owner"})
    held = pl.DataFrame({
        "holder": np.array([*firms, *people])[drawn.integers(0, n_firms + n_people, n_texts // 3)],
        "capability": np.array(capabilities)[drawn.integers(0, n_capabilities, n_texts // 3)],
        "level": drawn.random(n_texts // 3).round(2), "source": "made up",
    })  # fmt: skip
    ends = drawn.integers(0, n_firms, (n_texts // 4, 2))
    ties = pl.DataFrame({
        "a": np.array(firms)[ends.min(axis=1)], "b": np.array(firms)[ends.max(axis=1)],
        "kind": "co_patent", "weight": 1.0,
    })  # fmt: skip
    technologies = [f"tech:{i:02}" for i in range(_CHALLENGES)]
    need = [
        {"technology": name, "capability": capabilities[k], "level": 0.6, "weight": 1.0}
        for name in technologies
        for k in drawn.choice(n_capabilities, 6, replace=False)
    ]
    return Zone.of({
        "zones": [{"id": "z", "name": "虚构区", "home": "CHN", "period": 2026, "is_sample": True}],
        "organisations": pl.DataFrame({"id": firms, "name": firms, "kind": "firm", "zone": "z",
                                       "country": "CHN"}),
        "people": pl.DataFrame({"id": people, "name": people, "kind": "person",
                                "organisation": [firms[i % n_firms] for i in range(n_people)]}),
        "capabilities": pl.DataFrame({"id": capabilities, "name": said[_CHALLENGES:]}),
        "technologies": pl.DataFrame({"id": technologies, "name": technologies,
                                      "description": said[:_CHALLENGES]}),
        "challenges": pl.DataFrame({"id": [f"ch:{i:02}" for i in range(_CHALLENGES)],
                                    "technology": technologies, "name": technologies}),
        "needs": need,
        "holdings": held.unique(["holder", "capability"], keep="first", maintain_order=True),
        "ties": ties.filter(pl.col("a") != pl.col("b")).unique(["a", "b"], maintain_order=True),
        "texts": pl.DataFrame({"id": list(texts), "kind": "patent",
                               "title": list(texts.values())}),
        "text_parties": pairs.unique(["text", "party"], keep="first", maintain_order=True),
    })  # fmt: skip


def measured(count: int) -> dict[str, Any]:
    """Make a matcher and ask it; return seconds, milliseconds and memory."""
    zone = made_up_zone(count)
    retrieval = RetrievalSettings(engines=("use",))
    engines = [StandIn(one) for one in installed_embedders(retrieval)]
    started = time.process_time()
    matcher = Matcher.of(zone, retrieval=retrieval, embedders=engines)
    figures: dict[str, Any] = {
        "organisations": zone["organisations"].height,
        "engines": ", ".join(matcher.texts.engines),
        "making the matcher, processor s": round(time.process_time() - started, 1),
    }
    queries = [query_of_challenge(zone, name) for name in zone["challenges"]["id"]]
    dice = random.Random(7)  # noqa: S311 - made-up queries
    dice.shuffle(queries)
    for label, direction in (("organisations", Direction.ORGANISATIONS), ("all", Direction.ALL)):
        took, worked = [], []
        for query in [*queries[:3], *queries]:
            began, busy = time.perf_counter(), time.process_time()
            found = match(matcher, query, direction, n=20)
            assert found.table.height == 20
            took.append(1000.0 * (time.perf_counter() - began))
            worked.append(1000.0 * (time.process_time() - busy))
        figures[f"{label}: a warm match, ms (median)"] = round(float(np.median(took[3:])))
        figures[f"{label}: nine in ten below, ms"] = round(float(np.quantile(took[3:], 0.9)))
        figures[f"{label}: processor ms (median)"] = round(float(np.median(worked[3:])))
    began = time.perf_counter()
    found.explain(found.table["candidate"][0])
    figures["an explanation, ms"] = round(1000.0 * (time.perf_counter() - began))
    figures["GB at the peak"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)
    return figures


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]))))
