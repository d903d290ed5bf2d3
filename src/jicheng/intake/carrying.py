"""What people stated in a zone goes into the zone that replaces it.

Lists make some tables of a zone; others hold what people confirmed or stated elsewhere, and
people add rows to the tables of lists, too. A row is theirs unless its source is a file that
the zone was made of; rows that a profile derived are left out, since a profile makes them
again. Where a list has a row of the same key the person's values go before the list's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.intake.changes import changed_cells, sorted_changes
from jicheng.integrate.profile.settings import DERIVED
from jicheng.schema import Attribute, Kind, zone_tables
from jicheng.zone import Source, Zone

__all__ = ["Carried", "carry_over"]

_OF_LISTS = frozenset({
    "organisations", "people", "facilities", "texts", "text_parties", "technologies", "links",
    "supply", "challenges", "purses", "ties",
})  # fmt: skip
_MADE_ANEW = "zones"  # from the command and the lists alone
_PROVENANCE = ("source", "origin", "as_of")  # never filled in: they tell whose row it is
_KEPT_WHOLE = "capabilities"  # needs refer to them, wherever they come from


@dataclass(frozen=True)
class Carried:
    """A new zone with the stated rows of the one that it replaces.

    Attributes
    ----------
    zone : Zone
        The new zone.
    kept : dict of str to int
        Rows carried over, by table.
    dropped : dict of str to int
        Stated rows that name something the new zone does not have, by table.
    conflicts : dict of str to int
        Values that a person stated otherwise than a list now does; the person's stand.
    changes : DataFrame
        ``what``, ``table``, ``key``, ``attribute``, ``before``, ``now``: every value of the
        zone before that is not in the new one. ``what``: ``changed`` or ``gone`` with the lists,
        ``dropped`` (stated), ``kept`` (stated, where ``now`` is what the list says).
    """

    zone: Zone
    kept: dict[str, int]
    dropped: dict[str, int]
    conflicts: dict[str, int]
    changes: pl.DataFrame

    def warnings(self, path: str) -> tuple[Fault, ...]:
        """Tell what was dropped (E661), decided (E662) and replaced (E663).

        Parameters
        ----------
        path : str
            File in which the changes are kept.
        """
        told = []
        for code, counts in (("E661", self.dropped), ("E662", self.conflicts)):
            if counts:
                n = sum(counts.values())
                told.append(fault(code, is_warning=True, n=n, tables=_in_words(counts), path=path))
        lists = self.changes.filter(pl.col("what").is_in(["changed", "gone"]))
        counts = dict(lists.group_by("table", maintain_order=True).len().iter_rows())
        if counts:
            told.append(
                fault("E663", is_warning=True, n=lists.height, tables=_in_words(counts), path=path)
            )
        return tuple(told)


def _in_words(counts: dict[str, int]) -> str:
    return "、".join(f"{table} {n:,}" for table, n in counts.items())


def carry_over(old: Zone, new: Zone) -> Carried:
    """Return the new zone with what people stated in the old one.

    A row is kept if everything that it refers to is in the new zone or is carried over too.
    Of a row that both have the person's values stand; what the person left empty is filled.

    Parameters
    ----------
    old : Zone
        The zone that is replaced.
    new : Zone
        The zone that lists made.

    Raises
    ------
    InvalidInput
        E101-E149 if the rows together are inconsistent.
    """
    said = {name: _stated(old, name) for name in zone_tables() if name != _MADE_ANEW}
    stated = {name: _filled(name, frame, new) for name, frame in said.items() if frame.height}
    kept = stated
    while True:
        whole = _with_rows(new, kept)
        left = {name: _resolving(name, frame, whole) for name, frame in kept.items()}
        if all(left[name].height == kept[name].height for name in kept):
            break
        kept = left
    kept = {name: frame for name, frame in kept.items() if frame.height}
    made = _with_rows(new, kept)
    made = Zone(made.tables, _sources(old, new, set(kept)), new.warnings)
    errors = [found for found in made.check() if not found.is_warning]
    if errors:
        raise InvalidInput(errors)
    changes, conflicts = _changes(old, new, said, kept)
    lost = {name: frame.height - (kept[name].height if name in kept else 0)
            for name, frame in stated.items()}  # fmt: skip
    return Carried(
        made,
        {name: frame.height for name, frame in kept.items()},
        {name: n for name, n in lost.items() if n},
        conflicts,
        changes,
    )


def _stated(old: Zone, name: str) -> pl.DataFrame:
    """Return the rows of a table that neither a profile nor a list made."""
    frame = old[name]
    if name == _KEPT_WHOLE:
        return frame
    source = pl.col("origin" if "origin" in frame.columns else "source").fill_null("")
    frame = frame.filter(~source.str.starts_with(DERIVED))
    return frame.filter(~source.is_in(_listed(old, name))) if name in _OF_LISTS else frame


def _listed(old: Zone, name: str) -> list[str]:
    """Return the titles of the files that rows of a table came from."""
    return [source.title for source in old.sources if name in source.tables]


def _filled(name: str, stated: pl.DataFrame, new: Zone) -> pl.DataFrame:
    """Return stated rows whose empty cells have what the new zone says."""
    key = list(zone_tables()[name].key)
    rest = [column for column in stated.columns if column not in (*key, *_PROVENANCE)]
    both = stated.join(new[name], on=key, how="left", nulls_equal=True, suffix="_new")
    filled = [pl.coalesce(column, f"{column}_new").alias(column) for column in rest]
    return both.with_columns(filled).select(stated.columns)


def _with_rows(new: Zone, rows: dict[str, pl.DataFrame]) -> Zone:
    """Return the zone with rows, each in place of one of the same key."""
    tables = {}
    for name, frame in rows.items():
        key = list(zone_tables()[name].key)
        others = new[name].join(frame, on=key, how="anti", nulls_equal=True)
        tables[name] = pl.concat([others, frame])
    return new.with_tables(**tables)


def _changes(
    old: Zone, new: Zone, said: dict[str, pl.DataFrame], kept: dict[str, pl.DataFrame]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return every value of the old zone that is not in the new one, and the conflicts."""
    parts = []
    conflicts: dict[str, int] = {}
    for name, stated in said.items():
        key = list(zone_tables()[name].key)
        carried = kept.get(name, stated.clear()).select(key)
        stays = stated.join(carried, on=key, how="semi", nulls_equal=True)
        apart = stated.join(carried, on=key, how="anti", nulls_equal=True)
        both = changed_cells("kept", name, stays, new[name]).filter(
            pl.col("now").is_not_null() & ~pl.col("attribute").is_in(_PROVENANCE)
        )
        if both.height:
            conflicts[name] = both.height
        parts += [both, changed_cells("dropped", name, apart, new[name].clear())]
        if name in _OF_LISTS:
            listed = old[name].join(stated, on=key, how="anti", nulls_equal=True)
            source = pl.col("origin" if "origin" in listed.columns else "source").fill_null("")
            listed = listed.filter(~source.str.starts_with(DERIVED))
            there = listed.join(new[name], on=key, how="semi", nulls_equal=True)
            gone = listed.join(new[name], on=key, how="anti", nulls_equal=True)
            other = changed_cells("changed", name, there, new[name])
            parts += [other.filter(~pl.col("attribute").is_in(_PROVENANCE)),
                      changed_cells("gone", name, gone, new[name].clear())]  # fmt: skip
    return sorted_changes(parts), conflicts


def _resolving(name: str, frame: pl.DataFrame, zone: Zone) -> pl.DataFrame:
    """Return the rows all of whose references are in the zone."""
    for attribute in zone_tables()[name].attributes:
        if attribute.references:
            frame = frame.filter(_is_known(attribute, zone))
    return frame


def _is_known(attribute: Attribute, zone: Zone) -> pl.Expr:
    ids = pl.concat([zone[table][zone_tables()[table].key[0]] for table in attribute.references])
    column = pl.col(attribute.name)
    if attribute.kind is Kind.LIST:
        parts = column.str.split(";").list.eval(pl.element().str.strip_chars())
        named = parts.list.eval(pl.element().filter(pl.element() != ""))
        return column.is_null() | (named.list.set_difference(ids.implode()).list.len() == 0)
    return column.is_null() | column.is_in(ids.implode())


def _sources(old: Zone, new: Zone, kept: set[str]) -> tuple[Source, ...]:
    """Return the sources of both, the old ones for what is carried over alone."""
    made = {source.title: source for source in new.sources}
    for source in old.sources:
        fed = tuple(name for name in source.tables if name in kept and name not in _OF_LISTS)
        if fed and source.title not in made:
            made[source.title] = replace(source, tables=fed)
    return tuple(made[title] for title in sorted(made))
