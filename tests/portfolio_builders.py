"""Small chains, problems and zones for tests of the portfolio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from builders import make_zone
from jicheng.conform import empty_frame
from jicheng.kernel.chain_cascade import ChainGraph
from jicheng.kernel.protection import Protection
from jicheng.optimise.problem import Problem
from jicheng.optimise.purses import Purses
from jicheng.optimise.value import SetValue
from jicheng.schema import plan_tables
from jicheng.zone import Zone


def random_protection(
    rng: np.random.Generator,
    *,
    n: int = 8,
    n_challenges: int = 5,
    n_scenarios: int = 4,
    mixes_inputs_and_members: bool = False,
) -> Protection:
    """Make a chain in topological order 0..n-1, with categories and several finals."""
    inputs: list[list[int]] = [[] for _ in range(n)]
    members: list[list[int]] = [[] for _ in range(n)]
    for k in range(1, n):
        chosen = rng.choice(k, size=min(k, int(rng.integers(1, 4))), replace=False).tolist()
        is_category = rng.random() < 0.25
        if mixes_inputs_and_members and len(chosen) > 1:
            inputs[k], members[k] = sorted(chosen[:1]), sorted(chosen[1:])
        elif is_category:
            members[k] = sorted(chosen)
        else:
            inputs[k] = sorted(chosen)
    graph = ChainGraph(
        np.arange(n),
        *_compressed(rng, inputs),
        *_compressed(rng, members),
    )
    final_value = np.zeros(n)
    final_value[-2:] = rng.uniform(0.5, 2, 2)
    withheld = rng.uniform(0, 1, (n_scenarios, n)) * (rng.random((n_scenarios, n)) < 0.6)
    withheld[0] = 0.0
    withheld[0, rng.integers(n)] = 0.8  # a single-item scenario
    weights = rng.uniform(0.1, 1, n_scenarios)
    return Protection(
        graph,
        rng.random(graph.n_inputs) < 0.6,
        final_value,
        weights / weights.sum(),
        1.0 - withheld,
        rng.choice(n, size=n_challenges).astype(np.int64),
        rng.uniform(0.3, 1.0, n_challenges),
    )


def _compressed(rng: np.random.Generator, lists: Sequence[Sequence[int]]) -> tuple[np.ndarray, ...]:
    pointer = np.concatenate([[0], np.cumsum([len(row) for row in lists])]).astype(np.int64)
    source = np.array([k for row in lists for k in row], dtype=np.int64)
    weight = rng.uniform(0.2, 1, len(source))
    for first, last in pairwise(pointer):
        weight[first:last] /= weight[first:last].sum() or 1.0
    return pointer, source, weight


def random_problem(
    rng: np.random.Generator, *, n_draws: int = 12, n_purses: int = 2, **chain: Any
) -> Problem:
    """Make a problem with random odds and purses that pay for about half of it."""
    protection = random_protection(rng, **chain)
    n = len(protection.technology)
    odds = rng.uniform(0.2, 1.0, n)
    value = SetValue(protection, rng.random((n_draws, n)) < odds)
    return Problem(value, random_purses(rng, n, n_purses), rng.random(n) < 0.1)


def random_purses(rng: np.random.Generator, n: int, n_purses: int) -> Purses:
    """Make purses with share limits and forbidden pairs."""
    cost = rng.integers(1, 20, n).astype(np.float64)
    caps = cost[:, None] * rng.choice([0.0, 0.4, 1.0], size=(n, n_purses), p=[0.2, 0.3, 0.5])
    caps[:, 0] = np.maximum(caps[:, 0], cost * 0.6)
    amounts = rng.uniform(0.2, 0.6, n_purses) * cost.sum()
    return Purses.of([f"purse:{p}" for p in range(n_purses)], amounts, caps, cost)


def pair_zone(**changes: Sequence[Mapping[str, Any]]) -> Zone:
    """Make a zone with one product of two essential inputs, both supplied by one country."""
    technology = {"kind": "component", "chain": "chip", "years_low": 1.0, "years_high": 3.0}
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "technologies": [
            {"id": "tech:a", "name": "甲", **technology},
            {"id": "tech:b", "name": "乙", **technology},
            {"id": "tech:f", "name": "产品", "chain": "chip", "kind": "product",
             "final_value": 10.0},
        ],
        "links": [
            {"source": f"tech:{k}", "target": "tech:f", "relation": "input",
             "essentiality": "essential"}
            for k in "ab"
        ],
        "supply": [
            {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 1.0,
             "period": 2025}
            for k in "ab"
        ],
        "capabilities": [{"id": "cap:1", "name": "能力一"}, {"id": "cap:2", "name": "能力二"}],
        "needs": [
            {"technology": f"tech:{k}", "capability": f"cap:{r}"} for k in "ab" for r in (1, 2)
        ],
        "purses": [{"id": "purse:1", "name": "财政", "kind": "public", "amount": 200.0}],
    }  # fmt: skip
    return make_zone(**(tables | changes))


def consortia_tables(
    challenges: Sequence[Mapping[str, Any]], *, level: float | None = 1.0, n_members: int = 1
) -> dict[str, pl.DataFrame]:
    """Make the tables that integrate writes, every capability held at one level.

    Each challenge is on technology ``tech:<last part of its id>`` unless stated.
    """
    rows = [
        {"technology": f"tech:{row['challenge'].split(':')[1]}", "cost_low": 100.0,
         "cost_high": 100.0, "years": 5.0, "relief": 1.0, "r_fold": 1, "readiness": "ready",
         **row}
        for row in challenges
    ]  # fmt: skip
    members = [
        {"challenge": row["challenge"], "organisation": f"org:{i}"}
        for row in rows
        for i in range(n_members)
    ]
    assignment = [
        {"challenge": row["challenge"], "capability": f"cap:{r}", "organisation": "org:0",
         "level": level}
        for row in rows
        for r in (1, 2)
    ]  # fmt: skip
    return {
        "challenges": plan_frame("challenges", rows),
        "consortia": plan_frame("consortia", [{"challenge": row["challenge"]} for row in rows]),
        "members": plan_frame("members", members),
        "assignment": plan_frame("assignment", assignment),
    }


def plan_frame(table: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Make a typed plan table of rows."""
    return pl.DataFrame(list(rows), schema=empty_frame(plan_tables()[table]).schema)
