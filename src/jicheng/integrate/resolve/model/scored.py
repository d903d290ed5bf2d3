"""Pairs of records that were compared: what was found, and whether that joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jicheng.errors import Text
from jicheng.integrate.resolve.blocking import Block

__all__ = ["Comparison", "Scored", "no_pairs"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two records are compared by: its name, and what each level says."""

    name: Text
    levels: Mapping[int, Text]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Pairs that are likely enough, with the weight of each comparison.

    Attributes
    ----------
    pairs : polars.DataFrame
        ``left`` < ``right`` (rows), ``weight`` (log2 odds, or points of rules),
        ``probability`` (null where rules decide), ``joins`` (without asking), ``rule``
        (null where a probability decides) and for each comparison its level
        ``level_<name>`` (-1 = not said) and ``weight_<name>``.
    prior : float
        Weight before anything is compared.
    blocks : tuple of Block
        What each blocking rule looked at.
    comparisons : mapping
        The comparisons by name, in the order of the waterfall.
    rules : mapping
        What each rule says.
    apart : mapping of (int, int) to Text
        Pairs that the records themselves tell apart, such as two authors of one text, and
        why.
    """

    pairs: pl.DataFrame
    comparisons: Mapping[str, Comparison]
    prior: float = 0.0
    blocks: tuple[Block, ...] = ()
    rules: Mapping[str, Text] = field(default_factory=dict)
    apart: Mapping[tuple[int, int], Text] = field(default_factory=dict)


def no_pairs(comparisons: Mapping[str, Comparison], blocks: tuple[Block, ...] = ()) -> Scored:
    """Return no pairs: nothing was compared."""
    columns: dict[str, Any] = {"left": pl.Int64, "right": pl.Int64}
    columns |= dict.fromkeys(("weight", "probability"), pl.Float64)
    columns |= {"joins": pl.Boolean, "rule": pl.String}
    for name in comparisons:
        columns |= {f"level_{name}": pl.Int8, f"weight_{name}": pl.Float64}
    return Scored(pl.DataFrame(schema=columns), comparisons, blocks=blocks)
