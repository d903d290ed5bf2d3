"""What is known of a list of subjects: numbers, conditions and choices, by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.rules.expression.evaluation import Scope, Value
from jicheng.rules.expression.intervals import (
    UNKNOWN,
    Choices,
    Codes,
    Flags,
    Interval,
    Truth,
)
from jicheng.rules.expression.nodes import FOUNDED, Name
from jicheng.rules.expression.syntax import Expression
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, FactKind, fact_dictionary

__all__ = ["Choices", "FactTable"]

Places: TypeAlias = Sequence[int] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FactTable:
    """Facts of subjects.

    Attributes
    ----------
    subjects : polars.Series
        Ids, n of them, in the order of all arrays.
    year : int
        The evaluation year: offset 0.
    numbers : mapping of (str, int) to Interval
        Fact and year offset (0, -1, -2 ...) to its values. A fact that has no entry is
        unknown for everybody; NaN is unknown too. Infinite = never, for years since an
        award and places in a contest.
    conditions : mapping of str to Truth
        Facts that are true, false or unknown.
    choices : mapping of str to Choices
        Facts that are one of several values.
    names : polars.Series, optional
        Names of the subjects, for people to read.
    groups : polars.DataFrame
        Columns by which results are told apart (size, field, stage, site ...), n rows.
    sources : mapping of str to polars.Series
        Where each fact comes from, n texts; empty = not said.
    dictionary : Dictionary
        What kind each fact is, its natural range, and from what it follows.
    """

    subjects: pl.Series
    year: int
    numbers: Mapping[tuple[str, int], Interval] = field(default_factory=dict)
    conditions: Mapping[str, Truth] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    names: pl.Series | None = None
    groups: pl.DataFrame = field(default_factory=pl.DataFrame)
    sources: Mapping[str, pl.Series] = field(default_factory=dict)
    dictionary: Dictionary = field(default_factory=fact_dictionary, repr=False)

    @property
    def n(self) -> int:
        """Number of subjects."""
        return len(self.subjects)

    def rows(self, places: Places) -> FactTable:
        """Return the facts of some subjects, in that order (a place may occur twice)."""
        at = np.asarray(places, dtype=np.int64)
        return replace(
            self,
            subjects=self.subjects.gather(at),
            numbers={key: _numbers_at(value, at) for key, value in self.numbers.items()},
            conditions={key: _truths_at(value, at) for key, value in self.conditions.items()},
            choices={
                key: Choices(value.values, value.codes[at]) for key, value in self.choices.items()
            },
            names=None if self.names is None else self.names.gather(at),
            groups=self.groups[at] if self.groups.width else self.groups,
            sources={key: value.gather(at) for key, value in self.sources.items()},
        )

    def earlier(self, years: int, *, choices: Iterable[str] = ()) -> FactTable:
        """Return what is known of the subjects some years ago: the figures of those years.

        What has no years is not known of an earlier one, but for the foundation, and the
        choices named, which count as they are today.
        """
        figures = {
            (fact, offset if fact == FOUNDED else offset + years): value
            for (fact, offset), value in self.numbers.items()
            if offset <= -years or fact == FOUNDED
        }
        kept = {name: self.choices[name] for name in choices if name in self.choices}
        return replace(
            self,
            year=self.year - years,
            numbers=figures,
            conditions={},
            choices=kept,
            sources={},
        )

    def with_facts(
        self,
        numbers: Mapping[tuple[str, int], Interval] | None = None,
        conditions: Mapping[str, Truth] | None = None,
        choices: Mapping[str, Choices] | None = None,
    ) -> FactTable:
        """Return a table with some facts replaced or added."""
        return replace(
            self,
            numbers={**self.numbers, **(numbers or {})},
            conditions={**self.conditions, **(conditions or {})},
            choices={**self.choices, **(choices or {})},
        )

    def value(self, fact: str, offset: int = 0) -> Value:
        """Return a fact as it is known: given, or following from others.

        Raises
        ------
        InvalidInput
            E909 if there is no such fact.
        """
        return Scope(self).value(Name(fact, offset))

    def missing(self, fact: str, offset: int = 0) -> Flags:
        """Return for whom a fact is not known exactly, shape (n,)."""
        found = self.value(fact, offset)
        is_open = found.codes == UNKNOWN if isinstance(found, Choices) else found.is_open
        missing: Flags = np.broadcast_to(is_open, (self.n,))
        return missing

    @cached_property
    def derived(self) -> dict[tuple[str, int], tuple[Value, dict[str, Flags]]]:
        """Values found so far, for :class:`jicheng.rules.expression.evaluation.Scope`."""
        return {}

    def given(self, fact: str, offset: int = 0) -> Value | None:
        """Return what was said of a fact, its natural range where nothing was.

        None = nothing was said of it for anybody, and it may follow from others.
        """
        kind = self._kind(fact)
        if kind is FactKind.NUMBER:
            entry = self.numbers.get((fact, offset))
            if entry is not None:
                return _in_range(entry, *self.range_of(fact))
            found: Value = Interval.unknown(self.n, *self.range_of(fact))
        elif kind is FactKind.CONDITION:
            found = self.conditions[fact] if self._has(fact, offset) else Truth.unknown(self.n)
        elif kind is FactKind.CHOICE:
            codes: Codes = np.full(self.n, UNKNOWN, dtype=np.int32)
            found = self.choices[fact] if self._has(fact, offset) else Choices((), codes)
        else:
            return None
        is_entered = self._has(fact, offset)
        return found if is_entered or self.derivation(fact) is None else None

    def early(self, fact: str, offset: int) -> Flags | None:
        """Tell whose figure of a year stands before the foundation; None = nobody's.

        A figure that may be 0 says nothing: there was nothing yet.
        """
        return self._early.get((fact, offset))

    @cached_property
    def is_doubted(self) -> Flags:
        """Whose year of foundation any figure of an earlier year contradicts, shape (n,)."""
        found: Flags = np.zeros(self.n, dtype=np.bool_)
        for early in self._early.values():
            found |= early
        return found

    @cached_property
    def _early(self) -> dict[tuple[str, int], Flags]:
        founded = self.numbers.get((FOUNDED, 0))
        if founded is None:
            return {}
        found = {}
        for (fact, offset), value in self.numbers.items():
            if offset < 0:
                early = (self.year + offset < founded.low) & ((value.low > 0) | (value.high < 0))
                if early.any():
                    found[fact, offset] = early
        return found

    def derivation(self, fact: str) -> Expression | None:
        """Return from what a fact follows; None = from nothing."""
        definition = self.dictionary.get(fact)
        return definition.of if definition else None

    def range_of(self, fact: str) -> tuple[float, float]:
        """Return between which numbers a fact lies by its nature."""
        definition = self.dictionary.get(fact)
        return (definition.minimum, definition.maximum) if definition else (-np.inf, np.inf)

    def nearest(self, fact: str) -> str:
        """Return the facts of the dictionary closest to a name, "—" if none is."""
        return self.dictionary.nearest(fact)

    def _has(self, fact: str, offset: int) -> bool:
        return offset == 0 and (fact in self.conditions or fact in self.choices)

    def _kind(self, fact: str) -> FactKind | None:
        """Return the kind of a fact, of an undefined one from where it stands."""
        definition: FactDefinition | None = self.dictionary.get(fact)
        if definition is not None:
            return definition.kind
        if fact in self.conditions:
            return FactKind.CONDITION
        if fact in self.choices:
            return FactKind.CHOICE
        return FactKind.NUMBER if any(name == fact for name, _ in self.numbers) else None


def _numbers_at(value: Interval, at: NDArray[np.int64]) -> Interval:
    if value.is_point:
        return Interval.known(value.low[at])
    return Interval.between(value.low[at], value.high[at])


def _truths_at(value: Truth, at: NDArray[np.int64]) -> Truth:
    if value.is_known:
        return Truth.known(value.certainly[at])
    return Truth.between(value.certainly[at], value.possibly[at])


def _in_range(value: Interval, minimum: float, maximum: float) -> Interval:
    """Fill what is not known with the natural range; known numbers stay as they are."""
    is_missing = np.isnan(value.low)
    if value.is_point:
        if not is_missing.any():
            return value
        low, high = value.low.copy(), value.low.copy()
        low[is_missing], high[is_missing] = minimum, maximum
        return Interval(low, high)
    if not is_missing.any() and not np.isnan(value.high).any():
        return value.within(minimum, maximum)
    low = np.where(is_missing, -np.inf, value.low)
    high = np.where(np.isnan(value.high), np.inf, value.high)
    return Interval.between(low, high).within(minimum, maximum)
