"""Which values of a table are not in the one that replaces it, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from jicheng.schema import zone_tables

__all__ = ["changed_cells", "sorted_changes"]

_COLUMNS = ("what", "table", "key", "attribute", "before", "now")


def changed_cells(what: str, name: str, before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return the cells that say something before and something else, or nothing, now.

    Parameters
    ----------
    what : str
        What became of them.
    name : str
        Name of the table.
    before, now : DataFrame
        Its rows; they are paired by its key. A row that is not in ``now`` is told whole.

    Returns
    -------
    DataFrame
        ``what``, ``table``, ``key`` (joined by |), ``attribute``, ``before``, ``now``, all text.
    """
    key = list(zone_tables()[name].key)
    values = [column for column in before.columns if column not in key]
    own = pl.concat_str([pl.col(column).cast(pl.String).fill_null("") for column in key],
                        separator="|")  # fmt: skip
    both = before.join(now, on=key, how="left", nulls_equal=True, suffix="_now")
    cells = [
        both.select(
            what=pl.lit(what),
            table=pl.lit(name),
            key=own,
            attribute=pl.lit(column),
            before=pl.col(column).cast(pl.String),
            now=pl.col(f"{column}_now").cast(pl.String),
        ).filter(pl.col("before").is_not_null() & pl.col("before").ne_missing(pl.col("now")))
        for column in values
    ]
    return pl.concat([_empty(), *cells])


def sorted_changes(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return changes as one table in a fixed order."""
    return pl.concat([_empty(), *parts]).sort(_COLUMNS)


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(_COLUMNS, pl.String))
