"""The shortest way against trying everything, over random packs, firms and actions."""

from __future__ import annotations

import numpy as np
import pytest

from jicheng.kernel.solver import Solver
from jicheng.rules.score.evaluate import FAIL, evaluate
from jicheng.select.ladder.bounding import least_costs
from jicheng.select.ladder.changing import after
from jicheng.select.ladder.judging import assume
from jicheng.select.ladder.search import WayStatus, cheapest
from jicheng.select.ladder.target import target_of
from ladder_builders import PASS, Draw, cheapest_by_trying

PACKS, FIRMS = 400, 2


class Case:
    """A random pack before random firms with random actions."""

    def __init__(self, seed: int, *, whole: bool = True, unknown: float = 0.12) -> None:
        draw = Draw(seed)
        self.pack, self.facts = draw.pack(), draw.facts(FIRMS, unknown=unknown)
        self.actions = draw.actions(whole=whole)
        evaluation = evaluate(self.pack, self.facts)
        self.assumed = assume(evaluation, draw.one(0.0, 0.0, 0.5))
        self.now = self.assumed.evaluate(self.facts)

    def target(self, *, is_favourable: bool = False):
        return target_of(
            self.assumed, self.facts, self.now, self.actions, is_favourable=is_favourable
        )

    def verdict(self, firm: int, amounts: np.ndarray) -> int:
        row = np.array([firm])
        changed = after(self.facts.rows(row), self.actions, amounts[None, :])
        return int(self.assumed.rows(row).evaluate(changed).verdicts[0])

    def by_trying(self, firm: int, **how) -> float:
        return cheapest_by_trying(self.assumed, self.facts, firm, self.actions, **how)


@pytest.fixture(scope="module")
def solver():
    with Solver() as own:
        yield own


@pytest.mark.parametrize("start", range(0, PACKS, 50))
def test_shortest_way_is_the_cheapest_that_passes(start, solver):
    for seed in range(start, start + 50):
        case = Case(seed)
        target = case.target()
        bounds = least_costs(target)
        for firm in range(FIRMS):
            best = case.by_trying(firm)
            found = cheapest(target, firm, solver)
            place = f"seed {seed}, firm {firm}, not linear: {sorted(target.kept)}"
            assert bounds[firm] <= best + 1e-9, place
            if target.kept:  # then a way that changes these facts may be cheaper
                assert found.cost >= best - 1e-9, place
            else:
                assert found.cost == pytest.approx(best, abs=1e-9), place
            if found.amounts is not None:
                assert found.status is WayStatus.OPTIMAL, place
                assert case.verdict(firm, found.amounts) == PASS, place


@pytest.mark.parametrize("seed", range(3000, 3060))
def test_another_way_is_the_cheapest_that_leaves_something_out(seed, solver):
    case = Case(seed)
    target = case.target()
    if target.kept:
        return
    first = cheapest(target, 0, solver)
    if first.amounts is None or not first.amounts.any():
        return
    used = frozenset(np.flatnonzero(first.amounts).tolist())
    second = cheapest(target, 0, solver, without=[used])
    assert second.cost == pytest.approx(case.by_trying(0, without=used), abs=1e-9)


@pytest.mark.parametrize("seed", range(4000, 4060))
def test_with_all_unknown_turning_out_well_no_way_costs_more(seed, solver):
    case = Case(seed, unknown=0.3)
    certain = cheapest(case.target(), 0, solver)
    hoped = cheapest(case.target(is_favourable=True), 0, solver)
    assert hoped.bound <= certain.cost + 1e-9
    if hoped.amounts is not None and not case.target(is_favourable=True).kept:
        assert case.verdict(0, hoped.amounts) != FAIL or hoped.cost == 0


@pytest.mark.parametrize("seed", range(5000, 5060))
def test_fractions_of_units_are_never_dearer_and_pass(seed, solver):
    case = Case(seed, whole=False, unknown=0.0)
    target = case.target()
    found = cheapest(target, 0, solver)
    if target.kept:
        return
    assert found.bound <= case.by_trying(0) + 1e-9
    if found.amounts is not None:
        assert case.verdict(0, found.amounts) == PASS
        assert found.gap <= 1e-3
        finer = case.by_trying(0, parts=4)
        assert found.cost <= finer + 1e-3 * max(1.0, finer)
