"""An embedding service that a site runs itself, spoken to as OpenAI's ``/embeddings`` is.

For sites with bge-m3, Qwen3-embedding or the like on a server of their own. The texts are
sent to that server; nothing is sent unless the settings name it. Redirects are refused, so
that texts and key go nowhere else; answers are limited in size and checked before use.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import JichengError, MissingData, fault
from jicheng.retrieval.embedding.unit import unit_rows
from jicheng.retrieval.settings import Endpoint

__all__ = ["EndpointEmbedder", "EngineFailed"]

_BYTES_PER_TEXT = 256 << 10  # 8,192 numbers of 32 characters


class EngineFailed(JichengError):
    """An engine gave no vectors: unreachable, too slow, or an answer of another shape."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class EndpointEmbedder:
    """The engine ``endpoint``; its dimension is that of the service's first answer."""

    part = "endpoint"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._dimension = 0
        self._opener = build_opener(_NoRedirect)

    @property
    def name(self) -> str:
        """Model with the prefixes that were used; letters that suit a file name."""
        told = f"{self._endpoint.model}|{self._endpoint.document_prefix}"
        return "endpoint-" + re.sub(r"[^A-Za-z0-9._-]+", "-", told).strip("-")[:80]

    @property
    def dimension(self) -> int:
        """Length of a vector; asks the service once."""
        if self._dimension == 0:
            self._ask(["0"])
        return self._dimension

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows of documents, shape (n, dimension)."""
        return self._rows([self._endpoint.document_prefix + text for text in texts])

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit rows of queries, shape (n, dimension)."""
        return self._rows([self._endpoint.query_prefix + text for text in texts])

    def _rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        step = self._endpoint.batch
        made = [self._ask(texts[at : at + step]) for at in range(0, len(texts), step)]
        return np.concatenate(made) if made else np.empty((0, self.dimension), np.float32)

    def _ask(self, texts: Sequence[str]) -> NDArray[np.float32]:
        body = json.dumps({"model": self._endpoint.model, "input": list(texts)}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._endpoint.key_variable:
            key = os.environ.get(self._endpoint.key_variable, "")
            if not key:
                raise MissingData.of("E008", name=self._endpoint.key_variable)
            headers["Authorization"] = f"Bearer {key}"
        address = f"{self._endpoint.url.rstrip('/')}/embeddings"
        request = Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - the settings allow http and https only
        limit = _BYTES_PER_TEXT * len(texts)
        try:
            with self._opener.open(request, timeout=self._endpoint.timeout_s) as answer:
                told = answer.read(limit + 1)
        except HTTPError as error:
            error.close()
            raise self._failed(f"HTTP {error.code}") from error
        except (URLError, OSError) as error:
            raise self._failed(str(getattr(error, "reason", error))) from error
        if len(told) > limit:
            raise self._failed(f"> {limit} B")
        return self._vectors(told, len(texts))

    def _vectors(self, told: bytes, n_texts: int) -> NDArray[np.float32]:
        try:
            rows = json.loads(told)["data"]
            order = sorted(range(len(rows)), key=lambda i: int(rows[i].get("index", i)))
            vectors = np.array([rows[i]["embedding"] for i in order], dtype=np.float32)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise self._failed(type(error).__name__) from error
        fits = vectors.ndim == 2 and len(vectors) == n_texts and vectors.shape[1] > 0
        if not fits or self._dimension not in (0, vectors.shape[1]):
            raise self._failed(f"{vectors.shape} != ({n_texts}, {self._dimension or 'd'})")
        if not np.isfinite(vectors).all():
            raise self._failed("nan")
        self._dimension = vectors.shape[1]
        return unit_rows(vectors)

    def _failed(self, reason: str) -> EngineFailed:
        return EngineFailed([fault("E009", url=self._endpoint.url, reason=reason)])
