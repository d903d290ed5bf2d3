"""How the value of a given portfolio moves when one assumption moves, others held.

The portfolio is not chosen anew: the table shows what the plan would be worth if an
assumption were wrong. Ranges come from ``schema/parameters/optimise.csv``. The interval
of the value joins them: all assumptions about success at their worst, or their best,
together, and every other assumption alone. It stands apart from the sampling error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from jicheng.optimise.cases import Case
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure, SetValue, Variant
from jicheng.schema import choices, parameters
from jicheng.zone import Zone

__all__ = ["Range", "Sensitivity", "pessimistic", "sensitivity", "varied"]

_SUCCESS = {
    "eta": True, "kappa": True, "years_position": True, "level_position": False,
    "race_correlation": True,
}  # fmt: skip
"""Assumptions about success; True = success falls as the parameter rises."""


class Range(NamedTuple):
    """An assumption, and the range over which it is moved."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Sensitivity:
    """Value of the portfolio at both ends of every assumption, per variant.

    Attributes
    ----------
    ends : mapping of str to mapping
        Parameter to variant to (value at low, value at high).
    corners : mapping
        Variant to (value with success at its worst, at its best).
    """

    ends: Mapping[str, Mapping[Variant, tuple[float, float]]]
    corners: Mapping[Variant, tuple[float, float]]

    def interval(self, variant: Variant, value: float) -> tuple[float, float]:
        """Return the lowest and the highest value over all assumptions."""
        every = [value, *self.corners[variant]]
        every += [end for ends in self.ends.values() for end in ends[variant]]
        return min(every), max(every)


def varied() -> tuple[Range, ...]:
    """Return the assumptions that the sensitivity moves, with their ranges."""
    return tuple(
        Range(p.name, p.low, p.high)
        for p in parameters()
        if p.stage == "optimise" and p.low is not None and p.high is not None
    )


def pessimistic(settings: PortfolioSettings, *, optimistic: bool = False) -> PortfolioSettings:
    """Return the settings with every assumption about success at its worst (or best)."""
    for name, low, high in varied():
        if name in _SUCCESS:
            is_high = _SUCCESS[name] is not optimistic
            settings = moved(settings, name, high if is_high else low)
    return settings


def moved(settings: PortfolioSettings, name: str, end: float) -> PortfolioSettings:
    """Return the settings with one assumption moved to an end of its range."""
    if name == "essential_kinds":
        kinds = tuple(c.value for c in choices()["technology_kind"]) if end > 0 else ()
        return replace(settings, chain=replace(settings.chain, essential_kinds=kinds))
    if name == "weight_country":
        rest = 1.0 - settings.withholding.weight_coalition
        weights = replace(
            settings.withholding, weight_country=end * rest, weight_single=(1.0 - end) * rest
        )
        return replace(settings, withholding=weights)
    numbers: dict[str, Any] = {name: end}
    return replace(settings, **numbers)


def sensitivity(
    zone: Zone,
    cases: tuple[Case, ...],
    exposure: Exposure,
    settings: PortfolioSettings,
    *,
    progress: Callable[[], None] | None = None,
) -> Sensitivity:
    """Value a portfolio under every assumption moved alone, on the same draws.

    Parameters
    ----------
    zone : Zone
        Read again where an assumption changes chain or scenarios.
    cases : tuple of Case
        The funded challenges.
    exposure : Exposure
        Chain and scenarios under ``settings``.
    settings : PortfolioSettings
        The plan's assumptions.
    progress : callable, optional
        Called after every assumption.
    """
    known = {(settings.chain, _key(settings)): exposure}

    def values(changed: PortfolioSettings) -> dict[Variant, float]:
        key = (changed.chain, _key(changed))
        if key not in known:
            known[key] = Exposure.of(zone, changed)
        return dict(_values(known[key], cases, changed))

    ends = {}
    for name, low, high in varied():
        at_low, at_high = (values(moved(settings, name, end)) for end in (low, high))
        ends[name] = {variant: (at_low[variant], at_high[variant]) for variant in Variant}
        if progress is not None:
            progress()
    worst = values(pessimistic(settings))
    best = values(pessimistic(settings, optimistic=True))
    return Sensitivity(ends, {variant: (worst[variant], best[variant]) for variant in Variant})


def _values(
    exposure: Exposure, cases: tuple[Case, ...], settings: PortfolioSettings
) -> Iterator[tuple[Variant, float]]:
    everything = np.ones((1, len(cases)), dtype=np.bool_)
    for variant in Variant:
        value = SetValue.of(exposure, cases, settings, variant)
        yield variant, float(value.of_sets(everything)[0]) if cases else 0.0


def _key(settings: PortfolioSettings) -> tuple[object, ...]:
    w = settings.withholding
    return (
        w.weight_single, w.weight_country, w.weight_coalition, tuple(sorted(w.coalitions.items())),
    )  # fmt: skip
