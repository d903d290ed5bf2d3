"""The explanation of one technology: verdict, every figure, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from jicheng.errors import InvalidInput, Text
from jicheng.schema import choices
from jicheng.select.account import figures
from jicheng.select.analysis import Analysis, unknown_technology
from jicheng.select.figure import Figure
from jicheng.select.settle import what_settles
from jicheng.select.wording import say

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True)
class Explanation:
    """An account of one row of the table ``chokepoints``.

    Attributes
    ----------
    technology : str
        Its id.
    name : Text
        Its names; the Chinese one stands in for a missing English one.
    verdict : str
        As in the table.
    headline : Text
        Verdict and scenario in one line.
    figures : tuple of Figure
        Formula, numbers, source rows and assumptions of every figure.
    settles : tuple of Text
        What would change the verdict, or the missing fact that would settle it.
    """

    technology: str
    name: Text
    verdict: str
    headline: Text
    figures: tuple[Figure, ...]
    settles: tuple[Text, ...]

    def figure(self, column: str) -> Figure:
        """Return the figure that accounts for a column of the table."""
        for figure in self.figures:
            if column in figure.columns:
                return figure
        raise KeyError(column)

    def as_plain(self) -> list[dict[str, Any]]:
        """Return blocks of JSON values: title, lines and source rows.

        Each block has ``title_zh``, ``title_en``, ``lines`` [{zh, en}], ``rows``
        [{table, key, values, source, as_of}] and ``columns``.
        """
        head = _block(self.headline, self.settles, (), ("verdict",))
        return [head, *(_figure_block(figure) for figure in self.figures)]

    def as_text(self, language: str | None = None) -> str:
        """Return the explanation as text, in one language or, by default, in both."""
        lines: list[str] = []
        for block in self.as_plain():
            lines.append(_spoken(block["title_zh"], block["title_en"], language))
            lines += [f"  {_spoken(x['zh'], x['en'], language)}" for x in block["lines"]]
            lines += [
                f"    · {row['table']}: {row['key']} [{row['values']}]"
                f" {row['source']} {row['as_of']}".rstrip()
                for row in block["rows"]
            ]
        return "\n".join(lines)


def explain(analysis: Analysis, table: pl.DataFrame, technology: str) -> Explanation:
    """Account for every figure of one technology.

    Raises
    ------
    InvalidInput
        E206 if there is no such technology.
    """
    position = analysis.chain.index.get(technology)
    if position is None:
        raise InvalidInput([unknown_technology(technology, analysis.chain.technologies)])
    row = table.row(position, named=True)
    verdict = next(c.label for c in choices()["verdict"] if c.value == row["verdict"])
    name = Text(row["name"], row["name_en"] or row["name"])
    return Explanation(
        technology=technology,
        name=name,
        verdict=row["verdict"],
        headline=say(
            "headline",
            name=name,
            technology=technology,
            verdict=verdict,
            scenario=analysis.scenario.label,
        ),
        figures=figures(analysis, row, position),
        settles=what_settles(analysis, position),
    )


def _figure_block(figure: Figure) -> dict[str, Any]:
    value = figure.value or "—"
    title = Text(f"{figure.title.zh}：{value}", f"{figure.title.en}: {value}")
    lines = (
        figure.formula,
        *figure.steps,
        *(say("assumed", text=text) for text in figure.assumptions),
    )
    return _block(title, lines, tuple(row.as_plain() for row in figure.rows), figure.columns)


def _block(
    title: Text,
    lines: tuple[Text, ...],
    rows: tuple[dict[str, Any], ...],
    columns: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "title_zh": title.zh,
        "title_en": title.en,
        "lines": [{"zh": line.zh, "en": line.en} for line in lines],
        "rows": list(rows),
        "columns": list(columns),
    }


def _spoken(zh: str, en: str, language: str | None) -> str:
    if language is None:
        return zh if zh == en else f"{zh} / {en}"
    return en if language == "en" else zh
