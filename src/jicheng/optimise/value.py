"""The value of a set of challenges: the expected loss of final output that it avoids.

    loss(w, z) = 1 - sum_f v_f a_f(w, z) / sum_f v_f            the cascade
    value(x)   = sum_w pi_w E_z[loss(w, 0) - loss(w, z)],       z_c ~ Bernoulli(x_c P_c)

a share of one year's final output, given one withholding event after the funded
years; never money per year, because how often such an event comes is not known. It is
estimated on D common draws, the same for every set: comparisons are paired, and value
is monotone in the set and in P on every draw. Source: ours (value of a plan, 3 and 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jicheng.chain import Chain
from jicheng.kernel.moves import Moves
from jicheng.kernel.protection import Protection, distinct_rows
from jicheng.kernel.subsets import all_subsets
from jicheng.kernel.success import draw_luck, draw_years, success_probability
from jicheng.optimise.cases import Case
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.success import effective_years
from jicheng.scenarios import Scenarios
from jicheng.supply import Supply
from jicheng.zone import Zone

__all__ = ["Exposure", "SetValue", "Variant", "odds", "standard_error"]

_CHUNK = 1 << 22  # cells of sets x draws x challenges held at once


class Variant(StrEnum):
    """How inputs act: none essential, as given, all essential."""

    LINEAR = "linear"
    MIXED = "mixed"
    LEONTIEF = "leontief"


@dataclass(frozen=True)
class Exposure:
    """Chain, supply and scenarios of a zone, as the settings see them."""

    chain: Chain
    supply: Supply
    scenarios: Scenarios

    @classmethod
    def of(cls, zone: Zone, settings: PortfolioSettings) -> Exposure:
        """Read the exposure of a zone; without shares of supply there is no scenario."""
        chain = Chain.of(zone, settings.chain)
        home = settings.home or str(zone["zones"]["home"].first())
        supply = Supply.of(zone, home)
        return cls(chain, supply, Scenarios.of(zone, chain, supply, settings.withholding))

    def protection(
        self,
        cases: Sequence[Case],
        settings: PortfolioSettings,
        variant: Variant = Variant.MIXED,
    ) -> Protection:
        """Return what each case would protect, in a variant of the cascade.

        Parameters
        ----------
        cases : sequence of Case, length c
            Challenges with known relief.
        settings : PortfolioSettings
            How much of relief and of unknown supply counts.
        variant : Variant
            Which inputs are essential.
        """
        scenarios, chain = self.scenarios, self.chain
        extra = scenarios.withheld_high - scenarios.withheld
        withheld = scenarios.withheld + settings.unknown_withheld * extra
        essential = {
            Variant.LINEAR: np.zeros_like(chain.essential),
            Variant.MIXED: chain.essential,
            Variant.LEONTIEF: np.ones_like(chain.essential),
        }[variant]
        return Protection(
            chain.graph,
            essential,
            chain.final_value,
            scenarios.weights,
            replace(scenarios, withheld=withheld).own(),
            np.array([chain.index[case.technology] for case in cases], dtype=np.int64),
            settings.relief_factor * np.array([case.relief for case in cases], dtype=np.float64),
        )


def odds(cases: Sequence[Case], settings: PortfolioSettings) -> NDArray[np.float64]:
    """Return the probability of success on every draw of years, shape (D, c).

    Parameters
    ----------
    cases : sequence of Case, length c
        Challenges whose odds are known (:attr:`Case.has_odds`).
    settings : PortfolioSettings
        Assumptions, draws and seed.
    """
    low = np.array([case.years_low for case in cases], dtype=np.float64)
    high = np.array([case.years_high for case in cases], dtype=np.float64)
    if settings.years_position is None:
        names = [case.technology for case in cases]
        years = draw_years(low, high, names, seed=settings.seed, n_draws=settings.n_draws)
    else:
        fixed = low + settings.years_position * (high - low)
        years = np.broadcast_to(fixed, (settings.n_draws, len(cases)))
    effective = effective_years(
        [case.team for case in cases],
        np.array([case.years for case in cases], dtype=np.float64),
        eta=settings.eta,
        kappa=settings.kappa,
        position=settings.level_position,
        correlation=settings.race_correlation,
    )
    return success_probability(effective, years)


@dataclass(frozen=True)
class SetValue:
    """Values of sets of challenges on common draws.

    Attributes
    ----------
    protection : Protection
        What success protects.
    successes : ndarray of bool, shape (D, c)
        Which challenges succeed on each draw, if funded.
    """

    protection: Protection
    successes: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        exposure: Exposure,
        cases: Sequence[Case],
        settings: PortfolioSettings,
        variant: Variant = Variant.MIXED,
    ) -> SetValue:
        """Draw years and luck for the cases, all of them candidates."""
        luck = draw_luck(
            [case.challenge for case in cases], seed=settings.seed, n_draws=settings.n_draws
        )
        protection = exposure.protection(cases, settings, variant)
        return cls(protection, luck < odds(cases, settings))

    @property
    def n_challenges(self) -> int:
        """Number of challenges c."""
        return int(self.successes.shape[1])

    @property
    def loss_before(self) -> float:
        """Expected loss without any success, as a share of final output."""
        protection = self.protection
        return float(protection.weights @ protection.losses_before @ protection.final_share)

    @cached_property
    def moves(self) -> Moves:
        """What changes when a few challenges are added or dropped, on the same draws."""
        return Moves.of(self.protection, self.successes)

    def on_draws(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what a set avoids on every draw, shape (D,)."""
        patterns, inverse = distinct_rows(self.successes & chosen)
        return self.protection.avoided(patterns)[inverse]

    def of_sets(self, sets: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the value of many sets, rows of shape (q, c), on the same draws."""
        values = np.empty(len(sets))
        step = max(1, _CHUNK // max(1, self.successes.size))
        for first in range(0, len(sets), step):
            part = sets[first : first + step]
            rows = (part[:, None, :] & self.successes).reshape(-1, self.n_challenges)
            patterns, inverse = distinct_rows(rows)
            avoided = self.protection.avoided(patterns)[inverse]
            values[first : first + step] = avoided.reshape(len(part), -1).mean(axis=1)
        return values

    def table(self) -> NDArray[np.float64]:
        """Return what every set of *successes* avoids, shape (2^c,), indexed by mask."""
        return self.protection.avoided(all_subsets(self.n_challenges))

    def part(self, positions: NDArray[np.intp]) -> SetValue:
        """Return the values of sets of some of the challenges only."""
        protection = replace(
            self.protection,
            technology=self.protection.technology[positions],
            relief=self.protection.relief[positions],
        )
        return SetValue(protection, self.successes[:, positions])


def standard_error(on_draws: NDArray[np.float64]) -> float:
    """Return the standard error of the mean over draws; 0 with fewer than two."""
    n = len(on_draws)
    return float(on_draws.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0
