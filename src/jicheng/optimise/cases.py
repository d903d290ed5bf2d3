"""The case of every challenge: what the portfolio knows of it, and what it lacks.

A challenge is a candidate only if everything that its value and its cost rest on is
known. What is missing is told with the remedy; it is never counted as zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from jicheng.chain import Chain
from jicheng.errors import Fault, Text, Where, fault
from jicheng.optimise.milestones import WHOLE, Stages, read_stages
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.success import Team, read_teams
from jicheng.supply import Supply
from jicheng.zone import Zone

__all__ = ["Case", "read_cases"]

_NOT_TOLD = "见联合体表 / see the table of consortia"


@dataclass(frozen=True, slots=True)
class Case:
    """One challenge as the portfolio sees it; nan = unknown.

    Attributes
    ----------
    challenge, technology, name, name_en : str
        What it is about.
    cost : float
        Middle of its low and high cost [wan]. The members' costs of taking part are a
        matter of choosing *who*; money counts here, once.
    years : float
        Funded years.
    relief : float
        Share of the need that success replaces.
    years_low, years_high : float
        Median years of a capable, funded team.
    team : Team
        Its consortium.
    purses : str
        Purses that may pay, joined by ``;``; empty = all.
    decision : str
        ``mandatory``, ``excluded`` or empty.
    decided_because : str
        Reason of the person who decided.
    obstacles : tuple of Fault
        Why it is no candidate; empty if it is one.
    overrun : float
        Share of the cost by which the high cost exceeds it; nan where it is unknown.
    stages : Stages
        When its money is needed, and its gates.
    parallel_teams : int
        Most teams that may be funded to the first gate.
    n_teams : int
        Teams that are funded to the first gate; ``cost`` and ``team`` are of all.
    """

    challenge: str
    technology: str
    name: str
    name_en: str
    cost: float
    years: float
    relief: float
    years_low: float
    years_high: float
    team: Team
    purses: str
    decision: str
    decided_because: str
    obstacles: tuple[Fault, ...]
    overrun: float = 0.0
    stages: Stages = WHOLE
    parallel_teams: int = 1
    n_teams: int = 1

    @property
    def is_candidate(self) -> bool:
        """Whether nothing is missing."""
        return not self.obstacles

    @property
    def has_odds(self) -> bool:
        """Whether its chance of success can be told."""
        known = (self.years, self.years_low, self.years_high)
        has_team = self.team.n_members > 0 and bool(self.team.levels) and not self.team.unknown
        return has_team and not any(math.isnan(value) for value in known)


def read_cases(
    zone: Zone,
    challenges: pl.DataFrame,
    consortia: pl.DataFrame,
    members: pl.DataFrame,
    assignment: pl.DataFrame,
    *,
    chain: Chain,
    supply: Supply,
    settings: PortfolioSettings,
) -> tuple[Case, ...]:
    """Return the case of every challenge, sorted by id.

    Parameters
    ----------
    zone : Zone
        ``needs``, ``technologies`` and ``milestones`` are read.
    challenges, consortia, members, assignment : polars.DataFrame
        Plan tables of these names; of the consortia the reason is read why there is
        none.
    chain, supply
        Tell whether the technology's exposure is known.
    settings : PortfolioSettings
        Assumptions, and decisions that beat those of the table.
    """
    teams = read_teams(
        zone, challenges, members, assignment, use_r_fold_level=settings.use_r_fold_level
    )
    years = zone["technologies"].select(pl.col("id").alias("technology"), "years_low", "years_high")
    alone = consortia.select("challenge", pl.col("reason").alias("alone_because"))
    rows = (
        challenges.join(years, on="technology", how="left")
        .join(alone, on="challenge", how="left")
        .sort("challenge")
    )
    view = _ChainView.of(chain, supply)
    cases = tuple(
        _case(row, teams[row["challenge"]], view, settings) for row in rows.iter_rows(named=True)
    )
    stages = read_stages(zone, {case.challenge: case.years for case in cases})
    return tuple(replace(case, stages=stages.get(case.challenge, WHOLE)) for case in cases)


@dataclass(frozen=True, slots=True)
class _ChainView:
    """Technologies whose exposure is unknown, and why."""

    unscored: frozenset[str]
    told_by_members: frozenset[str]
    dead_ends: frozenset[str]

    @classmethod
    def of(cls, chain: Chain, supply: Supply) -> _ChainView:
        told = np.zeros(len(chain.technologies), dtype=np.bool_)
        for k in chain.graph.order.tolist():
            told[k] = any(supply.has_shares[m] or told[m] for m in chain.members_of(k))
        unscored = ~supply.has_shares & ~told
        return cls(
            *(
                frozenset(
                    name for name, is_so in zip(chain.technologies, mask, strict=True) if is_so
                )
                for mask in (unscored.tolist(), told.tolist(), (~chain.leads_to_final).tolist())
            )
        )

    def obstacles(self, technology: str) -> Iterator[str]:
        """Yield the codes of what hides the exposure of a technology."""
        if technology in self.told_by_members:
            yield "E428"
        elif technology in self.unscored:
            yield "E427"
        if technology in self.dead_ends:
            yield "E429"


def _case(row: dict[str, Any], team: Team, view: _ChainView, settings: PortfolioSettings) -> Case:
    challenge = row["challenge"]
    decision, because = row["decision"] or "", row["reason"] or ""
    if row["readiness"] == "left_out":
        decision = "excluded"
    if challenge in settings.decisions:
        decision, because = settings.decisions[challenge], settings.reasons.get(challenge, "")
    cost = _middle(row["cost_low"], row["cost_high"])
    case = Case(
        challenge=challenge,
        technology=row["technology"] or "",
        name=row["name"] or "",
        name_en=row["name_en"] or "",
        cost=cost,
        years=_number(row["years"], settings.funded_years),
        relief=_number(row["relief"]),
        years_low=_number(row["years_low"]),
        years_high=_number(row["years_high"]),
        team=team,
        purses=row["purses"] or "",
        decision=decision,
        decided_because=because,
        obstacles=(),
        overrun=_number(row["cost_high"]) / cost - 1.0 if cost > 0 else 0.0,
        parallel_teams=row["parallel_teams"] or 1,
    )
    return replace(case, obstacles=tuple(_obstacles(case, view, row["alone_because"])))


def _obstacles(case: Case, view: _ChainView, alone_because: str | None) -> Iterator[Fault]:
    if math.isnan(case.cost):
        yield fault("E421", where=Where("challenges", column="cost_low"), id=case.challenge)
    if math.isnan(case.relief):
        yield fault("E422", where=Where("challenges", column="relief"), id=case.challenge)
    if math.isnan(case.years_low) or math.isnan(case.years_high):
        yield fault("E423", where=Where("technologies", column="years_low"), id=case.technology)
    if not case.team.capabilities:
        yield fault("E424", where=Where("needs"), id=case.technology)
    elif not case.team.n_members:
        zh, _, en = (alone_because or _NOT_TOLD).partition(" / ")
        yield fault("E425", where=Where("consortia"), reason=Text(zh, en or zh))
    elif case.team.unknown:
        names = ", ".join(case.team.unknown)
        yield fault("E426", where=Where("holdings", column="level"), capabilities=names)
    for code in view.obstacles(case.technology):
        yield fault(code, where=Where("supply"), id=case.technology)


def _number(value: float | None, default: float = math.nan) -> float:
    return default if value is None else float(value)


def _middle(low: float | None, high: float | None) -> float:
    return math.nan if low is None or high is None else (low + high) / 2
