"""An engine that remembers the last queries: each explanation of a match asks the same one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.embedding import Embedder

__all__ = ["Remembering"]

_MOST = 200  # queries, of a few kilobytes each


class Remembering:
    """An engine whose last queries are encoded once; documents go to the engine itself."""

    def __init__(self, engine: Embedder) -> None:
        self._engine = engine
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self.part, self.name, self.dimension = engine.part, engine.name, engine.dimension

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each text."""
        return self._engine.encode_documents(texts)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each query."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            rows = self._engine.encode_queries(new)
            self._known.update(zip(new, rows, strict=True))
        made = [self._known[text] for text in texts]
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return np.array(made, dtype=np.float32).reshape(len(texts), self.dimension)
