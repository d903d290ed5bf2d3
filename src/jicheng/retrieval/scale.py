"""Scores made comparable: a z among the texts of each language, for one query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.retrieval.language import Language

__all__ = ["LEAST_SPREAD", "Groups", "z_of"]

LEAST_SPREAD = 1e-6
"""Below it a group's scores are all equal, and tell nothing."""

_LEAST_TEXTS = 20  # ours: the mean and spread of fewer say little


@dataclass(frozen=True)
class Groups:
    """Among which texts the z of a text is taken: those of its language.

    The texts of a language that has fewer than twenty are put among all texts.

    Attributes
    ----------
    of_row : ndarray of intp, shape (n,)
        Group of each text.
    members : tuple of ndarray of intp
        Rows whose mean and spread a group takes.
    """

    of_row: NDArray[np.intp]
    members: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, languages: NDArray[np.str_]) -> Groups:
        """Group texts by their languages (shape (n,))."""
        of_row = np.zeros(len(languages), dtype=np.intp)
        members: list[NDArray[np.intp]] = []
        for language in Language:
            rows = np.flatnonzero(languages == language.value)
            of_row[rows] = len(members)
            members.append(rows if len(rows) >= _LEAST_TEXTS else np.arange(len(languages)))
        return cls(of_row, tuple(members))

    def __len__(self) -> int:
        return len(self.members)

    def moments(
        self, scores: NDArray[np.float32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and standard deviation of each group's scores, shape (g,)."""
        parts = [scores[rows] for rows in self.members]
        return (
            np.array([part.mean(dtype=np.float64) if part.size else 0.0 for part in parts]),
            np.array([part.std(dtype=np.float64) if part.size else 0.0 for part in parts]),
        )


def z_of(
    scores: NDArray[np.float32],
    group: NDArray[np.intp],
    mean: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return (score - mean) / spread by group; 0 where a group's scores are all equal.

    Parameters
    ----------
    scores : ndarray of float32, shape (k,)
    group : ndarray of intp, shape (k,)
        Group of each score.
    mean, spread : ndarray of float64, shape (g,)
    """
    gap = scores.astype(np.float64) - mean[group]
    wide = spread[group]
    made = np.divide(gap, wide, out=np.zeros_like(gap), where=wide > LEAST_SPREAD)
    return made.astype(np.float32)
