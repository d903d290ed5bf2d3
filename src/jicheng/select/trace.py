"""Back from a figure to the rows of the zone that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.schema import zone_tables
from jicheng.select.analysis import Analysis
from jicheng.select.scenario import Family
from jicheng.supply import Shares, rows_in_force

__all__ = ["SourceRow", "Subject", "source_rows"]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the zone, by its key, with the values that were read from it.

    ``source`` and ``as_of`` are empty where the row does not say.
    """

    table: str
    key: tuple[tuple[str, Any], ...]
    values: tuple[tuple[str, Any], ...]
    source: str
    as_of: str

    def as_plain(self) -> dict[str, Any]:
        """Return the row as JSON values, key and values as text."""
        return {
            "table": self.table,
            "key": _told(self.key),
            "values": _told(self.values),
            "source": self.source,
            "as_of": self.as_of,
        }


def _told(pairs: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in pairs if value is not None)


def source_rows(table: str, frame: pl.DataFrame, columns: Sequence[str]) -> tuple[SourceRow, ...]:
    """Return the rows of a frame of a zone's table, with the columns that were read."""
    key = zone_tables()[table].key
    source = "origin" if table == "links" else "source"
    return tuple(
        SourceRow(
            table,
            tuple((name, row[name]) for name in key),
            tuple((name, row[name]) for name in columns),
            row[source] or "",
            "" if row["as_of"] is None else str(row["as_of"]),
        )
        for row in frame.iter_rows(named=True)
    )


@dataclass(frozen=True)
class Subject:
    """One technology of an analysis, with the rows of the zone that its figures rest on.

    Every table is searched once, however many figures rest on it.
    """

    analysis: Analysis
    k: int

    @cached_property
    def id(self) -> str:
        """Id of the technology."""
        return self.analysis.chain.technologies[self.k]

    @cached_property
    def downstream(self) -> NDArray[np.int64]:
        """Positions of the technology and of everything downstream that leads to a product."""
        chain = self.analysis.chain
        start = np.zeros(len(chain.technologies), dtype=np.bool_)
        start[self.k] = True
        reached = (start | chain.has_upstream(start)) & chain.leads_to_final
        return np.flatnonzero(reached)

    @cached_property
    def links(self) -> tuple[SourceRow, ...]:
        """Links along which a loss of the technology reaches final products."""
        ids = [self.analysis.chain.technologies[j] for j in self.downstream]
        is_arrow = (pl.col("relation") == "category") | (
            pl.col("essentiality").fill_null("") != "irrelevant"
        )
        frame = self.analysis.zone["links"].filter(
            pl.col("source").is_in(ids) & pl.col("target").is_in(ids) & is_arrow
        )
        return source_rows("links", frame, ("essentiality", "weight"))

    @cached_property
    def finals(self) -> tuple[SourceRow, ...]:
        """Final products that the technology reaches, where their value is stated."""
        reached = self.analysis.zone["technologies"][self.downstream]
        frame = reached.filter(pl.col("final_value") > 0)
        return source_rows("technologies", frame, ("final_value",))

    @cached_property
    def restrictions(self) -> tuple[SourceRow, ...]:
        """Restrictions of listed suppliers that the scenario reads, the strongest only."""
        scenario, supply = self.analysis.scenario, self.analysis.supply
        listed = supply.world.listed[self.k] | supply.sourcing.listed[self.k]
        countries = [supply.countries[j] for j in np.flatnonzero(listed)]
        name = scenario.name if scenario.family is Family.NAMED else Family.BASELINE.value
        rows = rows_in_force(self.analysis.zone, self.analysis.home, name).filter(
            pl.col("country").is_in(countries)
            & (pl.col("technology").is_null() | (pl.col("technology") == self.id))
        )
        if scenario.family is Family.ALL_FOREIGN:
            rows = rows.filter(pl.col("trade") != 1.0)
        strongest = rows.unique("country", keep="last", maintain_order=True).sort("country")
        return source_rows("restrictions", strongest, ("risk", "risk_se", "trade", "instrument"))

    @cached_property
    def world(self) -> tuple[SourceRow, ...]:
        """Rows of supply that the shares of the world rest on."""
        return self._supply(self.analysis.supply.world)

    @cached_property
    def sourcing(self) -> tuple[SourceRow, ...]:
        """Rows of supply that the shares of home's sourcing rest on."""
        return self._supply(self.analysis.supply.sourcing)

    def _supply(self, shares: Shares) -> tuple[SourceRow, ...]:
        frame = self.analysis.zone["supply"][list(shares.rows[self.k])]
        return source_rows("supply", frame, ("country", "share", "share_low"))

    def stated(self, *columns: str) -> tuple[SourceRow, ...]:
        """Return the technology's own row if it states any of the columns."""
        frame = self.analysis.zone["technologies"][[self.k]]
        is_stated = any(frame[name][0] is not None for name in columns)
        return source_rows("technologies", frame, columns) if is_stated else ()

    @cached_property
    def period(self) -> tuple[SourceRow, ...]:
        """Rows that say from which year age counts."""
        frame = self.analysis.zone["zones"].filter(pl.col("period") == self.analysis.period)
        return source_rows("zones", frame, ("period", "home"))

    @cached_property
    def matched(self) -> pl.DataFrame:
        """Needs of the technology, and whether they are met."""
        return self.analysis.difficulty.needs.filter(technology=self.id)

    @cached_property
    def needs(self) -> tuple[SourceRow, ...]:
        """Rows of its needs."""
        frame = self.analysis.zone["needs"].filter(technology=self.id)
        return source_rows("needs", frame, ("level", "weight"))

    @cached_property
    def holdings(self) -> tuple[SourceRow, ...]:
        """The highest holding of each need that is met, in the zone if it is met there."""
        met_here = self.matched.filter("is_in_zone")["capability"].implode()
        elsewhere = self.matched.filter(pl.col("is_in_reach") & ~pl.col("is_in_zone"))
        met_in_reach = elsewhere["capability"].implode()
        level = pl.coalesce("level", "level_low")
        best = (
            self.analysis.difficulty.holdings.filter(
                (pl.col("in_zone") & pl.col("capability").is_in(met_here))
                | (pl.col("in_home") & pl.col("capability").is_in(met_in_reach))
            )
            .sort(level, descending=True, nulls_last=True, maintain_order=True)
            .unique("capability", keep="first", maintain_order=True)
            .sort("capability")
        )
        return source_rows("holdings", best, ("level", "level_low", "level_high"))
