"""How many organisations bear a name, as far as the records tell.

Two records with a name that one organisation bears are very likely one; with a name that
twenty bear they are not. Bearers are told apart by their valid identifiers, or, where
fewer have one, by the regions that the records name.
"""

from __future__ import annotations

import polars as pl

__all__ = ["with_namesakes"]


def with_namesakes(keys: pl.DataFrame) -> pl.DataFrame:
    """Add ``namesakes`` of the core, there (in its region), of the brand and its sound."""
    code = pl.col("credit_code").drop_nulls().n_unique()
    region = pl.col("region").drop_nulls().n_unique()
    said = pl.col("core").is_not_null()
    return keys.with_columns(
        namesakes=pl.when(said).then(pl.max_horizontal(code, region).over("core")),
        namesakes_there=pl.when(said & pl.col("region").is_not_null()).then(
            code.over("core", "region")
        ),
        namesakes_brand=pl.when(pl.col("brand").is_not_null()).then(
            pl.max_horizontal(code, region).over("brand", "unit")
        ),
        namesakes_sound=pl.when(pl.col("sound").is_not_null()).then(
            code.over("sound", "region", "unit")
        ),
    )
