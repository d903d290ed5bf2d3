"""Planted chokepoints are found, over five made-up zones, and none is called safe."""

from __future__ import annotations

import polars as pl
import pytest

from jicheng.sample import Sample, generate
from jicheng.select.chokepoints import ChokepointsResult, find_chokepoints

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def cases() -> list[tuple[Sample, ChokepointsResult]]:
    samples = [generate(scale="small", seed=seed) for seed in SEEDS]
    return [(sample, find_chokepoints(sample.zone)) for sample in samples]


def test_nine_of_ten_planted_chokepoints_are_found(
    cases: list[tuple[Sample, ChokepointsResult]],
) -> None:
    recoveries = [sample.truth.recovery(result.table) for sample, result in cases]
    n_found = sum(len(recovery.found) for recovery in recoveries)
    n_planted = n_found + sum(len(recovery.missed) for recovery in recoveries)
    assert n_planted >= 20
    assert n_found >= 0.9 * n_planted


def test_no_planted_chokepoint_is_called_safe(
    cases: list[tuple[Sample, ChokepointsResult]],
) -> None:
    for sample, result in cases:
        assert sample.truth.recovery(result.table).called_safe == ()


def test_at_most_one_in_twenty_findings_is_false(
    cases: list[tuple[Sample, ChokepointsResult]],
) -> None:
    recoveries = [sample.truth.recovery(result.table) for sample, result in cases]
    n_false = sum(len(recovery.false) for recovery in recoveries)
    n_found = sum(len(recovery.found) for recovery in recoveries)
    assert n_false <= 0.05 * (n_false + n_found)


def test_technologies_without_data_are_never_called_anything_else(
    cases: list[tuple[Sample, ChokepointsResult]],
) -> None:
    for sample, result in cases:
        silent = sample.truth.technologies.filter(pl.col("role") == "no_data")["technology"]
        verdicts = result.table.filter(pl.col("technology").is_in(silent.implode()))["verdict"]
        assert set(verdicts) == {"no_data"}


def test_traps_are_not_taken_for_chokepoints(
    cases: list[tuple[Sample, ChokepointsResult]],
) -> None:
    traps = ("home_dominated", "sourced_at_home", "second_source", "substitutable", "low_impact")
    for sample, result in cases:
        joined = result.table.join(sample.truth.technologies, on="technology")
        found = joined.filter(pl.col("role").is_in(traps))["verdict"]
        assert "chokepoint" not in set(found)


def test_planted_chokepoints_lead_the_ranking(
    cases: list[tuple[Sample, ChokepointsResult]],
) -> None:
    for sample, result in cases:
        joined = result.table.join(sample.truth.technologies, on="technology")
        planted = joined.filter("is_chokepoint")["rank"]
        ordinary = joined.filter(pl.col("role") == "ordinary")["rank"].drop_nulls()
        assert planted.median() < ordinary.median()
