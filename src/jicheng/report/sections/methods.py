"""How every number was made: formulas in words, parameters, solvers, warnings, sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names
from jicheng.report.sections.notes import in_words
from jicheng.report.tables import (
    STATES,
    Cell,
    Column,
    ReportTable,
    choice_cell,
    decimal_cell,
    share_cell,
    state_cell,
    text_cell,
)
from jicheng.report.view import PlanView
from jicheng.report.wording import (
    bilingual,
    choice,
    english,
    label,
    listed,
    say,
    table_label,
    texts,
)
from jicheng.schema import choices

__all__ = [
    "Identity",
    "formulas",
    "identity",
    "override_table",
    "parameter_table",
    "scenario",
    "short_hash",
    "solver_table",
    "source_table",
    "stage_name",
    "stage_table",
    "state_legend",
    "threshold_table",
    "warning_table",
]


_CODES = ("technology_kind", "organisation_kind", "tie_kind", "verdict")
"""Choices whose values stand in settings."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the plan is and how to make it again; each value may be a state."""

    lines: tuple[tuple[Text, Cell], ...]
    recompute: Text


def identity(view: PlanView) -> Identity:
    """Return zone, period, hash, plan, seed, engine and the command that recomputes it."""
    manifest = view.manifest
    zone = manifest.get("zone", {})
    command = str(manifest.get("command") or "jicheng verify")
    lines = (
        (say("identity.zone"), _recorded(Text(str(zone.get("name") or zone.get("id") or ""),
                                              str(zone.get("name_en") or "")))),
        (say("identity.period"), _recorded(zone.get("period"))),
        (say("identity.date"), _recorded(view.date)),
        (say("identity.scenario"), _recorded(scenario(view))),
        (say("identity.plan"), _recorded(manifest.get("plan_id"))),
        (say("identity.hash"), _recorded(manifest.get("content_hash"))),
        (say("identity.seed"), _recorded(manifest.get("seed"))),
        (say("identity.engine"), _recorded(manifest.get("engine_version"))),
        (say("identity.rules"), _rules(manifest.get("draft_rules", ()))),
        (say("identity.command"), _recorded(command)),
    )  # fmt: skip
    return Identity(lines, say("identity.recompute", command=command))


def scenario(view: PlanView) -> Text:
    """Return the label of the scenario; empty where it was not recorded."""
    found = view.manifest.get("scenario", {})
    return Text(str(found.get("zh") or found.get("id") or ""), str(found.get("en") or ""))


def _recorded(value: Any) -> Cell:
    text = value if isinstance(value, Text) else Text(_plain(value), _plain(value))
    return Cell(text, text.zh) if text.zh else Cell(say("not_recorded"), state="no_data")


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _rules(drafts: list[str]) -> Cell:
    if not drafts:
        return state_cell("not_applicable")
    names = listed([Text(name, name) for name in drafts])
    return Cell(say("identity.draft", names=names), state="draft")


def formulas() -> tuple[tuple[Text, Text], ...]:
    """Return each formula as a heading and a sentence in words."""
    names = [key.removesuffix(".title") for key in texts() if key.startswith("formula.")
             and key.endswith(".title")]  # fmt: skip
    return tuple((say(f"{name}.title"), say(f"{name}.words")) for name in names)


def threshold_table(view: PlanView) -> ReportTable:
    """Return the thresholds that the verdicts rest on."""
    thresholds = view.manifest.get("thresholds", {})
    return ReportTable.of(
        [
            Column("name", say("thresholds.name")),
            Column("value", say("thresholds.value"), is_number=True),
        ],
        [
            [text_cell(say(f"threshold.{name}")), cell(view.threshold(name))]
            for name, cell in (
                ("vulnerability", decimal_cell),
                ("impact", share_cell),
                ("probability", share_cell),
                ("loss", share_cell),
            )
            if name in thresholds
        ],
    )


def parameter_table(view: PlanView) -> ReportTable:
    """Return every parameter with its value, range and provenance."""
    rows = view.manifest.get("parameters", ())
    return ReportTable.of(
        [
            Column("stage", label("stages", "stage")),
            Column("name", label("sensitivity", "parameter")),
            Column("value", say("parameters.value"), is_number=True),
            Column("range", say("parameters.range"), is_number=True),
            Column("provenance", say("parameters.provenance")),
        ],
        [
            [
                Cell(stage_name(row.get("stage", "")), row.get("stage", "")),
                Cell(Text(row["zh"], row["en"]), row["name"], Text(row["name"], row["name"])),
                _setting(row.get("value"), row.get("unit", "")),
                _setting_range(row),
                text_cell(Text(row.get("provenance_zh", ""), row.get("provenance", ""))),
            ]
            for row in rows
        ],
        filters=[{"stage": row.get("stage", "")} for row in rows],
    )


def stage_name(stage: str) -> Text:
    """Return the name of a stage; one that is not named here stands for itself."""
    key = f"stage.{stage}"
    return say(key) if key in texts() else Text(stage, stage)


def _setting(value: Any, unit: str) -> Cell:
    if value is None or value in ("", [], {}):
        return state_cell("not_applicable")
    if isinstance(value, bool):
        return Cell(choice("answer", "yes" if value else "no"), float(value))
    number = float(value) if isinstance(value, int | float) else None
    written, unit_text = _written(value), _unit(unit)
    text = Text(f"{written.zh} {unit_text.zh}".strip(), f"{written.en} {unit_text.en}".strip())
    return Cell(text, number if number is not None else written.zh)


def _written(value: Any) -> Text:
    """Return a setting as people read it; known codes by their labels."""
    if isinstance(value, list | tuple):
        return listed([_written(item) for item in value])
    if isinstance(value, Mapping):
        return listed([_pair(key, item) for key, item in value.items()])
    for kind in _CODES if isinstance(value, str) else ():
        if value in {one.value for one in choices()[kind]}:
            return choice(kind, value)
    plain = f"{value:g}" if isinstance(value, float) else str(value)
    return Text(plain, plain)


def _pair(key: Any, value: Any) -> Text:
    word = _written(value)
    return Text(f"{key}: {word.zh}", f"{key}: {english(word)}")


def _unit(unit: str) -> Text:
    key = f"unit.{unit}"
    return say(key) if key in texts() else Text(unit, unit)


def _setting_range(row: Mapping[str, Any]) -> Cell:
    low, high = row.get("low"), row.get("high")
    if low is None or high is None:
        return state_cell("not_applicable")
    text = f"{low:g}–{high:g}"
    return Cell(Text(text, text), float(low))


def stage_table(view: PlanView) -> ReportTable:
    """Return what each stage could do, what it lacked and how long it took."""
    seconds = view.manifest.get("seconds", {})
    return ReportTable.of(
        [
            Column("stage", label("stages", "stage")),
            Column("status", label("stages", "status")),
            Column("missing", label("stages", "missing")),
            Column("consequence", label("stages", "consequence")),
            Column("seconds", say("stages.seconds"), is_number=True),
        ],
        [
            [
                Cell(stage_name(row["stage"]), row["stage"]),
                choice_cell("stage_status", row["status"]),
                text_cell(in_words(row["missing"]), missing="not_applicable"),
                text_cell(
                    Text(row["consequence_zh"] or "", row["consequence"] or ""),
                    missing="not_applicable",
                ),
                decimal_cell(seconds.get(row["stage"]), digits=1, missing="not_computed"),
            ]
            for row in view.rows("stages")
        ],
    )


def solver_table(view: PlanView) -> ReportTable:
    """Return how each solver ended, with bound, gap and time."""
    return ReportTable.of(
        [
            Column("stage", label("stages", "stage")),
            Column("status", label("consortia", "status")),
            Column("bound", label("consortia", "bound"), is_number=True),
            Column("gap", label("consortia", "gap"), is_number=True),
            Column("seconds", say("stages.seconds"), is_number=True),
            Column("note", say("solvers.note")),
        ],
        [
            [
                Cell(stage_name(row.get("stage", "")), row.get("stage", "")),
                text_cell(_statuses(row.get("status")), missing="not_computed"),
                decimal_cell(row.get("bound"), digits=4, missing="not_computed"),
                share_cell(row.get("gap"), missing="not_computed"),
                decimal_cell(row.get("seconds"), digits=1, missing="not_computed"),
                text_cell(
                    Text(row.get("note_zh", ""), row.get("note_en", "")), missing="not_applicable"
                ),
            ]
            for row in view.manifest.get("solvers", ())
        ],
    )


def _statuses(status: str | None) -> Text:
    """Return one status, or several with their numbers ("optimal 12, feasible 3"), in words."""
    found = []
    for part in (status or "").split(", "):
        word, _, number = part.partition(" ")
        text = choice("solve_status", word)
        found.append(Text(f"{text.zh} {number}".strip(), f"{text.en} {number}".strip()))
    return listed(found)


def warning_table(view: PlanView) -> ReportTable:
    """Return the warnings in their order."""
    return ReportTable.of(
        [
            Column("code", label("warnings", "code")),
            Column("place", label("warnings", "place")),
            Column("text", say("warnings.text")),
            Column("hint", say("warnings.hint")),
        ],
        [
            [
                text_cell(row["code"]),
                text_cell(row["place"], missing="not_applicable"),
                text_cell(Text(row["zh"] or "", row["en"] or "")),
                text_cell(
                    Text(row["hint_zh"] or "", row["hint_en"] or ""), missing="not_applicable"
                ),
            ]
            for row in view.rows("warnings")
        ],
    )


def override_table(view: PlanView, names: Names) -> ReportTable:
    """Return what a person forced in or left out, with the reason."""
    return ReportTable.of(
        [
            Column("technology", label("chokepoints", "name")),
            Column("decision", label("chokepoints", "forced")),
            Column("reason", label("chokepoints", "reason")),
        ],
        [
            [
                text_cell(names[row.get("technology")], link=str(row.get("technology", ""))),
                choice_cell("decision", row.get("decision")),
                text_cell(Text(str(row.get("reason", "")), "")),
            ]
            for row in view.manifest.get("overrides", ())
        ],
    )


def source_table(view: PlanView) -> ReportTable:
    """Return the sources with licence, date and what each fed."""
    rows = []
    for row in view.manifest.get("sources", ()):
        tables = [table_label(name) for name in row.get("tables", ())]
        fed = listed(tables)
        rows.append([
            text_cell(bilingual(str(row.get("title", "")))),
            text_cell(str(row.get("licence") or "")),
            text_cell(str(row.get("retrieved") or "")),
            text_cell(Text(fed.zh, english(fed))),
        ])  # fmt: skip
    return ReportTable.of(
        [
            Column("title", say("sources.title")),
            Column("licence", say("sources.licence")),
            Column("retrieved", say("sources.retrieved")),
            Column("tables", say("sources.tables")),
        ],
        rows,
    )


def state_legend() -> tuple[tuple[str, Text, Text], ...]:
    """Return every state with its word and what it means."""
    return tuple((name, say(f"state.{name}"), say(f"state.{name}.means")) for name in STATES)


def short_hash(view: PlanView) -> Text:
    """Return the first twelve characters of the content hash."""
    value = str(view.manifest.get("content_hash") or "")
    return quantities.date(value[:12]) if value else say("not_recorded")
