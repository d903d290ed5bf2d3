"""Find the best consortium of each challenge at given prices, with a proof.

At prices every challenge is alone (:mod:`jicheng.kernel.columns.problem`), so its best
consortium is the best team of one problem (:mod:`jicheng.kernel.team_branch`). Three
things make this fast enough for hundreds of challenges: the best known column starts the
search, bounds start where the last ones at similar prices ended, and what exceeds the
best known by less than a tolerance is not looked for. Challenges are searched one by one
on any executor; the compiled searches leave other threads running.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jicheng.kernel.columns.pool import ColumnPool, Origin
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.team_branch import TeamMemory, best_team, teams_above
from jicheng.kernel.team_problem import Floats, Indices, TeamProblem

__all__ = ["ExactPricing", "PricedExactly"]


class _Task(NamedTuple):
    """One challenge to search; whole in itself, so that any process can do it."""

    team: TeamProblem
    start: tuple[int, ...]
    floor: float
    tolerance: float
    work: int
    memory: TeamMemory | None
    deadline: float  # of the monotonic clock


class _Found(NamedTuple):
    """Teams of one challenge as candidates; ``bound`` is inf if the clock came first."""

    teams: list[tuple[int, ...]]
    bound: float
    work: int
    memory: TeamMemory | None


@dataclass(frozen=True, slots=True, eq=False)
class PricedExactly:
    """What exact pricing found.

    ``bounds``, shape (c,), holds what no team of each challenge can exceed at the prices,
    the worth of the challenge aside: inf where the clock came first, -inf where there is
    no team. ``pool`` has the teams found; ``is_whole`` tells that every search ended by
    itself and not by the clock or, for a listing, by its limits.
    """

    bounds: Floats
    pool: ColumnPool
    work: int
    is_whole: bool


class ExactPricing:
    """Searches of the challenges of one problem at changing prices.

    Parameters
    ----------
    problem : SharedProblem
        Challenges and what they share.
    executor : Executor, optional
        Where to search; default here, one after another. The answer does not depend on it.
    """

    def __init__(self, problem: SharedProblem, executor: Executor | None = None) -> None:
        self.problem, self.executor = problem, executor
        self._open = [np.flatnonzero(problem.is_open[who]) for who in problem.who]
        self._teams = [
            team if len(kept) == team.n else team.kept(kept)
            for team, kept in zip(problem.teams, self._open, strict=True)
        ]
        self._memories = [TeamMemory() for _ in self._teams]

    def best(
        self,
        prices: Prices,
        pool: ColumnPool,
        *,
        tolerance: float = 0.0,
        work: int = 10**9,
        deadline: float = np.inf,
    ) -> PricedExactly:
        """Find the best team of each challenge at prices.

        Parameters
        ----------
        prices : Prices
            Prices >= 0.
        pool : ColumnPool
            Known columns, from which the searches start.
        tolerance : float
            Points by which each team may be better than the one found.
        work : int
            Most operations for each challenge.
        deadline : float
            Reading of the monotonic clock after which no search begins.
        """
        known = self._known(prices, pool)
        tasks = [
            _Task(
                self._at(c, prices), known[c], self._floor(c, prices), tolerance, work,
                self._memories[c], deadline,
            )
            for c in range(self.problem.n_challenges)
        ]  # fmt: skip
        found = self._map(_best, tasks)
        for c, one in enumerate(found):
            self._memories[c] = one.memory or self._memories[c]
        return self._gathered(found, is_whole=all(one.bound < np.inf for one in found))

    def listed(
        self, prices: Prices, floors: Floats, *, most: int, work: int, deadline: float = np.inf
    ) -> PricedExactly:
        """List every team worth more than a floor at prices.

        Parameters
        ----------
        prices : Prices
            Prices >= 0.
        floors : ndarray of float64, shape (c,)
            Points of a team above which it is listed, the worth of the challenge aside.
        most : int
            Teams of one challenge after which its listing is given up.
        work : int
            Most operations for each challenge.
        deadline : float
            As in :meth:`best`.

        Returns
        -------
        PricedExactly
            Bounds are the floors; ``is_whole`` tells that no team is missing.
        """
        tasks = [
            _Task(self._at(c, prices), (), floors[c], float(most), work, None, deadline)
            for c in range(self.problem.n_challenges)
        ]
        found = self._map(_above, tasks)
        return self._gathered(found, is_whole=all(one.bound < np.inf for one in found))

    def _map(self, search: Callable[[_Task], _Found], tasks: Sequence[_Task]) -> list[_Found]:
        found: Iterable[_Found]
        found = map(search, tasks) if self.executor is None else self.executor.map(search, tasks)
        return list(found)

    def _at(self, challenge: int, prices: Prices) -> TeamProblem:
        price = self.problem.member_prices(challenge, prices)[self._open[challenge]]
        return self._teams[challenge].at_price(price)

    def _floor(self, challenge: int, prices: Prices) -> float:
        """Return the points up to which a team is no better than leaving the challenge."""
        if self.problem.mandatory[challenge]:
            return -np.inf
        return -self.problem.worth_at(challenge, prices)

    def _known(self, prices: Prices, pool: ColumnPool) -> list[tuple[int, ...]]:
        """Return the best known team of each challenge as candidates, empty without any."""
        known: list[tuple[int, ...]] = [()] * self.problem.n_challenges
        usable = np.flatnonzero(pool.usable(self.problem))
        surplus = pool.surplus(prices)[usable]
        order = usable[np.lexsort((-surplus, pool.challenge[usable]))]
        challenges, first = np.unique(pool.challenge[order], return_index=True)
        for c, j in zip(challenges, order[first], strict=True):
            who = self.problem.who[c][self._open[c]]
            known[c] = tuple(int(i) for i in np.searchsorted(who, pool.members_of(j)))
        return known

    def _gathered(self, found: Sequence[_Found], *, is_whole: bool) -> PricedExactly:
        teams: list[tuple[int, Indices]] = []
        for c, one in enumerate(found):
            who = self.problem.who[c][self._open[c]]
            teams += [(c, who[list(team)]) for team in one.teams]
        return PricedExactly(
            np.array([one.bound for one in found]),
            ColumnPool.of(self.problem, teams, Origin.EXACT),
            sum(one.work for one in found),
            is_whole,
        )


def _best(task: _Task) -> _Found:
    if not task.team.n:
        return _Found([], -np.inf, 0, None)
    if time.monotonic() > task.deadline:
        return _Found([], np.inf, 0, None)
    found = best_team(
        task.team, start=task.start, work_limit=task.work, floor=task.floor,
        tolerance=task.tolerance, memory=task.memory,
    )  # fmt: skip
    return _Found([found.members] if found.members else [], found.bound, found.work, task.memory)


def _above(task: _Task) -> _Found:
    if not task.team.n:
        return _Found([], task.floor, 0, None)
    if time.monotonic() > task.deadline:
        return _Found([], np.inf, 0, None)
    teams, is_whole, work = teams_above(
        task.team, task.floor, most=int(task.tolerance), work_limit=task.work
    )
    return _Found(teams, task.floor if is_whole else np.inf, work, None)
