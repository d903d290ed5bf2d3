"""All technologies: the table, and the record that opens from any of their names."""

from __future__ import annotations

from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    choice_cell,
    count_cell,
    decimal_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import choice, country, label, name_of, say

__all__ = ["OPTIONAL_COLUMNS", "VERDICTS", "TechnologyRecord", "records", "technology_table"]

VERDICTS = ("chokepoint", "watch", "safe", "no_data")

OPTIONAL_COLUMNS = ("stage", "kind", "leader_share", "home_share", "unknown_share", "needs_open")
"""Columns hidden until the reader asks for them."""

_OLD_YEARS = 4


@dataclass(frozen=True, slots=True)
class TechnologyRecord:
    """What the panel shows of a technology: facts, neighbours, challenges."""

    id: str
    name: Text
    chain: str
    chain_name: Text
    verdict: str
    facts: tuple[tuple[Text, Cell], ...]
    inputs: tuple[str, ...]
    used_by: tuple[str, ...]
    challenges: tuple[str, ...]


def technology_table(view: PlanView, names: Names) -> ReportTable:
    """Return all technologies, the most exposed first, those without data last."""
    rows = sorted(
        view.rows("chokepoints"),
        key=lambda row: (
            row["rank"] if row["rank"] is not None else float("inf"),
            row["technology"],
        ),
    )
    period = view.manifest.get("zone", {}).get("period")
    return ReportTable.of(
        _columns(),
        [_cells(row, period, names) for row in rows],
        filters=[
            {
                "chain": row["chain"] or "",
                "verdict": row["verdict"] or "no_data",
                "evidence": row["evidence"] or "none",
            }
            for row in rows
        ],
        ids=[row["technology"] for row in rows],
    )


def _columns() -> list[Column]:
    def of(key: str, *, number: bool = True, head: str = "") -> Column:
        attribute = head or key
        return Column(key, label("chokepoints", attribute), is_number=number)

    return [
        of("rank"),
        of("name", number=False),
        of("verdict", number=False),
        of("chain", number=False),
        of("stage", number=False),
        of("kind", number=False),
        of("p_chokepoint"),
        of("vulnerability"),
        of("impact_mixed"),
        of("impact_full"),
        Column("years", say("years_to_substitute"), is_number=True),
        of("leader", number=False),
        of("leader_share"),
        of("home_share"),
        of("unknown_share"),
        of("needs_open", head="n_needs_open"),
        of("evidence", number=False),
    ]


def _cells(row: Row, period: int | None, names: Names) -> list[Cell]:
    return [
        _rank(row),
        text_cell(name_of(row, row["technology"]), link=row["technology"]),
        choice_cell("verdict", row["verdict"] or "no_data"),
        text_cell(names.place(row["chain"])),
        text_cell(names.place(row["stage"])),
        choice_cell("technology_kind", row["kind"]),
        share_cell(row["p_chokepoint"]),
        decimal_cell(row["vulnerability"], row["vulnerability_low"], row["vulnerability_high"]),
        share_cell(row["impact_mixed"], row["impact_low"], row["impact_high"]),
        share_cell(row["impact_full"], missing="not_computed"),
        _years(row),
        text_cell(country(row["leader"]) if row["leader"] else None),
        share_cell(row["leader_share"]),
        share_cell(row["home_share"]),
        share_cell(row["unknown_share"]),
        count_cell(row["n_needs_open"]),
        _evidence(row, period),
    ]


def _rank(row: Row) -> Cell:
    if row["rank"] is None:
        return state_cell("not_applicable")
    interval = None
    if row["rank_low"] is not None and row["rank_high"] is not None:
        interval = quantities.span(row["rank_low"], row["rank_high"])
    return Cell(quantities.count(row["rank"]), row["rank"], interval)


def _years(row: Row) -> Cell:
    low, high = row["years_low"], row["years_high"]
    if low is None and high is None:
        return state_cell("no_data")
    return Cell(quantities.years(low, high), high if low is None else low)


def _evidence(row: Row, period: int | None) -> Cell:
    """Return the grade, with the year of the newest share, and whether that is old."""
    if row["evidence"] is None:
        return state_cell("no_data")
    newest = row["newest_period"]
    year = None if newest is None else Text(str(newest), str(newest))
    is_old = newest is not None and period is not None and period - newest > _OLD_YEARS
    if is_old:
        year = say("state.stale_since", year=newest)
    return Cell(
        Text(row["evidence"], row["evidence"]),
        row["evidence"],
        year,
        state="stale" if is_old else "",
    )


def records(view: PlanView, names: Names) -> tuple[TechnologyRecord, ...]:
    """Return the record of every technology of the plan and of the zone's chain."""
    scored = {row["technology"]: row for row in view.rows("chokepoints")}
    plain = {row["id"]: row for row in view.zone_rows("technologies")}
    links = view.zone_rows("links")
    into: dict[str, list[str]] = {}
    out: dict[str, list[str]] = {}
    for link in links:
        into.setdefault(link["target"], []).append(link["source"])
        out.setdefault(link["source"], []).append(link["target"])
    period = view.manifest.get("zone", {}).get("period")
    challenges: dict[str, list[str]] = {}
    for row in view.rows("challenges"):
        challenges.setdefault(row["technology"], []).append(row["challenge"])
    return tuple(
        TechnologyRecord(
            id=key,
            name=names[key],
            chain=(home := str((scored.get(key) or plain[key])["chain"] or "")),
            chain_name=names.place(home),
            verdict=str(scored[key]["verdict"] or "no_data") if key in scored else "no_data",
            facts=_facts(scored[key], period) if key in scored else (),
            inputs=tuple(into.get(key, ())),
            used_by=tuple(out.get(key, ())),
            challenges=tuple(challenges.get(key, ())),
        )
        for key in [*scored, *(key for key in plain if key not in scored)]
    )


def _facts(row: Row, period: int | None) -> tuple[tuple[Text, Cell], ...]:
    def head(name: str) -> Text:
        return label("chokepoints", name)

    facts: list[tuple[Text, Cell]] = [
        (head("p_chokepoint"), share_cell(row["p_chokepoint"])),
        (
            say("p_by_variant"),
            _by_variant(row["p_linear"], row["p_chokepoint"], row["p_leontief"]),
        ),
        (
            head("vulnerability"),
            decimal_cell(row["vulnerability"], row["vulnerability_low"], row["vulnerability_high"]),
        ),
        (
            head("impact_mixed"),
            share_cell(row["impact_mixed"], row["impact_low"], row["impact_high"]),
        ),
        (
            say("impact_by_variant"),
            _by_variant(row["impact_linear"], row["impact_mixed"], row["impact_leontief"]),
        ),
        (head("impact_full"), share_cell(row["impact_full"], missing="not_computed")),
        (head("hhi"), decimal_cell(row["hhi"], row["hhi_low"], row["hhi_high"])),
        (say("leader"), _leader(row)),
        (head("home_share"), share_cell(row["home_share"])),
        (head("unknown_share"), share_cell(row["unknown_share"])),
        (say("years_to_substitute"), _years(row)),
        (head("n_needs_open"), count_cell(row["n_needs_open"])),
        (head("relatedness"), share_cell(row["relatedness"])),
        (head("rank"), _rank(row)),
        (head("evidence"), _evidence(row, period)),
    ]
    for flag in ("is_monopoly", "is_priority", "depends_on_unscored"):
        if row[flag]:
            facts.append((say(f"flag.{flag}"), Cell(choice("answer", "yes"), mark=flag)))
    if row["forced"]:
        reason = row["reason"] or ""
        facts.append(
            (head("forced"), Cell(say("forced", decision=choice("decision", row["forced"]),
                                      reason=reason)))
        )  # fmt: skip
    return tuple(facts)


def _leader(row: Row) -> Cell:
    if row["leader"] is None:
        return state_cell("no_data")
    if row["leader_share"] is None:
        return Cell(country(row["leader"]))
    return Cell(
        say("leader_with_share", name=country(row["leader"]),
            share=quantities.share(row["leader_share"]))
    )  # fmt: skip


def _by_variant(*values: float | None) -> Cell:
    if any(value is None for value in values):
        return state_cell("no_data")
    parts = [quantities.share(value) for value in values if value is not None]
    return Cell(Text(" / ".join(p.zh for p in parts), " / ".join(p.en for p in parts)))
