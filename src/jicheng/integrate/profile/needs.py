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
from jicheng.integrate.profile.stated_level import stated_level
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["ConfirmedNeeds", "confirm_needs", "propose_needs"]

_CLAUSE = re.compile(r"[，,、：:]+")
_SHORTEST = 4  # characters of a clause or name that says something
_CONFIRMED = "confirmed by "
"""Begins the source of a need that a person confirmed in a sheet."""
_PAIR = ["technology", "capability"]
_NUMBERS = ["level", "weight"]
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
    n_refused, n_open, n_kept, n_removed : int
        Rows answered no, rows without an answer, needs that the zone had before, and needs
        that somebody had confirmed and that are refused now.
    warnings : tuple of Fault
        E038 for needs that the zone has with another level or weight, E068 for refused ones
        that no sheet brought; both stand. E067 for new needs without a level.
    """

    zone: Zone
    new: pl.DataFrame
    n_refused: int
    n_open: int
    n_kept: int
    n_removed: int
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
        ``description``, ``score``, ``level`` and ``stated`` (the level that the text
        states where it speaks of the capability, and its words; else empty); by technology,
        best first. What it needs already is left out.

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
    segments = _segments_of(asked)
    chances = _chances(segments, classifier, settings.most_proposals)
    found = _best_of_segments(asked, chances, classifier)
    levels = _stated_levels(segments, chances, settings.proposal_threshold)
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
        .join(levels, on=["technology", "capability"], how="left")
        .sort("technology", "score", "capability", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("technology") < settings.most_proposals)
        .select(
            "technology", "technology_name", "capability", "capability_name", "description",
            pl.col("score").round(3), "level", "stated",
        )
    )  # fmt: skip


def _segments_of(technologies: pl.DataFrame) -> pl.DataFrame:
    """Return the segments of all descriptions, as texts to classify.

    ``id``, ``technology``, ``title`` (the words), ``body`` and ``codes`` (empty), and
    ``level``, ``stated``: what the segment states. The whole is no statement on one
    capability, so it states nothing unless it has one segment alone.
    """
    rows: list[tuple[object, ...]] = []
    for row in technologies.iter_rows(named=True):
        parts = _segments(row["name"], row["name_en"], row["description"])
        for place, said in enumerate(parts):
            found = stated_level(said) if place or len(parts) == 1 else None
            told = (None, None) if found is None else (found.level, found.told)
            rows.append((f"{len(rows):07d}", row["id"], said, None, None, *told))
    columns = ("id", "technology", "title", "body", "codes", "level", "stated")
    schema = dict.fromkeys(columns, pl.String) | {"level": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _chances(segments: pl.DataFrame, classifier: Classifier, most: int) -> pl.DataFrame:
    """Return the chance of each capability for each segment: ``text``, with its technology."""
    labels = classifier.classify(segments, most=most).table
    return labels.join(segments.select("technology", text="id"), on="text")


def _best_of_segments(
    technologies: pl.DataFrame, chances: pl.DataFrame, classifier: Classifier
) -> pl.DataFrame:
    """Return the best chance of each capability over all segments of a description.

    A description asks for several things, each in a clause of its own; a text that is
    read as a whole shows mostly one.
    """
    named = _named_outright(technologies, classifier)
    told = pl.concat([chances.select("technology", "capability", "score"), named])
    return told.group_by("technology", "capability").agg(pl.col("score").max())


def _stated_levels(segments: pl.DataFrame, chances: pl.DataFrame, least: float) -> pl.DataFrame:
    """Return what is stated where a capability is spoken of: a level before a threshold."""
    stating = segments.drop_nulls("stated").select("level", "stated", text="id")
    return (
        chances.filter(pl.col("score") >= least)
        .join(stating, on="text")
        .sort(pl.col("level").is_null(), -pl.col("score"), "text")
        .unique(["technology", "capability"], keep="first", maintain_order=True)
        .select("technology", "capability", "level", "stated")
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
    """Write the needs that a person confirmed, and take back those refused that one had.

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
        level and weight, all at once; E037 without a name. Nothing is written by halves.
    """
    source = f"{_CONFIRMED}{check_who(who)} on {on.isoformat()}"
    schema = zone_tables()["needs"]

    def typed(yes: pl.DataFrame) -> tuple[pl.DataFrame, list[Fault]]:
        raw = yes.select(*_PAIR, "level", "weight", source=pl.lit(source))
        places = [place(int(row), "technology") for row in yes["_row"]]
        sheet = places[0].sheet if places else ""
        return conform(schema, raw, sheet=sheet, rows=[at.row or 0 for at in places])

    key = (("technology", "technologies"), ("capability", "capabilities"))

    def wrong_numbers(yes: pl.DataFrame) -> list[Fault]:
        return [found for found in typed(yes)[1] if found.where.column in _NUMBERS]

    answered = read_confirmations(table, place, zone, key, check=wrong_numbers)
    said = typed(answered.yes)[0]
    before = zone["needs"]
    refused = answered.no.select(_PAIR)
    is_confirmed = pl.col("source").fill_null("").str.starts_with(_CONFIRMED)
    removed = before.filter(is_confirmed).join(refused, on=_PAIR, how="semi")
    new = said.join(before, on=_PAIR, how="anti")
    needs = pl.concat([before.join(removed, on=_PAIR, how="anti", maintain_order="left"), new])
    return ConfirmedNeeds(
        zone.with_tables(needs=needs),
        new,
        answered.no.height,
        answered.n_open,
        said.join(before, on=_PAIR, how="semi").height,
        removed.height,
        _warnings(before, said, new, refused),
    )


def _warnings(
    before: pl.DataFrame, said: pl.DataFrame, new: pl.DataFrame, refused: pl.DataFrame
) -> tuple[Fault, ...]:
    """Return what stands although it was answered otherwise, and what states no level."""
    kept = said.join(before, on=_PAIR, how="semi")
    differing = kept.join(before, on=_PAIR + _NUMBERS, how="anti", nulls_equal=True)
    stated = before.filter(~pl.col("source").fill_null("").str.starts_with(_CONFIRMED))
    stands = stated.join(refused, on=_PAIR, how="semi").sort(_PAIR)
    found = [
        fault(code, is_warning=True, technology=row["technology"], capability=row["capability"])
        for code, rows in (("E038", differing), ("E068", stands))
        for row in rows.iter_rows(named=True)
    ]
    n_without = new["level"].null_count()
    if n_without:
        found.append(fault("E067", is_warning=True, count=n_without, all=new.height))
    return tuple(found)
