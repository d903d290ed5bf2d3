"""From files to a checked zone: read, resolve, put together, check, write whole or not at all.

The same inputs and judgements give the same zone, byte for byte; nothing of it depends on
the clock, the order of files or their places on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.intake.findings import findings_table
from jicheng.intake.inputs import Inputs
from jicheng.intake.naming import short_hash
from jicheng.intake.resolving import Resolved, resolve_records
from jicheng.intake.tables import Tables
from jicheng.integrate.resolve import Judgements, ResolveSettings
from jicheng.io.beside import beside
from jicheng.io.csv_safe import write_csv
from jicheng.zone import Source, Zone

__all__ = ["Intake", "IntakeOptions", "take_in", "with_summary"]


@dataclass(frozen=True, slots=True)
class IntakeOptions:
    """What a person says about the zone.

    Attributes
    ----------
    name : str
        Name of the zone.
    home : str
        ISO 3166 alpha-3 code of its country.
    year : int or None
        Year of the data; None = the latest year that a list names.
    source_order : tuple of str
        Sources from the most trusted: kinds of lists or names of files.
    only_listed : bool
        Whether organisations that only texts name are left out.
    settings : ResolveSettings
        Thresholds of joining records.
    """

    name: str
    home: str = "CHN"
    year: int | None = None
    source_order: tuple[str, ...] = ()
    only_listed: bool = False
    settings: ResolveSettings = field(default_factory=ResolveSettings)


@dataclass(frozen=True)
class Intake:
    """A zone made of files, and how it came about.

    Attributes
    ----------
    zone : Zone
        Typed and checked.
    inputs : Inputs
        What was read.
    resolved : Resolved
        Which records are one body, and why.
    warnings : tuple of Fault
        Everything that was not read, guessed or left open.
    """

    zone: Zone
    inputs: Inputs
    resolved: Resolved
    warnings: tuple[Fault, ...]

    @cached_property
    def findings(self) -> pl.DataFrame:
        """One row a warning; see :func:`~jicheng.intake.findings.findings_table`."""
        return findings_table(self.warnings)

    @cached_property
    def records(self) -> pl.DataFrame:
        """Where each record stands and which row of the zone it went into."""
        places = {
            record: (one.file.name, one.list.sheet.name, row)
            for one in self.inputs.lists
            for record, row in one.places.items()
        }
        rows = [
            (record, str(found.kind), self.resolved.ids[record], name or name_en, source,
             *places.get(record, ("", "", None)))
            for found in self.resolved
            for record, name, name_en, source in found.records.table.select(
                "id", "name", "name_en", "source"
            ).iter_rows()
        ]  # fmt: skip
        names = ("record", "kind", "id", "name", "source", "file", "sheet", "row")
        schema: dict[str, Any] = dict.fromkeys(names, pl.String) | {"row": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("id", "record")

    @cached_property
    def provenance(self) -> pl.DataFrame:
        """Which record each value of an organisation, person or facility comes from."""
        parts = []
        for kind, (_, provenance) in self.resolved.golden.items():
            ids = provenance[str(kind)].replace_strict(self.resolved.ids, return_dtype=pl.String)
            parts.append(
                provenance.select(
                    ids.alias("id"), "attribute", "value", "record", "source", "as_of"
                )
            )
        return pl.concat(parts).sort("id", "attribute")

    def save(self, path: Path) -> None:
        """Write the zone, and beside it findings, records and provenance.

        The zone is written whole or not at all; an existing one is replaced.
        """
        self.zone.save(path)
        write_csv(self.findings, beside(path, "findings.csv"))
        write_csv(self.records, beside(path, "records.csv"))
        write_csv(self.provenance, beside(path, "provenance.csv"))


def take_in(
    inputs: Inputs, options: IntakeOptions, *, judgements: Judgements | None = None
) -> Intake:
    """Make a zone of what was read.

    Parameters
    ----------
    inputs : Inputs
        See :func:`~jicheng.intake.inputs.read_inputs`.
    options : IntakeOptions
        Name, country, year and order of trust.
    judgements : Judgements, optional
        What people decided about pairs of records.

    Returns
    -------
    Intake
        The zone without faults of consistency; what could not be used is a warning.

    Raises
    ------
    InvalidInput
        E650 without organisations, E651 for unknown sources, E659 without a year, and
        E101-E149 for what is inconsistent.
    """
    year = options.year or inputs.year
    if year is None:
        raise InvalidInput.of("E659")
    resolved = resolve_records(
        inputs,
        judgements=judgements or Judgements(),
        settings=options.settings,
        source_order=options.source_order,
    )
    own = f"zone:{short_hash(options.name)}"
    tables = Tables(inputs, resolved, own, options.home, options.only_listed)
    zone_row = {
        "id": own,
        "name": options.name,
        "home": options.home,
        "period": year,
        "is_sample": inputs.is_sample,
    }
    made = Zone.of({"zones": [zone_row], **tables.made()}, sources=_sources(inputs))
    warnings = _each_once(
        inputs.faults,
        resolved.unused,
        *(found.warnings for found in resolved),
        tables.guessed,
        tables.contradictions,
        _open_questions(resolved),
        [found for found in made.check() if found.is_warning],
    )
    return Intake(made, inputs, resolved, warnings)


def with_summary(intake: Intake, path: Path) -> Intake:
    """Return the intake with one warning in its zone that says where all findings are."""
    n = len(intake.warnings)
    name = beside(path, "findings.csv").name
    told = (fault("E652", is_warning=True, n=n, path=name),) if n else ()
    return replace(intake, zone=replace(intake.zone, warnings=told))


def _open_questions(resolved: Resolved) -> list[Fault]:
    return [
        fault(
            "E646",
            is_warning=True,
            n=found.review.height,
            asked=found.questions.height,
            what=found.kind.noun,
        )
        for found in resolved
        if found.review.height
    ]


def _sources(inputs: Inputs) -> list[Source]:
    made: dict[str, Source] = {}
    for part in (*(one.records for one in inputs.lists), *inputs.folders):
        filled = (*(name for name, frame in part.as_tables().items() if frame.height), *part.tables)
        for origin in part.origins:
            made[origin.source] = Source(
                origin.source, origin.file, origin.licence, origin.retrieved, tuple(filled)
            )
    return [made[title] for title in sorted(made)]


def _each_once(*parts: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(one for part in parts for one in part))
