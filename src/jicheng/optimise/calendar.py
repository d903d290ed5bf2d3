"""Money by year: whether challenges can start so that no year's money is overdrawn.

A purse holds ``amount_py`` that becomes available in year y; what is not spent is kept
if the purse carries over, else it lapses. A challenge that starts in year t needs the
payment of each of its stages in the year t + offset; share limits hold for every
payment. For given starts the payments can be made iff for every choice of purses Q_y,
one set a year in which purses that carry over never come back once they have left,

    sum_y sum_c payment_cy w_c(Q_y)  <=  sum_y sum_{p in Q_y} amount_py,

w_c(Q) being the part of a payment that only purses in Q may make: again the minimum cut
(Ford and Fulkerson 1956). The largest difference is found backward in time over the sets
of purses, so that a schedule is judged in microseconds. Where all purses carry over, the
latest starts are the easiest to pay; otherwise starts are tried by depth-first search,
the dearest challenge first. In an integer program the same is said with the flow itself:
columns for starts, and for what each purse pays in each year to challenges that the same
purses may pay in the same shares (within such a group any split of the flow will do, for
all limits are in proportion to the payments).
Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import SolverFailed
from jicheng.kernel.cash import can_start
from jicheng.kernel.program import ProgramBuilder
from jicheng.kernel.solver import Limits, solve
from jicheng.optimise.purses import Purses, amounts_by_year, payable_by, subsets_of
from jicheng.zone import Zone

__all__ = ["Calendar", "Money"]

_ROUNDING = 1e-7  # relative slack of a sum of money
_NODES = 5_000  # starts tried by the search before the integer program takes over
_WORK = Limits(gap=1e-6, nodes=20_000, deadline_s=60.0)


@dataclass(frozen=True)
class Money:
    """What the purses hold, year by year.

    Attributes
    ----------
    first_year : int
        Year of the first column.
    amounts : ndarray of float64, shape (p, y)
        Money that becomes available [wan].
    carries : ndarray of bool, shape (p,)
        Whether unspent money is kept for later years.
    """

    first_year: int
    amounts: NDArray[np.float64]
    carries: NDArray[np.bool_]

    @classmethod
    def of(cls, zone: Zone, budget_scale: float = 1.0) -> Money | None:
        """Read the money of a zone's purses; None if no purse names a year.

        A purse without a year can be spent in any.
        """
        frame = zone["purses"]
        years = frame["period"].drop_nulls()
        if years.is_empty():
            return None
        first = int(years.to_numpy().min())
        begins = [first if year is None else year for year in frame["period"]]
        by_year = amounts_by_year(frame)
        n_years = max(b - first + len(row) for b, row in zip(begins, by_year, strict=True))
        amounts = np.zeros((frame.height, n_years))
        for p, (begin, row) in enumerate(zip(begins, by_year, strict=True)):
            amounts[p, begin - first : begin - first + len(row)] = row
        carries = frame["carries_over"].fill_null(value=True) | frame["period"].is_null()
        return cls(first, amounts * budget_scale, carries.to_numpy().astype(np.bool_))


@dataclass(frozen=True)
class Calendar:
    """Payments of challenges against money by year.

    Attributes
    ----------
    money : Money
        Long enough for every payment.
    payments : ndarray of float64, shape (m, l)
        What each listed challenge needs in each year after its start [wan].
    group : ndarray of int64, shape (m,)
        Challenges that the same purses may pay in the same shares.
    shares : ndarray of float64, shape (g, p)
        Largest share of a payment that each purse may make.
    kind_of, kind_shares : ndarray, shapes (p,) and (g, kinds)
        Kind of each purse; largest share of a payment that a kind may make together.
    latest : int
        Latest start, counted from the first year.
    listed : ndarray of intp, shape (c,)
        Challenges among which is chosen.
    promised : ndarray of intp
        Challenges that are paid for in any case.
    """

    money: Money
    payments: NDArray[np.float64]
    group: NDArray[np.int64]
    shares: NDArray[np.float64]
    kind_of: NDArray[np.int64]
    kind_shares: NDArray[np.float64]
    latest: int
    listed: NDArray[np.intp]
    promised: NDArray[np.intp]

    @classmethod
    def of(
        cls, money: Money, purses: Purses, payments: NDArray[np.float64], latest: int
    ) -> Calendar:
        """Make the calendar of challenges with their payments, shape (m, l)."""
        cost = np.where(purses.cost > 0, purses.cost, 1.0)[:, None]
        both = np.hstack([purses.caps / cost, purses.kind_caps / cost]).round(12)
        patterns, group = np.unique(both, axis=0, return_inverse=True)
        p = len(purses.ids)
        long = max(money.amounts.shape[1], latest + payments.shape[1])
        amounts = np.zeros((p, long))
        amounts[:, : money.amounts.shape[1]] = money.amounts
        return cls(
            money=replace(money, amounts=amounts),
            payments=payments,
            group=group.reshape(-1).astype(np.int64),
            shares=patterns[:, :p],
            kind_of=purses.kind_of,
            kind_shares=patterns[:, p:],
            latest=latest,
            listed=np.arange(len(payments)),
            promised=np.zeros(0, dtype=np.intp),
        )

    @property
    def binds(self) -> bool:
        """Whether years limit more than the money as a whole does."""
        return not self.money.carries.all() or bool(self.money.amounts[:, 1:].any())

    @property
    def n_years(self) -> int:
        """Number of years."""
        return int(self.money.amounts.shape[1])

    @property
    def _first_start(self) -> int:
        """Earliest start that matters: the latest is the easiest if all money is kept."""
        return self.latest if self.money.carries.all() else 0

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        """Part of a payment that only purses of each set may make, shape (2^p, g)."""
        elsewhere = ~subsets_of(len(self.money.carries))
        most = payable_by(elsewhere, self.shares, self.kind_of, self.kind_shares)
        weights: NDArray[np.float64] = np.maximum(0.0, 1.0 - most)
        return weights

    @cached_property
    def _held(self) -> NDArray[np.float64]:
        """Money that becomes available to each set of purses, shape (y, 2^p)."""
        held: NDArray[np.float64] = self.money.amounts.T @ subsets_of(
            len(self.money.carries)
        ).T.astype(np.float64)
        return held

    def scaled(self, factor: float) -> Calendar:
        """Return the calendar with all money multiplied."""
        return replace(self, money=replace(self.money, amounts=self.money.amounts * factor))

    def part(self, listed: NDArray[np.bool_], promised: NDArray[np.bool_]) -> Calendar:
        """Return the calendar for the choice between some, others being promised."""
        return replace(self, listed=np.flatnonzero(listed), promised=np.flatnonzero(promised))

    def fits(self, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell for each set, rows of shape (q, c), whether it can be paid year by year."""
        listed = np.concatenate([self.listed, self.promised])
        order = np.lexsort((listed, -self.payments[listed].sum(axis=1)))
        every = np.hstack([sets, np.ones((len(sets), len(self.promised)), dtype=np.bool_)])
        members = listed[order]
        answers = can_start(
            np.ascontiguousarray(every[:, order]),
            self.payments[members],
            self.group[members],
            self._weights,
            self._held,
            **self._search_limits,
        )
        found = answers > 0
        for q in np.flatnonzero(answers < 0):
            found[q] = self._is_solvable(members[every[q, order]])
        return found

    def starts(self, chosen: NDArray[np.bool_]) -> dict[int, int]:
        """Return the year after the first in which each challenge starts.

        Returns
        -------
        dict of int to int
            Position among all challenges of the calendar to its start; the sum of the
            starts is the smallest possible.

        Raises
        ------
        SolverFailed
            E403 if no schedule is found.
        """
        members = np.concatenate([self.listed[chosen], self.promised])
        builder = ProgramBuilder()
        starts = self._flow(builder, members, None, first=0)
        solution = solve(builder.build(), limits=_WORK)
        if solution.values is None:
            raise SolverFailed.of("E403", detail=solution.message or solution.status.value)
        when = solution.values[starts].argmax(axis=1)
        return dict(zip(members.tolist(), when.tolist(), strict=True))

    def limit(self, builder: ProgramBuilder, x: NDArray[np.intp], *, integral: bool = True) -> None:
        """Add starts and yearly payments to a program over the challenges.

        Without ``integral`` a start may be split between years: a relaxation.
        """
        promised = builder.columns(len(self.promised), lower=1.0, upper=1.0)
        members = np.concatenate([self.listed, self.promised])
        columns = np.concatenate([x, promised])
        self._flow(builder, members, columns, first=self._first_start, integral=integral)

    @property
    def _search_limits(self) -> dict[str, Any]:
        return {
            "carry": int((self.money.carries << np.arange(len(self.money.carries))).sum()),
            "first": self._first_start,
            "latest": self.latest,
            "slack": _ROUNDING * (1.0 + float(self._held[:, -1].sum())),
            "most_nodes": _NODES,
        }

    def _is_solvable(self, members: NDArray[np.intp]) -> bool:
        """Tell by an integer program whether starts exist, where the search gave up."""
        builder = ProgramBuilder()
        self._flow(builder, members, None, first=0)
        return solve(builder.build(), limits=_WORK).has_solution

    def _flow(
        self,
        builder: ProgramBuilder,
        members: NDArray[np.intp],
        x: NDArray[np.intp] | None,
        *,
        first: int,
        integral: bool = True,
    ) -> NDArray[np.intp]:
        """Add starts, and what each purse pays each group in each year.

        Returns
        -------
        ndarray of intp, shape (members, starts)
            Columns of the starts; they cost how late they are if x is None (all chosen).
        """
        n_starts = self.latest - first + 1
        m, (g, p), years = len(members), self.shares.shape, self.n_years
        late = np.tile(np.arange(n_starts, dtype=np.float64), m)
        starts = builder.columns(
            m * n_starts,
            cost=0.0 if x is not None else late,
            upper=1.0,
            integral=integral and n_starts > 1,
        ).reshape(m, n_starts)
        for i in range(m):
            if x is None:
                builder.row("", starts[i], lower=1.0, upper=1.0)
            else:
                coefficients = np.append(np.ones(n_starts), -1.0)
                builder.row("", np.append(starts[i], x[i]), coefficients, lower=0.0, upper=0.0)
        paid = builder.columns(g * p * years).reshape(g, p, years)
        for one in range(g):
            of_group = np.flatnonzero(self.group[members] == one)
            for year in range(years):
                columns, amounts = self._due(members, starts, of_group, first, year)
                self._share_rows(builder, paid[one, :, year], one, columns, amounts)
        for purse in range(p):
            for year in range(years):
                since = 0 if self.money.carries[purse] else year
                available = self.money.amounts[purse, since : year + 1].sum()
                flows = paid[:, purse, since : year + 1].ravel()
                builder.row("", flows, upper=float(available))
        return starts

    def _due(
        self,
        members: NDArray[np.intp],
        starts: NDArray[np.intp],
        of_group: NDArray[np.intp],
        first: int,
        year: int,
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return which starts of a group need a payment in a year, and how much."""
        columns, amounts = [], []
        for i in of_group:
            for s in range(starts.shape[1]):
                offset = year - first - s
                if 0 <= offset < self.payments.shape[1]:
                    amount = self.payments[members[i], offset]
                    if amount > 0:
                        columns.append(starts[i, s])
                        amounts.append(amount)
        return np.array(columns, dtype=np.intp), np.array(amounts, dtype=np.float64)

    def _share_rows(
        self,
        builder: ProgramBuilder,
        paid: NDArray[np.intp],
        group: int,
        due: NDArray[np.intp],
        amounts: NDArray[np.float64],
    ) -> None:
        """Say that purses pay what is due, none and no kind more than its share."""
        n = len(paid)
        columns = np.concatenate([paid, due])
        builder.row("", columns, np.append(np.ones(n), -amounts), lower=0.0, upper=0.0)
        for purse, share in enumerate(self.shares[group]):
            if share < 1.0:
                columns = np.append(paid[purse], due)
                builder.row("", columns, np.append(1.0, -share * amounts), upper=0.0)
        for kind, share in enumerate(self.kind_shares[group]):
            of_kind = paid[self.kind_of == kind]
            if share < 1.0 and len(of_kind) > 1:
                columns = np.concatenate([of_kind, due])
                ones = np.ones(len(of_kind))
                builder.row("", columns, np.append(ones, -share * amounts), upper=0.0)
