"""What every final product stands to lose, before and after the plan.

For every final product the expected loss over the scenarios of withholding, and the
probability that it exceeds a threshold; for every country the loss if it alone
withholds all that it supplies. The scenarios, the cascade (mixed variant) and the draws
of success are those of the portfolio: with the same settings the loss avoided here is
the value of the plan, draw by draw.

The intervals are envelopes over assumptions, not sampling errors: the unknown mass of
supply withheld or not, inputs of unknown essentiality as assumed, none or all
essential, and (after the plan) success at its worst, as drawn and at its best. A loss
is one of one year's output given one withholding event: a scenario, never a forecast.
Source: ours (value of a plan, sections 2 to 4; cascade: chokepoints, section 3.4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.chain import ChainSettings
from jicheng.conform import empty_frame
from jicheng.errors import Fault, InvalidInput, fault
from jicheng.evaluate.losses import PlannedSuccess, ZoneView, scenario_losses
from jicheng.scenarios import WithholdingSettings
from jicheng.schema import plan_tables
from jicheng.zone import Zone

__all__ = ["ExposureResult", "ExposureSettings", "evaluate_exposure"]


@dataclass(frozen=True, slots=True)
class ExposureSettings:
    """What is assumed about losses; as in the portfolio, so that both agree.

    Attributes
    ----------
    threshold : float
        Loss of a final product from which it counts as hit (i*).
    unknown_withheld : float
        Share of the unknown mass of supply that counts as withheld in point values.
    chain, withholding
        Assumptions about arrows, and families of scenarios.
    home : str
        Country from which exposure is judged; empty = home of the first zone.
    n_draws, seed : int
        Common draws of years and of success, and their seed.
    """

    threshold: float = 0.05
    unknown_withheld: float = 0.0
    chain: ChainSettings = field(default_factory=ChainSettings)
    withholding: WithholdingSettings = field(default_factory=WithholdingSettings)
    home: str = ""
    n_draws: int = 1000
    seed: int = 1


@dataclass(frozen=True)
class ExposureResult:
    """Exposure of final products and to countries, before and after a plan.

    Attributes
    ----------
    exposure, countries : polars.DataFrame
        As ``schema/plan/`` describes them; "after" is empty without a portfolio.
    loss_before, loss_after : float
        Expected loss of all final products together; nan where it cannot be told.
    settings : ExposureSettings
    seed : int
        Seed of the draws of years and of success.
    warnings : tuple of Fault
    """

    exposure: pl.DataFrame
    countries: pl.DataFrame
    loss_before: float
    loss_after: float
    settings: ExposureSettings
    seed: int
    warnings: tuple[Fault, ...]


def evaluate_exposure(
    zone: Zone, portfolio: pl.DataFrame, settings: ExposureSettings | None = None
) -> ExposureResult:
    """Evaluate what final products stand to lose, before and after a portfolio.

    Parameters
    ----------
    zone : Zone
        ``technologies``, ``links``, ``supply`` and ``restrictions`` are read.
    portfolio : polars.DataFrame
        Plan table of this name; without rows only the loss before is told.
    settings : ExposureSettings, optional
        Assumptions; give those of the portfolio.

    Returns
    -------
    ExposureResult
        Empty tables and a warning E501 if no technology has a share of supply.

    Raises
    ------
    InvalidInput
        E504 for settings outside their range.
    """
    settings = settings or ExposureSettings()
    _check(settings)
    view = ZoneView.of(zone, settings)
    if not view.scenarios.names:
        return ExposureResult(
            empty_frame(plan_tables()["exposure"]),
            empty_frame(plan_tables()["countries"]),
            math.nan,
            math.nan,
            settings,
            settings.seed,
            (fault("E501", is_warning=True),),
        )
    plan = PlannedSuccess.of(zone, view.chain, portfolio, settings)
    point = view.protection(plan, settings.unknown_withheld)
    before = scenario_losses(point, plan.never, threshold=settings.threshold)
    after = scenario_losses(point, plan.drawn, threshold=settings.threshold)
    total = point.weights @ before.mean @ point.final_share
    left = point.weights @ after.mean @ point.final_share
    return ExposureResult(
        _exposure_table(zone, view, plan, settings),
        _countries_table(zone, view, plan, settings),
        float(total),
        float(left) if plan.exists else math.nan,
        settings,
        settings.seed,
        tuple(_warnings(plan)),
    )


def _warnings(plan: PlannedSuccess) -> list[Fault]:
    found = [fault("E502", is_warning=True, id=name) for name in plan.of_unknown_effect]
    if not plan.exists:
        found.append(fault("E503", is_warning=True))
    return found


@dataclass(frozen=True)
class _Figures:
    """Expected loss and probability of exceeding, each shape (f,): point, low, high."""

    loss: tuple[NDArray[np.float64], ...]
    exceed: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(
        cls,
        view: ZoneView,
        plan: PlannedSuccess,
        successes: tuple[NDArray[np.bool_], ...],
        settings: ExposureSettings,
    ) -> _Figures:
        """Take the envelope over assumptions; the first success is the point's."""
        shares = sorted(
            {settings.unknown_withheld, 0.0, 1.0}, key=lambda u: u != settings.unknown_withheld
        )
        losses, exceeds = [], []
        for unknown, essential in product(shares, view.essentials):
            protection = view.protection(plan, unknown, essential)
            for success in successes:
                found = scenario_losses(protection, success, threshold=settings.threshold)
                losses.append(protection.weights @ found.mean)
                exceeds.append(protection.weights @ found.exceeds)
        return cls(_envelope(losses), _envelope(exceeds))


def _envelope(figures: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
    """Return the first figure, the lowest and the highest, kept within 0 to 1."""
    inside = np.clip(np.array(figures), 0.0, 1.0)
    return inside[0], inside.min(axis=0), inside.max(axis=0)


def _exposure_table(
    zone: Zone, view: ZoneView, plan: PlannedSuccess, settings: ExposureSettings
) -> pl.DataFrame:
    before = _Figures.of(view, plan, (plan.never,), settings)
    after = _Figures.of(view, plan, (plan.drawn, plan.at_worst, plan.at_best), settings)
    chain = view.chain
    finals = np.flatnonzero(chain.final_value > 0).tolist()
    unscored = ~view.supply.has_shares & ~chain.is_category
    unprotected = _unprotected(zone, view, plan, settings)
    about = {row["id"]: row for row in zone["technologies"].iter_rows(named=True)}
    rows = []
    for f, k in enumerate(finals):
        row = about[chain.technologies[k]]
        rows.append(
            {
                "technology": row["id"],
                "name": row["name"],
                "name_en": row["name_en"],
                "chain": row["chain"],
                "final_value": float(chain.final_value[k]),
                **_cells("loss_before", before.loss, f),
                **_cells("exceed_before", before.exceed, f),
                **(_cells("loss_after", after.loss, f) if plan.exists else {}),
                **(_cells("exceed_after", after.exceed, f) if plan.exists else {}),
                "n_unscored": sum(bool(unscored[j]) for j in chain.ancestors[k]),
                "unprotected": ";".join(unprotected[f]) or None,
            }
        )
    return pl.DataFrame(rows, schema=empty_frame(plan_tables()["exposure"]).schema)


def _cells(name: str, figures: tuple[NDArray[np.float64], ...], f: int) -> dict[str, Any]:
    names = (name, f"{name}_low", f"{name}_high")
    return {column: float(values[f]) for column, values in zip(names, figures, strict=True)}


def _unprotected(
    zone: Zone, view: ZoneView, plan: PlannedSuccess, settings: ExposureSettings
) -> list[list[str]]:
    """List for each final product what hits it when withheld alone, worst first.

    The expected loss after the plan counts; without a plan, the loss before.
    """
    single = view.only(zone, "single")
    protection = single.protection(plan, settings.unknown_withheld)
    mean = scenario_losses(protection, plan.drawn, threshold=settings.threshold).mean
    names = np.array(single.scenarios.names)
    hits = []
    for k, losses in zip(protection.finals, mean.T, strict=True):
        order = np.lexsort((names, -losses))
        worst = [str(names[s]) for s in order if losses[s] > settings.threshold]
        hits.append([name for name in worst if name != view.chain.technologies[k]])
    return hits


def _countries_table(
    zone: Zone, view: ZoneView, plan: PlannedSuccess, settings: ExposureSettings
) -> pl.DataFrame:
    alone = view.only(zone, "country")
    protection = alone.protection(plan, settings.unknown_withheld)
    share = protection.final_share
    before = protection.losses_before @ share
    after = scenario_losses(protection, plan.drawn, threshold=settings.threshold).mean @ share
    weights = {
        name: float(weight)
        for name, family, weight in zip(
            view.scenarios.names, view.scenarios.families, view.scenarios.weights, strict=True
        )
        if family == "country"
    }
    rows = [
        {
            "country": country,
            "weight": weights.get(country),
            "n_items": int((alone.scenarios.withheld[s] > 0).sum()),
            "loss_before": float(before[s]),
            "loss_after": float(after[s]) if plan.exists else None,
        }
        for s, country in enumerate(alone.scenarios.names)
    ]
    frame = pl.DataFrame(rows, schema=empty_frame(plan_tables()["countries"]).schema)
    return frame.sort("loss_before", "country", descending=[True, False])


def _check(settings: ExposureSettings) -> None:
    legal = {
        "threshold": (0.0, 1.0),
        "unknown_withheld": (0.0, 1.0),
        "n_draws": (1, math.inf),
        "seed": (0, math.inf),
    }
    wrong = [
        fault("E504", name=name, value=value, range=f"[{low:g}, {high:g}]")
        for name, (low, high) in legal.items()
        if not low <= (value := getattr(settings, name)) <= high
    ]
    if wrong:
        raise InvalidInput(wrong)
