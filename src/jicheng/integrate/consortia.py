"""Who should take up each challenge together, proved best under the rules of the call.

Each challenge is a problem of its own (:mod:`jicheng.integrate.pool`), solved exactly
(:mod:`jicheng.kernel.team_branch`, or integer programs). Capacity is not shared between
challenges: an organisation that is chosen more often than it can work is a warning. A
signed consortium is kept as it is and only measured. Where none can be formed the
reason is told in the words of the call (:mod:`jicheng.integrate.obstacles`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.cautions import cautions
from jicheng.integrate.coverage import Needs, needs_of, zone_coverage
from jicheng.integrate.explanation import ConsortiumExplanation, explain_consortium
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.obstacles import diagnose, obvious_obstacles
from jicheng.integrate.pool import Call, Pool, PoolSources
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings, Method
from jicheng.integrate.signed import keep_signed
from jicheng.integrate.team_tables import (
    Formed,
    assignment_rows,
    consortium_row,
    frame_of,
    member_rows,
    with_evidence,
    with_teams,
)
from jicheng.kernel.solver import Limits, Solver
from jicheng.kernel.team_branch import TeamSolution, best_team
from jicheng.kernel.team_program import best_team_by_program
from jicheng.zone import Zone

__all__ = ["ConsortiaResult", "form_consortia"]

_TABLES = ("needs", "holdings", "organisations")


@dataclass(frozen=True)
class ConsortiaResult:
    """Consortia of a zone's challenges.

    Attributes
    ----------
    coverage, consortia, members, assignment : polars.DataFrame
        Plan tables of these names.
    warnings : tuple of Fault
        What a reader must know.
    settings : ConsortiumSettings
        What was assumed.
    work : polars.DataFrame
        One row a challenge: ``candidates``, ``nodes`` and ``work`` (elementary
        operations) of the search.
    wall_clock_stops : tuple of str
        Challenges whose answer a deadline cut: those may differ in another run.
    seed : int
        Of the simulated chances (only with more than 20 needs).
    """

    coverage: pl.DataFrame
    consortia: pl.DataFrame
    members: pl.DataFrame
    assignment: pl.DataFrame
    warnings: tuple[Fault, ...]
    settings: ConsortiumSettings
    work: pl.DataFrame
    wall_clock_stops: tuple[str, ...]
    seed: int
    _formed: tuple[Formed, ...]
    _roster: Roster
    _holdings: Holdings

    def explain(self, challenge: str) -> ConsortiumExplanation:
        """Account for the consortium of a challenge: a waterfall with its source rows.

        Raises
        ------
        InvalidInput
            E330 if there is no such challenge.
        """
        for formed in self._formed:
            if formed.challenge == challenge:
                return explain_consortium(formed, self._roster, self._holdings, self.settings)
        ids = [formed.challenge for formed in self._formed]
        near = difflib.get_close_matches(challenge, ids, n=3, cutoff=0.3)
        raise InvalidInput.of("E330", challenge=challenge, near=", ".join(near) or "-")


def form_consortia(
    zone: Zone,
    challenges: pl.DataFrame,
    settings: ConsortiumSettings | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> ConsortiaResult:
    """Form the best consortium of each challenge.

    Parameters
    ----------
    zone : Zone
        ``organisations``, ``people``, ``holdings``, ``needs``, ``capabilities``,
        ``ties``, ``sites``, ``zones`` and ``restrictions`` are read.
    challenges : polars.DataFrame
        Plan table ``challenges``.
    settings : ConsortiumSettings, optional
        Defaults: :class:`ConsortiumSettings`.
    progress : callable, optional
        Called with the number of challenges done and their total.

    Returns
    -------
    ConsortiaResult
        ``status`` is ``optimal`` if proved, ``feasible`` if the work limit came first
        (bound and gap tell how far it may be), ``infeasible`` with the reason,
        ``not_run`` for what a person left out, what has no needs, and signed
        consortia, ``failed`` if the worker failed. Missing tables are warnings (E320).
    """
    settings = settings or ConsortiumSettings()
    former = _Former(zone, challenges, settings)
    rows = challenges.sort("challenge").rows(named=True)
    formed: list[Formed] = []
    with Solver() as solver:
        for done, row in enumerate(rows):
            if progress is not None:
                progress(done, len(rows))
            formed.append(former.form(row, solver))
    if progress is not None:
        progress(len(rows), len(rows))
    return former.result(formed)


def _names(zone: Zone, needs: pl.DataFrame) -> dict[str, Text]:
    """Return the names of the needed capabilities; what is missing is replaced by the id."""
    names = {name: Text(name, name) for name in needs["capability"].unique()}
    for name, zh, en in zone["capabilities"].select("id", "name", "name_en").iter_rows():
        names[name] = Text(zh or name, en or zh or name)
    return names


class _Former:
    """Everything about a zone that forming its consortia reads."""

    def __init__(self, zone: Zone, challenges: pl.DataFrame, settings: ConsortiumSettings) -> None:
        self.zone, self.settings = zone, settings
        self.sources = PoolSources.of(zone, settings)
        self.needs = needs_of(zone, challenges)
        self.names = _names(zone, self.needs)
        self.limits = Limits(
            nodes=settings.node_limit, deadline_s=settings.deadline_s, memory_mb=settings.memory_mb
        )

    def form(self, row: dict[str, object], solver: Solver) -> Formed:
        """Form, keep or refuse the consortium of one challenge."""
        challenge = str(row["challenge"])
        needs = self._needs(challenge)
        if row["readiness"] == "left_out":
            told = fault("E303", reason=row["reason"] or "-")
            return Formed(challenge, "not_run", told=(told,))
        if not needs.capabilities:
            return Formed(challenge, "not_run", told=(fault("E304"),))
        call = Call(
            challenge, needs, int(str(row["r_fold"])), int(str(row["member_limit"])),
            tuple(str(row["lead_kinds"] or "").split(";")),
            float(str(row["small_firm_share"] or 0.0)),
        )  # fmt: skip
        if row["consortium"]:
            ids = str(row["consortium"]).split(";")
            return keep_signed(call, ids, self.sources, self.settings, self.names)
        return self._solve(call, solver)

    def _needs(self, challenge: str) -> Needs:
        rows = self.needs.filter(pl.col("challenge") == challenge)
        return Needs(
            tuple(rows["capability"].to_list()), rows["level"].to_numpy(), rows["weight"].to_numpy()
        )

    def _solve(self, call: Call, solver: Solver) -> Formed:
        pool = Pool.of(call, self.sources, self.settings)
        obstacles = obvious_obstacles(pool, self.sources.roster, self.names)
        if obstacles:
            return Formed(call.challenge, "infeasible", pool, told=obstacles)
        found = self._best(pool, solver)
        if not found.members:
            diagnosis = diagnose(pool.problem, solver, self.limits)
            if diagnosis.obstacles:
                failed = any(one.code == "E317" for one in diagnosis.obstacles)
                status = "failed" if failed else "infeasible"
                return Formed(call.challenge, status, pool, told=diagnosis.obstacles)
            found = self._best(pool, solver, start=diagnosis.team)
        if not found.members:
            return Formed(call.challenge, "failed", pool, told=(fault("E316"),))
        lead = pool.problem.best_lead(found.members)
        location = int(pool.problem.lead_at[lead])
        points = pool.problem.points_of(found.members, location)
        rest = [i for i in found.members if i != lead]
        told: tuple[Fault, ...] = ()
        if not found.is_proved:
            value, bound = f"{found.value:.2f}", f"{found.bound:.2f}"
            told = (fault("E315", value=value, bound=bound),)
        return Formed(
            call.challenge,
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

    def _best(self, pool: Pool, solver: Solver, start: Sequence[int] = ()) -> TeamSolution:
        if self.settings.method is Method.PROGRAM:
            return best_team_by_program(pool.problem, solver, start=start, limits=self.limits)
        work_limit = int(self.settings.work_limit * 1e6)
        return best_team(pool.problem, start=start, work_limit=work_limit)

    def result(self, formed: Sequence[Formed]) -> ConsortiaResult:
        """Put the tables and the warnings together."""
        roster, holdings = self.sources.roster, self.sources.holdings
        coverage = zone_coverage(self.zone, self.needs, roster, holdings)
        members = [row for one in formed for row in member_rows(one, roster)]
        assigned = [row for one in formed for row in assignment_rows(one, roster)]
        work = pl.DataFrame(
            [
                (one.challenge, one.pool.problem.n if one.pool else 0, one.nodes, one.work)
                for one in formed
            ],
            schema={"challenge": pl.String, "candidates": pl.Int64, "nodes": pl.Int64,
                    "work": pl.Int64},
            orient="row",
        )  # fmt: skip
        return ConsortiaResult(
            coverage=with_teams(coverage, formed),
            consortia=frame_of("consortia", [consortium_row(one, roster) for one in formed]),
            members=frame_of("members", members),
            assignment=with_evidence(frame_of("assignment", assigned), holdings),
            warnings=self._warnings(formed),
            settings=self.settings,
            work=work,
            wall_clock_stops=tuple(one.challenge for one in formed if one.is_cut_by_clock),
            seed=0,
            _formed=tuple(formed),
            _roster=roster,
            _holdings=holdings,
        )

    def _warnings(self, formed: Sequence[Formed]) -> tuple[Fault, ...]:
        weightless = self.needs.filter("is_weightless")["technology"].unique().sort()
        return (
            *(fault("E320", table=t, is_warning=True) for t in _TABLES if not self.zone.has(t)),
            *self.sources.roster.warnings,
            *self.sources.holdings.warnings,
            *(fault("E328", technology=name, is_warning=True) for name in weightless),
            *cautions(formed, self.sources.roster, self.settings),
        )
