"""Which gates and pass conditions decide, and which of them a firm lacks."""

from __future__ import annotations

from jicheng.rules.expression.intervals import Truth
from jicheng.rules.score.evaluate import Evaluation

__all__ = ["decisive"]


def decisive(evaluation: Evaluation) -> dict[str, Truth]:
    """Return gates and pass conditions by path.

    A pass condition counts as met where a direct pass stands for it; where direct passes are
    the only way they count together, as ``direct``.
    """
    pack, truths = evaluation.pack, evaluation.truths
    found = {each.path: truths[each.path] for each in pack.gates}
    direct = [truths[each.path] for each in pack.direct]
    together = direct[0] if direct else None
    for truth in direct[1:]:
        together = truth if together is None else together | truth
    for each in pack.conditions:
        truth = truths[each.path]
        found[each.path] = truth if together is None else truth | together
    if together is not None and not pack.conditions:
        found["direct"] = together
    return found
