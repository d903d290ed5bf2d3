"""Quantiles of peer groups as a table, to keep beside a list of points and to use again.

Points of a later year, or of a firm that joins, are comparable with those of an earlier
list only against the same quantiles.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput
from jicheng.rules.score.percentile import PeerQuantiles, PeerTable

__all__ = ["quantiles_of", "quantiles_table"]

_COLUMNS: dict[str, type[pl.DataType]] = {
    "path": pl.String, "stage": pl.String, "field": pl.String, "low": pl.Float64,
    "high": pl.Float64, "n": pl.Int64,
}  # fmt: skip


def quantiles_table(peers: PeerQuantiles) -> pl.DataFrame:
    """Return one row for each indicator and group.

    Returns
    -------
    polars.DataFrame
        ``path, stage, field, low, high, n``: transformed values at which points begin and
        end, and members with a value. An empty ``field`` is the whole stage; ``stage`` is
        the empty text where stages are not told apart. ``low`` and ``high`` are empty
        where nobody had a value.
    """
    rows = [
        (path, stage, field, float(table.low[s, f]), float(table.high[s, f]), table.counts[s, f])
        for path, table in peers.tables.items()
        for s, stage in enumerate(peers.stages)
        for f, field in enumerate((*peers.fields, None))
    ]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row").with_columns(
        pl.col("low", "high").fill_nan(None)
    )


def quantiles_of(table: pl.DataFrame) -> PeerQuantiles:
    """Return quantiles from the table that :func:`quantiles_table` made.

    Raises
    ------
    InvalidInput
        E963 if a column is missing, or a group of some indicator.
    """
    lacking = [name for name in _COLUMNS if name not in table.columns]
    if lacking:
        raise InvalidInput.of("E963", lacking=", ".join(lacking))
    stages = tuple(sorted(set(table["stage"].to_list())))
    fields = tuple(sorted(set(table["field"].drop_nulls().to_list())))
    found = {}
    for (path,), rows in table.partition_by("path", as_dict=True, maintain_order=True).items():
        shape = (len(stages) + 1, len(fields) + 1)
        low, high, counts = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, int)
        seen = np.zeros(shape, dtype=np.bool_)
        for _, stage, field, start, stop, n in rows.select(list(_COLUMNS)).iter_rows():
            at = stages.index(stage), len(fields) if field is None else fields.index(field)
            low[at] = np.nan if start is None else start
            high[at] = np.nan if stop is None else stop
            counts[at], seen[at] = n, True
        if not seen[:-1].all():
            raise InvalidInput.of("E963", lacking=f"{path}: stage, field")
        found[str(path)] = PeerTable(low, high, counts)
    return PeerQuantiles(stages, fields, found)
