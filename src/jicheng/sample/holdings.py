"""Which capability who holds, at which level and on which evidence.

Holders draw capabilities that their chain needs, institutes those of the technology
they are named after. Then the planted truth is applied: a consortium that covers each
challenge is given what it lacks, and holders of scarce capabilities are taken away.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.sample.chains import Chains
from jicheng.sample.frames import table_of
from jicheng.sample.organisations import Organisations
from jicheng.sample.streams import stream

__all__ = ["drawn_holdings", "holdings_table"]

_BY_SIZE = {"large": (1.0, 4.0), "medium": (0.8, 2.5), "small": (0.35, 1.2), "micro": (0.12, 0.6)}
_BY_KIND = {"institute": (1.0, 3.0), "platform": (1.0, 5.0), "university": (1.0, 24.0)}
_EVIDENCE = (
    ("产品验证", 0.05), ("检测报告", 0.04), ("专利", 0.1), ("论文", 0.12), ("自报", 0.2),
)  # fmt: skip
_CHANCES = {
    "firm": (0.3, 0.15, 0.3, 0.05, 0.2),
    "public": (0.08, 0.17, 0.35, 0.3, 0.1),
}
_UNKNOWN_LEVEL = 0.06
_OWN_TOPIC = 0.6  # chance that an institute's capability is one of its own technology
_ELSEWHERE = 0.12  # chance that a capability comes from any chain


def drawn_holdings(
    chains: Chains, organisations: Organisations, people: pl.DataFrame, seed: int
) -> pl.DataFrame:
    """Draw the holdings before anything is planted (stream ``holdings``).

    Returns
    -------
    polars.DataFrame
        Columns holder, capability, level, level_low, level_high, evidence; each pair
        once. An empty level is unknown and has no bounds.
    """
    rng = stream(seed, "holdings")
    holders = _holders(organisations, people, rng)
    row = np.repeat(np.arange(holders.height), holders["count"].to_numpy())
    capability = _capabilities(chains, holders, row, rng)
    is_firm = (holders["kind"] == "firm").to_numpy()[row]
    n = row.size
    level = np.clip(rng.beta(3.0, 2.5, n) + np.where(is_firm, 0.0, 0.15), 0.2, 1.0)
    kinds, widths = zip(*_EVIDENCE, strict=True)
    draw = rng.random(n)
    evidence = np.where(
        is_firm,
        np.searchsorted(np.cumsum(_CHANCES["firm"][:-1]), draw, side="right"),
        np.searchsorted(np.cumsum(_CHANCES["public"][:-1]), draw, side="right"),
    )
    frame = pl.DataFrame({
        "holder": holders["id"].gather(row),
        "capability": capability,
        "level": np.round(level, 2),
        "width": np.array(widths)[evidence],
        "evidence": np.array(kinds)[evidence],
        "is_unknown": (rng.random(n) < _UNKNOWN_LEVEL) & (evidence == len(kinds) - 1),
    })  # fmt: skip
    return bounded(frame.unique(["holder", "capability"], keep="first", maintain_order=True))


def bounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return holdings with bounds of ``width`` around the level, none where unknown."""
    level = pl.when(~pl.col("is_unknown")).then(pl.col("level"))
    return frame.select(
        "holder",
        "capability",
        level.alias("level"),
        (level - pl.col("width")).clip(0.0, 1.0).round(2).alias("level_low"),
        (level + pl.col("width")).clip(0.0, 1.0).round(2).alias("level_high"),
        "evidence",
    )


def _holders(
    organisations: Organisations, people: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Return holders with kind, chain, technology and the number of capabilities."""
    orgs = organisations.table.select("id", "kind", "size").with_columns(
        organisations.chain, organisations.technology
    )
    hosts = orgs.select(pl.col("id").alias("organisation"), "chain", "technology")
    persons = people.join(hosts, on="organisation", how="left", maintain_order="left").select(
        "id", pl.lit("person").alias("kind"), pl.col("kind").alias("size"), "chain", "technology"
    )
    frame = pl.concat([orgs.filter(pl.col("kind").is_in(["firm", *_BY_KIND])), persons])
    settings = _BY_SIZE | {"person": (1.0, 0.8), "team": (1.0, 2.0)}
    by_kind = frame["kind"].replace_strict(_BY_KIND, default=None, return_dtype=pl.List(pl.Float64))
    by_size = frame["size"].replace_strict(settings, default=None, return_dtype=pl.List(pl.Float64))
    both = pl.DataFrame({"a": by_kind, "b": by_size}).select(pl.coalesce("a", "b"))["a"]
    chance, mean = both.list.get(0).to_numpy(), both.list.get(1).to_numpy()
    count = np.where(rng.random(frame.height) < chance, 1 + rng.poisson(mean), 0)
    return frame.with_columns(pl.Series("count", count)).filter(pl.col("count") > 0)


def _capabilities(
    chains: Chains, holders: pl.DataFrame, row: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Draw a capability for each entry of ``row``: own topic, own chain, or any."""
    named = chains.needs.join(
        chains.technologies.select(pl.col("id").alias("technology"), "chain"), on="technology"
    )
    everything = named["capability"].to_numpy()
    chosen = everything[rng.integers(0, everything.size, row.size)]
    chain = holders["chain"].to_numpy()[row]
    technology = holders["technology"].to_numpy()[row]
    stays = rng.random(row.size) >= _ELSEWHERE
    on_topic = rng.random(row.size) < _OWN_TOPIC
    pick = rng.random(row.size)
    for column, names, mask in (("chain", chain, stays), ("technology", technology, on_topic)):
        for (name,), rows in named.group_by(column, maintain_order=True):
            pool = rows["capability"].to_numpy()
            at = np.flatnonzero(mask & (names == name))
            chosen[at] = pool[(pick[at] * pool.size).astype(np.intp)]
    return np.asarray(chosen)


def holdings_table(
    drawn: pl.DataFrame, given: pl.DataFrame, scarce: pl.DataFrame, seats: Mapping[str, bool]
) -> pl.DataFrame:
    """Return the table ``holdings`` with the planted truth applied.

    Parameters
    ----------
    drawn : polars.DataFrame
        As returned by :func:`drawn_holdings`.
    given : polars.DataFrame
        Holdings of planted consortia (the same columns): they replace drawn ones.
    scarce : polars.DataFrame
        Columns capability and level: inside the zone nobody but the holders in
        ``given`` reaches the level; those who might are taken away.
    seats : mapping of str to bool
        Whether a holder is inside the zone.
    """
    inside = pl.col("holder").replace_strict(seats, return_dtype=pl.Boolean)
    reach = pl.coalesce("level_high", pl.lit(1.0))
    kept = (
        drawn.join(given.select("holder", "capability"), on=["holder", "capability"], how="anti",
                   maintain_order="left")
        .join(scarce.rename({"level": "needed"}), on="capability", how="left",
              maintain_order="left")
        .filter(~(inside & (reach >= pl.col("needed"))).fill_null(value=False))
        .select(given.columns)
    )  # fmt: skip
    return table_of("holdings", pl.concat([kept, given]))
