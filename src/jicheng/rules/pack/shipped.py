"""Packs by their key: those that ship, those that other packages bring, and files.

Another package brings packs through the entry point group ``jicheng.packs``: a package whose
folder holds YAML files, or a function that returns their paths.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from jicheng.conform import nearest
from jicheng.errors import InvalidInput
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.reading import AnyPath, read_pack
from jicheng.rules.pack.tree import Node, read_tree

__all__ = ["ENTRY_POINTS", "available", "pack_of", "path_of", "shipped", "versions_of"]

ENTRY_POINTS = "jicheng.packs"
_ENDINGS = (".yaml", ".yml")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class _Found:
    """A pack as its file calls it."""

    id: str
    version: str
    since: datetime.date  # in force, or the year that its version names
    is_frame: bool  # nothing can be scored until an overlay fills it
    path: Path

    @property
    def key(self) -> str:
        return f"{self.id}@{self.version}"


@cache
def shipped() -> dict[str, Path]:
    """Return the packs that ship: ``id@version`` to file, by id, newest version first."""
    return _sorted(_shipped())


@cache
def _shipped() -> tuple[_Found, ...]:
    with resources.as_file(resources.files("jicheng.rules").joinpath("packs")) as folder:
        return tuple(_found(path) for path in _files(folder))


def available() -> dict[str, Path]:
    """Return the packs that ship and those of installed packages, by id, newest first.

    A version whose points are all missing comes after those that can score.

    Raises
    ------
    InvalidInput
        E947 if an installed package cannot give its packs, or gives one that is there already.
    """
    known = list(_shipped())
    keys = {one.key for one in known}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        for one in _of_plugin(point):
            if one.key in keys:
                raise InvalidInput.of("E947", name=point.name, reason=one.key)
            keys.add(one.key)
            known.append(one)
    return _sorted(known)


def versions_of(name: str) -> tuple[str, ...]:
    """Return the keys of all versions of a pack, newest first."""
    return tuple(key for key in available() if key.rsplit("@", 1)[0] == name)


def path_of(key: AnyPath) -> Path:
    """Return the file of a pack.

    Parameters
    ----------
    key : str or path
        ``cn.hte`` (its newest version that is no mere frame), ``cn.hte@2016`` or a file.

    Raises
    ------
    InvalidInput
        E946 if there is no such pack; E947 as :func:`available` says.
    """
    text = str(key)
    if text.endswith(_ENDINGS):
        return Path(text)
    found = shipped()
    if text not in found:
        found = available()
        text = next((one for one in found if one.rsplit("@", 1)[0] == text), text)
    if text in found:
        return found[text]
    names = dict.fromkeys(one for key in found for one in (key, key.rsplit("@", 1)[0]))
    raise InvalidInput.of("E946", name=text, near=nearest(text, list(names)))


def pack_of(key: AnyPath, overlays: Sequence[AnyPath] = ()) -> Pack:
    """Read a pack by its key.

    Parameters
    ----------
    key : str or path
        ``cn.hte`` (its newest version that is no mere frame), ``cn.hte@2016`` or a file.
    overlays : sequence of path
        Files that fill or override its elements, in order.

    Raises
    ------
    InvalidInput
        E946 if there is no such pack; else as
        :func:`jicheng.rules.pack.reading.read_pack` says.
    """
    return read_pack(path_of(key), overlays=overlays)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS)


def _found(path: Path) -> _Found:
    tree = read_tree(path)
    version = _word(tree, "version")
    valid = tree.get("valid")
    return _Found(_word(tree, "id"), version, _since(valid, version), _is_frame(tree), path)


def _is_frame(tree: Node) -> bool:
    """Tell whether the points of every indicator of a pack are missing."""
    found = tree.get("indicators")
    indicators = () if found is None else found.items
    return bool(indicators) and all(_word(one, "numbers") == "missing" for one in indicators)


def _word(tree: Node, key: str) -> str:
    found = tree.get(key)
    return "" if found is None else str(found.value)


def _since(valid: Node | None, version: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(_word(valid, "from") if valid is not None else "")
    except ValueError:
        year = _YEAR.match(version)
        return datetime.date(int(year[0]), 1, 1) if year else datetime.date.min


def _sorted(found: Iterable[_Found]) -> dict[str, Path]:
    newest_first = sorted(
        found,
        key=lambda one: (not one.is_frame, one.since, _natural(one.version)),
        reverse=True,
    )
    return {one.key: one.path for one in sorted(newest_first, key=lambda one: one.id)}


def _natural(version: str) -> list[tuple[int, str]]:
    """Split a version so that 10 comes after 9."""
    parts = _DIGITS.split(version)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _of_plugin(point: EntryPoint) -> list[_Found]:
    try:
        brought = point.load()
        return [_named(path) for path in _paths(brought)]
    except Exception as error:  # a package of others may fail in any way
        raise InvalidInput.of("E947", name=point.name, reason=str(error)) from error


def _named(path: Path) -> _Found:
    found = _found(path)
    if not found.id or not found.version:
        raise ValueError(f"{path}: no id and version")
    return found


def _paths(brought: ModuleType | Callable[[], Iterable[AnyPath]]) -> list[Path]:
    if isinstance(brought, ModuleType):
        return [path for folder in brought.__path__ for path in _files(Path(folder))]
    return [Path(path) for path in brought()]
