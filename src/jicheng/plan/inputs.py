"""The part of a zone that a plan reads, kept with the plan.

A plan can be recomputed from its own folder: it holds the tables and rows that the
stages read and nothing else (no policies, no facilities, of the indicators only
revenue), so that it stays small and two plans can be compared row by row.
"""

from __future__ import annotations

import polars as pl

from jicheng.zone import Zone

__all__ = ["inputs_of"]

_READ = (
    "zones",
    "organisations",
    "sales",
    "people",
    "technologies",
    "links",
    "supply",
    "restrictions",
    "capabilities",
    "needs",
    "holdings",
    "ties",
    "sites",
    "purses",
    "challenges",
    "milestones",
    "conditions",
)
_REVENUE = "revenue"


def inputs_of(zone: Zone) -> Zone:
    """Return the zone with only what the stages of a plan read."""
    tables = {name: frame for name, frame in zone.tables.items() if name in _READ}
    if "indicators" in zone.tables:
        revenue = zone["indicators"].filter(pl.col("indicator") == _REVENUE)
        if not revenue.is_empty():
            tables["indicators"] = revenue
    return Zone(tables, zone.sources)
