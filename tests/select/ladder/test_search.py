from __future__ import annotations

import math

import numpy as np
import pytest

from jicheng.errors import Text
from jicheng.kernel.solver import Limits, Solver
from jicheng.rules.pack.model import Band, Banded, Side
from jicheng.rules.score.evaluate import evaluate
from jicheng.select.ladder.judging import assume
from jicheng.select.ladder.program import Box
from jicheng.select.ladder.search import WayStatus, cheapest
from jicheng.select.ladder.settings import Action, Change, Effect
from jicheng.select.ladder.target import target_of
from ladder_builders import condition, firms, indicator, pack_of, parse


@pytest.fixture(scope="module")
def solver():
    with Solver() as own:
        yield own


def action(name: str, fact: str, amount: float, cost: float, most: float = 50.0) -> Action:
    change = Change(fact, Effect.ADD, amount=amount)
    return Action(name, Text(name, name), (change,), unit_cost=cost, most=most)


def target(pack, facts, *actions):
    assumed = assume(evaluate(pack, facts), 0.0)
    return target_of(assumed, facts, assumed.evaluate(facts), actions)


def test_an_answer_by_the_tolerance_of_a_solver_is_not_taken(solver):
    # 20 units come within 1 yuan of 5 % of 100 million: solvers cannot tell, the rules can
    pack = pack_of(gates=[condition("gates", "g", "rd_expense / revenue >= 0.05")])
    facts = firms(rd_expense=[3e6 - 1.0], revenue=[1e8])
    found = cheapest(target(pack, facts, action("spend", "rd_expense", 1e5, 1.0)), 0, solver)
    assert (found.amounts[0], found.status) == (21.0, WayStatus.OPTIMAL)


def test_an_exact_edge_is_taken(solver):
    pack = pack_of(gates=[condition("gates", "g", "rd_expense / revenue >= 0.05")])
    facts = firms(rd_expense=[3e6], revenue=[1e8])
    found = cheapest(target(pack, facts, action("spend", "rd_expense", 1e5, 1.0)), 0, solver)
    assert found.amounts[0] == 20.0


def test_more_than_a_bound_is_more(solver):
    bands = (Band(Side.AT_LEAST, 3, 70, 70), Band(Side.AT_LEAST, 2, 69, 69),
             Band(Side.OTHERWISE, math.nan, 0, 0))  # fmt: skip
    top = Banded(parse("ip_class1"), bands)
    pack = pack_of(
        indicators=[indicator("a", 70, top), indicator("b", 30, Banded(parse("ip_class2"), (
            Band(Side.AT_LEAST, 9, 1, 1), Band(Side.OTHERWISE, math.nan, 0, 0))))],
        conditions=[condition("conditions", "c", "score > 70")],
    )  # fmt: skip
    actions = (action("one", "ip_class1", 1, 5.0), action("two", "ip_class2", 1, 1.0))
    found = cheapest(target(pack, firms(), *actions), 0, solver)
    assert found.amounts.tolist() == [3.0, 6.0]


def test_the_rules_themselves_have_the_last_word(solver):
    pack = pack_of(gates=[condition("gates", "g", "ip_class2 >= 5")])
    asked = []

    def passes(amounts: np.ndarray) -> bool:
        asked.append(amounts[0])
        return bool(amounts[0] >= 4)

    it = target(pack, firms(), action("file", "ip_class2", 1, 1.0))
    found = cheapest(it, 0, solver, passes=passes)
    assert (found.amounts[0], found.cost, found.status) == (4.0, 4.0, WayStatus.OPTIMAL)
    assert asked[0] == 2.0


def test_a_fact_never_leaves_its_natural_range(solver):
    pack = pack_of(gates=[condition("gates", "g", "liabilities / assets_total <= 0.10")])
    facts = firms(liabilities=[5e6], assets_total=[3e7])
    found = cheapest(target(pack, facts, action("repay", "liabilities", -3e6, 1.0)), 0, solver)
    assert found.amounts[0] == 1.0
    tight = pack_of(gates=[condition("gates", "g", "liabilities / assets_total < 0.0")])
    none = cheapest(target(tight, facts, action("repay", "liabilities", -3e6, 1.0)), 0, solver)
    assert (none.amounts, none.status) == (None, WayStatus.IMPOSSIBLE)


def test_two_actions_that_set_a_fact_differently_are_not_done_together(solver):
    def sets(name, fact, value):
        return Action(name, Text(name, name), (Change(fact, Effect.SET, value=value),), 1.0)

    pack = pack_of(gates=[
        condition("gates", "g", "rd_institution_level == city"),
        condition("gates", "h", "has_rd_institution"),
    ])  # fmt: skip
    city = Action("city", Text("", ""), (Change("rd_institution_level", Effect.SET, value="city"),),
                  1.0)  # fmt: skip
    below = Action("below", Text("", ""), (
        Change("rd_institution_level", Effect.SET, value="below_city"),
        Change("has_rd_institution", Effect.SET, value="true")), 1.0)  # fmt: skip
    facts = firms(has_rd_institution=[False])
    assert cheapest(target(pack, facts, city, below), 0, solver).amounts is None
    has = sets("has", "has_rd_institution", "true")
    assert cheapest(target(pack, facts, city, below, has), 0, solver).amounts.tolist() == [1, 0, 1]


def test_a_solver_that_is_stopped_leaves_a_bound(solver):
    pack = pack_of(gates=[condition("gates", "g", "ip_class1 * 3 + ip_class2 * 5 >= 100")])
    it = target(pack, firms(), action("one", "ip_class1", 1, 3.1), action("two", "ip_class2", 1, 5))
    found = cheapest(it, 0, solver, limits=Limits(gap=0.5))
    assert found.bound <= found.cost
    assert found.status in {WayStatus.OPTIMAL, WayStatus.FEASIBLE}
    assert cheapest(it, 0, solver).cost <= found.cost


def test_a_box_is_split_around_amounts():
    less, same, more = Box((0.0, 0.0), (3.0, 5.0)).split(1, 2.0)
    assert (less.upper, same.lower, same.upper, more.lower) == (
        (3.0, 1.0), (0.0, 2.0), (3.0, 2.0), (0.0, 3.0)
    )  # fmt: skip
    assert Box((0.0,), (3.0,)).split(0, 0.0)[0].is_empty
