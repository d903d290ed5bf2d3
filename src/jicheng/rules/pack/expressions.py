"""All expressions of a pack, where each stands, and the facts that they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from jicheng.rules.expression.nodes import Name
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, FactKind
from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Condition,
    Definition,
    Element,
    Formula,
    Indicator,
    Judged,
    Pack,
    Percentile,
)
from jicheng.rules.pack.names import CHOSEN, JUDGED, chosen_facts, judged_facts
from jicheng.schema import Choice

__all__ = ["Place", "Used", "expressions", "facts_needed", "used_facts"]


class Place(Enum):
    """What an expression must be where it stands."""

    CONDITION = "condition"
    NUMBER = "number"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Used:
    """An expression and the element that it belongs to."""

    element: Element
    expression: Expression
    place: Place


def expressions(pack: Pack) -> Iterator[Used]:
    """Go through all expressions of a pack."""
    for element in pack.elements():
        if isinstance(element, Condition) and element.when is not None:
            yield Used(element, element.when, Place.CONDITION)
        elif isinstance(element, Definition):
            if element.value is not None:
                yield Used(element, element.value, Place.EITHER)
            yield from _of_rule(element, element.rule)
        elif isinstance(element, Indicator):
            yield from _of_rule(element, element.rule)


def _of_rule(element: Element, rule: object) -> Iterator[Used]:
    if isinstance(rule, Banded | Formula | Percentile):
        yield Used(element, rule.of, Place.NUMBER)
    elif isinstance(rule, Cases):
        for case in rule.cases:
            if case.when is not None:
                yield Used(element, case.when, Place.CONDITION)
    elif isinstance(rule, Additive):
        for condition in rule.of:
            yield Used(element, condition, Place.CONDITION)


def used_facts(pack: Pack, dictionary: Dictionary) -> tuple[Name, ...]:
    """Return the facts that a pack asks for, through its definitions.

    Parameters
    ----------
    pack : Pack
        Checked.
    dictionary : Dictionary
        All facts.

    Returns
    -------
    tuple of Name
        Fact and year, in the order of the pack, each once; a fact that follows from others
        stands for itself (see :func:`facts_needed`). Peers' stage and field included.
    """
    definitions = {one.id: one for one in pack.definitions}
    found: dict[Name, None] = {}
    for used in expressions(pack):
        if isinstance(used.element, Definition):
            continue  # those that are used come in by their name
        for name in used.expression.names:
            found |= dict.fromkeys(_through(name, definitions))
    if pack.peers is not None:
        found |= {Name(pack.peers.stage): None, Name(pack.peers.field): None}
    return tuple(name for name in found if name.id in dictionary)


def _through(name: Name, definitions: dict[str, Definition]) -> Iterator[Name]:
    """Yield a fact, or the facts behind a definition, in the year that is looked at."""
    definition = definitions.get(name.id)
    if definition is None:
        yield name
        return
    used = [definition.value] if definition.value is not None else []
    used += [one.expression for one in _of_rule(definition, definition.rule)]
    for expression in used:
        for below in expression.names:
            shifted = Name(below.id, below.offset + name.offset)
            yield from _through(shifted, definitions)


def facts_needed(pack: Pack, dictionary: Dictionary) -> tuple[FactDefinition, ...]:
    """Return what must be known of a subject to apply a pack.

    Parameters
    ----------
    pack : Pack
        Checked.
    dictionary : Dictionary
        All facts.

    Returns
    -------
    tuple of FactDefinition
        Facts that follow from others are replaced by those; then the judgements of experts
        (choices of a level, or the points inside the range of a band or case) and the
        applicant's choices, which are no part of the dictionary.
    """
    found: dict[str, FactDefinition] = {}
    for name in used_facts(pack, dictionary):
        for fact in _from_others(dictionary[name.id], dictionary):
            found[fact.name] = fact
    return (*found.values(), *_judgements(pack), *_chosen(pack))


def _from_others(fact: FactDefinition, dictionary: Dictionary) -> Iterable[FactDefinition]:
    if fact.of is None:
        return [fact]
    return [
        below for name in fact.of.names for below in _from_others(dictionary[name.id], dictionary)
    ]


def _judgements(pack: Pack) -> Iterator[FactDefinition]:
    for name, item in judged_facts(pack).items():
        levels: tuple[Choice, ...] = ()
        if isinstance(item.rule, Judged):
            named = zip(item.rule.levels, item.rule.names, strict=True)
            levels = tuple(Choice(level, label) for (level, _, _), label in named)
        yield FactDefinition(
            name=name, kind=FactKind.CHOICE if levels else FactKind.NUMBER, label=item.name,
            unit="points", minimum=0.0, maximum=item.max, choices=levels, origin=JUDGED,
            is_integer=pack.is_integer,
        )  # fmt: skip


def _chosen(pack: Pack) -> Iterator[FactDefinition]:
    for name, item in chosen_facts(pack).items():
        options = tuple(Choice(one.id, one.name) for one in item.below)
        yield FactDefinition(
            name=name, kind=FactKind.CHOICE, label=item.name, choices=options, origin=CHOSEN
        )
