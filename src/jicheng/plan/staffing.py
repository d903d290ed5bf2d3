"""The staffing that a plan stored, read back for questions, arrivals and proofs."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.shared.stored import Stamp, read_files, unpacked
from jicheng.io.descriptor import NAME, read_descriptor
from jicheng.plan.folder import read_table
from jicheng.plan.manifest import read_manifest
from jicheng.plan.settings import PlanSettings
from jicheng.plan.toml_settings import as_plain, settings_from
from jicheng.zone import Zone

__all__ = ["CERTIFIED", "POOL", "load_staffing", "sharing_summary", "stamp_of"]

POOL, CERTIFIED = "pool", "pool-certified"
"""Folders of a plan: the pool that the stage wrote, and the one that a proof extended."""
_READ = (
    "zones",
    "organisations",
    "people",
    "technologies",
    "restrictions",
    "capabilities",
    "needs",
    "holdings",
    "ties",
    "sites",
    "challenges",
)  # of the snapshot; what consortia are formed from


def stamp_of(snapshot: str, settings: PlanSettings, challenges: pl.DataFrame) -> Stamp:
    """Return what the pool of a plan belongs to."""
    plain = as_plain(settings.consortia)
    return Stamp.of(snapshot, plain, challenges)


def sharing_summary(staffing: Staffing) -> dict[str, Any]:
    """Return what the manifest records of a pool, as JSON values."""
    restricted = staffing.restricted_bound
    return {
        "columns": len(staffing.columns),
        "scarce_organisations": int(np.count_nonzero(staffing.prices.organisations)),
        "changed_by_sharing": int((staffing.chosen != staffing.sharing.own.column).sum()),
        "value": staffing.value,
        "bound": staffing.bound,
        "restricted_bound": None if math.isnan(restricted) else restricted,
        "surrogate_gap": staffing.sharing.gap,
        "rounds": staffing.sharing.rounds,
    }


def load_staffing(plan: str | Path) -> Staffing:
    """Return the staffing of a plan from its folder, for questions.

    Parameters
    ----------
    plan : path
        Folder of a finished plan. A pool that ``jicheng certify`` extended is preferred.

    Raises
    ------
    InvalidInput
        E604 if the folder holds no plan, E354 if it holds no pool, E355 or E356 if the
        pool belongs to other data or settings, E609 if the snapshot was changed.
    """
    path = Path(plan)
    manifest = read_manifest(path)
    settings = settings_from(manifest["settings"], PlanSettings)
    challenges = read_table(path / "tables" / "challenges.csv")
    zone = _snapshot(path / "inputs", _READ)
    stamp = stamp_of(manifest["zone"]["input_hash"], settings, challenges)
    if (path / CERTIFIED).is_dir():
        try:
            files = read_files(path / CERTIFIED)
            return unpacked(files, stamp, zone, challenges, settings.consortia)
        except InvalidInput:  # of an earlier plan in this folder
            pass
    return unpacked(read_files(path / POOL), stamp, zone, challenges, settings.consortia)


def _snapshot(inputs: Path, names: Iterable[str]) -> Zone:
    """Read some tables of the snapshot as they were written, each against its hash.

    Far faster than to load the whole zone and to conform it again.
    """
    descriptor = read_descriptor(inputs / NAME)
    files = {resource.name: resource for resource in descriptor.resources}
    tables = {}
    for name in names:
        if name in files:
            data = (inputs / files[name].path).read_bytes()
            if hashlib.sha256(data).hexdigest() != files[name].sha256:
                raise InvalidInput.of("E609", file=f"inputs/{files[name].path}")
            tables[name] = pl.read_parquet(io.BytesIO(data))
    return Zone(tables, descriptor.sources)
