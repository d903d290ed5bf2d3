"""What two versions of a pack say differently, element by element."""

from __future__ import annotations

import polars as pl

from jicheng.rules.facts.dictionary import Dictionary
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.rendering import pack_table

__all__ = ["differences"]

_COMPARED = ("zh", "rule_zh", "rule_en", "max", "is_bonus", "status", "numbers")


def differences(before: Pack, after: Pack, dictionary: Dictionary | None = None) -> pl.DataFrame:
    """Return the elements that one pack has and the other has not, or has otherwise.

    Parameters
    ----------
    before, after : Pack
        Two versions, or a pack without and with an overlay.
    dictionary : Dictionary, optional
        Names of facts; default those that ship.

    Returns
    -------
    polars.DataFrame
        ``path, change, zh, en, rule_before, rule_after, rule_before_en, rule_after_en,
        max_before, max_after, status_before, status_after``; ``change`` is ``added``,
        ``removed`` or ``changed``. In the order of the later pack, what was removed last.
        Elements are told apart by their path: one that was renamed is removed and added.
    """
    old, new = pack_table(before, dictionary), pack_table(after, dictionary)
    joined = new.with_row_index("place").join(
        old.select("path", *(pl.col(name).alias(f"{name}_old") for name in (*_COMPARED, "en"))),
        on="path",
        how="full",
        coalesce=True,
    )
    was, is_now = pl.col("status_old").is_not_null(), pl.col("status").is_not_null()
    same = [pl.col(name).eq_missing(pl.col(f"{name}_old")) for name in _COMPARED]
    change = (
        pl.when(is_now & ~was).then(pl.lit("added"))
        .when(was & ~is_now).then(pl.lit("removed"))
        .when(~pl.all_horizontal(same)).then(pl.lit("changed"))
    )  # fmt: skip
    return (
        joined.with_columns(change=change)
        .filter(pl.col("change").is_not_null())
        .sort("place", "path", nulls_last=True)
        .select(
            "path",
            "change",
            pl.coalesce("zh", "zh_old").alias("zh"),
            pl.coalesce("en", "en_old").alias("en"),
            pl.col("rule_zh_old").alias("rule_before"),
            pl.col("rule_zh").alias("rule_after"),
            pl.col("rule_en_old").alias("rule_before_en"),
            pl.col("rule_en").alias("rule_after_en"),
            pl.col("max_old").alias("max_before"),
            pl.col("max").alias("max_after"),
            pl.col("status_old").alias("status_before"),
            pl.col("status").alias("status_after"),
        )
    )
