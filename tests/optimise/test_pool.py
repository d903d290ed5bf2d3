from __future__ import annotations

import numpy as np
import pytest

from jicheng.optimise.cases import Case, read_cases
from jicheng.optimise.pool import Pool, is_promised
from jicheng.optimise.problem import Choice
from jicheng.optimise.settings import PortfolioSettings
from jicheng.optimise.value import Exposure, SetValue
from jicheng.zone import Zone
from portfolio_builders import consortia_tables, pair_zone

SETTINGS = PortfolioSettings(n_draws=20)
TECHNOLOGY = {"kind": "component", "chain": "chip", "years_low": 1.0, "years_high": 3.0}


def zone_of_four() -> Zone:
    names = "abde"
    return pair_zone(
        technologies=[{"id": f"tech:{k}", "name": k, **TECHNOLOGY} for k in names]
        + [{"id": "tech:f", "name": "产品", "chain": "chip", "final_value": 1.0}],
        links=[{"source": f"tech:{k}", "target": "tech:f", "relation": "input"} for k in names],
        supply=[
            {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 1.0}
            for k in names
        ],
        needs=[
            {"technology": f"tech:{k}", "capability": f"cap:{r}"} for k in names for r in (1, 2)
        ],
    )


def pool_of(*rows: dict[str, object]) -> tuple[Pool, tuple[Case, ...], Exposure]:
    zone = zone_of_four()
    tables = consortia_tables(rows)
    exposure = Exposure.of(zone, SETTINGS)
    cases = read_cases(
        zone, tables["challenges"], tables["consortia"], tables["members"], tables["assignment"],
        chain=exposure.chain, supply=exposure.supply, settings=SETTINGS,
    )  # fmt: skip
    return Pool.of(zone, cases, 1.0), cases, exposure


FREE = {"challenge": "c:a"}
EXCLUDED = {"challenge": "c:b", "decision": "excluded"}
PROMISED = {"challenge": "c:d", "relief": None, "decision": "mandatory"}
MANDATORY = {"challenge": "c:e", "decision": "mandatory"}


def test_excluded_challenges_do_not_compete_and_promised_ones_are_paid_first() -> None:
    pool, cases, _ = pool_of(FREE, EXCLUDED, PROMISED, MANDATORY)
    assert [case.challenge for case in pool.cases] == ["c:a", "c:d", "c:e"]
    assert [case.challenge for case in pool.competitors] == ["c:a", "c:e"]
    assert [case.challenge for case in cases if is_promised(case)] == ["c:d"]
    assert [warning.code for warning in pool.warnings()] == ["E408"]


def test_the_problem_is_about_competitors_with_promised_money_set_aside() -> None:
    pool, cases, exposure = pool_of(FREE, EXCLUDED, PROMISED, MANDATORY)
    candidates = tuple(case for case in cases if case.is_candidate)
    problem = pool.problem(SetValue.of(exposure, candidates, SETTINGS), candidates)
    assert problem.required.tolist() == [False, True]
    assert problem.purses.limits == pytest.approx([100.0])  # 200, less 100 promised
    assert problem.value.protection.technology.tolist() == [
        exposure.chain.index["tech:a"], exposure.chain.index["tech:e"],
    ]  # fmt: skip


def test_what_a_choice_pays_for_includes_what_was_promised() -> None:
    pool, _, _ = pool_of(FREE, EXCLUDED, PROMISED, MANDATORY)
    choice = Choice(np.array([False, True]), 0.0, 0.0, "enumeration")
    assert pool.paid_for(choice).tolist() == [False, True, True]


def test_a_mandatory_challenge_without_cost_or_team_is_not_promised() -> None:
    _, cases, _ = pool_of({**PROMISED, "cost_low": None})
    assert not any(is_promised(case) for case in cases)
