"""Innovation points as a table of a plan."""

from __future__ import annotations

import polars as pl

from jicheng.conform import empty_frame
from jicheng.plan.rules.judged import JudgedPack
from jicheng.plan.rules.settings import RuleSettings
from jicheng.plan.rules.tables import named, typed
from jicheng.schema import plan_tables
from jicheng.select.laboratory import SensitivitySettings, weight_sensitivity
from jicheng.select.points import score
from jicheng.zone import Zone

__all__ = ["points_table"]

_DIGITS = 4


def points_table(one: JudgedPack, zone: Zone, settings: RuleSettings, seed: int) -> pl.DataFrame:
    """Return the points of every firm, the most first.

    Ranks are those among all firms of the zone, by the low end; the best and the worst rank
    are what missing facts allow with the weights in force. Ranks under other weights are kept
    for the first firms only. The percentile is taken among the firms of a stage and field.
    """
    if one.evaluation.score is None:
        return empty_frame(plan_tables()["points"])
    scored = score(one.evaluation.facts, one.pack).table
    drawn = SensitivitySettings(
        kappa=settings.concentration, n_draws=max(1, settings.weight_draws), seed=seed, places=0
    )
    ranks = weight_sensitivity(one.evaluation, drawn).table
    is_first = pl.col("rank") <= (settings.n_ranked if settings.weight_draws else 0)
    frame = (
        scored.select(
            pl.col("subject").cast(pl.String), "stage", "field", "low", "high", "n_missing",
            "percentile", "is_draft", "is_demo", pl.col("rank_of_all").alias("rank"),
        )
        .join(
            ranks.select(
                pl.col("subject").cast(pl.String), "rank_best", "rank_worst", "rank_low",
                "rank_high",
            ),
            on="subject", how="left", maintain_order="left",
        )
        .with_columns(
            pl.col("low", "high", "percentile").round(_DIGITS),
            pl.when(is_first).then(pl.col("rank_low", "rank_high")),
            pack=pl.lit(one.pack.key),
        )
        .rename({"subject": "organisation"})
    )  # fmt: skip
    return typed("points", named(zone, frame), "rank", "organisation")
