"""A plan whose solver the clock had stopped is checked by its rules and its value."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from jicheng.optimise.settings import PortfolioSettings
from jicheng.plan import Plan, PlanSettings, run_plan, verify_plan
from jicheng.plan.folder import read_table
from jicheng.sample import generate


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    hurried = PortfolioSettings(n_draws=100, enumerate_up_to=0, deadline_s=0.0, front_points=3)
    zone = generate(scale="small", seed=5).zone
    return run_plan(zone, tmp_path_factory.mktemp("plan") / "a", PlanSettings(portfolio=hurried))


def test_the_manifest_names_the_stage_and_the_bound_is_not_claimed_tight(stopped: Plan) -> None:
    assert any(stop.startswith("portfolio:") for stop in stopped.manifest["wall_clock_stops"])
    row = stopped.tables["value"].row(by_predicate=pl.col("variant") == "mixed", named=True)
    assert row["bound"] >= row["value"]


def test_a_stopped_plan_is_verified_by_its_value(stopped: Plan) -> None:
    found = verify_plan(stopped.path)
    assert [one.code for one in found] == ["E614"]


def test_another_set_than_the_one_that_was_valued_is_noticed(stopped: Plan, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(stopped.path, tmp_path / "copy"))
    file = copy / "tables" / "value.csv"
    table = read_table(file)
    file.write_text(table.with_columns(pl.col("value") * 1.01).write_csv(), "utf-8")
    assert "E610" in [one.code for one in verify_plan(copy)]
