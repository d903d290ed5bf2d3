"""Vectors by what a text says, so that nothing is encoded twice.

Each engine has a folder of segments. A segment is written aside, forced to disk and put in
place whole; it is never changed afterwards. So a process may be killed at any time: what
was flushed is found again, what was not is encoded again. A segment whose checksum does
not fit is put away and its texts are encoded anew. Many small segments are joined into one.

Segment: ``JCV1``, dimension and count (4 bytes each, little endian), count x 32 bytes of
sha256 of texts, count x dimension x float16, sha256 of all before.
"""

from __future__ import annotations

import hashlib
import logging
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jicheng.atomic import write_file
from jicheng.retrieval.corpus import encoded_text
from jicheng.retrieval.embedding import Embedder

__all__ = ["Progress", "VectorCache"]

Progress = Callable[[int, int], None]
"""Called with how many texts are done, and how many there are."""

_MAGIC = b"JCV1"
_HEAD = struct.Struct("<4sII")
_DIGEST = 32
_SUFFIX = ".segment"
_MOST_SEGMENTS = 64

_log = logging.getLogger(__name__)


class VectorCache:
    """Vectors of documents, kept in a folder or, without one, in memory.

    Parameters
    ----------
    folder : Path or None
        Holds a folder for each engine's name. May be deleted at any time.
    batch : int
        Texts that are encoded between two flushes, >= 1: the most that a kill costs.
    """

    def __init__(self, folder: Path | None = None, *, batch: int = 512) -> None:
        self._folder = folder
        self._batch = batch
        self._memory: dict[str, dict[bytes, NDArray[np.float16]]] = {}

    def documents(
        self, embedder: Embedder, texts: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Return the vectors of documents, encoding those that are not kept yet.

        Parameters
        ----------
        embedder : Embedder
            Its name says whose vectors they are.
        texts : sequence of str
            Documents; equal ones are encoded once.
        progress : callable, optional
            Told the documents that have a vector, and their number, after every flush.

        Returns
        -------
        ndarray of float32, shape (n, dimension)
            Unit rows to half precision, the same whether they were kept or not.
        """
        plain = [encoded_text(text) for text in texts]
        places: dict[bytes, list[int]] = {}
        for i, text in enumerate(plain):
            places.setdefault(hashlib.sha256(text.encode()).digest(), []).append(i)
        vectors = np.empty((len(plain), embedder.dimension), dtype=np.float32)
        n_done = 0
        for digest, vector in self._kept(embedder, places):
            rows = places.pop(digest)
            vectors[rows] = vector
            n_done += len(rows)
        missing = list(places)
        if progress is not None:
            progress(n_done, len(plain))
        for at in range(0, len(missing), self._batch):
            digests = missing[at : at + self._batch]
            made = embedder.encode_documents([plain[places[digest][0]] for digest in digests])
            half = made.astype(np.float16)
            self._keep(embedder, digests, half)
            for digest, vector in zip(digests, half, strict=True):
                vectors[places[digest]] = vector
                n_done += len(places[digest])
            if progress is not None:
                progress(n_done, len(plain))
        self._join(embedder)
        return vectors

    def _kept(
        self, embedder: Embedder, wanted: dict[bytes, list[int]]
    ) -> Iterator[tuple[bytes, NDArray[np.float16]]]:
        """Yield each wanted vector that is kept, once."""
        if self._folder is None:
            kept = self._memory.get(embedder.name, {})
            yield from [(digest, kept[digest]) for digest in list(wanted) if digest in kept]
            return
        for _, digests, vectors in self._segments(embedder):
            for i, digest in enumerate(digests):
                if digest in wanted:
                    yield digest, vectors[i]

    def _keep(
        self, embedder: Embedder, digests: Sequence[bytes], vectors: NDArray[np.float16]
    ) -> None:
        if self._folder is None:
            kept = self._memory.setdefault(embedder.name, {})
            kept.update(zip(digests, vectors, strict=True))
        else:
            _write_segment(self._folder / embedder.name, digests, vectors)

    def _segments(
        self, embedder: Embedder
    ) -> Iterator[tuple[Path, list[bytes], NDArray[np.float16]]]:
        if self._folder is None:
            return
        for path in sorted((self._folder / embedder.name).glob(f"*{_SUFFIX}")):
            read = _read_segment(path, embedder.dimension)
            if read is None:
                _log.warning("segment %s is damaged: its texts are encoded anew", path)
                path.replace(path.with_suffix(".damaged"))
            else:
                yield path, *read

    def _join(self, embedder: Embedder) -> None:
        if self._folder is None:
            return
        folder = self._folder / embedder.name
        if len(list(folder.glob(f"*{_SUFFIX}"))) <= _MOST_SEGMENTS:
            return
        seen: dict[bytes, NDArray[np.float16]] = {}
        paths = []
        for path, digests, vectors in self._segments(embedder):
            paths.append(path)
            seen.update(zip(digests, vectors, strict=True))
        joined = _write_segment(folder, list(seen), np.array(list(seen.values())))
        for path in paths:
            if path != joined:
                path.unlink(missing_ok=True)


def _write_segment(folder: Path, digests: Sequence[bytes], vectors: NDArray[np.float16]) -> Path:
    body = b"".join(
        (
            _HEAD.pack(_MAGIC, vectors.shape[1], len(digests)),
            *digests,
            np.ascontiguousarray(vectors, dtype="<f2").tobytes(),
        )
    )
    check = hashlib.sha256(body).digest()
    path = folder / f"{check[:12].hex()}{_SUFFIX}"  # named by content: writers never collide
    write_file(path, body + check)
    return path


def _read_segment(path: Path, dimension: int) -> tuple[list[bytes], NDArray[np.float16]] | None:
    """Return digests and vectors; None if the file is damaged or of another dimension."""
    body = path.read_bytes()
    if len(body) < _HEAD.size + _DIGEST:
        return None
    magic, width, count = _HEAD.unpack_from(body)
    size = _HEAD.size + count * (_DIGEST + 2 * width) + _DIGEST
    if magic != _MAGIC or width != dimension or len(body) != size:
        return None
    view = memoryview(body)
    if hashlib.sha256(view[:-_DIGEST]).digest() != body[-_DIGEST:]:
        return None
    end = _HEAD.size + count * _DIGEST
    digests = [body[at : at + _DIGEST] for at in range(_HEAD.size, end, _DIGEST)]
    vectors = np.frombuffer(body, dtype="<f2", count=count * width, offset=end)
    return digests, vectors.reshape(count, width)
