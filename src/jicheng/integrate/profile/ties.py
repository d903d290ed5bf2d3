"""Who has worked with whom, told by the texts that they share.

Each text with n parties of one sort (organisations, or people) ties every pair of them
with weight 1 / (n - 1), so that a text adds as much to each party however many they are
(Newman 2001, Phys. Rev. E 64:016132, equation 2); weights of texts add up. Patents owned
together are ``co_patent``, papers written together ``co_author``, projects owned or
partnered together ``project``. The period of a tie is the year of its latest text.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault, fault
from jicheng.integrate.profile.holders import holders_of
from jicheng.integrate.profile.settings import DERIVED, ProfileSettings
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["FoundTies", "find_ties"]

_KINDS = pl.DataFrame(
    {
        "text_kind": ["patent", "patent", "paper", "paper", "project", "project"],
        "role": ["owner", "author", "owner", "author", "owner", "partner"],
        "kind": ["co_patent", "co_patent", "co_author", "co_author", "project", "project"],
        "of_people": [None, True, None, None, None, None],  # who invents does not own
    },
    schema_overrides={"of_people": pl.Boolean},
)
_DIGITS = 4


@dataclass(frozen=True)
class FoundTies:
    """Ties that texts tell.

    Attributes
    ----------
    table : DataFrame
        Rows of the table ``ties``, with ``source``; a < b.
    kept : int
        Ties that texts tell too but that somebody stated before; those stand.
    warnings : tuple of Fault
        E031 for texts with so many parties that they tell nothing.
    """

    table: pl.DataFrame
    kept: int
    warnings: tuple[Fault, ...]


def find_ties(zone: Zone, settings: ProfileSettings) -> FoundTies:
    """Return the ties told by the texts of a zone, without those that were stated before.

    Parameters
    ----------
    zone : Zone
        ``texts``, ``text_parties``, ``facilities``, ``people`` and ``ties`` are read. A
        tie that a profile wrote earlier is found anew.
    settings : ProfileSettings
    """
    people = zone["people"]["id"].implode()
    texts = zone["texts"].select(pl.col("id").alias("text"), "period", text_kind="kind")
    parties = (
        holders_of(zone)
        .with_columns(is_person=pl.col("holder").is_in(people))
        .join(texts, on="text")
        .join(_KINDS, on=["text_kind", "role"])
        .filter(pl.col("of_people").is_null() | (pl.col("of_people") == pl.col("is_person")))
        .select("text", "period", "kind", "is_person", "holder")
        .unique()
    )
    group = ["text", "kind", "is_person"]
    sized = parties.with_columns(n=pl.len().over(group))
    crowded = sized.filter(pl.col("n") > settings.most_parties)["text"].n_unique()
    few = sized.filter(pl.col("n").is_between(2, settings.most_parties))
    pairs = few.join(few.select(*group, "holder"), on=group, suffix="_other")
    found = (
        pairs.filter(pl.col("holder") < pl.col("holder_other"))
        .sort("text")
        .group_by(a="holder", b="holder_other", kind="kind")
        .agg(
            weight=(1.0 / (pl.col("n") - 1)).sort().sum().round(_DIGITS),
            period=pl.col("period").max(),
            n=pl.len(),
        )
        .with_columns(source=pl.concat_str(pl.lit(f"{DERIVED}: "), "n", pl.lit(" texts")))
    )
    stated = zone["ties"].filter(~pl.col("source").fill_null("").str.starts_with(DERIVED))
    both = stated.select(
        "kind", a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b")
    ).unique()
    new = found.join(both, on=["a", "b", "kind"], how="anti").drop("n")
    table = pl.concat([empty_frame(zone_tables()["ties"]), new], how="diagonal_relaxed")
    warnings = [fault("E031", is_warning=True, count=crowded, most=settings.most_parties)]
    return FoundTies(
        table.sort("a", "b", "kind"), found.height - new.height, tuple(warnings if crowded else ())
    )
