"""The manifest of a plan: everything from which it can be recomputed and judged.

Timings, dates and folders stand here and never in a table, so that two runs on the
same input write the same bytes in all tables.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from jicheng import __version__
from jicheng.errors import InvalidInput
from jicheng.kernel.solver import EXTRAS
from jicheng.plan.folder import StageOutput
from jicheng.plan.toml_settings import as_plain
from jicheng.zone import Zone

__all__ = ["FORMAT", "ManifestParts", "make_manifest", "plan_key", "read_manifest"]

FORMAT = "jicheng-plan/1"
_PACKAGES = ("highspy", "jinja2", "numba", "numpy", "polars", "scipy")


@dataclass(frozen=True, slots=True)
class ManifestParts:
    """What a finished run hands to its manifest."""

    zone: Zone
    content_hash: str
    input_hash: str
    settings: Any
    scenario: Mapping[str, Any]
    outputs: Mapping[str, StageOutput]
    resumed: tuple[str, ...]
    tables: Mapping[str, pl.DataFrame]
    place: str


def plan_key(input_hash: str, settings: Any) -> str:
    """Return the hash of input, settings and engine: the identity of a plan."""
    plain = json.dumps([input_hash, as_plain(settings), __version__], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def make_manifest(parts: ManifestParts) -> dict[str, Any]:
    """Return the manifest of a finished run as JSON values."""
    zone = parts.zone["zones"].row(0, named=True)
    stops = [
        f"{stage}: {stop}"
        for stage, output in parts.outputs.items()
        for stop in output.solver.get("wall_clock_stops", ())
    ]
    return {
        "format": FORMAT,
        "plan_id": plan_key(parts.input_hash, parts.settings)[:16],
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "engine": {
            "version": __version__,
            "python": platform.python_version(),
            "packages": {name: metadata.version(name) for name in _packages(parts.settings)},
        },
        "zone": {
            **{
                name: zone[name] for name in ("id", "name", "name_en", "home", "period", "currency")
            },
            "content_hash": parts.content_hash,
            "input_hash": parts.input_hash,
            "is_sample": parts.zone.is_sample,
            "place": parts.place,
            "sources": [as_plain(source) for source in parts.zone.sources],
        },
        "settings": as_plain(parts.settings),
        "scenario": dict(parts.scenario),
        "stages": {
            stage: {
                "seconds": round(output.seconds, 3),
                "resumed": stage in parts.resumed,
                "solver": dict(output.solver),
            }
            for stage, output in parts.outputs.items()
        },
        "wall_clock_stops": stops,
        "tables": {
            name: {"rows": frame.height, "sha256": _digest(frame)}
            for name, frame in sorted(parts.tables.items())
        },
    }


def _packages(settings: Any) -> list[str]:
    extra = EXTRAS.get(settings.solver.backend)
    return sorted({*_PACKAGES, *([extra] if extra else [])})


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of the plan in a folder.

    Raises
    ------
    InvalidInput
        E604 if the folder holds no plan of this format.
    """
    try:
        manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput.of("E604", path=path) from error
    if manifest.get("format") != FORMAT:
        raise InvalidInput.of("E604", path=path)
    return manifest


def _digest(frame: pl.DataFrame) -> str:
    return hashlib.sha256(frame.write_csv().encode()).hexdigest()
