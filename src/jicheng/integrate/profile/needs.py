"""What a technology may need, proposed to a person; and what the person confirmed.

Proposals are the capabilities that name and description of the technology speak of. They
never enter the zone: only rows that a person confirms do, under that person's name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.conform import conform, nearest
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.integrate.profile.classify import Classifier
from jicheng.integrate.profile.confirmation import Place, check_who, read_confirmations
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["ConfirmedNeeds", "confirm_needs", "propose_needs"]

_CLAUSE = re.compile(r"[，,、：:]+")
_SHORTEST = 4  # characters of a clause or name that says something
_NAMED = 0.95  # chance of a capability that is called by its full name (ours)


@dataclass(frozen=True)
class ConfirmedNeeds:
    """A zone with the needs that a person confirmed.

    Attributes
    ----------
    zone : Zone
        With the new rows in ``needs``.
    new : DataFrame
        Those rows.
    n_refused, n_open, n_kept : int
        Rows answered no, rows without an answer, and needs that the zone had before.
    warnings : tuple of Fault
        E038 for needs that the zone has with another level or weight; they stand.
    """

    zone: Zone
    new: pl.DataFrame
    n_refused: int
    n_open: int
    n_kept: int
    warnings: tuple[Fault, ...]


def propose_needs(
    zone: Zone,
    classifier: Classifier,
    settings: ProfileSettings,
    technologies: Sequence[str] = (),
) -> pl.DataFrame:
    """Return which capabilities technologies may need.

    Parameters
    ----------
    zone : Zone
        ``technologies`` and ``needs`` are read.
    classifier : Classifier
    settings : ProfileSettings
    technologies : sequence of str
        Those to look at; default every one without needs.

    Returns
    -------
    DataFrame
        ``technology``, ``technology_name``, ``capability``, ``capability_name``,
        ``description``, ``score``; by technology, best first. What it needs already is
        left out.

    Raises
    ------
    InvalidInput
        E034 for a technology that there is not.
    """
    known = zone["technologies"]
    lost = [name for name in technologies if name not in known["id"].to_list()]
    if lost:
        label = zone_tables()["technologies"].label
        near = nearest(lost[0], known["id"].to_list(), otherwise="-")
        raise InvalidInput.of("E034", value=lost[0], table=label, near=near)
    needs = zone["needs"]
    asked = known.filter(
        pl.col("id").is_in(list(technologies))
        if technologies
        else ~pl.col("id").is_in(needs["technology"].implode())
    )
    found = _best_of_segments(asked, classifier, settings.most_proposals)
    names = asked.select(pl.col("id").alias("technology"), technology_name="name")
    nodes = classifier.nodes.table.select(
        pl.col("id").alias("capability"),
        capability_name="name",
        description=pl.coalesce("description", "description_en"),
    )
    return (
        found.filter(pl.col("score") >= settings.proposal_threshold)
        .join(needs.select("technology", "capability"), on=["technology", "capability"], how="anti")
        .join(names, on="technology")
        .join(nodes, on="capability")
        .sort("technology", "score", "capability", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("technology") < settings.most_proposals)
        .select(
            "technology", "technology_name", "capability", "capability_name", "description",
            pl.col("score").round(3),
        )
    )  # fmt: skip


def _best_of_segments(
    technologies: pl.DataFrame, classifier: Classifier, most: int
) -> pl.DataFrame:
    """Return the best chance of each capability over all segments of a description.

    A description asks for several things, each in a clause of its own; a text that is
    read as a whole shows mostly one.
    """
    rows = [
        (row["id"], segment)
        for row in technologies.iter_rows(named=True)
        for segment in _segments(row["name"], row["name_en"], row["description"])
    ]
    segments = pl.DataFrame(
        [(f"{k:07d}", name, said) for k, (name, said) in enumerate(rows)],
        schema=["id", "technology", "title"], orient="row",
        schema_overrides=dict.fromkeys(("id", "technology", "title"), pl.String),
    ).with_columns(body=pl.lit(None, pl.String), codes=pl.lit(None, pl.String))  # fmt: skip
    labels = classifier.classify(segments, most=most).table
    chances = labels.join(segments.select("technology", text="id"), on="text").select(
        "technology", "capability", "score"
    )
    named = _named_outright(technologies, classifier)
    return (
        pl.concat([chances, named]).group_by("technology", "capability").agg(pl.col("score").max())
    )


def _segments(name: str, name_en: str | None, description: str | None) -> list[str]:
    """Return what a technology is called, its sentences, and their clauses."""
    whole = "。".join(part for part in (name, name_en, description) if part)
    sentences = re.split(r"[。；;！？\n]+|\.\s", description or "")
    clauses = [clause for one in sentences for clause in _CLAUSE.split(one)]
    parts = [whole, *sentences, *clauses]
    kept = (part.strip() for part in parts)
    return list(dict.fromkeys(part for part in kept if len(part) >= _SHORTEST))


def _named_outright(technologies: pl.DataFrame, classifier: Classifier) -> pl.DataFrame:
    """Return the capabilities that a description calls by their full name."""
    nodes = classifier.nodes.table.select("id", "name", "name_en").rows()
    rows = []
    for technology, text in technologies.select("id", "description").iter_rows():
        said = (text or "").lower()
        for node, *names in nodes:
            if any(n and len(n) >= _SHORTEST and n.lower() in said for n in names):
                rows.append((technology, node, _NAMED))
    schema = {"technology": pl.String, "capability": pl.String, "score": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def confirm_needs(
    zone: Zone, table: pl.DataFrame, place: Place, *, who: str | None, on: dt.date
) -> ConfirmedNeeds:
    """Write the needs that a person confirmed, and no others.

    Parameters
    ----------
    zone : Zone
    table : DataFrame
        Text: ``technology``, ``capability``, ``confirm``, ``level``, ``weight``.
    place : callable
        Where its cells stand, for faults.
    who : str
        Who confirms.
    on : date
        When.

    Raises
    ------
    InvalidInput
        With every fault by cell: those of
        :func:`jicheng.integrate.profile.confirmation.read_confirmations`, E101-E111 for
        level and weight; E037 without a name. Nothing is written by halves.
    """
    source = f"confirmed by {check_who(who)} on {on.isoformat()}"
    key = (("technology", "technologies"), ("capability", "capabilities"))
    answered = read_confirmations(table, place, zone, key)
    schema = zone_tables()["needs"]
    raw = answered.yes.select("technology", "capability", "level", "weight", source=pl.lit(source))
    places = [place(int(row), "technology") for row in answered.yes["_row"]]
    sheet = places[0].sheet if places else ""
    typed, faults = conform(schema, raw, sheet=sheet, rows=[at.row or 0 for at in places])
    if faults:
        raise InvalidInput(faults)
    before, pair = zone["needs"], ["technology", "capability"]
    new = typed.join(before, on=pair, how="anti")
    same = ["level", "weight"]
    kept = typed.join(before, on=pair, how="semi")
    differing = kept.join(before, on=pair + same, how="anti", nulls_equal=True)
    warnings = [
        fault("E038", is_warning=True, technology=row["technology"], capability=row["capability"])
        for row in differing.iter_rows(named=True)
    ]
    needs = pl.concat([before, new], how="vertical")
    return ConfirmedNeeds(
        zone.with_tables(needs=needs),
        new,
        answered.no.height,
        answered.n_open,
        kept.height,
        tuple(warnings),
    )
