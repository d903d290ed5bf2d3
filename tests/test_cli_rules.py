"""The chapter on rules: every command in words and as JSON, zone and Excel in, files out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from jicheng.cli import main
from jicheng.rules.pack.shipped import shipped
from jicheng.zone import Zone

OVERLAY = """\
overlay: {id: cn.tech_sme, version: "2017", name: {zh: 本区补充, en: Local}, issuer: {status: missing}, document: {status: missing}}
gates:
  - {id: staff_max, when: "staff_total <= 5", status: verified}
"""  # noqa: E501 - one line of YAML


@pytest.fixture(scope="module")
def zone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules") / "zone"
    assert run("sample", folder, "--seed", "7").exit_code == 0
    return folder


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    file = tmp_path / "本区.yaml"
    file.write_text(OVERLAY, "utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def rows_of(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_help_has_the_chapter_on_rules() -> None:
    chapter = run("--help").output.split("规则 / Rules")[1].split("核验 / Assurance")[0]
    for name in ("points", "qualify", "ladder", "policies", "rules"):
        assert f"\n  {name} " in chapter


def test_every_pack_is_listed_with_its_mark() -> None:
    rows = rows_of("rules", "list")
    assert {row["key"] for row in rows} == set(shipped())
    lines = run("rules", "list").output.splitlines()
    assert any(line.startswith("cn.hte@2016") and "草案 draft" in line for line in lines)


def test_a_pack_is_shown_in_both_languages_and_as_data(tmp_path: Path) -> None:
    text = run("rules", "show", "cn.tech_sme").output
    assert "科技人员指标" in text
    assert "Technical staff" in text
    assert len(rows_of("rules", "show", "cn.tech_sme")["elements"]) > 10
    assert (
        run("rules", "show", "cn.hte", "--language", "zh", "-o", tmp_path / "a.md").exit_code == 0
    )
    assert "Intellectual property" not in (tmp_path / "a.md").read_text("utf-8")


def test_an_unknown_pack_is_refused_with_the_nearest() -> None:
    result = run("rules", "show", "cn.htee")
    assert result.exit_code == 2
    assert "E946" in result.output
    assert "cn.hte" in result.output


def test_a_started_pack_is_sound_and_a_broken_one_is_told_by_line(tmp_path: Path) -> None:
    file = tmp_path / "my-pack.yaml"
    assert run("rules", "new", file, "--kind", "qualification").exit_code == 0
    assert run("rules", "check", file).exit_code == 0
    assert rows_of("rules", "check", file)["is_sound"] is True
    file.write_text(file.read_text("utf-8").replace("when:", "wenn:", 1), "utf-8")
    result = run("rules", "check", file)
    assert result.exit_code in (1, 2)
    assert "E924" in result.output
    assert "→" in result.output


def test_a_started_overlay_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "省.yaml"
    assert run("rules", "new", file, "--overlay-of", "cn.srdi_sme").exit_code == 0
    assert run("rules", "check", "cn.srdi_sme", "--overlay", file).exit_code == 0


def test_nothing_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("keep", "utf-8")
    assert "E606" in run("rules", "new", file).output
    assert "E606" in run("qualify", "--template", file).output
    assert file.read_text("utf-8") == "keep"


def test_two_versions_are_compared_element_by_element(overlay: Path) -> None:
    rows = rows_of("rules", "diff", "cn.tech_sme", "cn.tech_sme", "--overlay", overlay)["elements"]
    (changed,) = rows
    assert (changed["path"], changed["change"]) == ("gates/staff_max", "changed")
    assert "500" in changed["rule_before"]
    assert changed["rule_after"].endswith("5")


def test_two_versions_on_a_zone_tell_who_loses(zone: Path, overlay: Path) -> None:
    arguments = ("rules", "diff", "cn.tech_sme", "cn.tech_sme", "--overlay", overlay)
    told = rows_of(*arguments, "--zone", zone)["firms"]
    effects = {row["effect"] for row in told["subjects"]}
    assert effects & {"loses", "may_lose"}
    assert not effects & {"gains", "may_gain"}
    assert "失去 loses" in run(*arguments, "--zone", zone).output


def test_firms_of_a_zone_are_qualified(zone: Path) -> None:
    rows = rows_of("qualify", zone, "--pack", "cn.tech_sme", "--complete", "all")
    assert {row["verdict"] for row in rows} == {"pass", "open", "fail"}
    assert all(row["low"] <= row["high"] for row in rows)
    assert all(row["is_draft"] for row in rows)
    assert all(row["missing"] for row in rows if row["verdict"] == "open")
    text = run("qualify", zone, "--pack", "cn.tech_sme", "-n", "3").output
    assert "待定最常缺" in text
    assert "示例数据" in text


def test_complete_lists_settle_more_verdicts(zone: Path) -> None:
    def count(*more: str) -> int:
        rows = rows_of("qualify", zone, "--pack", "cn.tech_sme", *more)
        return sum(row["verdict"] == "open" for row in rows)

    assert count("--complete", "all") < count()


def test_an_overlay_goes_to_its_pack_and_no_other(zone: Path, overlay: Path) -> None:
    packs = ("--pack", "cn.tech_sme", "--pack", "cn.hte", "--complete", "all")
    before = rows_of("qualify", zone, *packs)
    after = rows_of("qualify", zone, *packs, "--overlay", overlay)

    def passes(rows: list[dict[str, Any]], pack: str) -> int:
        return sum(row["verdict"] == "pass" for row in rows if row["pack"].startswith(pack))

    assert passes(after, "cn.tech_sme") < passes(before, "cn.tech_sme")
    assert passes(after, "cn.hte") == passes(before, "cn.hte")
    result = run("qualify", zone, "--pack", "cn.hte", "--overlay", overlay)
    assert result.exit_code == 2
    assert "E944" in result.output


def test_one_firm_is_explained_down_to_its_rows(zone: Path) -> None:
    text = run("qualify", zone, "--pack", "cn.tech_sme", "--explain", "org:000002").output
    assert "indicators: org:000002, staff_total" in text
    (told,) = rows_of("qualify", zone, "--pack", "cn.tech_sme", "--explain", "org:000002")
    assert told["subject"] == "org:000002"
    assert "E961" in run("qualify", zone, "--explain", "org:nobody").output


def test_points_are_ranked_and_called_demo(zone: Path, tmp_path: Path) -> None:
    rows = rows_of("points", zone)
    assert sorted(row["rank_of_all"] for row in rows)[0] == 1
    assert all(row["is_demo"] and row["is_draft"] for row in rows)
    result = run("points", zone, "-n", "3", "-o", tmp_path / "积分.xlsx")
    assert "演示权重" in result.output
    sheet = openpyxl.load_workbook(tmp_path / "积分.xlsx")["结果 Results"]
    heads = [cell.value for cell in sheet[2]]
    assert "名次（按得分从低端）" in heads
    assert sheet.max_row == 3 + len(rows)


def test_points_of_a_list_may_be_compared_with_a_zone(zone: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(
        ["企业名称", "发展阶段", "技术领域", "研发费用2025（万元）", "营业收入2025（万元）"]
    )
    book.active.append(["甲公司", "初创期", "电子信息", 5000, 8000])
    book.save(tmp_path / "a.xlsx")
    alone, among = (
        run("points", tmp_path / "a.xlsx"),
        rows_of("points", tmp_path / "a.xlsx", "--peers", zone),
    )
    assert "--peers" in alone.output
    assert among[0]["low"] > rows_of("points", tmp_path / "a.xlsx")[0]["low"]


def test_firm_of_a_list_that_is_in_the_zone_is_placed_where_the_zone_has_it(
    zone: Path, tmp_path: Path
) -> None:
    inside = rows_of("points", zone)[0]
    firm = Zone.load(zone)["organisations"].filter(id=inside["subject"]).row(0, named=True)
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "统一社会信用代码", "营业收入2025（万元）"])
    book.active.append([firm["name"], firm["credit_code"], 1])
    book.active.append(["区外企业", None, 1])
    book.save(tmp_path / "a.xlsx")
    known, stranger = rows_of("points", tmp_path / "a.xlsx", "--peers", zone)
    n_firms = len(rows_of("points", zone))
    assert (known["n_of_all"], stranger["n_of_all"]) == (n_firms, n_firms + 1)
    told = run("points", tmp_path / "a.xlsx", "--peers", zone).output
    assert f"{n_firms} 家企业相比" in told


def test_points_of_an_earlier_year_stand_beside_those_of_this(zone: Path, tmp_path: Path) -> None:
    year = rows_of("points", zone)[0]["year"]
    rows = rows_of("points", zone, "--since", year - 1)
    assert {row["year_before"] for row in rows} == {year - 1}
    assert all(row["change_low"] <= row["change_high"] for row in rows)
    out = tmp_path / "积分.xlsx"
    told = run("points", zone, "--since", year - 1, "-o", out)
    assert "变化 change" in told.output
    heads = [cell.value for cell in openpyxl.load_workbook(out)["结果 Results"][2]]
    assert heads[heads.index("往年得分（从）") + 2] == "得分变化（从）"


def test_years_of_a_list_are_compared_among_the_firms_of_a_zone(zone: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "发展阶段", "营业收入2025（万元）", "营业收入2024（万元）"])
    book.active.append(["甲公司", "初创期", 9000, 10])
    book.save(tmp_path / "a.xlsx")
    (row,) = rows_of("points", tmp_path / "a.xlsx", "--peers", zone, "--since", 2024)
    assert (row["year"], row["year_before"]) == (2025, 2024)
    assert row["n_of_all_before"] == row["n_of_all"]


def test_year_that_is_not_earlier_is_refused(zone: Path) -> None:
    refused = run("points", zone, "--since", 2999)
    assert refused.exit_code != 0
    assert "E965" in refused.output


def test_a_pack_may_be_shown_as_a_workbook(tmp_path: Path) -> None:
    out = tmp_path / "高企.xlsx"
    assert run("rules", "show", "cn.hte", "-o", out).exit_code == 0
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["说明 Notes", "要素 Elements"]
    assert "草案" in " ".join(str(cell.value) for row in book["说明 Notes"] for cell in row)


def test_another_number_is_tried_without_touching_the_pack(zone: Path) -> None:
    arguments = ("rules", "diff", "cn.tech_sme", "--set", "gates/staff_max=5", "--zone", zone)
    told = rows_of(*arguments)
    assert [row["path"] for row in told["elements"]] == ["gates/staff_max"]
    assert told["firms"]["costs"]
    assert run("rules", "diff", "cn.tech_sme", "--set", "gates/staff_max=few").exit_code == 2
    assert "E975" in run("rules", "diff", "cn.tech_sme", "--set", "gates/none=1").output


def test_results_may_be_a_csv_file(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "结果.csv"
    assert run("qualify", zone, "--pack", "cn.tech_sme", "-o", out).exit_code == 0
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert {row["verdict"] for row in rows} <= {"pass", "open", "fail"}


def test_template_comes_back_as_an_empty_list(tmp_path: Path) -> None:
    file = tmp_path / "名单.xlsx"
    made = run("qualify", "--template", file, "--pack", "cn.tech_sme", "--year", "2024")
    assert made.exit_code == 0
    result = run("qualify", file, "--pack", "cn.tech_sme")
    assert result.exit_code == 0, result.output
    assert "通过 pass 0" in result.output


def test_a_list_without_years_needs_one_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "职工总数", "科技人员"])
    book.active.append(["甲公司", 60, 13])
    book.save(tmp_path / "a.xlsx")
    refused = run("qualify", tmp_path / "a.xlsx", "--pack", "cn.tech_sme")
    assert refused.exit_code == 2
    assert "--year" in refused.output
    rows = rows_of("qualify", tmp_path / "a.xlsx", "--pack", "cn.tech_sme", "--year", "2024")
    assert [(row["name"], row["year"]) for row in rows] == [("甲公司", 2024)]


def test_without_firms_the_command_says_what_it_needs() -> None:
    result = run("qualify")
    assert result.exit_code == 2
    assert "企业名单" in result.output


def test_ladder_names_the_near_and_what_would_move_them(zone: Path, tmp_path: Path) -> None:
    out = tmp_path / "近邻.xlsx"
    arguments = ("ladder", zone, "--pack", "cn.tech_sme", "-n", "2", "--complete", "all")
    result = run(*arguments, "-o", out)
    assert result.exit_code == 0, result.output
    assert "最能推动升级的措施" in result.output
    assert "E968" in result.output  # costs are demo figures, and said to be
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["说明 Notes", "near", "ways", "movers", "lacks", "groups", "rungs"]
    assert book["near"].max_row == 3


def test_ladder_tells_one_firm_its_shortest_way(zone: Path) -> None:
    arguments = ("ladder", zone, "--pack", "cn.tech_sme", "--firm", "org:000005")
    (told,) = rows_of(*arguments)
    assert told["ways"][0]["cost"] == min(way["cost"] for way in told["ways"])
    assert "路径 way 1" in run(*arguments).output


def test_policies_are_told_by_policy_by_firm_and_by_day(zone: Path, tmp_path: Path) -> None:
    table = rows_of("policies", zone)["policies"]
    assert len(table) > 10
    assert "按规则估计" in run("policies", zone).output
    name = table[0]["policy"]
    assert {row["policy"] for row in rows_of("policies", zone, "--policy", name)["matches"]} <= {
        name
    }
    one = run("policies", zone, "--who", "org:000005", "--calendar", tmp_path / "a.ics")
    assert "政策匹配" in one.output
    assert (tmp_path / "a.ics").read_text("utf-8").startswith("BEGIN:VCALENDAR")
    assert "E961" in run("policies", zone, "--policy", "pol:nothing").output
