"""Who competes for the money: free, mandatory and promised challenges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.checks.conditions import Condition, read_conditions
from jicheng.errors import Fault, fault
from jicheng.optimise.calendar import Calendar, Money
from jicheng.optimise.cases import Case
from jicheng.optimise.conditions import rules_of
from jicheng.optimise.problem import Choice, Problem
from jicheng.optimise.purses import Purses, read_purses
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import SetValue
from jicheng.zone import Zone

__all__ = ["Pool"]


@dataclass(frozen=True)
class Pool:
    """Challenges that the purses may pay for.

    Attributes
    ----------
    cases : tuple of Case, length l
        Options of candidates that nobody excluded, and promised challenges.
    purses : Purses
        Purses seen by them.
    promised : ndarray of bool, shape (l,)
        Mandatory challenges whose value cannot be told: their money is set aside.
    conditions : tuple of Condition
        Conditions between challenges.
    calendar : Calendar, optional
        Their payments by year; None if no purse names a year.
    """

    cases: tuple[Case, ...]
    purses: Purses
    promised: NDArray[np.bool_]
    conditions: tuple[Condition, ...] = ()
    calendar: Calendar | None = None

    @classmethod
    def of(
        cls,
        zone: Zone,
        cases: Sequence[Case],
        budget_scale: float,
        settings: PortfolioSettings | None = None,
    ) -> Pool:
        """List who competes, in the order of the cases.

        Parameters
        ----------
        zone : Zone
            ``purses``, ``conditions`` and ``technologies`` are read.
        cases : sequence of Case
            Options of all challenges.
        budget_scale : float
            Multiplies every purse.
        settings : PortfolioSettings, optional
            Protection against overruns, and the latest start.

        Raises
        ------
        InvalidInput
            E402 if there are more than 12 purses.
        """
        settings = settings or PortfolioSettings()
        listed = [
            case
            for case in cases
            if (case.is_candidate and case.decision != "excluded") or is_promised(case)
        ]
        purses = read_purses(
            zone,
            [case.technology for case in listed],
            [case.purses for case in listed],
            np.array([case.cost for case in listed], dtype=np.float64),
            budget_scale=budget_scale,
            overrun=np.array([case.overrun for case in listed], dtype=np.float64),
            protection=settings.protected_overruns,
        )
        money = Money.of(zone, budget_scale)
        return cls(
            tuple(listed),
            purses,
            promised=np.array([not case.is_candidate for case in listed], dtype=np.bool_),
            conditions=read_conditions(zone["conditions"]),
            calendar=None
            if money is None
            else Calendar.of(money, purses, _payments(listed), settings.latest_start),
        )

    @property
    def competes(self) -> NDArray[np.bool_]:
        """Candidates that the rules allow to be paid in full, or that are mandatory."""
        mandatory = np.array([case.decision == "mandatory" for case in self.cases], dtype=np.bool_)
        return ~self.promised & (self.purses.payable | mandatory)

    @property
    def competitors(self) -> tuple[Case, ...]:
        """The cases that compete."""
        return tuple(case for case, is_in in zip(self.cases, self.competes, strict=True) if is_in)

    def problem(self, value: SetValue, candidates: Sequence[Case]) -> Problem:
        """Return the choice between the competitors.

        Parameters
        ----------
        value : SetValue
            Values of sets of the candidates.
        candidates : sequence of Case
            Options of all candidates, competing or not.
        """
        position = {(case.challenge, case.n_teams): at for at, case in enumerate(candidates)}
        options = self.competitors
        where = [position[case.challenge, case.n_teams] for case in options]
        n_options = Counter(case.challenge for case in options)
        required = [
            case.decision == "mandatory" and n_options[case.challenge] == 1 for case in options
        ]
        is_dated = self.calendar is not None and self.calendar.binds
        return Problem(
            value.part(np.array(where, dtype=np.intp)),
            self.purses.part(self.competes, self.promised),
            np.array(required, dtype=np.bool_),
            rules_of(self.conditions, options, self.promised_ids),
            self.calendar.part(self.competes, self.promised)
            if self.calendar is not None and is_dated
            else None,
        )

    @property
    def promised_ids(self) -> tuple[str, ...]:
        """Challenges that are paid for in any case."""
        pairs = zip(self.cases, self.promised, strict=True)
        return tuple(case.challenge for case, is_promised in pairs if is_promised)

    def paid_for(self, choice: Choice) -> NDArray[np.bool_]:
        """Return which of the cases are paid for by a choice, shape (l,)."""
        paid = self.promised.copy()
        paid[self.competes] = choice.chosen
        return paid

    def warnings(self) -> list[Fault]:
        """Tell which mandatory challenges are paid for without a known value."""
        return [
            fault(
                "E408",
                is_warning=True,
                id=case.challenge,
                what=", ".join(sorted({str(obstacle.where) for obstacle in case.obstacles})),
            )
            for case, is_promised in zip(self.cases, self.promised, strict=True)
            if is_promised
        ]


def _payments(cases: Sequence[Case]) -> NDArray[np.float64]:
    """Return what each case needs in each year after its start, shape (l, years) [wan]."""
    offsets = [case.stages.offsets(case.years) for case in cases]
    payments = np.zeros((len(cases), 1 + max((int(row.max()) for row in offsets), default=0)))
    for row, case, years in zip(payments, cases, offsets, strict=True):
        np.add.at(row, years, case.stages.amounts(case.cost, case.n_teams))
    return payments


def is_promised(case: Case) -> bool:
    """Tell whether a mandatory challenge is paid for although its value is unknown."""
    payable = case.cost >= 0 and case.team.n_members > 0  # false where the cost is nan
    return case.decision == "mandatory" and not case.is_candidate and payable
