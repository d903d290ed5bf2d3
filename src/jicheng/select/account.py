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
from jicheng.select.trace import (
    holding_rows,
    link_rows,
    need_rows,
    restriction_rows,
    supply_rows,
    technology_row,
)
from jicheng.select.wording import say

__all__ = ["figures"]


def figures(analysis: Analysis, row: Row, k: int) -> tuple[Figure, ...]:
    """Return the account of every figure of technology k, whose row of the table is given."""
    return tuple(make(analysis, row, k) for make in _ACCOUNTS)


def _probability(analysis: Analysis, row: Row, k: int) -> Figure:
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
        rows=supply_rows(analysis, k, "world", analysis.home)
        + (restriction_rows(analysis, k) if by_risk else ())
        + link_rows(analysis, k),
    )


def _rank(analysis: Analysis, row: Row, k: int) -> Figure:
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


def _years(analysis: Analysis, row: Row, k: int) -> Figure:
    stated = analysis.zone["technologies"].row(k, named=True)
    one_end = (stated["years_low"] is None) != (stated["years_high"] is None)
    steps = []
    if row["years_low"] is not None:
        steps.append(say("years_result", low=row["years_low"], high=row["years_high"]))
    return figure(
        ("years_low", "years_high"),
        row,
        "years_formula",
        steps=tuple(steps),
        rows=technology_row(analysis, k, "years_low", "years_high"),
        assumptions=(say("years_one_end"),) if one_end else (),
    )


def _needs(analysis: Analysis, row: Row, k: int) -> Figure:
    needs = analysis.difficulty.needs.filter(technology=analysis.chain.technologies[k])
    near = analysis.relatedness.capabilities.select("capability", "density")
    steps = []
    for capability, level, in_reach, in_zone, question, density in (
        needs.join(near, on="capability", how="left", maintain_order="left")
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
        rows=need_rows(analysis, k) + holding_rows(analysis, k),
    )


def _priority(analysis: Analysis, row: Row, k: int) -> Figure:
    state = {True: "priority_yes", False: "priority_no", None: "priority_apart"}
    return figure(
        ("is_priority",), row, "priority_formula", steps=(say(state[analysis.is_priority[k]]),)
    )


_ACCOUNTS: tuple[Callable[[Analysis, Row, int], Figure], ...] = (
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
