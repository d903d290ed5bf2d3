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
from numpy.typing import NDArray

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
from jicheng.rules.score.percentile import PeerQuantiles

__all__ = ["Assumed", "assume", "has_ranges"]

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
    peers : PeerQuantiles or None
        Frozen, so that one firm's change does not move the others.
    """

    pack: Pack
    judged: Mapping[str, Floats]
    share: float
    peers: PeerQuantiles | None = None

    def rows(self, places: NDArray[np.int64]) -> Assumed:
        """Return it for some of its firms."""
        judged = {path: points[places] for path, points in self.judged.items()}
        return replace(self, judged=judged)

    def evaluate(self, facts: FactTable) -> Evaluation:
        """Apply it to facts of the firms it was made for."""
        fixed = {path: Interval.known(points) for path, points in self.judged.items()}
        return evaluate(self.pack, facts, fixed=fixed, peers=self.peers)


def assume(evaluation: Evaluation, share: float) -> Assumed:
    """Return a pack in which experts give a share of what they may give.

    Parameters
    ----------
    evaluation : Evaluation
        Of the pack on n firms, with what was judged of them already.
    share : float
        0 to 1.
    """
    pack, judged = evaluation.pack, {}
    for each in pack.elements():
        if isinstance(each, Indicator) and isinstance(each.rule, Judged):
            points = evaluation.points[each.path]
            judged[each.path] = points.low + share * (points.high - points.low)
    fixed = replace(pack, indicators=tuple(_fixed(each, share) for each in pack.indicators))
    return Assumed(fixed, judged, share, evaluation.peers)


def has_ranges(pack: Pack) -> bool:
    """Whether experts decide any points of a pack."""
    return any(
        isinstance(each, Indicator) and any(low < high for low, high in _ranges(each))
        for each in pack.elements()
    )


def _ranges(indicator: Indicator) -> list[tuple[float, float]]:
    match indicator.rule:
        case Banded() as rule:
            return [(band.low, band.high) for band in rule.bands]
        case Cases() as rule:
            return [(case.low, case.high) for case in rule.cases]
        case Judged() as rule:
            lows, highs = [low for _, low, _ in rule.levels], [high for _, _, high in rule.levels]
            return [(min(lows), max(highs))]
    return []


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
