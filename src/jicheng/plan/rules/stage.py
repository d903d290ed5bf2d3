"""The stage ``rules``: points, titles, ways up and policies of the zone's firms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault
from jicheng.plan.rules.judged import Judged, JudgedPack, judge
from jicheng.plan.rules.near import near_misses
from jicheng.plan.rules.points import points_table
from jicheng.plan.rules.policies import matched_policies
from jicheng.plan.rules.settings import RuleSettings
from jicheng.plan.rules.tables import qualification_table, verdict_table
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["TABLES", "RulesResult", "apply_rules"]

TABLES = (
    "verdicts",
    "points",
    "qualification",
    "near_misses",
    "ways_up",
    "policy_needs",
    "policy_matches",
)
"""Tables of the plan that the stage writes."""


@dataclass(frozen=True)
class RulesResult:
    """What the stage found: its tables, the packs that it used, and warnings."""

    tables: dict[str, pl.DataFrame]
    packs: list[dict[str, Any]]
    warnings: tuple[Fault, ...]


def apply_rules(
    zone: Zone,
    settings: RuleSettings,
    *,
    folder: Path,
    seed: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> RulesResult:
    """Judge the zone's firms by the packs of the settings.

    Parameters
    ----------
    zone : Zone
        With its facts of firms.
    settings : RuleSettings
        Files in it are relative to ``folder``.
    folder : Path
        Folder of the plan.
    seed : int
        Of the weights that are drawn.
    progress : callable
        Called with how much is done, and how much there is.
    """
    judged = judge(zone, settings, folder)
    progress(1, 4)
    tables = {name: empty_frame(plan_tables()[name]) for name in TABLES}
    tables["verdicts"] = verdict_table(judged)
    tables["qualification"] = qualification_table(judged, zone, settings.most_missing)
    if judged.points is not None:
        tables["points"] = points_table(judged.points, zone, settings, seed)
    progress(2, 4)
    policies = matched_policies(zone, judged)
    tables |= {"policy_needs": policies.needs, "policy_matches": policies.matches}
    progress(3, 4)
    near = near_misses(judged, zone, settings, folder)
    tables |= {"near_misses": near.near, "ways_up": near.ways}
    warnings = (*judged.warnings, *policies.warnings, *near.warnings)
    return RulesResult(tables, _packs(judged), warnings)


def _packs(judged: Judged) -> list[dict[str, Any]]:
    """Return the packs in use, with what is not official about them."""
    points = [judged.points] if judged.points is not None else []
    return [_pack(one) for one in (*judged.packs, *points)]


def _pack(one: JudgedPack) -> dict[str, Any]:
    pack = one.pack
    return {
        "pack": pack.key,
        "zh": pack.name.zh,
        "en": pack.name.en,
        "kind": pack.kind.value,
        "is_draft": pack.is_draft,
        "has_demo_weights": pack.has_demo_weights,
        "overlays": [overlay.name.zh for overlay in pack.overlays],
    }
