"""Choice of items whose pairs are worth more together: published, dense and sparse problems."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from jicheng.kernel.quadratic_knapsack import (
    QuadraticChoice,
    QuadraticKnapsack,
    QuadraticLimits,
    choose_of,
)

NAME = "quadratic"

BUDGETS = {"tight": 0.025, "middle": 0.25, "loose": 0.75}
SEEDS = range(5)


def run(quick: bool) -> dict[str, Any]:
    """Choose items; return gaps in percent and seconds."""
    choose_of(gallo(30, 0.5, 1), limits=QuadraticLimits(looks=10_000, rounds=20, nodes=1))
    return published(quick) | dense(quick) | sparse_graphs(quick)


def published(quick: bool) -> dict[str, Any]:
    """Measure against the best values known of Billionnet and Soutif's problems."""
    folder = data_folder() / "qkp"
    if not folder.is_dir():
        return {"Billionnet and Soutif": "data folder is absent"}
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        best = {row["instance"]: float(row["best_value"]) for row in csv.DictReader(file)}
    files = [file for file in sorted(folder.glob("*/*.txt")) if file.stem in best]
    figures: dict[str, Any] = {}
    limits = QuadraticLimits(looks=3_000_000, rounds=100, nodes=2) if quick else QuadraticLimits()
    for items in ("100", "200"):
        below, gaps, seconds, invalid, proved = [], [], [], 0, 0
        for file in [one for one in files if one.parent.name == items][:: 13 if quick else 1]:
            choice, took = timed(read_billionnet_soutif(file), limits)
            below.append(100 * (1 - choice.value / best[file.stem]))
            gaps.append(100 * choice.gap)
            seconds.append(took)
            invalid += choice.bound < best[file.stem]
            proved += choice.is_proved
        figures |= {
            f"{items} items: problems": len(below),
            f"{items} items: below best known, median / worst [%]": spread(below, 4),
            f"{items} items: met the best known": sum(one == 0 for one in below),
            f"{items} items: proved best": proved,
            f"{items} items: bounds below the best known": invalid,
            f"{items} items: gap to own bound, median / worst [%]": spread(gaps, 3),
            f"{items} items: seconds, median / worst": spread(seconds, 2),
        }
    return figures


def dense(quick: bool) -> dict[str, Any]:
    figures = {}
    for density in (0.25, 0.5):
        problems = [
            gallo(60 if quick else 300, density, seed) for seed in SEEDS[: 1 if quick else 5]
        ]
        figures |= measured(f"{problems[0].n} items, {density:.0%} of pairs", problems)
    return figures


def sparse_graphs(quick: bool) -> dict[str, Any]:
    n, n_pairs = (700, 1_500) if quick else (7_000, 15_000)
    figures = {}
    for name, share in BUDGETS.items():
        problems = [sparse(n, n_pairs, share, seed) for seed in SEEDS[: 1 if quick else 5]]
        figures |= measured(f"{n} items, {n_pairs} pairs, {name} budget ({share:.1%})", problems)
    return figures


def measured(title: str, problems: list[QuadraticKnapsack]) -> dict[str, Any]:
    done = [timed(problem, QuadraticLimits()) for problem in problems]
    return {
        f"{title}: gap to own bound, median / worst [%]": spread(
            [100 * choice.gap for choice, _ in done], 4
        ),
        f"{title}: seconds, median / worst": spread([took for _, took in done], 2),
    }


def timed(problem: QuadraticKnapsack, limits: QuadraticLimits) -> tuple[QuadraticChoice, float]:
    started = time.perf_counter()
    choice = choose_of(problem, limits=limits)
    return choice, time.perf_counter() - started


def spread(figures: list[float], places: int) -> str:
    return f"{median(figures):.{places}f} / {max(figures):.{places}f}"


def data_folder() -> Path:
    beside = Path(__file__).parents[2] / "shared" / "data"
    return Path(os.environ.get("JICHENG_SHARED_DATA", beside))


def read_billionnet_soutif(path: Path) -> QuadraticKnapsack:
    """Read the format of Billionnet and Soutif.

    A name or the number of items, the number if a name came first, points of items,
    upper triangle row by row, a line that is empty or 0 or both, budget, weights.
    """
    lines = path.read_text("utf-8").splitlines()
    if not lines[0].strip().isdigit():
        lines = lines[1:]
    n = int(lines[0])
    numbers = np.array(" ".join(lines[1:]).split(), np.float64)
    upper = numbers[n : n + n * (n - 1) // 2]
    rest = numbers[n + len(upper) :]
    budget, weight = rest[-n - 1], rest[-n:]
    first, second = np.triu_indices(n, 1)
    return QuadraticKnapsack.of(numbers[:n], (first, second, upper), weight, budget)


def gallo(n: int, density: float, seed: int) -> QuadraticKnapsack:
    """Draw a problem after Gallo, Hammer and Simeone 1980."""
    draw = np.random.default_rng(seed)
    first, second = np.triu_indices(n, 1)
    points = draw.integers(1, 101, len(first)) * (draw.random(len(first)) < density)
    linear = draw.integers(1, 101, n) * (draw.random(n) < density)
    weight = draw.integers(1, 51, n)
    budget = draw.integers(min(50, weight.sum()), weight.sum() + 1)
    return QuadraticKnapsack.of(linear, (first, second, points), weight, float(budget))


def sparse(n: int, n_pairs: int, share: float, seed: int) -> QuadraticKnapsack:
    """Draw a graph of pairs; the budget is a share of the weight of all items."""
    draw = np.random.default_rng(seed)
    first = draw.integers(0, n, n_pairs)
    second = (first + draw.integers(1, n, n_pairs)) % n
    weight = draw.uniform(1, 20, n)
    return QuadraticKnapsack.of(
        draw.uniform(0, 3, n),
        (first, second, draw.uniform(1, 10, n_pairs)),
        weight,
        float(share * weight.sum()),
    )
