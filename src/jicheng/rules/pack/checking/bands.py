"""Bands and cases: every value belongs to one, and each can be reached.

Bands are half-lines. What earlier ones cover is always a lower part up to some cut and an upper
part from some cut, so that two numbers tell whether a band adds anything. A cut is a bound and
whether it lies just below (0) or just above (1) it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from jicheng.errors import Fault, Text, Where, fault
from jicheng.rules.expression.nodes import And, Comparison, Literal, Node, Relation
from jicheng.rules.pack.model import Band, Banded, Case, Cases, Pack, Side

__all__ = ["band_faults", "ladders"]

Cut: TypeAlias = tuple[float, int]

_FIRST: Cut = (-math.inf, 0)
_LAST: Cut = (math.inf, 1)
_SIGNS = {Side.AT_LEAST: ">=", Side.ABOVE: ">", Side.AT_MOST: "<=", Side.BELOW: "<"}
_OTHERWISE = Text("其他情况", "otherwise")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Numbers between two cuts."""

    start: Cut
    end: Cut
    name: Text
    line: int


@dataclass(slots=True)
class _Covered:
    """What earlier bands cover: a lower part up to ``low``, an upper part from ``high``."""

    low: Cut = _FIRST
    high: Cut = _LAST
    stretches: list[_Stretch] = field(default_factory=list)

    def add(self, stretch: _Stretch) -> None:
        self.stretches.append(stretch)
        if stretch.start == _FIRST:
            self.low = max(self.low, stretch.end)
        if stretch.end == _LAST:
            self.high = min(self.high, stretch.start)

    def hides(self, stretch: _Stretch) -> bool:
        """Tell whether every number of a stretch is covered."""
        start = max(stretch.start, self.low)
        return start >= min(stretch.end, self.high)

    def first_over(self, stretch: _Stretch) -> _Stretch:
        """Return the earliest stretch that has numbers in common with one."""
        return next(
            one
            for one in self.stretches
            if max(one.start, stretch.start) < min(one.end, stretch.end)
        )


def ladders(pack: Pack) -> Iterator[tuple[str, str, Banded | Cases]]:
    """Yield path, file and rule of everything that gives a value by bands or cases."""
    for element in pack.elements():
        rule = getattr(element, "rule", None)
        if isinstance(rule, Banded | Cases):
            yield element.path, element.file, rule


def band_faults(pack: Pack) -> Iterator[Fault]:
    """Find bands and cases that can never count, overlap, or leave values out.

    Yields
    ------
    Fault
        E933 unreachable (also: out of order), E934 two directions that overlap, E935 a gap.
    """
    for path, file, rule in ladders(pack):
        if isinstance(rule, Banded):
            yield from _bands(rule, path, file)
        else:
            yield from _cases(rule, path, file)


def _bands(rule: Banded, path: str, file: str) -> Iterator[Fault]:
    covered = _Covered()
    for place, band in enumerate(rule.bands):
        where = Where(table=file, row=band.line, column=f"{path}/bands/{place}")
        stretch = _stretch(band)
        if covered.hides(stretch):
            yield _unreachable(where, stretch, covered.first_over(stretch))
        elif (other := _crossing(covered, stretch)) is not None and band.side != Side.OTHERWISE:
            yield fault("E934", where=where, band=stretch.name, other=other.name, line=other.line)
        covered.add(stretch)
    if covered.low < covered.high:
        last = rule.bands[-1]
        where = Where(table=file, row=last.line, column=f"{path}/bands/{len(rule.bands) - 1}")
        yield fault("E935", where=where, gap=_gap(covered.low, covered.high))


def _stretch(band: Band) -> _Stretch:
    if band.side is Side.OTHERWISE:
        return _Stretch(_FIRST, _LAST, _OTHERWISE, band.line)
    name = Text(*[f"{_SIGNS[band.side]} {band.bound:g}"] * 2)
    cut = (band.bound, int(band.side in (Side.ABOVE, Side.AT_MOST)))
    if band.side in (Side.AT_LEAST, Side.ABOVE):
        return _Stretch(cut, _LAST, name, band.line)
    return _Stretch(_FIRST, cut, name, band.line)


def _crossing(covered: _Covered, stretch: _Stretch) -> _Stretch | None:
    """Return an earlier band of the other direction that shares numbers with this one."""
    for one in covered.stretches:
        shares = max(one.start, stretch.start) < min(one.end, stretch.end)
        if shares and (one.start == _FIRST) != (stretch.start == _FIRST):
            return one
    return None


def _gap(low: Cut, high: Cut) -> Text:
    start = "" if low == _FIRST else f"{'>' if low[1] else '>='} {low[0]:g}"
    end = "" if high == _LAST else f"{'<=' if high[1] else '<'} {high[0]:g}"
    return Text("、".join(filter(None, (start, end))), " and ".join(filter(None, (start, end))))


def _unreachable(where: Where, stretch: _Stretch, earlier: _Stretch) -> Fault:
    return fault("E933", where=where, band=stretch.name, earlier=earlier.name, line=earlier.line)


def _cases(rule: Cases, path: str, file: str) -> Iterator[Fault]:
    covered: dict[Node, _Covered] = {}
    seen: list[Case] = []
    for place, case in enumerate(rule.cases):
        where = Where(table=file, row=case.line, column=f"{path}/cases/{place}")
        earlier = _shadowing(case, seen, covered)
        if earlier is not None:
            yield _unreachable(where, _Stretch(_FIRST, _LAST, _case_name(case), case.line), earlier)
        seen.append(case)
        for of, stretch in _simple(case, whole=True):
            covered.setdefault(of, _Covered()).add(stretch)
    last = rule.cases[-1]
    if all(case.when is not None for case in rule.cases):
        where = Where(table=file, row=last.line, column=f"{path}/cases/{len(rule.cases) - 1}")
        gap = Text("条件都不满足的情况", "whatever meets none of the conditions")
        yield fault("E935", where=where, gap=gap)


def _case_name(case: Case) -> Text:
    return _OTHERWISE if case.when is None else Text(case.when.text, case.when.text)


def _shadowing(case: Case, seen: list[Case], covered: dict[Node, _Covered]) -> _Stretch | None:
    """Return what makes a case superfluous: otherwise, the same again, or wider conditions."""
    for one in seen:
        is_same = case.when is not None and one.when is not None and one.when.root == case.when.root
        if one.when is None or is_same:
            return _Stretch(_FIRST, _LAST, _case_name(one), one.line)
    for of, stretch in _simple(case, whole=False):
        if of in covered and covered[of].hides(stretch):
            return covered[of].first_over(stretch)
    return None


def _simple(case: Case, *, whole: bool) -> Iterator[tuple[Node, _Stretch]]:
    """Yield comparisons with a number: what the case is, or (not whole) all that it needs."""
    if case.when is None:
        return
    root = case.when.root
    parts = root.parts if isinstance(root, And) and not whole else (root,)
    for part in parts:
        if isinstance(part, Comparison) and isinstance(part.right, Literal):
            start, end = _ends(part.relation, part.right.value)
            if not whole or start == _FIRST or end == _LAST:
                yield part.left, _Stretch(start, end, _case_name(case), case.line)


def _ends(relation: Relation, bound: float) -> tuple[Cut, Cut]:
    below, above = (bound, 0), (bound, 1)
    return {
        Relation.AT_LEAST: (below, _LAST),
        Relation.ABOVE: (above, _LAST),
        Relation.AT_MOST: (_FIRST, above),
        Relation.BELOW: (_FIRST, below),
        Relation.EQUAL: (below, above),
    }[relation]
