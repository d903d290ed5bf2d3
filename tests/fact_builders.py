"""Fact tables and expressions for tests, made by hand or drawn."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from hypothesis import strategies as st

from jicheng.errors import Text
from jicheng.rules.expression.evaluation import Scope, condition, number
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.expression.syntax import parse
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, FactKind
from jicheng.rules.facts.table import FactTable
from jicheng.schema import Choice

YEAR = 2025
NUMBERS = {"x": 0.0, "y": -math.inf, "z": 0.0}  # yearly, with their least value
CONDITIONS = ("p", "q", "r")
VALUES = ("red", "green", "none")
BACK = 3  # years of every yearly fact


def fact(name: str, kind: FactKind = FactKind.NUMBER, **fields) -> FactDefinition:
    return FactDefinition(name=name, kind=kind, label=Text(name, name), **fields)


SMALL = Dictionary([
    *(fact(name, is_yearly=True, minimum=least) for name, least in NUMBERS.items()),
    *(fact(name, FactKind.CONDITION) for name in CONDITIONS),
    fact("c", FactKind.CHOICE, choices=tuple(Choice(v, Text(v, v)) for v in VALUES)),
    fact("founded_year", is_integer=True),
    fact("w", is_yearly=True, of=parse("x - y"), origin="derived"),
])  # fmt: skip


def table(*, dictionary: Dictionary = SMALL, year: int = YEAR, **facts) -> FactTable:
    """Make a table of one subject or more.

    A number is a list over the subjects; a list of lists holds years, latest last; a pair
    is an interval, None is unknown. Booleans make a condition, words a choice.
    """
    numbers, conditions, choices = {}, {}, {}
    n = 1
    for name, column in facts.items():
        if all(isinstance(v, str) or v is None for v in column) and any(
            isinstance(v, str) for v in column
        ):
            values = tuple(dict.fromkeys(v for v in column if v is not None))
            codes = [-1 if v is None else values.index(v) for v in column]
            choices[name] = Choices(values, np.array(codes, dtype=np.int32))
        elif any(isinstance(v, bool) for v in column):
            conditions[name] = Truth.between(
                np.array([v is True for v in column]), np.array([v is not False for v in column])
            )
        elif any(isinstance(v, list) for v in column):
            years = max(len(v) for v in column)
            for back in range(years):
                numbers[name, -back] = _interval([v[-1 - back] for v in column])
        else:
            numbers[name, 0] = _interval(column)
        n = len(column)
    subjects = pl.Series([f"s{i}" for i in range(n)], dtype=pl.String)
    return FactTable(subjects, year, numbers, conditions, choices, dictionary=dictionary)


def _interval(values) -> Interval:
    pairs = [
        v if isinstance(v, tuple) else (math.nan, math.nan) if v is None else (v, v) for v in values
    ]
    low, high = np.array(pairs, dtype=np.float64).T
    return Interval.between(low.copy(), high.copy())


def number_of(text: str, facts: FactTable, **scope) -> tuple[list[float], list[float]]:
    found = number(parse(text), Scope(facts, **scope))
    return found.low.tolist(), found.high.tolist()


def known(text: str, facts: FactTable, **scope) -> list[float]:
    found = number(parse(text), Scope(facts, **scope))
    assert found.is_point
    return found.low.tolist()


def truth_of(text: str, facts: FactTable, **scope) -> list[bool | None]:
    """Return True, False or None = unknown for each subject."""
    found = condition(parse(text), Scope(facts, **scope))
    return [
        True if c else None if p else False
        for c, p in zip(found.certainly.tolist(), found.possibly.tolist(), strict=True)
    ]


def flags_of(text: str, facts: FactTable) -> dict[str, list[bool]]:
    scope = Scope(facts)
    number(parse(text), scope)
    return {name: where.tolist() for name, where in scope.flags.items()}


# Random expressions over the small dictionary, as texts.

_LITERALS = st.sampled_from(["0", "1", "2.5", "1e-12", "1000", "0.15", "-3"])
_YEARLY = st.sampled_from([*NUMBERS, "w"])
_NAMES = st.builds(
    lambda name, back: f"{name}[-{back}]" if back else name, _YEARLY, st.integers(0, 2)
)


def _numbers(parts):
    conditions = _conditions(_LITERALS | _NAMES)
    return (
        st.builds("({} {} {})".format, parts, st.sampled_from("+-*/"), parts)
        | st.builds("-({})".format, parts)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), parts, parts)
        | st.builds("floor({})".format, parts)
        | st.builds("over_positive({}, {})".format, parts, parts)
        | st.builds("{}({}, {})".format, st.sampled_from(["sum", "mean"]), parts, st.integers(1, 3))
        | st.builds("{}({})".format, st.sampled_from(["official_growth", "mean_growth"]), _YEARLY)
        | st.builds("count({}, {})".format, conditions, conditions)
    )


def _conditions(numbers):
    compared = st.builds(
        "({} {} {})".format, numbers, st.sampled_from([">=", ">", "<=", "<", "==", "!="]), numbers
    )
    chosen = st.sampled_from(["c == red", "c != none", "c in [red, green]", "c not in [none]"])
    return st.sampled_from(CONDITIONS) | compared | chosen


def _joined(parts):
    return (
        st.builds("({} and {})".format, parts, parts)
        | st.builds("({} or {})".format, parts, parts)
        | st.builds("(not {})".format, parts)
    )


number_texts = st.recursive(_LITERALS | _NAMES, _numbers, max_leaves=5)
condition_texts = st.recursive(_conditions(number_texts), _joined, max_leaves=4)

# Random tables in three steps: little is known, more is known, everything is known. The
# year of foundation never lies after a year of which a figure is known.

_FINITE = st.sampled_from([0.0, 1e-12, 0.5, 1.0, 1.15, 2.0, 3.0, 100.0, 115.0, 1e6]) | st.floats(
    1e-3, 1e9
)


@st.composite
def _steps_of_number(draw, least):
    value = draw(_FINITE if least == 0 else _FINITE | _FINITE.map(lambda v: -v))
    around = [value - draw(_FINITE), value + draw(_FINITE)]
    if least == 0:
        around[0] = max(around[0], 0.0)
    middle = draw(st.sampled_from([None, tuple(around), value]))
    first = draw(st.sampled_from([None, middle]))
    return [first, middle, value]


@st.composite
def _steps_of_word(draw, values):
    value = draw(st.sampled_from(values))
    middle = draw(st.sampled_from([None, value]))
    return [draw(st.sampled_from([None, middle])), middle, value]


@st.composite
def steps(draw) -> list[FactTable]:
    """Draw tables of one subject of which each knows more than the one before."""
    drawn = {
        (name, -back): draw(_steps_of_number(least))
        for name, least in NUMBERS.items()
        for back in range(BACK)
    }
    founded = draw(st.sampled_from([[None] * 2 + [1990.0], [None, 1990.0, 1990.0], [1990.0] * 3]))
    drawn["founded_year", 0] = founded
    truths = {name: draw(_steps_of_word((True, False))) for name in CONDITIONS}
    chosen = draw(_steps_of_word(VALUES))
    return [
        FactTable(
            pl.Series(["s"]),
            YEAR,
            {key: _interval([values[step]]) for key, values in drawn.items()},
            {
                name: Truth(np.array([v[step] is True]), np.array([v[step] is not False]))
                for name, v in truths.items()
            },
            {
                "c": Choices(
                    VALUES,
                    np.array(
                        [-1 if chosen[step] is None else VALUES.index(chosen[step])], np.int32
                    ),
                )
            },
            dictionary=SMALL,
        )
        for step in range(3)
    ]


def _code(value: str | None) -> int:
    return -1 if value is None else VALUES.index(value)
