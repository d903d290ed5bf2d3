"""What the plan funds, with which money, and what that is worth."""

from __future__ import annotations

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.base import points_cell
from jicheng.report.names import Names
from jicheng.report.sections import consortia, defence
from jicheng.report.sections.challenges import ORDER, decided
from jicheng.report.sections.part import Part
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    choice_cell,
    effect_cell,
    money_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import bilingual, label, name_of, say

__all__ = ["mixed_value", "parts", "portfolio_table", "value_sentences", "value_table"]


def mixed_value(view: PlanView) -> Row | None:
    """Return the row of the value table for the mixed variant, the one that decides."""
    return next((row for row in view.rows("value") if row["variant"] == "mixed"), None)


def portfolio_table(view: PlanView, names: Names) -> ReportTable:
    """Return all challenges: funded ones first, each with what it would add and why not."""
    paid: dict[str, list[Text]] = {}
    for row in view.rows("funding"):
        paid.setdefault(row["challenge"], []).append(
            say("portfolio.paid", purse=names[row["purse"]],
                amount=quantities.money(row["amount"] or 0.0, view.currency))
        )  # fmt: skip
    rows = sorted(
        view.rows("portfolio"),
        key=lambda row: (ORDER[decided(row)], -(row["shapley"] or row["marginal"] or 0.0),
                         row["challenge"]),
    )  # fmt: skip
    return ReportTable.of(
        [
            Column("name", label("portfolio", "name")),
            Column("decision", say("portfolio.decision")),
            Column(
                "cost",
                label("portfolio", "cost"),
                quantities.money_unit(view.currency),
                is_number=True,
            ),
            Column("success", say("card.success"), is_number=True),
            Column("value_alone", label("portfolio", "value_alone"), is_number=True),
            Column("shapley", label("portfolio", "shapley"), is_number=True),
            Column("marginal", label("portfolio", "marginal"), is_number=True),
            Column("purses", say("portfolio.purses")),
            Column("reason", label("portfolio", "reason")),
        ],
        [_cells(row, paid.get(row["challenge"], [])) for row in rows],
        filters=[{"decision": decided(row)} for row in rows],
        ids=[row["challenge"] for row in rows],
    )


def _cells(row: Row, paid: list[Text]) -> list[Cell]:
    return [
        text_cell(name_of(row, row["challenge"]), link=row["technology"] or ""),
        _decision(row),
        money_cell(row["cost"]),
        share_cell(row["success"], row["success_low"], row["success_high"], missing="cannot_tell"),
        effect_cell(row["value_alone"]),
        _shapley(row),
        effect_cell(row["marginal"]),
        _lines(paid),
        Cell(bilingual(row["reason"])) if row["reason"] else state_cell("not_applicable"),
    ]


def _decision(row: Row) -> Cell:
    state = decided(row)
    by_person = choice_cell("decision", row["decision"]).text if row["decision"] else None
    return Cell(say(f"decision.{state}"), state, by_person, mark=state)


def _shapley(row: Row) -> Cell:
    missing = "not_computed" if row["is_funded"] else "not_applicable"
    return effect_cell(row["shapley"], row["shapley_se"], missing=missing)


def _lines(texts: list[Text]) -> Cell:
    if not texts:
        return state_cell("not_applicable")
    return Cell(
        Text("；".join(t.zh for t in texts), "; ".join(t.en or t.zh for t in texts)), len(texts)
    )


def parts(view: PlanView, names: Names) -> tuple[Part, ...]:
    """Return what a zone is asked when it defends the portfolio, in the order of the page."""
    return (
        defence.more_money(view, names),
        consortia.scarce(view, names),
        consortia.withdrawals(view, names),
        defence.decisions(view, names),
        defence.races(view, names),
        consortia.fairness(view, names),
        defence.joined(view),
    )


def value_sentences(view: PlanView) -> tuple[Text, ...]:
    """Return what the plan is worth: point, sampling error and assumed range apart, proof."""
    row = mixed_value(view)
    if row is None or row["value"] is None:
        return (say("value.missing"),)
    found = [
        say(
            "value.loss",
            value=quantities.effect(row["value"]),
            before=share_cell(row["loss_before"]).text,
            after=share_cell(row["loss_after"]).text,
        )
    ]
    if row["value_se"] is not None:
        found.append(say("value.error", error=f"{row['value_se'] * 100:.2f}"))
    if row["value_low"] is not None and row["value_high"] is not None:
        found.append(
            say("value.range", range=quantities.effect_between(row["value_low"], row["value_high"]))
        )
    if row["gap"] == 0:
        found.append(say("value.optimal"))
    elif row["gap"] is not None:
        found.append(say("value.proof", gap=quantities.share(row["gap"])))
    else:
        found.append(say("value.no_proof"))
    return tuple(found)


def value_table(view: PlanView) -> ReportTable:
    """Return the value of the plan under each cascade variant."""
    return ReportTable.of(
        [
            Column("variant", label("value", "variant")),
            Column("loss_before", label("value", "loss_before"), is_number=True),
            Column("loss_after", label("value", "loss_after"), is_number=True),
            Column("value", label("value", "value"), is_number=True),
            Column("value_se", label("value", "value_se"), say("points"), is_number=True),
            Column("range", say("value.assumed"), is_number=True),
            Column("gap", label("value", "gap"), is_number=True),
            Column("method", label("value", "method")),
        ],
        [
            [
                choice_cell("variant", row["variant"]),
                share_cell(row["loss_before"], missing="not_computed"),
                share_cell(row["loss_after"], missing="not_computed"),
                effect_cell(row["value"]),
                points_cell(row["value_se"]),
                _range(row),
                share_cell(row["gap"], missing="not_computed"),
                _method(row["method"]),
            ]
            for row in view.rows("value")
        ],
    )


def _range(row: Row) -> Cell:
    if row["value_low"] is None or row["value_high"] is None:
        return state_cell("not_computed")
    return Cell(quantities.effect_between(row["value_low"], row["value_high"]), row["value_low"])


def _method(method: str | None) -> Cell:
    if method in ("enumeration", "integer program"):
        return Cell(say(f"method.{method.replace(' ', '_')}"), method)
    return text_cell(method, missing="not_computed")
