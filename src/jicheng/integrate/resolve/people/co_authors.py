"""With whom a person's texts were written, and who stands beside them in one text."""

from __future__ import annotations

import polars as pl

__all__ = ["co_authors_of", "in_one_text", "shared_co_authors"]

_MOST_AUTHORS = 60  # a text of more says little about who works with whom


def co_authors_of(keys: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return ``row`` and ``co_author``: a key of the name of each co-author, once each.

    Parameters
    ----------
    keys : polars.DataFrame
        ``row`` and ``name_key``, a name in the form in which names are shared.
    texts : polars.DataFrame
        ``row`` and ``text``: who wrote which.
    """
    named = texts.join(keys.select("row", "name_key").drop_nulls(), on="row")
    few = named.filter(pl.len().over("text").is_between(2, _MOST_AUTHORS))
    both = few.join(few.rename({"name_key": "co_author"}), on="text")
    return (
        both.filter(
            (pl.col("row") != pl.col("row_right")) & (pl.col("name_key") != pl.col("co_author"))
        )
        .select("row", "co_author")
        .unique()
        .sort("row", "co_author")
    )


def shared_co_authors(pairs: pl.DataFrame, co_authors: pl.DataFrame) -> pl.Series:
    """Return how many co-authors each pair shares, at most two; -1 where one has none."""
    rows = pairs.select("left", "right").with_row_index("pair")
    mine = co_authors.with_columns(pl.col("row").cast(pl.Int64))
    shared = (
        rows.join(mine, left_on="left", right_on="row")
        .join(mine, left_on=["right", "co_author"], right_on=["row", "co_author"])
        .group_by("pair")
        .len("shared")
    )
    has = pl.Series(mine["row"].unique())
    known = pl.col("left").is_in(has.implode()) & pl.col("right").is_in(has.implode())
    return (
        rows.join(shared, on="pair", how="left", maintain_order="left")
        .select(
            level=pl.when(pl.col("shared").is_not_null())
            .then(pl.col("shared").clip(upper_bound=2).cast(pl.Int8))
            .when(known)
            .then(pl.lit(0, dtype=pl.Int8))
            .otherwise(pl.lit(-1, dtype=pl.Int8))
        )
        .to_series()
    )


def in_one_text(pairs: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of one source that stand beside each other in a text: two persons.

    Parameters
    ----------
    pairs : polars.DataFrame
        ``left, right``.
    texts : polars.DataFrame
        ``row``, ``text`` and ``source`` (of the row): who wrote which, as whom it is told.
    """
    of = texts.with_columns(pl.col("row").cast(pl.Int64), pl.col("source").fill_null(""))
    return (
        pairs.select("left", "right")
        .join(of, left_on="left", right_on="row")
        .join(of, left_on=["right", "text", "source"], right_on=["row", "text", "source"])
        .select("left", "right")
        .unique()
        .sort("left", "right")
    )
