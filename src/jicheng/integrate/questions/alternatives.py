"""Other good consortia: of one challenge, and a whole plan as different as can be.

Near-optimal plans are many. For one challenge the next best teams are listed, each without
some members of those before it, with the points by which they fall short and what the
whole plan would lose with them. For the plan as a whole the most different one is found
that loses no more than an acceptable share of the value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput, Text
from jicheng.integrate.questions.answer import Answer, Names, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import (
    check_challenge,
    ids_of,
    plan_of,
    priced_team,
    solving,
)
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.master import is_plan
from jicheng.kernel.columns.near_optimal import (
    different_plan,
    exchanged,
    plan_with,
    rival_teams,
)
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver

__all__ = ["Alternative", "OtherPlan", "alternatives", "other_plan", "with_rivals"]


@dataclass(frozen=True)
class Alternative:
    """Another consortium of a challenge.

    Attributes
    ----------
    challenge : str
        Which.
    members : tuple of str
        Lead first.
    total : float
        Its points, without those of staffing the challenge.
    deficit : float
        Points that it falls short by.
    plan_loss : float
        Points that the whole plan loses with it, made again around it; nan where that
        was not asked.
    leaves, joins : tuple of str
        Against the plan's consortium.
    is_proved : bool
        Whether no better one differs as much (at the stored prices).
    """

    challenge: str
    members: tuple[str, ...]
    total: float
    deficit: float
    plan_loss: float
    leaves: tuple[str, ...]
    joins: tuple[str, ...]
    is_proved: bool


@dataclass(frozen=True)
class Alternatives:
    """The next best consortia of a challenge, best first, and what is told about them."""

    found: tuple[Alternative, ...]
    answer: Answer


@dataclass(frozen=True)
class OtherPlan:
    """A plan that differs most from the chosen one and is worth almost as much.

    Attributes
    ----------
    found : tuple of Alternative
        Consortia that differ, by challenge; their ``plan_loss`` is nan.
    loss, allowed : float
        Points that it loses, and that it might.
    exchanged : int
        Members exchanged in all challenges together.
    answer : Answer
        In sentences.
    """

    found: tuple[Alternative, ...]
    loss: float
    allowed: float
    exchanged: int
    answer: Answer


def alternatives(
    staffing: Staffing,
    challenge: str,
    settings: QuestionSettings | None = None,
    *,
    solver: Solver | None = None,
) -> Alternatives:
    """Return the next best consortia of a challenge that really differ.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    challenge : str
        One of its challenges.
    settings : QuestionSettings, optional
        ``alternatives`` (how many), ``members_leaving`` (of each earlier one) and
        ``question_work_limit``.
    solver : Solver, optional
        Default: one of its own.

    Raises
    ------
    InvalidInput
        E330 if there is no such challenge, E360 if it has no consortium that was chosen.
    """
    settings = settings or QuestionSettings()
    check_challenge(staffing, challenge)
    column = staffing.column_of(challenge)
    if column < 0:
        raise InvalidInput.of("E360", challenge=challenge)
    c = staffing.index[challenge]
    found = []
    with solving(solver) as worker:
        teams, is_proved = _rivals(staffing, c, column, settings, worker)
        rivals = ColumnPool.of(staffing.problem, [(c, one) for one in teams])
        grown = staffing.columns.added(rivals)
        for members, proved in zip(teams, is_proved, strict=True):
            other = grown.column_of(c, members)
            if other < 0:
                continue
            loss = _plan_loss(staffing, grown, column, other, settings, worker)
            found.append(_alternative(staffing, grown, column, other, loss, is_proved=proved))
    return Alternatives(tuple(found), _answer(staffing, challenge, found))


def _rivals(
    staffing: Staffing, c: int, column: int, settings: QuestionSettings, solver: Solver
) -> tuple[list[NDArray[np.int64]], list[bool]]:
    """Return the organisations of the next best teams, and whether each is proved."""
    team, who, _ = priced_team(staffing, c)
    known = np.searchsorted(who, staffing.columns.members_of(column))
    rivals = rival_teams(
        team, known, solver,
        count=settings.alternatives, leaving=settings.members_leaving,
        work_limit=settings.work_limit,
    )  # fmt: skip
    return [who[one.members] for one in rivals], [one.is_proved for one in rivals]


def _plan_loss(
    staffing: Staffing,
    pool: ColumnPool,
    column: int,
    other: int,
    settings: QuestionSettings,
    solver: Solver,
) -> float:
    """Return what the plan loses with another consortium, made again around it; nan = impossible.

    Nothing is solved where the exchange alone keeps every shared rule and no plan with
    the other consortium can lose less, which the bound at the stored prices tells.
    """
    plan = plan_of(staffing)
    swapped = np.sort(np.append(plan[plan != column], other))
    deficit = float(pool.value[column] - pool.value[other])
    surplus = pool.kept(np.array([column, other])).surplus(staffing.prices)
    least = staffing.value - staffing.bound + float(surplus[0] - surplus[1])
    is_exact = deficit <= least + 1e-6 * max(1.0, abs(staffing.value))
    if is_exact and surplus[0] >= 0.0 and is_plan(staffing.problem, pool, swapped):
        return deficit
    limits = settings.limits.of_solver()
    choice = plan_with(staffing.problem, pool, plan, other, solver, limits)
    return staffing.value - choice.value if choice.is_feasible else np.nan


def with_rivals(staffing: Staffing, settings: QuestionSettings, solver: Solver) -> ColumnPool:
    """Return the columns at hand with the next best teams of every staffed challenge."""
    teams = []
    for c, column in enumerate(staffing.chosen.tolist()):
        if column >= 0:
            rivals, _ = _rivals(staffing, c, column, settings, solver)
            teams += [(c, members) for members in rivals]
    return staffing.columns.added(ColumnPool.of(staffing.problem, teams))


def _alternative(
    staffing: Staffing,
    pool: ColumnPool,
    column: int,
    other: int,
    plan_loss: float,
    *,
    is_proved: bool,
) -> Alternative:
    mine, new = pool.members_of(column), pool.members_of(other)
    c = int(pool.challenge[other])
    return Alternative(
        challenge=staffing.challenges[c],
        members=tuple(ids_of(staffing, new, int(pool.lead[other]))),
        total=float(pool.value[other] - staffing.problem.worth[c]),
        deficit=float(pool.value[column] - pool.value[other]),
        plan_loss=plan_loss,
        leaves=tuple(ids_of(staffing, np.setdiff1d(mine, new))),
        joins=tuple(ids_of(staffing, np.setdiff1d(new, mine))),
        is_proved=is_proved,
    )


def _answer(staffing: Staffing, challenge: str, found: list[Alternative]) -> Answer:
    names = Names(staffing)
    title = Text(f"{challenge} 的其他联合体", f"Other consortia for {challenge}")
    if not found:
        none = Text("没有其他符合规则的联合体。", "No other consortium obeys the rules.")
        return Answer(title, (none,), {"alternatives": _table(found)})
    told = []
    for place, one in enumerate(found, start=1):
        out, in_ = names.organisations(one.leaves), names.organisations(one.joins)
        lead = names.organisation(one.members[0])
        lost = "" if np.isnan(one.plan_loss) else points(one.plan_loss)
        told.append(
            Text(
                f"{place}. 少 {points(one.deficit)} 分（全方案少 {lost or '–'} 分）："
                f"退出 {out.zh}，加入 {in_.zh}，牵头 {lead.zh}。",
                f"{place}. {points(one.deficit)} points less (the whole plan {lost or '–'}): "
                f"{out.en} out, {in_.en} in, led by {lead.en}.",
            )
        )
    return Answer(title, tuple(told), {"alternatives": _table(found)})


def _table(found: list[Alternative]) -> pl.DataFrame:
    rows = [
        (
            one.challenge, place, ";".join(one.members), one.total, one.deficit,
            None if np.isnan(one.plan_loss) else one.plan_loss,
            ";".join(one.leaves), ";".join(one.joins), one.is_proved,
        )
        for place, one in enumerate(found, start=1)
    ]  # fmt: skip
    schema = {"challenge": pl.String, "rank": pl.Int64, "members": pl.String}
    schema |= dict.fromkeys(("total", "deficit", "plan_loss"), pl.Float64)
    schema |= {"leaves": pl.String, "joins": pl.String, "is_proved": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def other_plan(
    staffing: Staffing,
    settings: QuestionSettings | None = None,
    *,
    pool: ColumnPool | None = None,
    solver: Solver | None = None,
) -> OtherPlan:
    """Find the most different plan within an acceptable loss.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    settings : QuestionSettings, optional
        ``acceptable_loss``, as a share of the points of all consortia (those of staffing
        challenges aside); and those of :func:`alternatives`.
    pool : ColumnPool, optional
        Columns to choose from; default :func:`with_rivals`.
    solver : Solver, optional
        Default: one of its own.
    """
    settings = settings or QuestionSettings()
    with solving(solver) as worker:
        return _other_plan(staffing, settings, pool, worker)


def _other_plan(
    staffing: Staffing, settings: QuestionSettings, pool: ColumnPool | None, solver: Solver
) -> OtherPlan:
    columns = with_rivals(staffing, settings, solver) if pool is None else pool
    plan = plan_of(staffing)
    own = staffing.value - float(
        staffing.problem.worth[columns.challenge[plan]].sum()
    )  # the points of staffing are no part of how good the consortia are
    allowed = settings.acceptable_loss * abs(own)
    choice = different_plan(
        staffing.problem, columns, [plan], allowed, solver,
        settings.limits.of_solver(),
    )  # fmt: skip
    before = {int(columns.challenge[j]): int(j) for j in plan}
    after = {int(columns.challenge[j]): int(j) for j in choice.chosen}
    found = [
        _alternative(staffing, columns, before[c], j, np.nan, is_proved=False)
        for c, j in sorted(after.items())
        if c in before and before[c] != j
    ]
    changed = sum(
        exchanged(columns.members_of(before[c]), columns.members_of(j))
        for c, j in after.items()
        if c in before
    )
    loss = staffing.value - float(columns.value[choice.chosen].sum())
    title = Text("差别最大的其他好方案", "The most different plan that is almost as good")
    told = Text(
        f"让出 {points(loss)} 分（不超过 {points(allowed)} 分），{len(found)} 个项目可换联合体，"
        f"共换 {changed} 家成员。",
        f"For {points(loss)} points (at most {points(allowed)}) {len(found)} challenges can get "
        f"another consortium; {changed} members are exchanged.",
    )
    answer = Answer(title, (told,), {"alternatives": _table(found)})
    return OtherPlan(tuple(found), loss, allowed, changed, answer)
