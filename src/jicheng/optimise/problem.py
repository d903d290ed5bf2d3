"""The choice to be made: which challenges to fund within the purses and the rules.

Everything that limits a choice stands here once, in two forms that agree exactly:
:meth:`Problem.feasible` judges sets as they are, for enumeration and local search, and
:meth:`Problem.limit` adds columns and rows to an integer program. Where a limit is
linear in the chosen set it is a row of :meth:`Problem.linear_rows`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.program import ProgramBuilder
from jicheng.kernel.solver import Limits, solve
from jicheng.optimise.calendar import Calendar
from jicheng.optimise.purses import Purses
from jicheng.optimise.value import SetValue

__all__ = ["Choice", "Problem", "Rules"]

_EQUAL = 1e-12  # values closer than this are equal: sums in another order differ by less
_ROUNDING = 1e-9
_WORK = Limits(gap=1e-6, nodes=20_000, deadline_s=60.0)


@dataclass(frozen=True)
class Rules:
    """Rows ``coefficients @ x <= limit`` over the chosen set that are not about money.

    Attributes
    ----------
    coefficients : ndarray of float64, shape (r, c)
    limit : ndarray of float64, shape (r,)
    """

    coefficients: NDArray[np.float64]
    limit: NDArray[np.float64]

    @classmethod
    def none(cls, n_challenges: int) -> Rules:
        """Return no rows at all."""
        return cls(np.zeros((0, n_challenges)), np.zeros(0))

    def kept(self, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which sets, rows of shape (q, c), keep every row."""
        activity = sets.astype(np.float64) @ self.coefficients.T
        return np.asarray((activity <= self.limit + _ROUNDING).all(axis=1))


@dataclass(frozen=True)
class Problem:
    """Challenges that may be funded, their values, the purses and the rules.

    Attributes
    ----------
    value : SetValue
        Values of sets of the c challenges.
    purses : Purses
        Who can pay, net of money set aside.
    required : ndarray of bool, shape (c,)
        Mandatory challenges.
    rules : Rules, optional
        Conditions between challenges; None = there are none.
    calendar : Calendar, optional
        Payments against money by year; None = the money is of one period.
    """

    value: SetValue
    purses: Purses
    required: NDArray[np.bool_]
    rules: Rules | None = field(default=None)
    calendar: Calendar | None = field(default=None)

    @property
    def n_challenges(self) -> int:
        """Number of challenges c."""
        return len(self.required)

    @property
    def may_be_chosen(self) -> NDArray[np.bool_]:
        """Challenges that the purses' rules let be paid whole, or that are mandatory."""
        return np.asarray(self.purses.payable | self.required)

    def scaled(self, factor: float) -> Problem:
        """Return the problem with all purses multiplied."""
        calendar = None if self.calendar is None else self.calendar.scaled(factor)
        return replace(self, purses=self.purses.scaled(factor), calendar=calendar)

    def linear_rows(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the limits that are linear: ``a @ x <= b`` for every feasible set.

        Returns
        -------
        a : ndarray of float64, shape (r, c)
            First the purses' rows, then those of the rules; entries may be negative.
        b : ndarray of float64, shape (r,)

        Notes
        -----
        Without protection against overruns and without years these rows, with
        ``required`` and ``may_be_chosen``, are all there is; otherwise they are
        necessary, and :meth:`feasible` asks for more.
        """
        rules = self.rules or Rules.none(self.n_challenges)
        return (
            np.vstack([self.purses.needs, rules.coefficients]),
            np.concatenate([self.purses.limits, rules.limit]),
        )

    def feasible(self, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which sets, rows of shape (q, c), keep every limit."""
        fits = np.asarray(sets[:, self.required].all(axis=1))
        if self.rules is not None:
            fits = fits & self.rules.kept(sets)
        fits[fits] = self.purses.can_pay(sets[fits])
        if self.calendar is not None:
            fits[fits] = self.calendar.fits(sets[fits])
        return fits

    def first_feasible(self, sets: NDArray[np.bool_], values: NDArray[np.float64]) -> int | None:
        """Return the position of the best feasible set, as :meth:`best`; None if none is.

        Sets are judged from the highest value down, so that few schedules are made.
        """
        if self.calendar is None:
            fits = self.feasible(sets)
            may = np.flatnonzero(fits)
            return int(may[self.best(sets[may], values[may])]) if may.size else None
        may = np.flatnonzero(replace(self, calendar=None).feasible(sets))
        order = may[np.argsort(-values[may], kind="stable")]
        at = 0
        while at < len(order):
            level = values[order[at]]
            end = at + int(np.searchsorted(-values[order[at:]], _EQUAL - level, side="right"))
            alike = order[at:end]
            fits = self.calendar.fits(sets[alike])
            if fits.any():
                return int(alike[fits][self.best(sets[alike[fits]], values[alike[fits]])])
            at = end
        return None

    def limit(self, builder: ProgramBuilder, x: NDArray[np.intp], *, integral: bool = True) -> None:
        """Add every limit to an integer program, with the columns that they need.

        Parameters
        ----------
        builder : ProgramBuilder
            Program to add to.
        x : ndarray of intp, shape (c,)
            Its columns of the challenges, which bounds keep within ``required`` and
            ``may_be_chosen``.
        integral : bool
            Whether the added columns are whole where the limits need it; else the rows
            are a relaxation, for bounds.
        """
        self.purses.limit(builder, x)
        if self.calendar is not None:
            self.calendar.limit(builder, x, integral=integral)
        if self.rules is not None:
            for row, limit in zip(self.rules.coefficients, self.rules.limit, strict=True):
                builder.row("", x, row, upper=limit)

    def cheapest(self) -> NDArray[np.bool_] | None:
        """Return the feasible set that costs least, shape (c,); None if none is feasible.

        Notes
        -----
        Conditions may ask for more than ``required``: a search starts from this set.
        """
        least = self.required.copy()
        if self.feasible(least[None, :])[0]:
            return least
        if self.rules is None:
            return None
        builder = ProgramBuilder()
        x = builder.columns(
            self.n_challenges,
            cost=self.purses.cost + 1e-6 * self.purses.cost.sum() / self.n_challenges,
            lower=self.required.astype(np.float64),
            upper=self.may_be_chosen.astype(np.float64),
            integral=True,
        )
        self.limit(builder, x)
        solution = solve(builder.build(), limits=_WORK)
        if solution.values is None:
            return None
        chosen = solution.values[: self.n_challenges] > 0.5
        return chosen if self.feasible(chosen[None, :])[0] else None

    def best(self, sets: NDArray[np.bool_], values: NDArray[np.float64]) -> int:
        """Return the position of the best set: of equal values the cheapest, then by id.

        Parameters
        ----------
        sets : ndarray of bool, shape (q, c)
            Feasible sets, at least one.
        values : ndarray of float64, shape (q,)
            Their values.
        """
        good = np.flatnonzero(values >= values.max() - _EQUAL)
        cost = (sets[good] @ self.purses.cost).round(6)
        by_id = (~sets[good]).T[::-1]
        return int(good[np.lexsort((*by_id, cost))[0]])


@dataclass(frozen=True)
class Choice:
    """A set of challenges, and how good it is proved to be.

    Attributes
    ----------
    chosen : ndarray of bool, shape (c,)
        Challenges to fund.
    value : float
        Its value on the common draws.
    bound : float
        No feasible set has a higher value on these draws; nan = nothing is proved.
    method : str
        ``enumeration`` or ``integer program``.
    """

    chosen: NDArray[np.bool_]
    value: float
    bound: float
    method: str

    @property
    def gap(self) -> float:
        """``(bound - value) / value``; nan without a bound, 0 if both are 0."""
        if self.bound <= self.value + _EQUAL:
            return 0.0
        return (self.bound - self.value) / self.value if self.value > 0 else float("nan")
