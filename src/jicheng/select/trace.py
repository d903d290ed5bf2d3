"""Back from a figure to the rows of the zone that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from jicheng.schema import zone_tables
from jicheng.select.analysis import Analysis
from jicheng.select.scenario import Family
from jicheng.supply import rows_in_force, used_rows

__all__ = [
    "SourceRow",
    "holding_rows",
    "link_rows",
    "need_rows",
    "restriction_rows",
    "source_rows",
    "supply_rows",
    "technology_row",
    "zone_rows",
]


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


def technology_row(analysis: Analysis, k: int, *columns: str) -> tuple[SourceRow, ...]:
    """Return the row of a technology if it states any of the columns."""
    frame = analysis.zone["technologies"][[k]]
    stated = any(frame[name][0] is not None for name in columns)
    return source_rows("technologies", frame, columns) if stated else ()


def zone_rows(analysis: Analysis) -> tuple[SourceRow, ...]:
    """Return the rows that say from which year age counts."""
    frame = analysis.zone["zones"].filter(pl.col("period") == analysis.period)
    return source_rows("zones", frame, ("period", "home"))


def supply_rows(analysis: Analysis, k: int, *bases: str) -> tuple[SourceRow, ...]:
    """Return the rows of supply that a technology's shares of some bases rest on."""
    technology = analysis.chain.technologies[k]
    rows: list[SourceRow] = []
    for basis in bases:
        frame = used_rows(analysis.zone, technology, basis)
        columns = ("country", "share", "share_low")
        rows += source_rows("supply", frame, columns)
    return tuple(rows)


def restriction_rows(analysis: Analysis, k: int) -> tuple[SourceRow, ...]:
    """Return the restrictions of listed suppliers that the scenario reads, strongest only."""
    scenario, supply = analysis.scenario, analysis.supply
    technology = analysis.chain.technologies[k]
    listed = supply.world.listed[k] | supply.sourcing.listed[k]
    countries = [name for name, is_in in zip(supply.countries, listed, strict=True) if is_in]
    name = scenario.name if scenario.family is Family.NAMED else Family.BASELINE.value
    rows = rows_in_force(analysis.zone, analysis.home, name).filter(
        pl.col("country").is_in(countries)
        & (pl.col("technology").is_null() | (pl.col("technology") == technology))
    )
    if scenario.family is Family.ALL_FOREIGN:
        rows = rows.filter(pl.col("trade") != 1.0)
    strongest = rows.unique("country", keep="last", maintain_order=True).sort("country")
    return source_rows("restrictions", strongest, ("risk", "risk_se", "trade", "instrument"))


def link_rows(analysis: Analysis, k: int) -> tuple[SourceRow, ...]:
    """Return the links along which a loss of a technology reaches final products."""
    chain = analysis.chain
    reached = {k}
    for j in chain.graph.order.tolist():
        if j not in reached and reached.intersection(chain.inputs_of(j) + chain.members_of(j)):
            reached.add(j)
    ids = [chain.technologies[j] for j in sorted(reached) if chain.leads_to_final[j]]
    frame = analysis.zone["links"].filter(
        pl.col("source").is_in(ids)
        & pl.col("target").is_in(ids)
        & ((pl.col("relation") == "category")
           | (pl.col("essentiality").fill_null("") != "irrelevant"))
    )  # fmt: skip
    return source_rows("links", frame, ("essentiality", "weight"))


def need_rows(analysis: Analysis, k: int) -> tuple[SourceRow, ...]:
    """Return the needs of a technology."""
    frame = analysis.zone["needs"].filter(pl.col("technology") == analysis.chain.technologies[k])
    return source_rows("needs", frame, ("level", "weight"))


def holding_rows(analysis: Analysis, k: int) -> tuple[SourceRow, ...]:
    """Return the highest holding of each need that is met, in the zone if it is met there."""
    needs = analysis.difficulty.needs.filter(technology=analysis.chain.technologies[k])
    met_here = needs.filter("is_in_zone")["capability"]
    met_in_reach = needs.filter(pl.col("is_in_reach") & ~pl.col("is_in_zone"))["capability"]
    best = (
        analysis.difficulty.holdings.filter(
            (pl.col("in_zone") & pl.col("capability").is_in(met_here.implode()))
            | (pl.col("in_home") & pl.col("capability").is_in(met_in_reach.implode()))
        )
        .sort(
            pl.coalesce("level", "level_low"), descending=True, nulls_last=True, maintain_order=True
        )
        .unique("capability", keep="first", maintain_order=True)
        .sort("capability")
    )
    return source_rows("holdings", best, ("level", "level_low", "level_high"))
