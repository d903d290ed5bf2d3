"""Draw large problems of challenges that share organisations and one purse.

Sites lie in a square of 40 km; capabilities are held in proportion to rank^-0.6; levels,
costs and ties are drawn as in the measurements that the defaults of consortia rest on
(ties go to those who share capabilities or a site). What a member costs counts in the
value and in the purse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jicheng.kernel.columns.problem import SharedProblem
from jicheng.kernel.team_problem import TeamProblem, Ties

__all__ = ["SIZES", "Size", "draw_arrival", "draw_challenge", "draw_problem"]

SITES, FOLD, LIMIT = 10, 2, 8
ALPHA, GAMMA, BETA = 6.0, 1.5, 0.05  # points of a level, of a tie, of a kilometre
BUDGET = 14.0  # points of cost for each challenge
FIRM, INSTITUTE, UNIVERSITY = range(3)


@dataclass(frozen=True)
class Size:
    """Counts of a problem."""

    challenges: int
    organisations: int
    capabilities: int


SIZES = {
    "T": Size(8, 200, 20),
    "S": Size(20, 500, 30),
    "M": Size(60, 1_500, 40),
    "L": Size(200, 5_000, 50),
}


@dataclass(frozen=True)
class Supply:
    """Organisations, what they hold, where they are and whom they know."""

    level: np.ndarray  # (o, k), 0 = not held
    cost: np.ndarray  # (o,)
    capacity: np.ndarray  # (o,)
    site: np.ndarray  # (o,)
    kind: np.ndarray  # (o,)
    may_lead: np.ndarray  # (o,)
    km: np.ndarray  # (p, p)
    ties: Ties


def draw_problem(size: Size, seed: int = 1) -> SharedProblem:
    """Return a problem of a size; the same seed gives the same problem."""
    draw = np.random.default_rng(seed)
    supply = _supply(size, draw)
    drawn = [draw_challenge(supply, draw) for _ in range(size.challenges)]
    return SharedProblem(
        teams=tuple(team for team, _ in drawn),
        who=tuple(who for _, who in drawn),
        worth=draw.uniform(5.0, 30.0, size.challenges),
        capacity=supply.capacity,
        fixed_use=np.zeros((size.challenges, 1)),
        member_use=supply.cost[:, None],
        limits=np.array([BUDGET * size.challenges]),
        mandatory=np.zeros(size.challenges, dtype=np.bool_),
        resource_names=("purse",),
    )


def draw_arrival(size: Size, seed: int, number: int) -> tuple[TeamProblem, np.ndarray]:
    """Draw one more challenge for the organisations of :func:`draw_problem`."""
    supply = _supply(size, np.random.default_rng(seed))
    return draw_challenge(supply, np.random.default_rng((seed, 1 + number)))


def draw_challenge(supply: Supply, draw: np.random.Generator) -> tuple[TeamProblem, np.ndarray]:
    """Draw a challenge of four to seven needs; return its team problem and who may join."""
    n_capabilities = supply.level.shape[1]
    needs = np.sort(draw.choice(n_capabilities, int(draw.integers(4, 8)), replace=False))
    who = np.flatnonzero((supply.level[:, needs] > 0.0).any(axis=1))
    level = supply.level[np.ix_(who, needs)]
    team = TeamProblem(
        gain=ALPHA * level,
        holds=level > 0.0,
        price=supply.cost[who],
        distance=BETA * supply.km[:, supply.site[who]],
        lead_at=np.where(supply.may_lead[who], supply.site[who], -1),
        is_research=supply.kind[who] != FIRM,
        ties=supply.ties.among(who, len(supply.cost)),
        fold=FOLD,
        member_limit=LIMIT,
    )
    return team, who


def _supply(size: Size, draw: np.random.Generator) -> Supply:
    o = size.organisations
    place = draw.uniform(0.0, 40.0, (SITES, 2))
    site = draw.integers(0, SITES, o)
    kind = draw.choice(3, o, p=[0.82, 0.14, 0.04])
    popular = np.arange(1, size.capabilities + 1.0) ** -0.6
    draw.shuffle(popular)
    level = np.zeros((o, size.capabilities))
    counts = np.minimum(1 + draw.poisson(np.array([2.0, 4.0, 7.0])[kind]), size.capabilities)
    for i in range(o):
        held = draw.choice(size.capabilities, counts[i], replace=False, p=popular / popular.sum())
        better = 0.15 * (kind[i] != FIRM)
        level[i, held] = np.clip(draw.beta(3.0, 2.5, counts[i]) + better, 0.2, 1.0)
    return Supply(
        level=level,
        cost=draw.lognormal(0.5, 0.5, o) + 0.8 * level.sum(axis=1),
        capacity=draw.integers(np.array([1, 2, 4])[kind], np.array([3, 5, 8])[kind]) * 1.0,
        site=site,
        kind=kind,
        may_lead=(kind == FIRM) & (draw.random(o) < 0.3),
        km=np.linalg.norm(place[:, None] - place[None], axis=2),
        ties=_ties(level > 0.0, site, draw),
    )


def _ties(holds: np.ndarray, site: np.ndarray, draw: np.random.Generator) -> Ties:
    """Draw six ties each, likelier to those who share capabilities or the site."""
    held = holds.astype(np.float32)
    pairs = []
    for i in range(len(held)):
        weight = held @ held[i] + 0.5 * (site == site[i]) + 0.02
        weight[i] = 0.0
        likely = np.cumsum(weight, dtype=np.float64)
        others = np.unique(np.searchsorted(likely, draw.random(6) * likely[-1], side="right"))
        pairs.append(np.stack([np.minimum(i, others), np.maximum(i, others)], axis=1))
    pair = np.unique(np.concatenate(pairs), axis=0)
    return Ties(pair[:, 0], pair[:, 1], GAMMA * draw.uniform(0.2, 1.0, len(pair)))
