"""A card for each challenge: who, what they hold together, what it costs, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    choice_cell,
    count_cell,
    money_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, country, label, listed, name_of, say

__all__ = ["Card", "Matrix", "MatrixCell", "MatrixRow", "cards", "decided"]


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
    reason: Text | None


def decided(row: Row | None) -> str:
    """Return ``funded``, ``not_funded`` or ``not_candidate`` of a row of the portfolio."""
    if row is None or not row["is_candidate"]:
        return "funded" if row is not None and row["is_funded"] else "not_candidate"
    return "funded" if row["is_funded"] else "not_funded"


def cards(view: PlanView, names: Names) -> tuple[Card, ...]:
    """Return the cards, funded challenges first, then by what they would add."""
    portfolio = {row["challenge"]: row for row in view.rows("portfolio")}
    consortia = {row["challenge"]: row for row in view.rows("consortia")}
    by_challenge = {
        table: _grouped(view.rows(table)) for table in ("members", "coverage", "assignment")
    }
    order = {"funded": 0, "not_funded": 1, "not_candidate": 2}

    def place(row: Row) -> tuple[int, float, str]:
        funded = portfolio.get(row["challenge"])
        value = (funded["shapley"] or funded["value_alone"] or 0.0) if funded else 0.0
        return order[decided(funded)], -value, row["challenge"]

    return tuple(
        _card(
            row,
            portfolio.get(row["challenge"]),
            consortia.get(row["challenge"]),
            {table: found.get(row["challenge"], []) for table, found in by_challenge.items()},
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
    names: Names,
    view: PlanView,
) -> Card:
    members = sorted(tables["members"], key=lambda m: (not m["is_lead"], m["organisation"]))
    state = decided(portfolio)
    reason = (portfolio["reason"] if portfolio else None) or row["reason"]
    return Card(
        id=row["challenge"],
        name=name_of(row, row["challenge"]),
        technology=row["technology"] or "",
        technology_name=names[row["technology"]],
        decision=state,
        badges=_badges(row, consortium),
        facts=_facts(row, portfolio, view),
        sentences=tuple(_sentences(row, consortium, members, tables["coverage"], names)),
        members=_members(members, names, view),
        matrix=_matrix(members, tables["coverage"], tables["assignment"], names),
        reason=Text(reason, "") if reason else None,
    )


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
    texts = [quantities.money(value, view.currency) for value in dict.fromkeys(known)]
    if len(texts) == 1:
        return Cell(texts[0], known[0])
    return Cell(say("from_to", low=texts[0], high=texts[1]), known[0])


def _funded_years(row: Row) -> Cell:
    if row["years"] is None:
        return state_cell("no_data")
    return Cell(quantities.years(row["years"], row["years"]), row["years"])


def _sentences(
    row: Row,
    consortium: Row | None,
    members: list[dict[str, Any]],
    coverage: list[dict[str, Any]],
    names: Names,
) -> list[Text]:
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
    found.append(_proof(consortium))
    return [text for text in found if text.zh]


def _without_team(consortium: Row) -> Text:
    reason = consortium["reason"] or ""
    if not reason:
        return say("card.no_team_unknown")
    return say("card.no_team", reason=Text(reason, ""))


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


def _proof(consortium: Row) -> Text:
    """Return bound and gap in words."""
    status, gap = consortium["status"], consortium["gap"]
    if status == "optimal" and not gap:
        return say("proof.optimal")
    if gap is not None:
        return say("proof.within", gap=quantities.share(gap))
    return say("proof.none")


def _members(members: list[dict[str, Any]], names: Names, view: PlanView) -> ReportTable:
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
        ],
        [
            [
                text_cell(ascii_uppercase[k % 26]),
                text_cell(name_of(row, row["organisation"])),
                Cell(_role(row)),
                Cell(_kind(row)),
                Cell(_place(row, names)),
                share_cell(row["margin"], missing="not_computed"),
                money_cell(row["cost"]),
            ]
            for k, row in enumerate(members)
        ],
    )


def _role(row: Row) -> Text:
    if row["is_lead"]:
        return say("card.lead_irreplaceable" if row["is_irreplaceable"] else "card.lead")
    return say("card.irreplaceable_member" if row["is_irreplaceable"] else "card.plain_member")


def _kind(row: Row) -> Text:
    kind = choice("organisation_kind", row["kind"])
    if not row["size"]:
        return kind
    return say("card.kind_size", kind=kind, size=choice("organisation_size", row["size"]))


def _place(row: Row, names: Names) -> Text:
    if row["is_outside"]:
        return say("card.outside", country=country(row["country"]))
    return names[row["site"]] if row["site"] else say("state.no_data")


def _matrix(
    members: list[dict[str, Any]],
    coverage: list[dict[str, Any]],
    assignment: list[dict[str, Any]],
    names: Names,
) -> Matrix:
    held = {(row["capability"], row["organisation"]): row for row in assignment}
    ordered = sorted(coverage, key=lambda row: (-(row["weight"] or 0.0), row["capability"]))
    return Matrix(
        tuple(ascii_uppercase[k % 26] for k in range(len(members))),
        tuple(names[row["organisation"]] for row in members),
        tuple(
            MatrixRow(
                capability=name_of(row, row["capability"]),
                weight=share_cell(row["weight"]),
                level=share_cell(row["level"], missing="not_applicable"),
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
