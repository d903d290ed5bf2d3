"""What a challenge's consortium can do, and the chance that the challenge succeeds.

    G(S)      = prod_r best_r(S)^v_r        weighted geometric mean of the needed levels
    hazard    = ln 2 / years_k * G^eta * f(m),   f(m) = max(0, 1 - kappa (m - 1))
    P_c(S, T) = 1 - exp(-hazard T) = 1 - 2^(-E / years_k),   E = T G^eta f(m)

G is 0 if a needed capability is uncovered: nobody holds it, or nobody at the needed
level. E, the *effective years*, is what the funded years are worth with this team.
Source: ours (value of a plan, section 1; coverage part A). P is a planning assumption
until the zone's own past projects can estimate it, and never a forecast.

Parallel awards fund k teams until a gate at the share g of the funded years, and then
only the best of them. Every team has its own hazard; a share rho of it strikes all teams
together (a common shock that reaches a weaker team only where it reaches a stronger one;
Marshall and Olkin 1967), the rest strikes independently. A first success of any team
counts, so with e_i = G_i^eta f(m_i)

    E = T (g (rho max_i e_i + (1 - rho) sum_i e_i) + (1 - g) max_i e_i).

At rho = 1, or g = 0, a further team adds nothing. The gate reveals nothing in this model
(an exponential time has no memory): a race is worth the attempts that it adds.
Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.zone import Zone

__all__ = ["Level", "Race", "Team", "capability_index", "effective_years", "read_teams"]


@dataclass(frozen=True, slots=True)
class Level:
    """The level at which a consortium holds a capability, with its interval.

    ``stated`` is nan if only unknown levels could cover the capability; 0 means that
    nobody in the consortium holds it.
    """

    stated: float
    low: float
    high: float

    def at(self, position: float | None) -> float:
        """Return the stated level (None), or the one at a position in the interval."""
        return self.stated if position is None else self.low + position * (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Race:
    """Parallel awards: who else is funded until the first gate.

    Attributes
    ----------
    rivals : tuple of Team
        The other teams.
    until_gate : float
        Share of the funded years before the gate, 0 to 1.
    """

    rivals: tuple[Team, ...]
    until_gate: float


@dataclass(frozen=True, slots=True)
class Team:
    """A consortium as the chance of success sees it.

    Attributes
    ----------
    n_members : int
        Members, lead included; 0 = there is no consortium.
    capabilities : tuple of str
        Needed capabilities.
    weights : tuple of float
        Their weights, sum 1.
    needed : tuple of float
        Needed levels; 0 = any.
    levels : tuple of Level
        Levels held.
    race : Race, optional
        Further teams that are funded until the first gate.
    """

    n_members: int
    capabilities: tuple[str, ...]
    weights: tuple[float, ...]
    needed: tuple[float, ...]
    levels: tuple[Level, ...]
    race: Race | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Needed capabilities that only members of unknown level could cover."""
        pairs = zip(self.capabilities, self.levels, strict=True)
        return tuple(name for name, level in pairs if math.isnan(level.stated))


def read_teams(
    zone: Zone,
    challenges: pl.DataFrame,
    members: pl.DataFrame,
    assignment: pl.DataFrame,
    *,
    use_r_fold_level: bool = False,
) -> dict[str, Team]:
    """Return the team of every challenge from the tables of the consortia.

    Parameters
    ----------
    zone : Zone
        ``needs`` is read.
    challenges, members, assignment : polars.DataFrame
        Plan tables of these names.
    use_r_fold_level : bool
        Whether the r-th best level counts instead of the best.
    """
    needs = {
        str(technology): rows.sort("capability")
        for (technology,), rows in zone["needs"].group_by("technology")
    }
    counts = dict(members.group_by("challenge").len().iter_rows())
    held = {
        (str(challenge), str(capability)): rows.select("level", "level_low", "level_high").rows()
        for (challenge, capability), rows in assignment.group_by("challenge", "capability")
    }
    teams: dict[str, Team] = {}
    for challenge, technology, fold in challenges.select(
        "challenge", "technology", "r_fold"
    ).iter_rows():
        rows = needs.get(technology, zone["needs"].clear())
        rank = (fold or 1) if use_r_fold_level else 1
        capabilities = tuple(rows["capability"].to_list())
        teams[challenge] = Team(
            int(counts.get(challenge, 0)),
            capabilities,
            _weights(rows["weight"].to_list()),
            tuple(level or 0.0 for level in rows["level"].to_list()),
            tuple(_level(held.get((challenge, name), []), rank) for name in capabilities),
        )
    return teams


def capability_index(team: Team, position: float | None = None) -> float:
    """Return G, 0 to 1; nan if it depends on a level that nobody knows.

    Parameters
    ----------
    team : Team
        A consortium, or what is known of it.
    position : float, optional
        Where in their intervals the levels lie (0 low, 1 high); None = as stated.
    """
    levels = [level.at(position) for level in team.levels]
    if not levels:
        return math.nan
    if any(
        level < need or level == 0 for level, need in zip(levels, team.needed, strict=True)
    ):  # a comparison with nan is false: an unknown level is not yet a missing one
        return 0.0
    pairs = zip(levels, team.weights, strict=True)
    return math.prod(math.pow(level, weight) for level, weight in pairs)


def effective_years(
    teams: Sequence[Team],
    years: NDArray[np.float64],
    *,
    eta: float,
    kappa: float,
    position: float | None = None,
    correlation: float = 0.0,
) -> NDArray[np.float64]:
    """Return the effective years E of each team, shape (c,), nan where G is unknown.

    Parameters
    ----------
    teams : sequence of Team, length c
        Consortia.
    years : ndarray of float64, shape (c,)
        Funded years T.
    eta, kappa : float
        See :class:`jicheng.optimise.settings.PortfolioSettings`.
    position : float, optional
        As in :func:`capability_index`.
    correlation : float
        Share rho of their hazard that parallel teams have in common.
    """

    def strength(team: Team) -> float:
        if team.n_members == 0:
            return math.nan
        coordination = max(0.0, 1.0 - kappa * (team.n_members - 1))
        return float(capability_index(team, position) ** eta * coordination)

    def with_rivals(team: Team) -> float:
        own = strength(team)
        if team.race is None:
            return own
        every = [own, *(strength(rival) for rival in team.race.rivals)]
        best, gate = max(every), team.race.until_gate
        together = correlation * best + (1.0 - correlation) * sum(every)
        return gate * together + (1.0 - gate) * best

    return years * np.array([with_rivals(team) for team in teams], dtype=np.float64)


def _weights(stated: Sequence[float | None]) -> tuple[float, ...]:
    filled = [1.0 if weight is None else weight for weight in stated]
    total = sum(filled)
    if total <= 0:
        return tuple(1.0 / len(filled) for _ in filled)
    return tuple(weight / total for weight in filled)


def _level(rows: Sequence[tuple[float | None, float | None, float | None]], rank: int) -> Level:
    """Return the r-th best level; unknown levels lie between their bounds, or 0 and 1."""
    if len(rows) < rank:
        return Level(0.0, 0.0, 0.0)
    known = [value for level, low, high in rows if (value := _stated(level, low, high)) is not None]
    return Level(
        sorted(known, reverse=True)[rank - 1] if len(known) >= rank else math.nan,
        _ranked([_first(low, level, 0.0) for level, low, _ in rows], rank),
        _ranked([_first(high, level, 1.0) for level, _, high in rows], rank),
    )


def _stated(level: float | None, low: float | None, high: float | None) -> float | None:
    if level is not None or low is None or high is None:
        return level
    return (low + high) / 2


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _ranked(values: Sequence[float], rank: int) -> float:
    return sorted(values, reverse=True)[rank - 1]
