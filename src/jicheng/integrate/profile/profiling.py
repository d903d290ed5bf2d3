"""From the texts of a zone to what its organisations and people can do.

Texts are classified to capabilities, those above a threshold become evidence of their
holders, evidence becomes levels with intervals, and shared texts become ties. What somebody
stated before stands beside what is derived and goes first; only rows that a profile itself
wrote (their source says so) are ever replaced, and only if asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from jicheng import taxonomy
from jicheng.conform import empty_frame
from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.profile.calibration import calibrations
from jicheng.integrate.profile.classify import Classifier, Labels
from jicheng.integrate.profile.evidence import (
    answers_frame,
    find_evidence,
    held_answers,
    is_derived,
    source_of,
)
from jicheng.integrate.profile.features import Progress
from jicheng.integrate.profile.holders import holders_of
from jicheng.integrate.profile.level import contributions, levels
from jicheng.integrate.profile.settings import ProfileSettings
from jicheng.integrate.profile.ties import find_ties
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = [
    "ProfileResult",
    "capabilities_for",
    "counted_evidence",
    "profile",
    "with_capabilities",
    "year_of",
]

_PAIR = ["holder", "capability"]
_NAMED = 3  # texts named in the evidence of a holding


@dataclass(frozen=True)
class ProfileResult:
    """What the texts of a zone tell.

    Attributes
    ----------
    zone : Zone
        With the capabilities that were used, evidence, holdings and ties.
    labels : Labels
        What each text shows.
    holdings : DataFrame
        ``holder``, ``capability``, ``outcome`` (new, kept, conflict, replaced, earlier),
        ``level``, ``level_low``, ``level_high``, ``texts`` as derived, and ``stated``,
        ``stated_low``, ``stated_high`` as the zone had them. ``kept``: somebody stated a
        level that fits; ``conflict``: one that lies outside the interval; ``earlier``: a
        profile wrote another one before. All but ``new`` and ``replaced`` stand as stated.
    counts : mapping of str to int
        ``texts`` read, ``empty`` of them, ``classified``, ``none`` (shows none of these),
        ``undecided`` (nothing is told of it), ``unsure`` (a person should be asked; of all
        three), ``homeless``; ``evidence``, ``new``, ``kept``, ``conflict``, ``replaced``,
        ``earlier``, ``removed`` (derived earlier, shown by no text now), ``ties``,
        ``ties_kept``.
    engine, model : str
        What classified, by name and version, and its calibration.
    origin : Text
        How that was fitted.
    warnings : tuple of Fault
    """

    zone: Zone
    labels: Labels
    holdings: pl.DataFrame
    counts: Mapping[str, int]
    engine: str
    model: str
    origin: Text
    warnings: tuple[Fault, ...]


def capabilities_for(zone: Zone) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """Return the zone's capabilities; the shipped ones, with a warning, if it has none."""
    if zone["capabilities"].height:
        return zone["capabilities"], ()
    return taxonomy.load(), (fault("E041", is_warning=True, count=taxonomy.load().height),)


def with_capabilities(zone: Zone, capabilities: pl.DataFrame) -> Zone:
    """Return the zone with capabilities that it lacks; rows that it has stand."""
    own = zone["capabilities"]
    lacking = capabilities.filter(~pl.col("id").is_in(own["id"].implode()))
    empty = empty_frame(zone_tables()["capabilities"])
    both = pl.concat([empty, own, lacking], how="diagonal_relaxed").select(empty.columns)
    return zone.with_tables(capabilities=both)


def _without_shipped(zone: Zone, capabilities: pl.DataFrame) -> Zone:
    """Return the zone without what an earlier run took from the shipped taxonomy.

    Leaves out shipped capabilities that are not among those looked for now, with what was
    derived of them; one that a stated row names stays, with what is above it.
    """
    own, same = zone["capabilities"], ["id", "name", "source"]
    added = own.join(taxonomy.load().select(same), on=same, how="semi", nulls_equal=True)
    left = added.join(capabilities, on="id", how="anti")["id"].implode()
    is_left = pl.col("id").is_in(left)
    named = set(zone["needs"]["capability"])
    for table in ("holdings", "evidence"):
        named |= set(zone[table].filter(~is_derived())["capability"])
    parents = dict(own.select("id", "parent").iter_rows())
    kept: set[str] = set()
    for name in [*named, *own.filter(~is_left)["id"]]:
        above: str | None = name
        while above is not None and above not in kept:
            kept.add(above)
            above = parents.get(above)
    gone = own.filter(is_left & ~pl.col("id").is_in(list(kept)))["id"].implode()
    rows = {name: zone[name].filter(~pl.col("capability").is_in(gone))
            for name in ("holdings", "evidence")}  # fmt: skip
    return zone.with_tables(capabilities=own.filter(~pl.col("id").is_in(gone)), **rows)


def year_of(zone: Zone, on: dt.date) -> int:
    """Return the year from which ages are counted: the zone's period, else that of a day."""
    period = zone["zones"]["period"].max()
    return period if isinstance(period, int) else on.year


def counted_evidence(
    zone: Zone, settings: ProfileSettings, *, year: int, errors: Mapping[str, float] | None = None
) -> pl.DataFrame:
    """Return what each piece of a zone's evidence adds; see :func:`contributions`."""
    known = {name: one.error for name, one in calibrations().items()} | dict(errors or {})
    return contributions(
        zone["evidence"], zone["texts"], holders_of(zone), year=year, errors=known,
        settings=settings,
    )  # fmt: skip


def profile(
    zone: Zone,
    classifier: Classifier,
    *,
    on: dt.date,
    replace_derived: bool = False,
    answers: pl.DataFrame | None = None,
    progress: Progress | None = None,
) -> ProfileResult:
    """Derive evidence, holdings and ties from the texts of a zone.

    Parameters
    ----------
    zone : Zone
        Needs ``texts``; nothing of it is changed.
    classifier : Classifier
        Made for the capabilities to look for.
    on : date
        When; ages are counted from the zone's period: see :func:`year_of`.
    replace_derived : bool
        Whether rows that a profile wrote earlier are replaced by what is derived now; the
        shipped capabilities that it added leave too where others are looked for now.
    answers : DataFrame, optional
        What people said of texts; see :func:`jicheng.integrate.profile.evidence.find_evidence`.
    progress : callable, optional
        Called with how many texts are encoded, and how many there are.

    Raises
    ------
    InvalidInput
        E042 if the zone has no texts; E101-E149 if what is derived does not fit it.
    """
    if not zone["texts"].height:
        raise InvalidInput.of("E042")
    settings = classifier.settings
    if replace_derived:
        zone = _without_shipped(zone, classifier.capabilities)
    zone = with_capabilities(zone, classifier.capabilities)
    labels = classifier.classify(zone["texts"], progress=progress)
    found = find_evidence(zone, classifier, labels, on=on, replace=replace_derived, answers=answers)
    zone = zone.with_tables(evidence=found.table)
    counted = counted_evidence(
        zone,
        settings,
        year=year_of(zone, on),
        errors={classifier.calibration.model: classifier.calibration.error},
    )
    table, compared, removed = _merged(zone, counted, classifier, on=on, replace=replace_derived)
    ties = find_ties(zone, settings)
    stated = zone["ties"].filter(~is_derived())
    made = zone.with_tables(holdings=table, ties=pl.concat([stated, ties.table]))
    wrong = [one for one in made.check() if not one.is_warning]
    if wrong:
        raise InvalidInput(wrong)
    counts = _counts(zone, labels, found.shown, settings, answers) | {
        "homeless": found.n_homeless,
        "evidence": found.new.height,
        "ties": ties.table.height,
        "ties_kept": ties.kept,
        "removed": removed,
    }
    outcomes = dict(compared["outcome"].value_counts().iter_rows())
    counts |= {name: int(outcomes.get(name, 0)) for name in _OUTCOMES}
    warnings = [*classifier.faults, *ties.warnings]
    if counts["conflict"]:
        warnings.append(fault("E046", is_warning=True, count=counts["conflict"]))
    if counts["earlier"]:
        warnings.append(fault("E043", is_warning=True, count=counts["earlier"]))
    if classifier.calibration.model == "words":
        warnings.append(fault("E048", is_warning=True))
    return ProfileResult(
        made, labels, compared, counts, classifier.engine, classifier.calibration.model,
        classifier.calibration.origin, tuple(warnings),
    )  # fmt: skip


_OUTCOMES = ("new", "kept", "conflict", "replaced", "earlier")


def _counts(
    zone: Zone,
    labels: Labels,
    shown: pl.DataFrame,
    settings: ProfileSettings,
    answers: pl.DataFrame | None,
) -> dict[str, int]:
    read = zone["texts"].height
    classified = set(shown["text"])
    said = held_answers(answers_frame() if answers is None else answers)
    none = set(labels.showing_none(settings.none_threshold))
    none |= set(said.filter(pl.col("answer") == "none")["text"]) & set(labels.texts["text"])
    n_none = len(none - classified)
    return {
        "texts": read,
        "empty": read - labels.texts.height,
        "classified": len(classified),
        "none": n_none,
        "undecided": labels.texts.height - len(classified) - n_none,
        "unsure": labels.uncertain(settings).height,
    }


def _merged(
    zone: Zone, counted: pl.DataFrame, classifier: Classifier, *, on: dt.date, replace: bool
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the table ``holdings``, how it compares with what was there, and rows removed."""
    derived = levels(counted, classifier.settings)
    before = zone["holdings"]
    earlier = before.filter(is_derived())
    stated = before.select(
        *_PAIR,
        stated="level",
        stated_low=pl.coalesce("level_low", "level"),
        stated_high=pl.coalesce("level_high", "level"),
        was_derived=is_derived(),
    )
    ends = ["level", "level_low", "level_high"]
    same = pl.all_horizontal(pl.col(end).eq_missing(pl.col(f"{end}_old")) for end in ends)
    compared = (
        derived.join(stated, on=_PAIR, how="left")
        .join(before.select(*_PAIR, *ends), on=_PAIR, how="left", suffix="_old")
        .with_columns(
            outcome=pl.when(pl.col("was_derived").is_null())
            .then(pl.lit("new"))
            .when("was_derived")
            .then(
                pl.when(same).then(pl.lit("kept")).otherwise(
                    pl.lit("replaced" if replace else "earlier")
                )
            )
            .when(
                (pl.col("stated_low") > pl.col("level_high"))
                | (pl.col("stated_high") < pl.col("level_low"))
            )
            .then(pl.lit("conflict"))
            .otherwise(pl.lit("kept"))
        )
        .select(*_PAIR, "outcome", *ends, "texts", "stated", "stated_low", "stated_high")
        .sort(_PAIR)
    )  # fmt: skip
    written = compared.filter(pl.col("outcome").is_in(["new", "replaced"]))
    rows = written.join(_named(counted), on=_PAIR, how="left").select(
        *_PAIR, *ends, "evidence", source=pl.lit(source_of(classifier)), as_of=pl.lit(on)
    )
    gone = earlier.join(derived, on=_PAIR, how="anti") if replace else earlier.clear()
    stays = before.join(rows, on=_PAIR, how="anti").join(gone, on=_PAIR, how="anti")
    empty = empty_frame(zone_tables()["holdings"])
    table = pl.concat([empty, stays, rows], how="diagonal_relaxed").sort(_PAIR)
    return table, compared, gone.height


def _named(counted: pl.DataFrame) -> pl.DataFrame:
    """Return which texts say most of a holding, and how many there are."""
    adds = pl.col("counts") * pl.col("chance")
    ranked = counted.sort(*_PAIR, adds, "text", descending=[False, False, True, False])
    first = pl.col("text").head(_NAMED).str.join("; ")
    more = pl.when(pl.len() > _NAMED).then(pl.lit(" …")).otherwise(pl.lit(""))
    said = pl.concat_str(pl.lit("文本 "), pl.len(), pl.lit(" 个 / texts: "), first, more)
    return ranked.group_by(_PAIR, maintain_order=True).agg(evidence=said)
