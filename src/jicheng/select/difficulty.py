"""Difficulty D: years to substitute, and beside them what is missing to get there.

Years are the experts' interval of ``technologies``. Beside them, never summed with
them: how many needed capabilities nobody in reach holds at the level needed, and the
weighted share of the needs that the zone itself holds. A holding without a level meets
a need without a level only; where it could settle a need, the need counts as open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.zone import Zone

__all__ = ["Difficulty", "difficulty", "located_holdings", "matched_needs"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Difficulty:
    """Difficulty of every technology, aligned with the zone's table.

    Attributes
    ----------
    years_low, years_high : ndarray of float64, shape (n,)
        Stated years; where only one end is stated it stands for both; nan = unknown.
    n_needs : ndarray of int64, shape (n,)
        Needed capabilities listed; 0 = none listed, which means unknown.
    n_open : ndarray of int64, shape (n,)
        Of these, held by nobody in reach at the level needed; -1 = cannot be told.
    held_share : ndarray of float64, shape (n,)
        Weighted share of the needs that the zone holds; nan = cannot be told.
    needs : polars.DataFrame
        One row a need: technology, capability, level, weight, is_in_reach, is_in_zone,
        is_open_question (somebody in reach holds it at an unknown level that may do).
    holdings : polars.DataFrame
        The zone's holdings with ``in_zone`` and ``in_home`` of their holder.
    """

    years_low: Array
    years_high: Array
    n_needs: NDArray[np.int64]
    n_open: NDArray[np.int64]
    held_share: Array
    needs: pl.DataFrame
    holdings: pl.DataFrame

    @property
    def years(self) -> Array:
        """Middle of the interval, shape (n,)."""
        return (self.years_low + self.years_high) / 2


def difficulty(zone: Zone, home: str, reach: str) -> tuple[Difficulty, list[Fault]]:
    """Read the difficulty of every technology.

    Parameters
    ----------
    zone : Zone
        The zone.
    home : str
        Country from which exposure is judged; where it is not the zone's own, the
        country stands in for the zone.
    reach : {"home", "zone"}
        Whose holders count for ``n_open``.

    Returns
    -------
    difficulty : Difficulty
    warnings : list of Fault
        E221 for every table or column without which needs cannot be matched.
    """
    technologies = zone["technologies"]
    low = technologies["years_low"].to_numpy().astype(np.float64)
    high = technologies["years_high"].to_numpy().astype(np.float64)
    holdings = located_holdings(zone, home)
    needs, warnings = matched_needs(zone, holdings, reach), _lacking(zone, holdings)
    position = {name: k for k, name in enumerate(technologies["id"].to_list())}
    n = technologies.height
    n_needs, n_open = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    held = np.full(n, np.nan)
    totals = needs.group_by("technology").agg(
        pl.len().alias("n"),
        (~pl.col("is_in_reach")).sum().alias("open"),
        pl.col("weight").sum().alias("all"),
        pl.col("weight").filter("is_in_zone").sum().alias("held"),
    )
    for name, count, n_missing, total, in_zone in totals.iter_rows():
        k = position[name]
        n_needs[k] = count
        if not warnings:
            n_open[k] = n_missing
            held[k] = in_zone / total if total > 0 else np.nan
    return Difficulty(
        np.where(np.isnan(low), high, low),
        np.where(np.isnan(high), low, high),
        n_needs, n_open, held, needs, holdings,
    ), warnings  # fmt: skip


def located_holdings(zone: Zone, home: str) -> pl.DataFrame:
    """Return the holdings with ``in_zone`` and ``in_home`` of their holder.

    A person sits where their organisation sits. An organisation of the zone counts as
    in home if home is the zone's country; one whose country is unknown does not.
    """
    zones = zone["zones"]
    own = zones.filter(pl.col("home") == home)["id"].to_list()
    seats = zone["organisations"].select(
        pl.col("id").alias("seat"),
        pl.col("zone").is_in(own).fill_null(value=False).alias("of_zone"),
        (pl.col("country") == home).fill_null(value=False).alias("of_home"),
    )
    people = zone["people"].select(pl.col("id").alias("holder"), pl.col("organisation"))
    return (
        zone["holdings"]
        .join(people, on="holder", how="left", maintain_order="left")
        .with_columns(seat=pl.coalesce("organisation", "holder"))
        .join(seats, on="seat", how="left", maintain_order="left")
        .with_columns(
            in_zone=pl.col("of_zone" if own else "of_home").fill_null(value=False),
            in_home=(pl.col("of_home") | pl.col("of_zone")).fill_null(value=False),
        )
        .drop("organisation", "seat", "of_zone", "of_home")
    )


def _lacking(zone: Zone, holdings: pl.DataFrame) -> list[Fault]:
    """Warn about every table or column without which needs cannot be matched."""
    missing = [name for name in ("needs", "holdings") if not zone.has(name)]
    nobody_here = not (holdings["in_home"].any() or holdings["in_zone"].any())
    if not missing and nobody_here and not zone.has("organisations", "country"):
        missing = ["organisations.country"]
    return [fault("E221", is_warning=True, missing=name) for name in missing]


def matched_needs(zone: Zone, holdings: pl.DataFrame, reach: str) -> pl.DataFrame:
    """Return the needs, and whether they are met in reach and in the zone.

    Parameters
    ----------
    zone : Zone
        With ``needs``.
    holdings : polars.DataFrame
        As :func:`located_holdings` returns them.
    reach : {"home", "zone"}
        Whose holders count as in reach.

    Returns
    -------
    polars.DataFrame
        As ``Difficulty.needs``.
    """
    best = holdings.with_columns(
        sure=pl.coalesce("level", "level_low", pl.lit(0.0)),
        likely=pl.coalesce("level", "level_high", pl.lit(1.0)),
        any_level=(pl.col("level").is_null() | (pl.col("level") > 0)),
    )
    of_reach = _best(best.filter(pl.col(f"in_{reach}")), "reach")
    of_zone = _best(best.filter("in_zone"), "zone")
    met, may_be = _is_met("reach"), (pl.col("likely_reach") >= pl.col("level"))
    return (
        zone["needs"]
        .select("technology", "capability", "level", "weight")
        .join(of_reach, on="capability", how="left", maintain_order="left")
        .join(of_zone, on="capability", how="left", maintain_order="left")
        .select(
            "technology",
            "capability",
            "level",
            "weight",
            met.alias("is_in_reach"),
            _is_met("zone").alias("is_in_zone"),
            (~met & may_be.fill_null(value=False)).alias("is_open_question"),
        )
    )


def _best(holdings: pl.DataFrame, name: str) -> pl.DataFrame:
    return holdings.group_by("capability").agg(
        pl.col("sure").max().alias(f"sure_{name}"),
        pl.col("likely").max().alias(f"likely_{name}"),
        pl.col("any_level").any().alias(f"any_{name}"),
    )


def _is_met(name: str) -> pl.Expr:
    return (
        pl.when(pl.col("level").fill_null(0.0) <= 0)
        .then(pl.col(f"any_{name}"))
        .otherwise(pl.col(f"sure_{name}") >= pl.col("level"))
        .fill_null(value=False)
    )
