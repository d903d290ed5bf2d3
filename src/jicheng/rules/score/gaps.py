"""Facts that are missing and leave something open, over all subjects at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jicheng.rules.expression.intervals import UNKNOWN, Flags
from jicheng.rules.expression.nodes import FOUNDED, Name
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Condition, Element, Indicator
from jicheng.rules.pack.names import CHOSEN, JUDGED
from jicheng.rules.score.evaluate import Evaluation
from jicheng.rules.score.references import References

__all__ = ["gaps", "missing_facts"]

_CLOSE = 1e-9


def gaps(evaluation: Evaluation) -> dict[Name, Flags]:
    """Return for whom each fact is missing in an element that it leaves open.

    A fact that only elements ask for that are settled anyway is no gap. Elements whose own
    text is missing are none either: no fact can fill them. Where a figure stands in a year
    before the foundation, the foundation is the gap, not the figure.

    Returns
    -------
    dict of Name to ndarray of bool, shape (n,)
        In the order of the pack, facts that are a gap for nobody left out.
    """
    facts = evaluation.facts
    references = References(evaluation.pack, facts.dictionary)
    found: dict[Name, Flags] = {}
    for element in evaluation.pack.elements():
        is_open = _is_open(evaluation, element)
        if is_open is None or not is_open.any():
            continue
        for name, is_missing in missing_facts(facts, references.of(element)).items():
            gap = is_missing & is_open
            if gap.any():
                found[name] = found[name] | gap if name in found else gap
    return found


def missing_facts(facts: FactTable, names: Iterable[Name]) -> dict[Name, Flags]:
    """Return for whom each of some facts is missing.

    A figure of a year before the foundation was told and is not missing: then the year of
    foundation has to be checked, which comes on top where none of the names is that.
    """
    found: dict[Name, Flags] = {}
    doubted: Flags = np.zeros(facts.n, dtype=np.bool_)
    for name in names:
        early = facts.early(name.id, name.offset)
        found[name] = _is_missing(facts, name)
        if early is not None:
            found[name] = found[name] & ~early
            doubted |= early
    if Name(FOUNDED) in found:
        found[Name(FOUNDED)] = found[Name(FOUNDED)] | facts.is_doubted
    elif doubted.any():
        found[Name(FOUNDED)] = doubted
    return found


def _is_open(evaluation: Evaluation, element: Element) -> Flags | None:
    match element:
        case Condition():
            return evaluation.truths[element.path].is_open
        case Indicator():
            points = evaluation.points[element.path]
            wide: Flags = points.high - points.low > _CLOSE
            return wide
        case _:
            return None


def _is_missing(facts: FactTable, name: Name) -> Flags:
    if not name.id.startswith((f"{JUDGED}.", f"{CHOSEN}.")):
        return facts.missing(name.id, name.offset)
    none_known: Flags = np.ones(facts.n, dtype=np.bool_)
    level, number = facts.choices.get(name.id), facts.numbers.get((name.id, 0))
    if level is not None:
        none_known &= level.codes == UNKNOWN
    if number is not None:
        none_known &= ~(number.low == number.high)
    return none_known
