"""What people stated in a zone goes into the zone that replaces it.

Lists make some tables of a zone; others hold what people confirmed or stated elsewhere.
Rows that a profile derived are left out, since a profile makes them again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.integrate.profile.settings import DERIVED
from jicheng.schema import Attribute, Kind, zone_tables
from jicheng.zone import Source, Zone

__all__ = ["Carried", "carry_over"]

_MADE = frozenset({
    "zones", "organisations", "people", "facilities", "texts", "text_parties",
    "technologies", "links", "supply", "challenges", "purses",
})  # fmt: skip
_BOTH = "ties"  # lists state some, people state others


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
    """

    zone: Zone
    kept: dict[str, int]
    dropped: dict[str, int]

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Tell what was dropped (E661)."""
        if not self.dropped:
            return ()
        tables = "、".join(f"{table} {n:,}" for table, n in self.dropped.items())
        n = sum(self.dropped.values())
        return (fault("E661", is_warning=True, n=n, tables=tables),)


def carry_over(old: Zone, new: Zone) -> Carried:
    """Return the new zone with the rows of the old one that no list makes.

    A row is kept if everything that it refers to is in the new zone or is carried over
    too. Rows of the new zone go before rows of the old one with the same key.

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
    stated = {name: _stated(old, new, name) for name in zone_tables() if name not in _MADE}
    stated = {name: frame for name, frame in stated.items() if frame.height}
    kept = stated
    while True:
        whole = new.with_tables(**{name: pl.concat([new[name], kept[name]]) for name in kept})
        left = {name: _resolving(name, frame, whole) for name, frame in kept.items()}
        if all(left[name].height == kept[name].height for name in kept):
            break
        kept = left
    kept = {name: frame for name, frame in kept.items() if frame.height}
    made = new.with_tables(**{name: pl.concat([new[name], kept[name]]) for name in kept})
    made = Zone(made.tables, _sources(old, new, set(kept)), new.warnings)
    errors = [found for found in made.check() if not found.is_warning]
    if errors:
        raise InvalidInput(errors)
    lost = {
        name: frame.height - (kept[name].height if name in kept else 0)
        for name, frame in stated.items()
    }
    return Carried(
        made,
        {name: frame.height for name, frame in kept.items()},
        {name: n for name, n in lost.items() if n},
    )


def _stated(old: Zone, new: Zone, name: str) -> pl.DataFrame:
    """Return the rows of a table that neither a profile nor a list made."""
    frame = old[name]
    if "source" in frame.columns and name != "capabilities":  # needs refer to capabilities
        source = pl.col("source").fill_null("")
        frame = frame.filter(~source.str.starts_with(DERIVED))
        if name == _BOTH:
            frame = frame.filter(~source.is_in(_listed(old)))
    return frame.join(new[name], on=list(zone_tables()[name].key), how="anti")


def _listed(old: Zone) -> list[str]:
    """Return the titles of the files that lists of ties came from."""
    return [source.title for source in old.sources if _BOTH in source.tables]


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
        fed = tuple(name for name in source.tables if name in kept and name != _BOTH)
        if fed and source.title not in made:
            made[source.title] = replace(source, tables=fed)
    return tuple(made[title] for title in sorted(made))
