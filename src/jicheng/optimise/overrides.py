"""What every decision of people and every condition costs in value.

The plan is chosen anew without the decision or the condition, all else as it is; the
price is the value it would avoid in addition, on the same draws. It is never negative:
whatever the plan does now it could do without the override as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.optimise.cases import Case
from jicheng.optimise.front import Chooser
from jicheng.optimise.pool import Pool, is_promised
from jicheng.optimise.problem import Choice
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import SetValue, standard_error
from jicheng.zone import Zone

__all__ = ["Override", "Price", "overrides", "price_of"]


@dataclass(frozen=True, slots=True)
class Override:
    """A decision about a challenge, or a condition.

    Attributes
    ----------
    id : str
        Id of the challenge or of the condition.
    kind : str
        ``mandatory``, ``excluded`` or the kind of the condition.
    reason : str
        Why people set it; may be empty.
    """

    id: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Price:
    """What an override costs.

    Attributes
    ----------
    value, error : float
        Value lost, and its standard error over the draws.
    added, dropped : tuple of str
        What the plan would fund in addition without it, and what no longer.
    is_proved : bool
        Whether the plan without it is proved best.
    n_cut_short : int
        Solves that a deadline, memory or a kill ended.
    """

    value: float
    error: float
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    is_proved: bool
    n_cut_short: int


def overrides(cases: Sequence[Case], pool: Pool) -> Iterator[Override]:
    """Yield the decisions about challenges that the choice could otherwise make, then conditions.

    An excluded challenge that lacks data could not be chosen anyway, and has no price.
    """
    for case in cases:
        matters = case.is_candidate or is_promised(case)
        if case.decision == "mandatory" and matters:
            yield Override(case.challenge, "mandatory", case.decided_because)
        if case.decision == "excluded" and case.is_candidate:
            yield Override(case.challenge, "excluded", case.decided_because)
    for condition in pool.conditions:
        yield Override(condition.id, condition.kind, condition.reason)


@dataclass(frozen=True)
class Plan:
    """The chosen plan, from which overrides are lifted one at a time.

    Attributes
    ----------
    zone : Zone
    options : tuple of Case
        Options of all challenges, candidates or not.
    value : SetValue
        Values of sets of the options of candidates.
    pool : Pool
    chooser : Chooser
        That chose the plan.
    choice : Choice
    settings : PortfolioSettings
    budget_scale : float
    """

    zone: Zone
    options: tuple[Case, ...]
    value: SetValue
    pool: Pool
    chooser: Chooser
    choice: Choice
    settings: PortfolioSettings
    budget_scale: float


def price_of(override: Override, plan: Plan) -> Price | None:
    """Choose anew without an override; None if nothing can be chosen without it."""
    pool = _without(override, plan)
    candidates = [option for option in plan.options if option.is_candidate]
    problem = pool.problem(plan.value, candidates)
    before = _names(plan.pool)
    start = np.isin(
        _names(pool), [n for n, is_in in zip(before, plan.choice.chosen, strict=True) if is_in]
    )
    is_same = _names(pool) == before
    chooser = plan.chooser.under(problem) if is_same else Chooser(problem, plan.settings)
    free = _choose(chooser, start)
    if free is None:
        return None
    gain = problem.value.on_draws(free.chosen) - plan.chooser.problem.value.on_draws(
        plan.choice.chosen
    )
    now = _challenges(plan.pool, plan.choice)
    then = _challenges(pool, free)
    return Price(
        max(0.0, float(gain.mean())),
        standard_error(gain),
        tuple(sorted(then - now)),
        tuple(sorted(now - then)),
        free.gap <= plan.settings.gap,
        chooser.n_cut_short - (plan.chooser.n_cut_short if is_same else 0),
    )


def _without(override: Override, plan: Plan) -> Pool:
    options = plan.options
    if override.kind in ("mandatory", "excluded"):
        options = tuple(
            replace(option, decision="") if option.challenge == override.id else option
            for option in options
        )
    pool = Pool.of(plan.zone, options, plan.budget_scale, plan.settings)
    kept = tuple(condition for condition in pool.conditions if condition.id != override.id)
    is_condition = override.kind not in ("mandatory", "excluded")
    return replace(pool, conditions=kept) if is_condition else pool


def _choose(chooser: Chooser, start: NDArray[np.bool_]) -> Choice | None:
    """Choose the best set, at least as good as the plan's own where that is feasible."""
    problem, free = chooser.problem, chooser.choose(is_aside=True)
    if not problem.feasible(start[None, :])[0]:
        return free
    own = float(problem.value.of_sets(start[None, :])[0])
    if free is None or own > free.value:
        bound = float("nan") if free is None else free.bound
        return Choice(start, own, bound, "integer program")
    return free


def _names(pool: Pool) -> list[str]:
    return [f"{option.challenge} {option.n_teams}" for option in pool.competitors]


def _challenges(pool: Pool, choice: Choice) -> set[str]:
    pairs = zip(pool.cases, pool.paid_for(choice), strict=True)
    return {case.challenge for case, is_in in pairs if is_in}
