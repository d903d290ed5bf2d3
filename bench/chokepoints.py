"""Chokepoints of the sample zone: the analysis, its explanations, relatedness."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jicheng.sample import generate
from jicheng.select.chokepoints import find_chokepoints
from jicheng.select.relatedness import measure_relatedness

NAME = "chokepoints"


def run(quick: bool) -> dict[str, Any]:
    """Find and explain the chokepoints of a sample zone; return seconds and recovery."""
    sample = generate(scale="small" if quick else "zone", seed=1)
    zone = sample.zone
    figures: dict[str, Any] = {
        "technologies": zone["technologies"].height,
        "organisations": zone["organisations"].height,
        "holdings": zone["holdings"].height,
    }
    figures["seconds cold"], _ = timed(lambda: find_chokepoints(zone))
    figures["seconds warm"], result = timed(lambda: find_chokepoints(zone))
    names = result.table["technology"].to_list()
    figures["seconds to explain all"], _ = timed(
        lambda: [result.explain(name).as_plain() for name in names]
    )
    figures["seconds of relatedness"], _ = timed(lambda: measure_relatedness(zone))
    recovery = sample.truth.recovery(result.table)
    return figures | {
        "planted found": f"{len(recovery.found)} of {len(recovery.found) + len(recovery.missed)}",
        "called safe": len(recovery.called_safe),
        "false": len(recovery.false),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    made = work()
    return round(time.perf_counter() - started, 3), made
