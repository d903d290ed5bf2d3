"""The organisations of a zone as arrays: where they sit, what they may do, what they cost.

Nothing is assumed about what a cell does not say: an organisation outside the zone
whose country is unknown counts as abroad, a firm of unknown size is not small, an
unknown cost or position stays unknown here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.integrate.listed import Listed
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.zone import Zone

__all__ = ["SMALL", "Roster", "flags_of", "great_circle_km"]

SMALL = ("small", "micro")
"""Sizes of a small firm."""

_EARTH_KM = 6371.0088  # mean radius (IUGG)


@dataclass(frozen=True, eq=False)
class Roster(Listed):
    """Organisations in the order of their ids.

    Attributes
    ----------
    table : polars.DataFrame
        The zone's table ``organisations``.
    in_zone, may_join, may_lead : ndarray of bool, shape (n,)
        Whether it belongs to the planning zone, may be a member under the settings,
        and may lead as far as place and its own row say (the call adds the kinds).
    is_research, is_small : ndarray of bool, shape (n,)
        Institute or university; firm known to be small or micro.
    kind : ndarray of str, shape (n,)
        Kind of organisation.
    cost_wan : ndarray of float64, shape (n,)
        Cost of taking part; nan = unknown.
    degrees : ndarray of float64, shape (n, 2)
        Longitude and latitude: of the site if it has a position, else its own; nan =
        unknown.
    warnings : tuple of Fault
        What is unknown about organisations outside.
    """

    in_zone: NDArray[np.bool_]
    may_join: NDArray[np.bool_]
    may_lead: NDArray[np.bool_]
    is_research: NDArray[np.bool_]
    is_small: NDArray[np.bool_]
    kind: NDArray[np.str_]
    cost_wan: NDArray[np.float64]
    degrees: NDArray[np.float64]
    warnings: tuple[Fault, ...]

    @classmethod
    def of(cls, zone: Zone, settings: ConsortiumSettings) -> Roster:
        """Read the organisations of a zone.

        The planning zone is the first row of the table ``zones``, and its home tells
        who is abroad. Without that table every organisation that names a zone is in it.
        """
        table = zone["organisations"]
        zones = zone["zones"]
        home = zones["home"][0] if zones.height else None
        in_zone = table["zone"].is_not_null().to_numpy()
        if zones.height:
            in_zone = flags_of(table["zone"] == zones["id"][0])
        at_home = flags_of(table["country"] == home) if home else np.zeros(table.height, np.bool_)
        within = in_zone | (at_home & settings.allow_outside) | settings.allow_abroad
        can_work = flags_of(table["capacity"].fill_null(1) > 0)
        is_member = flags_of(table["kind"].is_in(list(settings.member_kinds)))
        may_join = within & can_work & is_member
        not_barred = flags_of(table["may_lead"].fill_null(value=True))
        small = table["size"].is_in(list(SMALL)) & (table["kind"] == "firm")
        return cls(
            table=table,
            in_zone=in_zone,
            may_join=may_join,
            may_lead=may_join & not_barred & (in_zone | (not settings.lead_in_zone)),
            is_research=flags_of(table["kind"].is_in(list(settings.research_kinds))),
            is_small=flags_of(small),
            kind=table["kind"].to_numpy().astype(np.str_),
            cost_wan=table["cost"].cast(pl.Float64).to_numpy(),
            degrees=_positions(table, zone["sites"]),
            warnings=_warnings(table, in_zone, home, settings),
        )

    @cached_property
    def capacity(self) -> NDArray[np.int64]:
        """Challenges that each can work on at the same time; 1 where nothing is said."""
        return self.table["capacity"].fill_null(1).cast(pl.Int64).to_numpy()

    @cached_property
    def site(self) -> NDArray[np.object_]:
        """Site of each; empty = unknown."""
        return self.table["site"].fill_null("").to_numpy()

    @cached_property
    def counted_cost_wan(self) -> NDArray[np.float64]:
        """Cost with the median of the kind where it is unknown (of all where none is known).

        All zero if no cost is known at all.
        """
        known = np.isfinite(self.cost_wan)
        if not known.any():
            return np.zeros(self.n)
        counted = np.where(known, self.cost_wan, np.median(self.cost_wan[known]))
        for kind in np.unique(self.kind[~known]):
            same = self.kind == kind
            if (same & known).any():
                counted[same & ~known] = np.median(self.cost_wan[same & known])
        return counted

    def kilometres(self, leads: NDArray[np.intp], members: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return great-circle distances (haversine), shape (leads, members); nan = unknown.

        Two organisations of the same site are at distance 0 even where its position is
        unknown.
        """
        distance = great_circle_km(self.degrees[leads][:, None], self.degrees[members][None])
        at = self.site[leads]
        same = (at[:, None] == self.site[members][None]) & (at != "")[:, None]
        return np.where(same, 0.0, distance)

    @cached_property
    def has_places(self) -> bool:
        """Whether the position or site of any organisation is known."""
        return bool(np.isfinite(self.degrees).any() or (self.site != "").any())

    def counted_kilometres(
        self, leads: NDArray[np.intp], members: NDArray[np.intp], settings: ConsortiumSettings
    ) -> NDArray[np.float64]:
        """Return the distances with what is counted where one is unknown.

        That is less between two of the zone, which is one place; nothing if no position in
        the zone's data is known at all, since then distance tells nobody from another.
        """
        if not self.has_places:
            return np.zeros((len(leads), len(members)))
        distance = self.kilometres(leads, members)
        both_in = self.in_zone[leads][:, None] & self.in_zone[members][None]
        unknown = np.where(both_in, settings.unknown_in_zone_km, settings.unknown_distance_km)
        return np.where(np.isnan(distance), unknown, distance)


def flags_of(column: pl.Series) -> NDArray[np.bool_]:
    """Return a column as flags; what is unknown does not hold."""
    return np.asarray(column.fill_null(value=False).to_numpy(), dtype=np.bool_)


def great_circle_km(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances on the sphere (haversine) [km]; nan = unknown.

    Parameters
    ----------
    a, b : ndarray of float64, shape (..., 2)
        Longitude and latitude [degrees]; shapes are broadcast.
    """
    here, there = np.radians(a), np.radians(b)
    half = np.sin((there - here) / 2.0) ** 2
    chord = half[..., 1] + np.cos(here[..., 1]) * np.cos(there[..., 1]) * half[..., 0]
    distance: NDArray[np.float64] = 2.0 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return distance


def _positions(table: pl.DataFrame, sites: pl.DataFrame) -> NDArray[np.float64]:
    """Return longitude and latitude of each organisation, both or none."""
    placed = sites.filter(pl.col("longitude").is_not_null() & pl.col("latitude").is_not_null())
    joined = table.select("site", "longitude", "latitude").join(
        placed.select(pl.col("id").alias("site"), x="longitude", y="latitude"),
        on="site", how="left", maintain_order="left",
    )  # fmt: skip
    own = pl.col("longitude").is_not_null() & pl.col("latitude").is_not_null()
    position = joined.select(
        pl.coalesce("x", pl.when(own).then("longitude")).cast(pl.Float64),
        pl.coalesce("y", pl.when(own).then("latitude")).cast(pl.Float64),
    )
    return position.to_numpy()


def _warnings(
    table: pl.DataFrame, in_zone: NDArray[np.bool_], home: str | None, settings: ConsortiumSettings
) -> tuple[Fault, ...]:
    if settings.allow_abroad or not settings.allow_outside:
        return ()
    if home is None:
        return (fault("E331", is_warning=True),)
    unknown = int((~in_zone & table["country"].is_null().to_numpy()).sum())
    return (fault("E327", count=unknown, is_warning=True),) if unknown else ()
