"""Shared consortia as challenges and organisations grow: seconds, gap, memory, with a picture.

Each size is planned with exact rounds until nothing is left to gain or a limit of ten minutes;
members are then locked out one at a time and a front of eleven budgets is drawn. ``--quick``
takes the two smallest sizes and draws nothing.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench.columns import ON_A_CURVE, SCALES, lock_outs, peak_mb, timed
from bench.plot import Line, Panel, draw
from bench.shared_problems import Size, draw_problem
from jicheng.kernel.columns.answers import front
from jicheng.kernel.columns.generation import GenerationLimits, generate
from jicheng.kernel.solver import Solver

NAME = "sweep"

SIZES = (
    Size(8, 200, 20), Size(20, 500, 30), Size(40, 1_000, 40), Size(80, 2_000, 45),
    Size(140, 3_500, 50), Size(200, 5_000, 50), Size(300, 7_500, 55), Size(400, 10_000, 60),
)  # fmt: skip
LIMIT = GenerationLimits(rounds=10_000, exact_rounds=200, seconds=600.0)
LOCKED = 20
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "sweep.svg"


def run(quick: bool) -> dict[str, Any]:
    """Measure every size; write the picture."""
    figures: dict[str, Any] = {}
    found: list[dict[str, float]] = []
    with ThreadPoolExecutor(2) as executor, Solver() as solver:
        _measure(Size(4, 60, 10), executor, solver)  # compiles the kernels
        for size in SIZES[:2] if quick else SIZES:
            found.append(_measure(size, executor, solver))
            title = f"{size.challenges} x {size.organisations:,}"
            figures[title] = "; ".join(f"{key} {value:.4g}" for key, value in found[-1].items())
    if not quick:
        PICTURE.write_text(draw(_panels(found)), "utf-8")
    return figures


def _measure(size: Size, executor: Executor, solver: Solver) -> dict[str, float]:
    problem = draw_problem(size, 1)
    plan, seconds = timed(lambda: generate(problem, limits=LIMIT, executor=executor, solver=solver))
    locked, _, _ = lock_outs(problem, plan, LOCKED, executor, solver)
    _, front_seconds = timed(
        lambda: front(
            problem, plan.pool, plan.prices, SCALES,
            chosen=plan.chosen, limits=ON_A_CURVE, executor=executor, solver=solver,
        )
    )  # fmt: skip
    return {
        "organisations": float(size.organisations),
        "seconds": seconds,
        "gap, %": 100.0 * plan.gap,
        "lock-out seconds, 90th percentile": float(np.quantile(locked, 0.9)),
        "front seconds": front_seconds,
        "peak memory, MB": peak_mb(),
    }


def _panels(found: list[dict[str, float]]) -> list[Panel]:
    across = "组织数（项目数的 25 倍） / organisations (25 a challenge)"

    def line(key: str, name: str, colour: str) -> Line:
        return Line(name, colour, [(f["organisations"], max(f[key], 1e-3)) for f in found])

    return [
        Panel(
            "求解时间 / Time to solve", across, "秒 / seconds",
            [
                line("seconds", "整个方案 / whole plan", "#1d4ed8"),
                line("front seconds", "11 档经费 / front of 11 budgets", "#0f766e"),
                line("lock-out seconds, 90th percentile", "剔除一家 / one locked out", "#b45309"),
            ],
        ),
        Panel(
            "已证明的差距 / Proved gap", across, "%",
            [line("gap, %", "方案与上界 / plan to bound", "#1d4ed8")],
        ),
        Panel(
            "内存 / Memory", across, "MB",
            [line("peak memory, MB", "峰值 / peak", "#1d4ed8")],
        ),
    ]  # fmt: skip
