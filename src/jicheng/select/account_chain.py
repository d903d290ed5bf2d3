"""Account of what the chain says: impact, full impact, unscored inputs."""

from __future__ import annotations

from jicheng.errors import Text
from jicheng.select.figure import Figure, Row, figure
from jicheng.select.paths import told_path
from jicheng.select.trace import Subject
from jicheng.select.wording import say

__all__ = ["full_account", "impact_account", "upstream_account"]


def impact_account(subject: Subject, row: Row) -> Figure:
    """Account for the impact under the scenario, in three variants."""
    analysis, k = subject.analysis, subject.k
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
        rows=(subject.sourcing if has_sourcing else subject.world)
        + subject.stated("second_source")
        + subject.links
        + subject.finals,
        assumptions=_assumed_arrows(subject),
    )


def full_account(subject: Subject, row: Row) -> Figure:
    """Account for the impact if nothing of the technology is left."""
    analysis, k = subject.analysis, subject.k
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
        rows=subject.links + subject.finals,
        assumptions=_assumed_arrows(subject),
    )


def upstream_account(subject: Subject, row: Row) -> Figure:
    """Account for technologies without shares upstream."""
    analysis, k = subject.analysis, subject.k
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


def _assumed_arrows(subject: Subject) -> tuple[Text, ...]:
    analysis = subject.analysis
    arrows = [dict(row.key) | dict(row.values) for row in subject.links]
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
