"""Every rule of a portfolio at once: enumeration, integer program and plain Python agree."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from jicheng.kernel.solver import ProgramBuilder, SolveStatus, solve
from jicheng.kernel.subsets import all_subsets
from jicheng.optimise.calendar import Calendar, Money
from jicheng.optimise.cutting_planes import CuttingPlanes
from jicheng.optimise.enumeration import Enumeration
from jicheng.optimise.problem import Problem, Rules
from jicheng.optimise.purses import Purses
from portfolio_builders import random_problem


def random_limits(rng: np.random.Generator) -> Problem:
    """Switch rules on at random: conditions, kinds of purses, overruns, years."""
    problem = random_problem(rng, n_challenges=4 + int(rng.integers(3)), n_draws=8)
    c, p = problem.n_challenges, len(problem.purses.ids)
    purses = problem.purses
    kinds = None
    if rng.random() < 0.4:
        kinds = (np.zeros(p, dtype=np.int64), (purses.cost * rng.uniform(0.6, 1.2, c))[:, None])
    overrun = rng.uniform(0, 0.6, c) if rng.random() < 0.6 else np.zeros(c)
    purses = Purses.of(
        purses.ids, purses.amounts * rng.uniform(1, 1.6), purses.caps, purses.cost,
        kinds=kinds, overrun=overrun, protection=float(rng.choice([0.0, 1.0, 1.5, 2.0, 9.0])),
    )  # fmt: skip
    rules = random_rules(rng, c) if rng.random() < 0.7 else None
    calendar = random_calendar(rng, purses) if rng.random() < 0.6 else None
    return replace(problem, purses=purses, rules=rules, calendar=calendar)


def random_rules(rng: np.random.Generator, c: int) -> Rules:
    rows, limits = [], []
    for _ in range(int(rng.integers(1, 4))):
        listed = rng.choice(c, size=int(rng.integers(2, 4)), replace=False)
        kind, row = rng.integers(3), np.zeros(c)
        if kind == 0:  # requires
            row[listed[0]], row[listed[1]] = 1.0, -1.0
            rows, limits = [*rows, row], [*limits, 0.0]
        elif kind == 1:  # at most one
            row[listed] = 1.0
            rows, limits = [*rows, row], [*limits, 1.0]
        else:  # together
            row[listed[0]], row[listed[1]] = 1.0, -1.0
            rows, limits = [*rows, row, -row], [*limits, 0.0, 0.0]
    return Rules(np.array(rows), np.array(limits))


def random_calendar(rng: np.random.Generator, purses: Purses) -> Calendar:
    p, years = len(purses.ids), int(rng.integers(1, 4))
    parts = rng.dirichlet(np.ones(years), size=p)
    money = Money(2026, purses.amounts[:, None] * parts, rng.random(p) < 0.5)
    stages = rng.dirichlet(np.ones(int(rng.integers(1, 3))), size=len(purses.cost))
    return Calendar.of(money, purses, purses.cost[:, None] * stages, int(rng.integers(0, 3)))


def plain_feasible(problem: Problem, chosen: np.ndarray) -> bool:
    """Judge one set in plain words: every rule by its definition."""
    if (problem.required & ~chosen).any():
        return False
    for row, limit in zip(*(getattr(problem.rules, n, ()) for n in ("coefficients", "limit")),
                          strict=True):  # fmt: skip
        if sum(float(a) for a, x in zip(row, chosen, strict=True) if x) > limit + 1e-9:
            return False
    return plain_robust(problem.purses, chosen) and plain_years(problem, chosen)


def plain_robust(purses: Purses, chosen: np.ndarray) -> bool:
    """Whichever Gamma of the chosen overrun, purses can pay: a flow for every way."""
    inside = np.flatnonzero(chosen)
    whole, part = int(purses.protection), purses.protection % 1
    for over in combinations(inside, min(whole, len(inside))):
        rest = [c for c in inside if c not in over]
        for last in rest if part and rest else [None]:
            cost = purses.cost.copy()
            cost[list(over)] *= 1 + purses.overrun[list(over)]
            if last is not None:
                cost[last] *= 1 + part * purses.overrun[last]
            if not flows(purses, inside, cost[:, None], purses.amounts[:, None], None):
                return False
    return True


def plain_years(problem: Problem, chosen: np.ndarray) -> bool:
    if problem.calendar is None:
        return True
    calendar, inside = problem.calendar, np.flatnonzero(chosen)
    years = calendar.money.amounts.shape[1]
    for starts in product(range(calendar.latest + 1), repeat=len(inside)):
        due = np.zeros((problem.n_challenges, years))
        for c, start in zip(inside, starts, strict=True):
            due[c, start : start + calendar.payments.shape[1]] = calendar.payments[c]
        if flows(problem.purses, inside, due, calendar.money.amounts, calendar.money.carries):
            return True
    return False


def flows(purses, inside, due, amounts, carries) -> bool:
    """Whether every payment can be made: purse, challenge and year each with its flow."""
    p, years = amounts.shape
    if not len(inside):
        return True
    builder = ProgramBuilder()
    paid = builder.columns(len(inside) * p * years).reshape(len(inside), p, years)
    for i, c in enumerate(inside):
        for y in range(years):
            builder.row("", paid[i, :, y], lower=due[c, y], upper=due[c, y])
            for q in range(p):
                share = purses.caps[c, q] / purses.cost[c]
                builder.row("", [paid[i, q, y]], upper=share * due[c, y] * (1 + 1e-9))
            for kind in range(purses.kind_caps.shape[1]):
                share = purses.kind_caps[c, kind] / purses.cost[c]
                of_kind = paid[i, purses.kind_of == kind, y]
                builder.row("", of_kind, upper=share * due[c, y] * (1 + 1e-9))
    for q in range(p):
        for y in range(years):
            since = 0 if carries is not None and carries[q] else y
            builder.row("", paid[:, q, since : y + 1].ravel(),
                        upper=amounts[q, since : y + 1].sum() * (1 + 1e-9))  # fmt: skip
    return solve(builder.build()).status is SolveStatus.OPTIMAL


@pytest.mark.parametrize("seed", range(40))
def test_feasible_sets_are_those_of_the_rules_in_plain_words(seed: int) -> None:
    problem = random_limits(np.random.default_rng(seed))
    sets = all_subsets(problem.n_challenges)
    sets = sets[np.random.default_rng(seed).permutation(len(sets))[:12]]
    plain = [plain_feasible(problem, chosen) for chosen in sets]
    assert problem.feasible(sets).tolist() == plain


@pytest.mark.parametrize("seed", range(500))
def test_enumeration_equals_the_integer_program_under_random_rules(seed: int) -> None:
    problem = random_limits(np.random.default_rng(1000 + seed))
    looked = Enumeration.of(problem).choose()
    solved = CuttingPlanes(problem, gap=1e-9).choose()
    if looked is None or solved is None:
        assert looked is solved is None
        return
    sets = all_subsets(problem.n_challenges)
    values = problem.value.of_sets(sets)
    assert looked.value == pytest.approx(values[problem.feasible(sets)].max(), abs=1e-12)
    assert problem.feasible(np.vstack([looked.chosen, solved.chosen])).all()
    assert solved.value == pytest.approx(looked.value, abs=1e-9)
    assert solved.bound >= looked.value - 1e-9
