"""Quadratic knapsacks for tests and benchmarks: read from files, drawn, and enumerated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jicheng.kernel.quadratic_knapsack import QuadraticKnapsack


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


def small(seed: int) -> QuadraticKnapsack:
    """Draw a problem of up to 12 items; some points negative, some numbers whole."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 13))
    first, second = np.triu_indices(n, 1)
    kept = draw.random(len(first)) < draw.uniform(0.1, 1)
    worst = -30 if draw.random() < 0.5 else 0
    linear = draw.uniform(worst, 50, n)
    points = draw.uniform(0, 60, int(kept.sum()))
    weight, budget = draw.uniform(0, 20, n), draw.uniform(0, 10 * n)
    if draw.random() < 0.5:
        linear, points, weight = np.rint(linear), np.rint(points), np.rint(weight)
    return QuadraticKnapsack.of(linear, (first[kept], second[kept], points), weight, float(budget))


def enumerated(problem: QuadraticKnapsack) -> float:
    """Return the best value over all sets."""
    sets = (np.arange(2**problem.n)[:, None] >> np.arange(problem.n) & 1).astype(np.float64)
    points = np.zeros((problem.n, problem.n))
    points[problem.row, problem.item] = problem.points
    value = sets @ problem.linear + ((sets @ points) * sets).sum(axis=1) / 2
    return float(value[sets @ problem.weight <= problem.budget].max())
