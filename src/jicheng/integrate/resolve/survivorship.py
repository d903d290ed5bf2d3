"""One row for each organisation: of every attribute the value that survives, and whence.

Of the records of an organisation the value of the most trusted source counts, then the
latest date, then the record whose id comes first. A record that says nothing of an
attribute never wins it. Invalid identifiers do not survive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

__all__ = ["golden_records"]


def golden_records(
    table: pl.DataFrame,
    organisation: pl.Series,
    attributes: Sequence[str],
    *,
    precedence: Mapping[str, Sequence[str]],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Choose a value of each attribute for each organisation.

    Parameters
    ----------
    table : polars.DataFrame
        Records with ``id``, ``source``, ``as_of`` (text that sorts, such as 2025-03-01)
        and the attributes.
    organisation : polars.Series of str
        Organisation of each record.
    attributes : sequence of str
        Columns to choose from.
    precedence : mapping
        Sources from the most trusted, by attribute; ``""`` for all others. Sources that
        are not listed come after those that are.

    Returns
    -------
    tuple of polars.DataFrame
        The organisations sorted by id (``organisation``, ``records`` and attributes), and
        the provenance: ``organisation, attribute, value, record, source, as_of``.
    """
    frame = table.with_columns(organisation=organisation)
    counts = frame.group_by("organisation").len("records").sort("organisation")
    chosen = []
    for name in attributes:
        order = list(precedence.get(name, precedence.get("", ())))
        rank = {source: k for k, source in enumerate(order)}
        best = (
            frame.filter(pl.col(name).is_not_null())
            .with_columns(
                rank=pl.col("source").replace_strict(
                    rank, default=len(order), return_dtype=pl.Int64
                )
            )
            .sort(
                ["organisation", "rank", "as_of", "id"],
                descending=[False, False, True, False],
                nulls_last=True,
            )
            .unique("organisation", keep="first", maintain_order=True)
        )
        counts = counts.join(
            best.select("organisation", name), on="organisation", how="left", maintain_order="left"
        )
        chosen.append(
            best.select(
                "organisation", attribute=pl.lit(name), value=pl.col(name).cast(pl.String),
                record="id", source="source", as_of="as_of",
            )
        )  # fmt: skip
    return counts, pl.concat(chosen).sort("organisation", "attribute")
