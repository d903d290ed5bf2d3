"""Decide on pairs of records by rules that are data.

``levels.csv`` of a kind says how far two records may agree on each thing, with points that
order what a person is asked; ``rules.csv`` says what suffices: the first rule whose every
cell a pair reaches decides (``2`` = at least level 2, ``=1`` = exactly, empty = anything).
There is no labelled sample of namesakes to learn a probability from, so none is stated.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from jicheng.errors import Text
from jicheng.integrate.resolve.blocking import Block
from jicheng.integrate.resolve.model.scored import Comparison, Scored, no_pairs

__all__ = ["RuleBook", "decided", "rule_book"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a pair must reach, and what follows."""

    name: str
    joins: bool
    label: Text
    least: tuple[tuple[str, int], ...]
    exactly: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Levels and rules of a kind of entity."""

    comparisons: dict[str, Comparison]
    points: dict[tuple[str, int], float]
    rules: tuple[Rule, ...]


@cache
def rule_book(package: str) -> RuleBook:
    """Read ``levels.csv`` and ``rules.csv`` of a package."""
    names: dict[str, Text] = {}
    levels: dict[str, dict[int, Text]] = {}
    points: dict[tuple[str, int], float] = {}
    for row in _rows(package, "levels"):
        name, label = row["comparison"], Text(row["zh"], row["en"])
        if not row["level"]:
            names[name] = label
            continue
        levels.setdefault(name, {})[int(row["level"])] = label
        points[name, int(row["level"])] = float(row["points"])
    comparisons = {name: Comparison(label, levels[name]) for name, label in names.items()}
    rules = tuple(_rule(row, comparisons) for row in _rows(package, "rules"))
    return RuleBook(comparisons, points, rules)


def _rows(package: str, name: str) -> list[dict[str, str]]:
    file = resources.files(package).joinpath(f"{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def _rule(row: dict[str, str], comparisons: dict[str, Comparison]) -> Rule:
    said = [(name, row[name]) for name in comparisons if row[name]]
    return Rule(
        row["rule"],
        row["outcome"] == "join",
        Text(row["zh"], row["en"]),
        tuple((name, int(cell)) for name, cell in said if not cell.startswith("=")),
        tuple((name, int(cell[1:])) for name, cell in said if cell.startswith("=")),
    )


def decided(
    levels: pl.DataFrame,
    book: RuleBook,
    blocks: tuple[Block, ...] = (),
    apart: Mapping[tuple[int, int], Text] | None = None,
) -> Scored:
    """Keep the pairs on which a rule decides.

    Parameters
    ----------
    levels : polars.DataFrame
        ``left`` < ``right`` (rows, each pair once) and ``level_<comparison>``, -1 = not said.
    book : RuleBook
        Levels and rules.
    blocks : tuple of Block, optional
        What each blocking rule looked at.
    apart : mapping of (int, int) to Text, optional
        Pairs that are known to be different, and why.
    """
    empty = no_pairs(book.comparisons, blocks)
    weights = [
        pl.col(f"level_{name}")
        .replace_strict(
            {level: points for (of, level), points in book.points.items() if of == name},
            default=0.0, return_dtype=pl.Float64,
        )
        .alias(f"weight_{name}")
        for name in book.comparisons
    ]  # fmt: skip
    rule = pl.coalesce(
        *(pl.when(_holds(one)).then(pl.lit(one.name)) for one in book.rules),
        pl.lit(None, dtype=pl.String),
    )
    joining = [one.name for one in book.rules if one.joins]
    pairs = (
        levels.with_columns(*weights, rule=rule)
        .filter(pl.col("rule").is_not_null())
        .with_columns(
            weight=pl.sum_horizontal(f"weight_{name}" for name in book.comparisons),
            probability=pl.lit(None, dtype=pl.Float64),
            joins=pl.col("rule").is_in(joining),
        )
        .select(pl.col(name).cast(kind) for name, kind in empty.pairs.schema.items())
        .sort("left", "right")
    )
    rules = {one.name: one.label for one in book.rules}
    return Scored(pairs, book.comparisons, blocks=blocks, rules=rules, apart=apart or {})


def _holds(rule: Rule) -> pl.Expr:
    conditions = [pl.col(f"level_{name}") >= level for name, level in rule.least]
    conditions += [pl.col(f"level_{name}") == level for name, level in rule.exactly]
    return pl.all_horizontal(*conditions)
