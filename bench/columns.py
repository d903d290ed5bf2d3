"""Consortia of many challenges under shared capacity and money: plans, what-ifs, arrivals.

Problems of the published sizes. The baseline is the search at prices without column
generation: challenges are staffed one after another with what is left of capacity and
money, for each of ten prices of money; the best of these plans counts.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from bench.shared_problems import SIZES, Size, draw_arrival, draw_problem
from jicheng.kernel.columns.answers import AnswerLimits, arrive, front, reprice
from jicheng.kernel.columns.generation import Generation, GenerationLimits, generate
from jicheng.kernel.columns.pricing import Effort, price_all
from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.solver import Solver

NAME = "columns"

PUBLISHED = Effort(listed=100_000, leads=6, deep=0, kicks=0, kept=8)  # steps 1 to 3 alone
MONEY = np.linspace(0.0, 3.6, 10)  # points for a point of cost
SEEDS = {"L": 5}
LOCKED, LOCKED_QUICK = 50, 5  # members of the plan that are locked out, one at a time
ARRIVALS = 5
SCALES = np.linspace(0.5, 1.5, 11)
MINUTE = 60.0
IN_A_MEETING = AnswerLimits(max_seconds=1.2)  # of the choice; the search comes before it
AT_THE_COUNTER = AnswerLimits(max_seconds=0.3)  # of the choice when a challenge arrives
ON_A_CURVE = AnswerLimits(gap=1e-3, max_seconds=1.0)  # of each point


def run(quick: bool) -> dict[str, Any]:
    """Measure each size; return values, gaps and seconds."""
    figures: dict[str, Any] = {}
    with ThreadPoolExecutor(2) as executor, Solver() as solver:
        _measure(Size(4, 60, 10), 1, 1.0, executor, solver)  # compiles the kernels
        for name in ("T",) if quick else SIZES:
            seconds, seeds = (2.0, 1) if quick else (MINUTE, SEEDS.get(name, 1))
            found = [
                _measure(SIZES[name], 1 + seed, seconds, executor, solver) for seed in range(seeds)
            ]
            title = name if seeds == 1 else f"{name}, median of {seeds}"
            figures |= {f"{title}: {key}": _median([f[key] for f in found]) for key in found[0]}
        if not quick:
            figures |= _limits(SIZES["L"], executor, solver)
    return figures


def _median(figures: list[Any]) -> Any:
    """Return the median of numbers, and all texts that differ."""
    if isinstance(figures[0], str):
        return " | ".join(dict.fromkeys(figures))
    return round(float(np.median(figures)), 2)


def _measure(
    size: Size, seed: int, seconds: float, executor: Executor, solver: Solver
) -> dict[str, Any]:
    problem = draw_problem(size, seed)
    base, spent_base = timed(lambda: baseline(problem))
    limits = GenerationLimits(rounds=10_000, exact_rounds=200, seconds=seconds)
    plan, spent = timed(lambda: generate(problem, limits=limits, executor=executor, solver=solver))
    n_locked = LOCKED if seconds >= MINUTE else LOCKED_QUICK
    locked, losses, gaps = lock_outs(problem, plan, n_locked, executor, solver)
    curve, spent_front = timed(
        lambda: front(
            problem, plan.pool, plan.prices, SCALES,
            chosen=plan.chosen, limits=ON_A_CURVE, executor=executor, solver=solver,
        )
    )  # fmt: skip
    arrivals = [_arrival(problem, plan, size, seed, k, solver) for k in range(ARRIVALS)]
    return {
        "baseline value": round(base, 1),
        "baseline seconds": round(spent_base, 1),
        "plan value": round(plan.value, 1),
        "plan seconds": round(spent, 1),
        "gain over the baseline, percent": round(100.0 * (plan.value / base - 1.0), 2),
        "valid bound": round(plan.bound, 1),
        "gap, percent": round(100.0 * plan.gap, 2),
        "rounds": plan.rounds,
        "columns": len(plan.pool),
        "stopped by": str(plan.stopped_by),
        "lock-out seconds, 90th percentile": round(float(np.quantile(locked, 0.9)), 2),
        "lock-out loss, mean": round(float(np.mean(losses)), 2),
        "lock-out gap to its columns, percent, mean": round(float(np.mean(gaps)), 3),
        "lock-out gap to its columns, percent, most": round(float(np.max(gaps)), 3),
        "front seconds": round(spent_front, 1),
        "front values": " ".join(f"{value:.0f}" for value in curve.values),
        "arrival seconds, most": round(max(arrivals), 2),
        "peak memory, MB": round(peak_mb()),
    }


def _limits(size: Size, executor: Executor, solver: Solver) -> dict[str, Any]:
    """Return what short time limits give."""
    problem = draw_problem(size, 1)
    figures: dict[str, Any] = {}
    for seconds in (1.0, 5.0, 30.0):
        plan, spent = timed(
            lambda seconds=seconds: generate(
                problem,
                limits=GenerationLimits(rounds=10_000, exact_rounds=200, seconds=seconds),
                executor=executor,
                solver=solver,
            )
        )
        figures[f"L in {seconds:.0f} s"] = (
            f"value {plan.value:.0f}, gap {100 * plan.gap:.1f} %, {spent:.1f} s, "
            f"{'feasible' if plan.is_feasible else 'not feasible'}"
        )
    return figures


def baseline(problem: SharedProblem) -> float:
    """Return the best of ten plans that staff one challenge after another."""
    return max(_in_turn(problem, float(price)) for price in MONEY)


def _in_turn(problem: SharedProblem, money: float) -> float:
    prices = Prices(np.zeros(problem.n_organisations), np.array([money]))
    left, room, value = problem.capacity.copy(), problem.limits.copy(), 0.0
    for c in range(problem.n_challenges):
        now = replace(problem, capacity=left)
        found = price_all(now, prices, challenges=[c], effort=PUBLISHED)
        fits = (found.use <= room).all(axis=1) & (found.value > 0.0)
        surplus = np.where(fits, found.surplus(prices), -np.inf)
        if not len(found) or surplus.max() <= 0.0:
            continue
        j = int(np.argmax(surplus))
        left = left.copy()
        left[found.members_of(j)] -= 1.0
        room = room - found.use[j]
        value += float(found.value[j])
    return value


def lock_outs(
    problem: SharedProblem, plan: Generation, n_locked: int, executor: Executor, solver: Solver
) -> tuple[list[float], list[float], list[float]]:
    """Lock members of the plan out; return seconds, points lost, gaps [%] to their columns."""
    columns = plan.pool.kept(plan.chosen)
    members = np.unique(columns.member)
    drawn = np.random.default_rng(0).choice(members, min(n_locked, len(members)), replace=False)
    spent, lost, gaps = [], [], []
    for organisation in drawn:
        touched = columns.challenge[columns.has(int(organisation))]
        answer, seconds = timed(
            lambda o=int(organisation), c=touched: reprice(
                problem.without(o), plan.pool, plan.prices, c,
                chosen=plan.chosen, limits=IN_A_MEETING, executor=executor, solver=solver,
            )
        )  # fmt: skip
        spent.append(seconds)
        lost.append(plan.value - answer.value)
        gaps.append(100.0 * (answer.restricted_bound / answer.value - 1.0))
    return spent, lost, gaps


def _arrival(
    problem: SharedProblem, plan: Generation, size: Size, seed: int, k: int, solver: Solver
) -> float:
    team, who = draw_arrival(size, seed, k)
    signed = plan.chosen[: len(plan.chosen) // 2]
    return timed(
        lambda: arrive(
            problem,
            plan,
            team,
            who,
            worth=15.0,
            fixed=signed,
            limits=AT_THE_COUNTER,
            solver=solver,
        )
    )[1]


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def peak_mb() -> float:
    """Return the peak memory of this process and of the largest of its workers."""
    own, others = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return float(own + others) / 1024.0
