"""An account of every figure of one technology: formula, numbers, rows, assumptions."""

from __future__ import annotations

from collections.abc import Callable

from jicheng.select.account_chain import full_account, impact_account, upstream_account
from jicheng.select.account_supply import (
    concentration_account,
    evidence_account,
    vulnerability_account,
)
from jicheng.select.analysis import Analysis
from jicheng.select.figure import Figure, Row, figure
from jicheng.select.scenario import Family
from jicheng.select.trace import Subject
from jicheng.select.wording import say

__all__ = ["figures"]


def figures(analysis: Analysis, row: Row, k: int) -> tuple[Figure, ...]:
    """Return the account of every figure of technology k, whose row of the table is given."""
    subject = Subject(analysis, k)
    return tuple(make(subject, row) for make in _ACCOUNTS)


def _probability(subject: Subject, row: Row) -> Figure:
    analysis, k = subject.analysis, subject.k
    scenario, settings, found = analysis.scenario, analysis.settings, analysis.found
    steps = [
        say(
            "p_thresholds",
            v=scenario.threshold_vulnerability,
            i=scenario.threshold_impact,
            provenance=scenario.provenance,
        )
    ]
    if row["p_chokepoint"] is not None:
        steps.append(
            say(
                "p_result",
                n=settings.n_draws,
                seed=settings.seed,
                mixed=row["p_chokepoint"],
                linear=row["p_linear"],
                leontief=row["p_leontief"],
                spread=found.spread[k],
                one_hand=found.one_hand[k],
                best=found.best[k],
                worst=found.worst[k],
            )
        )
    by_risk = scenario.family is not Family.ALL_FOREIGN
    return figure(
        ("p_chokepoint", "p_linear", "p_leontief"),
        row,
        "p_formula",
        steps=tuple(steps),
        rows=subject.world
        + subject.sourcing
        + (subject.restrictions if by_risk else ())
        + subject.links,
    )


def _rank(subject: Subject, row: Row) -> Figure:
    analysis = subject.analysis
    ranked = (analysis.ranks.point > 0) & ~analysis.chain.is_category
    steps = []
    if row["rank"] is not None:
        steps.append(
            say(
                "rank_result",
                rank=row["rank"],
                low=row["rank_low"],
                high=row["rank_high"],
                count=int(ranked.sum()),
            )
        )
    return figure(("rank", "rank_low", "rank_high"), row, "rank_formula", steps=tuple(steps))


def _years(subject: Subject, row: Row) -> Figure:
    stated = subject.analysis.zone["technologies"].row(subject.k, named=True)
    one_end = (stated["years_low"] is None) != (stated["years_high"] is None)
    steps = []
    if row["years_low"] is not None:
        steps.append(say("years_result", low=row["years_low"], high=row["years_high"]))
    return figure(
        ("years_low", "years_high"),
        row,
        "years_formula",
        steps=tuple(steps),
        rows=subject.stated("years_low", "years_high"),
        assumptions=(say("years_one_end"),) if one_end else (),
    )


def _needs(subject: Subject, row: Row) -> Figure:
    near = subject.analysis.relatedness.capabilities.select("capability", "density")
    steps = []
    for capability, level, in_reach, in_zone, question, density in (
        subject.matched.join(near, on="capability", how="left", maintain_order="left")
        .select("capability", "level", "is_in_reach", "is_in_zone", "is_open_question", "density")
        .iter_rows()
    ):
        states = {"in_zone": in_zone, "in_reach": in_reach, "question": question, "open": True}
        state = next(name for name, holds in states.items() if holds)
        needed = "" if level is None else f" ≥ {level:g}"
        told = say("need", capability=capability, level=needed, state=say(f"need_{state}"))
        if not in_zone and density is not None:
            told = say("need_density", need=told, density=density)
        steps.append(told)
    return figure(
        ("n_needs", "n_needs_open", "relatedness"),
        row,
        "needs_formula",
        steps=tuple(steps),
        rows=subject.needs + subject.holdings,
    )


def _priority(subject: Subject, row: Row) -> Figure:
    is_priority = subject.analysis.is_priority[subject.k]
    state = {True: "priority_yes", False: "priority_no", None: "priority_apart"}
    return figure(("is_priority",), row, "priority_formula", steps=(say(state[is_priority]),))


_ACCOUNTS: tuple[Callable[[Subject, Row], Figure], ...] = (
    _probability,
    vulnerability_account,
    impact_account,
    full_account,
    concentration_account,
    evidence_account,
    _rank,
    _years,
    _needs,
    upstream_account,
    _priority,
)
