"""Consortia of synthetic zones: two of the published sizes, and one of 41,000 organisations.

Organisations sit on sites in a square of 40 km; capabilities are held in proportion to
rank^-0.6; levels, costs and ties are drawn as in the measurements that the defaults rest
on (ties go to those who share capabilities or a site). Dense ties make proofs hard, which
the two smaller sizes show; the large one has the numbers of a whole zone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.consortia import form_consortia
from jicheng.integrate.coverage import needs_of, zone_coverage
from jicheng.integrate.holdings import Holdings
from jicheng.integrate.roster import Roster
from jicheng.integrate.settings import ConsortiumSettings
from jicheng.zone import Zone

NAME = "consortia"

KINDS = np.array(["firm", "institute", "university"])
KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class Size:
    """Counts of a synthetic zone; ``levels`` is the range of needed levels."""

    organisations: int
    capabilities: int
    challenges: int
    sites: int
    firms: float
    mean_held: tuple[float, float, float]
    levels: tuple[float, float]


SIZES = {
    "S": Size(500, 30, 20, 10, 0.82, (2.0, 4.0, 7.0), (0.0, 0.0)),
    "L": Size(5_000, 50, 60, 10, 0.82, (2.0, 4.0, 7.0), (0.0, 0.0)),
    "zone": Size(41_000, 300, 60, 20, 0.9756, (2.65, 4.0, 7.0), (0.2, 0.7)),
}


def run(quick: bool) -> dict[str, Any]:
    """Form all consortia of each size; return seconds and how many are proved best."""
    measure(Size(60, 10, 4, 3, 0.8, (2.0, 4.0, 7.0), (0.0, 0.0)))  # compiles the kernels
    figures: dict[str, Any] = {}
    for name in ("S",) if quick else SIZES:
        figures |= {f"{name}: {key}": value for key, value in measure(SIZES[name]).items()}
    return figures


def measure(size: Size) -> dict[str, Any]:
    zone = synthetic(size)
    technologies = zone["technologies"]["id"].to_list()
    told = pl.DataFrame({"technology": technologies, "verdict": "chokepoint"})
    challenges = form_challenges(zone, told).challenges
    settings = ConsortiumSettings()
    started = time.perf_counter()
    roster = Roster.of(zone, settings)
    holdings = Holdings.of(zone, roster, needs_source=True)
    coverage = zone_coverage(zone, needs_of(zone, challenges), roster, holdings)
    covered = time.perf_counter()
    result = form_consortia(zone, challenges, settings)
    formed = time.perf_counter()
    return {
        "seconds for coverage": round(covered - started, 2),
        "rows of coverage": coverage.height,
        "seconds for consortia": round(formed - covered, 2),
        "seconds a challenge": round((formed - covered) / size.challenges, 3),
        **dict(result.consortia["status"].value_counts().sort("status").iter_rows()),
        "mean candidates": round(float(result.work["candidates"].to_numpy().mean()), 1),
        "largest gap": round(float(result.consortia["gap"].drop_nulls().to_numpy().max()), 4),
        "mean members": round(float(result.consortia["n_members"].to_numpy().mean()), 2),
    }


def synthetic(size: Size, seed: int = 1) -> Zone:
    """Make a zone of the given counts."""
    draw = np.random.default_rng(seed)
    site = draw.integers(0, size.sites, size.organisations)
    kind = np.searchsorted(
        np.cumsum([size.firms, (1 - size.firms) * 0.78]), draw.random(size.organisations)
    )
    holder, capability = held(size, kind, draw)
    level = np.clip(draw.beta(3, 2.5, len(holder)) + 0.15 * (kind[holder] > 0), 0.2, 1.0)
    total = np.bincount(holder, level, size.organisations)
    points = draw.lognormal(0.5, 0.5, size.organisations) + 0.8 * total
    place = draw.uniform(0, 40, (size.sites, 2)) / KM_PER_DEGREE
    organisations = pl.DataFrame({
        "id": names("org", size.organisations), "name": names("组织", size.organisations),
        "kind": KINDS[kind], "zone": "zone:bench", "country": "CHN",
        "size": np.where(draw.random(size.organisations) < 0.7, "small", "large"),
        "site": np.array(names("site", size.sites))[site],
        "may_lead": (kind == 0) & (draw.random(size.organisations) < 0.3),
        "capacity": draw.integers(1, 3, size.organisations), "cost": points * 20.0,
    })  # fmt: skip
    technology, needed = needs(size, draw)
    a, b, weight = ties(size, holder, capability, site, draw)
    ids = np.array(names("org", size.organisations))
    capabilities = np.array(names("cap", size.capabilities))
    technologies = np.array(names("tech", size.challenges))
    return Zone.of({
        "zones": [{"id": "zone:bench", "name": "基准区", "home": "CHN", "period": 2026}],
        "organisations": organisations,
        "sites": pl.DataFrame({"id": names("site", size.sites), "name": names("园", size.sites),
                               "longitude": place[:, 0], "latitude": place[:, 1]}),
        "capabilities": pl.DataFrame({"id": capabilities, "name": capabilities}),
        "technologies": pl.DataFrame({"id": technologies, "name": technologies}),
        "needs": pl.DataFrame({"technology": technologies[technology],
                               "capability": capabilities[needed],
                               "level": draw.uniform(*size.levels, len(needed))}),
        "holdings": pl.DataFrame({"holder": ids[holder], "capability": capabilities[capability],
                                  "level": level, "evidence": "基准"}),
        "ties": pl.DataFrame({"a": ids[a], "b": ids[b], "kind": "project", "weight": weight}),
        "challenges": pl.DataFrame({"id": names("chal", size.challenges),
                                    "technology": technologies,
                                    "r_fold": draw.integers(1, 3, size.challenges)}),
    }, strict=False)  # fmt: skip


def names(prefix: str, n: int) -> list[str]:
    return [f"{prefix}:{i:05d}" for i in range(n)]


def held(size: Size, kind: np.ndarray, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw who holds what: 1 + Poisson capabilities each, by popularity."""
    popular = np.arange(1, size.capabilities + 1.0) ** -0.6
    draw.shuffle(popular)
    counts = 1 + draw.poisson(np.array(size.mean_held)[kind])
    holder = np.repeat(np.arange(size.organisations), counts)
    capability = draw.choice(size.capabilities, len(holder), p=popular / popular.sum())
    pair = np.unique(holder.astype(np.int64) * size.capabilities + capability)
    return pair // size.capabilities, pair % size.capabilities


def needs(size: Size, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw four to seven needed capabilities for each technology."""
    counts = draw.integers(4, 8, size.challenges)
    chosen = [draw.choice(size.capabilities, n, replace=False) for n in counts]
    return np.repeat(np.arange(size.challenges), counts), np.concatenate(chosen)


def ties(
    size: Size, holder: np.ndarray, capability: np.ndarray, site: np.ndarray,
    draw: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Draw six ties each: to one who shares a capability, a site, or to anybody."""
    sharing = [holder[capability == k] for k in range(size.capabilities)]
    within = [np.flatnonzero(site == s) for s in range(size.sites)]
    start = np.searchsorted(holder, np.arange(size.organisations + 1))
    pairs = []
    for i in range(size.organisations):
        circles = [sharing[k] for k in capability[start[i] : start[i + 1]]] + [within[site[i]]]
        weight = np.array([*(len(c) for c in circles[:-1]), 0.5 * len(circles[-1]),
                           0.02 * size.organisations])  # fmt: skip
        for k in draw.choice(len(weight), 6, p=weight / weight.sum()):
            circle = circles[k] if k < len(circles) else None
            j = draw.integers(size.organisations if circle is None else len(circle))
            other = int(j if circle is None else circle[j])
            if other != i:
                pairs.append((min(i, other), max(i, other)))
    pair = np.unique(np.array(pairs), axis=0)
    return pair[:, 0], pair[:, 1], draw.uniform(0.2, 1.0, len(pair))
