"""Columns: complete consortia of single challenges, kept for the master and for what-ifs.

A column is one consortium of one challenge that obeys all rules of that challenge. The
parts of its value and its use of resources are stored apart, so that a question about
other weights, limits or members is answered by filtering and adding up, not by a search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jicheng.kernel.columns.problem import Prices, SharedProblem
from jicheng.kernel.team_problem import Flags, Floats, Indices

__all__ = ["PARTS", "ColumnPool", "Origin"]

PARTS = ("quality", "ties", "distance", "price", "worth")
"""Parts of a column's value; distance and price count against it."""
_SIGNS = np.array([1.0, 1.0, -1.0, -1.0, 1.0])


class Origin(IntEnum):
    """Where a column comes from."""

    START = 0
    HEURISTIC = 1
    EXACT = 2
    USER = 3


@dataclass(frozen=True, eq=False)
class ColumnPool:
    """Consortia as arrays; each pair of challenge and members occurs once.

    Attributes
    ----------
    challenge : ndarray of int64, shape (j,)
        Challenge of each column.
    start, member : ndarray of int64, shapes (j + 1,) and (nnz,)
        Members of column i are ``member[start[i]:start[i + 1]]``, organisations ascending.
    location, lead : ndarray of int64, shape (j,)
        Location (of the challenge's team problem) and organisation of the lead: the
        best lead that the members have.
    parts : ndarray of float64, shape (j, 5)
        Points by :data:`PARTS`.
    use : ndarray of float64, shape (j, r)
        Use of each resource, with the fixed part of the challenge.
    origin : ndarray of int8, shape (j,)
        :class:`Origin`.
    """

    challenge: Indices
    start: Indices
    member: Indices
    location: Indices
    lead: Indices
    parts: Floats
    use: Floats
    origin: NDArray[np.int8]

    @classmethod
    def empty(cls, n_resources: int) -> ColumnPool:
        """Return a pool without columns."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(
            nothing, np.zeros(1, dtype=np.int64), nothing, nothing, nothing,
            np.empty((0, len(PARTS))), np.empty((0, n_resources)), np.empty(0, dtype=np.int8),
        )  # fmt: skip

    @classmethod
    def of(
        cls,
        problem: SharedProblem,
        teams: Iterable[tuple[int, Sequence[int] | Indices]],
        origin: Origin = Origin.USER,
    ) -> ColumnPool:
        """Value teams given as challenge and organisations; those that break a rule are left out.

        An organisation that is no candidate of the challenge breaks a rule.
        """
        rows = []
        for challenge, organisations in teams:
            row = _valued(problem, challenge, np.unique(np.asarray(organisations, dtype=np.int64)))
            if row is not None:
                rows.append(row)
        if not rows:
            return cls.empty(problem.n_resources)
        size = np.array([len(row[1]) for row in rows])
        pool = cls(
            challenge=np.array([row[0] for row in rows], dtype=np.int64),
            start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
            member=np.concatenate([row[1] for row in rows]),
            location=np.array([row[2] for row in rows], dtype=np.int64),
            lead=np.array([row[3] for row in rows], dtype=np.int64),
            parts=np.array([row[4] for row in rows]),
            use=np.array([row[5] for row in rows]).reshape(len(rows), problem.n_resources),
            origin=np.full(len(rows), origin, dtype=np.int8),
        )
        return cls.empty(problem.n_resources).added(pool)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> ColumnPool:
        """Return the pool that :meth:`arrays` described."""
        return cls(**{name: np.asarray(arrays[name]) for name in cls.__dataclass_fields__})

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the pool as plain arrays by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def __len__(self) -> int:
        return len(self.challenge)

    @cached_property
    def value(self) -> Floats:
        """Points of each column, shape (j,)."""
        total: Floats = self.parts @ _SIGNS
        return total

    @cached_property
    def size(self) -> Indices:
        """Number of members of each column, shape (j,)."""
        return np.asarray(np.diff(self.start), dtype=np.int64)

    @cached_property
    def column_of_member(self) -> Indices:
        """Column of each entry of ``member``, shape (nnz,)."""
        return np.repeat(np.arange(len(self)), self.size)

    @cached_property
    def keys(self) -> dict[bytes, int]:
        """Column by its challenge and members as bytes."""
        keys = zip(self.challenge, self.start[:-1], self.start[1:], strict=True)
        return {_key(c, self.member[a:b]): j for j, (c, a, b) in enumerate(keys)}

    def members_of(self, column: int) -> Indices:
        """Return the organisations of a column, ascending."""
        return self.member[self.start[column] : self.start[column + 1]]

    def column_of(self, challenge: int, organisations: Sequence[int] | Indices) -> int:
        """Return the column of a challenge with exactly these members, -1 if there is none."""
        members = np.unique(np.asarray(organisations, dtype=np.int64))
        return self.keys.get(_key(challenge, members), -1)

    def has(self, organisation: int) -> Flags:
        """Tell which columns an organisation is a member of, shape (j,)."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[self.column_of_member[self.member == organisation]] = True
        return found

    def total_over_members(self, points: Floats) -> Floats:
        """Add up a figure of each organisation over the members of each column, shape (j,)."""
        total = np.bincount(self.column_of_member, points[self.member], len(self))
        return np.asarray(total, dtype=np.float64)

    def surplus(self, prices: Prices) -> Floats:
        """Return value minus what members and resources cost at given prices, shape (j,)."""
        paid = self.total_over_members(prices.organisations)
        return self.value - paid - self.use @ prices.resources

    def kept(self, chosen: Flags | Indices) -> ColumnPool:
        """Return the columns of a mask, or of indices in their order."""
        indices = np.arange(len(self))[chosen]
        size = self.size[indices]
        start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        entry = np.arange(start[-1]) + np.repeat(self.start[indices] - start[:-1], size)
        return ColumnPool(
            self.challenge[indices], start, self.member[entry],
            self.location[indices], self.lead[indices],
            self.parts[indices], self.use[indices], self.origin[indices],
        )  # fmt: skip

    def added(self, other: ColumnPool) -> ColumnPool:
        """Return the pool with the columns of another that it lacks, appended in their order."""
        if not len(other):
            return self
        keys = dict(self.keys)
        new: list[int] = []
        for j in range(len(other)):
            key = _key(other.challenge[j], other.members_of(j))
            if key not in keys:
                keys[key] = len(self) + len(new)
                new.append(j)
        if not new:
            return self
        added = other.kept(np.array(new)) if len(new) < len(other) else other
        pool = ColumnPool(
            start=np.concatenate([self.start, added.start[1:] + self.start[-1]]),
            **{
                name: np.concatenate([getattr(self, name), getattr(added, name)])
                for name in self.__dataclass_fields__
                if name != "start"
            },
        )
        pool.__dict__["keys"] = keys  # what the cached property would return
        return pool

    def in_order(self) -> ColumnPool:
        """Return the columns by challenge, best first; equal ones by their members."""
        width = int(self.size.max(initial=0))
        padded = np.full((len(self), width), -1, dtype=np.int64)
        place = np.arange(len(self.member)) - np.repeat(self.start[:-1], self.size)
        padded[self.column_of_member, place] = self.member
        rounded = self.value.round(9)
        keys = [padded[:, t] for t in reversed(range(width))]
        return self.kept(np.lexsort((*keys, -rounded, self.challenge)))

    def usable(self, problem: SharedProblem) -> Flags:
        """Tell which columns have no member without capacity, shape (j,)."""
        closed = (~problem.is_open).astype(np.float64)
        return np.asarray(self.total_over_members(closed) == 0.0)

    def revalued(self, problem: SharedProblem) -> ColumnPool:
        """Return the pool under another problem: values anew, without what breaks its rules."""
        teams = ((int(c), self.members_of(j)) for j, c in enumerate(self.challenge))
        rows = [_valued(problem, challenge, members) for challenge, members in teams]
        obeys = np.array([row is not None for row in rows], dtype=np.bool_)
        kept = self.kept(obeys)
        held = [row for row in rows if row is not None]
        return replace(
            kept,
            location=np.array([row[2] for row in held], dtype=np.int64),
            lead=np.array([row[3] for row in held], dtype=np.int64),
            parts=np.array([row[4] for row in held]).reshape(len(held), len(PARTS)),
            use=np.array([row[5] for row in held]).reshape(len(held), problem.n_resources),
        )


def _key(challenge: int, members: Indices) -> bytes:
    return int(challenge).to_bytes(4, "little") + members.astype(np.int32).tobytes()


def _valued(
    problem: SharedProblem, challenge: int, organisations: Indices
) -> tuple[int, Indices, int, int, Floats, Floats] | None:
    """Return a column's arrays; None if the team breaks a rule of the challenge."""
    if not 0 <= challenge < problem.n_challenges or not len(organisations):
        return None
    team, who = problem.teams[challenge], problem.who[challenge]
    place = np.searchsorted(who, organisations)
    if place.max() >= len(who) or (who[place] != organisations).any():
        return None
    if not team.obeys_rules(place) or not problem.is_open[organisations].all():
        return None
    lead = team.best_lead(place)
    points = team.points_of(place, int(team.lead_at[lead]))
    worth = float(problem.worth[challenge])
    return (
        challenge, organisations, int(team.lead_at[lead]), int(who[lead]),
        np.array([points.quality, points.ties, points.distance, points.price, worth]),
        problem.fixed_use[challenge] + problem.member_use[organisations].sum(axis=0),
    )  # fmt: skip
