"""Random small problems of shared organisations and money, for tests of column generation."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from jicheng.kernel.columns.problem import SharedProblem
from jicheng.kernel.team_problem import (
    TeamProblem,
    Ties,
    forbid_rule,
    least_rule,
    require_rule,
    small_rule,
)


def random_shared(seed, *, challenges=None, organisations=None, limit=4, is_easy=False):
    """Return a problem in which every rule is on or off at random.

    ``is_easy`` makes teams likely: no further rules, fewer needs, nothing mandatory.
    """
    draw = np.random.default_rng(seed)
    c = challenges or int(draw.integers(1, 5))
    o = organisations or int(draw.integers(3, 11))
    r = int(draw.integers(0, 4))
    p = int(draw.integers(1, 4))
    shared = _organisations(draw, o, p)
    chosen = [
        np.sort(draw.choice(o, int(draw.integers(max(1, o // 2), o + 1)), replace=False))
        for _ in range(c)
    ]
    teams = tuple(_team(draw, shared, who, limit, is_easy=is_easy) for who in chosen)
    member_use = draw.integers(0, 5, (o, r)) * 1.0
    floors = draw.random(r) < (0.0 if is_easy else 0.2)
    member_use[:, floors] = -1.0 * (member_use[:, floors] > 2)
    fixed_use = np.where(floors, 0.0, draw.integers(0, 3, (c, r)) * 1.0)
    limits = np.where(floors, -draw.integers(0, 3, r), draw.integers(3, 8 * c + 4, r) * 1.0)
    return SharedProblem(
        teams=teams,
        who=tuple(chosen),
        worth=draw.integers(0, 12, c) * 1.0,
        capacity=draw.choice([0.0, 1.0, 1.0, 2.0, 3.0], o),
        fixed_use=fixed_use,
        member_use=member_use,
        limits=limits * 1.0,
        mandatory=draw.random(c) < (0.0 if is_easy else 0.2),
        resource_names=tuple(f"resource {i}" for i in range(r)),
    )


def _organisations(draw, o, p):
    pairs = [pair for pair in combinations(range(o), 2) if draw.random() < 0.4]
    a, b = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    return {
        "ties": Ties(a, b, draw.integers(0, 4, len(pairs)) * 0.75),
        "distance": draw.integers(0, 5, (p, o)) * 0.4,
        "site": np.where(draw.random(o) < 0.5, draw.integers(0, p, o), -1),
        "price": draw.integers(0, 6, o) * 0.5,
        "is_research": draw.random(o) < 0.4,
        "is_small": draw.random(o) < 0.5,
    }


def _team(draw, shared, who, limit, *, is_easy):
    n, s = len(who), int(draw.integers(1, 3 if is_easy else 4))
    holds = draw.random((n, s)) < draw.uniform(0.4, 0.9)
    gain = np.where(holds, draw.integers(1, 7, (n, s)) * 1.0, 0.0)
    team = TeamProblem(
        gain=gain,
        holds=holds,
        price=shared["price"][who],
        distance=shared["distance"][:, who],
        lead_at=shared["site"][who],
        is_research=shared["is_research"][who],
        ties=shared["ties"].among(who, len(shared["price"])),
        fold=int(draw.integers(1, 3)),
        member_limit=int(draw.integers(1 if not is_easy else 3, limit + 1)),
        needs_research=bool(draw.random() < (0.0 if is_easy else 0.5)),
    )
    return team if is_easy else team.with_rules(*_rules(draw, shared["is_small"][who], n))


def _rules(draw, small, n):
    rules = [
        small_rule(small, float(draw.choice([0.25, 0.5]))),
        require_rule("required", n, int(draw.integers(n))),
        least_rule("outside", draw.random(n) < 0.5),
    ]
    if n > 1:
        rules.append(forbid_rule("forbidden", n, *draw.choice(n, 2, replace=False)))
    return [rule for rule in rules if draw.random() < 0.2]
