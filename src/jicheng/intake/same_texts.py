"""Which records of texts without a number are one text: same title and year are not enough.

Titles such as "a testing device" are common. Patents and projects are one where an owner is
shared; products and equipment where all whom they are by are the same. A paper is told by
its title and year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from jicheng.integrate.resolve.names.script import plain_name

__all__ = ["texts_by_owner"]

_BY_ALL = ("product", "equipment")
_BY_ONE = ("patent", "project")


def texts_by_owner(texts: pl.DataFrame, parties: pl.DataFrame) -> dict[str, str]:
    """Return what tells apart texts of one title: words that depend on whom they are by.

    Parameters
    ----------
    texts : polars.DataFrame
        Records: ``id, kind, title, number, period``.
    parties : polars.DataFrame
        ``text, party, role`` with bodies of the zone.

    Returns
    -------
    dict
        By id of the record; texts with a number and papers are not in it.
    """
    bare = texts.filter(pl.col("number").is_null())
    by_all = _parties_of(parties)
    by = {one: "|".join(by_all.get(one, ()))
          for one in bare.filter(pl.col("kind").is_in(_BY_ALL))["id"]}  # fmt: skip
    owners = _parties_of(parties.filter(pl.col("role") == "owner"))
    same: dict[tuple[str, ...], list[str]] = {}
    for row in bare.filter(pl.col("kind").is_in(_BY_ONE)).sort("id").iter_rows(named=True):
        title = (row["kind"], plain_name(row["title"]), row["period"] or "")
        same.setdefault(title, []).append(row["id"])
    for ids in same.values():
        by |= _groups({one: owners.get(one, ()) for one in ids})
    return by


def _parties_of(parties: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    found = parties.group_by("text").agg(pl.col("party").unique().sort())
    return {text: tuple(those) for text, those in found.iter_rows()}


def _groups(owners: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Join records that share an owner; each group is called by its first owner.

    A record without owners is of the group if there is but one.
    """
    first: dict[str, str] = {}  # of each owner: the first of its group
    for those in owners.values():
        group = {first.get(one, one) for one in those} | set(those)
        least = min(group, default="")
        first = {one: least if own in group else own for one, own in first.items()}
        first |= dict.fromkeys(group, least)
    called = set(first.values())
    alone = next(iter(called)) if len(called) == 1 else ""
    return {one: next((first[each] for each in those), alone) for one, those in owners.items()}
