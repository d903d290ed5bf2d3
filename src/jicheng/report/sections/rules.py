"""Innovation points and the growth ladder: who stands where, who is near, by which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.charts.points import points_of_first_pack
from jicheng.report.names import Names
from jicheng.report.sections.part import NOTHING, Part
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    count_cell,
    decimal_cell,
    share_cell,
    state_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, label, listed, name_of, say

__all__ = ["Ladder", "Rung", "ladder"]

_TOP = 30
"""Firms with most points in the page; the table ``points`` has all."""

_WAYS_OF_A_TITLE = 4
"""Different ways up to each title in the page; the table ``near_misses`` has all."""

_FIRMS_NAMED = 3
"""Firms named beside a way; more are counted."""

_ASSUMED = "E618"
"""Code of the warning that lists of titles are taken as complete; it names their kinds."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Verdicts of one pack.

    Attributes
    ----------
    name : Text
        Of the title.
    is_draft : bool
        Whether the rules have unverified or missing elements.
    counts : tuple of (str, int)
        Firms that pass, are open and fail, in this order.
    cells : tuple of Cell
        Share and number of each verdict, holders, who could apply, who is at risk, and
        the fact that most open firms lack.
    """

    name: Text
    is_draft: bool
    counts: tuple[tuple[str, int], ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """What the section shows beside its chart: marks, verdicts by pack, two tables."""

    marks: tuple[Text, ...]
    columns: tuple[Column, ...]
    rungs: tuple[Rung, ...]
    top: Part
    near: Part


def ladder(view: PlanView, names: Names) -> Ladder:
    """Return verdicts by pack, the firms with most points, and who is near a title."""
    return Ladder(
        _marks(view),
        _columns(),
        tuple(_rung(row) for row in view.rows("verdicts")),
        _top(view, names),
        _near(view, names),
    )


def _marks(view: PlanView) -> tuple[Text, ...]:
    """Say what is not official, and which lists of titles are assumed to be complete."""
    packs = view.rows("verdicts")
    points = view["points"]
    near = view["near_misses"]
    drafts = {row["pack"] for row in packs if row["is_draft"]}
    known = {row["pack"] for row in packs}
    if not points.is_empty():
        known |= set(points["pack"])
        drafts |= set(points.filter(points["is_draft"].fill_null(value=False))["pack"])
    found = []
    if drafts:
        found.append(say("rules.draft", n=len(drafts), total=len(known)))
    if not points.is_empty() and points["is_demo"].any():
        found.append(say("rules.demo_weights"))
    if not near.is_empty() and near["is_demo"].any():
        found.append(say("rules.demo_costs"))
    assumed = [row for row in view.rows("warnings") if row["code"] == _ASSUMED]
    found += [say("rules.assumed", told=Text(row["zh"], row["en"])) for row in assumed]
    return tuple(found)


def _columns() -> tuple[Column, ...]:
    verdicts = [
        Column(name, choice("rule_verdict", name), is_number=True)
        for name in ("pass", "open", "fail")
    ]
    counted = [
        Column(name, label("verdicts", name), is_number=True)
        for name in ("n_held", "n_new", "n_at_risk")
    ]
    return (
        Column("name", say("rules.title_held")),
        Column("shares", say("rules.shares")),
        *verdicts,
        *counted,
        Column("asked", label("verdicts", "asked")),
    )


def _rung(row: Row) -> Rung:
    n = row["n_firms"] or 0
    counts = tuple((name, row[f"n_{name}"] or 0) for name in ("pass", "open", "fail"))
    cells = [
        Cell(quantities.count(count), count, quantities.share(count / n) if n else None)
        for _, count in counts
    ]
    cells += [count_cell(row[name], missing="no_data") for name in ("n_held", "n_new", "n_at_risk")]
    return Rung(name_of(row, row["pack"]), bool(row["is_draft"]), counts, (*cells, _asked(row)))


def _asked(row: Row) -> Cell:
    """Return the fact that most open firms lack, and how many they are."""
    if not row["asked"]:
        return state_cell("not_applicable")
    beside = say("rules.asked", count=quantities.count(row["n_asked"] or 0))
    return Cell(Text(row["asked"], row["asked_en"] or ""), row["asked"], beside)


def _top(view: PlanView, names: Names) -> Part:
    frame = points_of_first_pack(view)
    title = say("top.title_demo" if frame["is_demo"].any() else "top.title")
    if frame.is_empty():
        return Part("top", title, say("points.missing"), NOTHING)
    rows = frame.sort("rank", "organisation", nulls_last=True).head(_TOP).to_dicts()
    has_weights = any(row["rank_low"] is not None for row in rows)
    columns = [
        Column("rank", label("points", "rank"), is_number=True),
        Column("name", label("points", "name")),
        Column("points", say("top.points"), is_number=True),
        Column("gaps", say("top.gaps"), is_number=True, help=say("top.gaps.help")),
        Column("weights", say("top.weights"), is_number=True, help=say("top.weights.help")),
        Column("percentile", label("points", "percentile"), is_number=True),
    ]
    if not has_weights:
        columns = [column for column in columns if column.key != "weights"]
    cells = [_top_cells(row, names, has_weights=has_weights) for row in rows]
    says = say("top.says" if has_weights else "top.says_plain", n=len(rows))
    return Part("top", title, says, ReportTable.of(columns, cells))


def _top_cells(row: Row, names: Names, *, has_weights: bool) -> list[Cell]:
    low, high = row["low"], row["high"]
    known = quantities.decimal(low, 1) if high - low < 1e-9 else quantities.between(low, high, 1)
    weights = [_ranks(row["rank_low"], row["rank_high"], "not_computed")] if has_weights else []
    return [
        count_cell(row["rank"], missing="not_computed"),
        Cell(_firm(row, names), row["organisation"], _group(row)),
        Cell(known, low),
        _ranks(row["rank_best"], row["rank_worst"], "not_computed"),
        *weights,
        share_cell(row["percentile"], missing="not_computed"),
    ]


def _firm(row: Row, names: Names) -> Text:
    return names.known.get(row["organisation"]) or name_of(row, row["organisation"])


def _group(row: Row) -> Text | None:
    """Return stage and field, by which a firm's peers are told."""
    parts = [
        choice(kind, row[key])
        for kind, key in (("firm_stage", "stage"), ("tech_field", "field"))
        if row[key]
    ]
    if not parts:
        return None
    return Text(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts))


def _ranks(best: int | None, worst: int | None, missing: str) -> Cell:
    if best is None or worst is None:
        return state_cell(missing)
    return Cell(quantities.span(best, worst), best)


def _near(view: PlanView, names: Names) -> Part:
    """Return what would move the nearest firms of each title, alike ways together."""
    rows = [row for row in view.rows("near_misses") if row["what"]]
    title = say("near.title_demo" if any(row["is_demo"] for row in rows) else "near.title")
    if not rows:
        return Part("near", title, say("near.none"), NOTHING)
    titles = {row["pack"]: name_of(row, row["pack"]) for row in view.rows("verdicts")}
    unit = Text(quantities.money_unit(view.currency).zh, view.currency)
    table = ReportTable.of(
        [
            Column("pack", say("near.title_next")),
            Column("what", label("near_misses", "what")),
            Column("firms", say("near.firms")),
            Column("cost", label("near_misses", "cost"), unit,
                   is_number=True),
            Column("months", label("near_misses", "months"), say("near.months"), is_number=True),
        ],
        [_alike(group, titles, names) for group in _groups(rows, list(titles))],
    )  # fmt: skip
    return Part("near", title, _near_says(rows, titles), table)


def _groups(rows: list[dict[str, Any]], order: list[str]) -> list[list[dict[str, Any]]]:
    """Return rows of one title and one way together, titles in order, the cheapest first."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["pack"], row["rank"], row["organisation"])):
        groups.setdefault((row["pack"], row["what"]), []).append(row)
    shown: dict[str, list[list[dict[str, Any]]]] = {}
    for (pack, _), group in groups.items():
        shown.setdefault(pack, []).append(group)
    packs = [*(pack for pack in order if pack in shown),
             *sorted(pack for pack in shown if pack not in order)]  # fmt: skip
    return [group for pack in packs for group in shown[pack][:_WAYS_OF_A_TITLE]]


def _alike(group: list[dict[str, Any]], titles: dict[str, Text], names: Names) -> list[Cell]:
    row = group[0]
    words = titles.get(row["pack"], Text(row["pack"], row["pack"]))
    some = listed([_firm(one, names) for one in group[:_FIRMS_NAMED]])
    firms = say("near.and_more", names=some, n=len(group)) if len(group) > _FIRMS_NAMED else some
    experts = None
    if row["needed"]:
        experts = say("near.experts", needed=f"{row['needed']:g}", most=f"{row['in_question']:g}")
    proved = None if row["is_proved"] else say("decisions.unproved")
    draft = say("state.draft") if row["is_draft"] else None
    return [
        Cell(words, words.zh, draft, state="draft" if draft else ""),
        Cell(Text(row["what"], row["what_en"] or ""), row["what"], experts),
        Cell(firms, len(group)),
        _cost(row["cost"], proved),
        decimal_cell(row["months"], digits=0),
    ]


def _cost(wan: float | None, beside: Text | None) -> Cell:
    """Return a small amount in 10,000 yuan, in English in yuan."""
    if wan is None:
        return state_cell("no_data")
    return Cell(Text(f"{wan:,.1f}", f"{wan * 10_000:,.0f}"), wan, beside)


def _near_says(rows: list[dict[str, Any]], titles: dict[str, Text]) -> Text:
    counted: dict[str, int] = {}
    for row in rows:
        counted[row["pack"]] = counted.get(row["pack"], 0) + 1
    parts = [
        say("near.count", title=titles.get(pack, Text(pack, pack)), count=quantities.count(n))
        for pack, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]
    return say("near.says", counts=listed(parts))
