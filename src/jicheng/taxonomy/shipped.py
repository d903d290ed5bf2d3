"""The shipped table of capabilities, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources

import polars as pl

from jicheng.taxonomy.classes import capabilities_by_class

__all__ = ["COLUMNS", "by_ipc", "load"]

COLUMNS = ("id", "name", "name_en", "parent", "description", "description_en", "terms", "ipc")
"""Columns of a taxonomy: those of the zone's table ``capabilities`` without provenance."""

SOURCE = "jicheng taxonomy, own draft"


@cache
def load() -> pl.DataFrame:
    """Return the shipped capabilities with the columns of the zone's table.

    Returns
    -------
    polars.DataFrame
        ``COLUMNS``, ``source`` and ``as_of`` (empty: a taxonomy holds at no date). Rows
        without ``parent`` are fields, the rest are what somebody can do. Empty ``ipc``:
        no class of which we are sure.
    """
    file = resources.files("jicheng.taxonomy").joinpath("capabilities.csv")
    return pl.read_csv(file.read_bytes(), infer_schema=False).with_columns(
        pl.lit(SOURCE).alias("source"), pl.lit(None, dtype=pl.Date).alias("as_of")
    )


@cache
def by_ipc(code: str) -> tuple[str, ...]:
    """Return the shipped capabilities that a patent of this class shows.

    Parameters
    ----------
    code : str
        A symbol such as ``G03F 7/20``.

    Returns
    -------
    tuple of str
        Ids whose symbols agree longest: same subgroup, else main group, else subclass;
        fields are left out. Empty if no capability names the subclass.

    Examples
    --------
    >>> "cap:droplet-generation" in by_ipc("H05G 2/00")
    True
    """
    capabilities = load().drop_nulls("parent")
    return tuple(capabilities_by_class(capabilities, (code,))["capability"])
