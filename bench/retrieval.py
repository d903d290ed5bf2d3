"""Search of texts in two languages: building an index, and a warm query with its encoding.

Texts are made up, about 100 characters each, seven in ten Chinese. USE encodes all of them.
e5 would take hours for 200,000, so above 2,000 its documents are random unit vectors: a
query costs the same, as every vector is compared; it is encoded by the real engine.

``JICHENG_BENCH_FOLDER`` keeps vectors between runs; without it each run encodes anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jicheng.retrieval import Corpus, RetrievalSettings, TextIndex
from jicheng.retrieval.embedding import E5Embedder, Embedder, installed_embedders
from jicheng.retrieval.terms import term_pairs

NAME = "retrieval"
_QUERIES = 100
_REAL_E5 = 2_000

_CHINESE = (
    "面向{0}的{1}，采用{2}工艺，指标达到{3}{4}，已在{5}家企业的{6}产线验证，型号{7}。",
    "提供{0}设计与{1}测试服务，拥有{2}平台，最大{3}{4}，支持{6}批量交付，编号{7}。",
    "一种{1}及其制备方法，用于{0}，解决{2}稳定性不足的问题，寿命超过{3}小时，第{5}代产品{7}，兼容{6}。",
)
_ENGLISH = (
    "{1} for {0} based on {2}, reaching {3} {4}, tested by {5} makers of {6}, model {7}.",
    "Design and testing of {0} and {1} with {2}, up to {3} {4}, series {5} for {6}, {7}.",
)
_UNITS = ("kW", "mm", "MPa", "GHz", "nm", "℃", "rpm", "kg")


class StandIn:
    """Documents of e5 by chance, queries by e5 itself."""

    part = "e5"
    name = "e5-stand-in"
    dimension = E5Embedder.dimension

    def __init__(self) -> None:
        self._engine = E5Embedder()

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
    for count in (1_000,) if quick else (2_000, 20_000, 200_000):
        with tempfile.TemporaryDirectory() as aside:
            folder = Path(os.environ.get("JICHENG_BENCH_FOLDER", aside))
            done = subprocess.run(
                [sys.executable, "-m", "bench.retrieval", str(count), str(folder)],
                capture_output=True, text=True, check=True,
                cwd=Path(__file__).parents[1],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        for label, figure in json.loads(done.stdout.splitlines()[-1]).items():
            figures[f"{count:,} texts, {label}"] = figure
    return figures


def made_up(count: int, seed: int = 1) -> dict[str, str]:
    """Return texts by id; equal seeds give equal texts."""
    dice = random.Random(seed)  # noqa: S311 - made-up texts
    chinese = [name for names, _ in term_pairs() for name in names]
    english = [name for _, names in term_pairs() for name in names]
    texts = {}
    for i in range(count):
        is_chinese = dice.random() < 0.7
        names = chinese if is_chinese else english
        said = [dice.choice(names) for _ in range(4)]
        code = f"{''.join(dice.choices('ABCDEFGHKMNRTX', k=2))}-{dice.randint(10, 9999)}"
        cells = (*said[:3], dice.randint(1, 20_000), dice.choice(_UNITS), dice.randint(2, 60))
        pattern = dice.choice(_CHINESE if is_chinese else _ENGLISH)
        texts[f"t{i:07}"] = pattern.format(*cells, said[3], code)
    return texts


def measured(count: int, folder: Path) -> dict[str, Any]:
    """Build, open and ask; return seconds, milliseconds and memory."""
    texts = made_up(count)
    settings = RetrievalSettings(most_e5=count)
    engines: list[Embedder] = list(installed_embedders(settings))
    if count > _REAL_E5:
        engines = [StandIn() if one.part == "e5" else one for one in engines]
    figures: dict[str, Any] = {
        "characters": round(sum(map(len, texts.values())) / count),
        "engines": ", ".join(one.name for one in engines) or "words alone",
    }
    started = time.process_time()
    corpus = Corpus.of(texts)
    words_only = replace(settings, engines=())
    index = TextIndex.build(corpus, words_only, folder / f"words-{count}")
    figures["words: index, processor s"] = round(time.process_time() - started, 1)
    figures |= asked(index, texts, "words")
    started = time.process_time()
    index = TextIndex.build(corpus, settings, folder / f"all-{count}", embedders=engines)
    figures["all: index, processor s"] = round(time.process_time() - started, 1)
    figures["folder, MB"] = round(
        sum(file.stat().st_size for file in (folder / f"all-{count}").rglob("*")) / 1e6
    )
    started = time.perf_counter()
    index = TextIndex.open(folder / f"all-{count}", settings, embedders=engines)
    figures["all: open, s"] = round(time.perf_counter() - started, 2)
    figures |= asked(index, texts, "all")
    figures["GB at the peak"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)
    return figures


def asked(index: TextIndex, texts: dict[str, str], label: str) -> dict[str, Any]:
    """Ask warm queries of about 40 characters; return their times."""
    dice = random.Random(7)  # noqa: S311 - made-up queries
    queries = [dice.choice(list(texts.values()))[:40] for _ in range(_QUERIES + 5)]
    took, worked = [], []
    for query in queries:
        started, begun = time.perf_counter(), time.process_time()
        hits = index.search(query)
        hits.order()
        took.append(1000 * (time.perf_counter() - started))
        worked.append(1000 * (time.process_time() - begun))
    took, worked = took[5:], worked[5:]  # what warms up
    return {
        f"{label}: query, median ms": round(float(np.median(took)), 1),
        f"{label}: query, 95th percentile ms": round(float(np.percentile(took, 95)), 1),
        f"{label}: query, median processor ms": round(float(np.median(worked)), 1),
    }


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), Path(sys.argv[2])), ensure_ascii=False))
