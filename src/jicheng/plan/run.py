"""Run all stages on a zone and write the plan.

Each stage has a key: the hash of the input, of its settings and of the stages
before it. A stage whose key stands in the folder is read back instead of computed,
so an interrupted run resumes, and a changed setting recomputes only what it touches.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from jicheng import __version__
from jicheng.conform import empty_frame
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.io import package
from jicheng.kernel.solver import using
from jicheng.plan.compilation import await_kernels, compiled_beside
from jicheng.plan.folder import PlanFolder, StageOutput
from jicheng.plan.inputs import inputs_of
from jicheng.plan.manifest import ManifestParts, make_manifest, plan_key
from jicheng.plan.requirements import missing_for_stages
from jicheng.plan.rules.files import kept
from jicheng.plan.settings import PlanSettings
from jicheng.plan.solvers import check_solver
from jicheng.plan.stages import STAGES, Stage, StageContext
from jicheng.plan.toml_settings import as_plain
from jicheng.plan.view import view_of
from jicheng.plan.workbook import plan_workbook, workbook_notes
from jicheng.report import write_report
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["Plan", "Progress", "compute", "run_plan"]

Progress = Callable[[str, int, int], None]
"""Called with a bilingual label, how much is done, and how much there is."""


@dataclass(frozen=True)
class Plan:
    """One finished plan.

    Attributes
    ----------
    path : Path
        Folder with ``tables/``, ``plan.xlsx``, ``manifest.json`` and ``report.html``.
    tables : mapping of str to polars.DataFrame
        Result tables as ``schema/plan/`` describes them.
    manifest : dict
        Input hash, settings, versions, seed, solver status, seconds per stage.
    """

    path: Path
    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Computed:
    """Outputs of all stages, and which of them were read back."""

    outputs: Mapping[str, StageOutput]
    tables: Mapping[str, pl.DataFrame]
    resumed: tuple[str, ...]


@compiled_beside()
def run_plan(
    zone: str | Path | Zone,
    out: str | Path,
    settings: PlanSettings | None = None,
    *,
    progress: Progress | None = None,
    replace: bool = False,
) -> Plan:
    """Run all stages on a zone and write tables, workbook, manifest and report.

    Parameters
    ----------
    zone : path or Zone
        The zone, or where to load it from.
    out : path
        Folder of the plan; made if absent. An interrupted run in it is resumed.
    settings : PlanSettings, optional
        Settings of all stages.
    progress : callable, optional
        Called with ``(label, done, total)``.
    replace : bool
        Whether a plan from other input or settings in ``out`` may be replaced.

    Raises
    ------
    InvalidInput
        If the zone has faults, a forced technology is unknown (E607), or ``out``
        holds another plan (E605) or is in use (E612), or the solver is not there
        (E615, E616), or a file of rules cannot be read (E617).
    """
    settings = settings or PlanSettings()
    place = zone if isinstance(zone, str | Path) else ""
    loaded = zone if isinstance(zone, Zone) else Zone.load(zone)
    _check_forced(loaded, settings)
    check_solver(settings.solver.backend)
    inputs, content_hash = inputs_of(loaded), loaded.content_hash
    del loaded  # what no stage reads need not stay in memory
    rules, files = kept(settings.rules)
    settings = dataclasses.replace(settings, rules=rules)
    folder = PlanFolder(Path(out))
    key = plan_key(inputs.content_hash, settings)
    with folder.locked():
        _claim(folder, key, replace=replace)
        for name, content in files.items():
            folder.write(name, content)
        computed = compute(inputs, settings, folder, progress=progress)
        parts = ManifestParts(
            zone=inputs,
            content_hash=content_hash,
            input_hash=inputs.content_hash,
            settings=settings,
            scenario=computed.outputs["chokepoints"].documents.get("scenario", {}),
            outputs=computed.outputs,
            resumed=computed.resumed,
            tables=computed.tables,
            place=str(place),
        )
        manifest = make_manifest(parts)
        return _publish(folder, inputs, settings, computed, manifest, progress)


def compute(
    inputs: Zone,
    settings: PlanSettings,
    folder: PlanFolder,
    *,
    progress: Progress | None = None,
) -> Computed:
    """Run every stage that ``folder`` does not already hold; write the result tables.

    Raises
    ------
    InvalidInput
        E615 if there is no such solver, E616 if it is not installed.
    """
    check_solver(settings.solver.backend)
    status = missing_for_stages(inputs)
    skipped = set(status.filter(pl.col("status") == "skipped")["stage"])
    tables: dict[str, pl.DataFrame] = {}
    outputs: dict[str, StageOutput] = {}
    resumed: list[str] = []
    key = inputs.content_hash
    for stage in STAGES:
        before = inputs.content_hash if stage.stands_alone else key
        own = _stage_key(before, stage, settings)
        key = key if stage.stands_alone else own
        if stage.name in skipped:
            outputs[stage.name] = StageOutput({t: _empty(t) for t in stage.tables})
        else:
            context = StageContext(inputs, settings, tables, folder.path)
            outputs[stage.name], was_read = _run_stage(stage, own, context, folder, progress)
            if was_read:
                resumed.append(stage.name)
        tables |= outputs[stage.name].tables
    tables["stages"] = status
    tables["warnings"] = _warnings(inputs, status, outputs)
    for name in ("stages", "warnings"):
        folder.write(f"tables/{name}.csv", tables[name].write_csv())
    for name in plan_tables():
        if name not in tables or name in _tables_of(skipped):
            (folder.tables / f"{name}.csv").unlink(missing_ok=True)
    return Computed(outputs, tables, tuple(resumed))


def _run_stage(
    stage: Stage,
    key: str,
    context: StageContext,
    folder: PlanFolder,
    progress: Progress | None,
) -> tuple[StageOutput, bool]:
    label = f"{stage.label.zh} / {stage.label.en}"
    tell = progress or (lambda *_: None)
    finished = folder.finished(stage.name, key)
    if finished is not None:
        tell(label, 1, 1)
        return finished, True
    tell(label, 0, 1)
    start = time.perf_counter()
    await_kernels(stage.name)
    with using(context.settings.solver.backend):
        output = stage.run(
            dataclasses.replace(context, progress=lambda done, total: tell(label, done, total))
        )
    output = dataclasses.replace(output, seconds=time.perf_counter() - start)
    folder.save(stage.name, key, output)
    tell(label, 1, 1)
    return output, False


def _stage_key(before: str, stage: Stage, settings: PlanSettings) -> str:
    backend = settings.solver.backend
    read = as_plain(stage.settings(settings))
    plain = [before, stage.name, stage.tables, read, backend, __version__]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _claim(folder: PlanFolder, key: str, *, replace: bool) -> None:
    """Note which plan the folder belongs to; refuse another one unless told."""
    file = folder.path / "plan-key.txt"
    held = file.read_text("ascii") if file.is_file() else key
    if held != key and not replace:
        raise InvalidInput.of("E605", path=folder.path)
    folder.write("plan-key.txt", key)


def _check_forced(zone: Zone, settings: PlanSettings) -> None:
    known = zone["technologies"]["id"].to_list()
    faults = [
        fault("E607", technology=name,
              near=", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.3) or known[:3]))
        for name in (*settings.forced_in, *settings.left_out)
        if name not in known
    ]  # fmt: skip
    if faults:
        raise InvalidInput(faults)


def _empty(table: str) -> pl.DataFrame:
    return empty_frame(plan_tables()[table])


def _tables_of(stages: set[str]) -> set[str]:
    return {table for stage in STAGES if stage.name in stages for table in stage.tables}


def _warnings(zone: Zone, status: pl.DataFrame, outputs: Mapping[str, StageOutput]) -> pl.DataFrame:
    """Return every warning once: of the zone, of stages that did not run, of stages."""
    found: list[Fault] = [*zone.warnings, *(f for f in zone.check() if f.is_warning)]
    for row in status.filter(pl.col("status") == "skipped").iter_rows(named=True):
        found.append(
            fault("E611", is_warning=True, stage=row["stage"], missing=row["missing"],
                  consequence_zh=row["consequence_zh"], consequence=row["consequence"])
        )  # fmt: skip
    found += [warning for output in outputs.values() for warning in output.warnings]
    rows = [
        (order, w.code, str(w.where), w.message.zh, w.message.en, w.hint.zh, w.hint.en)
        for order, w in enumerate(dict.fromkeys(found), start=1)
    ]
    return pl.DataFrame(rows, schema=_empty("warnings").schema, orient="row")


def _publish(
    folder: PlanFolder,
    inputs: Zone,
    settings: PlanSettings,
    computed: Computed,
    manifest: dict[str, Any],
    progress: Progress | None,
) -> Plan:
    """Write what people read: snapshot of the inputs, workbook, manifest, report."""
    label = "报告 / report"
    tell = progress or (lambda *_: None)
    tell(label, 0, 2)
    package.write(inputs, folder.path / "inputs", form="parquet")
    folder.write("plan.xlsx", plan_workbook(computed.tables, workbook_notes(manifest)))
    folder.write("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
    tell(label, 1, 2)
    write_report(view_of(inputs, settings, computed.tables, computed.outputs, manifest),
                 folder.path / "report.html")  # fmt: skip
    tell(label, 2, 2)
    return Plan(folder.path, computed.tables, manifest)
