"""Outside sources: a file importer each, and where there is an interface, a fetcher.

A source is anything with a ``name``, ``title``, ``licence`` and ``read(job)``, which
returns a :class:`~jicheng.io.sources.collecting.Collector`. Those that ship stand in
``SOURCES``; others are found through the entry point group ``jicheng.sources``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from jicheng.errors import InvalidInput, JichengError

if TYPE_CHECKING:
    from jicheng.io.sources.collecting import Collector
    from jicheng.io.sources.reading import Job, Keep
    from jicheng.io.sources.records import SourceRecords

__all__ = ["ENTRY_POINTS", "SOURCES", "Source", "import_files", "sources"]

ENTRY_POINTS = "jicheng.sources"


class Source(Protocol):
    """What reads the files of one outside source."""

    @property
    def name(self) -> str:
        """How users call it: one word of small letters."""
        ...

    @property
    def title(self) -> str:
        """What stands in the column ``source`` of its rows."""
        ...

    @property
    def licence(self) -> str:
        """Licence of its data; empty if that is not known."""
        ...

    def read(self, job: Job) -> Collector:
        """Read the files of a job; raise InvalidInput if they are not of this source."""
        ...


@dataclass(frozen=True, slots=True)
class _Shipped:
    """A source of the project; its module loads at first use."""

    name: str
    module: str

    @property
    def title(self) -> str:
        return str(import_module(self.module).TITLE)

    @property
    def licence(self) -> str:
        return str(import_module(self.module).LICENCE)

    def read(self, job: Job) -> Collector:
        return cast("Collector", import_module(self.module).read(job))


SOURCES: Mapping[str, Source] = {
    name: _Shipped(name, f"jicheng.io.sources.{name}")
    for name in ("openalex", "ror", "gleif", "orcid", "cordis")
}


def sources() -> dict[str, Source]:
    """Return all sources by name: those that ship, then installed plug-ins.

    Raises
    ------
    InvalidInput
        E097 if a plug-in cannot be loaded, is no source, or takes a name that is taken.
    """
    known = dict(SOURCES)
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        try:
            made = point.load()
            made = made() if isinstance(made, type) else made
        except Exception as error:  # a plug-in may fail in any way
            raise InvalidInput.of("E097", name=point.name, reason=str(error)[:200]) from error
        lacks = [part for part in ("name", "title", "licence", "read") if not hasattr(made, part)]
        if lacks or made.name in known:
            reason = ", ".join(lacks) or f"{made.name} = {known[made.name]!r}"
            raise InvalidInput.of("E097", name=point.name, reason=reason)
        known[made.name] = made
    return known


def import_files(
    source: Source,
    paths: Sequence[Path],
    *,
    keep: Keep | None = None,
    retrieved: str = "",
    query: str = "",
) -> SourceRecords:
    """Read files of a source as records, whole or not at all.

    Parameters
    ----------
    source : Source
        One of :func:`sources`.
    paths : sequence of Path
        Files, archives or folders.
    keep : Keep, optional
        What to take; default all.
    retrieved : str
        ISO day on which the files were got from the source; empty = not known.
    query : str
        What was asked for; empty = everything, or not known.

    Raises
    ------
    InvalidInput
        What the source raises, E102 if ``retrieved`` is no day.
    """
    from jicheng.io.sources.files import sha256_of  # noqa: PLC0415 - polars loads at first use
    from jicheng.io.sources.reading import Job, Keep  # noqa: PLC0415 - polars loads at first use
    from jicheng.io.sources.records import (  # noqa: PLC0415 - polars loads at first use
        Origin,
        SourceRecords,
    )

    keep = keep or Keep()
    taken = _taken(source, Job(tuple(paths), keep))
    said = "; ".join(part for part in (query, _filter(keep)) if part)
    origins = [
        Origin(source.title, source.licence, retrieved, said, path.name, sha256_of(path))
        for path in paths
    ]
    made = SourceRecords.of(origins[0], taken.frames(), warnings=taken.warnings())
    return replace(made, origins=tuple(origins))


def _taken(source: Source, job: Job) -> Collector:
    if source.name in SOURCES:
        return source.read(job)
    try:
        return source.read(job)
    except JichengError:
        raise
    except Exception as error:  # a plug-in may fail in any way
        raise InvalidInput.of("E097", name=source.name, reason=str(error)[:200]) from error


def _filter(keep: Keep) -> str:
    return f"country={'+'.join(sorted(keep.countries))}" if keep.countries else ""
