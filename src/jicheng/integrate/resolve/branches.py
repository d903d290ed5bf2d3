"""Branches and departments, and what they belong to: said as data, never by merging.

A branch (分公司) has a name, often a code and a telephone of its own. It is an organisation
of its own here; the table of heads lets whoever wants to count it with its head. Only where
both say one identifier are they one, and then each stands as its own head.
"""

from __future__ import annotations

import polars as pl

from jicheng.integrate.resolve.resolution import Resolution

__all__ = ["branches"]


def branches(found: Resolution) -> pl.DataFrame:
    """Return the organisations whose name is that of another and a unit.

    Parameters
    ----------
    found : Resolution
        Organisations.

    Returns
    -------
    polars.DataFrame
        Sorted by ``organisation``: ``unit`` (as the name says it), ``unit_kind`` (branch,
        institute, department ...), ``head`` (the one organisation of that name, null if
        none or several are known) and ``heads`` (how many fit).
    """
    keys = found.records.keys.select("core", "unit", "named_kind", "region").with_columns(
        organisation=found.members[found.kind]
    )
    units = (
        keys.filter(pl.col("unit").is_not_null())
        .with_columns(whole=pl.col("core").str.split("|").list.first())
        .group_by("organisation")
        .agg(
            pl.col("unit", "named_kind", "whole").drop_nulls().mode().sort().first(),
            pl.col("region").drop_nulls().unique(),
        )
    )
    wholes = (
        keys.filter(pl.col("unit").is_null() & pl.col("core").is_not_null())
        .select("core", head="organisation", there="region")
        .unique()
    )
    both = units.join(wholes, left_on="whole", right_on="core")
    fitting = both.filter(
        pl.col("there").is_null()
        | (pl.col("region").list.len() == 0)
        | pl.col("region").list.contains(pl.col("there"))
    )
    heads = fitting.group_by("organisation").agg(
        pl.col("head").unique().sort().first(), heads=pl.col("head").n_unique()
    )
    return (
        units.join(heads, on="organisation", how="left")
        .select(
            "organisation",
            "unit",
            pl.col("named_kind").alias("unit_kind"),
            head=pl.when(pl.col("heads") == 1).then(pl.col("head")),
            heads=pl.col("heads").fill_null(0),
        )
        .sort("organisation")
    )
