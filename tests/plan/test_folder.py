from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from jicheng.conform import empty_frame
from jicheng.errors import InvalidInput, fault
from jicheng.plan.folder import PlanFolder, StageOutput
from jicheng.schema import plan_tables


def funding(amount: float) -> pl.DataFrame:
    schema = empty_frame(plan_tables()["funding"]).schema
    return pl.DataFrame([{"challenge": "c", "purse": "p", "amount": amount}], schema=schema)


def output(amount: float) -> StageOutput:
    warning = fault("E103", is_warning=True)
    return StageOutput(
        {"funding": funding(amount)}, {"notes": {"a": 1}}, warnings=(warning,), solver={"s": 1},
        seconds=2.0,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return PlanFolder(tmp_path / "plan")


def test_a_finished_stage_comes_back_as_it_was(folder: PlanFolder) -> None:
    folder.save("portfolio", "key", output(0.1))
    again = folder.finished("portfolio", "key")
    assert again is not None
    assert again.tables["funding"].equals(funding(0.1))
    assert (again.documents, again.warnings, again.solver, again.seconds) == (
        {"notes": {"a": 1}}, (fault("E103", is_warning=True),), {"s": 1}, 2.0,
    )  # fmt: skip


def test_a_stage_under_another_key_must_run(folder: PlanFolder) -> None:
    folder.save("portfolio", "key", output(0.1))
    assert folder.finished("portfolio", "other") is None


def test_a_stage_whose_file_was_touched_must_run(folder: PlanFolder) -> None:
    folder.save("portfolio", "key", output(0.1))
    (folder.tables / "funding.csv").write_text("challenge,purse,amount\n", "utf-8")
    assert folder.finished("portfolio", "key") is None


def test_a_stage_that_was_cut_off_before_its_note_must_run(folder: PlanFolder) -> None:
    folder.write("tables/funding.csv", funding(0.1).write_csv())
    assert folder.finished("portfolio", "key") is None


def test_a_failed_write_leaves_the_old_file(
    folder: PlanFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("a.txt", "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        folder.write("a.txt", "new")
    assert (folder.path / "a.txt").read_text("utf-8") == "old"


def test_two_runs_cannot_hold_one_folder(folder: PlanFolder) -> None:
    with folder.locked(), pytest.raises(InvalidInput, match="E612"), folder.locked():
        pass


def test_the_lock_of_a_dead_run_is_taken_over(folder: PlanFolder) -> None:
    folder.path.mkdir(parents=True)
    (folder.path / ".lock").write_text("999999999", "ascii")
    with folder.locked():
        assert (folder.path / ".lock").exists()
    assert not (folder.path / ".lock").exists()
