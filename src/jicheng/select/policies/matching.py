"""Match policies and subjects: who may have what, what it needs, when to apply."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from jicheng.errors import Fault, InvalidInput, fault
from jicheng.rules.expression.intervals import Flags, Truth
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import Evaluation, evaluate
from jicheng.select.policies.answers import (
    ELIGIBLE,
    NEARLY,
    NOT,
    STANDINGS,
    UNSETTLED,
    Answer,
    cost_of,
    put,
    stated,
)
from jicheng.select.policies.budget import Budget, budget_of
from jicheng.select.policies.combination import Combinations, combine
from jicheng.select.policies.model import Policy, PolicySubject, idle_columns
from jicheng.select.policies.packs import check_names, rules_of
from jicheng.select.policies.settings import PolicySettings, check_settings
from jicheng.select.policies.windows import calendar, windows_between

__all__ = ["PoliciesResult", "match"]

_BETWEEN = ";"  # elements of one subject in the table of matches


@dataclass(frozen=True, eq=False)
class PoliciesResult:
    """Policies put to everybody whom they may benefit.

    Attributes
    ----------
    answers : mapping of str to Answer
        By policy, sorted; without those for whose subjects there are no facts.
    policies : tuple of Policy
        All of them, sorted by id.
    as_of : date
        Day of the analysis: versions of packs, windows and the period count from here.
    settings : PolicySettings
    warnings : tuple of Fault
    content_hash : str
        Of the zone; empty = not from a zone.
    """

    answers: Mapping[str, Answer]
    policies: tuple[Policy, ...]
    as_of: datetime.date
    settings: PolicySettings
    warnings: tuple[Fault, ...]
    content_hash: str = ""

    @property
    def period(self) -> tuple[datetime.date, datetime.date]:
        """First and last day of the period in which takers and money are counted."""
        length = datetime.timedelta(days=self.settings.period_days - 1)
        return self.as_of, self.as_of + length

    @property
    def is_draft(self) -> bool:
        """Whether any policy goes by rules that are unverified or missing."""
        return any(answer.evaluation.is_draft for answer in self.answers.values())

    @cached_property
    def calendar(self) -> pl.DataFrame:
        """Where each policy's window stands (:func:`windows.calendar`)."""
        return calendar(self.policies, self.as_of, soon_days=self.settings.soon_days)

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a policy: standing of its subjects, takers, money, window.

        ``takers_*`` and ``need_*`` [10,000 of the currency] are for the period and by rules
        alone (:data:`budget.BASIS`); empty need = no highest amount is stated; ``is_enough``
        tells whether the budget covers the need, empty = open or no budget.
        """
        rows = [self._row(policy) for policy in self.policies]
        return pl.DataFrame(rows, schema=_POLICY_COLUMNS, orient="row").join(
            self.calendar, on="policy", how="left", maintain_order="left"
        )

    def _row(self, policy: Policy) -> tuple[object, ...]:
        head = (policy.id, policy.name.zh, policy.name.en, policy.subject.value)
        answer = self.answers.get(policy.id)
        if answer is None:
            return (*head, policy.rule_pack, None, 0, *(None,) * 8, policy.budget, None)
        budget = self.budget(policy.id)
        counts = [int((answer.standing == c).sum()) for c in (ELIGIBLE, NEARLY, UNSETTLED, NOT)]
        pack = answer.evaluation.pack
        return (
            *head,
            pack.key if pack.version else "",
            answer.evaluation.is_draft,
            answer.facts.n,
            *counts,
            *(int(end) for end in budget.takers),
            *(_finite(end) for end in budget.need),
            budget.available,
            budget.is_enough,
        )

    def budget(self, policy: str) -> Budget:
        """Count takers and money of one policy in the period."""
        return budget_of(self.answers[policy], *self.period)

    def matches(
        self,
        standings: Sequence[str] = ("eligible", "nearly", "open"),
        *,
        policies: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """Return one row a policy and subject, by policy and in the order of subjects.

        Parameters
        ----------
        standings : sequence of str
            Of ``eligible``, ``nearly``, ``open``, ``not``: which rows.
        policies : sequence of str, optional
            Default all.

        Returns
        -------
        polars.DataFrame
            ``policy``, ``subject``, ``name``, ``standing``, ``amount_low``, ``amount_high``
            (empty = not stated), ``failing`` and ``unsettled``: paths of elements of the
            policy's rules, separated by ``;``.
        """
        wanted = [STANDINGS.index(standing) for standing in standings]
        chosen = self.answers if policies is None else policies
        frames = [
            _rows_of(self.answers[policy], wanted) for policy in self.answers if policy in chosen
        ]
        return pl.concat(frames) if frames else pl.DataFrame(schema=_MATCH_COLUMNS)

    def combinations(
        self, subject: PolicySubject = PolicySubject.ORGANISATION
    ) -> Combinations | None:
        """Find the best combination for each subject of a kind; None without policies for it.

        Policies whose windows are known and do not open in the period are left aside.

        Raises
        ------
        InvalidInput
            E973 if too many policies exclude one another.
        """
        answers = [
            answer
            for answer in self.answers.values()
            if answer.policy.subject is subject and not self.is_closed(answer.policy)
        ]
        return combine(answers, most_sets=self.settings.most_sets) if answers else None

    def is_closed(self, policy: Policy) -> bool:
        """Tell whether it is known that one cannot apply for a policy in the period."""
        return windows_between(policy, *self.period) == ()


_POLICY_COLUMNS = {
    "policy": pl.String, "name": pl.String, "name_en": pl.String, "subject": pl.String,
    "pack": pl.String, "is_draft": pl.Boolean, "n_subjects": pl.Int64, "eligible": pl.Int64,
    "nearly": pl.Int64, "open": pl.Int64, "not": pl.Int64, "takers_low": pl.Int64,
    "takers_high": pl.Int64, "need_low": pl.Float64, "need_high": pl.Float64,
    "budget": pl.Float64, "is_enough": pl.Boolean,
}  # fmt: skip
_MATCH_COLUMNS = {
    "policy": pl.String, "subject": pl.String, "name": pl.String, "standing": pl.String,
    "amount_low": pl.Float64, "amount_high": pl.Float64, "failing": pl.String,
    "unsettled": pl.String,
}  # fmt: skip


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _rows_of(answer: Answer, wanted: Sequence[int]) -> pl.DataFrame:
    rows = np.flatnonzero(np.isin(answer.standing, wanted))
    facts = answer.facts
    names = facts.subjects if facts.names is None else facts.names
    ends = {"amount_low": answer.amount.low, "amount_high": answer.amount.high}
    frame = pl.DataFrame(
        {
            "policy": pl.Series([answer.policy.id] * rows.size, dtype=pl.String),
            "subject": facts.subjects.gather(rows).cast(pl.String),
            "name": names.gather(rows).cast(pl.String),
            "standing": pl.Series(
                [STANDINGS[code] for code in answer.standing[rows]], dtype=pl.String
            ),
            **{name: stated(end[rows]) for name, end in ends.items()},
            "failing": _joined(answer.failing(), rows),
            "unsettled": _joined(answer.unsettled(), rows),
        }
    )
    return frame.cast(_MATCH_COLUMNS)  # type: ignore[arg-type]


def _joined(flags: Mapping[str, Flags], rows: np.ndarray) -> pl.Series:
    """Return for each row the paths whose flag is raised, joined; empty text = none."""
    raised = {path: where[rows] for path, where in flags.items() if where[rows].any()}
    if not raised:
        return pl.Series([""] * rows.size, dtype=pl.String)
    frame = pl.DataFrame(raised)
    told = [pl.when(pl.col(path)).then(pl.lit(path)) for path in raised]
    return frame.select(pl.concat_str(told, separator=_BETWEEN, ignore_nulls=True)).to_series()


def match(
    policies: Sequence[Policy],
    facts: Mapping[PolicySubject, FactTable],
    packs: Mapping[str, Pack],
    *,
    as_of: datetime.date,
    served: Mapping[str, Truth] | None = None,
    settings: PolicySettings | None = None,
    content_hash: str = "",
) -> PoliciesResult:
    """Put policies to subjects.

    Parameters
    ----------
    policies : sequence of Policy
    facts : mapping of PolicySubject to FactTable
        Facts of each kind of subject.
    packs : mapping of str to Pack
        By ``id@version``.
    as_of : date
        Day of the analysis.
    served : mapping of str to Truth, optional
        Which organisations serve each chain; a chain that is not in it is unknown for all.
    settings : PolicySettings, optional
    content_hash : str
        Of the zone, to keep with the result.

    Raises
    ------
    InvalidInput
        Every fault of every policy: E971 unknown pack, E974 a pack for other subjects,
        E900-E919 conditions and costs that cannot be read; E979 settings out of range.
    """
    settings = settings or PolicySettings()
    check_settings(settings)
    ordered = tuple(sorted(policies, key=lambda policy: policy.id))
    rules, faults = _all_rules(ordered, facts, packs, as_of)
    if faults:
        raise InvalidInput(faults)
    answers: dict[str, Answer] = {}
    warnings: list[Fault] = []
    evaluations: dict[tuple[int, PolicySubject], Evaluation] = {}
    for policy in ordered:
        table = facts.get(policy.subject)
        pack = rules[policy.id]
        warnings += idle_columns(policy)
        if not (policy.rule_pack or policy.condition):
            warnings.append(fault("E972", is_warning=True, policy=policy.id))
        if table is None:
            warnings.append(
                fault("E977", is_warning=True, policy=policy.id, subject=policy.subject.value)
            )
            continue
        key = (id(pack), policy.subject)
        if key not in evaluations:
            evaluations[key] = evaluate(pack, table)
        chain = (served or {}).get(policy.chain, Truth.unknown(table.n)) if policy.chain else None
        answers[policy.id] = put(policy, evaluations[key], chain, settings)
    return PoliciesResult(answers, ordered, as_of, settings, tuple(warnings), content_hash)


def _all_rules(
    policies: Sequence[Policy],
    facts: Mapping[PolicySubject, FactTable],
    packs: Mapping[str, Pack],
    as_of: datetime.date,
) -> tuple[dict[str, Pack], list[Fault]]:
    """Return the rules of every policy, and every fault of their rules and costs."""
    rules: dict[str, Pack] = {}
    faults: list[Fault] = []
    for policy in policies:
        table = facts.get(policy.subject)
        known = fact_dictionary() if table is None else table.dictionary
        try:
            rules[policy.id] = rules_of(policy, packs, as_of, known)
            cost = cost_of(policy)
            if cost is not None:
                check_names(cost, known)
        except InvalidInput as error:
            faults += error.faults
    return rules, faults
