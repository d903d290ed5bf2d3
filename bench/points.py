"""Innovation points of half a million firms, all packs over 40,000, one explanation."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from jicheng.rules.expression.intervals import Choices, Floats, Interval, Truth
from jicheng.rules.facts.dictionary import FactDefinition, FactKind, fact_dictionary
from jicheng.rules.facts.table import FactTable
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.model import Pack, Subject
from jicheng.rules.pack.shipped import pack_of, shipped
from jicheng.rules.score.references import References
from jicheng.select.points import PointsResult, score
from jicheng.select.qualification import qualify

NAME = "points"

MISSING = 0.08  # share of cells
YEARS = (2023, 2024, 2025)
STAGES = (0.35, 0.4, 0.25)


def run(quick: bool) -> dict[str, Any]:
    """Score, rank and explain; return seconds, memory and what a pandas script takes."""
    n, n_all = (3_000, 500) if quick else (520_000, 40_000)
    pack = pack_of("cn.innovation_points@2024")
    years = [made_up(n, [pack], year=year, seed=1) for year in YEARS]
    figures: dict[str, Any] = {"firms": n, "indicators": len(pack.indicators), "years": len(YEARS)}
    held = peak_gb()
    figures["GB of the facts"] = held
    started = time.process_time()
    figures["seconds to score and rank"], result = timed(lambda: score(years, pack))
    figures["processor seconds of that"] = round(time.process_time() - started, 3)
    figures["GB at the peak"] = peak_gb()
    figures["seconds with two threads"], _ = timed(lambda: score(years, pack, threads=2))
    figures["GB at the peak with two threads"] = peak_gb()
    figures |= explained(result, n)
    figures |= side_by_side(result, pack, years)
    return figures | all_packs(n_all)


def explained(result: PointsResult, n: int) -> dict[str, Any]:
    subjects = [f"f{k:06d}" for k in np.random.default_rng(0).integers(0, n, 20)]
    result.explain(subjects[0])
    times = [timed(lambda s=subject: result.explain(s))[0] for subject in subjects]
    return {
        "ms to explain one firm, median": round(1000 * float(np.median(times)), 1),
        "ms to explain one firm, worst of 20": round(1000 * max(times), 1),
    }


def all_packs(n: int) -> dict[str, Any]:
    packs = [pack_of(key) for key in shipped()]
    packs = [pack for pack in packs if pack.subject is not Subject.PERSON]
    facts = made_up(n, packs, year=2025, seed=2)
    started = time.process_time()
    seconds, result = timed(lambda: qualify(facts, packs))
    worked = round(time.process_time() - started, 3)
    times = []
    for evaluation in result.evaluations:
        result.explain(evaluation.pack.key, "f000007")
        times.append(timed(lambda e=evaluation: result.explain(e.pack.key, "f000007"))[0])
    return {
        "packs": len(packs),
        "firms for all packs": n,
        "seconds for all packs": seconds,
        "processor seconds for all packs": worked,
        "ms to explain a firm, slowest pack": round(1000 * max(times), 1),
        "GB at the end": peak_gb(),
    }


def side_by_side(result: PointsResult, pack: Pack, years: list[FactTable]) -> dict[str, Any]:
    """Compare with a straightforward script, points low and high."""
    try:
        import pandas  # noqa: F401, PLC0415 - only here, and only if it is there
    except ImportError:
        return {"seconds of pandas": "not installed"}
    from bench.points_pandas import score_with_pandas  # noqa: PLC0415

    frames = [columns(facts) for facts in years]
    started = time.process_time()
    seconds, tables = timed(lambda: [score_with_pandas(frame) for frame in frames])
    worked = round(time.process_time() - started, 3)
    worst = 0.0
    for year, (low, high) in zip(result.years, tables, strict=True):
        for ours, theirs in (("low", low), ("high", high)):
            worst = max(worst, float(np.abs(year.table[ours].to_numpy() - theirs).max()))
    return {
        "seconds of pandas, without ranks": seconds,
        "processor seconds of that, pandas": worked,
        "largest difference to pandas": f"{worst:.1e}",
        "GB after pandas": peak_gb(),
    }


def columns(facts: FactTable) -> dict[str, Any]:
    """Return facts as a script would have them: columns with nan where nothing is known."""
    made: dict[str, Any] = {
        name: np.array(choices.values, dtype=object)[choices.codes]
        for name, choices in facts.choices.items()
    }
    for (name, offset), values in facts.numbers.items():
        column = values.low.copy()
        column[values.low != values.high] = np.nan
        made[f"{name}_before" if offset else name] = column
    return made


def made_up(n: int, packs: list[Pack], *, year: int, seed: int) -> FactTable:
    """Return facts of made-up firms: skewed money, zero-inflated counts, some missing."""
    known = fact_dictionary()
    needed = {fact.name: fact for pack in packs for fact in facts_needed(pack, known)}
    dictionary = known.with_facts(fact for name, fact in needed.items() if name not in known)
    names = dict.fromkeys(name for pack in packs for name in References(pack, dictionary).of_pack())
    chance = np.random.default_rng([seed, year])
    size = chance.normal(0.0, 1.2, n)
    numbers: dict[tuple[str, int], Interval] = {}
    conditions: dict[str, Truth] = {}
    choices: dict[str, Choices] = {}
    for name in names:
        fact = dictionary[name.id]
        is_missing = chance.random(n) < MISSING
        if fact.kind is FactKind.CONDITION:
            holds = chance.random(n) < 0.3
            conditions[name.id] = Truth(holds & ~is_missing, holds | is_missing)
        elif fact.kind is FactKind.CHOICE:
            codes = chance.integers(0, len(fact.values), n).astype(np.int32)
            if name.id not in ("stage", "tech_field"):
                codes[is_missing] = -1
            choices[name.id] = Choices(fact.values, codes)
        else:
            values = number(fact, size, chance)
            numbers[name.id, name.offset] = Interval(
                np.where(is_missing, fact.minimum, values),
                np.where(is_missing, fact.maximum, values),
            )
    return FactTable(
        subjects=pl.Series("subject", [f"f{k:06d}" for k in range(n)]),
        year=year,
        numbers=numbers,
        conditions=conditions,
        choices=choices,
        dictionary=dictionary,
    )


def number(fact: FactDefinition, size: Floats, chance: np.random.Generator) -> Floats:
    n = len(size)
    if fact.unit == "CNY":
        amounts = np.exp(16.0 + size + chance.normal(0.0, 0.6, n))
        return np.round(np.where(chance.random(n) < 0.15, 0.0, amounts), 2)
    if fact.unit == "ratio":
        return np.clip(chance.beta(1.5, 6.0, n), fact.minimum, fact.maximum)
    if fact.unit == "year":
        return chance.integers(2000, 2023, n).astype(np.float64)
    if fact.unit == "persons":
        return np.floor(np.exp(3.0 + 0.7 * size + chance.normal(0.0, 0.4, n)))
    counts = chance.poisson(np.exp(0.3 * size)) * (chance.random(n) < 0.4)
    low, high = max(fact.minimum, 0.0), fact.maximum
    return np.clip(counts.astype(np.float64), low, high)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    made = work()
    return round(time.perf_counter() - started, 3), made


def peak_gb() -> float:
    """Return the most memory that this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)
