"""What each stage of a plan needs from a zone, and what the zone lacks.

The needs are data (``schema/stages.csv``). Without a required table or attribute a
stage is skipped; without a wanted one it runs, and the consequence is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from jicheng.conform import empty_frame
from jicheng.schema import Need, plan_tables, stage_needs
from jicheng.zone import Zone

__all__ = ["STAGES", "missing_for_stages"]

STAGES: tuple[str, ...] = tuple(dict.fromkeys(need.stage for need in stage_needs()))


def missing_for_stages(zone: Zone) -> pl.DataFrame:
    """Return the table ``stages``: what each stage can do and what it lacks.

    Returns
    -------
    polars.DataFrame
        One row a stage. ``missing`` names tables and attributes, required ones
        first; ``status`` is ``skipped`` if a required one is missing, ``partial`` if
        only wanted ones are, else ``done``.
    """
    table = plan_tables()["stages"]
    rows = [_row(stage, _lacking(zone, stage)) for stage in STAGES]
    return pl.DataFrame(rows, schema=empty_frame(table).schema)


def _lacking(zone: Zone, stage: str) -> list[Need]:
    lacking = [
        need
        for need in stage_needs()
        if need.stage == stage and not zone.has(need.table, need.attribute)
    ]
    return sorted(lacking, key=lambda need: not need.is_required)


def _row(stage: str, lacking: Sequence[Need]) -> dict[str, str]:
    required = [need for need in lacking if need.is_required]
    status = "skipped" if required else ("partial" if lacking else "done")
    told = required or lacking
    return {
        "stage": stage,
        "status": status,
        "missing": ", ".join(f"{need.table}.{need.attribute}" for need in lacking),
        "consequence_zh": "；".join(need.consequence.zh for need in told),
        "consequence": "; ".join(need.consequence.en for need in told),
    }
