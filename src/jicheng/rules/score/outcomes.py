"""Verdicts by the value of one missing fact, and how to say them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.rules.facts.dictionary import FactDefinition, FactKind
from jicheng.rules.pack.wording import join
from jicheng.rules.score.wording import amount, say

__all__ = ["Outcome", "values_text"]

_DIGITS = 6  # of a bound


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the verdict is for some values of a fact, all others staying unknown.

    Attributes
    ----------
    low, high : float
        Numbers from and to which it holds, a bound that is no round number met to a
        thousandth; 0 or 1 for a condition.
    words : tuple of str
        Values of a choice.
    verdict : int
        FAIL, OPEN or PASS.
    """

    low: float
    high: float
    words: tuple[str, ...]
    verdict: int


def values_text(outcomes: Sequence[Outcome], definition: FactDefinition | None) -> list[Text]:
    """Return the values of each outcome in words."""
    if definition is not None and definition.kind is FactKind.CHOICE and outcomes[0].words:
        labels = {choice.value: choice.label for choice in definition.choices}
        return [
            join(labels.get(word, Text(word, word)) for word in outcome.words)
            for outcome in outcomes
        ]
    if (definition is not None and definition.kind is FactKind.NUMBER) or outcomes[0].high > 1:
        return _numbers(outcomes, "" if definition is None else definition.unit)
    return [say("true" if outcome.high else "false") for outcome in outcomes]


def _numbers(outcomes: Sequence[Outcome], unit: str) -> list[Text]:
    if len(outcomes) == 1:
        return [say("any_value")]
    bounds = [_bound(a.high, b.low) for a, b in itertools.pairwise(outcomes)]
    texts = []
    for lower, upper in zip([None, *bounds], [*bounds, None], strict=True):
        parts = []
        if lower is not None:
            parts.append(_compared("≥" if lower[1] else ">", lower[0], unit))
        if upper is not None:
            parts.append(_compared("<" if upper[1] else "≤", upper[0], unit))
        texts.append(join(parts))
    return texts


def _bound(below: float, above: float) -> tuple[float, bool]:
    """Return the rounder of two neighbours, and whether it is the upper one."""
    is_upper = len(f"{above:.12g}".rstrip("0")) <= len(f"{below:.12g}".rstrip("0"))
    return (above, True) if is_upper else (below, False)


def _compared(sign: str, value: float, unit: str) -> Text:
    told = amount(value, unit, digits=_DIGITS)
    return Text(f"{sign} {told.zh}", f"{sign} {told.en}")
