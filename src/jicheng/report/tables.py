"""Tables as the report shows them: each cell with its words, its value and its state.

A cell without a value is never blank and never 0: it carries one of the states of
``STATES``, with a word and a symbol of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.wording import choice, say

__all__ = [
    "STATES",
    "Cell",
    "Column",
    "ReportTable",
    "answer_cell",
    "choice_cell",
    "count_cell",
    "decimal_cell",
    "effect_cell",
    "fine_effect_cell",
    "money_cell",
    "share_cell",
    "state_cell",
    "text_cell",
]

STATES = (
    "no_data",
    "not_applicable",
    "any_level",
    "zero",
    "cannot_tell",
    "not_computed",
    "hidden",
    "stale",
    "sample",
    "draft",
)
"""States that must look different; each has a text ``state.<name>`` and a tooltip."""


@dataclass(frozen=True, slots=True)
class Column:
    """Head of a column; ``unit`` is written below the label."""

    key: str
    label: Text
    unit: Text | None = None
    is_number: bool = False
    help: Text | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell.

    Attributes
    ----------
    text : Text
        The words or the number as read.
    value : float, str or None
        What sorting uses; None sorts last.
    interval : Text or None
        The interval, written beside the value.
    state : str
        One of `STATES`, empty where the cell has a value.
    mark : str
        Symbol before the words (a verdict or an answer), empty for none.
    link : str
        Id of a technology whose explanation the cell opens, empty for none.
    """

    text: Text
    value: float | str | None = None
    interval: Text | None = None
    state: str = ""
    mark: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table ready to be shown; ``filters`` has one mapping of filter keys per row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    filters: tuple[dict[str, str], ...] = field(default=())
    ids: tuple[str, ...] = field(default=())

    @classmethod
    def of(
        cls,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        filters: Sequence[dict[str, str]] = (),
        ids: Sequence[str] = (),
    ) -> ReportTable:
        """Make a table from sequences."""
        return cls(tuple(columns), tuple(tuple(row) for row in rows), tuple(filters), tuple(ids))

    def parted(self, most: int) -> tuple[ReportTable, ReportTable | None]:
        """Return the first rows, and the others if there are any."""
        if len(self.rows) <= most:
            return self, None
        cut = slice(most), slice(most, None)
        first, rest = (
            replace(self, rows=self.rows[part], filters=self.filters[part], ids=self.ids[part])
            for part in cut
        )
        return first, rest


def state_cell(state: str) -> Cell:
    """Return a cell that has no value, and says why.

    Raises
    ------
    ValueError
        If it is none of `STATES`: the page would have no words for it.
    """
    if state not in STATES:
        raise ValueError(state)
    return Cell(say(f"state.{state}"), state=state)


def text_cell(text: Text | str | None, *, link: str = "", missing: str = "no_data") -> Cell:
    """Return a cell of words."""
    if isinstance(text, str):
        text = Text(text, text)
    if text is None or not text.zh:
        return state_cell(missing)
    return Cell(text, value=text.zh, link=link)


def choice_cell(kind: str, value: str | None, *, missing: str = "no_data") -> Cell:
    """Return a cell with the label of a choice and its symbol."""
    if value is None:
        return state_cell(missing)
    mark = value if kind in ("verdict", "answer") else ""
    return Cell(choice(kind, value), value=value, mark=mark)


def answer_cell(value: bool | None, *, missing: str = "not_computed") -> Cell:
    """Return yes with its symbol, or a plain no: where neither is a fault."""
    if value is None:
        return state_cell(missing)
    answer = "yes" if value else "no"
    return Cell(choice("answer", answer), answer, mark="yes" if value else "")


def share_cell(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    missing: str = "no_data",
) -> Cell:
    """Return a share in percent with its interval."""
    if value is None:
        return state_cell(missing)
    interval = None
    if low is not None and high is not None:
        interval = quantities.share_between(low, high)
    return Cell(quantities.share(value), value, interval)


def effect_cell(
    value: float | None, error: float | None = None, *, missing: str = "not_computed"
) -> Cell:
    """Return what a plan changes, in percent with two decimals, with its standard error."""
    if value is None:
        return state_cell(missing)
    beside = f"±{error * 100:.2f}%" if error else ""
    return Cell(quantities.effect(value), value, Text(beside, beside) if beside else None)


def fine_effect_cell(
    value: float | None, error: float | None = None, *, missing: str = "not_computed"
) -> Cell:
    """Return a part of what a plan changes, in percent with two significant digits."""
    if value is None:
        return state_cell(missing)
    beside = f"±{quantities.fine_effect(error).en}" if error else ""
    return Cell(quantities.fine_effect(value), value, Text(beside, beside) if beside else None)


def decimal_cell(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    digits: int | None = None,
    missing: str = "no_data",
) -> Cell:
    """Return a plain number with its interval."""
    if value is None:
        return state_cell(missing)
    interval = None
    if low is not None and high is not None:
        interval = quantities.between(low, high, digits)
    return Cell(quantities.decimal(value, digits), value, interval)


def count_cell(value: Any, *, missing: str = "no_data") -> Cell:
    """Return a whole number."""
    if value is None:
        return state_cell(missing)
    return Cell(quantities.count(int(value)), int(value))


def money_cell(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    missing: str = "no_data",
) -> Cell:
    """Return an amount in the unit of the column's head, `quantities.money_unit`."""
    if value is None:
        return state_cell(missing)
    interval = None
    if low is not None and high is not None and low != high:
        first, last = quantities.amount(low), quantities.amount(high)
        interval = Text(f"{first.zh}–{last.zh}", f"{first.en}–{last.en}")
    return Cell(quantities.amount(value), value, interval)
