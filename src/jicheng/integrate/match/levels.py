"""Who holds which capability at which level, for organisations and for people.

An organisation holds the best of its own and of its people's levels
(:mod:`jicheng.integrate.holdings`); a person or a team holds their own. A level is an
interval, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from jicheng.errors import Fault
from jicheng.integrate.coverage import reaches
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.match.settings import MatchSettings
from jicheng.zone import Zone

__all__ = ["Interval", "PartyLevels", "between"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Values between 0 and 1 of all candidates; shape (n,), low <= high.

    ``known`` is false where there is no data at all: the value can then be anything.
    """

    low: Floats
    high: Floats
    known: Flags

    @classmethod
    def exactly(cls, value: Floats, known: Flags) -> Interval:
        """Make an interval of values that are known where ``known`` says so."""
        return cls(np.where(known, value, 0.0), np.where(known, value, 1.0), known)


def between(low: Floats, high: Floats, known: Flags) -> Interval:
    """Make an interval of two ends, open where nothing is known."""
    return Interval(np.where(known, low, 0.0), np.where(known, high, 1.0), known)


@dataclass(frozen=True, eq=False)
class PartyLevels:
    """Levels of candidates by capability.

    Attributes
    ----------
    rows : polars.DataFrame
        The zone's holdings, with ``organisation`` (id).
    on_record : ndarray of bool, shape (n,)
        Of whom at least one holding is on record.
    warnings : tuple of Fault
        What counts for nobody or as open.
    """

    rows: pl.DataFrame
    on_record: Flags
    warnings: tuple[Fault, ...]
    _parts: dict[str, tuple[NDArray[np.intp], Floats, Floats]]

    @classmethod
    def of(cls, zone: Zone, parties: Parties, settings: MatchSettings) -> PartyLevels:
        """Read the holdings of a zone."""
        held = Holdings.of(zone, parties.roster, needs_source=settings.needs_source)
        mine = held.table.select("organisation", "capability", "low", "high")
        table = pl.concat([mine, _of_people(held.rows, parties)])
        on_record = np.zeros(parties.n, np.bool_)
        on_record[table["organisation"].to_numpy()] = True
        parts = {
            str(name): (
                part["organisation"].to_numpy().astype(np.intp),
                part["low"].to_numpy(),
                part["high"].to_numpy(),
            )
            for (name,), part in table.partition_by("capability", as_dict=True).items()
        }
        return cls(held.rows, on_record, held.warnings, parts)

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """Middle of the level of each candidate (row) in each capability (column)."""
        names = sorted(self._parts)
        parts = [self._parts[name] for name in names]
        column = np.repeat(np.arange(len(parts)), [len(place) for place, _, _ in parts])
        row = np.concatenate([np.empty(0, np.intp), *(place for place, _, _ in parts)])
        middle = np.concatenate([np.empty(0), *((low + high) / 2.0 for _, low, high in parts)])
        shape = (len(self.on_record), max(1, len(names)))
        return sparse.csr_array((middle, (row, column)), shape=shape)

    def of_capability(self, capability: str) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Return who holds a capability (places), and low and high ends of their levels."""
        nothing = np.empty(0)
        return self._parts.get(capability, (np.empty(0, np.intp), nothing, nothing))

    def reached(self, capability: str, needed: float) -> tuple[Flags, Flags]:
        """Tell who reaches a level for certain, and who may; shape (n,)."""
        place, low, high = self.of_capability(capability)
        sure, may = (np.zeros(len(self.on_record), np.bool_) for _ in range(2))
        level = np.full(len(place), needed)
        sure[place], may[place] = reaches(low, level), reaches(high, level)
        return sure, may

    def coverage(self, needs: pl.DataFrame) -> Interval:
        """Return the weight of the needs that each candidate reaches, as an interval."""
        low, high = np.zeros(len(self.on_record)), np.zeros(len(self.on_record))
        for capability, level, weight in needs.select("capability", "level", "weight").iter_rows():
            sure, may = self.reached(capability, level)
            low += weight * sure
            high += weight * may
        return between(low, high, self.on_record)

    def related(self, needs: pl.DataFrame, kin: dict[str, dict[str, float]]) -> Interval:
        """Return how near each candidate's levels come to the needs.

        Parameters
        ----------
        needs : polars.DataFrame
            Of a query.
        kin : dict of str to dict of str to float
            For every needed capability those that count for it, and what they count.

        Notes
        -----
        sum over needs r of weight_r x max over q in kin(r) of count_q x min(1, level_q /
        level_r); a need without a level takes the level as it is. Ours.
        """
        n = len(self.on_record)
        low, high = np.zeros(n), np.zeros(n)
        for capability, level, weight in needs.select("capability", "level", "weight").iter_rows():
            best = np.zeros((2, n))
            for other, counts in kin.get(capability, {capability: 1.0}).items():
                place, ends_low, ends_high = self.of_capability(other)
                for end, held in enumerate((ends_low, ends_high)):
                    share = np.minimum(1.0, held / level) if level > 0.0 else held
                    best[end, place] = np.maximum(best[end, place], counts * share)
            low += weight * best[0]
            high += weight * best[1]
        return between(low, high, self.on_record)

    def holders(self, capabilities: Sequence[str]) -> Flags:
        """Tell who holds any of the capabilities, at whatever level."""
        found = np.zeros(len(self.on_record), np.bool_)
        for name in capabilities:
            place, _, high = self.of_capability(name)
            found[place[high > 0.0]] = True
        return found


def _of_people(rows: pl.DataFrame, parties: Parties) -> pl.DataFrame:
    """Return the levels that people hold themselves."""
    people = parties.table.with_row_index("place").filter(pl.col("list") == "people")
    level = pl.when("is_told").then("level")
    low = pl.when("is_told").then(pl.coalesce("level_low", "level", 0.0)).otherwise(0.0)
    high = pl.coalesce("level_high", "level", 1.0)
    return (
        rows.join(people.select("place", holder="id"), on="holder", how="inner")
        .select(
            organisation=pl.col("place").cast(pl.Int64),
            capability=pl.col("capability"),
            low=pl.min_horizontal(low, level),
            high=pl.max_horizontal(high, level),
        )
        .sort("capability", "organisation")
    )
