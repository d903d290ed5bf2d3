"""Which pairs of records are looked at: those that share a block.

A pair is scored if the two agree on one rule. A block that more records share than the
limit would cost more than it finds (a switchboard's telephone, a brand of a whole group):
it is left out and told. Rules for mistyped characters are loose: they take small blocks
only, and say nothing of the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

__all__ = ["CROSSED", "RULES", "Block", "blocked"]

RULES: dict[str, tuple[str, ...]] = {
    "credit_code": ("credit_code",),
    "core": ("core",),
    "brand_industry": ("brand", "industry"),
    "person_founded": ("legal_person", "founded"),
    "telephone": ("telephone",),
    "start_person": ("start", "legal_person"),
    "start_founded": ("start", "region", "founded"),
    "sound_industry": ("sound", "rest", "region"),
    "beginning_region": ("beginning", "region"),
    "but_first": ("but_first", "region"),
    "but_second": ("but_second", "region"),
    "but_third": ("but_third", "region"),
    "but_first_person": ("but_first", "legal_person"),
    "but_second_person": ("but_second", "legal_person"),
}
_LOOSE = {"beginning_region": 60, "but_first": 30, "but_second": 30, "but_third": 30}
_SHORTEST = 4  # characters of a name that says enough without another
CROSSED = ("cross_whole", "cross_after_first")  # one name is the other without its first character


@dataclass(frozen=True, slots=True)
class Block:
    """What a rule costs: pairs it looks at, and records left out of too large blocks."""

    rule: str
    pairs: int
    largest: int
    left_out: int


def blocked(keys: pl.DataFrame, limit: int) -> tuple[pl.DataFrame, tuple[Block, ...]]:
    """Add a column ``block_<rule>`` for each rule: a number that a block shares, or null.

    Parameters
    ----------
    keys : polars.DataFrame
        Columns that ``RULES`` name, but parts of names: ``start`` and ``beginning`` are the
        first two of the brand and three of the core, ``but_first`` and ``but_second`` the core
        without that character, for the character that was mistyped.
    limit : int
        Most records of a block.
    """
    core = pl.col("core")
    parts = {
        "start": pl.col("brand").str.head(2),
        "beginning": core.str.head(3),
        "but_first": core.str.slice(1),
        "but_second": core.str.head(1) + core.str.slice(2),
        "but_third": core.str.head(2) + core.str.slice(3),
        "rest": core.str.slice(pl.col("brand").str.len_chars()),
    }
    frame = keys.with_columns(**parts)
    costs = []
    for rule, columns in RULES.items():
        name = f"block_{rule}"
        is_said = pl.all_horizontal(pl.col(column).is_not_null() for column in columns)
        frame = frame.with_columns(
            pl.when(is_said)
            .then(pl.struct(columns).hash(seed=0).reinterpret(signed=True))
            .alias(name)
        ).with_columns(pl.when(pl.col(name).is_not_null()).then(pl.len().over(name)).alias("size"))
        most = min(limit, _LOOSE.get(rule, limit))
        sizes = frame.select(name, "size").drop_nulls().unique()["size"].cast(pl.Int64)
        kept = sizes.filter(sizes <= most)
        costs.append(
            Block(
                rule,
                int((kept * (kept - 1)).sum()) // 2,
                int(sizes.max() or 0),  # type: ignore[arg-type]
                0 if rule in _LOOSE else int(sizes.filter(sizes > most).sum()),
            )
        )
        frame = frame.with_columns(
            pl.when((pl.col("size") <= most) & (pl.col("size") > 1)).then(pl.col(name)).alias(name)
        ).drop("size")
    frame, cost = _crossed(frame, limit)
    return frame.drop(*parts), (*costs, cost)


def _crossed(frame: pl.DataFrame, limit: int) -> tuple[pl.DataFrame, Block]:
    """Add the columns ``CROSSED``: where they agree, a character was put before a name."""
    names = ("core", "but_first")
    hashed = frame.select(
        pl.when(pl.col(name).str.len_chars() >= _SHORTEST, pl.col("region").is_not_null())
        .then(pl.struct(pl.col(name).alias("name"), "region").hash(seed=0).reinterpret(signed=True))
        .alias(crossed)
        for name, crossed in zip(names, CROSSED, strict=True)
    )
    left, right = (hashed[name].drop_nulls().value_counts(name="n") for name in CROSSED)
    both = left.join(right, left_on=CROSSED[0], right_on=CROSSED[1]).with_columns(
        pairs=pl.col("n").cast(pl.Int64) * pl.col("n_right"),
        size=pl.col("n").cast(pl.Int64) + pl.col("n_right"),
    )
    kept = both.filter(pl.col("size") <= limit)
    hashed = hashed.select(
        pl.when(pl.col(name).is_in(kept[CROSSED[0]].implode())).then(pl.col(name))
        for name in CROSSED
    )
    largest = both["size"].max() if both.height else 0
    cost = Block("put_before", int(kept["pairs"].sum()), int(largest), 0)  # type: ignore[arg-type]
    return frame.with_columns(hashed), cost
