"""Rows of evidence made from labels: whose capability each text shows, and what people said.

A person's word goes before the program's: a confirmed pair of text and capability is
certain, a refused one is no evidence, a text that shows none is evidence of nothing, and
rows that were in the zone before stand.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from jicheng.conform import empty_frame
from jicheng.integrate.profile.classify import Classifier, Labels
from jicheng.integrate.profile.holders import holders_of
from jicheng.integrate.profile.settings import DERIVED
from jicheng.integrate.profile.weights import role_shares
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = [
    "FoundEvidence",
    "answers_frame",
    "find_evidence",
    "held_answers",
    "is_derived",
    "source_of",
]

KEY = ["holder", "capability", "text"]
_CONFIRMED = "confirmed by "


@dataclass(frozen=True)
class FoundEvidence:
    """Evidence of a zone after a profile.

    Attributes
    ----------
    table : DataFrame
        The whole table ``evidence``.
    new : DataFrame
        Rows that it did not have before.
    shown : DataFrame
        ``text``, ``capability``, ``score``: every label that counts, with or without holder.
    n_homeless : int
        Texts that show a capability but belong to nobody in the zone.
    """

    table: pl.DataFrame
    new: pl.DataFrame
    shown: pl.DataFrame
    n_homeless: int


def is_derived() -> pl.Expr:
    """Tell rows that a profile wrote by their source."""
    return pl.col("source").fill_null("").str.starts_with(DERIVED)


def source_of(classifier: Classifier) -> str:
    """Return the source of rows that a classifier's labels lead to."""
    return f"{DERIVED}.{classifier.calibration.model}: {classifier.engine}"


def answers_frame() -> pl.DataFrame:
    """Return an empty table of what people said of texts.

    ``answer`` is yes, no, or none: the text shows no capability at all, and ``capability``
    is empty.
    """
    columns = ("text", "capability", "answer", "who", "date")
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def held_answers(answers: pl.DataFrame) -> pl.DataFrame:
    """Return the answers that count, in their order.

    Of each pair of text and capability the last one counts. "None" takes back what was said
    of its text before; a later yes stands beside it.
    """
    none = pl.col("answer") == "none"
    at = pl.int_range(pl.len())
    last = pl.when(none).then(at).max().over("text")
    return answers.filter(last.is_null() | (at >= last)).unique(
        ["text", "capability"], keep="last", maintain_order=True
    )


def find_evidence(
    zone: Zone,
    classifier: Classifier,
    labels: Labels,
    *,
    on: dt.date,
    replace: bool,
    answers: pl.DataFrame | None = None,
) -> FoundEvidence:
    """Return the evidence that labels lead to, beside what the zone has.

    Parameters
    ----------
    zone : Zone
        ``texts``, ``text_parties``, ``facilities`` and ``evidence`` are read.
    classifier, labels
        What classified the texts of the zone, and what it said.
    on : date
        When.
    replace : bool
        Whether rows that a profile wrote earlier give way.
    answers : DataFrame, optional
        ``text``, ``capability``, ``answer`` (yes, no or none), ``who``, ``date``; see
        :func:`held_answers`.
    """
    said = held_answers(answers_frame() if answers is None else answers)
    pair = ["text", "capability"]
    shows_none = pl.col("text").is_in(said.filter(pl.col("answer") == "none")["text"].implode())
    above = labels.above(classifier.settings.threshold).select(*pair, "score")
    above = above.filter(~shows_none).join(said, on=pair, how="anti")
    above = above.with_columns(source=pl.lit(source_of(classifier)))
    shown = pl.concat([above, _confirmed(said, zone)]).sort(pair)
    counting = [role for role, share in role_shares().items() if share > 0]
    parties = holders_of(zone).filter(pl.col("role").is_in(counting))
    rows = parties.select("text", "holder").unique().join(shown, on="text")
    leaves = rows["capability"].is_in(classifier.nodes.ids)
    told = rows.filter(leaves).select(pair).unique(maintain_order=True)
    sentences = told.with_columns(classifier.sentences(told, zone["texts"]))
    rows = rows.join(sentences, on=pair, how="left").with_columns(
        pl.col("score").round(4), as_of=pl.lit(on)
    )
    made = pl.concat([empty_frame(zone_tables()["evidence"]), rows], how="diagonal_relaxed")
    before = zone["evidence"]
    made = _dated_as(made, before)
    refused = said.filter(pl.col("answer") == "no").select(pair)
    ours = before.filter(is_derived() | _is_answer())
    ours = ours.filter(~shows_none).join(refused, on=pair, how="anti")
    ours = ours.filter(~is_derived()) if replace else ours
    certain = made.filter(~is_derived()).select(KEY)
    kept = pl.concat([
        before.filter(~is_derived() & ~_is_answer()),
        ours.filter(~is_derived()),
        ours.filter(is_derived()).join(certain, on=KEY, how="anti"),
    ])  # fmt: skip
    table = pl.concat([kept, made.join(kept.select(KEY), on=KEY, how="anti")]).sort(KEY)
    homeless = shown.join(parties, on="text", how="anti")["text"].n_unique()
    return FoundEvidence(table, table.join(before, on=KEY, how="anti"), shown, homeless)


def _is_answer() -> pl.Expr:
    """Tell rows that somebody's answer led to by their source."""
    return pl.col("source").fill_null("").str.starts_with(_CONFIRMED)


def _confirmed(said: pl.DataFrame, zone: Zone) -> pl.DataFrame:
    """Return the pairs that somebody confirmed, as certain labels."""
    certain = said.filter(pl.col("answer") == "yes").select(
        "text",
        "capability",
        score=pl.lit(1.0),
        source=pl.concat_str(pl.lit(_CONFIRMED), "who", pl.lit(" on "), "date"),
    )
    return certain.filter(
        pl.col("text").is_in(zone["texts"]["id"].implode())
        & pl.col("capability").is_in(zone["capabilities"]["id"].implode())
    )


def _dated_as(made: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the date of the same row before: what is the same is not new."""
    same = [name for name in made.columns if name != "as_of"]
    known = before.select(*same, was="as_of")
    dated = made.join(known, on=same, how="left", nulls_equal=True, maintain_order="left")
    return dated.with_columns(as_of=pl.coalesce("was", "as_of")).drop("was")
