"""What each percentile indicator is worth in each stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jicheng.rules.expression.intervals import Interval
from jicheng.rules.pack.model import Indicator, Pack, Percentile, indicators_of

__all__ = ["percentile_indicators", "stage_weights"]


def percentile_indicators(pack: Pack) -> tuple[Indicator, ...]:
    """Return the indicators, parts and options that are scored among peers."""
    return tuple(
        each
        for top in pack.indicators
        for each in indicators_of(top)
        if isinstance(each.rule, Percentile)
    )


def stage_weights(pack: Pack, stages: Sequence[str]) -> dict[str, Interval]:
    """Return the most points of every percentile indicator, by path.

    Parameters
    ----------
    pack : Pack
        With percentile indicators.
    stages : sequence of str
        S of them.

    Returns
    -------
    dict of str to Interval, shape (S + 1,)
        By stage; in the last place, and for a stage without weights, the hull of all. An
        indicator without weights is worth its own maximum.
    """
    by_stage = pack.weights.by_stage if pack.weights else {}
    found = {}
    for indicator in percentile_indicators(pack):
        given = {
            s: points[indicator.id] for s, points in by_stage.items() if indicator.id in points
        }
        least = min(given.values(), default=indicator.max)
        most = max(given.values(), default=indicator.max)
        found[indicator.path] = Interval.between(
            np.array([*(given.get(stage, least) for stage in stages), least], dtype=np.float64),
            np.array([*(given.get(stage, most) for stage in stages), most], dtype=np.float64),
        )
    return found
