"""Proof of shared plans: how small a gap exact pricing proves, and how long it takes.

Each size starts from the columns of a short generation; the proof then stops at the gap
asked for. The last lines ask what a hard limit of the clock leaves.
"""

from __future__ import annotations

import resource
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.shared_problems import SIZES, draw_problem
from jicheng.kernel.columns.certify import Certificate, certify
from jicheng.kernel.columns.generation import Generation, GenerationLimits, generate
from jicheng.kernel.columns.problem import SharedProblem

NAME = "certify"

SEEDS = (1, 2, 3, 4, 5)
CLOCKS = (1.0, 5.0, 30.0)


@dataclass(frozen=True)
class Proof:
    """Limits of one size: generation, proof, gap asked for."""

    generation_seconds: float
    seconds: float
    gap: float


PROOFS = {
    "T": Proof(5.0, 600.0, 0.0),
    "S": Proof(10.0, 600.0, 0.0),
    "M": Proof(20.0, 600.0, 0.001),
    "L": Proof(60.0, 900.0, 0.002),
}


def run(quick: bool) -> dict[str, Any]:
    """Prove plans of each size; return gaps and seconds, the worst of all seeds with the mean."""
    figures: dict[str, Any] = {}
    with ThreadPoolExecutor(2) as executor:
        prove(draw_problem(SIZES["T"], 9), Proof(1.0, 1.0, 0.1), executor)  # loads the kernels
        for name in ("T",) if quick else PROOFS:
            found = [
                prove(draw_problem(SIZES[name], seed), PROOFS[name], executor)
                for seed in (SEEDS[:1] if quick else SEEDS)
            ]
            figures |= {f"{name}: {key}": value for key, value in summary(found).items()}
        if not quick:
            figures |= hurried(draw_problem(SIZES["L"], SEEDS[0]), executor)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures | {"peak memory, MB": round(peak_mb)}


def prove(
    problem: SharedProblem, limits: Proof, executor: Executor
) -> tuple[Generation, Certificate, float]:
    """Generate, then prove; return both answers and the seconds of the proof."""
    seconds = GenerationLimits(seconds=limits.generation_seconds)
    plan = generate(problem, limits=seconds, executor=executor)
    started = time.perf_counter()
    proof = certify(
        problem, plan.pool, plan.prices, chosen=plan.chosen, bound=plan.bound,
        gap=limits.gap, seconds=limits.seconds, executor=executor,
    )  # fmt: skip
    return plan, proof, time.perf_counter() - started


def summary(found: list[tuple[Generation, Certificate, float]]) -> dict[str, Any]:
    gaps = [100.0 * proof.gap for _, proof, _ in found]
    seconds = [spent for _, _, spent in found]
    better = [100.0 * (proof.value / plan.value - 1.0) for plan, proof, _ in found]
    return {
        "gap proved, %": round(float(np.mean(gaps)), 3),
        "largest gap, %": round(max(gaps), 3),
        "seconds": round(float(np.mean(seconds)), 1),
        "most seconds": round(max(seconds), 1),
        "rounds": round(float(np.mean([proof.rounds for _, proof, _ in found])), 1),
        "better than the plan before, %": round(float(np.mean(better)), 2),
    }


def hurried(problem: SharedProblem, executor: Executor) -> dict[str, Any]:
    """Tell what limits of the clock leave of the largest size."""
    figures = {}
    for clock in CLOCKS:
        _, proof, spent = prove(problem, Proof(20.0, clock, 0.0), executor)
        figures[f"L in {clock:.0f} s: gap, %"] = round(100.0 * proof.gap, 2)
        figures[f"L in {clock:.0f} s: seconds taken"] = round(spent, 1)
    return figures
