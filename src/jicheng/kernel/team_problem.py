"""One team to form, as arrays: who may join, what each adds, and the rules.

The value of a team S with a lead at location p is, in points,

    sum over needs k of the ``fold`` best gains in S  +  ties inside S
    - prices of S - distances from p to S,

and a team obeys the rules if every need is held by at least ``fold`` members, it
has at most ``member_limit`` members, a member who may lead sits at p, one of them
is a research organisation, and every further rule holds. A further rule
(:class:`MemberRule`) gives each candidate a weight and asks for a least sum over the
members: a share of small firms, a member who must take part, two who must not meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SMALL_SHARE",
    "MemberRule",
    "TeamPoints",
    "TeamProblem",
    "Ties",
    "forbid_rule",
    "least_rule",
    "require_rule",
    "small_rule",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

SMALL_SHARE = "small_share"  # name of the rule of small firms
_SLACK = 1e-9  # by which a rule may be missed, for rounding


class MemberRule(NamedTuple):
    """A rule on who is in the team: the weights of the members add up to ``least`` or more."""

    name: str
    weight: Floats  # (n,)
    least: float


def small_rule(is_small: Flags, share: float) -> MemberRule:
    """Ask that small firms are at least a share of the members."""
    return MemberRule(SMALL_SHARE, is_small.astype(np.float64) - share, 0.0)


def least_rule(name: str, flags: Flags, least: int = 1) -> MemberRule:
    """Ask for so many members of a kind, such as partners from outside."""
    return MemberRule(name, flags.astype(np.float64), float(least))


def require_rule(name: str, n: int, candidate: int) -> MemberRule:
    """Ask that a candidate takes part."""
    return least_rule(name, np.arange(n) == candidate)


def forbid_rule(name: str, n: int, a: int, b: int) -> MemberRule:
    """Ask that two candidates are not both members."""
    both = np.isin(np.arange(n), (a, b))
    return MemberRule(name, -both.astype(np.float64), -1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Ties among candidates: each pair once, ``a < b``, points >= 0."""

    a: Indices
    b: Indices
    points: Floats

    def among(self, kept: Indices, n: int) -> Ties:
        """Return the ties whose both sides are kept, renumbered in the order of ``kept``."""
        place = np.full(n, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        a, b = place[self.a], place[self.b]
        inside = (a >= 0) & (b >= 0)
        return Ties(np.minimum(a, b)[inside], np.maximum(a, b)[inside], self.points[inside])

    def by_candidate(self, n: int) -> tuple[Indices, Indices, Floats]:
        """Return both directions in compressed rows: start, other side, points."""
        here = np.concatenate([self.a, self.b])
        there = np.concatenate([self.b, self.a])
        order = np.lexsort((there, here))
        start = np.searchsorted(here[order], np.arange(n + 1))
        points = np.concatenate([self.points, self.points])[order]
        return start.astype(np.int64), there[order], points


@dataclass(frozen=True, slots=True)
class TeamPoints:
    """Parts of the value of a team; ``total`` = quality + ties - distance - price."""

    quality: float
    ties: float
    distance: float
    price: float

    @property
    def total(self) -> float:
        """Value of the team."""
        return self.quality + self.ties - self.distance - self.price


@dataclass(frozen=True, eq=False)
class TeamProblem:
    """Candidates and rules of one team.

    Attributes
    ----------
    gain : ndarray of float64, shape (n, s)
        Points if candidate i counts for need k; 0 where it does not hold it.
    holds : ndarray of bool, shape (n, s)
        Whether candidate i holds need k at the needed level.
    price : ndarray of float64, shape (n,)
        Points that the candidate's cost takes.
    distance : ndarray of float64, shape (p, n)
        Points lost if a lead at location p works with candidate i.
    lead_at : ndarray of int64, shape (n,)
        Location of a candidate who may lead, -1 for one who may not.
    is_research : ndarray of bool, shape (n,)
        Whether it satisfies the rule of research organisations.
    ties : Ties
        Points of ties among the candidates.
    fold, member_limit : int
        Holders needed for each capability; most members.
    needs_research : bool
        Whether one member must be a research organisation.
    rule_weight : ndarray of float64, shape (g, n)
        Weight of each candidate in each further rule.
    rule_least : ndarray of float64, shape (g,)
        Least sum of the members' weights.
    rule_names : tuple of str, length g
        For messages.
    """

    gain: Floats
    holds: Flags
    price: Floats
    distance: Floats
    lead_at: Indices
    is_research: Flags
    ties: Ties
    fold: int = 1
    member_limit: int = 8
    needs_research: bool = True
    rule_weight: Floats = field(default_factory=lambda: np.empty((0, 0)))
    rule_least: Floats = field(default_factory=lambda: np.empty(0))
    rule_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Give the weights their shape where there is no rule."""
        if not self.rule_weight.size:
            empty = np.empty((len(self.rule_least), self.n))
            object.__setattr__(self, "rule_weight", empty)

    @property
    def n(self) -> int:
        """Number of candidates."""
        return len(self.price)

    @property
    def n_needs(self) -> int:
        """Number of needed capabilities."""
        return int(self.gain.shape[1])

    @cached_property
    def locations(self) -> list[int]:
        """Locations at which somebody may lead, ascending."""
        return [int(p) for p in np.unique(self.lead_at) if p >= 0]

    @cached_property
    def tie_rows(self) -> tuple[Indices, Indices, Floats]:
        """Ties in both directions in compressed rows: start, other side, points."""
        return self.ties.by_candidate(self.n)

    @cached_property
    def rule_rows(self) -> Floats:
        """Weights by candidate, shape (n, g)."""
        return np.ascontiguousarray(self.rule_weight.T)

    def with_rules(self, *rules: MemberRule) -> TeamProblem:
        """Return the problem with further rules."""
        weights = [rule.weight.reshape(1, self.n) for rule in rules]
        return replace(
            self,
            rule_weight=np.concatenate([self.rule_weight, *weights]),
            rule_least=np.append(self.rule_least, [rule.least for rule in rules]),
            rule_names=(*self.rule_names, *(rule.name for rule in rules)),
        )

    def at_price(self, price: Floats) -> TeamProblem:
        """Return the problem with other prices of the candidates, shape (n,)."""
        problem = replace(self, price=price)
        for name in ("tie_rows", "rule_rows", "locations"):  # none depends on prices
            problem.__dict__[name] = getattr(self, name)
        return problem

    def kept(self, candidates: Indices) -> TeamProblem:
        """Return the problem with these candidates only, in this order."""
        return replace(
            self,
            gain=self.gain[candidates],
            holds=self.holds[candidates],
            price=self.price[candidates],
            distance=self.distance[:, candidates],
            lead_at=self.lead_at[candidates],
            is_research=self.is_research[candidates],
            rule_weight=self.rule_weight[:, candidates],
            ties=self.ties.among(candidates, self.n),
        )

    def points_of(self, members: Sequence[int] | Indices, location: int) -> TeamPoints:
        """Return the parts of the value of a team led from a location."""
        team = np.asarray(members, dtype=np.int64)
        best = -np.sort(-self.gain[team], axis=0)[: self.fold]
        inside = np.zeros(self.n, dtype=np.bool_)
        inside[team] = True
        tied = inside[self.ties.a] & inside[self.ties.b]
        return TeamPoints(
            quality=float(best.sum()),
            ties=float(self.ties.points[tied].sum()),
            distance=float(self.distance[location, team].sum()),
            price=float(self.price[team].sum()),
        )

    def best_lead(self, members: Sequence[int] | Indices) -> int:
        """Return the member who leads best: least distance, most quality, first; -1 = none."""
        team = np.sort(np.asarray(members, dtype=np.int64))
        leads = team[self.lead_at[team] >= 0]
        if not len(leads):
            return -1
        far = self.distance[self.lead_at[leads]][:, team].sum(axis=1)
        order = np.lexsort((-self.gain[leads].sum(axis=1), far.round(9)))
        return int(leads[int(order[0])])

    def obeys_rules(self, members: Sequence[int] | Indices) -> bool:
        """Tell whether a team obeys every rule."""
        team = np.unique(np.asarray(members, dtype=np.int64))
        return bool(
            0 < len(team) <= self.member_limit
            and (self.holds[team].sum(axis=0) >= self.fold).all()
            and (self.lead_at[team] >= 0).any()
            and (not self.needs_research or self.is_research[team].any())
            and not self.broken_rules(team)
        )

    def broken_rules(self, members: Sequence[int] | Indices) -> tuple[str, ...]:
        """Name the further rules that a team breaks."""
        team = np.unique(np.asarray(members, dtype=np.int64))
        broken = self.rule_weight[:, team].sum(axis=1) < self.rule_least - _SLACK
        return tuple(self.rule_names[g] for g in np.flatnonzero(broken))

    def arrays_at(self, location: int) -> tuple[Any, ...]:
        """Return what the compiled kernels read for teams led from a location."""
        research = self.is_research if self.needs_research else np.ones(self.n, dtype=np.bool_)
        return (
            -self.price - self.distance[location],
            np.ascontiguousarray(self.gain),
            np.ascontiguousarray(self.holds),
            self.lead_at == location,
            research,
            self.rule_rows,
            self.rule_least,
            self.fold,
            self.member_limit,
        )
