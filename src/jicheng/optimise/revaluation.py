"""The value of a portfolio that was written down, from its tables alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from jicheng.optimise.cases import read_cases
from jicheng.optimise.race import options_of
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure, SetValue, Variant
from jicheng.zone import Zone

__all__ = ["value_of_funded"]


def value_of_funded(
    zone: Zone, tables: Mapping[str, pl.DataFrame], settings: PortfolioSettings
) -> dict[Variant, float]:
    """Return the loss that the funded challenges avoid, in every variant.

    Parameters
    ----------
    zone : Zone
        As for :func:`jicheng.optimise.portfolio.choose_portfolio`.
    tables : mapping of str to polars.DataFrame
        Plan tables ``challenges``, ``consortia``, ``members``, ``assignment`` and
        ``portfolio``: who is funded, and with how many teams.
    settings : PortfolioSettings
        Of the plan.

    Returns
    -------
    dict of Variant to float
        Share of one year's final output, on the draws of the settings. Nothing is chosen;
        funded challenges of unknown value count for nothing, as in the plan.
    """
    exposure = Exposure.of(zone, settings)
    cases = read_cases(
        zone, tables["challenges"], tables["consortia"], tables["members"], tables["assignment"],
        chain=exposure.chain, supply=exposure.supply, settings=settings,
    )  # fmt: skip
    rows = tables["portfolio"].filter("is_funded").select("challenge", pl.col("teams").fill_null(1))
    teams = dict(rows.iter_rows())
    funded = tuple(
        option
        for case in cases
        for option in options_of(case, {})
        if option.is_candidate and teams.get(option.challenge) == option.n_teams
    )
    everything = np.ones((1, len(funded)), dtype=np.bool_)
    return {
        variant: float(SetValue.of(exposure, funded, settings, variant).of_sets(everything)[0])
        for variant in Variant
    }
