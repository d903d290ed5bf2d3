"""What is scarce: organisations with a price, and capabilities that one more holder would help.

The price of an organisation is the dual of its capacity: what one more place in a
consortium would be worth at the margin. Prices overstate, so for the dearest the plan is
also made again with one more place.

A capability has no capacity of its own. Its value is that of one more holder: a new
organisation in the zone beside the lead, of median cost, without ties, which holds this
capability alone at a set level, may not lead, and is neither a research organisation nor
a small firm (it counts for no other rule). For every challenge the best consortium at the
stored prices is found with and without it; the difference, largest over the challenges,
is what the first place of such a holder is worth. Where a challenge has no consortium
today and would have one with it, that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Text
from jicheng.integrate.pool import Pool
from jicheng.integrate.questions.answer import Answer, Names, listed, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import plan_of, priced_team, solving
from jicheng.integrate.shared.staffing import Staffing
from jicheng.integrate.team_tables import Formed
from jicheng.kernel.columns.answers import reprice
from jicheng.kernel.columns.pricing import DEEP
from jicheng.kernel.columns.problem import Prices
from jicheng.kernel.columns.relaxation import RuleSystem, is_out_of_reach, rules_of
from jicheng.kernel.solver import Solver, SolveStatus
from jicheng.kernel.team_branch import best_team
from jicheng.kernel.team_problem import TeamProblem

__all__ = ["Scarce", "ScarceCapability", "ScarceOrganisation", "scarce", "with_new_holder"]

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ScarceOrganisation:
    """An organisation that more challenges want than it can work on.

    Attributes
    ----------
    organisation : str
        Id.
    price : float
        Points of one more place at the margin.
    gain : float
        Points that the plan gains with one more place, made again; nan where that was
        not asked.
    capacity : int
        Places that it has.
    wanted_by : tuple of str
        Challenges whose best consortium alone has it.
    """

    organisation: str
    price: float
    gain: float
    capacity: int
    wanted_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScarceCapability:
    """A capability of which one more holder would help.

    Attributes
    ----------
    capability : str
        Id.
    gain : float
        Points of the first place of a new holder.
    helps : tuple of str
        Challenges whose consortium would be better with it, best first.
    unlocks : tuple of str
        Challenges without a consortium that would have one.
    """

    capability: str
    gain: float
    helps: tuple[str, ...]
    unlocks: tuple[str, ...]


@dataclass(frozen=True)
class Scarce:
    """What is scarce, most valuable first, and what is told about it.

    ``names`` are those of the capabilities, by id.
    """

    organisations: tuple[ScarceOrganisation, ...]
    capabilities: tuple[ScarceCapability, ...]
    names: Mapping[str, Text]
    answer: Answer


def scarce(
    staffing: Staffing,
    settings: QuestionSettings | None = None,
    *,
    solver: Solver | None = None,
) -> Scarce:
    """Return scarce organisations and capabilities.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    settings : QuestionSettings, optional
        ``scarce_resolved``, ``holders_checked`` (pairs of challenge and capability),
        ``new_holder_level``, ``question_work_limit``.
    solver : Solver, optional
        Default: one of its own.
    """
    settings = settings or QuestionSettings()
    with solving(solver) as worker:
        organisations = _organisations(staffing, settings, worker)
        capabilities = _capabilities(staffing, settings, worker)
    names = Names(staffing)
    answer = _answer(names, organisations, capabilities)
    called = {one.capability: names.capability(one.capability) for one in capabilities}
    return Scarce(organisations, capabilities, called, answer)


def _organisations(
    staffing: Staffing, settings: QuestionSettings, solver: Solver
) -> tuple[ScarceOrganisation, ...]:
    prices, roster = staffing.prices.organisations, staffing.roster
    order = np.lexsort((np.arange(len(prices)), -prices.round(9)))
    dear = order[prices[order] > 1e-6]
    own = staffing.sharing.own.column
    found = []
    for place, o in enumerate(dear.tolist()):
        wanted = [
            name
            for name, column in zip(staffing.challenges, own.tolist(), strict=True)
            if column >= 0 and o in staffing.columns.members_of(column)
        ]
        gain = np.nan
        if place < settings.scarce_resolved:
            gain = _gain_of_a_place(staffing, o, settings, solver)
        capacity = int(staffing.problem.capacity[o])
        found.append(
            ScarceOrganisation(roster.ids[o], float(prices[o]), gain, capacity, tuple(wanted))
        )
    return tuple(found)


def _gain_of_a_place(
    staffing: Staffing, organisation: int, settings: QuestionSettings, solver: Solver
) -> float:
    """Make the plan again with one more place of an organisation."""
    problem, prices = staffing.problem, staffing.prices
    capacity = problem.capacity.copy()
    capacity[organisation] += 1.0
    cheaper = prices.organisations.copy()
    cheaper[organisation] = 0.0
    touched = [c for c, who in enumerate(problem.who) if organisation in who]
    plan = reprice(
        replace(problem, capacity=capacity), staffing.columns,
        Prices(cheaper, prices.resources), touched,
        chosen=plan_of(staffing), effort=DEEP, limits=settings.limits, solver=solver,
    )  # fmt: skip
    return max(0.0, plan.value - staffing.value)


def _capabilities(
    staffing: Staffing, settings: QuestionSettings, solver: Solver
) -> tuple[ScarceCapability, ...]:
    gains: dict[str, list[tuple[float, str, bool]]] = {}
    for one, k in _pairs(staffing, settings.holders_checked):
        gain, is_new = _gain_of_a_holder(staffing, one, k, settings, solver)
        if gain > 1e-6 and one.pool is not None:
            name = one.pool.call.needs.capabilities[k]
            gains.setdefault(name, []).append((gain, one.challenge, is_new))
    found = []
    for name, helped in gains.items():
        ranked = sorted(helped, key=lambda one: (-round(one[0], 9), one[1]))
        found.append(
            ScarceCapability(
                name,
                ranked[0][0],
                tuple(c for _, c, is_new in ranked if not is_new),
                tuple(c for _, c, is_new in ranked if is_new),
            )
        )
    return tuple(sorted(found, key=lambda one: (-round(one.gain, 9), one.capability)))


def _pairs(staffing: Staffing, limit: int) -> Iterator[tuple[Formed, int]]:
    """Yield challenges with each of their needs: those without a consortium first."""
    formed = [one for one in staffing.alone.formed if one.pool and one.status != "not_run"]
    formed.sort(key=lambda one: (one.challenge in staffing.index, one.challenge))
    left = limit
    for one in formed:
        for k in range(one.pool.problem.n_needs if one.pool else 0):
            if left <= 0:
                return
            left -= 1
            yield one, k


def _gain_of_a_holder(
    staffing: Staffing, one: Formed, k: int, settings: QuestionSettings, solver: Solver
) -> tuple[float, bool]:
    """Return what a new holder of need k adds to a challenge, and whether it makes it possible."""
    pool = one.pool
    if pool is None:
        return 0.0, False
    c = staffing.index.get(one.challenge)
    if c is None:
        team, _ = staffing.alone.binding.team(
            one.challenge, pool.problem, pool.candidates.astype(np.int64)
        )
        grown = with_new_holder(team, pool, k, staffing, settings)
        if is_out_of_reach(grown):
            return 0.0, True
        system = RuleSystem(rules_of(grown), grown.price)
        answer = system.smallest_team(solver, settings.limits.of_solver())
        if answer.status is not SolveStatus.OPTIMAL:
            return 0.0, True
        start = system.team_of(answer)
        found = best_team(grown, start=start, work_limit=settings.work_limit)
        return staffing.settings.staffing_points + max(0.0, found.value), True
    column = staffing.column_of(one.challenge)
    team, who, worth = priced_team(staffing, c)
    mine = staffing.columns.members_of(column) if column >= 0 else np.empty(0, dtype=np.int64)
    known = np.searchsorted(who, mine)
    value = 0.0
    if len(known):
        lead = team.best_lead(known)
        value = worth + team.points_of(known, int(team.lead_at[lead])).total
    grown = with_new_holder(team, pool, k, staffing, settings)
    found = best_team(
        grown, start=known.tolist(), work_limit=settings.work_limit, floor=value - worth
    )
    return (max(0.0, found.value + worth - value) if found.members else 0.0), False


def with_new_holder(
    team: TeamProblem, pool: Pool, k: int, staffing: Staffing, settings: QuestionSettings
) -> TeamProblem:
    """Return a team problem with one more candidate, who holds one need alone.

    Parameters
    ----------
    team : TeamProblem
        Candidates of a challenge, at whatever prices.
    pool : Pool
        Of the same challenge: its needs.
    k : int
        The need.
    staffing, settings
        Cost is the median of the zone's organisations, the level ``new_holder_level``.
    """
    needs, told = pool.call.needs, staffing.settings
    level = max(settings.new_holder_level, float(needs.level[k]))
    gain = np.zeros((1, team.n_needs))
    gain[0, k] = told.quality_weight * len(needs.weight) * needs.weight[k] * level
    cost = float(np.median(staffing.roster.counted_cost_wan)) if staffing.roster.n else 0.0
    least = team.rule_weight.min(axis=1, initial=0.0) if team.n else np.zeros(len(team.rule_least))
    return replace(
        team,
        gain=np.vstack([team.gain, gain]),
        holds=np.vstack([team.holds, np.arange(team.n_needs)[None] == k]),
        price=np.append(team.price, told.points_per_wan * cost),
        distance=np.column_stack([team.distance, np.zeros(len(team.distance))]),
        lead_at=np.append(team.lead_at, -1),
        is_research=np.append(team.is_research, False),
        rule_weight=np.column_stack([team.rule_weight, _as_stranger(team, least)]),
    )


def _as_stranger(team: TeamProblem, least: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of a new large firm: none in locks, against it in a share."""
    is_share = np.array([name == "small_share" for name in team.rule_names], dtype=np.bool_)
    return np.where(is_share, least, 0.0)


def _answer(
    names: Names,
    organisations: tuple[ScarceOrganisation, ...],
    capabilities: tuple[ScarceCapability, ...],
) -> Answer:
    told = []
    if not organisations:
        told.append(
            Text(
                "没有紧缺的组织：各家的并行项目都在能力之内。",
                "No organisation is scarce: nobody is wanted more often than it can work.",
            )
        )
    for org in organisations[:10]:
        who = names.organisation(org.organisation)
        solved_zh = "" if np.isnan(org.gain) else f"，实算 {points(org.gain)} 分"
        solved = "" if np.isnan(org.gain) else f", {points(org.gain)} when solved again"
        told.append(
            Text(
                f"{who.zh}：多一个名额边际值 {points(org.price)} 分{solved_zh}；宜扩大或增设。",
                f"{who.en}: one more place is worth {points(org.price)} points{solved}; "
                "help it grow.",
            )
        )
    for one in capabilities[:10]:
        what = names.capability(one.capability)
        where = listed([Text(c, c) for c in (*one.unlocks, *one.helps)])
        told.append(
            Text(
                f"能力“{what.zh}”：多一家持有者可得 {points(one.gain)} 分（{where.zh}）；"
                "宜培育或引进。",
                f"{what.en}: one more holder is worth {points(one.gain)} points ({where.en}); "
                "grow or invite one.",
            )
        )
    title = Text("什么紧缺", "What is scarce")
    return Answer(title, tuple(told), {"scarcity": _table(organisations, capabilities)})


def _table(
    organisations: tuple[ScarceOrganisation, ...], capabilities: tuple[ScarceCapability, ...]
) -> pl.DataFrame:
    rows: list[tuple[str, str, float | None, float | None, str]] = [
        ("organisation", one.organisation, one.price, _known(one.gain), ";".join(one.wanted_by))
        for one in organisations
    ]
    rows += [
        ("capability", one.capability, None, one.gain, ";".join((*one.unlocks, *one.helps)))
        for one in capabilities
    ]
    schema = {"kind": pl.String, "subject": pl.String, "price": pl.Float64}
    schema |= {"gain": pl.Float64, "challenges": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number
