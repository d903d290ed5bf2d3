"""Common random numbers: one stream per named thing, whatever else is drawn.

A stream depends on the seed, the purpose and the name alone. So the same draw
meets the same challenge in every alternative (paired comparisons), and neither the
order of rows nor the presence of others changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["generator", "uniforms"]


def generator(seed: int, purpose: str, name: str = "") -> np.random.Generator:
    """Return the Philox generator of a seed, a purpose and a name."""
    key = hashlib.sha256(f"{seed}\x1f{purpose}\x1f{name}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(key[:16], dtype=np.uint64)))


def uniforms(seed: int, purpose: str, names: Sequence[str], n_draws: int) -> NDArray[np.float64]:
    """Return uniform numbers in [0, 1), one column a name.

    Returns
    -------
    ndarray of float64, shape (n_draws, len(names))
        Column j depends on ``(seed, purpose, names[j])`` only.
    """
    draws = np.empty((n_draws, len(names)))
    for column, name in enumerate(names):
        draws[:, column] = generator(seed, purpose, name).random(n_draws)
    return draws
