"""The best consortium of each challenge alone, proved under the rules of its call.

Each challenge is a problem of its own (:mod:`jicheng.integrate.pool`), solved exactly
(:mod:`jicheng.kernel.team_branch`, or integer programs), as if nobody else asked for the
same organisations; only contracts take capacity. A signed consortium is kept as it is
and measured. Where none can be formed the reason is told in the words of the call and
of the locks (:mod:`jicheng.integrate.obstacles`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, Text, fault
from jicheng.integrate.coverage import Needs, needs_of
from jicheng.integrate.obstacles import diagnose, obvious_obstacles
from jicheng.integrate.pool import Call, Pool, PoolSources
from jicheng.integrate.settings import ConsortiumSettings, Method
from jicheng.integrate.shared.lock_rules import Binding, bind
from jicheng.integrate.shared.locks import Locks
from jicheng.integrate.signed import keep_signed
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.columns.relaxation import is_out_of_reach
from jicheng.kernel.solver import Limits, Solver
from jicheng.kernel.team_branch import TeamSolution, best_team
from jicheng.kernel.team_problem import TeamProblem
from jicheng.kernel.team_program import best_team_by_program
from jicheng.zone import Zone

__all__ = [
    "Alone",
    "call_of",
    "form_alone",
    "formed_by",
    "formed_from",
    "needs_by_challenge",
    "solve_alone",
    "solver_limits",
]

Row = dict[str, object]


@dataclass(frozen=True, eq=False)
class Alone:
    """What came of each challenge alone, and what it rests on.

    ``formed`` is in the order of the challenges' ids; ``needs`` and ``names`` are the
    needed capabilities (:func:`jicheng.integrate.coverage.needs_of`) and their names.
    """

    zone: Zone
    sources: PoolSources
    settings: ConsortiumSettings
    binding: Binding
    needs: pl.DataFrame
    names: dict[str, Text]
    formed: tuple[Formed, ...] = field(default=())


def solver_limits(settings: ConsortiumSettings) -> Limits:
    """Return the limits of one integer program."""
    return Limits(
        nodes=settings.node_limit, deadline_s=settings.deadline_s, memory_mb=settings.memory_mb
    )


def form_alone(
    zone: Zone,
    challenges: pl.DataFrame,
    settings: ConsortiumSettings,
    locks: Locks,
    solver: Solver,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Alone:
    """Form the best consortium of each challenge as if it were alone.

    Parameters
    ----------
    zone, challenges, settings
        As for :func:`jicheng.integrate.consortia.form_consortia`.
    locks : Locks
        Decisions of people.
    solver : Solver
        Worker for integer programs.
    progress : callable, optional
        Called with the number of challenges done and their total.

    Raises
    ------
    InvalidInput
        E340-E349 for locks that cannot be kept.
    """

    def solve(pool: Pool, binding: Binding) -> Formed:
        return solve_alone(pool, binding, settings, solver)

    return formed_by(solve, zone, challenges, settings, locks, progress)


def formed_by(
    solve: Callable[[Pool, Binding], Formed],
    zone: Zone,
    challenges: pl.DataFrame,
    settings: ConsortiumSettings,
    locks: Locks,
    progress: Callable[[int, int], None] | None = None,
) -> Alone:
    """Go through the challenges; ``solve`` finds the consortium where one may be found."""
    rows = challenges.sort("challenge").rows(named=True)
    former = _Former.of(zone, challenges, rows, settings, locks)
    formed = []
    for done, row in enumerate(rows):
        if progress is not None:
            progress(done, len(rows))
        formed.append(former.form(row, solve))
    if progress is not None:
        progress(len(rows), len(rows))
    return Alone(
        zone, former.sources, settings, former.binding, former.needs, former.names, tuple(formed)
    )


def _names(zone: Zone, needs: pl.DataFrame) -> dict[str, Text]:
    """Return the names of the needed capabilities; what is missing is replaced by the id."""
    names = {name: Text(name, name) for name in needs["capability"].unique()}
    for name, zh, en in zone["capabilities"].select("id", "name", "name_en").iter_rows():
        names[name] = Text(zh or name, en or zh or name)
    return names


def call_of(row: Row, needs: Needs) -> Call:
    """Return the rules of a challenge from its row of the plan table ``challenges``."""
    return Call(
        str(row["challenge"]),
        needs,
        int(str(row["r_fold"])),
        int(str(row["member_limit"])),
        tuple(str(row["lead_kinds"] or "").split(";")),
        float(str(row["small_firm_share"] or 0.0)),
    )


def needs_by_challenge(needs: pl.DataFrame) -> dict[str, Needs]:
    """Return what each challenge needs; challenges without needs are absent."""
    parts = needs.partition_by("challenge", as_dict=True, maintain_order=True)
    return {
        str(name): Needs(
            tuple(part["capability"].to_list()), part["level"].to_numpy(), part["weight"].to_numpy()
        )
        for (name,), part in parts.items()
    }


@dataclass(frozen=True, eq=False)
class _Former:
    """Everything about a zone that forming its consortia reads."""

    settings: ConsortiumSettings
    sources: PoolSources
    binding: Binding
    needs: pl.DataFrame
    needed: dict[str, Needs]
    names: dict[str, Text]

    @classmethod
    def of(
        cls,
        zone: Zone,
        challenges: pl.DataFrame,
        rows: Sequence[Row],
        settings: ConsortiumSettings,
        locks: Locks,
    ) -> _Former:
        """Read the zone and check the locks."""
        sources = PoolSources.of(zone, settings)
        needs = needs_of(zone, challenges)
        needed = needs_by_challenge(needs)
        left = [row for row in rows if row["readiness"] != "left_out"]
        signed = {
            str(row["challenge"]): str(row["consortium"]).split(";")
            for row in left
            if row["consortium"] and row["challenge"] in needed
        }
        open_ = [
            str(row["challenge"])
            for row in left
            if not row["consortium"] and row["challenge"] in needed
        ]
        binding = bind(locks, sources.roster, open_, signed, is_shared=settings.share_capacity)
        return cls(settings, sources, binding, needs, needed, _names(zone, needs))

    def form(self, row: Row, solve: Callable[[Pool, Binding], Formed]) -> Formed:
        """Form, keep or refuse the consortium of one challenge."""
        challenge = str(row["challenge"])
        if row["readiness"] == "left_out":
            told = fault("E303", reason=row["reason"] or "-")
            return Formed(challenge, "not_run", told=(told,))
        if challenge not in self.needed:
            return Formed(challenge, "not_run", told=(fault("E304"),))
        call = call_of(row, self.needed[challenge])
        if row["consortium"]:
            ids = str(row["consortium"]).split(";")
            return keep_signed(call, ids, self.sources, self.settings, self.names)
        admitted = self.binding.admitted(challenge)
        pool = Pool.of(call, self.sources, self.settings, admitted=admitted)
        obstacles = obvious_obstacles(pool, self.sources.roster, self.names)
        if obstacles:
            return Formed(challenge, "infeasible", pool, told=obstacles)
        return solve(pool, self.binding)


def solve_alone(
    pool: Pool, binding: Binding, settings: ConsortiumSettings, solver: Solver
) -> Formed:
    """Find the best consortium of a challenge whose rules can each be met alone."""
    challenge = pool.call.challenge
    who = pool.candidates.astype(np.int64)
    team, who = binding.team(challenge, pool.problem, who)
    able = np.flatnonzero(binding.capacity[who] >= 1.0)
    team, who = (team.kept(able), who[able]) if len(able) < len(who) else (team, who)
    found = _best(team, settings, solver)
    if not found.members:
        every = pool.candidates.astype(np.int64)
        told = binding.told(challenge, pool.problem, every)
        diagnosis = diagnose(told, solver, solver_limits(settings))
        if diagnosis.obstacles:
            return _refused(pool, diagnosis.obstacles)
        start = np.searchsorted(who, every[list(diagnosis.team)]).tolist()
        found = _best(team, settings, solver, start=start)
    if not found.members:
        return Formed(challenge, "failed", pool, told=(fault("E316"),))
    return formed_from(pool, who[list(found.members)], found)


def _refused(pool: Pool, obstacles: tuple[Fault, ...]) -> Formed:
    failed = any(one.code == "E317" for one in obstacles)
    status = "failed" if failed else "infeasible"
    return Formed(pool.call.challenge, status, pool, told=obstacles)


def formed_from(pool: Pool, places: NDArray[np.int64], found: TeamSolution) -> Formed:
    """Return the consortium of some organisations (their places), as it was found."""
    members = np.searchsorted(pool.candidates, places)
    lead = pool.problem.best_lead(members)
    points = pool.problem.points_of(members, int(pool.problem.lead_at[lead]))
    rest = [int(i) for i in members if i != lead]
    told: tuple[Fault, ...] = ()
    if not found.is_proved:
        value, bound = f"{points.total:.2f}", f"{found.bound:.2f}"
        told = (fault("E315", value=value, bound=bound),)
    return Formed(
        pool.call.challenge,
        "optimal" if found.is_proved else "feasible",
        pool,
        tuple(int(pool.candidates[i]) for i in (lead, *rest)),
        points,
        points.total if found.is_proved else max(found.bound, points.total),
        told,
        found.nodes,
        found.work,
        found.is_cut_by_clock,
    )


def _best(
    team: TeamProblem, settings: ConsortiumSettings, solver: Solver, start: Sequence[int] = ()
) -> TeamSolution:
    """Find the best team of one challenge by the method of the settings."""
    if is_out_of_reach(team):  # no search: it would look at everything
        return TeamSolution((), -np.inf, -np.inf, is_proved=False, nodes=0, work=0)
    if settings.method is Method.PROGRAM:
        return best_team_by_program(team, solver, start=start, limits=solver_limits(settings))
    return best_team(team, start=start, work_limit=int(settings.work_limit * 1e6))
