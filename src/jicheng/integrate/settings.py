"""What is assumed when challenges and consortia are formed; the report prints all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jicheng.integrate.shared.locks import Locks

__all__ = ["ChallengeSettings", "ConsortiumSettings", "Method"]


class Method(StrEnum):
    """How the best consortium is proved: one of two independent exact methods."""

    BRANCH = "branch"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class ChallengeSettings:
    """From which technologies challenges are formed, and what an unstated rule is.

    Attributes
    ----------
    verdicts : tuple of str
        Verdicts of the chokepoint analysis that lead to a challenge.
    include_priority_watch : bool
        Whether technologies to watch that are on the priority front lead to one too.
    years : float
        Funded years of a challenge that states none.
    r_fold, member_limit : int
        Holders of each capability and most members, for challenges that the zone's
        table does not list.
    lead_kinds : tuple of str
        Kinds of organisation that may lead where the call does not say.
    """

    verdicts: tuple[str, ...] = ("chokepoint",)
    include_priority_watch: bool = False
    years: float = 5.0
    r_fold: int = 1
    member_limit: int = 8
    lead_kinds: tuple[str, ...] = ("firm",)


@dataclass(frozen=True, slots=True)
class ConsortiumSettings:
    """Value and rules of a consortium, and limits of the search.

    Attributes
    ----------
    quality_weight : float
        Points for one unit of level of a capability of average weight (alpha).
    tie_weight, tie_limit : float
        Points for a tie of strength 1 between two members (gamma), and the strength
        at which ties between two organisations count in full.
    distance_weight : float
        Points lost per kilometre between a member and the lead (beta).
    points_per_wan : float
        Price of cost in points per 10,000 of the currency.
    unknown_distance_km, unknown_in_zone_km : float
        Distance that is counted where a position is unknown, and between two of the zone.
    tie_kinds : tuple of str
        Kinds of ties that count. Sites count as distance; ownership is no synergy.
    member_kinds, research_kinds : tuple of str
        Kinds that may be members, and that count as institute or university.
    needs_research : bool
        Whether a consortium must have one of the research kinds.
    allow_outside, allow_abroad, lead_in_zone : bool
        Whether organisations outside the zone may be members, also from abroad, and
        whether the lead must be in the zone.
    members_reach_level : bool
        Whether every member must hold a needed capability at its level for certain;
        otherwise holding one at any level, even an unknown one, is enough to join.
    needs_source : bool
        Whether a holding without evidence and source counts as open, whatever its level.
    share_capacity : bool
        Whether an organisation works in no more consortia than its capacity; otherwise
        each challenge is staffed as if it were alone.
    staffing_points : float
        Points of staffing a challenge at all. Where organisations are scarce a challenge
        stays without a consortium only if that wins the others more than this.
    sharing_rounds : int
        Most rounds in which the teams of competing challenges are looked for anew.
    sharing_work_limit : float
        Most work of all these rounds [millions of elementary operations].
    locks : Locks
        Who must or must not take part, as people decided.
    method : Method
        ``branch`` (branch and bound) or ``program`` (integer programs).
    work_limit : float
        Most work of one challenge in ``branch`` [millions of elementary operations].
    node_limit : int
        Most nodes of one integer program.
    deadline_s, memory_mb : float, int
        Safety net of one integer program; an answer cut by it is reported.
    """

    quality_weight: float = 6.0
    tie_weight: float = 1.5
    tie_limit: float = 2.0
    distance_weight: float = 0.05
    points_per_wan: float = 0.05
    unknown_distance_km: float = 100.0
    unknown_in_zone_km: float = 10.0
    tie_kinds: tuple[str, ...] = ("co_patent", "co_author", "project", "supply")
    member_kinds: tuple[str, ...] = ("firm", "university", "institute", "platform")
    research_kinds: tuple[str, ...] = ("institute", "university")
    needs_research: bool = True
    allow_outside: bool = True
    allow_abroad: bool = False
    lead_in_zone: bool = True
    members_reach_level: bool = True
    needs_source: bool = True
    share_capacity: bool = True
    staffing_points: float = 100.0
    sharing_rounds: int = 40
    sharing_work_limit: float = 2000.0
    locks: Locks = field(default_factory=Locks)
    method: Method = Method.BRANCH
    work_limit: float = 1000.0
    node_limit: int = 2000
    deadline_s: float = 60.0
    memory_mb: int = 2048
