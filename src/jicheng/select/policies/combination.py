"""The best combination of policies for each subject, under exclusion and stacking limits.

Best means most money that is paid out, for certain; between equals the most that may be
paid, then the largest volume lent or invested, then the most policies. Exact: every
largest set of policies that may be had together is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from jicheng.errors import InvalidInput
from jicheng.kernel.stacking import Objective, Stacking, TooManySets, best_sets, total_worth
from jicheng.rules.expression.intervals import Flags, Floats
from jicheng.select.policies.answers import Answer, stated
from jicheng.select.policies.model import stacking_of

__all__ = ["Combinations", "LeftOut", "combine"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A policy that a subject could have and that another one stands against.

    Attributes
    ----------
    policy : str
    excluded_by : tuple of str
        Policies of the combination that exclude it.
    full_group : str
        Stacking group whose number of policies is used up; empty = none.
    """

    policy: str
    excluded_by: tuple[str, ...]
    full_group: str


@dataclass(frozen=True, eq=False)
class Combinations:
    """The best combination for each of n subjects, of m policies.

    Attributes
    ----------
    subjects : polars.Series
    policies : tuple of str
    sure : ndarray of bool, shape (n, m)
        The best of the policies for which a subject is certainly eligible.
    possible : ndarray of bool, shape (n, m)
        The best if everything open turns out well and every amount at its highest.
    paid_low, paid_high : ndarray of float64, shape (n,)
        Money of the best combination [10,000 of the currency]: whatever the open facts are,
        the best is worth between these.
    committed_low, committed_high : ndarray of float64, shape (n,)
        Volume lent, vouched for or invested by ``sure`` at its lowest, by ``possible`` at
        its highest.
    stacking : Stacking
        What may be had together.
    may_have : ndarray of bool, shape (2, n, m)
        What each subject is eligible for, for certain and perhaps.
    groups : tuple of str
        Names of the stacking groups.
    """

    subjects: pl.Series
    policies: tuple[str, ...]
    sure: Flags
    possible: Flags
    paid_low: Floats
    paid_high: Floats
    committed_low: Floats
    committed_high: Floats
    stacking: Stacking
    may_have: Flags
    groups: tuple[str, ...]

    def table(self) -> pl.DataFrame:
        """Return one row a subject: both sets as lists of ids, and what they are worth.

        Empty money = no highest amount is stated.
        """
        columns = {
            name: stated(getattr(self, name), name)
            for name in ("paid_low", "paid_high", "committed_low", "committed_high")
        }
        return pl.DataFrame(
            {
                "subject": self.subjects,
                "sure": self._named(self.sure),
                "possible": self._named(self.possible),
                **columns,
            }
        )

    def by_policy(self) -> pl.DataFrame:
        """Return how many subjects have each policy in their best combination.

        ``eligible`` are so for certain and ``sure`` of them choose it, ``possible`` choose
        it if all that is open turns out well; the rest have something better that stands
        against it. Whether they apply is not said.
        """
        return pl.DataFrame(
            {
                "policy": list(self.policies),
                "eligible": self.may_have[0].sum(axis=0),
                "sure": self.sure.sum(axis=0),
                "eligible_or_open": self.may_have[1].sum(axis=0),
                "possible": self.possible.sum(axis=0),
            },
            schema_overrides={"policy": pl.String},
        )

    def _named(self, chosen: Flags) -> pl.Series:
        ids = np.array(self.policies, dtype=object)
        lists = [ids[row].tolist() for row in chosen]
        return pl.Series(lists, dtype=pl.List(pl.String))

    def left_out(self, place: int, *, possible: bool = False) -> tuple[LeftOut, ...]:
        """Return what the subject at a place could have but for the combination, and why."""
        chosen = (self.possible if possible else self.sure)[place]
        found = []
        for i in np.flatnonzero(self.may_have[int(possible), place] & ~chosen).tolist():
            against = np.flatnonzero(self.stacking.excludes[i] & chosen)
            group = self.stacking.group[i]
            used = np.count_nonzero(chosen & (self.stacking.group == group)) if group >= 0 else 0
            is_full = group >= 0 and used >= self.stacking.counts[group]
            found.append(
                LeftOut(
                    self.policies[i],
                    tuple(self.policies[j] for j in against),
                    self.groups[group] if is_full else "",
                )
            )
        return tuple(found)


def combine(answers: Sequence[Answer], *, most_sets: int) -> Combinations:
    """Find the best combination for each subject.

    Parameters
    ----------
    answers : sequence of Answer
        At least one; all of the same subjects.
    most_sets : int
        Most sets that are compared among policies that hang together.

    Raises
    ------
    InvalidInput
        E973 if policies hang together so that there are more.
    """
    policies = [answer.policy for answer in answers]
    rules = stacking_of(policies)
    sure = np.stack([answer.eligible.certainly for answer in answers], axis=1)
    may = np.stack([answer.eligible.possibly for answer in answers], axis=1)
    paid = [answer.paid for answer in answers]
    committed = [answer.committed for answer in answers]
    paid_low, paid_high = (
        np.stack([getattr(p, end) for p in paid], axis=1) for end in ("low", "high")
    )
    lent_low, lent_high = (
        np.stack([getattr(c, end) for c in committed], axis=1) for end in ("low", "high")
    )
    low, high = Objective(paid_low), Objective(paid_high)
    volume = Objective(lent_high, is_capped=False)
    try:
        best = best_sets(rules, sure, [low, high, volume], limit=most_sets)
        dream = best_sets(rules, may, [high, low, volume], limit=most_sets)
    except TooManySets as error:
        knot = ", ".join(policies[i].id for i in error.things)
        raise InvalidInput.of("E973", policies=knot, most=most_sets) from error
    every = np.arange(len(policies))
    return Combinations(
        subjects=answers[0].facts.subjects,
        policies=tuple(policy.id for policy in policies),
        sure=best,
        possible=dream,
        paid_low=total_worth(rules, every, best, low),
        paid_high=total_worth(rules, every, dream, high),
        committed_low=total_worth(rules, every, best, Objective(lent_low, is_capped=False)),
        committed_high=total_worth(rules, every, dream, volume),
        stacking=rules,
        may_have=np.stack([sure, may]),
        groups=tuple(sorted({p.stacking_group for p in policies if p.stacking_group})),
    )
