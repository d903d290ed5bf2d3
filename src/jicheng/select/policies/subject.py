"""One firm or person and all policies: what it may have, what it lacks, what to do when."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from jicheng.conform import nearest
from jicheng.errors import InvalidInput, Text, fault
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Condition
from jicheng.rules.score.account import Account
from jicheng.rules.score.evaluate import Evaluation, evaluate
from jicheng.rules.score.explanation import Explanation, explain
from jicheng.rules.score.finding import Finding
from jicheng.rules.score.labels import Labels
from jicheng.rules.score.settling import Settling, settling
from jicheng.select.policies.answers import ELIGIBLE, NEARLY, NOT, STANDINGS, UNSETTLED, Answer
from jicheng.select.policies.combination import LeftOut
from jicheng.select.policies.matching import PoliciesResult
from jicheng.select.policies.model import Policy
from jicheng.select.policies.wording import form_text, joined, range_text, say
from jicheng.zone import Zone

__all__ = ["PolicyForSubject", "SubjectPolicies", "explain_subject"]

_ORDER = (ELIGIBLE, NEARLY, UNSETTLED, NOT)
_NAMED = 4  # facts that are named in a line


@dataclass(frozen=True)
class PolicyForSubject:
    """What one policy says of one subject.

    Attributes
    ----------
    policy : Policy
    standing : str
        ``eligible``, ``nearly``, ``open`` or ``not``.
    amount_low, amount_high : float
        Benefit if it is given [10,000 of the currency]; infinite = not stated.
    failing : tuple of Finding
        Elements that certainly fail.
    settling : tuple of Settling
        If it is open: missing facts, the most telling first.
    serves : str
        Whether it serves the policy's chain: ``true``, ``false``, ``unknown``; empty = the
        policy asks for none.
    window : Text
        When one can apply.
    """

    policy: Policy
    standing: str
    amount_low: float
    amount_high: float
    failing: tuple[Finding, ...]
    settling: tuple[Settling, ...]
    serves: str
    window: Text
    answer: Answer = field(repr=False, compare=False)
    place: int = field(repr=False, compare=False)
    zone: Zone | None = field(repr=False, compare=False)

    def explain(self) -> Explanation:
        """Account for its rules, down to the rows of the facts."""
        return explain(self.answer.evaluation, self.place, zone=self.zone)

    @property
    def headline(self) -> Text:
        """Policy, standing, benefit and window in a line."""
        form = form_text(self.policy.benefit)
        benefit = say("no_amount", form=form)
        if np.isfinite(self.amount_high):
            benefit = say("amount", form=form, amount=range_text(self.amount_low, self.amount_high))
        return say("policy", policy=self.policy.name, standing=say(self.standing),
                   benefit=benefit, window=self.window)  # fmt: skip

    @property
    def reasons(self) -> tuple[Text, ...]:
        """What it lacks, or which facts would tell."""
        told = [
            say("failing_bare", name=one.name, threshold=one.threshold)
            if one.value is None
            else say("failing", name=one.name, threshold=one.threshold, value=one.value)
            for one in self.failing
        ]
        if self.serves in ("unknown", "false"):
            told.append(say(f"chain_{self.serves}", chain=self.policy.chain))
        if self.settling:
            told.append(say("settles", facts=joined([s.label for s in self.settling[:_NAMED]])))
        return tuple(told)

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON values; texts as ``{zh, en}``, amounts not stated as null."""
        return {
            "policy": self.policy.id,
            "standing": self.standing,
            "amount_low": self.amount_low,
            "amount_high": self.amount_high if np.isfinite(self.amount_high) else None,
            "headline": _plain(self.headline),
            "reasons": [_plain(reason) for reason in self.reasons],
            "failing": [one.path for one in self.failing],
            "settling": [s.path if s.name is None else str(s.name) for s in self.settling],
        }


@dataclass(frozen=True)
class SubjectPolicies:
    """All policies for one subject.

    Attributes
    ----------
    subject, name : str
    as_of : date
    policies : tuple of PolicyForSubject
        Eligible ones first, then nearly, open and not, by id.
    sure, possible : tuple of str
        The best combinations for certain, and if all that is open turns out well.
    paid_low, paid_high : float
        Money that the best combination is worth [10,000 of the currency].
    left_out : tuple of LeftOut
        What it could have but for the first of the two.
    is_draft : bool
        Whether any policy goes by rules that are unverified or missing.
    """

    subject: str
    name: str
    as_of: datetime.date
    policies: tuple[PolicyForSubject, ...]
    sure: tuple[str, ...]
    possible: tuple[str, ...]
    paid_low: float
    paid_high: float
    left_out: tuple[LeftOut, ...]
    is_draft: bool

    @property
    def lines(self) -> tuple[Text, ...]:
        """The account in sentences."""
        told = [say("headline", name=self.name, day=self.as_of.isoformat())]
        if self.is_draft:
            told.append(say("draft"))
        for one in self.policies:
            told.append(one.headline)
            told += [Text(f"  {reason.zh}", f"  {reason.en}") for reason in one.reasons]
        return (*told, *self._combined())

    def _combined(self) -> list[Text]:
        names = {one.policy.id: one.policy.name for one in self.policies}
        told = [say("best_none")]
        if self.sure:
            chosen = joined([names[policy] for policy in self.sure])
            told = [say("best", policies=chosen, paid=f"{self.paid_low:,g}")]
        for out in self.left_out:
            others = joined([names[policy] for policy in out.excluded_by])
            key = "left_out_excluded" if out.excluded_by else "left_out_full"
            told.append(say(key, policy=names[out.policy], others=others, group=out.full_group))
        if self.possible != self.sure:
            paid = say("unlimited") if np.isinf(self.paid_high) else f"{self.paid_high:,g}"
            chosen = joined([names[policy] for policy in self.possible])
            told.append(say("possible", policies=chosen, paid=paid))
        return told

    def as_text(self, language: str) -> str:
        """Return the account as lines of text."""
        return "\n".join(line.in_language(language) for line in self.lines)

    def as_plain(self) -> dict[str, Any]:
        """Return the account as JSON values."""
        return {
            "subject": self.subject,
            "name": self.name,
            "as_of": self.as_of.isoformat(),
            "is_draft": self.is_draft,
            "policies": [one.as_plain() for one in self.policies],
            "sure": list(self.sure),
            "possible": list(self.possible),
            "paid_low": self.paid_low,
            "paid_high": self.paid_high if np.isfinite(self.paid_high) else None,
            "left_out": [
                {
                    "policy": out.policy,
                    "excluded_by": list(out.excluded_by),
                    "full_group": out.full_group,
                }
                for out in self.left_out
            ],
        }


def explain_subject(
    result: PoliciesResult, subject: str, *, zone: Zone | None = None
) -> SubjectPolicies:
    """Account for all policies of one subject.

    Parameters
    ----------
    result : PoliciesResult
    subject : str
        Id of an organisation, a person or a team.
    zone : Zone, optional
        Of the facts: its rows are then named as sources.

    Raises
    ------
    InvalidInput
        E961 if no policy was put to such a subject.
    """
    mine = {
        policy: answer
        for policy, answer in result.answers.items()
        if (answer.facts.subjects == subject).any()
    }
    if not mine:
        everybody = {name for a in result.answers.values() for name in a.facts.subjects}
        near = nearest(subject, sorted(everybody)[:50_000], otherwise="-")
        raise InvalidInput([fault("E961", subject=subject, near=near)])
    first = next(iter(mine.values()))
    place = int((first.facts.subjects == subject).arg_true()[0])
    windows = {row["policy"]: row for row in result.calendar.iter_rows(named=True)}
    firm = replace(first.facts, sources={}).rows([place])  # the same table for all of them
    told = [_one(answer, place, firm, windows[policy], zone) for policy, answer in mine.items()]
    best = result.combinations(first.policy.subject)
    names = first.facts.names
    return SubjectPolicies(
        subject=subject,
        name=subject if names is None else str(names[place] or subject),
        as_of=result.as_of,
        policies=tuple(sorted(told, key=_rank)),
        sure=() if best is None else _chosen(best.policies, best.sure[place]),
        possible=() if best is None else _chosen(best.policies, best.possible[place]),
        paid_low=0.0 if best is None else float(best.paid_low[place]),
        paid_high=0.0 if best is None else float(best.paid_high[place]),
        left_out=() if best is None else best.left_out(place),
        is_draft=any(answer.evaluation.is_draft for answer in mine.values()),
    )


def _rank(one: PolicyForSubject) -> tuple[int, str]:
    return _ORDER.index(STANDINGS.index(one.standing)), one.policy.id


def _chosen(policies: tuple[str, ...], kept: np.ndarray) -> tuple[str, ...]:
    return tuple(policy for policy, is_kept in zip(policies, kept, strict=True) if is_kept)


def _one(
    answer: Answer, place: int, firm: FactTable, window: dict[str, Any], zone: Zone | None
) -> PolicyForSubject:
    now = evaluate(answer.evaluation.pack, firm, peers=answer.evaluation.peers)
    code = int(answer.standing[place])
    serves = ""
    if answer.serves is not None:
        sure, may = answer.serves.certainly[place], answer.serves.possibly[place]
        serves = "true" if sure else "unknown" if may else "false"
    return PolicyForSubject(
        policy=answer.policy,
        standing=STANDINGS[code],
        amount_low=float(answer.amount.low[place]),
        amount_high=float(answer.amount.high[place]),
        failing=_failing(answer, place, now) if code in (NEARLY, NOT) else (),
        settling=settling(now, 0) if code == UNSETTLED else (),
        serves=serves,
        window=_window(window),
        answer=answer,
        place=place,
        zone=zone,
    )


def _failing(answer: Answer, place: int, now: Evaluation) -> tuple[Finding, ...]:
    """Return what certainly fails; of conditions that must all hold, those that do not."""
    pack = now.pack
    account = Account(now, Labels.of(pack, now.facts.dictionary))
    paths = [path for path, where in answer.failing().items() if where[place]]
    tops = [one for one in (*pack.gates, *pack.conditions) if one.path in paths]
    if "direct" in paths:
        tops += pack.direct
    lowest = [leaf for top in tops for leaf in _lowest(top, now)]
    return tuple(account.finding(one) for one in lowest)


def _lowest(top: Condition, now: Evaluation) -> list[Condition]:
    if not top.all_of:
        return [top]
    failing = [one for one in top.all_of if not now.truths[one.path].possibly[0]]
    return [leaf for one in failing for leaf in _lowest(one, now)] or [top]


def _window(row: dict[str, Any]) -> Text:
    key = f"state_{row['state']}"
    if row["state"] == "open" and row["closes"] is None:
        key = "state_open_ended"
    return say(key, opens=row["opens"], closes=row["closes"], days=row["days_left"])


def _plain(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
