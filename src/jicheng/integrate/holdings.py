"""Who holds which capability, seen from the organisations.

What a person or a team holds counts for the organisation where they work: its level is
the best of its own and of its people's. A level is an interval: a holding without a
level lies in [0, 1], and one without evidence and source is open below, whatever level
it claims, because nothing counts as held without a source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.integrate.roster import Roster
from jicheng.zone import Zone

__all__ = ["Holdings", "Levels"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels of holders (rows) in capabilities (columns); 0 = does not hold it.

    ``point`` is nan where the level is unknown; ``low`` and ``high`` always have a
    value, 0 <= low <= point <= high <= 1.
    """

    low: Floats
    point: Floats
    high: Floats

    @property
    def counted(self) -> Floats:
        """The level, or its low end where it is unknown: what is counted as held."""
        return np.where(np.isnan(self.point), self.low, self.point)

    def of(self, holders: NDArray[np.intp] | Sequence[int]) -> Levels:
        """Return the levels of some of the holders, in their order."""
        return Levels(self.low[holders], self.point[holders], self.high[holders])

    def at(self, holders: NDArray[np.intp], places: NDArray[np.intp]) -> Levels:
        """Return the levels of ``places``, rows being those of the sorted ``holders``.

        Who is no holder has level 0 for certain.
        """
        nothing = np.zeros((1, self.low.shape[1]))
        padded = Levels(*(np.vstack([a, nothing]) for a in (self.low, self.point, self.high)))
        row = np.searchsorted(holders, places)
        found = row < len(holders)
        found[found] = holders[row[found]] == places[found]
        return padded.of(np.where(found, row, len(holders)))


@dataclass(frozen=True, eq=False)
class Holdings:
    """Best level of each organisation in each capability that it holds.

    Attributes
    ----------
    table : polars.DataFrame
        Columns ``organisation`` (place in the roster), ``capability``, ``low``,
        ``point`` (null = unknown), ``high``; each pair once, sorted by capability and
        organisation.
    rows : polars.DataFrame
        The zone's rows behind it, with ``organisation`` (its id).
    warnings : tuple of Fault
        Holdings that count for nobody or as open.
    """

    table: pl.DataFrame
    rows: pl.DataFrame
    warnings: tuple[Fault, ...]

    @classmethod
    def of(cls, zone: Zone, roster: Roster, *, needs_source: bool) -> Holdings:
        """Read the holdings of a zone.

        Parameters
        ----------
        zone : Zone
            ``holdings`` and ``people`` are read. A source that the zone names for the
            table, or for everything, counts for every row.
        roster : Roster
            Its organisations.
        needs_source : bool
            Whether a row without evidence and source is open.
        """
        people = zone["people"].select(pl.col("id").alias("holder"), works_at="organisation")
        rows = zone["holdings"].join(people, on="holder", how="left", maintain_order="left")
        is_person = pl.col("holder").is_in(people["holder"].implode())
        rows = rows.with_columns(
            organisation=pl.when(is_person).then("works_at").otherwise("holder")
        ).drop("works_at")
        homeless = rows.filter(is_person & pl.col("organisation").is_null())["holder"].n_unique()
        told = pl.col("evidence").is_not_null() | pl.col("source").is_not_null()
        if not needs_source or any(not s.tables or "holdings" in s.tables for s in zone.sources):
            told = pl.lit(value=True)
        rows = rows.with_columns(is_told=told)
        untold = rows.filter(~pl.col("is_told")).height
        warnings = []
        if untold:
            warnings.append(fault("E325", count=untold, is_warning=True))
        if homeless:
            warnings.append(fault("E326", count=homeless, is_warning=True))
        return cls(_best(rows, roster), rows, tuple(warnings))

    @cached_property
    def _parts(self) -> dict[str, pl.DataFrame]:
        parts = self.table.partition_by("capability", as_dict=True, maintain_order=True)
        return {str(name): part for (name,), part in parts.items()}

    def levels(self, capabilities: Sequence[str]) -> tuple[NDArray[np.intp], Levels]:
        """Return who holds any of the capabilities, ascending, and their levels."""
        parts = [self._parts.get(name, self.table.clear()) for name in capabilities]
        places = [part["organisation"].to_numpy().astype(np.intp) for part in parts]
        holders = np.unique(np.concatenate([np.empty(0, np.intp), *places]))
        low, point, high = (np.zeros((len(holders), len(parts))) for _ in range(3))
        for k, (part, place) in enumerate(zip(parts, places, strict=True)):
            row = np.searchsorted(holders, place)
            for column, array in (("low", low), ("point", point), ("high", high)):
                array[row, k] = part[column].to_numpy()
        return holders, Levels(low, point, high)


def _best(rows: pl.DataFrame, roster: Roster) -> pl.DataFrame:
    """Return the best level of each organisation in each capability."""
    places = pl.DataFrame({
        "organisation": roster.table["id"],
        "place": pl.Series(range(roster.n), dtype=pl.Int64),
    })  # fmt: skip
    level = pl.when("is_told").then("level")
    low = pl.when("is_told").then(pl.coalesce("level_low", "level", 0.0)).otherwise(0.0)
    high = pl.coalesce("level_high", "level", 1.0)
    return (
        rows.select("organisation", "capability", low=low, point=level, high=high)
        .join(places, on="organisation", how="inner")
        .with_columns(
            low=pl.min_horizontal("low", "point"), high=pl.max_horizontal("high", "point")
        )
        .group_by("capability", "place")
        .agg(pl.col("low", "point", "high").max())
        .rename({"place": "organisation"})
        .sort("capability", "organisation")
    )
