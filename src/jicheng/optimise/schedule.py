"""When each funded challenge starts, who pays what in which year, and what gates save.

Every payment of a chosen plan is reserved in full. What is expected to be spent is less:
a stage after a gate is paid only if all gates before it are passed, each with the chance
``gate_pass`` (a planning assumption; success is not made smaller by it, as whoever stops
at a gate is taken to be one who would have failed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import SolverFailed
from jicheng.kernel.program import ProgramBuilder
from jicheng.kernel.solver import solve
from jicheng.optimise.calendar import Calendar
from jicheng.optimise.cases import Case

__all__ = ["Schedule", "StagePayment"]

_CRUMB = 1e-9  # relative: smaller payments are rounding


@dataclass(frozen=True, slots=True)
class StagePayment:
    """What one stage of a funded challenge takes, and when."""

    case: Case
    stage: int
    year: int
    amount: float
    expected: float


@dataclass(frozen=True)
class Schedule:
    """Payments of a chosen plan, year by year.

    Attributes
    ----------
    calendar : Calendar
        Money and payments of all listed challenges.
    cases : tuple of Case
        The funded ones.
    starts : tuple of int
        Start of each, in years after the first.
    paid : ndarray of float64, shape (n, p, y)
        What each purse pays each of them in each year [wan].
    gate_pass : float
        Chance of passing a gate.
    """

    calendar: Calendar
    cases: tuple[Case, ...]
    starts: tuple[int, ...]
    paid: NDArray[np.float64]
    gate_pass: float

    @classmethod
    def of(
        cls,
        calendar: Calendar,
        cases: Sequence[Case],
        paid_for: NDArray[np.bool_],
        gate_pass: float,
    ) -> Schedule:
        """Schedule what is paid for: the earliest starts, then who pays.

        Parameters
        ----------
        calendar : Calendar
            Of all listed cases; those promised are among ``paid_for``.
        cases : sequence of Case, length l
            Listed cases.
        paid_for : ndarray of bool, shape (l,)
            Which are funded.
        gate_pass : float
            Chance of passing a gate.

        Raises
        ------
        SolverFailed
            E403 if no schedule or no payment is found.
        """
        starts = calendar.starts(paid_for)
        positions = sorted(starts)
        due = np.zeros((len(positions), calendar.n_years))
        for row, position in zip(due, positions, strict=True):
            start, payments = starts[position], calendar.payments[position]
            row[start : start + len(payments)] = payments
        return cls(
            calendar,
            tuple(cases[position] for position in positions),
            tuple(starts[position] for position in positions),
            _pay(calendar, np.array(positions, dtype=np.intp), due),
            gate_pass,
        )

    @property
    def stages(self) -> tuple[StagePayment, ...]:
        """Every payment, by challenge and stage."""
        first = self.calendar.money.first_year
        return tuple(
            StagePayment(case, stage, int(first + start + offset), float(amount), float(expected))
            for case, start in zip(self.cases, self.starts, strict=True)
            for stage, (offset, amount, expected) in enumerate(
                zip(
                    case.stages.offsets(case.years),
                    case.stages.amounts(case.cost, case.n_teams),
                    self._expected(case),
                    strict=True,
                )
            )
        )

    @property
    def expected(self) -> NDArray[np.float64]:
        """What each purse is expected to pay in each year, shape (p, y) [wan]."""
        total = np.zeros(self.paid.shape[1:])
        for case, start, paid in zip(self.cases, self.starts, self.paid, strict=True):
            asked, spent = np.zeros(paid.shape[1]), np.zeros(paid.shape[1])
            years = start + case.stages.offsets(case.years)
            np.add.at(asked, years, case.stages.amounts(case.cost, case.n_teams))
            np.add.at(spent, years, self._expected(case))
            total += paid * np.divide(spent, asked, out=np.zeros_like(spent), where=asked > 0)
        return total

    def _expected(self, case: Case) -> NDArray[np.float64]:
        amounts = case.stages.amounts(case.cost, case.n_teams)
        expected: NDArray[np.float64] = amounts * case.stages.reached(self.gate_pass)
        return expected

    def carried(self) -> NDArray[np.float64]:
        """Return what each purse keeps at the end of each year, shape (p, y) [wan]."""
        amounts, committed = self.calendar.money.amounts, self.paid.sum(axis=0)
        kept, balance = np.zeros_like(amounts), np.zeros(len(amounts))
        for year in range(amounts.shape[1]):
            balance = np.maximum(0.0, balance + amounts[:, year] - committed[:, year])
            balance = np.where(self.calendar.money.carries, balance, 0.0)
            kept[:, year] = balance
        return kept


def _pay(
    calendar: Calendar, positions: NDArray[np.intp], due: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return who pays what in each year, shape (n, p, y): lapsing and bound money first."""
    (n, years), p = due.shape, len(calendar.money.carries)
    group = calendar.group[positions]
    shares, kinds = calendar.shares[group], calendar.kind_shares[group]
    freedom = shares.sum(axis=0).round(9)
    rank = np.empty(p)
    rank[np.lexsort((np.arange(p), freedom, calendar.money.carries))] = np.arange(1, p + 1)
    builder = ProgramBuilder()
    most = shares[:, :, None] * due[:, None, :]
    cost = np.broadcast_to(rank[None, :, None], most.shape)
    paid = builder.columns(n * p * years, cost=cost.ravel(), upper=most.ravel()).reshape(most.shape)
    who, purse, year = np.unravel_index(np.arange(paid.size), paid.shape)
    bill = who * years + year
    builder.rows(n * years, bill, paid.ravel(), lower=due.ravel(), upper=due.ravel())
    n_kinds = kinds.shape[1]
    of_kind = bill * n_kinds + calendar.kind_of[purse]
    limit = (due[:, :, None] * kinds[:, None, :]).ravel()
    builder.rows(n * years * n_kinds, of_kind, paid.ravel(), upper=limit)
    for q in range(p):
        for y in range(years):
            since = 0 if calendar.money.carries[q] else y
            available = float(calendar.money.amounts[q, since : y + 1].sum())
            builder.row("", paid[:, q, since : y + 1].ravel(), upper=available)
    solution = solve(builder.build())
    if solution.values is None:
        raise SolverFailed.of("E403", detail=solution.message or solution.status.value)
    found = solution.values[paid]
    found = np.where(found > _CRUMB * due[:, None, :], found, 0.0)
    total = found.sum(axis=1, keepdims=True)
    scale = np.divide(due[:, None, :], total, out=np.zeros_like(total), where=total > 0)
    tidy: NDArray[np.float64] = found * scale
    return tidy
