"""What a plain table of a rule system says at and beside each bound, for tests of packs.

A table states bounds and points itself; nothing here reads a pack. Each line becomes edges:
facts of one subject, and the points or the answer that they must give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import polars as pl

from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.facts.table import FactTable

YEAR = 2025
Known = float | bool | str | tuple[float, float] | list[float]
Facts = Mapping[str, Known]
Points = tuple[float, float]


@dataclass(frozen=True)
class Edge:
    """Facts of one subject and what an element must say of them.

    ``expected`` is points (low, high), or True, False or None (unknown). ``bound`` is the
    number whose side is tested, if there is one.
    """

    pack: str
    path: str
    label: str
    facts: Facts = field(hash=False)
    expected: Points | bool | None
    bound: float | None = None

    def __str__(self) -> str:
        return f"{self.pack}/{self.path}:{self.label}"


def fact_table(rows: Sequence[Facts], year: int = YEAR) -> FactTable:
    """Return facts of as many subjects as there are rows.

    A list holds years, oldest first, the last one the evaluation year; a pair is an
    interval; a fact that a row does not name is unknown.
    """
    n = len(rows)
    numbers: dict[tuple[str, int], np.ndarray] = {}
    conditions: dict[str, np.ndarray] = {}
    words: dict[str, list[str | None]] = {}
    for place, row in enumerate(rows):
        for fact, known in row.items():
            if isinstance(known, bool):
                ends = conditions.setdefault(fact, np.tile([[False], [True]], n))
                ends[:, place] = known
            elif isinstance(known, str):
                words.setdefault(fact, [None] * n)[place] = known
            else:
                years = known[::-1] if isinstance(known, list) else [known]
                for back, value in enumerate(years):
                    unknown = np.tile([[-np.inf], [np.inf]], n)
                    numbers.setdefault((fact, -back), unknown)[:, place] = value
    return FactTable(
        subjects=pl.Series("subject", [f"s{k}" for k in range(n)]),
        year=year,
        numbers={key: _interval(ends) for key, ends in numbers.items()},
        conditions={fact: Truth(ends[0], ends[1]) for fact, ends in conditions.items()},
        choices={fact: _choices(values) for fact, values in words.items()},
    )


def _interval(ends: np.ndarray) -> Interval:
    if (ends[0] == ends[1]).all():
        return Interval.known(ends[0])
    return Interval(ends[0], ends[1])


def _choices(values: list[str | None]) -> Choices:
    known = tuple(dict.fromkeys(value for value in values if value is not None))
    codes = [-1 if value is None else known.index(value) for value in values]
    return Choices(known, np.array(codes, dtype=np.int32))


# How a bound is turned into facts.

Of = Callable[[float], Facts]


def fact(name: str, **others: Known) -> Of:
    """Return facts in which one fact has the value."""
    return lambda value: {name: value, **others}


def share(part: str, whole: str, size: float = 123_457.0, **others: Known) -> Of:
    """Return facts in which a part over a whole has the value."""
    return lambda value: {part: value * size, whole: size, **others}


def growth(name: str, base: float = 100.0, **others: Known) -> Of:
    """Return facts of three years that grow by the value each year."""

    def of(value: float) -> Facts:
        return {
            name: [base, base * (1 + value), base * (1 + value) ** 2],
            "founded_year": 2000.0,
            **others,
        }

    return of


# Lines of a table.


def beside(side: str, bound: float) -> Iterator[tuple[str, float, bool]]:
    """Yield values at and beside a bound, and whether they are on its side.

    A value that only rounding keeps from the bound counts as the bound.
    """
    step, dust = 1e-6 * max(1.0, abs(bound)), 1e-12 * max(1.0, abs(bound))
    takes_bound = side in ("ge", "le")
    upwards = side in ("ge", "gt")
    yield "at", bound, takes_bound
    yield "a hair below", bound - dust, takes_bound
    yield "a hair above", bound + dust, takes_bound
    yield "below", bound - step, not upwards
    yield "above", bound + step, upwards


Step = tuple[str, float, float | Points]


def at_least(points: Mapping[float, float | Points]) -> list[Step]:
    """Return steps whose bounds belong to the better side."""
    return [("ge", bound, each) for bound, each in points.items()]


def at_most(points: Mapping[float, float | Points]) -> list[Step]:
    """Return steps that want small numbers, bounds included."""
    return [("le", bound, each) for bound, each in points.items()]


def bands(pack: str, path: str, of: Of, steps: Sequence[Step],
          otherwise: float | Points = 0) -> Iterator[Edge]:  # fmt: skip
    """Yield both sides of every bound of a list of bands, best first, and the unknown."""
    points = [_points(each) for _, _, each in steps] + [_points(otherwise)]
    for k, (side, bound, _) in enumerate(steps):
        for label, value, inside in beside(side, bound):
            expected = points[k] if inside else points[k + 1]
            yield Edge(pack, path, f"{label} {bound:g}", of(value), expected, bound)
    ends = (min(low for low, _ in points), max(high for _, high in points))
    yield Edge(pack, path, "unknown", {"founded_year": 2000.0}, ends)


def cases(pack: str, path: str, lines: Iterable[tuple[Facts, float | Points]]) -> Iterator[Edge]:
    """Yield one edge for each line of facts and points."""
    for facts, points in lines:
        yield Edge(pack, path, _label(facts), facts, _points(points))


def threshold(pack: str, path: str, of: Of, side: str, bound: float) -> Iterator[Edge]:
    """Yield both sides of the one bound of a condition."""
    for label, value, inside in beside(side, bound):
        yield Edge(pack, path, f"{label} {bound:g}", of(value), inside, bound)


def every(pack: str, path: str, *needed: str, **others: Known) -> Iterator[Edge]:
    """Yield: all of these hold; each of them fails; one of them is unknown."""
    holds: dict[str, Known] = {**dict.fromkeys(needed, True), **others}
    yield Edge(pack, path, "all", holds, True)
    for name in needed:
        yield Edge(pack, path, f"not {name}", {**holds, name: False}, False)
        unknown = {key: value for key, value in holds.items() if key != name}
        yield Edge(pack, path, f"{name} unknown", unknown, None)


def either(pack: str, path: str, *enough: str, **others: Known) -> Iterator[Edge]:
    """Yield: each of these alone; none of them; one of them unknown."""
    nothing: dict[str, Known] = {**dict.fromkeys(enough, False), **others}
    yield Edge(pack, path, "none", nothing, False)
    for name in enough:
        yield Edge(pack, path, f"only {name}", {**nothing, name: True}, True)
        unknown = {key: value for key, value in nothing.items() if key != name}
        yield Edge(pack, path, f"{name} unknown", unknown, None)


def none_of(pack: str, path: str, *harmful: str) -> Iterator[Edge]:
    """Yield: none of these holds; each of them does; one of them is unknown."""
    clean: dict[str, Known] = dict.fromkeys(harmful, False)
    yield Edge(pack, path, "clean", clean, True)
    for name in harmful:
        yield Edge(pack, path, name, {**clean, name: True}, False)
        unknown = {key: value for key, value in clean.items() if key != name}
        yield Edge(pack, path, f"{name} unknown", unknown, None)


def choice(pack: str, path: str, name: str, good: Sequence[str], bad: Sequence[str],
           **others: Known) -> Iterator[Edge]:  # fmt: skip
    """Yield: each good value, each other one, and unknown."""
    for value in good:
        yield Edge(pack, path, value, {name: value, **others}, True)
    for value in bad:
        yield Edge(pack, path, value, {name: value, **others}, False)
    yield Edge(pack, path, f"{name} unknown", dict(others), None)


def missing(pack: str, *paths: str) -> Iterator[Edge]:
    """Yield: nobody can be told whether a clause holds whose text is missing."""
    for path in paths:
        yield Edge(pack, path, "text missing", {"founded_year": 2000.0}, None)


def _points(points: float | Points) -> Points:
    return points if isinstance(points, tuple) else (float(points), float(points))


def _label(facts: Facts) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())


@cache
def rows_of(edges: tuple[Edge, ...]) -> FactTable:
    """Return one table with a row for each edge."""
    return fact_table([edge.facts for edge in edges])
