"""Two versions of a pack on the same facts: who gains, who loses, ranks, costs, groups.

The same facts are put to both packs, so that every difference comes from the rules. A
verdict that is open in both may have changed all the same, where an element that differs
is unknown; such subjects are told apart as undecided.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.errors import InvalidInput
from jicheng.kernel.rank_intervals import ranks
from jicheng.rules.expression.intervals import Flags, Truth
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.model import Pack
from jicheng.rules.score.evaluate import FAIL, OPEN, PASS, VERDICTS, Evaluation, evaluate
from jicheng.rules.score.percentile import PeerQuantiles
from jicheng.select.laboratory.differences import Difference, differences, touches_everything
from jicheng.select.policies.answers import Answer, put
from jicheng.select.policies.budget import budget_of
from jicheng.select.policies.model import Policy
from jicheng.select.policies.packs import rules_of
from jicheng.select.policies.settings import PolicySettings

__all__ = ["EFFECTS", "ComparisonResult", "compare"]

EFFECTS = ("same", "gains", "loses", "may_gain", "may_lose", "undecided")
"""What a change of rules does to a subject.

``gains`` = fail before, pass after; ``loses`` the other way round; ``may_gain`` and
``may_lose`` = open before or after; ``undecided`` = open in both, and something that
differs is unknown.
"""

_SAME, _GAINS, _LOSES, _MAY_GAIN, _MAY_LOSE, _UNDECIDED = range(len(EFFECTS))


@dataclass(frozen=True, eq=False)
class ComparisonResult:
    """What becomes of subjects when one pack takes the place of another.

    Attributes
    ----------
    before, after : Evaluation
        Of the same facts.
    differences : tuple of Difference
        Elements in which the packs differ.
    effect : ndarray of int8, shape (n,)
        Place in :data:`EFFECTS`.
    policies : tuple of (Answer, Answer)
        Policies that go by the pack, before and after.
    period : tuple of date
        First and last day in which their money is counted.
    """

    before: Evaluation
    after: Evaluation
    differences: tuple[Difference, ...]
    effect: NDArray[np.int8]
    policies: tuple[tuple[Answer, Answer], ...]
    period: tuple[datetime.date, datetime.date]

    @property
    def facts(self) -> FactTable:
        """On which facts."""
        return self.before.facts

    @property
    def is_draft(self) -> bool:
        """Whether either pack has unverified or missing elements."""
        return self.before.is_draft or self.after.is_draft

    @cached_property
    def subjects(self) -> pl.DataFrame:
        """One row a subject: verdicts, effect, points and ranks before and after.

        Ranks go by the low end of the points, 1 = best; ``rank_change`` above 0 = up.
        Points and ranks are empty for a pack without points.
        """
        facts = self.facts
        columns: dict[str, pl.Series] = {
            "subject": facts.subjects.cast(pl.String),
            "name": (facts.subjects if facts.names is None else facts.names).cast(pl.String),
            "effect": _words(self.effect, EFFECTS),
        }
        for when, evaluation in (("before", self.before), ("after", self.after)):
            columns[f"verdict_{when}"] = _words(evaluation.verdicts, VERDICTS)
            low, high, rank = _points(evaluation)
            columns |= {f"score_low_{when}": low, f"score_high_{when}": high, f"rank_{when}": rank}
        frame = pl.DataFrame(columns)
        change = pl.col("rank_before").cast(pl.Int64) - pl.col("rank_after").cast(pl.Int64)
        return frame.with_columns(rank_change=change)

    @cached_property
    def transitions(self) -> pl.DataFrame:
        """Subjects by verdict before and after: all nine pairs, with their number."""
        rows = [
            (
                VERDICTS[old],
                VERDICTS[new],
                int(((self.before.verdicts == old) & (self.after.verdicts == new)).sum()),
            )
            for old in (FAIL, OPEN, PASS)
            for new in (FAIL, OPEN, PASS)
        ]
        schema = {"before": pl.String, "after": pl.String, "n": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    @cached_property
    def elements(self) -> pl.DataFrame:
        """One row a difference: what it says before and after, and whom it touches."""
        rows = [
            (d.path, d.kind.value, d.name.zh, d.name.en, d.before, d.after, _touched(self, d.path))
            for d in self.differences
        ]
        schema = {
            "path": pl.String, "kind": pl.String, "name": pl.String, "name_en": pl.String,
            "before": pl.String, "after": pl.String, "n_touched": pl.Int64,
        }  # fmt: skip
        return pl.DataFrame(rows, schema=schema, orient="row")

    @cached_property
    def groups(self) -> pl.DataFrame:
        """One row a group (size, field, stage, site ...): who passes, gains and loses, money.

        ``pass_*`` count those that pass for certain (low) and may pass (high);
        ``cost_*`` [10,000 of the currency] sum the benefits of all policies that go by the
        pack over those that are eligible for certain (low) and may be (high), without
        quotas; empty = no highest amount is stated.
        """
        rows = [self._group(*group) for group in _groups(self.facts)]
        return pl.DataFrame(rows, schema=_GROUP_COLUMNS, orient="row")

    def _group(self, grouping: str, value: str, members: Flags) -> tuple[object, ...]:
        effects = [int((self.effect[members] == code).sum()) for code in range(1, len(EFFECTS))]
        passes = [
            int((evaluation.verdicts[members] >= least).sum())
            for evaluation in (self.before, self.after)
            for least in (PASS, OPEN)
        ]
        costs = [
            _total(answers, members, end)
            for answers in zip(*self.policies, strict=True)
            for end in ("low", "high")
        ]
        return (grouping, value, int(members.sum()), *passes, *effects, *(costs or [None] * 4))

    @cached_property
    def costs(self) -> pl.DataFrame:
        """One row a policy that goes by the pack: takers and money in the period.

        As :mod:`jicheng.select.policies.budget` counts them, quotas included;
        ``change_low`` and ``change_high`` bound what the change may cost more (or less,
        below 0).
        """
        rows = []
        for old, new in self.policies:
            was, will = (budget_of(answer, *self.period) for answer in (old, new))
            low, high = _change(old, new, self.effect != _SAME)
            rows.append(
                (old.policy.id, *(int(t) for t in was.takers), *(int(t) for t in will.takers),
                 *map(_finite, (*was.need, *will.need, low, high)))
            )  # fmt: skip
        return pl.DataFrame(rows, schema=_COST_COLUMNS, orient="row")


_GROUP_COLUMNS = {
    "grouping": pl.String, "value": pl.String, "n": pl.Int64, "pass_before_low": pl.Int64,
    "pass_before_high": pl.Int64, "pass_after_low": pl.Int64, "pass_after_high": pl.Int64,
    **dict.fromkeys(EFFECTS[1:], pl.Int64),
    "cost_before_low": pl.Float64, "cost_before_high": pl.Float64,
    "cost_after_low": pl.Float64, "cost_after_high": pl.Float64,
}  # fmt: skip
_COST_COLUMNS = {
    "policy": pl.String, "takers_before_low": pl.Int64, "takers_before_high": pl.Int64,
    "takers_after_low": pl.Int64, "takers_after_high": pl.Int64, "need_before_low": pl.Float64,
    "need_before_high": pl.Float64, "need_after_low": pl.Float64, "need_after_high": pl.Float64,
    "change_low": pl.Float64, "change_high": pl.Float64,
}  # fmt: skip


def _words(codes: NDArray[np.int8], words: Sequence[str]) -> pl.Series:
    return pl.Series(np.array(words, dtype=object)[codes.astype(np.int64)], dtype=pl.String)


def _points(evaluation: Evaluation) -> tuple[pl.Series, pl.Series, pl.Series]:
    n = evaluation.facts.n
    if evaluation.score is None:
        nothing = pl.Series([None] * n, dtype=pl.Float64)
        return nothing, nothing, nothing.cast(pl.Int32)
    low, high = evaluation.score.low, evaluation.score.high
    rank = ranks(np.round(low, 9), np.zeros(n, dtype=np.int64))
    return pl.Series(low), pl.Series(high), pl.Series(rank, dtype=pl.Int32)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _groups(facts: FactTable) -> Iterator[tuple[str, str, Flags]]:
    """Yield all subjects, then each value of each grouping; those without one last."""
    yield "all", "", np.ones(facts.n, dtype=np.bool_)
    for grouping in facts.groups.columns:
        column = facts.groups[grouping].cast(pl.String)
        values = column.drop_nulls().unique().sort().to_list()
        if len(values) > _MOST_VALUES:
            continue
        for value in values:
            yield grouping, value, (column == value).fill_null(value=False).to_numpy()
        if column.null_count():
            yield grouping, "", column.is_null().to_numpy()


_MOST_VALUES = 60  # a column with more is a name, not a group


def _total(answers: Sequence[Answer], members: Flags, end: str) -> float | None:
    total = 0.0
    for answer in answers:
        who = answer.eligible.certainly if end == "low" else answer.eligible.possibly
        total += float(getattr(answer.amount, end)[who & members].sum())
    return _finite(total)


def _change(old: Answer, new: Answer, is_touched: Flags) -> tuple[float, float]:
    """Return bounds of what the change costs more, subject by subject, without quotas.

    Amounts are the same in both, so a subject changes the cost only if it comes in or
    falls out.
    """
    amount, was, will = old.amount, old.eligible, new.eligible
    may_come = ~was.certainly & will.possibly & is_touched
    may_go = was.possibly & ~will.certainly & is_touched
    must_come, must_go = ~was.possibly & will.certainly, was.certainly & ~will.possibly
    low = amount.low[must_come].sum() - amount.high[may_go].sum()
    high = amount.high[may_come].sum() - amount.low[must_go].sum()
    return float(low), float(high)


def _touched(result: ComparisonResult, path: str) -> int | None:
    """Count those for whom an element says another thing after than before."""
    old, new = (_value(evaluation, path) for evaluation in (result.before, result.after))
    if old is None or new is None:
        return None
    return int(((old[0] != new[0]) | (old[1] != new[1])).sum())


_Ends: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


def _value(evaluation: Evaluation, path: str) -> _Ends | None:
    if path in evaluation.truths:
        truth = evaluation.truths[path]
        return truth.certainly, truth.possibly
    if path in evaluation.points:
        points = evaluation.points[path]
        return points.low, points.high
    return None


def compare(
    before: Pack,
    after: Pack,
    facts: FactTable,
    *,
    policies: Sequence[Policy] = (),
    as_of: datetime.date | None = None,
    served: Mapping[str, Truth] | None = None,
    peers: PeerQuantiles | None = None,
    settings: PolicySettings | None = None,
) -> ComparisonResult:
    """Put two packs to the same facts.

    Parameters
    ----------
    before, after : Pack
        Two versions of a pack, one with and one without an overlay, or one and its
        :func:`~jicheng.select.laboratory.changes.changed` form.
    facts : FactTable
    policies : sequence of Policy
        Those whose pack is ``before`` (by id) are put to both, to see what the change costs.
    as_of : date, optional
        First day of the period in which their money is counted; default the last day of
        the year of the facts.
    served : mapping of str to Truth, optional
        Which organisations serve each chain.
    peers : PeerQuantiles, optional
        Quantiles of peer groups to use in both; default those of the facts themselves.
    settings : PolicySettings, optional
        Length of the period, and how near is near.

    Returns
    -------
    ComparisonResult

    Raises
    ------
    InvalidInput
        E974 if the packs judge different kinds of subjects.
    """
    if before.subject is not after.subject:
        raise InvalidInput.of(
            "E974", pack=after.key, judged=after.subject.value, wanted=before.subject.value
        )
    settings = settings or PolicySettings()
    day = as_of or datetime.date(facts.year, 12, 31)
    old, new = evaluate(before, facts, peers=peers), evaluate(after, facts, peers=peers)
    found = differences(before, after)
    pairs = tuple(
        _put_to_both(policy, old, new, day, served or {}, settings)
        for policy in sorted(policies, key=lambda policy: policy.id)
        if policy.rule_pack.rsplit("@", 1)[0] == before.id
    )
    last = day + datetime.timedelta(days=settings.period_days - 1)
    return ComparisonResult(old, new, found, _effects(old, new, found), pairs, (day, last))


def _put_to_both(
    policy: Policy,
    old: Evaluation,
    new: Evaluation,
    day: datetime.date,
    served: Mapping[str, Truth],
    settings: PolicySettings,
) -> tuple[Answer, Answer]:
    serves = served.get(policy.chain, Truth.unknown(old.facts.n)) if policy.chain else None
    answers = []
    for evaluation in (old, new):
        pack = evaluation.pack
        own = replace(policy, rule_pack=pack.key)
        rules = rules_of(own, {pack.key: pack}, day, evaluation.facts.dictionary)
        put_to = evaluation
        if rules is not pack:
            put_to = evaluate(rules, evaluation.facts, peers=evaluation.peers)
        answers.append(put(policy, put_to, serves, settings))
    return answers[0], answers[1]


def _effects(old: Evaluation, new: Evaluation, found: tuple[Difference, ...]) -> NDArray[np.int8]:
    was, will = old.verdicts.astype(np.int64), new.verdicts.astype(np.int64)
    effect = np.full(was.size, _SAME, dtype=np.int8)
    effect[will > was] = _MAY_GAIN
    effect[will < was] = _MAY_LOSE
    effect[(was == FAIL) & (will == PASS)] = _GAINS
    effect[(was == PASS) & (will == FAIL)] = _LOSES
    both = (was == OPEN) & (will == OPEN)
    if both.any() and found:
        effect[both & _may_differ(old, new, found)] = _UNDECIDED
    return effect


def _may_differ(old: Evaluation, new: Evaluation, found: tuple[Difference, ...]) -> Flags:
    """Tell for whom something that differs says another thing, or is unknown."""
    everything = touches_everything(found, old.pack, new.pack)
    differing = {one.path for one in found}
    differ = np.zeros(old.facts.n, dtype=np.bool_)
    for path in dict.fromkeys([*old.truths, *old.points, *new.truths, *new.points]):
        was, will = _value(old, path), _value(new, path)
        if was is None or will is None:
            differ |= _weighs(path, was or will)
            continue
        differ |= (was[0] != will[0]) | (was[1] != will[1])
        if everything or path in differing:
            differ |= (was[0] != was[1]) | (will[0] != will[1])
    return differ


def _weighs(path: str, value: _Ends | None) -> Flags:
    """Tell for whom an element that only one pack has may change anything.

    What is below another element shows in that one.
    """
    assert value is not None  # noqa: S101 - the path comes from one of the two
    low, high = value
    if path.count("/") > 1:
        return np.zeros(low.size, dtype=np.bool_)
    if path.startswith(("gates", "conditions")):
        return ~low.astype(np.bool_)
    return high.astype(np.float64) > 0
