"""Staff challenges that want the same organisations: column generation, exact where it counts.

Every challenge enters with its best consortium alone. At the prices of the master's
relaxation only those challenges whose own best consortium pays for a scarce member can
do better with another one: all others keep a team that is proved best at any prices that
spare it. The touched challenges are searched anew, first by the compiled heuristic, then,
when that finds nothing more, by branch and bound. What branch and bound proves gives a
bound that holds for every plan:

    capacity x prices + limits x prices + sum over challenges of max(0, z_c)

(:mod:`jicheng.kernel.columns.problem`), and the plan is the best whole choice of the
columns found. Work is counted in operations and rounds, never in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jicheng.integrate.settings import ConsortiumSettings
from jicheng.kernel.columns.master import Relaxed, choose, is_plan, relax
from jicheng.kernel.columns.pool import ColumnPool, Origin
from jicheng.kernel.columns.pricing import DEEP, QUICK, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Limits, Solver, StoppedBy
from jicheng.kernel.team_branch import best_team, teams_above

__all__ = ["Own", "Priced", "Sharing", "best_at", "is_proved", "own_columns", "share"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

_TOLERANCE = 1e-6  # points by which a column must beat the master, relative to max(1, value)
_HARD = 1_000_000  # operations of branch and bound; beyond, the heuristic searches deep first
_LISTED = 200  # teams of one challenge after which the listing is given up
_EACH = 0.05  # part of the work limit that one search may take


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """The best consortium of each challenge alone.

    Attributes
    ----------
    column : ndarray of int64, shape (c,)
        Column of it in the pool, -1 if there is none.
    bound : ndarray of float64, shape (c,)
        Points (worth included) that no consortium of the challenge exceeds, whatever
        the prices; -inf if there is none at all.
    work : ndarray of int64, shape (c,)
        Operations that it took.
    """

    column: Indices
    bound: Floats
    work: Indices

    def paying(self, problem: SharedProblem, pool: ColumnPool, prices: Prices) -> Indices:
        """Return the challenges that may do better at prices than by their own consortium."""
        helped = problem.member_use @ prices.resources
        if (helped < 0.0).any():  # a floor: somebody is worth more than alone
            return np.flatnonzero(np.isfinite(self.bound))
        has = np.flatnonzero(self.column >= 0)
        value = pool.value[self.column[has]]
        paid = value - pool.surplus(prices)[self.column[has]]
        return has[paid > _TOLERANCE * np.maximum(1.0, np.abs(value))]


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """A plan under shared capacity.

    Attributes
    ----------
    columns : ColumnPool
        Every consortium looked at, the own ones included.
    own : Own
        Of each challenge alone, in terms of ``columns``.
    prices : Prices
        Of scarce organisations and limits, at which ``bound`` was proved.
    chosen : ndarray of int64, shape (c,)
        Column of each challenge, -1 = not staffed.
    value : float
        Points of the plan, worth included.
    restricted_bound : float
        No plan of these columns is worth more.
    bound : float
        No plan at all is worth more.
    rounds, work : int
        Of pricing; elementary operations of branch and bound.
    is_cut_by_clock : bool
        Whether a deadline changed the answer.
    """

    columns: ColumnPool
    own: Own
    prices: Prices
    chosen: Indices
    value: float
    restricted_bound: float
    bound: float
    rounds: int = 0
    work: int = 0
    is_cut_by_clock: bool = False

    @property
    def gap(self) -> float:
        """``(bound - value) / max(1, value)``."""
        return max(0.0, self.bound - self.value) / max(1.0, abs(self.value))


def is_proved(sharing: Sharing) -> bool:
    """Tell whether no plan is worth more, up to rounding."""
    return sharing.gap <= _TOLERANCE


def share(
    problem: SharedProblem,
    columns: ColumnPool,
    own: Own,
    settings: ConsortiumSettings,
    solver: Solver,
) -> Sharing:
    """Choose a consortium for every challenge within shared capacity and limits.

    Parameters
    ----------
    problem : SharedProblem
        What is shared.
    columns : ColumnPool
        Valued under ``problem``; the own consortia and whatever is known besides.
    own : Own
        The own consortia, in terms of ``columns``.
    settings : ConsortiumSettings
        ``sharing_rounds`` and ``sharing_work_limit``, and the solver's limits.
    solver : Solver
        Worker for the programs.

    Returns
    -------
    Sharing
        Without any search if the own consortia fit together.
    """
    alone = own.column[own.column >= 0]
    if is_plan(problem, columns, np.sort(alone)) and (columns.value[alone] >= 0.0).all():
        value = float(columns.value[alone].sum())
        bound = float(np.maximum(0.0, own.bound).sum())
        none = Prices.none(problem)
        return Sharing(columns, own, none, own.column, value, value, max(bound, value))
    run = _Run(problem, columns, own, settings, solver)
    run.generate()
    return run.choose()


class Priced(NamedTuple):
    """The best team of a challenge at prices: None if there is none, or none was found.

    ``bound`` is in points, worth included and prices paid: -inf if there is no team at
    all; ``value`` is that of the team.
    """

    members: Indices | None
    value: float
    bound: float
    work: int


def best_at(
    problem: SharedProblem, challenge: int, prices: Prices, start: Indices, work_limit: int
) -> Priced:
    """Find the best team of one challenge at prices, by branch and bound.

    Parameters
    ----------
    problem : SharedProblem
        Organisations without capacity are no candidates.
    challenge : int
        Which.
    prices : Prices
        Of organisations and limits.
    start : ndarray of int64
        Organisations of a team to start from; may be empty.
    work_limit : int
        Most elementary operations.
    """
    team, worth = problem.priced(challenge, prices)
    who = problem.who[challenge]
    able = np.flatnonzero(problem.is_open[who])
    team, who = team.kept(able), who[able]
    if not team.n or not team.locations:
        return Priced(None, -np.inf, -np.inf, 0)
    places = np.searchsorted(who, start).tolist()
    found = best_team(team, start=places, work_limit=work_limit)
    members = who[list(found.members)] if found.members else None
    return Priced(members, found.value + worth, found.bound + worth, found.work)


class _Run:
    """The rounds of one call, with the columns, the bound and the work so far."""

    def __init__(
        self,
        problem: SharedProblem,
        columns: ColumnPool,
        own: Own,
        settings: ConsortiumSettings,
        solver: Solver,
    ) -> None:
        self.problem, self.columns, self.own, self.solver = problem, columns, own, solver
        self.rounds_limit = settings.sharing_rounds
        self.work_limit = int(settings.sharing_work_limit * 1e6)
        self.limits = Limits(
            nodes=settings.node_limit, deadline_s=settings.deadline_s, memory_mb=settings.memory_mb
        )
        self.relaxed: Relaxed | None = None
        self.prices = Prices.none(problem)
        self.best = self._counted(own.bound)  # what no challenge exceeds at ``prices``
        self.bound = float(self.best.sum())
        self.rounds = self.work = 0

    def generate(self) -> None:
        """Add columns until branch and bound finds none, or the limits are reached."""
        efforts = [QUICK]
        while self.rounds < self.rounds_limit:
            self.rounds += 1
            relaxed = relax(self.problem, self.columns, self.solver, self.limits)
            if relaxed is None:
                return
            self.relaxed = relaxed
            touched = self.own.paying(self.problem, self.columns, relaxed.prices)
            is_hard = len(touched) and self.own.work[touched].mean() > _HARD
            if efforts:
                found = price_all(
                    self.problem,
                    relaxed.prices,
                    challenges=touched,
                    effort=efforts[-1],
                    seed=self.rounds,
                )
                if not self._add(found, relaxed):
                    efforts = [DEEP] if is_hard and efforts == [QUICK] else []
                continue
            found = self._search_exactly(touched, relaxed.prices)
            if not self._add(found, relaxed) or self.work >= self.work_limit:
                return
            efforts = [QUICK] if is_hard else []

    def _search_exactly(self, touched: Indices, prices: Prices) -> ColumnPool:
        """Solve each touched challenge at the prices, and bound all plans by what is proved."""
        best = self.own.bound.copy()
        teams: list[tuple[int, Indices]] = []
        for c in touched.tolist():
            best[c], team = self._solve(c, prices)
            if team is not None:
                teams.append((c, team))
        best = self._counted(best)
        bound = self.problem.priced_supply(prices) + float(best.sum())
        if bound < self.bound:
            self.bound, self.prices, self.best = bound, prices, best
        return ColumnPool.of(self.problem, teams, Origin.EXACT)

    def _solve(self, c: int, prices: Prices) -> tuple[float, Indices | None]:
        """Return a bound on what a challenge can reach at prices, and its best team."""
        left = max(0, self.work_limit - self.work)
        limit = int(min(left, _EACH * self.work_limit))
        found = best_at(self.problem, c, prices, self._best_known(c, prices), limit)
        self.work += found.work
        return found.bound, found.members

    def _best_known(self, c: int, prices: Prices) -> Indices:
        usable = (self.columns.challenge == c) & self.columns.usable(self.problem)
        mine = np.flatnonzero(usable)
        if not len(mine):
            return np.empty(0, dtype=np.int64)
        surplus = self.columns.surplus(prices)[mine]
        return self.columns.members_of(int(mine[np.argmax(surplus)]))

    def _add(self, found: ColumnPool, relaxed: Relaxed) -> int:
        """Add what beats the master; return how many columns are new."""
        gain = found.surplus(relaxed.prices) - relaxed.challenges[found.challenge]
        least = _TOLERANCE * max(1.0, abs(relaxed.value))
        before = len(self.columns)
        self.columns = self.columns.added(found.kept(np.flatnonzero(gain > least)))
        return len(self.columns) - before

    def _counted(self, best: Floats) -> Floats:
        """Return what each challenge adds to a bound: nothing where it may stay unstaffed."""
        return np.where(self.problem.mandatory, best, np.maximum(0.0, best))

    def choose(self) -> Sharing:
        """Choose the best whole plan; close what the relaxation leaves open, if it is little.

        A plan that is better by ``room`` at most contains no column that falls short of
        what its challenge can reach at the prices by more than that. Where all such
        columns can be listed, the best plan of them is the best of all.
        """
        sharing = self._chosen()
        room = self.bound - sharing.value
        if is_proved(sharing) or not self._list(room + _TOLERANCE):
            return sharing
        better = self._chosen(sharing.chosen)
        bound = min(self.bound, better.restricted_bound)
        return replace(better, bound=max(bound, better.value))

    def _list(self, room: float) -> bool:
        """Add every column that a better plan may contain; tell whether none is missing."""
        teams: list[tuple[int, Indices]] = []
        for c in range(self.problem.n_challenges):
            team, worth = self.problem.priced(c, self.prices)
            who = self.problem.who[c]
            able = np.flatnonzero(self.problem.is_open[who])
            team, who = team.kept(able), who[able]
            left = self.work_limit - self.work
            if not np.isfinite(self.own.bound[c]) or not team.n or not team.locations:
                continue
            found, is_whole, work = teams_above(
                team, self.best[c] - room - worth, most=_LISTED,
                work_limit=int(min(max(0, left), _EACH * self.work_limit)),
            )  # fmt: skip
            self.work += work
            if not is_whole:
                return False
            teams += [(c, who[list(one)]) for one in found]
        self.columns = self.columns.added(ColumnPool.of(self.problem, teams, Origin.EXACT))
        return True

    def _chosen(self, start: Indices | None = None) -> Sharing:
        first = None if start is None else np.sort(start[start >= 0])
        choice = choose(self.problem, self.columns, self.solver, start=first, limits=self.limits)
        chosen = np.full(self.problem.n_challenges, -1, dtype=np.int64)
        chosen[self.columns.challenge[choice.chosen]] = choice.chosen
        restricted = choice.bound
        if self.relaxed is not None and np.isnan(restricted):
            restricted = self.relaxed.value
        return Sharing(
            self.columns, self.own, self.prices, chosen, choice.value, restricted,
            max(self.bound, choice.value), self.rounds, self.work,
            choice.stopped_by in (StoppedBy.WALL_CLOCK, StoppedBy.KILLED, StoppedBy.MEMORY),
        )  # fmt: skip


def own_columns(
    columns: ColumnPool, bounds: Floats, work: Indices, teams: Iterable[tuple[int, Indices]]
) -> Own:
    """Return the own consortia by their members."""
    column = np.full(len(bounds), -1, dtype=np.int64)
    for c, members in teams:
        column[c] = columns.column_of(c, members)
    return Own(column, bounds, work)
