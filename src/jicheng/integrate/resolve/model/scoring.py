"""Score pairs of records by Splink (Fellegi and Sunter 1969), on DuckDB or on Spark.

The weight of a pair is log2 of prior odds plus the weights of its levels; with
log-likelihood ratios that add up, each link explains itself. Extra ``er``, and ``cluster``
for Spark.
"""

from __future__ import annotations

import math
from importlib.util import find_spec

import polars as pl

from jicheng.integrate.resolve.blocking import CROSSED, RULES, Block, blocked
from jicheng.integrate.resolve.model.backends import Model, check_backend, predicted
from jicheng.integrate.resolve.model.comparisons import (
    compared,
    fitted,
    splink_comparisons,
)
from jicheng.integrate.resolve.model.scored import Scored, no_pairs
from jicheng.integrate.resolve.namesakes import with_namesakes
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = ["has_splink", "score"]

_COMPARED = (
    "core", "brand", "sound", "unit", "region", "district", "industry", "founded",
    "legal_person", "telephone", "credit_code",
)  # fmt: skip


def has_splink() -> bool:
    """Return whether the extra ``er`` is installed."""
    return all(find_spec(name) is not None for name in ("splink", "duckdb", "pyarrow"))


def score(keys: pl.DataFrame, settings: ResolveSettings) -> Scored:
    """Score the pairs that share a block.

    Parameters
    ----------
    keys : polars.DataFrame
        ``row`` and the comparable columns, see :class:`Records`.
    settings : ResolveSettings
        Thresholds, limits and where it is computed.

    Raises
    ------
    InvalidInput
        E386, E387 if it is to be computed where it cannot.
    """
    check_backend(settings)
    frame = with_namesakes(keys.select(pl.col("row").cast(pl.Int64), *_COMPARED))
    frame, blocks = blocked(frame, settings.largest_block)
    rules = _rules(blocks)
    if not rules:
        return no_pairs(compared(), blocks)
    prior = _prior(frame, settings)
    model = Model(splink_comparisons(fitted(frame)), rules, prior, settings.review)
    pairs = predicted(frame, model, settings).sort("left", "right")
    joins = pairs.with_columns(
        joins=pl.col("probability") >= settings.automatic, rule=pl.lit(None, dtype=pl.String)
    )
    return Scored(joins, compared(), math.log2(prior / (1 - prior)), blocks)


def _rules(blocks: tuple[Block, ...]) -> list[str]:
    """Return the conditions on which pairs are looked at, without those that find none."""
    rules = [
        f"l.block_{block.rule} = r.block_{block.rule}"
        for block in blocks
        if block.pairs and block.rule in RULES
    ]
    if any(block.pairs and block.rule not in RULES for block in blocks):
        a, b = CROSSED
        rules += [f"l.{a} = r.{b}", f"l.{b} = r.{a}"]
    return rules


def _prior(frame: pl.DataFrame, settings: ResolveSettings) -> float:
    """Return the share of all pairs that are one organisation, expected: ours."""
    expected = settings.more_records_each * frame.height
    possible = frame.height * (frame.height - 1) / 2
    return float(min(0.1, max(1e-12, expected / possible)))
