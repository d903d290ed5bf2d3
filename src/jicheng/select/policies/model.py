"""A policy: whom it benefits by which rules, how much, beside what, and when."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from jicheng.errors import Fault, Text, fault
from jicheng.kernel.stacking import Stacking
from jicheng.schema import zone_tables

__all__ = [
    "Benefit",
    "Policy",
    "PolicySubject",
    "Recurrence",
    "idle_columns",
    "read_policies",
    "stacking_of",
]


class PolicySubject(StrEnum):
    """Whom a policy benefits."""

    ORGANISATION = "organisation"
    PERSON = "person"
    TEAM = "team"
    CONSORTIUM = "consortium"


class Benefit(StrEnum):
    """How a policy helps."""

    GRANT = "grant"
    SHARE_OF_COST = "share_of_cost"
    INTEREST = "interest"
    LOAN = "loan"
    GUARANTEE = "guarantee"
    EQUITY = "equity"
    SERVICE = "service"

    @property
    def is_paid_out(self) -> bool:
        """Whether the amount is money spent, not lent, vouched for or invested."""
        return self in (Benefit.GRANT, Benefit.SHARE_OF_COST, Benefit.INTEREST)

    @property
    def is_by_cost(self) -> bool:
        """Whether the amount is a share of what the subject spends."""
        return self in (Benefit.SHARE_OF_COST, Benefit.INTEREST)


class Recurrence(StrEnum):
    """How a window comes again."""

    ONCE = "once"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A row of the table ``policies``; what is None or empty is not stated.

    Attributes
    ----------
    id : str
    name : Text
        In both languages; where one is not stated, the other.
    subject : PolicySubject
        Whom it benefits.
    rule_pack : str
        Pack that decides who is eligible, ``id`` or ``id@version``.
    condition : str
        Further condition in the language of rules.
    chain : str
        Chain it serves.
    benefit : Benefit or None
        How it helps.
    amount_low, amount : float or None
        Lowest and highest benefit for one subject [10,000 of the currency].
    share : float or None
        Share of the cost that it pays.
    cost_base : str
        Cost on which the share counts, in the language of rules [currency].
    budget : float or None
        Money for all, or volume of loans and guarantees, in one window [10,000].
    quota : int or None
        Most winners in one window; None = no limit.
    stacking_group, stacking_count, stacking_cap
        Policies of one group are limited together: in number, and in money [10,000].
    excludes : tuple of str
        Policies that cannot be had beside it.
    window_from, window_until, recurrence, recurs_until
        When one can apply (:mod:`jicheng.select.policies.windows`).
    document : str
        Where it is set out.
    """

    id: str
    name: Text
    subject: PolicySubject = PolicySubject.ORGANISATION
    rule_pack: str = ""
    condition: str = ""
    chain: str = ""
    benefit: Benefit | None = None
    amount_low: float | None = None
    amount: float | None = None
    share: float | None = None
    cost_base: str = ""
    budget: float | None = None
    quota: int | None = None
    stacking_group: str = ""
    stacking_count: int | None = None
    stacking_cap: float | None = None
    excludes: tuple[str, ...] = ()
    window_from: datetime.date | None = None
    window_until: datetime.date | None = None
    recurrence: Recurrence | None = None
    recurs_until: datetime.date | None = None
    document: str = ""


_NO_GROUP = Text("没有叠加组", "there is no stacking group")
_ITSELF = Text("政策与自身互斥", "the policy excludes itself")
_NOT_BY_COST = Text("支持方式不按成本计", "the form of benefit is not by cost")
_NOT_AGAIN = Text("申报期不重复", "the window does not come again")
_NO_DAYS = Text("没有申报日期", "there are no days of the window")
_TEXTS = ("rule_pack", "condition", "chain", "cost_base", "stacking_group", "document")
_PLAIN = (
    "id", "amount_low", "amount", "share", "budget", "quota", "stacking_count", "stacking_cap",
    "window_from", "window_until", "recurs_until",
)  # fmt: skip


def read_policies(frame: pl.DataFrame) -> tuple[Policy, ...]:
    """Return the policies of a table ``policies``, sorted by id."""
    return tuple(_policy(row) for row in frame.sort("id").iter_rows(named=True))


def _policy(row: dict[str, Any]) -> Policy:
    stated: dict[str, Any] = {name: row[name] for name in _PLAIN}
    stated |= {name: row[name] or "" for name in _TEXTS}
    return Policy(
        name=Text(row["name"], row["name_en"] or row["name"]),
        subject=PolicySubject(row["subject"] or PolicySubject.ORGANISATION),
        benefit=Benefit(row["benefit"]) if row["benefit"] else None,
        recurrence=Recurrence(row["recurrence"]) if row["recurrence"] else None,
        excludes=tuple(row["excludes"].split(";")) if row["excludes"] else (),
        **stated,
    )


def idle_columns(policy: Policy) -> list[Fault]:
    """Warn of what a policy states to no effect (E980)."""
    idle: list[tuple[str, Text]] = []
    if not policy.stacking_group:
        limits = {"stacking_count": policy.stacking_count, "stacking_cap": policy.stacking_cap}
        idle += [(name, _NO_GROUP) for name, limit in limits.items() if limit is not None]
    if policy.id in policy.excludes:
        idle.append(("excludes", _ITSELF))
    if policy.share is not None and policy.benefit is not None and not policy.benefit.is_by_cost:
        idle.append(("share", _NOT_BY_COST))
    comes_again = policy.recurrence not in (None, Recurrence.ONCE, Recurrence.ALWAYS)
    if policy.recurs_until is not None and not comes_again:
        idle.append(("recurs_until", _NOT_AGAIN))
    if comes_again and policy.window_from is None and policy.window_until is None:
        idle.append(("recurrence", _NO_DAYS))
    columns = zone_tables()["policies"]
    return [
        fault("E980", is_warning=True, policy=policy.id, column=columns[name].label, reason=reason)
        for name, reason in idle
    ]


def stacking_of(policies: Sequence[Policy]) -> Stacking:
    """Return what may be had together of some policies, in their order.

    An exclusion holds both ways; of the limits that policies state for their group the
    strictest holds. An exclusion of a policy that is not among them says nothing.
    """
    place = {policy.id: i for i, policy in enumerate(policies)}
    excludes = np.zeros((len(policies), len(policies)), dtype=np.bool_)
    for policy in policies:
        for other in policy.excludes:
            if other in place and other != policy.id:
                excludes[place[policy.id], place[other]] = True
    names = sorted({policy.stacking_group for policy in policies if policy.stacking_group})
    counts, caps = (np.full(len(names), np.inf) for _ in range(2))
    for policy in policies:
        if policy.stacking_group:
            group = names.index(policy.stacking_group)
            if policy.stacking_count is not None:
                counts[group] = min(counts[group], policy.stacking_count)
            if policy.stacking_cap is not None:
                caps[group] = min(caps[group], policy.stacking_cap)
    code = [names.index(p.stacking_group) if p.stacking_group else -1 for p in policies]
    return Stacking(excludes | excludes.T, np.array(code, dtype=np.int64), counts, caps)
