"""Losses of final products over scenarios and draws of success."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.chain import Chain, ChainSettings
from jicheng.kernel.protection import Protection, distinct_rows
from jicheng.kernel.success import draw_luck, draw_years, success_probability
from jicheng.scenarios import Scenarios, WithholdingSettings
from jicheng.supply import Supply
from jicheng.zone import Zone

__all__ = ["PlannedSuccess", "ScenarioLosses", "ZoneView", "scenario_losses"]

_EQUAL = 1e-12  # a loss that exceeds the threshold by less is rounding


class _Assumptions(Protocol):
    """The part of the settings that says how a zone is seen and drawn."""

    @property
    def chain(self) -> ChainSettings: ...
    @property
    def withholding(self) -> WithholdingSettings: ...
    @property
    def home(self) -> str: ...
    @property
    def n_draws(self) -> int: ...
    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class PlannedSuccess:
    """The funded challenges whose effect is known, and their successes on common draws.

    Attributes
    ----------
    exists : bool
        Whether there is a portfolio at all.
    technology : ndarray of int64, shape (c,)
        Technology of each funded challenge.
    relief : ndarray of float64, shape (c,)
        Share of the need that success replaces.
    drawn, at_worst, at_best : ndarray of bool, shape (D, c)
        Successes with years as drawn, and with every assumption about success at its
        worst or best, on the same luck.
    of_unknown_effect : tuple of str
        Funded challenges whose odds or relief nobody knows.
    """

    exists: bool
    technology: NDArray[np.int64]
    relief: NDArray[np.float64]
    drawn: NDArray[np.bool_]
    at_worst: NDArray[np.bool_]
    at_best: NDArray[np.bool_]
    of_unknown_effect: tuple[str, ...]

    @classmethod
    def of(
        cls, zone: Zone, chain: Chain, portfolio: pl.DataFrame, settings: _Assumptions
    ) -> PlannedSuccess:
        """Draw the successes of a portfolio again: same seed, same names, same draws."""
        years = zone["technologies"].select(
            pl.col("id").alias("technology"), "years_low", "years_high"
        )
        funded = portfolio.filter("is_funded").join(years, on="technology", how="left")
        funded = funded.sort("challenge")
        needed = ("relief", "effective_years", "years_low", "years_high")
        known = funded.drop_nulls(needed)
        names, technologies = known["challenge"].to_list(), known["technology"].to_list()
        relief, effective, low, high = (known[name].to_numpy() for name in needed)
        luck = draw_luck(names, seed=settings.seed, n_draws=settings.n_draws)
        drawn = draw_years(low, high, technologies, seed=settings.seed, n_draws=settings.n_draws)
        return cls(
            exists=not portfolio.is_empty(),
            technology=np.array([chain.index[name] for name in technologies], dtype=np.int64),
            relief=relief,
            drawn=luck < success_probability(effective, drawn),
            at_worst=luck < known["success_low"].to_numpy(),
            at_best=luck < known["success_high"].to_numpy(),
            of_unknown_effect=tuple(
                funded.join(known, on="challenge", how="anti")["challenge"].to_list()
            ),
        )

    @property
    def never(self) -> NDArray[np.bool_]:
        """No success at all, on one draw."""
        return np.zeros((1, len(self.technology)), dtype=np.bool_)


@dataclass(frozen=True)
class ZoneView:
    """Chain, supply and scenarios of a zone."""

    chain: Chain
    supply: Supply
    scenarios: Scenarios

    @classmethod
    def of(cls, zone: Zone, settings: _Assumptions) -> ZoneView:
        """Read chain, supply and scenarios."""
        chain = Chain.of(zone, settings.chain)
        home = settings.home or str(zone["zones"]["home"].first())
        supply = Supply.of(zone, home)
        return cls(chain, supply, Scenarios.of(zone, chain, supply, settings.withholding))

    def only(self, zone: Zone, family: str) -> ZoneView:
        """Return the view with the scenarios of one family, whatever their weight."""
        settings = WithholdingSettings(
            weight_single=float(family == "single"), weight_country=float(family == "country")
        )
        return replace(self, scenarios=Scenarios.of(zone, self.chain, self.supply, settings))

    @property
    def essentials(self) -> tuple[NDArray[np.bool_], ...]:
        """Inputs that are essential: as assumed, none, and all of unknown essentiality."""
        assumed, unknown = self.chain.essential, self.chain.essential_unknown
        if not unknown.any():
            return (assumed,)
        return assumed, assumed & ~unknown, assumed | unknown

    def protection(
        self,
        plan: PlannedSuccess,
        unknown_withheld: float,
        essential: NDArray[np.bool_] | None = None,
    ) -> Protection:
        """Return what the plan protects under some assumptions.

        Parameters
        ----------
        plan : PlannedSuccess
            Funded challenges.
        unknown_withheld : float
            Share of the unknown mass of supply that counts as withheld.
        essential : ndarray of bool, shape (e,), optional
            Which inputs are essential; default as assumed.
        """
        scenarios, chain = self.scenarios, self.chain
        extra = scenarios.withheld_high - scenarios.withheld
        withheld = scenarios.withheld + unknown_withheld * extra
        return Protection(
            chain.graph,
            chain.essential if essential is None else essential,
            chain.final_value,
            scenarios.weights,
            replace(scenarios, withheld=withheld).own(),
            plan.technology,
            plan.relief,
        )


class ScenarioLosses(NamedTuple):
    """Mean loss of each final product, and share of draws above the threshold, (s, f)."""

    mean: NDArray[np.float64]
    exceeds: NDArray[np.float64]


def scenario_losses(
    protection: Protection, successes: NDArray[np.bool_], *, threshold: float
) -> ScenarioLosses:
    """Return what each final product loses in each scenario, over draws of success.

    Parameters
    ----------
    protection : Protection
        Chain, s scenarios and challenges.
    successes : ndarray of bool, shape (d, c)
        Successes on draws.
    threshold : float
        Loss above which a final product counts as hit.
    """
    patterns, inverse = distinct_rows(successes)
    shares = np.bincount(inverse, minlength=len(patterns)) / len(successes)
    shape = protection.losses_before.shape
    mean, exceeds = np.empty(shape), np.empty(shape)
    for s in range(shape[0]):
        if len(protection.touched[s]):
            losses = protection.losses_after(s, patterns)
            mean[s] = shares @ losses
            exceeds[s] = shares @ (losses > threshold + _EQUAL)
        else:
            mean[s] = protection.losses_before[s]
            exceeds[s] = protection.losses_before[s] > threshold + _EQUAL
    return ScenarioLosses(mean, exceeds)
