"""The cheapest amounts with which one firm passes, as an integer program.

A column for the amount of every action and one for whether it is done; for every part of the
formula that is open a column that may be 1 only if the part holds. The program asks at most
what the formula asks: rows may be missed by what a solver tolerates, so an answer must be
checked, and what the program bounds is a bound for the truth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from jicheng.kernel.program import MixedIntegerProgram
from jicheng.select.ladder.formula import (
    All,
    Any,
    AtLeast,
    Best,
    Counted,
    Fixed,
    Formula,
    Kept,
    Known,
    Points,
    Scored,
    Steps,
    Sum,
    Threshold,
    Used,
)  # fmt: skip
from jicheng.select.ladder.settings import Action
from jicheng.select.ladder.target import Target

__all__ = ["Box", "FirmProgram"]

MARGIN = 3e-6  # of a row's span: more than solvers miss a row by

Literal: TypeAlias = bool | int
"""A part of a formula: known, or a column that may be 1 only if it holds."""


@dataclass(frozen=True, slots=True)
class Box:
    """Bounds of the amounts: shape (A,) each."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]

    @classmethod
    def of(cls, actions: Sequence[Action]) -> Box:
        """Return the box of everything that can be done."""
        return cls((0.0,) * len(actions), tuple(action.most for action in actions))

    def split(self, place: int, amount: float) -> tuple[Box, Box, Box]:
        """Return the boxes with less, exactly and more of an action than a whole amount."""
        return (
            self._with(place, self.lower[place], amount - 1),
            self._with(place, amount, amount),
            self._with(place, amount + 1, self.upper[place]),
        )

    @property
    def is_empty(self) -> bool:
        """Whether no amounts are in it."""
        return any(a > b for a, b in zip(self.lower, self.upper, strict=True))

    def _with(self, place: int, lower: float, upper: float) -> Box:
        lowers, uppers = list(self.lower), list(self.upper)
        lowers[place], uppers[place] = lower, upper
        return Box(tuple(lowers), tuple(uppers))


@dataclass
class FirmProgram:
    """Collects columns and rows for one firm.

    Attributes
    ----------
    target : Target
        What is asked.
    firm : int
        Its place.
    box : Box
        Within which amounts are looked for.
    """

    target: Target
    firm: int
    box: Box
    _rows: list[tuple[dict[int, float], float]] = field(default_factory=list, repr=False)
    _upper: list[float] = field(default_factory=list, repr=False)
    _cost: list[float] = field(default_factory=list, repr=False)
    _is_whole: list[bool] = field(default_factory=list, repr=False)
    _known: dict[int, Literal] = field(default_factory=dict, repr=False)
    _numbers: list[float] = field(default_factory=list, repr=False)
    _is_possible: bool = True

    def __post_init__(self) -> None:
        actions = self.target.actions
        self.scale = max([1.0, *(a.unit_cost + a.start_cost for a in actions)])
        for action, upper in zip(actions, self.box.upper, strict=True):
            self._column(upper, action.unit_cost / self.scale, is_whole=action.is_whole)
        self.used = [self._column(1.0, action.start_cost / self.scale) for action in actions]
        for place, used in enumerate(self.used):
            self._row({used: max(self.box.upper[place], 1e-9), place: -1.0}, 0.0)

    def build(self, *, without: Sequence[frozenset[int]] = ()) -> MixedIntegerProgram | None:
        """Return the program; None if it is plain that nothing passes.

        Parameters
        ----------
        without : sequence of set of int
            Sets of actions of which at least one must be left alone.
        """
        self._require(self.target.formula)
        for first, second in self.target.exclusive:
            self._row({self.used[first]: -1.0, self.used[second]: -1.0}, -1.0)
        for actions in without:
            self._row({self.used[a]: -1.0 for a in actions}, 1.0 - len(actions))
        return self._built() if self._is_possible else None

    def _built(self) -> MixedIntegerProgram:
        lower = np.zeros(len(self._upper))
        lower[: len(self.box.lower)] = self.box.lower
        terms = [terms for terms, _ in self._rows]
        return MixedIntegerProgram(
            cost=np.array(self._cost),
            lower=lower,
            upper=np.array(self._upper),
            integral=np.array(self._is_whole),
            row_start=np.cumsum([0, *map(len, terms)], dtype=np.int32),
            entry_column=np.fromiter((c for row in terms for c in row), np.int32),
            entry_value=np.fromiter((v for row in terms for v in row.values()), np.float64),
            row_lower=np.array([bound for _, bound in self._rows]),
            row_upper=np.full(len(self._rows), np.inf),
        )

    def _column(self, upper: float, cost: float = 0.0, *, is_whole: bool = True) -> int:
        self._upper.append(upper)
        self._cost.append(cost)
        self._is_whole.append(is_whole)
        return len(self._upper) - 1

    def _row(self, terms: dict[int, float], at_least: float) -> None:
        self._rows.append((terms, at_least))

    def _require(self, formula: Formula) -> None:
        """Let a formula hold."""
        match formula:
            case All():
                for part in formula.parts:
                    self._require(part)
            case _:
                literal = self._literal(formula)
                if literal is False:
                    self._is_possible = False
                elif literal is not True:
                    self._row({literal: 1.0}, 1.0)

    def _literal(self, formula: Formula) -> Literal:
        """Return a column that can be 1 only if a formula holds, or whether it does anyway."""
        known = self._known.get(id(formula))
        if known is None:
            known = self._known[id(formula)] = self._found(formula)
        return known

    def _found(self, formula: Formula) -> Literal:
        match formula:
            case Known():
                return bool(formula.flags[self.firm])
            case Used():
                return self._usage(formula)
            case Threshold():
                return self._threshold(formula)
            case All():
                return self._all([self._literal(part) for part in formula.parts])
            case Any():
                return self._at_least(1, [self._literal(part) for part in formula.parts])
            case AtLeast():
                parts = [self._literal(part) for part in formula.parts]
                return self._at_least(formula.count, parts)
            case Scored():
                return self._scored(formula)

    def _usage(self, formula: Used) -> Literal:
        place = formula.action
        if self.box.upper[place] <= 0:
            return not formula.is_used
        if formula.is_used:
            column = self._column(1.0)
            # done means at least one unit, where units are whole
            least = 1.0 if self.target.actions[place].is_whole else 0.0
            self._row({column: -1.0, self.used[place]: 1.0}, 0.0)
            if least:
                self._row({column: -least, place: 1.0}, 0.0)
            return column
        if self.box.lower[place] > 0:
            return False
        column = self._column(1.0)
        self._row({column: -1.0, self.used[place]: -1.0}, -1.0)
        return column

    def _threshold(self, formula: Threshold) -> Literal:
        """Return a column that can be 1 only if a number is at least 0."""
        base = float(formula.base[self.firm])
        if not np.isfinite(base):
            return base > 0
        slopes = {a: float(s[self.firm]) for a, s in formula.slopes if s[self.firm] != 0}
        ends = {a: (s * self.box.lower[a], s * self.box.upper[a]) for a, s in slopes.items()}
        least = base + sum(min(pair) for pair in ends.values())
        most = base + sum(max(pair) for pair in ends.values())
        if least > 0 or (least == 0 and not formula.is_strict):
            return True
        if most < 0 or (most == 0 and formula.is_strict):
            return False
        column = self._column(1.0)
        size = max(map(abs, slopes.values()))
        has_parts = any(not self.target.actions[a].is_whole for a in slopes)
        margin = MARGIN * (1.0 + (most - least) / size) if has_parts else 0.0
        terms = {a: slope / size for a, slope in slopes.items()}
        # at 1 the number is at least 0, at 0 at least the least that it can be
        self._row(terms | {column: (least - margin * size) / size}, (least - base) / size)
        return column

    def _all(self, parts: Sequence[Literal]) -> Literal:
        if any(part is False for part in parts):
            return False
        columns = [part for part in parts if part is not True]
        if not columns:
            return True
        if len(columns) == 1:
            return columns[0]
        column = self._column(1.0)
        for part in columns:
            self._row({part: 1.0, column: -1.0}, 0.0)
        return column

    def _at_least(self, count: int, parts: Sequence[Literal]) -> Literal:
        count -= sum(part is True for part in parts)
        columns = [part for part in parts if part is not True and part is not False]
        if count <= 0:
            return True
        if count > len(columns):
            return False
        if len(columns) == 1:
            return columns[0]
        column = self._column(1.0)
        terms = {column: -float(count)}
        for part in columns:
            terms[part] = terms.get(part, 0.0) + 1.0
        self._row(terms, 0.0)
        return column

    def _scored(self, formula: Scored) -> Literal:
        """Return a column that can be 1 only if points reach a bound."""
        base, terms = 0.0, dict[int, float]()
        self._numbers = []
        for name, weight in formula.terms:
            fixed, columns = self._points(self.target.points[name])
            base += weight * fixed
            for column, points in columns.items():
                terms[column] = terms.get(column, 0.0) + weight * points
            self._numbers = [weight * number for number in self._numbers]
        lacks = formula.bound - base
        if lacks < 0 or (lacks == 0 and not formula.is_strict):
            return True
        lacks = _on_grid(lacks, self._numbers, is_strict=formula.is_strict)
        if sum(points * self._upper[c] for c, points in terms.items() if points > 0) < lacks:
            return False
        column = self._column(1.0)
        self._row({**terms, column: -lacks}, 0.0)
        return column

    def _points(self, points: Points) -> tuple[float, dict[int, float]]:
        """Return points as a constant and what each column adds at most."""
        match points:
            case Fixed():
                return float(points.points[self.firm]), {}
            case Steps():
                self._numbers += points.levels
                return self._steps(points)
            case Counted():
                parts = [self._literal(part) for part in points.parts]
                self._numbers += [points.each, points.cap]
                return self._cut(self._sum_of(parts, points.each), points.cap)
            case Sum():
                return self._cut(self._added(points.parts), points.cap)
            case Best():
                return self._best(points)
            case Kept():
                return self._kept(points)

    def _steps(self, points: Steps) -> tuple[float, dict[int, float]]:
        base, terms, below = points.levels[0], dict[int, float](), points.levels[0]
        pairs = [
            (level, self._literal(formula))
            for level, formula in zip(points.levels[1:], points.formulas, strict=True)
        ]
        certain = [place for place, (_, literal) in enumerate(pairs) if literal is True]
        start = certain[-1] + 1 if certain else 0
        if certain:
            base = below = pairs[certain[-1]][0]
        for level, literal in pairs[start:]:
            if literal is not False and literal is not True:
                # the steps up to here count together: a level says all that is below it
                terms[literal] = terms.get(literal, 0.0) + level - below
                below = level
        return base, self._stacked(terms)

    def _stacked(self, terms: dict[int, float]) -> dict[int, float]:
        """Let a higher step count only where the lower ones do: what it is worth is the sum."""
        columns = list(terms)
        found: dict[int, float] = {}
        before: int | None = None
        for literal in columns:
            column = self._column(1.0)
            self._row({literal: 1.0, column: -1.0}, 0.0)
            if before is not None:
                self._row({before: 1.0, column: -1.0}, 0.0)
            found[column] = terms[literal]
            before = column
        return found

    def _sum_of(self, parts: Sequence[Literal], each: float) -> tuple[float, dict[int, float]]:
        base = each * sum(part is True for part in parts)
        terms: dict[int, float] = {}
        for part in parts:
            if part is not True and part is not False:
                terms[part] = terms.get(part, 0.0) + each
        return base, terms

    def _added(self, parts: Sequence[Points]) -> tuple[float, dict[int, float]]:
        base, terms = 0.0, dict[int, float]()
        for part in parts:
            fixed, columns = self._points(part)
            base += fixed
            for column, points in columns.items():
                terms[column] = terms.get(column, 0.0) + points
        return base, terms

    def _cut(
        self, found: tuple[float, dict[int, float]], cap: float | None
    ) -> tuple[float, dict[int, float]]:
        """Return points cut off at a cap."""
        base, terms = found
        if cap is None or not terms:
            return (base if cap is None else min(base, cap)), terms
        most = base + sum(points * self._upper[c] for c, points in terms.items())
        if most <= cap:
            return found
        if base >= cap:
            return cap, {}
        self._numbers += [cap, base]
        column = self._column(cap - base, is_whole=False)
        self._row({**terms, column: -1.0}, 0.0)
        return base, {column: 1.0}

    def _best(self, points: Best) -> tuple[float, dict[int, float]]:
        """Return the largest of some points: a column takes the part that is picked."""
        found = [
            self._points(part)
            for part, allowed in zip(points.parts, points.allowed, strict=True)
            if allowed[self.firm]
        ]
        if len(found) == 1:
            return found[0]
        base = max(fixed for fixed, _ in found)
        tops = [fixed + sum(p * self._upper[c] for c, p in terms.items()) for fixed, terms in found]
        most = max(tops)
        if most <= base:
            return base, {}
        self._numbers += [base, *(fixed for fixed, _ in found)]
        column = self._column(most - base, is_whole=False)
        picks = []
        for (fixed, terms), top in zip(found, tops, strict=True):
            if top <= base:
                continue
            picks.append(self._column(1.0))
            # the column is at most the option that is picked; others leave it room
            room = most - fixed
            self._row({**terms, column: -1.0, picks[-1]: -room}, base - fixed - room)
        # nothing picked: nothing above the base
        self._row({**dict.fromkeys(picks, most - base), column: -1.0}, 0.0)
        self._row(dict.fromkeys(picks, -1.0), -1.0)
        return base, {column: 1.0}

    def _kept(self, points: Kept) -> tuple[float, dict[int, float]]:
        today = float(points.today[self.firm])
        self._numbers += [today, points.least]
        parts = [self._literal(Used(action, is_used=False)) for action in points.actions]
        literal = self._all(parts)
        if literal is True or today <= points.least:
            return today, {}
        return (points.least, {}) if literal is False else (
            points.least, {literal: today - points.least},
        )  # fmt: skip


def _on_grid(lacks: float, numbers: Sequence[float], *, is_strict: bool) -> float:
    """Return what points must add up to, a little less than the next sum that is enough.

    Solvers miss a row by more than the difference between "more than" and "at least"; where
    all points lie on a grid, what is enough is a whole step away from what is not.
    """
    for step in _GRIDS:
        if all(abs(number / step - round(number / step)) < 1e-7 for number in numbers):
            steps = lacks / step
            # what lacks carries the rules' own tolerance, which is no step
            whole = math.floor(steps + 1e-6) + 1 if is_strict else math.ceil(steps - 1e-6)
            return (whole - 1e-2) * step
    return lacks


_GRIDS = (1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01)
