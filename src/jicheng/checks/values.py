"""Values inside a row: bounds, countries, places, weights; and the zone's own row."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from jicheng.checks.view import ROW, View
from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.schema import Kind, Table, countries, zone_tables

__all__ = [
    "bounds_in_order",
    "coordinate_systems",
    "known_countries",
    "one_zone",
    "substitutability_above_zero",
    "weights_of_needs",
    "whole_coordinates",
]

_SYSTEMS = r"^(WGS-?84|EPSG:4326|CGCS-?2000|EPSG:4490|GCJ-?02|BD-?09)$"


def one_zone(view: View) -> list[Fault]:
    """Warn unless the zone has exactly one row of its own (E134, E135)."""
    ids = view["zones"]["id"].to_list()
    where = Where("zones")
    if not ids and "zones" not in view.unreadable:
        return [fault("E134", where=where, is_warning=True)]
    if len(ids) > 1:
        named = ", ".join(str(name) for name in ids[:10])
        return [fault("E135", where=where, is_warning=True, n=len(ids), ids=named)]
    return []


def bounds_in_order(view: View) -> list[Fault]:
    """Refuse a lower bound above the value or the upper bound (E128)."""
    faults: list[Fault] = []
    for name in view.tables:
        table = zone_tables()[name]
        frame = view[name]
        for lower, upper in _pairs(table):
            rows = frame.filter(pl.col(lower) > pl.col(upper))[ROW]
            low, high = table[lower].label, table[upper].label

            def make(
                row: int,
                where: Where,
                pair: tuple[str, str] = (lower, upper),
                labels: tuple[Text, Text] = (low, high),
            ) -> Fault:
                return fault(
                    "E128",
                    where=where,
                    lower=labels[0],
                    upper=labels[1],
                    low=view.tables[where.table][pair[0]][row],
                    high=view.tables[where.table][pair[1]][row],
                    key=view.key(where.table, row),
                )

            faults += view.faults(name, lower, rows, make)
    return faults


def _pairs(table: Table) -> list[tuple[str, str]]:
    """Return which column must not exceed which: ``x_low <= x <= x_high``, from, until.

    Columns that are only called ``low`` and ``high`` are the ends of ``value``.
    """
    names = set(table.names)
    pairs: list[tuple[str, str]] = []
    for name in table.names:
        if name == "low" or name.endswith("_low"):
            stem = name.removesuffix("low")
            base, high = stem.removesuffix("_") or "value", f"{stem}high"
            chain = [part for part in (name, base, high) if part in names]
            pairs += pairwise(chain)
            if len(chain) == 3:
                pairs.append((name, high))
        if name.endswith("_from") and name.removesuffix("_from") + "_until" in names:
            pairs.append((name, name.removesuffix("_from") + "_until"))
    return pairs


def known_countries(view: View) -> list[Fault]:
    """Warn of country codes that are not in ISO 3166 (E133)."""
    codes = list(countries())
    faults: list[Fault] = []
    for name in view.tables:
        for attribute in zone_tables()[name].attributes:
            if attribute.kind is not Kind.COUNTRY:
                continue
            unknown = (
                view[name]
                .filter(~pl.col(attribute.name).is_in(codes))
                .group_by(attribute.name, maintain_order=True)
                .agg(pl.len(), pl.col(ROW).first())
            )
            faults += [
                fault(
                    "E133",
                    where=view.at(name, row, attribute.name),
                    is_warning=True,
                    value=code,
                    n=n,
                    near=nearest(code, codes, otherwise="CHN"),
                )
                for code, n, row in unknown.iter_rows()
            ]
    return faults


def substitutability_above_zero(view: View) -> list[Fault]:
    """Refuse a substitutability of zero, which hides every vulnerability (E138)."""
    rows = view["technologies"].filter(pl.col("substitutability") == 0)[ROW]
    return view.faults(
        "technologies",
        "substitutability",
        rows,
        lambda row, where: fault("E138", where=where, key=view.key("technologies", row)),
    )


def weights_of_needs(view: View) -> list[Fault]:
    """Refuse needs of a technology whose weights are all zero (E136)."""
    groups = (
        view["needs"]
        .group_by("technology", maintain_order=True)
        .agg(pl.col(ROW).first(), pl.col("weight").sum())
        .filter(pl.col("weight") == 0)
    )
    return [
        fault("E136", where=view.at("needs", row, "weight"), key=technology)
        for technology, row in groups.select("technology", ROW).iter_rows()
    ]


def whole_coordinates(view: View) -> list[Fault]:
    """Warn of a longitude without latitude, or the other way round (E143)."""
    faults: list[Fault] = []
    for name in ("organisations", "sites"):
        half = pl.col("longitude").is_null() != pl.col("latitude").is_null()

        def make(row: int, where: Where) -> Fault:
            return fault("E143", where=where, is_warning=True, key=view.key(where.table, row))

        faults += view.faults(name, "longitude", view[name].filter(half)[ROW], make)
    return faults


def coordinate_systems(view: View) -> list[Fault]:
    """Warn of places in no coordinate system, or in one that is not known (E144)."""
    placed = view["sites"].drop_nulls("longitude")
    unclear = placed.filter(
        ~pl.col("crs").fill_null("").str.to_uppercase().str.contains(_SYSTEMS)
    )  # fmt: skip
    if unclear.is_empty():
        return []
    values = ", ".join(sorted({value or "-" for value in unclear["crs"]}))
    where = view.at("sites", unclear[ROW][0], "crs")
    return [fault("E144", where=where, is_warning=True, n=unclear.height, value=values)]
