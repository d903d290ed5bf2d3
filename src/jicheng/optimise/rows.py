"""What the portfolio says about each challenge, and why it is funded or not."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from jicheng.checks.conditions import Condition
from jicheng.errors import Text, text
from jicheng.optimise.cases import Case
from jicheng.optimise.conditions import broken_by
from jicheng.optimise.pool import Pool
from jicheng.optimise.sensitivity import pessimistic
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.shapley import contributions
from jicheng.optimise.success import effective_years
from jicheng.optimise.value import SetValue, odds

__all__ = ["Row", "explain", "rows_of"]

_NOTHING = 1e-12
_UNSTATED = Text("未填写理由", "no reason given")


@dataclass
class Row:
    """What the portfolio says about one challenge; None = cannot be told."""

    case: Case
    is_funded: bool = False
    relief: float | None = None
    effective_years: float | None = None
    success: float | None = None
    success_low: float | None = None
    success_high: float | None = None
    value_alone: float | None = None
    shapley: float | None = None
    shapley_se: float | None = None
    marginal: float | None = None
    reasons: list[Text] = field(default_factory=list)


def rows_of(cases: Sequence[Case], value: SetValue, settings: PortfolioSettings) -> list[Row]:
    """Return a row a case with its odds, its value alone, and what it lacks.

    Parameters
    ----------
    cases : sequence of Case
        All challenges.
    value : SetValue
        Values of sets of the candidates among them.
    settings : PortfolioSettings
        Assumptions.
    """
    rows = [Row(case) for case in cases]
    _tell_odds([row for row in rows if row.case.has_odds], settings)
    candidates = [row for row in rows if row.case.is_candidate]
    alone = value.of_sets(np.eye(len(candidates), dtype=np.bool_))
    for row, worth in zip(candidates, alone, strict=True):
        row.value_alone = float(worth)
    for row in rows:
        row.relief = settings.relief_factor * row.case.relief
        row.reasons += [obstacle.message for obstacle in row.case.obstacles]
        if row.case.decision == "excluded":
            row.reasons.append(text("E433", reason=row.case.decided_because or _UNSTATED)[0])
    return rows


def explain(
    rows: Sequence[Row],
    value: SetValue,
    funded: Set[str],
    pool: Pool,
    settings: PortfolioSettings,
) -> None:
    """Add to the rows who is funded, what each contributes, and why.

    Parameters
    ----------
    rows : sequence of Row
        As from :func:`rows_of`.
    value : SetValue
        Values of sets of the candidates.
    funded : set of str
        Challenges that are paid for.
    pool : Pool
        Who competed, and by which rules.
    settings : PortfolioSettings
        Seed, and up to how many challenges contributions are exact.
    """
    candidates = [row for row in rows if row.case.is_candidate]
    chosen = np.array([row.case.challenge in funded for row in candidates], dtype=np.bool_)
    shares = contributions(value, chosen, exact_up_to=settings.enumerate_up_to, seed=settings.seed)
    flipped = np.vstack([chosen, chosen ^ np.eye(len(chosen), dtype=np.bool_)])
    whole, *others = value.of_sets(flipped).tolist()
    for at, row in enumerate(candidates):
        row.marginal = whole - others[at] if chosen[at] else others[at] - whole
        if chosen[at]:
            row.shapley, row.shapley_se = float(shares.values[at]), float(shares.errors[at])
    payable = {
        case.challenge: bool(fits)
        for case, fits in zip(pool.cases, pool.purses.payable, strict=True)
    }
    for row in rows:
        row.is_funded = row.case.challenge in funded
        if row.case.decision != "excluded":
            told = _conditioned(row.case.challenge, pool.conditions, funded)
            row.reasons += _why(row, told, is_payable=payable.get(row.case.challenge, False))


def _conditioned(challenge: str, conditions: Sequence[Condition], funded: Set[str]) -> list[Text]:
    """Tell which conditions the plan would break if this one were dropped, or added."""
    other = dict.fromkeys({*funded} ^ {challenge}, True)
    broken = broken_by(conditions, other)
    if not broken:
        return []
    ids = ", ".join(condition.id for condition in broken)
    reason = "；".join(condition.reason for condition in broken if condition.reason)
    code = "E445" if challenge in funded else "E444"
    return [text(code, ids=ids, reason=reason or _UNSTATED)[0]]


def _why(row: Row, conditioned: list[Text], *, is_payable: bool) -> list[Text]:
    if row.case.decision == "mandatory" and row.is_funded:
        return [text("E432", reason=row.case.decided_because or _UNSTATED)[0]]
    if row.is_funded:
        return [text("E431")[0], *conditioned]
    if not row.case.is_candidate:
        return []
    if not is_payable:
        return [text("E434")[0]]
    if conditioned:
        return conditioned
    return [text("E436" if (row.marginal or 0.0) <= _NOTHING else "E435")[0]]


def _tell_odds(rows: Sequence[Row], settings: PortfolioSettings) -> None:
    cases = [row.case for row in rows]
    years = np.array([case.years for case in cases], dtype=np.float64)
    effective = effective_years(
        [case.team for case in cases], years,
        eta=settings.eta, kappa=settings.kappa, position=settings.level_position,
        correlation=settings.race_correlation,
    )  # fmt: skip
    at_worst = odds(cases, pessimistic(settings)).mean(axis=0)
    expected = odds(cases, settings).mean(axis=0)
    at_best = odds(cases, pessimistic(settings, optimistic=True)).mean(axis=0)
    for at, row in enumerate(rows):
        row.effective_years = float(effective[at])
        row.success = float(expected[at])
        row.success_low, row.success_high = float(at_worst[at]), float(at_best[at])
