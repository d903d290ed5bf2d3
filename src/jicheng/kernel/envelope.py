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
from numba.extending import register_jitable
from numpy.typing import NDArray

from jicheng.kernel.protection import Protection, distinct_rows
from jicheng.kernel.reach import Reach, inputs_of, members_of, reach_of

__all__ = ["Envelope", "Slope"]

_BLOCK = 256  # draws at a time: the outputs of a chain then stay in the cache


class Slope(NamedTuple):
    """A linear upper bound ``constant + slopes @ x`` on the loss that x avoids."""

    constant: float
    slopes: NDArray[np.float64]


@dataclass(frozen=True)
class Envelope:
    """The concave envelope of one scenario over all draws.

    Attributes
    ----------
    scenario : int
        Position of a scenario in which at least one challenge matters.
    reach : Reach
        The part of the chain that its challenges can change.
    successes : ndarray of float64, shape (k, q)
        1 where a challenge that matters succeeds, by distinct draw.
    shares : ndarray of float64, shape (q,)
        Share of draws that are alike.
    """

    scenario: int
    reach: Reach
    successes: NDArray[np.float64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, protection: Protection, scenario: int, successes: NDArray[np.bool_]) -> Envelope:
        """Prepare a scenario for successes of shape (d, c) on draws."""
        patterns, inverse = distinct_rows(successes[:, protection.touched[scenario]])
        shares = np.bincount(inverse, minlength=len(patterns)) / len(successes)
        drawn = np.ascontiguousarray(patterns.T, dtype=np.float64)
        return cls(scenario, reach_of(protection, scenario), drawn, shares)

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
        here = chosen[self.reach.challenges].astype(np.float64)
        slopes = np.zeros(len(here))
        value = _slopes(here, self.successes, self.shares, self.reach, slopes)
        every = np.zeros(len(chosen))
        every[self.reach.challenges] = slopes
        return Slope(value - float(slopes @ here), every)


@njit(cache=True)
def _slopes(chosen, drawn, shares, reach, slopes):
    """Return the mean avoided loss; add its slopes, by one pass down and one back."""
    before, weight = reach.before, reach.weight
    n, width = len(before), min(_BLOCK, drawn.shape[1])
    a, flow, pull = np.empty((n, width)), np.empty((n, width)), np.empty((n, width))
    by_inputs, by_members = np.empty((n, width)), np.empty((n, width))
    work = np.empty((3, width))
    total = 0.0
    for first in range(0, drawn.shape[1], width):
        z, share = drawn[:, first : first + width], shares[first : first + width]
        q = len(share)
        for i in range(n):
            _flow(i, a, flow[i, :q], by_inputs[i], by_members[i], reach, work)
            _restore(i, a[i, :q], flow[i], chosen, z, reach, work[0])
            for d in range(q):
                pull[i, d] = weight[i]
            if weight[i] > 0.0:
                for d in range(q):
                    total += share[d] * weight[i] * (a[i, d] - before[i])
        for i in range(n - 1, -1, -1):
            price = work[0, :q]
            _price(i, flow[i], pull[i], chosen, z, share, reach, slopes, price)
            for d in range(q):
                price[d] *= pull[i, d]
            _hand_back(i, a, price, flow[i], by_inputs[i], by_members[i], pull, reach, work)
    return total


@register_jitable
def _flow(i, a, row, by_inputs, by_members, reach, work):
    """Write q of a node, and its slopes in inputs and in members.

    Where both matter, McCormick's envelope of their product over what is above the state
    without success stands in for it.
    """
    q = len(row)
    for d in range(q):
        by_inputs[d], by_members[d] = 1.0, 0.0
    inputs_of(i, a, reach, work[0], row)
    if not reach.has_members[i]:
        return
    members = work[1, :q]
    members_of(i, a, reach, members)
    if not reach.has_inputs[i]:
        for d in range(q):  # assigning the array to a slice compiles for seconds
            row[d], by_inputs[d], by_members[d] = members[d], 0.0, 1.0
        return
    low_inputs, low_members = reach.low_inputs[i], reach.low_members[i]
    for d in range(q):
        one = row[d] + low_inputs * (members[d] - 1.0)
        other = members[d] + low_members * (row[d] - 1.0)
        if one <= other:
            by_members[d] = low_inputs
            row[d] = one
        else:
            by_inputs[d], by_members[d] = low_members, 1.0
            row[d] = other


@register_jitable
def _restore(i, row, flow, chosen, z, reach, rest):
    """Write the output of a node: what is left of its flow, and what success adds."""
    restored, there_pointer, there, left = (
        reach.restored,
        reach.there_pointer,
        reach.there,
        reach.left,
    )
    for d in range(len(row)):
        row[d] = left[i] * flow[d]
    if there_pointer[i] == there_pointer[i + 1]:
        return
    for d in range(len(row)):
        rest[d] = flow[d]
    for position in range(there_pointer[i], there_pointer[i + 1]):
        c = there[position]
        gain = restored[c] - left[i]
        for d in range(len(row)):
            used = min(rest[d], chosen[c] * z[c, d])
            row[d] += gain * used
            rest[d] -= used


@register_jitable
def _price(i, flow, pull, chosen, z, share, reach, slopes, price):
    """Add the slopes of the challenges of a node; write the slope of its output in q.

    Challenges are used up in order of their gain; the first that is not used up whole
    says what more flow is worth.
    """
    restored, there_pointer, there, left = (
        reach.restored,
        reach.there_pointer,
        reach.there,
        reach.left,
    )
    for d in range(len(price)):
        price[d] = left[i]
    first, last = there_pointer[i], there_pointer[i + 1]
    if first == last:
        return
    for d in range(len(price)):
        if pull[d] == 0.0:
            continue
        rest, end = flow[d], last
        for position in range(first, last):
            limit = chosen[there[position]] * z[there[position], d]
            if limit > rest:
                end = position
                price[d] = restored[there[position]]
                break
            rest -= limit
        for position in range(first, end):
            c = there[position]
            slopes[c] += share[d] * pull[d] * z[c, d] * (restored[c] - price[d])


@register_jitable
def _hand_back(i, a, slope, flow, by_inputs, by_members, pull, reach, work):
    """Hand the slope of a node's q to the outputs that it depends on."""
    ep, es = reach.essential_pointer, reach.essential
    op, os, ow = reach.other_pointer, reach.other, reach.other_weight
    mp, ms, mw = reach.member_pointer, reach.member, reach.member_weight
    q = len(slope)
    for e in range(mp[i], mp[i + 1]):
        source = pull[ms[e]]
        for d in range(q):
            source[d] += slope[d] * by_members[d] * mw[e]
    if ep[i] == ep[i + 1] and op[i] == op[i + 1]:
        return
    allowed, given = work[1, :q], work[2, :q]
    inputs_of(i, a, reach, given, allowed)
    for d in range(q):
        given[d] = slope[d] * by_inputs[d] if allowed[d] < reach.cap[i] else 0.0
    for e in range(ep[i], ep[i + 1]):
        source, output = pull[es[e]], a[es[e]]
        for d in range(q):
            if output[d] == allowed[d]:
                source[d] += given[d]
                given[d] = 0.0
    for e in range(op[i], op[i + 1]):
        source = pull[os[e]]
        for d in range(q):
            source[d] += given[d] * ow[e]
