"""Keys and references: every row once, and nothing that points nowhere."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from jicheng.checks.cycles import find_cycles
from jicheng.checks.keys import is_in_order
from jicheng.checks.view import ROW, View
from jicheng.conform import nearest
from jicheng.errors import Fault, Text, Where, fault
from jicheng.schema import Attribute, Kind, Status, Table, zone_tables

__all__ = ["capability_cycles", "duplicate_keys", "unknown_references"]

_GUESSED = 30  # unknown ids of one column for which near ones are looked up
_ROWS_NAMED = 8


def duplicate_keys(view: View) -> list[Fault]:
    """Refuse a key that occurs in several rows (E123)."""
    faults: list[Fault] = []
    for name in view.tables:
        table = zone_tables()[name]
        if is_in_order(view.tables[name], table.key):
            continue
        repeated = (
            view[name]
            .group_by(table.key, maintain_order=True)
            .agg(pl.col(ROW))
            .filter(pl.col(ROW).list.len() > 1)
        )
        for rows in repeated[ROW].to_list():
            places = [view.at(name, row).row for row in rows[:_ROWS_NAMED]]
            named = ", ".join(str(row) for row in places if row is not None) or "…"
            where = view.at(name, rows[0], table.key[0])
            key = view.key(name, rows[0])
            faults.append(fault("E123", where=where, key=key, n=len(rows), rows=named))
    return faults


def unknown_references(view: View) -> list[Fault]:
    """Refuse ids that are not in the table they refer to (E121, E122).

    Where that table is absent altogether a required reference is an error and an
    optional one a warning.
    """
    return [
        found
        for name in view.tables
        for attribute in zone_tables()[name].attributes
        if attribute.references and not view.unreadable.intersection(attribute.references)
        for found in _unknown(view, zone_tables()[name], attribute)
    ]


def _unknown(view: View, table: Table, attribute: Attribute) -> Iterable[Fault]:
    used = view[table.name].select(ROW, value=attribute.name).drop_nulls()
    if used.is_empty():
        return []
    if attribute.kind is Kind.LIST:
        used = used.with_columns(pl.col("value").str.split(";")).explode("value")
    targets = [target for target in attribute.references if view.has(target)]
    if not targets:
        return [
            fault(
                "E122",
                where=view.at(table.name, None, attribute.name),
                is_warning=attribute.status is Status.OPTIONAL,
                table=", ".join(attribute.references),
                column=attribute.name,
                n=used["value"].n_unique(),
            )
        ]
    known = pl.concat([view[target]["id"] for target in targets])
    lost = used.filter(~pl.col("value").is_in(known.implode()))
    names = known.to_list()
    guesses = {
        value: nearest(value, names, otherwise="-")
        for value in lost["value"].unique(maintain_order=True)[:_GUESSED]
    }
    values = dict(zip(lost[ROW], lost["value"], strict=True))
    tables = Text(
        "、".join(zone_tables()[target].label.zh for target in attribute.references),
        " / ".join(attribute.references),
    )

    def make(row: int, where: Where) -> Fault:
        return fault(
            "E121",
            where=where,
            value=values[row],
            tables=tables,
            key=view.key(table.name, row),
            near=guesses.get(values[row], "-"),
        )

    return view.faults(table.name, attribute.name, values, make)


def capability_cycles(view: View) -> list[Fault]:
    """Refuse capabilities that are broader than themselves (E113)."""
    parents = view["capabilities"].drop_nulls("parent")
    arrows = list(zip(parents["id"], parents["parent"], strict=True))
    where = view.at("capabilities", None, "parent")
    return [fault("E113", where=where, nodes=" → ".join(nodes)) for nodes in find_cycles(arrows)]
