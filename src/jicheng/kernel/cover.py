"""Count covers: what a random set of holders would cover, and which sets cover all.

A holder is a row of a boolean matrix: it meets a need or not. Up to
:data:`EXACT_NEEDS` needs everything is exact by bit masks (need r is bit r), in
whole numbers where signs alternate; beyond that a chance is simulated and comes
with an interval.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EXACT_NEEDS",
    "Chance",
    "Covers",
    "best_set",
    "chance_in_uniform_world",
    "chance_of_depth",
    "chance_of_joint_depth",
    "chance_of_random_set",
    "chance_with_replacement",
    "count_within",
    "expected_coverage",
    "masks_of",
    "minimal_covers",
    "simulate_chance",
]

EXACT_NEEDS = 20
_BATCH = 2_000_000  # random numbers drawn at once in a simulation
_Z95 = 1.959963984540054

Meets = NDArray[np.bool_]
Masks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability; ``low`` and ``high`` are its 95 % interval, equal to it if exact."""

    probability: float
    low: float
    high: float
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Covers:
    """Inclusion-minimal covers as sorted holder indices; incomplete if cut at the limit."""

    sets: tuple[tuple[int, ...], ...]
    is_complete: bool


def masks_of(meets: Meets) -> Masks:
    """Return the needs of each holder as bits, shape (n,), from ``meets`` of shape (n, s).

    Raises
    ------
    ValueError
        If there are more than 62 needs.
    """
    if meets.shape[1] > 62:
        raise ValueError("more than 62 needs do not fit into a mask")
    return meets.astype(np.int64) @ (np.int64(1) << np.arange(meets.shape[1], dtype=np.int64))


def count_within(masks: Masks, n_needs: int) -> NDArray[np.int64]:
    """Count, for every set of needs, the holders that meet nothing outside it.

    Returns
    -------
    ndarray of int64, shape (2 ** n_needs,)
        Subset sums of the histogram of masks (zeta transform), O(s 2^s).
    """
    counts = np.bincount(masks, minlength=1 << n_needs).astype(np.int64)
    for bit in range(n_needs):
        pairs = counts.reshape(-1, 2, 1 << bit)
        pairs[:, 1] += pairs[:, 0]
    return counts


def chance_of_random_set(
    meets: Meets, size: int, *, fold: int = 1, draws: int = 20_000, seed: int = 0
) -> Chance:
    """Return the chance that a random set of holders meets every need ``fold`` times.

    Parameters
    ----------
    meets : ndarray of bool, shape (n, s)
        Whether holder i of the pool meets need r.
    size : int
        Holders drawn without replacement, at most n.
    fold : int
        How many of them must meet each need.
    draws, seed : int
        Of the simulation (PCG64), used beyond :data:`EXACT_NEEDS` needs, and for
        ``fold`` > 1 where the exact count has too many states.

    Notes
    -----
    Inclusion and exclusion over the needs J that a set misses:
    P = sum over J of (-1)^|J| C(n_J, k) / C(n, k), n_J = holders that meet none of J.
    """
    n, s = meets.shape
    if not 0 <= size <= n:
        raise ValueError(f"a set of {size} cannot be drawn from {n} holders")
    if s <= EXACT_NEEDS:
        masks = masks_of(meets)
        exact = (
            _chance_to_cover(masks, s, size)
            if fold == 1
            else chance_of_joint_depth(masks, s, size, fold)
        )
        if exact is not None:
            return Chance(exact, exact, exact, is_exact=True)
    return simulate_chance(meets, size, fold=fold, draws=draws, seed=seed)


def _chance_to_cover(masks: Masks, n_needs: int, size: int) -> float:
    within = count_within(masks, n_needs)
    missed = n_needs - np.bitwise_count(np.arange(1 << n_needs))
    signs = np.where(missed % 2 == 0, 1.0, -1.0)
    coefficient = np.bincount(within, weights=signs)  # small whole numbers: exact as floats
    holders = np.flatnonzero(coefficient)
    total = sum(int(coefficient[h]) * comb(int(h), size) for h in holders.tolist())
    return total / comb(len(masks), size)


def expected_coverage(meets: Meets, weights: NDArray[np.float64], size: int) -> float:
    """Return the expected weighted coverage of a random set drawn without replacement.

    Notes
    -----
    E = sum over r of v_r [1 - C(n - n_r, k) / C(n, k)], n_r = holders that meet r.
    """
    n = len(meets)
    every = comb(n, size)
    held = meets.sum(axis=0).tolist()
    shares = [1.0 - comb(n - h, size) / every for h in held]
    return float(np.dot(weights, shares))


def chance_of_depth(n: int, n_meet: int, size: int, fold: int) -> float:
    """Return the chance that at least ``fold`` of a random set meet one need.

    The upper tail of the hypergeometric law: ``n`` holders of whom ``n_meet`` meet it.
    """
    met = sum(
        comb(n_meet, q) * comb(n - n_meet, size - q)
        for q in range(fold, min(n_meet, size) + 1)
        if size - q <= n - n_meet
    )
    return met / comb(n, size)


def chance_of_joint_depth(
    masks: Masks, n_needs: int, size: int, fold: int, *, state_limit: int = 20_000
) -> float | None:
    """Return the chance that every need is met ``fold`` times by a random set.

    Dynamic programme over classes of equal masks; a state is the depth of each need
    (cut at ``fold``) and the members used, weighted by the number of ways.

    Returns
    -------
    float or None
        None if more than ``state_limit`` states would be held at once.
    """
    classes, counts = np.unique(masks, return_counts=True)
    ways: dict[tuple[tuple[int, ...], int], int] = {((0,) * n_needs, 0): 1}
    for mask, count in zip(classes.tolist(), counts.tolist(), strict=True):
        wider: defaultdict[tuple[tuple[int, ...], int], int] = defaultdict(int)
        for (depth, used), weight in ways.items():
            for taken in range(min(count, size - used) + 1):
                deeper = tuple(
                    min(fold, d + taken) if mask >> r & 1 else d for r, d in enumerate(depth)
                )
                wider[deeper, used + taken] += weight * comb(count, taken)
        ways = wider
        if len(ways) > state_limit:
            return None
    return ways.get(((fold,) * n_needs, size), 0) / comb(len(masks), size)


def simulate_chance(meets: Meets, size: int, *, fold: int, draws: int, seed: int) -> Chance:
    """Estimate the chance by drawing sets; the interval is Wilson's at 95 %.

    The same seed gives the same draws (PCG64) for the same number of holders.
    """
    n = len(meets)
    random = np.random.default_rng(seed)
    hits = done = 0
    while done < draws:
        batch = min(draws - done, max(1, _BATCH // max(1, n)))
        chosen = np.argpartition(random.random((batch, n)), size - 1, axis=1)[:, :size]
        hits += int((meets[chosen].sum(axis=1) >= fold).all(axis=1).sum()) if size else 0
        done += batch
    share, z2 = hits / draws, _Z95**2 / draws
    centre = (share + z2 / 2) / (1 + z2)
    half = _Z95 * sqrt(share * (1 - share) / draws + z2 / (4 * draws)) / (1 + z2)
    return Chance(share, max(0.0, centre - half), min(1.0, centre + half), is_exact=False)


def chance_with_replacement(probabilities: NDArray[np.float64], size: int) -> float:
    """Return prod over r of 1 - (1 - p_r)^k: independent draws and capabilities."""
    return float(np.prod(1.0 - (1.0 - probabilities) ** size))


def chance_in_uniform_world(size: int, held: int, needed: int, capabilities: int) -> float:
    """Return the chance that ``size`` firms cover ``needed`` capabilities at random.

    The uniform null model: each firm holds ``held`` of ``capabilities`` drawn without
    replacement: sum over j of (-1)^j C(s, j) [C(M - j, c) / C(M, c)]^k.
    """
    every = comb(capabilities, held) ** size
    total = sum(
        (-1) ** j * comb(needed, j) * comb(capabilities - j, held) ** size
        for j in range(needed + 1)
    )
    return float(total / every)


def best_set(
    masks: Masks, weights: NDArray[np.float64], size: int
) -> tuple[tuple[int, ...], float]:
    """Find a set of at most ``size`` holders with the largest weighted coverage.

    Exact, by the unions of masks that can be reached with one more holder at a time;
    at most :data:`EXACT_NEEDS` needs. Of several best sets the one with fewest
    holders is returned, and among equal masks the first holder.

    Returns
    -------
    holders : tuple of int
        Sorted indices.
    coverage : float
        Sum of the weights of the needs met.
    """
    n_needs = len(weights)
    if n_needs > EXACT_NEEDS:
        raise ValueError(f"exact search is limited to {EXACT_NEEDS} needs")
    distinct, first = np.unique(masks, return_index=True)
    maximal = [
        (int(mask), int(holder))
        for mask, holder in zip(distinct, first, strict=True)
        if mask and not ((distinct != mask) & (distinct & mask == mask)).any()
    ]
    came_from: dict[int, tuple[int, int]] = {0: (0, -1)}
    frontier = [0]
    for _ in range(size):
        reached = []
        for union in frontier:
            for mask, holder in maximal:
                wider = union | mask
                if wider not in came_from:
                    came_from[wider] = (union, holder)
                    reached.append(wider)
        frontier = reached
    bits = np.array(list(came_from), dtype=np.int64)
    values = ((bits[:, None] >> np.arange(n_needs)) & 1) @ weights
    union = int(bits[int(np.argmax(values))])
    coverage = float(values.max())
    holders = []
    while union:
        union, holder = came_from[union]
        holders.append(holder)
    return tuple(sorted(holders)), coverage


def minimal_covers(masks: Sequence[int], n_needs: int, *, limit: int = 10_000) -> Covers:
    """Enumerate the inclusion-minimal sets of holders that meet every need.

    Minimal hitting sets, each found once and in a fixed order, by branching on the
    need with fewest holders left and keeping what each member alone meets (MMCS of
    Murakami and Uno 2014, Discrete Applied Mathematics 170:83). Stops after
    ``limit`` sets and then says that it is incomplete.
    """
    every = (1 << n_needs) - 1
    found: list[tuple[int, ...]] = []
    walk = _minimal(list(map(int, masks)), every, {}, every, frozenset(range(len(masks))))
    for cover in walk:
        if len(found) == limit:
            return Covers(tuple(sorted(found)), is_complete=False)
        found.append(cover)
    return Covers(tuple(sorted(found)), is_complete=True)


def _minimal(
    masks: list[int], every: int, alone: dict[int, int], missing: int, left: frozenset[int]
) -> Iterator[tuple[int, ...]]:
    """Extend the members in ``alone`` (member to the needs that only it meets)."""
    if not missing:
        yield tuple(sorted(alone))
        return
    needs = [1 << r for r in range(every.bit_length()) if missing >> r & 1]
    options = min(
        ([h for h in sorted(left) if masks[h] & need] for need in needs), key=lambda o: len(o)
    )
    rest = left.difference(options)
    for holder in options:
        still_alone = {member: needs & ~masks[holder] for member, needs in alone.items()}
        if all(still_alone.values()):
            still_alone[holder] = missing & masks[holder]
            yield from _minimal(masks, every, still_alone, missing & ~masks[holder], rest)
        rest |= {holder}
