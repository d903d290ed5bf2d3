"""Parallel awards (赛马): fund several teams to the first gate, continue the best.

For a challenge that allows them every number of teams from 2 to its limit is an option
of its own beside the single team, with its cost (each stage up to the gate once per
team, the rest once) and its chance of success (:mod:`jicheng.optimise.success`). The
portfolio takes at most one option of a challenge, so it chooses the number of teams.
Money for the stages after the gate is reserved with the award. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.optimise.cases import Case
from jicheng.optimise.success import Race, Team, read_teams
from jicheng.optimise.value import SetValue, standard_error
from jicheng.zone import Zone

__all__ = ["RaceOffer", "options_of", "race_offers", "race_warnings", "read_rivals"]

Rivals = Mapping[str, Sequence[Team]]


def read_rivals(
    zone: Zone,
    challenges: pl.DataFrame,
    members: pl.DataFrame,
    assignment: pl.DataFrame,
    *,
    use_r_fold_level: bool = False,
) -> dict[str, list[Team]]:
    """Read further teams of challenges, the better first.

    Parameters
    ----------
    zone : Zone
        ``needs`` is read.
    challenges : polars.DataFrame
        Plan table of this name.
    members, assignment : polars.DataFrame
        As the plan tables of these names, with a further column ``rank``: 1 is the best
        after the plan's own consortium.
    use_r_fold_level : bool
        As in :class:`jicheng.optimise.settings.PortfolioSettings`.
    """
    rivals: dict[str, list[Team]] = {}
    for rank in members["rank"].unique().sort():
        of_rank = pl.col("rank") == rank
        teams = read_teams(
            zone, challenges, members.filter(of_rank), assignment.filter(of_rank),
            use_r_fold_level=use_r_fold_level,
        )  # fmt: skip
        for challenge, team in teams.items():
            if team.n_members:
                rivals.setdefault(challenge, []).append(team)
    return rivals


def options_of(case: Case, rivals: Rivals) -> tuple[Case, ...]:
    """Return the options of a challenge: a single team first, then races of 2, 3 ...

    Parameters
    ----------
    case : Case
        With a single team.
    rivals : mapping of str to sequence of Team
        Further teams of each challenge, the better first. Where there are none of known
        levels the same team stands for each further one; otherwise no more teams race
        than there are.
    """
    gate = case.stages.first_gate
    if gate is None or not case.is_candidate:
        return (case,)
    options = [case]
    known = _known(rivals, case.challenge) or [case.team] * case.parallel_teams
    for k in range(2, min(case.parallel_teams, 1 + len(known)) + 1):
        factor = case.stages.cost_factor(k)
        race = Race(tuple(known[: k - 1]), case.stages.ends[gate])
        options.append(
            replace(
                case,
                n_teams=k,
                cost=case.cost * factor,
                team=replace(case.team, race=race),
            )
        )
    return tuple(options)


def _known(rivals: Rivals, challenge: str) -> list[Team]:
    """Return the further teams of a challenge whose levels are known."""
    return [team for team in rivals.get(challenge, ()) if team.n_members and not team.unknown]


def race_warnings(cases: Sequence[Case], rivals: Rivals) -> list[Fault]:
    """Tell which races are not looked at, or rest on one team taken several times."""
    asks = [case for case in cases if case.is_candidate and case.parallel_teams > 1]
    without = [case.challenge for case in asks if case.stages.first_gate is None]
    alike = [
        case.challenge
        for case in asks
        if case.stages.first_gate is not None and not _known(rivals, case.challenge)
    ]
    return [
        fault(code, is_warning=True, count=len(ids), ids=", ".join(ids[:5]))
        for code, ids in (("E446", without), ("E447", alike))
        if ids
    ]


@dataclass(frozen=True, slots=True)
class RaceOffer:
    """What one number of teams is worth for a challenge, the rest of the plan as it is.

    Attributes
    ----------
    option : Case
        The challenge with so many teams.
    extra_cost : float
        Money beyond the single team's [wan].
    gain, gain_se : float
        Value of the plan with it less that with the single team, on the same draws.
    is_chosen : bool
        Whether the plan funds this number of teams.
    """

    option: Case
    extra_cost: float
    gain: float
    gain_se: float
    is_chosen: bool

    @property
    def gain_per_money(self) -> float:
        """Gain per wan of extra cost; nan for the single team."""
        return self.gain / self.extra_cost if self.extra_cost > 0 else float("nan")


def race_offers(
    options: Sequence[Case], value: SetValue, chosen: NDArray[np.bool_]
) -> tuple[RaceOffer, ...]:
    """Return what every number of teams is worth, for challenges with several options.

    Parameters
    ----------
    options : sequence of Case, length o
        Options of all challenges, single teams before races.
    value : SetValue
        Values of sets of options.
    chosen : ndarray of bool, shape (o,)
        What the plan funds.
    """
    groups = pl.Series([option.challenge for option in options])
    offers = []
    for challenge in groups.filter(groups.is_duplicated()).unique(maintain_order=True):
        places = (groups == challenge).arg_true().to_list()
        rest = chosen.copy()
        rest[places] = False
        on_draws = []
        for place in places:
            rest[place] = True
            on_draws.append(value.on_draws(rest))
            rest[place] = False
        for place, draws in zip(places, on_draws, strict=True):
            gain = draws - on_draws[0]
            offers.append(
                RaceOffer(
                    options[place],
                    options[place].cost - options[places[0]].cost,
                    float(gain.mean()),
                    standard_error(gain),
                    bool(chosen[place]),
                )
            )
    return tuple(offers)
