"""The facts of a zone's organisations or people, from its tables.

A row of the table ``indicators`` whose code is the name of a fact goes before any other
origin of that fact. What the tables do not say is unknown, never 0 and never false; only
for kinds of titles of which the zone says that its list is complete, no row means no title.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, MissingData, Where, fault
from jicheng.rules.expression.arithmetic import TOLERANCE
from jicheng.rules.expression.intervals import (
    UNKNOWN,
    Choices,
    Codes,
    Flags,
    Floats,
    Interval,
    Truth,
)
from jicheng.rules.expression.nodes import FOUNDED
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, FactKind, fact_dictionary
from jicheng.rules.facts.rows import OLDEST, Indices, Rows, coded, rows_by_fact
from jicheng.rules.facts.table import FactTable
from jicheng.rules.facts.words import are_true, choice_codes
from jicheng.zone import Zone

__all__ = ["facts_of"]

_GROUPS = ("kind", "size", "field", "stage", "site", "region", "level", "organisation")
_MONTHS = 12.0
_RECENT = 3.0  # years back that most packs look for awards
_JUDGED = "judged"  # origin of what experts say of an item


def facts_of(
    zone: Zone,
    *,
    year: int | None = None,
    day: datetime.date | None = None,
    subjects: Iterable[str] | None = None,
    only: Iterable[str] | None = None,
    complete_lists: tuple[str, ...] = (),
    dictionary: Dictionary | None = None,
) -> FactTable:
    """Return what a zone knows of its firms, or of the subjects named.

    Parameters
    ----------
    zone : Zone
        Tables ``organisations``, ``people``, ``indicators``, ``qualifications``.
    year : int, optional
        The evaluation year; default the period of the zone.
    day : date, optional
        The day on which titles are held, and up to which ages count; default 31 December
        of the evaluation year. Figures are those of the evaluation year all the same.
    subjects : iterable of str, optional
        Ids of organisations or people, in this order; default the firms of the zone, all
        firms where none is said to be inside.
    only : iterable of str, optional
        Facts to read, those from which they follow included; default all. The foundation, and
        figures of years before it, are always read: they put each other in doubt.
    complete_lists : tuple of str
        Kinds of ``qualifications`` of which the zone has every holder: no row = not held.
    dictionary : Dictionary, optional
        Facts beyond the shipped ones, such as the judgements that a pack needs.

    Raises
    ------
    InvalidInput
        E913 for a text that is none of the choices of its fact, E914 for a number that
        lies outside the range which the fact has by its nature.
    MissingData
        E134 if neither ``zones`` nor ``indicators`` tells a year.
    """
    known = dictionary or fact_dictionary()
    ids = _subjects(zone, subjects)
    of_figures = _year(zone) if year is None else year
    at = _Reader(zone, ids, of_figures, known, complete_lists, day or _last_day(of_figures))
    for fact in _wanted(known, only):
        at.read(known[fact])
    at.read_earlier()
    if at.faults:
        raise InvalidInput(at.faults)
    about = at.about
    groups = about.select(name for name in _GROUPS if about[name].null_count() < at.n)
    return FactTable(
        subjects=ids,
        year=at.year,
        numbers=at.numbers,
        conditions=at.conditions,
        choices=at.choices,
        names=about["name"],
        groups=groups,
        sources=at.sources,
        dictionary=known,
    )


def _year(zone: Zone) -> int:
    for table in ("zones", "indicators"):
        latest = zone[table]["period"].max()
        if isinstance(latest, int):
            return latest
    raise MissingData.of("E134", where=Where("zones"))


def _last_day(year: int) -> datetime.date:
    return datetime.date(year, 12, 31)


def _subjects(zone: Zone, subjects: Iterable[str] | None) -> pl.Series:
    if subjects is not None:
        return pl.Series("subject", list(subjects), dtype=pl.String)
    firms = zone["organisations"].filter(pl.col("kind") == "firm")
    inside = firms.filter(pl.col("zone").is_not_null())
    return (firms if inside.is_empty() else inside)["id"].alias("subject")


def _wanted(known: Dictionary, only: Iterable[str] | None) -> list[str]:
    """Return the facts to read: those asked for and all from which they follow."""
    if only is None:
        return list(known)
    todo, found = [name for name in (*only, FOUNDED) if name in known], dict[str, None]()
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = None
            rule = known[name].of
            todo += [other.id for other in rule.names] if rule else []
    return [name for name in known if name in found]


@dataclass
class _Reader:
    """Reads facts of a zone one by one into arrays."""

    zone: Zone
    ids: pl.Series
    year: int
    known: Dictionary
    complete_lists: tuple[str, ...]
    day: datetime.date
    numbers: dict[tuple[str, int], Interval] = field(default_factory=dict)
    conditions: dict[str, Truth] = field(default_factory=dict)
    choices: dict[str, Choices] = field(default_factory=dict)
    sources: dict[str, pl.Series] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.n = len(self.ids)
        self.place = pl.DataFrame({"id": self.ids, "place": np.arange(self.n)})
        self.about = self._about()
        self.rows = rows_by_fact(self.zone["indicators"], self.ids, list(self.known), self.year)
        self.titles = self._titles()

    def _about(self) -> pl.DataFrame:
        """Return the rows of ``organisations`` and ``people``, one for each subject."""
        both = [self.zone[table] for table in ("organisations", "people")]
        frame = pl.concat(both, how="diagonal_relaxed").unique(
            "id", keep="first", maintain_order=True
        )
        return self.place.join(frame, on="id", how="left", maintain_order="left")

    def _titles(self) -> dict[str, pl.DataFrame]:
        """Return the rows of ``qualifications`` given by the day, by kind."""
        table = self.zone["qualifications"].filter(
            pl.col("valid_from").is_null() | (pl.col("valid_from") <= self.day)
        )
        placed = table.join(self.place, left_on="holder", right_on="id").with_columns(
            is_valid=pl.col("valid_until").is_null() | (pl.col("valid_until") >= self.day)
        )
        pieces = placed.sort("valid_from", nulls_last=False, maintain_order=True).partition_by(
            "kind", as_dict=True, maintain_order=True
        )
        return {str(kind): piece for (kind,), piece in pieces.items()}

    def read(self, fact: FactDefinition) -> None:
        """Read a fact from where it comes from."""
        origin, _, detail = fact.origin.partition(":")
        match origin:
            case "organisation" | "person":
                self._column(fact, detail)
            case "organisation_age_months":
                self._months(fact, detail)
            case "qualification":
                self._held(fact, detail)
            case "qualification_age" | "qualification_rank":
                self._awards(fact, detail, is_rank=origin == "qualification_rank")
        self._indicator(fact)

    def read_earlier(self) -> None:
        """Read figures from before the foundation of subjects, whatever facts are asked for."""
        founded = self.numbers.get((FOUNDED, 0))
        if founded is None:
            return
        for (name, offset), rows in self.rows.items():
            fact = self.known[name]
            is_told = offset < 0 and fact.is_yearly and (name, offset) not in self.numbers
            if is_told and (self.year + offset < founded.low[rows.places]).any():
                self.numbers[name, offset] = _filled(fact, rows, self.n, None)

    def _indicator(self, fact: FactDefinition) -> None:
        """Read the rows of ``indicators`` that name a fact."""
        if fact.kind is FactKind.NUMBER:
            for back in range(OLDEST + 1 if fact.is_yearly else 1):
                self._figures(fact, -back)
            return
        rows = self.rows.get((fact.name, 0))
        if rows is not None:
            self._told(fact, rows)
            self._say(fact.name, rows.said(self.n))
            if fact.origin == _JUDGED:  # points beside or instead of a level
                self._figures(fact, 0)

    def _figures(self, fact: FactDefinition, offset: int) -> None:
        """Read the numbers of a fact in one year."""
        rows = self.rows.get((fact.name, offset))
        if rows is None:
            return
        before = self.numbers.get((fact.name, offset))
        self.numbers[fact.name, offset] = _filled(fact, rows, self.n, before)
        self._outside(fact, rows)
        if offset == 0:
            self._say(fact.name, rows.said(self.n))

    def _told(self, fact: FactDefinition, rows: Rows) -> None:
        """Read a condition or a choice from ``indicators``."""
        if fact.kind is FactKind.CONDITION:
            before = self.conditions.get(fact.name, Truth.unknown(self.n))
            said = are_true(rows.numbers("value"), rows.texts())
            self.conditions[fact.name] = _truth_with(before, rows.places, said)
            return
        codes: Codes = np.full(self.n, UNKNOWN, dtype=np.int32)
        before_codes = self.choices.get(fact.name)
        if before_codes is not None:
            codes = before_codes.codes.copy()
        found, is_strange = choice_codes(fact, rows.texts())
        has = found != UNKNOWN
        codes[rows.places[has]] = found[has]
        self.choices[fact.name] = Choices(fact.values, codes)
        self._strange(fact, rows.table[rows.at[is_strange]])

    def _strange(self, fact: FactDefinition, rows: pl.DataFrame) -> None:
        """Note texts of ``indicators`` that are none of the choices."""
        allowed = ", ".join(fact.values)
        self.faults += [
            fault(
                "E913", where=Where("indicators", column="text"),
                value=text, subject=subject, fact=fact.label, allowed=allowed,
            )
            for subject, text in rows.select("subject", "text").iter_rows()
        ]  # fmt: skip

    def _outside(self, fact: FactDefinition, rows: Rows) -> None:
        """Note numbers of ``indicators`` that a fact cannot have by its nature."""
        value, low, high = (rows.numbers(column) for column in ("value", "low", "high"))
        most, least = (np.where(np.isnan(value), end, value) for end in (high, low))
        is_below = most < fact.minimum - TOLERANCE * max(1.0, abs(fact.minimum))
        is_above = least > fact.maximum + TOLERANCE * max(1.0, abs(fact.maximum))
        at = np.flatnonzero(is_below | is_above)
        if not at.size:
            return
        numbers = np.where(is_below, most, least)[at].tolist()
        said = rows.table[rows.at[at]].select("subject", "period")
        natural = f"[{fact.minimum:g}, {fact.maximum:g}]"
        self.faults += [
            fault(
                "E914", where=Where("indicators", column="value"),
                value=f"{number:.12g}", subject=subject, year=year, fact=fact.label,
                range=natural,
            )
            for number, (subject, year) in zip(numbers, said.iter_rows(), strict=True)
        ]  # fmt: skip

    def _column(self, fact: FactDefinition, attribute: str) -> None:
        """Read an attribute of the subject itself."""
        column = self.about[attribute]
        if fact.kind is FactKind.NUMBER:
            values = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
            self.numbers[fact.name, 0] = _natural(fact, values)
        elif fact.kind is FactKind.CONDITION:
            places = np.arange(self.n)
            said = column.cast(pl.Boolean)
            self.conditions[fact.name] = _truth_with(Truth.unknown(self.n), places, said)
        else:
            found, _ = choice_codes(fact, column.cast(pl.String))  # other texts tell nothing
            self.choices[fact.name] = Choices(fact.values, found)

    def _months(self, fact: FactDefinition, attribute: str) -> None:
        """Read months since a year of which the day is not known."""
        column = self.about[attribute].cast(pl.Float64).fill_null(np.nan).to_numpy()
        most = _MONTHS * (self.day.year - column) + _months_gone(self.day)
        low, high = (np.maximum(end, fact.minimum) for end in (most - _MONTHS, most))
        self.numbers[fact.name, 0] = Interval(
            np.where(np.isnan(low), fact.minimum, low),
            np.where(np.isnan(high), fact.maximum, high),
        )

    def _held(self, fact: FactDefinition, kind: str) -> None:
        """Read whether a title is held on the day."""
        rows = self.titles.get(kind)
        holds: Flags = np.zeros(self.n, dtype=np.bool_)
        if rows is not None:
            valid = rows.filter(pl.col("is_valid"))
            holds[valid["place"].to_numpy()] = True
            self._say(fact.name, self._by_place(valid))
        everybody: Flags = np.ones(self.n, dtype=np.bool_)
        is_complete = kind in self.complete_lists
        self.conditions[fact.name] = Truth.known(holds) if is_complete else Truth(holds, everybody)

    def _awards(self, fact: FactDefinition, kind: str, *, is_rank: bool) -> None:
        """Read years since an award of a kind, or the place among its winners.

        Both are said of one award: the best placed of the last three years, else the latest.
        What is true of years and place of that one is certain. Both reach down to the best
        that any award has, so that nothing which holds for another is certainly false; where
        the list is not complete, an award that is not in it may be better still.
        """
        is_complete = kind in self.complete_lists
        low: Floats = np.full(self.n, np.inf if is_complete else fact.minimum)
        high: Floats = np.full(self.n, np.inf if is_complete else fact.maximum)
        rows = self.titles.get(kind)
        if rows is not None:
            told = _placed_awards(rows, self.day.year)
            value = pl.col("rank" if is_rank else "age")
            best = told.group_by("place", maintain_order=True).agg(
                value.fill_null(fact.minimum).min().alias("best"),
                value.fill_null(fact.maximum).first().alias("shown"),
                pl.col("source").first(),
            )
            places = best["place"].to_numpy()
            high[places] = best["shown"].to_numpy()
            if is_complete:
                low[places] = best["best"].to_numpy()
            self._say(fact.name, self._by_place(best))
        self.numbers[fact.name, 0] = Interval.between(low, high)

    def _by_place(self, rows: pl.DataFrame) -> pl.Series | None:
        """Return where rows of titles come from, for each subject."""
        words, codes = coded(rows["source"])
        found: Indices = np.zeros(self.n, dtype=np.int64)
        found[rows["place"].to_numpy()] = codes
        return words.gather(found) if found.any() else None

    def _say(self, fact: str, texts: pl.Series | None) -> None:
        """Keep where a fact comes from, if any row says so."""
        if texts is not None:
            self.sources[fact] = texts


def _placed_awards(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return awards with their age in years, the one to be shown first for each subject."""
    aged = rows.with_columns(
        age=(year - pl.col("valid_from").dt.year()).cast(pl.Float64),
        rank=pl.col("rank").cast(pl.Float64),
    )
    is_recent = pl.col("age").fill_null(np.inf) <= _RECENT
    return aged.sort(
        ~is_recent,
        pl.when(is_recent).then("rank"),
        "age",
        "rank",
        nulls_last=True,
        maintain_order=True,
    )


def _months_gone(day: datetime.date) -> float:
    """Return how much of a year is over at the end of a day, in months."""
    return day.month - 1 + day.day / calendar.monthrange(day.year, day.month)[1]


def _natural(fact: FactDefinition, values: NDArray[np.float64]) -> Interval:
    """Return numbers, their natural range where they are not known."""
    is_missing = np.isnan(values)
    if not is_missing.any():
        return Interval.known(values)
    return Interval(
        np.where(is_missing, fact.minimum, values), np.where(is_missing, fact.maximum, values)
    )


def _filled(fact: FactDefinition, rows: Rows, n: int, before: Interval | None) -> Interval:
    """Return the numbers of one year from the rows that give them."""
    value, low, high = (rows.numbers(column) for column in ("value", "low", "high"))
    low, high = (np.where(np.isnan(value), end, value) for end in (low, high))
    has = ~(np.isnan(low) & np.isnan(high))
    places = rows.places[has]
    found = Interval.unknown(n, fact.minimum, fact.maximum) if before is None else before
    least, most = found.low.copy(), found.high.copy()
    most[places] = np.where(np.isnan(high), fact.maximum, high)[has]
    least[places] = np.minimum(np.where(np.isnan(low), fact.minimum, low)[has], most[places])
    return Interval.between(least, most)


def _truth_with(before: Truth, places: NDArray[np.int64], said: pl.Series) -> Truth:
    """Return conditions with some of them told."""
    certainly, possibly = before.certainly.copy(), before.possibly.copy()
    has = said.is_not_null().to_numpy()
    told = said.drop_nulls().to_numpy()
    certainly[places[has]] = told
    possibly[places[has]] = told
    return (
        Truth.known(certainly)
        if np.array_equal(certainly, possibly)
        else Truth(certainly, possibly)
    )
