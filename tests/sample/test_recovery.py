"""The chokepoint analysis finds what is planted, and little else."""

from __future__ import annotations

import pytest

from jicheng.sample import Recovery, generate
from jicheng.select.chokepoints import find_chokepoints


@pytest.fixture(scope="module")
def recoveries() -> list[Recovery]:
    cases = [("small", seed) for seed in range(1, 6)] + [("zone", 1), ("zone", 2)]
    samples = [generate(scale=scale, seed=seed) for scale, seed in cases]
    return [sample.truth.recovery(find_chokepoints(sample.zone).table) for sample in samples]


def test_at_least_nine_in_ten_planted_chokepoints_are_found(recoveries: list[Recovery]) -> None:
    found = sum(len(recovery.found) for recovery in recoveries)
    missed = sum(len(recovery.missed) for recovery in recoveries)
    assert found >= 0.9 * (found + missed)


def test_no_planted_chokepoint_is_called_safe(recoveries: list[Recovery]) -> None:
    assert [name for recovery in recoveries for name in recovery.called_safe] == []


def test_at_most_one_in_twenty_others_is_called_a_chokepoint(recoveries: list[Recovery]) -> None:
    false = sum(len(recovery.false) for recovery in recoveries)
    assert false <= 0.05 * sum(recovery.n_negative for recovery in recoveries)


def test_technologies_without_shares_are_no_data() -> None:
    sample = generate(scale="small", seed=1)
    verdicts = find_chokepoints(sample.zone).table
    silent = sample.truth.technologies.filter(sample.truth.technologies["role"] == "no_data")
    both = silent.join(verdicts, on="technology")
    assert set(both["verdict"]) == {"no_data"}
