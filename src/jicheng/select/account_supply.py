"""Account of what shares say: vulnerability, concentration, evidence."""

from __future__ import annotations

import numpy as np

from jicheng.errors import Text
from jicheng.select.analysis import Analysis
from jicheng.select.evidence import GRADES, NO_GRADE
from jicheng.select.figure import Figure, Row, figure
from jicheng.select.trace import Subject
from jicheng.select.wording import say
from jicheng.supply import Shares

__all__ = ["concentration_account", "evidence_account", "vulnerability_account"]


def vulnerability_account(subject: Subject, row: Row) -> Figure:
    """Account for V and its interval."""
    analysis, k = subject.analysis, subject.k
    supply, v, factors = analysis.supply, analysis.vulnerability, analysis.factors
    steps = [
        say("v_exposure", basis=say(f"basis_{name}"), h=h[k], **_contributions(analysis, k, shares))
        for name, shares, h in (
            ("world", supply.world, v.world),
            ("sourcing", supply.sourcing, v.sourcing),
        )
        if shares.has_shares[k]
    ]
    if row["vulnerability"] is not None:
        steps.append(
            say(
                "v_result",
                v=row["vulnerability"],
                low=row["vulnerability_low"],
                high=row["vulnerability_high"],
                relief=factors.relief[k],
                si=factors.substitutability[k],
                lowest=v.low[k],
                highest=v.high[k],
            )
        )
    return figure(
        ("vulnerability", "vulnerability_low", "vulnerability_high"),
        row,
        "v_formula",
        steps=tuple(steps),
        rows=subject.world
        + subject.sourcing
        + subject.restrictions
        + subject.stated("second_source", "substitutability", "import_reliance"),
        assumptions=_assumed_factors(analysis, k),
    )


def _contributions(analysis: Analysis, k: int, shares: Shares) -> dict[str, object]:
    """Return what each country puts into H, the largest share first."""
    w, countries = analysis.withholding, analysis.supply.countries
    parts = []
    for j in np.argsort(-shares.known[k], kind="stable"):
        share = f"{countries[j]} {shares.known[k, j]:.1%}"
        if shares.known[k, j] <= 0:
            continue
        if j == w.home_index:
            parts.append(f"{share} × 0")
            continue
        told = f"{share} ∈ S" if w.coalition[k, j] else f"{share}² × {w.risk[k, j]:.3g}"
        parts.append(told if w.trade[k, j] == 1.0 else f"{told} × {w.trade[k, j]:g}")
    return {
        "parts": ", ".join(parts) or "-",
        "aggregate": shares.atomistic[k],
        "unexplained": shares.unknown[k],
    }


def _assumed_factors(analysis: Analysis, k: int) -> tuple[Text, ...]:
    row = analysis.zone["technologies"].row(k, named=True)
    supply, w, settings = analysis.supply, analysis.withholding, analysis.settings
    has_world, has_sourcing = supply.world.has_shares[k], supply.sourcing.has_shares[k]
    listed = supply.world.listed[k] | supply.sourcing.listed[k]
    missing = [supply.countries[j] for j in np.flatnonzero(w.is_assumed[k] & listed)]
    found = []
    if row["second_source"] is None:
        found.append(say("no_relief"))
    if row["substitutability"] is None:
        found.append(say("no_substitutability"))
    if has_world and not has_sourcing:
        found.append(say("no_sourcing"))
    if has_sourcing and not has_world:
        found.append(say("no_world"))
    if analysis.factors.reliance_assumed[k]:
        found.append(say("no_reliance", value=settings.import_reliance_if_unknown))
    if missing:
        found.append(
            say(
                "no_risk",
                countries=", ".join(missing),
                value=settings.risk_if_unknown,
                top=w.risk_top[k],
            )
        )
    return tuple(found)


def concentration_account(subject: Subject, row: Row) -> Figure:
    """Account for HHI, leader, home's share and what is unexplained."""
    analysis, k = subject.analysis, subject.k
    columns = (
        "hhi", "hhi_low", "hhi_high", "leader", "leader_share", "home_share", "unknown_share",
        "n_suppliers", "share_system", "is_monopoly",
    )  # fmt: skip
    steps = []
    if row["hhi"] is not None:
        steps.append(
            say(
                "hhi_result",
                leader=row["leader"] or "-",
                share=row["leader_share"] or 0.0,
                unexplained=row["unknown_share"],
                low=row["hhi_low"],
                high=row["hhi_high"],
                limit=analysis.settings.monopoly_share,
            )
        )
    rows = subject.world if analysis.supply.world.has_shares[k] else subject.sourcing
    return figure(columns, row, "hhi_formula", steps=tuple(steps), rows=rows)


def evidence_account(subject: Subject, row: Row) -> Figure:
    """Account for the grade of evidence."""
    analysis, k = subject.analysis, subject.k
    steps = [
        say(
            "evidence_result",
            basis=say(f"basis_{name}"),
            year=int(shares.period[k]) or "-",
            period=analysis.period,
            known=1.0 - shares.unknown[k],
            n=int(shares.n_suppliers[k]),
            grade=GRADES[grades[k]],
        )
        for name, shares, grades in (
            ("world", analysis.supply.world, analysis.grade_world),
            ("sourcing", analysis.supply.sourcing, analysis.grade_sourcing),
        )
        if grades[k] != NO_GRADE
    ]
    if analysis.chain.is_category[k]:
        steps.append(say("evidence_category"))
    return figure(
        ("evidence", "newest_period"),
        row,
        "evidence_formula",
        steps=tuple(steps),
        rows=subject.world + subject.sourcing + subject.period,
    )
