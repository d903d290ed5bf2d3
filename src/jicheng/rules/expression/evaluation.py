"""What an expression is for each subject, as far as the facts are known.

The same unknown fact twice in one expression (``x / (x + y)``) counts as two unknowns:
the result contains the truth and may be wider than necessary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Protocol, TypeAlias

import numpy as np

from jicheng.conform import nearest
from jicheng.errors import Fault, InvalidInput, Text, Where, fault
from jicheng.rules.expression import arithmetic
from jicheng.rules.expression.intervals import Choices, Flags, Interval, Truth
from jicheng.rules.expression.nodes import (
    FOUNDED,
    GROWTH_YEARS,
    And,
    Arithmetic,
    Comparison,
    Count,
    Extreme,
    Floor,
    Growth,
    Literal,
    Matches,
    Membership,
    Name,
    Negative,
    Node,
    Not,
    Operator,
    Or,
    OverPositive,
    Relation,
    Window,
)
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.expression.years import (
    DOUBTED_FOUNDATION,
    Lifetime,
    mean_growth,
    official_growth,
    window,
)

__all__ = [
    "MISSING",
    "ZERO_DENOMINATOR",
    "Facts",
    "Meaning",
    "Scope",
    "Value",
    "condition",
    "number",
]

Value: TypeAlias = Interval | Truth | Choices
Found: TypeAlias = tuple[Value, dict[str, Flags]]  # with the flags that its evaluation met

ZERO_DENOMINATOR = "zero_denominator"
MISSING = "missing"  # a fact that the expression asks for is not known exactly

_COMPARED = {
    Relation.AT_LEAST: arithmetic.at_least, Relation.ABOVE: arithmetic.above,
    Relation.AT_MOST: arithmetic.at_most, Relation.BELOW: arithmetic.below,
    Relation.EQUAL: arithmetic.equal,
}  # fmt: skip


class Facts(Protocol):
    """Facts as an evaluation asks for them; a fact table is one."""

    @property
    def n(self) -> int:
        """Number of subjects."""

    @property
    def year(self) -> int:
        """The evaluation year."""

    def given(self, fact: str, offset: int) -> Value | None:
        """Return what was said of a fact; None = nothing, and it may be derived."""

    def early(self, fact: str, offset: int) -> Flags | None:
        """Tell whose figure stands in a year before the foundation; None = nobody's."""

    @property
    def is_doubted(self) -> Flags:
        """Whose foundation any figure contradicts, shape (n,)."""

    def derivation(self, fact: str) -> Expression | None:
        """Return from what a fact follows; None = from nothing."""

    def range_of(self, fact: str) -> tuple[float, float]:
        """Return between which numbers a fact lies by its nature."""

    def nearest(self, fact: str) -> str:
        """Return the facts whose names are closest to one that does not exist."""

    @property
    def derived(self) -> dict[tuple[str, int], Found]:
        """Facts that were derived before, to fill and to use again."""


class Meaning(Protocol):
    """What a name stands for that a pack defines."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Values of a list; empty = not a list."""

    @property
    def value(self) -> Expression | None:
        """What it stands for."""


@dataclass
class Scope:
    """Where the names of an expression are looked up: results, definitions, facts.

    Attributes
    ----------
    facts : Facts
        Of n subjects.
    definitions : mapping of str to Meaning
        Names that a pack defines.
    names : mapping of str to Interval, Truth or Choices
        Results that go before definitions and facts (``score``, ``group.x``).
    flags : dict of str to ndarray of bool, shape (n,)
        What was met in evaluations so far, and for whom: ``zero_denominator``,
        ``missing`` and those of :mod:`jicheng.rules.expression.years`.
    """

    facts: Facts
    definitions: Mapping[str, Meaning] = field(default_factory=dict)
    names: Mapping[str, Value] = field(default_factory=dict)
    flags: dict[str, Flags] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list, repr=False)
    _values: dict[Name, Found] = field(default_factory=dict, repr=False)

    def raise_flag(self, flag: str, where: Flags | None) -> None:
        """Note that something was met for some subjects."""
        if where is not None and where.any():
            before = self.flags.get(flag)
            wide = np.broadcast_to(where, (self.facts.n,))
            self.flags[flag] = wide.copy() if before is None else before | wide

    def value(self, name: Name) -> Value:
        """Return what a name stands for.

        Raises
        ------
        InvalidInput
            E909 if nothing has this name, E912 if it is defined by itself.
        """
        if name.id in self.names:
            return self.names[name.id]
        if name.id in self._open:
            cycle = [*self._open[self._open.index(name.id) :], name.id]
            raise InvalidInput([fault("E912", nodes=" → ".join(cycle))])
        if name.id in self.definitions:
            return self._defined(name)
        known = self.facts.derived.get((name.id, name.offset))
        if known is None:
            known = self._found(name)
            self.facts.derived[name.id, name.offset] = known
        return self._with_flags(known)

    def apart(self) -> Scope:
        """Return the same scope with flags of its own."""
        return replace(self, flags={})

    def _with_flags(self, known: Found) -> Value:
        found, flags = known
        for flag, where in flags.items():
            self.raise_flag(flag, where)
        return found

    def _defined(self, name: Name) -> Value:
        expression = self.definitions[name.id].value
        if expression is None:
            raise InvalidInput([_is_not(_NUMBER, name.id, _LIST)])
        known = self._values.get(name)
        if known is None:
            inner = self.apart()
            self._open.append(name.id)
            try:
                value = _Evaluation(inner, expression.where, name.offset).any(expression.root)
            finally:
                self._open.pop()
            known = self._values[name] = value, inner.flags
        return self._with_flags(known)

    def _found(self, name: Name) -> Found:
        """Return a fact as given, or as it follows from others where it is not."""
        given = self.facts.given(name.id, name.offset)
        rule = self.facts.derivation(name.id)
        if rule is None:
            if given is None:
                near = self.facts.nearest(name.id)
                raise InvalidInput([fault("E909", name=name.id, near=near)])
            is_open = given.codes < 0 if isinstance(given, Choices) else given.is_open
            flags = {MISSING: is_open} if is_open.any() else {}
            return self._doubted(name, given, flags)
        inner = Scope(self.facts, _open=[*self._open, name.id])
        follows = _Evaluation(inner, rule.where, name.offset).any(rule.root)
        if isinstance(follows, Interval):
            follows = follows.spread(self.facts.n).within(*self.facts.range_of(name.id))
            if isinstance(given, Interval):
                return self._doubted(name, given.met(follows), inner.flags)
        elif isinstance(follows, Truth):
            follows = follows.spread(self.facts.n)
            if isinstance(given, Truth):
                return given.met(follows), inner.flags
        return follows, inner.flags

    def _doubted(self, name: Name, value: Value, flags: dict[str, Flags]) -> Found:
        """Return a figure, down to nothing where it stands in a year before the foundation.

        Either the figure or the year of foundation is wrong, and nobody here can tell which.
        """
        early = self.facts.early(name.id, name.offset)
        if early is None or not isinstance(value, Interval):
            return value, flags
        return value.or_zero(early), {**flags, DOUBTED_FOUNDATION: early}


def number(expression: Expression, scope: Scope) -> Interval:
    """Return the number that an expression is.

    Returns
    -------
    Interval
        Ends of shape (n,); the same array where all facts that count are known.

    Raises
    ------
    InvalidInput
        E908 if the expression is a condition, E909 for an unknown name, E912 for a name
        that is defined by itself.
    """
    if expression.is_condition:
        raise InvalidInput([_is_not(_NUMBER, expression.text, _CONDITION, expression.where)])
    found = _Evaluation(scope, expression.where).number(expression.root)
    return found.spread(scope.facts.n)


def condition(expression: Expression, scope: Scope) -> Truth:
    """Return whether an expression holds, in three values; faults as :func:`number`."""
    if expression.is_condition is False:
        raise InvalidInput([_is_not(_CONDITION, expression.text, _NUMBER, expression.where)])
    found = _Evaluation(scope, expression.where).condition(expression.root)
    return found.spread(scope.facts.n)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """Evaluates nodes some years before the evaluation year.

    Literals are arrays of shape (1,), everything else of shape (n,).
    """

    scope: Scope
    where: Where
    shift: int = 0

    def any(self, node: Node) -> Value:
        """Evaluate a node that may be anything."""
        match node:
            case Name():
                return self.scope.value(self.shifted(node))
            case Comparison() | Membership() | Matches() | And() | Or() | Not():
                return self.condition(node)
            case _:
                return self.number(node)

    def shifted(self, name: Name) -> Name:
        """Return the name in the year that is looked at."""
        return Name(name.id, name.offset + self.shift) if self.shift else name

    def number(self, node: Node) -> Interval:
        """Evaluate a number."""
        match node:
            case Literal():
                return Interval.known(np.array([node.value]))
            case Name():
                return self.named_number(node)
            case Negative():
                return arithmetic.negate(self.number(node.of))
            case Arithmetic():
                return self.arithmetic(node)
            case OverPositive():
                left, right = self.number(node.left), self.number(node.right)
                quotient, is_none = arithmetic.over_positive(left, right)
                self.scope.raise_flag(ZERO_DENOMINATOR, is_none)
                return quotient
            case Window():
                lifetime = self.lifetime()
                years = self.latest(node.of, node.years, lifetime)
                self.scope.raise_flag(DOUBTED_FOUNDATION, lifetime.is_doubted_within(node.years))
                return window(years, lifetime, is_mean=node.is_mean)
            case Growth():
                return self.growth(node)
            case Extreme():
                parts = [self.number(part) for part in node.parts]
                return arithmetic.largest(parts) if node.is_largest else arithmetic.smallest(parts)
            case Floor():
                return arithmetic.floor(self.number(node.of))
            case Count():
                return reduce(
                    arithmetic.add, [self.condition(part).as_number() for part in node.parts]
                )
            case _:
                raise TypeError(node)  # the parser lets no condition stand here

    def named_number(self, name: Name) -> Interval:
        """Evaluate a name that must be a number."""
        found = self.scope.value(self.shifted(name))
        if isinstance(found, Interval):
            return found
        raise self.wrong(_NUMBER, name, found)

    def wrong(self, wanted: Text, name: Name, found: Value) -> InvalidInput:
        """Return the refusal of a name that is of another kind."""
        return InvalidInput([_is_not(wanted, str(name), _kind_of(found), self.where)])

    def arithmetic(self, node: Arithmetic) -> Interval:
        """Evaluate two numbers joined by an operator."""
        left, right = self.number(node.left), self.number(node.right)
        match node.operator:
            case Operator.PLUS:
                return arithmetic.add(left, right)
            case Operator.MINUS:
                return arithmetic.subtract(left, right)
            case Operator.TIMES:
                return arithmetic.multiply(left, right)
            case Operator.OVER:
                quotient, is_zero = arithmetic.divide(left, right)
                self.scope.raise_flag(ZERO_DENOMINATOR, is_zero)
                return quotient

    def growth(self, node: Growth) -> Interval:
        """Evaluate growth over the last three years, latest first."""
        lifetime = self.lifetime()
        years = self.latest(node.of, GROWTH_YEARS, lifetime)
        if not node.is_official:
            found, is_zero = mean_growth(years)
            self.scope.raise_flag(ZERO_DENOMINATOR, is_zero)
            return found
        found, flags = official_growth(years, lifetime)
        for flag, where in flags.items():
            self.scope.raise_flag(flag, where)
        return found

    def latest(self, node: Node, years: int, lifetime: Lifetime) -> list[Interval]:
        """Evaluate a number in each of the last years, latest first, in full length.

        What is met in years before the foundation is nothing to tell.
        """
        found: list[Interval] = []
        for back in range(years):
            scope = self.scope.apart()
            earlier = _Evaluation(scope, self.where, self.shift - back).number(node)
            found.append(earlier.spread(scope.facts.n))
            for flag, where in scope.flags.items():
                self.scope.raise_flag(flag, where & (lifetime.age.high >= back))
        return found

    def lifetime(self) -> Lifetime:
        """Return how many years before the one looked at the subjects existed."""
        year = self.scope.facts.year + self.shift
        founded = self.scope.facts.given(FOUNDED, 0)
        if not isinstance(founded, Interval):
            return Lifetime.of(None, year)
        return Lifetime.of(founded, year, is_doubted=self.scope.facts.is_doubted)

    def condition(self, node: Node) -> Truth:
        """Evaluate a condition."""
        match node:
            case Name():
                return self.named_condition(node)
            case Comparison():
                left, right = self.number(node.left), self.number(node.right)
                return _COMPARED[node.relation](left, right)
            case Membership():
                return self.membership(node)
            case Matches():
                return self.matches(node)
            case Not():
                return ~self.condition(node.of)
            case And():
                return reduce(Truth.__and__, [self.condition(part) for part in node.parts])
            case Or():
                return reduce(Truth.__or__, [self.condition(part) for part in node.parts])
            case _:
                raise TypeError(node)  # the parser lets no number stand here

    def named_condition(self, name: Name) -> Truth:
        """Evaluate a name that must be true or false."""
        found = self.scope.value(self.shifted(name))
        if isinstance(found, Truth):
            return found
        raise self.wrong(_CONDITION, name, found)

    def membership(self, node: Membership) -> Truth:
        """Tell whether a choice is one of some values."""
        found = self.scope.value(self.shifted(node.subject))
        if not isinstance(found, Choices):
            raise self.wrong(_CHOICE, node.subject, found)
        if not node.list_name:
            return found.is_any_of(node.values)
        meaning = self.scope.definitions.get(node.list_name)
        if meaning is None or not meaning.choices:
            near = nearest(node.list_name, list(self.scope.definitions), otherwise="—")
            raise InvalidInput([fault("E909", where=self.where, name=node.list_name, near=near)])
        return found.is_any_of(meaning.choices)

    def matches(self, node: Matches) -> Truth:
        """Tell whether a choice has a value, or two numbers are equal."""
        found = self.scope.value(self.shifted(node.subject))
        if isinstance(found, Choices):
            return found.is_any_of((node.word.id,))
        if isinstance(found, Interval):
            return arithmetic.equal(found, self.named_number(node.word))
        raise self.wrong(_CHOICE, node.subject, found)


_NUMBER = Text("数值", "a number")
_CONDITION = Text("条件", "a condition")
_CHOICE = Text("选项", "a choice")
_LIST = Text("选项列表", "a list of choices")


def _kind_of(found: Value) -> Text:
    if isinstance(found, Choices):
        return _CHOICE
    return _CONDITION if isinstance(found, Truth) else _NUMBER


def _is_not(wanted: Text, piece: str, found: Text, where: Where | None = None) -> Fault:
    return fault("E908", where=where, piece=piece, position=1, wanted=wanted, found=found)
