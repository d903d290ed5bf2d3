"""Portfolio of a zone (15 and 30 challenges, all tables) and of a province (the choice alone).

``python -m bench portfolio`` chooses among up to 300 challenges on 600 technologies; the gap
is proved.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl

from jicheng.conform import empty_frame
from jicheng.optimise.cases import read_cases
from jicheng.optimise.front import Chooser
from jicheng.optimise.pool import Pool
from jicheng.optimise.portfolio import PortfolioSettings, choose_portfolio
from jicheng.optimise.value import Exposure, SetValue
from jicheng.schema import plan_tables
from jicheng.zone import Zone

NAME = "portfolio"
LARGE = ((170, 60, 3), (300, 100, 4), (450, 200, 5), (600, 300, 6))
"""Technologies, challenges and chains."""

COUNTRIES = ("CHN", "USA", "JPN", "NLD", "DEU", "KOR", "TWN", "GBR", "FRA", "CHE", "SGP", "ISR")
CAPABILITIES = 40


def run(quick: bool) -> dict[str, Any]:
    """Choose portfolios of 15 and of 30 challenges; return seconds and quality."""
    figures: dict[str, Any] = {}
    for n_challenges in (12,) if quick else (15, 30):
        zone, tables = synthetic(n_technologies=60 if quick else 170, n_challenges=n_challenges)
        figures |= {
            f"{name} ({n_challenges})": value for name, value in choose(zone, tables).items()
        }
    for n_technologies, n_challenges, n_chains in () if quick else LARGE:
        zone, tables = synthetic(
            n_technologies=n_technologies, n_challenges=n_challenges, n_chains=n_chains
        )
        figures |= {
            f"choice: {name} ({n_challenges})": value
            for name, value in choose_only(zone, tables).items()
        }
    return figures


def choose_only(zone: Zone, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Choose without the tables around it; a further budget shows what is reused."""
    settings = PortfolioSettings()
    exposure = Exposure.of(zone, settings)
    cases = read_cases(
        zone, **tables, chain=exposure.chain, supply=exposure.supply, settings=settings
    )
    value = SetValue.of(exposure, cases, settings)
    problem = Pool.of(zone, cases, 1.0, settings).problem(value, cases)
    started = time.perf_counter()
    chooser = Chooser(problem, settings)
    choice = chooser.choose()
    chosen = time.perf_counter()
    more = chooser.choose(1.1, is_aside=True)
    assert choice is not None
    assert more is not None
    return {
        "seconds": round(chosen - started, 1),
        "value": choice.value,
        "gap": round(choice.gap, 5),
        "seconds of a further budget": round(time.perf_counter() - chosen, 1),
        "gap there": round(more.gap, 5),
    }


def choose(zone: Zone, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    started = time.perf_counter()
    result = choose_portfolio(zone, **tables, settings=PortfolioSettings())
    seconds = time.perf_counter() - started
    mixed = result.value.filter(pl.col("variant") == "mixed")
    return {
        "seconds": round(seconds, 2),
        "funded": int(result.portfolio["is_funded"].sum()),
        "value": mixed["value"].first(),
        "gap": mixed["gap"].first(),
        "method": mixed["method"].first(),
    }


def synthetic(
    *, n_technologies: int = 170, n_challenges: int = 30, n_chains: int = 3, seed: int = 7
) -> tuple[Zone, dict[str, pl.DataFrame]]:
    """Make a zone with layered chains, and the tables of consortia for its challenges."""
    rng = np.random.default_rng(seed)
    names = [f"tech:{k:03d}" for k in range(n_technologies)]
    chain_of = rng.integers(0, n_chains, n_technologies)
    finals = [int(np.flatnonzero(chain_of == c)[-1]) for c in range(n_chains)]
    kinds = ("equipment", "material", "component", "software", "design")
    technologies = [
        {
            "id": name, "name": name, "chain": f"chain{chain_of[k]}",
            "kind": kinds[rng.integers(len(kinds))],
            "second_source": round(float(rng.uniform(0, 0.3)), 2),
            "years_low": float(low := rng.integers(1, 6)),
            "years_high": float(low + rng.integers(1, 6)),
            "final_value": float(rng.uniform(50, 200)) if k in finals else None,
        }
        for k, name in enumerate(names)
    ]  # fmt: skip
    zone = Zone.of(
        {
            "zones": [{"id": "zone:bench", "name": "测试区", "home": "CHN", "period": 2026}],
            "technologies": technologies,
            "links": _links(rng, names, chain_of, finals),
            "supply": _supply(rng, names),
            "capabilities": [{"id": f"cap:{r}", "name": f"cap:{r}"} for r in range(CAPABILITIES)],
            "needs": _needs(rng, names),
            "purses": [
                {"id": "purse:a", "name": "a", "kind": "public", "amount": 120.0 * n_challenges},
                {"id": "purse:b", "name": "b", "kind": "public", "amount": 60.0 * n_challenges,
                 "chains": "chain0;chain1"},
                {"id": "purse:c", "name": "c", "kind": "social", "amount": 90.0 * n_challenges,
                 "share_limit": 0.5},
                {"id": "purse:d", "name": "d", "kind": "financial", "amount": 40.0 * n_challenges,
                 "share_limit": 0.3, "chains": "chain2"},
            ],
        }
    )  # fmt: skip
    return zone, _consortia(rng, zone, names, finals, n_challenges)


def _links(
    rng: np.random.Generator, names: list[str], chain_of: np.ndarray, finals: list[int]
) -> list[dict[str, Any]]:
    links: dict[tuple[str, str], dict[str, Any]] = {}
    for k in range(len(names)):
        later = np.flatnonzero((chain_of == chain_of[k]) & (np.arange(len(names)) > k))
        near = later[:12]
        if not near.size:
            continue
        for target in rng.choice(near, size=min(len(near), int(rng.integers(1, 4))), replace=False):
            key = (names[k], names[int(target)])
            choice = rng.choice(["essential", "non_essential", ""], p=[0.35, 0.45, 0.2])
            links[key] = {
                "source": key[0], "target": key[1], "relation": "input",
                "essentiality": str(choice) or None, "weight": round(float(rng.uniform(0.2, 1)), 2),
            }  # fmt: skip
    return list(links.values())


def _supply(rng: np.random.Generator, names: list[str]) -> list[dict[str, Any]]:
    rows = []
    popularity = 1.0 / np.arange(1, len(COUNTRIES) + 1)
    popularity /= popularity.sum()
    for name in names:
        suppliers = rng.choice(
            len(COUNTRIES), size=int(rng.integers(2, 6)), replace=False, p=popularity
        )
        shares = rng.dirichlet(np.full(len(suppliers), 0.8)) * rng.uniform(0.8, 1)
        rows += [
            {"technology": name, "supplier": COUNTRIES[j], "country": COUNTRIES[j],
             "share": round(float(share), 3), "period": 2025}
            for j, share in zip(suppliers, shares, strict=True)
        ]  # fmt: skip
    return rows


def _needs(rng: np.random.Generator, names: list[str]) -> list[dict[str, Any]]:
    return [
        {"technology": name, "capability": f"cap:{r}", "weight": float(rng.integers(1, 4))}
        for name in names
        for r in sorted(rng.choice(CAPABILITIES, size=int(rng.integers(3, 7)), replace=False))
    ]


def _consortia(
    rng: np.random.Generator, zone: Zone, names: list[str], finals: list[int], n_challenges: int
) -> dict[str, pl.DataFrame]:
    open_names = [name for k, name in enumerate(names) if k not in finals]
    chosen = sorted(rng.choice(open_names, size=n_challenges, replace=False).tolist())
    challenges, members, assignment = [], [], []
    for technology in chosen:
        challenge = technology.replace("tech", "challenge")
        cost = float(rng.integers(300, 1500))
        challenges.append({
            "challenge": challenge, "technology": technology, "name": technology,
            "cost_low": 0.8 * cost, "cost_high": 1.2 * cost, "years": 5.0, "r_fold": 1,
            "relief": round(float(rng.uniform(0.5, 1)), 2), "readiness": "ready",
        })  # fmt: skip
        team = [
            f"org:{j}" for j in sorted(rng.choice(200, size=int(rng.integers(3, 9)), replace=False))
        ]
        members += [{"challenge": challenge, "organisation": name} for name in team]
        needs = zone["needs"].filter(pl.col("technology") == technology)["capability"]
        assignment += [
            {"challenge": challenge, "capability": capability, "organisation": team[0],
             "level": round(float(rng.uniform(0.6, 1)), 2)}
            for capability in needs
        ]  # fmt: skip
    return {
        "challenges": _frame("challenges", challenges),
        "consortia": _frame("consortia", [{"challenge": c["challenge"]} for c in challenges]),
        "members": _frame("members", members),
        "assignment": _frame("assignment", assignment),
    }


def _frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=empty_frame(plan_tables()[table]).schema)
