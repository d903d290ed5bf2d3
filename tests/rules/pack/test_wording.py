"""Expressions said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from jicheng.rules.expression.syntax import parse
from jicheng.rules.facts.dictionary import fact_dictionary
from jicheng.rules.pack.reading import read_pack
from jicheng.rules.pack.wording import Wording, figure
from pack_builders import PACK, written


@pytest.fixture
def wording(tmp_path: Path) -> Wording:
    return Wording(read_pack(written(tmp_path, PACK)), fact_dictionary())


@pytest.mark.parametrize(
    ("expression", "zh", "en"),
    [
        ("revenue >= 5e7", "营业收入 ≥ 5,000 万元", "Revenue ≥ 50 million CNY"),
        ("rd_expense / cost_total >= 0.03", "研发费用 / 成本费用总额 ≥ 3 %",
         "R&D expense / Total cost ≥ 3 %"),
        ("5e7 <= revenue < 1e8", "营业收入 ≥ 5,000 万元 且 营业收入 < 10,000 万元",
         "Revenue ≥ 50 million CNY and Revenue < 100 million CNY"),
        ("staff_total <= 500", "职工总数 ≤ 500", "Staff ≤ 500"),
        ("not hte_valid", "无（有效的高新技术企业）", "not (Valid high-tech enterprise)"),
        (
            "own_brand and (hte_valid or is_sme)",
            "自主品牌 且 (有效的高新技术企业 或 中小企业)",
            "Own brand and (Valid high-tech enterprise or Small or medium enterprise)",
        ),
        ("revenue[-1] > 0", "上年营业收入 > 0", "Revenue a year before > 0"),
        ("revenue[-2] > 0", "2 年前营业收入 > 0", "Revenue 2 years before > 0"),
        (
            "sum(rd_expense, 3) / sum(revenue, 3) > least",
            "近 3 年研发费用合计 / 近 3 年营业收入合计 > least",
            "R&D expense summed over 3 years / Revenue summed over 3 years > least",
        ),
        ("mean(revenue, 2) >= 1e7", "近 2 年营业收入平均 ≥ 1,000 万元",
         "mean of Revenue over 2 years ≥ 10 million CNY"),
        ("mean_growth(revenue) < 0.05", "近 2 年营业收入平均增长率 < 5 %",
         "mean growth of Revenue over 2 years < 5 %"),
        ("official_growth(revenue) > 0", "营业收入增长率（官方公式，三年） > 0 %",
         "growth of Revenue (official formula, three years) > 0 %"),
        ("tech_field in fields", "技术领域属于“fields”", "Field of technology is one of fields"),
        ("rd_institution_level == city", "研发机构级别为“市级”",
         "Level of the R&D institution is City"),
        ("rd_institution_level in [city]", "研发机构级别为“市级”",
         "Level of the R&D institution is City"),
        ("ip_class1 == ip_class2", "Ⅰ类知识产权数为“Ⅱ类知识产权数”",
         "Class I rights is Class II rights"),
        ("count(own_brand, hte_valid) >= 1", "（自主品牌、有效的高新技术企业）中满足的项数 ≥ 1",
         "how many hold of (Own brand, Valid high-tech enterprise) ≥ 1"),
        ("min(5, floor(-niche_years / 2))", "（5、(−从事特定细分市场年限) / 2取整）中最小",
         "the smallest of (5, (−Years in the niche market) / 2 rounded down)"),
        ("over_positive(-net_profit, net_assets) > 0",
         "(−净利润) / 净资产（净资产不为正时未知） > 0 %",
         "(−Net profit) / Net assets (not known unless Net assets is positive) > 0 %"),
        ("revenue * (1 - 0.5) > 1e8", "营业收入 × (1 − 0.5) > 10,000 万元",
         "Revenue × (1 − 0.5) > 100 million CNY"),
        ("score > 70", "总分 > 70", "total points > 70"),
        ("group.innovation > 0", "“创新”得分 > 0", "points of Innovation > 0"),
        ("indicator.plan.written > 0", "“written”得分 > 0", "points of written > 0"),
        ("direct_pass", "直通", "direct pass"),
        ("nothing_known > 1", "nothing_known > 1", "nothing_known > 1"),
    ],
)  # fmt: skip
def test_expression_is_said(expression: str, zh: str, en: str, wording: Wording) -> None:
    said = wording.of(parse(expression))
    assert (said.zh, said.en) == (zh, en)


@pytest.mark.parametrize(
    ("expression", "unit"),
    [
        ("revenue", "CNY"), ("revenue - rd_expense", "CNY"), ("tech_staff / staff_total", "ratio"),
        ("revenue / staff_total", ""), ("official_growth(revenue)", "ratio"),
        ("over_positive(net_profit, net_assets)", "ratio"),
        ("max(net_assets, 0)", "CNY"), ("0.5 * revenue", "CNY"), ("-revenue", "CNY"),
        ("least * revenue", "CNY"), ("count(own_brand)", ""), ("3", ""),
    ],
)  # fmt: skip
def test_unit_follows_from_the_facts(expression: str, unit: str, wording: Wording) -> None:
    assert wording.unit_of(parse(expression)) == unit


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0.075, "ratio", "7.5 %", "7.5 %"), (0.07, "ratio", "7 %", "7 %"),
        (1e6, "CNY", "100 万元", "1 million CNY"), (5000, "CNY", "5,000", "5,000"),
        (12345.5, "", "12,345.5", "12,345.5"), (3.0, "", "3", "3"), (1e12, "", "1e+12", "1e+12"),
        (2.5e11, "CNY", "25,000,000 万元", "250,000 million CNY"),
    ],
)  # fmt: skip
def test_figure_is_written_as_people_do(value: float, unit: str, zh: str, en: str) -> None:
    said = figure(value, unit)
    assert (said.zh, said.en) == (zh, en)
