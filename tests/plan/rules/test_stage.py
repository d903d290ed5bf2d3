"""The stage ``rules`` in a plan: kept files, resuming, verifying, comparing, skipping."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl
import pytest

from jicheng.plan import Plan, PlanSettings, diff_plans, run_plan, verify_plan
from jicheng.plan.rules.settings import RuleSettings
from jicheng.plan.rules.stage import TABLES
from jicheng.zone import Zone

RULES = RuleSettings(packs=("cn.tech_sme", "cn.hte"), n_near=2, weight_draws=5)


def with_costs(folder: Path) -> RuleSettings:
    """Return settings with a file of costs in which a single thing can be done."""
    file = folder / "costs.csv"
    file.write_text(
        "action,zh,en,changes,unit_cost,most\n"
        "file_right,申请一项权利,File a right,ip_class2+1,5000,5\n",
        "utf-8",
    )
    return dataclasses.replace(RULES, costs=str(file))


@pytest.fixture(scope="module")
def plan(firms: Zone, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("rules")
    settings = PlanSettings(rules=with_costs(folder))
    return run_plan(firms, folder / "plan", settings)


def test_other_stages_are_skipped_and_rules_is_done(plan: Plan) -> None:
    status = dict(plan.tables["stages"].select("stage", "status").iter_rows())
    assert status["rules"] == "done"
    assert status["chokepoints"] == "skipped"
    assert all(plan.tables[name].height > 0 for name in TABLES)


def test_file_of_costs_is_kept_and_used(plan: Plan) -> None:
    assert [file.suffix for file in (plan.path / "rules").iterdir()] == [".csv"]
    assert set(plan.tables["ways_up"]["action"]) == {"file_right"}
    assert plan.manifest["settings"]["rules"]["costs"].startswith("rules/costs-")


def test_plan_is_recomputed_from_its_own_folder(plan: Plan) -> None:
    assert verify_plan(plan.path) == []


def test_changed_rules_are_compared(plan: Plan, firms: Zone, tmp_path: Path) -> None:
    rules = dataclasses.replace(with_costs(tmp_path), packs=("cn.hte",))
    other = run_plan(firms, tmp_path / "other", PlanSettings(rules=rules))
    found = diff_plans(plan.path, other.path)
    assert "rules.packs" in " ".join(change.subject for change in found.causes)
    subjects = {change.subject for change in found.effects}
    assert "cn.tech_sme@2017" in subjects


def test_zone_without_indicators_skips_the_stage_with_a_reason(firms: Zone, tmp_path: Path) -> None:
    zone = Zone({name: frame for name, frame in firms.tables.items() if name != "indicators"})
    plan = run_plan(zone, tmp_path / "plan", PlanSettings(rules=RULES))
    row = plan.tables["stages"].filter(pl.col("stage") == "rules").row(0, named=True)
    assert row["status"] == "skipped"
    assert "indicators.value" in row["missing"]
    assert "nothing can be scored" in row["consequence"]
    assert not (plan.path / "tables" / "points.csv").exists()
    assert "nothing was scored or judged" in (plan.path / "report.html").read_text("utf-8")
