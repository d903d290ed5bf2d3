from __future__ import annotations

import numpy as np
from scipy.optimize import check_grad

from jicheng.integrate.profile.conditional_logit import chances, fit, loss


def drawn(n: int, seed: int, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return features and answers drawn from a known model."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, 6, len(b) - 1))
    made = chances(x @ b[1:], float(b[0]))
    told = np.column_stack([1 - made.sum(axis=1), made])
    return x, np.array([random.choice(7, p=row / row.sum()) - 1 for row in told])


def test_gradient_is_that_of_the_loss() -> None:
    x, y = drawn(30, 1, np.array([0.5, 1.0, -0.5]))
    start, ridge = np.array([0.1, 0.2, 0.3]), np.array([0.5, 1.0, 2.0])
    point, counts = np.array([0.3, -0.7, 1.1]), np.linspace(0.2, 1.4, 30)
    gap = check_grad(
        lambda b: loss(b, x, y, counts, start, ridge)[0],
        lambda b: loss(b, x, y, counts, start, ridge)[1],
        point,
    )
    assert gap < 1e-4


def test_known_coefficients_are_found_again() -> None:
    b = np.array([1.0, 2.0, -1.0])
    x, y = drawn(4000, 2, b)
    np.testing.assert_allclose(fit(x, y), b, atol=0.15)


def test_one_alternative_is_the_logistic_function() -> None:
    made = chances(np.array([[0.0], [2.0], [800.0]]), 1.0)
    np.testing.assert_allclose(made[:2, 0], 1 / (1 + np.exp([1.0, -1.0])))
    assert made[2, 0] == 1.0


def test_heavy_ridge_keeps_the_start() -> None:
    x, y = drawn(50, 3, np.array([0.0, 1.0]))
    start = np.array([0.4, 0.6])
    np.testing.assert_allclose(fit(x, y, start=start, ridge=1e9), start, atol=1e-5)


def test_text_of_weight_two_counts_as_two_texts() -> None:
    x, y = drawn(40, 4, np.array([0.0, 1.0]))
    once = np.where(np.arange(40) < 5, 2.0, 1.0)
    twice = np.concatenate([np.arange(40), np.arange(5)])
    np.testing.assert_allclose(fit(x, y, weights=once), fit(x[twice], y[twice]), atol=1e-4)
