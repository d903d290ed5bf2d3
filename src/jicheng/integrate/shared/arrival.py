"""New challenges join a plan: priced at its stored prices, nobody else moved unless asked.

A challenge that arrives is worth taking up if its best consortium at the stored prices of
scarce organisations is worth more than it costs. It is then staffed from what the plan
leaves free; where that is not enough, or if asked, the consortia that are not under
contract are chosen anew together with it. Signed consortia are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Fault, InvalidInput, Text, fault
from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.coverage import needs_of
from jicheng.integrate.obstacles import obvious_obstacles
from jicheng.integrate.pool import Call, Pool
from jicheng.integrate.settings import ChallengeSettings
from jicheng.integrate.shared.alone import call_of, needs_by_challenge, solve_alone
from jicheng.integrate.shared.sharing import Own, Sharing, best_at, share
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.columns.pool import ColumnPool, Origin
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.solver import Solver
from jicheng.zone import Zone

__all__ = ["Arrival", "Arrivals", "arrive", "new_challenges"]

Indices = NDArray[np.int64]
_NEW_TABLES = ("technologies", "needs", "capabilities")


@dataclass(frozen=True)
class Arrival:
    """What becomes of one new challenge.

    Attributes
    ----------
    challenge : str
    is_accepted : bool
        Whether the plan now staffs it.
    members : tuple of str
        Its consortium, lead first; empty if it has none.
    points : float
        Points of that consortium; nan without one.
    own_best : float
        Points of its best consortium if nobody else wanted the same organisations; nan
        if there is none.
    price : float
        What the best consortium at the stored prices pays for scarce organisations.
    surplus : float
        Points of that one, with the worth of staffing the challenge, beyond the price;
        -inf if there is none.
    scarce : tuple of str
        Members of its best consortium alone who have no capacity left.
    moved : tuple of str
        Other challenges whose consortium changed for it.
    told : tuple of Fault
        Why it is not accepted, or what a reader must know.
    """

    challenge: str
    is_accepted: bool
    members: tuple[str, ...]
    points: float
    own_best: float
    price: float
    surplus: float
    scarce: tuple[str, ...]
    moved: tuple[str, ...]
    told: tuple[Fault, ...]


@dataclass(frozen=True)
class Arrivals:
    """What became of all new challenges, and the staffing with those accepted.

    ``table`` has a row for each arrival, with its lists joined by ``;``.
    """

    staffing: Staffing
    arrivals: tuple[Arrival, ...]

    @property
    def table(self) -> pl.DataFrame:
        """One row a new challenge."""
        schema = {
            "challenge": pl.String, "is_accepted": pl.Boolean, "lead": pl.String,
            "members": pl.String, "points": pl.Float64, "own_best": pl.Float64,
            "price": pl.Float64, "surplus": pl.Float64, "scarce": pl.String,
            "moved": pl.String, "reason_zh": pl.String, "reason": pl.String,
        }  # fmt: skip
        rows = [
            (
                one.challenge, one.is_accepted, one.members[0] if one.members else None,
                ";".join(one.members), _known(one.points), _known(one.own_best), one.price,
                _known(one.surplus), ";".join(one.scarce), ";".join(one.moved),
                "；".join(told.message.zh for told in one.told),
                "; ".join(told.message.en for told in one.told),
            )
            for one in self.arrivals
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")


def _known(points: float) -> float | None:
    return float(points) if np.isfinite(points) else None


def new_challenges(
    staffing: Staffing, arriving: Zone, settings: ChallengeSettings
) -> tuple[Staffing, pl.DataFrame]:
    """Return the staffing that knows what the new challenges need, and their rows.

    Parameters
    ----------
    staffing : Staffing
        Of the plan.
    arriving : Zone
        Table ``challenges`` with the new rows only; ``technologies``, ``needs`` and
        ``capabilities`` where the plan's zone lacks them.
    settings : ChallengeSettings
        Rules of a challenge that states none.

    Raises
    ------
    InvalidInput
        E358 if there is no new challenge, E357 for each id that the plan has already.
    """
    rows = arriving["challenges"]
    if rows.is_empty():
        raise InvalidInput.of("E358", file="challenges")
    known = {one.challenge for one in staffing.alone.formed}
    faults = [fault("E357", challenge=name) for name in rows["id"] if name in known]
    if faults:
        raise InvalidInput(faults)
    zone = staffing.alone.zone
    tables = {
        name: pl.concat([zone[name], arriving[name].join(zone[name], on=key, how="anti")])
        for name, key in zip(
            _NEW_TABLES, ("id", ["technology", "capability"], "id"), strict=True
        )
    }  # fmt: skip
    joined = zone.with_tables(**tables, challenges=rows)
    wanted = pl.DataFrame({"technology": rows["technology"].unique().sort()}).with_columns(
        verdict=pl.lit("chokepoint"), is_priority=pl.lit(value=False)
    )
    every = replace(settings, verdicts=("chokepoint",))
    formed = form_challenges(joined, wanted, every).challenges
    needs = needs_of(joined, formed)
    names = {
        name: Text(zh or name, en or zh or name)
        for name, zh, en in joined["capabilities"].select("id", "name", "name_en").iter_rows()
    }
    told = {name: Text(name, name) for name in needs["capability"]} | names
    alone = replace(
        staffing.alone,
        zone=zone.with_tables(**tables),
        needs=pl.concat([staffing.alone.needs, needs]).sort("challenge", "capability"),
        names={**staffing.alone.names, **told},
    )
    return replace(staffing, alone=alone), formed


def arrive(
    staffing: Staffing,
    challenges: pl.DataFrame,
    *,
    worth: float | None = None,
    may_move: bool = False,
    solver: Solver | None = None,
) -> Arrivals:
    """Let new challenges join, one after another in the order of their ids.

    Parameters
    ----------
    staffing : Staffing
        Of the plan, knowing their needs (see :func:`new_challenges`).
    challenges : polars.DataFrame
        Rows of the plan table ``challenges``.
    worth : float, optional
        Points of having one staffed at all; default ``staffing_points``.
    may_move : bool
        Whether consortia that are not under contract may be chosen anew.
    solver : Solver, optional
        Default: one of its own.

    Returns
    -------
    Arrivals
        A challenge under contract needs no decision and is not accepted here (E305).
        Another is accepted if its surplus at the stored prices is above zero and
        what the plan leaves free, or the plan chosen anew, can staff it.
    """
    own = Solver() if solver is None else None
    needed = needs_by_challenge(staffing.alone.needs)
    arrivals = []
    try:
        for row in challenges.sort("challenge").iter_rows(named=True):
            name = str(row["challenge"])
            if row["consortium"] or name not in needed:
                told = fault("E305" if row["consortium"] else "E304")
                arrivals.append(_refused(name, (told,)))
                continue
            desk = _Desk(staffing, call_of(row, needed[name]), worth, solver or own or Solver())
            staffing, arrival = desk.decide(may_move=may_move)
            arrivals.append(arrival)
    finally:
        if own is not None:
            own.close()
    return Arrivals(staffing, tuple(arrivals))


def _refused(challenge: str, told: tuple[Fault, ...]) -> Arrival:
    return Arrival(challenge, False, (), np.nan, np.nan, 0.0, -np.inf, (), (), told)


class _Desk:
    """Looks at one new challenge."""

    def __init__(self, staffing: Staffing, call: Call, worth: float | None, solver: Solver) -> None:
        self.staffing, self.call, self.worth, self.solver = staffing, call, worth, solver

    def decide(self, *, may_move: bool) -> tuple[Staffing, Arrival]:
        """Price it, and staff it if that is worth its price."""
        staffing, name = self.staffing, self.call.challenge
        pool = Pool.of(self.call, staffing.alone.sources, staffing.settings)
        obstacles = obvious_obstacles(pool, staffing.roster, staffing.alone.names)
        if obstacles:
            return staffing, _refused(name, obstacles)
        alone = solve_alone(pool, staffing.alone.binding, staffing.settings, self.solver)
        if not alone.members:
            return staffing, _refused(name, alone.told)
        wide = self._with_newcomer(alone)
        arrival = self._priced(wide, alone)
        if arrival.surplus <= 0.0:
            told = fault("E359", surplus=f"{arrival.surplus:.2f}", price=f"{arrival.price:.2f}")
            return staffing, replace(arrival, told=(told,))
        left = _kept_as_planned(wide, self._limit) if not may_move else None
        settled = left or (self._chosen_anew(wide) if may_move else None)
        if settled is None:
            some = ", ".join(arrival.scarce) or "-"
            return staffing, replace(arrival, told=(fault("E351", organisations=some),))
        return settled, _accepted(arrival, staffing, settled, alone)

    @property
    def _limit(self) -> int:
        return int(self.staffing.settings.work_limit * 1e6)

    def _with_newcomer(self, alone: Formed) -> Staffing:
        """Return the staffing in which the challenge is known and not staffed yet."""
        staffing, pool = self.staffing, alone.pool
        if pool is None or alone.points is None:
            return staffing
        binding = staffing.alone.binding
        who = pool.candidates.astype(np.int64)
        team, who = binding.team(self.call.challenge, pool.problem, who)
        usual = staffing.settings.staffing_points + max(0.0, -alone.points.total)
        problem = staffing.problem.with_challenge(
            team,
            who,
            worth=usual if self.worth is None else self.worth,
            fixed_use=np.zeros(staffing.problem.n_resources),
        )
        formed = (*staffing.alone.formed, alone)
        names = (*staffing.challenges, self.call.challenge)
        c = problem.n_challenges - 1
        teams = [(c, alone.team.astype(np.int64))]
        columns = staffing.columns.added(ColumnPool.of(problem, teams, Origin.START))
        before, bound = (
            staffing.sharing.own,
            alone.points.total if alone.bound is None else alone.bound,
        )
        own = Own(
            np.append(before.column, columns.column_of(*teams[0])),
            np.append(before.bound, bound + problem.worth[c]),
            np.append(before.work, alone.work),
        )
        sharing = replace(
            staffing.sharing, columns=columns, own=own, chosen=np.append(staffing.chosen, -1)
        )
        order = sorted(formed, key=lambda one: one.challenge)
        return Staffing(problem, names, replace(staffing.alone, formed=tuple(order)), sharing)

    def _priced(self, wide: Staffing, alone: Formed) -> Arrival:
        """Return what the challenge is worth at the stored prices, not accepted yet."""
        c = wide.problem.n_challenges - 1
        prices = wide.prices
        best = best_at(wide.problem, c, prices, alone.team.astype(np.int64), self._limit)
        paid = 0.0 if best.members is None else float(prices.organisations[best.members].sum())
        free = wide.problem.capacity - wide.load()
        scarce = tuple(wide.roster.ids[i] for i in alone.team if free[i] < 1.0)
        own_best = np.nan if alone.points is None else alone.points.total
        return Arrival(
            self.call.challenge, False, (), np.nan, own_best, paid, best.value, scarce, (), ()
        )

    def _chosen_anew(self, wide: Staffing) -> Staffing | None:
        """Return the plan chosen anew with the challenge; None if it is not staffed."""
        sharing = share(wide.problem, wide.columns, wide.sharing.own, wide.settings, self.solver)
        return replace(wide, sharing=sharing) if sharing.chosen[-1] >= 0 else None


def _kept_as_planned(wide: Staffing, work_limit: int) -> Staffing | None:
    """Staff the last challenge from what the plan leaves free; None if that cannot be."""
    problem, c = wide.problem, wide.problem.n_challenges - 1
    picked = wide.columns.kept(wide.chosen[wide.chosen >= 0])
    room = problem.limits - picked.use.sum(axis=0)
    full = np.flatnonzero((problem.member_use > room).any(axis=1))
    free = replace(problem, capacity=problem.capacity - wide.load()).without(full)
    none = Prices.none(problem)
    found = best_at(free, c, none, np.empty(0, dtype=np.int64), work_limit)
    if found.members is None:
        return None
    columns = wide.columns.added(ColumnPool.of(problem, [(c, found.members)], Origin.EXACT))
    chosen = wide.chosen.copy()
    chosen[c] = columns.column_of(c, found.members)
    if (columns.use[chosen[chosen >= 0]].sum(axis=0) > problem.limits + 1e-9).any():
        return None
    value = wide.value + float(columns.value[chosen[c]])
    bound = wide.bound + max(0.0, wide.sharing.own.bound[c])
    sharing = Sharing(
        columns, wide.sharing.own, wide.prices, chosen, value, np.nan, max(bound, value),
        wide.sharing.rounds, wide.sharing.work, wide.sharing.is_cut_by_clock,
    )  # fmt: skip
    return replace(wide, sharing=sharing)


def _accepted(arrival: Arrival, before: Staffing, after: Staffing, alone: Formed) -> Arrival:
    """Return the arrival with its consortium, and whom it moved."""
    members = after.members(arrival.challenge)
    column = after.column_of(arrival.challenge)
    moved = [c for c in before.challenges if before.members(c) != after.members(c)]
    points = float(after.columns.value[column] - after.problem.worth[-1])
    return replace(
        arrival,
        is_accepted=True,
        members=members,
        points=points,
        moved=tuple(sorted(moved)),
        told=_sharing_cost(arrival, points, alone),
    )


def _sharing_cost(arrival: Arrival, points: float, alone: Formed) -> tuple[Fault, ...]:
    own = points if alone.points is None else alone.points.total
    if own - points <= 1e-9 or not arrival.scarce:
        return ()
    return (fault("E350", lost=f"{own - points:.2f}", organisations=", ".join(arrival.scarce)),)
