from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jicheng.errors import InvalidInput
from jicheng.plan import Plan, PlanSettings, diff_plans, load_settings, run_plan, verify_plan
from jicheng.plan.folder import read_table
from jicheng.sample import generate
from jicheng.zone import Zone


@pytest.fixture(scope="module")
def zone() -> Zone:
    return generate(scale="small", seed=5).zone


@pytest.fixture(scope="module")
def plan(zone: Zone, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return run_plan(zone, tmp_path_factory.mktemp("plan") / "a")


@pytest.fixture
def copy(plan: Plan, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plan.path, tmp_path / "copy"))


def tables_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((folder / "tables").glob("*.csv"))}


def test_plan_writes_every_table_report_workbook_and_manifest(plan: Plan) -> None:
    names = {file.name for file in plan.path.iterdir()}
    assert {"tables", "inputs", "plan.xlsx", "manifest.json", "report.html"} <= names
    assert set(tables_of(plan.path)) == {f"{name}.csv" for name in plan.tables}
    assert plan.tables["stages"]["status"].to_list().count("skipped") == 0
    assert plan.tables["portfolio"]["is_funded"].any()


def test_tables_come_back_from_their_files(plan: Plan) -> None:
    for name, table in plan.tables.items():
        assert read_table(plan.path / "tables" / f"{name}.csv").equals(table), name


def test_manifest_says_what_is_needed_to_recompute(plan: Plan, zone: Zone) -> None:
    manifest = json.loads((plan.path / "manifest.json").read_text("utf-8"))
    assert manifest["zone"]["content_hash"] == zone.content_hash
    assert manifest["zone"]["is_sample"] is True
    assert manifest["settings"]["seed"] == 1
    assert manifest["wall_clock_stops"] == []
    assert set(manifest["stages"]) == {
        "chokepoints", "firms", "rules", "consortia", "portfolio", "exposure",
    }  # fmt: skip


def test_two_runs_write_the_same_bytes_whatever_the_order_of_rows(
    plan: Plan, zone: Zone, tmp_path: Path
) -> None:
    shuffled = Zone(
        {name: frame.sample(fraction=1.0, shuffle=True, seed=3)
         for name, frame in zone.tables.items()},
        zone.sources,
    )  # fmt: skip
    again = run_plan(shuffled, tmp_path / "again")
    assert tables_of(again.path) == tables_of(plan.path)
    assert (again.path / "plan.xlsx").read_bytes() == (plan.path / "plan.xlsx").read_bytes()


def test_an_interrupted_run_resumes_with_what_was_finished(
    plan: Plan, zone: Zone, copy: Path
) -> None:
    for file in ("portfolio.csv", "exposure.csv"):
        (copy / "tables" / file).unlink()
    again = run_plan(zone, copy)
    stages = again.manifest["stages"]
    assert [name for name, stage in stages.items() if stage["resumed"]] == [
        "chokepoints", "firms", "rules", "consortia",
    ]  # fmt: skip
    assert tables_of(copy) == tables_of(plan.path)


def test_another_plan_is_not_overwritten_unless_told(zone: Zone, copy: Path) -> None:
    before = tables_of(copy)
    with pytest.raises(InvalidInput, match="E605"):
        run_plan(zone, copy, load_settings(home="NLD"))
    assert tables_of(copy) == before
    replaced = run_plan(zone, copy, load_settings(seed=2), replace=True)
    assert replaced.manifest["settings"]["seed"] == 2


def test_verify_finds_the_plan_equal(plan: Plan) -> None:
    assert verify_plan(plan.path) == []


def test_verify_finds_a_touched_figure(copy: Path) -> None:
    file = copy / "tables" / "portfolio.csv"
    table = read_table(file)
    cost = pl.when(pl.col("is_funded")).then(pl.col("cost") + 1).otherwise(pl.col("cost"))
    file.write_text(table.with_columns(cost.alias("cost")).write_csv(), "utf-8")
    codes = [found.code for found in verify_plan(copy)]
    assert "E610" in codes
    assert "E613" in codes  # and the independent rules notice that it is not paid in full


def test_verify_refuses_touched_inputs(copy: Path) -> None:
    inputs = Zone.load(copy / "inputs")
    purses = inputs["purses"].with_columns(pl.col("amount") * 2)
    inputs.with_tables(purses=purses).save(copy / "inputs", form="parquet")
    with pytest.raises(InvalidInput, match="E609"):
        verify_plan(copy)


def test_what_a_person_decides_is_followed_and_shown(
    plan: Plan, zone: Zone, tmp_path: Path
) -> None:
    funded = plan.tables["portfolio"].filter("is_funded")["technology"].sort()
    dropped = funded[0]
    safe = plan.tables["chokepoints"].filter(verdict="safe").join(
        zone["challenges"], on="technology", how="semi"
    )["technology"][0]  # fmt: skip
    settings = load_settings(forced_in={safe: "省级任务"}, left_out={dropped: "已由外省承担"})
    other = run_plan(zone, tmp_path / "b", settings)
    choice = other.tables["chokepoints"]
    assert choice.filter(technology=dropped)["reason"].item() == "已由外省承担"
    assert choice.filter(technology=safe)["forced"].item() == "mandatory"
    portfolio = {row["technology"]: row for row in other.tables["portfolio"].to_dicts()}
    assert not portfolio[dropped]["is_funded"]
    assert portfolio[safe]["decision"] == "mandatory"
    assert "省级任务" in (other.path / "report.html").read_text("utf-8")
    found = diff_plans(plan.path, other.path)
    assert {f"forced_in.{safe}", f"left_out.{dropped}"} <= {c.subject for c in found.causes}
    assert any(change.what.en == "funding" for change in found.effects)
    assert "省级任务" in found.as_text()


def test_an_unknown_technology_cannot_be_forced(zone: Zone, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="E607"):
        run_plan(zone, tmp_path / "x", PlanSettings(forced_in={"tech:none": "why"}))
    assert not (tmp_path / "x").exists()


def test_diff_of_a_plan_with_itself_is_empty(plan: Plan) -> None:
    found = diff_plans(plan.path, plan.path)
    assert (found.causes, found.effects) == ((), ())


def test_diff_names_the_changed_rows_behind_a_changed_verdict(
    plan: Plan, zone: Zone, tmp_path: Path
) -> None:
    row = plan.tables["chokepoints"].filter(verdict="chokepoint").row(0, named=True)
    supply = zone["supply"].filter(pl.col("technology") != row["technology"])
    other = run_plan(zone.with_tables(supply=supply), tmp_path / "c")
    found = diff_plans(plan.path, other.path)
    verdict = next(
        c for c in found.effects if c.subject == row["technology"] and c.what.en == "verdict"
    )
    assert "No data" in verdict.after
    assert any(cause.startswith("- supply[") for cause in verdict.causes)
    assert "supply" in {cause.subject for cause in found.causes}


def without(zone: Zone, *names: str) -> Zone:
    return Zone({k: v for k, v in zone.tables.items() if k not in names}, zone.sources)


@pytest.mark.parametrize(
    ("missing", "skipped"),
    [
        (("sales",), {"firms"}),
        (("purses",), {"portfolio"}),
        (("needs", "holdings"), {"consortia"}),
        (("supply",), {"exposure"}),
    ],
)
def test_a_zone_with_some_tables_runs_the_stages_it_can(
    zone: Zone, tmp_path: Path, missing: tuple[str, ...], skipped: set[str]
) -> None:
    made = run_plan(without(zone, *missing), tmp_path / "p")
    stages: list[dict[str, Any]] = made.tables["stages"].to_dicts()
    assert {row["stage"] for row in stages if row["status"] == "skipped"} == skipped
    for row in stages:
        if row["status"] == "skipped":
            assert any(name in row["missing"] for name in missing)
            assert row["consequence_zh"]
    assert (made.path / "report.html").stat().st_size > 100_000
    assert verify_plan(made.path) == []
