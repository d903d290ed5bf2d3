"""Which columns packs need: every fact once a year, derived ones by what they follow from."""

from __future__ import annotations

import pytest

from jicheng.io.firm_list.columns import CREDIT_CODE, FOUNDED, NAME, CellKind, Column
from jicheng.io.firm_list.headings import match_heading
from jicheng.io.firm_list.needed import columns_for, dictionary_for
from jicheng.rules.pack.expressions import facts_needed
from jicheng.rules.pack.shipped import pack_of, shipped

YEAR = 2025


def keys(*packs: str) -> list[str]:
    return [column.key for column in offered(*packs)]


def offered(*packs: str) -> list[Column]:
    return [one for one in columns_for([pack_of(pack) for pack in packs], YEAR) if one.is_offered]


def test_name_and_code_come_first_and_every_column_once() -> None:
    found = offered("cn.tech_sme", "cn.hte")
    assert found[:2] == [NAME, CREDIT_CODE]
    assert len({column.key for column in found}) == len(found)
    assert len({column.heading.zh for column in found}) == len(found)
    assert len({column.heading.en for column in found}) == len(found)


def test_years_that_growth_and_sums_look_at_are_asked_oldest_first() -> None:
    found = keys("cn.hte")
    assert [key for key in found if key.startswith("revenue@")] == [
        "revenue@2023", "revenue@2024", "revenue@2025",
    ]  # fmt: skip
    assert [key for key in keys("cn.tech_sme") if key.startswith("revenue")] == ["revenue@2025"]


def test_derived_facts_are_asked_by_what_they_follow_from_and_read_all_the_same() -> None:
    found = columns_for([pack_of("cn.hte")], YEAR)
    asked = {column.fact for column in found if column.is_offered}
    assert {"assets_total", "liabilities"} <= asked
    assert "net_assets" not in asked
    assert "net_assets" in {column.fact for column in found}


def test_the_day_of_foundation_stands_for_months_and_year() -> None:
    found = offered("cn.hte")
    assert FOUNDED.fact in {column.fact for column in found}
    assert not {"months_registered", "founded_year"} & {column.fact for column in found}


def test_judgements_come_last_with_levels_or_points() -> None:
    found = offered("cn.hte")
    judged = [column for column in found if column.is_judged]
    assert found[-len(judged) :] == judged
    advanced = next(column for column in judged if column.fact.endswith("ip.advanced"))
    assert [option.label.zh for option in advanced.options] == ["高", "较高", "一般", "较低", "无"]
    assert advanced.maximum == 8
    assert advanced.label.zh.startswith("评审：")


def test_a_rank_may_never_have_been_won() -> None:
    found = {column.fact: column for column in offered("cn.tech_sme")}
    assert found["national_award_rank"].may_be_never
    assert not found["staff_total"].may_be_never


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_fact_that_a_pack_needs_has_a_column(key: str) -> None:
    pack = pack_of(key)
    facts = {column.fact for column in columns_for([pack], YEAR)}
    dictionary = dictionary_for([pack])
    assert {fact.name for fact in facts_needed(pack, dictionary)} <= facts


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_column_says_in_both_languages_what_it_is(key: str) -> None:
    for column in columns_for([pack_of(key)], YEAR):
        assert column.label.zh
        assert column.label.en
        assert column.help.zh
        assert column.help.en
        assert (column.kind is CellKind.CHOICE) == bool(column.options), column.fact


@pytest.mark.parametrize(
    ("heading", "fact"),
    [("从业人数", "staff_total"), ("职工人数", "staff_total"), ("员工总数", "staff_total"),
     ("科技人员数", "tech_staff"), ("研发投入（万元）", "rd_expense"),
     ("研究开发费用（万元）", "rd_expense"), ("销售收入2025年（万元）", "revenue")],
)  # fmt: skip
def test_other_words_for_a_fact_are_understood(heading: str, fact: str) -> None:
    found = match_heading(heading, columns_for([pack_of("cn.tech_sme")], YEAR), YEAR)
    assert found is not None
    assert found.fact == fact
