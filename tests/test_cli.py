from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main

COLUMNS = {
    "technology", "name", "verdict", "p_chokepoint", "vulnerability", "vulnerability_low",
    "vulnerability_high", "impact_linear", "impact_mixed", "impact_leontief", "hhi", "hhi_low",
    "hhi_high", "leader", "leader_share", "home_share", "evidence", "rank_low", "rank_high",
}  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "zone"
    assert run("sample", str(folder), "--seed", "3").exit_code == 0
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_help_reads_like_a_table_of_contents() -> None:
    text = run("--help").output
    chapters = [text.index(word) for word in ("数据 / Data", "分析 / Analysis", "核验 / Assurance")]
    assert chapters == sorted(chapters)
    for command in main.commands:
        assert f"\n  {command} " in text, command


def test_every_command_has_an_example() -> None:
    for name, command in main.commands.items():
        parts = getattr(command, "commands", {name: command})
        for part in parts.values():
            assert "例 / Example" in (part.epilog or ""), part.name


def test_chokepoints_as_json_has_every_promised_field(sample: Path) -> None:
    rows = json.loads(run("chokepoints", str(sample), "--home", "CHN", "--json").output)
    assert {row["technology"] for row in rows}
    assert all(row.keys() >= COLUMNS for row in rows)
    assert {row["verdict"] for row in rows} <= {"chokepoint", "watch", "safe", "no_data"}


def test_chokepoints_as_csv_is_the_same_table(sample: Path) -> None:
    rows = json.loads(run("chokepoints", str(sample), "--json").output)
    lines = run("chokepoints", str(sample), "--csv").output.splitlines()
    assert len(lines) == len(rows) + 1
    assert lines[0].split(",")[0] == "technology"


def test_explanation_names_source_rows(sample: Path) -> None:
    rows = json.loads(run("chokepoints", str(sample), "--json").output)
    name = next(row["technology"] for row in rows if row["verdict"] == "chokepoint")
    text = run("chokepoints", str(sample), "--explain", name).output
    assert "supply:" in text
    assert name in text


def test_an_unknown_scenario_says_what_there_is(sample: Path) -> None:
    result = run("chokepoints", str(sample), "--scenario", "no such thing")
    assert result.exit_code == 2
    assert "错误 / error" in result.output
    assert "baseline" in result.output


def test_a_missing_zone_ends_with_what_to_do(tmp_path: Path) -> None:
    result = run("chokepoints", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert "→" in result.output


def test_an_existing_target_is_not_overwritten(sample: Path) -> None:
    before = sorted(path.name for path in sample.iterdir())
    result = run("sample", str(sample))
    assert result.exit_code == 2
    assert "E606" in result.output
    assert sorted(path.name for path in sample.iterdir()) == before


def test_check_tells_what_stages_lack(sample: Path) -> None:
    told = json.loads(run("check", str(sample), "--json").output)
    assert [row["stage"] for row in told["stages"]] == [
        "chokepoints", "firms", "rules", "consortia", "portfolio", "exposure",
    ]  # fmt: skip
    assert not [found for found in told["faults"] if not found["is_warning"]]


def test_a_faulty_workbook_is_marked_in_a_copy_and_loads_nothing(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    file, zone = tmp_path / "filled.xlsx", tmp_path / "zone"
    assert run("template", str(file)).exit_code == 0
    book = openpyxl.load_workbook(file)
    sheet = next(
        s
        for s in book
        if "organisations" in [c.value for row in s.iter_rows(max_row=4) for c in row]
        or "组织" in s.title
    )
    sheet.cell(row=6, column=1, value="org:1")
    book.save(file)
    result = run("import", "excel", str(file), str(zone))
    assert result.exit_code == 2
    assert not zone.exists()
    assert (tmp_path / "filled.批注.xlsx").exists()


def test_a_plan_cannot_leave_out_without_a_reason(sample: Path, tmp_path: Path) -> None:
    result = run("plan", str(sample), "-o", str(tmp_path / "p"), "--leave-out", "tech:x")
    assert result.exit_code == 2
    assert "E608" in result.output


def test_settings_can_be_read_back(tmp_path: Path) -> None:
    from jicheng.plan import PlanSettings, load_settings

    file = tmp_path / "settings.toml"
    file.write_text(run("settings").output, "utf-8")
    assert load_settings(file) == PlanSettings()
