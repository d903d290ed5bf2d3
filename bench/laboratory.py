"""Policy laboratory: policies matched, a rule changed, weights drawn, thresholds moved.

The firms are those of the sample zone (40,000 at the scale of a zone), the packs those that
ship. Seconds are on the wall, and of the cores where others work beside; memory is the peak
of what one more run allocates.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from jicheng.rules.facts.from_zone import facts_of
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import evaluate
from jicheng.sample import generate
from jicheng.select.laboratory import (
    Change,
    SensitivitySettings,
    changed,
    compare,
    sweep,
    threshold_curve,
    weight_sensitivity,
)
from jicheng.select.policies import PolicySubject, explain_subject, match_policies

NAME = "laboratory"

SEED, DRAWS = 1, 1000
POINTS, TITLE = "cn.innovation_points@2024", "cn.hte@2016"


def run(quick: bool) -> dict[str, Any]:
    """Return seconds and megabytes of each step."""
    zone = generate(scale="small" if quick else "zone", seed=SEED).zone
    facts = facts_of(zone)
    figures: dict[str, Any] = {"firms": facts.n}
    figures |= _sensitivity(facts, 50 if quick else DRAWS)
    figures |= _title(facts)
    result = _timed(figures, "match all policies of the zone", lambda: match_policies(zone))
    figures["policies"] = len(result.policies)
    _timed(figures, "table of matches", result.matches)
    _timed(
        figures,
        "best combination of every firm",
        lambda: result.combinations(PolicySubject.ORGANISATION),
    )
    first = str(facts.subjects[0])
    _timed(figures, "account of all policies of one firm", lambda: explain_subject(result, first))
    return figures


def _sensitivity(facts: FactTable, n_draws: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    settings = SensitivitySettings(n_draws=n_draws)
    weight_sensitivity(evaluate(pack_of(POINTS), facts.rows(np.arange(50))), settings)  # compile
    evaluation = evaluate(pack_of(POINTS), facts)
    for name, by_low_end in (("missing facts open", False), ("missing facts at the low end", True)):
        drawn = replace(settings, by_low_end=by_low_end)
        label = f"ranks under {n_draws:,} draws of weights, {name}"
        found = _timed(figures, label, lambda s=drawn: weight_sensitivity(evaluation, s))
        width = (found.table["rank_high"] - found.table["rank_low"]).median()
        figures[f"{label}: median width of the interval"] = width
    peak = _peak_mb(lambda: weight_sensitivity(evaluation, settings))
    figures[f"ranks under {n_draws:,} draws of weights: memory at its peak [MB]"] = peak
    return figures


def _title(facts: FactTable) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    pack = pack_of(TITLE)
    bounds = np.linspace(0.05, 0.3, 51).tolist()
    change = Change(path="gates/tech_staff")
    trial = changed(pack, [Change(path="gates/tech_staff", bound=0.2)])
    _timed(figures, "compare two versions, all tables", lambda: _read(pack, trial, facts))
    _timed(figures, "sweep of 51 thresholds", lambda: sweep(pack, change, bounds, facts))
    evaluation = evaluate(pack, facts)
    curve = _timed(
        figures, "exact curve of a threshold", lambda: threshold_curve(evaluation, change.path)
    )
    figures["points of the curve"] = curve.steps().height
    return figures


def _read(before: Any, after: Any, facts: FactTable) -> None:
    result = compare(before, after, facts)
    for name in ("subjects", "transitions", "elements", "groups", "costs"):
        getattr(result, name)


def _timed(figures: dict[str, Any], label: str, step: Callable[[], Any]) -> Any:
    started = time.perf_counter(), time.process_time()
    found = step()
    figures[f"{label} [s]"] = round(time.perf_counter() - started[0], 3)
    figures[f"{label} [s of the cores]"] = round(time.process_time() - started[1], 3)
    return found


def _peak_mb(step: Callable[[], Any]) -> int:
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 1e6)
