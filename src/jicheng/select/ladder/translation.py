"""Expressions of a pack as formulas in the amounts of actions.

What depends on no action is evaluated as it stands, by the rules' own evaluation. The rest is
taken apart: numbers become quotients of linear forms, where cases differ a list of them with
guards; conditions become formulas, with negations pushed down to the comparisons.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TypeAlias

import numpy as np

from jicheng.rules.expression.evaluation import Scope, condition, number
from jicheng.rules.expression.intervals import Choices, Flags, Interval, Truth
from jicheng.rules.expression.nodes import (
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
    Relation,
    Window,
    names_of,
)  # fmt: skip
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.pack.model import Banded, Case, Cases
from jicheng.rules.score.bands import BandTable, band_table
from jicheng.select.ladder.casing import (
    cells_of,
    certainly_among,
    complete,
    possibly_among,
)
from jicheng.select.ladder.changing import after, lowers_unknown, moves_directly
from jicheng.select.ladder.comparing import MIRRORED, OPPOSITE, Comparer
from jicheng.select.ladder.forms import Form, NotLinear, Quotient
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
from jicheng.select.ladder.reach import DIRECT, Reach, is_result
from jicheng.select.ladder.settings import Action, Effect
from jicheng.select.ladder.slopes import is_met, slope_between

__all__ = ["Alternatives", "Translator"]

Alternatives: TypeAlias = tuple[tuple[Formula | None, Quotient], ...]
"""What a number can be: a quotient for every case, with the formula that the case holds."""

_MOST_CASES = 24
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
        truth = condition(_expression(node), self.scope)
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
        lefts, rights = self.numbers(left), self.numbers(right)
        parts = []
        linear = np.ones(self.n, dtype=bool)
        for (guard, first), (other, second) in product(lefts, rights):
            compared = self.comparer.compare(first, relation, second)
            parts.append(_guarded(compared, guard, other))
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
        found = number(_expression(node), self.scope)
        if not found.is_point or len(np.unique(found.low)) != 1:
            raise NotLinear
        return float(found.low[0])

    def numbers(self, node: Node) -> Alternatives:
        """Return what a number can be.

        Raises
        ------
        NotLinear
            If it is not linear in the amounts, nor a quotient of two that are.
        """
        if not self.reach.node(node):
            return _single(Quotient(Form.of(number(_expression(node), self.scope))))
        match node:
            case Name():
                return self._named_number(node)
            case Negative():
                return tuple((guard, -quotient) for guard, quotient in self.numbers(node.of))
            case Arithmetic():
                return self._joined(node)
            case Window() | Growth():
                return _single(self._over_years(node))
            case Extreme():
                return self._extreme(node)
        raise NotLinear

    def _joined(self, node: Arithmetic) -> Alternatives:
        left, right = node.left, node.right
        if isinstance(left, Arithmetic) and isinstance(right, Arithmetic) and (
            left.operator is right.operator is Operator.OVER and left.right == right.right
            and node.operator in {Operator.PLUS, Operator.MINUS}
        ):  # fmt: skip
            above = Arithmetic(node.operator, left.left, right.left)
            return self.numbers(Arithmetic(Operator.OVER, above, left.right))
        found: list[tuple[Formula | None, Quotient]] = []
        for (guard, first), (other, second) in product(self.numbers(left), self.numbers(right)):
            guards = [each for each in (guard, other) if each is not None]
            joined = _JOINED[node.operator](first, second)
            found.append((all_of(*guards) if guards else None, joined))
            if node.operator is Operator.OVER:
                found += self._by_signs(first, second, guards)
        if len(found) > _MOST_CASES:
            raise NotLinear
        return tuple(found)

    def _by_signs(
        self, above: Quotient, below: Quotient, guards: list[Formula]
    ) -> list[tuple[Formula | None, Quotient]]:
        """Return what the signs tell of a quotient, whose denominator may be 0."""
        if self.is_favourable or below.below is not None or self.comparer.is_positive(below.above):
            return []
        zero = self._between(0.0, 0.0)
        some = self.comparer.order(below, Relation.AT_LEAST, zero)
        rises = self.comparer.order(above, Relation.AT_LEAST, zero)
        falls = self.comparer.order(above, Relation.BELOW, zero)
        return [
            (all_of(*guards, some, rises), self._between(0.0, np.inf)),
            (all_of(*guards, some, falls), self._between(-np.inf, 0.0)),
        ]

    def _extreme(self, node: Extreme) -> Alternatives:
        """Return each part, guarded by being the extreme one."""
        parts = [self.numbers(part) for part in node.parts]
        if any(len(part) != 1 or part[0][0] is not None for part in parts):
            raise NotLinear
        quotients = [part[0][1] for part in parts]
        relation = Relation.AT_LEAST if node.is_largest else Relation.AT_MOST
        guarded = tuple(
            (all_of(*(self.comparer.order(each, relation, o) for o in quotients if o is not each)),
             each)
            for each in quotients
        )  # fmt: skip
        return guarded + self._at_one_end(node, quotients)

    def _at_one_end(self, node: Extreme, parts: Sequence[Quotient]) -> Alternatives:
        """Return what each part says alone: the largest is not below it, the smallest not above."""
        if self.is_favourable or any(part.below is not None for part in parts):
            return ()
        forms = (part.above for part in parts)
        return tuple(
            (None, Quotient(replace(form, high=np.full(self.n, np.inf))))
            if node.is_largest
            else (None, Quotient(replace(form, low=np.full(self.n, -np.inf))))
            for form in forms
        )

    def _named_number(self, name: Name) -> Alternatives:
        if is_result(name.id) or name.offset != 0:
            raise NotLinear
        definition = self.scope.definitions.get(name.id)
        if definition is not None and definition.value is not None:
            return self.numbers(definition.value.root)
        rule = getattr(definition, "rule", None)
        if isinstance(rule, Banded):
            return self._banded(rule)
        if isinstance(rule, Cases):
            return self._cases(rule)
        return self._fact(name)

    def _fact(self, name: Name) -> Alternatives:
        """Return a number that is given, or follows from others."""
        facts = self.reach.facts
        directly = moves_directly(facts, name.id)
        found = self.scope.value(name)
        if not isinstance(found, Interval):
            raise NotLinear
        slopes: dict[int, np.ndarray] = {}
        for place, action in enumerate(self.actions):
            for change in action.changes:
                if change.fact == name.id and change.effect is Effect.ADD:
                    slopes[place] = np.where(directly, change.amount, 0.0) + slopes.get(place, 0.0)
        given = Form(found.low, found.high, slopes)
        rule = facts.derivation(name.id)
        if rule is None or bool(directly.all()):
            return _single(Quotient(given))
        follows = self.numbers(rule.root)
        if not directly.any():
            return follows
        other = tuple((_guarded(Known(~directly), guard), each) for guard, each in follows)
        return ((Known(directly), Quotient(given)), *other)

    def _banded(self, rule: Banded) -> Alternatives:
        """Return the values of a definition by bands, each guarded by its band."""
        table, of = band_table(rule.bands), self.numbers(rule.of.root)
        pieces = cells_of(table)
        is_open = any(bool((q.above.low != q.above.high).any()) for _, q in of)
        found = []
        for first in range(len(pieces)):
            for last in range(first, len(pieces) if is_open else first + 1):
                run = pieces[first : last + 1]
                inside = self.within(of, table, run[0][0], run[-1][1])
                values = [value for _, _, value in run]
                found.append((inside, self._between(min(values), max(values))))
        return tuple(found)

    def _cases(self, rule: Cases) -> Alternatives:
        """Return the values of a definition by cases, each guarded by its case.

        Where it is open which case counts, the values of several span an interval.
        """
        cases = complete(rule.cases)
        holds, fails = self.cases(cases)
        values = sorted({case.low for case in cases})
        if self.is_favourable:
            spans = [(value, value) for value in values]
        else:
            spans = [(low, high) for low in values for high in values if low <= high]
        among = possibly_among if self.is_favourable else certainly_among
        return tuple(
            (among(holds, fails, [low <= case.low <= high for case in cases]),
             self._between(low, high))
            for low, high in spans
        )  # fmt: skip

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

    def _between(self, low: float, high: float) -> Quotient:
        return Quotient(Form(np.full(self.n, low), np.full(self.n, high)))

    def within(self, values: Alternatives, table: BandTable, first: int, last: int) -> Formula:
        """Return when a number lies in the cells of a list of bands from one to another."""
        parts = []
        for guard, quotient in values:
            limits = [guard] if guard is not None else []
            if first > 0:
                edge = self._edge(table, (first - 1) // 2)
                relation = Relation.AT_LEAST if first % 2 else Relation.ABOVE
                limits.append(self.comparer.order(quotient, relation, edge))
            if last < 2 * len(table.edges):
                edge = self._edge(table, last // 2)
                relation = Relation.AT_MOST if last % 2 else Relation.BELOW
                limits.append(self.comparer.order(quotient, relation, edge))
            parts.append(all_of(*limits))
        return any_of(*parts) if parts else NEVER

    def _edge(self, table: BandTable, place: int) -> Quotient:
        return self._between(float(table.edges[place]), float(table.edges[place]))

    def _over_years(self, node: Window | Growth) -> Quotient:
        """Return a figure of several years, of which only the latest can change.

        What a unit of an action adds is measured: the rules' own evaluation is asked at no
        amount, half of the most and the most of each action, and of all together.
        """
        inner = self.numbers(node.of)
        if len(inner) != 1 or inner[0][1].below is not None:
            raise NotLinear
        places = sorted(self.reach.node(node))
        base = self._after(node, [])
        linear = inner[0][1].linear.copy()
        slopes = {}
        for place in places:
            slope, is_steady = slope_between(
                base, self._after(node, [place]), self.actions[place].most
            )
            half = self._after(node, [place], share=0.5)
            linear &= is_steady & is_met(base, {place: slope}, half, self.actions, 0.5)
            slopes[place] = slope
        linear &= is_met(base, slopes, self._after(node, places), self.actions, 1.0)
        return Quotient(Form(base.low, base.high, slopes, linear))

    def _after(self, node: Node, places: Sequence[int], *, share: float = 1.0) -> Interval:
        """Return a number after some actions are done to a share of their largest amounts."""
        amounts = np.zeros((self.n, len(self.actions)))
        for place in places:
            can_be_done = ~lowers_unknown(self.reach.facts, self.actions[place])
            amounts[:, place] = np.where(can_be_done, self.actions[place].most * share, 0.0)
        facts = after(self.reach.facts, self.actions, amounts) if places else self.scope.facts
        return number(_expression(node), Scope(facts, self.scope.definitions, self.scope.names))


_JOINED: dict[Operator, Callable[[Quotient, Quotient], Quotient]] = {
    Operator.PLUS: lambda left, right: left + right,
    Operator.MINUS: lambda left, right: left - right,
    Operator.TIMES: lambda left, right: left * right,
    Operator.OVER: lambda left, right: left / right,
}


def _expression(node: Node) -> Expression:
    return Expression("", node)


def _single(quotient: Quotient) -> Alternatives:
    return ((None, quotient),)


def _guarded(formula: Formula, *guards: Formula | None) -> Formula:
    needed = [guard for guard in guards if guard is not None]
    return all_of(*needed, formula) if needed else formula


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
