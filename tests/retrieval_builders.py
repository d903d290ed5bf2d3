"""Engines and texts made for tests of the search."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.language import Language, language_of
from jicheng.retrieval.words import words_of

TOPICS = {
    "轴承": 0, "bearing": 0, "电池": 1, "battery": 1, "光刻": 2, "lithography": 2,
    "焊接": 3, "welding": 3, "雷达": 4, "radar": 4,
}  # fmt: skip


class PlantedEmbedder:
    """Vectors = topics of the text's words + an offset of its language + a little noise.

    The offset is what real engines show: it outweighs what a text is about. With a path,
    each text that is encoded is written there, so that a test can count them across
    processes.
    """

    part = "planted"
    dimension = 16

    def __init__(self, *, offset: float = 4.0, version: str = "1", log: Path | None = None) -> None:
        self.name = f"planted@{version}"
        self._offset = offset
        self._log = log
        self.encoded: list[str] = []

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded.extend(texts)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8") as file:
                file.writelines(f"{text}\n" for text in texts)
        rows = [self._vector(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    encode_queries = encode_documents

    def _vector(self, text: str) -> NDArray[np.float64]:
        made = np.zeros(self.dimension)
        for word in words_of(text):
            if word in TOPICS:
                made[TOPICS[word]] += 1.0
        made[8 if language_of(text) is Language.ZH else 9] += self._offset
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")
        made += 0.05 * np.random.default_rng(seed).standard_normal(self.dimension)
        return made / np.linalg.norm(made)


def planted_texts(n: int = 60) -> dict[str, str]:
    """Return n Chinese and n English texts, a fifth of each on every topic."""
    chinese = ["轴承", "电池", "光刻", "焊接", "雷达"]
    english = ["bearing", "battery", "lithography", "welding", "radar"]
    made = {f"zh{i:03}": f"{chinese[i % 5]}第{i}号" for i in range(n)}
    return made | {f"en{i:03}": f"{english[i % 5]} number {i}" for i in range(n)}
