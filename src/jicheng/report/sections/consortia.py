"""All consortia together: who is scarce, on whom the plan depends, who gets the seats."""

from __future__ import annotations

from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names, split
from jicheng.report.sections.doubt import few
from jicheng.report.sections.part import NOTHING, Part
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    count_cell,
    decimal_cell,
    share_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, label, name_of, say

__all__ = ["fairness", "scarce", "withdrawals"]

_FLOOR = "floor"
_ALL = "all"
_UNKNOWN = "unknown"
_GROUPINGS = ("size", "kind", "site")
_NAMED_GROUPS = ("small", "outside")
_CHOICES = {"size": "organisation_size", "kind": "organisation_kind"}


def scarce(view: PlanView, names: Names) -> Part:
    """Return organisations and capabilities of which more would help, the dearest first."""
    rows = sorted(
        (row for row in view.rows("scarcity") if _worth(row) > 0.0),
        key=lambda row: (-_worth(row), row["kind"], row["subject"]),
    )
    if not rows:
        key = "scarce.none" if "scarcity" in view.tables else "scarce.missing"
        return Part("scarce", say("scarce.title"), say(key), NOTHING)
    has_unlocks = any(row["unlocks"] for row in rows)
    table = ReportTable.of(
        [
            Column("name", label("scarcity", "name")),
            Column("gain", say("scarce.gain"), say("unit.points"), is_number=True),
            Column("challenges", label("scarcity", "challenges")),
            *([Column("unlocks", label("scarcity", "unlocks"))] if has_unlocks else []),
        ],
        [
            [
                Cell(name_of(row, row["subject"]), None, choice("scarcity_kind", row["kind"])),
                _gain(row),
                few(split(row["challenges"]), names),
                *([few(split(row["unlocks"]), names)] if has_unlocks else []),
            ]
            for row in rows
        ],
    )
    first = {kind: next((row for row in rows if row["kind"] == kind), None) for kind in
             ("organisation", "capability")}  # fmt: skip
    says = [
        say(f"scarce.{kind}", name=name_of(row, row["subject"]),
            worth=quantities.decimal(_worth(row), 2))
        for kind, row in first.items()
        if row is not None
    ]  # fmt: skip
    words = Text("".join(one.zh for one in says), " ".join(one.en for one in says))
    return Part("scarce", say("scarce.title"), words, table)


def _gain(row: Row) -> Cell:
    """Return what one more is worth, solved again, beside the price at the margin."""
    cell = decimal_cell(row["gain"], digits=2, missing="not_computed")
    if row["price"] is None:
        return cell
    beside = say("scarce.margin", price=quantities.decimal(row["price"], 2))
    return Cell(cell.text, cell.value, beside, cell.state)


def _worth(row: Row) -> float:
    """Return what one more is worth: solved again where that was done, else at the margin."""
    return float(row["price"] or 0.0) if row["gain"] is None else float(row["gain"])


def withdrawals(view: PlanView, names: Names) -> Part:
    """Return what the plan loses without each member, the greatest loss first."""
    rows = sorted(
        (row for row in view.rows("replacements") if row["loss"] is not None),
        key=lambda row: (-row["loss"], row["organisation"]),
    )
    if not rows:
        return Part("withdrawals", say("withdrawals.title"), say("withdrawals.none"), NOTHING)
    table = ReportTable.of(
        [
            Column("name", label("replacements", "organisation")),
            Column("loss", label("replacements", "loss"), say("unit.points"), is_number=True),
            Column("challenges", label("replacements", "challenges")),
            Column("steps_in", label("replacements", "steps_in")),
        ],
        [
            [
                text_cell(name_of(row, row["organisation"])),
                decimal_cell(row["loss"], digits=2),
                few(split(row["challenges"]), names, most=1),
                _steps_in(row, names),
            ]
            for row in rows
        ],
    )
    says = say(
        "withdrawals.says",
        n=len(rows),
        k=sum(bool(row["is_irreplaceable"]) for row in rows),
        name=name_of(rows[0], rows[0]["organisation"]),
        loss=quantities.decimal(rows[0]["loss"], 2),
    )
    return Part("withdrawals", say("withdrawals.title"), says, table)


def _steps_in(row: Row, names: Names) -> Cell:
    """Return who joins instead, or the challenges that are left without a consortium."""
    if not row["is_irreplaceable"]:
        return few(split(row["steps_in"]), names, most=1)
    fails = few(split(row["fails"]), names, most=1).text
    return Cell(say("withdrawals.fails", names=fails), fails.zh, mark="no")


def fairness(view: PlanView, names: Names) -> Part:
    """Return each group's share of seats beside its share of candidates; floors in words."""
    rows = [row for row in view.rows("fairness") if row["grouping"] in _GROUPINGS]
    rows.sort(key=lambda row: (_GROUPINGS.index(row["grouping"]), row["group"] == _UNKNOWN,
                               -(row["seat_share"] or 0.0), row["group"]))  # fmt: skip
    if not any(row["seats"] for row in rows):
        return Part("fairness", say("fairness.title"), say("fairness.none"), NOTHING)
    shares = ("seat_share", "candidate_share", "cost_share")
    table = ReportTable.of(
        [
            Column("group", label("fairness", "group")),
            Column("seats", label("fairness", "seats"), is_number=True),
            *(Column(key, label("fairness", key), is_number=True) for key in shares),
        ],
        [
            [
                Cell(_group(row, names), None, choice("fairness_grouping", row["grouping"])),
                count_cell(row["seats"]),
                *(share_cell(row[key]) for key in shares),
            ]
            for row in rows
        ],
    )
    told = [_most(rows, view, names), *(_floor(row) for row in view.rows("fairness")
                                        if row["grouping"] == _FLOOR)]  # fmt: skip
    says = Text("".join(one.zh for one in told), " ".join(one.en for one in told))
    return Part("fairness", say("fairness.title"), says, table)


def _floor(row: Row) -> Text:
    fields = {
        "group": say(f"fairness.group.{row['group']}") if row["group"] in _NAMED_GROUPS
        else Text(row["group"], row["group"]),
        "floor": quantities.share(row["floor"]),
    }  # fmt: skip
    if row["is_met"]:
        return say("fairness.floor_met", **fields)
    if row["price"] is None:
        return say("fairness.floor_unpriced", **fields)
    return say("fairness.floor", **fields, price=quantities.decimal(row["price"], 2))


def _group(row: Row, names: Names) -> Text:
    group, grouping = row["group"], row["grouping"]
    if group == _UNKNOWN:
        return say("fairness.unknown")
    if grouping in _CHOICES:
        return choice(_CHOICES[grouping], group)
    if grouping == "site":
        return names[group]
    return Text(group, group)


def _most(rows: list[dict[str, Any]], view: PlanView, names: Names) -> Text:
    """Name the group that has most seats beyond its share of the candidates."""
    whole = next((row for row in view.rows("fairness") if row["grouping"] == _ALL), None)
    known = [
        row
        for row in rows
        if row["group"] != _UNKNOWN and None not in (row["seat_share"], row["candidate_share"])
    ]
    if not known:
        return say("fairness.says_plain")
    most = max(known, key=lambda row: row["seat_share"] - row["candidate_share"])
    fields = {
        "group": _group(most, names),
        "seats": quantities.share(most["seat_share"]),
        "candidates": quantities.share(most["candidate_share"]),
    }
    if whole is None or whole["gini"] is None:
        return say("fairness.says_most", **fields)
    return say("fairness.says", **fields, gini=quantities.decimal(whole["gini"], 2))
