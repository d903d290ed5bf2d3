"""What the commands on rules print and write: marks, ranks, endings, overlays in use."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main
from jicheng.cli_firms import complete_kinds, print_rules_in_use
from jicheng.errors import InvalidInput
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.shipped import pack_of

SAMPLE = "示例数据，非真实情况 / sample data, not real"
PACK = ("--pack", "cn.tech_sme")
OVERLAY = """\
overlay: {id: cn.tech_sme, version: "2017", name: {zh: 本区补充, en: Local}, issuer: {status: missing}, document: {status: missing}}
gates:
  - {id: staff_max, name: {zh: 不超过5人, en: At most 5 staff}, when: "staff_total <= 5", status: verified}
"""  # noqa: E501 - one line of YAML


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outputs") / "zone"
    assert run("sample", folder, "--seed", "7").exit_code == 0
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_json_of_a_sample_is_marked(zone: Path) -> None:
    for listed in (("points", zone), ("qualify", zone, *PACK)):
        rows = json.loads(run(*listed, "--json").stdout)
        assert all(row["is_sample"] for row in rows)
    for command in (
        ("policies", zone),
        ("policies", zone, "--who", "org:000005"),
        ("ladder", zone, *PACK, "-n", "1"),
    ):
        assert json.loads(run(*command, "--json").stdout)["is_sample"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ("policies",),
        ("policies", "--who", "org:000005"),
        ("ladder", "--firm", "org:000005", *PACK),
        ("qualify", "--explain", "org:000005", *PACK),
    ],
)
def test_text_on_a_sample_is_marked(zone: Path, arguments: tuple[str, ...]) -> None:
    assert SAMPLE in run(arguments[0], zone, *arguments[1:]).stdout


def test_a_csv_of_a_sample_is_marked_beside_it(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    result = run("qualify", zone, *PACK, "-o", out)
    assert SAMPLE in result.stderr
    assert SAMPLE not in out.read_text("utf-8-sig")


def test_a_csv_of_points_has_places_and_no_verdict(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "积分.csv"
    assert run("points", zone, "-o", out).exit_code == 0
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert "verdict" not in rows[0]
    assert {"name", "stage", "field", "rank", "percentile", "reasons_zh"} <= set(rows[0])
    table = json.loads(run("points", zone, "--json").stdout)
    assert [int(row["rank_of_all"]) for row in rows] == [row["rank_of_all"] for row in table]
    assert [row["subject"] for row in rows] == [row["subject"] for row in table]


def test_ranks_among_all_come_with_the_best_and_the_worst(zone: Path) -> None:
    table = json.loads(run("points", zone, "--json").stdout)
    for row in table:
        assert row["rank_of_all_best"] <= row["rank_of_all"] <= row["rank_of_all_worst"]
    open_rank = next(row for row in table if row["rank_of_all_best"] < row["rank_of_all_worst"])
    shown = (f"{open_rank['rank_of_all']} "
             f"({open_rank['rank_of_all_best']}–{open_rank['rank_of_all_worst']})")  # fmt: skip
    assert shown in run("points", zone, "-n", len(table)).stdout


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("qualify", "x.md"),
        ("points", "x.md"),
        ("ladder", "x.md"),
        ("policies", "x.pdf"),
        ("show", "h.csv"),
    ],
)
def test_an_ending_that_is_not_written_is_refused(
    zone: Path, tmp_path: Path, command: str, name: str
) -> None:
    source = ("rules", "show", "cn.hte") if command == "show" else (command, zone)
    result = run(*source, "-o", tmp_path / name)
    assert result.exit_code == 2
    assert "E953" in result.output
    assert ".xlsx" in result.output
    assert not (tmp_path / name).exists()


def test_a_title_that_nothing_rests_on_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidInput) as refused:
        complete_kinds(["high_tech_enterprize"], fact_dictionary())
    (fault,) = refused.value.faults
    assert fault.code == "E954"
    assert "high_tech_enterprise" in fault.hint.en


def test_overlays_in_use_are_named_above_results(zone: Path, tmp_path: Path) -> None:
    file = tmp_path / "本区.yaml"
    file.write_text(OVERLAY, "utf-8")
    told = run("qualify", zone, *PACK, "--overlay", file).stdout
    assert told.startswith("补充文件：本区补充（本区.yaml） / overlays: Local (本区.yaml)")
    assert "补充文件" not in run("qualify", zone, *PACK).stdout


def test_a_pack_that_was_not_in_force_in_the_year_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pack = pack_of("cn.gz.huangpu.talent@2024")  # 2024-02-08 to 2027-02-07
    told = {}
    for year in (2023, 2024, 2027, 2028):
        print_rules_in_use([pack], year)
        told[year] = capsys.readouterr().err
    assert "尚未施行 / not yet in force in 2023" in told[2023]
    assert told[2024] == told[2027] == ""
    assert "已失效 / no longer in force in 2028" in told[2028]


def test_a_newer_version_in_force_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    print_rules_in_use([pack_of("cn.innovation_points@2024")], 2025)
    assert "cn.innovation_points@2.0" in capsys.readouterr().err
    print_rules_in_use([pack_of("cn.innovation_points@2.0")], 2026)
    assert "新版" not in capsys.readouterr().err


def test_a_marked_copy_is_never_written_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "职工总数2024", "科技人员2024"])
    book.active.append(["甲公司", "许多", 13])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.批注.xlsx").write_bytes(b"mine")
    result = run("qualify", tmp_path / "a.xlsx", *PACK, "--year", "2024")
    assert result.exit_code == 2
    assert (tmp_path / "a.批注.xlsx").read_bytes() == b"mine"
    assert (tmp_path / "a.批注.2.xlsx").exists()


def test_a_comparison_has_headings_in_both_languages_with_units(zone: Path) -> None:
    told = run("rules", "diff", "cn.tech_sme", "--set", "gates/staff_max=5", "--zone", zone).stdout
    for heading in ("分组 by", "之前通过", "之后费用", "万元", "变化 change"):
        assert heading in told
    assert "pass_before" not in told
