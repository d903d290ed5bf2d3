"""The solver is a setting of the plan."""

from __future__ import annotations

import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from jicheng.errors import InvalidInput
from jicheng.kernel import solver
from jicheng.plan import PlanSettings, load_settings, run_plan
from jicheng.plan.settings import SolverSettings, settings_as_toml
from jicheng.sample import generate
from jicheng.zone import Zone


@pytest.fixture(scope="module")
def zone() -> Zone:
    return generate(scale="small", seed=5).zone


def test_solver_is_read_from_the_settings_and_printed_with_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[solver]\nbackend = "scip"\n', "utf-8")
    settings = load_settings(file)
    assert settings.solver == SolverSettings("scip")
    assert tomllib.loads(settings_as_toml(settings))["solver"] == {"backend": "scip"}


def test_unknown_solver_is_refused_before_anything_is_written(zone: Zone, tmp_path: Path) -> None:
    settings = PlanSettings(solver=SolverSettings("glop"))
    with pytest.raises(InvalidInput, match="E615") as refused:
        run_plan(zone, tmp_path / "plan", settings)
    assert "highs, scip" in str(refused.value)
    assert not (tmp_path / "plan").exists()


def test_solver_that_is_not_installed_is_refused_with_the_remedy(
    zone: Zone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "EXTRAS", {"scip": "no_such_package"})
    settings = PlanSettings(solver=SolverSettings("scip"))
    with pytest.raises(InvalidInput, match=r"E616") as refused:
        run_plan(zone, tmp_path / "plan", settings)
    assert "pip install 'jicheng[scip]'" in str(refused.value)


@pytest.mark.skipif(find_spec("pyscipopt") is None, reason="the extra scip is not installed")
def test_plan_by_scip_is_worth_what_highs_finds(zone: Zone, tmp_path: Path) -> None:
    by_scip = run_plan(zone, tmp_path / "s", PlanSettings(solver=SolverSettings("scip")))
    by_highs = run_plan(zone, tmp_path / "h")
    one, other = (plan.tables["value"] for plan in (by_scip, by_highs))
    assert one["variant"].equals(other["variant"])
    assert one["value"].to_list() == pytest.approx(other["value"].to_list(), rel=1e-3)
    assert "pyscipopt" in by_scip.manifest["engine"]["packages"]
    assert by_scip.manifest["plan_id"] != by_highs.manifest["plan_id"]
