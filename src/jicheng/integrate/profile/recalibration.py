"""How sure the best answer and "none of these" really are, given how long a text is.

A conditional logit is surest where a text says least: a bare title shares one telling word
with one node and no others, or none with any. So the chance p of the best node of a text of
n distinct words, and that of none, are read anew on the logit scale, each with coefficients
that change with the length

    logit p' = (a + c l) + (b + d l) logit p,    l = log((n + 10) / 35)

(Platt 1999, in Advances in Large Margin Classifiers, 61-74; its dependence on length is
ours), fitted on chances of texts that the logit was not fitted on. The chances of the other
nodes share what is left as they did before, and no other overtakes the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit

from jicheng.retrieval import words_of

__all__ = ["Recalibration", "distinct_words", "fit_recalibration", "read_anew"]

Floats = NDArray[np.float64]
_TYPICAL, _DAMPING = 25.0, 10.0
_SHORTEST, _LONGEST = 2.0, 35.0  # distinct words of the texts fitted on
_LEAST = 1e-9
_RIDGE = 0.5
_KEPT = 0.5  # of the chance of all other nodes, at the least (ours)


def distinct_words(texts: Sequence[str]) -> Floats:
    """Return how many different words each text has."""
    return np.array([len(set(words_of(text))) for text in texts], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Coefficients of a, c, b and d above.

    Attributes
    ----------
    constant, length : float
        a, and c for the length.
    chance, chance_length : float
        b, and d for the length.
    """

    constant: float = 0.0
    length: float = 0.0
    chance: float = 1.0
    chance_length: float = 0.0

    def of(self, told: Floats, n_words: Floats) -> Floats:
        """Return chances read anew, each for a text of so many distinct words.

        They rise with what was told.
        """
        words = _length(n_words)
        slope = np.maximum(self.chance + self.chance_length * words, 0.0)
        said = logit(np.clip(told, _LEAST, 1.0 - _LEAST))
        read: Floats = expit(self.constant + self.length * words + slope * said)
        return read


def read_anew(
    chances: Floats, n_words: Floats, best: Recalibration, nothing: Recalibration
) -> Floats:
    """Return all chances of some texts, read anew.

    Parameters
    ----------
    chances : ndarray of float64, shape (n, nodes)
        What is missing to one is the chance of none of them.
    n_words : ndarray of float64, shape (n,)
        Distinct words of each text.
    best, nothing : Recalibration
        Of the best node's chance, and of that of none.
    """
    if not chances.size:
        return chances
    rows, first = np.arange(len(chances)), chances.argmax(axis=1)
    top = chances[rows, first]
    none = np.clip(1.0 - chances.sum(axis=1), 0.0, 1.0)
    others = np.maximum(1.0 - top - none, _LEAST)
    fresh, fresh_none = best.of(top, n_words), nothing.of(none, n_words)
    left = np.maximum(1.0 - fresh - fresh_none, _KEPT * others)  # they were read one by one
    total = fresh + fresh_none + left
    fresh, left = fresh / total, left / total
    second = (1.0 - _LEAST) * fresh  # no other overtakes the best
    made: Floats = np.minimum(chances * (left / others)[:, None], second[:, None])
    made[rows, first] = fresh
    return made


def fit_recalibration(
    told: Floats, n_words: Floats, is_right: NDArray[np.bool_], weights: Floats
) -> Recalibration:
    """Fit it to texts whose answer is known, drawn a little towards no change.

    Parameters
    ----------
    told : ndarray of float64, shape (n,)
        Chances of texts that their coefficients were not fitted on.
    n_words, is_right, weights : ndarray, shape (n,)
        Distinct words, whether what the chance is of is the answer, and how much the text
        counts.
    """
    words = _length(n_words)
    said = logit(np.clip(told, _LEAST, 1.0 - _LEAST))
    design = np.stack([np.ones_like(words), words, said, said * words], axis=1)
    start = np.array([0.0, 0.0, 1.0, 0.0])

    def cost(coefficients: Floats) -> tuple[float, Floats]:
        leaning = design @ coefficients
        gap = coefficients - start
        likely = np.where(is_right, log_expit(leaning), log_expit(-leaning))
        slope = design.T @ (weights * (expit(leaning) - is_right))
        return float(0.5 * _RIDGE * gap @ gap - weights @ likely), slope + _RIDGE * gap

    found = minimize(cost, start, jac=True, method="L-BFGS-B").x
    return Recalibration(*(float(value) for value in found))


def _length(n_words: Floats) -> Floats:
    """Return l; texts beyond those fitted on are read as the shortest or longest of them."""
    within = np.clip(n_words, _SHORTEST, _LONGEST)
    told: Floats = np.log((within + _DAMPING) / (_TYPICAL + _DAMPING))
    return told
