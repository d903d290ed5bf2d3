"""Find out which records are one body: organisations first, then people and facilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import polars as pl

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.intake.inputs import Inputs
from jicheng.intake.naming import facility_ids, organisation_ids, person_ids
from jicheng.intake.same_names import with_same_names
from jicheng.intake.translations import with_chinese_names
from jicheng.integrate.resolve import (
    Judgements,
    Resolution,
    ResolveSettings,
    resolve,
    resolve_facilities,
    resolve_people,
)
from jicheng.integrate.resolve.kinds import Kind
from jicheng.integrate.resolve.model.scoring import has_splink
from jicheng.io.raw.kinds import list_kinds

__all__ = ["Resolved", "precedence_of", "resolve_records"]

_TRUSTED = ("firms", "people", "equipment", "projects", "shareholders", "papers", "patents")


@dataclass(frozen=True)
class Resolved:
    """Bodies found in the records, by kind.

    ``precedence`` are the sources from the most trusted, those trusted alike together.
    """

    organisations: Resolution
    people: Resolution
    facilities: Resolution
    precedence: tuple[tuple[str, ...], ...]
    judgements: Judgements
    unused: tuple[Fault, ...] = ()

    def __iter__(self) -> Iterator[Resolution]:
        """Yield the three resolutions."""
        yield from (self.organisations, self.people, self.facilities)

    @cached_property
    def golden(self) -> dict[Kind, tuple[pl.DataFrame, pl.DataFrame]]:
        """Rows of each kind with what survives, and where every value comes from."""
        order: Mapping[str, Sequence[Sequence[str]]] = {"": self.precedence}
        return {Kind(found.kind): found.entities(order) for found in self}

    @cached_property
    def ids(self) -> dict[str, str]:
        """Id in the zone of each record."""
        made: dict[str, str] = {}
        for kind, name in ((Kind.ORGANISATION, organisation_ids), (Kind.FACILITY, facility_ids),
                           (Kind.PERSON, person_ids)):  # fmt: skip
            found = next(one for one in self if one.kind == kind)
            by_first = name(self.golden[kind][0], found.members)
            made |= {record: by_first[first] for record, first in found.members.iter_rows()}
        return made


def precedence_of(sources: Sequence[str], words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sources from the most trusted, those trusted alike in one group.

    Parameters
    ----------
    sources : sequence of str
        Titles of the sources.
    words : sequence of str
        What a person trusts most, in order: a kind of list or a file, in whole or in part.

    Raises
    ------
    InvalidInput
        E651 for a word that no source has.

    Notes
    -----
    What is not named follows by kind: firms, people, equipment, projects, shareholders,
    papers, patents, then all other sources (ours: who keeps the list knows best). Of two
    lists of one kind the later date counts, not the name of the file.
    """
    there = sorted(set(sources))
    unknown = [word for word in words if not any(word in source for source in there)]
    if unknown:
        known = "、".join(there)
        raise InvalidInput(fault("E651", name=word, known=known) for word in unknown)
    labels = [list_kinds()[kind].label.zh for kind in _TRUSTED]

    def rank(source: str) -> tuple[int, int]:
        named = next((k for k, word in enumerate(words) if word in source), len(words))
        kind = next((k for k, label in enumerate(labels) if source.startswith(label)), len(labels))
        return named, kind

    return tuple(tuple(group) for _, group in groupby(sorted(there, key=rank), key=rank))


def resolve_records(
    inputs: Inputs,
    *,
    judgements: Judgements,
    settings: ResolveSettings,
    source_order: Sequence[str] = (),
) -> Resolved:
    """Resolve the records of all inputs.

    Raises
    ------
    InvalidInput
        E650 if there is no organisation, E651 for unknown words of the order.
    """
    records = inputs.records
    if records.organisations.is_empty():
        lists = [f"{one.file.name} {one.list.sheet.name}".strip() for one in inputs.lists]
        raise InvalidInput.of("E650", lists="、".join(lists) or "–")
    sources = [source for frame in (records.organisations, records.people, records.facilities)
               for source in frame["source"].unique().drop_nulls()]  # fmt: skip
    order = precedence_of(sources, source_order)
    said, unused = _about(judgements, records.organisations["id"], records.people["id"],
                          records.facilities["id"])  # fmt: skip
    named = with_chinese_names(records.organisations)
    about, same = said.about(named["id"]), 0
    if settings.probable and not has_splink():
        about, same = with_same_names(named, about)
    bodies = resolve(named, judgements=about, settings=settings)
    if same:
        unused = (*unused, fault("E660", is_warning=True, n=same))
    first = dict(bodies.members.iter_rows())
    people = records.people.with_columns(
        pl.col("organisation").replace_strict(first, default=None, return_dtype=pl.String)
    )
    facilities = records.facilities.with_columns(
        pl.col("owner").replace_strict(first, default=None, return_dtype=pl.String)
    )
    parties = records.text_parties.select("text", "party")
    return Resolved(
        bodies,
        resolve_people(
            people, texts=parties, judgements=said.about(people["id"]), settings=settings
        ),
        resolve_facilities(facilities, judgements=said.about(facilities["id"]), settings=settings),
        order,
        judgements,
        unused,
    )


def _about(judgements: Judgements, *ids: pl.Series) -> tuple[Judgements, tuple[Fault, ...]]:
    """Leave out judgements about records that are not there; they stay in the file."""
    there = {one for series in ids for one in series}
    lost = [row for row in judgements.held() if not {row.left, row.right} <= there]
    numbers = {row.number for row in lost}
    numbers |= {row.number for row in judgements.rows
                if not {row.left, row.right} <= there}  # fmt: skip
    kept = replace(
        judgements, rows=tuple(row for row in judgements.rows if row.number not in numbers)
    )
    told = tuple(fault("E647", is_warning=True, number=row.number) for row in lost)
    return kept, told
