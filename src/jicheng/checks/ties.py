"""Ties and sales between organisations: with others, and each once."""

from __future__ import annotations

import polars as pl

from jicheng.checks.view import ROW, View
from jicheng.errors import Fault, Where, fault

__all__ = ["listed_twice", "with_oneself"]

_DIRECTED = ("ownership", "supply")


def with_oneself(view: View) -> list[Fault]:
    """Refuse a tie with oneself; warn of a sale to oneself (E146)."""
    faults: list[Fault] = []
    for table, one, other in (("ties", "a", "b"), ("sales", "supplier", "buyer")):
        rows = view[table].filter(pl.col(one) == pl.col(other))[ROW]

        def make(row: int, where: Where) -> Fault:
            return fault(
                "E146",
                where=where,
                is_warning=where.table == "sales",
                key=view.key(where.table, row),
            )

        faults += view.faults(table, other, rows, make)
    return faults


def listed_twice(view: View) -> list[Fault]:
    """Warn of a tie without direction that is listed both ways (E145)."""
    both = (
        view["ties"]
        .filter(~pl.col("kind").is_in(_DIRECTED) & (pl.col("a") != pl.col("b")))
        .with_columns(
            one=pl.min_horizontal("a", "b"),
            other=pl.max_horizontal("a", "b"),
        )
        .group_by("one", "other", "kind", maintain_order=True)
        .agg(pl.col(ROW).last(), pl.col("a").n_unique().alias("ways"))
        .filter(pl.col("ways") > 1)
    )
    return view.faults(
        "ties",
        "b",
        both[ROW],
        lambda row, where: fault("E145", where=where, is_warning=True, key=view.key("ties", row)),
    )
