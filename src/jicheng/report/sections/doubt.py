"""How firm consortia are: how sure each member, who steps in, which others are as good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jicheng.errors import Text
from jicheng.report import quantities
from jicheng.report.names import Names, split
from jicheng.report.tables import (
    Cell,
    Column,
    ReportTable,
    answer_cell,
    choice_cell,
    decimal_cell,
    share_cell,
    state_cell,
)
from jicheng.report.view import PlanView, Row
from jicheng.report.wording import label, say

__all__ = ["Doubt", "few"]

_NAMED = 2
"""Names in a cell before the rest is counted."""


@dataclass(frozen=True)
class Doubt:
    """What the plan knows about the firmness of its consortia, by challenge and member.

    Attributes
    ----------
    selection : mapping of (challenge, organisation) to row
        Empty where it was not computed; so are the others.
    replacements : mapping of organisation to row
    alternatives : mapping of challenge to rows
    """

    selection: Mapping[tuple[str, str], Row]
    replacements: Mapping[str, Row]
    alternatives: Mapping[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, view: PlanView) -> Doubt:
        """Collect it from the tables of a plan."""
        alternatives: dict[str, list[dict[str, Any]]] = {}
        for row in view.rows("alternatives"):
            alternatives.setdefault(row["challenge"], []).append(row)
        return cls(
            {(row["challenge"], row["organisation"]): row for row in view.rows("selection")},
            {row["organisation"]: row for row in view.rows("replacements")},
            alternatives,
        )

    def columns(self) -> list[Column]:
        """Return the columns that it adds to the members of a consortium."""
        found = []
        if self.selection:
            found.append(Column("sure", say("card.sure"), is_number=True))
        if self.replacements:
            found.append(Column("withdraws", say("card.withdraws"), say("card.withdraws.unit")))
        return found

    def cells(self, challenge: str, organisation: str, names: Names) -> list[Cell]:
        """Return the cells of a member in these columns."""
        found = []
        if self.selection:
            row = self.selection.get((challenge, organisation))
            sure = row and share_cell(row["frequency"], row["low"], row["high"],
                                      missing="not_computed")  # fmt: skip
            found.append(sure or state_cell("not_computed"))
        if self.replacements:
            found.append(_withdraws(self.replacements.get(organisation), names))
        return found

    def sentences(self, challenge: str) -> list[Text]:
        """Say how often exactly this consortium is chosen when scores are perturbed."""
        for (about, _), row in self.selection.items():
            if about == challenge and row["consortium_frequency"] is not None and row["runs"]:
                share = quantities.share(row["consortium_frequency"])
                return [say("card.frequency", share=share, n=row["runs"])]
        return []

    def others(self, challenge: str, names: Names) -> ReportTable:
        """Return other good consortia of a challenge: who changes and what it loses."""
        rows = sorted(
            self.alternatives.get(challenge, []),
            key=lambda row: (row["kind"] != "team", row["rank"]),
        )
        return ReportTable.of(
            [
                Column("kind", label("alternatives", "kind")),
                Column("leaves", label("alternatives", "leaves")),
                Column("joins", label("alternatives", "joins")),
                Column("deficit", say("others.deficit"), say("unit.points"), is_number=True),
                Column("plan_loss", say("others.plan_loss"), say("unit.points"), is_number=True),
                Column("is_proved", label("alternatives", "is_proved")),
            ],
            [
                [
                    choice_cell("alternative_kind", row["kind"]),
                    few(split(row["leaves"]), names),
                    few(split(row["joins"]), names),
                    decimal_cell(row["deficit"], digits=2, missing="not_computed"),
                    decimal_cell(row["plan_loss"], digits=2, missing="not_computed"),
                    answer_cell(row["is_proved"], missing="not_applicable"),
                ]
                for row in rows
            ],
        )


def few(keys: list[str], names: Names, *, most: int = _NAMED) -> Cell:
    """Return the first names; the rest is counted."""
    if not keys:
        return Cell(say("nobody"), 0)
    first = names.listed(keys, most=most)
    if len(keys) <= most:
        return Cell(first, len(keys))
    return Cell(say("few", names=first, n=len(keys) - most), len(keys))


def _withdraws(row: Row | None, names: Names) -> Cell:
    """Return what the plan loses without a member, and who steps in."""
    if row is None or row["loss"] is None:
        return state_cell("not_computed")
    if row["is_irreplaceable"]:
        fails = few(split(row["fails"]), names, most=1).text
        return Cell(say("card.no_substitute"), row["loss"], say("withdrawals.fails", names=fails),
                    mark="no")  # fmt: skip
    loss = quantities.decimal(-row["loss"], 2)
    steps_in = split(row["steps_in"])
    beside = say("card.steps_in", names=few(steps_in, names).text) if steps_in else None
    return Cell(loss, row["loss"], beside)
