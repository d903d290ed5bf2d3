"""Which challenges to fund, with which consortium, from which purse, and what for.

Every challenge brings the consortium that was chosen for it and the money it asks for;
the portfolio is the set within the purses that avoids the largest expected loss of
final output (:mod:`jicheng.optimise.value`). Up to 15 candidates all sets are looked
at; beyond, an integer program finds the best set and proves how good it is
(:mod:`jicheng.optimise.cutting_planes`). The bound is one on the value estimated on
the common draws, over all sets that the purses can pay for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.conform import empty_frame
from jicheng.errors import Fault, fault, text
from jicheng.optimise.cases import Case, read_cases
from jicheng.optimise.conditions import contradictions
from jicheng.optimise.defence import defend, nothing_to_defend
from jicheng.optimise.front import Chooser
from jicheng.optimise.money import worth_of_money
from jicheng.optimise.overrides import Plan
from jicheng.optimise.pool import Pool, is_promised
from jicheng.optimise.problem import Choice
from jicheng.optimise.race import options_of, race_warnings
from jicheng.optimise.rows import explain, rows_of
from jicheng.optimise.sensitivity import sensitivity, varied
from jicheng.optimise.settings import PortfolioSettings, check_settings
from jicheng.optimise.success import Team
from jicheng.optimise.tables import (
    front_table,
    funding_table,
    loss_table,
    money_table,
    portfolio_table,
    sensitivity_table,
    value_table,
)
from jicheng.optimise.value import Exposure, SetValue, Variant
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["PortfolioResult", "PortfolioSettings", "choose_portfolio"]

Progress = Callable[[int, int], None]
_CHOSEN_ONLY = ("funding", "front", "money", "sensitivity")
_STOPS = ("E401", "E404", "E405")


@dataclass(frozen=True)
class PortfolioResult:
    """A portfolio, why it is the one, and what it rests on.

    Attributes
    ----------
    portfolio, funding, front, money, value, sensitivity : polars.DataFrame
        As ``schema/plan/`` describes them.
    schedule, cash, races, overrun, overrides : polars.DataFrame
        What defends it (:mod:`jicheng.optimise.defence`), as ``schema/plan/`` describes them.
    status : str
        ``optimal`` (proved within the gap), ``feasible``, ``infeasible`` (mandatory
        challenges cannot be paid) or ``not_run`` (see ``warnings``).
    bound, gap : float
        No set that the purses can pay for avoids more than ``bound`` on the draws used;
        ``(bound - value) / value``. nan = nothing is proved.
    settings : PortfolioSettings
        Assumptions, draws and seed.
    seed : int
        Seed of all draws.
    warnings : tuple of Fault
        What a reader must know.
    n_cut_short : int
        Solves that a deadline, memory or a kill ended: another run may differ.
    """

    portfolio: pl.DataFrame
    funding: pl.DataFrame
    front: pl.DataFrame
    money: pl.DataFrame
    value: pl.DataFrame
    sensitivity: pl.DataFrame
    schedule: pl.DataFrame
    cash: pl.DataFrame
    races: pl.DataFrame
    overrun: pl.DataFrame
    overrides: pl.DataFrame
    status: str
    bound: float
    gap: float
    settings: PortfolioSettings
    seed: int
    warnings: tuple[Fault, ...]
    n_cut_short: int


def choose_portfolio(
    zone: Zone,
    challenges: pl.DataFrame,
    consortia: pl.DataFrame,
    members: pl.DataFrame,
    assignment: pl.DataFrame,
    settings: PortfolioSettings | None = None,
    *,
    rivals: Mapping[str, Sequence[Team]] | None = None,
    budget_scale: float = 1.0,
    progress: Progress | None = None,
) -> PortfolioResult:
    """Choose which challenges to fund within the purses of a zone.

    Parameters
    ----------
    zone : Zone
        ``technologies``, ``links``, ``supply``, ``restrictions``, ``needs``,
        ``purses``, ``conditions`` and ``milestones`` are read.
    challenges, consortia, members, assignment : polars.DataFrame
        Plan tables of these names; a challenge without members has no consortium.
    settings : PortfolioSettings, optional
        Assumptions.
    rivals : mapping of str to sequence of Team, optional
        Further consortia of a challenge, the better first, for parallel awards; where
        none is given the same one stands for each.
    budget_scale : float
        Multiplies every purse.
    progress : callable, optional
        Called with how much is done and how much there is.

    Returns
    -------
    PortfolioResult
        A challenge without the data that its value or cost rests on is no candidate,
        and says what it lacks. Without purses nothing is chosen (E401), without shares
        of supply nothing can be valued (E404); what can be told is told.

    Raises
    ------
    InvalidInput
        E402 if there are more than 12 purses, E413 for settings outside their range.
    SolverFailed
        E403 if no payment is found for the chosen set.
    """
    settings = settings or PortfolioSettings()
    check_settings(settings)
    exposure = Exposure.of(zone, settings)
    cases = read_cases(
        zone, challenges, consortia, members, assignment,
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    options = tuple(option for case in cases for option in options_of(case, rivals or {}))
    candidates = tuple(option for option in options if option.is_candidate)
    stage = _Stage(
        zone, settings, exposure, cases, options,
        value=SetValue.of(exposure, candidates, settings),
        pool=Pool.of(zone, options, budget_scale, settings),
        budget_scale=budget_scale,
        steps=Steps.of(settings, progress),
    )  # fmt: skip
    against, settled = contradictions(stage.pool.conditions, cases, stage.pool.promised_ids)
    warnings = [
        *_warnings(stage), *stage.pool.warnings(), *race_warnings(cases, rivals or {}), *against,
    ]  # fmt: skip
    if any(warning.code in _STOPS for warning in warnings):
        return _unchosen(stage, "not_run", warnings)
    if against:
        return _unchosen(stage, "infeasible", warnings)
    chooser = Chooser(stage.pool.problem(stage.value, candidates), settings)
    choice = chooser.choose()
    stage.steps.done()
    if choice is None:
        forced = [case.cost for case in cases if settled.get(case.challenge) and case.cost >= 0]
        return _unchosen(stage, "infeasible", [*warnings, fault("E406", cost=f"{sum(forced):g}")])
    return _chosen(stage, chooser, choice, warnings)


class Steps:
    """Count the steps of the stage for whoever watches."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._count = total, progress, 0

    @classmethod
    def of(cls, settings: PortfolioSettings, progress: Progress | None) -> Steps:
        """Count the choice, the explanation, the defence, the front, money and the sensitivity."""
        return cls(6 + settings.front_points + len(varied()), progress)

    def done(self) -> None:
        """Tell that one more step is done."""
        self._count += 1
        if self._progress is not None:
            self._progress(self._count, self._total)


@dataclass(frozen=True)
class _Stage:
    """Everything that is known before the choice."""

    zone: Zone
    settings: PortfolioSettings
    exposure: Exposure
    cases: tuple[Case, ...]
    options: tuple[Case, ...]
    value: SetValue
    pool: Pool
    budget_scale: float
    steps: Steps

    def with_teams(self, chosen: Sequence[Case]) -> tuple[tuple[Case, ...], SetValue]:
        """Return all cases, each as it was chosen, and the values of sets of candidates."""
        teams = {case.challenge: case.n_teams for case in chosen}
        as_chosen = [
            option for option in self.options if option.n_teams == teams.get(option.challenge, 1)
        ]
        candidates = [option for option in self.options if option.is_candidate]
        where = [
            place
            for place, option in enumerate(candidates)
            if option.n_teams == teams.get(option.challenge, 1)
        ]
        return tuple(as_chosen), self.value.part(np.array(where, dtype=np.intp))


def _warnings(stage: _Stage) -> list[Fault]:
    """Tell what stops the choice, and what the value leaves out or assumes."""
    chain, supply = stage.exposure.chain, stage.exposure.supply
    found = []
    if not stage.zone.has("purses", "amount"):
        found.append(fault("E401", is_warning=True))
    if not stage.exposure.scenarios.names:
        found.append(fault("E404", is_warning=True))
    if not any(case.is_candidate for case in stage.cases):
        found.append(fault("E405", is_warning=True))
    found += [
        fault("E407", is_warning=True, id=case.challenge)
        for case in stage.cases
        if case.decision == "mandatory" and not case.is_candidate and not is_promised(case)
    ]
    counted = chain.leads_to_final & ~supply.has_shares & ~chain.is_category
    for code, count in (
        ("E410", int(counted.sum())),
        ("E411", int(chain.final_assumed)),
        ("E412", int(chain.essential_unknown.sum())),
    ):
        if count:
            found.append(fault(code, is_warning=True, count=count))
    return found


def _unchosen(stage: _Stage, status: str, warnings: Sequence[Fault]) -> PortfolioResult:
    """Return what can be told without a portfolio: odds, values alone, loss before."""
    rows = rows_of(*stage.with_teams(()), stage.settings)
    for row in rows:
        if row.case.is_candidate:
            row.reasons.append(text("E437")[0])
    losses = {}
    if stage.exposure.scenarios.names and stage.exposure.chain.technologies:
        losses = {
            variant: SetValue.of(stage.exposure, (), stage.settings, variant).loss_before
            for variant in Variant
        }
    return PortfolioResult(
        portfolio=portfolio_table(rows),
        value=loss_table(losses),
        **{
            name: empty_frame(plan_tables()[name])
            for name in ("funding", "front", "money", "sensitivity")
        },
        **nothing_to_defend(),
        status=status,
        bound=math.nan,
        gap=math.nan,
        settings=stage.settings,
        seed=stage.settings.seed,
        warnings=tuple(warnings),
        n_cut_short=0,
    )


def _chosen(
    stage: _Stage, chooser: Chooser, choice: Choice, warnings: list[Fault]
) -> PortfolioResult:
    settings, pool = stage.settings, stage.pool
    paid_for = pool.paid_for(choice)
    paid_cases = [case for case, is_in in zip(pool.cases, paid_for, strict=True) if is_in]
    cases, value = stage.with_teams(paid_cases)
    funded = tuple(case for case in paid_cases if case.is_candidate)
    rows = rows_of(cases, value, settings)
    explain(rows, value, {case.challenge for case in paid_cases}, pool, settings)
    stage.steps.done()
    plan = Plan(
        stage.zone, stage.options, stage.value, pool, chooser, choice, settings, stage.budget_scale
    )
    defence = defend(plan, done=stage.steps.done)
    warnings += defence.warnings
    front = _front(stage, chooser, choice)
    money = worth_of_money(
        stage.zone, stage.options, stage.value, chooser, choice,
        settings=settings, budget_scale=stage.budget_scale,
    )  # fmt: skip
    stage.steps.done()
    moved = sensitivity(stage.zone, funded, stage.exposure, settings, progress=stage.steps.done)
    values = {
        variant: SetValue.of(stage.exposure, funded, settings, variant) for variant in Variant
    }
    is_proved = choice.gap <= settings.gap
    if not is_proved:
        warnings.append(fault("E409", is_warning=True, detail=f"{choice.gap:.2%}"))
    return PortfolioResult(
        portfolio=portfolio_table(rows),
        funding=funding_table([case.challenge for case in pool.cases], pool.purses, defence.paid),
        front=front,
        money=money_table(money),
        value=value_table(values, moved, choice),
        sensitivity=sensitivity_table(moved),
        **defence.tables,
        status="optimal" if is_proved else "feasible",
        bound=choice.bound,
        gap=choice.gap,
        settings=settings,
        seed=settings.seed,
        warnings=tuple(warnings),
        n_cut_short=chooser.n_cut_short + defence.n_cut_short,
    )


def _front(stage: _Stage, chooser: Chooser, choice: Choice) -> pl.DataFrame:
    """Return the table ``front``; budgets that cannot pay what is mandatory are left out."""
    settings, problem = stage.settings, chooser.problem
    scales = np.linspace(settings.front_low, settings.front_high, settings.front_points)
    budgets = [float(scale) for scale in scales.round(9)]
    money = float(problem.purses.amounts.sum())
    points = []
    for scale in budgets:
        best = choice if scale == 1.0 else chooser.choose(scale, is_aside=True)
        if best is not None:
            points.append((scale, scale * money, best))
        stage.steps.done()
    promised = [case for case in stage.pool.cases if is_promised(case)]
    names = [case.challenge for case in stage.pool.competitors]
    return front_table(names, promised, points, problem.purses, problem.value)
