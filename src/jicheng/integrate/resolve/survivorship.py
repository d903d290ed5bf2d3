"""One row for each entity: of every attribute the value that survives, and whence.

Of the records of an entity the value of the most trusted source counts, then the
latest date, then the record whose id comes first. A record that says nothing of an
attribute never wins it. Invalid identifiers do not survive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

__all__ = ["golden_records"]


def golden_records(
    table: pl.DataFrame,
    entity: pl.Series,
    attributes: Sequence[str],
    *,
    precedence: Mapping[str, Sequence[str | Sequence[str]]],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Choose a value of each attribute for each entity.

    Parameters
    ----------
    table : polars.DataFrame
        Records with ``id``, ``source``, ``as_of`` (text that sorts, such as 2025-03-01)
        and the attributes.
    entity : polars.Series of str
        Entity of each record, named after its kind.
    attributes : sequence of str
        Columns to choose from.
    precedence : mapping
        Sources from the most trusted, by attribute; ``""`` for all others. Sources in a
        sequence of their own are trusted alike. Those not listed come after those that are.

    Returns
    -------
    tuple of polars.DataFrame
        The entities sorted by id (the kind, ``records`` and attributes), and the
        provenance: the kind, ``attribute, value, record, source, as_of``.
    """
    kind = entity.name
    frame = table.with_columns(entity)
    counts = frame.group_by(kind).len("records").sort(kind)
    chosen = []
    for name in attributes:
        order = list(precedence.get(name, precedence.get("", ())))
        rank = {
            source: k
            for k, group in enumerate(order)
            for source in ([group] if isinstance(group, str) else group)
        }
        best = (
            frame.filter(pl.col(name).is_not_null())
            .with_columns(
                rank=pl.col("source").replace_strict(
                    rank, default=len(order), return_dtype=pl.Int64
                )
            )
            .sort(
                [kind, "rank", "as_of", "id"],
                descending=[False, False, True, False],
                nulls_last=True,
            )
            .unique(kind, keep="first", maintain_order=True)
        )
        counts = counts.join(best.select(kind, name), on=kind, how="left", maintain_order="left")
        chosen.append(
            best.select(
                kind, attribute=pl.lit(name), value=pl.col(name).cast(pl.String),
                record="id", source="source", as_of="as_of",
            )
        )  # fmt: skip
    return counts, pl.concat(chosen).sort(kind, "attribute")
