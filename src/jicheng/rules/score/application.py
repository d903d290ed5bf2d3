"""A pack at work on facts: expressions looked up, definitions valued, findings collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import numpy as np

from jicheng.rules.expression.evaluation import Scope, condition, number
from jicheng.rules.expression.intervals import Flags, Interval, Truth
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Banded, Cases, Condition, Pack
from jicheng.rules.score.bands import band_table, points_of_cases
from jicheng.rules.score.percentile import PeerGroups, PeerQuantiles, PeerTable

__all__ = ["Application", "Named"]

Named = Interval | Truth  # what a name may stand for


@dataclass(eq=False)
class Application:
    """What a pack has been found to say so far.

    Attributes
    ----------
    pack, facts
        What is applied to what.
    frozen : PeerQuantiles or None
        Quantiles taken earlier.
    fixed : mapping of str to Interval or Truth
        Elements, by path, whose points or truth are given instead of found: to ask what a
        missing element could change.
    names : dict of str to Interval or Truth
        Results that later expressions may use.
    truths, points, values, flags
        As in :class:`jicheng.rules.score.evaluate.Evaluation`.
    tables : dict of str to PeerTable
        Quantiles used, by path.
    """

    pack: Pack
    facts: FactTable
    frozen: PeerQuantiles | None = None
    fixed: Mapping[str, Named] = field(default_factory=dict)
    groups: PeerGroups | None = None
    weights: Mapping[str, Interval] = field(default_factory=dict)
    names: dict[str, Named] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    points: dict[str, Interval] = field(default_factory=dict)
    values: dict[str, Interval] = field(default_factory=dict)
    flags: dict[tuple[str, str], Flags] = field(default_factory=dict)
    tables: dict[str, PeerTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._definitions = {each.id: each for each in self.pack.definitions}
        self._named = _Names(self)

    def number(self, expression: Expression, path: str) -> Interval:
        """Return the value of an expression for an element, whose flags it raises."""
        scope = self._scope()
        found = number(expression, scope)
        self._raise(path, scope)
        return found

    def condition(self, expression: Expression, path: str) -> Truth:
        """Return the truth of an expression for an element, whose flags it raises."""
        scope = self._scope()
        found = condition(expression, scope)
        self._raise(path, scope)
        return found

    def truth(self, element: Condition) -> Truth:
        """Return the truth of a condition and note it and those below it."""
        fixed = self.fixed.get(element.path)
        found = fixed if isinstance(fixed, Truth) else self._found(element)
        self.truths[element.path] = found
        return found

    def flag(self, path: str, name: str, where: Flags) -> None:
        """Raise a flag of an element where it applies."""
        if where.any():
            before = self.flags.get((path, name))
            self.flags[path, name] = where if before is None else before | where

    def definition(self, name: str) -> Interval | None:
        """Return the value of a definition by bands or cases; None for any other name."""
        element = self._definitions.get(name)
        if element is None or element.rule is None:
            return None
        rule = element.rule
        if isinstance(rule, Banded):
            return band_table(rule.bands).points(self.number(rule.of, element.path))
        truths = self.truths_of_cases(rule, element.path)
        return points_of_cases(rule.cases, truths, self.facts.n)

    def truths_of_cases(self, rule: Cases, path: str) -> list[Truth]:
        """Return the truth of each case."""
        certain = Truth.known(np.ones(self.facts.n, dtype=bool))
        return [
            certain if case.when is None else self.condition(case.when, path) for case in rule.cases
        ]

    def is_valued(self, name: str) -> bool:
        """Whether a name is a definition by bands or cases."""
        element = self._definitions.get(name)
        return element is not None and element.rule is not None

    @property
    def valued(self) -> tuple[str, ...]:
        """Names of the definitions by bands or cases."""
        return tuple(name for name in self._definitions if self.is_valued(name))

    def _found(self, element: Condition) -> Truth:
        n = self.facts.n
        if element.when is not None:
            return self.condition(element.when, element.path)
        if element.any_of:
            return reduce(or_, map(self.truth, element.any_of))
        if element.all_of:
            return reduce(and_, map(self.truth, element.all_of))
        self.flag(element.path, "missing_rule", np.ones(n, dtype=np.bool_))
        return Truth.unknown(n)

    def _scope(self) -> Scope:
        return Scope(self.facts, definitions=self._definitions, names=self._named)

    def _raise(self, path: str, scope: Scope) -> None:
        for name, where in scope.flags.items():
            self.flag(path, name, where)


class _Names(Mapping[str, Named]):
    """Results so far, and definitions by bands, valued when first asked for."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __getitem__(self, name: str) -> Named:
        names = self._application.names
        if name not in names:
            found = self._application.definition(name)
            if found is None:
                raise KeyError(name)
            names[name] = found
        return names[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            name in self._application.names or self._application.is_valued(name)
        )

    def __iter__(self) -> Iterator[str]:
        return iter({*self._application.names, *self._application.valued})

    def __len__(self) -> int:
        return len({*self._application.names, *self._application.valued})
