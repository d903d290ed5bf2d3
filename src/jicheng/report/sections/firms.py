"""Firms whose stop would cost the supply network most."""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    count_cell,
    money_cell,
    share_cell,
    text_cell,
)
from jicheng.report.view import PlanView
from jicheng.report.wording import label, name_of, say

__all__ = ["SystemicFirms", "systemic_firms"]

_SHOWN = 20
"""Firms in the page; the table ``firms`` of the plan has all that were examined."""


@dataclass(frozen=True, slots=True)
class SystemicFirms:
    """The first firms, and the sentence that says what the table means."""

    says: Text
    table: ReportTable


def systemic_firms(view: PlanView) -> SystemicFirms:
    """Return the firms with the largest loss of all sales if they stop, largest first."""
    rows = [row for row in view.rows("firms") if row["total"] is not None]
    rows.sort(key=lambda row: (row["rank"] or float("inf"), -row["total"], row["organisation"]))
    unit = quantities.money_unit(view.currency)
    table = ReportTable.of(
        [
            Column("rank", label("firms", "rank"), is_number=True),
            Column("name", label("firms", "name")),
            Column("place", say("firms.place")),
            Column("industry", label("firms", "industry")),
            Column("sales", label("firms", "sales"), unit, is_number=True),
            Column("total", label("firms", "total"), is_number=True),
            Column("downstream", label("firms", "downstream"), is_number=True),
            Column("upstream", label("firms", "upstream"), is_number=True),
        ],
        [
            [
                count_cell(row["rank"], missing="not_computed"),
                text_cell(name_of(row, row["organisation"])),
                Cell(say("firms.inside" if row["zone"] else "firms.outside")),
                text_cell(row["industry"]),
                money_cell(row["sales"]),
                share_cell(row["total"]),
                share_cell(row["downstream"], missing="not_computed"),
                share_cell(row["upstream"], missing="not_computed"),
            ]
            for row in rows[:_SHOWN]
        ],
    )
    if not rows:
        return SystemicFirms(say("firms.missing"), table)
    says = say(
        "firms.says",
        examined=len(rows),
        shown=len(table.rows),
        largest=quantities.share(rows[0]["total"]),
    )
    return SystemicFirms(says, table)
