"""Write a portfolio as the tables of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.conform import empty_frame
from jicheng.errors import Text
from jicheng.optimise.cases import Case
from jicheng.optimise.front import knee
from jicheng.optimise.money import MoreMoney
from jicheng.optimise.overrides import Override, Price
from jicheng.optimise.overrun import ProtectedPlan
from jicheng.optimise.problem import Choice
from jicheng.optimise.purses import Purses
from jicheng.optimise.race import RaceOffer
from jicheng.optimise.rows import Row
from jicheng.optimise.schedule import Schedule
from jicheng.optimise.sensitivity import Sensitivity, varied
from jicheng.optimise.value import SetValue, Variant, standard_error
from jicheng.schema import plan_tables

__all__ = [
    "cash_table",
    "front_table",
    "funding_table",
    "loss_table",
    "money_table",
    "overrides_table",
    "overrun_table",
    "portfolio_table",
    "races_table",
    "schedule_table",
    "sensitivity_table",
    "value_table",
]

_PER = 1000.0  # wan: values per money are told per ten million


def portfolio_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Return the table ``portfolio``."""
    return _frame(
        "portfolio",
        [
            {
                "challenge": row.case.challenge,
                "technology": row.case.technology,
                "name": row.case.name,
                "name_en": row.case.name_en,
                "is_candidate": row.case.is_candidate,
                "is_funded": row.is_funded,
                "cost": row.case.cost,
                "teams": row.case.n_teams,
                "relief": row.relief,
                "effective_years": row.effective_years,
                "success": row.success,
                "success_low": row.success_low,
                "success_high": row.success_high,
                "value_alone": row.value_alone,
                "shapley": row.shapley,
                "shapley_se": row.shapley_se,
                "marginal": row.marginal,
                "decision": row.case.decision,
                "reason": _told(row.reasons),
            }
            for row in rows
        ],
    )


def funding_table(
    challenges: Sequence[str], purses: Purses, paid: NDArray[np.float64]
) -> pl.DataFrame:
    """Return the table ``funding`` from what each purse pays, shape (c, p)."""
    return _frame(
        "funding",
        [
            {"challenge": challenge, "purse": purse, "amount": float(paid[c, p])}
            for c, challenge in enumerate(challenges)
            for p, purse in enumerate(purses.ids)
            if paid[c, p] > 0
        ],
    )


def front_table(
    names: Sequence[str],
    promised: Sequence[Case],
    points: Sequence[tuple[float, float, Choice]],
    purses: Purses,
    value: SetValue,
) -> pl.DataFrame:
    """Return the table ``front``.

    Parameters
    ----------
    names : sequence of str, length c
        Challenges that may be funded.
    promised : sequence of Case
        Mandatory challenges paid in any case.
    points : sequence of (scale, budget, choice)
        Best set at each budget, budgets rising.
    purses, value
        Of the challenges that may be funded.
    """
    budgets = [budget for _, budget, _ in points]
    values = [choice.value for _, _, choice in points]
    turn = knee(budgets, values)
    reserved = sum(case.cost for case in promised)
    return _frame(
        "front",
        [
            {
                "step": step,
                "budget": budget,
                "cost": float(purses.cost @ choice.chosen) + reserved,
                "value": choice.value,
                "value_se": standard_error(value.on_draws(choice.chosen)),
                "n_funded": int(choice.chosen.sum()) + len(promised),
                "challenges": ";".join(
                    sorted(
                        [name for name, is_in in zip(names, choice.chosen, strict=True) if is_in]
                        + [case.challenge for case in promised]
                    )
                ),
                "is_plan": scale == 1.0,
                "is_knee": step == turn,
            }
            for step, (scale, budget, choice) in enumerate(points)
        ],
    )


def money_table(rows: Sequence[MoreMoney]) -> pl.DataFrame:
    """Return the table ``money``."""
    return _frame(
        "money",
        [
            {
                "purse": row.purse,
                "change": row.change,
                "amount": row.amount,
                "cost": row.cost,
                "value_gain": row.gain,
                "gain_se": row.error,
                "dual": row.slope,
                "price": row.slope / row.amount if row.amount > 0 else 0.0,
                "is_proved": row.is_proved,
            }
            for row in rows
        ],
    )


def value_table(
    values: Mapping[Variant, SetValue], moved: Sensitivity, choice: Choice
) -> pl.DataFrame:
    """Return the table ``value`` of the funded challenges, one row a variant."""
    rows: list[dict[str, Any]] = []
    for variant, value in values.items():
        on_draws = value.on_draws(np.ones(value.n_challenges, dtype=np.bool_))
        avoided = float(on_draws.mean())
        low, high = moved.interval(variant, avoided)
        proved: dict[str, Any] = {}
        if variant is Variant.MIXED:
            proved = {"bound": choice.bound, "gap": choice.gap, "method": choice.method}
        rows.append(
            {
                "variant": variant.value,
                "loss_before": value.loss_before,
                "loss_after": value.loss_before - avoided,
                "value": avoided,
                "value_se": standard_error(on_draws),
                "value_low": low,
                "value_high": high,
                **proved,
            }
        )
    return _frame("value", rows)


def loss_table(losses: Mapping[Variant, float]) -> pl.DataFrame:
    """Return the table ``value`` where no portfolio was chosen: the loss before only."""
    return _frame(
        "value",
        [{"variant": variant.value, "loss_before": loss} for variant, loss in losses.items()],
    )


def sensitivity_table(moved: Sensitivity) -> pl.DataFrame:
    """Return the table ``sensitivity`` in the mixed variant."""
    rows = []
    for name, low, high in varied():
        at_low, at_high = moved.ends[name][Variant.MIXED]
        rows.append(
            {
                "parameter": name,
                "low": low,
                "high": high,
                "value_at_low": at_low,
                "value_at_high": at_high,
            }
        )
    return _frame("sensitivity", rows)


def schedule_table(schedule: Schedule) -> pl.DataFrame:
    """Return the table ``schedule``."""
    return _frame(
        "schedule",
        [
            {
                "challenge": paid.case.challenge,
                "stage": paid.case.stages.orders[paid.stage],
                "name": paid.case.stages.names[paid.stage],
                "year": paid.year,
                "amount": paid.amount,
                "expected": paid.expected,
                "is_gate": paid.case.stages.is_gate[paid.stage],
                "teams": int(paid.case.stages.teams_in(paid.case.n_teams)[paid.stage]),
            }
            for paid in schedule.stages
        ],
    )


def cash_table(schedule: Schedule, purses: Sequence[str]) -> pl.DataFrame:
    """Return the table ``cash``, a row for every purse and year to the last that moves."""
    money = schedule.calendar.money
    committed, expected = schedule.paid.sum(axis=0), schedule.expected
    moves = np.flatnonzero((money.amounts + committed).any(axis=0))
    n_years = 1 + int(moves.max(initial=0))
    carried = schedule.carried()
    brought = np.hstack([np.zeros((len(purses), 1)), carried[:, :-1]])
    return _frame(
        "cash",
        [
            {
                "year": money.first_year + year,
                "purse": purse,
                "available": float(money.amounts[p, year] + brought[p, year]),
                "committed": float(committed[p, year]),
                "expected": float(expected[p, year]),
                "carried_over": float(carried[p, year]),
            }
            for year in range(n_years)
            for p, purse in enumerate(purses)
        ],
    )


def races_table(
    offers: Sequence[RaceOffer], success: Sequence[float], per_wan: float
) -> pl.DataFrame:
    """Return the table ``races``.

    Parameters
    ----------
    offers : sequence of RaceOffer
    success : sequence of float
        Chance of success of each offer.
    per_wan : float
        Value of the plan per wan that it spends.
    """
    return _frame(
        "races",
        [
            {
                "challenge": offer.option.challenge,
                "teams": offer.option.n_teams,
                "cost": offer.option.cost,
                "extra_cost": offer.extra_cost,
                "success": chance,
                "gain": offer.gain,
                "gain_se": offer.gain_se,
                "gain_per_money": _PER * offer.gain_per_money,
                "plan_per_money": _PER * per_wan,
                "is_chosen": offer.is_chosen,
            }
            for offer, chance in zip(offers, success, strict=True)
        ],
    )


def overrun_table(plans: Sequence[ProtectedPlan], purses: Sequence[str]) -> pl.DataFrame:
    """Return the table ``overrun``: all purses together (``*``), then each."""
    unprotected = max((plan.value for plan in plans), default=0.0)
    return _frame(
        "overrun",
        [
            {
                "gamma": plan.gamma,
                "purse": purse,
                "value": plan.value,
                "price": unprotected - plan.value,
                "cost": plan.cost,
                "n_funded": len(plan.challenges),
                "p_overrun": chance,
                "p_overrun_se": error,
                "challenges": ";".join(sorted(plan.challenges)),
                "is_plan": plan.is_plan,
            }
            for plan in plans
            for purse, (chance, error) in zip(
                ["*", *purses], [plan.risk.whole, *plan.risk.by_purse], strict=True
            )
        ],
    )


def overrides_table(priced: Sequence[tuple[Override, Price | None]]) -> pl.DataFrame:
    """Return the table ``overrides``; without a price where none was found."""
    return _frame(
        "overrides",
        [
            {"override": one.id, "kind": one.kind, "reason": one.reason}
            | (
                {}
                if price is None
                else {
                    "price": price.value,
                    "price_se": price.error,
                    "added": ";".join(price.added),
                    "dropped": ";".join(price.dropped),
                    "is_proved": price.is_proved,
                }
            )
            for one, price in priced
        ],
    )


def _told(reasons: Sequence[Text]) -> str:
    """Return the reasons in both languages."""
    zh, en = "；".join(r.zh for r in reasons), "; ".join(r.en for r in reasons)
    return f"{zh} / {en}" if reasons else ""


def _frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return typed rows; nan and empty text become empty cells."""
    frame = pl.DataFrame(list(rows), schema=empty_frame(plan_tables()[table]).schema)
    return frame.with_columns(
        pl.col(pl.Float64).fill_nan(None), pl.col(pl.String).replace("", None)
    )
