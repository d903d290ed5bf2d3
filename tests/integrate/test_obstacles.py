"""Why no team obeys the rules: a smallest set of rules, by name."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from jicheng.integrate.obstacles import diagnose
from jicheng.kernel.solver import Limits, Solver
from jicheng.kernel.team_problem import (
    TeamProblem,
    Ties,
    forbid_rule,
    least_rule,
    require_rule,
)

NOBODY = np.empty(0, dtype=np.int64)


@pytest.fixture(scope="module")
def solver():
    with Solver() as worker:
        yield worker


def four_candidates(*rules):
    """Return four who hold the one need and may lead; at most two members."""
    problem = TeamProblem(
        gain=np.ones((4, 1)),
        holds=np.ones((4, 1), dtype=np.bool_),
        price=np.zeros(4),
        distance=np.zeros((1, 4)),
        lead_at=np.zeros(4, dtype=np.int64),
        is_research=np.zeros(4, dtype=np.bool_),
        ties=Ties(NOBODY, NOBODY, np.empty(0)),
        member_limit=2,
        needs_research=False,
    )
    return problem.with_rules(*rules)


def told(problem, solver):
    return [(one.code, one.message.en) for one in diagnose(problem, solver, Limits()).obstacles]


def test_two_rules_that_clash_are_told_by_name(solver):
    problem = four_candidates(
        require_rule("must take part: A", 4, 0),
        require_rule("must take part: B", 4, 1),
        require_rule("must take part: C", 4, 2),
        forbid_rule("not together: A, B", 4, 0, 1),
    )
    ((code, text),) = told(problem, solver)
    assert code == "E318"
    named = [name for name in problem.rule_names if name in text]
    assert len(named) in (2, 3)
    assert not any(
        problem.obeys_rules(team) for size in (1, 2) for team in combinations(range(4), size)
    )


def test_one_rule_that_cannot_be_met_is_told_alone(solver):
    nobody = np.zeros(4, dtype=np.bool_)
    problem = four_candidates(
        require_rule("must take part: A", 4, 0), least_rule("partner from outside", nobody)
    )
    assert told(problem, solver) == [
        ("E318", "These rules cannot be met together: partner from outside")
    ]


def test_team_that_obeys_every_rule_is_returned(solver):
    problem = four_candidates(
        require_rule("A", 4, 3), forbid_rule("B", 4, 0, 3), least_rule("C", np.arange(4) == 1)
    )
    answer = diagnose(problem, solver, Limits())
    assert not answer.obstacles
    assert answer.team == (1, 3)
