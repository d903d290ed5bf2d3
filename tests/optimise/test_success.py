from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jicheng.optimise.success import Level, Team, capability_index, effective_years, read_teams
from portfolio_builders import consortia_tables, pair_zone, plan_frame


def team(levels: list[float], *, n_members: int = 1, needed: float = 0.0) -> Team:
    n = len(levels)
    return Team(
        n_members,
        tuple(f"cap:{r}" for r in range(n)),
        (1 / n,) * n,
        (needed,) * n,
        tuple(Level(level, level, level) for level in levels),
    )


def test_capability_index_is_the_weighted_geometric_mean() -> None:
    known = Team(1, ("a", "b"), (0.25, 0.75), (0.0, 0.0), (Level(0.5, 0, 1), Level(0.8, 0, 1)))
    assert capability_index(known) == pytest.approx(0.5**0.25 * 0.8**0.75)


def test_capability_index_is_zero_if_a_needed_capability_is_uncovered() -> None:
    assert capability_index(team([1.0, 0.0])) == 0.0
    assert capability_index(team([1.0, 0.5], needed=0.6)) == 0.0
    assert capability_index(team([1.0, 0.6], needed=0.6)) > 0.0


def test_capability_index_is_unknown_if_a_level_is_unknown() -> None:
    unknown = Team(
        1, ("a", "b"), (0.5, 0.5), (0.0, 0.0), (Level(0.9, 0.9, 0.9), Level(math.nan, 0, 1))
    )
    assert math.isnan(capability_index(unknown))
    assert capability_index(unknown, 0.0) == 0.0
    assert capability_index(unknown, 1.0) == pytest.approx(0.9**0.5)
    assert unknown.unknown == ("b",)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(0, 4), st.floats(0, 1))
def test_a_better_level_never_lowers_the_capability_index(
    levels: list[float], at: int, better: float
) -> None:
    raised = list(levels)
    raised[at % len(levels)] = max(raised[at % len(levels)], better)
    assert capability_index(team(raised)) >= capability_index(team(levels)) - 1e-15


def test_effective_years_fall_with_members_beyond_the_first() -> None:
    teams = [team([1.0], n_members=m) for m in (1, 2, 11, 60)]
    found = effective_years(teams, np.full(4, 5.0), eta=2.0, kappa=0.02)
    assert found == pytest.approx([5.0, 5 * 0.98, 5 * 0.8, 0.0])


def test_effective_years_raise_the_capability_index_to_eta() -> None:
    found = effective_years([team([0.5])], np.array([4.0]), eta=3.0, kappa=0.0)
    assert found == pytest.approx([4.0 * 0.125])


def test_effective_years_without_a_consortium_are_unknown() -> None:
    assert np.isnan(effective_years([team([1.0], n_members=0)], np.ones(1), eta=1, kappa=0)).all()


def rows(*levels: tuple[float | None, float | None, float | None]) -> list[dict[str, object]]:
    return [
        {"challenge": "c:a", "capability": f"cap:{r}", "organisation": f"org:{i}",
         "level": level, "level_low": low, "level_high": high}
        for r in (1, 2)
        for i, (level, low, high) in enumerate(levels)
    ]  # fmt: skip


def read(levels: list[dict[str, object]], *, fold: int = 1, robust: bool = False) -> Team:
    tables = consortia_tables([{"challenge": "c:a", "r_fold": fold}])
    return read_teams(
        pair_zone(), tables["challenges"], tables["members"], plan_frame("assignment", levels),
        use_r_fold_level=robust,
    )["c:a"]  # fmt: skip


def test_the_best_known_level_counts_and_bounds_are_kept() -> None:
    found = read(rows((0.6, 0.5, 0.9), (0.7, None, None)))
    assert found.levels[0] == Level(0.7, 0.7, 0.9)


def test_an_unknown_level_between_known_bounds_counts_with_the_middle() -> None:
    assert read(rows((None, 0.4, 0.8))).levels[0] == Level(pytest.approx(0.6), 0.4, 0.8)


def test_an_unknown_level_without_bounds_is_unknown_not_zero() -> None:
    level = read(rows((None, None, None))).levels[0]
    assert math.isnan(level.stated)
    assert (level.low, level.high) == (0.0, 1.0)


def test_a_capability_that_nobody_holds_has_level_zero() -> None:
    assert read([]).levels[0] == Level(0.0, 0.0, 0.0)


def test_robust_value_takes_the_r_th_best_level() -> None:
    levels = rows((0.9, None, None), (0.7, None, None), (0.4, None, None))
    assert read(levels, fold=2, robust=True).levels[0].stated == 0.7
    assert read(levels, fold=2).levels[0].stated == 0.9
    assert read(levels, fold=4, robust=True).levels[0].stated == 0.0


def test_weights_of_needs_sum_to_one_and_default_to_equal() -> None:
    zone = pair_zone(
        needs=[
            {"technology": "tech:a", "capability": "cap:1", "weight": 3.0},
            {"technology": "tech:a", "capability": "cap:2", "weight": 1.0},
        ]
    )
    tables = consortia_tables([{"challenge": "c:a"}])
    del tables["consortia"]
    assert read_teams(zone, **tables)["c:a"].weights == (0.75, 0.25)
