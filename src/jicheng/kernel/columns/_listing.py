"""Which candidates are looked at for teams led from one location, compiled."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

__all__ = ["list_candidates"]


@register_jitable
def list_candidates(sheet, price, is_open, location, count):
    """Return the ``count`` most promising candidates for a location, and a few more, ascending.

    Every need, the lead, research and each further rule find some of theirs in the list,
    if there are any.
    """
    n, n_needs = len(price), sheet.gain.shape[0]
    chosen = np.zeros(n, dtype=np.bool_)
    score = np.empty(n)
    for i in range(n):
        score[i] = sheet.promise[i] - price[i] - sheet.distance[location, i]
        if not is_open[i]:
            score[i] = -np.inf
    _take(score, count, chosen)
    for k in range(n_needs + 2 + len(sheet.least)):
        kind = sheet.research
        if k < n_needs:
            kind = sheet.holds[k]
        elif k > n_needs + 1:
            kind = sheet.rule[k - n_needs - 2]
        enough = 2 * sheet.limit
        for i in range(n):
            fits = kind[i] > 0.0 if k != n_needs else sheet.lead_at[i] == location
            enough -= chosen[i] and fits
        while enough > 0:  # rarely
            best = -1
            for i in range(n):
                fits = kind[i] > 0.0 if k != n_needs else sheet.lead_at[i] == location
                is_new = fits and not chosen[i] and score[i] > -np.inf
                if is_new and (best < 0 or score[i] > score[best]):
                    best = i
            if best < 0:
                break
            chosen[best] = True
            enough -= 1
    size = 0
    for i in range(n):
        size += chosen[i]
    listed, size = np.empty(size, dtype=np.int64), 0
    for i in range(n):
        if chosen[i]:
            listed[size] = i
            size += 1
    return listed


@register_jitable
def _take(score, count, chosen):
    """Choose the candidates of the ``count`` largest finite scores; ties go to the first."""
    finite, size = np.empty(len(score)), 0
    for i in range(len(score)):
        if score[i] > -np.inf:
            finite[size] = score[i]
            size += 1
    low, high = 0, size - 1
    place = size - count  # of the least score taken, were they in order
    if place <= 0:
        for i in range(len(score)):
            chosen[i] = score[i] > -np.inf
        return
    while low < high:  # Hoare's selection
        pivot, i, j = finite[(low + high) // 2], low, high
        while i <= j:
            while finite[i] < pivot:
                i += 1
            while finite[j] > pivot:
                j -= 1
            if i <= j:
                finite[i], finite[j] = finite[j], finite[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            break
    bar, taken = finite[place], 0
    for i in range(len(score)):
        chosen[i] = score[i] > bar
        taken += chosen[i]
    for i in range(len(score)):
        if taken < count and score[i] == bar:
            chosen[i] = True
            taken += 1
