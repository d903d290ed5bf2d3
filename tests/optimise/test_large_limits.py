"""Large random portfolios under every rule: the plan found never breaks one."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.solver import ProgramBuilder, SolveStatus, solve
from jicheng.optimise.calendar import Calendar, Money
from jicheng.optimise.cutting_planes import CuttingPlanes, Effort
from jicheng.optimise.problem import Problem, Rules
from jicheng.optimise.purses import Purses
from jicheng.optimise.value import SetValue
from portfolio_builders import random_protection

LITTLE = Effort(rounds=3, work=3.0, search_rounds=10)


def large_problem(rng: np.random.Generator) -> Problem:
    """Make 20 to 60 challenges, three purses, six conditions, overruns and years."""
    c, p, years = int(rng.integers(20, 61)), 3, 4
    protection = random_protection(rng, n=30, n_challenges=c, n_scenarios=5)
    value = SetValue(protection, rng.random((20, c)) < rng.uniform(0.2, 1.0, c))
    cost = rng.integers(5, 50, c).astype(float)
    caps = cost[:, None] * rng.choice([0.0, 0.5, 1.0], size=(c, p))
    caps[:, 0] = cost
    amounts = rng.dirichlet(np.ones(p)) * cost.sum() * rng.uniform(0.2, 0.7)
    purses = Purses.of(
        [f"p{k}" for k in range(p)], amounts, caps, cost,
        overrun=rng.uniform(0, 0.4, c), protection=float(rng.choice([0, 2, 3.5])),
    )  # fmt: skip
    money = Money(2026, amounts[:, None] * rng.dirichlet(np.ones(years), size=p),
                  rng.random(p) < 0.6)  # fmt: skip
    stages = rng.dirichlet(np.ones(3), size=c)
    rows, limits = [], []
    for k in range(6):
        row, listed = np.zeros(c), rng.choice(c, 5, replace=False)
        if k % 3 == 0:
            row[listed] = 1.0
            rows, limits = [*rows, row], [*limits, 2.0]
        else:
            row[listed[0]], row[listed[1]] = 1.0, -1.0
            rows, limits = [*rows, row], [*limits, 0.0]
            if k % 3 == 2:
                rows, limits = [*rows, -row], [*limits, 0.0]
    return Problem(
        value, purses, np.zeros(c, dtype=bool), Rules(np.array(rows), np.array(limits)),
        Calendar.of(money, purses, cost[:, None] * stages, 1),
    )  # fmt: skip


def broken(problem: Problem, chosen: np.ndarray) -> list[str]:
    """Check a plan by the definition of every rule, without the code that chose it."""
    inside, purses = np.flatnonzero(chosen), problem.purses
    faults = []
    for row, limit in zip(problem.rules.coefficients, problem.rules.limit, strict=True):
        if sum(row[c] for c in inside) > limit + 1e-9:
            faults.append("condition")
    for need, held in zip(purses.needs, purses.held, strict=True):
        over = sorted((need[c] * purses.overrun[c] for c in inside), reverse=True)
        whole, part = int(purses.protection), purses.protection % 1
        reserve = sum(over[:whole]) + part * sum(over[whole : whole + 1])
        if sum(need[c] for c in inside) + reserve > held * (1 + 1e-6):
            faults.append("money")
    if len(inside) and not can_be_paid(problem, inside):
        faults.append("years")
    return faults


def can_be_paid(problem: Problem, inside: np.ndarray) -> bool:
    """Whether the starts that the calendar names can be paid, by a flow of every payment."""
    calendar, chosen = problem.calendar, np.zeros(problem.n_challenges, dtype=bool)
    chosen[inside] = True
    starts = calendar.starts(chosen)
    p, years = calendar.money.amounts.shape
    builder = ProgramBuilder()
    paid = builder.columns(len(inside) * p * years).reshape(len(inside), p, years)
    for i, c in enumerate(inside):
        for y in range(years):
            offset = y - starts[int(c)]
            due = calendar.payments[c, offset] if 0 <= offset < 3 else 0.0
            builder.row("", paid[i, :, y], lower=due, upper=due)
            for q in range(p):
                share = problem.purses.caps[c, q] / problem.purses.cost[c]
                builder.row("", [paid[i, q, y]], upper=share * due + 1e-6)
    for q in range(p):
        for y in range(years):
            since = 0 if calendar.money.carries[q] else y
            upper = calendar.money.amounts[q, since : y + 1].sum() + 1e-4
            builder.row("", paid[:, q, since : y + 1].ravel(), upper=upper)
    return solve(builder.build()).status is SolveStatus.OPTIMAL


@pytest.mark.parametrize("seed", range(16))
def test_a_large_plan_never_breaks_a_rule(seed: int) -> None:
    problem = large_problem(np.random.default_rng(seed))
    choice = CuttingPlanes(problem, LITTLE).choose()
    assert choice is not None
    assert broken(problem, choice.chosen) == []
    assert choice.bound >= choice.value - 1e-9
