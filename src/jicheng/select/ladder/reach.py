"""Which actions an expression, a rule or a name of a pack depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jicheng.rules.expression.nodes import Name, Node, names_of
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Condition,
    Formula,
    Indicator,
    Pack,
    Percentile,
)  # fmt: skip
from jicheng.select.ladder.settings import Action

__all__ = ["DIRECT", "GROUP", "INDICATOR", "SCORE", "Reach", "is_result"]

SCORE, DIRECT, GROUP, INDICATOR = "score", "direct_pass", "group.", "indicator."


def is_result(name: str) -> bool:
    """Whether a name stands for points or for the direct passes."""
    return name in {SCORE, DIRECT} or name.startswith((GROUP, INDICATOR))


@dataclass
class Reach:
    """What actions reach through names, definitions and derived facts."""

    pack: Pack
    facts: FactTable
    actions: Sequence[Action]
    _known: dict[Name, frozenset[int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._definitions = {each.id: each for each in self.pack.definitions}
        self._indicators = {
            each.path.replace("indicators/", INDICATOR, 1).replace("/", "."): each
            for each in self.pack.elements()
            if isinstance(each, Indicator)
        }
        self._direct: dict[str, list[int]] = {}
        for place, action in enumerate(self.actions):
            for change in action.changes:
                self._direct.setdefault(change.fact, []).append(place)

    def node(self, node: Node) -> frozenset[int]:
        """Return the actions that an expression depends on."""
        return frozenset[int]().union(*map(self.name, names_of(node)))

    def name(self, name: Name) -> frozenset[int]:
        """Return the actions that a name depends on; earlier years depend on none."""
        known = self._known.get(name)
        if known is None:
            self._known[name] = frozenset()  # a cycle, which the checks refuse, ends here
            known = self._known[name] = self._found(name)
        return known

    def rule(self, indicator: Indicator) -> frozenset[int]:
        """Return the actions that an indicator's points depend on."""
        parts = [self.rule(each) for each in indicator.below]
        return self._all(_expressions(indicator)).union(*parts)

    def condition(self, condition: Condition) -> frozenset[int]:
        """Return the actions that a condition of the pack depends on."""
        below = map(self.condition, (*condition.any_of, *condition.all_of))
        return self._all([condition.when] if condition.when else []).union(*below)

    def _all(self, expressions: Iterable[Expression]) -> frozenset[int]:
        return frozenset[int]().union(*(self.node(each.root) for each in expressions))

    def _found(self, name: Name) -> frozenset[int]:
        if is_result(name.id):
            return self._result(name.id)
        definition = self._definitions.get(name.id)
        if definition is not None:
            inside = [definition.value] if definition.value else []
            if definition.rule is not None:
                inside += _of_rule(definition.rule)
            return self._shifted(inside, name.offset)
        found = frozenset(self._direct.get(name.id, ()) if name.offset == 0 else ())
        rule = self.facts.derivation(name.id)
        return found | self._shifted([rule] if rule else [], name.offset)

    def _shifted(self, expressions: list[Expression], offset: int) -> frozenset[int]:
        names = (name for each in expressions for name in names_of(each.root, offset))
        return frozenset[int]().union(*map(self.name, names))

    def _result(self, name: str) -> frozenset[int]:
        if name == DIRECT:
            return frozenset[int]().union(*map(self.condition, self.pack.direct))
        if name.startswith(INDICATOR):
            indicator = self._indicators.get(name)
            return self.rule(indicator) if indicator else frozenset()
        group = name.removeprefix(GROUP)
        counted = (e for e in self.pack.indicators if name == SCORE or e.group == group)
        return frozenset[int]().union(*map(self.rule, counted))


def _expressions(indicator: Indicator) -> list[Expression]:
    match indicator.rule:
        case Banded() | Cases() as rule:
            return _of_rule(rule)
        case Formula() | Percentile() as rule:
            return [rule.of]
        case Additive() as rule:
            return list(rule.of)
        case _:
            return []


def _of_rule(rule: Banded | Cases) -> list[Expression]:
    if isinstance(rule, Banded):
        return [rule.of]
    return [case.when for case in rule.cases if case.when is not None]
