"""Conditions of a pack as formulas in the amounts of actions.

What depends on no action is evaluated as it stands, by the rules' own evaluation. The rest is
taken apart, with negations pushed down to the comparisons of :mod:`.numbers`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from jicheng.rules.expression.evaluation import Scope, condition, number
from jicheng.rules.expression.intervals import Choices, Flags, Truth
from jicheng.rules.expression.nodes import (
    And,
    Arithmetic,
    Comparison,
    Count,
    Extreme,
    Floor,
    Literal,
    Matches,
    Membership,
    Name,
    Node,
    Not,
    Operator,
    Or,
    Relation,
    names_of,
)  # fmt: skip
from jicheng.rules.pack.model import Case
from jicheng.select.ladder.comparing import MIRRORED, OPPOSITE, Comparer
from jicheng.select.ladder.forms import NotLinear
from jicheng.select.ladder.formula import (
    NEVER,
    AtLeast,
    Formula,
    Known,
    Scored,
    Used,
    all_of,
    any_of,
)  # fmt: skip
from jicheng.select.ladder.numbers import Numbers, expression_of, guarded
from jicheng.select.ladder.reach import DIRECT, Reach, is_result
from jicheng.select.ladder.settings import Action, Effect

__all__ = ["Translator"]

_ROUNDING = 1e-9


@dataclass
class Translator:
    """Turns expressions of one pack into formulas.

    Attributes
    ----------
    scope : Scope
        Where names are looked up, today's results included.
    actions : sequence of Action
        What can be done.
    reach : Reach
        Which action reaches what.
    is_favourable : bool
        Whether unknown facts count at their best end instead of their worst.
    direct : Formula or None
        When some direct pass holds, for expressions that ask for it.
    kept : set of str
        Filled here: facts in expressions that are not linear, and so must stay as they are.
    """

    scope: Scope
    actions: Sequence[Action]
    reach: Reach
    is_favourable: bool = False
    direct: Formula | None = None
    kept: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.comparer = Comparer([action.most for action in self.actions], self.is_favourable)
        self.numbers = Numbers(self.scope, self.actions, self.reach, self.comparer, self.cases)
        self._setters = _setters(self.actions)

    @property
    def n(self) -> int:
        """Number of firms."""
        return self.scope.facts.n

    def condition(self, node: Node, *, negated: bool = False) -> Formula:
        """Return when a condition holds (or does not)."""
        if not self.reach.node(node):
            return self.today(node, negated=negated)
        match node:
            case Not():
                return self.condition(node.of, negated=not negated)
            case And() | Or():
                parts = [self.condition(part, negated=negated) for part in node.parts]
                return all_of(*parts) if isinstance(node, And) != negated else any_of(*parts)
            case Name():
                return self._named_condition(node, negated=negated)
            case Membership():
                values = node.values
                if node.list_name:
                    values = self.scope.definitions[node.list_name].choices
                return self._choice(node.subject, values, negated=negated)
            case Matches() if isinstance(self.scope.value(node.subject), Choices):
                return self._choice(node.subject, (node.word.id,), negated=negated)
            case Matches():
                same = Comparison(Relation.EQUAL, node.subject, node.word)
                return self.condition(same, negated=negated)
            case Comparison():
                return self._compared(node, negated=negated)
        raise NotLinear

    def today(self, node: Node, *, negated: bool = False) -> Known:
        """Return whether a condition holds today (or does not)."""
        truth = condition(expression_of(node), self.scope)
        truth = ~truth if negated else truth
        return Known(np.broadcast_to(self.counted(truth), (self.n,)))

    def counted(self, truth: Truth) -> Flags:
        """Return what counts as true."""
        return truth.possibly if self.is_favourable else truth.certainly

    def as_today(self, node: Node, *, negated: bool = False) -> Formula:
        """Return that a condition holds today and that nothing it depends on is changed."""
        self.kept |= {name.id for name in names_of(node) if self.reach.name(name)}
        left_alone = [Used(action, is_used=False) for action in sorted(self.reach.node(node))]
        return all_of(self.today(node, negated=negated), *left_alone)

    def _named_condition(self, name: Name, *, negated: bool) -> Formula:
        """Return when a fact or a definition is true (or false)."""
        if name.id == DIRECT and self.direct is not None and not negated:
            return self.direct
        definition = self.scope.definitions.get(name.id)
        if definition is not None and definition.value is not None:
            return self.condition(definition.value.root, negated=negated)
        if is_result(name.id):
            return self.as_today(name, negated=negated)
        stays: Formula = self.today(name, negated=negated)
        rule = self.reach.facts.derivation(name.id)
        if rule is not None:
            given = self.reach.facts.given(name.id, 0)
            is_open = given.is_open if isinstance(given, Truth) else np.ones(self.n, dtype=bool)
            follows = all_of(Known(is_open), self.condition(rule.root, negated=negated))
            stays = any_of(all_of(Known(~is_open), stays), follows)
        return self._settable(name.id, {"false" if negated else "true"}, stays)

    def _choice(self, subject: Name, values: Sequence[str], *, negated: bool) -> Formula:
        """Return when a choice is (or is not) one of some values."""
        stays = self.today(Membership(subject, tuple(values)), negated=negated)
        others = {value for value, _ in self._setters.get(subject.id, ())} - set(values)
        return self._settable(subject.id, others if negated else set(values), stays)

    def _settable(self, fact: str, wanted: set[str], stays: Formula) -> Formula:
        """Return that something sets a fact as wanted, or that it is so and nothing unsets it."""
        setters = self._setters.get(fact, ())
        sets = [Used(action) for value, action in setters if value in wanted]
        unsets = [Used(action, is_used=False) for value, action in setters if value not in wanted]
        return any_of(*sets, all_of(stays, *unsets))

    def _compared(self, node: Comparison, *, negated: bool) -> Formula:
        """Return when a comparison holds (or does not); as today where it is not linear."""
        try:
            found, linear = self._relation(node.left, node.relation, node.right, negated=negated)
        except NotLinear:
            return self.as_today(node, negated=negated)
        if bool(linear.all()):
            return found
        return any_of(found, all_of(Known(~linear), self.as_today(node, negated=negated)))

    def _relation(
        self, left: Node, relation: Relation, right: Node, *, negated: bool
    ) -> tuple[Formula, Flags]:
        """Return a comparison and for whom it is linear."""
        if relation is Relation.EQUAL:
            sides = (Relation.AT_LEAST, Relation.AT_MOST)
            pairs = [self._relation(left, side, right, negated=negated) for side in sides]
            join = any_of if negated else all_of
            return join(*(pair[0] for pair in pairs)), pairs[0][1] & pairs[1][1]
        if negated:
            return self._relation(left, OPPOSITE[relation], right, negated=False)
        if _is_special(right) and not _is_special(left):
            return self._relation(right, MIRRORED[relation], left, negated=False)
        if any(is_result(name.id) for name in names_of(left)):
            return self._scored(left, relation, right), np.ones(self.n, dtype=bool)
        match left:
            case Extreme():
                found = [self._relation(p, relation, right, negated=False) for p in left.parts]
                is_any = left.is_largest == (relation in {Relation.AT_LEAST, Relation.ABOVE})
                join = any_of if is_any else all_of
                return join(*(pair[0] for pair in found)), np.logical_and.reduce(
                    [pair[1] for pair in found]
                )
            case Floor():
                relation, bound = _whole(relation, self._literal(right))
                return self._relation(left.of, relation, Literal(bound), negated=False)
            case Count():
                counted = self._counted(left, relation, self._literal(right))
                return counted, np.ones(self.n, dtype=bool)
        return self._plain(left, relation, right)

    def _plain(self, left: Node, relation: Relation, right: Node) -> tuple[Formula, Flags]:
        lefts, rights = self.numbers.of(left), self.numbers.of(right)
        parts = []
        linear = np.ones(self.n, dtype=bool)
        for (guard, first), (other, second) in product(lefts, rights):
            compared = self.comparer.compare(first, relation, second)
            parts.append(guarded(compared, guard, other))
            linear &= first.linear & second.linear
        return any_of(*parts), linear

    def _counted(self, node: Count, relation: Relation, bound: float) -> Formula:
        """Return when so many conditions hold."""
        relation, bound = _whole(relation, bound)
        n_parts, count = len(node.parts), int(bound)
        if relation is Relation.AT_LEAST:
            return _at_least(count, [self.condition(part) for part in node.parts])
        # fewer than count hold: more than n_parts - count do not
        opposite = [self.condition(part, negated=True) for part in node.parts]
        return _at_least(n_parts - count + 1, opposite)

    def _scored(self, left: Node, relation: Relation, right: Node) -> Formula:
        """Return when points reach a bound."""
        terms, bound = _terms(left), self._literal(right)
        tolerance = _ROUNDING * max(1.0, abs(bound))
        if relation is Relation.AT_LEAST:
            return Scored(terms, bound - tolerance)
        if relation is Relation.ABOVE:
            return Scored(terms, bound + tolerance, is_strict=True)
        raise NotLinear  # nothing here keeps points down

    def _literal(self, node: Node) -> float:
        """Return a bound that is one number for all firms."""
        if self.reach.node(node):
            raise NotLinear
        found = number(expression_of(node), self.scope)
        if not found.is_point or len(np.unique(found.low)) != 1:
            raise NotLinear
        return float(found.low[0])

    def cases(self, cases: Sequence[Case]) -> tuple[list[Formula | None], list[Formula | None]]:
        """Return when each case holds and when it does not; None = it always holds."""
        holds, fails = (
            [
                None if c.when is None else self.condition(c.when.root, negated=negated)
                for c in cases
            ]
            for negated in (False, True)
        )
        return holds, fails


def _at_least(count: int, parts: list[Formula]) -> Formula:
    if count <= 0:
        return all_of(*[])
    return AtLeast(count, tuple(parts)) if count <= len(parts) else NEVER


def _is_special(node: Node) -> bool:
    """Whether a comparison should have this on its left side."""
    results = any(is_result(name.id) for name in names_of(node))
    return results or isinstance(node, Extreme | Floor | Count)


def _whole(relation: Relation, bound: float) -> tuple[Relation, float]:
    """Return a comparison of a whole number as ``>=`` or ``<`` with a whole bound."""
    match relation:
        case Relation.AT_LEAST:
            return relation, float(math.ceil(bound - _ROUNDING * max(1.0, abs(bound))))
        case Relation.ABOVE:
            return Relation.AT_LEAST, math.floor(bound + _ROUNDING * max(1.0, abs(bound))) + 1.0
        case Relation.BELOW:
            return relation, float(math.ceil(bound - _ROUNDING * max(1.0, abs(bound))))
        case _:
            return Relation.BELOW, math.floor(bound + _ROUNDING * max(1.0, abs(bound))) + 1.0


def _terms(node: Node) -> tuple[tuple[str, float], ...]:
    """Return a sum of results as terms with weights."""
    match node:
        case Name():
            return ((node.id, 1.0),)
        case Arithmetic(operator=Operator.PLUS):
            return (*_terms(node.left), *_terms(node.right))
        case Arithmetic(operator=Operator.TIMES, left=Literal() as factor) if factor.value > 0:
            return tuple((name, factor.value * weight) for name, weight in _terms(node.right))
    raise NotLinear


def _setters(actions: Sequence[Action]) -> dict[str, list[tuple[str, int]]]:
    """Return which actions set which fact to which value."""
    found: dict[str, list[tuple[str, int]]] = {}
    for place, action in enumerate(actions):
        for change in action.changes:
            if change.effect is Effect.SET:
                found.setdefault(change.fact, []).append((change.value, place))
    return found
