"""The staffing of a zone: who works on which challenge, under shared capacity and locks.

A staffing holds everything that a question about it needs: the shared problem, the
candidates of each challenge, the columns (complete consortia) looked at, the prices of
scarce organisations, and the plan. A what-if is a staffing again, made from the columns
at hand: what a lock rules out is dropped, the challenges that it touches are solved anew,
and the plan is chosen again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.integrate.holdings import Holdings
from jicheng.integrate.pool import Pool
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.integrate.shared.alone import Alone, form_alone, solve_alone
from jicheng.integrate.shared.lock_rules import Binding, bind
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.shared.sharing import Own, Sharing, own_columns, share
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.columns.pool import ColumnPool, Origin
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Solver
from jicheng.zone import Zone

__all__ = ["Staffing"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
_WORTH = 4  # place of the worth among the parts of a column


@dataclass(frozen=True, eq=False)
class Staffing:
    """Who works on which challenge.

    Attributes
    ----------
    problem : SharedProblem
        Challenges that can be staffed alone, under the locks; organisations are those
        of the roster. ``teams`` and ``who`` lack candidates that are locked out.
    challenges : tuple of str, length c
        Ids, in the order of the problem.
    alone : Alone
        Every challenge of the zone by itself, with the zone, its organisations and
        holdings, the settings and the locks.
    sharing : Sharing
        Columns, prices, plan and bound.
    """

    problem: SharedProblem
    challenges: tuple[str, ...]
    alone: Alone
    sharing: Sharing

    @classmethod
    def of(
        cls,
        zone: Zone,
        challenges: pl.DataFrame,
        settings: ConsortiumSettings | None = None,
        locks: Locks | None = None,
        *,
        worth: Mapping[str, float] | None = None,
        solver: Solver | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Staffing:
        """Staff the challenges of a zone.

        Parameters
        ----------
        zone, challenges, settings
            As for :func:`jicheng.integrate.consortia.form_consortia`.
        locks : Locks, optional
            Besides those of the settings.
        worth : mapping of str to float, optional
            Points of having a challenge staffed at all; where nothing is given,
            ``staffing_points`` and what its best consortium is below zero.
        solver : Solver, optional
            Default: one of its own.
        progress : callable, optional
            Called with the number of challenges done and their total.

        Raises
        ------
        InvalidInput
            E340-E349 for locks that cannot be kept.
        """
        settings = settings or ConsortiumSettings()
        joined = settings.locks.joined(locks or Locks())
        with _solving(solver) as worker:
            alone = form_alone(zone, challenges, settings, joined, worker, progress=progress)
            formed = _staffable(alone)
            problem = shared_problem(alone, formed, worth or {})
            columns, own = start_columns(problem, formed)
            sharing = share(problem, columns, own, settings, worker)
        return cls(problem, tuple(one.challenge for one in formed), alone, sharing)

    @property
    def settings(self) -> ConsortiumSettings:
        """What is assumed."""
        return self.alone.settings

    @property
    def locks(self) -> Locks:
        """What people decided, of the settings and of the question together."""
        return self.alone.binding.locks

    @property
    def roster(self) -> Roster:
        """Organisations; their places are the problem's organisations."""
        return self.alone.sources.roster

    @property
    def holdings(self) -> Holdings:
        """Who holds which capability."""
        return self.alone.sources.holdings

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Candidates of each challenge as its call alone admits them, length c."""
        pools = {one.challenge: one.pool for one in self.alone.formed}
        return tuple(pool for c in self.challenges if (pool := pools[c]) is not None)

    @property
    def columns(self) -> ColumnPool:
        """Consortia looked at."""
        return self.sharing.columns

    @property
    def prices(self) -> Prices:
        """Prices of scarce organisations and of limits [points]."""
        return self.sharing.prices

    @property
    def chosen(self) -> Indices:
        """Column of each challenge, shape (c,); -1 = not staffed."""
        return self.sharing.chosen

    @property
    def value(self) -> float:
        """Points of the plan, worth included."""
        return self.sharing.value

    @property
    def bound(self) -> float:
        """No plan at all is worth more."""
        return self.sharing.bound

    @property
    def restricted_bound(self) -> float:
        """No plan of the columns looked at is worth more."""
        return self.sharing.restricted_bound

    @cached_property
    def index(self) -> dict[str, int]:
        """Place of each challenge in the problem."""
        return {name: c for c, name in enumerate(self.challenges)}

    def column_of(self, challenge: str) -> int:
        """Return the column of a challenge in the plan, -1 if it is not staffed."""
        return int(self.chosen[self.index[challenge]]) if challenge in self.index else -1

    def members(self, challenge: str) -> tuple[str, ...]:
        """Return the ids of the members in the plan, lead first; empty if not staffed."""
        column = self.column_of(challenge)
        if column < 0:
            return ()
        lead = int(self.columns.lead[column])
        rest = [int(i) for i in self.columns.members_of(column) if i != lead]
        return tuple(self.roster.ids[i] for i in (lead, *rest))

    def lead(self, challenge: str) -> str | None:
        """Return who leads the consortium of a challenge in the plan."""
        members = self.members(challenge)
        return members[0] if members else None

    def load(self) -> Indices:
        """Return in how many consortia of the plan each organisation is, shape (o,)."""
        picked = self.columns.kept(self.chosen[self.chosen >= 0])
        load: Indices = np.bincount(picked.member, minlength=self.problem.n_organisations)
        return load

    def asked(self, locks: Locks, *, solver: Solver | None = None) -> Staffing:
        """Return the staffing under further locks, from the columns at hand.

        Parameters
        ----------
        locks : Locks
            Besides those that hold already.
        solver : Solver, optional
            Default: one of its own.

        Raises
        ------
        InvalidInput
            E340-E349 for locks that cannot be kept.
        """
        alone = self.alone
        signed = signed_members(alone)
        # also those that no consortium was found for: locks that hold may name them
        named = [one.challenge for one in alone.formed if one.pool and one.challenge not in signed]
        binding = bind(
            self.locks.joined(locks), self.roster, named, signed,
            is_shared=self.settings.share_capacity,
        )  # fmt: skip
        with _solving(solver) as worker:
            formed = self._formed_anew(binding, locks, worker)
            return self._with(replace(alone, binding=binding, formed=formed), worker)

    def valued(self, worth: Mapping[str, float], *, solver: Solver | None = None) -> Staffing:
        """Return the staffing with other points for having challenges staffed at all.

        The columns at hand are reused; no challenge is solved alone again.

        Parameters
        ----------
        worth : mapping of str to float
            Points by challenge; others keep what they have.
        solver : Solver, optional
            Default: one of its own.
        """
        now = self.problem.worth.copy()
        for name, points in worth.items():
            if name in self.index:
                now[self.index[name]] = points
        changed = now - self.problem.worth
        problem = replace(self.problem, worth=now)
        parts = self.columns.parts.copy()
        parts[:, _WORTH] = now[self.columns.challenge]
        columns = replace(self.columns, parts=parts)
        own = replace(self.sharing.own, bound=self.sharing.own.bound + changed)
        with _solving(solver) as worker:
            sharing = share(problem, columns, own, self.settings, worker)
        return replace(self, problem=problem, sharing=sharing)

    def _formed_anew(self, binding: Binding, locks: Locks, solver: Solver) -> tuple[Formed, ...]:
        """Solve alone the challenges that further locks touch."""
        formed = []
        for one in self.alone.formed:
            if one.challenge not in self.index or one.pool is None:
                formed.append(one)
                continue
            pool = one.pool
            who = pool.candidates.astype(np.int64)
            is_closed = bool((binding.capacity[list(one.members)] < 1.0).any())
            if not is_closed and not binding.touches(one.challenge, who, locks):
                formed.append(one)
                continue
            admitted = binding.admitted(one.challenge)
            if not np.isin(admitted, pool.candidates).all():
                pool = Pool.of(pool.call, self.alone.sources, self.settings, admitted=admitted)
            formed.append(solve_alone(pool, binding, self.settings, solver))
        return tuple(formed)

    def _with(self, alone: Alone, solver: Solver) -> Staffing:
        """Return the staffing of other consortia alone, with the columns that still hold."""
        formed = _staffable(alone)
        before = {one.challenge: one for one in self.alone.formed}
        same = {one.challenge for one in formed if before[one.challenge] is one}
        names = tuple(one.challenge for one in formed)
        worth = {c: float(self.problem.worth[self.index[c]]) for c in names}
        teams = {
            c: (self.problem.teams[self.index[c]], self.problem.who[self.index[c]]) for c in same
        }
        problem = shared_problem(alone, formed, worth, teams)
        kept = _still_valid(self.columns, self.challenges, names, same, problem)
        columns, own = start_columns(problem, formed, kept)
        sharing = share(problem, columns, own, self.settings, solver)
        return Staffing(problem, names, alone, sharing)


def signed_members(alone: Alone) -> dict[str, tuple[str, ...]]:
    """Return the members of each consortium under contract."""
    ids = alone.sources.roster.ids
    return {
        one.challenge: tuple(ids[i] for i in one.members)
        for one in alone.formed
        if one.status == "not_run" and one.members
    }


@contextmanager
def _solving(solver: Solver | None) -> Iterator[Solver]:
    """Yield the solver given, or one that is closed at the end."""
    if solver is not None:
        yield solver
        return
    with Solver() as own:
        yield own


def _staffable(alone: Alone) -> tuple[Formed, ...]:
    """Return the challenges whose consortia are chosen: those that have one alone."""
    return tuple(one for one in alone.formed if one.members and one.status != "not_run")


def shared_problem(
    alone: Alone,
    formed: tuple[Formed, ...],
    worth: Mapping[str, float],
    teams: Mapping[str, tuple[object, Indices]] | None = None,
) -> SharedProblem:
    """State the challenges that draw on the same organisations as one problem.

    Parameters
    ----------
    alone : Alone
        Organisations, settings and locks.
    formed : tuple of Formed
        Challenges with a consortium alone.
    worth : mapping of str to float
        Points of having each staffed at all; see :meth:`Staffing.of`.
    teams : mapping of str to (TeamProblem, ndarray), optional
        Team problems known before, with the organisation of each candidate.
    """
    binding, points = alone.binding, alone.settings.staffing_points
    known = dict(teams or {})
    for one in formed:
        if one.challenge not in known and one.pool is not None:
            who = one.pool.candidates.astype(np.int64)
            known[one.challenge] = binding.team(one.challenge, one.pool.problem, who)
    member_use = binding.member_use
    return SharedProblem(
        teams=tuple(known[one.challenge][0] for one in formed),  # type: ignore[misc]
        who=tuple(known[one.challenge][1] for one in formed),
        worth=np.array(
            [worth.get(one.challenge, points + max(0.0, -_total(one))) for one in formed],
            dtype=np.float64,
        ),
        capacity=binding.capacity,
        fixed_use=np.zeros((len(formed), member_use.shape[1])),
        member_use=member_use,
        limits=binding.limits,
        mandatory=np.zeros(len(formed), dtype=np.bool_),
        resource_names=tuple(binding.groups),
    )


def _total(one: Formed) -> float:
    return 0.0 if one.points is None else one.points.total


def start_columns(
    problem: SharedProblem, formed: tuple[Formed, ...], known: ColumnPool | None = None
) -> tuple[ColumnPool, Own]:
    """Return the known columns with the own consortia, and which those are."""
    teams = [(c, one.team.astype(np.int64)) for c, one in enumerate(formed)]
    columns = ColumnPool.of(problem, teams, Origin.START)
    if known is not None:
        columns = known.added(columns)
    bounds = np.array([_bound(one) for one in formed], dtype=np.float64) + problem.worth
    work = np.array([one.work for one in formed], dtype=np.int64)
    return columns, own_columns(columns, bounds, work, teams)


def _bound(one: Formed) -> float:
    return _total(one) if one.bound is None else one.bound


def _still_valid(
    columns: ColumnPool,
    before: tuple[str, ...],
    names: tuple[str, ...],
    same: set[str],
    problem: SharedProblem,
) -> ColumnPool:
    """Return the columns that obey the rules of another problem, numbered as in it."""
    place = {name: c for c, name in enumerate(names)}
    number = np.array([place.get(name, -1) for name in before], dtype=np.int64)
    moved = replace(columns, challenge=number[columns.challenge])
    moved = moved.kept(moved.challenge >= 0)
    moved = moved.kept(moved.usable(problem))
    untouched = np.array([name in same for name in names], dtype=np.bool_)[moved.challenge]
    kept = moved.kept(untouched)
    use = np.column_stack(
        [kept.total_over_members(problem.member_use[:, r]) for r in range(problem.n_resources)]
        or [np.empty((len(kept), 0))]
    )
    kept = replace(kept, use=use + problem.fixed_use[kept.challenge])
    return kept.added(moved.kept(~untouched).revalued(problem))
