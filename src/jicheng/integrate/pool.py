"""The candidates of one challenge as a team problem: who may join, what each would add.

A candidate holds at least one needed capability at its level for certain: by the low
end of its interval, so that a consortium never claims what is open. A member who holds
nothing that is needed has no place in it; the settings may admit those who hold it
below the level or at an unknown one, though nothing counts as covered by them. Points:

    quality_weight * s * v_k * level      for capability k, of s, if among the r best
    + tie_weight * min(strength, tie_limit)   for each pair of members
    - distance_weight * km to the lead  -  points_per_wan * cost

With equal weights v_k = 1/s this is the value of the reference model; the value of the
challenge itself is no part of it, since who and which are two questions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from jicheng.integrate.coverage import Needs, reaches
from jicheng.integrate.holdings import Holdings, Levels
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.kernel.team_problem import TeamProblem, Ties, small_rule
from jicheng.zone import Zone

__all__ = ["Call", "Pool", "PoolSources", "Strengths"]

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Call:
    """The rules of one challenge, and what it needs."""

    challenge: str
    needs: Needs
    fold: int
    member_limit: int
    lead_kinds: tuple[str, ...]
    small_share: float


@dataclass(frozen=True, eq=False)
class Strengths:
    """Strength of the ties between organisations: each pair once, by place, ``a < b``."""

    a: Places
    b: Places
    strength: NDArray[np.float64]

    @classmethod
    def of(cls, zone: Zone, roster: Roster, settings: ConsortiumSettings) -> Strengths:
        """Read the ties of a zone.

        A tie given in both directions counts once, with the larger weight; kinds and
        the ties of an organisation's people add up, to ``tie_limit`` at most.
        """
        works_at = zone["people"].select("id", place="organisation")
        own = roster.table.select("id", place="id")
        at = pl.concat([own, works_at.filter(pl.col("place").is_not_null())])
        where = pl.DataFrame({
            "place": roster.table["id"],
            "i": pl.Series(range(roster.n), dtype=pl.Int64),
        })  # fmt: skip
        places = at.join(where, on="place", how="inner").select("id", "i")
        one, other = pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b")
        pairs = (
            zone["ties"]
            .filter(pl.col("kind").is_in(list(settings.tie_kinds)))
            .select("kind", pl.col("weight").fill_null(1.0), a=one, b=other)
            .group_by("kind", "a", "b")
            .agg(pl.col("weight").max())
            .join(places.rename({"id": "a", "i": "x"}), on="a", how="inner")
            .join(places.rename({"id": "b", "i": "y"}), on="b", how="inner")
            .filter(pl.col("x") != pl.col("y"))
            .with_columns(i=pl.min_horizontal("x", "y"), j=pl.max_horizontal("x", "y"))
            .sort("i", "j", "kind", "a", "b")
            .group_by("i", "j", maintain_order=True)
            .agg(pl.col("weight").sum().clip(0.0, settings.tie_limit))
        )  # fmt: skip
        return cls(
            pairs["i"].to_numpy().astype(np.intp),
            pairs["j"].to_numpy().astype(np.intp),
            pairs["weight"].to_numpy(),
        )

    def among(self, places: Places, n: int, weight: float) -> Ties:
        """Return the ties among some organisations (ascending) in points."""
        number = np.full(n, -1, dtype=np.int64)
        number[places] = np.arange(len(places))
        a, b = number[self.a], number[self.b]
        inside = (a >= 0) & (b >= 0)
        return Ties(a[inside], b[inside], weight * self.strength[inside])


@dataclass(frozen=True, eq=False)
class PoolSources:
    """Who there is in a zone, what they hold, and who knows whom."""

    roster: Roster
    holdings: Holdings
    strengths: Strengths

    @classmethod
    def of(cls, zone: Zone, settings: ConsortiumSettings) -> PoolSources:
        """Read them once for all challenges."""
        roster = Roster.of(zone, settings)
        holdings = Holdings.of(zone, roster, needs_source=settings.needs_source)
        return cls(roster, holdings, Strengths.of(zone, roster, settings))


@dataclass(frozen=True, eq=False)
class Pool:
    """Who could work on a challenge.

    Attributes
    ----------
    call : Call
        Its rules and needs.
    holders : ndarray of intp
        Places of all organisations that hold a needed capability, at whatever level.
    levels : Levels
        Of the holders.
    candidates : ndarray of intp
        Places of those who may be members and reach a needed level for certain (or
        hold a needed capability at all, if the settings allow it).
    problem : TeamProblem
        The team to form among the candidates, in points.
    unplaced : ndarray of intp
        Candidates whose position is unknown.
    """

    call: Call
    holders: Places
    levels: Levels
    candidates: Places
    problem: TeamProblem
    unplaced: Places

    @classmethod
    def of(
        cls,
        call: Call,
        sources: PoolSources,
        settings: ConsortiumSettings,
        *,
        signed: Places | None = None,
        admitted: Places | None = None,
    ) -> Pool:
        """Collect the candidates of a challenge.

        Parameters
        ----------
        call, sources, settings
            What the challenge asks, and who there is.
        signed : ndarray of intp, optional
            Members under contract, lead first: they alone are the candidates, whatever
            the rules say, and only the first may lead.
        admitted : ndarray of intp, optional
            Candidates besides, whatever they hold.
        """
        roster = sources.roster
        holders, levels = sources.holdings.levels(call.needs.capabilities)
        sure = reaches(levels.low, call.needs.level)
        kinds = np.isin(roster.kind, np.array(call.lead_kinds, dtype=np.str_))
        leads = roster.may_lead & kinds
        if signed is None:
            able = sure if settings.members_reach_level else levels.high > 0.0
            candidates = holders[roster.may_join[holders] & able.any(axis=1)]
            if admitted is not None:
                candidates = np.union1d(candidates, admitted).astype(np.intp)
        else:
            candidates = np.unique(signed)
            leads = np.zeros(roster.n, dtype=np.bool_)
            leads[signed[:1]] = True
        mine = levels.at(holders, candidates)
        holds = reaches(mine.low, call.needs.level)
        scale = settings.quality_weight * len(call.needs.weight) * call.needs.weight
        lead_at, distance, unplaced = _distances(candidates, leads[candidates], roster, settings)
        problem = TeamProblem(
            gain=np.where(holds, mine.counted, 0.0) * scale,
            holds=holds,
            price=settings.points_per_wan * roster.counted_cost_wan[candidates],
            distance=distance,
            lead_at=lead_at,
            is_research=roster.is_research[candidates],
            ties=sources.strengths.among(candidates, roster.n, settings.tie_weight),
            fold=call.fold,
            member_limit=call.member_limit,
            needs_research=settings.needs_research,
        )
        if call.small_share > 0.0:
            problem = problem.with_rules(small_rule(roster.is_small[candidates], call.small_share))
        return cls(call, holders, levels, candidates, problem, unplaced)

    def levels_of(self, places: Places) -> Levels:
        """Return the levels of organisations, which may hold nothing that is needed."""
        return self.levels.at(self.holders, places)


def _distances(
    candidates: Places, leads: NDArray[np.bool_], roster: Roster, settings: ConsortiumSettings
) -> tuple[NDArray[np.int64], NDArray[np.float64], Places]:
    """Group the leads by position; return location of each candidate, points, unplaced."""
    site = roster.site[candidates]
    degrees, in_zone = roster.degrees[candidates], roster.in_zone[candidates]
    lead_at = np.full(len(candidates), -1, dtype=np.int64)
    who = np.flatnonzero(leads)
    keys = [
        f"{site[i]}|{degrees[i, 0]!r}|{degrees[i, 1]!r}|{in_zone[i]}"
        if site[i] or np.isfinite(degrees[i, 0])
        else f"\0{candidates[i]:012d}"
        for i in who
    ]
    _, first, group = np.unique(
        np.array(keys, dtype=np.str_), return_index=True, return_inverse=True
    )
    lead_at[who] = group
    kilometres = roster.counted_kilometres(candidates[who[first]], candidates, settings)
    kilometres[np.arange(len(first)), who[first]] = 0.0
    unplaced = candidates[~np.isfinite(degrees[:, 0]) & roster.has_places]
    return lead_at, settings.distance_weight * kilometres, unplaced
