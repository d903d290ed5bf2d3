"""What a bureau needs to defend a portfolio: years, races, risk, and price of decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.conform import empty_frame
from jicheng.errors import Fault, fault
from jicheng.optimise.cases import Case
from jicheng.optimise.overrides import Plan, overrides, price_of
from jicheng.optimise.overrun import ProtectedPlan, overrun_risk
from jicheng.optimise.problem import Choice
from jicheng.optimise.purses import pay
from jicheng.optimise.race import race_offers
from jicheng.optimise.schedule import Schedule
from jicheng.optimise.tables import (
    cash_table,
    overrides_table,
    overrun_table,
    races_table,
    schedule_table,
)
from jicheng.optimise.value import odds
from jicheng.schema import plan_tables

__all__ = ["DEFENCE", "Defence", "defend", "nothing_to_defend"]

DEFENCE = ("schedule", "cash", "races", "overrun", "overrides")
"""Tables of a defence."""


@dataclass(frozen=True)
class Defence:
    """Tables that defend a plan.

    Attributes
    ----------
    tables : dict of str to polars.DataFrame
        :data:`DEFENCE`, as ``schema/plan/`` describes them.
    paid : ndarray of float64, shape (l, p)
        What each purse pays each listed challenge, over all years [wan].
    warnings : tuple of Fault
    n_cut_short : int
        Solves that a deadline, memory or a kill ended.
    """

    tables: dict[str, pl.DataFrame]
    paid: NDArray[np.float64]
    warnings: tuple[Fault, ...]
    n_cut_short: int


def nothing_to_defend() -> dict[str, pl.DataFrame]:
    """Return the tables of a defence without rows."""
    return {name: empty_frame(plan_tables()[name]) for name in DEFENCE}


def defend(plan: Plan, *, done: Callable[[], None]) -> Defence:
    """Schedule a chosen plan and tell its races, its risk and the price of its overrides.

    Parameters
    ----------
    plan : Plan
        What was chosen.
    done : callable
        Called when the schedule, the risk and the prices are done.

    Raises
    ------
    SolverFailed
        E403 if no payment is found.
    """
    tables = nothing_to_defend()
    paid_for = plan.pool.paid_for(plan.choice)
    warnings = []
    if plan.pool.calendar is None:
        paid = pay(plan.pool.purses, paid_for)
    else:
        schedule = Schedule.of(
            plan.pool.calendar, plan.pool.cases, paid_for, plan.settings.gate_pass
        )
        tables["schedule"] = schedule_table(schedule)
        tables["cash"] = cash_table(schedule, plan.pool.purses.ids)
        paid = np.zeros_like(plan.pool.purses.caps)
        paid[paid_for] = schedule.paid.sum(axis=2)
        warnings += _undated(schedule)
    tables["races"] = _races(plan)
    done()
    tables["overrun"], cut_short = _overrun(plan)
    done()
    every = list(overrides(_single(plan), plan.pool))
    priced = [(one, price_of(one, plan)) for one in islice(every, plan.settings.priced_overrides)]
    rest = every[len(priced) :]
    tables["overrides"] = overrides_table([*priced, *((one, None) for one in rest)])
    if rest:
        warnings.append(fault("E448", is_warning=True, count=len(rest), most=len(priced)))
    done()
    cut_short += sum(price.n_cut_short for _, price in priced if price is not None)
    return Defence(tables, paid, tuple(warnings), cut_short)


def _single(plan: Plan) -> list[Case]:
    return [option for option in plan.options if option.n_teams == 1]


def _undated(schedule: Schedule) -> list[Fault]:
    """Tell which funded challenges have no milestones: they are paid whole at the start."""
    undated = [case.challenge for case in schedule.cases if len(case.stages.shares) == 1]
    if not undated:
        return []
    ids = ", ".join(undated[:5])
    return [fault("E449", is_warning=True, count=len(undated), ids=ids)]


def _races(plan: Plan) -> pl.DataFrame:
    """Return the table ``races``, for challenges that may be chosen with several teams."""
    problem, options = plan.chooser.problem, plan.pool.competitors
    offers = race_offers(options, problem.value, plan.choice.chosen)
    cost = float(problem.purses.cost @ plan.choice.chosen)
    success = odds([offer.option for offer in offers], plan.settings).mean(axis=0)
    return races_table(offers, success.tolist(), plan.choice.value / cost if cost > 0 else np.nan)


def _overrun(plan: Plan) -> tuple[pl.DataFrame, int]:
    """Return the table ``overrun``: the best plan at every protection, and its risk."""
    if not plan.pool.purses.overrun.any():
        return empty_frame(plan_tables()["overrun"]), 0
    own, problem = plan.settings.protected_overruns, plan.chooser.problem
    plans, cut_short = [], 0
    for gamma in sorted({*plan.settings.overrun_gammas, own}):
        choice: Choice | None = plan.choice
        if gamma != own:
            purses = replace(problem.purses, protection=gamma)
            chooser = plan.chooser.under(replace(problem, purses=purses))
            choice = chooser.choose(is_aside=True)
            cut_short += chooser.n_cut_short - plan.chooser.n_cut_short
        if choice is not None:
            plans.append(_protected(plan, gamma, choice))
    return overrun_table(plans, plan.pool.purses.ids), cut_short


def _protected(plan: Plan, gamma: float, choice: Choice) -> ProtectedPlan:
    pool = plan.pool
    paid_for = pool.paid_for(choice)
    names = [case.challenge for case in pool.cases]
    risk = overrun_risk(pool.purses, names, pay(pool.purses, paid_for), plan.settings)
    return ProtectedPlan(
        gamma,
        choice.value,
        float(pool.purses.cost @ paid_for),
        tuple(name for name, is_in in zip(names, paid_for, strict=True) if is_in),
        risk,
        gamma == plan.settings.protected_overruns,
    )
