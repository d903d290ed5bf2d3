"""What more money is worth, purse by purse and for all: chosen anew, beside the price.

The plan is chosen anew with a purse enlarged, all else as it is, on the same draws. The
slope of the relaxation stands beside it: what the bound would gain. It is the price of
scarce money as a linear program sees it, and usually says more than whole challenges can
gain. A purse whose money is not scarce has slope 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jicheng.optimise.cases import Case
from jicheng.optimise.front import Chooser
from jicheng.optimise.pool import Pool
from jicheng.optimise.problem import Choice
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import SetValue, standard_error
from jicheng.zone import Zone

__all__ = ["ALL", "MoreMoney", "worth_of_money"]

ALL = "all"
"""Name of the row that enlarges every purse."""


@dataclass(frozen=True, slots=True)
class MoreMoney:
    """One purse enlarged.

    Attributes
    ----------
    purse : str
        Its id, or :data:`ALL`.
    change : float
        Share by which it is enlarged.
    amount : float
        Money added [wan].
    cost : float
        How much more the best plan spends [wan].
    gain, error : float
        Value gained, and its standard error over the draws.
    slope : float
        What the bound of the relaxation gains.
    is_proved : bool
        Whether both plans are proved best within the gap.
    """

    purse: str
    change: float
    amount: float
    cost: float
    gain: float
    error: float
    slope: float
    is_proved: bool


def worth_of_money(
    zone: Zone,
    options: tuple[Case, ...],
    value: SetValue,
    chooser: Chooser,
    choice: Choice,
    *,
    settings: PortfolioSettings,
    budget_scale: float = 1.0,
) -> list[MoreMoney]:
    """Choose anew with each purse enlarged, and with all of them.

    Parameters
    ----------
    zone : Zone
        Its purses are enlarged.
    options : tuple of Case
        Options of all challenges.
    value : SetValue
        Values of sets of the candidates among them.
    chooser, choice
        That chose the plan, and the plan.
    settings : PortfolioSettings
        ``money_change``, and the gap.
    budget_scale : float
        Of the plan.
    """
    if settings.money_change <= 0:
        return []
    candidates = [option for option in options if option.is_candidate]
    before, on_draws = chooser.relaxed(), chooser.problem.value.on_draws(choice.chosen)
    found = []
    for purse in (*sorted(zone["purses"]["id"].unique()), ALL):
        grown = _enlarged(zone, purse, settings.money_change)
        pool = Pool.of(grown, options, budget_scale, settings)
        problem = pool.problem(value, candidates)
        if problem.n_challenges != chooser.problem.n_challenges:
            continue
        other = chooser.under(problem)
        richer = other.choose(is_aside=True)
        if richer is None:
            continue
        gain = problem.value.on_draws(richer.chosen) - on_draws
        found.append(
            MoreMoney(
                purse,
                settings.money_change,
                float(problem.purses.amounts.sum() - chooser.problem.purses.amounts.sum()),
                float(problem.purses.cost @ (richer.chosen.astype(float) - choice.chosen)),
                max(0.0, float(gain.mean())),
                standard_error(gain),
                max(0.0, other.relaxed() - before),
                max(choice.gap, richer.gap) <= settings.gap,
            )
        )
    return found


def _enlarged(zone: Zone, purse: str, change: float) -> Zone:
    """Return the zone with more money in a purse, in every year of it."""
    grows = pl.lit(purse == ALL) | (pl.col("id") == purse)
    amount = pl.when(grows).then(pl.col("amount") * (1.0 + change)).otherwise(pl.col("amount"))
    return zone.with_tables(purses=zone["purses"].with_columns(amount.alias("amount")))
