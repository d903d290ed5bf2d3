"""Everybody who can be a candidate: organisations, people and facilities in one list.

A person stands where the organisation stands for which they work, a facility where its
owner stands: place, country and kind are theirs. Organisations come first, then people,
then facilities, each by id, so that the order of rows in a file changes nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput, Text
from jicheng.integrate.listed import Listed
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.zone import Zone

__all__ = ["Direction", "Parties"]

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


class Direction(StrEnum):
    """Which candidates are wanted."""

    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    FACILITIES = "facilities"
    ALL = "all"

    @property
    def kinds(self) -> tuple[Direction, ...]:
        """The kinds of candidates that it asks for."""
        return tuple(Direction)[:-1] if self is Direction.ALL else (self,)

    @property
    def label(self) -> Text:
        """What it is called."""
        return _LABELS[self]


_LABELS = {
    Direction.ORGANISATIONS: Text("组织", "organisations"),
    Direction.PEOPLE: Text("人员", "people"),
    Direction.FACILITIES: Text("设施", "facilities"),
    Direction.ALL: Text("全部", "all"),
}


@dataclass(frozen=True, eq=False)
class Parties(Listed):
    """Candidates of a zone; arrays have shape (n,) in the order of ``table``.

    Attributes
    ----------
    table : polars.DataFrame
        ``id``, ``list`` (the zone's table), ``name``, ``name_en``, ``organisation`` (itself,
        the employer or the owner; null = unknown).
    roster : Roster
        Organisations, which are the first ``roster.n`` parties.
    home : ndarray of intp
        Place of the organisation; -1 = unknown.
    country : str
        Home country of the zone; empty = unknown.
    free : ndarray of float64
        Challenges that each can still take on: capacity less those under contract; nan =
        unknown.
    judged : dict
        What filters said of all candidates, by filter and limits: many queries share them.
    """

    roster: Roster
    home: Places
    country: str
    free: NDArray[np.float64]
    judged: dict[Hashable, tuple[Flags, Flags] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, zone: Zone) -> Parties:
        """Read the candidates of a zone."""
        roster = Roster.of(zone, ConsortiumSettings(allow_abroad=True, lead_in_zone=False))
        columns = ("id", "name", "name_en")
        frames = [
            roster.table.select(
                *columns, pl.lit("organisations").alias("list"), organisation=pl.col("id")
            ),
            zone["people"].select(*columns, pl.lit("people").alias("list"), "organisation"),
            zone["facilities"].select(
                *columns, pl.lit("facilities").alias("list"), organisation=pl.col("owner")
            ),
        ]
        table = pl.concat(frames).unique("id", keep="first", maintain_order=True)
        home = np.array(
            [roster.index.get(name, -1) for name in table["organisation"].to_list()], dtype=np.intp
        )
        zones = zone["zones"]
        country = zones["home"][0] or "" if zones.height else ""
        free = roster.table["capacity"].cast(pl.Float64).to_numpy() - _load(zone, roster)
        return cls(table, roster, home, country, np.append(free, np.nan)[home])

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Rank of each id among all ids: breaks ties in the same way whatever the order."""
        return self.table["id"].rank("ordinal").cast(pl.Int64).to_numpy()

    def first(self, worth: NDArray[np.float64], most: int | None = None) -> Places:
        """Return the places of those worth more than nothing, best first, at most ``most``."""
        told = np.flatnonzero(worth > 0.0)
        return told[np.lexsort((self.order[told], -worth[told].round(9)))][:most]

    def with_ids(self, names: Sequence[str]) -> Flags:
        """Tell who is one of them, or works for or belongs to one of them."""
        places = [self.index[name] for name in names if name in self.index]
        found = np.isin(self.home, places)
        found[places] = True
        return found

    def place(self, name: str) -> int:
        """Return the place of an id.

        Raises
        ------
        InvalidInput
            E052 if nobody has it, with the nearest ids and names; E078 if none is near.
        """
        found = self.index.get(name)
        if found is None:
            near = self._near(name)
            raise (
                InvalidInput.of("E052", name=name, near=near)
                if near
                else InvalidInput.of("E078", name=name)
            )
        return found

    def _near(self, name: str) -> str:
        named = self.table.filter(
            pl.col("name").str.contains(name, literal=True)
            | pl.col("id").str.contains(name, literal=True)
        ).head(3)
        rows = named.select("id", "name").iter_rows()
        near = ", ".join(f"{one} {called}" for one, called in rows)
        return near or ", ".join(get_close_matches(name, self.ids, n=3, cutoff=0.8))

    def named(self, place: int) -> Text:
        """Return the name in both languages; an id where there is none."""
        zh = self.table["name"][place] or self.ids[place]
        return Text(zh, self.table["name_en"][place] or zh)

    def of_direction(self, direction: Direction) -> Flags:
        """Tell who is in the list that is wanted."""
        if direction is Direction.ALL:
            return np.ones(self.n, np.bool_)
        return np.asarray((self.table["list"] == direction.value).to_numpy(), dtype=np.bool_)

    def at_home(self, values: NDArray[np.generic], otherwise: object) -> NDArray[np.generic]:
        """Return values of organisations, shape (roster.n, ...), for all candidates."""
        filled = np.concatenate([values, np.full((1, *values.shape[1:]), otherwise, values.dtype)])
        return filled[self.home]

    @cached_property
    def degrees(self) -> NDArray[np.float64]:
        """Longitude and latitude, shape (n, 2); nan = unknown."""
        return np.asarray(self.at_home(self.roster.degrees, np.nan), dtype=np.float64)


def _load(zone: Zone, roster: Roster) -> NDArray[np.float64]:
    """Return in how many challenges each organisation is under contract."""
    signed = zone["challenges"]["consortium"].drop_nulls().str.split(";").explode()
    places = [roster.index[name] for name in signed if name in roster.index]
    return np.bincount(np.array(places, dtype=np.intp), minlength=roster.n).astype(np.float64)
