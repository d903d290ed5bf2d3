"""The scored list: verdicts, points from-to, reasons, elements and sources; the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jicheng.io import firm_list
from jicheng.io.firm_list import FirmList
from jicheng.io.firm_list.findings import Findings
from jicheng.rules.pack.shipped import pack_of
from jicheng.rules.score.evaluate import Evaluation, evaluate
from workbooks import write_book

_WAN = "（万元）"
HEADINGS = [
    "企业名称", "联系人", "职工总数", "科技人员", f"营业收入2025{_WAN}", f"研发费用{_WAN}",
    f"成本费用总额{_WAN}", "Ⅰ类知识产权数", "Ⅱ类知识产权数", f"资产总额{_WAN}", "备注",
]  # fmt: skip
ROWS = [
    ["甲公司", "张三", 60, 13, 3600, 180, 3000, 0, 3, 4200, "=1+1"],
    ["乙公司", "+86 20", 60, 13, 3600, None, 3000, 0, 3, 4200, None],
    ["丙公司", None, 600, 13, 3600, 180, 3000, 0, 3, 4200, None],
]


@pytest.fixture
def listed(tmp_path: Path) -> FirmList:
    path = write_book(tmp_path / "名单.xlsx", {"名单": [HEADINGS, *ROWS]})
    return firm_list.read(path, [pack_of("cn.tech_sme")], 2025)


def evaluations(listed: FirmList, *packs: str) -> list[Evaluation]:
    return [evaluate(pack_of(pack), listed.facts) for pack in packs or ("cn.tech_sme",)]


def sheet_rows(path: Path, sheet: str) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet]]


def test_results_stand_beside_the_rows_as_they_were(listed: FirmList, tmp_path: Path) -> None:
    out = tmp_path / "评分.xlsx"
    firm_list.write_scored(out, evaluations(listed), rows=listed.rows)
    rows = sheet_rows(out, "结果 Results")
    pack = "科技型中小企业评价"
    assert rows[1][:3] == ["企业名称", "统一社会信用代码", f"{pack} 结论"]
    assert rows[1][3:5] == [f"{pack} 得分（从）", f"{pack} 得分（至）"]
    assert [row[3:5] for row in rows[3:]] == [[70, 70], [30, 80], [58, 58]]
    assert rows[3][8:11] == ["张三", 60, 13]
    assert "职工总数不超过500人" in rows[5][7]


def test_text_of_others_never_runs_as_a_formula(listed: FirmList, tmp_path: Path) -> None:
    out = tmp_path / "评分.xlsx"
    firm_list.write_scored(out, evaluations(listed), rows=listed.rows)
    cells = [c for row in openpyxl.load_workbook(out)["结果 Results"] for c in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "'=1+1" in [cell.value for cell in cells]
    assert "'+86 20" in [cell.value for cell in cells]


def test_a_draft_says_so_above_everything_and_in_each_row(listed: FirmList, tmp_path: Path) -> None:
    out = tmp_path / "评分.xlsx"
    firm_list.write_scored(out, evaluations(listed), rows=listed.rows)
    rows = sheet_rows(out, "结果 Results")
    assert "草案" in rows[0][0]
    assert "draft" in rows[0][0]
    assert [row[5] for row in rows[3:]] == ["草案"] * 3


def test_a_sheet_a_pack_has_every_element_with_rule_and_status(
    listed: FirmList, tmp_path: Path
) -> None:
    out = tmp_path / "评分.xlsx"
    (evaluation,) = evaluations(listed)
    firm_list.write_scored(out, [evaluation], rows=listed.rows)
    rows = sheet_rows(out, "cn.tech_sme@2017")
    told = dict(zip(rows[4][1:], zip(*(row[1:] for row in rows[5:]), strict=True), strict=True))
    assert set(told) == {*evaluation.truths, *evaluation.points}
    assert told["gates/staff_max"] == ("是", "是", "否")
    assert told["indicators/tech_staff"] == (12, 12, 0)
    assert told["indicators/rd_input"] == (40, "0–50", 40)
    assert "职工总数 ≤ 500" in rows[2]


def test_sources_name_the_file_the_packs_and_what_is_uncertain(
    listed: FirmList, tmp_path: Path
) -> None:
    out = tmp_path / "评分.xlsx"
    firm_list.write_scored(out, evaluations(listed), rows=listed.rows)
    text = "\n".join(str(row) for row in sheet_rows(out, "来源 Sources"))
    for told in ("名单.xlsx", listed.rows.digest, "cn.tech_sme@2017", "unverified", "联系人",
                 "有效的高新技术企业", "国科发政〔2017〕115号", "gates/staff_max"):  # fmt: skip
        assert told in text


def test_missing_facts_are_ordered_by_what_hangs_on_them(listed: FirmList) -> None:
    (evaluation,) = evaluations(listed)
    found = Findings(evaluation)
    missing = [text.zh for text in found.of(1).missing]
    assert "研发费用 2025年" in missing
    assert missing.index("列入经营异常名录") < missing.index("有效的高新技术企业")
    assert found.of(2).verdict == "fail"


def test_reasons_show_the_values_that_a_rule_looks_at(listed: FirmList) -> None:
    (evaluation,) = evaluations(listed)
    (first, *_) = Findings(evaluation).of(2).reasons
    assert first.zh == "不符合：职工总数不超过500人（职工总数 2025年 600）"
    assert first.en == "fails: At most 500 staff (Staff 2025 600)"


def test_reasons_come_in_english_too(listed: FirmList, tmp_path: Path) -> None:
    out = tmp_path / "scored.xlsx"
    firm_list.write_scored(out, evaluations(listed), rows=listed.rows, language="en")
    rows = sheet_rows(out, "结果 Results")
    assert rows[5][2] == "Fail"
    assert rows[5][7].startswith("fails: At most 500 staff")


def test_same_input_gives_the_same_bytes(listed: FirmList, tmp_path: Path) -> None:
    for name in ("a", "b"):
        firm_list.write_scored(tmp_path / f"{name}.xlsx", evaluations(listed), rows=listed.rows)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_facts_name_the_cells_they_come_from(listed: FirmList) -> None:
    assert listed.facts.sources["staff_total"].to_list() == ["名单!C2", "名单!C3", "名单!C4"]
    assert listed.facts.sources["rd_expense"].to_list() == ["名单!F2", "", "名单!F4"]


def test_unused_columns_of_a_template_keep_their_labels(tmp_path: Path) -> None:
    path, out = tmp_path / "模板.xlsx", tmp_path / "评分.xlsx"
    packs = [pack_of("cn.tech_sme"), pack_of("cn.innovative_sme")]
    firm_list.write_template(path, packs, 2025)
    book = openpyxl.load_workbook(path)
    book["企业名单 Firms"]["A5"] = "甲公司"
    book.save(path)
    few = firm_list.read(path, packs[:1], 2025)
    assert few.rows.place.others
    firm_list.write_scored(out, evaluations(few), rows=few.rows)
    zh, en = sheet_rows(out, "结果 Results")[1:3]
    assert "national_award_rank" not in zh
    assert (
        en[zh.index("国家级科技奖励排名（名次）")] == "Rank in the national science award (place)"
    )


def test_missing_points_of_experts_are_told_from_missing_facts(tmp_path: Path) -> None:
    pack = pack_of("cn.hte")
    path = write_book(tmp_path / "名单.xlsx", {"名单": [HEADINGS, *ROWS]})
    facts = firm_list.read(path, [pack], 2025).facts
    missing = Findings(evaluate(pack, facts)).of(0).missing
    by_experts = [text for text in missing if text.zh.endswith("（专家评分）")]
    assert by_experts
    assert all(text.en.endswith(" (experts)") for text in by_experts)
    assert len(by_experts) < len(missing)
