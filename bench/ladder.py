"""The growth ladder of a whole zone: bounds for all firms, exact ways for the nearest.

Firms are drawn with facts of every shipped rung, 8 % of them unknown; costs are the demo
actions, experts are taken to give 70 % of what they may. Seconds are those of the wall, beside
them those of this process; solving runs in a worker.
"""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from jicheng.kernel.solver import Solver
from jicheng.rules.expression.intervals import Choices, Interval, Truth
from jicheng.rules.facts.dictionary import FactKind, fact_dictionary
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import evaluate
from jicheng.select.ladder import ladder, shipped_costs, shortest_way

NAME = "ladder"

FIRMS, QUICK, NEAREST, WAYS = 41_000, 400, 20, 40
PACKS = ("cn.tech_sme", "cn.innovative_sme", "cn.hte", "cn.srdi_sme", "cn.little_giant")
SHARE, UNKNOWN, YEAR, SEED = 0.7, 0.08, 2024, 0


def run(quick: bool) -> dict[str, Any]:
    """Return seconds for all firms before all packs, and for one firm's ways."""
    facts = firms(QUICK if quick else FIRMS)
    packs = [pack_of(key) for key in PACKS]
    costs = replace(shipped_costs(), judged_share=SHARE)
    figures: dict[str, Any] = {"firms": facts.n, "packs": len(packs)}
    with Solver() as solver:
        shortest_way(packs[0], facts, 0, costs, solver=solver)  # the worker starts
        started = time.perf_counter()
        evaluations = {pack.key: evaluate(pack, facts) for pack in packs}
        figures["verdicts of all packs [s]"] = round(time.perf_counter() - started, 2)
        clocks = time.perf_counter(), time.process_time()
        found = ladder(facts, packs, costs, count=NEAREST, evaluations=evaluations, solver=solver)
        figures["ladder and near-misses [s]"] = round(time.perf_counter() - clocks[0], 2)
        figures["of which this process [s]"] = round(time.process_time() - clocks[1], 2)
    worker = resource.getrusage(resource.RUSAGE_CHILDREN)  # known once it has ended
    figures["the worker, its start included [s of a core]"] = round(worker.ru_utime, 2)
    for key, each in found.by_pack.items():
        reached = int(np.isfinite(each.least_cost).sum())
        figures[f"{key}: pass, reachable, solved for {len(each.near)}, proved nearest"] = (
            f"{int(each.passes.sum()):,}, {reached:,}, {each.n_solved}, {each.is_complete}"
        )
    with Solver() as solver:
        shortest_way(packs[0], facts, 0, costs, solver=solver)
        return figures | one_by_one(facts, packs, costs, solver, 4 if quick else WAYS)


def one_by_one(facts: Any, packs: Any, costs: Any, solver: Solver, n: int) -> dict[str, Any]:
    """Return how long one firm's ways take: three of them, with proof, and if all is well."""
    places = np.random.default_rng(SEED + 1).choice(facts.n, n, replace=False)
    seconds = []
    for k, place in enumerate(places.tolist()):
        started = time.perf_counter()
        shortest_way(packs[k % len(packs)], facts, place, costs, solver=solver)
        seconds.append(time.perf_counter() - started)
    return {
        "one firm, three ways [ms], median": round(float(np.median(seconds)) * 1e3),
        "one firm, three ways [ms], longest": round(max(seconds) * 1e3),
    }


def firms(n: int) -> FactTable:
    """Draw firms whose facts are of a size that rules ask about."""
    rng = np.random.default_rng(SEED)
    revenue = rng.lognormal(17.0, 1.3, n)
    staff = np.maximum(np.rint(revenue / rng.uniform(3e5, 9e5, n)), 2.0)
    drawn: dict[tuple[str, int], np.ndarray] = {}
    for back in range(3):
        size = revenue * rng.uniform(0.75, 1.1, n) ** back
        drawn |= {
            ("revenue", -back): size,
            ("main_revenue", -back): size * rng.beta(8, 2, n),
            ("rd_expense", -back): size * rng.gamma(2.0, 0.022, n),
            ("assets_total", -back): size * rng.uniform(0.5, 2.0, n),
        }
        drawn["rd_domestic", -back] = drawn["rd_expense", -back] * rng.uniform(0.5, 1.0, n)
        drawn["liabilities", -back] = drawn["assets_total", -back] * rng.beta(3, 3, n)
    drawn |= {
        ("staff_total", 0): staff,
        ("tech_staff", 0): np.rint(staff * rng.beta(2, 6, n)),
        ("rd_staff", 0): np.rint(staff * rng.beta(2, 9, n)),
        ("cost_total", 0): revenue * rng.uniform(0.7, 1.05, n),
        ("net_profit", 0): revenue * rng.normal(0.05, 0.06, n),
        ("total_income", 0): revenue * 1.02,
        ("ht_product_income", 0): revenue * rng.beta(4, 3, n),
        ("niche_years", 0): rng.integers(0, 12, n).astype(float),
        ("months_registered", 0): rng.integers(3, 240, n).astype(float),
        ("founded_year", 0): np.full(n, 2010.0),
        ("transformations_per_year", 0): rng.poisson(2.0, n).astype(float),
        ("digital_level", 0): rng.integers(1, 5, n).astype(float),
        ("core_processes_on_it", 0): rng.integers(0, 3, n).astype(float),
        ("national_niche_share", 0): rng.beta(1, 12, n),
    }
    for name, mean in (("ip_class1", 0.7), ("ip_class2", 2.5), ("ip_class1_high_value", 0.2)):
        drawn[name, 0] = rng.poisson(mean, n).astype(float)
    drawn["ip_class1_self", 0] = np.rint(drawn["ip_class1", 0] * rng.random(n))
    drawn["ip_class1_main_product", 0] = drawn["ip_class1_self", 0]
    for name in ("equity_financing_2y", "equity_financing_3y"):
        drawn[name, 0] = np.where(rng.random(n) < 0.1, rng.lognormal(15.5, 1.2, n), 0.0)
    for name in ("national_award", "provincial_award", "maker_china", "led_standard"):
        drawn[f"{name}_years_ago", 0] = np.full(n, np.inf)
    for name in ("national_award_rank", "provincial_award_rank", "maker_china_group_rank"):
        drawn[name, 0] = np.full(n, np.inf)
    subjects = pl.Series([f"firm:{k:06d}" for k in range(n)])
    return FactTable(
        subjects, YEAR, {key: partly_known(rng, key[0], each) for key, each in drawn.items()},
        *others(rng, n),
    )  # fmt: skip


def partly_known(rng: np.random.Generator, name: str, values: np.ndarray) -> Interval:
    definition = fact_dictionary()[name]
    is_open = (rng.random(len(values)) < UNKNOWN) & np.isfinite(values)
    return Interval.between(
        np.where(is_open, definition.minimum, values), np.where(is_open, definition.maximum, values)
    )


def others(rng: np.random.Generator, n: int) -> tuple[dict[str, Truth], dict[str, Choices]]:
    """Draw conditions, the bad ones rarely true, and choices."""
    bad = {"major_accident", "env_violation", "research_dishonesty", "abnormal_list",
           "major_safety_quality_environment_case"}  # fmt: skip
    conditions, choices = {}, {}
    for name in fact_dictionary():
        definition = fact_dictionary()[name]
        if definition.kind is FactKind.CONDITION and definition.of is None:
            true = rng.random(n) < (0.01 if name in bad else 0.35)
            is_open = rng.random(n) < UNKNOWN
            conditions[name] = Truth(true & ~is_open, true | is_open)
        elif definition.kind is FactKind.CHOICE and definition.choices:
            values = tuple(choice.value for choice in definition.choices)
            codes = rng.integers(0, len(values), n).astype(np.int32)
            choices[name] = Choices(values, codes)
    return conditions, choices
