"""Formats: one module each; :func:`load` picks the one that recognises a path.

A format is anything with a ``name``, ``recognises(path)`` and ``read(path)``. Those
that ship stand in ``FORMATS``; others are found through the entry point group
``jicheng.formats``, so that installing a package is enough to add one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, cast

from jicheng.errors import InvalidInput
from jicheng.zone import Zone

__all__ = ["ENTRY_POINTS", "FORMATS", "Format", "formats", "load"]

ENTRY_POINTS = "jicheng.formats"


class Format(Protocol):
    """What reads a zone from one kind of file or folder."""

    @property
    def name(self) -> str:
        """How users know the format."""
        ...

    def recognises(self, path: Path) -> bool:
        """Tell, without reading all of it, whether ``path`` is of this format."""
        ...

    def read(self, path: Path) -> Zone:
        """Read a zone, whole or not at all; raise InvalidInput with every fault."""
        ...


@dataclass(frozen=True, slots=True)
class _Shipped:
    """A format of the project; its module, and what that needs, load at first use."""

    name: str
    module: str

    def recognises(self, path: Path) -> bool:
        return bool(import_module(self.module).recognises(path))

    def read(self, path: Path) -> Zone:
        return cast("Zone", import_module(self.module).read(path))


FORMATS: Mapping[str, Format] = {
    made.name: made
    for made in (
        _Shipped("eto", "jicheng.io.eto"),
        _Shipped("package", "jicheng.io.package"),
        _Shipped("excel", "jicheng.io.excel"),
    )
}


def formats() -> dict[str, Format]:
    """Return all formats by name: those that ship, then installed plugins.

    Raises
    ------
    InvalidInput
        E188 if a plugin cannot be loaded, is no format, or takes a name that is taken.
    """
    known = dict(FORMATS)
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        try:
            made = point.load()
            made = made() if isinstance(made, type) else made
        except Exception as error:  # a plugin may fail in any way
            raise InvalidInput.of("E188", name=point.name, reason=str(error)) from error
        lacks = [part for part in ("name", "recognises", "read") if not hasattr(made, part)]
        if lacks or made.name in known:
            reason = ", ".join(lacks) or f"{made.name} = {known[made.name]!r}"
            raise InvalidInput.of("E188", name=point.name, reason=reason)
        known[made.name] = made
    return known


def load(path: Path) -> Zone:
    """Read a zone from whatever stands at a path.

    Formats that ship are asked first, so that no plugin can take over their files.

    Raises
    ------
    InvalidInput
        E150 if there is nothing, E169 if no format recognises it, E188 if a plugin
        fails, and all that the format finds; nothing is loaded by halves.
    """
    if not path.exists():
        raise InvalidInput.of("E150", path=path)
    for shipped in FORMATS.values():
        if shipped.recognises(path):
            return shipped.read(path)
    known = formats()
    for name, other in known.items():
        if name not in FORMATS and other.recognises(path):
            return other.read(path)
    raise InvalidInput.of("E169", path=path, known=", ".join(known))
