"""The consortium of a challenge: members, who holds what, and what that means in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names, split
from jicheng.report.sections.doubt import Doubt
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    choice_cell,
    money_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import bilingual, choice, country, label, listed, name_of, say

__all__ = ["Matrix", "MatrixCell", "MatrixRow", "coverage_matrix", "member_table", "team_sentences"]

_NO_POINTS = 0.005
"""Points that would be written as 0.00."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Whether one member meets one need: level from 0 to 1 (None = unknown)."""

    answer: str
    level: float | None
    evidence: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One needed capability: level asked for, members, team and zone."""

    capability: Text
    weight: Cell
    level: Cell
    members: tuple[MatrixCell, ...]
    team: Cell
    zone: Cell
    outside: Cell


@dataclass(frozen=True, slots=True)
class Matrix:
    """Needed capabilities against members, who are named by letters."""

    letters: tuple[str, ...]
    members: tuple[Text, ...]
    rows: tuple[MatrixRow, ...]


def team_sentences(
    consortium: Row | None,
    members: list[dict[str, Any]],
    coverage: list[dict[str, Any]],
    names: Names,
    prices: Mapping[str, float],
) -> list[Text]:
    """Say what the members hold together, against chance, what is missing, and what they cost.

    ``prices`` holds the points that other challenges would gain from one more place of
    each scarce organisation.
    """
    if consortium is None:
        return [say("card.no_consortium")]
    if not members:
        return [_without_team(consortium), *_gaps(coverage, names)]
    found = [_together(consortium), _against_random(consortium, coverage, members)]
    found.append(_irreplaceable(members, names))
    found += _gaps(coverage, names)
    if consortium["weakest"]:
        found.append(say("card.weakest", name=names[consortium["weakest"]]))
    if consortium["next_member"]:
        found.append(say("card.next_member", name=names[consortium["next_member"]]))
    found.append(_sharing(consortium, names))
    found += _paid(members, names, prices)
    found.append(_proof(consortium))
    return [text for text in found if text.zh]


def _without_team(consortium: Row) -> Text:
    reason = consortium["reason"] or ""
    if not reason:
        return say("card.no_team_unknown")
    return say("card.no_team", reason=bilingual(reason))


def _together(consortium: Row) -> Text:
    if consortium["coverage"] is None or consortium["best_single"] is None:
        return say("card.coverage_unknown")
    low = consortium["coverage_low"]
    high = consortium["coverage_high"]
    interval = Text("", "")
    if low is not None and high is not None:
        interval = say("in_brackets", text=quantities.share_between(low, high))
    return say(
        "card.together",
        coverage=quantities.share(consortium["coverage"]),
        interval=interval,
        single=quantities.share(consortium["best_single"]),
        gain=quantities.decimal(100 * (consortium["coverage"] - consortium["best_single"]), 1),
    )


def _against_random(
    consortium: Row, coverage: list[dict[str, Any]], members: list[dict[str, Any]]
) -> Text:
    if consortium["random_expected"] is None or consortium["random_all"] is None:
        return say("card.random_unknown")
    return say(
        "card.random",
        n=len(members),
        covered=sum(row["team_verdict"] == "yes" for row in coverage),
        needs=len(coverage),
        pool=consortium["pool"] if consortium["pool"] is not None else say("not_recorded"),
        expected=quantities.share(consortium["random_expected"]),
        all=quantities.share(consortium["random_all"]),
    )


def _irreplaceable(members: list[dict[str, Any]], names: Names) -> Text:
    found = [row for row in members if row["is_irreplaceable"]]
    if not found:
        return say("card.all_replaceable")
    return say("card.irreplaceable", names=listed([names[row["organisation"]] for row in found]))


def _gaps(coverage: list[dict[str, Any]], names: Names) -> list[Text]:
    found = []
    for row in coverage:
        if row["zone_verdict"] != "no":
            continue
        name = name_of(row, row["capability"])
        if row["outside_best"]:
            found.append(
                say("card.gap_outside", name=name, holder=names[row["outside_best"]],
                    country=country(row["outside_country"]), n=row["outside_depth"] or 0)
            )  # fmt: skip
        else:
            found.append(say("card.gap_nobody", name=name))
    n_open = sum(row["zone_verdict"] == "open" for row in coverage)
    if n_open:
        found.append(say("card.open", n=n_open))
    return found


def _sharing(consortium: Row, names: Names) -> Text:
    """Say what it cost this challenge that others want the same organisations."""
    loss = consortium["sharing_loss"]
    if loss is None or consortium["own_best"] is None:
        return Text("", "")
    if loss < _NO_POINTS:
        return say("card.sharing_free")
    fields = {
        "loss": quantities.decimal(loss, 2),
        "best": quantities.decimal(consortium["own_best"], 2),
    }
    scarce = split(consortium["scarce"])
    if not scarce:
        return say("card.sharing_unnamed", **fields)
    return say("card.sharing", **fields, names=names.listed(scarce))


def _paid(members: list[dict[str, Any]], names: Names, prices: Mapping[str, float]) -> list[Text]:
    """Say which members are wanted elsewhere, and what a place of each is worth there."""
    return [
        say("card.paid", name=names[row["organisation"]], price=quantities.decimal(price, 2))
        for row in members
        if (price := prices.get(row["organisation"], 0.0)) >= _NO_POINTS
    ]


def _proof(consortium: Row) -> Text:
    """Return bound and gap in words."""
    status, gap = consortium["status"], consortium["gap"]
    if status == "optimal" and not gap:
        is_shared = (consortium["sharing_loss"] or 0.0) >= _NO_POINTS
        return say("proof.shared" if is_shared else "proof.optimal")
    if gap is not None:
        return say("proof.within", gap=quantities.share(gap))
    return say("proof.none")


def member_table(
    members: list[dict[str, Any]], doubt: Doubt, names: Names, view: PlanView
) -> ReportTable:
    """Return the members with a letter each, the lead first as handed over."""
    unit = quantities.money_unit(view.currency)
    return ReportTable.of(
        [
            Column("letter", say("card.letter")),
            Column("name", say("card.member")),
            Column("role", say("card.role")),
            Column("kind", label("members", "kind")),
            Column("site", label("members", "site")),
            Column("margin", label("members", "margin"), is_number=True),
            Column("cost", label("members", "cost"), unit, is_number=True),
            *doubt.columns(),
        ],
        [
            [
                text_cell(ascii_uppercase[k % 26]),
                text_cell(name_of(row, row["organisation"])),
                Cell(say("card.lead" if row["is_lead"] else "card.plain_member")),
                Cell(_kind(row)),
                Cell(_place(row, names)),
                share_cell(row["margin"], missing="not_computed"),
                money_cell(row["cost"]),
                *doubt.cells(row["challenge"], row["organisation"], names),
            ]
            for k, row in enumerate(members)
        ],
    )


def _kind(row: Row) -> Text:
    kind = choice("organisation_kind", row["kind"])
    if not row["size"]:
        return kind
    return say("card.kind_size", kind=kind, size=choice("organisation_size", row["size"]))


def _place(row: Row, names: Names) -> Text:
    if row["is_outside"]:
        return say("card.outside", country=country(row["country"]))
    return names[row["site"]] if row["site"] else say("state.no_data")


def coverage_matrix(
    members: list[dict[str, Any]],
    coverage: list[dict[str, Any]],
    assignment: list[dict[str, Any]],
    names: Names,
) -> Matrix:
    """Return the needs, the weightiest first, against the members in their order."""
    held = {(row["capability"], row["organisation"]): row for row in assignment}
    ordered = sorted(coverage, key=lambda row: (-(row["weight"] or 0.0), row["capability"]))
    return Matrix(
        tuple(ascii_uppercase[k % 26] for k in range(len(members))),
        tuple(names[row["organisation"]] for row in members),
        tuple(
            MatrixRow(
                capability=name_of(row, row["capability"]),
                weight=share_cell(row["weight"]),
                level=share_cell(row["level"] or None, missing="any_level"),
                members=tuple(
                    _matrix_cell(held.get((row["capability"], member["organisation"])))
                    for member in members
                ),
                team=choice_cell("answer", row["team_verdict"], missing="not_computed"),
                zone=_zone_cell(row),
                outside=_outside_cell(row, names),
            )
            for row in ordered
        ),
    )


def _matrix_cell(row: Row | None) -> MatrixCell:
    if row is None:
        return MatrixCell("none", 0.0, "")
    return MatrixCell(row["meets"] or "open", row["level"], row["evidence"] or "")


def _zone_cell(row: Row) -> Cell:
    cell = choice_cell("answer", row["zone_verdict"], missing="not_computed")
    if cell.state or row["zone_depth"] is None:
        return cell
    return Cell(cell.text, cell.value, say("card.depth", n=row["zone_depth"]), mark=cell.mark)


def _outside_cell(row: Row, names: Names) -> Cell:
    if not row["outside_best"]:
        return state_cell("no_data")
    where = country(row["outside_country"])
    return Cell(names[row["outside_best"]], row["outside_best"], where if where.zh else None)
