"""One policy put to everybody: who is eligible, nearly, not, or open, and for how much.

Eligible means that the policy's rules pass (its pack, and its further condition as one more
gate) and that its chain is served, each in three values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import Where
from jicheng.rules.expression.evaluation import Scope, number
from jicheng.rules.expression.intervals import Flags, Floats, Interval, Truth
from jicheng.rules.expression.syntax import Expression, parse
from jicheng.rules.facts.table import FactTable
from jicheng.rules.score.evaluate import OPEN, PASS, Evaluation
from jicheng.select.policies.model import Benefit, Policy
from jicheng.select.policies.nearness import failing_elements, nearness
from jicheng.select.policies.settings import PolicySettings

__all__ = [
    "ELIGIBLE",
    "NEARLY",
    "NOT",
    "STANDINGS",
    "UNSETTLED",
    "Answer",
    "cost_of",
    "put",
    "stated",
]

NOT, NEARLY, UNSETTLED, ELIGIBLE = 0, 1, 2, 3  # codes of standings
STANDINGS = ("not", "nearly", "open", "eligible")  # their names, by code

_WAN = 1e4


@dataclass(frozen=True, eq=False)
class Answer:
    """What one policy says of n subjects.

    Attributes
    ----------
    policy : Policy
    evaluation : Evaluation
        Of its rules.
    serves : Truth or None
        Who serves its chain; None = it asks for none.
    eligible : Truth
        Of all of it.
    standing : ndarray of int8, shape (n,)
        NOT, NEARLY, UNSETTLED or ELIGIBLE.
    n_failing : ndarray of int64, shape (n,)
        Elements that certainly fail.
    amount : Interval
        Benefit if it is given [10,000 of the currency]; at least 0, infinite where not stated.
    """

    policy: Policy
    evaluation: Evaluation
    serves: Truth | None
    eligible: Truth
    standing: NDArray[np.int8]
    n_failing: NDArray[np.int64]
    amount: Interval

    @property
    def facts(self) -> FactTable:
        """To whom it was put."""
        return self.evaluation.facts

    def failing(self) -> dict[str, Flags]:
        """Return where each element certainly fails, by path; ``chain`` is the policy's."""
        failing = failing_elements(self.evaluation)
        if self.serves is not None:
            failing["chain"] = ~self.serves.possibly
        return failing

    def unsettled(self) -> dict[str, Flags]:
        """Return where each element is unknown and the policy is open, by path."""
        is_open = self.standing == UNSETTLED
        pack, truths = self.evaluation.pack, self.evaluation.truths
        undecided = self.evaluation.verdicts == OPEN
        elements = (*pack.gates, *pack.conditions, *pack.direct)
        found = {each.path: truths[each.path].is_open & is_open & undecided for each in elements}
        if self.serves is not None:
            found["chain"] = self.serves.is_open & is_open
        return found

    @property
    def paid(self) -> Interval:
        """Money that is spent on each, if eligible; [0, amount] where the form is unknown."""
        return self._part(is_paid=True)

    @property
    def committed(self) -> Interval:
        """Volume that is lent, vouched for or invested, as :attr:`paid`."""
        return self._part(is_paid=False)

    def _part(self, *, is_paid: bool) -> Interval:
        zero = np.zeros(self.facts.n)
        if self.policy.benefit is None:
            return Interval(zero, self.amount.high)
        return self.amount if self.policy.benefit.is_paid_out is is_paid else Interval.known(zero)


def put(
    policy: Policy, evaluation: Evaluation, serves: Truth | None, settings: PolicySettings
) -> Answer:
    """Put a policy to subjects.

    Parameters
    ----------
    policy : Policy
    evaluation : Evaluation
        Of its rules on facts of subjects whom it may benefit.
    serves : Truth or None
        Who serves its chain; None = it asks for none.
    settings : PolicySettings

    Raises
    ------
    InvalidInput
        E900-E919 if its cost is not in the language of rules.
    """
    verdicts = evaluation.verdicts
    eligible = Truth(verdicts == PASS, verdicts >= OPEN)
    also = np.zeros(verdicts.size, dtype=np.int64)
    if serves is not None:
        eligible = eligible & serves
        also += ~serves.possibly
    near = nearness(evaluation, settings, also_failing=also)
    is_near = near.is_near & (also == 0) & ~eligible.possibly
    standing = np.select([eligible.certainly, eligible.possibly, is_near],
                         [ELIGIBLE, UNSETTLED, NEARLY], NOT).astype(np.int8)  # fmt: skip
    amount = _amount(policy, evaluation.facts)
    return Answer(policy, evaluation, serves, eligible, standing, near.n_failing, amount)


def _amount(policy: Policy, facts: FactTable) -> Interval:
    """Return the benefit: as stated, or a share of the cost within what is stated."""
    n = facts.n
    least = 0.0 if policy.amount_low is None else float(policy.amount_low)
    most = np.inf if policy.amount is None else float(policy.amount)
    if policy.benefit is Benefit.SERVICE and policy.amount is None:
        return Interval.known(np.full(n, least))
    cost = cost_of(policy)
    if cost is None or policy.share is None:
        return Interval.between(np.full(n, least), np.full(n, most))
    found = number(cost, Scope(facts))
    with np.errstate(invalid="ignore"):  # no share of a cost without limit is nothing
        ends = [end * policy.share / _WAN for end in (found.low, found.high)]
    return Interval.between(*(_within(end, least, most) for end in ends))


def cost_of(policy: Policy) -> Expression | None:
    """Return the cost of which a policy pays a share; None = it pays no share of a cost.

    Raises
    ------
    InvalidInput
        E900-E919 if it is not in the language of rules.
    """
    if not (policy.benefit and policy.benefit.is_by_cost and policy.cost_base):
        return None
    return parse(policy.cost_base, where=Where("policies", column=f"{policy.id} cost_base"))


def _within(values: Floats, least: float, most: float) -> Floats:
    return np.clip(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=0.0), least, most)


def stated(values: Floats, name: str = "") -> pl.Series:
    """Return amounts as a column; infinite = no highest amount is stated = empty."""
    return pl.Series(name, np.where(np.isinf(values), np.nan, values)).fill_nan(None)
