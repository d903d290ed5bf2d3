"""Groups and the firms in them: they share brand and trade, and are two.

A name in full that says group (集团, 控股) and one that does not may be of one firm, which
lists call so or so, or of a group and its subsidiary. Where representative or telephone
differ as well, likeness of names does not join them: a person is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from jicheng.errors import Text

__all__ = ["GROUP_AND_FIRM", "groups_and_firms", "holding_of"]

GROUP_AND_FIRM = Text(
    "一方名称为集团（控股），且法定代表人或电话不同",
    "one is called a group, and representative or telephone differ",
)
_FACTS = ("legal_person", "telephone")


def holding_of(names: pl.Series, forms: pl.Series) -> pl.Series:
    """Return ``group`` or ``firm`` by a full Chinese name; null for short and other names.

    Parameters
    ----------
    names : polars.Series of str
        Names as they were written.
    forms : polars.Series of str
        Legal form that each says; null = none.
    """
    frame = pl.DataFrame({"name": names, "form": forms})
    is_full = pl.col("form").is_not_null() & pl.col("name").str.contains(r"\p{Han}")
    is_group = pl.col("name").str.contains("集团|控股")
    told = pl.when(is_group).then(pl.lit("group")).otherwise(pl.lit("firm"))
    return frame.select(holding=pl.when(is_full).then(told))["holding"]


def groups_and_firms(
    pairs: pl.DataFrame, keys: pl.DataFrame, schemes: Sequence[str]
) -> list[tuple[int, int]]:
    """Return the pairs that would join a group and a firm of which a fact differs.

    Parameters
    ----------
    pairs : polars.DataFrame
        Compared pairs: ``left``, ``right``, ``joins`` and the levels of the facts, of
        which 0 says that they differ.
    keys : polars.DataFrame
        ``holding`` and the valid identifiers; who shares one is not parted.
    """
    if pairs.is_empty():
        return []
    differs = pl.any_horizontal(pl.col(f"level_{name}") == 0 for name in _FACTS)
    doubtful = pairs.filter("joins", differs).select("left", "right")
    said = keys.select("holding", *schemes)
    left, right = said[doubtful["left"]], said[doubtful["right"]]
    shared = pl.any_horizontal(
        (left[one] == right[one]).fill_null(value=False).alias(one) for one in schemes
    )
    unlike = (left["holding"] != right["holding"]).alias("unlike")
    found = doubtful.filter(unlike & ~doubtful.select(shared).to_series())
    return sorted(found.rows())
