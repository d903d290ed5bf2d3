"""What packs say of the zone's firms: the facts, the packs, and their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, Text, fault
from jicheng.plan.rules.files import is_file
from jicheng.plan.rules.settings import RuleSettings
from jicheng.rules.expression.intervals import Flags, Truth
from jicheng.rules.facts.complete import complete_kinds
from jicheng.rules.facts.dictionary import Dictionary, fact_dictionary
from jicheng.rules.facts.from_zone import facts_of
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.model import Pack
from jicheng.rules.pack.opening import open_packs
from jicheng.rules.score.evaluate import Evaluation, evaluate
from jicheng.rules.score.gaps import gaps
from jicheng.rules.score.labels import Labels
from jicheng.schema import choices
from jicheng.zone import Zone

__all__ = ["Judged", "JudgedPack", "judge"]

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class JudgedPack:
    """One pack applied to all firms.

    Attributes
    ----------
    evaluation : Evaluation
        What it says.
    is_listed : bool
        Whether the zone names every holder of the title that the pack grants.
    """

    evaluation: Evaluation
    is_listed: bool

    @property
    def pack(self) -> Pack:
        """The pack."""
        return self.evaluation.pack

    @cached_property
    def held(self) -> Truth | None:
        """Whether each firm holds the title that the pack grants; None if it grants none."""
        if not self.pack.grants:
            return None
        origin = f"qualification:{self.pack.grants}"
        facts = self.evaluation.facts
        for name, fact in facts.dictionary.items():
            if fact.origin == origin and name in facts.conditions:
                return facts.conditions[name]
        return None

    @cached_property
    def gaps(self) -> tuple[tuple[Text, Flags], ...]:
        """Facts that are not known, with the firms for which they leave anything open."""
        facts = self.evaluation.facts
        labels = Labels.of(self.pack, facts.dictionary)
        found = gaps(self.evaluation)
        return tuple((labels.label(name, facts.year), gap) for name, gap in found.items())

    @cached_property
    def n_missing(self) -> Counts:
        """Number of facts that are not known and leave anything open, for each firm."""
        total: Counts = np.zeros(self.evaluation.facts.n, dtype=np.int64)
        for _, is_missing in self.gaps:
            total = total + is_missing
        return total


@dataclass(frozen=True, eq=False)
class Judged:
    """All packs applied to all firms of a zone.

    Attributes
    ----------
    facts : FactTable
        What is known of the firms.
    packs : tuple of JudgedPack
        Packs of titles and eligibility.
    points : JudgedPack or None
        The pack of points.
    complete_lists : tuple of str
        Kinds of titles of which no row means not held.
    warnings : tuple of Fault
    """

    facts: FactTable
    packs: tuple[JudgedPack, ...]
    points: JudgedPack | None
    complete_lists: tuple[str, ...]
    warnings: tuple[Fault, ...]


def judge(zone: Zone, settings: RuleSettings, folder: Path) -> Judged:
    """Apply the packs of the settings to the firms of a zone.

    Parameters
    ----------
    zone : Zone
        With its facts in ``organisations``, ``indicators`` and ``qualifications``.
    settings : RuleSettings
        Files in it are relative to ``folder``.
    folder : Path
        Folder of the plan.

    Raises
    ------
    InvalidInput
        As reading a pack says; E944 if an overlay is for none of the packs, E954 if
        there is no title of a kind that is said to be listed completely.
    """
    names = [*settings.packs, *([settings.points_pack] if settings.points_pack else [])]
    every = open_packs(
        [folder / name if is_file(name) else name for name in names],
        [folder / name for name in settings.overlays],
    )
    packs, points = every[: len(settings.packs)], every[len(settings.packs) :]
    lists = complete_kinds(settings.complete_lists, fact_dictionary())
    facts = facts_of(
        zone,
        year=settings.evaluation_year,
        dictionary=_with_judgements(every),
        complete_lists=lists,
    )
    return Judged(
        facts,
        tuple(JudgedPack(evaluate(pack, facts), pack.grants in lists) for pack in packs),
        JudgedPack(evaluate(points[0], facts), is_listed=False) if points else None,
        lists,
        _told(lists),
    )


def _with_judgements(packs: Iterable[Pack]) -> Dictionary:
    known = fact_dictionary()
    needed = {fact.name: fact for pack in packs for fact in facts_needed(pack, known)}
    return known.with_facts(fact for fact in needed.values() if fact.name not in known)


def _told(lists: Sequence[str]) -> tuple[Fault, ...]:
    """Tell of which titles no row counts as not held."""
    if not lists:
        return ()
    labels = {one.value: one.label for one in choices()["qualification_kind"]}
    named = [labels.get(kind, Text(kind, kind)) for kind in lists]
    told = Text("、".join(text.zh for text in named), ", ".join(text.en for text in named))
    return (fault("E618", is_warning=True, kinds=told),)
