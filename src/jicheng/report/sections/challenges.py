"""A card for each challenge: who, what they hold together, what it costs, what is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names
from jicheng.report.sections.doubt import Doubt
from jicheng.report.sections.found import Found, also_found, found_members
from jicheng.report.sections.teams import (
    Matrix,
    coverage_matrix,
    member_table,
    team_sentences,
)
from jicheng.report.tables import (
    Cell,
    ReportTable,
    choice_cell,
    count_cell,
    share_cell,
    state_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import bilingual, label, name_of, say

__all__ = ["ORDER", "Card", "cards", "decided"]


ORDER = {"funded": 0, "not_funded": 1, "not_candidate": 2, "not_computed": 3}
"""Order of decisions in lists."""


@dataclass(frozen=True, slots=True)
class Card:
    """All that the report says about one challenge."""

    id: str
    name: Text
    technology: str
    technology_name: Text
    decision: str
    badges: tuple[tuple[Text, Cell], ...]
    facts: tuple[tuple[Text, Cell], ...]
    sentences: tuple[Text, ...]
    members: ReportTable
    matrix: Matrix
    found: Found | None
    others: ReportTable
    is_explained: bool
    reason: Text | None


def decided(row: Row | None) -> str:
    """Return what was decided on a challenge, ``not_computed`` without a portfolio."""
    if row is None:
        return "not_computed"
    if row["is_funded"]:
        return "funded"
    return "not_funded" if row["is_candidate"] else "not_candidate"


def cards(view: PlanView, names: Names) -> tuple[Card, ...]:
    """Return the cards, funded challenges first, then by what they would add."""
    portfolio = {row["challenge"]: row for row in view.rows("portfolio")}
    consortia = {row["challenge"]: row for row in view.rows("consortia")}
    doubt = Doubt.of(view)
    by_challenge = {
        table: _grouped(view.rows(table))
        for table in ("members", "coverage", "assignment", "found", "also_found")
    }

    def place(row: Row) -> tuple[int, float, str]:
        funded = portfolio.get(row["challenge"])
        value = (funded["shapley"] or funded["value_alone"] or 0.0) if funded else 0.0
        return ORDER[decided(funded)], -value, row["challenge"]

    return tuple(
        _card(
            row,
            portfolio.get(row["challenge"]),
            consortia.get(row["challenge"]),
            {table: found.get(row["challenge"], []) for table, found in by_challenge.items()},
            doubt,
            names,
            view,
        )
        for row in sorted(view.rows("challenges"), key=place)
    )


def _grouped(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["challenge"], []).append(row)
    return found


def _card(
    row: Row,
    portfolio: Row | None,
    consortium: Row | None,
    tables: dict[str, list[dict[str, Any]]],
    doubt: Doubt,
    names: Names,
    view: PlanView,
) -> Card:
    members = sorted(tables["members"], key=lambda m: (not m["is_lead"], m["organisation"]))
    state = decided(portfolio)
    told = team_sentences(consortium, members, tables["coverage"], names, _prices(view))
    reason = (portfolio["reason"] if portfolio else None) or row["reason"]
    return Card(
        id=row["challenge"],
        name=name_of(row, row["challenge"]),
        technology=row["technology"] or "",
        technology_name=names[row["technology"]],
        decision=state,
        badges=_badges(row, consortium),
        facts=_facts(row, portfolio, view),
        sentences=(*told, *doubt.sentences(row["challenge"])),
        members=member_table(members, doubt, names, view),
        matrix=coverage_matrix(members, tables["coverage"], tables["assignment"], names),
        found=_found(members, tables, names) if "found" in view.tables else None,
        others=doubt.others(row["challenge"], names),
        is_explained=row["challenge"] in view.explanations,
        reason=bilingual(reason) if reason else None,
    )


def _found(
    members: list[dict[str, Any]], tables: dict[str, list[dict[str, Any]]], names: Names
) -> Found:
    found = found_members(members, tables["assignment"], tables["coverage"], tables["found"], names)
    return replace(found, others=also_found(tables["also_found"], names))


def _prices(view: PlanView) -> dict[str, float]:
    """Return the points of one more place of each scarce organisation."""
    return {
        row["subject"]: row["price"]
        for row in view.rows("scarcity")
        if row["kind"] == "organisation" and row["price"] is not None
    }


def _badges(row: Row, consortium: Row | None) -> tuple[tuple[Text, Cell], ...]:
    found = [
        (label("challenges", "readiness"), choice_cell("readiness", row["readiness"])),
        (label("challenges", "origin"), choice_cell("challenge_origin", row["origin"])),
    ]
    status = consortium["status"] if consortium else "not_run"
    found.append((say("card.solver"), choice_cell("solve_status", status)))
    return tuple(found)


def _facts(row: Row, portfolio: Row | None, view: PlanView) -> tuple[tuple[Text, Cell], ...]:
    success = None
    if portfolio is not None:
        success = share_cell(
            portfolio["success"], portfolio["success_low"], portfolio["success_high"],
            missing="cannot_tell",
        )  # fmt: skip
    return (
        (say("card.cost"), _cost(row, view)),
        (label("challenges", "years"), _funded_years(row)),
        (label("challenges", "relief"), share_cell(row["relief"])),
        (say("card.success"), success or state_cell("not_computed")),
        (label("challenges", "r_fold"), count_cell(row["r_fold"])),
        (label("challenges", "member_limit"), count_cell(row["member_limit"])),
    )


def _cost(row: Row, view: PlanView) -> Cell:
    low, high = row["cost_low"], row["cost_high"]
    known = [value for value in (low, high) if value is not None]
    if not known:
        return state_cell("no_data")
    return Cell(quantities.money_between(known[0], known[-1], view.currency), known[0])


def _funded_years(row: Row) -> Cell:
    if row["years"] is None:
        return state_cell("no_data")
    return Cell(quantities.years(row["years"], row["years"]), row["years"])
