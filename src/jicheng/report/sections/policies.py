"""Policies of the zone: who is eligible, what it would cost, and when to apply."""

from __future__ import annotations

from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.sections.part import NOTHING, Part
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    count_cell,
    money_cell,
    state_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, label, name_of, say

__all__ = ["policies"]

_WINDOWS = ("closing_soon", "open", "upcoming", "always", "unknown", "closed")
"""States of a window, the most pressing first."""


_PAID_OUT = ("grant", "share_of_cost", "interest")
"""Benefits that are money spent, not lent, vouched for or invested."""


def policies(view: PlanView) -> Part:
    """Return every policy, those first that close first."""
    title = say("policies.title")
    rows = sorted(view.rows("policy_needs"), key=_order)
    if not rows:
        return Part("policies", title, say("policies.none"), NOTHING)
    unit = quantities.money_unit(view.currency)
    table = ReportTable.of(
        [
            Column("name", label("policy_needs", "name")),
            Column("eligible", label("policy_needs", "n_eligible"), is_number=True),
            Column("nearly", label("policy_needs", "n_nearly"), is_number=True),
            Column("open", label("policy_needs", "n_open"), is_number=True),
            Column("need", say("policies.need"), unit, is_number=True),
            Column("budget", label("policy_needs", "budget"), unit, is_number=True),
            Column("window", label("policy_needs", "window")),
        ],
        [
            [
                _policy(row),
                count_cell(row["n_eligible"], missing="not_computed"),
                count_cell(row["n_nearly"], missing="not_computed"),
                count_cell(row["n_open"], missing="not_computed"),
                _need(row),
                money_cell(row["budget"]),
                _window(row),
            ]
            for row in rows
        ],
    )
    return Part("policies", title, _says(rows, view), table)


def _order(row: Row) -> tuple[int, str, str]:
    state = row["window"] or "unknown"
    place = _WINDOWS.index(state) if state in _WINDOWS else len(_WINDOWS)
    day = row["opens"] if state == "upcoming" else row["closes"]
    return place, str(day or "9999"), row["policy"]


def _policy(row: Row) -> Cell:
    """Return name and form of benefit, and the mark of draft rules."""
    name = name_of(row, row["policy"])
    kinds = [
        choice(kind, row[key])
        for kind, key in (("benefit_form", "benefit"), ("policy_subject", "subject"))
        if row[key] not in (None, "organisation")
    ]
    parts = [say("state.draft"), *kinds] if row["is_draft"] else kinds
    if not parts:
        return Cell(name, name.zh)
    beside = Text(" · ".join(p.zh for p in parts), " · ".join(p.en for p in parts))
    return Cell(name, name.zh, beside, state="draft" if row["is_draft"] else "")


def _need(row: Row) -> Cell:
    """Return what all that are eligible, or might be, could be paid."""
    low, high = row["need_low"], row["need_high"]
    if low is None and high is None:
        return state_cell("no_data")
    if low is None or high is None or low == high:
        return money_cell(high if low is None else low)
    ends = quantities.amount(low), quantities.amount(high)
    return Cell(Text(f"{ends[0].zh}–{ends[1].zh}", f"{ends[0].en}–{ends[1].en}"), high)


def _window(row: Row) -> Cell:
    if row["window"] in (None, "unknown"):
        return state_cell("no_data")
    words = choice("window_state", row["window"])
    days = [str(day) for day in (row["opens"], row["closes"])]
    if row["opens"] is None and row["closes"] is None:
        return Cell(words, words.zh)
    if row["opens"] is None:
        return Cell(words, days[1], say("policies.until", day=days[1]))
    if row["closes"] is None:
        return Cell(words, days[0], say("policies.from", day=days[0]))
    return Cell(words, days[1], Text(" – ".join(days), " – ".join(days)))


def _says(rows: list[dict[str, Any]], view: PlanView) -> Text:
    lacking = [
        row["need_low"] - row["budget"]
        for row in rows
        if row["benefit"] in _PAID_OUT and None not in (row["need_low"], row["budget"])
    ]
    short = [money for money in lacking if money > 0]
    is_open = sum(row["window"] in ("open", "closing_soon", "always") for row in rows)
    told = {
        "day": rows[0]["as_of"] or say("not_recorded"),
        "n": len(rows),
        "open": is_open,
        "basis": say("policies.basis"),
    }
    if not short:
        return say("policies.says", **told)
    return say(
        "policies.says_short",
        **told,
        short=len(short),
        lacking=quantities.money(sum(short), view.currency),
    )
