"""Recompute a plan from its own folder and compare it with what was written.

Tables must be equal to the byte. Where a wall-clock limit struck a solver, the same
bytes cannot be promised; then the written plan is checked for feasibility, the set that
it funds is valued anew, and a warning says so.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import polars as pl

from jicheng import __version__
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.integrate.shared.stored import COLUMNS, RECORD
from jicheng.optimise.revaluation import value_of_funded
from jicheng.optimise.value import Variant
from jicheng.plan.compilation import compiled_beside
from jicheng.plan.feasibility import broken_rules
from jicheng.plan.folder import PlanFolder, read_table
from jicheng.plan.manifest import read_manifest
from jicheng.plan.rules.files import FOLDER as RULE_FILES
from jicheng.plan.run import Progress, compute
from jicheng.plan.settings import PlanSettings
from jicheng.plan.staffing import POOL
from jicheng.plan.stages import STAGES, StageContext, portfolio_settings
from jicheng.plan.toml_settings import settings_from
from jicheng.zone import Zone

__all__ = ["verify_plan"]

_TOLERANCE = 1e-9
_VALUED = ("challenges", "consortia", "members", "assignment", "portfolio")
"""Tables that the value of the written set rests on."""


@compiled_beside()
def verify_plan(out: str | Path, *, progress: Progress | None = None) -> list[Fault]:
    """Recompute the plan in a folder and return what differs.

    Returns
    -------
    list of Fault
        Empty if every table and the stored pool are equal to the byte. E610 names one
        that differs, with the first difference; E613 a broken rule of the written plan; E614 (a
        warning) a stage whose solver had been stopped by the clock.

    Raises
    ------
    InvalidInput
        E604 if the folder holds no plan, E609 if its inputs or tables do not match
        its manifest.
    """
    path = Path(out)
    manifest = read_manifest(path)
    inputs = Zone.load(path / "inputs")
    if inputs.content_hash != manifest["zone"]["input_hash"]:
        raise InvalidInput.of("E609", file="inputs")
    settings = settings_from(manifest["settings"], PlanSettings)
    written = {file.stem: read_table(file) for file in sorted((path / "tables").glob("*.csv"))}
    with tempfile.TemporaryDirectory() as aside:
        folder = PlanFolder(Path(aside))
        folder.tables.mkdir(parents=True)
        if (path / RULE_FILES).is_dir():
            shutil.copytree(path / RULE_FILES, folder.path / RULE_FILES)
        compute(inputs, settings, folder, progress=progress)
        faults = _compare(path / "tables", folder.tables, manifest["wall_clock_stops"])
        faults += _compare_pools(path, folder.path, manifest["wall_clock_stops"])
    faults += broken_rules(inputs, written)
    if manifest["wall_clock_stops"]:
        faults += _values_again(inputs, settings, written)
    return faults


def _compare(written: Path, again: Path, stops: list[str]) -> list[Fault]:
    stopped = {stop.split(":")[0] for stop in stops}
    loose = _tables_after(stopped)
    faults = [fault("E614", is_warning=True, stage=stage) for stage in sorted(stopped)]
    names = {file.name for folder in (written, again) for file in folder.glob("*.csv")}
    for name in sorted(names - {f"{table}.csv" for table in loose}):
        a, b = written / name, again / name
        if not a.exists() or not b.exists():
            detail = "missing / 缺少" if not a.exists() else "not made again / 未再生成"
        elif a.read_bytes() != b.read_bytes():
            detail = _first_difference(a, b)
        else:
            continue
        faults.append(fault("E610", table=name, detail=detail, version=__version__))
    return faults


def _compare_pools(written: Path, again: Path, stops: list[str]) -> list[Fault]:
    """Compare the stored pools by their bytes, unless a clock cut the search for them."""
    if any(stop.startswith("consortia:") for stop in stops):
        return []
    faults = []
    for name in (COLUMNS, RECORD):
        a, b = written / POOL / name, again / POOL / name
        if a.exists() != b.exists() or (a.exists() and a.read_bytes() != b.read_bytes()):
            detail = "missing / 缺少" if not a.exists() else "not equal / 不一致"
            faults.append(fault("E610", table=f"{POOL}/{name}", detail=detail, version=__version__))
    return faults


def _tables_after(stopped: set[str]) -> set[str]:
    """Return the tables of the stopped stages and of every stage that rests on them."""
    tables: set[str] = set()
    is_after = False
    for stage in STAGES:
        if stage.stands_alone:
            tables |= set(stage.tables) if stage.name in stopped else set()
            continue
        is_after = is_after or stage.name in stopped
        if is_after:
            tables |= set(stage.tables)
    return tables


def _first_difference(a: Path, b: Path) -> str:
    lines = (a.read_text("utf-8").splitlines(), b.read_text("utf-8").splitlines())
    for number, (x, y) in enumerate(zip(*lines, strict=False), start=1):
        if x != y:
            return f"line {number}: {x[:80]} ≠ {y[:80]}"
    return f"{len(lines[0])} ≠ {len(lines[1])} lines"


def _values_again(
    inputs: Zone, settings: PlanSettings, written: dict[str, pl.DataFrame]
) -> list[Fault]:
    """Value the written set anew; return a fault for every value that is not as written."""
    if any(name not in written for name in (*_VALUED, "value")):
        return []
    context = StageContext(inputs, settings, written)
    again = value_of_funded(
        inputs,
        {name: written[name] for name in _VALUED},
        portfolio_settings(context, written["challenges"]),
    )
    faults = []
    for row in written["value"].drop_nulls("value").iter_rows(named=True):
        value = again[Variant(row["variant"])]
        if abs(row["value"] - value) > _TOLERANCE:
            faults.append((row["variant"], f"{row['value']} ≠ {value}"))
        if row["bound"] is not None and row["bound"] < value - _TOLERANCE:
            faults.append((row["variant"], f"bound {row['bound']} < {value}"))
    return [
        fault("E610", table="value", detail=f"{variant}: {detail}", version=__version__)
        for variant, detail in faults
    ]
