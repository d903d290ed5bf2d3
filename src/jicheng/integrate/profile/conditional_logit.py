"""Which of many alternatives a text shows, or none: a conditional logit, and its fit.

With features x_ik of alternative k and nothing known of "none of these",

    P(k | i) = exp(b . x_ik) / (exp(b0) + sum over j of exp(b . x_ij))

so the chances of a text sum to one with that of none (McFadden 1974, in Frontiers in
Econometrics, 105-142). Few coefficients and many alternatives: fitted by Newton-like steps
on the exact likelihood, drawn towards a start by a ridge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

__all__ = ["NONE", "chances", "fit", "loss"]

Floats = NDArray[np.float64]
NONE = -1
"""The answer of a text that shows none of the alternatives."""


def chances(utilities: Floats, none: float) -> Floats:
    """Return the chance of each alternative; what is missing to one is that of none.

    Parameters
    ----------
    utilities : ndarray of float64, shape (n, k)
        b . x of each alternative.
    none : float
        b0, the utility of none of them.
    """
    most = np.maximum(utilities.max(axis=1, keepdims=True, initial=none), none)
    grown = np.exp(utilities - most)
    made: Floats = grown / (grown.sum(axis=1, keepdims=True) + np.exp(none - most))
    return made


def loss(
    coefficients: Floats,
    features: Floats,
    answers: NDArray[np.intp],
    weights: Floats,
    start: Floats,
    ridge: Floats,
) -> tuple[float, Floats]:
    """Return minus the log likelihood plus the ridge, and its gradient.

    Parameters
    ----------
    coefficients : ndarray of float64, shape (1 + f,)
        b0, then b.
    features : ndarray of float64, shape (n, k, f)
    answers : ndarray of intp, shape (n,)
        Alternative of each text; -1 = none of them.
    weights : ndarray of float64, shape (n,)
        How much each text counts, >= 0.
    start, ridge : ndarray of float64, shape (1 + f,)
        Adds ridge / 2 times the squared distance from the start.
    """
    rows = np.arange(len(answers))
    utilities = features @ coefficients[1:]
    made = chances(utilities, float(coefficients[0]))
    none = 1.0 - made.sum(axis=1)
    told = np.where(answers == NONE, none, made[rows, np.maximum(answers, 0)])
    slope = made.copy()
    known = answers != NONE
    slope[rows[known], answers[known]] -= 1.0
    slope *= weights[:, None]
    gap = coefficients - start
    value = -float(weights @ np.log(np.maximum(told, 1e-300))) + 0.5 * float(ridge @ gap**2)
    gradient = np.concatenate(
        [[weights @ (none - ~known)], np.einsum("ij,ijk->k", slope, features)]
    )  # fmt: skip
    return float(value), gradient + ridge * gap


def fit(
    features: Floats,
    answers: NDArray[np.intp],
    *,
    weights: Floats | None = None,
    start: Floats | None = None,
    ridge: Floats | float = 0.01,
) -> Floats:
    """Return the coefficients that make the answers likeliest; see :func:`loss`."""
    first = np.zeros(1 + features.shape[2]) if start is None else start
    held = np.broadcast_to(np.asarray(ridge, np.float64), first.shape)
    counts = np.ones(len(answers)) if weights is None else weights
    found = minimize(
        loss, first, args=(features, answers, counts, first, held), jac=True, method="L-BFGS-B"
    )
    return np.asarray(found.x, np.float64)
