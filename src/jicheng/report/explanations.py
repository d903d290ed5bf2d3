"""Explanations as the page carries them: every sentence and every source row once.

Technologies share formulas and rows, so that a zone of 200 technologies repeats each
several times; blocks therefore hold positions in two lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jicheng.report.view import PlanView
from jicheng.schema import zone_tables

__all__ = ["pooled"]

_ROW = ("table", "key", "values", "source", "as_of")


class _Pool:
    """Distinct values in the order in which they came."""

    def __init__(self) -> None:
        self.positions: dict[tuple[str, ...], int] = {}

    def place(self, *parts: str) -> int:
        return self.positions.setdefault(parts, len(self.positions))

    def values(self) -> list[list[str]]:
        return [list(parts) for parts in self.positions]


def pooled(view: PlanView) -> dict[str, Any]:
    """Return the explanations of a plan with their texts and rows stored once.

    Returns
    -------
    dict
        ``texts`` [[zh, en]], ``rows`` [[table, key, values, source, as_of]], ``blocks``
        {id: [[title, [line], [row]]]} with positions in the two lists, and ``labels``
        {table: {attribute: [zh, en]}} of the tables that rows name.
    """
    texts, rows = _Pool(), _Pool()

    def placed(block: Mapping[str, Any]) -> list[Any]:
        lines = [(_text(line, "zh"), _text(line, "en")) for line in _list(block, "lines")]
        found = [[_text(row, name) for name in _ROW] for row in _list(block, "rows")]
        return [
            texts.place(_text(block, "title_zh"), _text(block, "title_en")),
            [texts.place(*line) for line in lines],
            [rows.place(*row) for row in found],
        ]

    blocks = {
        key: [placed(block) for block in explanation]
        for key, explanation in view.explanations.items()
    }
    named = {row[0] for row in rows.values()}
    return {
        "texts": texts.values(),
        "rows": rows.values(),
        "blocks": blocks,
        "labels": {
            name: {"": [table.label.zh, table.label.en]}
            | {a.name: [a.label.zh, a.label.en] for a in table.attributes}
            for name, table in zone_tables().items()
            if name in named
        },
    }


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _list(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(values.get(name) or ())
