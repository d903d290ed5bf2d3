"""Identifiers that one source gives to organisations of plainly different names.

A code that was copied down a column makes two firms one. Within one list two rows are as a
rule two bodies; where their names have nothing in common, a shared identifier does not join
them: a person is asked, who also knows whether one is the former name of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import polars as pl

from jicheng.errors import Fault, Text, fault

__all__ = ["CONTESTED", "contested_pairs", "contested_told"]

CONTESTED = Text(
    "标识相同，但同一名单用于两个名称毫不相同的组织",
    "same identifier, but one list gives it to two organisations of unlike names",
)
_SHOWN = 5
_MOST = 50  # records of one code that are compared pair by pair


def contested_pairs(
    table: pl.DataFrame, keys: pl.DataFrame, schemes: Sequence[str]
) -> list[tuple[int, int]]:
    """Return the rows that share an identifier which does not join them.

    Parameters
    ----------
    table : polars.DataFrame
        Records with ``source``.
    keys : polars.DataFrame
        Aligned with it: ``row``, ``brand`` and the valid identifiers.
    schemes : sequence of str
        Columns of identifiers.

    Returns
    -------
    list of (int, int)
        Pairs of rows, the smaller first, each once. All pairs of unlike names that share a
        code which some source gives to two unlike names.
    """
    found: set[tuple[int, int]] = set()
    for scheme in schemes:
        shared = keys.select("row", "brand", code=scheme, source=table["source"]).drop_nulls(
            ["brand", "code"]
        )
        several = pl.col("brand").n_unique().over("code", "source") > 1
        doubtful = shared.filter(several & pl.col("source").is_not_null())["code"].unique()
        for _, same in shared.filter(pl.col("code").is_in(doubtful.implode())).group_by("code"):
            unlike = list(_unlike(same.sort("row").head(_MOST)))
            if any(is_one_source for *_, is_one_source in unlike):
                found |= {(a, b) for a, b, _ in unlike}
    return sorted(found)


def _unlike(same: pl.DataFrame) -> Iterator[tuple[int, int, bool]]:
    """Yield the pairs of unlike names, and whether one source says both."""
    rows = same.select("row", "brand", "source").rows()
    for (a, one, left), (b, other, right) in combinations(rows, 2):
        is_one_script = one.isascii() == other.isascii()
        if is_one_script and not set(one.lower()) & set(other.lower()):
            yield a, b, left is not None and left == right


def contested_told(table: pl.DataFrame, pairs: Sequence[tuple[int, int]]) -> list[Fault]:
    """Tell which organisations are not joined by the identifier that they share (E389)."""
    if not pairs:
        return []
    names = table.select(pl.coalesce("name", "name_en"))["name"]
    shown = sorted({" / ".join(sorted((names[a], names[b]))) for a, b in pairs})
    some = "；".join(shown[:_SHOWN]) + ("……" if len(shown) > _SHOWN else "")
    return [fault("E389", is_warning=True, count=len(shown), some=some)]
