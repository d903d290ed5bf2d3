"""Typed tables of a zone from columns, every row marked as sample."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from jicheng.conform import POLARS_TYPES
from jicheng.schema import Kind, zone_tables

__all__ = ["AS_OF", "MARK", "PERIOD", "data", "number_ids", "table_of"]

PERIOD = 2025
"""Year of the sample's data."""

AS_OF = datetime.date(2026, 3, 31)
"""Date at which every row of the sample is said to be true."""

MARK = "sample"
"""What the provenance column of every row says."""


@cache
def data(name: str) -> pl.DataFrame:
    """Return ``sample/data/<name>.csv``: names are text, figures are numbers."""
    file = resources.files("jicheng.sample").joinpath("data", f"{name}.csv")
    return pl.read_csv(file.read_bytes(), infer_schema_length=None)


def table_of(name: str, columns: Mapping[str, Any] | pl.DataFrame) -> pl.DataFrame:
    """Return the table ``name`` with all its typed columns.

    Parameters
    ----------
    name : str
        A table of ``schema/zone``.
    columns : mapping of str to array or scalar, or polars.DataFrame
        Values by attribute; what is not given gets the schema's default, else stays
        empty. The provenance column (``source``, or ``origin`` in links) and
        ``as_of`` are always filled in.
    """
    table = zone_tables()[name]
    frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(dict(columns))
    typed: list[pl.Expr] = []
    for attribute in table.attributes:
        kind = POLARS_TYPES[attribute.kind]
        fallback = _default(attribute.kind, attribute.default)
        if attribute.name == "as_of":
            value = pl.lit(AS_OF)
        elif attribute.name == ("origin" if name == "links" else "source"):
            value = pl.lit(MARK)
        elif attribute.name in frame.columns:
            value = pl.col(attribute.name).cast(kind)
            value = value if fallback is None else value.fill_null(fallback)
        else:
            value = pl.lit(fallback, dtype=kind)
        typed.append(value.alias(attribute.name))
    return frame.select(typed)


def _default(kind: Kind, written: str) -> object:
    if not written:
        return None
    if kind is Kind.BOOLEAN:
        return written == "true"
    if kind in (Kind.INTEGER, Kind.YEAR):
        return int(written)
    return float(written) if kind in (Kind.NUMBER, Kind.SHARE) else written


def number_ids(prefix: str, count: int, *, start: int = 1, width: int = 6) -> pl.Series:
    """Return ``count`` ids such as ``org:000001``, in order."""
    numbers = pl.int_range(start, start + count, eager=True).cast(pl.String)
    return (prefix + ":" + numbers.str.zfill(width)).alias("id")
