"""The pool of a plan as files: columns, prices and choice, with what they belong to.

The candidates are read from the snapshot of the zone again; what took a search is
stored. A pool of other data, other settings or another version is refused, because its
columns would answer another question.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import polars as pl

from jicheng import __version__
from jicheng.errors import Fault, InvalidInput, Text, Where
from jicheng.integrate.pool import Pool
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.alone import Alone, formed_by, formed_from
from jicheng.integrate.shared.lock_rules import Binding
from jicheng.integrate.shared.sharing import Own, Sharing
from jicheng.integrate.shared.staffing import Staffing, shared_problem
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.team_branch import TeamSolution
from jicheng.zone import Zone

__all__ = [
    "COLUMNS",
    "RECORD",
    "Stamp",
    "is_stored",
    "packed",
    "read_files",
    "unpacked",
    "write_files",
]

COLUMNS, RECORD = "columns.npz", "staffing.json"
"""Names of the two files of a pool."""
_FORMAT = "jicheng-pool/1"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a pool belongs to.

    Attributes
    ----------
    snapshot : str
        Hash of the zone's content.
    rules : str
        Hash of the settings, the challenges and the engine's version.
    """

    snapshot: str
    rules: str

    @classmethod
    def of(cls, snapshot: str, settings: Mapping[str, Any], challenges: pl.DataFrame) -> Stamp:
        """Return the stamp of a snapshot, settings as plain values, and challenges."""
        plain = json.dumps(settings, sort_keys=True, ensure_ascii=False)
        rules = "\n".join((__version__, plain, challenges.sort("challenge").write_csv()))
        return cls(snapshot, hashlib.sha256(rules.encode()).hexdigest())


def packed(staffing: Staffing, stamp: Stamp) -> dict[str, bytes]:
    """Return the files of a staffing by name; the same staffing gives the same bytes."""
    sharing, prices = staffing.sharing, staffing.prices
    priced = np.flatnonzero(prices.organisations)
    arrays = {f"column_{name}": array for name, array in staffing.columns.arrays().items()} | {
        "own_column": sharing.own.column,
        "own_bound": sharing.own.bound,
        "own_work": sharing.own.work,
        "chosen": sharing.chosen,
        "worth": staffing.problem.worth,
        "priced": priced,
        "organisation_prices": prices.organisations[priced],
        "resource_prices": prices.resources,
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    record = {
        "format": _FORMAT,
        "snapshot": stamp.snapshot,
        "rules": stamp.rules,
        "challenges": list(staffing.challenges),
        "sharing": {
            "value": sharing.value,
            "bound": sharing.bound,
            "restricted_bound": _plain(sharing.restricted_bound),
            "rounds": sharing.rounds,
            "work": sharing.work,
            "is_cut_by_clock": sharing.is_cut_by_clock,
        },
        "alone": {one.challenge: _plain_formed(one) for one in staffing.alone.formed},
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    return {COLUMNS: buffer.getvalue(), RECORD: text.encode()}


def _plain(number: float) -> float | None:
    return None if np.isnan(number) else number


def _plain_formed(one: Formed) -> dict[str, Any]:
    return {
        "status": one.status,
        "members": list(one.members),
        "bound": one.bound,
        "nodes": one.nodes,
        "work": one.work,
        "is_cut_by_clock": one.is_cut_by_clock,
        "told": [
            [told.code, told.message.zh, told.message.en, told.hint.zh, told.hint.en]
            for told in one.told
        ],
    }


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files aside, then rename them into place, the record last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(files, key=lambda name: name == RECORD):
        aside = folder / f".{name}.partial"
        with aside.open("wb") as handle:
            handle.write(files[name])
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(folder / name)


def is_stored(folder: Path, stamp: Stamp) -> bool:
    """Tell whether a folder has the record of a pool with this stamp."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return False
    return (record.get("snapshot"), record.get("rules")) == (stamp.snapshot, stamp.rules)


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the files of a pool.

    Raises
    ------
    InvalidInput
        E354 if there is none.
    """
    try:
        return {name: (folder / name).read_bytes() for name in (COLUMNS, RECORD)}
    except OSError as error:
        raise InvalidInput.of("E354", path=folder.parent) from error


def unpacked(
    files: Mapping[str, bytes],
    stamp: Stamp,
    zone: Zone,
    challenges: pl.DataFrame,
    settings: ConsortiumSettings,
) -> Staffing:
    """Return the staffing that was packed.

    Parameters
    ----------
    files : mapping of str to bytes
        As :func:`packed` returned them.
    stamp : Stamp
        What the pool must belong to.
    zone, challenges, settings
        Those of the plan.

    Raises
    ------
    InvalidInput
        E355 if the pool belongs to another snapshot, E356 to other settings,
        challenges or another version, E354 if it cannot be read.
    """
    try:
        record = json.loads(files[RECORD])
        arrays = dict(np.load(io.BytesIO(files[COLUMNS]), allow_pickle=False))
    except (OSError, ValueError, BadZipFile) as error:
        raise InvalidInput.of("E354", path="-") from error
    if record.get("snapshot") != stamp.snapshot:
        found = str(record.get("snapshot"))[:16]
        raise InvalidInput.of("E355", found=found, expected=stamp.snapshot[:16])
    if record.get("format") != _FORMAT or record.get("rules") != stamp.rules:
        raise InvalidInput.of("E356")
    alone = _alone(record["alone"], zone, challenges, settings)
    formed = tuple(one for one in alone.formed if one.challenge in {*record["challenges"]})
    names = tuple(one.challenge for one in formed)
    worth = dict(zip(names, arrays["worth"].tolist(), strict=True))
    problem = shared_problem(alone, formed, worth)
    prices = np.zeros(problem.n_organisations)
    prices[arrays["priced"]] = arrays["organisation_prices"]
    told = record["sharing"]
    sharing = Sharing(
        columns=ColumnPool.from_arrays(
            {k.removeprefix("column_"): v for k, v in arrays.items() if k.startswith("column_")}
        ),
        own=Own(arrays["own_column"], arrays["own_bound"], arrays["own_work"]),
        prices=Prices(prices, arrays["resource_prices"]),
        chosen=arrays["chosen"],
        **{**told, "restricted_bound": np.nan if told["restricted_bound"] is None
           else told["restricted_bound"]},
    )  # fmt: skip
    return Staffing(problem, names, alone, sharing)


def _alone(
    stored: Mapping[str, Any], zone: Zone, challenges: pl.DataFrame, settings: ConsortiumSettings
) -> Alone:
    """Return each challenge alone as it was found, without a search."""

    def found(pool: Pool, _: Binding) -> Formed:
        plain = stored[pool.call.challenge]
        if not plain["members"]:
            told = tuple(_fault(*cells) for cells in plain["told"])
            return Formed(pool.call.challenge, plain["status"], pool, told=told)
        places = np.sort(np.array(plain["members"], dtype=np.int64))
        solution = TeamSolution(
            (), np.nan, plain["bound"], is_proved=plain["status"] == "optimal",
            nodes=plain["nodes"], work=plain["work"], is_cut_by_clock=plain["is_cut_by_clock"],
        )  # fmt: skip
        return formed_from(pool, places, solution)

    return formed_by(found, zone, challenges, settings, settings.locks)


def _fault(code: str, zh: str, en: str, hint_zh: str, hint_en: str) -> Fault:
    return Fault(code, Text(zh, en), Text(hint_zh, hint_en), Where())
