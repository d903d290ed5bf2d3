"""Whether payments can be made year by year from purses with money of their own years.

Start years are tried depth first; a schedule is judged by its worst cut: the sets of
purses, one a year, that are asked for most beyond what they hold. Purses that carry over
leave such a sequence once and do not come back, so it is found backward in time. See
:mod:`jicheng.optimise.calendar` for the model.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["can_start"]


def can_start(
    sets: NDArray[np.bool_],
    payments: NDArray[np.float64],
    group: NDArray[np.int64],
    weights: NDArray[np.float64],
    held: NDArray[np.float64],
    *,
    carry: int,
    first: int,
    latest: int,
    slack: float,
    most_nodes: int,
) -> NDArray[np.int8]:
    """Tell for many sets whether there are starts at which all can be paid.

    Starts are tried depth first, in the order of the columns, the earliest first.

    Parameters
    ----------
    sets : ndarray of bool, shape (q, n)
        What is to be paid for.
    payments : ndarray of float64, shape (n, l)
        What each needs in each year after its start.
    group : ndarray of int64, shape (n,)
        Column of ``weights`` of each.
    weights : ndarray of float64, shape (2^p, g)
        Part of a payment that only the purses of a set may make, by mask.
    held : ndarray of float64, shape (y, 2^p)
        Money that becomes available to each set of purses in each year.
    carry : int
        Mask of the purses whose unspent money is kept.
    first, latest : int
        Starts that are tried; ``latest + l <= y``.
    slack : float
        Rounding that is allowed.
    most_nodes : int
        Most starts that are tried for one set.

    Returns
    -------
    ndarray of int8, shape (q,)
        1 = there are, 0 = there are none, -1 = too many nodes.
    """
    answers = np.empty(len(sets), dtype=np.int8)
    _try_sets(
        sets, payments, group, weights, held, carry, first, latest, slack, most_nodes, answers
    )
    return answers


@njit(cache=True)
def _try_sets(
    sets, payments, group, weights, held, carry, first, latest, slack, most_nodes, answers
):  # fmt: skip
    for q in range(sets.shape[0]):
        members = np.flatnonzero(sets[q])
        answers[q] = _try_starts(
            payments[members], group[members], weights, held, carry, first, latest, slack,
            most_nodes,
        )  # fmt: skip


@njit(cache=True)
def _try_starts(
    payments, group, weights, held, carry, first, latest, slack, most_nodes
):  # fmt: skip
    """Try starts; 1 = found, 0 = there are none, -1 = too many nodes.

    A trial ends early where what is placed cannot be paid, or where not even the latest
    starts of the rest could be if no money lapsed.
    """
    n, (years, n_sets) = payments.shape[0], held.shape
    placed, hoped = np.zeros((years, n_sets)), np.zeros((years, n_sets))
    for i in range(n):
        _add(hoped, payments[i], latest, weights[:, group[i]], 1.0)
    worst = np.empty((years + 1, n_sets))
    if not _holds(hoped, held, n_sets - 1, worst, slack):
        return 0
    place, nodes = 0, 0
    trial = np.full(n, first - 1, dtype=np.int64)
    while 0 <= place < n:
        weight = weights[:, group[place]]
        if trial[place] >= first:
            _add(placed, payments[place], trial[place], weight, -1.0)
            _add(hoped, payments[place], trial[place], weight, -1.0)
            _add(hoped, payments[place], latest, weight, 1.0)
        trial[place] += 1
        if trial[place] > latest:
            trial[place] = first - 1
            place -= 1
            continue
        nodes += 1
        if nodes > most_nodes:
            return -1
        _add(placed, payments[place], trial[place], weight, 1.0)
        _add(hoped, payments[place], trial[place], weight, 1.0)
        _add(hoped, payments[place], latest, weight, -1.0)
        if _holds(placed, held, carry, worst, slack) and _holds(
            hoped, held, n_sets - 1, worst, slack
        ):
            place += 1
    return 0 if place < 0 else 1


@njit(cache=True)
def _add(asked, payments, start, weights, sign):
    for offset in range(payments.shape[0]):
        if payments[offset] > 0:
            for q in range(weights.shape[0]):
                asked[start + offset, q] += sign * payments[offset] * weights[q]


@njit(cache=True)
def _holds(asked, held, carry, worst, slack):
    """Tell whether no cut asks for more than it holds: backward over sets of purses."""
    years, n_sets = asked.shape
    worst[years] = 0.0
    for year in range(years - 1, -1, -1):
        row = worst[year]
        for q in range(n_sets):
            row[q] = asked[year, q] - held[year, q] + worst[year + 1, q]
        bit = 1
        while bit < n_sets:
            for q in range(n_sets):
                if q & bit:
                    low, high = row[q ^ bit], row[q]
                    row[q] = max(low, high)
                    if not carry & bit:
                        row[q ^ bit] = row[q]
            bit <<= 1
    return worst[0, n_sets - 1] <= slack
