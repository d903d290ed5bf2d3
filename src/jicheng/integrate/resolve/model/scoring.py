"""Score pairs of records by Splink on DuckDB (Fellegi and Sunter 1969).

The weight of a pair is log2 of prior odds plus the weights of its levels; with
log-likelihood ratios that add up, each link explains itself. Extra ``er``.
"""

from __future__ import annotations

import math
import tempfile
from importlib.util import find_spec
from typing import Any

import polars as pl

from jicheng.integrate.resolve.blocking import CROSSED, RULES, Block, blocked
from jicheng.integrate.resolve.model.comparisons import (
    compared,
    comparisons,
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
        Thresholds, limits and whether values are learned.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator  # noqa: PLC0415 - extra

    frame = with_namesakes(keys.select("row", *_COMPARED))
    frame, blocks = blocked(frame, settings.largest_block)
    rules = _rules(blocks)
    if not rules:
        return no_pairs(compared(), blocks)
    prior = _prior(frame, settings)
    with tempfile.TemporaryDirectory() as folder:
        connection = _connection(folder, settings)
        connection.register("records", frame.to_arrow())
        connection.execute("CREATE TABLE records_in AS SELECT * FROM records ORDER BY row")
        connection.unregister("records")
        fit = fitted(frame)
        del frame
        api = DuckDBAPI(connection)
        linker = Linker(
            api.register("records_in"),
            SettingsCreator(
                link_type="dedupe_only",
                unique_id_column_name="row",
                comparisons=splink_comparisons(fit),
                blocking_rules_to_generate_predictions=rules,
                probability_two_random_records_match=prior,
                retain_matching_columns=True,
                retain_intermediate_calculation_columns=True,
            ),
            log_level=None,
        )
        found = linker.inference.predict(
            threshold_match_probability=settings.review, warning_mode="never"
        )
        pairs = _pairs(connection, found)
        connection.close()
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


def _connection(folder: str, settings: ResolveSettings) -> Any:
    import duckdb  # noqa: PLC0415 - extra

    return duckdb.connect(
        ":memory:",
        config={
            "threads": settings.threads,
            "memory_limit": f"{settings.memory_gb}GB",
            "temp_directory": folder,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )


def _prior(frame: pl.DataFrame, settings: ResolveSettings) -> float:
    """Return the share of all pairs that are one organisation, expected: ours."""
    expected = settings.more_records_each * frame.height
    possible = frame.height * (frame.height - 1) / 2
    return float(min(0.1, max(1e-12, expected / possible)))


def _pairs(connection: Any, found: Any) -> pl.DataFrame:
    """Read the pairs, the level -1 for what is not said, weights with what rarity adds."""
    relation = found.as_duckdbpyrelation()
    columns = set(relation.columns)
    chosen = [
        "CAST(least(row_l, row_r) AS BIGINT) AS left",
        "CAST(greatest(row_l, row_r) AS BIGINT) AS right",
        "match_weight AS weight", "match_probability AS probability",
    ]  # fmt: skip
    for name in comparisons():
        rarity = f" + mw_tf_adj_{name}" if f"mw_tf_adj_{name}" in columns else ""
        chosen += [
            f"CAST(gamma_{name} AS TINYINT) AS level_{name}",
            f"mw_{name}{rarity} AS weight_{name}",
        ]
    pairs: pl.DataFrame = relation.project(", ".join(chosen)).pl()
    return pairs.sort("left", "right")
