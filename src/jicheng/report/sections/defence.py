"""What a zone is asked when it defends its portfolio: decisions by people, parallel awards."""

from __future__ import annotations

from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names, split
from jicheng.report.sections.part import NOTHING, Part
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    answer_cell,
    choice_cell,
    count_cell,
    effect_cell,
    fine_effect_cell,
    money_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import bilingual, label, say

__all__ = ["decisions", "joined", "more_money", "races"]


_ALL = "all"


def more_money(view: PlanView, names: Names) -> Part:
    """Return what more money is worth: chosen anew, beside the slope of the relaxation."""
    rows = sorted(
        view.rows("money"), key=lambda row: (row["purse"] != _ALL, -row["value_gain"], row["purse"])
    )
    if not rows:
        return Part("money", say("money.title"), say("money.none"), NOTHING)
    unit = quantities.money_unit(view.currency)
    table = ReportTable.of(
        [
            Column("purse", label("money", "purse")),
            Column("change", label("money", "change"), is_number=True),
            Column("amount", label("money", "amount"), unit, is_number=True),
            Column("cost", label("money", "cost"), unit, is_number=True),
            Column("value_gain", label("money", "value_gain"), is_number=True),
            Column("dual", label("money", "dual"), is_number=True),
            Column("is_proved", label("money", "is_proved")),
        ],
        [
            [
                text_cell(say("money.all") if row["purse"] == _ALL else names[row["purse"]]),
                share_cell(row["change"]),
                money_cell(row["amount"]),
                money_cell(row["cost"]),
                fine_effect_cell(row["value_gain"], row["gain_se"]),
                fine_effect_cell(row["dual"]),
                answer_cell(row["is_proved"]),
            ]
            for row in rows
        ],
    )
    return Part("money", say("money.title"), _money_says(rows[0], names, view), table)


def _money_says(row: Row, names: Names, view: PlanView) -> Text:
    fields = {
        "share": quantities.share(row["change"]),
        "purse": say("money.all") if row["purse"] == _ALL else names[row["purse"]],
        "amount": quantities.money(row["amount"], view.currency),
        "gain": quantities.fine_effect(row["value_gain"]),
    }
    if row["value_gain"] == 0.0:
        return say("money.says_nothing", **fields)
    if row["dual"] is None:
        return say("money.says_plain", **fields)
    return say("money.says", **fields, dual=quantities.fine_effect(row["dual"]))


def joined(view: PlanView) -> Part:
    """Return the rounds in which consortia were formed for what each challenge is worth."""
    rows = sorted(view.rows("joined"), key=lambda row: row["round"])
    kept = next((row for row in rows if row["is_kept"]), None)
    if kept is None or kept["value"] is None:
        return Part("joined", say("joined.title"), say("joined.none"), NOTHING)
    table = ReportTable.of(
        [
            Column("round", label("joined", "round"), is_number=True),
            Column("value", label("joined", "value"), is_number=True),
            Column("bound", label("joined", "bound"), is_number=True),
            Column("surrogate_gap", label("joined", "surrogate_gap"), is_number=True),
            Column("n_staffed", label("joined", "n_staffed"), is_number=True),
            Column("n_funded", label("joined", "n_funded"), is_number=True),
            Column("is_kept", label("joined", "is_kept")),
        ],
        [
            [
                count_cell(row["round"]),
                effect_cell(row["value"]),
                effect_cell(row["bound"]),
                share_cell(row["surrogate_gap"], missing="not_computed"),
                count_cell(row["n_staffed"]),
                count_cell(row["n_funded"]),
                answer_cell(row["is_kept"]),
            ]
            for row in rows
        ],
    )
    first = rows[0]["value"]
    says = say(
        "joined.says",
        n=len(rows),
        kept=kept["round"],
        value=quantities.effect(kept["value"]),
        gain=quantities.fine_effect(kept["value"] - (kept["value"] if first is None else first)),
    )
    return Part("joined", say("joined.title"), says, table)


def decisions(view: PlanView, names: Names) -> Part:
    """Return what each decision by people and each condition costs, the dearest first."""
    rows = sorted(
        view.rows("overrides"),
        key=lambda row: (row["price"] is None, -(row["price"] or 0.0), row["override"]),
    )
    title = say("decisions.title")
    if not rows:
        return Part("decisions", title, say("decisions.none"), NOTHING)
    table = ReportTable.of(
        [
            Column("override", label("overrides", "override")),
            Column("kind", label("overrides", "kind")),
            Column("price", label("overrides", "price"), is_number=True),
            Column("instead", say("decisions.instead")),
            Column("reason", label("overrides", "reason")),
        ],
        [
            [
                text_cell(_subject(row, view, names)),
                choice_cell("override_kind", row["kind"]),
                fine_effect_cell(row["price"], row["price_se"]),
                _instead(row, names),
                text_cell(bilingual(row["reason"] or ""), missing="not_applicable"),
            ]
            for row in rows
        ],
    )
    return Part("decisions", title, _decisions_say(rows, view, names), table)


def _decisions_say(rows: list[dict[str, Any]], view: PlanView, names: Names) -> Text:
    priced = [row for row in rows if row["price"] is not None]
    if not priced or not priced[0]["price"]:
        return say("decisions.free" if priced else "decisions.unpriced", n=len(rows))
    return say(
        "decisions.says",
        n=len(rows),
        name=_subject(priced[0], view, names),
        price=quantities.fine_effect(priced[0]["price"]),
    )


def _subject(row: Row, view: PlanView, names: Names) -> Text:
    """Return the challenge that is decided about, or the challenges of the condition."""
    condition = next(
        (one for one in view.zone_rows("conditions") if one["id"] == row["override"]), None
    )
    if condition is None:
        return names[row["override"]]
    about = split(condition["challenges"])
    if condition["kind"] == "requires":
        return say(
            "decisions.requires", first=names.listed(about, most=1), rest=names.listed(about[1:])
        )
    return names.listed(about)


def _instead(row: Row, names: Names) -> Cell:
    """Return what the plan would do without the decision."""
    if row["price"] is None:
        return state_cell("not_computed")
    parts = [
        say(f"decisions.{key}", names=names.listed(split(row[key])))
        for key in ("added", "dropped")
        if row[key]
    ]
    if not parts:
        return Cell(say("decisions.same"), "")
    words = Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
    proved = None if row["is_proved"] else say("decisions.unproved")
    return Cell(words, words.zh, proved)


def races(view: PlanView, names: Names) -> Part:
    """Return what further teams are worth for each challenge that allows them."""
    single = {row["challenge"]: row for row in view.rows("races") if row["teams"] == 1}
    rows = [row for row in view.rows("races") if row["teams"] and row["teams"] > 1]
    best: dict[str, float] = {}
    for row in rows:
        best[row["challenge"]] = max(best.get(row["challenge"], 0.0), row["gain"] or 0.0)
    rows.sort(key=lambda row: (-best[row["challenge"]], row["challenge"], row["teams"]))
    if not rows:
        return Part("races", say("races.title"), say("races.none"), NOTHING)
    chosen = sum(bool(row["is_chosen"]) for row in rows)
    table = ReportTable.of(
        [
            Column("challenge", label("races", "challenge")),
            Column("teams", label("races", "teams"), is_number=True),
            Column(
                "extra_cost",
                label("races", "extra_cost"),
                quantities.money_unit(view.currency),
                is_number=True,
            ),
            Column("success", say("card.success"), is_number=True),
            Column("gain", label("races", "gain"), is_number=True),
            Column("pays", say("races.pays"), is_number=True),
            Column("is_chosen", label("races", "is_chosen")),
        ],
        [
            [
                text_cell(names[row["challenge"]]),
                count_cell(row["teams"]),
                money_cell(row["extra_cost"]),
                _better(row, single.get(row["challenge"])),
                fine_effect_cell(row["gain"], row["gain_se"]),
                _pays(row),
                answer_cell(row["is_chosen"]),
            ]
            for row in rows
        ],
    )
    says = say("races.says", n=len(best), chosen=chosen)
    return Part("races", say("races.title"), says, table)


def _better(row: Row, single: Row | None) -> Cell:
    """Return the chance of success, beside that of a single team."""
    cell = share_cell(row["success"], missing="cannot_tell")
    if cell.state or single is None or single["success"] is None:
        return cell
    return Cell(
        cell.text, cell.value, say("races.single", share=quantities.share(single["success"]))
    )


def _pays(row: Row) -> Cell:
    """Return the gain per money against that of the whole plan."""
    gain, plan = row["gain_per_money"], row["plan_per_money"]
    return share_cell(gain / plan if gain is not None and plan else None, missing="not_computed")
