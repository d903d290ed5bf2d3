"""Why two records are taken for one entity, or not: a waterfall of weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.integrate.resolve.model.scored import Comparison

__all__ = ["Explanation", "Step", "waterfall"]

_START = Text("任意两条记录", "any two records")
_NOT_SAID = Text("至少一方没有", "one of them does not say")


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison: what was found, its weight (log2 or points) and the sum so far."""

    comparison: Text
    finding: Text
    weight: float
    total: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair is linked or not.

    Attributes
    ----------
    left, right : str
        The two records.
    reason : Text
        What decides: an identifier, a person, a rule, a probability, or nothing.
    steps : tuple of Step
        The waterfall; empty if the pair was not scored.
    probability : float or None
        What the waterfall comes to; None if the pair was not scored, or rules decide.
    """

    left: str
    right: str
    reason: Text
    steps: tuple[Step, ...] = ()
    probability: float | None = None


def waterfall(
    pair: Mapping[str, Any], prior: float, comparisons: Mapping[str, Comparison]
) -> tuple[Step, ...]:
    """Return the steps from any two records to the weight of a pair.

    Parameters
    ----------
    pair : mapping
        A row of :class:`Scored` pairs.
    prior : float
        Weight before anything is compared.
    comparisons : mapping
        What was compared, in this order.
    """
    total = prior
    steps = [Step(_START, Text("尚未比较", "nothing compared yet"), prior, prior)]
    for name, comparison in comparisons.items():
        weight, level = float(pair[f"weight_{name}"]), int(pair[f"level_{name}"])
        total += weight
        found = comparison.levels.get(level, _NOT_SAID)
        steps.append(Step(comparison.name, found, weight, total))
    return tuple(steps)
