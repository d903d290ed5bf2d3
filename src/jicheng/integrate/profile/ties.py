"""Who has worked with whom, told by the texts that they share.

Each text with n parties of one sort (organisations, or people) ties every pair of them
with weight 1 / (n - 1), so that a text adds as much to each party however many they are
(Newman 2001, Phys. Rev. E 64:016132, equation 2); weights of texts add up. Patents shared
are ``co_patent``, papers ``co_author``, projects ``project``; who only paid took no part.
The period of a tie is the year of its latest text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault, fault
from jicheng.integrate.profile.holders import holders_of
from jicheng.integrate.profile.settings import DERIVED, ProfileSettings
from jicheng.schema import zone_tables
from jicheng.zone import Zone

__all__ = ["FoundTies", "SharedTexts", "find_ties", "shared_texts"]

_KINDS: Mapping[str, str] = {"patent": "co_patent", "paper": "co_author", "project": "project"}
_DIGITS = 4


@dataclass(frozen=True)
class SharedTexts:
    """Pairs of parties by the texts that they share.

    Attributes
    ----------
    pairs : DataFrame
        ``a`` < ``b`` (ids), ``kind`` of the tie, ``text``, ``period`` (null = unknown),
        ``weight``; sorted by text and pair.
    crowded : int
        Texts with so many parties that they tell nothing.
    """

    pairs: pl.DataFrame
    crowded: int


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


def shared_texts(zone: Zone, *, most_parties: int, with_employers: bool = False) -> SharedTexts:
    """Return every two organisations, and every two people, of each text.

    Parameters
    ----------
    zone : Zone
        ``texts``, ``text_parties``, ``facilities`` and ``people`` are read. A facility
        stands for its owner.
    most_parties : int
        Parties of one sort above which a text ties nobody: who worked with whom in such a
        crowd is not told.
    with_employers : bool
        Whether the organisation where a person works today counts as a party too. It is a
        lead for a search; whether it took part is not told, so no such tie is on record.
    """
    people = zone["people"].select("organisation", holder="id")
    texts = zone["texts"].filter(pl.col("kind").is_in(list(_KINDS)))
    told = (
        holders_of(zone)
        .filter(pl.col("role") != "funder")
        .select("text", "holder", is_person=pl.col("holder").is_in(people["holder"].implode()))
    )
    if with_employers:
        work = told.join(people, on="holder").drop_nulls("organisation")
        told = pl.concat(
            [told, work.select("text", holder="organisation", is_person=pl.lit(value=False))]
        )
    group = ["text", "is_person"]
    sized = (
        told.unique()
        .join(texts.select("kind", "period", text="id"), on="text")
        .with_columns(n=pl.len().over(group), kind=pl.col("kind").replace_strict(_KINDS))
    )
    few = sized.filter(pl.col("n").is_between(2, most_parties))
    pairs = (
        few.join(few.select(*group, other="holder"), on=group)
        .filter(pl.col("holder") < pl.col("other"))
        .select(
            "kind",
            "text",
            "period",
            a="holder",
            b="other",
            weight=1.0 / (pl.col("n") - 1).cast(pl.Float64),
        )
        .sort("text", "a", "b")
    )
    crowded = sized.filter(pl.col("n") > most_parties)["text"].n_unique()
    return SharedTexts(pairs, crowded)


def find_ties(zone: Zone, settings: ProfileSettings) -> FoundTies:
    """Return the ties told by the texts of a zone, without those that were stated before.

    Parameters
    ----------
    zone : Zone
        As for :func:`shared_texts`, and ``ties``. A tie that a profile wrote earlier is
        found anew.
    settings : ProfileSettings
    """
    shared = shared_texts(zone, most_parties=settings.most_parties)
    found = (
        shared.pairs.group_by("a", "b", "kind")
        .agg(
            weight=pl.col("weight").sort().sum().round(_DIGITS),  # sorted: the same bits
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
    warnings = [fault("E031", is_warning=True, count=shared.crowded, most=settings.most_parties)]
    return FoundTies(
        table.sort("a", "b", "kind"),
        found.height - new.height,
        tuple(warnings if shared.crowded else ()),
    )
