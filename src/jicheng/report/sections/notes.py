"""What a stage could not do, and why a section is empty or thin."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jicheng.errors import Text
from jicheng.report.view import PlanView
from jicheng.report.wording import choice, listed, say, table_label
from jicheng.schema import zone_tables

__all__ = ["Note", "in_words", "notes"]


@dataclass(frozen=True, slots=True)
class Note:
    """One stage that is not done: what it lacks and what therefore cannot be said."""

    status: Text
    text: Text


def notes(view: PlanView, *stages: str) -> tuple[Note, ...]:
    """Return a note for each of ``stages`` that is partial, skipped or not recorded."""
    recorded = view.rows("stages")
    found = [
        _note(choice("stage_status", row["status"] or "skipped"), row)
        for row in recorded
        if row["stage"] in stages and row["status"] != "done"
    ]
    names = {row["stage"] for row in recorded}
    if not names.intersection(stages):
        found.append(Note(say("not_recorded"), say("stage.not_recorded")))
    return tuple(found)


def _note(status: Text, row: dict[str, str | None]) -> Note:
    missing = row["missing"] or ""
    consequence = Text(row["consequence_zh"] or "", row["consequence"] or "")
    if not missing:
        return Note(status, say("stage.without_reason", consequence=consequence))
    lacks = in_words(missing)
    return Note(status, say("stage.missing", missing=lacks, consequence=consequence))


def in_words(missing: str | None) -> Text:
    """Return the tables and attributes that a stage lacks by their labels."""
    return listed([_place(part) for part in re.split(r"[;；,，]\s*", missing or "") if part])


def _place(place: str) -> Text:
    """Return one ``table.attribute`` by its labels; anything else as it is."""
    match = re.fullmatch(r"(\w+)(?:\.(\w+))?(.*)", place.strip())
    if match is None or match[1] not in zone_tables():
        return Text(place, place)
    table = table_label(match[1])
    if not match[2] or match[2] not in zone_tables()[match[1]].names:
        return Text(f"{table.zh}{match[3]}", f"{table.en}{match[3]}")
    attribute = zone_tables()[match[1]][match[2]].label
    return Text(
        f"{table.zh}·{attribute.zh}{match[3]}", f"{table.en}: {attribute.en.lower()}{match[3]}"
    )
