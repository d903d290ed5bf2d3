"""Linear upper bounds on the loss that a set of challenges avoids.

With success z fixed on a draw, the outputs of a scenario are the largest solution of

    a_k <= left_k q_k + sum_c gain_c t_c,   sum_c t_c <= q_k,   t_c <= x_c z_c,
    q_k <= a_j for essential inputs j,      q_k <= 1 - sum_j w_jk (1 - a_j)

(and ``q_k <= 1 - sum_m w_m (1 - a_m)`` for the members of a category), which is the
linearised integer program of the value of a plan, section 4, ours. For binary x it is
the cascade itself; for fractional x its value is concave in x, so the slopes at any
point give a linear function that is nowhere below the true value. A bound on the best
set follows from a few such functions, without ever writing the program out.

A node with inputs *and* members multiplies the two; McCormick's upper envelope over
the range above the unprotected state stands in for the product, and the bound then
stays valid without being tight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jicheng.kernel.protection import Protection, distinct_rows

__all__ = ["Envelope", "Slope"]


class Slope(NamedTuple):
    """A linear upper bound ``constant + slopes @ x`` on the loss that x avoids."""

    constant: float
    slopes: NDArray[np.float64]


@dataclass(frozen=True)
class Envelope:
    """The concave envelope of one scenario over all draws.

    Attributes
    ----------
    protection : Protection
        Chain, scenarios and challenges.
    scenario : int
        Position of a scenario in which at least one challenge matters.
    patterns : ndarray of bool, shape (q, k)
        Distinct successes of the challenges that matter.
    shares : ndarray of float64, shape (q,)
        Share of draws with each pattern.
    """

    protection: Protection
    scenario: int
    patterns: NDArray[np.bool_]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, protection: Protection, scenario: int, successes: NDArray[np.bool_]) -> Envelope:
        """Prepare a scenario for successes of shape (d, c) on draws."""
        rows = successes[:, protection.touched[scenario]]
        patterns, inverse = distinct_rows(rows)
        counts = np.bincount(inverse, minlength=len(patterns))
        return cls(protection, scenario, patterns, counts / len(rows))

    def slope_at(self, chosen: NDArray[np.float64]) -> Slope:
        """Return the linear bound that touches the envelope at a point.

        Parameters
        ----------
        chosen : ndarray of float64, shape (c,)
            How much of each challenge is chosen, 0 to 1.

        Returns
        -------
        Slope
            Unweighted, in share of final output, over all c challenges.
        """
        protection, challenges = self.protection, self.protection.touched[self.scenario]
        graph, left = protection.graph, protection.left[self.scenario]
        technology = protection.technology[challenges]
        gain = protection.restored[self.scenario, challenges] - left[technology]
        nodes = protection.downstream(self.scenario)
        weight = np.zeros(graph.n_technologies)
        weight[protection.finals] = protection.final_share
        slopes = np.zeros(len(challenges))
        value = _slopes(
            chosen[challenges].astype(np.float64), self.patterns, self.shares,
            *_by_node(technology, gain, nodes), gain,
            left, protection.outputs_before[self.scenario], nodes, weight,
            graph.input_pointer, graph.input_source, graph.input_weight,
            graph.member_pointer, graph.member_source, graph.member_weight,
            protection.essential, slopes,
        )  # fmt: skip
        every = np.zeros(len(chosen))
        every[challenges] = slopes
        return Slope(value - float(slopes @ chosen[challenges]), every)


def _by_node(
    technology: NDArray[np.int64], gain: NDArray[np.float64], nodes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return challenges grouped by node in compressed rows, the largest gain first."""
    position = np.full(int(nodes.max(initial=0)) + 1, -1)
    position[nodes] = np.arange(len(nodes))
    at = position[technology]
    ranked = np.lexsort((np.arange(len(gain)), -gain, at)).astype(np.int64)
    pointer = np.searchsorted(at[ranked], np.arange(len(nodes) + 1)).astype(np.int64)
    return pointer, ranked


@njit(cache=True)
def _slopes(
    chosen, patterns, shares, pointer, ranked, gain, left, before, nodes, weight,
    ip, isrc, iw, mp, msrc, mw, essential, slopes,
):  # fmt: skip
    """Return the mean avoided loss; add its slopes, by one pass down and one back."""
    a = before.copy()
    pull = np.zeros(len(left))  # slope of the value in the output of a node
    flow = np.zeros(len(nodes))  # q of a node
    source = np.zeros(len(nodes), dtype=np.int64)  # binding essential arrow, -1 = the sum
    half = np.zeros((len(nodes), 2))  # slopes of q in inputs and in members
    total = 0.0
    for p in range(patterns.shape[0]):
        for i in range(len(nodes)):
            k = nodes[i]
            inputs, source[i] = _inputs(k, a, ip, isrc, iw, essential)
            members = _members(k, a, mp, msrc, mw)
            flow[i] = _joined(k, i, inputs, members, before, ip, isrc, iw, mp, msrc, mw, essential,
                              half)  # fmt: skip
            a[k] = left[k] * flow[i]
            rest = flow[i]
            for c in ranked[pointer[i] : pointer[i + 1]]:
                used = min(rest, chosen[c] if patterns[p, c] else 0.0)
                a[k] += gain[c] * used
                rest -= used
            pull[k] = weight[k]
            total += shares[p] * weight[k] * (a[k] - before[k])
        for i in range(len(nodes) - 1, -1, -1):
            k = nodes[i]
            if pull[k] == 0.0:
                continue
            rest, price = flow[i], 0.0
            first, last = pointer[i], pointer[i + 1]
            end = last
            for position in range(first, last):
                c = ranked[position]
                limit = chosen[c] if patterns[p, c] else 0.0
                if limit > rest:
                    end, price = position, gain[c]
                    break
                rest -= limit
            for position in range(first, end):
                c = ranked[position]
                if patterns[p, c]:
                    slopes[c] += shares[p] * pull[k] * (gain[c] - price)
            slope = pull[k] * (left[k] + price)
            _back(k, slope * half[i, 0], slope * half[i, 1], source[i], pull,
                  ip, isrc, iw, mp, msrc, mw, essential)  # fmt: skip
    return total


@njit(cache=True)
def _inputs(k, a, ip, isrc, iw, essential):
    """Return what the inputs allow, and which essential arrow binds (-1 = the sum)."""
    worst, lost, binding = 2.0, 0.0, -1
    for e in range(ip[k], ip[k + 1]):
        left = a[isrc[e]]
        if not essential[e]:
            lost += iw[e] * (1.0 - left)
        elif left < worst:
            worst, binding = left, e
    rest = max(0.0, 1.0 - lost)
    if rest < worst:
        return rest, -1
    return worst, binding


@njit(cache=True)
def _members(k, a, mp, msrc, mw):
    lost = 0.0
    for e in range(mp[k], mp[k + 1]):
        lost += mw[e] * (1.0 - a[msrc[e]])
    return max(0.0, 1.0 - lost)


@njit(cache=True)
def _joined(k, i, inputs, members, before, ip, isrc, iw, mp, msrc, mw, essential, half):
    """Return q of a node and set its slopes in inputs and members."""
    if mp[k] == mp[k + 1]:
        half[i, 0], half[i, 1] = 1.0, 0.0
        return inputs
    if ip[k] == ip[k + 1]:
        half[i, 0], half[i, 1] = 0.0, 1.0
        return members
    low_inputs, _ = _inputs(k, before, ip, isrc, iw, essential)
    low_members = _members(k, before, mp, msrc, mw)
    one = inputs + low_inputs * (members - 1.0)
    other = members + low_members * (inputs - 1.0)
    if one <= other:
        half[i, 0], half[i, 1] = 1.0, low_inputs
        return one
    half[i, 0], half[i, 1] = low_members, 1.0
    return other


@njit(cache=True)
def _back(k, by_inputs, by_members, binding, pull, ip, isrc, iw, mp, msrc, mw, essential):
    """Hand the slope of a node's q to the outputs it depends on."""
    if by_inputs != 0.0:
        if binding >= 0:
            pull[isrc[binding]] += by_inputs
        else:
            for e in range(ip[k], ip[k + 1]):
                if not essential[e]:
                    pull[isrc[e]] += by_inputs * iw[e]
    if by_members != 0.0:
        for e in range(mp[k], mp[k + 1]):
            pull[msrc[e]] += by_members * mw[e]
