"""Score pairs of records by Splink on DuckDB (Fellegi and Sunter 1969).

The weight of a pair is log2 of prior odds plus the weights of its levels; with
log-likelihood ratios that add up, each link explains itself. Extra ``er``.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import polars as pl

from jicheng.integrate.resolve.blocking import Block, blocked
from jicheng.integrate.resolve.model.comparisons import comparisons, fitted, splink_comparisons
from jicheng.integrate.resolve.namesakes import with_namesakes
from jicheng.integrate.resolve.settings import ResolveSettings

__all__ = ["Scored", "has_splink", "no_pairs", "score"]

_COMPARED = (
    "core", "brand", "sound", "unit", "region", "district", "industry", "founded",
    "legal_person", "telephone", "credit_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Pairs that are likely enough, with the weight of each comparison.

    Attributes
    ----------
    pairs : polars.DataFrame
        ``left`` < ``right`` (rows), ``weight`` (log2 odds), ``probability`` and for each
        comparison its level ``level_<name>`` (-1 = not said) and ``weight_<name>``.
    prior : float
        Weight before anything is compared: log2 odds of a random pair.
    blocks : tuple of Block
        What each rule looked at.
    """

    pairs: pl.DataFrame
    prior: float
    blocks: tuple[Block, ...]


def has_splink() -> bool:
    """Return whether the extra ``er`` is installed."""
    return all(find_spec(name) is not None for name in ("splink", "duckdb", "pyarrow"))


def no_pairs() -> Scored:
    """Return no pairs: nothing was scored."""
    columns: dict[str, Any] = {"left": pl.UInt32, "right": pl.UInt32}
    columns |= dict.fromkeys(("weight", "probability"), pl.Float64)
    for name in comparisons():
        columns |= {f"level_{name}": pl.Int8, f"weight_{name}": pl.Float64}
    return Scored(pl.DataFrame(schema=columns), 0.0, ())


def score(keys: pl.DataFrame, settings: ResolveSettings) -> Scored:
    """Score the pairs that share a block.

    Parameters
    ----------
    keys : polars.DataFrame
        ``row`` and the comparable columns, see :class:`Records`.
    settings : ResolveSettings
        Thresholds, limits and whether values are learned.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415 - extra

    frame = with_namesakes(keys.select("row", *_COMPARED))
    frame, blocks = blocked(frame, settings.largest_block)
    used = [block.rule for block in blocks if block.pairs]
    if not used:
        return no_pairs()
    prior = _prior(frame, settings)
    with tempfile.TemporaryDirectory() as folder:
        connection = _connection(folder, settings)
        connection.register("records", frame.to_arrow())
        connection.execute("CREATE TABLE records_in AS SELECT * FROM records ORDER BY row")
        api = DuckDBAPI(connection)
        linker = Linker(
            api.register("records_in"),
            SettingsCreator(
                link_type="dedupe_only",
                unique_id_column_name="row",
                comparisons=splink_comparisons(fitted(frame)),
                blocking_rules_to_generate_predictions=[block_on(f"block_{rule}") for rule in used],
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
    return Scored(pairs, math.log2(prior / (1 - prior)), blocks)


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
        "least(row_l, row_r) AS left", "greatest(row_l, row_r) AS right",
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
