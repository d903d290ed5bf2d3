"""The facts of a zone's organisations or people, from its tables.

A row of the table ``indicators`` whose code is the name of a fact goes before any other
origin of that fact. What the tables do not say is unknown, never 0 and never false; only
for kinds of titles of which the zone says that its list is complete, no row means no title.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.rules.expression.intervals import UNKNOWN, Choices, Codes, Flags, Interval, Truth
from jicheng.rules.facts.dictionary import Dictionary, FactDefinition, FactKind, fact_dictionary
from jicheng.rules.facts.table import FactTable
from jicheng.rules.facts.words import choice_codes, is_true
from jicheng.zone import Zone

__all__ = ["facts_of"]

_GROUPS = ("kind", "size", "field", "stage", "site", "region", "level", "organisation")
_MONTHS = 12.0
_JUDGED = "judged"  # origin of what experts say of an item


def facts_of(
    zone: Zone,
    *,
    year: int | None = None,
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
    subjects : iterable of str, optional
        Ids of organisations or people, in this order; default the firms of the zone, all
        firms where none is said to be inside.
    only : iterable of str, optional
        Facts to read, those from which they follow included; default all.
    complete_lists : tuple of str
        Kinds of ``qualifications`` of which the zone has every holder: no row = not held.
    dictionary : Dictionary, optional
        Facts beyond the shipped ones, such as the judgements that a pack needs.

    Raises
    ------
    InvalidInput
        E913 for a text that is none of the choices of its fact.
    """
    known = dictionary or fact_dictionary()
    ids = _subjects(zone, subjects)
    at = _Reader(zone, ids, _year(zone) if year is None else year, known, complete_lists)
    for fact in _wanted(known, only):
        at.read(known[fact])
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
    return datetime.date.today().year


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
    todo, found = [name for name in only if name in known], dict[str, None]()
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
    numbers: dict[tuple[str, int], Interval] = field(default_factory=dict)
    conditions: dict[str, Truth] = field(default_factory=dict)
    choices: dict[str, Choices] = field(default_factory=dict)
    sources: dict[str, pl.Series] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.n = len(self.ids)
        self.place = pl.DataFrame({"id": self.ids, "place": np.arange(self.n)})
        self.about = self._about()
        self.rows = self._rows()
        self.titles = self._titles()

    def _about(self) -> pl.DataFrame:
        """Return the rows of ``organisations`` and ``people``, one for each subject."""
        both = [self.zone[table] for table in ("organisations", "people")]
        frame = pl.concat(both, how="diagonal_relaxed").unique(
            "id", keep="first", maintain_order=True
        )
        return self.place.join(frame, on="id", how="left", maintain_order="left")

    def _rows(self) -> dict[tuple[str, int], pl.DataFrame]:
        """Return the rows of ``indicators`` by fact and year offset, with their places."""
        table = self.zone["indicators"].filter(
            pl.col("indicator").is_in(list(self.known)), pl.col("period") <= self.year
        )
        placed = table.join(self.place, left_on="subject", right_on="id")
        columns = ["place", "value", "low", "high", "text", "source", "subject"]
        pieces = placed.partition_by(["indicator", "period"], as_dict=True, maintain_order=True)
        return {
            (str(code), int(period) - self.year): piece.select(columns)
            for (code, period), piece in pieces.items()
        }

    def _titles(self) -> dict[str, pl.DataFrame]:
        """Return the rows of ``qualifications`` given by the end of the year, by kind."""
        end = datetime.date(self.year, 12, 31)
        table = self.zone["qualifications"].filter(
            pl.col("valid_from").is_null() | (pl.col("valid_from") <= end)
        )
        placed = table.join(self.place, left_on="holder", right_on="id").with_columns(
            is_valid=pl.col("valid_until").is_null() | (pl.col("valid_until") >= end)
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
                self._latest(fact, detail, is_rank=origin == "qualification_rank")
        self._indicator(fact)

    def _indicator(self, fact: FactDefinition) -> None:
        """Read the rows of ``indicators`` that name a fact."""
        if fact.kind is not FactKind.NUMBER:
            rows = self.rows.get((fact.name, 0))
            if rows is not None:
                self._told(fact, rows)
                self._say(fact.name, rows)
                if fact.origin == _JUDGED:  # points beside or instead of a level
                    self.numbers[fact.name, 0] = _filled(fact, rows, self.n, None)
            return
        for (code, offset), rows in self.rows.items():
            if code == fact.name and (fact.is_yearly or offset == 0):
                before = self.numbers.get((code, offset))
                self.numbers[code, offset] = _filled(fact, rows, self.n, before)
                if offset == 0:
                    self._say(code, rows)

    def _told(self, fact: FactDefinition, rows: pl.DataFrame) -> None:
        """Read a condition or a choice from ``indicators``."""
        places = rows["place"].to_numpy()
        if fact.kind is FactKind.CONDITION:
            said = rows.select(pl.coalesce(pl.col("value") > 0, is_true("text"))).to_series()
            before = self.conditions.get(fact.name, Truth.unknown(self.n))
            self.conditions[fact.name] = _truth_with(before, places, said)
            return
        codes: Codes = np.full(self.n, UNKNOWN, dtype=np.int32)
        before_codes = self.choices.get(fact.name)
        if before_codes is not None:
            codes = before_codes.codes.copy()
        found, strange = choice_codes(fact, rows["text"])
        has = found != UNKNOWN
        codes[places[has]] = found[has]
        self.choices[fact.name] = Choices(fact.values, codes)
        self._strange(fact, rows.filter(pl.Series(strange)))

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

    def _column(self, fact: FactDefinition, attribute: str) -> None:
        """Read an attribute of the subject itself."""
        if attribute not in self.about.columns:
            return
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
        low = np.maximum(_MONTHS * (self.year - column), fact.minimum)
        self.numbers[fact.name, 0] = Interval(
            np.where(np.isnan(low), fact.minimum, low),
            np.where(np.isnan(low), fact.maximum, low + _MONTHS),
        )

    def _held(self, fact: FactDefinition, kind: str) -> None:
        """Read whether a title is held at the end of the year."""
        rows = self.titles.get(kind)
        holds: Flags = np.zeros(self.n, dtype=np.bool_)
        if rows is not None:
            holds[rows.filter(pl.col("is_valid"))["place"].to_numpy()] = True
            self._say(fact.name, rows.filter(pl.col("is_valid")))
        everybody: Flags = np.ones(self.n, dtype=np.bool_)
        is_complete = kind in self.complete_lists
        self.conditions[fact.name] = Truth.known(holds) if is_complete else Truth(holds, everybody)

    def _latest(self, fact: FactDefinition, kind: str, *, is_rank: bool) -> None:
        """Read years since the latest award of a kind, or the place among its winners."""
        is_complete = kind in self.complete_lists
        values: NDArray[np.float64] = np.full(self.n, np.inf if is_complete else np.nan)
        rows = self.titles.get(kind)
        if rows is not None:
            latest = rows.group_by("place", maintain_order=True).last()
            given = latest["rank"] if is_rank else self.year - latest["valid_from"].dt.year()
            values[latest["place"].to_numpy()] = given.cast(pl.Float64).fill_null(np.nan).to_numpy()
            self._say(fact.name, latest)
        self.numbers[fact.name, 0] = _natural(fact, values)

    def _say(self, fact: str, rows: pl.DataFrame) -> None:
        """Keep where a fact comes from, if any row says so."""
        said = rows.drop_nulls("source")
        if not said.is_empty():
            latest = said.group_by("place").agg(pl.col("source").last())
            joined = self.place.join(latest, on="place", how="left", maintain_order="left")
            self.sources[fact] = joined["source"].fill_null("")


def _natural(fact: FactDefinition, values: NDArray[np.float64]) -> Interval:
    """Return numbers, their natural range where they are not known."""
    is_missing = np.isnan(values)
    if not is_missing.any():
        return Interval.known(values)
    return Interval(
        np.where(is_missing, fact.minimum, values), np.where(is_missing, fact.maximum, values)
    )


def _filled(fact: FactDefinition, rows: pl.DataFrame, n: int, before: Interval | None) -> Interval:
    """Return the numbers of one year from the rows that give them."""
    told = rows.with_columns(pl.col("value", "low", "high").fill_nan(None)).select(
        "place",
        low=pl.coalesce("value", "low"),
        high=pl.coalesce("value", "high"),
    )
    told = told.filter(pl.any_horizontal(pl.col("low", "high").is_not_null()))
    places = told["place"].to_numpy()
    found = Interval.unknown(n, fact.minimum, fact.maximum) if before is None else before
    low, high = found.low.copy(), found.high.copy()
    high[places] = told["high"].fill_null(fact.maximum).to_numpy()
    low[places] = np.minimum(told["low"].fill_null(fact.minimum).to_numpy(), high[places])
    return Interval.between(low, high)


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
