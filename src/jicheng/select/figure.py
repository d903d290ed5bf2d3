"""One figure of an explanation, and how it is made from a row of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.schema import plan_tables
from jicheng.select.trace import SourceRow
from jicheng.select.wording import say

__all__ = ["Figure", "Row", "figure"]

Row = Mapping[str, Any]
"""A row of the table ``chokepoints``: column to value, None where unknown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, or a few that belong together, and all that it rests on.

    Attributes
    ----------
    columns : tuple of str
        Columns of the table ``chokepoints`` that it accounts for, the main one first.
    title : Text
        Label of the main column.
    value : str
        The main value as printed; empty = unknown.
    formula : Text
        How it is made, in words.
    steps : tuple of Text
        The formula with its numbers.
    rows : tuple of SourceRow
        Rows of the zone that were read.
    assumptions : tuple of Text
        What was taken where the zone is silent.
    """

    columns: tuple[str, ...]
    title: Text
    value: str
    formula: Text
    steps: tuple[Text, ...] = ()
    rows: tuple[SourceRow, ...] = ()
    assumptions: tuple[Text, ...] = ()


def figure(columns: tuple[str, ...], row: Row, formula: str, **parts: Any) -> Figure:
    """Make a figure; ``formula`` is the key of its sentence."""
    label = plan_tables()["chokepoints"][columns[0]].label
    value = row[columns[0]]
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return Figure(columns, label, "" if value is None else shown, say(formula), **parts)
