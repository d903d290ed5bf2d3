"""Pairs of rows that share a key, with the limit on what is too common to say anything."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from jicheng.integrate.resolve.blocking import Block

__all__ = ["agreement_level", "pairs_sharing"]


def pairs_sharing(
    keys: pl.DataFrame, rule: str, columns: Sequence[str], limit: int
) -> tuple[pl.DataFrame, Block]:
    """Return the pairs of rows that agree on columns.

    Parameters
    ----------
    keys : polars.DataFrame
        ``row`` and the columns; a row may stand there more than once.
    rule : str
        Name of the rule, for what it costs.
    columns : sequence of str
        All of them must be said and be the same.
    limit : int
        Most rows that may share them.

    Returns
    -------
    pairs : polars.DataFrame
        ``left`` < ``right``, each pair once.
    block : Block
        What the rule looked at, and how many rows it left out.
    """
    said = keys.select("row", *columns).drop_nulls().unique()
    sizes = said.group_by(*columns).len("size").filter(pl.col("size") > 1)
    kept = said.join(sizes.filter(pl.col("size") <= limit).drop("size"), on=list(columns))
    pairs = (
        kept.join(kept, on=list(columns))
        .filter(pl.col("row") < pl.col("row_right"))
        .select(pl.col("row").cast(pl.Int64).alias("left"),
                pl.col("row_right").cast(pl.Int64).alias("right"))
        .unique()
    )  # fmt: skip
    largest = sizes["size"].max() if sizes.height else 0
    out = int(sizes.filter(pl.col("size") > limit)["size"].sum())
    return pairs, Block(rule, pairs.height, int(largest), out)  # type: ignore[arg-type]


def agreement_level(keys: pl.DataFrame, pairs: pl.DataFrame, column: str) -> pl.Series:
    """Return 1 where both say the same, 0 where they differ, -1 where one says nothing."""
    one, other = (keys[column].gather(pairs[side]) for side in ("left", "right"))
    return (one == other).cast(pl.Int8).fill_null(-1)
