"""The director's one screen: four figures, and three blocks of what to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names
from jicheng.report.sections.exposure import Unprotected
from jicheng.report.sections.portfolio import mixed_value
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    effect_cell,
    money_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import label, name_of, say

__all__ = ["Block", "Figure", "figures", "summary_blocks"]

_TOP = 7
_VARIANTS = ("p_linear", "p_chokepoint", "p_leontief")
_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline number; ``value`` is a state's word where ``state`` is set."""

    label: Text
    value: Text
    interval: Text
    says: Text
    state: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the summary: heading, the sentence that says it, its rows."""

    key: str
    title: Text
    says: Text
    table: ReportTable
    more: Text | None = None
    missing: bool = False


def figures(view: PlanView) -> tuple[Figure, ...]:
    """Return at most four figures, each with an interval or what stands for it."""
    return (_chokepoints(view), _avoided(view), _money(view), _coverage(view))


def _none(key: str) -> Figure:
    return Figure(
        say(f"figure.{key}"),
        say("state.not_computed"),
        Text("", ""),
        say(f"figure.{key}.missing"),
        "not_computed",
    )


def _chokepoints(view: PlanView) -> Figure:
    rows = view.rows("chokepoints")
    if not rows:
        return _none("chokepoints")
    verdicts = [row["verdict"] for row in rows]
    n = verdicts.count("chokepoint")
    sure = view.threshold("probability") or _SURE
    # What the mixed variant would call a chokepoint but the evidence does not allow
    # stays out under the others, too.
    allowed = [
        row for row in rows if row["verdict"] == "chokepoint" or (row["p_chokepoint"] or 0.0) < sure
    ]
    counts = [sum((row[variant] or 0.0) >= sure for row in allowed) for variant in _VARIANTS]
    return Figure(
        say("figure.chokepoints"),
        say("figure.chokepoints.value", n=n),
        say("figure.chokepoints.interval", range=quantities.span(min(counts), max(counts))),
        say(
            "figure.chokepoints.says",
            total=len(rows),
            watch=verdicts.count("watch"),
            missing=len(rows) - sum(v in ("chokepoint", "watch", "safe") for v in verdicts),
        ),
    )


def _avoided(view: PlanView) -> Figure:
    row = mixed_value(view)
    if row is None or row["value"] is None:
        return _none("avoided")
    interval = Text("", "")
    if row["value_low"] is not None and row["value_high"] is not None:
        interval = say(
            "figure.avoided.interval",
            range=quantities.effect_between(row["value_low"], row["value_high"]),
        )
    return Figure(
        say("figure.avoided"),
        quantities.effect(row["value"]),
        interval,
        say(
            "figure.avoided.says",
            before=share_cell(row["loss_before"]).text,
            after=share_cell(row["loss_after"]).text,
        ),
    )


def _money(view: PlanView) -> Figure:
    rows = view.rows("portfolio")
    if not rows:
        return _none("money")
    funded = [row for row in rows if row["is_funded"]]
    cost = sum(row["cost"] or 0.0 for row in funded)
    available = sum(row["amount"] or 0.0 for row in view.zone_rows("purses"))
    asked = {row["challenge"]: (row["cost_low"], row["cost_high"]) for row in
             view.rows("challenges")}  # fmt: skip
    ranges = [asked.get(row["challenge"], (None, None)) for row in funded]
    interval = Text("", "")
    if funded and all(low is not None and high is not None for low, high in ranges):
        lowest = sum(low for low, _ in ranges if low is not None)
        highest = sum(high for _, high in ranges if high is not None)
        estimate = quantities.money_between(lowest, highest, view.currency)
        interval = say("figure.money.interval", range=estimate)
    return Figure(
        say("figure.money"),
        quantities.money(cost, view.currency),
        interval,
        say(
            "figure.money.says",
            funded=len(funded),
            total=len(rows),
            available=quantities.money(available, view.currency)
            if available
            else say("not_recorded"),
        ),
    )


def _coverage(view: PlanView) -> Figure:
    funded = {row["challenge"] for row in view.rows("portfolio") if row["is_funded"]}
    rows = [row for row in view.rows("consortia") if row["coverage"] is not None]
    rows = [row for row in rows if row["challenge"] in funded] or rows
    if not rows:
        return _none("coverage")
    mean = fmean(row["coverage"] for row in rows)
    single = [row["best_single"] for row in rows if row["best_single"] is not None]
    lows = [row["coverage_low"] for row in rows if row["coverage_low"] is not None]
    highs = [row["coverage_high"] for row in rows if row["coverage_high"] is not None]
    interval = Text("", "")
    if lows and highs:
        interval = say(
            "figure.coverage.interval", range=quantities.share_between(fmean(lows), fmean(highs))
        )
    return Figure(
        say("figure.coverage"),
        quantities.share(mean),
        interval,
        say(
            "figure.coverage.says",
            n=len(rows),
            single=quantities.share(fmean(single)) if single else say("state.no_data"),
        ),
    )


def summary_blocks(view: PlanView, rest: Unprotected, names: Names) -> tuple[Block, ...]:
    """Return the three blocks: most exposed, funded, still exposed."""
    return (_exposed(view, names), _funded(view, names), _unprotected(view, rest))


def _exposed(view: PlanView, names: Names) -> Block:
    rows = [row for row in view.rows("chokepoints") if row["verdict"] == "chokepoint"]
    rows.sort(key=lambda row: (row["rank"] or float("inf"), row["technology"]))
    table = ReportTable.of(
        [
            Column("name", label("chokepoints", "name")),
            Column("p", label("chokepoints", "p_chokepoint"), is_number=True),
            Column("impact", say("summary.impact_full"), is_number=True),
        ],
        [
            [
                Cell(name_of(row, row["technology"]), None, names.place(row["chain"]),
                     mark="chokepoint", link=row["technology"]),
                share_cell(row["p_chokepoint"]),
                share_cell(row["impact_full"], missing="not_computed"),
            ]
            for row in rows[:_TOP]
        ],
    )  # fmt: skip
    priority = sum(bool(row["is_priority"]) for row in rows)
    says = say("summary.exposed.says", n=len(rows), priority=priority)
    if not view.rows("chokepoints"):
        says = say("figure.chokepoints.missing")
    elif not rows:
        says = say("summary.exposed.none")
    return Block("exposed", say("summary.exposed"), says, table, _more(len(rows)), not rows)


def _more(n: int) -> Text | None:
    return say("summary.more", n=n - _TOP) if n > _TOP else None


def _funded(view: PlanView, names: Names) -> Block:
    rows = [row for row in view.rows("portfolio") if row["is_funded"]]
    rows.sort(key=lambda row: (-(row["shapley"] or 0.0), row["challenge"]))
    leads = {row["challenge"]: row["lead"] for row in view.rows("consortia")}
    table = ReportTable.of(
        [
            Column("name", label("portfolio", "name")),
            Column(
                "cost",
                label("portfolio", "cost"),
                quantities.money_unit(view.currency),
                is_number=True,
            ),
            Column("success", say("summary.success"), is_number=True),
            Column("shapley", say("summary.shapley"), is_number=True),
        ],
        [
            [
                Cell(name_of(row, row["challenge"]), None, _lead(leads, row, names),
                     mark="funded", link=row["technology"] or ""),
                money_cell(row["cost"]),
                share_cell(row["success"], missing="cannot_tell"),
                effect_cell(row["shapley"]),
            ]
            for row in rows[:_TOP]
        ],
    )  # fmt: skip
    cost = sum(row["cost"] or 0.0 for row in rows)
    says = say("summary.funded.says", n=len(rows), cost=quantities.money(cost, view.currency))
    if not rows:
        says = say("summary.funded.none")
    return Block("funded", say("summary.funded"), says, table, _more(len(rows)), not rows)


def _lead(leads: Mapping[str, str | None], row: Row, names: Names) -> Text | None:
    lead = leads.get(row["challenge"])
    return say("summary.lead", name=names[lead]) if lead else None


def _unprotected(view: PlanView, rest: Unprotected) -> Block:
    rows = sorted(
        view.rows("exposure"), key=lambda row: (-(row["loss_after"] or 0.0), row["technology"])
    )
    table = ReportTable.of(
        [
            Column("name", label("exposure", "name")),
            Column("loss", say("summary.loss_after"), is_number=True),
            Column("exceed", say("summary.exceed_after"), is_number=True),
        ],
        [
            [
                text_cell(name_of(row, row["technology"]), link=row["technology"]),
                share_cell(
                    row["loss_after"], row["loss_after_low"], row["loss_after_high"],
                    missing="not_computed",
                ),
                _exceed(row),
            ]
            for row in rows[: _TOP - 1]
        ],
    )  # fmt: skip
    first = [name for _, name, _ in rest.technologies[:4]]
    says = say("summary.rest.says", n=len(rest.technologies), names=_joined(first))
    if not rows:
        says = say("exposure.missing")
    elif not rest.technologies:
        says = say("summary.rest.none")
    return Block("rest", say("summary.rest"), says, table, None, not rows)


def _joined(texts: list[Text]) -> Text:
    return Text("、".join(t.zh for t in texts), ", ".join(t.en or t.zh for t in texts))


def _exceed(row: dict[str, Any]) -> Cell:
    if row["exceed_after"] is None:
        return state_cell("not_computed")
    return share_cell(row["exceed_after"], row["exceed_after_low"], row["exceed_after_high"])
