"""The pool that a plan keeps: read back, verified, certified, asked about new challenges."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from jicheng.cli import main
from jicheng.errors import InvalidInput
from jicheng.integrate.consortia import consortia_of
from jicheng.integrate.settings import ChallengeSettings, ConsortiumSettings
from jicheng.integrate.shared.locks import Locks
from jicheng.plan import Plan, PlanSettings, run_plan, verify_plan
from jicheng.plan.arrivals import arrive_at, read_arriving
from jicheng.plan.folder import read_table
from jicheng.plan.proof import certify_plan
from jicheng.plan.staffing import CERTIFIED, POOL, load_staffing
from jicheng.sample import generate
from jicheng.zone import Zone

SETTINGS = PlanSettings(
    challenges=ChallengeSettings(verdicts=("chokepoint", "watch")),
    consortia=ConsortiumSettings(sharing_rounds=2),
)


@pytest.fixture(scope="module")
def zone() -> Zone:
    made = generate(scale="small", seed=5).zone
    scarce = made["organisations"].with_columns(capacity=pl.lit(1, pl.Int64))
    return made.with_tables(organisations=scarce)


@pytest.fixture(scope="module")
def plan(zone: Zone, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return run_plan(zone, tmp_path_factory.mktemp("plan") / "a", SETTINGS)


@pytest.fixture
def copy(plan: Plan, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plan.path, tmp_path / "copy"))


def test_manifest_records_the_pool(plan: Plan) -> None:
    told = plan.manifest["stages"]["consortia"]["solver"]["sharing"]
    assert told["columns"] >= plan.tables["members"]["challenge"].n_unique()
    assert told["bound"] >= told["value"] > 0.0
    assert told["surrogate_gap"] == pytest.approx((told["bound"] - told["value"]) / told["value"])
    assert told["changed_by_sharing"] > 0


def test_nobody_is_overused_in_the_tables(plan: Plan, zone: Zone) -> None:
    uses = plan.tables["members"]["organisation"].value_counts()
    assert uses["count"].max() == 1


def test_staffing_read_back_gives_the_tables_of_the_plan(plan: Plan) -> None:
    result = consortia_of(load_staffing(plan.path))
    for name in ("consortia", "members", "assignment", "coverage"):
        assert getattr(result, name).equals(plan.tables[name]), name


def test_a_what_if_can_be_asked_of_a_folder(plan: Plan) -> None:
    staffing = load_staffing(plan.path)
    challenge = next(name for name in staffing.challenges if staffing.members(name))
    lead = staffing.lead(challenge)
    assert lead is not None
    asked = staffing.asked(Locks(lock_out=(("*", lead),)))
    assert all(lead not in asked.members(name) for name in asked.challenges)
    assert asked.value <= staffing.bound + 1e-6


def test_a_pool_of_another_zone_or_settings_is_refused(copy: Path) -> None:
    record = copy / POOL / "staffing.json"
    content = json.loads(record.read_text("utf-8"))
    for field, code in (("snapshot", "E355"), ("rules", "E356")):
        record.write_text(json.dumps(content | {field: "0" * 64}), "utf-8")
        with pytest.raises(InvalidInput) as refused:
            load_staffing(copy)
        assert [one.code for one in refused.value.faults] == [code]


def test_a_changed_snapshot_is_refused(copy: Path) -> None:
    file = copy / "inputs" / "needs.parquet"
    pl.read_parquet(file).head(1).write_parquet(file)
    with pytest.raises(InvalidInput) as refused:
        load_staffing(copy)
    assert [one.code for one in refused.value.faults] == ["E609"]


def test_verify_finds_a_changed_pool_and_an_untold_overuse(copy: Path) -> None:
    assert [f.code for f in verify_plan(copy) if not f.is_warning] == []
    file = copy / POOL / "columns.npz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    members = copy / "tables" / "members.csv"
    table = read_table(members)
    first, other = table["challenge"].unique().sort()[:2]
    moved = table.filter(pl.col("challenge") == first).head(1).with_columns(
        challenge=pl.lit(other), is_lead=pl.lit(value=False)
    )  # fmt: skip
    members.write_text(pl.concat([table, moved]).write_csv(), "utf-8")
    found = [fault for fault in verify_plan(copy) if not fault.is_warning]
    assert any(f.code == "E610" and "columns.npz" in f.message.en for f in found)
    assert any(f.code == "E613" and "more consortia than it can" in f.message.en for f in found)


def test_an_interrupted_run_reads_the_pool_back(copy: Path, zone: Zone) -> None:
    before = (copy / POOL / "columns.npz").read_bytes()
    (copy / "manifest.json").unlink()
    again = run_plan(zone, copy, SETTINGS)
    assert again.manifest["stages"]["consortia"]["resumed"]
    assert (copy / POOL / "columns.npz").read_bytes() == before


def test_certifying_tightens_the_bound_and_keeps_the_plan(copy: Path) -> None:
    before = load_staffing(copy)
    told = []
    proof = certify_plan(copy, minutes=0.5, progress=told.append)
    after = load_staffing(copy)
    assert proof.gap <= proof.gap_before
    assert proof.bound_before == before.bound
    assert after.bound <= before.bound
    assert after.bound >= proof.best >= before.value - 1e-9
    assert len(after.columns) == proof.n_columns >= len(before.columns)
    assert told
    assert all(after.members(c) == before.members(c) for c in before.challenges)
    assert consortia_of(after).members.equals(consortia_of(before).members)
    assert [f.code for f in verify_plan(copy) if not f.is_warning] == []


KILLED = """
import os, signal, sys
from jicheng.plan.proof import certify_plan

plan, left = sys.argv[1], int(sys.argv[2])

def kill(event, arguments):
    global left
    if event == "os.rename" and os.sep + "pool-certified" + os.sep in os.fspath(arguments[1]):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
certify_plan(plan, minutes=0.5, stored_every_s=0.0)
"""
"""Proves the plan, and kills itself where it would rename one file more into place."""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_killed_proof_leaves_plan_and_pool_valid(copy: Path) -> None:
    before = load_staffing(copy)
    stood = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    bound = before.bound
    for renamed in (1, 3):  # between the two files, the first time and the second
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(copy), str(renamed)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert {p: p.read_bytes() for p in stood} == stood
        after = load_staffing(copy)
        assert before.value - 1e-9 <= after.bound <= bound
        assert consortia_of(after).members.equals(consortia_of(before).members)
        bound = after.bound
    assert len(load_staffing(copy).columns) > len(before.columns)
    assert certify_plan(copy, minutes=0.5).bound <= bound
    assert not (copy / ".lock").exists()
    assert {p.name for p in (copy / CERTIFIED).iterdir()} == {"columns.npz", "staffing.json"}


def test_a_proof_of_an_earlier_plan_is_passed_over(copy: Path) -> None:
    shutil.copytree(copy / POOL, copy / CERTIFIED)
    record = copy / CERTIFIED / "staffing.json"
    content = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps(content | {"rules": "0" * 64, "challenges": []}), "utf-8")
    assert load_staffing(copy).challenges
    certify_plan(copy, minutes=0.1)
    assert json.loads(record.read_text("utf-8"))["rules"] == content["rules"]


def new_rows(plan: Plan, zone: Zone) -> pl.DataFrame:
    known = plan.tables["challenges"]["technology"].implode()
    rest = zone["needs"].filter(~pl.col("technology").is_in(known))["technology"]
    return pl.DataFrame({"technology": rest.unique().sort()}).select(
        pl.concat_str(pl.lit("new:"), "technology").alias("id"), "technology"
    )


def test_new_challenges_of_a_csv_file_join(plan: Plan, zone: Zone, tmp_path: Path) -> None:
    file = tmp_path / "新榜单.csv"
    rows = new_rows(plan, zone)
    rows.write_csv(file)
    arrived = arrive_at(plan.path, file)
    assert arrived.arrivals.table["challenge"].to_list() == rows["id"].sort().to_list()
    accepted = arrived.arrivals.table.filter("is_accepted")["challenge"].to_list()
    assert accepted
    assert arrived.tables["consortia"]["challenge"].to_list() == accepted
    assert arrived.tables["members"]["challenge"].unique().sort().to_list() == accepted


def test_new_challenges_of_a_folder_join(plan: Plan, zone: Zone, tmp_path: Path) -> None:
    rows = new_rows(plan, zone).head(1)
    Zone.of({"challenges": rows.to_dicts()}, strict=False).save(tmp_path / "new")
    assert read_arriving(tmp_path / "new")["challenges"]["id"].to_list() == rows["id"].to_list()


def test_arrive_command_tells_and_writes_only_where_told(
    plan: Plan, zone: Zone, tmp_path: Path
) -> None:
    file, out = tmp_path / "new.csv", tmp_path / "out"
    new_rows(plan, zone).write_csv(file)
    before = {p: p.stat().st_mtime_ns for p in plan.path.rglob("*")}
    result = CliRunner().invoke(main, ["arrive", str(plan.path), str(file), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "accepted" in result.output
    assert {p: p.stat().st_mtime_ns for p in plan.path.rglob("*")} == before
    assert (out / "arrivals.csv").is_file()
    assert (out / "members.csv").is_file()


def test_certify_command_says_the_gap_before_and_after(copy: Path) -> None:
    result = CliRunner().invoke(main, ["certify", str(copy), "--minutes", "0.2"])
    assert result.exit_code == 0, result.output
    assert "gap before" in result.output


def test_questions_arrivals_and_proofs_use_the_solver_of_the_plan(
    copy: Path, plan: Plan, zone: Zone, tmp_path: Path
) -> None:
    file = copy / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    manifest["settings"]["solver"]["backend"] = "nobody"
    file.write_text(json.dumps(manifest), "utf-8")
    new_rows(plan, zone).write_csv(tmp_path / "new.csv")
    for command in (
        ["ask", str(copy), "sure"],
        ["arrive", str(copy), str(tmp_path / "new.csv")],
        ["certify", str(copy), "--minutes", "0.1"],
    ):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 2, command
        assert "E615" in result.output, command


def test_locks_from_a_settings_file_reach_the_plan(zone: Zone, plan: Plan, tmp_path: Path) -> None:
    challenge, lead = plan.tables["consortia"].drop_nulls("lead").select("challenge", "lead").row(0)
    locks = Locks(lock_out=((challenge, lead),), exposure={"kind=institute": 40})
    consortia = replace(SETTINGS.consortia, locks=locks)
    staffing = load_staffing(
        run_plan(zone, tmp_path / "b", replace(SETTINGS, consortia=consortia)).path
    )
    assert staffing.locks == locks
    assert lead not in staffing.members(challenge)
