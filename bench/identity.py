"""Which records are one organisation or person: made-up ones with the truth known."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from bench.made_up.people import people
from jicheng.integrate.resolve import (
    Agreement,
    Resolution,
    ResolveSettings,
    agreement,
    branches,
    resolve,
    resolve_people,
)

NAME = "identity"


def run(quick: bool) -> dict[str, Any]:
    """Resolve records of several sizes, each in a process of its own."""
    figures: dict[str, Any] = {}
    for count in (2_000,) if quick else (100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "records.parquet"
            for step in ("make", "resolve"):
                done = subprocess.run(
                    [sys.executable, "-m", "bench.made_up.measure", step, str(file), str(count)],
                    capture_output=True, text=True, check=True,
                    cwd=Path(__file__).parents[1],
                )  # fmt: skip
            for line in done.stdout.splitlines():
                label, _, figure = line.partition("\t")
                figures[f"{count:,} records, {label}"] = figure
    return figures | persons(300 if quick else 5_000)


def persons(count: int) -> dict[str, Any]:
    """Resolve people of rosters and papers, many of whom share a name; see how well."""
    records, texts = people(count)
    truth = records.sort("id")
    worked = time.process_time()
    found = resolve_people(records.drop("entity"), texts=texts)
    members = found.members["person"]
    worked = time.process_time() - worked
    alone = resolve_people(records.drop("entity"), settings=ResolveSettings(probable=False))
    entity = truth["entity"]
    pairs = found.review.join(truth.select(left="id", a="entity"), on="left").join(
        truth.select(right="id", b="entity"), on="right"
    )
    named = truth.select(pl.concat_str("name", "organisation").fill_null("?" + pl.col("id")))
    label = f"{records.height:,} records of {count:,} people"
    return {
        f"{label}, processor seconds": round(worked, 1),
        f"{label}: precision, recall, F1 of pairs": _three(agreement(members, entity)),
        f"{label}, on identifiers alone": _three(agreement(alone.members["person"], entity)),
        f"{label}, on name and organisation alone": _three(agreement(named.to_series(), entity)),
        f"{label}, pairs to review": pairs.height,
        f"{label}, share of them that are one": round((pairs["a"] == pairs["b"]).mean() or 0.0, 3),
    }


def _three(got: Agreement) -> str:
    return f"{got.precision:.4f}  {got.recall:.4f}  {got.f1:.4f}"


def measured(file: Path) -> dict[str, Any]:
    """Resolve the records of a file; return seconds, memory and agreement with the truth."""
    records = pl.read_parquet(file)
    given = records.drop("entity", "entity_kind", "entity_head")
    started, worked = time.perf_counter(), time.process_time()
    found = resolve(given)
    members = found.members
    figures = {
        "seconds": round(time.perf_counter() - started, 1),
        "processor seconds": round(time.process_time() - worked, 1),
        "GB at the peak": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2),
    }
    truth = records.sort("id")
    figures |= shown("all", members, truth)
    for kind in ("firm", "institute", "university", "branch"):
        figures |= shown(kind, members, truth, kind)
    return figures | headed(found, truth) | compared(given, found, truth)


def headed(found: Resolution, truth: pl.DataFrame) -> dict[str, Any]:
    """Return how many branches were merged with their head, and how many heads were found."""
    records = truth.select("entity", "entity_head", organisation=found.members["organisation"])
    heads = records.select("organisation", entity_head="entity").unique()
    of_branches = records.filter(pl.col("entity_head").is_not_null())
    merged = of_branches.join(heads, on=["organisation", "entity_head"], how="semi")
    named = branches(found).drop_nulls("head").select("organisation", "head")
    said = of_branches.join(named, on="organisation").join(
        heads.rename({"entity_head": "true"}), left_on="head", right_on="organisation"
    )
    right = said.filter(pl.col("true") == pl.col("entity_head"))
    return {
        "records of branches": of_branches.height,
        "merged with their head": merged.height,
        "whose one head is named": said["entity"].len(),
        "rightly": right.height,
    }


def shown(label: str, members: pl.DataFrame, truth: pl.DataFrame, kind: str = "") -> dict[str, Any]:
    counted = truth["entity_kind"] == kind if kind else None
    got = agreement(members["organisation"], truth["entity"], counted=counted)
    return {
        f"{label}: precision, recall, F1 of pairs": (_three(got)),
        f"{label}: B-cubed precision, recall, F1": (
            f"{got.b_precision:.4f}  {got.b_recall:.4f}  {got.b_f1:.4f}"
        ),
    }


def compared(given: pl.DataFrame, found: Resolution, truth: pl.DataFrame) -> dict[str, Any]:
    """Return what simpler ways reach, and how much is left to people."""
    exact = resolve(given, settings=ResolveSettings(probable=False))
    keys = found.records.keys.select("row", "core", "region")
    same = keys.with_columns(
        organisation=pl.when(pl.col("core").is_not_null()).then(
            pl.col("row").min().over("core", "region")
        )
    )
    core = same["organisation"].fill_null(same["row"])
    return {
        "pairs to review": found.review.height,
        "F1 on identifiers alone": round(
            agreement(exact.members["organisation"], truth["entity"]).f1, 4
        ),
        "F1 on name and region alone": round(agreement(core, truth["entity"]).f1, 4),
    }
