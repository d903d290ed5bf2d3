"""Numbers of a pack as quotients of linear forms in the amounts of actions.

What depends on no action is evaluated as it stands, by the rules' own evaluation. Where cases
differ a number is a list of quotients, each with a guard that says when it is the one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

import numpy as np

from jicheng.rules.expression.evaluation import Scope, number
from jicheng.rules.expression.intervals import Interval
from jicheng.rules.expression.nodes import (
    Arithmetic,
    Extreme,
    Growth,
    Name,
    Negative,
    Node,
    Operator,
    OverPositive,
    Relation,
    Window,
)
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.pack.model import Banded, Case, Cases
from jicheng.rules.score.bands import BandTable, band_table
from jicheng.select.ladder.casing import cells_of, certainly_among, complete, possibly_among
from jicheng.select.ladder.changing import after, lowers_unknown, moves_directly
from jicheng.select.ladder.comparing import Comparer
from jicheng.select.ladder.forms import Form, NotLinear, Quotient
from jicheng.select.ladder.formula import NEVER, Formula, Known, all_of, any_of
from jicheng.select.ladder.reach import Reach, is_result
from jicheng.select.ladder.settings import Action, Effect
from jicheng.select.ladder.slopes import is_met, slope_between

__all__ = ["Alternatives", "Numbers", "expression_of", "guarded"]

Alternatives: TypeAlias = tuple[tuple[Formula | None, Quotient], ...]
"""What a number can be: a quotient for every case, with the formula that the case holds."""

Parts: TypeAlias = list[Formula | None]

_MOST_CASES = 24


@dataclass
class Numbers:
    """Turns numbers of one pack into quotients.

    Attributes
    ----------
    scope : Scope
        Where names are looked up, today's results included.
    actions : sequence of Action
        What can be done.
    reach : Reach
        Which action reaches what.
    comparer : Comparer
        Compares quotients, and knows whether unknown facts count at their best or worst end.
    cases : callable
        Returns when each of some cases holds and when it does not; None = it always holds.
    """

    scope: Scope
    actions: Sequence[Action]
    reach: Reach
    comparer: Comparer
    cases: Callable[[Sequence[Case]], tuple[Parts, Parts]]

    @property
    def n(self) -> int:
        """Number of firms."""
        return self.scope.facts.n

    @property
    def is_favourable(self) -> bool:
        """Whether unknown facts count at their best end instead of their worst."""
        return self.comparer.is_favourable

    def of(self, node: Node) -> Alternatives:
        """Return what a number can be.

        Raises
        ------
        NotLinear
            If it is not linear in the amounts, nor a quotient of two that are.
        """
        if not self.reach.node(node):
            return _single(Quotient(Form.of(number(expression_of(node), self.scope))))
        match node:
            case Name():
                return self._named_number(node)
            case Negative():
                return tuple((guard, -quotient) for guard, quotient in self.of(node.of))
            case Arithmetic():
                return self._joined(node)
            case Window() | Growth():
                return _single(self._over_years(node))
            case Extreme():
                return self._extreme(node)
            case OverPositive():
                return self._over_positive(node)
        raise NotLinear

    def _joined(self, node: Arithmetic) -> Alternatives:
        left, right = node.left, node.right
        if isinstance(left, Arithmetic) and isinstance(right, Arithmetic) and (
            left.operator is right.operator is Operator.OVER and left.right == right.right
            and node.operator in {Operator.PLUS, Operator.MINUS}
        ):  # fmt: skip
            above = Arithmetic(node.operator, left.left, right.left)
            return self.of(Arithmetic(Operator.OVER, above, left.right))
        found: list[tuple[Formula | None, Quotient]] = []
        for (guard, first), (other, second) in product(self.of(left), self.of(right)):
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

    def _over_positive(self, node: OverPositive) -> Alternatives:
        """Return quotients guarded by their denominators being positive, else anything."""
        zero, anything = self._between(0.0, 0.0), self._between(-np.inf, np.inf)
        found: list[tuple[Formula | None, Quotient]] = []
        for (guard, above), (other, below) in product(self.of(node.left), self.of(node.right)):
            guards = [each for each in (guard, other) if each is not None]
            some = self.comparer.order(below, Relation.ABOVE, zero)
            found.append((all_of(*guards, some), above / below))
            if self.is_favourable:
                none = self.comparer.order(below, Relation.AT_MOST, zero)
                found.append((all_of(*guards, none), anything))
        if len(found) > _MOST_CASES:
            raise NotLinear
        return tuple(found)

    def _extreme(self, node: Extreme) -> Alternatives:
        """Return each part, guarded by being the extreme one."""
        parts = [self.of(part) for part in node.parts]
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
            return self.of(definition.value.root)
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
        follows = self.of(rule.root)
        if not directly.any():
            return follows
        other = tuple((guarded(Known(~directly), guard), each) for guard, each in follows)
        return ((Known(directly), Quotient(given)), *other)

    def _banded(self, rule: Banded) -> Alternatives:
        """Return the values of a definition by bands, each guarded by its band."""
        table, of = band_table(rule.bands), self.of(rule.of.root)
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
        inner = self.of(node.of)
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
        return number(expression_of(node), Scope(facts, self.scope.definitions, self.scope.names))


_JOINED: dict[Operator, Callable[[Quotient, Quotient], Quotient]] = {
    Operator.PLUS: lambda left, right: left + right,
    Operator.MINUS: lambda left, right: left - right,
    Operator.TIMES: lambda left, right: left * right,
    Operator.OVER: lambda left, right: left / right,
}


def expression_of(node: Node) -> Expression:
    """Return a node as an expression that nobody wrote."""
    return Expression("", node)


def _single(quotient: Quotient) -> Alternatives:
    return ((None, quotient),)


def guarded(formula: Formula, *guards: Formula | None) -> Formula:
    """Return that a formula and those of some guards that there are hold."""
    needed = [guard for guard in guards if guard is not None]
    return all_of(*needed, formula) if needed else formula
