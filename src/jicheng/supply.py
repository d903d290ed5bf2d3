"""Who supplies what, and who may withhold it, as arrays seen from the home country.

Shares by country and shares by firm are two systems and are never added: the one that
explains more of the supply is used, by country unless firms explain clearly more, and
firms are then summed over their countries. A row without a share is a listed supplier
of unknown size; a row with only a lower bound counts with it. Rows of a country system
without a single country ("various") are an atomistic residual: known mass, nobody's
share. The mass of a firm whose country is unknown stays unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Where, fault
from jicheng.zone import Zone

__all__ = ["Restrictions", "Shares", "Supply", "rows_in_force"]

_FULL = 1.02  # shares that sum to at most this are rounding and are rescaled (ours)
_SLACK = 1e-9  # sums of decimal fractions, such as 0.51 + 0.51


@dataclass(frozen=True)
class Shares:
    """Shares of one basis (the world, or the sourcing of one home country).

    Attributes
    ----------
    share : ndarray of float64, shape (n, c)
        Share of country c in technology k, 0 to 1; nan = listed but unknown, or not
        listed (see ``listed``). Rows sum to at most 1.
    floor : ndarray of float64, shape (n, c)
        Lower bound of each known share, ``share`` where none is stated, else 0.
    listed : ndarray of bool, shape (n, c)
        Whether the country is named as a supplier, with or without a share.
    atomistic : ndarray of float64, shape (n,)
        Known mass of rows without a single country.
    mass : ndarray of float64, shape (n,)
        Sum of all shares of the system used, those of firms without a country included.
    has_shares : ndarray of bool, shape (n,)
        Whether any row carries a share; without one everything else is "no data".
    period : ndarray of int64, shape (n,)
        Year of the newest share; 0 = undated.
    n_suppliers : ndarray of int64, shape (n,)
        Suppliers listed in the system used (countries, or firms), aggregates apart.
    n_with_share : ndarray of int64, shape (n,)
        Of these, how many carry a share.
    sum_squares : ndarray of float64, shape (n,)
        Sum of the squared shares of the suppliers of the system used (HHI of the
        known shares).
    leader_share : ndarray of float64, shape (n,)
        Largest share of a supplier; nan if no supplier carries one.
    leader : tuple of str
        That supplier, the first by id if several tie; "" if there is none.
    system : tuple of str
        ``"country"``, ``"firm"`` or ``""`` per technology.
    rescaled : tuple of str
        Technologies whose shares summed to a little over 1 and were rescaled.
    rows : tuple of tuple of int
        Per technology the positions in the zone's table of the rows that count: the
        newest with a share of each supplier of the system used, and those of its listed
        suppliers without a share.
    """

    share: NDArray[np.float64]
    floor: NDArray[np.float64]
    listed: NDArray[np.bool_]
    atomistic: NDArray[np.float64]
    mass: NDArray[np.float64]
    has_shares: NDArray[np.bool_]
    period: NDArray[np.int64]
    n_suppliers: NDArray[np.int64]
    n_with_share: NDArray[np.int64]
    sum_squares: NDArray[np.float64]
    leader_share: NDArray[np.float64]
    leader: tuple[str, ...]
    system: tuple[str, ...]
    rescaled: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]

    @classmethod
    def empty(cls, n_technologies: int, n_countries: int) -> Shares:
        """Return shares of which nothing is known."""
        n, c = n_technologies, n_countries
        return cls(
            share=np.full((n, c), np.nan),
            floor=np.zeros((n, c)),
            listed=np.zeros((n, c), dtype=np.bool_),
            atomistic=np.zeros(n),
            mass=np.zeros(n),
            has_shares=np.zeros(n, dtype=np.bool_),
            period=np.zeros(n, dtype=np.int64),
            n_suppliers=np.zeros(n, dtype=np.int64),
            n_with_share=np.zeros(n, dtype=np.int64),
            sum_squares=np.zeros(n),
            leader_share=np.full(n, np.nan),
            leader=("",) * n,
            system=("",) * n,
            rescaled=(),
            rows=((),) * n,
        )

    @cached_property
    def known(self) -> NDArray[np.float64]:
        """Shares with unknown ones as 0: for sums, never as a statement. Shape (n, c)."""
        return np.nan_to_num(self.share)

    @cached_property
    def unknown(self) -> NDArray[np.float64]:
        """Mass that no row explains, shape (n,); 1 where nothing is known."""
        explained: NDArray[np.float64] = self.known.sum(axis=1) + self.atomistic
        return np.where(explained > 1.0 - _SLACK, 0.0, 1.0 - explained)

    def where(self, use: NDArray[np.bool_], other: Shares) -> Shares:
        """Return these shares where ``use`` holds, those of ``other`` elsewhere."""
        arrays = {
            name: np.where(use[:, None] if mine.ndim == 2 else use, mine, getattr(other, name))
            for name, mine in vars(self).items()
            if isinstance(mine, np.ndarray) and name in self.__dataclass_fields__
        }
        return replace(
            self,
            **arrays,
            leader=tuple(np.where(use, self.leader, other.leader).tolist()),
            system=tuple(np.where(use, self.system, other.system).tolist()),
            rescaled=(),
            rows=tuple(
                (self if is_mine else other).rows[k] for k, is_mine in enumerate(use.tolist())
            ),
        )


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
        """Read the supply of all technologies of a zone, seen from ``home``.

        Raises
        ------
        InvalidInput
            E126 for every technology whose shares of one year sum to more than 1.02.
        """
        technologies = tuple(zone["technologies"]["id"].to_list())
        rows = _rows(zone)
        named = {
            row.country
            for of_basis in rows.values()
            for of_technology in of_basis.values()
            for row in of_technology
            if row.country
        }
        named |= set(zone["restrictions"]["country"].drop_nulls().to_list())
        countries = tuple(sorted(named | {home}))
        return cls(
            technologies,
            countries,
            home,
            _shares(rows.get("world", {}), technologies, countries),
            _shares(rows.get(home, {}), technologies, countries),
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
        return self.sourcing.where(self.sourcing.has_shares, self.world)


class _Row(NamedTuple):
    """A row of the table with the country of firms and the lower bound filled in."""

    technology: str
    supplier: str
    system: str
    country: str | None
    share: float | None
    floor: float
    period: int
    position: int

    @property
    def is_aggregate(self) -> bool:
        """Whether the row sums up several countries and is nobody's share."""
        return self.system == "country" and self.country is None


def _rows(zone: Zone) -> dict[str, dict[str, list[_Row]]]:
    """Return the rows by basis and technology, in the order of the zone's table."""
    organisations = zone["organisations"].select("id", "country")
    seats: dict[str, str | None] = dict(organisations.iter_rows())
    columns = (
        "basis", "technology", "supplier", "system", "country", "share", "share_low", "period"
    )  # fmt: skip
    rows: dict[str, dict[str, list[_Row]]] = {}
    for position, (basis, technology, supplier, system, country, share, low, period) in enumerate(
        zone["supply"].select(columns).iter_rows()
    ):
        row = _Row(
            technology,
            supplier,
            system,
            country or seats.get(supplier),
            share if share is not None else (low or None),
            min(bound for bound in (share, low, 1.0) if bound is not None),
            period or 0,
            position,
        )
        rows.setdefault(basis, {}).setdefault(technology, []).append(row)
    return rows


def _shares(
    rows: Mapping[str, Sequence[_Row]], technologies: Sequence[str], countries: Sequence[str]
) -> Shares:
    made = Shares.empty(len(technologies), len(countries))
    system, leader, positions = list(made.system), list(made.leader), list(made.rows)
    column_of = {name: k for k, name in enumerate(countries)}
    rescaled: list[str] = []
    faults: list[Fault] = []
    for k, technology in enumerate(technologies):
        used = _one_system(rows.get(technology, ()))
        if not used:
            continue
        system[k] = used[0].system
        made.listed[k, [column_of[row.country] for row in used if row.country]] = True
        made.n_suppliers[k] = len({row.supplier for row in used if not row.is_aggregate})
        counted = _newest(used)
        listed = [row for row in used if row.share is None]
        positions[k] = tuple(sorted(row.position for row in (*counted, *listed)))
        made.has_shares[k] = bool(counted)
        total = _mass(counted)
        if total > _FULL + _SLACK:
            faults.append(_too_much(counted, total))
        scale = 1.0 / total if total > 1.0 + _SLACK else 1.0
        made.mass[k] = min(1.0, total)
        if scale < 1.0:
            rescaled.append(technology)
        for row in counted:
            share = (row.share or 0.0) * scale
            made.period[k] = max(made.period[k], row.period)
            if row.is_aggregate:
                made.atomistic[k] += share
                continue
            made.n_with_share[k] += 1
            made.sum_squares[k] += share**2
            if not made.leader_share[k] >= share:
                leader[k], made.leader_share[k] = row.supplier, share
            if row.country:
                j = column_of[row.country]
                made.share[k, j] = np.nan_to_num(made.share[k, j]) + share
                made.floor[k, j] += row.floor * scale
    if faults:
        raise InvalidInput(faults)
    return replace(
        made,
        leader=tuple(leader),
        system=tuple(system),
        rescaled=tuple(rescaled),
        rows=tuple(positions),
    )


def _too_much(rows: Sequence[_Row], total: float) -> Fault:
    parts = (rows[0].system, ", ".join(sorted({str(row.period) for row in rows if row.period})))
    return fault(
        "E126",
        where=Where("supply", column="share"),
        technology=rows[0].technology,
        total=f"{total:.1%}",
        detail=", ".join(part for part in parts if part),
    )


def _one_system(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows of the one system to use; the two are never added.

    Shares by country unless those by firm explain over two points more: one row by
    country beside a complete list of firms must not make the rest unknown.
    """
    country = [row for row in rows if row.system == "country"]
    firm = [row for row in rows if row.system == "firm"]
    by_country = _mass(_newest(country))
    by_firm = _mass([row for row in _newest(firm) if row.country])
    has_shares = [any(row.share is not None for row in part) for part in (country, firm)]
    if by_firm > by_country + _FULL - 1.0 or (has_shares[1] and not has_shares[0]):
        return firm
    return country or firm


def _newest(rows: Sequence[_Row]) -> list[_Row]:
    """Return the newest row with a share of each supplier, while they sum to at most 1.

    Shares of different years may overlap; if the newest rows of all suppliers sum to
    more than 1, only those of the newest year are used.
    """
    latest: dict[str, _Row] = {}
    for row in rows:
        if row.share is not None and row.period >= latest.get(row.supplier, row).period:
            latest[row.supplier] = row
    newest = [latest[supplier] for supplier in sorted(latest)]
    if _mass(newest) > _FULL + _SLACK:
        year = max(row.period for row in newest)
        newest = [row for row in newest if row.period == year]
    return newest


def _mass(rows: Sequence[_Row]) -> float:
    return math.fsum(row.share for row in rows if row.share is not None)


@dataclass(frozen=True)
class Restrictions:
    """Risk that each country withholds each technology from home, and trade parameters.

    Attributes
    ----------
    risk, standard_error, trade : ndarray of float64, shape (n, c)
        Risk from 0 to 1 (nan = no row says anything), its standard error (0 if none
        is given), and the trade parameter (1 if none is given). Home's risk is 0.
    withholds : ndarray of bool, shape (n, c)
        Whether a row of the named scenario has the country withhold the technology;
        nowhere under ``baseline``, and never home itself.
    is_empty : bool
        Whether the zone has no row that concerns home at all.
    """

    risk: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    trade: NDArray[np.float64]
    withholds: NDArray[np.bool_]
    is_empty: bool

    @classmethod
    def of(
        cls, zone: Zone, supply: Supply, scenario: str = "baseline", *, member_risk: float = 0.5
    ) -> Restrictions:
        """Read the restrictions towards home under a scenario (:func:`rows_in_force`).

        Parameters
        ----------
        zone, supply
            The zone, and its supply seen from home.
        scenario : str
            A value of ``restrictions.scenario``.
        member_risk : float
            A row of a scenario other than ``baseline`` has its country withhold if
            its risk is empty or at least this (ours).
        """
        n, c = len(supply.technologies), len(supply.countries)
        risk, error = np.full((n, c), np.nan), np.zeros((n, c))
        trade, withholds = np.ones((n, c)), np.zeros((n, c), dtype=np.bool_)
        ranked = rows_in_force(zone, supply.home, scenario)
        technology_of = {name: k for k, name in enumerate(supply.technologies)}
        country_of = {name: k for k, name in enumerate(supply.countries)}
        columns = ("scenario", "country", "technology", "risk", "risk_se", "trade")
        for name, country, technology, value, spread, parameter in ranked.select(
            columns
        ).iter_rows():
            k = slice(None) if technology is None else technology_of[technology]
            j = country_of[country]
            if value is not None:
                risk[k, j] = value
                error[k, j] = spread or 0.0
            trade[k, j] = 1.0 if parameter is None else parameter
            if name != "baseline":
                withholds[k, j] = value is None or value >= member_risk
        risk[:, supply.home_index] = 0.0
        error[:, supply.home_index] = 0.0
        withholds[:, supply.home_index] = False
        return cls(risk, error, trade, withholds, ranked["risk"].count() == 0)


def rows_in_force(zone: Zone, home: str, scenario: str) -> pl.DataFrame:
    """Return the rows of ``restrictions`` towards home, from the weakest to the strongest.

    A row of the scenario beats one of ``baseline``; a row for one technology beats one
    for all; a row whose target is home beats one for everybody.
    """
    rows = zone["restrictions"].filter(
        pl.col("scenario").is_in(["baseline", scenario])
        & (pl.col("target").is_null() | (pl.col("target") == home))
    )
    return rows.sort(
        (pl.col("scenario") == scenario) & (scenario != "baseline"),
        pl.col("technology").is_not_null(),
        pl.col("target").is_not_null(),
        "country",
        "technology",
    )
