"""The part of a zone that a plan reads, kept with the plan.

A plan can be recomputed from its own folder: it holds the tables and rows that the
stages read and nothing else (no facilities, of the indicators only facts that rule packs
know, of the texts only those that show a capability, without their bodies), so that it
stays small and two plans can be compared row by row.
"""

from __future__ import annotations

import polars as pl

from jicheng.rules.facts.dictionary import fact_dictionary
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
    "qualifications",
    "policies",
    "evidence",
)
_OF_PACKS = r"^(judged|chosen)\."


def inputs_of(zone: Zone) -> Zone:
    """Return the zone with only what the stages of a plan read."""
    tables = {name: frame for name, frame in zone.tables.items() if name in _READ}
    if "indicators" in zone.tables:
        code = pl.col("indicator")
        is_fact = code.is_in(list(fact_dictionary())) | code.str.contains(_OF_PACKS)
        facts = zone["indicators"]
        if not facts.select(is_fact.all()).item():
            facts = facts.filter(is_fact)
        if not facts.is_empty():
            tables["indicators"] = facts
    if tables.get("evidence", pl.DataFrame()).height and "texts" in zone.tables:
        texts = zone["texts"].join(zone["evidence"], left_on="id", right_on="text", how="semi")
        tables["texts"] = texts.with_columns(pl.lit(None, dtype=pl.String).alias("body"))
    return Zone(tables, zone.sources)
