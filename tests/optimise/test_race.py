"""Parallel awards: chance of success, cost, and what a further team is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from builders import make_zone
from jicheng.optimise.milestones import WHOLE, Stages, read_stages
from jicheng.optimise.portfolio import PortfolioSettings, choose_portfolio
from jicheng.optimise.race import read_rivals
from jicheng.optimise.success import Level, Race, Team, effective_years
from portfolio_builders import consortia_tables, pair_zone


def team(level: float, n_members: int = 1) -> Team:
    return Team(n_members, ("r",), (1.0,), (0.0,), (Level(level, level, level),))


def race_of(levels: list[float], gate: float) -> Team:
    best, *others = (team(level) for level in levels)
    return replace(best, race=Race(tuple(others), gate))


def effective(one: Team, years: float = 5.0, **more: float) -> float:
    return float(effective_years([one], np.array([years]), eta=2.0, kappa=0.02, **more)[0])


@pytest.mark.parametrize("levels", [[0.9, 0.9], [0.9, 0.6], [0.5, 0.8, 0.7]])
@pytest.mark.parametrize("rho", [0.0, 0.4, 1.0])
def test_chance_of_a_race_equals_its_simulation(levels: list[float], rho: float) -> None:
    gate, years, median, n = 0.4, 5.0, 4.0, 400_000
    found = 1.0 - 2.0 ** (-effective(race_of(levels, gate), correlation=rho) / median)
    rng = np.random.default_rng(1)
    rates = np.log(2) / median * np.array(levels) ** 2
    best = int(np.argmax(rates))
    # A common shock at the rate of the best; it reaches a weaker team by thinning.
    common = rng.exponential(1 / max(rho * rates[best], 1e-12), n)
    thin = rng.random(n)
    own = rng.exponential(1.0, (n, len(rates))) / np.maximum((1 - rho) * rates, 1e-12)
    reach = np.where(thin[:, None] < rates / rates[best], common[:, None], np.inf)
    before_gate = (np.minimum(own, reach) < gate * years).any(axis=1)
    after_gate = rng.exponential(1 / rates[best], n) < (1 - gate) * years
    simulated = (before_gate | after_gate).mean()
    assert found == pytest.approx(simulated, abs=4 * 0.5 / np.sqrt(n))


def test_a_race_is_never_worse_than_its_best_team_and_falls_with_what_teams_share() -> None:
    race = race_of([0.9, 0.8], 0.5)
    chances = [effective(race, correlation=rho) for rho in (0.0, 0.3, 0.7, 1.0)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == pytest.approx(effective(team(0.9)))
    assert effective(race_of([0.9, 0.8], 0.0)) == pytest.approx(effective(team(0.9)))


def test_the_best_team_continues_whoever_is_named_first() -> None:
    assert effective(race_of([0.4, 0.9], 0.3)) == pytest.approx(effective(race_of([0.9, 0.4], 0.3)))


def test_stages_up_to_the_gate_cost_once_per_team() -> None:
    stages = Stages((1, 2, 3), ("", "", ""), (0.2, 0.3, 0.5), (0, 0.4, 0.6), (0.4, 0.6, 1.0),
                    (False, True, True))  # fmt: skip
    assert stages.cost_factor(3) == pytest.approx(3 * 0.5 + 0.5)
    assert stages.amounts(200.0, 3) == pytest.approx([60.0, 90.0, 50.0])
    assert stages.reached(0.7) == pytest.approx([1.0, 1.0, 0.7])
    assert WHOLE.cost_factor(3) == 1.0


def stages_of(*rows: dict[str, object], years: float = 4.0) -> Stages:
    zone = make_zone(
        technologies=[{"id": "t", "name": "t"}],
        challenges=[{"id": "c", "technology": "t"}],
        milestones=[{"challenge": "c", "order": i, **row} for i, row in enumerate(rows, 1)],
    )
    return read_stages(zone, {"c": years})["c"]


def test_stages_begin_when_the_one_before_is_due() -> None:
    found = stages_of(
        {"due": date(2028, 1, 28), "cost_share": 0.5},
        {"due": date(2029, 1, 28), "cost_share": 0.3, "is_gate": True},
        {"due": date(2031, 1, 28), "cost_share": 0.2},
    )
    assert found.ends == pytest.approx((0.25, 0.5, 1.0), abs=1e-3)
    assert found.offsets(4.0).tolist() == [0, 1, 2]
    assert found.first_gate == 1


def test_stages_without_dates_are_of_equal_length_and_silent_shares_are_filled() -> None:
    found = stages_of({"cost_share": 0.4}, {}, {})
    assert found.ends == pytest.approx((1 / 3, 2 / 3, 1.0))
    assert found.shares == pytest.approx((0.4, 0.3, 0.3))


def test_money_that_no_stage_asks_for_is_paid_with_the_first() -> None:
    assert stages_of({"cost_share": 0.3}, {"cost_share": 0.5}).shares == pytest.approx((0.5, 0.5))


def test_rivals_are_read_by_rank() -> None:
    tables = consortia_tables([{"challenge": "c:a"}, {"challenge": "c:b"}])
    ranked = {
        name: pl.concat(
            [
                tables[name].filter(pl.col("challenge") == challenge)
                .with_columns(rank=pl.lit(rank), **({} if name == "members" else
                              {"level": pl.lit(level)}))
                for challenge, rank, level in (("c:a", 2, 0.5), ("c:a", 1, 0.8))
            ]
        )
        for name in ("members", "assignment")
    }  # fmt: skip
    rivals = read_rivals(pair_zone(), tables["challenges"], **ranked)
    assert list(rivals) == ["c:a"]
    assert [team.levels[0].stated for team in rivals["c:a"]] == [0.8, 0.5]


def codes_with(rivals: dict[str, list[Team]]) -> tuple[set[str], list[int]]:
    """Choose where up to three teams may start; return the warnings and the numbers valued."""
    zone = pair_zone(
        challenges=[{"id": "c:a", "technology": "tech:a"}],
        milestones=[
            {"challenge": "c:a", "order": i, "cost_share": 0.5, "is_gate": i == 1} for i in (1, 2)
        ],
    )
    tables = consortia_tables([{"challenge": "c:a", "parallel_teams": 3}])
    settings = PortfolioSettings(n_draws=100, front_points=0)
    result = choose_portfolio(zone, **tables, settings=settings, rivals=rivals)
    return {one.code for one in result.warnings}, result.races["teams"].to_list()


def test_no_more_teams_race_than_there_are() -> None:
    codes, teams = codes_with({"c:a": [team(0.5)]})
    assert "E447" not in codes
    assert teams == [1, 2]


def test_a_rival_of_unknown_level_is_none_and_that_is_told() -> None:
    codes, teams = codes_with({"c:a": [team(float("nan"))]})
    assert "E447" in codes
    assert teams == [1, 2, 3]
