"""Why a member was found: the texts that show what it holds, and who else was found.

A consortium is chosen by levels. Where the zone keeps texts (patents, papers, products)
with the capabilities they show, the reader sees for each member and needed capability the
sentences that say so. What a person or a team shows counts for the organisation where
they work, as their holdings do. What a person stated is certain unless a chance is given;
what was derived from texts without one is unknown and comes last.
"""

from __future__ import annotations

import polars as pl

from jicheng.conform import empty_frame
from jicheng.integrate.coverage import reaches
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.profile.settings import DERIVED
from jicheng.integrate.shared.lock_rules import Binding
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["also_found", "found_texts"]

_MOST_CHARACTERS = 400
_SUREST = (
    pl.col("score").is_null(),
    -pl.col("score"),
    pl.col("period").is_null(),
    -pl.col("period"),
    pl.col("text"),
    pl.col("holder"),
)
"""Order of texts: the surest first, then the latest; what is unknown comes last."""


def found_texts(zone: Zone, assignment: pl.DataFrame, *, most: int = 3) -> pl.DataFrame:
    """Return the best texts of each needed capability that a member holds.

    Parameters
    ----------
    zone : Zone
        ``evidence``, ``texts``, ``people`` and ``organisations`` are read; without the
        first two the result is empty.
    assignment : polars.DataFrame
        Table ``assignment`` of a plan: challenge, capability, organisation.
    most : int
        Most texts of one member and capability, at least 1.

    Returns
    -------
    polars.DataFrame
        Table ``found``, sorted by its key. Texts are ranked by score (unknown last),
        then by year (latest first, unknown last), then by id; the same text counts once.
        Titles and sentences are cut to 400 characters.
    """
    table = plan_tables()["found"]
    if zone["evidence"].is_empty() or zone["texts"].is_empty() or assignment.is_empty():
        return empty_frame(table)
    keys = ["capability", "organisation"]
    ranked = (
        _shown(zone)
        .join(assignment, on=keys, how="semi")
        .sort(*keys, *_SUREST)
        .unique([*keys, "text"], keep="first", maintain_order=True)
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over(keys))
        .filter(pl.col("rank") <= most)
    )
    wanted = assignment.select("challenge", *keys).unique()
    return (
        wanted.join(ranked, on=keys, how="inner")
        .select(pl.col(name).cast(kind) for name, kind in empty_frame(table).schema.items())
        .sort("challenge", *keys, "rank")
    )


def also_found(
    zone: Zone,
    coverage: pl.DataFrame,
    members: pl.DataFrame,
    binding: Binding,
    holdings: Holdings,
    *,
    most: int = 5,
) -> pl.DataFrame:
    """Return who could take part, whose texts show what is needed, but who is no member.

    Parameters
    ----------
    zone : Zone
        As for :func:`found_texts`; ``challenges`` names the owners, who are left out.
    coverage, members : polars.DataFrame
        Tables of a plan: what each challenge needs, with levels and weights, and who was
        chosen.
    binding : Binding
        Locks and organisations by which the consortia were formed: who may be no member,
        is locked out or has no capacity left is left out here too.
    holdings : Holdings
        Levels by which they were formed.
    most : int
        Most organisations of one challenge, at least 1.

    Returns
    -------
    polars.DataFrame
        Table ``also_found``, sorted by its key. It ranks by texts alone; what the levels
        on record say of the same needs stands beside it, empty where none is on record. A
        cost or a tie may have spoken against an organisation too. A text of unknown score
        is listed and adds nothing to ``shown``, which is empty where no score is known;
        such an organisation comes last.
    """
    table = plan_tables()["also_found"]
    if zone["evidence"].is_empty() or zone["texts"].is_empty() or coverage.is_empty():
        return empty_frame(table)
    keys = ["challenge", "organisation"]
    weights = coverage.select("challenge", "capability", weight=pl.col("weight").fill_null(0.0))
    texts = (
        _shown(zone)
        .join(_able(binding), on="organisation", how="semi")
        .join(weights, on="capability", how="inner")
        .join(_barred(zone, binding, weights["challenge"]), on=keys, how="anti")
        .join(members, on=keys, how="anti")
        .sort(*keys, *_SUREST, "capability")
    )
    best = texts.unique([*keys, "capability"], keep="first", maintain_order=True)
    known = pl.col("score").is_not_null()
    whole = weights.group_by("challenge").agg(pl.col("weight").sum().alias("whole"))
    firsts = [
        pl.col(name).first()
        for name in ("text", "kind", "title", "sentence", "number", "period", "score", "source")
    ]
    ranked = (
        best.group_by(keys, maintain_order=True)
        .agg(
            pl.when(known.any()).then((pl.col("weight") * pl.col("score")).sum()).alias("shown"),
            pl.col("capability").str.join(";").alias("capabilities"),
            *firsts,
        )
        .join(texts.group_by(keys).agg(n_texts=pl.col("text").n_unique()), on=keys)
        .join(whole, on="challenge")
        .with_columns(shown=(pl.col("shown") / pl.col("whole")).fill_nan(None).round(12))
        .join(_named(zone), on="organisation")
        .sort("challenge", -pl.col("shown"), "organisation", nulls_last=True)
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over("challenge"))
        .filter(pl.col("rank") <= most)
    )
    reached = _reached(ranked.select(keys), coverage, binding.roster.ids, holdings)
    typed = empty_frame(table).schema.items()
    return ranked.join(reached, on=keys, how="left", maintain_order="left").select(
        pl.col(name).cast(kind) for name, kind in typed
    )


def _named(zone: Zone) -> pl.DataFrame:
    """Return names and countries by organisation; a member of the zone is at its home."""
    bodies, zones = zone["organisations"], zone["zones"]
    country = pl.col("country")
    if zones.height:
        at_home = pl.when(pl.col("zone") == zones["id"][0]).then(pl.lit(zones["home"][0]))
        country = pl.coalesce(country, at_home)
    return bodies.select("name", "name_en", country, organisation="id")


def _reached(
    pairs: pl.DataFrame, coverage: pl.DataFrame, ids: list[str], holdings: Holdings
) -> pl.DataFrame:
    """Return the weight of the needs whose level each organisation reaches.

    For certain (``reached_low``) and at most (``reached_high``), of all weights. Who has no
    level on record in any capability is not in it: that is no data, not nothing reached.
    """
    levels = holdings.table.with_columns(organisation=pl.Series(ids).gather(
        holdings.table["organisation"]))  # fmt: skip
    known = pairs.join(levels, on="organisation", how="semi")
    needs = coverage.select("challenge", "capability", "weight", level=pl.col("level").fill_null(0))
    held = (
        known.join(needs, on="challenge")
        .join(levels, on=["organisation", "capability"], how="left", maintain_order="left")
        .with_columns(pl.col("low", "high").fill_null(0.0))
    )
    needed = held["level"].to_numpy()
    return (
        held.with_columns(
            pl.Series(end, reaches(held[end].to_numpy(), needed)) for end in ("low", "high")
        )
        .group_by("challenge", "organisation", maintain_order=True)
        .agg(
            (pl.col("weight").filter(end).sum() / pl.col("weight").sum())
            .fill_nan(None)
            .round(12)
            .alias(f"reached_{end}")
            for end in ("low", "high")
        )
    )


def _able(binding: Binding) -> pl.DataFrame:
    """Return who could take part in some challenge, as the consortia are formed."""
    roster = binding.roster
    able = roster.may_join & (binding.capacity >= 1.0)
    for limit, is_in in zip(binding.limits, binding.groups.values(), strict=True):
        if limit < 1.0:
            able &= ~is_in
    return roster.table.select(organisation="id").filter(pl.Series(able))


def _barred(zone: Zone, binding: Binding, challenges: pl.Series) -> pl.DataFrame:
    """Return who is locked out of which challenge, or puts it out."""
    owners = dict(zone["challenges"].select("id", "owner").iter_rows())
    rows = [
        (challenge, name)
        for challenge in challenges.unique().sort()
        for name in (*binding.locks.barred_from(challenge), owners.get(challenge))
    ]
    schema = {"challenge": pl.String, "organisation": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shown(zone: Zone) -> pl.DataFrame:
    """Return who shows what in which text, and for which organisation it counts."""
    texts = zone["texts"].select(
        "kind", "number", "period", text="id", title=_cut("title"), origin="source"
    )
    people = zone["people"].select("name", "name_en", holder="id", organisation="organisation")
    bodies = zone["organisations"].select("name", "name_en", holder="id", organisation="id")
    named = pl.concat([people, bodies]).rename({"name": "holder_name", "name_en": "holder_name_en"})
    stated = ~pl.col("source").fill_null("").str.starts_with(DERIVED)
    chance = pl.when(stated).then(pl.col("score").fill_null(1.0)).otherwise("score")
    return (
        zone["evidence"]
        .select("holder", "capability", "text", "source", score=chance, sentence=_cut("sentence"))
        .join(named.drop_nulls("organisation"), on="holder", how="inner")
        .join(texts, on="text", how="inner")
    )


def _cut(name: str) -> pl.Expr:
    """Shorten what is too long to be read in a report."""
    column = pl.col(name)
    short = column.str.head(_MOST_CHARACTERS - 1) + "…"
    return pl.when(column.str.len_chars() > _MOST_CHARACTERS).then(short).otherwise(column)
