"""What is assumed when a portfolio is chosen; every default is printed in the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from jicheng.chain import ChainSettings
from jicheng.errors import InvalidInput, fault
from jicheng.scenarios import WithholdingSettings

__all__ = ["COST_SHAPES", "PortfolioSettings", "check_settings"]


@dataclass(frozen=True, slots=True)
class PortfolioSettings:
    """Assumptions, draws and limits of the portfolio.

    Attributes
    ----------
    eta : float
        Exponent of what the consortium can do (G) in the hazard of success.
    kappa : float
        Share of the hazard lost to coordination by each member after the first.
    funded_years : float
        Funded years of a challenge that states none.
    use_r_fold_level : bool
        Whether a capability counts with the r-th best level among the members, r the
        challenge's r-fold coverage, instead of the best: the robust value.
    years_position, level_position : float, optional
        Where in its interval every median time, or level, lies: 0 = low end, 1 = high
        end. None draws the time uniformly, and takes the stated level.
    relief_factor : float
        Share of the stated relief that is counted on.
    unknown_withheld : float
        Share of the unknown mass of supply that counts as withheld.
    chain, withholding
        Assumptions about arrows, and families of scenarios.
    home : str
        Country from which exposure is judged; empty = home of the first zone.
    n_draws, seed : int
        Common draws of years and of success, and their seed.
    enumerate_up_to : int
        Largest number of challenges of which all sets are evaluated.
    search_rounds : int
        Most rounds of each local search beyond that number (deterministic).
    bound_rounds : int
        Most rounds of the integer program beyond that number (deterministic).
    bound_work, front_work : float
        Most work of the integer programs of the plan, and of every other choice that
        only serves a comparison: millions of (nodes + 100) times columns times rows.
    deadline_s : float
        Safety net of one solve [s of wall clock]; what it ends is told as not repeatable.
    gap : float
        Relative gap at which the integer program stops.
    front_low, front_high : float
        First and last budget of the front, as a multiple of the purses.
    front_points : int
        Number of budgets of the front.
    race_correlation : float
        Share of each team's chances that parallel teams have in common until the first
        gate: 0 = independent, 1 = a further team adds nothing.
    gate_pass : float
        Chance that a challenge passes a gate; only expected spending rests on it.
    latest_start : int
        Most years by which a challenge may start after the first year of the money.
    protected_overruns : float
        How many challenges may reach their high cost at once without the purses
        falling short (Gamma); 0 = costs are taken as they are.
    overrun_gammas : tuple of float
        Further protections for which the plan shows value against risk.
    cost_shape : str
        How costs are drawn between low and high: ``triangular`` or ``uniform``.
    cost_correlation : float
        Correlation of overruns between challenges (one factor, normal copula).
    cost_draws : int
        Draws of the costs.
    priced_overrides : int
        Most decisions and conditions whose price is found, each by choosing anew.
    joined_rounds : int
        Most rounds in which consortia are formed anew by what their challenges are worth
        to the portfolio; 0 = they are formed with equal points.
    points_per_share : float, optional
        Points of a consortium for avoiding the loss of the whole final output. None = as
        many as make a challenge worth ``staffing_points`` on average.
    money_change : float
        By which share purses are enlarged to tell what more money is worth; 0 = not told.
    decisions, reasons : mapping of str to str
        Challenge id to ``mandatory`` or ``excluded``, and why; beats the zone's table.
    """

    eta: float = 2.0
    kappa: float = 0.02
    funded_years: float = 5.0
    use_r_fold_level: bool = False
    years_position: float | None = None
    level_position: float | None = None
    relief_factor: float = 1.0
    unknown_withheld: float = 0.0
    chain: ChainSettings = field(default_factory=ChainSettings)
    withholding: WithholdingSettings = field(default_factory=WithholdingSettings)
    home: str = ""
    n_draws: int = 1000
    seed: int = 1
    enumerate_up_to: int = 15
    search_rounds: int = 40
    bound_rounds: int = 60
    bound_work: float = 150.0
    front_work: float = 5.0
    deadline_s: float = 120.0
    gap: float = 1e-4
    front_low: float = 0.5
    front_high: float = 1.5
    front_points: int = 11
    race_correlation: float = 0.5
    gate_pass: float = 0.7
    latest_start: int = 2
    protected_overruns: float = 0.0
    overrun_gammas: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0)
    cost_shape: str = "triangular"
    cost_correlation: float = 0.3
    cost_draws: int = 10_000
    priced_overrides: int = 20
    joined_rounds: int = 4
    points_per_share: float | None = None
    money_change: float = 0.05
    decisions: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


_RANGES: dict[str, tuple[float, float]] = {
    "eta": (0.0, math.inf),
    "kappa": (0.0, 1.0),
    "funded_years": (0.0, math.inf),
    "years_position": (0.0, 1.0),
    "level_position": (0.0, 1.0),
    "relief_factor": (0.0, 1.0),
    "unknown_withheld": (0.0, 1.0),
    "n_draws": (1, math.inf),
    "seed": (0, math.inf),
    "enumerate_up_to": (0, 20),
    "search_rounds": (0, math.inf),
    "bound_rounds": (1, math.inf),
    "bound_work": (0.0, math.inf),
    "front_work": (0.0, math.inf),
    "deadline_s": (0.0, math.inf),
    "gap": (0.0, 1.0),
    "front_low": (0.0, math.inf),
    "front_high": (0.0, math.inf),
    "front_points": (0, 101),
    "race_correlation": (0.0, 1.0),
    "gate_pass": (0.0, 1.0),
    "latest_start": (0, 20),
    "protected_overruns": (0.0, math.inf),
    "cost_correlation": (0.0, 1.0),
    "cost_draws": (2, 10_000_000),
    "priced_overrides": (0, math.inf),
    "joined_rounds": (0, 100),
    "points_per_share": (0.0, math.inf),
    "money_change": (0.0, 10.0),
}
COST_SHAPES = ("triangular", "uniform")
_WEIGHTS = ("weight_single", "weight_country", "weight_coalition")


def check_settings(settings: PortfolioSettings) -> None:
    """Refuse settings outside their legal ranges.

    Raises
    ------
    InvalidInput
        E413 with every number outside its range, weights that do not sum to a positive
        number, and decisions other than ``mandatory`` and ``excluded``.
    """
    wrong: list[tuple[str, object, str]] = [
        (name, value, f"[{low:g}, {high:g}]")
        for name, (low, high) in _RANGES.items()
        if (value := getattr(settings, name)) is not None and not low <= value <= high
    ]
    weights = [getattr(settings.withholding, name) for name in _WEIGHTS]
    if min(weights) < 0 or not sum(weights) > 0:
        wrong.append((" + ".join(_WEIGHTS), sum(weights), "> 0"))
    wrong += [
        ("overrun_gammas", gamma, "[0, inf]") for gamma in settings.overrun_gammas if not gamma >= 0
    ]
    if settings.cost_shape not in COST_SHAPES:
        wrong.append(("cost_shape", settings.cost_shape, ", ".join(COST_SHAPES)))
    wrong += [
        (f"decisions.{challenge}", decision, "mandatory, excluded")
        for challenge, decision in sorted(settings.decisions.items())
        if decision not in ("mandatory", "excluded")
    ]
    if wrong:
        raise InvalidInput(
            fault("E413", name=name, value=value, range=legal) for name, value, legal in wrong
        )
