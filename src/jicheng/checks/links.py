"""Arrows of the chain: no loops, no pair in two relations, weights that add up."""

from __future__ import annotations

import polars as pl

from jicheng.checks.cycles import find_cycles
from jicheng.checks.view import ROW, View
from jicheng.errors import Fault, fault

__all__ = ["cycles", "mixed_relations", "self_links", "weights"]


def self_links(view: View) -> list[Fault]:
    """Refuse a technology that goes into itself (E124)."""
    rows = view["links"].filter(pl.col("source") == pl.col("target"))[ROW]
    return view.faults(
        "links",
        "target",
        rows,
        lambda row, where: fault("E124", where=where, key=view.key("links", row)),
    )


def mixed_relations(view: View) -> list[Fault]:
    """Refuse a pair that is both an input and a category, which counts twice (E125)."""
    pairs = (
        _active(view)
        .group_by("source", "target", maintain_order=True)
        .agg(pl.col(ROW).last(), pl.col("relation").n_unique())
        .filter(pl.col("relation") > 1)
    )
    return [
        fault("E125", where=view.at("links", row, "relation"), key=f"{source} → {target}")
        for source, target, row in pairs.select("source", "target", ROW).iter_rows()
    ]


def cycles(view: View) -> list[Fault]:
    """Refuse cycles among inputs, and among inputs and categories together (E120)."""
    proper = _active(view).filter(pl.col("source") != pl.col("target"))
    inputs = proper.filter(pl.col("relation") == "input")
    found = find_cycles(_arrows(inputs)) or find_cycles(_arrows(proper))
    rows = {
        (source, target): row
        for source, target, row in proper.select("source", "target", ROW).iter_rows()
    }
    return [
        fault(
            "E120",
            where=view.at("links", rows[nodes[0], nodes[1]], "target"),
            nodes=" → ".join(nodes),
        )
        for nodes in found
    ]


def weights(view: View) -> list[Fault]:
    """Refuse weights that are all zero (E136); warn of weights given in part (E137)."""
    groups = (
        _active(view)
        .group_by("target", "relation", maintain_order=True)
        .agg(
            pl.col(ROW).first(),
            pl.col("weight").sum().alias("total"),
            pl.col("weight").count().alias("given"),
            pl.len().alias("n"),
        )
        .filter(pl.col("given") > 0)
    )
    faults: list[Fault] = []
    for target, relation, row, total, given, n in groups.iter_rows():
        where, key = view.at("links", row, "weight"), f"{target} ({relation})"
        if given < n:
            faults.append(fault("E137", where=where, is_warning=True, key=key, n=n - given))
        elif total == 0:
            faults.append(fault("E136", where=where, key=key))
    return faults


def _active(view: View) -> pl.DataFrame:
    """Return the arrows that count; an irrelevant one carries nothing."""
    return view["links"].filter(pl.col("essentiality").fill_null("") != "irrelevant")


def _arrows(links: pl.DataFrame) -> list[tuple[str, str]]:
    return list(zip(links["source"], links["target"], strict=True))
