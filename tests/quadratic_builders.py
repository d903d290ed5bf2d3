"""Small quadratic knapsacks, and their best values by enumeration."""

from __future__ import annotations

import numpy as np

from jicheng.kernel.quadratic_knapsack import QuadraticKnapsack


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
