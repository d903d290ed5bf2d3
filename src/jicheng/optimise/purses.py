"""Which challenges the purses can pay for, and who pays what.

A challenge c costs ``cost_c``; purse p may pay at most ``limit_p cost_c`` of it if the
rules allow the pair, and at most ``amount_p`` in all. A set of challenges can be paid
iff for every set Q of purses what must come from Q does not exceed what Q holds,

    sum_c max(0, cost_c - sum_{p not in Q} cap_cp)  <=  sum_{p in Q} amount_p,

the minimum cut of the flow from challenges to purses (max-flow min-cut theorem; Ford
and Fulkerson 1956). So the purses become a few knapsack rows, exact for every set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import InvalidInput, SolverFailed
from jicheng.kernel.solver import ProgramBuilder, solve
from jicheng.zone import Zone

__all__ = ["Purses", "pay", "read_purses"]

_MOST = 12  # purses: 2^12 rows are still quick
_ROUNDING = 1e-9  # relative slack of a sum of money


@dataclass(frozen=True)
class Purses:
    """Purses seen by the candidates, as knapsack rows.

    Attributes
    ----------
    ids : tuple of str
        Purses, sorted.
    amounts : ndarray of float64, shape (p,)
        Money in each purse [wan].
    caps : ndarray of float64, shape (c, p)
        Most that a purse may pay for a challenge [wan]; 0 where rules forbid it.
    cost : ndarray of float64, shape (c,)
        Cost of each challenge [wan].
    needs : ndarray of float64, shape (r, c)
        What must come from the purses of each row.
    held : ndarray of float64, shape (r,)
        What the purses of each row hold.
    set_aside : ndarray of float64, shape (r,)
        What of it is already promised to challenges that are not listed.
    """

    ids: tuple[str, ...]
    amounts: NDArray[np.float64]
    caps: NDArray[np.float64]
    cost: NDArray[np.float64]
    needs: NDArray[np.float64]
    held: NDArray[np.float64]
    set_aside: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        ids: Sequence[str],
        amounts: NDArray[np.float64],
        caps: NDArray[np.float64],
        cost: NDArray[np.float64],
    ) -> Purses:
        """Make the knapsack rows of purses."""
        subsets = (np.arange(1, 1 << len(ids))[:, None] >> np.arange(len(ids))) & 1 > 0
        elsewhere = (~subsets).astype(np.float64) @ caps.T
        needs, held = _distinct(np.maximum(0.0, cost - elsewhere), subsets @ amounts)
        return cls(tuple(ids), amounts, caps, cost, needs, held, np.zeros(len(needs)))

    @property
    def limits(self) -> NDArray[np.float64]:
        """What is left for the listed challenges, per row; negative if too little, shape (r,)."""
        return self.held - self.set_aside

    @property
    def payable(self) -> NDArray[np.bool_]:
        """Whether the rules let the purses pay a challenge whole, shape (c,)."""
        return np.asarray(self.caps.sum(axis=1) >= self.cost * (1 - _ROUNDING))

    def scaled(self, factor: float) -> Purses:
        """Return the purses with all amounts multiplied."""
        return replace(self, amounts=self.amounts * factor, held=self.held * factor)

    def part(self, listed: NDArray[np.bool_], promised: NDArray[np.bool_]) -> Purses:
        """Return the purses for some challenges, with money set aside for others."""
        return replace(
            self,
            caps=self.caps[listed],
            cost=self.cost[listed],
            needs=self.needs[:, listed],
            set_aside=self.set_aside + self.needs[:, promised].sum(axis=1),
        )

    def can_pay(self, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell for each set, rows of shape (q, c), whether the purses can pay for it."""
        asked = sets.astype(np.float64) @ self.needs.T
        affordable = (asked <= self.limits + self.held * _ROUNDING + _ROUNDING).all(axis=1)
        return np.asarray(affordable & ~(sets & ~self.payable).any(axis=1))


def read_purses(
    zone: Zone,
    technologies: Sequence[str],
    allowed: Sequence[str | None],
    cost: NDArray[np.float64],
    *,
    budget_scale: float = 1.0,
) -> Purses:
    """Read the purses of a zone as the candidates see them.

    Parameters
    ----------
    zone : Zone
        ``purses`` and ``technologies`` are read.
    technologies : sequence of str, length c
        Technology of each challenge; its chain decides which purses may pay.
    allowed : sequence of str or None, length c
        Purses that a challenge allows, joined by ``;``; empty = all.
    cost : ndarray of float64, shape (c,)
        Cost of each challenge [wan].
    budget_scale : float
        Multiplies every purse.

    Raises
    ------
    InvalidInput
        E402 if there are more than 12 purses.

    Notes
    -----
    A purse bound to chains does not pay for a technology whose chain is unknown.
    """
    frame = zone["purses"]
    if frame.height > _MOST:
        raise InvalidInput.of("E402", count=frame.height, most=_MOST)
    chain_of = dict(zone["technologies"].select("id", "chain").iter_rows())
    caps = np.zeros((len(technologies), frame.height))
    rules = zip(frame["id"], frame["chains"], frame["share_limit"], strict=True)
    for p, (purse, chains, limit) in enumerate(rules):
        for c, technology in enumerate(technologies):
            fits = not chains or chain_of.get(technology) in _parts(chains)
            if fits and (not allowed[c] or purse in _parts(allowed[c])):
                caps[c, p] = limit * cost[c]
    amounts = frame["amount"].to_numpy().astype(np.float64) * budget_scale
    return Purses.of(frame["id"].to_list(), amounts, caps, cost)


def pay(purses: Purses, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return who pays how much for the chosen challenges, shape (c, p) [wan].

    Parameters
    ----------
    purses : Purses
        Purses that can pay for the set.
    chosen : ndarray of bool, shape (c,)
        Challenges to pay for.

    Raises
    ------
    SolverFailed
        E403 if the solver worker finds no payment.

    Notes
    -----
    Purses that may pay for less come first, so that money bound by rules is used up
    before free money (ours); ties go by id. A transportation problem, solved as a
    linear program.
    """
    paid = np.zeros_like(purses.caps)
    if not chosen.any():
        return paid
    caps, cost = purses.caps[chosen], purses.cost[chosen]
    n, p = caps.shape
    freedom = purses.caps.sum(axis=0)
    rank = np.empty(p)
    rank[np.lexsort((np.arange(p), freedom))] = np.arange(1, p + 1)
    builder = ProgramBuilder()
    builder.columns(n * p, cost=np.tile(rank, n), upper=caps.ravel())
    who, purse = np.divmod(np.arange(n * p), p)
    builder.rows(n, who, np.arange(n * p), lower=cost, upper=cost)
    builder.rows(p, purse, np.arange(n * p), upper=purses.amounts)
    solution = solve(builder.build())
    if solution.values is None:
        raise SolverFailed.of("E403", detail=solution.message or solution.status.value)
    paid[chosen] = _tidy(solution.values.reshape(n, p), cost)
    return paid


def _distinct(
    needs: NDArray[np.float64], held: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drop rows that ask for nothing, and of equal rows keep the one that holds least."""
    asks = needs.any(axis=1)
    needs, held = needs[asks], held[asks]
    order = np.argsort(held, kind="stable")
    _, first = np.unique(needs[order], axis=0, return_index=True)
    kept = np.sort(order[first])
    return needs[kept], held[kept]


def _tidy(paid: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop crumbs of rounding, keeping each challenge paid in full."""
    kept = np.where(paid > cost[:, None] * _ROUNDING, paid, 0.0)
    total = kept.sum(axis=1, keepdims=True)
    scale = np.divide(cost[:, None], total, out=np.ones_like(total), where=total > 0)
    tidy: NDArray[np.float64] = kept * scale
    return tidy


def _parts(joined: str | None) -> list[str]:
    return [part.strip() for part in (joined or "").split(";") if part.strip()]
