"""The folder of an index: a manifest and arrays, written aside and put in place whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jicheng.errors import InvalidInput

__all__ = ["FORMAT", "read_manifest", "replaced", "umask", "write_manifest"]

FORMAT = 1
"""Raised when folders that were written before can no longer be read; they are built anew."""

_MANIFEST = "manifest.json"


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give a folder to fill that takes the place of ``folder`` when all went well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".new", dir=folder.parent))
    old = aside.with_suffix(".old")
    try:
        yield aside
        aside.chmod(0o777 & ~umask())
        if folder.exists():
            folder.rename(old)
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest last: a folder without one was not finished."""
    with (folder / _MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an index.

    Raises
    ------
    InvalidInput
        E004 if the folder holds no index of this format.
    """
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput.of("E004", folder=folder) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InvalidInput.of("E004", folder=folder)
    return manifest


def umask() -> int:
    """Return the bits that new files of this process lack."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
