"""Which challenges the purses can pay for, and who pays what.

A challenge c costs ``cost_c``; purse p may pay at most ``limit_p cost_c`` of it if the
rules allow the pair, and at most ``amount_p`` in all. A set of challenges can be paid
iff for every set Q of purses what must come from Q does not exceed what Q holds,

    sum_c max(0, cost_c - sum_{p not in Q} cap_cp)  <=  sum_{p in Q} amount_p,

the minimum cut of the flow from challenges to purses (max-flow min-cut theorem; Ford
and Fulkerson 1956). So the purses become a few knapsack rows, exact for every set.
Where purses of one kind may together pay only a part of a challenge, what the others
can pay at most is counted kind by kind; the flow has one more node, the rows stay exact.

Costs may overrun. With protection Gamma every row also holds back what the Gamma
challenges that overrun most in it would ask for beyond their cost,

    sum_c need_rc x_c + max { sum_{c in S} spread_rc x_c : |S| <= Gamma }  <=  held_r,

so the set can be paid whichever Gamma challenges reach their high cost, by whatever
purses the rules allow then (Bertsimas and Sim 2004, eq. 5; a fractional Gamma counts a
part of the next one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput, SolverFailed
from jicheng.kernel.solver import ProgramBuilder, solve
from jicheng.zone import Zone

__all__ = ["Purses", "amounts_by_year", "pay", "payable_by", "read_purses", "subsets_of"]

KindCaps = tuple[NDArray[np.int64], NDArray[np.float64]]
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
    overrun : ndarray of float64, shape (c,)
        Share of its cost by which a challenge may exceed it: high cost over cost, less 1.
    promised : ndarray of float64, shape (r, m)
        What promised challenges would ask for beyond their cost.
    protection : float
        Gamma: how many overruns the purses must bear at once.
    kind_of : ndarray of int64, shape (p,)
        Kind of each purse, counted from 0.
    kind_caps : ndarray of float64, shape (c, kinds)
        Most that purses of one kind may pay for a challenge together [wan].
    """

    ids: tuple[str, ...]
    amounts: NDArray[np.float64]
    caps: NDArray[np.float64]
    cost: NDArray[np.float64]
    needs: NDArray[np.float64]
    held: NDArray[np.float64]
    set_aside: NDArray[np.float64]
    overrun: NDArray[np.float64]
    promised: NDArray[np.float64]
    protection: float
    kind_of: NDArray[np.int64]
    kind_caps: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        ids: Sequence[str],
        amounts: NDArray[np.float64],
        caps: NDArray[np.float64],
        cost: NDArray[np.float64],
        *,
        kinds: KindCaps | None = None,
        overrun: NDArray[np.float64] | None = None,
        protection: float = 0.0,
    ) -> Purses:
        """Make the knapsack rows of purses; without ``kinds`` each purse is its own kind."""
        kind_of, kind_caps = kinds or (np.arange(len(ids)), caps)
        subsets = subsets_of(len(ids))[1:]
        most = payable_by(~subsets, caps, kind_of, kind_caps)
        needs, held = _distinct(np.maximum(0.0, cost - most), subsets @ amounts)
        return cls(
            ids=tuple(ids),
            amounts=amounts,
            caps=caps,
            cost=cost,
            needs=needs,
            held=held,
            set_aside=np.zeros(len(needs)),
            overrun=np.zeros(len(cost)) if overrun is None else overrun,
            promised=np.zeros((len(needs), 0)),
            protection=protection,
            kind_of=kind_of,
            kind_caps=kind_caps,
        )

    @property
    def limits(self) -> NDArray[np.float64]:
        """What is left for the listed challenges, per row; negative if too little, shape (r,)."""
        return self.held - self.set_aside

    @property
    def payable(self) -> NDArray[np.bool_]:
        """Whether the rules let the purses pay a challenge whole, shape (c,)."""
        every = np.ones((1, len(self.ids)), dtype=np.bool_)
        most = payable_by(every, self.caps, self.kind_of, self.kind_caps)[0]
        return np.asarray(most >= self.cost * (1 - _ROUNDING))

    @property
    def spread(self) -> NDArray[np.float64]:
        """What each challenge would ask for beyond its cost, per row, shape (r, c)."""
        return self.needs * self.overrun

    @property
    def is_protected(self) -> bool:
        """Whether overruns are held back for."""
        return self.protection > 0 and bool(self.overrun.any() or self.promised.any())

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
            overrun=self.overrun[listed],
            promised=np.hstack([self.promised, self.spread[:, promised]]),
            kind_caps=self.kind_caps[listed],
        )

    def reserve(self, sets: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what each row must hold back for overruns of each set, shape (q, r)."""
        held_back = np.zeros((len(sets), len(self.needs)))
        if not self.is_protected:
            return held_back
        whole = int(self.protection)
        for r, spread in enumerate(self.spread):
            promised = np.broadcast_to(self.promised[r], (len(sets), self.promised.shape[1]))
            largest = -np.sort(-np.hstack([sets * spread, promised]), axis=1)
            held_back[:, r] = largest[:, :whole].sum(axis=1)
            if whole < largest.shape[1]:
                held_back[:, r] += (self.protection - whole) * largest[:, whole]
        return held_back

    def can_pay(self, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell for each set, rows of shape (q, c), whether the purses can pay for it."""
        can = np.asarray(~(sets & ~self.payable).any(axis=1))
        if not self.is_protected:
            return can & self._holds(sets, 0.0)
        can[can] = self._holds(sets[can], 0.0)
        can[can] = self._holds(sets[can], self.reserve(sets[can]))
        return can

    def _holds(
        self, sets: NDArray[np.bool_], reserve: NDArray[np.float64] | float
    ) -> NDArray[np.bool_]:
        asked = sets.astype(np.float64) @ self.needs.T + reserve
        return np.asarray((asked <= self.limits + self.held * _ROUNDING + _ROUNDING).all(axis=1))

    def limit(self, builder: ProgramBuilder, x: NDArray[np.intp]) -> None:
        """Add the purses' rows to an integer program over the columns of the challenges.

        Notes
        -----
        Protection adds, per row r, columns z and p >= 0 with ``z + p_c >= spread_rc x_c``
        and ``Gamma z + sum_c p_c`` in the row (Bertsimas and Sim 2004, theorem 1): at the
        best z and p that is the largest sum of Gamma overruns.
        """
        for r, (need, limit) in enumerate(zip(self.needs, self.limits, strict=True)):
            if not self.is_protected:
                if need.sum() > limit:
                    builder.row("", x, need, upper=limit)
                continue
            moves = np.flatnonzero(self.spread[r] > 0)
            firm = self.promised[r][self.promised[r] > 0]
            n = len(moves) + len(firm)
            over = builder.columns(1 + n)
            builder.row(
                "",
                np.concatenate([x, over]),
                np.concatenate([need, [self.protection], np.ones(n)]),
                upper=limit,
            )
            for place, c in enumerate(moves, start=1):
                columns = [over[0], over[place], x[c]]
                builder.row("", columns, [1.0, 1.0, -self.spread[r, c]], lower=0.0)
            for place, spread in enumerate(firm, start=1 + len(moves)):
                builder.row("", [over[0], over[place]], [1.0, 1.0], lower=spread)


def read_purses(
    zone: Zone,
    technologies: Sequence[str],
    allowed: Sequence[str | None],
    cost: NDArray[np.float64],
    *,
    budget_scale: float = 1.0,
    overrun: NDArray[np.float64] | None = None,
    protection: float = 0.0,
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
    overrun : ndarray of float64, shape (c,), optional
        Share of its cost by which a challenge may exceed it.
    protection : float
        How many overruns the purses must bear at once.

    Raises
    ------
    InvalidInput
        E402 if there are more than 12 purses.

    Notes
    -----
    A purse bound to chains does not pay for a technology whose chain is unknown. Money of
    later years counts here as a whole; :mod:`jicheng.optimise.calendar` looks at years.
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
    amounts = np.array([sum(yearly) for yearly in amounts_by_year(frame)]) * budget_scale
    return Purses.of(
        frame["id"].to_list(),
        amounts,
        caps,
        cost,
        kinds=_kinds(frame, caps, cost),
        overrun=overrun,
        protection=protection,
    )


def amounts_by_year(purses: pl.DataFrame) -> list[list[float]]:
    """Return what each purse receives in its first year and in each later one [wan]."""
    return [
        [float(amount), *(float(part) for part in _parts(later))]
        for amount, later in purses.select("amount", "later_amounts").iter_rows()
    ]


def _kinds(frame: pl.DataFrame, caps: NDArray[np.float64], cost: NDArray[np.float64]) -> KindCaps:
    """Return the kind of each purse, and what a kind may pay of each challenge together."""
    names = sorted(set(frame["kind"]))
    kind_of = np.array([names.index(kind) for kind in frame["kind"]], dtype=np.int64)
    asked = frame["co_funding"].fill_null(0.0).to_numpy()
    kind_caps = np.repeat(cost[:, None], len(names), axis=1)
    for p, share in enumerate(asked.tolist()):
        most = np.where(caps[:, p] > 0, (1.0 - share) * cost, cost)
        kind_caps[:, kind_of[p]] = np.minimum(kind_caps[:, kind_of[p]], most)
    return kind_of, kind_caps


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
    n_kinds = purses.kind_caps.shape[1]
    of_kind = who * n_kinds + purses.kind_of[purse]
    builder.rows(n * n_kinds, of_kind, np.arange(n * p), upper=purses.kind_caps[chosen].ravel())
    solution = solve(builder.build())
    if solution.values is None:
        raise SolverFailed.of("E403", detail=solution.message or solution.status.value)
    paid[chosen] = _tidy(solution.values.reshape(n, p), cost)
    return paid


def subsets_of(n: int) -> NDArray[np.bool_]:
    """Return all sets of n purses, shape (2^n, n)."""
    return (np.arange(1 << n)[:, None] >> np.arange(n)) & 1 > 0


def payable_by(
    purses: NDArray[np.bool_],
    caps: NDArray[np.float64],
    kind_of: NDArray[np.int64],
    kind_caps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the most that sets of purses may pay for each challenge, shape (q, c)."""
    most = np.zeros((len(purses), len(caps)))
    for kind in range(kind_caps.shape[1]):
        of_kind = purses[:, kind_of == kind].astype(np.float64) @ caps[:, kind_of == kind].T
        most += np.minimum(of_kind, kind_caps[:, kind])
    return most


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
