"""Firms near a title, and what would move them, as tables of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault
from jicheng.plan.rules.judged import Judged
from jicheng.plan.rules.settings import RuleSettings
from jicheng.plan.rules.tables import named, typed
from jicheng.schema import plan_tables
from jicheng.select.ladder import (
    CostSettings,
    Rung,
    WayStatus,
    ladder,
    read_actions,
    read_rungs,
    shipped_costs,
    shipped_rungs,
)
from jicheng.zone import Zone

__all__ = ["NearMisses", "near_misses"]

_WAN = 1e-4


@dataclass(frozen=True)
class NearMisses:
    """The tables ``near_misses`` and ``ways_up``, and warnings."""

    near: pl.DataFrame
    ways: pl.DataFrame
    warnings: tuple[Fault, ...] = ()


def near_misses(judged: Judged, zone: Zone, settings: RuleSettings, folder: Path) -> NearMisses:
    """Look for the firms nearest to each title that they do not pass for certain.

    Parameters
    ----------
    judged : Judged
        Packs that grant nothing are no rung and are left out.
    zone : Zone
        For the names.
    settings : RuleSettings
        Files in it are relative to ``folder``.
    folder : Path
        Folder of the plan.

    Raises
    ------
    InvalidInput
        E965, E966 for a file of costs or rungs with faults.
    """
    packs = [one for one in judged.packs if one.pack.grants]
    if not packs or not settings.n_near:
        plan = plan_tables()
        return NearMisses(empty_frame(plan["near_misses"]), empty_frame(plan["ways_up"]))
    costs, rungs = _files(settings, folder, judged)
    found = ladder(
        judged.facts,
        [one.pack for one in packs],
        costs,
        rungs=rungs,
        count=settings.n_near,
        evaluations={one.pack.key: one.evaluation for one in packs},
    )
    return NearMisses(
        _near(found.near, zone, is_demo=costs.is_demo),
        _ways(found.ways, is_demo=costs.is_demo),
        found.warnings,
    )


def _files(
    settings: RuleSettings, folder: Path, judged: Judged
) -> tuple[CostSettings, tuple[Rung, ...]]:
    costs, rungs = shipped_costs(), shipped_rungs()
    if settings.costs:
        read = read_actions(folder / settings.costs, facts=judged.facts.dictionary)
        costs = replace(read, file=settings.costs)  # the same wherever the plan lies
    if settings.rungs:
        rungs = read_rungs(folder / settings.rungs)
    return costs, rungs


def _near(found: pl.DataFrame, zone: Zone, *, is_demo: bool) -> pl.DataFrame:
    frame = found.drop("name").rename({"subject": "organisation", "what_zh": "what"}).with_columns(
        pl.col("cost", "bound") * _WAN,
        is_proved=pl.col("status") == WayStatus.OPTIMAL.value,
        is_demo=pl.lit(is_demo),
    )  # fmt: skip
    return typed("near_misses", named(zone, frame), "pack", "rank")


def _ways(found: pl.DataFrame, *, is_demo: bool) -> pl.DataFrame:
    frame = found.rename({"subject": "organisation", "zh": "label", "en": "label_en"})
    costed = frame.with_columns(pl.col("cost") * _WAN, is_demo=pl.lit(is_demo))
    return typed("ways_up", costed, "pack", "organisation", "action")
