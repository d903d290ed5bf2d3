"""Policy laboratory: policies matched, a rule changed, weights drawn, thresholds moved.

The firms are those of the sample zone (40,000 at the scale of a zone), the packs those that
ship. Seconds are on the wall, and of the cores where others work beside; memory is the peak of the process above
what it held before the step.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from jicheng.rules.expression.intervals import Interval
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
    for name, table in (("facts as they are", facts), ("all facts known", _filled(facts))):
        evaluation = evaluate(pack_of(POINTS), table)
        label = f"ranks under {n_draws:,} draws of weights, {name}"
        found = _timed(figures, label, lambda e=evaluation: weight_sensitivity(e, settings))
        width = (found.table["rank_high"] - found.table["rank_low"]).median()
        figures[f"{label}: median width of the interval"] = width
    return figures


def _filled(facts: FactTable) -> FactTable:
    """Return facts whose numbers are all known: an unknown one is its low end, or 0."""
    filled = {
        key: Interval.known(np.nan_to_num(value.low, nan=0.0, posinf=0.0, neginf=0.0))
        for key, value in facts.numbers.items()
    }
    return facts.with_facts(numbers=filled)


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
    held = _peak_mb()
    started = time.perf_counter(), time.process_time()
    found = step()
    figures[f"{label} [s]"] = round(time.perf_counter() - started[0], 3)
    figures[f"{label} [s of the cores]"] = round(time.process_time() - started[1], 3)
    figures[f"{label}: more memory at its peak [MB]"] = round(_peak_mb() - held)
    return found


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
