"""What stays exposed after the plan: products, and the technologies behind them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report.names import Names, split
from jicheng.report.tables import Cell, Column, ReportTable, count_cell, state_cell, text_cell
from jicheng.report.view import PlanView
from jicheng.report.wording import label, name_of, say

__all__ = ["Unprotected", "unprotected"]


_NAMED = 5
"""Technologies named in a row; the table ``exposure`` of the plan has them all."""


@dataclass(frozen=True, slots=True)
class Unprotected:
    """Technologies that no funded challenge covers enough, by how many products need them."""

    technologies: tuple[tuple[str, Text, int], ...]
    table: ReportTable


def unprotected(view: PlanView, names: Names) -> Unprotected:
    """Collect the technologies whose loss still exceeds the threshold after the plan."""
    rows = view.rows("exposure")
    counts = Counter(key for row in rows for key in split(row["unprotected"]))
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    table = ReportTable.of(
        [
            Column("name", label("exposure", "name")),
            Column("n", say("exposure.n_unprotected"), is_number=True),
            Column("unprotected", label("exposure", "unprotected")),
            Column("n_unscored", label("exposure", "n_unscored"), is_number=True),
        ],
        [
            [
                text_cell(name_of(row, row["technology"]), link=row["technology"]),
                count_cell(len(split(row["unprotected"]))),
                _names(split(row["unprotected"]), names),
                count_cell(row["n_unscored"], missing="not_computed"),
            ]
            for row in rows
        ],
    )
    return Unprotected(tuple((key, names[key], counts[key]) for key in ranked), table)


def _names(keys: list[str], names: Names) -> Cell:
    if not keys:
        return state_cell("zero")
    first = names.listed(keys, most=_NAMED)
    if len(keys) <= _NAMED:
        return Cell(first, len(keys))
    return Cell(say("exposure.and_more", names=first, n=len(keys) - _NAMED), len(keys))
