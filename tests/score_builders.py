"""Packs and facts made by hand, and a slow plain evaluation of them, firm by firm.

The plain evaluation knows every fact as one number, one truth or one word. It runs the
expressions with Python itself and shares no code with the engine but the reader of packs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.building import build
from jicheng.rules.pack.model import (
    Additive,
    Banded,
    Cases,
    Combine,
    Condition,
    Extension,
    Formula,
    Indicator,
    Judged,
    Missing,
    Options,
    Pack,
    Parts,
    Side,
)
from jicheng.rules.pack.tree import compose

HEAD = """
id: t.test
version: "1"
name: {zh: 测试, en: Test}
kind: qualification
jurisdiction: CN
issuer: {text: A, status: verified}
document: {text: B, status: verified}
valid: {from: 2020-01-01, until: null, status: verified}
"""

Firm = Mapping[str, Any]  # fact (with year: ``revenue[-1]``) to number, pair, bool, word or None


def pack_of(text: str) -> Pack:
    """Read a pack whose head is of no interest."""
    return build(compose(HEAD + text, "t.yaml"))


def facts_of(firms: Sequence[Firm], *, year: int = 2025) -> FactTable:
    """Make a table of facts; a pair is an interval, None or absence is unknown."""
    names = dict.fromkeys(name for firm in firms for name in firm)
    numbers: dict[tuple[str, int], Interval] = {}
    conditions: dict[str, Truth] = {}
    choices: dict[str, Choices] = {}
    for name in names:
        told = [firm.get(name) for firm in firms]
        some = next((value for value in told if value is not None), None)
        if isinstance(some, bool):
            conditions[name] = Truth(
                np.array([value is True for value in told]),
                np.array([value is not False for value in told]),
            )
        elif isinstance(some, str):
            words = tuple(sorted({value for value in told if value is not None}))
            codes = [-1 if value is None else words.index(value) for value in told]
            choices[name] = Choices(words, np.array(codes, dtype=np.int32))
        elif some is not None:
            fact, _, offset = name.partition("[")
            numbers[fact, int(offset.rstrip("]") or 0)] = _interval(told)
    return FactTable(
        subjects=pl.Series("subject", [f"f{k}" for k in range(len(firms))], dtype=pl.String),
        year=year,
        numbers=numbers,
        conditions=conditions,
        choices=choices,
    )


def _interval(told: Sequence[Any]) -> Interval:
    pairs = [
        (math.nan, math.nan)
        if value is None
        else value
        if isinstance(value, tuple)
        else (value, value)
        for value in told
    ]
    return Interval(
        np.array([low for low, _ in pairs], dtype=float),
        np.array([high for _, high in pairs], dtype=float),
    )


class PlainEvaluation:
    """One firm, everything known."""

    def __init__(self, pack: Pack, firm: Firm) -> None:
        self.pack = pack
        self.firm = firm
        self.results: dict[str, Any] = {}
        self.low, self.high = self._score()
        self.verdict = self._verdict()

    def run(self, text: str) -> Any:
        """Run an expression with Python; a denominator of 0 gives None."""
        line = re.sub(r"(\w+)\[(-\d+)\]", r"value('\1[\2]')", text)
        line = re.sub(r"\b(group|indicator)\.(\w+)", r"value('\1.\2')", line)
        names = {**self.firm, **self.results}
        for each in self.pack.definitions:
            if isinstance(each.rule, Banded) and re.search(rf"\b{each.id}\b", text):
                value = self.run(each.rule.of.text)
                band = next(b for b in each.rule.bands if _takes(b.side, value, b.bound))
                names[each.id] = band.low
        scope = {name: value for name, value in names.items() if name.isidentifier()}
        tools = {"value": names.__getitem__, "floor": lambda x: math.floor(x + 1e-9),
                 "min": min, "max": max, "count": lambda *all_: sum(map(bool, all_))}  # fmt: skip
        try:
            return eval(line, {"__builtins__": {}}, {**scope, **tools})  # noqa: S307
        except ZeroDivisionError:
            return None

    def _score(self) -> tuple[float, float]:
        points = {each.id: self.points(each) for each in self.pack.indicators}
        for group in self.pack.groups:
            members = [points[each.id] for each in self.pack.indicators if each.group == group.id]
            self.results[f"group.{group.id}"] = _sum(members)
        self.results |= {f"indicator.{name}": ends for name, ends in points.items()}
        self.results["score"] = _sum(list(points.values()))
        return self.results["score"]

    def points(self, indicator: Indicator) -> tuple[float, float]:
        """Return least and most points of an indicator."""
        low, high = self._by_rule(indicator)
        cap = math.inf if indicator.cap is None else indicator.cap
        return min(low, cap), min(high, cap)

    def _by_rule(self, indicator: Indicator) -> tuple[float, float]:
        match indicator.rule:
            case Banded(of=of, bands=bands):
                value = self.run(of.text)
                for band in bands:
                    if value is not None and _takes(band.side, value, band.bound):
                        return band.low, band.high
                return 0.0, 0.0
            case Cases(cases=cases):
                for case in cases:
                    if case.when is None or self.run(case.when.text):
                        return case.low, case.high
                return 0.0, 0.0
            case Judged(levels=levels):
                level = self.firm[f"judged.t.test.{indicator.path[11:].replace('/', '.')}"]
                return next((low, high) for name, low, high in levels if name == level)
            case Formula(of=of):
                value = min(max(self.run(of.text), 0.0), indicator.max)
                return value, value
            case Additive(each=each, cap=cap, of=conditions):
                value = min(cap, each * sum(bool(self.run(one.text)) for one in conditions))
                return value, value
            case Parts(parts=parts):
                return _sum([self.points(part) for part in parts])
            case Options(options=options, combine=combine):
                return self._options(indicator, options, combine)
            case Extension() | Missing():
                return 0.0, indicator.max
        raise AssertionError(indicator.rule)

    def _options(
        self, indicator: Indicator, options: Sequence[Indicator], combine: Combine
    ) -> tuple[float, float]:
        found = {option.id: self.points(option) for option in options}
        chosen = self.firm.get(f"chosen.t.test.{indicator.path[11:].replace('/', '.')}")
        if combine is Combine.CHOOSE and chosen is not None:
            return found[chosen]
        return max(low for low, _ in found.values()), max(high for _, high in found.values())

    def _verdict(self) -> tuple[bool, bool]:
        """Return whether it passes certainly, and possibly (points may be ranges)."""
        gates = all(self.truth(gate) for gate in self.pack.gates)
        direct = any(self.truth(each) for each in self.pack.direct)
        ends = []
        for end in (0, 1):  # all conditions in these tests rise with the points
            told = {k: v[end] for k, v in self.results.items() if isinstance(v, tuple)}
            at_end = PlainEvaluation.__new__(PlainEvaluation)
            at_end.pack, at_end.firm, at_end.results = self.pack, self.firm, told
            ends.append(all(at_end.truth(each) for each in self.pack.conditions))
        if self.pack.direct and not self.pack.conditions:
            ends = [False, False]
        return gates and (ends[0] or direct), gates and (ends[1] or direct)

    def truth(self, condition: Condition) -> bool:
        """Return whether a condition holds."""
        if condition.when is not None:
            return bool(self.run(condition.when.text))
        if condition.any_of:
            return any(map(self.truth, condition.any_of))
        return all(map(self.truth, condition.all_of))


def _takes(side: Side, value: float, bound: float) -> bool:
    match side:
        case Side.AT_LEAST:
            return value >= bound
        case Side.ABOVE:
            return value > bound
        case Side.AT_MOST:
            return value <= bound
        case Side.BELOW:
            return value < bound
    return True


def _sum(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(low for low, _ in points), sum(high for _, high in points)
