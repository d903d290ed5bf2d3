"""Who takes part and what is funded, joined by prices: scarce teams go where they count.

Consortia are formed by points, the portfolio is chosen by avoided loss. Where challenges
want the same organisations the points of staffing a challenge at all decide who gets
them; at first these are equal. Each round chooses a portfolio quickly, takes what every
challenge is worth around it (:mod:`jicheng.optimise.worth`) times a declared price as
these points, and staffs anew from the columns at hand. It ends when consortia repeat, or
after a set number of rounds; the plan goes on with the consortia of the most valuable
portfolio met. Two bounds stay apart: that of the consortia's points, and that of the
portfolio's value for given consortia. Source: ours (value of a plan, 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from jicheng.integrate.consortia import ConsortiaResult, restaff
from jicheng.integrate.team_tables import assignment_rows, frame_of, member_rows
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.worth import Worth, worth_of_challenges
from jicheng.zone import Zone

__all__ = ["Joined", "Round", "join_consortia"]

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Round:
    """One round: a staffing and the portfolio that it allows.

    Attributes
    ----------
    worth : Worth
        The portfolio, its bound, and what each challenge is worth to it.
    surrogate_value, surrogate_gap : float
        Points of the consortia under the worth of this round, and how far from proved.
    n_staffed : int
        Challenges that have a consortium.
    """

    worth: Worth
    surrogate_value: float
    surrogate_gap: float
    n_staffed: int


@dataclass(frozen=True)
class Joined:
    """Consortia that know what their challenges are worth.

    Attributes
    ----------
    consortia : ConsortiaResult
        Of the best round.
    rounds : tuple of Round
        All rounds; empty where joining could change nothing.
    points_per_share : float, optional
        Price that was used; None without rounds.
    kept : int
        Round whose consortia these are.
    """

    consortia: ConsortiaResult
    rounds: tuple[Round, ...] = ()
    points_per_share: float | None = None
    kept: int = 0

    def table(self) -> pl.DataFrame:
        """Return the plan table ``joined``."""
        return frame_of(
            "joined",
            [
                {
                    "round": at,
                    "value": one.worth.value,
                    "bound": one.worth.bound,
                    "surrogate_value": one.surrogate_value,
                    "surrogate_gap": one.surrogate_gap,
                    "n_staffed": one.n_staffed,
                    "n_funded": len(one.worth.funded),
                    "is_kept": at == self.kept,
                }
                for at, one in enumerate(self.rounds)
            ],
        )


def join_consortia(
    zone: Zone,
    challenges: pl.DataFrame,
    consortia: ConsortiaResult,
    settings: PortfolioSettings,
) -> Joined:
    """Staff again by what challenges are worth to the portfolio, and keep the best.

    Parameters
    ----------
    zone : Zone
        As for :func:`jicheng.optimise.portfolio.choose_portfolio`.
    challenges : polars.DataFrame
        Plan table of this name.
    consortia : ConsortiaResult
        Formed with equal points for every challenge.
    settings : PortfolioSettings
        ``joined_rounds``, ``points_per_share``, and all that values a portfolio.

    Returns
    -------
    Joined
        The consortia as they are where every challenge that can has one, or where no
        portfolio can be chosen.

    Notes
    -----
    Only the points of staffing a challenge at all are moved, not those of a better
    member: a challenge that is staffed either way does not bid more for the better of
    two institutes.
    """
    rounds: list[tuple[Round, ConsortiaResult]] = []
    price = settings.points_per_share
    seen: set[tuple[tuple[str, tuple[str, ...]], ...]] = set()
    first, mandatory = consortia, _mandatory(challenges, settings)
    if not settings.joined_rounds or not _is_scarce(consortia):
        return Joined(consortia)
    while len(rounds) <= settings.joined_rounds:
        teams = _teams(consortia)
        if teams in seen:
            break
        seen.add(teams)
        worth = _worth(zone, challenges, consortia, settings)
        if worth is None:
            break
        sharing = consortia.staffing.sharing
        staffed = int((consortia.staffing.chosen >= 0).sum())
        rounds.append((Round(worth, sharing.value, sharing.gap, staffed), consortia))
        if price is None:
            price = _even_price(worth.margins, consortia.settings.staffing_points)
        if price is None:
            break
        consortia = restaff(consortia.staffing, _points(worth, price, first, mandatory))
    if not rounds:
        return Joined(consortia)
    values = [one.worth.value for one, _ in rounds]
    kept = values.index(max(values))
    return Joined(rounds[kept][1], tuple(one for one, _ in rounds), price, kept)


def _is_scarce(consortia: ConsortiaResult) -> bool:
    """Tell whether a challenge that could have a consortium alone has none."""
    return bool((consortia.staffing.chosen < 0).any())


def _teams(consortia: ConsortiaResult) -> tuple[tuple[str, tuple[str, ...]], ...]:
    staffing = consortia.staffing
    return tuple((name, staffing.members(name)) for name in staffing.challenges)


def _even_price(margins: Mapping[str, float], staffing_points: float) -> float | None:
    """Return the price at which a challenge is worth ``staffing_points`` on average."""
    total = sum(margins.values())
    return staffing_points * len(margins) / total if total > _NOTHING else None


def _mandatory(challenges: pl.DataFrame, settings: PortfolioSettings) -> frozenset[str]:
    """Return the challenges that must be funded, hence staffed before all others."""
    told = dict(challenges.select("challenge", "decision").iter_rows()) | dict(settings.decisions)
    return frozenset(name for name, decision in told.items() if decision == "mandatory")


def _points(
    worth: Worth, price: float, first: ConsortiaResult, mandatory: frozenset[str]
) -> dict[str, float]:
    """Return the points of staffing each challenge whose value can be told.

    As at first, what a consortium is below zero points is added: nobody stays without one
    only because it costs more than it scores. A mandatory challenge counts as all together.
    """
    staffing = first.staffing
    below = staffing.problem.worth - first.settings.staffing_points
    everything = price * sum(worth.margins.values())
    return {
        name: (everything if name in mandatory else price * margin)
        + float(below[staffing.index[name]])
        for name, margin in worth.margins.items()
        if name in staffing.index
    }


def _worth(
    zone: Zone, challenges: pl.DataFrame, consortia: ConsortiaResult, settings: PortfolioSettings
) -> Worth | None:
    """Value all challenges; one that has no consortium now counts with that of its own."""
    staffing = consortia.staffing
    has_own = set(consortia.members["challenge"].unique())
    without = [
        one
        for one in staffing.alone.formed
        if one.members and one.challenge in staffing.index and one.challenge not in has_own
    ]
    members = [row for one in without for row in member_rows(one, staffing.roster)]
    held = [row for one in without for row in assignment_rows(one, staffing.roster)]
    return worth_of_challenges(
        zone,
        challenges,
        consortia.consortia,
        pl.concat([consortia.members, frame_of("members", members)]),
        pl.concat([consortia.assignment, frame_of("assignment", held)]),
        settings,
        staffed=has_own,
    )
