"""A varied list: near-duplicates of a candidate already chosen give way to others.

Two candidates are as alike as the capabilities on their records (cosine) or the texts that
count for both (share of their union), whichever is more. Maximal marginal relevance
(Carbonell and Goldstein 1998) then picks one after the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jicheng.integrate.match.matcher import Found, Matcher
from jicheng.kernel.diversity import diverse_order

__all__ = ["alikeness", "spread"]

Floats = NDArray[np.float64]
_POOL = 5  # candidates looked at for each that is shown
_LEAST = 50


def spread(matcher: Matcher, found: Found, n: int, share: float) -> NDArray[np.intp]:
    """Return ``n`` candidates, each the best by score less its likeness to those before."""
    pool = found.order[: max(_LEAST, _POOL * n)]
    score = found.scores.mid[pool] / 100.0
    alike = alikeness(matcher, found, pool)
    return pool[diverse_order(score, alike, most=n, trade_off=share)]


def alikeness(matcher: Matcher, found: Found, places: NDArray[np.intp]) -> Floats:
    """Return how alike candidates are, shape (k, k), 0 to 1."""
    held = matcher.levels.matrix[places]
    product = np.asarray((held @ held.T).todense())
    length = np.sqrt(np.maximum(np.diag(product), 1e-12))
    cosine = product / length[:, None] / length[None, :]
    texts = [set(found.likeness.of(int(place))[0].tolist()) for place in places]
    common = np.zeros_like(cosine)
    for i, mine in enumerate(texts):
        for j in range(i):
            together = len(mine & texts[j])
            if together:
                common[i, j] = common[j, i] = together / len(mine | texts[j])
    alike = np.clip(np.maximum(cosine, common), 0.0, 1.0)
    np.fill_diagonal(alike, 1.0)
    return alike
