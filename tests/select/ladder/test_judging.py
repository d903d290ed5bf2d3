from __future__ import annotations

import numpy as np
import pytest

from jicheng.rules.expression.intervals import Interval
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import OPEN, PASS, evaluate
from jicheng.select.ladder.experts import expert_points
from jicheng.select.ladder.judging import assume
from ladder_builders import HTE, firms

PACK = pack_of("cn.hte")
ADVANCED, CORE = "judged.cn.hte.ip.advanced", "judged.cn.hte.ip.core_support"
MANAGEMENT = (
    "rd_system_and_cost_ledger", "rd_unit_and_cooperation", "incentives_and_open_platform",
    "training_and_talent",
)  # fmt: skip


def judged(points: dict[str, float]):
    numbers = {(name, 0): Interval.known(np.array([value])) for name, value in points.items()}
    return firms(HTE).with_facts(numbers)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_an_assumed_pack_gives_one_number_inside_the_interval_of_the_rules(share):
    evaluation = evaluate(PACK, firms(HTE))
    assumed = assume(evaluation, share).evaluate(firms(HTE))
    low, high = evaluation.score.low[0], evaluation.score.high[0]
    assert assumed.score.low[0] == assumed.score.high[0]
    assert low - 1e-9 <= assumed.score.low[0] <= high + 1e-9


def test_no_share_is_the_low_end_and_all_of_it_the_high_end():
    evaluation = evaluate(PACK, firms(HTE))
    ends = [assume(evaluation, share).evaluate(firms(HTE)).score.low[0] for share in (0.0, 1.0)]
    assert ends == [evaluation.score.low[0], evaluation.score.high[0]] == [41.0, 90.0]


def test_what_was_judged_already_stands():
    # the published vector: advanced 8, core support 8, management 15 or 16 of 20
    evaluation = evaluate(PACK, judged({ADVANCED: 8, CORE: 8}))
    assumed = assume(evaluation, 0.5).evaluate(evaluation.facts)
    assert assumed.points["indicators/ip/advanced"].low[0] == 8.0


def test_points_needed_of_experts_are_those_that_lack_to_the_bound():
    evaluation = evaluate(PACK, firms(HTE))
    assert evaluation.verdicts[0] == OPEN
    needed, most = expert_points(evaluation, evaluation.facts)
    assert (needed[0], most[0]) == (71.0 - 41.0, 90.0 - 41.0)


@pytest.mark.parametrize(("management", "needed"), [(15, 1.0), (16, 0.0)])
def test_more_than_70_points_are_needed_where_points_are_whole(management, needed):
    shares = np.array([6, 6, 4, 4]) * management / 20
    points = {
        f"judged.cn.hte.rd_management.{name}": share
        for name, share in zip(MANAGEMENT, shares, strict=True)
    }
    evaluation = evaluate(PACK, judged({ADVANCED: 7, CORE: 7, **points}))
    assert expert_points(evaluation, evaluation.facts)[0][0] == needed
    assert (evaluation.verdicts[0] == PASS) == (needed == 0.0)


def test_a_pack_without_points_needs_none():
    pack = pack_of("cn.little_giant")
    evaluation = evaluate(pack, firms(HTE))
    needed, most = expert_points(evaluation, evaluation.facts)
    assert (needed[0], most[0]) == (0.0, 0.0)
