"""Files of sources as streams: plain, gzip, members of a zip, folders of them.

Nothing is unpacked to disk and nothing is held whole: a dump of many gigabytes passes
through. What grows beyond all proportion while it is unpacked is refused on the way.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from jicheng.errors import InvalidInput, JichengError, Text, Where
from jicheng.io.limits import Limits, in_units
from jicheng.io.sources.cleaning import clean

__all__ = ["Part", "SourceLimits", "parts_of", "sha256_of"]

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How much of a source is read before it is refused (ours).

    ``files`` bounds what is read from disk (``ratio`` above ``unpacked_bytes_free`` and
    ``parts`` of it are kept), ``unpacked_bytes`` one unpacked file, ``value_bytes`` one
    JSON value or cell, ``records`` the rows of one table that are kept.
    """

    files: Limits = field(default_factory=lambda: Limits(file_bytes=200_000_000_000))
    unpacked_bytes: int = 2_000_000_000_000
    value_bytes: int = 64_000_000
    records: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One stream of a source: the name it goes by, and its bytes."""

    name: str
    stream: IO[bytes]

    @property
    def where(self) -> Where:
        """Its place, for messages."""
        return Where(sheet=self.name)


def parts_of(
    paths: Iterable[Path], is_wanted: Callable[[str], bool], limits: SourceLimits
) -> Iterator[Part]:
    """Open the files of a source one after the other.

    Parameters
    ----------
    paths : iterable of Path
        Files, zip archives, or folders that hold them at any depth (links left out).
    is_wanted : callable
        Tells from its small-letter name without ``.gz`` whether a file is read.
    limits : SourceLimits
        When to refuse.

    Raises
    ------
    InvalidInput
        E150 if a path is absent, E151 too large, E082 for a broken, encrypted or
        suspicious archive, E080 if nothing is wanted.
    """
    paths = tuple(paths)
    n_read = 0
    for path in paths:
        if not path.exists():
            raise InvalidInput.of("E150", path=path)
        for file in _files(path, limits):
            for part in _parts(file, is_wanted, limits):
                n_read += 1
                yield part
    if not n_read:
        reason = Text("其中没有可读取的文件", "no file in it is one of this source")
        raise InvalidInput.of("E080", path=", ".join(map(str, paths)), reason=reason)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks; empty for a folder."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(path: Path, limits: SourceLimits) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    found = (file for file in sorted(path.rglob("*")) if file.is_file() and not file.is_symlink())
    for n, file in enumerate(found):
        if n >= limits.files.parts:
            raise _refused(path, Text("文件过多", "it holds too many files"))
        yield file


def _parts(file: Path, is_wanted: Callable[[str], bool], limits: SourceLimits) -> Iterator[Part]:
    size = file.stat().st_size
    if size > limits.files.file_bytes:
        limit = in_units(limits.files.file_bytes)
        where = Where(sheet=file.name)
        raise InvalidInput.of("E151", where=where, size=in_units(size), limit=limit)
    name = file.name.lower()
    if name.endswith(".zip"):
        yield from _members(file, is_wanted, limits)
    elif name.endswith(".gz"):
        if is_wanted(name.removesuffix(".gz")):
            with gzip.open(file, "rb") as stream:
                yield Part(file.name, _bounded(cast("IO[bytes]", stream), file, size, limits))
    elif is_wanted(name):
        with file.open("rb") as stream:
            yield Part(file.name, _bounded(stream, file, size, limits))


def _members(file: Path, is_wanted: Callable[[str], bool], limits: SourceLimits) -> Iterator[Part]:
    with _told(file):
        archive = zipfile.ZipFile(file)
    with archive:
        members = archive.infolist()
        if len(members) > limits.files.parts:
            raise _refused(file, Text("文件过多", "it holds too many files"))
        for member in members:
            base = clean(member.filename.replace("\\", "/").rsplit("/", 1)[-1], longest=200)
            if member.is_dir() or not base or not is_wanted(base.lower()):
                continue
            if member.flag_bits & _ENCRYPTED:
                raise _refused(file, Text(f"{base} 已加密", f"{base} is encrypted"))
            with _told(file):
                stream = archive.open(member)
            with stream:
                yield Part(base, _bounded(stream, file, member.compress_size, limits))


def _bounded(stream: IO[bytes], file: Path, size: int, limits: SourceLimits) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Bounded(stream, file, size, limits), 1 << 16))


class _Bounded(io.RawIOBase):
    """A stream that refuses to grow beyond its limits and tells what is broken."""

    def __init__(self, stream: IO[bytes], file: Path, size: int, limits: SourceLimits) -> None:
        self._stream, self._file, self._size, self._limits = stream, file, size, limits
        self._n_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # what BufferedReader gives
        with _told(self._file):
            data = self._stream.read(len(buffer))
        self._n_read += len(data)
        limits = self._limits
        too_large = self._n_read > limits.unpacked_bytes
        swollen = self._n_read > max(
            limits.files.unpacked_bytes_free, limits.files.ratio * max(self._size, 1)
        )
        if too_large or swollen:
            n = in_units(self._n_read)
            raise _refused(self._file, Text(f"解压后超过 {n}", f"it unpacks to more than {n}"))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise _refused(file, Text(reason, reason)) from error


def _refused(file: Path, reason: Text) -> JichengError:
    return InvalidInput.of("E082", path=file.name, reason=reason)
