"""The shipped packs and actions against trying everything, on drawn firms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bench.ladder import PACKS, firms

from jicheng.kernel.solver import Solver
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import evaluate
from jicheng.select.ladder import shipped_costs
from jicheng.select.ladder.bounding import least_costs
from jicheng.select.ladder.judging import assume
from jicheng.select.ladder.search import cheapest
from jicheng.select.ladder.target import target_of
from ladder_builders import cheapest_by_trying

FIRMS, CHOSEN, MOST = 24, 4, 3


@pytest.fixture(scope="module")
def solver():
    with Solver() as own:
        yield own


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("key", PACKS)
def test_shortest_way_is_the_cheapest_that_passes(key, seed, solver):
    pack, facts = pack_of(key), firms(FIRMS)
    random = np.random.default_rng([seed, *key.encode()])
    evaluation = evaluate(pack, facts)
    assumed = assume(evaluation, 0.8)
    now = assumed.evaluate(facts)
    usable = shipped_costs().usable
    for firm in range(FIRMS):
        chosen = random.choice(len(usable), CHOSEN, replace=False)
        actions = [replace(usable[k], most=min(usable[k].most, MOST)) for k in chosen]
        # larger steps, so that a few reach far
        actions = [replace(a, changes=tuple(_larger(c) for c in a.changes)) for a in actions]
        target = target_of(assumed, facts, now, actions)
        best = cheapest_by_trying(assumed, facts, firm, actions)
        found = cheapest(target, firm, solver)
        assert found.cost == pytest.approx(best, rel=1e-9)
        assert least_costs(target)[firm] <= best * (1 + 1e-9)


def _larger(change):
    return replace(change, amount=change.amount * (8 if abs(change.amount) > 1000 else 2))
