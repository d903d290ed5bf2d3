"""The small part of a chain puts out what the whole chain does."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.reach import output_of, reach_of
from portfolio_builders import random_protection


@pytest.mark.parametrize("seed", range(40))
def test_outputs_of_the_part_are_those_of_the_chain(seed: int) -> None:
    rng = np.random.default_rng(seed)
    protection = random_protection(rng, n=12, mixes_inputs_and_members=seed % 2 == 0)
    for scenario in protection.joint:
        reach = reach_of(protection, scenario)
        successes = rng.random((len(reach.challenges), 9)) < 0.5
        n = len(reach.left)
        a, rest = np.empty((n, 9)), np.empty(9)
        is_on = np.ones(len(reach.challenges), dtype=bool)
        for i in range(n):
            output_of(i, a, successes.astype(float), is_on, reach, rest, a[i])
        every = np.zeros((9, 5), dtype=bool)
        every[:, reach.challenges] = successes.T
        loss = protection.losses_after(scenario, every) @ protection.final_share
        gained = (a - reach.before[:, None]).T @ reach.weight
        before = protection.losses_before[scenario] @ protection.final_share
        assert gained == pytest.approx(before - loss, abs=1e-13)


@pytest.mark.parametrize("seed", range(10))
def test_every_node_of_the_part_can_change_and_leads_to_a_final_product(seed: int) -> None:
    protection = random_protection(np.random.default_rng(seed), n=12)
    for scenario in protection.joint:
        reach = reach_of(protection, scenario)
        has_source = np.zeros(len(reach.left), dtype=bool)
        has_source[reach.target] = True
        has_source[reach.at] = True
        assert has_source.all()
        goes_on = np.diff(reach.target_pointer) > 0
        assert (goes_on | (reach.weight > 0)).all()
