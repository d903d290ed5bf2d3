"""A race is valued with the consortia that would run it."""

from __future__ import annotations

import pytest

from builders import make_zone
from jicheng.optimise.settings import PortfolioSettings
from jicheng.plan.settings import PlanSettings
from jicheng.plan.stages import STAGES, StageContext
from jicheng.zone import Zone
from portfolio_builders import plan_frame

ETA, KAPPA, RHO = 2.0, 0.0, 0.5
SETTINGS = PlanSettings(
    portfolio=PortfolioSettings(
        n_draws=100, front_points=0, eta=ETA, kappa=KAPPA, race_correlation=RHO
    )
)


def race_zone(*levels: float) -> Zone:
    """One challenge that two teams may start; as many institutes hold what it needs."""
    return make_zone(
        strict=False,
        sites=[{"id": "site:1", "name": "园", "longitude": 113.0, "latitude": 23.0}],
        technologies=[
            {"id": "tech:a", "name": "a", "kind": "component", "chain": "c", "years_low": 1.0,
             "years_high": 1.0},
            {"id": "tech:f", "name": "f", "kind": "product", "chain": "c", "final_value": 1.0},
        ],
        links=[{"source": "tech:a", "target": "tech:f", "relation": "input",
                "essentiality": "essential"}],
        supply=[{"technology": "tech:a", "supplier": "USA", "country": "USA", "share": 1.0,
                 "period": 2025}],
        capabilities=[{"id": "cap:y", "name": "y"}],
        needs=[{"technology": "tech:a", "capability": "cap:y"}],
        organisations=[
            {"id": f"org:{i}", "name": f"{i}", "kind": "institute", "country": "CHN",
             "zone": "zone:test", "cost": 0.0, "site": "site:1", "may_lead": True}
            for i in range(len(levels))
        ],
        holdings=[
            {"holder": f"org:{i}", "capability": "cap:y", "level": level, "evidence": "专利"}
            for i, level in enumerate(levels)
        ],
        purses=[{"id": "purse:1", "name": "财政", "kind": "public", "amount": 1000.0}],
        challenges=[
            {"id": "c:a", "technology": "tech:a", "cost_low": 100.0, "cost_high": 100.0,
             "years": 0.5, "relief": 1.0, "parallel_teams": 2, "lead_kinds": "institute"}
        ],
        milestones=[
            {"challenge": "c:a", "order": 1, "cost_share": 0.5, "is_gate": True},
            {"challenge": "c:a", "order": 2, "cost_share": 0.5},
        ],
    )  # fmt: skip


def raced(zone: Zone) -> tuple[list[float], set[str]]:
    """Run the stages of consortia and portfolio; return chances by teams, and warnings."""
    stages = {stage.name: stage for stage in STAGES}
    tables = {
        "chokepoints": plan_frame(
            "chokepoints", [{"technology": "tech:a", "verdict": "chokepoint"}]
        )
    }
    codes: set[str] = set()
    for name in ("consortia", "portfolio"):
        output = stages[name].run(StageContext(zone, SETTINGS, tables))
        assert set(output.tables) == set(stages[name].tables)
        tables |= output.tables
        codes |= {one.code for one in output.warnings}
    return tables["races"].sort("teams")["success"].to_list(), codes


def chance(*levels: float) -> float:
    """Return 1 - 2^-E of teams with a gate at half time; see the module of success."""
    strengths = [level**ETA for level in levels]
    best = max(strengths)
    together = RHO * best + (1 - RHO) * sum(strengths) if len(levels) > 1 else best
    return float(1 - 2 ** -(0.5 * (0.5 * together + 0.5 * best)))


def test_a_race_is_valued_with_the_real_rival() -> None:
    (alone, race), codes = raced(race_zone(0.9, 0.6))
    assert alone == pytest.approx(chance(0.9), abs=1e-9)
    assert race == pytest.approx(chance(0.9, 0.6), abs=1e-9)
    assert race < chance(0.9, 0.9) - 0.01
    assert not codes & {"E446", "E447"}


def test_the_same_team_stands_in_where_nobody_else_could() -> None:
    (_, race), codes = raced(race_zone(0.9))
    assert race == pytest.approx(chance(0.9, 0.9), abs=1e-9)
    assert "E447" in codes
