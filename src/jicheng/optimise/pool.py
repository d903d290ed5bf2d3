"""Who competes for the money: free, mandatory and promised challenges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jicheng.errors import Fault, fault
from jicheng.optimise.cases import Case
from jicheng.optimise.problem import Choice, Problem
from jicheng.optimise.purses import Purses, read_purses
from jicheng.optimise.value import SetValue
from jicheng.zone import Zone

__all__ = ["Pool"]


@dataclass(frozen=True)
class Pool:
    """Challenges that the purses may pay for.

    Attributes
    ----------
    cases : tuple of Case, length l
        Candidates that nobody excluded, and promised challenges.
    purses : Purses
        Purses seen by them.
    promised : ndarray of bool, shape (l,)
        Mandatory challenges whose value cannot be told: their money is set aside.
    """

    cases: tuple[Case, ...]
    purses: Purses
    promised: NDArray[np.bool_]

    @classmethod
    def of(cls, zone: Zone, cases: Sequence[Case], budget_scale: float) -> Pool:
        """List who competes, in the order of the cases.

        Raises
        ------
        InvalidInput
            E402 if there are more than 12 purses.
        """
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
        )
        promised = np.array([not case.is_candidate for case in listed], dtype=np.bool_)
        return cls(tuple(listed), purses, promised)

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
            All candidates, competing or not.
        """
        position = {case.challenge: at for at, case in enumerate(candidates)}
        where = np.array([position[case.challenge] for case in self.competitors], dtype=np.intp)
        required = [case.decision == "mandatory" for case in self.competitors]
        return Problem(
            value.part(where),
            self.purses.part(self.competes, self.promised),
            np.array(required, dtype=np.bool_),
        )

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


def is_promised(case: Case) -> bool:
    """Tell whether a mandatory challenge is paid for although its value is unknown."""
    payable = case.cost >= 0 and case.team.n_members > 0  # false where the cost is nan
    return case.decision == "mandatory" and not case.is_candidate and payable
