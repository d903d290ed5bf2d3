"""Bound what any plan can be worth, from bounds of single challenges at prices.

For prices >= 0, no plan is worth more than the supply at these prices plus, for each
challenge, what no team of it can exceed at them (see
:mod:`jicheng.kernel.columns.problem`). A challenge is bounded by relaxing the rules of its
team (:mod:`jicheng.kernel._team_bound`): first over all lead locations at once, where
everybody is as near as from the nearest of them; then location by location.
"""

from __future__ import annotations

from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from jicheng.kernel._team_bound import Chosen, Open, Pairs, Rules, descend, forced_bounds
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.team_problem import Flags, Floats, Indices, TeamProblem

__all__ = ["bound_challenges", "bound_plans", "team_bound"]

_SHARES = (0.25, 0.25, 1.0)  # of the rounds, before candidates are dropped and after


class _Task(NamedTuple):
    """One challenge to bound."""

    team: TeamProblem
    price: Floats
    is_open: Flags
    known: float  # value of the best known team, -inf without any
    rounds: int
    by_location: bool


def bound_plans(problem: SharedProblem, prices: Prices, teams: Floats) -> float:
    """Bound every plan.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    prices : Prices
        Any prices >= 0.
    teams : ndarray of float64, shape (c,)
        What no team of each challenge can exceed at these prices; -inf where there can
        be none, inf where nothing is known.

    Returns
    -------
    float
        -inf if a mandatory challenge cannot be staffed.
    """
    worth = problem.worth - problem.fixed_use @ prices.resources
    each = teams + worth
    return problem.priced_supply(prices) + float(
        np.where(problem.mandatory, each, np.maximum(0.0, each)).sum()
    )


def bound_challenges(
    problem: SharedProblem,
    prices: Prices,
    *,
    known: Floats | None = None,
    challenges: Indices | None = None,
    rounds: int = 60,
    by_location: bool = True,
    executor: Executor | None = None,
) -> Floats:
    """Bound the teams of challenges at prices.

    Parameters
    ----------
    problem, prices
        As for :func:`bound_plans`.
    known : ndarray of float64, shape (c,), optional
        Value at these prices of the best known team of each challenge, -inf without any:
        lower bounds are not looked for.
    challenges : ndarray of int64, optional
        Which ones; default all. The others get inf.
    rounds : int
        Most evaluations of a bound (deterministic).
    by_location : bool
        Whether to look at each lead location by itself, which is tighter and slower.
    executor : Executor, optional
        Where to work; the answer does not depend on it.

    Returns
    -------
    ndarray of float64, shape (c,)
        Bounds on the points of a team, the worth of its challenge aside.
    """
    wanted = np.arange(problem.n_challenges) if challenges is None else challenges
    best = np.full(problem.n_challenges, -np.inf) if known is None else known
    tasks = [
        _Task(
            problem.teams[c],
            problem.member_prices(c, prices),
            problem.is_open[problem.who[c]],
            float(best[c]),
            rounds,
            by_location,
        )
        for c in wanted
    ]
    found = map(_bound, tasks) if executor is None else executor.map(_bound, tasks)
    bounds = np.full(problem.n_challenges, np.inf)
    bounds[wanted] = list(found)
    return bounds


def team_bound(team: TeamProblem, price: Floats, *, rounds: int = 60) -> float:
    """Bound the value of every team at other prices than the problem's own."""
    everybody = np.ones(team.n, dtype=np.bool_)
    return _bound(_Task(team, price, everybody, -np.inf, rounds, by_location=True))


def _bound(task: _Task) -> float:
    team = task.team
    locations = [p for p in team.locations if task.is_open[team.lead_at == p].any()]
    if not locations:
        return -np.inf
    search = _Descent(task)
    nearest = team.distance[locations].min(axis=0)
    highest = search.bound(nearest, team.lead_at >= 0, task.known, task.rounds)
    if not task.by_location or len(locations) == 1 or highest <= task.known:
        return highest
    top = task.known
    for location in locations:
        lead = team.lead_at == location
        top = max(top, search.bound(team.distance[location], lead, top, task.rounds))
        if top >= highest:
            break
    return float(min(top, highest))


class _Descent:
    """Bounds of one challenge from one place after another; prices of needs are carried on."""

    def __init__(self, task: _Task) -> None:
        team = task.team
        kept = np.flatnonzero(task.is_open)
        self.kept = kept
        self.price = task.price[kept]
        whole = len(kept) == team.n
        self.gain = np.ascontiguousarray(team.gain if whole else team.gain[kept])
        self.holds = np.ascontiguousarray(team.holds if whole else team.holds[kept])
        self.research = team.is_research[kept]
        self.rule = team.rule_rows[kept]
        ties = team.ties if whole else team.ties.among(kept, team.n)
        self.pairs = Pairs(ties.a, ties.b, ties.points)
        self.rules = Rules(
            int(team.fold), int(team.member_limit), True, bool(team.needs_research), team.rule_least
        )
        s = team.n_needs
        self.chosen = Chosen(
            0.0, np.empty((0, s)), np.empty((0, s), dtype=np.bool_),
            np.zeros(len(team.rule_least)), has_lead=False, has_research=False,
        )  # fmt: skip
        self.needs = np.zeros(s)
        self.split = np.full(len(ties.a), 0.5)
        self.rule_price = np.zeros(len(team.rule_least))

    def bound(self, distance: Floats, lead: Flags, target: float, rounds: int) -> float:
        """Bound teams led from a place; a bound at or below ``target`` is not lowered further.

        After some rounds candidates in whose teams nothing above ``target`` is possible
        are dropped. The prices found are where the next search starts.
        """
        people = Open(
            -self.price - distance[self.kept],
            self.gain, self.holds, lead[self.kept], self.research, self.rule,
        )  # fmt: skip
        pairs, split = self.pairs, self.split
        bound, left = np.inf, rounds
        for share in _SHARES:
            turn = left if share == 1.0 else int(share * rounds)
            found, _, _ = descend(
                people, pairs, self.chosen, self.rules, self.needs, split, self.rule_price,
                target, turn,
            )  # fmt: skip
            bound, left = min(bound, found), left - turn
            if bound <= target or left <= 0 or not np.isfinite(target):
                break
            forced = forced_bounds(
                people, pairs, self.chosen, self.rules, self.needs, split, self.rule_price
            )
            rest = np.flatnonzero(forced > target)
            if not len(rest):
                return target
            if len(rest) < 0.8 * len(forced):
                people, pairs, split = _among(people, pairs, split, rest)
        return max(float(bound), target)


def _among(people: Open, pairs: Pairs, split: Floats, rest: Indices) -> tuple[Open, Pairs, Floats]:
    """Return what is left of a search when only some candidates stay."""
    place = np.full(len(people.base), -1, dtype=np.int64)
    place[rest] = np.arange(len(rest))
    a, b = place[pairs.a], place[pairs.b]
    both = (a >= 0) & (b >= 0)
    kept = Pairs(a[both], b[both], pairs.points[both])
    fewer = Open(
        people.base[rest], people.gain[rest], people.holds[rest],
        people.lead[rest], people.research[rest], people.rule[rest],
    )  # fmt: skip
    return fewer, kept, split[both]
