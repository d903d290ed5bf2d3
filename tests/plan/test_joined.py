"""Scarce organisations go to the challenges that avoid more loss, once both are joined."""

from __future__ import annotations

from typing import Any

import pytest

from builders import make_zone
from jicheng.integrate.challenges import form_challenges
from jicheng.integrate.consortia import ConsortiaResult, form_consortia
from jicheng.optimise.portfolio import choose_portfolio
from jicheng.optimise.settings import PortfolioSettings
from jicheng.plan.joined import Joined, join_consortia
from jicheng.zone import Zone
from portfolio_builders import plan_frame

SETTINGS = PortfolioSettings(n_draws=100)


def rivals_zone(*, worth_of_a: float = 1.0, worth_of_b: float = 9.0, labs: int = 1) -> Zone:
    """Two products, each with one essential input; ``labs`` institutes can do either."""
    kinds = {"a": worth_of_a, "b": worth_of_b}
    organisation = {"country": "CHN", "zone": "zone:test", "cost": 0.0, "site": "site:1"}
    names = [f"lab{i}" for i in range(labs)]
    return make_zone(
        strict=False,
        sites=[{"id": "site:1", "name": "园", "longitude": 113.0, "latitude": 23.0}],
        technologies=[
            {"id": f"tech:{k}", "name": k, "kind": "component", "chain": "c", "years_low": 1.0,
             "years_high": 1.0}
            for k in kinds
        ] + [
            {"id": f"tech:{k}-product", "name": k, "kind": "product", "chain": "c",
             "final_value": worth}
            for k, worth in kinds.items()
        ],
        links=[
            {"source": f"tech:{k}", "target": f"tech:{k}-product", "relation": "input",
             "essentiality": "essential"}
            for k in kinds
        ],
        supply=[
            {"technology": f"tech:{k}", "supplier": "USA", "country": "USA", "share": 1.0,
             "period": 2025}
            for k in kinds
        ],
        capabilities=[{"id": f"cap:{r}", "name": r} for r in ("y", *kinds)],
        needs=[
            {"technology": f"tech:{k}", "capability": f"cap:{r}"} for k in kinds for r in (k, "y")
        ],
        organisations=[
            {"id": f"org:{k}", "name": k, "kind": "firm", "size": "large", **organisation}
            for k in kinds
        ] + [
            {"id": f"org:{lab}", "name": lab, "kind": "institute", "capacity": 1, **organisation}
            for lab in names
        ],
        holdings=[
            {"holder": f"org:{k}", "capability": f"cap:{k}", "level": 0.9 if k == "a" else 0.8,
             "evidence": "专利"}
            for k in kinds
        ] + [
            {"holder": f"org:{lab}", "capability": "cap:y", "level": 0.9, "evidence": "专利"}
            for lab in names
        ],
        purses=[{"id": "purse:1", "name": "财政", "kind": "public", "amount": 1000.0}],
        challenges=[
            {"id": f"c:{k}", "technology": f"tech:{k}", "cost_low": 100.0, "cost_high": 100.0,
             "years": 5.0, "relief": 1.0}
            for k in kinds
        ],
    )  # fmt: skip


def joined(
    zone: Zone, settings: PortfolioSettings = SETTINGS
) -> tuple[ConsortiaResult, Joined, Any]:
    told = plan_frame(
        "chokepoints", [{"technology": f"tech:{k}", "verdict": "chokepoint"} for k in "ab"]
    )
    challenges = form_challenges(zone, told).challenges
    alike = form_consortia(zone, challenges)
    return alike, join_consortia(zone, challenges, alike, settings), challenges


def staffed(result: ConsortiaResult) -> set[str]:
    return set(result.members["challenge"].unique())


def test_the_only_institute_goes_where_more_loss_is_avoided() -> None:
    zone = rivals_zone()
    alike, found, challenges = joined(zone)
    assert staffed(alike) == {"c:a"}  # its firm is better, and both count alike
    assert staffed(found.consortia) == {"c:b"}
    values = [one.worth.value for one in found.rounds]
    assert found.kept == 1
    assert values[1] > 5 * values[0]
    for result, expected in ((alike, values[0]), (found.consortia, values[1])):
        chosen = choose_portfolio(
            zone, challenges, result.consortia, result.members, result.assignment, SETTINGS
        )
        value = chosen.value.filter(variant="mixed")["value"].item()
        assert value == pytest.approx(expected, abs=1e-12)


def test_the_best_round_is_kept_even_if_it_is_the_first() -> None:
    _, found, _ = joined(rivals_zone(worth_of_a=9.0, worth_of_b=1.0))
    assert staffed(found.consortia) == {"c:a"}
    assert found.kept == 0


def test_nothing_is_joined_where_nobody_is_scarce() -> None:
    alike, found, _ = joined(rivals_zone(labs=2))
    assert found.consortia is alike
    assert found.rounds == ()
    assert found.table().is_empty()


def test_nothing_is_joined_without_purses_or_when_told_not_to() -> None:
    zone = rivals_zone().with_tables(purses=rivals_zone()["purses"].clear())
    assert joined(zone)[1].rounds == ()
    assert joined(rivals_zone(), PortfolioSettings(joined_rounds=0))[1].rounds == ()


def test_rounds_end_when_consortia_repeat_and_are_told_in_a_table() -> None:
    _, found, _ = joined(rivals_zone())
    table = found.table()
    assert table["round"].to_list() == list(range(len(found.rounds)))
    assert len(found.rounds) == 2
    assert table["is_kept"].to_list() == [False, True]
    assert (table["bound"] >= table["value"] - 1e-12).all()
    assert found.points_per_share is not None


def test_a_mandatory_challenge_keeps_its_team_whatever_it_is_worth() -> None:
    settings = PortfolioSettings(n_draws=100, decisions={"c:a": "mandatory"})
    _, found, _ = joined(rivals_zone(), settings)
    assert staffed(found.consortia) == {"c:a"}


def test_a_declared_price_is_used() -> None:
    _, found, _ = joined(rivals_zone(), PortfolioSettings(n_draws=100, points_per_share=5000.0))
    assert found.points_per_share == 5000.0
    assert staffed(found.consortia) == {"c:b"}
