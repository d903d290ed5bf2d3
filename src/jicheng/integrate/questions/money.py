"""What a little more of a limit is worth: the plan made again, beside the dual price.

A dual price holds at the margin and overstates what a real step brings. Both are told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput, Text
from jicheng.integrate.questions.answer import Answer, points
from jicheng.integrate.questions.settings import QuestionSettings
from jicheng.integrate.questions.teams import plan_of, solving
from jicheng.integrate.shared.staffing import Staffing
from jicheng.kernel.columns.answers import AnswerLimits, front
from jicheng.kernel.columns.pool import ColumnPool
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Solver

__all__ = ["More", "MoreOf", "more", "more_of"]


@dataclass(frozen=True, slots=True)
class MoreOf:
    """What more of one limit is worth.

    Attributes
    ----------
    resource : str
        Its name.
    limit, added : float
        The limit, and how much more of it.
    by_price : float
        Points by the dual price: ``added`` times the price.
    gain : float
        Points that the plan gains, made again.
    """

    resource: str
    limit: float
    added: float
    by_price: float
    gain: float


@dataclass(frozen=True)
class More:
    """What more of each limit is worth, most first, and what is told about it."""

    found: tuple[MoreOf, ...]
    answer: Answer


def more_of(
    problem: SharedProblem,
    pool: ColumnPool,
    prices: Prices,
    resource: int,
    share: float,
    *,
    chosen: np.ndarray | None = None,
    limits: AnswerLimits | None = None,
    seed: int = 0,
    solver: Solver | None = None,
) -> MoreOf:
    """Solve a shared problem with more of one resource.

    Parameters
    ----------
    problem, pool, prices
        As they stand.
    resource : int
        Which.
    share : float
        How much more, as a share of the limit, > 0.
    chosen : ndarray of int64, optional
        Columns of the plan.
    limits, seed, solver
        As for :func:`jicheng.kernel.columns.answers.front`.

    Returns
    -------
    MoreOf
        Both plans are chosen from the same columns, so that the gain is never negative.
    """
    curve = front(
        problem, pool, prices, [1.0, 1.0 + share], resources=np.array([resource]),
        chosen=chosen, limits=limits, seed=seed, solver=solver,
    )  # fmt: skip
    limit = float(problem.limits[resource])
    added = limit * share
    before, after = curve.values.tolist()
    name = problem.resource_names[resource] if problem.resource_names else str(resource)
    by_price = added * float(prices.resources[resource])
    return MoreOf(name, limit, added, by_price, max(0.0, after - before))


def more(
    staffing: Staffing,
    share: float,
    settings: QuestionSettings | None = None,
    *,
    solver: Solver | None = None,
) -> More:
    """Tell what more of each limit on consortia is worth: the caps on groups.

    Parameters
    ----------
    staffing : Staffing
        The plan.
    share : float
        How much more, > 0. A cap counts whole places, so at least one is added.
    settings : QuestionSettings, optional
        Limits of each choice.
    solver : Solver, optional
        Default: one of its own.

    Raises
    ------
    InvalidInput
        E364 if the plan has no such limit.
    """
    settings = settings or QuestionSettings()
    problem = staffing.problem
    if not problem.n_resources:
        raise InvalidInput.of("E364")
    found = []
    with solving(solver) as worker:
        for r, limit in enumerate(problem.limits.tolist()):
            step = max(share, 1.0 / limit) if limit >= 1.0 else share
            found.append(
                more_of(
                    problem, staffing.columns, staffing.prices, r, step,
                    chosen=plan_of(staffing), limits=settings.limits, solver=worker,
                )
            )  # fmt: skip
    found.sort(key=lambda one: (-round(one.gain, 9), one.resource))
    return More(tuple(found), _answer(found))


def _answer(found: list[MoreOf]) -> Answer:
    told = [
        Text(
            f"{one.resource}：上限 {one.limit:g} 再加 {one.added:g}，实算多 {points(one.gain)} 分"
            f"（按边际价格 {points(one.by_price)} 分）。",
            f"{one.resource}: {one.added:g} more than {one.limit:g} brings "
            f"{points(one.gain)} points ({points(one.by_price)} by the price at the margin).",
        )
        for one in found
    ]
    schema = {"resource": pl.String} | dict.fromkeys(
        ("limit", "added", "by_price", "gain"), pl.Float64
    )
    rows = [(o.resource, o.limit, o.added, o.by_price, o.gain) for o in found]
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return Answer(Text("放宽上限值多少", "What more is worth"), tuple(told), {"more": table})
