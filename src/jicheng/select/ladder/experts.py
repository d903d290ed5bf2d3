"""How many of the points in experts' hands a firm needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicheng.rules.expression.intervals import Floats
from jicheng.rules.expression.nodes import Comparison, Literal, Name, Relation
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import Evaluation
from jicheng.select.ladder.judging import assume
from jicheng.select.ladder.reach import SCORE

__all__ = ["ExpertPoints", "expert_points"]

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ExpertPoints:
    """Passes if the experts give at least ``needed`` of ``most`` points.

    Attributes
    ----------
    needed : float
        0 = whatever they give; more than ``most`` = not even with all.
    most : float
        What they can give besides what is certain; 0 where nothing is judged.
    """

    needed: float
    most: float


def expert_points(evaluation: Evaluation, facts: FactTable) -> tuple[Floats, Floats]:
    """Return what is needed of experts and what they can give, shape (n,) each.

    Parameters
    ----------
    evaluation : Evaluation
        Of the pack on the same firms today, with what was judged of them.
    facts : FactTable
        Of the firms, after what they do.
    """
    pack, n = evaluation.pack, facts.n
    if evaluation.score is None:
        return np.zeros(n), np.zeros(n)
    least, most = (assume(evaluation, share).evaluate(facts) for share in (0.0, 1.0))
    if least.score is None or most.score is None:
        raise AssertionError("a pack with points has a score")
    spread = most.score.low - least.score.low
    needed = np.maximum(_bound(pack) - least.score.low, 0.0)
    for direct in pack.direct:
        needed = np.where(least.truths[direct.path].certainly, 0.0, needed)
    return _tidy(needed), _tidy(spread)


def _bound(pack: Pack) -> float:
    """Return the least score that passes; 0 where no condition asks for one."""
    bounds = [0.0]
    for condition in pack.conditions:
        root = condition.when.root if condition.when else None
        if not (isinstance(root, Comparison) and root.left == Name(SCORE)):
            continue
        if isinstance(root.right, Literal):
            bound = root.right.value
            if root.relation is Relation.ABOVE and pack.is_integer:
                bounds.append(np.floor(bound + _ROUNDING) + 1.0)
            elif root.relation in {Relation.AT_LEAST, Relation.ABOVE}:
                bounds.append(bound)
    return float(max(bounds))


def _tidy(points: Floats) -> Floats:
    """Return points without what rounding leaves behind."""
    return np.round(points, 6)
