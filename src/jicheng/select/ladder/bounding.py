"""A lower bound of what passing costs, for all firms at once, to know whom to solve exactly.

Every gate and every indicator is priced by itself. Where one action helps several of them its
cost is split, so that the prices may be added; indicators are then chosen by dynamic programming
over the points that are lacking. A bound never exceeds the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from jicheng.rules.expression.intervals import Flags, Floats
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
from jicheng.select.ladder.target import Target

__all__ = ["least_costs", "unreachable"]

_ROUNDING = 1e-9
_MOST_POINTS = 240  # lacking points, in steps of the grid, beyond which firms count as equal


def least_costs(target: Target) -> Floats:
    """Return for every firm a cost that no way is below [CNY], shape (n,); inf = none passes."""
    bounder = _Bounder(target)
    whole = [bounder.price(formula) for _, formula in target.gates]
    gates = _largest(whole, target.n)
    direct = [bounder.price(formula) for _, formula in target.direct]
    by_points = bounder.by_points()
    passes = np.minimum(by_points, _smallest(direct, target.n))
    return np.maximum(gates, passes)


def unreachable(target: Target) -> dict[str, Flags]:
    """Return by path which gates and direct passes no amounts of the actions reach."""
    bounder = _Bounder(target)
    prices = {path: bounder.price(each) for path, each in (*target.gates, *target.direct)}
    return {path: np.isinf(price) for path, price in prices.items()}


@dataclass(eq=False)
class _Bounder:
    """Prices formulas for n firms.

    Attributes
    ----------
    target : Target
        What it takes.
    """

    target: Target
    _today: dict[int, Flags] = field(default_factory=dict)
    _prices: dict[tuple[int, bool], Floats] = field(default_factory=dict)

    def by_points(self) -> Floats:
        """Return a bound of gates and pass conditions together."""
        leaves = {name: list(_leaves(self.target.points[name])) for name in self._names()}
        seen = {id(leaf): leaf for group in leaves.values() for leaf in group}
        self._share = self._split(list(seen.values()))
        gates = sum(
            (self.price(formula, shared=True) for _, formula in self.target.gates),
            start=np.zeros(self.target.n),
        )
        return gates + self._conditions(self.target.conditions, leaves)

    def price(self, formula: Formula, *, shared: bool = False) -> Floats:
        """Return a bound of the cost of one formula; with costs split if ``shared``."""
        key = (id(formula), shared)
        if key not in self._prices:
            self._prices[key] = self._priced(formula, shared)
        return self._prices[key]

    def today(self, formula: Formula) -> Flags:
        """Tell where a formula holds without any action."""
        key = id(formula)
        if key not in self._today:
            self._today[key] = self._holds(formula)
        return self._today[key]

    def _names(self) -> set[str]:
        return {name for each in _scored(self.target.conditions) for name, _ in each.terms}

    def _split(self, leaves: Sequence[Points]) -> list[Floats]:
        """Return the share of each action's cost that one of the open elements bears."""
        n_open = np.zeros((len(self.target.actions), self.target.n))
        for _, formula in self.target.gates:
            is_open = ~self.today(formula)
            for action in _helping(formula):
                n_open[action] += is_open
        for leaf in leaves:
            is_open = self._is_open(leaf)
            for action in _helping_points(leaf):
                n_open[action] += is_open
        return list(1.0 / np.maximum(n_open, 1.0))

    def _is_open(self, leaf: Points) -> Flags:
        if isinstance(leaf, Steps):
            return ~self.today(leaf.formulas[-1]) if leaf.formulas else self._never
        if isinstance(leaf, Fixed | Kept):
            return self._never
        return ~self._never

    @property
    def _never(self) -> Flags:
        return np.zeros(self.target.n, dtype=np.bool_)

    def _conditions(self, formula: Formula, leaves: dict[str, list[Points]]) -> Floats:
        """Return a bound of the pass conditions, points included."""
        match formula:
            case All():
                return _largest([self._conditions(p, leaves) for p in formula.parts], self.target.n)
            case Any():
                parts = [self._conditions(part, leaves) for part in formula.parts]
                return _smallest(parts, self.target.n)
            case Scored():
                return self._lacking(formula, leaves)
            case _:
                return self.price(formula, shared=True)

    def _lacking(self, formula: Scored, leaves: dict[str, list[Points]]) -> Floats:
        """Return a bound of the points that are lacking, by dynamic programming."""
        parts = [(leaf, weight) for name, weight in formula.terms for leaf in leaves[name]]
        today = sum((weight * self._points(leaf) for leaf, weight in parts), start=0.0)
        options = [self._options(leaf, weight) for leaf, weight in parts]
        step = _step(options)
        lacks = (formula.bound - np.broadcast_to(today, (self.target.n,))) / step
        if formula.is_strict:
            needed = np.floor(lacks + _ROUNDING) + 1.0
        else:
            needed = np.ceil(lacks - _ROUNDING)
        needed = np.clip(needed, 0, _MOST_POINTS).astype(np.int64)
        return _cheapest_sum(needed, [_stepped(each, step) for each in options if each])

    def _points(self, leaf: Points) -> Floats:
        """Return the points of today."""
        match leaf:
            case Fixed():
                return leaf.points
            case Kept():
                return np.maximum(leaf.today, leaf.least)
            case Steps():
                found = np.full(self.target.n, leaf.levels[0])
                for level, formula in zip(leaf.levels[1:], leaf.formulas, strict=True):
                    found = np.where(self.today(formula), level, found)
                return found
            case Counted():
                true = sum((self.today(p).astype(float) for p in leaf.parts), start=0.0)
                return np.minimum(leaf.cap, leaf.each * np.broadcast_to(true, (self.target.n,)))
            case Sum():
                return sum((self._points(p) for p in leaf.parts), start=np.zeros(self.target.n))
            case Best():
                points = [self._points(part) for part in leaf.parts]
                best: Floats = np.where(leaf.allowed, points, -np.inf).max(axis=0)
                return best

    def _options(self, leaf: Points, weight: float) -> list[tuple[Floats, Floats]]:
        """Return what more points a leaf can give, and a bound of what they cost."""
        today = self._points(leaf)
        return [(weight * (gain - today), price) for gain, price in self._levels(leaf)]

    def _levels(self, leaf: Points) -> Iterator[tuple[Floats, Floats]]:
        """Yield points and what they cost at least."""
        n = self.target.n
        match leaf:
            case Steps():
                for level, formula in zip(leaf.levels[1:], leaf.formulas, strict=True):
                    yield np.full(n, level), self.price(formula, shared=True)
            case Counted():
                prices = np.sort([self.price(p, shared=True) for p in leaf.parts], axis=0)
                for place, price in enumerate(prices):
                    yield np.full(n, min(leaf.cap, leaf.each * (place + 1))), price
            case Best():
                for part, allowed in zip(leaf.parts, leaf.allowed, strict=True):
                    for points, price in self._levels(part):
                        yield points, np.where(allowed, price, np.inf)
            case Sum():  # inside a choice: all its parts at the price of none
                yield _most(leaf, n), np.zeros(n)
            case _:
                return

    def _priced(self, formula: Formula, shared: bool) -> Floats:
        n = self.target.n
        match formula:
            case Known():
                return np.where(formula.flags, 0.0, np.inf)
            case Used():
                return self._cost_of_use(formula, shared)
            case Threshold():
                return self._cost_of_threshold(formula, shared)
            case All():
                return _largest([self.price(part, shared=shared) for part in formula.parts], n)
            case Any():
                return _smallest([self.price(part, shared=shared) for part in formula.parts], n)
            case AtLeast():
                prices = np.sort([self.price(p, shared=shared) for p in formula.parts], axis=0)
                result: Floats = prices[formula.count - 1]
                return result
            case Scored():
                return np.zeros(n)

    def _cost_of_use(self, formula: Used, shared: bool) -> Floats:
        if not formula.is_used:
            return np.zeros(self.target.n)
        action = self.target.actions[formula.action]
        cost = action.start_cost + (action.unit_cost if action.is_whole else 0.0)
        return cost * self._share_of(formula.action, shared)

    def _cost_of_threshold(self, formula: Threshold, shared: bool) -> Floats:
        """Return the larger of two bounds of what helping actions cost together.

        Whatever mixture is done costs at least the gap at the best price, and where units are
        whole at least as many of the cheapest units as the most helpful would take.
        """
        gap, n = -formula.base, self.target.n
        helping = [(a, slope) for a, slope in formula.slopes if bool((slope > 0).any())]
        at_price, unit, first = (np.full(n, np.inf) for _ in range(3))
        steepest, reach = np.zeros(n), np.zeros(n)
        for place, slope in helping:
            action, share = self.target.actions[place], self._share_of(place, shared)
            rises = slope > 0
            with np.errstate(divide="ignore", invalid="ignore"):
                amount = np.where(rises, gap / slope, np.inf)
            cost = (action.start_cost + action.unit_cost * amount) * share
            at_price = np.where(rises, np.minimum(at_price, cost), at_price)
            unit = np.where(rises, np.minimum(unit, action.unit_cost * share), unit)
            once = (action.start_cost + action.unit_cost) * share
            first = np.where(rises, np.minimum(first, once), first)
            steepest = np.maximum(steepest, slope)
            reach = reach + np.maximum(slope, 0.0) * action.most
        if helping and all(self.target.actions[place].is_whole for place, _ in helping):
            with np.errstate(divide="ignore", invalid="ignore"):
                units = np.ceil(gap / steepest * (1.0 - _ROUNDING) - _ROUNDING)
                at_price = np.fmax(at_price, first + unit * np.maximum(units - 1.0, 0.0))
        found = np.where(gap > reach + _ROUNDING * np.abs(gap), np.inf, at_price)
        return np.where(gap <= 0, 0.0, found)

    def _share_of(self, action: int, shared: bool) -> Floats:
        return self._share[action] if shared else np.ones(self.target.n)

    def _holds(self, formula: Formula) -> Flags:
        match formula:
            case Known():
                return formula.flags
            case Used():
                return self._never if formula.is_used else ~self._never
            case Threshold():
                return formula.base > 0 if formula.is_strict else formula.base >= 0
            case All():
                result: Flags = np.logical_and.reduce(
                    [~self._never, *map(self.today, formula.parts)]
                )
                return result
            case Any():
                some: Flags = np.logical_or.reduce([self._never, *map(self.today, formula.parts)])
                return some
            case AtLeast():
                true = np.sum([self.today(part) for part in formula.parts], axis=0)
                enough: Flags = true >= formula.count
                return enough
            case Scored():
                return self._never


def _leaves(points: Points) -> Iterator[Points]:
    """Yield what is added up; caps of sums are left out, which only makes bounds lower."""
    if isinstance(points, Sum):
        for part in points.parts:
            yield from _leaves(part)
    else:
        yield points


def _scored(formula: Formula) -> Iterator[Scored]:
    if isinstance(formula, Scored):
        yield formula
    elif isinstance(formula, All | Any | AtLeast):
        for part in formula.parts:
            yield from _scored(part)


def _helping(formula: Formula) -> frozenset[int]:
    """Return the actions that can help a formula."""
    match formula:
        case Threshold():
            return frozenset(a for a, slope in formula.slopes if bool((slope > 0).any()))
        case Used():
            return frozenset((formula.action,)) if formula.is_used else frozenset()
        case All() | Any() | AtLeast():
            return frozenset[int]().union(*map(_helping, formula.parts))
        case Known() | Scored():
            return frozenset()


def _helping_points(points: Points) -> frozenset[int]:
    match points:
        case Steps():
            return frozenset[int]().union(*map(_helping, points.formulas))
        case Counted():
            return frozenset[int]().union(*map(_helping, points.parts))
        case Sum() | Best():
            return frozenset[int]().union(*map(_helping_points, points.parts))
        case Fixed() | Kept():
            return frozenset()


def _most(points: Points, n: int) -> Floats:
    """Return the most points there can be."""
    match points:
        case Fixed():
            return points.points
        case Steps():
            return np.full(n, points.levels[-1])
        case Counted():
            return np.full(n, points.cap)
        case Kept():
            return np.maximum(points.today, points.least)
        case Sum():
            return sum((_most(part, n) for part in points.parts), start=np.zeros(n))
        case Best():
            result: Floats = np.max([_most(part, n) for part in points.parts], axis=0)
            return result


def _step(options: Sequence[Sequence[tuple[Floats, Floats]]]) -> float:
    """Return the step of the grid of points: 1 where all gains are whole."""
    gains = [gain for leaf in options for gain, _ in leaf]
    whole = all(bool((np.abs(gain - np.rint(gain)) < _ROUNDING).all()) for gain in gains)
    return 1.0 if whole else 0.5


def _stepped(
    options: Sequence[tuple[Floats, Floats]], step: float
) -> list[tuple[np.ndarray, Floats]]:
    """Return gains in steps, rounded up so that a bound stays one."""
    return [
        (np.clip(np.ceil(gain / step - _ROUNDING), 0, _MOST_POINTS).astype(np.int64), price)
        for gain, price in options
    ]


def _cheapest_sum(needed: np.ndarray, leaves: Sequence[list[tuple[np.ndarray, Floats]]]) -> Floats:
    """Return the least sum of prices that gains what is needed, one option of a leaf at most."""
    found = np.zeros(len(needed))
    lacking = np.flatnonzero(needed > 0)
    for places in np.array_split(lacking, max(1, len(lacking) // 4096)):
        if len(places):
            found[places] = _cheapest_of(needed[places], leaves, places)
    return found


def _cheapest_of(
    needed: np.ndarray, leaves: Sequence[list[tuple[np.ndarray, Floats]]], places: np.ndarray
) -> Floats:
    width = int(needed.max()) + 1
    row = np.arange(len(needed))[:, None]
    levels = np.arange(width)[None, :]
    cost = np.full((len(needed), width), np.inf)
    cost[:, 0] = 0.0
    for options in leaves:
        before, after = cost, cost.copy()
        for gains, prices in options:
            gain, price = gains[places], prices[places]
            if not (np.isfinite(price) & (gain > 0)).any():
                continue
            reached = before[row, np.maximum(levels - gain[:, None], 0)]
            np.minimum(after, reached + price[:, None], out=after)
        cost = after
    result: Floats = cost[np.arange(len(needed)), needed]
    return result


def _largest(prices: Sequence[Floats], n: int) -> Floats:
    return np.max(prices, axis=0) if len(prices) else np.zeros(n)


def _smallest(prices: Sequence[Floats], n: int) -> Floats:
    return np.min(prices, axis=0) if len(prices) else np.full(n, np.inf)
