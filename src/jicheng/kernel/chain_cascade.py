"""How a loss of supply travels through a chain of technologies.

A technology k keeps the output ``a_k = own_k * in_k * members_k``: what is left of
its own supply, times what its inputs allow, times (for a category) what is left of
its members. Inputs follow a generalised Leontief function,

    in_k = min( min over essential j of a_j,  1 - sum over other j of w_jk (1 - a_j) ),

with weights that sum to 1 over all inputs of k, essential ones included. The linear
variant takes every input as non-essential, the Leontief variant every input as
essential. A loss reaches a category from its members only: ``1 - sum w_m (1 - a_m)``;
where no member weight is stated, :class:`Members` gives the mean, the worst and the
best case. Inputs of a category as a whole hold it back as they do any technology.

Source: the generalised Leontief cascade of Diem et al. 2022 (Sci Rep 12:7719),
reduced to technologies whose suppliers all face the same inputs; the reduction is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

__all__ = ["ChainGraph", "Members", "outputs", "single_losses"]


class Members(IntEnum):
    """How a category's loss follows from its members when their weights are unknown."""

    MEAN = 0
    WORST = 1
    BEST = 2


@dataclass(frozen=True, slots=True)
class ChainGraph:
    """The arrows of a chain in compressed rows, one row a target.

    Attributes
    ----------
    order : ndarray of int64, shape (n,)
        Topological order: every source stands before its targets.
    input_pointer : ndarray of int64, shape (n + 1,)
        Inputs of k are entries ``input_pointer[k]:input_pointer[k + 1]``.
    input_source : ndarray of int64, shape (e,)
        Technology that goes in.
    input_weight : ndarray of float64, shape (e,)
        Weights >= 0 that sum to 1 over the inputs of each target.
    member_pointer, member_source, member_weight
        The same for the members of categories.
    members_weighed : ndarray of bool, shape (n,), optional
        Categories whose member weights are stated; :class:`Members` decides only
        about the others. Default: none is stated.
    """

    order: NDArray[np.int64]
    input_pointer: NDArray[np.int64]
    input_source: NDArray[np.int64]
    input_weight: NDArray[np.float64]
    member_pointer: NDArray[np.int64]
    member_source: NDArray[np.int64]
    member_weight: NDArray[np.float64]
    members_weighed: NDArray[np.bool_] | None = None

    @property
    def n_technologies(self) -> int:
        """Number of technologies."""
        return len(self.order)

    @property
    def n_inputs(self) -> int:
        """Number of input arrows."""
        return len(self.input_source)


def outputs(
    own: NDArray[np.float64],
    graph: ChainGraph,
    essential: NDArray[np.bool_],
    members: Members = Members.MEAN,
) -> NDArray[np.float64]:
    """Return what every technology can still put out in every scenario.

    Parameters
    ----------
    own : ndarray of float64, shape (s, n)
        What is left of each technology's own supply, 0 to 1.
    graph : ChainGraph
        The chain.
    essential : ndarray of bool, shape (e,) or (1, e) or (s, e)
        Whether the target stops without the input, per input arrow.
    members : Members
        How categories follow from their members.

    Returns
    -------
    ndarray of float64, shape (s, n)
        Output of each technology, 0 to 1.

    Raises
    ------
    ValueError
        If a shape does not fit.

    Notes
    -----
    O(s (n + e)), one thread.
    """
    own = np.ascontiguousarray(own, dtype=np.float64)
    essential = _per_scenario(essential, own.shape[0], graph)
    if own.ndim != 2 or own.shape[1] != graph.n_technologies:
        raise ValueError(f"own has shape {own.shape}, not (s, {graph.n_technologies})")
    left = np.empty_like(own)
    _outputs(own, *_parts(graph), essential, _modes(graph, members), left)
    return left


def single_losses(
    own: NDArray[np.float64],
    graph: ChainGraph,
    essential: NDArray[np.bool_],
    final_value: NDArray[np.float64],
    members: Members = Members.MEAN,
) -> NDArray[np.float64]:
    """Return the loss of final output when each technology alone is withheld.

    Parameters
    ----------
    own : ndarray of float64, shape (s, n)
        What is left of technology k when it alone is withheld, in scenario s.
    graph, essential, members
        As in :func:`outputs`.
    final_value : ndarray of float64, shape (n,)
        Value of each final product, 0 for the others; at least one is positive.

    Returns
    -------
    ndarray of float64, shape (s, n)
        Entry (s, k) is ``sum_f v_f (1 - a_f) / sum_f v_f`` with only k withheld.

    Raises
    ------
    ValueError
        If a shape does not fit or no final value is positive.

    Notes
    -----
    Each scenario visits, for each technology, only what lies downstream of it:
    O(n (n + e) + s sum_k e_k), e_k the arrows into technologies downstream of k.
    """
    own = np.ascontiguousarray(own, dtype=np.float64)
    essential = _per_scenario(essential, own.shape[0], graph)
    total = float(final_value.sum())
    if not total > 0:
        raise ValueError("no final product has a positive value")
    losses = np.empty_like(own)
    weights = np.ascontiguousarray(final_value, dtype=np.float64) / total
    _single_losses(own, *_parts(graph), essential, weights, _modes(graph, members), losses)
    return losses


def _modes(graph: ChainGraph, members: Members) -> NDArray[np.int64]:
    """Return per technology how its members count: stated weights always by the mean."""
    modes = np.full(graph.n_technologies, int(members), dtype=np.int64)
    if graph.members_weighed is not None:
        modes[graph.members_weighed] = int(Members.MEAN)
    return modes


def _per_scenario(
    essential: NDArray[np.bool_], n_scenarios: int, graph: ChainGraph
) -> NDArray[np.bool_]:
    rows = np.atleast_2d(np.asarray(essential, dtype=np.bool_))
    if rows.shape[1] != graph.n_inputs or rows.shape[0] not in (1, n_scenarios):
        raise ValueError(f"essential has shape {rows.shape}, not (1 or s, {graph.n_inputs})")
    return np.ascontiguousarray(rows)


def _parts(graph: ChainGraph) -> tuple[NDArray[np.int64] | NDArray[np.float64], ...]:
    return (
        graph.order,
        graph.input_pointer,
        graph.input_source,
        graph.input_weight,
        graph.member_pointer,
        graph.member_source,
        graph.member_weight,
    )


@register_jitable
def _one(own_k, k, left, ip, isrc, iw, mp, msrc, mw, essential, members):
    """Return the output of k from the outputs of its sources."""
    worst = 1.0
    lost = 0.0
    for e in range(ip[k], ip[k + 1]):
        a = left[isrc[e]]
        if essential[e]:
            worst = min(worst, a)
        else:
            lost += iw[e] * (1.0 - a)
    inputs = max(0.0, min(worst, 1.0 - lost))
    first, last = mp[k], mp[k + 1]
    if first == last:
        return own_k * inputs
    mean, low, high = 0.0, 1.0, 0.0
    for e in range(first, last):
        a = left[msrc[e]]
        mean += mw[e] * (1.0 - a)
        low = min(low, a)
        high = max(high, a)
    if members == 1:
        return own_k * inputs * low
    if members == 2:
        return own_k * inputs * high
    return own_k * inputs * max(0.0, 1.0 - mean)


@njit(cache=True)
def _outputs(own, order, ip, isrc, iw, mp, msrc, mw, essential, modes, left):
    for s in range(own.shape[0]):
        e = s if essential.shape[0] > 1 else 0
        for k in order:
            left[s, k] = _one(
                own[s, k], k, left[s], ip, isrc, iw, mp, msrc, mw, essential[e], modes[k]
            )


@njit(cache=True)
def _single_losses(own, order, ip, isrc, iw, mp, msrc, mw, essential, weights, modes, losses):
    n = own.shape[1]
    left = np.ones(n)
    reached = np.zeros(n, dtype=np.bool_)
    downstream = np.empty(n, dtype=np.int64)
    for start in range(n):
        withheld = order[start]
        n_reached = _downstream(start, order, ip, isrc, mp, msrc, reached, downstream)
        for s in range(own.shape[0]):
            e = s if essential.shape[0] > 1 else 0
            left[withheld] = own[s, withheld]
            if left[withheld] == 1.0:
                losses[s, withheld] = 0.0
                continue
            loss = weights[withheld] * (1.0 - left[withheld])
            for position in range(n_reached):
                k = downstream[position]
                left[k] = _one(1.0, k, left, ip, isrc, iw, mp, msrc, mw, essential[e], modes[k])
                loss += weights[k] * (1.0 - left[k])
            losses[s, withheld] = loss
        left[withheld] = 1.0
        reached[withheld] = False
        for position in range(n_reached):
            left[downstream[position]] = 1.0
            reached[downstream[position]] = False


@register_jitable
def _downstream(start, order, ip, isrc, mp, msrc, reached, downstream):
    """List what lies downstream of ``order[start]``, in topological order."""
    reached[order[start]] = True
    count = 0
    for position in range(start + 1, len(order)):
        k = order[position]
        touched = False
        for e in range(ip[k], ip[k + 1]):
            touched = touched or reached[isrc[e]]
        for e in range(mp[k], mp[k + 1]):
            touched = touched or reached[msrc[e]]
        if touched:
            reached[k] = True
            downstream[count] = k
            count += 1
    return count
