"""How sure the choice of members is: how often each is chosen under perturbed scores.

Levels are drawn within their intervals (or, where none is given, within a spread around
the level, never below what is needed), ties and costs within a share; everything is
chosen again (:mod:`jicheng.kernel.columns.frequency`). The frequency is reported with the
number of draws and a 95 % interval of its sampling error (Wilson 1927, JASA 22:158).
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl

from jicheng.errors import Text
from jicheng.integrate.questions.answer import Answer, Names
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import plan_of
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.frequency import Doubt, Frequencies, selection_frequencies
from jicheng.kernel.columns.pricing import STEADY, Effort

__all__ = ["Certainty", "certainty", "doubt_of", "wilson"]

_NORMAL = 1.959964  # 97.5 % point of the normal distribution


@dataclass(frozen=True)
class Certainty:
    """How often members and consortia of the plan are chosen.

    Attributes
    ----------
    runs, seed : int
        Number of draws, and where they start.
    selection : polars.DataFrame
        One row an organisation that was ever chosen for a challenge: ``challenge``,
        ``organisation``, ``frequency``, ``low``, ``high`` (95 % interval), ``in_plan``.
    consortia : polars.DataFrame
        One row a challenge: ``challenge``, ``same`` (share of draws with exactly the
        plan's consortium), ``staffed`` (with any).
    answer : Answer
        In sentences.
    """

    runs: int
    seed: int
    selection: pl.DataFrame
    consortia: pl.DataFrame
    answer: Answer


def certainty(
    staffing: Staffing,
    settings: QuestionSettings | None = None,
    *,
    seed: int = 1,
    effort: Effort = STEADY,
    executor: Executor | None = None,
) -> Certainty:
    """Choose everything again under perturbed scores, many times.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    settings : QuestionSettings, optional
        ``runs``, ``level_spread``, ``tie_spread``, ``cost_spread``.
    seed : int
        Of the draws.
    effort : Effort
        How hard each challenge is searched in each draw.
    executor : Executor, optional
        Where draws are done; the answer does not depend on it.
    """
    settings = settings or QuestionSettings()
    found = selection_frequencies(
        staffing.problem, staffing.columns, staffing.prices, plan_of(staffing),
        doubt_of(staffing, settings),
        runs=settings.runs, seed=seed, effort=effort, limits=settings.limits, executor=executor,
    )  # fmt: skip
    selection, consortia = _selection(staffing, found), _consortia(staffing, found)
    answer = _answer(staffing, found.runs, selection, consortia)
    return Certainty(found.runs, seed, selection, consortia, answer)


def doubt_of(staffing: Staffing, settings: QuestionSettings) -> Doubt:
    """Return the ranges of all figures behind the plan."""
    low, high, figure = [], [], []
    width = len(staffing.roster.ids)
    number: dict[str, int] = {}
    for c, pool in enumerate(staffing.pools):
        needs, who = pool.call.needs, staffing.problem.who[c]
        levels = pool.levels_of(who.astype(np.intp))
        holds = staffing.problem.teams[c].holds
        point = levels.counted
        is_exact = levels.high - levels.low < 1e-12
        least = np.where(is_exact, point - settings.level_spread, levels.low)
        most = np.where(is_exact, point + settings.level_spread, levels.high)
        scale = staffing.settings.quality_weight * len(needs.weight) * needs.weight
        low.append(np.where(holds, np.clip(least, needs.level, 1.0), 0.0) * scale)
        high.append(np.where(holds, np.clip(most, needs.level, 1.0), 0.0) * scale)
        column = np.array([number.setdefault(k, len(number)) for k in needs.capabilities])
        figure.append(np.where(holds, column[None] * width + who[:, None], -1))
    known = np.unique(np.concatenate([np.empty(0, np.int64), *(f[f >= 0] for f in figure)]))
    places = [np.where(f >= 0, np.searchsorted(known, f), -1) for f in figure]
    return Doubt(tuple(low), tuple(high), tuple(places), settings.tie_spread, settings.cost_spread)


def wilson(times: int, runs: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); [0, 1] without runs."""
    if not runs:
        return 0.0, 1.0
    z2, share = _NORMAL**2, times / runs
    middle = share + z2 / (2 * runs)
    half = _NORMAL * sqrt(share * (1 - share) / runs + z2 / (4 * runs**2))
    return max(0.0, (middle - half) / (1 + z2 / runs)), min(1.0, (middle + half) / (1 + z2 / runs))


def _selection(staffing: Staffing, found: Frequencies) -> pl.DataFrame:
    ids, names = staffing.roster.ids, staffing.challenges
    members = {c: {*staffing.members(c)} for c in names}
    rows = []
    for c, o, times in zip(
        found.challenge.tolist(), found.organisation.tolist(), found.times.tolist(), strict=True
    ):
        low, high = wilson(times, found.runs)
        inside = ids[o] in members[names[c]]
        rows.append((names[c], ids[o], times / found.runs, low, high, inside))
    seen = {(row[0], row[1]) for row in rows}
    low, high = wilson(0, found.runs)
    rows += [
        (c, o, 0.0, low, high, True)
        for c in names
        for o in sorted(members[c])
        if (c, o) not in seen
    ]
    schema: dict[str, type[pl.DataType]] = {"challenge": pl.String, "organisation": pl.String}
    schema |= dict.fromkeys(("frequency", "low", "high"), pl.Float64) | {"in_plan": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("challenge", "organisation")


def _consortia(staffing: Staffing, found: Frequencies) -> pl.DataFrame:
    runs = max(1, found.runs)
    return pl.DataFrame(
        {
            "challenge": list(staffing.challenges),
            "same": found.same / runs,
            "staffed": found.staffed / runs,
        },
        schema={"challenge": pl.String, "same": pl.Float64, "staffed": pl.Float64},
    )


def _answer(
    staffing: Staffing, runs: int, selection: pl.DataFrame, consortia: pl.DataFrame
) -> Answer:
    names = Names(staffing)
    told = []
    for row in consortia.iter_rows(named=True):
        c, same = row["challenge"], f"{row['same']:.0%}"
        if staffing.column_of(c) < 0:
            some = f"{row['staffed']:.0%}"
            told.append(Text(f"{c}：方案中没有联合体；{some} 的扰动中有。",
                             f"{c}: none in the plan, one in {some} of the draws."))  # fmt: skip
            continue
        mine = selection.filter((pl.col("challenge") == c) & pl.col("in_plan"))
        weak = mine.filter(pl.col("frequency") < 0.5)["organisation"].to_list()
        other = selection.filter(
            (pl.col("challenge") == c) & ~pl.col("in_plan") & (pl.col("frequency") > 0.5)
        )["organisation"].to_list()
        a, b = names.organisations(weak), names.organisations(other)
        zh, en = f"{c}：原联合体入选 {same}", f"{c}: the same consortium in {same} of the draws"
        if weak:
            zh, en = f"{zh}；不稳的成员 {a.zh}", f"{en}; unsure members {a.en}"
        if other:
            zh, en = f"{zh}；更常入选 {b.zh}", f"{en}; chosen more often {b.en}"
        told.append(Text(f"{zh}。", f"{en}."))
    told.append(
        Text(
            f"共 {runs} 次扰动；入选频率说明结果对评分的敏感程度，不是正确的概率。",
            f"{runs} draws; a frequency tells how much the choice depends on the scores, "
            "and is no probability that it is right.",
        )
    )
    title = Text("结果有多稳", "How sure the choice is")
    return Answer(title, tuple(told), {"selection": selection, "consortia": consortia})
