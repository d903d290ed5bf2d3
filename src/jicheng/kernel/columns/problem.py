"""Challenges that draw on the same organisations and the same money, as arrays.

Each challenge has a team to form (:class:`~jicheng.kernel.team_problem.TeamProblem`).
What they share is capacity, the number of teams that an organisation can work in, and
resources: money in purses, caps on exposure, floors of groups. A resource is a row
"use <= limit", where the use of a team is a fixed part of its challenge plus the use of
its members. A floor is such a row too, with negative use.

Prices turn the shared rules into costs of each challenge alone: an organisation costs
its price wherever it works, a unit of a resource costs the price of the resource. For
any prices >= 0 and any bounds ``z_c`` on the worth of the best team of each challenge
at those prices,

    sum_o capacity_o price_o + sum_r limit_r price_r + sum_c max(0, z_c)

bounds the value of every plan (Lagrangian duality; for mandatory challenges without the
max). Literature: Desaulniers, Desrosiers and Solomon 2005, Column Generation, ch. 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jicheng.kernel.team_problem import Flags, Floats, Indices, TeamProblem

__all__ = ["Prices", "SharedProblem"]

_BARRED = 1e7  # points; more than any team is worth


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Prices of what is shared.

    Attributes
    ----------
    organisations : ndarray of float64, shape (o,)
        Points for a place in one consortium, >= 0.
    resources : ndarray of float64, shape (r,)
        Points for a unit of each resource, >= 0.
    """

    organisations: Floats
    resources: Floats

    @classmethod
    def none(cls, problem: SharedProblem) -> Prices:
        """Return prices of zero."""
        return cls(np.zeros(problem.n_organisations), np.zeros(problem.n_resources))

    def towards(self, other: Prices, kept: float) -> Prices:
        """Return prices between these and others, with the part ``kept`` of these."""
        return Prices(
            kept * self.organisations + (1.0 - kept) * other.organisations,
            kept * self.resources + (1.0 - kept) * other.resources,
        )


@dataclass(frozen=True, eq=False)
class SharedProblem:
    """Teams to form under shared capacity and resources.

    Attributes
    ----------
    teams : tuple of TeamProblem, length c
        Candidates and rules of each challenge; ``price`` is what a member costs by
        itself, without prices of what is shared.
    who : tuple of ndarray of int64, length c
        Organisation of each candidate, ascending.
    worth : ndarray of float64, shape (c,)
        Points of having a challenge staffed at all, on top of its team's points.
    capacity : ndarray of float64, shape (o,)
        Most consortia that each organisation can work in; below 1 it can be in none.
    fixed_use : ndarray of float64, shape (c, r)
        Use of each resource by a challenge, whatever its team.
    member_use : ndarray of float64, shape (o, r)
        Use of each resource by an organisation in a team; negative for floors.
    limits : ndarray of float64, shape (r,)
        Most use of each resource.
    mandatory : ndarray of bool, shape (c,)
        Whether a challenge must be staffed.
    resource_names : tuple of str, length r
        For messages and prices.
    """

    teams: tuple[TeamProblem, ...]
    who: tuple[Indices, ...]
    worth: Floats
    capacity: Floats
    fixed_use: Floats
    member_use: Floats
    limits: Floats
    mandatory: Flags
    resource_names: tuple[str, ...] = ()

    @property
    def n_challenges(self) -> int:
        """Number of challenges c."""
        return len(self.teams)

    @property
    def n_organisations(self) -> int:
        """Number of organisations o."""
        return len(self.capacity)

    @property
    def n_resources(self) -> int:
        """Number of resources r."""
        return len(self.limits)

    @cached_property
    def is_open(self) -> Flags:
        """Whether an organisation can be in any consortium, shape (o,)."""
        return self.capacity >= 1.0

    @cached_property
    def largest(self) -> float:
        """Points above which no single consortium is worth anything, for or against; >= 1."""
        sizes = [1.0]
        for team, worth in zip(self.teams, self.worth, strict=True):
            if team.n:
                pairs = team.member_limit * (team.member_limit - 1) / 2
                sizes.append(
                    abs(float(worth))
                    + team.fold * float(np.abs(team.gain).max(axis=0).sum())
                    + team.member_limit * float(np.abs(team.price).max())
                    + team.member_limit * float(team.distance.max(initial=0.0))
                    + pairs * float(team.ties.points.max(initial=0.0))
                )
        return max(sizes)

    def without(self, organisations: Indices | int) -> SharedProblem:
        """Return the problem in which these organisations can work in no consortium."""
        capacity = self.capacity.copy()
        capacity[organisations] = 0.0
        return replace(self, capacity=capacity)

    def scaled(self, factor: float, resources: Indices | None = None) -> SharedProblem:
        """Return the problem with the limits of some resources (default: all) scaled."""
        limits = self.limits.copy()
        limits[slice(None) if resources is None else resources] *= factor
        return replace(self, limits=limits)

    def with_challenge(
        self,
        team: TeamProblem,
        who: Indices,
        *,
        worth: float,
        fixed_use: Floats,
        is_mandatory: bool = False,
    ) -> SharedProblem:
        """Return the problem with one more challenge, the last."""
        return replace(
            self,
            teams=(*self.teams, team),
            who=(*self.who, who),
            worth=np.append(self.worth, worth),
            fixed_use=np.vstack([self.fixed_use, fixed_use]),
            mandatory=np.append(self.mandatory, is_mandatory),
        )

    def priced(self, challenge: int, prices: Prices) -> tuple[TeamProblem, float]:
        """Return one challenge at given prices: its team problem, and what staffing it is worth."""
        return (
            replace(self.teams[challenge], price=self.member_prices(challenge, prices)),
            self.worth_at(challenge, prices),
        )

    def member_prices(self, challenge: int, prices: Prices) -> Floats:
        """Return what each candidate costs at given prices; who has no capacity is priced out."""
        who = self.who[challenge]
        shared = prices.organisations[who] + self.member_use[who] @ prices.resources
        return self.teams[challenge].price + shared + np.where(self.is_open[who], 0.0, _BARRED)

    def worth_at(self, challenge: int, prices: Prices) -> float:
        """Return what staffing a challenge is worth at given prices, its team aside."""
        return float(self.worth[challenge] - self.fixed_use[challenge] @ prices.resources)

    def priced_supply(self, prices: Prices) -> float:
        """Return what all capacity and all resources are worth at given prices."""
        return float(self.capacity @ prices.organisations + self.limits @ prices.resources)
