"""Who supplies what, and who may withhold it, as arrays seen from the home country.

Shares by country and shares by firm are two systems and are never added: shares by
country are used where they exist, else shares by firm, summed over the country of
each firm. A row without a share is a listed supplier of unknown size. Rows without
a single country ("various") are an atomistic residual: known mass, nobody's share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.zone import Zone

__all__ = ["Restrictions", "Shares", "Supply"]

_FULL = 1.02  # shares that sum to at most this are rounding and are rescaled (ours)


@dataclass(frozen=True)
class Shares:
    """Shares of one basis (the world, or the sourcing of one home country).

    Attributes
    ----------
    share : ndarray of float64, shape (n, c)
        Share of country c in technology k, 0 to 1; nan = listed but unknown, or not
        listed (see ``listed``). Rows sum to at most 1.
    listed : ndarray of bool, shape (n, c)
        Whether the country is named as a supplier, with or without a share.
    atomistic : ndarray of float64, shape (n,)
        Known mass of rows without a single country.
    has_shares : ndarray of bool, shape (n,)
        Whether any row carries a share; without one everything else is "no data".
    period : ndarray of int64, shape (n,)
        Year of the newest share; 0 = undated.
    n_suppliers : ndarray of int64, shape (n,)
        Suppliers listed in the system used (countries, or firms).
    n_with_share : ndarray of int64, shape (n,)
        Of these, how many carry a share.
    system : tuple of str
        ``"country"``, ``"firm"`` or ``""`` per technology.
    rescaled : tuple of str
        Technologies whose shares summed to a little over 1 and were rescaled.
    """

    share: NDArray[np.float64]
    listed: NDArray[np.bool_]
    atomistic: NDArray[np.float64]
    has_shares: NDArray[np.bool_]
    period: NDArray[np.int64]
    n_suppliers: NDArray[np.int64]
    n_with_share: NDArray[np.int64]
    system: tuple[str, ...]
    rescaled: tuple[str, ...]

    @cached_property
    def known(self) -> NDArray[np.float64]:
        """Shares with unknown ones as 0: for sums, never as a statement. Shape (n, c)."""
        return np.nan_to_num(self.share)

    @cached_property
    def unknown(self) -> NDArray[np.float64]:
        """Mass that no row explains, shape (n,); 1 where nothing is known."""
        explained: NDArray[np.float64] = self.known.sum(axis=1) + self.atomistic
        return np.maximum(0.0, 1.0 - explained)


@dataclass(frozen=True)
class Supply:
    """Supply of every technology, for the world and for the home country.

    Attributes
    ----------
    technologies, countries : tuple of str
        Labels of the two axes; ``countries`` holds home and all that occur in
        ``supply`` or ``restrictions``, sorted.
    home : str
        Country from which exposure is judged.
    world : Shares
        Shares of world supply.
    sourcing : Shares
        Shares of home's apparent consumption, home's own production included.
    """

    technologies: tuple[str, ...]
    countries: tuple[str, ...]
    home: str
    world: Shares
    sourcing: Shares

    @classmethod
    def of(cls, zone: Zone, home: str) -> Supply:
        """Read the supply of all technologies of a zone, seen from ``home``."""
        technologies = tuple(zone["technologies"]["id"].to_list())
        named = set(zone["supply"]["country"].drop_nulls().to_list())
        named |= set(zone["restrictions"]["country"].drop_nulls().to_list())
        countries = tuple(sorted(named | {home}))
        supply = zone["supply"]
        return cls(
            technologies,
            countries,
            home,
            _shares(supply.filter(pl.col("basis") == "world"), technologies, countries),
            _shares(supply.filter(pl.col("basis") == home), technologies, countries),
        )

    @property
    def home_index(self) -> int:
        """Position of the home country."""
        return self.countries.index(self.home)

    @cached_property
    def has_shares(self) -> NDArray[np.bool_]:
        """Whether a technology has any share, of the world or of home's sourcing."""
        return self.world.has_shares | self.sourcing.has_shares

    @cached_property
    def need(self) -> Shares:
        """What home needs and from whom: sourcing where known, else the world's shares."""
        use = self.sourcing.has_shares
        column = use[:, None]
        return Shares(
            np.where(column, self.sourcing.share, self.world.share),
            np.where(column, self.sourcing.listed, self.world.listed),
            np.where(use, self.sourcing.atomistic, self.world.atomistic),
            self.has_shares,
            np.where(use, self.sourcing.period, self.world.period),
            np.where(use, self.sourcing.n_suppliers, self.world.n_suppliers),
            np.where(use, self.sourcing.n_with_share, self.world.n_with_share),
            tuple(
                self.sourcing.system[k] if use[k] else self.world.system[k]
                for k in range(len(self.technologies))
            ),
            (),
        )


def _shares(
    supply: pl.DataFrame, technologies: tuple[str, ...], countries: tuple[str, ...]
) -> Shares:
    n, c = len(technologies), len(countries)
    row_of = {name: k for k, name in enumerate(technologies)}
    column_of = {name: k for k, name in enumerate(countries)}
    share = np.full((n, c), np.nan)
    listed = np.zeros((n, c), dtype=np.bool_)
    atomistic = np.zeros(n)
    has_shares = np.zeros(n, dtype=np.bool_)
    period = np.zeros(n, dtype=np.int64)
    n_suppliers = np.zeros(n, dtype=np.int64)
    n_with_share = np.zeros(n, dtype=np.int64)
    system = [""] * n
    rescaled: list[str] = []
    for (technology,), rows in supply.group_by("technology", maintain_order=True):
        k = row_of[str(technology)]
        used = _one_system(rows)
        system[k] = str(used["system"][0])
        n_suppliers[k] = used["supplier"].n_unique()
        listed[k, [column_of[name] for name in used["country"].drop_nulls()]] = True
        dated = _newest(used)
        has_shares[k] = not dated.is_empty()
        if dated.is_empty():
            continue
        n_with_share[k] = dated.height
        period[k] = dated["period"].fill_null(0).to_numpy().max()
        total = float(dated["share"].sum())
        scale = 1.0 / total if 1.0 < total <= _FULL else 1.0
        if scale != 1.0:
            rescaled.append(technologies[k])
        for country, value in dated.select("country", "share").iter_rows():
            if country is None:
                atomistic[k] += value * scale
            else:
                j = column_of[country]
                share[k, j] = np.nan_to_num(share[k, j]) + value * scale
    return Shares(
        share, listed, atomistic, has_shares, period, n_suppliers, n_with_share,
        tuple(system), tuple(rescaled),
    )  # fmt: skip


def _one_system(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the one system to use; the two are never added."""
    for system in ("country", "firm"):
        part = rows.filter(pl.col("system") == system)
        if part["share"].count():
            return part
    part = rows.filter(pl.col("system") == "country")
    return part if part.height else rows


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the newest row with a share of each supplier, while they sum to at most 1.

    Shares of different years may overlap; if the newest rows of all suppliers sum to
    more than 1, only those of the newest year are used.
    """
    dated = rows.filter(pl.col("share").is_not_null()).sort("period", nulls_last=False)
    latest = dated.unique("supplier", keep="last", maintain_order=True).sort("supplier")
    if latest["share"].sum() > _FULL:
        latest = latest.filter(pl.col("period").fill_null(0) == latest["period"].fill_null(0).max())
    return latest


@dataclass(frozen=True)
class Restrictions:
    """Risk that each country withholds each technology from home, and trade parameters.

    Attributes
    ----------
    risk, standard_error, trade : ndarray of float64, shape (n, c)
        Risk from 0 to 1 (nan = no row says anything), its standard error (0 if none
        is given), and the trade parameter (1 if none is given). Home's risk is 0.
    is_empty : bool
        Whether the zone has no row that concerns home at all.
    """

    risk: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    trade: NDArray[np.float64]
    is_empty: bool

    @classmethod
    def of(cls, zone: Zone, supply: Supply, scenario: str = "baseline") -> Restrictions:
        """Read the restrictions towards home under a scenario.

        A row of the scenario beats one of ``baseline``; a row whose target is home
        beats one for everybody; a row for one technology beats one for all.
        """
        n, c = len(supply.technologies), len(supply.countries)
        risk, error = np.full((n, c), np.nan), np.zeros((n, c))
        trade = np.ones((n, c))
        rows = zone["restrictions"].filter(
            pl.col("scenario").is_in(["baseline", scenario])
            & (pl.col("target").is_null() | (pl.col("target") == supply.home))
        )
        ranked = rows.sort(
            (pl.col("scenario") == scenario) & (scenario != "baseline"),
            pl.col("technology").is_not_null(),
            pl.col("target").is_not_null(),
            "country",
            "technology",
        )
        technology_of = {name: k for k, name in enumerate(supply.technologies)}
        country_of = {name: k for k, name in enumerate(supply.countries)}
        columns = ("country", "technology", "risk", "risk_se", "trade")
        for country, technology, value, spread, parameter in ranked.select(columns).iter_rows():
            k = slice(None) if technology is None else technology_of[technology]
            j = country_of[country]
            if value is not None:
                risk[k, j] = value
                error[k, j] = spread or 0.0
            trade[k, j] = 1.0 if parameter is None else parameter
        risk[:, supply.home_index] = 0.0
        error[:, supply.home_index] = 0.0
        return cls(risk, error, trade, rows["risk"].count() == 0)
