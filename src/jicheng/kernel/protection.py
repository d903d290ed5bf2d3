"""What successful challenges protect when supply is withheld.

A scenario w leaves ``left_wk`` of each technology's own supply; a success on
technology k adds its relief, ``own = min(1, left + relief)``. Losses then follow the
cascade of :mod:`jicheng.kernel.chain_cascade`. Challenges on one technology serve the
same need, so the largest relief among the successful ones counts, never their sum.

Two facts keep this fast and exact. A challenge matters in a scenario only if its
technology is withheld there and leads to a final product; scenarios in which a single
challenge matters add up, and are evaluated once. In the others, equal successes are
evaluated once and only what lies downstream of a challenge is computed anew.

Source: ours (value of a plan, sections 2 to 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jicheng.kernel.chain_cascade import ChainGraph, _one, outputs

__all__ = ["Protection", "distinct_rows"]

_WORD = 62  # bits of a pattern that fit a signed word


@dataclass(frozen=True)
class Protection:
    """Scenarios, the chain they run through, and what each challenge would restore.

    Attributes
    ----------
    graph : ChainGraph
        The chain, n technologies.
    essential : ndarray of bool, shape (e,)
        Whether the target stops without the input.
    final_value : ndarray of float64, shape (n,)
        Value of final products, 0 for others; at least one positive.
    weights : ndarray of float64, shape (s,)
        Weight of each scenario, >= 0.
    left : ndarray of float64, shape (s, n)
        Own supply that is left before any success, 0 to 1.
    technology : ndarray of int64, shape (c,)
        Technology of each challenge.
    relief : ndarray of float64, shape (c,)
        Share of the need that success replaces, 0 to 1.
    """

    graph: ChainGraph
    essential: NDArray[np.bool_]
    final_value: NDArray[np.float64]
    weights: NDArray[np.float64]
    left: NDArray[np.float64]
    technology: NDArray[np.int64]
    relief: NDArray[np.float64]

    @cached_property
    def finals(self) -> NDArray[np.int64]:
        """Positions of the final products, shape (f,)."""
        return np.flatnonzero(self.final_value > 0).astype(np.int64)

    @cached_property
    def final_share(self) -> NDArray[np.float64]:
        """Share of each final product in the value of all, shape (f,), sum 1."""
        value = self.final_value[self.finals]
        share: NDArray[np.float64] = value / value.sum()
        return share

    @cached_property
    def outputs_before(self) -> NDArray[np.float64]:
        """Output of every technology without any success, shape (s, n)."""
        return outputs(self.left, self.graph, self.essential)

    @cached_property
    def losses_before(self) -> NDArray[np.float64]:
        """Loss of each final product without any success, shape (s, f)."""
        return 1.0 - self.outputs_before[:, self.finals]

    @cached_property
    def restored(self) -> NDArray[np.float64]:
        """Own supply of each challenge's technology after its success, shape (s, c)."""
        return np.minimum(1.0, self.left[:, self.technology] + self.relief)

    @cached_property
    def touched(self) -> tuple[NDArray[np.int64], ...]:
        """Challenges that matter in each scenario."""
        matters = self.restored > self.left[:, self.technology]
        matters &= self._leads_to_final[self.technology]
        return tuple(np.flatnonzero(row).astype(np.int64) for row in matters)

    @cached_property
    def joint(self) -> tuple[int, ...]:
        """Scenarios in which two or more challenges matter, hence with synergy."""
        return tuple(s for s, challenges in enumerate(self.touched) if len(challenges) > 1)

    @cached_property
    def additive(self) -> NDArray[np.float64]:
        """Weighted loss avoided where the challenge alone matters, shape (c,)."""
        avoided = np.zeros(len(self.technology))
        success = np.ones((1, 1), dtype=np.bool_)
        for s, challenges in enumerate(self.touched):
            if len(challenges) == 1:
                gain = (self.losses_before[s] - self._losses(s, success)[0]) @ self.final_share
                avoided[challenges[0]] += self.weights[s] * gain
        return avoided

    def losses_after(self, scenario: int, successes: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the loss of each final product in a scenario after successes.

        Parameters
        ----------
        scenario : int
            Position of the scenario.
        successes : ndarray of bool, shape (p, c)
            Which challenges have succeeded.

        Returns
        -------
        ndarray of float64, shape (p, f)
        """
        challenges = self.touched[scenario]
        if not len(challenges):
            return np.repeat(self.losses_before[scenario][None, :], len(successes), axis=0)
        patterns, inverse = distinct_rows(successes[:, challenges])
        return self._losses(scenario, patterns)[inverse]

    def avoided(self, successes: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the weighted loss that successes avoid, over all scenarios.

        Parameters
        ----------
        successes : ndarray of bool, shape (p, c)
            Which challenges have succeeded.

        Returns
        -------
        ndarray of float64, shape (p,)
            ``sum_w pi_w (loss(w, 0) - loss(w, z))`` as a share of final output.
        """
        avoided = successes @ self.additive
        for s in self.joint:
            if self.weights[s] > 0:
                patterns, inverse = distinct_rows(successes[:, self.touched[s]])
                gain = (self.losses_before[s] - self._losses(s, patterns)) @ self.final_share
                avoided += self.weights[s] * gain[inverse]
        return avoided

    def downstream(self, scenario: int) -> NDArray[np.int64]:
        """Return, in topological order, what successes change on the way to final products."""
        changed = np.zeros(self.graph.n_technologies, dtype=np.bool_)
        changed[self.technology[self.touched[scenario]]] = True
        _spread(changed, *self._arrows)
        order = self.graph.order
        return order[changed[order] & self._leads_to_final[order]]

    def _losses(self, scenario: int, patterns: NDArray[np.bool_]) -> NDArray[np.float64]:
        challenges = self.touched[scenario]
        losses = np.empty((len(patterns), len(self.finals)))
        _final_losses(
            patterns,
            self.technology[challenges],
            self.restored[scenario, challenges],
            self.left[scenario],
            self.outputs_before[scenario],
            self.downstream(scenario),
            *self._arrows[1:],
            self.graph.input_weight,
            self.graph.member_weight,
            self.essential,
            self.finals,
            losses,
        )
        return losses

    @property
    def _arrows(self) -> tuple[NDArray[np.int64], ...]:
        graph = self.graph
        return (
            graph.order,
            graph.input_pointer,
            graph.input_source,
            graph.member_pointer,
            graph.member_source,
        )

    @cached_property
    def _leads_to_final(self) -> NDArray[np.bool_]:
        leads = self.final_value > 0
        _gather(leads, *self._arrows)
        return leads


def distinct_rows(rows: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Return the distinct rows in a fixed order, and where each row went.

    Parameters
    ----------
    rows : ndarray of bool, shape (p, c)

    Returns
    -------
    patterns : ndarray of bool, shape (q, c)
        Distinct rows.
    inverse : ndarray of intp, shape (p,)
        ``patterns[inverse]`` equals ``rows``.
    """
    if rows.shape[1] <= _WORD:
        keys = _keys(np.ascontiguousarray(rows))
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    else:
        packed = np.packbits(rows, axis=1)
        _, first, inverse = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return np.ascontiguousarray(rows[first]), inverse.reshape(-1)


@njit(cache=True)
def _keys(rows):
    keys = np.zeros(rows.shape[0], dtype=np.int64)
    for p in range(rows.shape[0]):
        key = 0
        for c in range(rows.shape[1]):
            if rows[p, c]:
                key |= 1 << c
        keys[p] = key
    return keys


@njit(cache=True)
def _spread(changed, order, ip, isrc, mp, msrc):
    """Mark everything downstream of what is marked."""
    for k in order:
        for e in range(ip[k], ip[k + 1]):
            changed[k] |= changed[isrc[e]]
        for e in range(mp[k], mp[k + 1]):
            changed[k] |= changed[msrc[e]]


@njit(cache=True)
def _gather(leads, order, ip, isrc, mp, msrc):
    """Mark everything upstream of what is marked."""
    for k in order[::-1]:
        if leads[k]:
            for e in range(ip[k], ip[k + 1]):
                leads[isrc[e]] = True
            for e in range(mp[k], mp[k + 1]):
                leads[msrc[e]] = True


@njit(cache=True)
def _final_losses(
    patterns, technology, restored, left, before, nodes,
    ip, isrc, mp, msrc, iw, mw, essential, finals, losses,
):  # fmt: skip
    own = left.copy()
    after = before.copy()
    for p in range(patterns.shape[0]):
        for c in range(len(technology)):
            own[technology[c]] = left[technology[c]]
        for c in range(len(technology)):
            k = technology[c]
            if patterns[p, c]:
                own[k] = max(own[k], restored[c])
        for k in nodes:
            after[k] = _one(own[k], k, after, ip, isrc, iw, mp, msrc, mw, essential, np.int64(0))
        for f in range(len(finals)):
            losses[p, f] = 1.0 - after[finals[f]]
