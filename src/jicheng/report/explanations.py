"""Explanations as the page carries them: every sentence and every source row once.

Technologies share formulas and rows, so that a zone of 200 technologies repeats each
several times; blocks therefore hold positions in two lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jicheng.report.names import Names
from jicheng.report.view import PlanView
from jicheng.report.wording import english
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


def pooled(view: PlanView, names: Names) -> dict[str, Any]:
    """Return the explanations of a plan with their texts and rows stored once.

    In those of challenges, ids of organisations and capabilities are written by name;
    the rows keep the ids.

    Returns
    -------
    dict
        ``texts`` [[zh, en]], ``rows`` [[table, key, values, source, as_of]], ``blocks``
        {id: [[title, [line], [row]]]} with positions in the two lists, and ``labels``
        {table: {attribute: [zh, en]}} of the tables that rows name.
    """
    texts, rows = _Pool(), _Pool()
    challenges = set(view["challenges"]["challenge"])

    def placed(block: Mapping[str, Any], is_named: bool) -> list[Any]:
        lines = [(_text(line, "zh"), _text(line, "en")) for line in _list(block, "lines")]
        if is_named:
            lines = [(_named(zh, names, "zh"), _named(en, names, "en")) for zh, en in lines]
        found = [[_text(row, name) for name in _ROW] for row in _list(block, "rows")]
        return [
            texts.place(_text(block, "title_zh"), _text(block, "title_en")),
            [texts.place(*line) for line in lines],
            [rows.place(*row) for row in found],
        ]

    blocks = {
        key: [placed(block, is_named=key in challenges) for block in explanation]
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


def _named(words: str, names: Names, language: str) -> str:
    """Return words with the ids that have a name written as that name."""

    def name(found: re.Match[str]) -> str:
        known = names.known.get(found[0])
        if known is None:
            return found[0]
        return known.zh if language == "zh" else english(known)

    return re.sub(r"[a-z]+:[\w-]+", name, words)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)


def _list(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return list(values.get(name) or ())
