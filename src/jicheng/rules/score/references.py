"""What each element of a pack asks for: its expressions, and the facts below them."""

from __future__ import annotations

from collections.abc import Iterable

from jicheng.rules.expression.nodes import Name
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.dictionary import Dictionary
from jicheng.rules.pack.expressions import expressions
from jicheng.rules.pack.model import (
    Banded,
    Cases,
    Combine,
    Definition,
    Element,
    Indicator,
    Judged,
    Options,
    Pack,
    Percentile,
)
from jicheng.rules.pack.names import chosen_fact, judged_fact

__all__ = ["References", "is_judged", "ranges_of"]


def ranges_of(element: Indicator) -> tuple[tuple[float, float], ...]:
    """Return least and most points of the levels, bands or cases of an indicator."""
    match element.rule:
        case Judged(levels=levels):
            return tuple((low, high) for _, low, high in levels)
        case Banded(bands=bands):
            return tuple((band.low, band.high) for band in bands)
        case Cases(cases=cases):
            return tuple((case.low, case.high) for case in cases)
        case _:
            return ()


def is_judged(element: Indicator) -> bool:
    """Tell whether experts decide: by a level, or inside the range of a band or case."""
    ranges = ranges_of(element)
    return isinstance(element.rule, Judged) or any(low < high for low, high in ranges)


class References:
    """Looks up what elements of one pack ask for.

    Parameters
    ----------
    pack : Pack
        Whose elements ask.
    dictionary : Dictionary
        Tells which facts follow from others.
    """

    def __init__(self, pack: Pack, dictionary: Dictionary) -> None:
        self.pack = pack
        self.dictionary = dictionary
        self._expressions: dict[str, list[Expression]] = {}
        for used in expressions(pack):
            self._expressions.setdefault(used.element.path, []).append(used.expression)
        self._definitions = {each.id: each.path for each in pack.definitions}

    def of_pack(self) -> tuple[Name, ...]:
        """Return the facts that the whole pack asks for, each year, in its order."""
        asking = (each for each in self.pack.elements() if not isinstance(each, Definition))
        return tuple(dict.fromkeys(name for each in asking for name in self.of(each)))

    def of(self, element: Element) -> tuple[Name, ...]:
        """Return the facts that an element itself asks for, not its parts.

        Definitions and facts that follow from others are taken apart; results (``score``,
        ``group.x``) and lists of choices are left out.
        """
        names = [name for each in self._expressions.get(element.path, ()) for name in each.names]
        if isinstance(element, Indicator):
            names += self._of_rule(element)
        found: dict[Name, None] = {}
        self._take(names, found)
        return tuple(found)

    def _of_rule(self, element: Indicator) -> list[Name]:
        match element.rule:
            case Judged():
                return [Name(judged_fact(self.pack, element.path))]
            case Banded() | Cases():  # experts may fix points inside a range
                name = judged_fact(self.pack, element.path)
                return [Name(name)] if name in self.dictionary and is_judged(element) else []
            case Options(combine=Combine.CHOOSE):
                return [Name(chosen_fact(self.pack, element.path))]
            case Percentile() if self.pack.peers is not None:
                peers = (self.pack.peers.stage, self.pack.peers.field)
                return [Name(fact) for fact in peers if fact]
            case _:
                return []

    def _take(self, names: Iterable[Name], found: dict[Name, None]) -> None:
        for name in names:
            fact = self.dictionary.get(name.id)
            below: list[Expression] = []
            if name.id in self._definitions:
                below = self._expressions.get(self._definitions[name.id], [])
            elif fact is not None and fact.of is not None:
                below = [fact.of]
            elif fact is not None or name.id.startswith(("judged.", "chosen.")):
                found[name] = None
            for expression in below:
                years = (Name(each.id, each.offset + name.offset) for each in expression.names)
                self._take(years, found)
