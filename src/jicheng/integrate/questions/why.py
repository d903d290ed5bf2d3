"""Why this consortium: its points one by one, what its scarce members cost, and the runner-up.

The waterfall is that of :mod:`jicheng.integrate.explanation`. Below it stand the prices of
scarce organisations: what the other challenges would gain if a member were free. The
runner-up is the best consortium at these prices that is not this one; its deficit is what
it falls short by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput, Text
from jicheng.integrate.explanation import ConsortiumExplanation, explain_consortium
from jicheng.integrate.questions.answer import Answer, Names, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import check_challenge, ids_of, priced_team, solving
from jicheng.integrate.shared.outcome import formed_together
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.near_optimal import next_best_team
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.solver import Solver

__all__ = ["Why", "why"]


@dataclass(frozen=True)
class Why:
    """Why a challenge has the consortium that it has.

    Attributes
    ----------
    challenge : str
        Which.
    explanation : ConsortiumExplanation
        Waterfall of its points, with holders, ties, distances, costs and source rows.
    waterfall : polars.DataFrame
        ``term``, ``points``: the same, then ``scarcity:<organisation>`` (price of each
        scarce member, against it) and ``after_scarcity``.
    rival : polars.DataFrame
        ``organisation`` and ``change`` (stays, leaves, joins) of the runner-up; empty if
        there is no other consortium.
    deficit : float
        Points by which the runner-up falls short at the prices of scarce organisations;
        nan without one. Without scarce organisations the whole plan loses as much.
    own_deficit : float
        The same without these prices; below zero if the runner-up would be better but
        needs members that other challenges value more.
    is_proved : bool
        Whether no other consortium is proved to fall short by less.
    answer : Answer
        In sentences.
    """

    challenge: str
    explanation: ConsortiumExplanation
    waterfall: pl.DataFrame
    rival: pl.DataFrame
    deficit: float
    own_deficit: float
    is_proved: bool
    answer: Answer


def why(
    staffing: Staffing,
    challenge: str,
    settings: QuestionSettings | None = None,
    *,
    solver: Solver | None = None,
) -> Why:
    """Account for the consortium of a challenge and name the runner-up.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    challenge : str
        One of its challenges.
    settings : QuestionSettings, optional
        ``question_work_limit`` bounds the search of the runner-up.
    solver : Solver, optional
        Default: one of its own.

    Raises
    ------
    InvalidInput
        E330 if there is no such challenge, E360 if it has no consortium that was chosen.
    """
    check_challenge(staffing, challenge)
    column = staffing.column_of(challenge)
    if column < 0:
        raise InvalidInput.of("E360", challenge=challenge)
    (formed,) = (one for one in formed_together(staffing) if one.challenge == challenge)
    told = explain_consortium(formed, staffing.roster, staffing.holdings, staffing.settings)
    members = staffing.columns.members_of(column)
    prices = staffing.prices.organisations[members]
    paid = [
        (f"scarcity:{staffing.roster.ids[int(o)]}", -float(price))
        for o, price in zip(members, prices, strict=True)
        if price > 0.0
    ]
    total = float(told.waterfall.filter(pl.col("term") == "total")["points"][0])
    waterfall = told.waterfall
    if paid:
        rows = [*paid, ("after_scarcity", total - float(prices.sum()))]
        waterfall = pl.concat([waterfall, pl.DataFrame(rows, waterfall.schema, orient="row")])
    with solving(solver) as worker:
        rival, deficit, own, is_proved = _runner_up(
            staffing, staffing.index[challenge], column, settings or QuestionSettings(), worker
        )
    answer = _answer(staffing, challenge, waterfall, rival, deficit, own)
    return Why(challenge, told, waterfall, rival, deficit, own, is_proved, answer)


def _runner_up(
    staffing: Staffing, c: int, column: int, settings: QuestionSettings, solver: Solver
) -> tuple[pl.DataFrame, float, float, bool]:
    """Return the next best team at the prices: of the columns at hand, or of a search."""
    pool, problem, prices = staffing.columns, staffing.problem, staffing.prices
    team, who, _ = priced_team(staffing, c)
    members = pool.members_of(column)
    known = np.searchsorted(who, members)
    found = next_best_team(team, known, solver, work_limit=settings.work_limit)
    teams = [] if found is None else [(c, who[found.members])]
    others = pool.kept((pool.challenge == c) & (np.arange(len(pool)) != column))
    others = others.kept(others.usable(problem)).added(ColumnPool.of(problem, teams))
    others = others.kept(others.challenge == c)
    if not len(others):
        empty = pl.DataFrame(schema={"organisation": pl.String, "change": pl.String})
        return empty, np.nan, np.nan, True
    mine = pool.kept(np.array([column]))
    surplus = others.surplus(prices)
    best = int(np.argmax(surplus.round(9)))
    deficit = float(mine.surplus(prices)[0] - surplus[best])
    own = float(mine.value[0] - others.value[best])
    rows = _changes(staffing, members, others.members_of(best))
    return rows, deficit, own, found is not None and found.is_proved


def _changes(staffing: Staffing, members: np.ndarray, other: np.ndarray) -> pl.DataFrame:
    kinds = (
        ("leaves", np.setdiff1d(members, other)),
        ("joins", np.setdiff1d(other, members)),
        ("stays", np.intersect1d(members, other)),
    )
    rows = [(name, kind) for kind, places in kinds for name in ids_of(staffing, places)]
    return pl.DataFrame(rows, schema={"organisation": pl.String, "change": pl.String}, orient="row")


def _answer(
    staffing: Staffing,
    challenge: str,
    waterfall: pl.DataFrame,
    rival: pl.DataFrame,
    deficit: float,
    own: float,
) -> Answer:
    names = Names(staffing)
    lead, *rest = staffing.members(challenge)
    a, b = names.organisation(lead), names.organisations(rest)
    terms = dict(waterfall.iter_rows())
    quality = sum(value for term, value in terms.items() if term.startswith("quality:"))
    total = points(terms["total"])
    sentences = [
        Text(f"牵头 {a.zh}，成员 {b.zh}。", f"Led by {a.en}, with {b.en}."),
        Text(
            f"共 {total} 分：能力 {points(quality)}，合作联系 {points(terms['ties'])}，"
            f"距离 {points(terms['distance'])}，参与成本 {points(terms['cost'])}。",
            f"{total} points: capabilities {points(quality)}, ties {points(terms['ties'])}, "
            f"distance {points(terms['distance'])}, cost {points(terms['cost'])}.",
        ),
    ]
    for term, value in terms.items():
        if term.startswith("scarcity:"):
            who = names.organisation(term.removeprefix("scarcity:"))
            sentences.append(
                Text(
                    f"{who.zh} 为紧缺组织：若它空出，其他项目可多得 {points(-value)} 分。",
                    f"{who.en} is scarce: if it were free, the other challenges would gain "
                    f"{points(-value)} points.",
                )
            )
    sentences.append(_rival_sentence(names, rival, deficit, own))
    title = Text(f"{challenge} 为何选这个联合体", f"Why this consortium for {challenge}")
    return Answer(title, tuple(sentences), {"waterfall": waterfall, "rival": rival})


def _rival_sentence(names: Names, rival: pl.DataFrame, deficit: float, own: float) -> Text:
    if rival.is_empty():
        return Text("没有其他符合规则的联合体。", "No other consortium obeys the rules.")
    out, in_ = (
        names.organisations(rival.filter(pl.col("change") == change)["organisation"].to_list())
        for change in ("leaves", "joins")
    )
    told = Text(
        f"次优联合体少 {points(deficit)} 分：退出 {out.zh}，加入 {in_.zh}。",
        f"The runner-up is {points(deficit)} points behind: {out.en} would leave, "
        f"{in_.en} would join.",
    )
    if abs(own - deficit) < 0.005:
        return told
    return Text(
        f"{told.zh}（不计紧缺组织的价格时相差 {points(own)} 分。）",
        f"{told.en} (Without the prices of scarce organisations: {points(own)} points.)",
    )
