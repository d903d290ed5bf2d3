"""The manifest in the folder of an index: what it was made of, and in which format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jicheng.atomic import write_file
from jicheng.errors import InvalidInput

__all__ = ["FORMAT", "read_manifest", "write_manifest"]

FORMAT = 1
"""Raised when folders that were written before can no longer be read; they are built anew."""

_MANIFEST = "manifest.json"


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest last: a folder without one was not finished."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    write_file(folder / _MANIFEST, text.encode())


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
