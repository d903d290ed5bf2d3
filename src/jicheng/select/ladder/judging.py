"""What experts decide: ranges of points, taken at an assumed share of each.

A band may give 7 to 8 points, and a judged item 0 to 6: where in a range a firm ends is in the
experts' hands, and nothing that the firm does is taken to move it. With share 0 every range
counts at its low end, with 1 at its high end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from jicheng.rules.expression.intervals import Floats, Interval
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import (
    Band,
    Banded,
    Case,
    Cases,
    Extension,
    Indicator,
    Judged,
    Options,
    Pack,
    Parts,
)  # fmt: skip
from jicheng.rules.score.evaluate import Evaluation, evaluate

__all__ = ["Assumed", "assume"]

_Step = TypeVar("_Step", Band, Case)


@dataclass(frozen=True, eq=False)
class Assumed:
    """A pack in which experts are taken to give a share of every range.

    Attributes
    ----------
    pack : Pack
        With one number in the place of every range.
    judged : mapping of str to ndarray, shape (n,)
        Points of judged items by path, for the firms it was made for.
    share : float
        Of every range.
    """

    pack: Pack
    judged: Mapping[str, Floats]
    share: float

    def evaluate(self, facts: FactTable, places: np.ndarray | None = None) -> Evaluation:
        """Apply it to facts of the firms it was made for, or of those at some places."""
        fixed = {
            path: Interval.known(points if places is None else points[places])
            for path, points in self.judged.items()
        }
        return evaluate(self.pack, facts, fixed=fixed)


def assume(pack: Pack, facts: FactTable, share: float) -> Assumed:
    """Return a pack in which experts give a share of what they may give.

    Parameters
    ----------
    pack : Pack
        Any.
    facts : FactTable
        Of n firms, with what was judged of them already.
    share : float
        0 to 1.
    """
    judged = {}
    paths = [e.path for e in pack.elements() if isinstance(e, Indicator) and _is_judged(e)]
    if paths:
        points = evaluate(pack, facts).points
        for path in paths:
            low, high = points[path].low, points[path].high
            judged[path] = np.broadcast_to(low + share * (high - low), (facts.n,))
    fixed = replace(pack, indicators=tuple(_fixed(each, share) for each in pack.indicators))
    return Assumed(fixed, judged, share)


def _is_judged(indicator: Indicator) -> bool:
    return isinstance(indicator.rule, Judged)


def _fixed(indicator: Indicator, share: float) -> Indicator:
    """Return an indicator with numbers for ranges, all the way down."""
    match indicator.rule:
        case Banded() as rule:
            bands = tuple(_at_share(band, share) for band in rule.bands)
            return replace(indicator, rule=replace(rule, bands=bands))
        case Cases() as rule:
            cases = tuple(_at_share(case, share) for case in rule.cases)
            return replace(indicator, rule=replace(rule, cases=cases))
        case Parts() | Extension() as rule:
            parts = tuple(_fixed(part, share) for part in rule.parts)
            return replace(indicator, rule=replace(rule, parts=parts))
        case Options() as rule:
            options = tuple(_fixed(option, share) for option in rule.options)
            return replace(indicator, rule=replace(rule, options=options))
    return indicator


def _at_share(step: _Step, share: float) -> _Step:
    points = step.low + share * (step.high - step.low)
    return replace(step, low=points, high=points)
