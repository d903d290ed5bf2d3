"""A small zone in which challenges want the same organisations, and plain brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from builders import make_zone
from integrate.consortium_reference import Reference, random_rows
from jicheng.integrate.challenges import form_challenges


def organisation(name, kind="firm", **values):
    """Return a row; costs nothing unless told."""
    return {"id": f"org:{name}", "name": name, "kind": kind, "zone": "zone:test",
            "country": "CHN", "cost": 0.0, "site": "site:1"} | values  # fmt: skip


def holding(name, capability, level):
    return {"holder": f"org:{name}", "capability": f"cap:{capability}", "level": level,
            "evidence": "专利"}  # fmt: skip


def conflict(n=2, **lab):
    """Return rows of ``n`` challenges that each need X of a firm and Y of an institute.

    One institute is better than the other; each firm holds X of one challenge alone.
    """
    challenges = [f"c{i}" for i in range(n)]
    return {
        "technologies": [{"id": f"tech:{c}", "name": c} for c in challenges],
        "capabilities": [{"id": "cap:y", "name": "Y"}]
        + [{"id": f"cap:{c}", "name": c} for c in challenges],
        "sites": [{"id": "site:1", "name": "园", "longitude": 113.0, "latitude": 23.0}],
        "organisations": [
            organisation("lab", "institute", **lab),
            organisation("spare", "institute", capacity=9),
            *(organisation(c, size="large") for c in challenges),
        ],
        "holdings": [
            holding("lab", "y", 0.9),
            holding("spare", "y", 0.5),
            *(holding(c, c, 0.8) for c in challenges),
        ],
        "needs": [
            {"technology": f"tech:{c}", "capability": f"cap:{k}"}
            for c in challenges
            for k in (c, "y")
        ],
        "challenges": [{"id": f"chal:{c}", "technology": f"tech:{c}"} for c in challenges],
    }  # fmt: skip


def zone_and_challenges(rows):
    """Return the zone of some rows, and its challenges as a plan lists them."""
    zone = make_zone(strict=False, **rows)
    technologies = sorted({row["technology"] for row in rows["challenges"]})
    told = pl.DataFrame({"technology": technologies, "verdict": ["chokepoint"] * len(technologies)})
    return zone, form_challenges(zone, told).challenges


def random_shared_rows(seed, n=4):
    """Return rows of ``n`` challenges over the same few organisations."""
    rows = random_rows(seed)
    draw = np.random.default_rng(seed + 77)
    rows["organisations"] = [
        row | {"capacity": int(draw.choice([1, 1, 1, 2])), "country": "CHN", "may_lead": True}
        for row in rows["organisations"]
    ]
    needs = {row["capability"]: row for row in rows["needs"]}
    technologies, every, calls = [], [], []
    for i in range(n):
        chosen = sorted(draw.choice(sorted(needs), size=int(draw.integers(1, len(needs) + 1)),
                                    replace=False))  # fmt: skip
        technologies.append({"id": f"tech:{i}", "name": f"技{i}"})
        every += [needs[k] | {"technology": f"tech:{i}"} for k in chosen]
        calls.append(rows["challenges"][0] | {
            "id": f"chal:{i}", "technology": f"tech:{i}", "r_fold": int(draw.choice([1, 1, 2])),
            "member_limit": int(draw.integers(1, 5)), "lead_kinds": "firm;institute;university",
        })  # fmt: skip
    return rows | {"technologies": technologies, "needs": every, "challenges": calls}


def references(rows, settings):
    """Return the slow reference of each challenge."""
    return {
        call["id"]: Reference(
            rows | {
                "challenges": [call],
                "needs": [row for row in rows["needs"] if row["technology"] == call["technology"]],
            },
            settings,
        )
        for call in rows["challenges"]
    }  # fmt: skip


def consortia_of(reference):
    """Return the value of each team that obeys the rules of its call, with its best lead."""
    able = [name for name in reference.organisations if reference.may_join(name)]
    best = {}
    for size in range(1, min(len(able), reference.call["member_limit"]) + 1):
        for team in combinations(able, size):
            values = [
                reference.value(team, lead) for lead in team if not reference.broken(team, lead)
            ]
            if values:
                best[team] = max(values)
    return best


def best_together(rows, settings, allows=lambda challenge, team: True, worth=None):
    """Return the most points of consortia that keep capacity, each staffed one worth its points."""
    found = {name: consortia_of(one) for name, one in references(rows, settings).items()}
    found = {name: teams for name, teams in found.items() if teams}
    worth = worth or {
        name: settings.staffing_points + max(0.0, -max(teams.values()))
        for name, teams in found.items()
    }
    capacity = {
        row["id"]: 1 if row["capacity"] is None else row["capacity"]
        for row in rows["organisations"]
    }
    options = {
        name: sorted(
            ((points + worth[name], team) for team, points in teams.items() if allows(name, team)),
            reverse=True,
        )
        for name, teams in found.items()
    }
    return _best_of([teams for teams in options.values() if teams], capacity, 0.0)


def _best_of(options, capacity, floor):
    """Try every team of the first challenge, and none, with the best of the rest."""
    if not options:
        return 0.0
    rest = sum(max(0.0, teams[0][0]) for teams in options[1:])
    best = floor
    for points, team in [*options[0], (0.0, ())]:
        if points + rest > best and all(capacity[name] >= 1 for name in team):
            left = capacity | {name: capacity[name] - 1 for name in team}
            best = max(best, points + _best_of(options[1:], left, best - points))
    return best
