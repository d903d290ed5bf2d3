"""What the report is handed: the tables of a plan, and its manifest in the report's words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from jicheng.plan.folder import StageOutput
from jicheng.plan.settings import HANDED_DOWN, PARAMETER_FILES, PlanSettings
from jicheng.plan.toml_settings import as_plain
from jicheng.report import PlanView
from jicheng.schema import Parameter, parameters
from jicheng.zone import Zone

__all__ = ["view_of"]

_ZONE_TABLES = (
    "technologies",
    "links",
    "purses",
    "organisations",
    "capabilities",
    "sites",
    "conditions",
)


def view_of(
    inputs: Zone,
    settings: PlanSettings,
    tables: Mapping[str, pl.DataFrame],
    outputs: Mapping[str, StageOutput],
    manifest: Mapping[str, Any],
) -> PlanView:
    """Return the view that the report draws.

    Parameters
    ----------
    inputs : Zone
        The part of the zone that the plan read.
    settings : PlanSettings
        Settings of the run.
    tables, outputs
        Result tables, and the outputs of the stages with their documents.
    manifest : mapping
        As :func:`jicheng.plan.manifest.make_manifest` wrote it.
    """
    zone = manifest["zone"]
    scenario = manifest["scenario"]
    told = {
        "zone": {
            name: zone[name] for name in ("id", "name", "name_en", "home", "period", "currency")
        },
        "plan_id": manifest["plan_id"],
        "content_hash": zone["content_hash"],
        "engine_version": manifest["engine"]["version"],
        "seed": settings.seed,
        "date": manifest["made"][:10],
        "command": "jicheng verify",
        "scenario": {name: scenario.get(name) for name in ("id", "zh", "en")},
        "thresholds": {
            "vulnerability": scenario.get("threshold_vulnerability"),
            "impact": scenario.get("threshold_impact"),
            "probability": settings.chokepoints.probability_chokepoint,
            "loss": settings.exposure.threshold,
        },
        "parameters": list(_parameters(settings)),
        "solvers": list(_solvers(tables, outputs)),
        "seconds": {stage: round(output.seconds, 1) for stage, output in outputs.items()},
        "sources": zone["sources"],
        "is_sample": zone["is_sample"],
        "draft_rules": [
            pack["pack"]
            for pack in outputs["rules"].documents.get("rule_packs", ())
            if pack["is_draft"]
        ],
        "overrides": [
            {"technology": name, "decision": decision, "reason": reason}
            for decision, reasons in (
                ("mandatory", settings.forced_in),
                ("excluded", settings.left_out),
            )
            for name, reason in reasons.items()
        ],
    }
    return PlanView(
        tables=tables,
        zone_tables={name: inputs[name] for name in _ZONE_TABLES},
        manifest=told,
        explanations={
            **outputs["chokepoints"].documents.get("explanations", {}),
            **outputs["consortia"].documents.get("consortium_explanations", {}),
        },
    )


def _parameters(settings: PlanSettings) -> Iterator[dict[str, Any]]:
    described = {(one.stage, one.name): one for one in parameters()}
    for stage, file in PARAMETER_FILES.items():
        yield from _of_stage(getattr(settings, stage), stage, file, described)


def _of_stage(
    settings: Any, stage: str, file: str, described: Mapping[tuple[str, str], Parameter]
) -> Iterator[dict[str, Any]]:
    for one in dataclasses.fields(settings):
        value = getattr(settings, one.name)
        if dataclasses.is_dataclass(value):
            yield from _of_stage(value, stage, file, described)
        elif one.name not in HANDED_DOWN and (file, one.name) in described:
            parameter = described[file, one.name]
            yield {
                "stage": stage,
                "name": one.name,
                "value": as_plain(value),
                "unit": parameter.unit,
                "low": parameter.low,
                "high": parameter.high,
                "zh": parameter.label.zh,
                "en": parameter.label.en,
                "provenance_zh": parameter.provenance.zh,
                "provenance": parameter.provenance.en,
            }


def _solvers(
    tables: Mapping[str, pl.DataFrame], outputs: Mapping[str, StageOutput]
) -> Iterator[dict[str, Any]]:
    """Say per solver run how it ended: one line a stage, worst case first."""
    for stage, output in outputs.items():
        if not output.solver:
            continue
        gap, bound = output.solver.get("gap"), output.solver.get("bound")
        status = output.solver.get("status")
        if stage == "consortia":
            solved = tables["consortia"].filter(pl.col("gap").is_not_null())
            gap = solved["gap"].max() if solved.height else None
            status = ", ".join(f"{name} {count}" for name, count in dict(status or {}).items())
        yield {
            "stage": stage,
            "status": status,
            "bound": bound,
            "gap": gap,
            "value": None,
            "seconds": round(output.seconds, 1),
            "note_zh": "；".join(output.solver.get("wall_clock_stops", ())),
            "note_en": "; ".join(output.solver.get("wall_clock_stops", ())),
        }
