"""Account of what the chain says: impact, full impact, unscored inputs."""

from __future__ import annotations

import numpy as np

from jicheng.errors import Text
from jicheng.select.analysis import Analysis
from jicheng.select.figure import Figure, Row, figure
from jicheng.select.paths import told_path
from jicheng.select.trace import SourceRow, link_rows, supply_rows, technology_row
from jicheng.select.wording import say

__all__ = ["full_account", "impact_account", "upstream_account"]


def impact_account(analysis: Analysis, row: Row, k: int) -> Figure:
    """Account for the impact under the scenario, in three variants."""
    stopped, impact = analysis.stopped, analysis.impact
    has_sourcing = analysis.supply.sourcing.has_shares[k]
    steps = []
    if analysis.supply.has_shares[k]:
        steps.append(
            say("i_withheld", point=stopped.point[k], low=stopped.low[k], high=stopped.high[k])
        )
    if row["impact_mixed"] is not None:
        steps.append(
            say(
                "i_result",
                linear=row["impact_linear"],
                mixed=row["impact_mixed"],
                leontief=row["impact_leontief"],
                low=row["impact_low"],
                high=row["impact_high"],
                lowest=impact.low[k],
                highest=impact.high[k],
            )
        )
    return figure(
        ("impact_mixed", "impact_linear", "impact_leontief", "impact_low", "impact_high"),
        row,
        "i_formula",
        steps=tuple(steps),
        rows=supply_rows(analysis, k, analysis.home if has_sourcing else "world")
        + technology_row(analysis, k, "second_source")
        + link_rows(analysis, k)
        + _final_rows(analysis, k),
        assumptions=_assumed_arrows(analysis, k),
    )


def full_account(analysis: Analysis, row: Row, k: int) -> Figure:
    """Account for the impact if nothing of the technology is left."""
    steps = []
    if row["impact_full"] is not None:
        impact = analysis.impact
        steps = [
            told_path(analysis, k),
            say(
                "full_result",
                full=row["impact_full"],
                low=impact.full_low[k],
                high=impact.full_high[k],
            ),
        ]
    return figure(
        ("impact_full",),
        row,
        "full_formula",
        steps=tuple(steps),
        rows=link_rows(analysis, k) + _final_rows(analysis, k),
        assumptions=_assumed_arrows(analysis, k),
    )


def upstream_account(analysis: Analysis, row: Row, k: int) -> Figure:
    """Account for technologies without shares upstream."""
    chain = analysis.chain
    unscored = [
        chain.technologies[j]
        for j in sorted(chain.ancestors[k])
        if not analysis.supply.has_shares[j] and not chain.is_category[j]
    ]
    return figure(
        ("depends_on_unscored",),
        row,
        "upstream_formula",
        steps=(say("upstream_result", names=", ".join(unscored) or "-"),),
    )


def _final_rows(analysis: Analysis, k: int) -> tuple[SourceRow, ...]:
    chain = analysis.chain
    start = np.arange(len(chain.technologies)) == k
    finals = np.flatnonzero((chain.final_value > 0) & (chain.has_upstream(start) | start))
    return tuple(row for f in finals for row in technology_row(analysis, int(f), "final_value"))


def _assumed_arrows(analysis: Analysis, k: int) -> tuple[Text, ...]:
    arrows = [dict(row.key) | dict(row.values) for row in link_rows(analysis, k)]
    inputs = [arrow for arrow in arrows if arrow["relation"] == "input"]
    unknown = [arrow for arrow in inputs if arrow["essentiality"] is None]
    unweighed = analysis.chain.members_unweighed
    categories = {
        str(arrow["target"])
        for arrow in arrows
        if arrow["relation"] == "category" and unweighed[analysis.chain.index[arrow["target"]]]
    }
    found = []
    if unknown:
        chance = analysis.settings.probability_essential
        found.append(say("no_essentiality", inputs=len(inputs), n=len(unknown), probability=chance))
    if categories:
        found.append(say("no_members", names=", ".join(sorted(categories))))
    if analysis.chain.final_assumed:
        found.append(say("no_finals"))
    return tuple(found)
