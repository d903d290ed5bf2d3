"""What an element of a pack asks for: its expressions, and the facts below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jicheng.rules.expression.nodes import Name
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.dictionary import Dictionary
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
    Options,
    Pack,
    Percentile,
)
from jicheng.rules.pack.names import chosen_fact, judged_fact

__all__ = ["expressions_of", "facts_below", "own_facts", "pack_facts"]


def expressions_of(element: Element) -> tuple[Expression, ...]:
    """Return the expressions of an element itself, not of its parts."""
    match element:
        case Condition(when=when):
            return () if when is None else (when,)
        case Definition(value=value, rule=rule):
            return tuple(_of_rule(rule)) if value is None else (value,)
        case Indicator(rule=rule):
            return tuple(_of_rule(rule))
        case _:
            return ()


def own_facts(pack: Pack, element: Element, dictionary: Dictionary) -> tuple[Name, ...]:
    """Return the facts that an element itself asks for, through definitions, each year."""
    names = [name for each in expressions_of(element) for name in each.names]
    if isinstance(element, Indicator):
        if isinstance(element.rule, Judged):
            names.append(Name(judged_fact(pack, element.path)))
        if isinstance(element.rule, Options):
            names.append(Name(chosen_fact(pack, element.path)))
        if isinstance(element.rule, Percentile) and pack.peers:
            names += [Name(fact) for fact in (pack.peers.stage, pack.peers.field) if fact]
    return facts_below(names, pack, dictionary)


def pack_facts(pack: Pack, dictionary: Dictionary) -> tuple[Name, ...]:
    """Return the facts that a whole pack asks for, in its order, those given and not derived."""
    asking = (each for each in pack.elements() if not isinstance(each, Definition))
    found = (name for each in asking for name in own_facts(pack, each, dictionary))
    return tuple(dict.fromkeys(found))


def facts_below(names: Iterable[Name], pack: Pack, dictionary: Dictionary) -> tuple[Name, ...]:
    """Return the facts below names: definitions and derived facts taken apart.

    Results (``score``, ``group.x``) and lists of choices are left out.
    """
    definitions = {each.id: each for each in pack.definitions}
    found: dict[Name, None] = {}

    def take(name: Name) -> None:
        below: tuple[Expression, ...] = ()
        if name.id in definitions:
            below = expressions_of(definitions[name.id])
        elif name.id in dictionary and (rule := dictionary[name.id].of) is not None:
            below = (rule,)
        elif name.id in dictionary or name.id.startswith(("judged.", "chosen.")):
            found[name] = None
        for expression in below:
            for each in expression.names:
                take(Name(each.id, each.offset + name.offset))

    for name in names:
        take(name)
    return tuple(found)


def _of_rule(rule: object) -> Iterator[Expression]:
    match rule:
        case Banded(of=of) | Formula(of=of) | Percentile(of=of):
            yield of
        case Cases(cases=cases):
            yield from (case.when for case in cases if case.when is not None)
        case Additive(of=conditions):
            yield from conditions
        case _:
            return
