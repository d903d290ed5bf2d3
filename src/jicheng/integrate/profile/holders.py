"""Whose capability a text shows: its parties, and the owner of a facility in it."""

from __future__ import annotations

import polars as pl

from jicheng.zone import Zone

__all__ = ["holders_of"]


def holders_of(zone: Zone) -> pl.DataFrame:
    """Return the holders of the texts of a zone.

    Parameters
    ----------
    zone : Zone
        ``text_parties`` and ``facilities`` are read.

    Returns
    -------
    DataFrame
        ``text``, ``holder`` (organisation or person), ``role``, each once, sorted. A
        facility stands for its owner; one without an owner stands for nobody.
    """
    owners = zone["facilities"].select(pl.col("id").alias("party"), "owner")
    is_facility = pl.col("party").is_in(owners["party"].implode())
    return (
        zone["text_parties"]
        .join(owners, on="party", how="left")
        .select("text", "role", holder=pl.when(is_facility).then("owner").otherwise("party"))
        .drop_nulls("holder")
        .unique()
        .select("text", "holder", "role")
        .sort("text", "holder", "role")
    )
