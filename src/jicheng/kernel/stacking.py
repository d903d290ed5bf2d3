"""The best of a few things that may not all be had together, for many subjects at once.

Things exclude one another in pairs, and of a group at most some may be had; the worth
of a group may be cut off at a cap. What may be had stays allowed when something is
taken away, so every allowed set lies in a maximal one, and with worths of at least 0
the best choice of a subject is a maximal set, less what the subject cannot have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Objective", "Stacking", "TooManySets", "best_sets", "maximal_sets", "total_worth"]

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

_DIGITS = 6  # worths that differ by less are equal


class TooManySets(Exception):
    """More maximal sets than allowed; ``things`` are those of the knot."""

    def __init__(self, things: NDArray[np.int64]) -> None:
        super().__init__(f"{things.size} things")
        self.things = things


@dataclass(frozen=True, slots=True, eq=False)
class Stacking:
    """What may be had together, of m things.

    Attributes
    ----------
    excludes : ndarray of bool, shape (m, m)
        Symmetric, false on the diagonal: pairs that may not be had together.
    group : ndarray of int64, shape (m,)
        Group of each thing; -1 = none.
    counts : ndarray of float64, shape (g,)
        Most things of each group; inf = no limit.
    caps : ndarray of float64, shape (g,)
        Where the worth of each group is cut off; inf = nowhere.
    """

    excludes: Flags
    group: NDArray[np.int64]
    counts: Floats
    caps: Floats

    @property
    def n_things(self) -> int:
        """Number of things, m."""
        return int(self.group.size)

    def knots(self) -> list[NDArray[np.int64]]:
        """Return the things that hang together by exclusion or group, knot by knot."""
        m = self.n_things
        same = (self.group[:, None] == self.group[None, :]) & (self.group >= 0)[:, None]
        linked = self.excludes | same
        left, knots = set(range(m)), []
        while left:
            reached = {min(left)}
            edge = set(reached)
            while edge:
                near = set(np.flatnonzero(linked[sorted(edge)].any(axis=0)).tolist())
                edge = near - reached
                reached |= edge
            left -= reached
            knots.append(np.array(sorted(reached), dtype=np.int64))
        return knots


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A worth of each thing for each subject, shape (n, m), at least 0.

    ``is_capped`` tells whether the caps of groups cut it off.
    """

    worth: Floats
    is_capped: bool = True


def maximal_sets(stacking: Stacking, things: NDArray[np.int64], *, limit: int) -> Flags:
    """Return the largest sets of some things that may be had together.

    Parameters
    ----------
    stacking : Stacking
    things : ndarray of int64, shape (k,)
        Things to choose from.
    limit : int
        Most sets.

    Returns
    -------
    ndarray of bool, shape (s, k)
        Sets to which nothing can be added, those with earlier things first.

    Raises
    ------
    TooManySets
        If there are more than ``limit``.
    """
    excludes = stacking.excludes[np.ix_(things, things)]
    group = stacking.group[things]
    found: list[tuple[bool, ...]] = []
    taken = np.zeros(things.size, dtype=np.bool_)

    def can_take(thing: int) -> bool:
        if (excludes[thing] & taken).any():
            return False
        mates = group[thing]
        return bool(
            mates < 0 or np.count_nonzero(taken & (group == mates)) < stacking.counts[mates]
        )

    def extend(thing: int) -> None:
        if thing == things.size:
            if not any(can_take(other) for other in np.flatnonzero(~taken).tolist()):
                found.append(tuple(taken.tolist()))
                if len(found) > limit:
                    raise TooManySets(things)
            return
        if can_take(thing):
            taken[thing] = True
            extend(thing + 1)
            taken[thing] = False
            if not _may_be_crowded_out(thing, excludes, group, stacking.counts):
                return
        extend(thing + 1)

    extend(0)
    return np.array(found, dtype=np.bool_).reshape(-1, things.size)


def _may_be_crowded_out(
    thing: int, excludes: Flags, group: NDArray[np.int64], counts: Floats
) -> bool:
    """Tell whether later things can be a reason to leave out one that fits now."""
    if excludes[thing, thing + 1 :].any():
        return True
    mates = group[thing]
    return bool(mates >= 0 and np.isfinite(counts[mates]) and (group[thing + 1 :] == mates).any())


def best_sets(
    stacking: Stacking,
    allowed: Flags,
    objectives: Sequence[Objective],
    *,
    limit: int = 20_000,
) -> Flags:
    """Choose for each subject the best set of things that it may have.

    Parameters
    ----------
    stacking : Stacking
        Of m things.
    allowed : ndarray of bool, shape (n, m)
        What each subject may have at all.
    objectives : sequence of Objective
        In order: later ones decide between equals of the earlier, the number of
        things between equals of all, and earlier things after that.
    limit : int
        Most maximal sets of one knot.

    Returns
    -------
    ndarray of bool, shape (n, m)

    Raises
    ------
    TooManySets
        If a knot has more than ``limit`` maximal sets.

    Notes
    -----
    Exact. O(s n m) per knot of s maximal sets; a knot of one thing costs nothing.
    """
    chosen = np.zeros_like(allowed)
    for things in stacking.knots():
        sets = maximal_sets(stacking, things, limit=limit)
        if len(sets) == 1:
            chosen[:, things] = allowed[:, things] & sets[0]
        else:
            chosen[:, things] = _best_of(stacking, things, sets, allowed[:, things], objectives)
    return chosen


def _best_of(
    stacking: Stacking,
    things: NDArray[np.int64],
    sets: Flags,
    allowed: Flags,
    objectives: Sequence[Objective],
) -> Flags:
    best = np.zeros(len(allowed), dtype=np.int64)
    record: list[Floats] = []
    for s, kept in enumerate(sets):
        scores = [
            np.round(total_worth(stacking, things[kept], allowed[:, kept], objective), _DIGITS)
            for objective in objectives
        ]
        scores.append(np.count_nonzero(allowed[:, kept], axis=1).astype(np.float64))
        if not record:
            record = scores
            continue
        better, tied = np.zeros(len(allowed), np.bool_), np.ones(len(allowed), np.bool_)
        for score, held in zip(scores, record, strict=True):
            better |= tied & (score > held)
            tied &= score == held
        best[better] = s
        record = [np.where(better, score, held) for score, held in zip(scores, record, strict=True)]
    return allowed & sets[best]


def total_worth(
    stacking: Stacking, things: NDArray[np.int64], had: Flags, objective: Objective
) -> Floats:
    """Return what some things are worth together to each subject, shape (n,).

    Parameters
    ----------
    stacking : Stacking
    things : ndarray of int64, shape (k,)
    had : ndarray of bool, shape (n, k)
        Which of them each subject has.
    objective : Objective
    """
    worth = np.where(had, objective.worth[:, things], 0.0)
    if not objective.is_capped:
        return np.asarray(worth.sum(axis=1), dtype=np.float64)
    group = stacking.group[things]
    total = np.asarray(worth[:, group < 0].sum(axis=1), dtype=np.float64)
    for mates in np.unique(group[group >= 0]):
        together = worth[:, group == mates].sum(axis=1)
        total = total + np.minimum(together, stacking.caps[mates])
    return total
