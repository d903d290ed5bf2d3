"""Files that the stage ``rules`` reads, kept with the plan so that it can be recomputed.

Every file is copied into the folder of the plan under a name that holds a part of its
hash, and the settings then name the copy: another content is another setting.
"""

from __future__ import annotations

import dataclasses
import hashlib
from importlib import resources
from pathlib import Path

from jicheng.errors import InvalidInput
from jicheng.plan.rules.settings import RuleSettings

__all__ = ["FOLDER", "is_file", "kept", "shipped_digest"]

FOLDER = "rules"
"""Folder of the copies, in the folder of the plan."""

_DIGITS = 12
_SHIPPED = (("rules", "packs"), ("rules", "facts"), ("select", "ladder"))


def is_file(pack: str) -> bool:
    """Tell a file from the key of a shipped pack."""
    return pack.endswith((".yaml", ".yml"))


def kept(settings: RuleSettings) -> tuple[RuleSettings, dict[str, bytes]]:
    """Return settings that name copies, and the copies by their path in the plan's folder.

    Raises
    ------
    InvalidInput
        E617 if a file cannot be read.
    """
    files: dict[str, bytes] = {}

    def copy(name: str) -> str:
        if not name:
            return name
        path = Path(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InvalidInput.of("E617", file=name, reason=error.strerror or "") from error
        digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
        target = f"{FOLDER}/{path.stem.removesuffix(f'-{digest}')}-{digest}{path.suffix}"
        files[target] = content
        return target

    changed = dataclasses.replace(
        settings,
        packs=tuple(copy(pack) if is_file(pack) else pack for pack in settings.packs),
        points_pack=copy(settings.points_pack)
        if is_file(settings.points_pack)
        else settings.points_pack,
        overlays=tuple(copy(overlay) for overlay in settings.overlays),
        costs=copy(settings.costs),
        rungs=copy(settings.rungs),
    )
    return changed, files


def shipped_digest() -> str:
    """Return a hash of the packs, facts and demo figures that ship."""
    digest = hashlib.sha256()
    for path in _SHIPPED:
        folder = resources.files("jicheng").joinpath(*path)
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith((".yaml", ".csv")):
                digest.update(file.name.encode() + b"\n" + file.read_bytes())
    return digest.hexdigest()
