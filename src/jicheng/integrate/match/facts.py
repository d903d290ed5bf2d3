"""Criteria that need neither texts nor capabilities: experience, distance, free capacity."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.integrate.match.levels import Interval
from jicheng.integrate.match.parties import Parties
from jicheng.integrate.roster import great_circle_km
from jicheng.zone import Zone

__all__ = ["centre_of", "experience", "free_capacity", "nearness", "projects_of"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHOWS = ("project", "award")


def projects_of(zone: Zone, parties: Parties) -> pl.DataFrame:
    """Return projects and awards: ``place`` of the candidate, ``text``, ``title``, ``period``.

    Those of a person count for where they work too.

    """
    places = parties.table.with_row_index("place").select("id", "place", "organisation")
    texts = zone["texts"].filter(pl.col("kind").is_in(_SHOWS)).select("id", "title", "period")
    took_part = zone["text_parties"].filter(pl.col("role") != "funder")
    told = took_part.join(texts, left_on="text", right_on="id").join(
        places, left_on="party", right_on="id"
    )
    columns = ("place", "text", "title", "period")
    at = told.drop("place").join(
        places.select("id", "place"), left_on="organisation", right_on="id"
    )
    return pl.concat([told.select(columns), at.select(columns)]).unique().sort(columns[:2])


def experience(
    projects: pl.DataFrame, joint: Floats, on_record: Flags, half: float
) -> Interval | None:
    """Return p / (p + half) for p projects and awards; nobody's data if there are none at all.

    Parameters
    ----------
    projects : polars.DataFrame
        As returned by :func:`projects_of`.
    joint : ndarray of float64, shape (n,)
        Joint projects in the table of ties.
    on_record : ndarray of bool, shape (n,)
        About whom there is a text or a tie, so that no project is known to be none.
    half : float
        Number of projects that counts half.
    """
    told = np.bincount(projects["place"].to_numpy(), minlength=len(joint))
    count = np.maximum(told, joint)
    if not count.any():
        return None
    return Interval.exactly(count / (count + half), on_record)


def centre_of(parties: Parties, name: str) -> Floats:
    """Return where distances count to: an organisation, else the middle of the zone.

    Longitude and latitude, nan = unknown.
    """
    place = parties.index.get(name, -1) if name else -1
    if place >= 0 and np.isfinite(parties.degrees[place]).all():
        return np.asarray(parties.degrees[place], dtype=np.float64)
    inside = parties.roster.degrees[parties.roster.in_zone]
    known = inside[np.isfinite(inside).all(axis=1)] if len(inside) else inside
    middle: Floats = known.mean(axis=0) if len(known) else np.full(2, np.nan)
    return middle


def nearness(parties: Parties, centre: Floats, half_km: float) -> Interval | None:
    """Return half / (half + distance); None where no place is known to count from."""
    known = np.asarray(np.isfinite(parties.degrees).all(axis=1), dtype=np.bool_)
    if not np.isfinite(centre).all() or not known.any():
        return None
    distance = np.nan_to_num(great_circle_km(parties.degrees, centre))
    return Interval.exactly(half_km / (half_km + distance), known)


def free_capacity(parties: Parties) -> Interval | None:
    """Return f / (f + 1) for f challenges that a candidate can still take on."""
    known = np.isfinite(parties.free)
    if not known.any():
        return None
    free = np.maximum(0.0, np.nan_to_num(parties.free))
    return Interval.exactly(free / (free + 1.0), known)
