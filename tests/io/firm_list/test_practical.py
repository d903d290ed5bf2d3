"""A new user takes the sample zone's firms, fills the template by hand and gets it scored.

The points expected here were worked out with pen and paper from the score tables in the
packs' sources, not with the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result
from openpyxl.worksheet.worksheet import Worksheet

from jicheng.cli import main
from jicheng.sample import generate

PACKS = ("--pack", "cn.tech_sme", "--pack", "cn.innovative_sme")
CLEAN = {
    "列入经营异常名录": "否",
    "严重环境违法": "否",
    "重大安全或质量事故": "否",
    "科研严重失信": "否",
}
NO_TITLES = {
    "有效的高新技术企业": "否",
    "国家级技术创新示范企业": "否",
    "知识产权优势企业或示范企业": "否",
    "距最近国家级科技奖励年数": "无",
    "距最近省级科技奖励年数": "无",
    "国家级科技奖励排名": "无",
    "距最近主导制定标准年数": "无",
    "近3年新增股权融资": 0,
    "研发机构级别": "无",
}


@dataclass(frozen=True)
class Firm:
    """What somebody types for a firm, slips included, and what it should have been."""

    cells: Mapping[str, Any]
    corrections: Mapping[str, Any]


def firms() -> list[Firm]:
    """Return five firms of the sample zone with made-up figures."""
    known = generate(scale="small", seed=7).zone["organisations"].filter(pl.col("kind") == "firm")
    who = [{"企业名称": row["name"], "统一社会信用代码": row["credit_code"]}
           for row in known.head(5).iter_rows(named=True)]  # fmt: skip
    return [
        Firm(  # no slips: units in cells, counters, full-width digits, ✓ and ×
            {**who[0], "职工总数 2025年": "60人", "科技人员 2025年": "１３",
             "营业收入 2025年": "3,600", "成本费用总额 2025年": "3000万元",
             "研发费用 2025年": "180", "资产总额 2025年": 4200, "负债总额 2025年": "1,900",
             "Ⅰ类知识产权数 2025年": 0, "Ⅱ类知识产权数 2025年": "3项",
             "主营业务收入 2024年": 2200, "主营业务收入 2025年": 2310, "Ⅰ类高价值知识产权数": 0,
             "自主研发的Ⅰ类知识产权数": 0, "属于战略性新兴产业": "✓",
             **dict.fromkeys(CLEAN, "×"), **NO_TITLES},
            {},
        ),
        Firm(  # more technical staff than staff, a mistyped code, text for a number
            {**who[1], "统一社会信用代码": slipped(who[1]["统一社会信用代码"]),
             "职工总数 2025年": 40, "科技人员 2025年": 50, "营业收入 2025年": "约2000",
             "研发费用 2025年": 120, "成本费用总额 2025年": 1800, "资产总额 2025年": 900,
             "Ⅱ类知识产权数 2025年": 4, "Ⅰ类知识产权数 2025年": 0, **CLEAN, **NO_TITLES},
            {"统一社会信用代码": who[1]["统一社会信用代码"], "科技人员 2025年": 5,
             "职工总数 2025年": 60, "营业收入 2025年": 2000},
        ),
        Firm(  # holds the title: passes whatever its points; yes is written 有
            {**who[2], "职工总数 2025年": 100, "营业收入 2025年": "1.2亿元",
             "资产总额 2025年": "9000", "有效的高新技术企业": "有", **CLEAN},
            {},
        ),
        Firm(  # R&D not known: the verdict stays open, and the sheet says what is missing
            {**who[3], "职工总数 2025年": 40, "科技人员 2025年": 8, "营业收入 2025年": 2000,
             "成本费用总额 2025年": 1900, "资产总额 2025年": "九百", "研发费用 2025年": "不详",
             "Ⅰ类知识产权数 2025年": 1, "有效的高新技术企业": "待批", **CLEAN},
            {"资产总额 2025年": 900, "有效的高新技术企业": "否"},
        ),
        Firm(  # on the edges of bands: 30 %, 6 %; R&D typed in yuan in a column of 万元
            {**who[4], "职工总数 2025年": 20, "科技人员 2025年": 6, "营业收入 2025年": 2000,
             "成本费用总额 2025年": 1800, "研发费用 2025年": 1_200_000, "资产总额 2025年": 900,
             "Ⅰ类知识产权数 2025年": 0, "Ⅱ类知识产权数 2025年": 4, **CLEAN, **NO_TITLES},
            {"研发费用 2025年": "1200000元"},
        ),
    ]  # fmt: skip


def slipped(code: str) -> str:
    """Exchange two neighbours that differ, as fingers do."""
    place = next(k for k in range(8, 17) if code[k] != code[k + 1])
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def columns(sheet: Worksheet) -> dict[str, int]:
    """Return the columns by their Chinese headings without the unit."""
    return {str(cell.value).split("（")[0].rstrip("*"): cell.column for cell in sheet[1]}


def fill(path: Path, *, is_corrected: bool) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["企业名单 Firms"]
    place = columns(sheet)
    for row, firm in enumerate(firms(), 5):
        for heading, value in (firm.cells | (firm.corrections if is_corrected else {})).items():
            sheet.cell(row, place[heading], value)
    sheet.cell(11, 1, "合计")
    sheet.cell(11, place["职工总数 2025年"], 260)
    book.save(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practical")
    made = run("qualify", "--template", folder / "企业名单.xlsx", *PACKS, "--year", 2025)
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture(scope="module")
def refused(folder: Path) -> Result:
    fill(folder / "企业名单.xlsx", is_corrected=False)
    result = run("qualify", folder / "企业名单.xlsx", *PACKS, "-o", folder / "评分.xlsx")
    assert result.exit_code == 2
    assert not (folder / "评分.xlsx").exists()
    return result


@pytest.fixture(scope="module")
def scored(folder: Path, refused: Result) -> list[dict[str, Any]]:
    fill(folder / "企业名单.xlsx", is_corrected=True)
    result = run("qualify", folder / "企业名单.xlsx", *PACKS, "-o", folder / "评分.xlsx")
    assert result.exit_code == 0, result.output
    sheet = openpyxl.load_workbook(folder / "评分.xlsx")["结果 Results"]
    heads = [cell.value for cell in sheet[2]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True))
            for row in sheet.iter_rows(min_row=4, max_row=8)]  # fmt: skip


def test_slips_are_refused_and_marked_exactly_where_they_are(folder: Path, refused: Result) -> None:
    assert "企业名单.批注.xlsx" in refused.output
    book = openpyxl.load_workbook(folder / "企业名单.批注.xlsx")
    sheet = book["企业名单 Firms"]
    heading = {column: name for name, column in columns(sheet).items()}
    red, yellow = "FFF4B6B0", "FFFFE9A8"
    marked = {
        (cell.row, heading[cell.column]): cell.fill.start_color.rgb
        for row in sheet.iter_rows(min_row=5)
        for cell in row
        if cell.fill.start_color.rgb in (red, yellow)
    }
    assert marked == {
        (6, "统一社会信用代码"): red,
        (6, "科技人员 2025年"): red,
        (6, "职工总数 2025年"): red,
        (6, "营业收入 2025年"): red,
        (8, "资产总额 2025年"): red,
        (8, "有效的高新技术企业"): red,
        (9, "研发费用 2025年"): yellow,
    }


def test_every_fault_says_in_both_languages_what_to_do(refused: Result) -> None:
    lines = refused.output.splitlines()
    assert len([line for line in lines if line.startswith("错误 / error")]) == 6
    assert all("→" in line for line in lines if "E1" in line or "E9" in line)


def test_corrected_list_is_scored_as_the_tables_say(scored: list[dict[str, Any]]) -> None:
    told = [
        (row["科技型中小企业评价 结论"], row["科技型中小企业评价 得分（从）"],
         row["科技型中小企业评价 得分（至）"])
        for row in scored
    ]  # fmt: skip
    assert told == [
        ("通过", 70, 70),  # 21.7 % 12 + 5 % 40 + three of class II 18
        ("不通过", 74, 74),  # 8.3 % 0 + 6 % 50 + four of class II 24, but staff must not be 0
        ("通过", 0, 100),  # direct pass by the title
        ("待定", 42, 92),  # 20 % 12 + 0 to 50 + class I 30
        ("通过", 94, 94),  # 30 % 20 + 6 % 50 + 24
    ]


def test_second_pack_is_scored_from_the_same_rows(scored: list[dict[str, Any]]) -> None:
    first = scored[
        0
    ]  # class II 5, R&D 5 % 20, growth 5 % 10, debt 45 % 10, field 10, share 64 % 15
    assert (first["创新型中小企业 结论"], first["创新型中小企业 得分（从）"]) == ("通过", 70)
    assert first["创新型中小企业 得分（至）"] == 70
    assert scored[2]["创新型中小企业 结论"] == "通过"  # by the title


def test_what_is_missing_and_why_is_said(scored: list[dict[str, Any]]) -> None:
    assert scored[3]["科技型中小企业评价 缺少什么"].startswith("研发费用 2025年")
    assert "得分 42–92" in scored[3]["科技型中小企业评价 理由"]
    assert "科技人员指标得分不为0" in scored[1]["科技型中小企业评价 理由"]
    assert "有效的高新技术企业" in scored[2]["科技型中小企业评价 理由"]
    assert all(row["是否草案"] == "草案" for row in scored)


def test_own_rows_come_back_as_they_were(scored: list[dict[str, Any]]) -> None:
    assert scored[0]["科技人员 2025年（人）"] == "１３"
    assert scored[2]["营业收入 2025年（万元）"] == "1.2亿元"
    assert scored[4]["研发费用 2025年（万元）"] == "1200000元"
