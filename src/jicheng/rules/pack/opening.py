"""Open several packs with overlays, each of which goes to the pack that it names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jicheng.errors import InvalidInput, fault
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.shipped import pack_of, path_of
from jicheng.rules.pack.tree import read_tree

__all__ = ["open_packs"]


def open_packs(keys: Sequence[str | Path], overlays: Sequence[Path] = ()) -> tuple[Pack, ...]:
    """Return packs by key or file, each with the overlays that are for it.

    Parameters
    ----------
    keys : sequence of str or Path
        ``cn.hte`` (its newest version), ``cn.hte@2016`` or a file.
    overlays : sequence of Path
        In order: the last word counts. An overlay names the id and version of its pack.

    Raises
    ------
    InvalidInput
        E946 for an unknown pack, E944 for an overlay of none of them, and what is wrong in
        the files.
    """
    waiting: dict[str, list[Path]] = {}
    for overlay in overlays:
        waiting.setdefault(_meant(overlay), []).append(overlay)
    packs: list[Pack] = []
    for key in keys:
        plain = _plain(key)
        own = [*waiting.pop(plain.key, []), *waiting.pop(plain.id, [])]
        packs.append(pack_of(key, own) if own else plain)
    known = ", ".join(pack.key for pack in packs)
    faults = [
        fault("E944", meant=f"{name} ({path.name})", pack=known)
        for name, paths in waiting.items()
        for path in paths
    ]
    if faults:
        raise InvalidInput(faults)
    return tuple(packs)


def _plain(key: str | Path) -> Pack:
    """Return a pack without overlays; one that ships is read once a process."""
    path = path_of(key)
    return pack_of(key) if path == Path(key) else _shipped(path)


@cache
def _shipped(path: Path) -> Pack:
    return pack_of(path)


def _meant(overlay: Path) -> str:
    """Return the pack that an overlay is for, ``id@version``, or as much of it as it says."""
    head = read_tree(overlay).get("overlay")
    words = [head.get(part) if head is not None else None for part in ("id", "version")]
    return "@".join(str(word.value) for word in words if word is not None)
